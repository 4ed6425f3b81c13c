/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_ICMP_H
#define E2AE_ICMP_H

#include <linux/skbuff.h>

#include "core.h"
#include "xmit.h"

void e2ae_icmp4(struct e2ae_net *en, struct sk_buff *skb);
void e2ae_icmp6(struct e2ae_net *en, struct sk_buff *skb, int at);
void e2ae_icmp_too_big(struct sk_buff *skb, const struct e2ae_carry *carry,
		       int mtu);

#endif
