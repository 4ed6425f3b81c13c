// SPDX-License-Identifier: GPL-2.0
/* Listeners, and the beginning and end of everything. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/ip.h>
#include <openssl/rand.h>

#include "../clock.h"
#include "state.h"

#define BACKLOG	    4096
#define UDP_RECEIVE (4 * 1024 * 1024)
#define DSCP_CS3    (24 << 2) /* signalling (RFC 4594, 4.2) */

static const struct net_limits usual = {
	.connections = 100000,
	.connections_each = 1000,
	.out_octets = 256 * 1024,
	.connect_seconds = 10,
	.message_seconds = 20,
	.idle_seconds = 300,
	.sip = { 32768, SIP_LINES_MAX, 65535 },
};

/**
 * net_now() - the time
 *
 * Return: monotonic milliseconds, never 0.
 */
int64_t net_now(void)
{
	return clock_ms() + 1;
}

static struct net_limits fill(const struct net_limits *given)
{
	struct net_limits l = *given;

	l.connections = l.connections ?: usual.connections;
	l.connections_each = l.connections_each ?: usual.connections_each;
	l.out_octets = l.out_octets ?: usual.out_octets;
	l.connect_seconds = l.connect_seconds ?: usual.connect_seconds;
	l.message_seconds = l.message_seconds ?: usual.message_seconds;
	l.idle_seconds = l.idle_seconds ?: usual.idle_seconds;
	l.sip.head = l.sip.head ?: usual.sip.head;
	l.sip.lines = l.sip.lines ?: usual.sip.lines;
	l.sip.body = l.sip.body ?: usual.sip.body;
	return l;
}

/* What can fail; net_free() takes whatever is there. */
static int init(struct net *net)
{
	if (RAND_bytes((unsigned char *)net->secret, sizeof(net->secret)) != 1)
		return -EIO;
	net->scratch = malloc(NET_READ_ROOM);
	net->tell = event_new(net->base, -1, 0, net_conn_tell, net);
	if (!net->scratch || !net->tell)
		return -ENOMEM;
	if (net_table_init(&net->flows) || net_table_init(&net->peers) ||
	    net_table_init(&net->sources))
		return -ENOMEM;
	return net_udp_init(net) ?: net_dns_new(net, &net->dns);
}

/**
 * net_new() - make a net without any listener
 * @net: set to it
 * @base: event loop; has to live longer
 * @limits: bounds; what is 0 gets a usual value
 * @handlers: copied
 * @arg: first argument of @handlers
 *
 * The process ignores SIGPIPE from here on: TLS writes with write(2).
 *
 * Return: 0, -ENOMEM, or -EIO without random numbers or resolver.
 */
int net_new(struct net **net, struct event_base *base,
	    const struct net_limits *limits,
	    const struct net_handlers *handlers, void *arg)
{
	struct net *n = calloc(1, sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	signal(SIGPIPE, SIG_IGN);
	n->base = base;
	n->limits = fill(limits);
	n->handlers = *handlers;
	n->arg = arg;
	TAILQ_INIT(&n->listeners);
	TAILQ_INIT(&n->homes);
	TAILQ_INIT(&n->conns);
	TAILQ_INIT(&n->dying);
	err = init(n);
	if (err) {
		net_free(n);
		return err;
	}
	*net = n;
	return 0;
}

/**
 * net_home_find() - a side by its number
 * @net: the net
 * @side: the number
 *
 * Return: the side or NULL.
 */
struct net_home *net_home_find(const struct net *net, int side)
{
	struct net_home *home;

	TAILQ_FOREACH(home, &net->homes, all)
	{
		if (home->side == side)
			return home;
	}
	return NULL;
}

/**
 * net_listener_for() - the listener that stands for connections of a kind
 * @net: the net
 * @side: number of the side
 * @kind: transport
 * @family: of addresses
 *
 * Return: the first of that kind, or NULL.
 */
struct net_listener *net_listener_for(const struct net *net, int side,
				      enum net_kind kind, int family)
{
	struct net_listener *l;

	TAILQ_FOREACH(l, &net->listeners, all)
	{
		if (l->home->side == side && l->kind == kind &&
		    l->addr.sa.sa_family == family)
			return l;
	}
	return NULL;
}

/**
 * net_socket() - a socket for SIP
 * @addr: of the family wanted
 * @type: SOCK_DGRAM or SOCK_STREAM
 *
 * Return: file descriptor or negative errno.
 */
int net_socket(const struct net_addr *addr, int type)
{
	int on = 1, tos = DSCP_CS3;
	int fd = socket(addr->sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);

	if (fd < 0)
		return -errno;
	/* Packets without the mark are delivered too. */
	if (addr->sa.sa_family == AF_INET) {
		setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
		return fd;
	}
	setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/**
 * net_bind() - give a socket its address
 * @fd: the socket
 * @addr: own address
 *
 * Return: 0 or negative errno.
 */
int net_bind(int fd, const struct net_addr *addr)
{
	return bind(fd, &addr->sa, net_addr_len(addr)) ? -errno : 0;
}

static bool is_wildcard(const struct net_addr *addr)
{
	static const struct net_addr any;

	if (addr->sa.sa_family == AF_INET)
		return addr->in4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_ARE_ADDR_EQUAL(&addr->in6.sin6_addr, &any.in6.sin6_addr);
}

static int open_socket(struct net_listener *l)
{
	bool stream = l->kind != NET_UDP;
	socklen_t len = sizeof(l->addr);
	int on = 1, octets = UDP_RECEIVE;
	int err;

	l->fd = net_socket(&l->addr, stream ? SOCK_STREAM : SOCK_DGRAM);
	if (l->fd < 0)
		return l->fd;
	/* With UDP it would let another process take our datagrams. */
	if (stream)
		setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	else if (setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets,
			    sizeof(octets)))
		setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &octets,
			   sizeof(octets));
	err = net_bind(l->fd, &l->addr);
	if (err)
		return err;
	if (getsockname(l->fd, &l->addr.sa, &len) ||
	    (stream && listen(l->fd, BACKLOG)))
		return -errno;
	return 0;
}

static void listener_shut(struct net_listener *l)
{
	if (l->fd < 0)
		return;
	event_del(&l->ready);
	event_del(&l->pause);
	close(l->fd);
	l->fd = -1;
}

static int listener_add(struct net *net, struct net_home *home,
			const struct net_listen *want)
{
	struct net_listener *l;
	int err;

	if (!net_addr_len(&want->addr) || is_wildcard(&want->addr))
		return -EADDRNOTAVAIL;
	if (want->kind == NET_TLS && !home->server)
		return -ENOKEY;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->net = net;
	l->home = home;
	l->kind = want->kind;
	l->addr = want->addr;
	err = open_socket(l);
	event_assign(&l->ready, net->base, l->fd, EV_READ | EV_PERSIST,
		     l->kind == NET_UDP ? net_udp_readable : net_accept_ready,
		     l);
	evtimer_assign(&l->pause, net->base, net_accept_again, l);
	if (!err && event_add(&l->ready, NULL))
		err = -ENOMEM;
	if (err) {
		if (l->fd >= 0)
			close(l->fd);
		free(l);
		return err;
	}
	TAILQ_INSERT_TAIL(&net->listeners, l, all);
	return 0;
}

/**
 * net_add_side() - listen for a side
 * @net: the net
 * @side: its listeners; an address may have port 0, but not be a wildcard, since
 *	it goes into messages. Read during the call only
 * @why: says what failed
 * @room: octets of @why
 *
 * Return: 0; -EEXIST for a side that is there; -EINVAL for certificates that
 * cannot be used; or what the system says. After a failure call net_free().
 */
int net_add_side(struct net *net, const struct net_side *side, char *why,
		 size_t room)
{
	struct net_home *home;
	char text[NET_ADDR_TEXT];
	size_t i;
	int err;

	snprintf(why, room, "out of memory");
	if (net_home_find(net, side->side)) {
		snprintf(why, room, "this side is there already");
		return -EEXIST;
	}
	home = calloc(1, sizeof(*home));
	if (!home)
		return -ENOMEM;
	home->side = side->side;
	TAILQ_INSERT_TAIL(&net->homes, home, all);
	err = net_tls_home(home, side, why, room);
	for (i = 0; !err && i < side->n_listen; i++) {
		err = listener_add(net, home, &side->listen[i]);
		if (err)
			snprintf(why, room, "cannot listen on %s:%s: %s",
				 net_kind_name(side->listen[i].kind),
				 net_addr_text(&side->listen[i].addr, text),
				 strerror(-err));
	}
	return err;
}

/**
 * net_stop_listening() - accept no more connections
 * @net: the net
 *
 * UDP and the connections that are there go on, for the sake of running calls.
 */
void net_stop_listening(struct net *net)
{
	struct net_listener *l;

	TAILQ_FOREACH(l, &net->listeners, all)
	{
		if (l->kind != NET_UDP)
			listener_shut(l);
	}
}

/* Flows that somebody holds stay as dead memory. */
static void end_flows(struct net *net)
{
	struct net_conn *conn;
	struct net_link *link;
	struct net_flow *flow;

	while ((conn = TAILQ_FIRST(&net->conns))) {
		conn->flow.busy++;
		net_conn_kill(conn, false);
		net_conn_over(conn);
		net_flow_release(&conn->flow);
	}
	while ((conn = TAILQ_FIRST(&net->dying))) {
		TAILQ_REMOVE(&net->dying, conn, dying);
		net_flow_release(&conn->flow);
	}
	while (net->flows.slot && (link = net_table_any(&net->flows))) {
		flow = NET_OUTER(link, struct net_flow, by_id);
		flow->busy++;
		net_flow_die(flow);
		net_flow_release(flow);
	}
}

/**
 * net_free() - close everything
 * @net: the net, or NULL; not from within a handler
 *
 * Nobody is told of the ends of connections and resolutions. Flows that are
 * held are dead and still have to be put; so do dead ones of before.
 */
void net_free(struct net *net)
{
	struct net_listener *l;
	struct net_home *home;

	if (!net)
		return;
	net_dns_free(net->dns);
	end_flows(net);
	while ((l = TAILQ_FIRST(&net->listeners))) {
		TAILQ_REMOVE(&net->listeners, l, all);
		listener_shut(l);
		free(l);
	}
	while ((home = TAILQ_FIRST(&net->homes))) {
		TAILQ_REMOVE(&net->homes, home, all);
		net_tls_home_free(home);
		free(home);
	}
	if (net->tell)
		event_free(net->tell);
	net_table_free(&net->flows);
	net_table_free(&net->peers);
	net_table_free(&net->sources);
	free(net->inbox.data);
	free(net->scratch);
	free(net);
}

/**
 * net_listen_addr() - the address of ours for a side and transport
 * @net: the net
 * @side: number of the side
 * @kind: transport
 * @family: AF_INET or AF_INET6
 *
 * Return: that of the first such listener, valid as long as @net; or NULL.
 */
const struct net_addr *net_listen_addr(const struct net *net, int side,
				       enum net_kind kind, int family)
{
	const struct net_listener *l =
		net_listener_for(net, side, kind, family);

	return l ? &l->addr : NULL;
}

/**
 * net_is_own() - is this address one of our listeners'?
 * @net: the net
 * @addr: address and port
 *
 * Return: whether it is.
 */
bool net_is_own(const struct net *net, const struct net_addr *addr)
{
	const struct net_listener *l;

	TAILQ_FOREACH(l, &net->listeners, all)
	{
		if (net_addr_equal(&l->addr, addr))
			return true;
	}
	return false;
}
