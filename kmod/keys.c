// SPDX-License-Identifier: GPL-2.0
/*
 * Which keys are sent with. All SAs of a namespace that send with one key
 * share one set of contexts, so that none encrypts an index another has used;
 * and a stream remembers the keys it had, so that one that comes back goes on
 * where it was, and none serves both directions.
 */
#include <linux/hash.h>
#include <linux/slab.h>

#include "keys.h"

#define FIRST_BITS 4
#define LAST_BITS  20

/**
 * e2ae_keys_net_init() - make the table of keys that are sent with
 * @en: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int e2ae_keys_net_init(struct e2ae_net *en)
{
	en->keys_bits = FIRST_BITS;
	en->keys = kcalloc(1 << FIRST_BITS, sizeof(*en->keys), GFP_KERNEL);
	return en->keys ? 0 : -ENOMEM;
}

/**
 * e2ae_keys_net_exit() - free the table; it is empty
 * @en: namespace
 */
void e2ae_keys_net_exit(struct e2ae_net *en)
{
	kvfree(en->keys);
}

static struct hlist_head *bucket(struct hlist_head *heads, u8 bits,
				 const struct e2ae_ctxs *ctxs)
{
	return &heads[hash_64(ctxs->key_tag[0], bits)];
}

/* Without memory the table stays as it is, only slower. */
static void grow(struct e2ae_net *en)
{
	u8 bits = en->keys_bits + 2;
	struct hlist_head *heads;
	struct hlist_node *tmp;
	struct e2ae_ctxs *ctxs;
	u32 i;

	if (bits > LAST_BITS)
		return;
	heads = kvcalloc(1 << bits, sizeof(*heads),
			 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!heads)
		return;
	for (i = 0; i < 1 << en->keys_bits; i++)
		hlist_for_each_entry_safe(ctxs, tmp, &en->keys[i], sending)
			hlist_add_head(&ctxs->sending,
				       bucket(heads, bits, ctxs));
	kvfree(en->keys);
	en->keys = heads;
	en->keys_bits = bits;
}

/* The set that is sent with under the same key, or NULL. */
static struct e2ae_ctxs *find_sending(const struct e2ae_ctxs *ctxs)
{
	struct e2ae_net *en = ctxs->en;
	struct e2ae_ctxs *other;

	lockdep_assert_held(&en->lock);
	hlist_for_each_entry(other, bucket(en->keys, en->keys_bits, ctxs),
			     sending)
		if (e2ae_ctxs_same_key(other, ctxs))
			return other;
	return NULL;
}

/**
 * e2ae_ctxs_unfit() - why a key cannot begin to be sent with
 * @ctxs: set of an SA that no packet has used
 *
 * Context: Process, en->lock held.
 * Return: a sentence, or NULL where e2ae_ctxs_claim() is right.
 */
const char *e2ae_ctxs_unfit(const struct e2ae_ctxs *ctxs)
{
	const struct e2ae_ctxs *other = find_sending(ctxs);
	struct e2ae_ctx *ctx;
	u32 n;

	if (!other)
		return NULL;
	if (other->fixed != ctxs->fixed)
		return "an SA with this key is in use, and differs in fixed-ssrcs";
	n = other->n;
	hlist_for_each_entry(ctx, &ctxs->list, node)
		n += !e2ae_ctx_known(other, ctx->ssrc);
	return n > other->max ?
		       "an SA with this key is in use, and has no room for the states given" :
		       NULL;
}

/**
 * e2ae_ctxs_claim() - begin to send with a key
 * @ctxs: set of an SA that no packet has used
 *
 * Where the key is sent with already, that set goes on; what @ctxs restores is
 * worked into it.
 *
 * Context: Process, en->lock held.
 * Return: the set to send with, which is @ctxs or that of other SAs; for
 * e2ae_ctxs_unclaim(). The caller's reference to @ctxs moves to it.
 */
struct e2ae_ctxs *e2ae_ctxs_claim(struct e2ae_ctxs *ctxs)
{
	struct e2ae_ctxs *other = find_sending(ctxs);
	struct e2ae_net *en = ctxs->en;

	if (other) {
		other->senders++;
		e2ae_ctxs_merge(other, ctxs);
		e2ae_ctxs_put(ctxs);
		return e2ae_ctxs_get(other);
	}
	if (++en->n_keys > 2U << en->keys_bits)
		grow(en);
	hlist_add_head(&ctxs->sending, bucket(en->keys, en->keys_bits, ctxs));
	ctxs->senders = 1;
	return ctxs;
}

/**
 * e2ae_ctxs_unclaim() - one less sends with a key
 * @ctxs: from e2ae_ctxs_claim()
 *
 * Context: Process, en->lock held.
 */
void e2ae_ctxs_unclaim(struct e2ae_ctxs *ctxs)
{
	lockdep_assert_held(&ctxs->en->lock);
	if (--ctxs->senders)
		return;
	hlist_del_init(&ctxs->sending);
	ctxs->en->n_keys--;
}

/**
 * e2ae_keys_find() - has a stream had this key in this direction?
 * @keys: of the stream
 * @ctxs: set of an SA
 * @dir: enum e2ae_direction
 *
 * Context: Process, en->lock held.
 * Return: its use, or NULL.
 */
struct e2ae_key_use *e2ae_keys_find(const struct list_head *keys,
				    const struct e2ae_ctxs *ctxs, u8 dir)
{
	struct e2ae_key_use *use;

	list_for_each_entry(use, keys, node)
		if (use->dir == dir && e2ae_ctxs_same_key(use->ctxs, ctxs))
			return use;
	return NULL;
}

/**
 * e2ae_keys_clash() - has a stream had this master key the other way round?
 * @keys: of the stream
 * @ctxs: set of an SA
 * @dir: enum e2ae_direction, for which the SA is to be used
 *
 * Both sides would have encrypted with it: with equal SSRCs they share
 * keystream (RFC 3711, 9.1).
 *
 * Context: Process, en->lock held.
 * Return: whether.
 */
bool e2ae_keys_clash(const struct list_head *keys, const struct e2ae_ctxs *ctxs,
		     u8 dir)
{
	struct e2ae_key_use *use;

	list_for_each_entry(use, keys, node)
		if (use->dir != dir && e2ae_ctxs_same_master(use->ctxs, ctxs))
			return true;
	return false;
}

/**
 * e2ae_keys_note() - remember that a stream has a key
 * @keys: of the stream
 * @use: memory for it, or NULL where it is known already
 * @ctxs: set of the SA, claimed if it is sent with
 * @dir: enum e2ae_direction
 *
 * Context: Process, en->lock held.
 */
void e2ae_keys_note(struct list_head *keys, struct e2ae_key_use *use,
		    struct e2ae_ctxs *ctxs, u8 dir)
{
	if (!use)
		return;
	use->ctxs = e2ae_ctxs_get(ctxs);
	use->dir = dir;
	if (dir == E2AE_DIRECTION_OUT)
		ctxs->senders++;
	list_add(&use->node, keys);
}

/**
 * e2ae_keys_forget() - the stream goes, and with it what it remembers
 * @keys: of the stream
 *
 * Context: Process, en->lock held.
 */
void e2ae_keys_forget(struct list_head *keys)
{
	struct e2ae_key_use *use, *tmp;

	list_for_each_entry_safe(use, tmp, keys, node) {
		if (use->dir == E2AE_DIRECTION_OUT)
			e2ae_ctxs_unclaim(use->ctxs);
		e2ae_ctxs_put(use->ctxs);
		kfree(use);
	}
	INIT_LIST_HEAD(keys);
}
