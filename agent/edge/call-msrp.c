// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of the sessions of MSRP in calls. One that is over does not end
 * its call: either end may offer another connection (RFC 4975, 5.4 and 8.4).
 * Only a call that has nothing else, and gets nothing else for as long as media
 * may be silent, ends.
 */
#include <string.h>

#include "call-inner.h"

static bool is_timeout(const char *why)
{
	return !strcmp(why, "connect") || !strcmp(why, "idle") ||
	       !strcmp(why, "total");
}

static void tell_up(const struct call *call, unsigned int number)
{
	struct oa_line line = oa_line(call->oa, number - 1);
	struct msrp_counts counts = { .version = "", .cipher = "" };

	oa_line_counts(call->oa, number - 1, &counts);
	metric_add(METRIC_MSRP_UP);
	log_event(LOG_LEVEL_INFO, call->call_id, "msrp.up",
		  "line=%u tls=%s cipher=%s records=%s messages=%s", number,
		  counts.version, counts.cipher,
		  counts.kernel_in && counts.kernel_out ? "kernel" : "process",
		  line.cema ? "spliced" : "rewritten");
}

static void tell_over(const struct call *call, unsigned int number,
		      const char *why)
{
	struct msrp_counts counts = { 0 };

	oa_line_counts(call->oa, number - 1, &counts);
	metric_add(METRIC_MSRP_OVER);
	if (is_timeout(why))
		metric_add(METRIC_MSRP_TIMEOUTS);
	log_event(LOG_LEVEL_INFO, call->call_id, "msrp.over",
		  "line=%u why=%s in=%llu out=%llu refused=%llu", number, why,
		  (unsigned long long)counts.octets[MSRP_ACCESS],
		  (unsigned long long)counts.octets[MSRP_CORE],
		  (unsigned long long)counts.refused);
}

/* Nothing came in the place of what is over. */
static void quiet(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd;
	(void)what;
	if (call->state == CALL_UP && call_is_dead(call))
		call_end(call, &call_why_media);
}

/**
 * call_msrp_init() - prepare the clock of a call's sessions
 * @call: the call, in a table
 */
void call_msrp_init(struct call *call)
{
	evtimer_assign(&call->quiet, call->table->edge->base, quiet, call);
}

/**
 * call_msrp_told() - something happened to a session of MSRP
 * @owner: the call
 * @number: m-line, from 1
 * @state: what it is in
 * @why: a word
 */
void call_msrp_told(void *owner, unsigned int number, enum oa_session state,
		    const char *why)
{
	struct call *call = owner;
	const struct config *config = call->table->edge->config;
	struct timeval wait = { config->media_timeout, 0 };

	if (!call->oa)
		return;
	if (state == OA_SESSION_UP) {
		tell_up(call, number);
		return;
	}
	tell_over(call, number, why);
	if (config->end_silent && config->media_timeout)
		evtimer_add(&call->quiet, &wait);
}
