/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_HOOK_H
#define E2AE_HOOK_H

#include <linux/netfilter.h>

#include "core.h"

unsigned int e2ae_hook_ingress(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state);
int e2ae_hook_get(struct e2ae_net *en);
void e2ae_hook_put(struct e2ae_net *en);

#endif
