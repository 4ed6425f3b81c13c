// SPDX-License-Identifier: GPL-2.0
/* The INVITE that makes a call, from either side, and its responses. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "call-inner.h"

#define FEATURE "+g.e2ae"

/* Status of a refusal before there is a call, or 0. */
static unsigned int admit(const struct edge_in *in)
{
	const struct config *config = in->edge->config;
	const struct call_table *table = in->edge->calls;
	bool emergency = in->from == OA_ACCESS && edge_emergency(in->msg);

	if (!in->reg && !(emergency && config->emergency))
		return 403;
	if (table->draining || table->n >= config->limits.calls) {
		metric_add(METRIC_OVERLOAD);
		return 503;
	}
	if (in->reg && !emergency &&
	    reg_calls(in->reg) >= config->limits.calls_each)
		return in->from == OA_CORE ? 486 : 503;
	/* Once more on another way (RFC 3261, 8.2.2.2). */
	return call_find(in) ? 482 : 0;
}

/* Takes the indicator out, each in an element of its own or beside others. */
static void strip_indicator(struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sdp_text head, tail;
	struct sip_param param;

	while (sip_element_next(msg, "Accept-Contact", &at) > 0) {
		sdp_text_cut(at.text, ';', &head, &tail);
		if (!tail.len)
			continue;
		tail = sip_part(at.text, head.len, at.text.len);
		if (sip_param_find(tail, SIP_PARAM_SEMI, FEATURE, &param) > 0)
			sip_element_remove(msg, &at);
	}
}

/* The core may prefer terminals that can be secured (RFC 3841). */
static void set_indicator(const struct call *call, struct sip_msg *msg)
{
	if (call->caller != OA_ACCESS)
		return;
	strip_indicator(msg);
	if (call->policy && call->policy->indicator && oa_secured(call->oa))
		sip_line_append(msg, "Accept-Contact",
				sdp_text_of("*;" FEATURE));
}

/* Lets the offer be what goes on; false if the INVITE was refused. */
static bool take_offer(struct call *call, struct call_turn *turn,
		       struct edge_in *in)
{
	struct call_words words = { .offer = true,
				    .from = in->from,
				    .fork = { "", 0 },
				    .cseq = turn->cseq };
	struct oa_verdict no;
	struct body_part part;

	if (!call_body_find(in->msg, &part)) {
		call_body_guard(in->msg);
		return true;
	}
	if (call_body_translate(call, &words, NULL, in->msg, &no) < 0) {
		call_refuse_offer(call, in, &no);
		call_over(call, "offer-refused");
		return false;
	}
	turn->offered = true;
	call->offerer = in->from;
	return true;
}

/* 488 to a secured offer: asks once more in the clear, where that is allowed. */
static bool retry_plain(struct call_turn *turn, struct relay *relay,
			const struct sip_msg *msg)
{
	struct call *call = turn->call;
	struct call_table *table = call->table;
	struct sip_msg *bench = table->edge->bench;
	struct relay_way way;
	size_t used = 0;

	if (msg->status != 488 || turn->retried || !turn->offered ||
	    call->caller != OA_CORE || call->state == CALL_CANCELLED ||
	    call->policy->terminating != POLICY_ALLOW ||
	    !call->policy->retry_plain)
		return false;
	if (oa_retry_plain(call->oa, table->sdp, CALL_BODY_ROOM, &used) ||
	    used > CALL_BODY_ROOM || relay_request(relay, bench))
		return false;
	table->sdp_used = used;
	call_way(call, NULL, OA_CORE, bench, &way);
	if (call_body_put(table, bench) || relay_again(relay, bench, &way))
		return false;
	turn->retried = true;
	metric_add(METRIC_DOWNGRADED);
	log_event(LOG_LEVEL_WARNING, call->call_id, "call.downgraded",
		  "identity=%s", call->identity);
	return true;
}

static enum relay_action failed(struct call_turn *turn, struct relay *relay,
				struct sip_msg *msg)
{
	struct call *call = turn->call;
	char word[16];

	if (turn->refused || turn->final)
		return RELAY_KEEP;
	if (call->oa && retry_plain(turn, relay, msg))
		return RELAY_KEEP;
	turn->final = true;
	call_body_guard(msg);
	snprintf(word, sizeof(word), "status-%u", msg->status);
	call_over(call, word);
	return RELAY_FORWARD;
}

static enum relay_action rings(struct call_turn *turn,
			       struct call_dialog *dialog, struct sip_msg *msg)
{
	struct call *call = turn->call;
	struct oa_verdict no;

	if (turn->refused || turn->final || call->state == CALL_OVER)
		return RELAY_KEEP;
	if (!dialog) {
		/* Without a tag it makes no dialog, so it can say nothing. */
		call_body_strip(msg);
		return LIST_EMPTY(&call->dialogs) ? RELAY_FORWARD : RELAY_KEEP;
	}
	call_step(call, CALL_RINGS);
	if (!call_response_words(turn, dialog, msg, &no))
		return RELAY_FORWARD;
	call_refuse_early(turn, &no);
	return RELAY_KEEP;
}

/* The 2xx that goes on, for the first time. */
static enum relay_action first_accepts(struct call_turn *turn,
				       struct call_dialog *dialog,
				       struct sip_msg *msg)
{
	struct call *call = turn->call;
	struct oa_verdict no;
	int err = call_response_words(turn, dialog, msg, &no);

	if (!err) {
		no = (struct oa_verdict){ .status = 500, .why = "select" };
		err = oa_select(call->oa, sdp_text_of(dialog->tag));
	}
	if (err) {
		call_refuse_final(turn, dialog, &no);
		return RELAY_KEEP;
	}
	turn->final = true;
	call->dialog = dialog;
	call_streams_note(call);
	call_step(call, CALL_ACCEPTS);
	call_session(call, msg);
	return RELAY_FORWARD;
}

static enum relay_action
accepts(struct call_turn *turn, struct call_dialog *dialog, struct sip_msg *msg)
{
	struct call *call = turn->call;
	struct oa_verdict no;

	if (!dialog) {
		if (!turn->final)
			call_end(call, &call_why_answer);
		return RELAY_KEEP;
	}
	if (turn->refused || call->state == CALL_OVER ||
	    (call->dialog && call->dialog != dialog)) {
		if (call->oa && !dialog->gone)
			oa_fork_gone(call->oa, sdp_text_of(dialog->tag));
		call_ack_and_bye(turn, dialog);
		return RELAY_KEEP;
	}
	if (!call->dialog)
		return first_accepts(turn, dialog, msg);
	/* A repetition has to look as it did. */
	return call_response_words(turn, dialog, msg, &no) ? RELAY_KEEP :
							     RELAY_FORWARD;
}

static enum relay_action response(void *owner, struct relay *relay,
				  struct sip_msg *msg, bool made)
{
	struct call_turn *turn = owner;
	struct call_dialog *dialog;

	(void)made;
	if (msg->status >= 300)
		return failed(turn, relay, msg);
	dialog = call_dialog_learn(turn->call, msg);
	if (msg->status >= 200)
		return accepts(turn, dialog, msg);
	return rings(turn, dialog, msg);
}

static void cancelled(void *owner, struct relay *relay, struct sip_msg *cancel)
{
	struct call_turn *turn = owner;

	(void)relay;
	(void)cancel;
	call_step(turn->call, CALL_CANCELS);
}

static const struct relay_ops invite_ops = {
	.response = response,
	.cancelled = cancelled,
	.done = call_turn_done,
};

/* Status for an error before the INVITE is on its way. */
static unsigned int status_of(int err)
{
	if (err == -EBADMSG || err == -EINVAL)
		return 400;
	/* It has passed more proxies than we can follow back. */
	if (err == -E2BIG)
		return 483;
	return err == -EHOSTUNREACH ? 416 : 503;
}

static void note_invite(const struct call *call)
{
	metric_add(METRIC_CALLS);
	log_event(LOG_LEVEL_INFO, call->call_id, "call.invite",
		  "direction=%s identity=%s policy=%s emergency=%s",
		  call->caller == OA_ACCESS ? "originating" : "terminating",
		  call->identity, call->policy ? call->policy->name : "none",
		  call->emergency ? "yes" : "no");
}

/**
 * call_invite() - an INVITE outside a dialog came
 * @in: the INVITE, already checked for who sent it
 */
void call_invite(struct edge_in *in)
{
	unsigned int status = admit(in);
	struct call_turn *turn;
	struct call *call;
	int err;

	if (!status && call_session_short(in))
		return;
	err = status ? 0 : call_new(in, &call);
	if (err)
		status = status_of(err);
	if (status) {
		call_refuse(in, status);
		return;
	}
	note_invite(call);
	/* Record-Route of a call without registration has a token of its own. */
	memcpy(in->token, call->token, ROUTE_TOKEN_ROOM);
	turn = call_turn_new(call, in, CALL_INVITE);
	if (!turn) {
		call_over(call, "no-memory");
		call_refuse(in, 503);
		return;
	}
	call->first = turn;
	if (!take_offer(call, turn, in)) {
		call_turn_free(turn);
		call_husk_check(call);
		return;
	}
	set_indicator(call, in->msg);
	err = call_turn_start(turn, in, &invite_ops);
	if (err) {
		call_refuse(in, status_of(err));
		call_over(call, "not-sent");
		call_turn_free(turn);
		call_husk_check(call);
	}
}
