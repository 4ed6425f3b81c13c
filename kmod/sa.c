// SPDX-License-Identifier: GPL-2.0
/* SAs: their life, their keys' equality, their packet limits. */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "keys.h"
#include "netlink.h"
#include "sa.h"
#include "trace.h"

/* Failures within a second that make a burst. */
#define BURST	     32

/*
 * SAs of all namespaces that anybody may have made: what the crypto API
 * allocates for them is charged to nobody.
 */
#define MAX_USER_SAS 8192

static atomic_t user_sas;

/* Objects of one size, whatever the MKI: kmalloc() would round up to 1024. */
static struct kmem_cache *sa_cache;

static int derive(struct e2ae_sa *sa, const struct e2ae_sa_spec *spec)
{
	struct e2ae_session_keys keys;
	int err, rtcp;

	for (rtcp = 0; rtcp < 2; rtcp++) {
		err = e2ae_kdf(spec->key, sa->suite->key_len, spec->salt,
			       sa->suite->salt_len, rtcp, &keys);
		if (!err)
			err = e2ae_session_init(rtcp ? &sa->rtcp : &sa->rtp,
						sa->suite, &keys, rtcp);
		memzero_explicit(&keys, sizeof(keys));
		if (err)
			return err;
	}
	return 0;
}

/**
 * e2ae_sa_create() - make an SA that nobody sees yet
 * @en: namespace
 * @spec: what the client asks; the caller wipes it
 *
 * Context: Process; sleeps.
 * Return: the SA, for e2ae_sa_publish() or e2ae_sa_free(), or an ERR_PTR:
 * -ENOMEM, or -ENOENT and the like where the kernel lacks a cipher.
 */
struct e2ae_sa *e2ae_sa_create(struct e2ae_net *en,
			       const struct e2ae_sa_spec *spec)
{
	struct e2ae_sa *sa;
	int err;

	sa = kmem_cache_zalloc(sa_cache, GFP_KERNEL_ACCOUNT);
	if (!sa)
		return ERR_PTR(-ENOMEM);
	sa->suite = spec->suite;
	sa->id = spec->id;
	sa->roc = spec->roc;
	sa->en = en;
	sa->autodel = spec->autodel;
	sa->burst_start = jiffies;
	sa->mki_len = spec->mki_len;
	memcpy(sa->mki, spec->mki, spec->mki_len);
	err = -ENOMEM;
	sa->ctxs = e2ae_ctxs_create(en, spec);
	if (!sa->ctxs)
		goto out_free;
	err = derive(sa, spec);
	if (err)
		goto out_free;
	e2ae_sa_set_limits(sa, spec->soft, spec->hard);
	return sa;

out_free:
	e2ae_sa_free(sa);
	return ERR_PTR(err);
}

static void sa_free_rcu(struct rcu_head *rcu)
{
	e2ae_sa_free(container_of(rcu, struct e2ae_sa, rcu));
}

/**
 * e2ae_sa_free() - wipe an SA that no packet can reach
 * @sa: the SA
 *
 * Context: Any but hard interrupt.
 */
void e2ae_sa_free(struct e2ae_sa *sa)
{
	e2ae_session_wipe(&sa->rtp, sa->suite);
	e2ae_session_wipe(&sa->rtcp, sa->suite);
	e2ae_ctxs_put(sa->ctxs);
	memzero_explicit(sa, struct_size(sa, mki, sa->mki_len));
	kmem_cache_free(sa_cache, sa);
}

/**
 * e2ae_sa_publish() - let an SA be found by its id
 * @sa: from e2ae_sa_create()
 *
 * Context: Process, en->lock held.
 * Return: 0, -EEXIST if the id is taken, -ENOSPC at the namespace's limit,
 * -ENOMEM.
 */
int e2ae_sa_publish(struct e2ae_sa *sa)
{
	struct e2ae_net *en = sa->en;
	int err;

	lockdep_assert_held(&en->lock);
	if (xa_load(&en->sas, sa->id))
		return -EEXIST;
	if (en->n_sas >= en->max_sas)
		return -ENOSPC;
	if (en->user && atomic_inc_return(&user_sas) > MAX_USER_SAS) {
		err = -ENOSPC;
		goto out_user;
	}
	err = xa_insert(&en->sas, sa->id, sa, GFP_KERNEL_ACCOUNT);
	if (err)
		goto out_user;
	en->n_sas++;
	en->seq++;
	return 0;

out_user:
	if (en->user)
		atomic_dec(&user_sas);
	return err;
}

/**
 * e2ae_sa_unpublish() - undo e2ae_sa_publish()
 * @sa: an SA that no stream names
 *
 * Context: Process, en->lock held.
 */
void e2ae_sa_unpublish(struct e2ae_sa *sa)
{
	struct e2ae_net *en = sa->en;

	lockdep_assert_held(&en->lock);
	WARN_ON_ONCE(sa->users);
	if (sa->dir == E2AE_DIRECTION_OUT)
		e2ae_ctxs_unclaim(sa->ctxs);
	xa_erase(&en->sas, sa->id);
	if (en->user)
		atomic_dec(&user_sas);
	en->n_sas--;
	en->seq++;
}

/**
 * e2ae_sa_del() - remove an SA; its memory goes after a grace period
 * @sa: an SA that no stream names
 *
 * Context: Process, en->lock held.
 */
void e2ae_sa_del(struct e2ae_sa *sa)
{
	e2ae_sa_unpublish(sa);
	call_rcu(&sa->rcu, sa_free_rcu);
}

/**
 * e2ae_sa_flush() - remove all SAs of a namespace without streams
 * @en: namespace
 *
 * Context: Process, en->lock held.
 */
void e2ae_sa_flush(struct e2ae_net *en)
{
	struct e2ae_sa *sa;
	unsigned long id;

	xa_for_each(&en->sas, id, sa) {
		e2ae_sa_del(sa);
		cond_resched();
	}
}

/**
 * e2ae_sa_find() - look an SA up
 * @en: namespace
 * @id: its id
 *
 * Context: en->lock or RCU held.
 * Return: the SA or NULL.
 */
struct e2ae_sa *e2ae_sa_find(struct e2ae_net *en, u32 id)
{
	return xa_load(&en->sas, id);
}

/* The sums of a set of contexts that others used before are its own too. */
static void recount(struct e2ae_sa *sa)
{
	struct e2ae_count sum;

	e2ae_ctxs_count(sa->ctxs, &sum);
	atomic64_set(&sa->rtcp_used, sum.rtcp_packets);
	sa->limited = false;
	e2ae_sa_set_limits(sa, sa->soft, sa->hard);
}

/**
 * e2ae_sa_hold() - note that a stream direction names an SA
 * @sa: the SA
 * @dir: what for; the same as before, if it was used before
 *
 * Context: Process, en->lock held.
 */
void e2ae_sa_hold(struct e2ae_sa *sa, enum e2ae_direction dir)
{
	lockdep_assert_held(&sa->en->lock);
	if (sa->dir == E2AE_DIRECTION_UNUSED && dir == E2AE_DIRECTION_OUT) {
		sa->ctxs = e2ae_ctxs_claim(sa->ctxs);
		recount(sa);
	}
	sa->users++;
	sa->dir = dir;
}

/**
 * e2ae_sa_release() - undo e2ae_sa_hold()
 * @sa: an SA that packets cannot reach through that stream any more
 *
 * The SA goes if it was the last stream and the client wished so.
 *
 * Context: Process, en->lock held.
 */
void e2ae_sa_release(struct e2ae_sa *sa)
{
	lockdep_assert_held(&sa->en->lock);
	if (!--sa->users && sa->autodel)
		e2ae_sa_del(sa);
}

/**
 * e2ae_sa_set_limits() - set after how many packets an SA expires
 * @sa: the SA
 * @soft: packets until the soft expiry, 0 never
 * @hard: packets until the hard expiry, 0 the most there are
 *
 * Counting starts at what has passed so far; packets under way at that
 * moment may be missed.
 *
 * Context: Process.
 */
void e2ae_sa_set_limits(struct e2ae_sa *sa, u64 soft, u64 hard)
{
	struct e2ae_count sum;

	hard = hard ? min(hard, E2AE_MAX_INDEX) : E2AE_MAX_INDEX;
	WRITE_ONCE(sa->soft, soft);
	WRITE_ONCE(sa->hard, hard);
	if (!sa->limited && (soft || hard != E2AE_MAX_INDEX)) {
		e2ae_ctxs_count(sa->ctxs, &sum);
		atomic64_set(&sa->used, sum.packets);
		WRITE_ONCE(sa->limited, true);
	}
	if (atomic64_read(&sa->used) < soft)
		clear_bit(0, &sa->soft_told);
}

/**
 * e2ae_sa_adopt() - go on receiving where another SA with the same key was
 * @sa: an SA that no packet has used
 * @ctxs: what the key was used for
 *
 * Indices stay used, roll-over counters stay.
 *
 * Context: Process, en->lock held.
 */
void e2ae_sa_adopt(struct e2ae_sa *sa, struct e2ae_ctxs *ctxs)
{
	lockdep_assert_held(&sa->en->lock);
	if (sa->ctxs == ctxs)
		return;
	e2ae_ctxs_put(sa->ctxs);
	sa->ctxs = e2ae_ctxs_get(ctxs);
	recount(sa);
}

/**
 * e2ae_sa_ctx_add() - add a context for an SSRC an SA has not met
 * @sa: the SA
 * @ssrc: synchronisation source, host byte order
 * @evict: receiving: make room by forgetting the least recently used one.
 *	A sending SA never does, since it could use an index twice.
 *
 * Context: Bottom halves off, RCU held. Not on the fast path: allocates.
 * Return: the context, or NULL if there is no room.
 */
struct e2ae_ctx *e2ae_sa_ctx_add(struct e2ae_sa *sa, u32 ssrc, bool evict)
{
	struct e2ae_ctx *ctx;
	bool added;
	u32 old;

	ctx = e2ae_ctx_add(sa->ctxs, ssrc, evict, &added, &old);
	if (old != ssrc)
		e2ae_notify_ssrc(sa, old, E2AE_SSRC_CHANGE_EVICTED);
	if (added)
		e2ae_notify_ssrc(sa, ssrc, E2AE_SSRC_CHANGE_NEW);
	return ctx;
}

static void expire_hard(struct e2ae_sa *sa)
{
	if (cmpxchg(&sa->expired, false, true))
		return;
	trace_e2ae_expire(sa, true);
	e2ae_notify_expire(sa, E2AE_EXPIRY_HARD);
}

static void expire_soft(struct e2ae_sa *sa)
{
	if (test_and_set_bit(0, &sa->soft_told))
		return;
	trace_e2ae_expire(sa, false);
	e2ae_notify_expire(sa, E2AE_EXPIRY_SOFT);
}

/**
 * e2ae_sa_spend_counted() - use up one packet, and count it
 * @sa: the SA
 * @rtcp: a packet of SRTCP
 *
 * Tells the expiries as they are reached.
 *
 * Context: Bottom halves off.
 * Return: whether the SA still had one.
 */
bool e2ae_sa_spend_counted(struct e2ae_sa *sa, bool rtcp)
{
	u64 hard, soft, n;

	n = atomic64_inc_return(rtcp ? &sa->rtcp_used : &sa->used);
	hard = READ_ONCE(sa->hard);
	soft = READ_ONCE(sa->soft);
	if (rtcp)
		hard = min(hard, E2AE_MAX_RTCP_INDEX);
	if (soft && n >= soft)
		expire_soft(sa);
	if (n >= hard)
		expire_hard(sa);
	return n <= hard;
}

/**
 * e2ae_sa_failed_auth() - note a packet that did not authenticate
 * @sa: the SA
 *
 * Tells a burst once a second at most.
 *
 * Context: Bottom halves off.
 */
void e2ae_sa_failed_auth(struct e2ae_sa *sa)
{
	unsigned long start = READ_ONCE(sa->burst_start);

	if (time_after(jiffies, start + HZ) &&
	    cmpxchg(&sa->burst_start, start, jiffies) == start)
		atomic_set(&sa->burst, 0);
	if (atomic_inc_return(&sa->burst) == BURST)
		e2ae_notify_burst(sa, BURST);
}

/**
 * e2ae_sa_drop() - count a drop on an SA
 * @sa: the SA
 * @drop: why, E2AE_A_DROPS_*
 *
 * Return: @drop.
 */
int e2ae_sa_drop(struct e2ae_sa *sa, int drop)
{
	atomic_long_inc(&sa->drops.n[drop]);
	return drop;
}

/**
 * e2ae_sa_init() - make the cache of SAs
 *
 * Return: 0 or -ENOMEM.
 */
int __init e2ae_sa_init(void)
{
	sa_cache = kmem_cache_create("e2ae_sa",
				     sizeof(struct e2ae_sa) + E2AE_MAX_MKI, 0,
				     SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT, NULL);
	return sa_cache ? 0 : -ENOMEM;
}

/**
 * e2ae_sa_exit() - free the cache
 *
 * All SAs are freed.
 */
void e2ae_sa_exit(void)
{
	kmem_cache_destroy(sa_cache);
}
