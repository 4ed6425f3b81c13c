// SPDX-License-Identifier: GPL-2.0
/* SIP over UDP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "state.h"

#define DATAGRAM_MAX 65535

/* What is longer than a message may be is no message. */
static size_t slot_size(const struct net *net)
{
	size_t most = net->limits.sip.head + net->limits.sip.body;

	return most < DATAGRAM_MAX ? most : DATAGRAM_MAX;
}

/**
 * net_udp_init() - make room for datagrams
 * @net: the net
 *
 * Return: 0 or -ENOMEM.
 */
int net_udp_init(struct net *net)
{
	struct net_inbox *inbox = &net->inbox;
	size_t size = slot_size(net), i;

	/* Pages that no datagram reaches are never there. */
	inbox->data = malloc(NET_BATCH * size);
	if (!inbox->data)
		return -ENOMEM;
	for (i = 0; i < NET_BATCH; i++) {
		inbox->vector[i].iov_base = inbox->data + i * size;
		inbox->vector[i].iov_len = size;
		inbox->header[i].msg_hdr = (struct msghdr){
			.msg_name = &inbox->from[i],
			.msg_iov = &inbox->vector[i],
			.msg_iovlen = 1,
		};
	}
	return 0;
}

/**
 * net_udp_flow() - the flow between a listener and an address
 * @listener: of UDP
 * @remote: the address
 *
 * Return: the flow, perhaps a new one that has no hold yet; NULL without memory.
 */
struct net_flow *net_udp_flow(struct net_listener *listener,
			      const struct net_addr *remote)
{
	struct net_peer peer = { listener->home->side, NET_UDP, remote };
	struct net_flow *flow;

	for (flow = net_peer_first(listener->net, &peer); flow;
	     flow = net_peer_next(flow, &peer)) {
		if (flow->listener == listener)
			return flow;
	}
	flow = calloc(1, sizeof(*flow));
	if (!flow)
		return NULL;
	flow->local = listener->addr;
	flow->remote = *remote;
	net_flow_enter(flow, listener);
	return flow;
}

/**
 * net_flow_between() - the flow of UDP between two addresses
 * @net: the net
 * @local: of a listener
 * @remote: the other one
 *
 * Return: the flow, held for the caller; NULL without memory, or if nobody listens
 * there.
 */
struct net_flow *net_flow_between(struct net *net, const struct net_addr *local,
				  const struct net_addr *remote)
{
	struct net_listener *l;
	struct net_flow *flow;

	TAILQ_FOREACH(l, &net->listeners, all)
	{
		if (l->kind != NET_UDP || !net_addr_equal(&l->addr, local) ||
		    l->addr.sa.sa_family != remote->sa.sa_family)
			continue;
		flow = net_udp_flow(l, remote);
		return flow ? net_flow_get(flow) : NULL;
	}
	return NULL;
}

/**
 * net_flow_sibling() - the flow to another port of a peer
 * @flow: a flow
 * @port: of the peer
 *
 * Return: the flow, held for the caller; NULL without memory, or if @flow is dead
 * or none of UDP.
 */
struct net_flow *net_flow_sibling(struct net_flow *flow, uint16_t port)
{
	struct net_addr remote = flow->remote;
	struct net_flow *other;

	if (!flow->alive || flow->kind != NET_UDP || !port)
		return NULL;
	if (remote.sa.sa_family == AF_INET6)
		remote.in6.sin6_port = htons(port);
	else
		remote.in4.sin_port = htons(port);
	other = net_udp_flow(flow->listener, &remote);
	return other ? net_flow_get(other) : NULL;
}

/**
 * net_udp_send() - send a datagram
 * @flow: a living flow of UDP
 * @data: octets
 * @len: how many
 *
 * Return: 0 or negative errno; a full queue of the socket is -EAGAIN.
 */
int net_udp_send(const struct net_flow *flow, const char *data, size_t len)
{
	ssize_t n = sendto(flow->listener->fd, data, len,
			   MSG_DONTWAIT | MSG_NOSIGNAL, &flow->remote.sa,
			   net_addr_len(&flow->remote));

	return n < 0 ? -errno : 0;
}

/* Phones behind a NAT keep its binding so (RFC 5626, 3.5.2). */
static void keep_alive(struct net_listener *l, const struct net_addr *from,
		       const char *data, size_t len)
{
	uint8_t answer[64];
	size_t size = net_stun_answer(data, len, from, answer);

	if (size)
		sendto(l->fd, answer, size, MSG_DONTWAIT | MSG_NOSIGNAL,
		       &from->sa, net_addr_len(from));
}

static void deliver(struct net_listener *l, const struct net_addr *from,
		    char *data, const struct sip_frame *frame)
{
	struct net *net = l->net;
	struct net_flow *flow = net_udp_flow(l, from);

	if (!flow)
		return;
	flow->busy++;
	if (frame->kind == SIP_FRAME_MESSAGE)
		net->handlers.message(net->arg, flow, data, frame->size);
	else
		net->handlers.bad(net->arg, flow, data, frame->size,
				  &frame->error);
	net_flow_release(flow);
}

static void receive(struct net_listener *l, const struct net_addr *from,
		    char *data, size_t len)
{
	struct sip_frame frame;

	/* Nobody could be answered there. */
	if (!net_addr_port(from))
		return;
	switch (sip_datagram(data, len, l->net->limits.sip, &frame)) {
	case SIP_FRAME_STUN:
		keep_alive(l, from, data, len);
		break;
	case SIP_FRAME_MESSAGE:
	case SIP_FRAME_BAD:
		deliver(l, from, data + frame.skip, &frame);
		break;
	default:
		break;
	}
}

/**
 * net_udp_readable() - datagrams are there
 * @fd: socket of the listener
 * @what: unused
 * @arg: the listener
 *
 * One batch at a time, so that others get their turn.
 */
void net_udp_readable(evutil_socket_t fd, short what, void *arg)
{
	struct net_listener *l = arg;
	struct net_inbox *inbox = &l->net->inbox;
	struct mmsghdr *header;
	int n, i;

	(void)what;
	for (i = 0; i < NET_BATCH; i++)
		inbox->header[i].msg_hdr.msg_namelen = sizeof(inbox->from[i]);
	memset(inbox->from, 0, sizeof(inbox->from));
	n = recvmmsg(fd, inbox->header, NET_BATCH, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++) {
		header = &inbox->header[i];
		if (!(header->msg_hdr.msg_flags & MSG_TRUNC))
			receive(l, &inbox->from[i], inbox->vector[i].iov_base,
				header->msg_len);
		OPENSSL_cleanse(inbox->vector[i].iov_base, header->msg_len);
	}
}
