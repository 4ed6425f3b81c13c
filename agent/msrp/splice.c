// SPDX-License-Identifier: GPL-2.0
/* Octets from one leg to the other that this process never sees. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "inner.h"

#define PIPE_ROOM (64 * 1024)

/* A pipe is needed only while octets are in it, so few serve many sessions. */
static struct msrp_pipe *take(struct msrp *msrp)
{
	struct msrp_pipe *pipe = SLIST_FIRST(&msrp->spare);

	if (pipe) {
		SLIST_REMOVE_HEAD(&msrp->spare, next);
		msrp->n_spare--;
		return pipe;
	}
	pipe = malloc(sizeof(*pipe));
	if (pipe && pipe2(pipe->fd, O_NONBLOCK | O_CLOEXEC)) {
		free(pipe);
		pipe = NULL;
	}
	return pipe;
}

static void discard(struct msrp_pipe *pipe)
{
	close(pipe->fd[0]);
	close(pipe->fd[1]);
	free(pipe);
}

/**
 * msrp_splice_drop() - give up what a direction holds in a pipe
 * @session: the session
 * @from: where octets came from
 */
void msrp_splice_drop(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	struct msrp *msrp = session->msrp;

	if (!flow->pipe)
		return;
	if (flow->held || msrp->n_spare == MSRP_SPARE) {
		discard(flow->pipe);
	} else {
		SLIST_INSERT_HEAD(&msrp->spare, flow->pipe, next);
		msrp->n_spare++;
	}
	flow->pipe = NULL;
	flow->held = 0;
}

/**
 * msrp_pipes_free() - close the pipes that nobody uses
 * @msrp: everything
 */
void msrp_pipes_free(struct msrp *msrp)
{
	struct msrp_pipe *pipe;

	while ((pipe = SLIST_FIRST(&msrp->spare))) {
		SLIST_REMOVE_HEAD(&msrp->spare, next);
		discard(pipe);
	}
	msrp->n_spare = 0;
}

/* From the pipe into the socket: 0 if the pipe is empty. */
static int drain(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	ssize_t n;

	while (flow->held) {
		n = splice(flow->pipe->fd[0], NULL, flow->to->fd, NULL,
			   flow->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EPIPE;
		flow->held -= (size_t)n;
		msrp_flow_moved(session, from, (size_t)n);
		session->counts.spliced += (uint64_t)n;
		session->msrp->counts.spliced += (uint64_t)n;
	}
	return 0;
}

/*
 * A record that is no data does not go through a pipe (EINVAL), and the end of
 * TCP is no end of TLS: both are read. Data may have come since.
 */
static ssize_t fill_by_hand(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	char *scratch = session->msrp->scratch;
	ssize_t n = msrp_record_read(flow->from, scratch, MSRP_SCRATCH);

	if (n <= 0)
		return n;
	/* An empty pipe has room for more than a record. */
	if (write(flow->pipe->fd[1], scratch, (size_t)n) != n)
		return -EIO;
	OPENSSL_cleanse(scratch, (size_t)n);
	flow->held = (size_t)n;
	return n;
}

/* From the socket into the pipe: octets, 0 at the end, or negative errno. */
static ssize_t fill(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	ssize_t n;

	n = splice(flow->from->fd, NULL, flow->pipe->fd[1], NULL, PIPE_ROOM,
		   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0)
		flow->held += (size_t)n;
	else if (flow->from->kernel && (!n || errno == EINVAL))
		return flow->held ? -EAGAIN : fill_by_hand(session, from);
	return n < 0 ? -errno : n;
}

/*
 * Fills the pipe as far as there is something. One call takes one record of TLS
 * only, so there are several.
 */
static ssize_t fill_more(struct msrp_session *session, enum msrp_side from,
			 size_t *done)
{
	struct msrp_flow *flow = &session->flow[from];
	ssize_t n;

	do {
		n = fill(session, from);
		/* A record without data counts too. */
		*done += n > 0 ? (size_t)n : 1024;
	} while (n > 0 && flow->from->kernel && flow->held <= PIPE_ROOM / 2);
	/* What is there goes first; the rest will be told again. */
	return n < 0 && flow->held ? (ssize_t)flow->held : n;
}

/**
 * msrp_splice_turn() - let octets flow in one direction, for a bounded turn
 * @session: a session with CEMA, TLS in the kernel
 * @from: where they come from
 *
 * Return: 0, or an error that ends the session.
 */
int msrp_splice_turn(struct msrp_session *session, enum msrp_side from)
{
	struct msrp_flow *flow = &session->flow[from];
	size_t done = 0;
	ssize_t n = 0;

	if (!flow->pipe)
		flow->pipe = take(session->msrp);
	if (!flow->pipe)
		return -ENOMEM;
	for (;;) {
		n = drain(session, from);
		if (n || flow->ended || done >= MSRP_TURN)
			break;
		n = fill_more(session, from, &done);
		if (!n || n == -ENODATA) {
			flow->ended = true;
			flow->torn = n;
			n = 0;
			break;
		}
		if (n < 0 && n != -EINTR)
			break;
	}
	if (!flow->held)
		msrp_splice_drop(session, from);
	return n == -EAGAIN || n > 0 || n == -EINTR ? 0 : (int)n;
}
