// SPDX-License-Identifier: GPL-2.0
/* Connections: their phases, their time, and their end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/tcp.h>

#include "state.h"
#include "timer.h"

#define LINGER_MS 2000
#define UNSENT_MAX \
	(64 * 1024) /* octets in the kernel that TCP may not send yet */

/**
 * net_conn_of() - the connection that a flow is
 * @flow: not of UDP
 *
 * Return: the connection.
 */
struct net_conn *net_conn_of(const struct net_flow *flow)
{
	return NET_OUTER(flow, struct net_conn, flow);
}

static int64_t sooner(int64_t a, int64_t since, int64_t limit)
{
	return since && since + limit < a ? since + limit : a;
}

/* When the connection has to have done something; later if it is held. */
static int64_t deadline(const struct net_conn *conn, int64_t now)
{
	const struct net_limits *limits = &conn->flow.net->limits;
	int64_t idle = (int64_t)limits->idle_seconds * 1000;
	int64_t message = (int64_t)limits->message_seconds * 1000;
	int64_t end;

	if (conn->phase == NET_LINGER)
		return conn->began + LINGER_MS;
	if (conn->phase != NET_OPEN)
		return conn->began + (int64_t)limits->connect_seconds * 1000;
	end = conn->flow.holds ? now + idle : conn->last + idle;
	end = sooner(end, conn->in_since, message);
	return sooner(end, conn->out_since, message);
}

/**
 * net_conn_watch() - see to it that the timer is early enough
 * @conn: the connection
 */
void net_conn_watch(struct net_conn *conn)
{
	int64_t now = net_now();

	net_timer_by(&conn->timer, &conn->timer_at, now, deadline(conn, now));
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct net_conn *conn = arg;
	int64_t now = net_now();

	(void)fd;
	(void)what;
	conn->timer_at = 0;
	if (now < deadline(conn, now))
		net_conn_watch(conn);
	else if (conn->phase == NET_LINGER)
		net_conn_over(conn);
	else
		net_conn_kill(conn, false);
}

static void handshake(struct net_conn *conn)
{
	int err = net_tls_handshake(conn);

	if (err && err != -EAGAIN)
		net_conn_kill(conn, false);
	else if (!err)
		net_conn_opened(conn);
}

/* TCP's handshake is done; is there a connection? */
static void connected(struct net_conn *conn)
{
	socklen_t size = sizeof(int);
	int err = 0;

	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &err, &size) || err) {
		net_conn_kill(conn, false);
		return;
	}
	/* The port was not chosen before (IP_BIND_ADDRESS_NO_PORT). */
	size = sizeof(conn->flow.local);
	getsockname(conn->fd, &conn->flow.local.sa, &size);
	if (event_add(&conn->readable, NULL)) {
		net_conn_kill(conn, false);
		return;
	}
	net_conn_want_write(conn, false);
	if (!conn->ssl) {
		net_conn_opened(conn);
		return;
	}
	conn->phase = NET_HANDSHAKE;
	handshake(conn);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct net_conn *conn = arg;

	(void)fd;
	(void)what;
	if (conn->phase == NET_HANDSHAKE)
		handshake(conn);
	else if (conn->phase == NET_OPEN)
		net_stream_input(conn);
	else if (conn->phase == NET_LINGER)
		net_stream_drain(conn);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct net_conn *conn = arg;

	(void)fd;
	(void)what;
	if (conn->phase == NET_CONNECTING)
		connected(conn);
	else if (conn->phase == NET_HANDSHAKE)
		handshake(conn);
	else
		net_stream_flush(conn);
}

/**
 * net_conn_new() - make the flow of a connection
 * @listener: the one it came on, or that stands for it
 * @fd: its socket, the connection's from here on
 * @remote: the peer
 * @conn: set to it, in its first phase by net_conn_begin()
 *
 * Return: 0 or -ENOMEM.
 */
int net_conn_new(struct net_listener *listener, int fd,
		 const struct net_addr *remote, struct net_conn **conn)
{
	struct net *net = listener->net;
	struct net_conn *c = calloc(1, sizeof(*c));
	socklen_t len = sizeof(c->flow.local);
	int on = 1, unsent = UNSENT_MAX;

	if (!c)
		return -ENOMEM;
	/* So a slow peer is seen to move long before the kernel's queue is. */
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	getsockname(fd, &c->flow.local.sa, &len);
	c->flow.remote = *remote;
	c->flow.busy = 1;
	c->fd = fd;
	c->began = net_now();
	c->last = c->began;
	sip_stream_init(&c->stream, net->limits.sip, false);
	event_assign(&c->readable, net->base, fd, EV_READ | EV_PERSIST,
		     on_readable, c);
	event_assign(&c->writable, net->base, fd, EV_WRITE | EV_PERSIST,
		     on_writable, c);
	evtimer_assign(&c->timer, net->base, on_time, c);
	TAILQ_INSERT_TAIL(&net->conns, c, all);
	listener->conns++;
	net_flow_enter(&c->flow, listener);
	*conn = c;
	return 0;
}

/**
 * net_conn_begin() - wait for what a phase needs
 * @conn: a new connection
 * @phase: NET_CONNECTING, NET_HANDSHAKE or NET_OPEN
 *
 * Return: 0 or -ENOMEM.
 */
int net_conn_begin(struct net_conn *conn, enum net_phase phase)
{
	bool connecting = phase == NET_CONNECTING;

	conn->phase = phase;
	if (event_add(connecting ? &conn->writable : &conn->readable, NULL))
		return -ENOMEM;
	net_conn_watch(conn);
	return conn->timer_at ? 0 : -ENOMEM;
}

/**
 * net_conn_opened() - handshakes are done
 * @conn: the connection
 */
void net_conn_opened(struct net_conn *conn)
{
	conn->phase = NET_OPEN;
	conn->last = net_now();
	if (net_buffer_left(&conn->out))
		conn->out_since = conn->last;
	net_conn_want_write(conn, net_buffer_left(&conn->out));
	net_conn_watch(conn);
	/* The first octets of TLS may have come with the handshake's last. */
	if (conn->ssl && net_tls_more(conn))
		event_active(&conn->readable, EV_READ, 0);
}

/**
 * net_conn_want_write() - wait until the socket can be written to, or not
 * @conn: the connection
 * @want: whether to wait
 */
void net_conn_want_write(struct net_conn *conn, bool want)
{
	/* If adding fails, the time of what waits will run out. */
	if (want)
		event_add(&conn->writable, NULL);
	else
		event_del(&conn->writable);
}

/**
 * net_conn_over() - give back all but the flow
 * @conn: the connection, already dead; perhaps its memory is gone after it
 */
void net_conn_over(struct net_conn *conn)
{
	struct net *net = conn->flow.net;

	if (conn->phase == NET_OVER)
		return;
	conn->phase = NET_OVER;
	event_del(&conn->readable);
	event_del(&conn->writable);
	event_del(&conn->timer);
	SSL_free(conn->ssl);
	conn->ssl = NULL;
	close(conn->fd);
	net_buffer_free(&conn->in);
	net_buffer_free(&conn->out);
	free(conn->name);
	conn->name = NULL;
	TAILQ_REMOVE(&net->conns, conn, all);
	conn->flow.listener->conns--;
	net_source_leave(net, conn->source);
	net_flow_release(&conn->flow);
}

/**
 * net_conn_kill() - end a connection
 * @conn: the connection; perhaps its memory is gone after it, unless busy
 * @linger: let what was sent go out first, if there was time to send anything
 *
 * The flow is dead at once; the owner is told from the event loop.
 */
void net_conn_kill(struct net_conn *conn, bool linger)
{
	struct net *net = conn->flow.net;

	if (!conn->flow.alive)
		return;
	net_flow_die(&conn->flow);
	conn->flow.busy++;
	TAILQ_INSERT_TAIL(&net->dying, conn, dying);
	event_active(net->tell, EV_TIMEOUT, 0);
	if (!linger || conn->phase != NET_OPEN) {
		net_conn_over(conn);
		return;
	}
	conn->phase = NET_LINGER;
	conn->began = net_now();
	net_buffer_free(&conn->in);
	net_conn_watch(conn);
	net_conn_want_write(conn, true);
}

/**
 * net_conn_tell() - tell the owner of connections that are gone
 * @fd: unused
 * @what: unused
 * @arg: the net
 */
void net_conn_tell(evutil_socket_t fd, short what, void *arg)
{
	struct net *net = arg;
	struct net_conn *conn;

	(void)fd;
	(void)what;
	while ((conn = TAILQ_FIRST(&net->dying))) {
		TAILQ_REMOVE(&net->dying, conn, dying);
		net->handlers.closed(net->arg, &conn->flow);
		net_flow_release(&conn->flow);
	}
}
