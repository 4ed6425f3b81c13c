// SPDX-License-Identifier: GPL-2.0
/*
 * Who else is registered at the hooks of IP. A packet may pass a hook by only
 * where nobody there would do anything with it.
 */
#include <linux/netfilter_ipv4.h>

#include "others.h"

/*
 * Reassembly, connection tracking and its NAT leave an untracked, whole packet
 * alone. They are known by their places: tables and programs that an operator
 * registers say what they are.
 */
static bool is_harmless(const struct nf_hook_ops *ops, bool untracked)
{
	if (ops->hook_ops_type != NF_HOOK_OP_UNDEFINED)
		return false;
	switch (ops->priority) {
	case NF_IP_PRI_CONNTRACK_DEFRAG:
		return true;
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
 * @defrag: filled in, with a hook that does not exist if there is none; what
 *	is filled in stays as long as reassembly is switched on
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
