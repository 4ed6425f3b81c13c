/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_INGRESS_H
#define E2AE_INGRESS_H

#include <linux/netdevice.h>

#include "stream.h"

extern bool e2ae_ingress_wanted;

void e2ae_ingress_expect(struct e2ae_net *en, const struct e2ae_leg_conf *conf);
void e2ae_ingress_learn(struct e2ae_net *en, const struct net_device *dev);
void e2ae_ingress_clear(struct e2ae_net *en);

void e2ae_ingress_net_init(struct e2ae_net *en);
void e2ae_ingress_net_exit(struct e2ae_net *en);
int e2ae_ingress_init(void);
void e2ae_ingress_exit(void);

#endif
