// SPDX-License-Identifier: GPL-2.0
/* What goes through a connection: messages in, octets out. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "state.h"

#define GROW 2048 /* octets of room for the rest of a message, at least */

/* Octets, 0 at the end, or negative errno; -EAGAIN if there is nothing. */
static ssize_t take(struct net_conn *conn, void *data, size_t len)
{
	ssize_t n;

	if (conn->ssl)
		return net_tls_read(conn, data, len);
	n = recv(conn->fd, data, len, 0);
	return n < 0 ? -errno : n;
}

/* Octets, or negative errno; -EAGAIN if the socket takes none. */
static ssize_t give(struct net_conn *conn, const void *data, size_t len)
{
	ssize_t n;

	if (conn->ssl)
		return net_tls_write(conn, data, len);
	n = send(conn->fd, data, len, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

static void message(struct net_conn *conn, char *data, size_t len)
{
	struct net *net = conn->flow.net;

	conn->last = net_now();
	net->handlers.message(net->arg, &conn->flow, data, len);
}

static void bad(struct net_conn *conn, char *data,
		const struct sip_frame *frame)
{
	struct net *net = conn->flow.net;

	net->handlers.bad(net->arg, &conn->flow, data, frame->size,
			  &frame->error);
	net_conn_kill(conn, true);
}

/* Hands up what is whole. Handlers may end the connection. */
static void frames(struct net_conn *conn, struct net_buffer *in)
{
	enum sip_frame_kind kind;
	struct sip_frame frame;
	char *data;

	while (conn->flow.alive && net_buffer_left(in)) {
		data = in->data + in->at;
		kind = sip_stream_next(&conn->stream, data, net_buffer_left(in),
				       &frame);
		if (kind == SIP_FRAME_MORE)
			return;
		conn->in_since = 0;
		if (kind == SIP_FRAME_MESSAGE)
			message(conn, data, frame.size);
		else if (kind == SIP_FRAME_PING)
			net_stream_send(conn, "\r\n", 2);
		else if (kind == SIP_FRAME_BAD)
			bad(conn, data, &frame);
		net_buffer_take(in, frame.size);
	}
}

/*
 * Reads into the buffer that holds the beginning of a message, or for want of
 * one into the common one, which holds nothing between two turns.
 */
static ssize_t fill(struct net_conn *conn, struct net_buffer *in, bool own)
{
	size_t left = net_buffer_left(in), room = NET_READ_ROOM;
	ssize_t n;

	if (own) {
		room = sip_stream_room(&conn->stream) - left;
		if (room > left + GROW)
			room = left + GROW;
		if (room > NET_READ_ROOM)
			room = NET_READ_ROOM;
		if (net_buffer_reserve(in, room))
			return -ENOMEM;
	}
	n = take(conn, in->data + in->len, room);
	if (n > 0)
		in->len += (size_t)n;
	return n;
}

/* Keeps what is left over, in no more memory than it needs. */
static int keep(struct net_conn *conn, struct net_buffer *in, bool own)
{
	size_t left = net_buffer_left(in);
	int err = 0;

	if (!left) {
		conn->in_since = 0;
		return 0;
	}
	/* A line end is the beginning of nothing. */
	if (!conn->in_since && in->data[in->at] != '\r')
		conn->in_since = net_now();
	if (own) {
		conn->in = *in;
		*in = (struct net_buffer){ 0 };
	} else {
		err = net_buffer_put(&conn->in, in->data + in->at, left);
	}
	return err;
}

/* One turn, with the buffer in hands where no handler can free it. */
static ssize_t turn(struct net_conn *conn)
{
	bool own = net_buffer_left(&conn->in);
	struct net_buffer in = conn->in;
	ssize_t n;

	conn->in = (struct net_buffer){ 0 };
	if (!own)
		in = (struct net_buffer){ conn->flow.net->scratch, 0, 0,
					  NET_READ_ROOM };
	n = fill(conn, &in, own);
	if (n > 0)
		frames(conn, &in);
	if (conn->flow.alive && keep(conn, &in, own))
		n = -ENOMEM;
	if (own)
		net_buffer_free(&in);
	else
		OPENSSL_cleanse(in.data, in.len);
	return n;
}

/**
 * net_stream_input() - octets are there, or the end
 * @conn: a connection in NET_OPEN; perhaps its memory is gone after it
 */
void net_stream_input(struct net_conn *conn)
{
	struct net_flow *flow = &conn->flow;
	bool write;
	ssize_t n;

	flow->busy++;
	n = turn(conn);
	if (!n) {
		conn->ended = true;
		/* TLS is told the end by its own means. */
		net_conn_kill(conn, net_buffer_left(&conn->out) || conn->ssl);
	} else if (n < 0 && n != -EAGAIN && n != -EINTR) {
		net_conn_kill(conn, false);
	}
	if (flow->alive) {
		/* The socket does not tell what TLS holds already. */
		if (conn->ssl && net_tls_more(conn))
			event_active(&conn->readable, EV_READ, 0);
		write = net_buffer_left(&conn->out) || conn->read_wants_write;
		net_conn_want_write(conn, write);
		net_conn_watch(conn);
	}
	net_flow_release(flow);
}

/* Nothing more to say: the peer may read in peace what was said. */
static void shut(struct net_conn *conn)
{
	net_conn_want_write(conn, false);
	if (!conn->shut && conn->ssl)
		SSL_shutdown(conn->ssl);
	if (!conn->shut)
		shutdown(conn->fd, SHUT_WR);
	conn->shut = true;
	if (conn->ended)
		net_conn_over(conn);
}

/* Writes what waits; negative errno when the connection is broken. */
static int push(struct net_conn *conn)
{
	struct net_buffer *out = &conn->out;
	ssize_t n = 0;

	while (net_buffer_left(out)) {
		n = give(conn, out->data + out->at, net_buffer_left(out));
		if (n <= 0)
			break;
		net_buffer_take(out, (size_t)n);
		conn->out_since = net_now();
	}
	if (!net_buffer_left(out)) {
		net_buffer_free(out);
		conn->out_since = 0;
		return 0;
	}
	return n == -EAGAIN || n == -EINTR ? 0 : (int)n;
}

/**
 * net_stream_flush() - the socket can be written to
 * @conn: a connection in NET_OPEN or NET_LINGER; perhaps its memory is gone
 *	after it
 */
void net_stream_flush(struct net_conn *conn)
{
	bool read = conn->phase == NET_OPEN && conn->read_wants_write;
	int err = push(conn);

	if (err && conn->phase == NET_LINGER) {
		net_conn_over(conn);
	} else if (err) {
		net_conn_kill(conn, false);
	} else if (conn->phase == NET_LINGER) {
		if (!net_buffer_left(&conn->out))
			shut(conn);
	} else if (read) {
		net_stream_input(conn);
	} else {
		net_conn_want_write(conn, net_buffer_left(&conn->out));
		net_conn_watch(conn);
	}
}

/**
 * net_stream_drain() - throw away what comes after the end
 * @conn: a connection in NET_LINGER; perhaps its memory is gone after it
 */
void net_stream_drain(struct net_conn *conn)
{
	char *scratch = conn->flow.net->scratch;
	ssize_t n = recv(conn->fd, scratch, NET_READ_ROOM, 0);

	if (n > 0) {
		OPENSSL_cleanse(scratch, (size_t)n);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	conn->ended = true;
	event_del(&conn->readable);
	if (n < 0 || !net_buffer_left(&conn->out))
		net_conn_over(conn);
}

/**
 * net_stream_send() - send octets, now or when the socket takes them
 * @conn: a living connection, in any phase
 * @data: octets
 * @len: how many
 *
 * Return: 0, -ENOBUFS, -ENOMEM or what the system says; the connection is dead
 * then.
 */
int net_stream_send(struct net_conn *conn, const char *data, size_t len)
{
	size_t waits = net_buffer_left(&conn->out);
	ssize_t n = 0;
	int err = 0;

	if (conn->phase == NET_OPEN && !waits)
		n = give(conn, data, len);
	if (n == -EAGAIN || n == -EINTR)
		n = 0;
	if (n < 0)
		err = (int)n;
	else if ((size_t)n < len &&
		 waits + len - (size_t)n > conn->flow.net->limits.out_octets)
		err = -ENOBUFS;
	else if ((size_t)n < len)
		err = net_buffer_put(&conn->out, data + n, len - (size_t)n);
	if (err) {
		net_conn_kill(conn, false);
		return err;
	}
	if (conn->phase != NET_OPEN || (size_t)n == len)
		return 0;
	if (!waits)
		conn->out_since = net_now();
	net_conn_want_write(conn, true);
	net_conn_watch(conn);
	return 0;
}
