// SPDX-License-Identifier: GPL-2.0
/* Octets from one leg to the other, through this process. */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

#define OUT_ROOM (32 * 1024) /* rewritten octets that may wait */
#define RECORD	 (16 * 1024)
#define LONGER	 512 /* octets by which other paths may make a read longer */

/* Do octets wait for the receiver? */
static bool waits(const struct msrp_flow *flow)
{
	return net_buffer_left(&flow->out) || flow->held;
}

/* Does anything, be it the end? */
static bool wants_to_send(const struct msrp_flow *flow)
{
	return waits(flow) || (flow->ended && !flow->shut);
}

/**
 * msrp_flow_moved() - octets were passed on
 * @session: the session
 * @from: where they came from
 * @len: how many
 */
void msrp_flow_moved(struct msrp_session *session, enum msrp_side from,
		     size_t len)
{
	session->last = clock_ms();
	session->counts.octets[from] += len;
	session->msrp->counts.octets[from] += len;
}

/* 0 if nothing waits any more, else -EAGAIN or an error. */
static int push(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	struct net_buffer *out = &flow->out;
	ssize_t n;

	while (net_buffer_left(out)) {
		n = msrp_end_write(flow->to, out->data + out->at,
				   net_buffer_left(out));
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return (int)n ?: -EPIPE;
		net_buffer_take(out, (size_t)n);
		msrp_flow_moved(session, from, (size_t)n);
	}
	net_buffer_free(out);
	return 0;
}

/* Passes octets on as they are; what the receiver does not take waits. */
static int pass(struct msrp_session *session, enum msrp_side from,
		const char *data, size_t len)
{
	struct msrp_flow *flow = &session->flow[from];
	ssize_t n;

	while (len) {
		n = msrp_end_write(flow->to, data, len);
		if (n == -EAGAIN)
			return net_buffer_put(&flow->out, data, len);
		if (n < 0 && n != -EINTR)
			return (int)n;
		if (n < 0)
			continue;
		msrp_flow_moved(session, from, (size_t)n);
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Rewrites as much as may wait; the rest stays as it is until there is room. */
static int rewrite(struct msrp_flow *flow, const char *data, size_t len)
{
	bool own = data == flow->in.data + flow->in.at;
	ssize_t n =
		msrp_rewrite(flow->rewrite, data, len, &flow->out, OUT_ROOM);

	if (n < 0)
		return (int)n;
	if (!own)
		return (size_t)n == len ? 0 :
					  net_buffer_put(&flow->in, data + n,
							 len - (size_t)n);
	net_buffer_take(&flow->in, (size_t)n);
	if (!net_buffer_left(&flow->in))
		net_buffer_free(&flow->in);
	return 0;
}

/* Reads once and passes on: octets, 0 at the end, or negative errno. */
static ssize_t step(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	char *scratch = session->msrp->scratch;
	size_t room = MSRP_SCRATCH;
	ssize_t n;
	int err;

	/* A record is work however short it is: none for what is left over. */
	if (from == MSRP_CORE)
		room = flow->rewrite ? RECORD - LONGER : RECORD;
	n = msrp_end_read(flow->from, scratch, room);
	if (n <= 0)
		return n;
	err = flow->rewrite ? rewrite(flow, scratch, (size_t)n) :
			      pass(session, from, scratch, (size_t)n);
	OPENSSL_cleanse(scratch, (size_t)n);
	return err ?: n;
}

/* As much as a turn may do: 0, or an error that ends the session. */
static int copy_turn(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	size_t done = 0;
	ssize_t n;
	int err;

	for (;;) {
		if (flow->rewrite)
			msrp_rewrite_answers(flow->rewrite, &flow->out);
		err = push(session, from);
		if (err)
			return err == -EAGAIN ? 0 : err;
		if (net_buffer_left(&flow->in)) {
			err = rewrite(flow, flow->in.data + flow->in.at,
				      net_buffer_left(&flow->in));
			if (err)
				return err;
			continue;
		}
		if (flow->ended || done >= MSRP_TURN)
			return 0;
		n = step(session, from);
		if (n == -EAGAIN)
			return 0;
		if (!n || n == -ENODATA) {
			flow->ended = true;
			flow->torn = n;
		} else if (n < 0 && n != -EINTR) {
			return (int)n;
		}
		/* A record without data counts too. */
		done += n > 0 ? (size_t)n : 1024;
	}
}

static bool by_splice(const struct msrp_session *session)
{
	return session->plan.cema && !session->end[MSRP_ACCESS].ssl;
}

static const char *word(int err)
{
	switch (err) {
	case -EBADMSG:
	case -EPROTO:
	case -EBUSY:
		return "record";
	case -EINVAL:
	case -ENOBUFS:
	case -EMSGSIZE:
		return "message";
	case -ENOMEM:
		return "memory";
	default:
		return "reset";
	}
}

/* What both ends wait for. */
static int settle(struct msrp_session *session)
{
	struct msrp_flow *flow;
	struct msrp_end *end;
	enum msrp_side side;
	int err = 0;

	for (side = 0; side < MSRP_SIDES && !err; side++) {
		end = &session->end[side];
		flow = &session->flow[side];
		err = msrp_end_want(&end->readable,
				    !flow->ended && !waits(flow));
		if (!err)
			err = msrp_end_want(
				&end->writable,
				end->read_wants_write ||
					wants_to_send(&session->flow[!side]));
	}
	return err;
}

/* Passes the end on: 0, or -ENODATA if it was none. */
static int shut(struct msrp_flow *flow)
{
	if (!flow->ended || waits(flow) || flow->shut)
		return 0;
	if (flow->torn ||
	    (flow->rewrite && !msrp_rewrite_between(flow->rewrite)))
		return -ENODATA;
	/* It is tried again when there is room. */
	if (msrp_end_shut(flow->to))
		return 0;
	flow->shut = true;
	/* The other peer has its time from here on, however long both were silent. */
	flow->to->session->last = clock_ms();
	msrp_session_watch(flow->to->session);
	return 0;
}

static int run(struct msrp_session *session, enum msrp_side from)
{
	return by_splice(session) ? msrp_splice_turn(session, from) :
				    copy_turn(session, from);
}

/**
 * msrp_flow_run() - let octets flow in one direction, for a bounded turn
 * @session: the session; its connections may be closed after it
 * @from: where they come from
 */
void msrp_flow_run(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = session->flow;
	int err;

	if (session->state != MSRP_FLOWING)
		return;
	err = run(session, from);
	/* What was refused here is answered there. */
	if (!err && flow[from].rewrite && !flow[!from].shut &&
	    msrp_rewrite_asks(flow[!from].rewrite))
		err = copy_turn(session, !from);
	if (err) {
		msrp_session_over(session, word(err));
		return;
	}
	if (shut(&flow[MSRP_ACCESS]) || shut(&flow[MSRP_CORE]))
		msrp_session_over(session, "torn");
	else if (settle(session))
		msrp_session_over(session, "memory");
	else if (flow[MSRP_ACCESS].shut && flow[MSRP_CORE].shut)
		msrp_session_finish(session);
}

/**
 * msrp_flow_init() - prepare a direction
 * @session: a session whose legs are there
 * @from: where octets come from; MSRP_CORE is prepared last
 *
 * Return: 0 or -ENOMEM.
 */
int msrp_flow_init(struct msrp_session *session, enum msrp_side from)
{
	const struct msrp_leg *leg = session->plan.leg;
	struct msrp_flow *flow = &session->flow[from];
	struct msrp_paths paths = { leg[from].own, leg[!from].own,
				    leg[!from].path };

	memset(flow, 0, sizeof(*flow));
	flow->from = &session->end[from];
	flow->to = &session->end[!from];
	if (session->plan.cema)
		return 0;
	flow->rewrite = msrp_rewrite_new(
		&paths, session->msrp->limits.header,
		from == MSRP_CORE ? session->flow[MSRP_ACCESS].rewrite : NULL);
	if (!flow->rewrite)
		return -ENOMEM;
	/* Whoever connects speaks first (RFC 4975, 5.4); if both peers wait, we do. */
	if (leg[MSRP_ACCESS].connect && leg[MSRP_CORE].connect)
		return msrp_rewrite_hello(flow->rewrite, &flow->out);
	return 0;
}

/**
 * msrp_flow_free() - give up what waits
 * @session: the session
 * @from: where octets came from
 */
void msrp_flow_free(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];

	net_buffer_free(&flow->in);
	net_buffer_free(&flow->out);
	msrp_splice_drop(session, from);
	msrp_rewrite_free(flow->rewrite);
	memset(flow, 0, sizeof(*flow));
}
