// SPDX-License-Identifier: GPL-2.0
/* SAs: their life, their keys' equality, their packet limits. */
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "netlink.h"
#include "sa.h"
#include "trace.h"

/* Failures within a second that make a burst. */
#define BURST	32

/* Two random keys, so that a digest of a master key says nothing about it. */
static siphash_key_t tag_keys[2] __ro_after_init;

/**
 * e2ae_sa_init() - draw the keys under which master keys are compared
 *
 * Return: 0.
 */
int __init e2ae_sa_init(void)
{
	get_random_bytes(tag_keys, sizeof(tag_keys));
	return 0;
}

static void tag(u64 out[2], const u8 *data, size_t len)
{
	out[0] = siphash(data, len, &tag_keys[0]);
	out[1] = siphash(data, len, &tag_keys[1]);
}

static struct e2ae_ctxs *ctxs_create(const struct e2ae_sa_spec *spec)
{
	struct e2ae_ctxs *ctxs = kzalloc(sizeof(*ctxs), GFP_KERNEL_ACCOUNT);

	if (!ctxs)
		return NULL;
	refcount_set(&ctxs->ref, 1);
	spin_lock_init(&ctxs->lock);
	INIT_HLIST_HEAD(&ctxs->list);
	ctxs->window = spec->window;
	ctxs->max = spec->ssrc_max;
	return ctxs;
}

static void ctxs_put(struct e2ae_ctxs *ctxs)
{
	struct hlist_node *tmp;
	struct e2ae_ctx *ctx;

	if (!ctxs || !refcount_dec_and_test(&ctxs->ref))
		return;
	hlist_for_each_entry_safe(ctx, tmp, &ctxs->list, node)
		kfree(ctx);
	kfree(ctxs);
}

static struct e2ae_ctx *ctx_alloc(const struct e2ae_ctxs *ctxs, u32 ssrc,
				  gfp_t gfp)
{
	u32 words = e2ae_window_words(ctxs->window);
	struct e2ae_ctx *ctx = kzalloc(struct_size(ctx, bits, 2 * words), gfp);

	if (!ctx)
		return NULL;
	spin_lock_init(&ctx->lock);
	ctx->ssrc = ssrc;
	ctx->used = jiffies;
	e2ae_window_init(&ctx->rtp, ctxs->window, ctx->bits);
	e2ae_window_init(&ctx->rtcp, ctxs->window, ctx->bits + words);
	return ctx;
}

static int restore(struct e2ae_ctxs *ctxs, const struct e2ae_sa_state *st,
		   u32 guard)
{
	u64 rtp = ((u64)st->roc << 16 | st->seq) + 1 + guard;
	u64 rtcp = (u64)st->rtcp_next + guard;
	struct e2ae_ctx *ctx = ctx_alloc(ctxs, st->ssrc, GFP_KERNEL_ACCOUNT);

	if (!ctx)
		return -ENOMEM;
	if (st->has_rtp)
		e2ae_window_restore(&ctx->rtp, min(rtp, E2AE_MAX_INDEX));
	e2ae_window_restore(&ctx->rtcp, min(rtcp, E2AE_MAX_RTCP_INDEX));
	hlist_add_head(&ctx->node, &ctxs->list);
	ctxs->n++;
	return 0;
}

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
	u32 i;

	sa = kzalloc(struct_size(sa, mki, spec->mki_len), GFP_KERNEL_ACCOUNT);
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
	tag(sa->key_tag, spec->key, spec->suite->key_len);
	tag(sa->salt_tag, spec->salt, spec->suite->salt_len);
	err = -ENOMEM;
	sa->ctxs = ctxs_create(spec);
	if (!sa->ctxs)
		goto out_free;
	for (i = 0; i < spec->n_states; i++) {
		err = restore(sa->ctxs, &spec->states[i], spec->guard);
		if (err)
			goto out_free;
	}
	sa->ctxs->fixed = spec->fixed;
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
	ctxs_put(sa->ctxs);
	kfree_sensitive(sa);
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
	err = xa_insert(&en->sas, sa->id, sa, GFP_KERNEL_ACCOUNT);
	if (err)
		return err == -EBUSY ? -EEXIST : err;
	en->n_sas++;
	en->seq++;
	return 0;
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
	xa_erase(&en->sas, sa->id);
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
		e2ae_sa_count(sa, &sum);
		atomic64_set(&sa->used, sum.packets);
		WRITE_ONCE(sa->limited, true);
	}
	if (atomic64_read(&sa->used) < soft)
		clear_bit(0, &sa->soft_told);
}

/**
 * e2ae_sa_same_master() - do two SAs have the same master key?
 * @a: one
 * @b: the other
 *
 * Return: whether; by digests under random keys.
 */
bool e2ae_sa_same_master(const struct e2ae_sa *a, const struct e2ae_sa *b)
{
	return a->suite->key_len == b->suite->key_len &&
	       a->key_tag[0] == b->key_tag[0] && a->key_tag[1] == b->key_tag[1];
}

/**
 * e2ae_sa_same_key() - would two SAs encrypt alike?
 * @a: one
 * @b: the other
 *
 * Return: whether key, salt and cipher are the same.
 */
bool e2ae_sa_same_key(const struct e2ae_sa *a, const struct e2ae_sa *b)
{
	return e2ae_sa_same_master(a, b) && a->suite->mode == b->suite->mode &&
	       a->salt_tag[0] == b->salt_tag[0] &&
	       a->salt_tag[1] == b->salt_tag[1];
}

/**
 * e2ae_sa_adopt() - go on where an SA with the same key is
 * @sa: an SA that no stream names
 * @from: the SA it replaces, with e2ae_sa_same_key()
 *
 * Both then share the contexts: indices stay used, roll-over counters stay.
 *
 * Context: Process, en->lock held.
 */
void e2ae_sa_adopt(struct e2ae_sa *sa, struct e2ae_sa *from)
{
	lockdep_assert_held(&sa->en->lock);
	if (sa == from || sa->ctxs == from->ctxs || WARN_ON_ONCE(sa->users))
		return;
	ctxs_put(sa->ctxs);
	refcount_inc(&from->ctxs->ref);
	sa->ctxs = from->ctxs;
	sa->limited = false;
	atomic64_set(&sa->rtcp_used, atomic64_read(&from->rtcp_used));
	e2ae_sa_set_limits(sa, sa->soft, sa->hard);
}

static void count_add(struct e2ae_count *sum, const struct e2ae_count *c)
{
	sum->packets += c->packets;
	sum->octets += c->octets;
	sum->rtcp_packets += c->rtcp_packets;
	sum->rtcp_octets += c->rtcp_octets;
}

/**
 * e2ae_sa_count() - sum up what passed under an SA
 * @sa: the SA
 * @sum: filled in
 *
 * Context: Any but hard interrupt.
 */
void e2ae_sa_count(struct e2ae_sa *sa, struct e2ae_count *sum)
{
	struct e2ae_ctxs *ctxs = sa->ctxs;
	struct e2ae_ctx *ctx;

	spin_lock_bh(&ctxs->lock);
	*sum = ctxs->gone;
	hlist_for_each_entry(ctx, &ctxs->list, node) {
		spin_lock(&ctx->lock);
		count_add(sum, &ctx->count);
		spin_unlock(&ctx->lock);
	}
	spin_unlock_bh(&ctxs->lock);
}

/**
 * e2ae_ctx_find() - find the context of an SSRC
 * @ctxs: contexts of an SA
 * @ssrc: synchronisation source, host byte order
 *
 * Context: RCU held.
 * Return: the context or NULL.
 */
struct e2ae_ctx *e2ae_ctx_find(struct e2ae_ctxs *ctxs, u32 ssrc)
{
	struct e2ae_ctx *ctx;

	hlist_for_each_entry_rcu(ctx, &ctxs->list, node)
		if (ctx->ssrc == ssrc)
			return ctx;
	return NULL;
}

/* Takes the least recently used context out of the list. */
static u32 evict_lru(struct e2ae_ctxs *ctxs)
{
	struct e2ae_ctx *ctx, *lru = NULL;

	hlist_for_each_entry(ctx, &ctxs->list, node)
		if (!lru || time_before(READ_ONCE(ctx->used),
					READ_ONCE(lru->used)))
			lru = ctx;
	spin_lock(&lru->lock);
	count_add(&ctxs->gone, &lru->count);
	spin_unlock(&lru->lock);
	hlist_del_rcu(&lru->node);
	ctxs->n--;
	kfree_rcu(lru, rcu);
	return lru->ssrc;
}

/**
 * e2ae_ctx_add() - add a context for a new SSRC
 * @sa: the SA
 * @ssrc: synchronisation source, host byte order
 * @evict: receiving: make room by forgetting the least recently used one.
 *	A sending SA never does, since it could use an index twice.
 *
 * Context: Bottom halves off, RCU held. Not on the fast path: allocates.
 * Return: the new context, or that of another CPU which was faster, or NULL
 * if there is no room.
 */
struct e2ae_ctx *e2ae_ctx_add(struct e2ae_sa *sa, u32 ssrc, bool evict)
{
	struct e2ae_ctxs *ctxs = sa->ctxs;
	struct e2ae_ctx *ctx;
	bool evicted = false;
	u32 old = 0;

	spin_lock(&ctxs->lock);
	ctx = e2ae_ctx_find(ctxs, ssrc);
	if (ctx)
		goto out_known;
	if (ctxs->fixed || (ctxs->n >= ctxs->max && !evict))
		goto out_known;
	ctx = ctx_alloc(ctxs, ssrc, GFP_ATOMIC | __GFP_NOWARN);
	if (!ctx)
		goto out_known;
	if (ctxs->n >= ctxs->max) {
		old = evict_lru(ctxs);
		evicted = true;
	}
	hlist_add_head_rcu(&ctx->node, &ctxs->list);
	ctxs->n++;
	spin_unlock(&ctxs->lock);

	if (evicted)
		e2ae_notify_ssrc(sa, old, E2AE_SSRC_CHANGE_EVICTED);
	e2ae_notify_ssrc(sa, ssrc, E2AE_SSRC_CHANGE_NEW);
	return ctx;

out_known:
	spin_unlock(&ctxs->lock);
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
 * e2ae_sa_spend() - use up one packet of an SA's lifetime (RFC 3711, 9.2)
 * @sa: the SA
 * @rtcp: a packet of SRTCP
 *
 * Tells the expiries as they are reached.
 *
 * Context: Bottom halves off.
 * Return: whether the SA still had one.
 */
bool e2ae_sa_spend(struct e2ae_sa *sa, bool rtcp)
{
	u64 hard, soft, n;

	if (!rtcp && likely(!READ_ONCE(sa->limited)))
		return true;
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
