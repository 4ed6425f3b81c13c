// SPDX-License-Identifier: GPL-2.0
/* Flows: their tables, holds and ends, whatever their kind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

static uint64_t peer_hash(const struct net *net, const struct net_peer *peer)
{
	struct {
		int side;
		enum net_kind kind;
		uint16_t family;
		uint16_t port;
		uint8_t addr[16];
	} key;

	memset(&key, 0, sizeof(key));
	key.side = peer->side;
	key.kind = peer->kind;
	key.family = peer->remote->sa.sa_family;
	key.port = net_addr_port(peer->remote);
	if (key.family == AF_INET)
		memcpy(key.addr, &peer->remote->in4.sin_addr, 4);
	else
		memcpy(key.addr, &peer->remote->in6.sin6_addr, 16);
	return net_hash(net->secret, &key, sizeof(key));
}

static struct net_flow *match(struct net_link *link,
			      const struct net_peer *peer)
{
	struct net_flow *flow;

	for (; link; link = net_table_next(link)) {
		flow = NET_OUTER(link, struct net_flow, by_peer);
		if (flow->side == peer->side && flow->kind == peer->kind &&
		    net_addr_equal(&flow->remote, peer->remote))
			return flow;
	}
	return NULL;
}

/**
 * net_peer_first() - first living flow with a peer
 * @net: the net
 * @peer: side, transport, address
 *
 * Return: the flow or NULL.
 */
struct net_flow *net_peer_first(const struct net *net,
				const struct net_peer *peer)
{
	return match(net_table_find(&net->peers, peer_hash(net, peer)), peer);
}

/**
 * net_peer_next() - next living flow with a peer
 * @flow: the one before
 * @peer: side, transport, address
 *
 * Return: the flow or NULL.
 */
struct net_flow *net_peer_next(const struct net_flow *flow,
			       const struct net_peer *peer)
{
	return match(net_table_next(&flow->by_peer), peer);
}

static uint64_t id_hash(const struct net *net, uint64_t id)
{
	return net_hash(net->secret, &id, sizeof(id));
}

/**
 * net_flow_enter() - begin a flow's life
 * @flow: zeroed but for its addresses
 * @listener: the one that stands for it
 */
void net_flow_enter(struct net_flow *flow, struct net_listener *listener)
{
	struct net *net = listener->net;
	struct net_peer peer = { listener->home->side, listener->kind,
				 &flow->remote };

	flow->net = net;
	flow->id = ++net->last_id;
	flow->kind = listener->kind;
	flow->side = listener->home->side;
	flow->listener = listener;
	flow->sent_by = listener->addr;
	flow->alive = true;
	net_table_add(&net->flows, &flow->by_id, id_hash(net, flow->id));
	net_table_add(&net->peers, &flow->by_peer, peer_hash(net, &peer));
}

/**
 * net_flow_die() - end a flow's life
 * @flow: the flow, living
 */
void net_flow_die(struct net_flow *flow)
{
	flow->alive = false;
	net_table_remove(&flow->net->flows, &flow->by_id);
	net_table_remove(&flow->net->peers, &flow->by_peer);
}

static void *memory(struct net_flow *flow)
{
	return flow->kind == NET_UDP ? (void *)flow : net_conn_of(flow);
}

static void free_unused(struct net_flow *flow)
{
	if (flow->holds || flow->busy)
		return;
	if (flow->alive)
		net_flow_die(flow);
	free(memory(flow));
}

/**
 * net_flow_release() - end a use of our own
 * @flow: a flow with @busy at least 1; gone if nobody else uses it
 */
void net_flow_release(struct net_flow *flow)
{
	flow->busy--;
	free_unused(flow);
}

/**
 * net_flow_get() - hold a flow
 * @flow: the flow, dead or alive
 *
 * What is held stays valid memory; a living one is not closed for silence.
 *
 * Return: @flow.
 */
struct net_flow *net_flow_get(struct net_flow *flow)
{
	flow->holds++;
	return flow;
}

/**
 * net_flow_put() - hold a flow no longer
 * @flow: the flow, held by the caller; or NULL
 */
void net_flow_put(struct net_flow *flow)
{
	if (!flow)
		return;
	flow->holds--;
	free_unused(flow);
}

/**
 * net_flow_find() - a living flow by its id
 * @net: the net
 * @id: from net_flow_id()
 *
 * Return: the flow, not held for the caller; or NULL.
 */
struct net_flow *net_flow_find(struct net *net, uint64_t id)
{
	struct net_link *link = net_table_find(&net->flows, id_hash(net, id));
	struct net_flow *flow;

	for (; link; link = net_table_next(link)) {
		flow = NET_OUTER(link, struct net_flow, by_id);
		if (flow->id == id)
			return flow;
	}
	return NULL;
}

/**
 * net_flow_id() - the id of a flow
 * @flow: the flow
 *
 * Return: the id, never 0 and never that of another flow.
 */
uint64_t net_flow_id(const struct net_flow *flow)
{
	return flow->id;
}

/**
 * net_flow_kind() - the transport of a flow
 * @flow: the flow
 *
 * Return: the transport.
 */
enum net_kind net_flow_kind(const struct net_flow *flow)
{
	return flow->kind;
}

/**
 * net_flow_side() - the side of a flow
 * @flow: the flow
 *
 * Return: NET_CORE or the number of an access network.
 */
int net_flow_side(const struct net_flow *flow)
{
	return flow->side;
}

/**
 * net_flow_local() - own address of a flow
 * @flow: the flow
 *
 * Return: address and port, valid as long as the flow.
 */
const struct net_addr *net_flow_local(const struct net_flow *flow)
{
	return &flow->local;
}

/**
 * net_flow_remote() - the peer's address of a flow
 * @flow: the flow
 *
 * Return: address and port, valid as long as the flow.
 */
const struct net_addr *net_flow_remote(const struct net_flow *flow)
{
	return &flow->remote;
}

/**
 * net_flow_sent_by() - address of the listener that stands for a flow
 * @flow: the flow
 *
 * Return: address and port, valid as long as the flow.
 */
const struct net_addr *net_flow_sent_by(const struct net_flow *flow)
{
	return &flow->sent_by;
}

/**
 * net_flow_alive() - can a flow be used?
 * @flow: the flow
 *
 * Return: false once it is closed, also before the owner was told so.
 */
bool net_flow_alive(const struct net_flow *flow)
{
	return flow->alive;
}

/**
 * net_flow_set_owner() - say who owns a flow
 * @flow: the flow
 * @owner: anything, or NULL
 */
void net_flow_set_owner(struct net_flow *flow, void *owner)
{
	flow->owner = owner;
}

/**
 * net_flow_owner() - who owns a flow?
 * @flow: the flow
 *
 * Return: what net_flow_set_owner() got, NULL before.
 */
void *net_flow_owner(const struct net_flow *flow)
{
	return flow->owner;
}

/**
 * net_flow_close() - close a flow
 * @flow: the flow, dead or alive
 *
 * It is dead at once. What was sent on a connection still goes out; its end is
 * told later, from the event loop. A flow of UDP is only forgotten: what comes
 * from that address makes a new one.
 */
void net_flow_close(struct net_flow *flow)
{
	if (!flow->alive)
		return;
	if (flow->kind != NET_UDP) {
		net_conn_kill(net_conn_of(flow), true);
		return;
	}
	net_flow_die(flow);
	free_unused(flow);
}

/**
 * net_send() - send a message on a flow
 * @flow: the flow
 * @data: the message; copied if it has to wait
 * @len: octets of it
 *
 * On a connection that is not there yet it waits. A failure of a connection
 * closes it.
 *
 * Return: 0; -ENOTCONN if the flow is dead; -ENOBUFS if too much waits; or what
 * the system says, of UDP e.g. -EMSGSIZE.
 */
int net_send(struct net_flow *flow, const char *data, size_t len)
{
	if (!flow->alive)
		return -ENOTCONN;
	if (flow->kind == NET_UDP)
		return net_udp_send(flow, data, len);
	net_conn_of(flow)->last = net_now();
	return net_stream_send(net_conn_of(flow), data, len);
}
