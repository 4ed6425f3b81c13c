// SPDX-License-Identifier: GPL-2.0
/* A session: its life, its time, and what is told of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../net/timer.h"
#include "inner.h"

#define HALF_MS	 (30 * 1000) /* without an octet, when one direction has ended */

#define DRAIN_MS 20
#define QUIET	 2 /* times that nothing was unsent */

static int64_t sooner(int64_t a, int64_t b)
{
	return b && b < a ? b : a;
}

/*
 * A peer that has ended its direction may vanish unseen: the socket is not
 * waited for any more. So the other one has to go on, or is over soon.
 */
static int64_t idle_limit(const struct msrp_session *session)
{
	int64_t idle = session->msrp->limits.idle;
	bool half = session->flow[MSRP_ACCESS].shut ||
		    session->flow[MSRP_CORE].shut;

	return half && idle > HALF_MS ? HALF_MS : idle;
}

/* When something has to be done, or have been done. */
static int64_t deadline(const struct msrp_session *session)
{
	const struct msrp_limits *limits = &session->msrp->limits;
	const struct msrp_hand *hand = TAILQ_FIRST(&session->hands);
	int64_t at = session->began + limits->connect;
	enum msrp_side side;

	if (session->state == MSRP_FLOWING) {
		at = sooner(session->began + limits->total,
			    session->last + idle_limit(session));
		return sooner(at, session->drain_at);
	}
	for (side = 0; side < MSRP_SIDES; side++) {
		at = sooner(at, session->dial[side].at);
		at = sooner(at, session->door[side].at);
	}
	/* The first is the oldest. */
	return hand ? sooner(at, hand->began + limits->handshake) : at;
}

/**
 * msrp_session_watch() - see to it that the timer is early enough
 * @session: the session
 */
void msrp_session_watch(struct msrp_session *session)
{
	if (session->state != MSRP_LISTENING)
		net_timer_by(&session->timer, &session->timer_at, clock_ms(),
			     deadline(session));
}

/* Tries again where it is time to: 0 or an error. */
static void resume(struct msrp_session *session, int64_t now)
{
	enum msrp_side side;

	for (side = 0; side < MSRP_SIDES; side++) {
		if (session->dial[side].at && session->dial[side].at <= now &&
		    msrp_dial(session, side))
			msrp_dial_again(session, side);
		if (session->door[side].at && session->door[side].at <= now)
			msrp_door_watch(session, side);
	}
}

static void on_time_connecting(struct msrp_session *session, int64_t now)
{
	const struct msrp_limits *limits = &session->msrp->limits;
	struct msrp_hand *hand;

	if (now >= session->began + limits->connect) {
		msrp_session_over(session, "connect");
		return;
	}
	while ((hand = TAILQ_FIRST(&session->hands)) &&
	       now >= hand->began + limits->handshake) {
		msrp_refused(session);
		if (!hand->server) {
			msrp_session_over(session, "handshake");
			return;
		}
		msrp_hand_free(hand);
	}
	resume(session, now);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct msrp_session *session = arg;
	const struct msrp_limits *limits = &session->msrp->limits;
	int64_t now = clock_ms();

	(void)fd;
	(void)what;
	session->timer_at = 0;
	if (session->state == MSRP_CONNECTING)
		on_time_connecting(session, now);
	else if (session->state == MSRP_FLOWING &&
		 now >= session->began + limits->total)
		msrp_session_over(session, "total");
	else if (session->state == MSRP_FLOWING &&
		 now >= session->last + idle_limit(session))
		msrp_session_over(session, "idle");
	else if (session->state == MSRP_FLOWING && session->drain_at &&
		 now >= session->drain_at)
		msrp_session_finish(session);
	msrp_session_watch(session);
}

/* One at a time, and nothing of the session is touched after it. */
static void on_news(evutil_socket_t fd, short what, void *arg)
{
	struct msrp_session *session = arg;
	const char *why = session->over;

	(void)fd;
	(void)what;
	if (session->up) {
		session->up = false;
		if (why)
			event_active(&session->news, EV_TIMEOUT, 0);
		session->told(session->arg, MSRP_UP, "up");
	} else if (why) {
		session->over = NULL;
		session->told(session->arg, MSRP_OVER, why);
	}
}

static void enter(struct msrp_session *session, enum msrp_state state)
{
	session->state = state;
	session->began = clock_ms();
	session->last = session->began;
	session->drain_at = 0;
	session->quiet = 0;
	event_del(&session->timer);
	session->timer_at = 0;
	msrp_session_watch(session);
}

/* Everything but the doors. */
static void disconnect(struct msrp_session *session)
{
	enum msrp_side side;

	if (session->state == MSRP_FLOWING) {
		session->counts.up = 0;
		session->msrp->counts.up--;
	}
	msrp_hands_free(session);
	for (side = 0; side < MSRP_SIDES; side++) {
		msrp_dial_stop(session, side);
		msrp_flow_free(session, side);
		msrp_end_close(&session->end[side]);
	}
	enter(session, MSRP_LISTENING);
}

/**
 * msrp_session_over() - close the connections of a session
 * @session: the session, started
 * @why: a word for the log
 *
 * It is told from the event loop.
 */
void msrp_session_over(struct msrp_session *session, const char *why)
{
	enum msrp_side side;

	disconnect(session);
	for (side = 0; side < MSRP_SIDES; side++) {
		msrp_door_close(session, side);
		/* If not, msrp_session_start() says why. */
		msrp_door_open(session, side);
	}
	session->over = why;
	event_active(&session->news, EV_TIMEOUT, 0);
}

/**
 * msrp_session_finish() - both directions have ended
 * @session: the session; its connections are closed when all is sent
 *
 * A socket that is closed forgets records that its kTLS could not give to TCP
 * yet. There is no way to ask for them but that TCP has nothing to send, and
 * still has nothing a moment later.
 */
void msrp_session_finish(struct msrp_session *session)
{
	const struct msrp_end *end = &session->end[MSRP_ACCESS];

	session->quiet = msrp_end_sent(end) ? session->quiet + 1 : 0;
	if (!end->kernel || session->quiet == QUIET) {
		msrp_session_over(session, "closed");
		return;
	}
	session->drain_at = clock_ms() + DRAIN_MS;
	msrp_session_watch(session);
}

/**
 * msrp_session_arrived() - a leg is connected
 * @session: the session; perhaps its connections are closed after it
 */
void msrp_session_arrived(struct msrp_session *session)
{
	enum msrp_side side;
	int err = 0;

	for (side = 0; side < MSRP_SIDES; side++) {
		if (session->end[side].fd >= 0)
			msrp_door_close(session, side);
	}
	if (session->end[MSRP_ACCESS].fd < 0 || session->end[MSRP_CORE].fd < 0)
		return;
	enter(session, MSRP_FLOWING);
	session->counts.up = 1;
	session->msrp->counts.up++;
	for (side = 0; side < MSRP_SIDES && !err; side++)
		err = msrp_flow_init(session, side);
	if (err) {
		msrp_session_over(session, "memory");
		return;
	}
	session->up = true;
	event_active(&session->news, EV_TIMEOUT, 0);
	msrp_flow_run(session, MSRP_ACCESS);
	msrp_flow_run(session, MSRP_CORE);
}

/**
 * msrp_refused() - count a connection that was refused
 * @session: the session
 */
void msrp_refused(struct msrp_session *session)
{
	session->counts.refused++;
	session->msrp->counts.refused++;
}

static int keep_keys(struct msrp_session *session, const struct msrp_key *keys,
		     unsigned int n)
{
	size_t len;
	unsigned int i;

	session->keys = OPENSSL_zalloc(MSRP_KEYS_MAX * sizeof(*keys));
	if (!session->keys)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		len = strnlen(keys[i].identity, MSRP_IDENTITY_ROOM);
		if (!len || len == MSRP_IDENTITY_ROOM)
			return -EINVAL;
		session->keys[i] = keys[i];
		/* They are compared with all that follows. */
		memset(session->keys[i].identity + len, 0,
		       MSRP_IDENTITY_ROOM - len);
	}
	session->n_keys = n;
	return 0;
}

/**
 * msrp_session_new() - prepare a session, and listen
 * @session: set to it
 * @msrp: whose
 * @local: own addresses, by side
 * @keys: pre-shared keys, the one to connect with first; copied
 * @n_keys: how many, at most MSRP_KEYS_MAX
 * @told: what is told of it, from the event loop only
 * @arg: of @told
 *
 * Return: 0; -EINVAL for keys that are none; -EUSERS if there are too many
 * sessions; -ENOMEM; or what the system says of the addresses.
 */
int msrp_session_new(struct msrp_session **session, struct msrp *msrp,
		     const struct net_addr local[MSRP_SIDES],
		     const struct msrp_key *keys, unsigned int n_keys,
		     msrp_event_fn *told, void *arg)
{
	struct msrp_session *s;
	enum msrp_side side;
	int err;

	if (!n_keys || n_keys > MSRP_KEYS_MAX)
		return -EINVAL;
	if (msrp->counts.sessions >= msrp->limits.sessions)
		return -EUSERS;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->msrp = msrp;
	s->told = told;
	s->arg = arg;
	s->counts.sessions = 1;
	s->counts.version = "";
	s->counts.cipher = "";
	TAILQ_INIT(&s->hands);
	evtimer_assign(&s->timer, msrp->base, on_time, s);
	evtimer_assign(&s->news, msrp->base, on_news, s);
	for (side = 0; side < MSRP_SIDES; side++) {
		msrp_end_init(s, side);
		msrp_dial_init(s, side);
		msrp_door_init(s, side, &local[side]);
	}
	TAILQ_INSERT_TAIL(&msrp->sessions, s, all);
	msrp->counts.sessions++;
	err = keep_keys(s, keys, n_keys);
	for (side = 0; side < MSRP_SIDES && !err; side++)
		err = msrp_door_open(s, side);
	if (err)
		msrp_session_end(s);
	else
		*session = s;
	return err;
}

/* Connects on one side, or looks at who has. */
static int begin(struct msrp_session *session, enum msrp_side side)
{
	if (!session->plan.leg[side].connect)
		return msrp_door_open(session, side) ?:
			       msrp_door_watch(session, side);
	msrp_door_close(session, side);
	/* It is tried again as if the peer had refused. */
	if (msrp_dial(session, side))
		msrp_dial_again(session, side);
	return 0;
}

/**
 * msrp_session_start() - connect as offer and answer say
 * @session: the session
 * @leg: both sides; copied
 * @cema: both peers can CEMA (RFC 6714)
 *
 * What says the same as before changes nothing while the session is connected or
 * connecting. Else connections that there are get closed, without being told,
 * and new ones are made. Each call stands for an exchange of offer and answer,
 * without which a lost session is not made again (RFC 4975, 5.4): so it makes
 * the identities good for one more handshake.
 *
 * Return: 0; -EINVAL for what cannot be; -ENOMEM; or what the system says of
 * our addresses. The session is not started then.
 */
int msrp_session_start(struct msrp_session *session,
		       const struct msrp_leg leg[MSRP_SIDES], bool cema)
{
	struct msrp_plan plan;
	enum msrp_side side;
	int err;

	if (session->state != MSRP_LISTENING &&
	    msrp_plan_same(&session->plan, leg, cema))
		return 0;
	err = msrp_plan_copy(&plan, leg, cema);
	if (err)
		return err;
	disconnect(session);
	msrp_plan_free(&session->plan);
	session->plan = plan;
	session->spent = false;
	session->up = false;
	session->over = NULL;
	enter(session, MSRP_CONNECTING);
	for (side = 0; side < MSRP_SIDES && !err; side++)
		err = begin(session, side);
	if (err)
		disconnect(session);
	return err;
}

/**
 * msrp_session_counts() - what a session has done
 * @session: the session
 * @counts: set to it
 */
void msrp_session_counts(const struct msrp_session *session,
			 struct msrp_counts *counts)
{
	*counts = session->counts;
}

/**
 * msrp_session_end() - end a session
 * @session: the session; it is gone after it, and nothing is told any more
 */
void msrp_session_end(struct msrp_session *session)
{
	enum msrp_side side;

	disconnect(session);
	for (side = 0; side < MSRP_SIDES; side++)
		msrp_door_close(session, side);
	event_del(&session->timer);
	event_del(&session->news);
	msrp_plan_free(&session->plan);
	OPENSSL_clear_free(session->keys,
			   MSRP_KEYS_MAX * sizeof(*session->keys));
	TAILQ_REMOVE(&session->msrp->sessions, session, all);
	session->msrp->counts.sessions--;
	free(session);
}
