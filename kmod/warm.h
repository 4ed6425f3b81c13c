/* SPDX-License-Identifier: GPL-2.0 */
/*
 * With many streams nothing of a packet's own is in a cache, and waiting for one
 * line after the other, each of which says where the next is, would cost more
 * than all work on the packet. So a leg remembers where the last packet found
 * everything, and asks the memory for all of it at once.
 */
#ifndef E2AE_WARM_H
#define E2AE_WARM_H

#include <linux/cache.h>
#include <linux/prefetch.h>

#include "stream.h"

/* So many streams find place in a cache, and asking would cost for nothing. */
#define E2AE_WARM_FROM 128

static inline void e2ae_warm_lines(const void *from, u32 lines)
{
	for (; lines; lines >>= 1, from += L1_CACHE_BYTES)
		if (lines & 1)
			prefetch(from);
}

/**
 * e2ae_warm() - ask for what a packet will need
 * @en: namespace
 * @chan: channel it came to; its first line is here, the hints come
 */
static inline void e2ae_warm(const struct e2ae_net *en,
			     const struct e2ae_chan *chan)
{
	struct e2ae_leg *leg = chan->leg;
	const struct e2ae_leg *other = leg->side ? leg - 1 : leg + 1;
	const struct e2ae_hints *hints = &leg->hints;

	if (likely(READ_ONCE(en->n_streams) < E2AE_WARM_FROM))
		return;
	e2ae_warm_lines(READ_ONCE(hints->tfm), READ_ONCE(leg->key_lines));
	prefetch(rcu_access_pointer(chan->path));
	prefetchw(&leg->flow);
	prefetch(other);
	if (!READ_ONCE(hints->path))
		return;
	prefetch(READ_ONCE(hints->path));
	if (!READ_ONCE(hints->sa))
		return;
	e2ae_warm_lines(READ_ONCE(hints->sa), 0x3);
	if (!leg->secure)
		prefetch(&other->out);
	prefetch(READ_ONCE(hints->ctxs));
	e2ae_warm_lines(READ_ONCE(hints->ctx) + E2AE_CTX_HOT, 0x3);
}

void e2ae_warm_learn_sa(struct e2ae_leg *leg, const struct e2ae_sa *sa);

/**
 * e2ae_warm_learn() - remember where a packet found things
 * @leg: leg it came to
 * @path: it leaves by
 * @p: the packet
 *
 * RTCP is rare, and leaves the hints to RTP.
 */
static inline void e2ae_warm_learn(struct e2ae_leg *leg,
				   const struct e2ae_path *path,
				   const struct e2ae_pkt *p)
{
	struct e2ae_hints *hints = &leg->hints;

	if (likely(READ_ONCE(hints->path) == path &&
		   READ_ONCE(hints->ctx) == p->ctx &&
		   READ_ONCE(hints->sa) == p->sa) ||
	    p->rtcp)
		return;
	WRITE_ONCE(hints->path, path);
	WRITE_ONCE(hints->ctx, p->ctx);
	if (READ_ONCE(hints->sa) != p->sa)
		e2ae_warm_learn_sa(leg, p->sa);
}

#endif
