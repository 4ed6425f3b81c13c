// SPDX-License-Identifier: GPL-2.0
/* What calls need of others, without any of it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

struct fake fake;

static struct reg *const the_reg = (struct reg *)&fake.reg_refs;
static struct net_flow *const the_flow = (struct net_flow *)&fake.flow_refs;
static struct sip_msg work;

/* edge.c */

uint64_t edge_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void edge_call_id(const struct sip_msg *msg, char *out, size_t room)
{
	struct sdp_text value = { "", 0 };

	sip_header(msg, "Call-ID", &value);
	snprintf(out, room, "%.*s", (int)value.len, value.at);
}

static void write_headers(const struct sip_extra *extra, char *out, size_t room)
{
	size_t i, used = 0;

	out[0] = 0;
	for (i = 0; extra && i < extra->n_fields; i++)
		used += snprintf(out + used, room - used, "%s: %.*s\n",
				 extra->fields[i].name,
				 (int)extra->fields[i].value.len,
				 extra->fields[i].value.at);
}

int edge_answer(const struct edge_in *in, unsigned int status,
		const char *reason, const struct sip_extra *extra)
{
	(void)in;
	(void)reason;
	fake.answer = status;
	write_headers(extra, fake.answer_headers, sizeof(fake.answer_headers));
	return 0;
}

bool edge_emergency(const struct sip_msg *msg)
{
	return sdp_text_is(msg->uri, "urn:service:sos");
}

/* route.c */

void route_token(char out[ROUTE_TOKEN_ROOM])
{
	memcpy(out, "zyxwvutsrqponmlkjihgfedc", ROUTE_TOKEN_ROOM);
}

bool route_is_ours(const struct edge *edge, struct sdp_text uri,
		   char token[ROUTE_TOKEN_ROOM])
{
	struct sip_uri parsed;
	size_t used = 0;

	(void)edge;
	if (sip_uri_parse(uri, &parsed) || parsed.user.len != 24)
		return false;
	sdp_text_put(parsed.user, token, ROUTE_TOKEN_ROOM, &used);
	token[used] = 0;
	return true;
}

int route_strict(const struct edge *edge, struct sip_msg *msg)
{
	(void)edge;
	(void)msg;
	return 0;
}

int route_next(const struct edge *edge, const struct sip_msg *msg,
	       struct relay_way *way)
{
	(void)edge;
	way->uri = msg->uri;
	return 0;
}

/* reg.c */

struct reg *reg_get(struct reg *reg)
{
	fake.reg_refs++;
	return reg;
}

void reg_put(struct reg *reg)
{
	(void)reg;
	fake.reg_refs--;
}

bool reg_alive(const struct reg *reg)
{
	(void)reg;
	return fake.reg_alive;
}

const char *reg_impi(const struct reg *reg)
{
	(void)reg;
	return "alice_private@home1.net";
}

const char *reg_contact(const struct reg *reg)
{
	(void)reg;
	return "sip:alice@10.0.0.9:4711";
}

struct reg *reg_by_token(const struct edge *edge, const char *token)
{
	(void)edge;
	(void)token;
	return NULL;
}

const char *reg_token(const struct reg *reg)
{
	(void)reg;
	return FAKE_TOKEN;
}

struct net_flow *reg_flow(const struct reg *reg)
{
	(void)reg;
	return the_flow;
}

const char *reg_default_identity(const struct reg *reg)
{
	(void)reg;
	return "sip:alice@home1.net";
}

void reg_terms(const struct reg *reg, struct reg_terms *terms)
{
	(void)reg;
	*terms = (struct reg_terms){ .can_sdes = true, .protected = true };
}

bool reg_owns_identity(const struct reg *reg, const struct sip_uri *uri)
{
	(void)reg;
	(void)uri;
	return true;
}

unsigned int reg_calls(const struct reg *reg)
{
	(void)reg;
	return fake.reg_calls;
}

struct subscriber *reg_call_begins(struct reg *reg)
{
	(void)reg;
	fake.reg_calls++;
	return NULL;
}

void reg_call_ends(struct reg *reg, struct subscriber *one)
{
	(void)reg;
	(void)one;
	fake.reg_calls--;
}

/* net.c */

struct net_flow *net_flow_get(struct net_flow *flow)
{
	fake.flow_refs++;
	return flow;
}

void net_flow_put(struct net_flow *flow)
{
	(void)flow;
	fake.flow_refs--;
}

uint64_t net_flow_id(const struct net_flow *flow)
{
	(void)flow;
	return 1;
}

int net_flow_side(const struct net_flow *flow)
{
	(void)flow;
	return 0;
}

bool net_flow_alive(const struct net_flow *flow)
{
	(void)flow;
	return true;
}

const struct net_addr *net_flow_local(const struct net_flow *flow)
{
	static const struct net_addr addr = {
		.in4 = { AF_INET, 0, { 0 }, { 0 } }
	};

	(void)flow;
	return &addr;
}

/* policy.c, metrics.c, log.c */

struct policy_table *policy_table_get(struct policy_table *table)
{
	return table;
}

void policy_table_put(struct policy_table *table)
{
	(void)table;
}

const struct policy *policy_find(const struct policy_table *table,
				 const char *access, const char *subscriber)
{
	(void)table;
	(void)access;
	(void)subscriber;
	return &fake.policy;
}

void metric_add(enum metric metric)
{
	(void)metric;
}

void log_event(enum log_level level, const char *call_id, const char *event,
	       const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (getenv("E2AE_TEST_LOG"))
		printf("# <%d>%s call=%s %s\n", level, event,
		       call_id ? call_id : "", text);
}

/* journal.c: one record. */

int journal_read(struct journal *journal, journal_record *told, void *arg)
{
	(void)journal;
	if (fake.record_len)
		told(arg, fake.record_id, fake.record, fake.record_len);
	return 0;
}

int journal_put(struct journal *journal, const char *id, const void *data,
		size_t len)
{
	(void)journal;
	snprintf(fake.record_id, sizeof(fake.record_id), "%s", id);
	memcpy(fake.record, data, len);
	fake.record_len = len;
	return 0;
}

int journal_drop(struct journal *journal, const char *id)
{
	(void)journal;
	if (!strcmp(id, fake.record_id))
		fake.record_len = 0;
	return 0;
}

/* Beginning and end of a test. */

/**
 * fake_begin() - make an edge with an empty table of calls
 */
void fake_begin(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.reg_alive = true;
	fake.policy = (struct policy){ .name = (char *)"p",
				       .originating = POLICY_ALLOW,
				       .terminating = POLICY_ALLOW,
				       .indicator = true };
	fake.config.domain = (char *)"pcscf.test";
	fake.config.t1 = 500;
	fake.config.n_access = 1;
	fake.config.access[0].name = (char *)"lte";
	fake.config.end_silent = true;
	fake.config.emergency = true;
	fake.config.limits.calls = 4;
	fake.config.limits.calls_each = 3;
	fake.config.core.media.addr4.in4.sin_family = AF_INET;
	fake.config.core.media.first = 30000;
	fake.config.core.media.last = 39999;
	fake.edge.config = &fake.config;
	fake.edge.base = event_base_new();
	fake.edge.bench = malloc(sizeof(*fake.edge.bench));
	if (!fake.edge.base || !fake.edge.bench || call_table_new(&fake.edge))
		abort();
}

/**
 * fake_wait() - let the event loop run
 * @ms: for so long
 */
void fake_wait(unsigned int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(fake.edge.base, &tv);
	event_base_dispatch(fake.edge.base);
}

/**
 * fake_done() - a relay has nothing more to do
 * @relay: the relay
 */
void fake_done(struct relay *relay)
{
	const struct relay_ops *ops = relay->ops;

	relay->ops = NULL;
	if (ops && ops->done)
		ops->done(relay->owner, relay);
}

/**
 * fake_end() - free everything; the sanitizer finds what was not
 */
void fake_end(void)
{
	unsigned int i;

	for (i = 0; i < fake.n_relays; i++)
		fake_done(fake.relay[i]);
	call_table_free(&fake.edge);
	for (i = 0; i < fake.n_relays; i++)
		free(fake.relay[i]);
	free(fake.edge.bench);
	event_base_free(fake.edge.base);
}

/**
 * fake_call() - the call that was made last
 *
 * Return: the call, or NULL.
 */
struct call *fake_call(void)
{
	return LIST_FIRST(&fake.edge.calls->calls);
}

/* Messages. */

static void write_body(char *out, size_t room, const char *headers,
		       const char *body)
{
	size_t used = strlen(out);

	snprintf(out + used, room - used, "%s%sContent-Length: %zu\r\n\r\n%s",
		 headers ? headers : "",
		 body ? "Content-Type: application/sdp\r\n" : "",
		 body ? strlen(body) : 0, body ? body : "");
}

static const char *tag_of(const char *tag, char *out, size_t room)
{
	snprintf(out, room, "%s%s", tag && *tag ? ";tag=" : "", tag ? tag : "");
	return out;
}

/**
 * fake_request() - a request comes
 * @ask: what
 *
 * Return: what the handler returned; true for an INVITE without a To tag.
 */
bool fake_request(const struct fake_ask *ask)
{
	static char raw[16384];
	char a[64], b[64];
	struct edge_in in = { .edge = &fake.edge,
			      .flow = the_flow,
			      .msg = &work,
			      .from = ask->from,
			      .reg = fake.stranger ? NULL : the_reg,
			      .dialog = ask->to_tag && *ask->to_tag };
	bool ack = !strcmp(ask->method, "ACK");

	snprintf(raw, sizeof(raw),
		 "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\r\n"
		 "From: <sip:f@x>%s\r\nTo: <sip:t@x>%s\r\nCall-ID: c1\r\n"
		 "CSeq: %u %s\r\nContact: <sip:contact-%s@x>\r\n",
		 ask->method, fake.stranger ? "urn:service:sos" : "sip:u@x",
		 tag_of(ask->from_tag, a, sizeof(a)),
		 tag_of(ask->to_tag, b, sizeof(b)), ask->cseq, ask->method,
		 ask->from_tag);
	write_body(raw, sizeof(raw), ask->headers, ask->body);
	if (sip_msg_parse(&work, raw, strlen(raw), true))
		abort();
	in.tx = ack ? NULL : (struct tx_server *)&work;
	memcpy(in.token, FAKE_TOKEN, ROUTE_TOKEN_ROOM);
	fake.answer = 0;
	if (ack)
		return call_ack(&in);
	if (in.dialog)
		return call_request(&in);
	call_invite(&in);
	return true;
}

/**
 * fake_response() - a response comes
 * @relay: to which request
 * @status: of it
 * @tag: of To
 * @headers: more lines
 * @body: a description, or NULL
 *
 * Return: the body that goes on, perhaps empty; NULL if nothing does.
 */
const char *fake_response(struct relay *relay, unsigned int status,
			  const char *tag, const char *headers,
			  const char *body)
{
	static char raw[16384], out[4096];
	char t[64];

	snprintf(raw, sizeof(raw),
		 "SIP/2.0 %u X\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\r\n"
		 "From: <sip:f@x>;tag=a\r\nTo: <sip:t@x>%s\r\nCall-ID: c1\r\n"
		 "CSeq: %u %s\r\nContact: <sip:contact-%s@x>\r\n",
		 status, tag_of(tag, t, sizeof(t)), relay->cseq, relay->method,
		 tag);
	write_body(raw, sizeof(raw), headers, body);
	if (sip_msg_parse(&work, raw, strlen(raw), true))
		abort();
	if (!relay->ops || relay->ops->response(relay->owner, relay, &work,
						false) == RELAY_KEEP)
		return NULL;
	snprintf(out, sizeof(out), "%.*s", (int)work.body.len,
		 work.body.len ? work.body.at : "");
	return out;
}

/* relay.c */

static void keep(struct sip_msg *msg, char *out, size_t room)
{
	size_t used;

	if (sip_msg_write(msg, out, room - 1, &used))
		abort();
	out[used] = 0;
}

int relay_start(const struct edge_in *in, const struct relay_way *way,
		const struct relay_ops *ops, void *owner, struct relay **relay)
{
	struct relay *made = calloc(1, sizeof(*made));

	if (!made || fake.n_relays == FAKE_MANY)
		abort();
	made->ops = ops;
	made->owner = owner;
	made->from = in->from;
	made->cseq = call_cseq(in->msg);
	snprintf(made->method, sizeof(made->method), "%.*s",
		 (int)in->msg->method.len, in->msg->method.at);
	keep(in->msg, made->sent, sizeof(made->sent));
	snprintf(made->way, sizeof(made->way), "%.*s", (int)way->uri.len,
		 way->uri.len ? way->uri.at : "");
	fake.relay[fake.n_relays++] = made;
	if (relay)
		*relay = made;
	return 0;
}

int relay_again(struct relay *relay, struct sip_msg *msg,
		const struct relay_way *way)
{
	(void)way;
	relay->again++;
	keep(msg, relay->sent, sizeof(relay->sent));
	return 0;
}

int relay_reply(struct relay *relay, unsigned int status, const char *reason,
		const struct sip_extra *extra)
{
	(void)reason;
	relay->replied = status;
	write_headers(extra, relay->reply_headers,
		      sizeof(relay->reply_headers));
	return 0;
}

int relay_cancel(struct relay *relay)
{
	relay->cancelled = true;
	return 0;
}

int relay_request(const struct relay *relay, struct sip_msg *msg)
{
	return sip_msg_parse(msg, relay->sent, strlen(relay->sent), true);
}

struct net_flow *relay_upstream(const struct relay *relay)
{
	(void)relay;
	return the_flow;
}

struct net_flow *relay_downstream(const struct relay *relay)
{
	(void)relay;
	return the_flow;
}

void relay_disown(struct relay *relay)
{
	relay->ops = NULL;
}

int relay_own(struct edge *edge, const struct relay_way *way, const char *data,
	      size_t len, relay_own_done *done, void *user)
{
	(void)edge;
	(void)way;
	(void)done;
	(void)user;
	snprintf(fake.own[fake.n_owns++], sizeof(fake.own[0]), "%.*s", (int)len,
		 data);
	return 0;
}

int relay_ack(const struct edge_in *in, const struct relay_way *way)
{
	(void)way;
	if (in->msg == fake.edge.bench) {
		keep(in->msg, fake.own[fake.n_owns++], sizeof(fake.own[0]));
		return 0;
	}
	fake.acks++;
	keep(in->msg, fake.ack, sizeof(fake.ack));
	return 0;
}
