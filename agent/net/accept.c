// SPDX-License-Identifier: GPL-2.0
/* Connections that peers make, and how many of them they may. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

#define ACCEPT_BATCH 16
#define PAUSE_MS     200

/* Whoever has one IPv6 address has all of its /64. */
static struct net_addr source_addr(const struct net_addr *remote)
{
	struct net_addr addr = *remote;

	if (addr.sa.sa_family == AF_INET6) {
		memset(&addr.in6.sin6_addr.s6_addr[8], 0, 8);
		addr.in6.sin6_port = 0;
	} else {
		addr.in4.sin_port = 0;
	}
	return addr;
}

static uint64_t source_hash(const struct net *net, const struct net_addr *addr)
{
	if (addr->sa.sa_family == AF_INET6)
		return net_hash(net->secret, &addr->in6.sin6_addr, 8);
	return net_hash(net->secret, &addr->in4.sin_addr, 4);
}

/* Counts a connection; NULL if there may be no more of this address. */
static struct net_source *source_enter(struct net *net,
				       const struct net_addr *remote)
{
	struct net_addr addr = source_addr(remote);
	uint64_t hash = source_hash(net, &addr);
	struct net_source *source;
	struct net_link *link;

	for (link = net_table_find(&net->sources, hash); link;
	     link = net_table_next(link)) {
		source = NET_OUTER(link, struct net_source, link);
		if (!net_addr_same_host(&source->addr, &addr))
			continue;
		if (source->conns >= net->limits.connections_each)
			return NULL;
		source->conns++;
		return source;
	}
	source = calloc(1, sizeof(*source));
	if (!source)
		return NULL;
	source->addr = addr;
	source->conns = 1;
	net_table_add(&net->sources, &source->link, hash);
	return source;
}

/**
 * net_source_leave() - a connection of an address is gone
 * @net: the net
 * @source: its count, or NULL
 */
void net_source_leave(struct net *net, struct net_source *source)
{
	if (!source || --source->conns)
		return;
	net_table_remove(&net->sources, &source->link);
	free(source);
}

static void welcome(struct net_listener *l, int fd,
		    const struct net_addr *remote)
{
	struct net *net = l->net;
	struct net_source *source = NULL;
	struct net_conn *conn;

	if (l->conns < net->limits.connections && net_addr_port(remote) &&
	    (!net->handlers.welcome ||
	     net->handlers.welcome(net->arg, l->home->side, remote)))
		source = source_enter(net, remote);
	if (!source) {
		close(fd);
		return;
	}
	if (net_conn_new(l, fd, remote, &conn)) {
		net_source_leave(net, source);
		close(fd);
		return;
	}
	conn->source = source;
	conn->accepted = true;
	/* A failure is told as that of any other connection. */
	if (l->kind == NET_TLS && net_tls_begin(conn, l->home))
		net_conn_kill(conn, false);
	else if (net_conn_begin(conn,
				l->kind == NET_TLS ? NET_HANDSHAKE : NET_OPEN))
		net_conn_kill(conn, false);
}

/* The rest of the machine needs its files too. */
static void pause_accepting(struct net_listener *l)
{
	struct timeval wait = { 0, PAUSE_MS * 1000 };

	if (!event_add(&l->pause, &wait))
		event_del(&l->ready);
}

/**
 * net_accept_ready() - peers want to connect
 * @fd: socket of the listener
 * @what: unused
 * @arg: the listener
 */
void net_accept_ready(evutil_socket_t fd, short what, void *arg)
{
	struct net_listener *l = arg;
	struct net_addr remote;
	socklen_t len;
	int i, conn;

	(void)what;
	for (i = 0; i < ACCEPT_BATCH; i++) {
		memset(&remote, 0, sizeof(remote));
		len = sizeof(remote);
		conn = accept4(fd, &remote.sa, &len,
			       SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (conn >= 0) {
			welcome(l, conn, &remote);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(l);
		/* Others are of the connection, and the next may be good. */
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/**
 * net_accept_again() - a pause is over
 * @fd: unused
 * @what: unused
 * @arg: the listener
 */
void net_accept_again(evutil_socket_t fd, short what, void *arg)
{
	struct net_listener *l = arg;

	(void)fd;
	(void)what;
	if (event_add(&l->ready, NULL))
		pause_accepting(l);
}
