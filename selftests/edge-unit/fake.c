// SPDX-License-Identifier: GPL-2.0
/* What edge/ calls, and what it is called with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

struct net_flow fake_ue = { .kind = NET_TLS, .side = 0, .id = 7 };
struct net_flow fake_core = { .kind = NET_UDP, .side = NET_CORE, .id = 8 };
unsigned int fake_status;

static struct config config;

/**
 * fake_edge() - an edge with an empty table of bindings
 *
 * Return: the edge.
 */
struct edge *fake_edge(void)
{
	struct edge *edge = calloc(1, sizeof(*edge));

	config.domain = (char *)"pcscf1.visited1.net";
	config.limits.registrations = 16;
	edge->config = &config;
	edge->base = event_base_new();
	net_addr_parse("10.0.0.1:5061", &fake_ue.local);
	net_addr_parse("10.0.0.9:4711", &fake_ue.remote);
	net_addr_parse("10.1.0.1:5060", &fake_core.local);
	net_addr_parse("10.1.0.2:5060", &fake_core.remote);
	if (reg_table_new(edge))
		abort();
	return edge;
}

/**
 * fake_edge_free() - end it
 * @edge: the edge
 */
void fake_edge_free(struct edge *edge)
{
	edge->closing = true;
	reg_table_free(edge);
	event_base_free(edge->base);
	free(edge);
}

/**
 * fake_reg() - a binding of two identities on the UE's flow
 * @edge: the edge
 * @service_route: its Service-Route, or NULL
 *
 * Return: the binding.
 */
struct reg *fake_reg(struct edge *edge, const char *service_route)
{
	struct reg_step step = {
		.edge = edge,
		.impi = (char *)"alice_private@home1.net",
		.contact = (char *)"sip:alice@10.0.0.9:4711",
		.token = "abcdefghijklmnopqrstuvwx",
	};
	struct reg *reg = reg_make(edge, &step);

	if (!reg)
		abort();
	reg->identities = calloc(2, sizeof(char *));
	reg->identities[0] = strdup("sip:alice@home1.net");
	reg->identities[1] = strdup("tel:+4930123456");
	reg->n_identities = 2;
	reg->service_route = service_route ? strdup(service_route) : NULL;
	reg_move(reg, &fake_ue);
	return reg;
}

/* net/ */

struct net_flow *net_flow_get(struct net_flow *flow)
{
	flow->holds++;
	return flow;
}

void net_flow_put(struct net_flow *flow)
{
	flow->holds--;
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

const struct net_addr *net_flow_sent_by(const struct net_flow *flow)
{
	return &flow->local;
}

void net_flow_set_owner(struct net_flow *flow, void *owner)
{
	flow->owner = owner;
}

void *net_flow_owner(const struct net_flow *flow)
{
	return flow->owner;
}

int net_flow_export(const struct net_flow *flow, const char *label,
		    const void *context, size_t context_len, uint8_t *out,
		    size_t len)
{
	if (flow->kind != NET_TLS || !label || !context || !context_len)
		return -ENOTCONN;
	memset(out, 0x5a, len);
	return 0;
}

const struct net_addr *net_listen_addr(const struct net *net, int side,
				       enum net_kind kind, int family)
{
	const struct net_flow *flow = side == NET_CORE ? &fake_core : &fake_ue;

	(void)net;
	return kind == flow->kind && family == AF_INET ? &flow->local : NULL;
}

bool net_is_own(const struct net *net, const struct net_addr *addr)
{
	(void)net;
	return net_addr_equal(addr, &fake_ue.local) ||
	       net_addr_equal(addr, &fake_core.local);
}

/* journal.c: there is none. */

int journal_read(struct journal *journal, journal_record *told, void *arg)
{
	(void)journal;
	(void)told;
	(void)arg;
	return 0;
}

int journal_put(struct journal *journal, const char *id, const void *data,
		size_t len)
{
	(void)journal;
	(void)id;
	(void)data;
	(void)len;
	return 0;
}

/* The rest of edge/. */

void reg_journal_drop(struct reg *reg)
{
	(void)reg;
}

bool call_tag(const struct sip_msg *response, const char *name,
	      struct sdp_text *tag)
{
	(void)response;
	(void)name;
	*tag = sdp_text_of("b");
	return true;
}

uint64_t edge_now_ms(void)
{
	return 1000;
}

int edge_answer(const struct edge_in *in, unsigned int status,
		const char *reason, const struct sip_extra *extra)
{
	(void)in;
	(void)reason;
	(void)extra;
	fake_status = status;
	return 0;
}

void edge_call_id(const struct sip_msg *msg, char *out, size_t room)
{
	(void)msg;
	snprintf(out, room, "id");
}

bool edge_protected(const struct edge *edge, const struct net_flow *flow)
{
	(void)edge;
	return flow->kind == NET_TLS;
}

void call_reg_gone(struct edge *edge, struct reg *reg)
{
	(void)edge;
	(void)reg;
}

void watch_start(struct reg *reg)
{
	(void)reg;
}

void log_event(enum log_level level, const char *call_id, const char *event,
	       const char *format, ...)
{
	(void)level;
	(void)call_id;
	(void)event;
	(void)format;
}

void metric_add(enum metric metric)
{
	(void)metric;
}
