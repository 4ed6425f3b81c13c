// SPDX-License-Identifier: GPL-2.0
/* The table of channels: whose is an address and port? */
#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/prefetch.h>
#include <linux/rhashtable.h>

#include "chan.h"
#include "leg.h"

/*
 * The operator chooses the addresses in the table, so that those of IPv4 need no
 * more than being spread: two multiplications.
 */
static inline u32 chan_hash(const void *data, u32 len, u32 seed)
{
	const struct e2ae_sockaddr *key = data;
	u64 x;

	if (key->family != AF_INET)
		return jhash(key, sizeof(*key), seed);
	x = (u64)(__force u32)key->addr.ip << 16 | (__force u16)key->port;
	x = (x + seed) * GOLDEN_RATIO_64;
	x ^= x >> 32;
	return x * GOLDEN_RATIO_64 >> 32;
}

static inline int chan_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct e2ae_chan *chan = obj;

	/* The hints, if it is the one; see warm.h. */
	prefetch((const char *)obj + L1_CACHE_BYTES);
	return !e2ae_sockaddr_equal(arg->key, &chan->local);
}

static const struct rhashtable_params chan_params = {
	.head_offset = offsetof(struct e2ae_chan, node),
	.key_offset = offsetof(struct e2ae_chan, local),
	.key_len = sizeof(struct e2ae_sockaddr),
	.hashfn = chan_hash,
	.obj_cmpfn = chan_cmp,
	.automatic_shrinking = true,
};

/**
 * e2ae_chan_net_init() - make the table of channels
 * @en: namespace
 *
 * Return: 0 or a negative errno.
 */
int e2ae_chan_net_init(struct e2ae_net *en)
{
	return rhashtable_init(&en->chans, &chan_params);
}

/**
 * e2ae_chan_net_exit() - free the table; it is empty
 * @en: namespace
 */
void e2ae_chan_net_exit(struct e2ae_net *en)
{
	rhashtable_destroy(&en->chans);
	bitmap_free(en->ports);
}

/* Remembers that a port may be ours. */
static int note_port(struct e2ae_net *en, __be16 port)
{
	unsigned long *ports = en->ports;

	if (!ports) {
		ports = bitmap_zalloc(U16_MAX + 1, GFP_KERNEL_ACCOUNT);
		if (!ports)
			return -ENOMEM;
		/* Who sees it sees it empty. */
		smp_store_release(&en->ports, ports);
	}
	set_bit(ntohs(port), ports);
	return 0;
}

/**
 * e2ae_chan_list() - let packets find a channel
 * @en: namespace
 * @chan: channel with its local address set
 *
 * Context: Process, en->lock held.
 * Return: 0, -EEXIST if the address and port are taken, -ENOMEM.
 */
int e2ae_chan_list(struct e2ae_net *en, struct e2ae_chan *chan)
{
	int err = note_port(en, chan->local.port);

	if (!err)
		err = rhashtable_lookup_insert_fast(&en->chans, &chan->node,
						    chan_params);
	chan->listed = !err;
	return err;
}

/**
 * e2ae_chan_unlist() - undo e2ae_chan_list(), if it was done
 * @en: namespace
 * @chan: channel
 *
 * Context: Process, en->lock held.
 */
void e2ae_chan_unlist(struct e2ae_net *en, struct e2ae_chan *chan)
{
	if (chan->listed)
		rhashtable_remove_fast(&en->chans, &chan->node, chan_params);
	chan->listed = false;
}

/**
 * e2ae_chan_find() - whose address is it?
 * @en: namespace
 * @local: destination of a packet; of an IPv4 address no more is read
 *
 * Context: RCU held.
 * Return: the channel or NULL.
 */
struct e2ae_chan *e2ae_chan_find(struct e2ae_net *en,
				 const struct e2ae_sockaddr *local)
{
	return rhashtable_lookup(&en->chans, local, chan_params);
}

/* The bucket in which an address would be. */
static struct rhash_lock_head __rcu *const *
bucket_of(struct e2ae_net *en, const struct e2ae_sockaddr *local)
{
	const struct bucket_table *tbl =
		rht_dereference_rcu(en->chans.tbl, &en->chans);

	return rht_bucket(tbl,
			  rht_key_hashfn(&en->chans, tbl, local, chan_params));
}

/**
 * e2ae_chan_warm_bucket() - ask the memory for where an address would be
 * @en: namespace
 * @local: the address
 *
 * Context: RCU held.
 */
void e2ae_chan_warm_bucket(struct e2ae_net *en,
			   const struct e2ae_sockaddr *local)
{
	prefetch(bucket_of(en, local));
}

/**
 * e2ae_chan_warm() - ask the memory for the channel that is found first there
 * @en: namespace
 * @local: the address; some time after e2ae_chan_warm_bucket()
 *
 * Context: RCU held.
 */
void e2ae_chan_warm(struct e2ae_net *en, const struct e2ae_sockaddr *local)
{
	struct rhash_head *he = rht_ptr_rcu(bucket_of(en, local));
	const char *chan;

	if (rht_is_a_nulls(he))
		return;
	chan = rht_obj(&en->chans, he);
	prefetch(chan);
	/* The hints; see warm.h. */
	prefetch(chan + L1_CACHE_BYTES);
}
