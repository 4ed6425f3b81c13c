// SPDX-License-Identifier: GPL-2.0
/* Requests: whose they are, whether they may, and who handles them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "inner.h"
#include "reg-inner.h"

#define RETRY_AFTER "5"

/**
 * edge_answer() - answer a request
 * @in: the request; an ACK gets no answer
 * @status: of the response
 * @reason: its reason phrase
 * @extra: more lines and a body, or NULL
 *
 * Return: 0 or a negative errno.
 */
int edge_answer(const struct edge_in *in, unsigned int status,
		const char *reason, const struct sip_extra *extra)
{
	return in->tx ? tx_reply_status(in->tx, status, reason, extra) : 0;
}

/**
 * edge_busy() - refuse a request because there is too much to do
 * @in: the request
 */
void edge_busy(const struct edge_in *in)
{
	const struct sip_field field = { "Retry-After",
					 sdp_text_of(RETRY_AFTER) };
	const struct sip_extra extra = { &field, 1, { NULL, 0 } };

	metric_add(METRIC_OVERLOAD);
	edge_answer(in, 503, "Service Unavailable", &extra);
}

/**
 * edge_call_id() - Call-ID of a message, for the log
 * @msg: the message
 * @out: where it goes, cut if it is too long
 * @room: octets there
 */
void edge_call_id(const struct sip_msg *msg, char *out, size_t room)
{
	struct sdp_text value = { "", 0 };

	sip_header(msg, "Call-ID", &value);
	snprintf(out, room, "%.*s", (int)value.len, value.at);
}

/**
 * edge_protected() - may keys travel on this flow?
 * @edge: the edge
 * @flow: the flow
 *
 * Return: whether it is TLS, or the operator says that it is encrypted below
 * SIP, or that this is a laboratory.
 */
bool edge_protected(const struct edge *edge, const struct net_flow *flow)
{
	const struct config *config = edge->config;
	int side = net_flow_side(flow);

	if (net_flow_kind(flow) == NET_TLS || config->lab)
		return true;
	return side == NET_CORE ? config->core.protected :
				  config->access[side].protected;
}

/**
 * edge_emergency() - is this an emergency call? (RFC 5031)
 * @msg: a request
 *
 * Return: whether its Request-URI is urn:service:sos or one below it.
 */
bool edge_emergency(const struct sip_msg *msg)
{
	static const char sos[] = "urn:service:sos";
	size_t len = sizeof(sos) - 1;

	return msg->uri.len >= len && !strncasecmp(msg->uri.at, sos, len) &&
	       (msg->uri.len == len || msg->uri.at[len] == '.');
}

static bool method_is(const struct edge_in *in, const char *method)
{
	return sip_same(in->msg->method, sdp_text_of(method));
}

static void forbid(const struct edge_in *in, const char *why)
{
	char call_id[128], from[NET_ADDR_TEXT];

	metric_add(METRIC_FORBIDDEN);
	edge_call_id(in->msg, call_id, sizeof(call_id));
	log_event(LOG_LEVEL_NOTICE, call_id, "request.forbidden",
		  "method=%.*s from=%s why=%s", (int)in->msg->method.len,
		  in->msg->method.at,
		  net_addr_text(net_flow_remote(in->flow), from), why);
	edge_answer(in, 403, "Forbidden", NULL);
}

static bool has_to_tag(const struct sip_msg *msg)
{
	struct sdp_text value, tag;
	struct sip_addr addr;

	return sip_header(msg, "To", &value) && !sip_addr_parse(value, &addr) &&
	       sip_addr_param(&addr, "tag", &tag) > 0 && tag.len;
}

/* Those of INVITE dialogs have to belong to a call. */
static bool of_a_call(const struct edge_in *in)
{
	static const char *const methods[] = { "INVITE", "ACK",	   "BYE",
					       "PRACK",	 "UPDATE", "INFO" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++)
		if (method_is(in, methods[i]))
			return true;
	return false;
}

/* To whom a request goes that may go on. */
static void dispatch(struct edge_in *in)
{
	if (!in->tx) {
		if (!call_ack(in) && in->reg && in->from == OA_CORE)
			pass_request(in);
		return;
	}
	if (method_is(in, "INVITE") && !in->dialog) {
		if (in->edge->draining)
			edge_busy(in);
		else
			call_invite(in);
		return;
	}
	if (call_request(in))
		return;
	if ((in->dialog && of_a_call(in)) || !in->reg)
		edge_answer(in, 481, "Call/Transaction Does Not Exist", NULL);
	else if (in->dialog && in->from == OA_ACCESS && !mark_good(in))
		forbid(in, "route");
	else
		pass_request(in);
}

/* Our own URI and nothing below it: whoever asks means us. */
static bool asks_us(const struct edge_in *in, char token[ROUTE_TOKEN_ROOM])
{
	return !sip_line_count(in->msg, "Route") &&
	       route_is_ours(in->edge, in->msg->uri, token);
}

static void answer_options(const struct edge_in *in)
{
	static const struct sip_field fields[] = {
		{ "Allow", { "OPTIONS, REGISTER", 17 } },
		{ "Accept", { "application/sdp", 15 } },
		{ "Supported", { "path", 4 } },
	};
	const struct sip_extra extra = { fields,
					 ARRAY_SIZE(fields),
					 { NULL, 0 } };

	edge_answer(in, 200, "OK", &extra);
}

/* A request that names us and none of our UEs. */
static void for_us(const struct edge_in *in)
{
	if (method_is(in, "OPTIONS"))
		answer_options(in);
	else
		edge_answer(in, in->dialog ? 481 : 404,
			    in->dialog ? "Call/Transaction Does Not Exist" :
					 "Not Found",
			    NULL);
}

static void from_core(struct edge_in *in)
{
	char token[ROUTE_TOKEN_ROOM];

	if (method_is(in, "REGISTER")) {
		forbid(in, "register-from-core");
		return;
	}
	if (asks_us(in, token)) {
		if (!in->token[0])
			memcpy(in->token, token, sizeof(token));
		if (!method_is(in, "NOTIFY") || !reg_notify(in))
			for_us(in);
		return;
	}
	if (in->token[0])
		in->reg = reg_by_token(in->edge, in->token);
	if (in->reg) {
		identity_to_ue(in->msg);
		dispatch(in);
	} else if (in->dialog && in->token[0]) {
		/* A call of a UE that never registered, or is gone. */
		identity_to_ue(in->msg);
		dispatch(in);
	} else {
		edge_answer(in, in->token[0] ? 480 : 404,
			    in->token[0] ? "Temporarily Unavailable" :
					   "Not Found",
			    NULL);
	}
}

/*
 * Route of a request that begins something: the Service-Route of the
 * registration (RFC 3608, 6.3), or nothing, which is taken for it.
 */
static int check_service_route(struct edge_in *in)
{
	if (!sip_line_count(in->msg, "Route"))
		return reg_add_service_route(in->reg, in->msg);
	if (!reg_service_route_is(in->reg, in->msg))
		return -EPERM;
	return reg_hold_service_route(in->reg, in->msg);
}

/*
 * Within the emergency call of a UE that had not registered? Its token names the
 * call; call.c holds it to the flow. A token that names a registration is none.
 */
static bool in_emergency(const struct edge_in *in)
{
	return in->edge->config->emergency && in->dialog && in->token[0] &&
	       of_a_call(in) && !reg_by_token(in->edge, in->token);
}

/* May the UE send this within a dialog? */
static const char *check_dialog(struct edge_in *in)
{
	if (in_emergency(in))
		in->reg = NULL;
	else if (!in->reg)
		return "not-registered";
	else if (strcmp(in->token, reg_token(in->reg)))
		return "foreign-route";
	return NULL;
}

/* May the UE begin this, and with this Route? */
static const char *check_initial(struct edge_in *in)
{
	bool emergency = edge_emergency(in->msg);

	if (!in->reg && !(emergency && method_is(in, "INVITE") &&
			  in->edge->config->emergency))
		return "not-registered";
	if (in->reg && in->token[0] && strcmp(in->token, reg_token(in->reg)))
		return "foreign-route";
	if (!in->reg)
		route_token(in->token);
	/* Where an emergency call goes is not for the UE to say. */
	if (emergency)
		sip_header_remove(in->msg, "Route");
	else if (check_service_route(in))
		return "service-route";
	return NULL;
}

static void from_access(struct edge_in *in)
{
	char token[ROUTE_TOKEN_ROOM];
	const char *why;

	in->reg = reg_by_flow(in->flow);
	if (in->tx && !agree_verify(in))
		return;
	if (method_is(in, "REGISTER")) {
		reg_request(in);
		return;
	}
	if (in->reg && !in->dialog && asks_us(in, token)) {
		for_us(in);
		return;
	}
	why = in->dialog ? check_dialog(in) : check_initial(in);
	if (why)
		forbid(in, why);
	else if (identity_from_ue(in))
		edge_answer(in, 400, "Bad Request", NULL);
	else
		dispatch(in);
}

/* Of whom nothing is known yet there may be half of all transactions. */
static bool crowded(const struct edge *edge)
{
	return tx_count(edge->tx) >= edge->config->limits.transactions / 2;
}

/* May the sender of this have a flow that no registration owns? */
static bool may_be_stranger(const struct edge_in *in)
{
	if (method_is(in, "REGISTER"))
		return true;
	if (!in->edge->config->emergency)
		return false;
	return in->dialog ? of_a_call(in) && call_of_stranger(in) :
			    method_is(in, "INVITE") && edge_emergency(in->msg);
}

/**
 * edge_admit() - may anything of a request be kept? See struct tx_handlers
 * @arg: the edge
 * @flow: what it came on
 * @msg: the request, checked
 * @reason: reason phrase, if not
 *
 * A stranger may register, and make an emergency call. All else is refused
 * without state, so that nobody is a burden who has proven nothing, or has others
 * hear our repetitions.
 *
 * Return: status to refuse it with, or 0.
 */
unsigned int edge_admit(void *arg, struct net_flow *flow,
			const struct sip_msg *msg, const char **reason)
{
	const struct edge_in in = {
		.edge = arg,
		.flow = flow,
		.msg = (struct sip_msg *)msg,
		.from = OA_ACCESS,
		.dialog = has_to_tag(msg),
	};

	if (net_flow_side(flow) == NET_CORE || reg_by_flow(flow))
		return 0;
	if (!may_be_stranger(&in)) {
		forbid(&in, "not-registered");
		return 403;
	}
	if (in.dialog || !crowded(in.edge))
		return 0;
	metric_add(METRIC_OVERLOAD);
	*reason = "Service Unavailable";
	return 503;
}

/* What a UE may ask of us: the rest of sec-agree is the business of reg.c. */
static bool understood(struct sdp_text tag)
{
	return sdp_text_is(tag, "mediasec") || sdp_text_is(tag, "sec-agree") ||
	       sdp_text_is(tag, "privacy") || sdp_text_is(tag, "path");
}

/* Options that this proxy would have to know (RFC 3261, 16.3, 5). */
static int check_options(const struct edge_in *in)
{
	struct sip_field field = { "Unsupported", { NULL, 0 } };
	const struct sip_extra extra = { &field, 1, { NULL, 0 } };
	struct sip_at at = { 0 };

	while (in->tx && sip_element_next(in->msg, "Proxy-Require", &at) > 0) {
		if (understood(at.text))
			continue;
		field.value = at.text;
		edge_answer(in, 420, "Bad Extension", &extra);
		return -EOPNOTSUPP;
	}
	return 0;
}

/* What holds for every request (RFC 3261, 16.3). */
static int check_any(struct edge_in *in)
{
	int err;

	if (route_loops(in->edge, in->msg)) {
		edge_answer(in, 482, "Loop Detected", NULL);
		return -ELOOP;
	}
	err = route_pop_ours(in->edge, in->msg, in->token, in->mark);
	if (err >= 0)
		err = route_forwards(in->msg);
	if (err == -EHOSTUNREACH && method_is(in, "OPTIONS"))
		answer_options(in);
	else if (err == -EHOSTUNREACH)
		edge_answer(in, 483, "Too Many Hops", NULL);
	else if (err)
		edge_answer(in, 400, "Bad Request", NULL);
	return err;
}

/**
 * edge_request() - handler of requests, see struct tx_handlers
 * @arg: the edge
 * @tx: its transaction, NULL for an ACK
 * @flow: what it came on
 * @msg: the request
 */
void edge_request(void *arg, struct tx_server *tx, struct net_flow *flow,
		  struct sip_msg *msg)
{
	struct edge_in in = {
		.edge = arg,
		.tx = tx,
		.flow = flow,
		.msg = msg,
		.from = net_flow_side(flow) == NET_CORE ? OA_CORE : OA_ACCESS,
		.dialog = has_to_tag(msg),
	};

	if (check_any(&in) || check_options(&in))
		return;
	if (in.from == OA_CORE)
		from_core(&in);
	else
		from_access(&in);
}
