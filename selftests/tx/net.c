// SPDX-License-Identifier: GPL-2.0
/* The network that notes what is sent: what agent/tx calls of net/net.h. */
#include <arpa/inet.h>
#include <errno.h>

#include "net.h"

static uint64_t ids;
unsigned int flows_alive;
void (*net_note)(struct net_flow *flow, const char *data, size_t len);

static int set_addr(struct net_addr *addr, const char *host, uint16_t port)
{
	memset(addr, 0, sizeof(*addr));
	addr->in6.sin6_port = htons(port);
	if (inet_pton(AF_INET, host, &addr->in4.sin_addr) == 1)
		addr->sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &addr->in6.sin6_addr) == 1)
		addr->sa.sa_family = AF_INET6;
	else
		return -EINVAL;
	return 0;
}

struct net_flow *flow_new(enum net_kind kind, const char *host, uint16_t port)
{
	struct net_flow *flow = calloc(1, sizeof(*flow));

	flow->id = ++ids;
	flow->kind = kind;
	flow->refs = 1;
	set_addr(&flow->remote, host, port);
	flows_alive++;
	return flow;
}

int net_addr_set(struct net_addr *addr, struct sdp_text host, uint16_t port)
{
	char text[64];

	if (host.len > 2 && host.at[0] == '[')
		host = (struct sdp_text){ host.at + 1, host.len - 2 };
	snprintf(text, sizeof(text), "%.*s", (int)host.len, host.at);
	return set_addr(addr, text, port);
}

const char *net_addr_host(const struct net_addr *addr, char out[NET_ADDR_TEXT])
{
	bool six = addr->sa.sa_family == AF_INET6;
	const void *at = six ? (const void *)&addr->in6.sin6_addr :
			       (const void *)&addr->in4.sin_addr;

	return inet_ntop(addr->sa.sa_family, at, out, NET_ADDR_TEXT);
}

uint16_t net_addr_port(const struct net_addr *addr)
{
	return ntohs(addr->in4.sin_port);
}

bool net_addr_same_host(const struct net_addr *a, const struct net_addr *b)
{
	char x[NET_ADDR_TEXT], y[NET_ADDR_TEXT];

	return !strcmp(net_addr_host(a, x), net_addr_host(b, y));
}

struct net_flow *net_flow_get(struct net_flow *flow)
{
	flow->refs++;
	return flow;
}

void net_flow_put(struct net_flow *flow)
{
	if (!flow)
		return;
	if (--flow->refs)
		return;
	flows_alive--;
	free(flow);
}

struct net_flow *net_flow_sibling(struct net_flow *flow, uint16_t port)
{
	struct net_flow *other = flow_new(flow->kind, "192.0.2.1", port);

	other->remote = flow->remote;
	other->remote.in4.sin_port = htons(port);
	return other;
}

uint64_t net_flow_id(const struct net_flow *flow)
{
	return flow->id;
}

enum net_kind net_flow_kind(const struct net_flow *flow)
{
	return flow->kind;
}

int net_flow_side(const struct net_flow *flow)
{
	return flow->side;
}

const struct net_addr *net_flow_remote(const struct net_flow *flow)
{
	return &flow->remote;
}

bool net_flow_alive(const struct net_flow *flow)
{
	return !flow->dead;
}

int net_send(struct net_flow *flow, const char *data, size_t len)
{
	void (*on_send)(struct net_flow * flow) = flow->on_send;

	flow->on_send = NULL;
	if (on_send)
		on_send(flow);
	if (flow->dead)
		return -EPIPE;
	if (flow->fails)
		return flow->fails;
	if (net_note)
		net_note(flow, data, len);
	return 0;
}
