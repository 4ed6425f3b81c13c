// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of our own in dialogs that we proxy. Each end takes them for the
 * other end's: same tags, the next number, the route set from here on.
 */
#include <string.h>

#include "call-inner.h"

#define OWN_ROOM 16384

const struct call_why call_why_timer = { "nobody-answered", 408,
					 "Request Timeout", NULL };

const struct call_why call_why_session = {
	"session-expired", 408, "Request Timeout",
	"SIP ;cause=408 ;text=\"Session expired\""
};

const struct call_why call_why_ack = { "no-ack", 408, "Request Timeout",
				       "SIP ;cause=408 ;text=\"No ACK\"" };

const struct call_why call_why_media = {
	"media-timeout", 503, "Service Unavailable",
	"SIP ;cause=503 ;text=\"Media timeout\""
};

const struct call_why call_why_keys = {
	"keys-used-up", 503, "Service Unavailable",
	"SIP ;cause=503 ;text=\"Media keys used up\""
};

const struct call_why call_why_reg = {
	"registration-gone", 480, "Temporarily Unavailable",
	"SIP ;cause=480 ;text=\"Registration gone\""
};

const struct call_why call_why_lost = { "media-lost", 503,
					"Service Unavailable",
					"SIP ;cause=503 ;text=\"Media lost\"" };

static const struct call_why call_why_stop = {
	"shutdown", 503, "Service Unavailable",
	"SIP ;cause=503 ;text=\"Shutdown\""
};

const struct call_why call_why_answer = {
	"answer-refused", 488, "Not Acceptable Here",
	"SIP ;cause=488 ;text=\"Not Acceptable Here\""
};

/* Cuts a route set that is kept as lines. */
static size_t routes_of(const char *kept, struct sdp_text *routes)
{
	struct sdp_text rest = sdp_text_of(kept ? kept : ""), line;
	size_t n = 0;

	while (n < CALL_ROUTES && rest.len) {
		sdp_text_cut(rest, '\n', &line, &rest);
		if (line.len)
			routes[n++] = line;
	}
	return n;
}

/* The dialog as an end at @to sees its peer send. */
static void view(const struct call_dialog *dialog, enum call_role to,
		 struct sip_dialog *out, struct sdp_text *routes)
{
	const struct call *call = dialog->call;
	bool caller = to == CALL_CALLER;
	const char *target = caller ? dialog->caller_target : dialog->target;

	if (caller && !target)
		target = call->target;
	*out = (struct sip_dialog){
		.local = sdp_text_of(caller ? dialog->to : call->from),
		.remote = sdp_text_of(caller ? call->from : dialog->to),
		.call_id = sdp_text_of(call->call_id),
		.target = sdp_text_of(target ? target : ""),
		.routes = routes,
	};
	out->n_routes =
		routes_of(caller ? call->routes : dialog->routes, routes);
}

/* sip_dialog_write() needs a Via, relay_own() wants none: takes it out. */
static size_t without_via(char *data, size_t len)
{
	char *line = memmem(data, len, "\r\nVia:", 6), *end;

	if (!line)
		return len;
	end = memmem(line + 2, data + len - line - 2, "\r\n", 2);
	if (!end)
		return len;
	memmove(line, end, data + len - end);
	return len - (end - line);
}

static enum oa_side side_of(const struct call *call, enum call_role role)
{
	return role == CALL_CALLER ? call->caller : call_other(call->caller);
}

/* The UE's flow as it is, or as it was. */
static struct net_flow *flow_of(const struct call *call)
{
	struct net_flow *flow = call->flow;

	if (call->reg && reg_alive(call->reg))
		flow = reg_flow(call->reg);
	else if (!flow && call->first && call->first->relay)
		flow = call->caller == OA_CORE ?
			       relay_downstream(call->first->relay) :
			       relay_upstream(call->first->relay);
	return flow && net_flow_alive(flow) ? flow : NULL;
}

/* Where to; false if the UE cannot be reached. */
static bool way_to(const struct call *call, enum call_role to,
		   const struct sip_dialog *view_, struct relay_way *way)
{
	struct sip_addr addr;

	*way = (struct relay_way){ .side = NET_CORE };
	if (side_of(call, to) == OA_ACCESS) {
		way->flow = flow_of(call);
		if (way->flow)
			way->side = net_flow_side(way->flow);
		return way->flow;
	}
	way->uri = view_->target;
	if (view_->n_routes) {
		if (sip_addr_parse(view_->routes[0], &addr) || addr.star)
			return false;
		way->uri = addr.text;
	}
	return way->uri.len;
}

/* An ACK is no transaction, so it goes as one of somebody else's would. */
static void send_ack(struct edge *edge, const struct relay_way *way,
		     const char *data, size_t len)
{
	const struct edge_in in = { .edge = edge, .msg = edge->bench };

	if (sip_msg_parse(in.msg, data, len, true))
		return;
	sip_header_remove(in.msg, "Via");
	relay_ack(&in, way);
}

static void send_own(struct call_dialog *dialog, enum call_role to,
		     const char *method, uint32_t cseq, const char *reason)
{
	struct sip_field field = { "Reason", { NULL, 0 } };
	struct sip_extra extra = { &field, 0, { NULL, 0 } };
	struct sdp_text routes[CALL_ROUTES];
	struct sip_step step = { sdp_text_of(method), cseq,
				 sdp_text_of("SIP/2.0/UDP own.invalid") };
	struct edge *edge = dialog->call->table->edge;
	struct sip_dialog seen;
	struct relay_way way;
	char data[OWN_ROOM];
	size_t len;

	if (reason) {
		field.value = sdp_text_of(reason);
		extra.n_fields = 1;
	}
	view(dialog, to, &seen, routes);
	if (!way_to(dialog->call, to, &seen, &way) ||
	    sip_dialog_write(&seen, &step, &extra, data, sizeof(data), &len))
		return;
	if (strcmp(method, "ACK"))
		relay_own(edge, &way, data, without_via(data, len), NULL, NULL);
	else
		send_ack(edge, &way, data, len);
}

/**
 * call_bye() - send BYE to one end
 * @dialog: the dialog
 * @to: which end
 * @reason: value of Reason, or NULL
 *
 * Its number is the next one of the end that it seems to come from.
 */
void call_bye(struct call_dialog *dialog, enum call_role to, const char *reason)
{
	enum call_role as = to == CALL_CALLER ? CALL_CALLEE : CALL_CALLER;

	send_own(dialog, to, "BYE", ++dialog->cseq[as], reason);
}

/**
 * call_ack_own() - acknowledge a 2xx that goes no further
 * @dialog: the dialog
 * @cseq: number of the INVITE
 * @to: who sent the 2xx
 */
void call_ack_own(struct call_dialog *dialog, uint32_t cseq, enum call_role to)
{
	send_own(dialog, to, "ACK", cseq, NULL);
}

/**
 * call_ack_and_bye() - end a dialog whose 2xx goes no further
 * @turn: the first INVITE
 * @dialog: the dialog
 *
 * A repeated 2xx is acknowledged again, and no more (RFC 3261, 13.2.2.4).
 */
void call_ack_and_bye(struct call_turn *turn, struct call_dialog *dialog)
{
	call_ack_own(dialog, turn->cseq, CALL_CALLEE);
	if (dialog->gone)
		return;
	dialog->gone = true;
	call_bye(dialog, CALL_CALLEE, call_why_answer.reason);
}

static bool before_answer(const struct call *call)
{
	return call->state == CALL_INVITED || call->state == CALL_EARLY ||
	       call->state == CALL_CANCELLED;
}

/**
 * call_end() - end a call of our own accord
 * @call: the call; over afterwards
 * @why: why
 */
void call_end(struct call *call, const struct call_why *why)
{
	struct call_dialog *dialog = call->dialog;
	struct call_turn *first = call->first;

	if (call->state == CALL_OVER)
		return;
	if (before_answer(call) && first && first->relay) {
		struct relay *relay = first->relay;

		/* The relay may be gone after this, and the turn with it. */
		first->refused = true;
		first->final = true;
		relay_reply(relay, why->status, why->phrase, NULL);
		call_over(call, why->word);
		relay_cancel(relay);
		return;
	}
	if (dialog && !dialog->gone) {
		dialog->gone = true;
		call_bye(dialog, CALL_CALLER, why->reason);
		call_bye(dialog, CALL_CALLEE, why->reason);
		if (call->state == CALL_ADOPTED && !call->reg && call_owe(call))
			return;
	}
	call_over(call, why->word);
}

/**
 * call_end_all() - end all calls, because we go
 * @edge: the edge
 */
void call_end_all(struct edge *edge)
{
	struct call *call, *next;

	for (call = LIST_FIRST(&edge->calls->calls); call; call = next) {
		next = LIST_NEXT(call, all);
		call_end(call, &call_why_stop);
	}
}
