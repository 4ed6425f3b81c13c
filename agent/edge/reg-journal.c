// SPDX-License-Identifier: GPL-2.0
/*
 * Registrations for the next process. A UE on UDP does not notice that we are gone,
 * and would be a stranger until it registers again. What makes it ours is its
 * address, which it has still, and the token; no key is needed, so none is kept.
 * Who has keys from the registration, or a connection, has to register again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "reg-inner.h"

#define VERSION "1"
#define ID_ROOM (sizeof(RECORD_REG) + ROUTE_TOKEN_ROOM)

enum field {
	FIELD_VERSION = 'v',
	FIELD_IMPI = 'i',
	FIELD_CONTACT = 'n',
	FIELD_IDENTITY = 'p',
	FIELD_ROUTE = 's',
	FIELD_LOCAL = 'l',
	FIELD_REMOTE = 'r',
	FIELD_UNTIL = 'u',
	FIELD_AGREED = 'a',
	FIELD_WATCH = 'w',
	FIELD_WATCH_TAG = 't',
	FIELD_WATCH_TIMES = 'x',
};

/**
 * struct kept - a record of the former process
 * @next: one more
 * @len: octets of it
 * @id: its id
 * @data: the record
 */
struct kept {
	struct kept *next;
	size_t len;
	char id[ID_ROOM];
	char data[];
};

static void id_of(const char *token, char id[ID_ROOM])
{
	snprintf(id, ID_ROOM, RECORD_REG "%s", token);
}

static bool may_keep(const struct reg *reg)
{
	return reg->alive && reg->flow && reg->n_identities &&
	       net_flow_kind(reg->flow) == NET_UDP && !reg->agree.mikey;
}

static void write_record(struct record *record, const struct reg *reg)
{
	char text[NET_ADDR_TEXT];
	size_t i;

	record->used = 0;
	record_put(record, FIELD_VERSION, VERSION);
	record_put(record, FIELD_IMPI, reg->impi);
	record_put(record, FIELD_CONTACT, reg->contact);
	for (i = 0; i < reg->n_identities; i++)
		record_put(record, FIELD_IDENTITY, reg->identities[i]);
	if (reg->service_route)
		record_put(record, FIELD_ROUTE, reg->service_route);
	record_put(record, FIELD_LOCAL,
		   net_addr_text(net_flow_local(reg->flow), text));
	record_put(record, FIELD_REMOTE,
		   net_addr_text(net_flow_remote(reg->flow), text));
	snprintf(text, sizeof(text), "%" PRIu64, reg->until_ms);
	record_put(record, FIELD_UNTIL, text);
	snprintf(text, sizeof(text), "%d %d %d", reg->agree.asked,
		 reg->agree.sdes, reg->agree.msrp);
	record_put(record, FIELD_AGREED, text);
	if (!reg->watch.call_id[0])
		return;
	record_put(record, FIELD_WATCH, reg->watch.call_id);
	record_put(record, FIELD_WATCH_TAG, reg->watch.tag);
	snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu64, reg->watch.cseq,
		 reg->watch.until_ms);
	record_put(record, FIELD_WATCH_TIMES, text);
}

/**
 * reg_journal_drop() - the next process need not know of a binding
 * @reg: the binding
 */
void reg_journal_drop(struct reg *reg)
{
	char id[ID_ROOM];

	if (!reg->kept)
		return;
	reg->kept = false;
	id_of(reg->token, id);
	journal_drop(reg->edge->journal, id);
}

/**
 * reg_journal_note() - let the next process know of a binding as it is now
 * @reg: the binding
 */
void reg_journal_note(struct reg *reg)
{
	struct record record;
	char id[ID_ROOM];

	if (!reg->edge->journal)
		return;
	if (may_keep(reg))
		write_record(&record, reg);
	if (!may_keep(reg) || record.used > sizeof(record.text)) {
		reg_journal_drop(reg);
		return;
	}
	id_of(reg->token, id);
	reg->kept = true;
	/* An old one would be that of another address, perhaps. */
	if (journal_put(reg->edge->journal, id, record.text, record.used))
		reg_journal_drop(reg);
}

static bool read_agreed(struct reg *reg, struct sdp_text record)
{
	struct sdp_text value;
	uint64_t n[3];

	if (!record_find(record, FIELD_UNTIL, &value) ||
	    !record_numbers(value, INT64_MAX, &reg->until_ms, 1) ||
	    !record_find(record, FIELD_AGREED, &value) ||
	    !record_numbers(value, 1, n, 3))
		return false;
	reg->agree.asked = n[0];
	reg->agree.sdes = n[1];
	reg->agree.msrp = n[2];
	return reg->until_ms > edge_now_ms();
}

static bool read_identities(struct reg *reg, struct sdp_text record)
{
	struct sdp_text value;
	char field;

	reg->identities = calloc(REG_IDENTITIES, sizeof(*reg->identities));
	while (reg->identities && reg->n_identities < REG_IDENTITIES &&
	       record_next(&record, &field, &value))
		if (field == FIELD_IDENTITY) {
			reg->identities[reg->n_identities] =
				strndup(value.at, value.len);
			reg->n_identities +=
				!!reg->identities[reg->n_identities];
		}
	return reg->n_identities && reg_subscribe(reg);
}

static void read_word(struct sdp_text record, enum field wanted,
		      char out[ROUTE_TOKEN_ROOM])
{
	struct sdp_text value;
	size_t used = 0;

	if (record_find(record, (char)wanted, &value) &&
	    value.len < ROUTE_TOKEN_ROOM)
		sdp_text_put(value, out, ROUTE_TOKEN_ROOM - 1, &used);
	out[used] = 0;
}

/* The subscription goes on, so that what the network tells is heard. */
static void read_watch(struct reg *reg, struct sdp_text record)
{
	struct sdp_text value;
	uint64_t n[2];

	if (!reg->edge->config->reg_event ||
	    !record_find(record, FIELD_WATCH_TIMES, &value) ||
	    !record_numbers(value, INT64_MAX, n, 2))
		return;
	read_word(record, FIELD_WATCH, reg->watch.call_id);
	read_word(record, FIELD_WATCH_TAG, reg->watch.tag);
	reg->watch.cseq = (uint32_t)n[0];
	reg->watch.until_ms = n[1];
}

/* Its flow, if we still listen there and nobody else has it. */
static struct net_flow *find_flow(const struct edge *edge,
				  struct sdp_text record)
{
	char *local = record_get(record, FIELD_LOCAL);
	char *remote = record_get(record, FIELD_REMOTE);
	struct net_flow *flow = NULL;
	struct net_addr from, to;

	if (local && remote && !net_addr_parse(local, &from) &&
	    !net_addr_parse(remote, &to))
		flow = net_flow_between(edge->net, &from, &to);
	free(local);
	free(remote);
	if (!flow || (net_flow_side(flow) != NET_CORE && !reg_by_flow(flow)))
		return flow;
	net_flow_put(flow);
	return NULL;
}

static struct reg *make(struct edge *edge, const struct kept *kept,
			struct sdp_text record)
{
	struct reg_step step = { .edge = edge };
	const char *token = kept->id + sizeof(RECORD_REG) - 1;
	struct reg *reg = NULL;
	struct sdp_text value;

	record_find(record, FIELD_VERSION, &value);
	if (!sdp_text_is(value, VERSION) ||
	    strlen(token) != ROUTE_TOKEN_ROOM - 1 ||
	    reg_by_token(edge, token) ||
	    reg_count(edge) >= edge->config->limits.registrations)
		return NULL;
	memcpy(step.token, token, sizeof(step.token));
	step.impi = record_get(record, FIELD_IMPI);
	step.contact = record_get(record, FIELD_CONTACT);
	if (step.impi && step.contact)
		reg = reg_make(edge, &step);
	free(step.impi);
	free(step.contact);
	return reg;
}

static bool restore(struct edge *edge, const struct kept *kept)
{
	struct sdp_text record = { kept->data, kept->len };
	struct net_flow *flow = find_flow(edge, record);
	struct reg *reg = flow ? make(edge, kept, record) : NULL;

	if (reg) {
		reg->kept = true;
		reg->restored = true;
		reg->service_route = record_get(record, FIELD_ROUTE);
		reg_move(reg, flow);
	}
	if (flow)
		net_flow_put(flow);
	if (!reg)
		return false;
	if (!read_agreed(reg, record) || !read_identities(reg, record)) {
		reg_end(reg, "not-restored");
		return true;
	}
	read_watch(reg, record);
	reg_set_timer(reg);
	call_reg_back(edge, reg);
	return true;
}

/* The journal must not change while it is read. */
static void take(void *arg, const char *id, const void *data, size_t len)
{
	struct kept **all = arg, *one;

	if (!record_is_reg(id) || strlen(id) >= ID_ROOM)
		return;
	one = malloc(sizeof(*one) + len);
	if (!one)
		return;
	strcpy(one->id, id);
	memcpy(one->data, data, len);
	one->len = len;
	one->next = *all;
	*all = one;
}

/**
 * reg_adopt() - take over the registrations of a former process
 * @edge: the edge, with its calls of that process
 */
void reg_adopt(struct edge *edge)
{
	struct kept *all = NULL, *one;

	if (!edge->journal)
		return;
	journal_read(edge->journal, take, &all);
	while ((one = all)) {
		all = one->next;
		if (!restore(edge, one))
			journal_drop(edge->journal, one->id);
		free(one);
	}
	if (reg_count(edge))
		log_event(LOG_LEVEL_NOTICE, NULL, "reg.restored", "count=%zu",
			  reg_count(edge));
}
