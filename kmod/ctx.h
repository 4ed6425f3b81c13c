/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_CTX_H
#define E2AE_CTX_H

#include <linux/build_bug.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#include "core.h"
#include "replay.h"
#include "suite.h"

#define E2AE_MAX_INDEX	    BIT_ULL(48) /* RFC 3711, 9.2 */
#define E2AE_MAX_RTCP_INDEX BIT_ULL(31)

struct e2ae_sa_spec;
struct e2ae_sa_state;

/* What passed. */
struct e2ae_count {
	u64 packets;
	u64 octets;
	u64 rtcp_packets;
	u64 rtcp_octets;
};

/**
 * struct e2ae_ctx - one SSRC under one master key
 * @rtcp: SRTCP indices used
 * @rtcp_packets: SRTCP packets that passed
 * @rtcp_octets: their octets
 * @rcu: defers the free
 * @node: in the set's list; RCU, changed under the set's lock
 * @lock: protects all but @node, @rcu and @ssrc
 * @ssrc: synchronisation source, host byte order; constant
 * @rtp: indices used (sent or authenticated); its @used is of SRTCP too
 * @packets: SRTP packets that passed
 * @octets: their octets
 * @bits: the rings of @rtp and @rtcp
 *
 * Two lines, from E2AE_CTX_HOT on, are all that SRTP touches of the only SSRC
 * of a set.
 */
struct e2ae_ctx {
	struct e2ae_window rtcp;
	u64 rtcp_packets;
	u64 rtcp_octets;
	struct rcu_head rcu;
	struct hlist_node node;
	spinlock_t lock;
	u32 ssrc;
	struct e2ae_window rtp;
	u64 packets;
	u64 octets;
	u64 bits[];
};

#define E2AE_CTX_HOT 64

/* A debugging kernel's locks are larger. */
static_assert(sizeof(spinlock_t) > 4 ||
	      (offsetof(struct e2ae_ctx, lock) >= E2AE_CTX_HOT &&
	       offsetof(struct e2ae_ctx, bits) <= E2AE_CTX_HOT + 64));

/**
 * struct e2ae_ctxs - everything one master key has been used for
 * @ref: SAs that share it: those with the same key
 * @lock: protects the list and what follows
 * @list: struct e2ae_ctx
 * @n: how many
 * @max: at most so many
 * @window: replay window in packets
 * @fixed: no SSRC is added any more
 * @gone: counts of evicted SSRCs
 * @en: namespace; constant
 * @mode: how the key encrypts; constant
 * @key_len: octets of the master key; constant
 * @key_tag: keyed digest of the master key, to find equal ones; constant
 * @salt_tag: keyed digest of the master salt; constant
 * @senders: claims on it (keys.c): SAs and streams; en->lock
 * @sending: in en->keys while there are claims; en->lock
 *
 * It outlives an SA that is replaced by one with the same key, so that no
 * index is used twice however often a key is offered again.
 */
struct e2ae_ctxs {
	refcount_t ref;
	spinlock_t lock;
	struct hlist_head list;
	u16 n;
	u16 max;
	u16 window;
	bool fixed;
	struct e2ae_count gone;
	struct e2ae_net *en;
	u8 mode;
	u8 key_len;
	u64 key_tag[2];
	u64 salt_tag[2];
	u32 senders;
	struct hlist_node sending;
};

struct e2ae_ctxs *e2ae_ctxs_create(struct e2ae_net *en,
				   const struct e2ae_sa_spec *spec);
struct e2ae_ctxs *e2ae_ctxs_get(struct e2ae_ctxs *ctxs);
void e2ae_ctxs_put(struct e2ae_ctxs *ctxs);
bool e2ae_ctxs_same_master(const struct e2ae_ctxs *a,
			   const struct e2ae_ctxs *b);
bool e2ae_ctxs_same_key(const struct e2ae_ctxs *a, const struct e2ae_ctxs *b);
void e2ae_ctxs_merge(struct e2ae_ctxs *to, struct e2ae_ctxs *from);
void e2ae_ctxs_count(struct e2ae_ctxs *ctxs, struct e2ae_count *sum);

struct e2ae_ctx *e2ae_ctx_find(struct e2ae_ctxs *ctxs, u32 ssrc);
bool e2ae_ctx_known(const struct e2ae_ctxs *ctxs, u32 ssrc);
struct e2ae_ctx *e2ae_ctx_add(struct e2ae_ctxs *ctxs, u32 ssrc, bool evict,
			      bool *added, u32 *evicted);

void e2ae_ctx_init(void);

#endif
