/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_SA_H
#define E2AE_SA_H

#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/e2ae.h>

#include "core.h"
#include "ctx.h"
#include "stats.h"
#include "suite.h"

#define E2AE_DEF_WINDOW 128
#define E2AE_DEF_SSRCS	8

/**
 * struct e2ae_sa - one direction of SRTP
 * @suite: constant
 * @ctxs: SSRC contexts; changes only while no stream names the SA
 * @roc: roll-over counter at which an SSRC starts; constant
 * @mki_len: octets of @mki; constant
 * @limited: @used is counted because a packet limit is set
 * @expired: the hard limit was reached; set once
 * @rtp: SRTP session; constant; SRTP touches nothing behind it
 * @rtcp: SRTCP session; constant
 * @id: chosen by the client; constant
 * @dir: enum e2ae_direction; en->lock
 * @soft: packets until the soft expiry, 0 never
 * @hard: packets until the hard expiry
 * @used: SRTP packets, while @limited
 * @rtcp_used: SRTCP packets
 * @soft_told: the soft expiry was told
 * @burst_start: jiffies at which the current second of failures began
 * @burst: authentication failures in it
 * @drops: why packets failed here
 * @en: namespace
 * @users: stream directions that name it; en->lock
 * @autodel: goes with its last user; en->lock
 * @rcu: defers the free
 * @mki: master key identifier
 */
struct e2ae_sa {
	const struct e2ae_suite_desc *suite;
	struct e2ae_ctxs *ctxs;
	u32 roc;
	u8 mki_len;
	bool limited;
	bool expired;
	struct e2ae_session rtp;
	struct e2ae_session rtcp;
	u32 id;
	u8 dir;
	u64 soft;
	u64 hard;
	atomic64_t used;
	atomic64_t rtcp_used;
	unsigned long soft_told;
	unsigned long burst_start;
	atomic_t burst;
	struct e2ae_drops drops;
	struct e2ae_net *en;
	u32 users;
	bool autodel;
	struct rcu_head rcu;
	u8 mki[];
};

/* Client's state of one SSRC. */
struct e2ae_sa_state {
	u32 ssrc;
	u32 roc;
	u16 seq;
	bool has_rtp;
	u32 rtcp_next;
};

/* What a client asks of an SA; holds keys, so whoever fills it wipes it. */
struct e2ae_sa_spec {
	u32 id;
	const struct e2ae_suite_desc *suite;
	u8 key[E2AE_MAX_KEY];
	u8 salt[E2AE_CM_SALT];
	u8 mki_len;
	u8 mki[E2AE_MAX_MKI];
	u32 window;
	u32 ssrc_max;
	u32 roc;
	u32 guard;
	u64 soft;
	u64 hard;
	bool has_soft;
	bool has_hard;
	bool fixed;
	bool autodel;
	u32 n_states;
	struct e2ae_sa_state states[E2AE_MAX_SSRCS];
};

struct e2ae_sa *e2ae_sa_create(struct e2ae_net *en,
			       const struct e2ae_sa_spec *spec);
int e2ae_sa_publish(struct e2ae_sa *sa);
void e2ae_sa_unpublish(struct e2ae_sa *sa);
void e2ae_sa_free(struct e2ae_sa *sa);
void e2ae_sa_del(struct e2ae_sa *sa);
void e2ae_sa_flush(struct e2ae_net *en);
struct e2ae_sa *e2ae_sa_find(struct e2ae_net *en, u32 id);
void e2ae_sa_hold(struct e2ae_sa *sa, enum e2ae_direction dir);
void e2ae_sa_release(struct e2ae_sa *sa);
void e2ae_sa_set_limits(struct e2ae_sa *sa, u64 soft, u64 hard);
void e2ae_sa_adopt(struct e2ae_sa *sa, struct e2ae_ctxs *ctxs);
struct e2ae_ctx *e2ae_sa_ctx_add(struct e2ae_sa *sa, u32 ssrc, bool evict);

int e2ae_sa_init(void);
void e2ae_sa_exit(void);

bool e2ae_sa_spend_counted(struct e2ae_sa *sa, bool rtcp);
void e2ae_sa_failed_auth(struct e2ae_sa *sa);
int e2ae_sa_drop(struct e2ae_sa *sa, int drop);

/**
 * e2ae_sa_spend() - use up one packet of an SA's lifetime (RFC 3711, 9.2)
 * @sa: the SA
 * @rtcp: a packet of SRTCP
 *
 * SRTP is not counted here unless there is a limit: its index ends first.
 *
 * Context: Bottom halves off.
 * Return: whether the SA still had one.
 */
static inline bool e2ae_sa_spend(struct e2ae_sa *sa, bool rtcp)
{
	if (!rtcp && likely(!READ_ONCE(sa->limited)))
		return true;
	return e2ae_sa_spend_counted(sa, rtcp);
}

#endif
