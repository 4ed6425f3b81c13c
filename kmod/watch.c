// SPDX-License-Identifier: GPL-2.0
/* What time brings: media timeouts, and the end of a replaced receive SA. */
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "leg.h"
#include "netlink.h"
#include "watch.h"

#define WATCH_PERIOD (HZ / 4)
/* Streams looked at in one go, for others want the lock too. */
#define WATCH_SLICE  2048

static bool needs_watch(const struct e2ae_stream *stream)
{
	return stream->timeout || rcu_access_pointer(stream->leg[0].old_in) ||
	       rcu_access_pointer(stream->leg[1].old_in);
}

/**
 * e2ae_leg_forget_old() - let go of the receive SA before the last change
 * @leg: the leg
 *
 * Context: Process, en->lock held.
 */
void e2ae_leg_forget_old(struct e2ae_leg *leg)
{
	struct e2ae_net *en = leg->stream->en;
	struct e2ae_sa *old;

	old = rcu_replace_pointer(leg->old_in, NULL,
				  lockdep_is_held(&en->lock));
	if (old)
		e2ae_sa_release(old);
}

static void watch_leg(struct e2ae_leg *leg)
{
	u64 limit = (u64)leg->stream->timeout * HZ;

	if (rcu_access_pointer(leg->old_in) &&
	    time_after_eq(jiffies, leg->old_until))
		e2ae_leg_forget_old(leg);
	if (!limit || READ_ONCE(leg->silent) || e2ae_leg_idle(leg) < limit)
		return;
	/* In this order: the next packet tells that it is over. */
	e2ae_notify_media(leg, false);
	WRITE_ONCE(leg->silent, true);
}

/*
 * A slice comes round the sooner the more streams there are, but never without
 * a rest.
 */
static void arm(struct e2ae_net *en)
{
	u32 slices = DIV_ROUND_UP(en->n_watched, WATCH_SLICE);

	if (slices)
		schedule_delayed_work(&en->watch,
				      max(WATCH_PERIOD / slices, 1U));
}

static void watch_work(struct work_struct *work)
{
	struct e2ae_net *en =
		container_of(to_delayed_work(work), struct e2ae_net, watch);
	struct e2ae_stream *stream;
	u32 n;

	mutex_lock(&en->lock);
	for (n = min_t(u32, en->n_watched, WATCH_SLICE); n; n--) {
		stream = list_first_entry(&en->watched, struct e2ae_stream,
					  watched);
		watch_leg(&stream->leg[0]);
		watch_leg(&stream->leg[1]);
		if (needs_watch(stream))
			list_move_tail(&stream->watched, &en->watched);
		else
			e2ae_watch_stop(stream);
	}
	arm(en);
	mutex_unlock(&en->lock);
}

/**
 * e2ae_watch_update() - watch a stream if there is something to wait for
 * @stream: the stream
 *
 * Context: Process, en->lock held.
 */
void e2ae_watch_update(struct e2ae_stream *stream)
{
	struct e2ae_net *en = stream->en;

	if (!needs_watch(stream) || !list_empty(&stream->watched))
		return;
	list_add_tail(&stream->watched, &en->watched);
	en->n_watched++;
	arm(en);
}

/**
 * e2ae_watch_stop() - watch a stream no longer
 * @stream: the stream
 *
 * Context: Process, en->lock held.
 */
void e2ae_watch_stop(struct e2ae_stream *stream)
{
	if (list_empty(&stream->watched))
		return;
	list_del_init(&stream->watched);
	stream->en->n_watched--;
}

/**
 * e2ae_watch_net_init() - prepare the watch of a namespace
 * @en: namespace
 */
void e2ae_watch_net_init(struct e2ae_net *en)
{
	INIT_LIST_HEAD(&en->watched);
	INIT_DELAYED_WORK(&en->watch, watch_work);
}

/**
 * e2ae_watch_net_exit() - end the watch of a namespace without streams
 * @en: namespace
 *
 * Context: Process, en->lock not held.
 */
void e2ae_watch_net_exit(struct e2ae_net *en)
{
	cancel_delayed_work_sync(&en->watch);
}
