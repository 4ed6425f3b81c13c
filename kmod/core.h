/* SPDX-License-Identifier: GPL-2.0 */
/* What the module keeps per network namespace. */
#ifndef E2AE_CORE_H
#define E2AE_CORE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#define E2AE_VERSION "0.1.0"

struct e2ae_stats;

/**
 * struct e2ae_net - e2ae in one network namespace
 * @net: the namespace
 * @lock: serialises every change of SAs and streams
 * @sas: struct e2ae_sa by id; changed under @lock, read under RCU
 * @streams: struct e2ae_stream by id; likewise
 * @chans: struct e2ae_chan by local address and port; likewise
 * @ports: a bit for each port that a channel has had; NULL before the first,
 *	bits set under @lock and never cleared
 * @keys: struct e2ae_ctxs that are sent with, by digest of their key; @lock
 * @n_keys: how many; @lock
 * @keys_bits: buckets in @keys, as a power of two; @lock
 * @user: it belongs to another user namespace than the first; constant
 * @n_sas: how many; @lock
 * @n_streams: how many; @lock
 * @max_sas: most SAs; constant
 * @max_streams: most streams; constant
 * @seq: moves with every addition and removal, for dumps; @lock
 * @n_watched: how many streams are in @watched; @lock
 * @watched: streams with a timeout or a replaced SA; @lock
 * @watch: looks after @watched
 * @hooked: streams that need the netfilter hooks; @lock
 * @ops: the netfilter hooks
 * @defrag: hooks of reassembly, to know them by; IPv4, IPv6; constant while
 *	@hooked
 * @taps: our hooks at the ingress of devices, by ifindex; changed under RTNL
 * @learn: takes one device more
 * @learn_ifindex: which
 * @learnt: jiffies when it was last looked for one
 * @stats: per-CPU counters
 */
struct e2ae_net {
	struct net *net;
	struct mutex lock;
	struct xarray sas;
	struct xarray streams;
	struct rhashtable chans;
	unsigned long *ports;
	struct hlist_head *keys;
	u32 n_keys;
	u8 keys_bits;
	bool user;
	u32 n_sas;
	u32 n_streams;
	u32 max_sas;
	u32 max_streams;
	u32 seq;
	u32 n_watched;
	struct list_head watched;
	struct delayed_work watch;
	u32 hooked;
	struct nf_hook_ops ops[2];
	struct nf_hook_entry defrag[2];
	struct xarray taps;
	struct work_struct learn;
	int learn_ifindex;
	unsigned long learnt;
	struct e2ae_stats __percpu *stats;
};

struct e2ae_net *e2ae_net(const struct net *net);

#endif
