// SPDX-License-Identifier: GPL-2.0
/*
 * Who else is registered at the hooks of IP. A packet may pass a hook by only
 * where nobody there would do anything with it.
 */
#include <linux/netfilter_ipv4.h>

#include "compat.h"
#include "others.h"

/*
 * Reassembly, connection tracking and its NAT leave an untracked, whole packet
 * alone, AppArmor one that is no socket's. They are known by their places:
 * tables and programs that an operator registers say what they are.
 */
static bool is_harmless(const struct nf_hook_ops *ops, bool untracked)
{
	if (e2ae_hook_is_nat(ops))
		return untracked;
	if (ops->hook_ops_type != NF_HOOK_OP_UNDEFINED)
		return false;
	switch (ops->priority) {
	case NF_IP_PRI_CONNTRACK_DEFRAG:
		return true;
	case NF_IP_PRI_SELINUX_FIRST:
		return ops->hooknum == NF_INET_POST_ROUTING;
	case NF_IP_PRI_CONNTRACK:
	case NF_IP_PRI_NAT_DST:
	case NF_IP_PRI_NAT_SRC:
	case NF_IP_PRI_CONNTRACK_CONFIRM:
		return untracked;
	default:
		return false;
	}
}

/**
 * e2ae_others_idle_before() - is there nobody with work in front of a hook?
 * @e: who is registered in PRE_ROUTING
 * @own: the hook
 *
 * br_netfilter has one at the very first place, for what passed a bridge.
 *
 * Context: RCU held.
 * Return: whether.
 */
bool e2ae_others_idle_before(const struct nf_hook_entries *e, nf_hookfn own)
{
	struct nf_hook_ops **ops = nf_hook_entries_get_hook_ops(e), *one;
	unsigned int i;

	for (i = 0; i < e->num_hook_entries; i++) {
		if (e->hooks[i].hook == own)
			return true;
		one = READ_ONCE(ops[i]);
		if (one->hook_ops_type != NF_HOOK_OP_UNDEFINED ||
		    (one->priority != NF_IP_PRI_FIRST &&
		     one->priority != NF_IP_PRI_CONNTRACK_DEFRAG))
			return false;
	}
	return false;
}

/**
 * e2ae_others_may_see() - would anybody at a hook do something with a packet?
 * @e: who is registered there
 * @defrag: reassembly, for a quick look
 * @untracked: the packet is kept out of connection tracking
 *
 * Context: RCU held, which keeps what is registered from being freed.
 * Return: whether.
 */
bool e2ae_others_may_see(const struct nf_hook_entries *e,
			 const struct nf_hook_entry *defrag, bool untracked)
{
	struct nf_hook_ops **ops;
	unsigned int i;

	if (!e ||
	    (e->num_hook_entries == 1 && e->hooks[0].hook == defrag->hook))
		return false;
	ops = nf_hook_entries_get_hook_ops(e);
	for (i = 0; i < e->num_hook_entries; i++)
		if (!is_harmless(READ_ONCE(ops[i]), untracked))
			return true;
	return false;
}

/**
 * e2ae_others_defrag() - find the hook of reassembly
 * @e: who is registered in PRE_ROUTING
 * @defrag: its hook is filled in, or NULL if there is none; it stays as long as
 *	reassembly is switched on
 *
 * Context: RCU held.
 */
void e2ae_others_defrag(const struct nf_hook_entries *e,
			struct nf_hook_entry *defrag)
{
	struct nf_hook_ops **ops, *one;
	unsigned int i;

	defrag->hook = NULL;
	if (!e)
		return;
	ops = nf_hook_entries_get_hook_ops(e);
	for (i = 0; i < e->num_hook_entries; i++) {
		one = READ_ONCE(ops[i]);
		if (one->hook_ops_type == NF_HOOK_OP_UNDEFINED &&
		    one->priority == NF_IP_PRI_CONNTRACK_DEFRAG)
			defrag->hook = one->hook;
	}
}
