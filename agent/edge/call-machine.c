// SPDX-License-Identifier: GPL-2.0
/*
 * The states of a call: what may follow on what, and how long each may last. A
 * state without a limit ends with its registration at the latest.
 */
#include <string.h>

#include "call-inner.h"

#define SECONDS_TIMER_C 185 /* more than 3 minutes (RFC 3261, 16.6) */
#define SECONDS_GRACE	5
#define SECONDS_ADOPTED 7200
#define SECONDS_OWING	600

/* How the limit of a state is reckoned. */
enum limit {
	LIMIT_NONE,
	LIMIT_TIMER_C,
	LIMIT_TRANSACTION, /* 64*T1 */
	LIMIT_TWO, /* of a transaction that follows on one that runs out */
	LIMIT_SESSION, /* the session timer, if there is one */
	LIMIT_ADOPTED,
	LIMIT_OWING,
};

static void give_up(struct call *call);
static void no_ack(struct call *call);
static void no_refresh(struct call *call);
static void forget(struct call *call);

static const struct {
	const char *name;
	enum limit limit;
	void (*late)(struct call *call);
	enum call_state next[CALL_EVENTS];
} states[CALL_STATES] = {
	[CALL_NOWHERE] = { "none", LIMIT_NONE, NULL, { 0 } },
	[CALL_INVITED] = {
		"invited", LIMIT_TIMER_C, give_up,
		{ [CALL_RINGS] = CALL_EARLY,
		  [CALL_CANCELS] = CALL_CANCELLED,
		  [CALL_ACCEPTS] = CALL_ANSWERED,
		  [CALL_ENDS] = CALL_OVER },
	},
	[CALL_EARLY] = {
		"early", LIMIT_TIMER_C, give_up,
		{ [CALL_RINGS] = CALL_EARLY,
		  [CALL_CANCELS] = CALL_CANCELLED,
		  [CALL_ACCEPTS] = CALL_ANSWERED,
		  [CALL_ENDS] = CALL_OVER },
	},
	/* A 2xx may have crossed the CANCEL (RFC 3261, 9.1). */
	[CALL_CANCELLED] = {
		"cancelled", LIMIT_TWO, forget,
		{ [CALL_RINGS] = CALL_CANCELLED,
		  [CALL_CANCELS] = CALL_CANCELLED,
		  [CALL_ACCEPTS] = CALL_ANSWERED,
		  [CALL_ENDS] = CALL_OVER },
	},
	[CALL_ANSWERED] = {
		"answered", LIMIT_TRANSACTION, no_ack,
		{ [CALL_CONFIRMS] = CALL_UP,
		  [CALL_LEAVES] = CALL_LEAVING,
		  [CALL_ENDS] = CALL_OVER },
	},
	[CALL_UP] = {
		"up", LIMIT_SESSION, no_refresh,
		{ [CALL_CONFIRMS] = CALL_UP,
		  [CALL_LEAVES] = CALL_LEAVING,
		  [CALL_ENDS] = CALL_OVER },
	},
	/* Either side has sent BYE, so the ACK does not matter any more. */
	[CALL_LEAVING] = {
		"leaving", LIMIT_TWO, forget,
		{ [CALL_CONFIRMS] = CALL_LEAVING,
		  [CALL_LEAVES] = CALL_LEAVING,
		  [CALL_STAYS] = CALL_UP,
		  [CALL_ENDS] = CALL_OVER },
	},
	[CALL_ADOPTED] = {
		"adopted", LIMIT_ADOPTED, forget,
		{ [CALL_LEAVES] = CALL_LEAVING,
		  [CALL_CONFIRMS] = CALL_ADOPTED,
		  [CALL_OWES] = CALL_OWING,
		  [CALL_ENDS] = CALL_OVER },
	},
	[CALL_OWING] = {
		"owing", LIMIT_OWING, forget,
		{ [CALL_ENDS] = CALL_OVER },
	},
	[CALL_OVER] = { "over", LIMIT_NONE, NULL, { 0 } },
};

/**
 * call_state_name() - a word for a state
 * @state: the state
 *
 * Return: the word, static.
 */
const char *call_state_name(enum call_state state)
{
	return states[state].name;
}

/* Nobody took the call in time: CANCEL, and 408 for the caller. */
static void give_up(struct call *call)
{
	call_end(call, &call_why_timer);
}

/* RFC 3261, 13.3.1.4: the callee ends such a call, and so do we. */
static void no_ack(struct call *call)
{
	call_end(call, &call_why_ack);
}

static void no_refresh(struct call *call)
{
	call_end(call, &call_why_session);
}

static void forget(struct call *call)
{
	call_over(call, states[call->state].name);
}

static uint64_t limit_ms(const struct call *call)
{
	uint64_t t64 = 64ULL * call->table->edge->config->t1;

	switch (states[call->state].limit) {
	case LIMIT_TIMER_C:
		return SECONDS_TIMER_C * 1000;
	case LIMIT_TRANSACTION:
		return t64;
	case LIMIT_TWO:
		return 2 * t64 + SECONDS_GRACE * 1000;
	case LIMIT_SESSION:
		return call->expires ? call->expires * 1000ULL + t64 : 0;
	case LIMIT_ADOPTED:
		return SECONDS_ADOPTED * 1000;
	case LIMIT_OWING:
		return SECONDS_OWING * 1000;
	default:
		return 0;
	}
}

/**
 * call_clock() - let the time of the present state begin anew
 * @call: the call
 */
void call_clock(struct call *call)
{
	uint64_t ms = limit_ms(call);
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	evtimer_del(&call->timer);
	if (ms)
		evtimer_add(&call->timer, &tv);
}

/**
 * call_timer_fired() - the time of a state has run out
 * @fd: nothing
 * @what: nothing
 * @arg: the call
 */
void call_timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd;
	(void)what;
	if (states[call->state].late)
		states[call->state].late(call);
}

/**
 * call_step() - go on to the state that follows
 * @call: the call
 * @event: what happened
 *
 * A provisional response starts timer C anew (RFC 3261, 16.7, 2); the clock of
 * a call that is up is that of its session timer, and only call_session() sets
 * it back.
 *
 * Return: whether the event may happen in the present state; if not, nothing
 * changed.
 */
bool call_step(struct call *call, enum call_event event)
{
	enum call_state next = states[call->state].next[event];
	bool stays = next == call->state;

	if (next == CALL_NOWHERE)
		return false;
	call->state = next;
	if (!stays || event == CALL_RINGS)
		call_clock(call);
	return true;
}
