// SPDX-License-Identifier: GPL-2.0
/*
 * The table of calls, and how a call begins and ends. Calls are found by the
 * token of their registration, of which there are few each.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"

static size_t bucket_of(const char *token)
{
	uint32_t sum = 2166136261u;

	while (*token)
		sum = (sum ^ (unsigned char)*token++) * 16777619u;
	return sum % CALL_BUCKETS;
}

static struct call_list *bucket(struct call_table *table, const char *token)
{
	return &table->bucket[bucket_of(token)];
}

static void free_call(struct call *call)
{
	struct call_dialog *dialog;
	struct call_turn *turn;

	LIST_REMOVE(call, all);
	while ((turn = LIST_FIRST(&call->turns)))
		call_turn_free(turn);
	while ((dialog = LIST_FIRST(&call->dialogs)))
		call_dialog_free(dialog);
	free(call->call_id);
	free(call->from);
	free(call->from_tag);
	free(call->target);
	free(call->routes);
	free(call->identity);
	free(call->left);
	free(call->impi);
	free(call->contact);
	free(call);
}

static void wipe(struct call_table *table)
{
	OPENSSL_cleanse(table->sdp, table->sdp_used);
	OPENSSL_cleanse(table->body, table->body_used);
	table->sdp_used = 0;
	table->body_used = 0;
}

static void sweep(evutil_socket_t fd, short what, void *arg)
{
	struct call_table *table = arg;
	struct call *call;

	(void)fd;
	(void)what;
	while ((call = LIST_FIRST(&table->dead)))
		free_call(call);
	wipe(table);
}

/**
 * call_sweep_soon() - free and wipe when the event loop runs again
 * @table: the table
 */
void call_sweep_soon(struct call_table *table)
{
	event_active(table->sweep, EV_TIMEOUT, 0);
}

/**
 * call_table_new() - make the table of an edge
 * @edge: the edge
 *
 * Return: 0 or -ENOMEM.
 */
int call_table_new(struct edge *edge)
{
	struct call_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->edge = edge;
	table->sweep = evtimer_new(edge->base, sweep, table);
	if (!table->sweep) {
		free(table);
		return -ENOMEM;
	}
	edge->calls = table;
	return 0;
}

/**
 * call_table_free() - end all calls without a word to anybody
 * @edge: the edge
 *
 * Media of those that are in the journal run on.
 */
void call_table_free(struct edge *edge)
{
	struct call_table *table = edge->calls;
	struct call *call;

	if (!table)
		return;
	if (edge->journal && edge->msf)
		call_leave(table);
	while ((call = LIST_FIRST(&table->calls)))
		call_over(call, "stopped");
	while ((call = LIST_FIRST(&table->owing)))
		call_over(call, "stopped");
	while ((call = LIST_FIRST(&table->over)))
		free_call(call);
	sweep(-1, 0, table);
	event_free(table->sweep);
	free(table);
	edge->calls = NULL;
}

/**
 * call_count() - how many calls there are
 * @edge: the edge
 *
 * Return: the number.
 */
size_t call_count(const struct edge *edge)
{
	return edge->calls->n;
}

/* Does a request with these tags belong to the call, seen from its side? */
static bool tags_match(const struct call *call, enum oa_side from,
		       struct sdp_text from_tag, struct sdp_text to_tag)
{
	if (from == call->caller)
		return sdp_text_is(from_tag, call->from_tag);
	return sdp_text_is(to_tag, call->from_tag);
}

/* A UE reaches the calls of its registration, a stranger those of its flow. */
static bool may_reach(const struct call *call, const struct edge_in *in)
{
	if (in->from == OA_CORE)
		return true;
	return in->reg ? call->reg == in->reg :
			 !call->reg && call->flow == in->flow;
}

/**
 * call_find() - the call that a request belongs to
 * @in: the request
 *
 * By token, Call-ID, the caller's tag and the side where the caller is: a call
 * from a UE to itself passes twice, and is two calls.
 *
 * Return: the call, or NULL.
 */
struct call *call_find(const struct edge_in *in)
{
	struct call_table *table = in->edge->calls;
	const char *token = in->token;
	struct sdp_text id, from, to;
	struct call *call;

	if (in->from == OA_ACCESS && in->reg)
		token = reg_token(in->reg);
	if (!token[0] || !sip_header(in->msg, "Call-ID", &id))
		return NULL;
	call_tag(in->msg, "From", &from);
	call_tag(in->msg, "To", &to);
	LIST_FOREACH(call, bucket(table, token), bucket)
	if (!strcmp(call->token, token) && sdp_text_is(id, call->call_id) &&
	    tags_match(call, in->from, from, to) && may_reach(call, in))
		return call;
	return NULL;
}

/**
 * call_of_stranger() - is this within a call of a UE that never registered?
 * @in: a request of a flow without registration, with all its Routes
 *
 * Return: whether there is such a call, on this flow.
 */
bool call_of_stranger(const struct edge_in *in)
{
	const struct call_table *table = in->edge->calls;
	char token[ROUTE_TOKEN_ROOM];
	const struct call *call;
	struct sip_addr addr;
	struct sip_at at;

	if (sip_element_at(in->msg, "Route", 0, &at) != 1 ||
	    sip_addr_parse(at.text, &addr) ||
	    !route_is_ours(in->edge, addr.text, token) || !token[0])
		return false;
	LIST_FOREACH(call, &table->bucket[bucket_of(token)], bucket)
	if (!call->reg && call->flow == in->flow && !strcmp(call->token, token))
		return true;
	return false;
}

static int take_terms(struct call *call, const struct edge_in *in)
{
	const struct config *config = in->edge->config;
	struct reg_terms of_reg = { .access = 0 };
	struct oa_terms terms = { 0 };
	struct oa *oa;

	if (call->reg)
		reg_terms(call->reg, &of_reg);
	else
		of_reg.access = net_flow_side(in->flow);
	call->access = of_reg.access;
	call->policies = policy_table_get(config->policies);
	call->policy = policy_find(call->policies,
				   config->access[of_reg.access].name,
				   call->identity);
	terms.table = call->policies;
	terms.policy = call->policy;
	terms.access = of_reg.access;
	terms.role = call->caller == OA_ACCESS ? E2AE_KDF_UE_CALLS :
						 E2AE_KDF_UE_CALLED;
	terms.call_id = call->call_id;
	terms.from_tag = call->from_tag;
	terms.kmm = of_reg.kmm;
	terms.n_kmm = of_reg.n_kmm;
	terms.identities = of_reg.identities;
	terms.n_identities = of_reg.n_identities;
	terms.can_sdes = of_reg.can_sdes;
	terms.can_mikey = of_reg.can_mikey;
	terms.can_msrp = of_reg.can_msrp;
	terms.owner = call;
	terms.protected = of_reg.protected;
	terms.emergency = call->emergency;
	terms.flow = net_flow_id(call->flow);
	terms.family = config->core.media.addr4.sa.sa_family == AF_INET ?
			       AF_INET :
			       AF_INET6;
	terms.access_family = net_flow_local(call->flow)->sa.sa_family;
	if (oa_new(&oa, &in->edge->world, &terms))
		return -ENOMEM;
	call->oa = oa;
	return 0;
}

/* The identity that the call is of: one the network knows of, of this UE. */
static char *identity_of(const struct call *call, const struct sip_msg *msg)
{
	const char *name = call->caller == OA_ACCESS ? "P-Asserted-Identity" :
						       "P-Called-Party-ID";
	struct sip_at at = { 0 };
	struct sip_addr addr;
	const char *known;

	if (!call->reg)
		return strdup("sip:anonymous@anonymous.invalid");
	if (sip_element_at(msg, name, 0, &at) == 1 &&
	    !sip_addr_parse(at.text, &addr) && !addr.star &&
	    reg_owns_identity(call->reg, &addr.uri))
		return call_text_keep(addr.text);
	known = reg_default_identity(call->reg);
	return strdup(known ? known : "");
}

static int keep_texts(struct call *call, const struct sip_msg *msg)
{
	struct sdp_text id, from, tag;
	int err;

	if (!sip_header(msg, "Call-ID", &id) ||
	    !sip_header(msg, "From", &from) || !call_tag(msg, "From", &tag))
		return -EBADMSG;
	call->call_id = call_text_keep(id);
	call->from = call_text_keep(from);
	call->from_tag = call_text_keep(tag);
	call->identity = identity_of(call, msg);
	call->target = call_contact(msg);
	err = call_routes(call, msg, CALL_CALLER, &call->routes);
	if (err)
		return err;
	return call->call_id && call->from && call->from_tag && call->identity ?
		       0 :
		       -ENOMEM;
}

static void take_reg(struct call *call, const struct edge_in *in)
{
	struct net_flow *flow = in->flow;

	if (in->reg) {
		call->reg = reg_get(in->reg);
		memcpy(call->token, reg_token(in->reg), ROUTE_TOKEN_ROOM);
		call->subscriber = reg_call_begins(in->reg);
		call->counted = true;
		if (in->from == OA_CORE)
			flow = reg_flow(in->reg);
	} else {
		memcpy(call->token, in->token, ROUTE_TOKEN_ROOM);
		if (!call->token[0])
			route_token(call->token);
	}
	call->flow = net_flow_get(flow);
}

/**
 * call_link() - put a call into the table
 * @table: the table
 * @call: the call; has its token
 */
void call_link(struct call_table *table, struct call *call)
{
	call->table = table;
	LIST_INIT(&call->turns);
	LIST_INIT(&call->dialogs);
	LIST_INIT(&call->streams);
	evtimer_assign(&call->timer, table->edge->base, call_timer_fired, call);
	call_msrp_init(call);
	LIST_INSERT_HEAD(&table->calls, call, all);
	LIST_INSERT_HEAD(bucket(table, call->token), call, bucket);
	table->n++;
}

/**
 * call_new() - begin a call
 * @in: the INVITE, before anything of it was changed
 * @call: where to put it
 *
 * Return: 0; -EBADMSG if the INVITE lacks something; -E2BIG if its route set is
 * too long; -ENOMEM.
 */
int call_new(const struct edge_in *in, struct call **call)
{
	struct call_table *table = in->edge->calls;
	struct call *made = calloc(1, sizeof(*made));
	int err;

	if (!made)
		return -ENOMEM;
	made->state = CALL_INVITED;
	made->caller = in->from;
	made->began = edge_now_ms();
	made->emergency = in->from == OA_ACCESS && edge_emergency(in->msg);
	take_reg(made, in);
	call_link(table, made);
	err = keep_texts(made, in->msg);
	if (!err)
		err = take_terms(made, in);
	if (err) {
		call_release(made);
		return err;
	}
	call_clock(made);
	*call = made;
	return 0;
}

/**
 * call_husk_check() - free a call that is over and has no relay any more
 * @call: the call, not to be used afterwards but by who is called already
 */
void call_husk_check(struct call *call)
{
	struct call_table *table = call->table;

	if (call->state != CALL_OVER || !LIST_EMPTY(&call->turns))
		return;
	LIST_REMOVE(call, all);
	LIST_INSERT_HEAD(&table->dead, call, all);
	call_sweep_soon(table);
}

/**
 * call_release() - give back all that a call holds but its relays
 * @call: the call; it is over, and freed with its last relay, not before the
 *	event loop runs again
 */
void call_release(struct call *call)
{
	struct call_table *table = call->table;

	if (call->state == CALL_OVER)
		return;
	if (call->state != CALL_OWING)
		table->n--;
	call->state = CALL_OVER;
	call->dialog = NULL;
	call_left_forget(call);
	evtimer_del(&call->timer);
	evtimer_del(&call->quiet);
	call_journal_drop(call);
	call_streams_give(call);
	call_left_give(call);
	if (call->oa)
		oa_end(call->oa);
	call->oa = NULL;
	call->policy = NULL;
	if (call->policies)
		policy_table_put(call->policies);
	call->policies = NULL;
	if (call->counted)
		reg_call_ends(call->reg, call->subscriber);
	call->counted = false;
	if (call->reg)
		reg_put(call->reg);
	call->reg = NULL;
	if (call->flow)
		net_flow_put(call->flow);
	call->flow = NULL;
	LIST_REMOVE(call, bucket);
	LIST_REMOVE(call, all);
	LIST_INSERT_HEAD(&table->over, call, all);
	call_husk_check(call);
}

/**
 * call_over() - a call has ended
 * @call: the call
 * @word: why, for the log
 */
void call_over(struct call *call, const char *word)
{
	uint64_t now = edge_now_ms();

	if (call->state == CALL_OVER)
		return;
	if (!call->up)
		metric_add(METRIC_CALLS_FAILED);
	log_event(LOG_LEVEL_INFO, call->call_id, "call.end",
		  "reason=%s state=%s seconds=%llu", word,
		  call_state_name(call->state),
		  (unsigned long long)(call->up ? now - call->up : 0) / 1000);
	call_release(call);
}

/**
 * call_reg_gone() - end the calls of a registration that is gone
 * @edge: the edge
 * @reg: the registration
 */
void call_reg_gone(struct edge *edge, struct reg *reg)
{
	struct call_list *list;
	struct call *call, *next;

	if (!edge->calls)
		return;
	list = bucket(edge->calls, reg_token(reg));
	for (call = LIST_FIRST(list); call; call = next) {
		next = LIST_NEXT(call, bucket);
		if (call->reg == reg)
			call_end(call, &call_why_reg);
	}
}

/**
 * call_drain() - take no new calls; those that are there go on
 * @edge: the edge
 */
void call_drain(struct edge *edge)
{
	edge->calls->draining = true;
}
