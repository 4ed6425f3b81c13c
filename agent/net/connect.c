// SPDX-License-Identifier: GPL-2.0
/* Flows that we want to have. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <netinet/ip.h>

#include "state.h"

/* May a message for the one with this name go through this connection? */
static bool serves(const struct net_flow *flow, const char *name)
{
	const struct net_conn *conn = net_conn_of(flow);

	if (flow->kind != NET_TLS || !name)
		return true;
	if (conn->name && !strcasecmp(conn->name, name))
		return true;
	return conn->phase == NET_OPEN && net_tls_is(conn, name);
}

static struct net_flow *existing(const struct net *net,
				 const struct net_peer *peer, const char *name)
{
	struct net_flow *flow;

	for (flow = net_peer_first(net, peer); flow;
	     flow = net_peer_next(flow, peer)) {
		if (serves(flow, name))
			return flow;
	}
	return NULL;
}

/* A socket that is connecting from the listener's address. */
static int begin(const struct net_listener *l, const struct net_addr *to)
{
	struct net_addr from = l->addr;
	int on = 1, err = 0;
	int fd = net_socket(to, SOCK_STREAM);

	if (fd < 0)
		return fd;
	/* The kernel then chooses a port that need be free only for this peer. */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (from.sa.sa_family == AF_INET)
		from.in4.sin_port = 0;
	else
		from.in6.sin6_port = 0;
	err = net_bind(fd, &from);
	if (!err && connect(fd, &to->sa, net_addr_len(to)) &&
	    errno != EINPROGRESS)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* Gives back a connection of which nobody has heard. */
static void undo(struct net_conn *conn)
{
	struct net_flow *flow = &conn->flow;

	flow->busy++;
	net_flow_die(flow);
	net_conn_over(conn);
	net_flow_release(flow);
}

static int make(struct net_listener *l, const struct net_addr *to,
		const char *name, struct net_flow **flow)
{
	struct net_conn *conn;
	int fd, err;

	if (l->conns >= l->net->limits.connections)
		return -EUSERS;
	fd = begin(l, to);
	if (fd < 0)
		return fd;
	err = net_conn_new(l, fd, to, &conn);
	if (err) {
		close(fd);
		return err;
	}
	if (l->kind == NET_TLS && name) {
		conn->name = strdup(name);
		err = conn->name ? 0 : -ENOMEM;
	}
	if (!err && l->kind == NET_TLS)
		err = net_tls_begin(conn, l->home);
	if (!err)
		err = net_conn_begin(conn, NET_CONNECTING);
	if (err) {
		undo(conn);
		return err;
	}
	*flow = &conn->flow;
	return 0;
}

/**
 * net_connect() - get a flow to an address
 * @net: the net
 * @side: number of the side
 * @kind: transport
 * @to: the address
 * @name: who has to be there, by certificate: a domain, or an address without
 *	brackets; NULL for anybody that the CA knows. Only for TLS
 * @flow: set to a living flow, held for the caller: net_flow_put() it
 *
 * An existing connection is used if there is one. A new one need not be there
 * yet, what is sent waits for it; if it fails, @closed is told. It comes from
 * the address of the first listener of that side, transport and family.
 *
 * Return: 0; -EAFNOSUPPORT if there is no such listener; -EUSERS if there are
 * too many connections; or what the system says.
 */
int net_connect(struct net *net, int side, enum net_kind kind,
		const struct net_addr *to, const char *name,
		struct net_flow **flow)
{
	struct net_peer peer = { side, kind, to };
	struct net_listener *l =
		net_listener_for(net, side, kind, to->sa.sa_family);
	struct net_flow *found;
	int err = 0;

	if (!net_addr_port(to))
		return -EINVAL;
	if (!l)
		return -EAFNOSUPPORT;
	found = kind == NET_UDP ? net_udp_flow(l, to) :
				  existing(net, &peer, name);
	if (!found && kind == NET_UDP)
		return -ENOMEM;
	if (!found)
		err = make(l, to, name, &found);
	if (!err)
		*flow = net_flow_get(found);
	return err;
}
