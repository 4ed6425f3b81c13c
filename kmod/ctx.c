// SPDX-License-Identifier: GPL-2.0
/* What a master key has been used for: a set of contexts, one per SSRC. */
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "ctx.h"
#include "sa.h"

/* Two random keys, so that a digest of a master key says nothing about it. */
static siphash_key_t tag_keys[2] __ro_after_init;

/**
 * e2ae_ctx_init() - draw the keys under which master keys are compared
 */
void __init e2ae_ctx_init(void)
{
	get_random_bytes(tag_keys, sizeof(tag_keys));
}

static void tag(u64 out[2], const u8 *data, size_t len)
{
	out[0] = siphash(data, len, &tag_keys[0]);
	out[1] = siphash(data, len, &tag_keys[1]);
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
	e2ae_window_init(&ctx->rtp, ctxs->window, ctx->bits);
	ctx->rtp.used = jiffies;
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

/**
 * e2ae_ctxs_create() - make the set of contexts of a new SA
 * @en: namespace
 * @spec: what the client asks, with its key and its states
 *
 * Context: Process; sleeps.
 * Return: the set with one reference, or NULL.
 */
struct e2ae_ctxs *e2ae_ctxs_create(struct e2ae_net *en,
				   const struct e2ae_sa_spec *spec)
{
	struct e2ae_ctxs *ctxs = kzalloc(sizeof(*ctxs), GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!ctxs)
		return NULL;
	refcount_set(&ctxs->ref, 1);
	spin_lock_init(&ctxs->lock);
	INIT_HLIST_HEAD(&ctxs->list);
	INIT_HLIST_NODE(&ctxs->sending);
	ctxs->window = spec->window;
	ctxs->max = spec->ssrc_max;
	ctxs->en = en;
	ctxs->mode = spec->suite->mode;
	ctxs->key_len = spec->suite->key_len;
	tag(ctxs->key_tag, spec->key, spec->suite->key_len);
	tag(ctxs->salt_tag, spec->salt, spec->suite->salt_len);
	for (i = 0; i < spec->n_states; i++) {
		if (!restore(ctxs, &spec->states[i], spec->guard))
			continue;
		e2ae_ctxs_put(ctxs);
		return NULL;
	}
	ctxs->fixed = spec->fixed;
	return ctxs;
}

/**
 * e2ae_ctxs_get() - take a reference
 * @ctxs: the set
 *
 * Return: @ctxs.
 */
struct e2ae_ctxs *e2ae_ctxs_get(struct e2ae_ctxs *ctxs)
{
	refcount_inc(&ctxs->ref);
	return ctxs;
}

/**
 * e2ae_ctxs_put() - give a reference back
 * @ctxs: the set, or NULL; with the last reference no packet reaches it
 *
 * Context: Any but hard interrupt.
 */
void e2ae_ctxs_put(struct e2ae_ctxs *ctxs)
{
	struct hlist_node *tmp;
	struct e2ae_ctx *ctx;

	if (!ctxs || !refcount_dec_and_test(&ctxs->ref))
		return;
	WARN_ON_ONCE(!hlist_unhashed(&ctxs->sending));
	hlist_for_each_entry_safe(ctx, tmp, &ctxs->list, node)
		kfree(ctx);
	kfree_sensitive(ctxs);
}

/**
 * e2ae_ctxs_same_master() - are two sets of the same master key?
 * @a: one
 * @b: the other
 *
 * Return: whether; by digests under random keys.
 */
bool e2ae_ctxs_same_master(const struct e2ae_ctxs *a, const struct e2ae_ctxs *b)
{
	return a->key_len == b->key_len && a->key_tag[0] == b->key_tag[0] &&
	       a->key_tag[1] == b->key_tag[1];
}

/**
 * e2ae_ctxs_same_key() - would two sets encrypt alike?
 * @a: one
 * @b: the other
 *
 * Return: whether key, salt and cipher are the same.
 */
bool e2ae_ctxs_same_key(const struct e2ae_ctxs *a, const struct e2ae_ctxs *b)
{
	return e2ae_ctxs_same_master(a, b) && a->mode == b->mode &&
	       a->salt_tag[0] == b->salt_tag[0] &&
	       a->salt_tag[1] == b->salt_tag[1];
}

/* What a client restored counts on top of what happened here. */
static void merge_ctx(struct e2ae_ctxs *to, struct e2ae_ctx *ctx)
{
	struct e2ae_ctx *known = e2ae_ctx_find(to, ctx->ssrc);

	if (!known && to->n < to->max) {
		hlist_add_head_rcu(&ctx->node, &to->list);
		to->n++;
		return;
	}
	if (known) {
		spin_lock(&known->lock);
		if (ctx->rtp.next > known->rtp.next)
			e2ae_window_restore(&known->rtp, ctx->rtp.next);
		if (ctx->rtcp.next > known->rtcp.next)
			e2ae_window_restore(&known->rtcp, ctx->rtcp.next);
		spin_unlock(&known->lock);
	}
	kfree(ctx);
}

/**
 * e2ae_ctxs_merge() - work what a client restored into a set in use
 * @to: the set in use
 * @from: a set of the same key that no packet has used; empty then
 *
 * Context: Process.
 */
void e2ae_ctxs_merge(struct e2ae_ctxs *to, struct e2ae_ctxs *from)
{
	struct hlist_node *tmp;
	struct e2ae_ctx *ctx;

	spin_lock_bh(&to->lock);
	hlist_for_each_entry_safe(ctx, tmp, &from->list, node) {
		hlist_del(&ctx->node);
		merge_ctx(to, ctx);
	}
	from->n = 0;
	spin_unlock_bh(&to->lock);
}

/* The context's lock is held. */
static void count_add(struct e2ae_count *sum, const struct e2ae_ctx *ctx)
{
	sum->packets += ctx->packets;
	sum->octets += ctx->octets;
	sum->rtcp_packets += ctx->rtcp_packets;
	sum->rtcp_octets += ctx->rtcp_octets;
}

/**
 * e2ae_ctxs_count() - sum up what passed under a key
 * @ctxs: the set
 * @sum: filled in
 *
 * Context: Any but hard interrupt.
 */
void e2ae_ctxs_count(struct e2ae_ctxs *ctxs, struct e2ae_count *sum)
{
	struct e2ae_ctx *ctx;

	spin_lock_bh(&ctxs->lock);
	*sum = ctxs->gone;
	hlist_for_each_entry(ctx, &ctxs->list, node) {
		spin_lock(&ctx->lock);
		count_add(sum, ctx);
		spin_unlock(&ctx->lock);
	}
	spin_unlock_bh(&ctxs->lock);
}

/**
 * e2ae_ctx_known() - does a set have a context for an SSRC?
 * @ctxs: the set
 * @ssrc: synchronisation source, host byte order
 *
 * Context: Process.
 * Return: whether.
 */
bool e2ae_ctx_known(const struct e2ae_ctxs *ctxs, u32 ssrc)
{
	bool known;

	rcu_read_lock();
	known = e2ae_ctx_find((struct e2ae_ctxs *)ctxs, ssrc);
	rcu_read_unlock();
	return known;
}

/**
 * e2ae_ctx_find() - find the context of an SSRC
 * @ctxs: contexts of an SA
 * @ssrc: synchronisation source, host byte order
 *
 * Context: RCU or the lock of the set held.
 * Return: the context or NULL.
 */
struct e2ae_ctx *e2ae_ctx_find(struct e2ae_ctxs *ctxs, u32 ssrc)
{
	struct e2ae_ctx *ctx;

	hlist_for_each_entry_rcu(ctx, &ctxs->list, node,
				 lockdep_is_held(&ctxs->lock))
		if (ctx->ssrc == ssrc)
			return ctx;
	return NULL;
}

/* Takes the least recently used context out of the list. */
static u32 evict_lru(struct e2ae_ctxs *ctxs)
{
	struct e2ae_ctx *ctx, *lru = NULL;

	hlist_for_each_entry(ctx, &ctxs->list, node)
		if (!lru || (s32)(READ_ONCE(ctx->rtp.used) -
				  READ_ONCE(lru->rtp.used)) < 0)
			lru = ctx;
	spin_lock(&lru->lock);
	count_add(&ctxs->gone, lru);
	spin_unlock(&lru->lock);
	hlist_del_rcu(&lru->node);
	ctxs->n--;
	kfree_rcu(lru, rcu);
	return lru->ssrc;
}

/**
 * e2ae_ctx_add() - add a context for a new SSRC
 * @ctxs: the set
 * @ssrc: synchronisation source, host byte order
 * @evict: make room by forgetting the least recently used one
 * @added: whether it is new; else another CPU was faster
 * @evicted: the SSRC that was forgotten, @ssrc itself if none was
 *
 * Context: Bottom halves off, RCU held. Not on the fast path: allocates.
 * Return: the context, or NULL if there is no room.
 */
struct e2ae_ctx *e2ae_ctx_add(struct e2ae_ctxs *ctxs, u32 ssrc, bool evict,
			      bool *added, u32 *evicted)
{
	struct e2ae_ctx *ctx;

	*added = false;
	*evicted = ssrc;
	spin_lock(&ctxs->lock);
	ctx = e2ae_ctx_find(ctxs, ssrc);
	if (ctx || ctxs->fixed || (ctxs->n >= ctxs->max && !evict))
		goto out;
	ctx = ctx_alloc(ctxs, ssrc, GFP_ATOMIC | __GFP_NOWARN);
	if (!ctx)
		goto out;
	if (ctxs->n >= ctxs->max)
		*evicted = evict_lru(ctxs);
	hlist_add_head_rcu(&ctx->node, &ctxs->list);
	ctxs->n++;
	*added = true;
out:
	spin_unlock(&ctxs->lock);
	return ctx;
}
