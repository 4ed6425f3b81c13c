/* SPDX-License-Identifier: GPL-2.0 */
/* What else is registered at the hooks of IP that the short ways pass by. */
#ifndef E2AE_OTHERS_H
#define E2AE_OTHERS_H

#include <linux/netfilter.h>

#include "core.h"

void e2ae_others_defrag(const struct nf_hook_entries *e,
			struct nf_hook_entry *defrag);
bool e2ae_others_idle_before(const struct nf_hook_entries *e, nf_hookfn own);
bool e2ae_others_may_see(const struct nf_hook_entries *e,
			 const struct nf_hook_entry *defrag, bool untracked);

/**
 * e2ae_others_at() - who is registered at a hook of IP
 * @net: namespace
 * @family: AF_INET or AF_INET6
 * @hook: NF_INET_*
 *
 * Context: RCU held.
 * Return: the registered, in their order, or NULL.
 */
static inline const struct nf_hook_entries *
e2ae_others_at(const struct net *net, u16 family, enum nf_inet_hooks hook)
{
	return family == AF_INET ? rcu_dereference(net->nf.hooks_ipv4[hook]) :
				   rcu_dereference(net->nf.hooks_ipv6[hook]);
}

/**
 * e2ae_others_none_before() - would a hook get a packet first?
 * @e: who is registered in PRE_ROUTING
 * @defrag: reassembly
 * @own: our own hook
 *
 * Context: RCU held.
 * Return: whether nobody in front of @own would do anything with a whole packet
 * that has not passed a bridge.
 */
static inline bool e2ae_others_none_before(const struct nf_hook_entries *e,
					   const struct nf_hook_entry *defrag,
					   nf_hookfn own)
{
	if (likely(e && e->num_hook_entries > 1 &&
		   e->hooks[0].hook == defrag->hook && e->hooks[1].hook == own))
		return true;
	return e && e2ae_others_idle_before(e, own);
}

#endif
