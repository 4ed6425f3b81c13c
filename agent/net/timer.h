/* SPDX-License-Identifier: GPL-2.0 */
/* Timers of what has many deadlines, of which most are moved before they come. */
#ifndef E2AE_NET_TIMER_H
#define E2AE_NET_TIMER_H

#include <stdint.h>

#include <event2/event.h>

/**
 * net_timer_by() - see to it that a timer is early enough
 * @timer: the timer
 * @armed: when it fires, ms; 0 while it is not pending, as its callback sets it
 * @now: what time it is, ms
 * @at: the next deadline, ms
 *
 * The timer is not moved to later times: it looks again when it fires. What is
 * pending, if anything, stays when this fails.
 */
static inline void net_timer_by(struct event *timer, int64_t *armed,
				int64_t now, int64_t at)
{
	int64_t wait = at > now ? at - now : 0;
	struct timeval tv = { wait / 1000, wait % 1000 * 1000 };

	if (*armed && *armed <= at)
		return;
	if (!event_add(timer, &tv))
		*armed = at;
}

#endif
