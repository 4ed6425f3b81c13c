// SPDX-License-Identifier: GPL-2.0
/*
 * Requests within the dialogs of a call: those that bring descriptions (re-INVITE,
 * UPDATE, PRACK and ACK), BYE, and all others, which only pass.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"

static struct call_dialog *dialog_of(const struct call *call,
				     const struct edge_in *in)
{
	const char *name = in->from == call->caller ? "To" : "From";
	struct sdp_text tag;

	if (!call_tag(in->msg, name, &tag))
		return NULL;
	return call_dialog_find(call, tag);
}

static void refuse_start(const struct edge_in *in, int err)
{
	call_refuse(in, err == -ENOMEM ? 503 : 500);
}

/* Responses to re-INVITE, UPDATE and PRACK. */

static enum relay_action change_failed(struct call_turn *turn,
				       struct sip_msg *msg)
{
	struct call *call = turn->call;

	if (turn->offered && !turn->final && call->oa && oa_pending(call->oa))
		oa_refused(call->oa);
	turn->final = true;
	call_body_guard(msg);
	return RELAY_FORWARD;
}

static void accept_change(struct call_turn *turn, const struct sip_msg *msg)
{
	struct call *call = turn->call;
	struct call_dialog *dialog = turn->dialog;
	enum call_role by = call_role_of(call, turn->from);
	char **target = by == CALL_CALLER ? &dialog->caller_target :
					    &dialog->target;

	turn->final = true;
	if (turn->method == CALL_PRACK)
		return;
	if (turn->contact) {
		free(*target);
		*target = turn->contact;
		turn->contact = NULL;
	}
	call_dialog_refresh(dialog, call_role_of(call, call_other(turn->from)),
			    msg);
	call_session(call, msg);
	call_journal_put(call);
}

/* What comes of a request that we have answered, or of a call that is over. */
static enum relay_action late(struct call_turn *turn, struct sip_msg *msg)
{
	bool accepted = msg->status >= 200 && msg->status < 300;

	if (!turn->refused) {
		call_body_strip(msg);
		return RELAY_FORWARD;
	}
	if (accepted && turn->method == CALL_INVITE)
		call_ack_own(turn->dialog, turn->cseq,
			     call_role_of(turn->call, call_other(turn->from)));
	/* It took what we have cancelled, so its media are not the other's. */
	if (accepted)
		call_end(turn->call, &call_why_answer);
	return RELAY_KEEP;
}

static enum relay_action change_response(void *owner, struct relay *relay,
					 struct sip_msg *msg, bool made)
{
	struct call_turn *turn = owner;
	struct oa_verdict no;

	(void)relay;
	(void)made;
	if (turn->refused || turn->call->state == CALL_OVER)
		return late(turn, msg);
	if (msg->status >= 300)
		return change_failed(turn, msg);
	if (call_response_words(turn, turn->dialog, msg, &no)) {
		if (turn->final)
			return RELAY_KEEP;
		if (msg->status < 200 && turn->method == CALL_INVITE)
			call_refuse_early(turn, &no);
		else
			call_refuse_final(turn, turn->dialog, &no);
		return RELAY_KEEP;
	}
	if (msg->status >= 200 && !turn->final)
		accept_change(turn, msg);
	return RELAY_FORWARD;
}

static const struct relay_ops change_ops = {
	.response = change_response,
	.done = call_turn_done,
};

/* Requests. */

/*
 * Two offers at a time cannot be told apart, nor can two INVITEs. The end that
 * the request is for would say the same (RFC 3261, 14.2; RFC 3311, 5.2).
 */
static unsigned int glare(const struct call *call, const struct edge_in *in,
			  enum call_method method, bool offers)
{
	enum oa_side by = call->offerer;

	if (method == CALL_INVITE && call_turn_open(call, CALL_INVITE, &by))
		return by == in->from ? 500 : 491;
	if ((method == CALL_INVITE || offers) && oa_pending(call->oa))
		return by == in->from ? 500 : 491;
	return 0;
}

static bool take_offer(struct call_turn *turn, struct edge_in *in)
{
	struct call_words words = {
		.offer = true,
		.from = in->from,
		.fork = sdp_text_of(turn->dialog->tag),
		.cseq = turn->cseq,
	};
	struct call *call = turn->call;
	struct oa_verdict no;

	if (call_body_translate(call, &words, NULL, in->msg, &no) < 0) {
		call_refuse_offer(call, in, &no);
		return false;
	}
	turn->offered = true;
	call->offerer = in->from;
	return true;
}

/* The answer to an offer in a reliable provisional response (RFC 3262, 5). */
static bool take_prack_answer(struct call_turn *turn, struct edge_in *in)
{
	struct call_dialog *dialog = turn->dialog;
	struct call_words words = {
		.from = in->from,
		.fork = sdp_text_of(dialog->tag),
		.cseq = turn->cseq,
	};
	struct call *call = turn->call;
	struct call_turn *invite;
	struct oa_verdict no;

	dialog->wait = CALL_WAIT_NONE;
	if (call_body_translate(call, &words, NULL, in->msg, &no) < 0) {
		call_refuse_offer(call, in, &no);
		call_end(call, &call_why_answer);
		return false;
	}
	call_streams_note(call);
	invite = call_turn_find(call, dialog->wait_from, dialog->wait_cseq,
				CALL_INVITE);
	if (invite && invite->dialog)
		invite->settled = true;
	else
		dialog->settled = true;
	return true;
}

static bool take_words(struct call_turn *turn, struct edge_in *in)
{
	struct body_part part;

	if (!call_body_find(in->msg, &part)) {
		call_body_guard(in->msg);
		return true;
	}
	if (turn->method == CALL_PRACK && turn->dialog->wait == CALL_WAIT_PRACK)
		return take_prack_answer(turn, in);
	return take_offer(turn, in);
}

static void change(struct call *call, struct call_dialog *dialog,
		   struct edge_in *in, enum call_method method)
{
	struct body_part part;
	bool describes = call_body_find(in->msg, &part);
	bool answers = method == CALL_PRACK && dialog->wait == CALL_WAIT_PRACK;
	unsigned int status = 0;
	struct call_turn *turn;
	int err;

	if (call->oa)
		status = glare(call, in, method, describes && !answers);
	else if (describes || method == CALL_INVITE)
		status = 488;
	if (status) {
		call_refuse(in, status);
		return;
	}
	if (method != CALL_PRACK && call_session_short(in))
		return;
	turn = call_turn_new(call, in, method);
	if (!turn) {
		call_refuse(in, 503);
		return;
	}
	turn->dialog = dialog;
	if (method != CALL_PRACK)
		turn->contact = call_contact(in->msg);
	err = 1;
	if (take_words(turn, in))
		err = call_turn_start(turn, in, &change_ops);
	if (err < 0) {
		if (turn->offered)
			oa_refused(call->oa);
		refuse_start(in, err);
	}
	if (err) {
		call_turn_free(turn);
		call_husk_check(call);
	}
}

/* BYE. */

static enum relay_action bye_response(void *owner, struct relay *relay,
				      struct sip_msg *msg, bool made)
{
	struct call_turn *turn = owner;
	struct call_dialog *dialog = turn->dialog;
	struct call *call = turn->call;

	(void)relay;
	(void)made;
	call_body_guard(msg);
	if (msg->status < 200)
		return RELAY_FORWARD;
	turn->final = true;
	if (call->state == CALL_OVER)
		return RELAY_FORWARD;
	if (msg->status == 401 || msg->status == 407) {
		call_step(call, CALL_STAYS);
		return RELAY_FORWARD;
	}
	/* Whatever else it says, its sender is gone (RFC 3261, 15.1.1). */
	dialog->gone = true;
	if (!call->dialog || call->dialog == dialog) {
		if (call->dialog)
			call_over(call, "bye");
		else if (call->oa)
			oa_fork_gone(call->oa, sdp_text_of(dialog->tag));
	}
	return RELAY_FORWARD;
}

static const struct relay_ops bye_ops = {
	.response = bye_response,
	.done = call_turn_done,
};

static void leave(struct call *call, struct call_dialog *dialog,
		  struct edge_in *in)
{
	struct call_turn *turn;
	int err;

	if (call->state == CALL_ADOPTED && in->from == OA_CORE && !call->reg) {
		/* Nothing leads to its UE yet, which is told when it is back. */
		edge_answer(in, 200, "OK", NULL);
		if (!call_owe(call))
			call_over(call, "bye");
		return;
	}
	if (call->state == CALL_OWING) {
		edge_answer(in, 200, "OK", NULL);
		return;
	}
	turn = call_turn_new(call, in, CALL_BYE);
	if (!turn) {
		call_refuse(in, 503);
		return;
	}
	turn->dialog = dialog;
	call_body_guard(in->msg);
	err = call_turn_start(turn, in, &bye_ops);
	if (err) {
		refuse_start(in, err);
		if (dialog == call->dialog)
			call_over(call, "bye");
		call_turn_free(turn);
		call_husk_check(call);
		return;
	}
	if (dialog == call->dialog)
		call_step(call, CALL_LEAVES);
}

/*
 * A request of a dialog that we know nothing of. What could say anything of media
 * goes no further, so that no keys do.
 */
static bool stranger(struct edge_in *in, enum call_method method)
{
	struct body_part part;

	if (in->from == OA_ACCESS && !in->reg) {
		metric_add(METRIC_FORBIDDEN);
		call_refuse(in, 403);
		return true;
	}
	if (method != CALL_INVITE && !call_body_find(in->msg, &part))
		return false;
	if (method == CALL_OTHER || method == CALL_BYE) {
		call_body_guard(in->msg);
		return false;
	}
	call_refuse(in, 481);
	return true;
}

static enum relay_action passed_response(void *owner, struct relay *relay,
					 struct sip_msg *msg, bool made)
{
	(void)owner;
	(void)relay;
	(void)made;
	call_body_guard(msg);
	return RELAY_FORWARD;
}

static const struct relay_ops pass_ops = {
	.response = passed_response,
};

static void pass(const struct call *call, const struct call_dialog *dialog,
		 const struct edge_in *in)
{
	struct relay_way way;
	int err;

	call_body_guard(in->msg);
	call_way(call, dialog, in->from, in->msg, &way);
	err = relay_start(in, &way, &pass_ops, NULL, NULL);
	if (err)
		refuse_start(in, err);
}

/* Is the Route of a request this route set, octet by octet? */
static bool follows(const struct sip_msg *msg, const char *routes)
{
	struct sdp_text rest = sdp_text_of(routes), line;
	struct sip_at at = { 0 };
	int more;

	while ((more = sip_element_next(msg, "Route", &at)) > 0) {
		sdp_text_cut(rest, '\n', &line, &rest);
		if (!line.len || !sip_same(line, at.text))
			return false;
	}
	return !more && !rest.len;
}

/*
 * A UE's request goes the way that the dialog was made on (TS 24.229, 5.2.6.3),
 * not any other that it says.
 */
static int hold_way(const struct call *call, const struct call_dialog *dialog,
		    const struct edge_in *in)
{
	const char *routes = call->caller == OA_ACCESS ? dialog->routes :
							 call->routes;
	char *list, *at;
	int err = 0;

	if (in->from != OA_ACCESS)
		return 0;
	if (!routes)
		return -ENOMEM;
	if (follows(in->msg, routes))
		return 0;
	metric_add(METRIC_FORBIDDEN);
	log_event(LOG_LEVEL_NOTICE, call->call_id, "route.replaced",
		  "method=%.*s", (int)in->msg->method.len, in->msg->method.at);
	sip_header_remove(in->msg, "Route");
	if (!routes[0])
		return in->msg->failed;
	list = strdup(routes);
	if (!list)
		return -ENOMEM;
	for (at = list; *at; at++)
		if (*at == '\n')
			*at = at[1] ? ',' : ' ';
	err = sip_line_insert(in->msg, "Route", sip_trim(sdp_text_of(list)));
	free(list);
	return err;
}

/**
 * call_request() - a request within a dialog came
 * @in: the request, from who may send it; not an ACK
 *
 * Return: whether it was taken care of; if not, it is of no call of ours and
 * has no description.
 */
bool call_request(struct edge_in *in)
{
	enum call_method method = call_method_of(in->msg->method);
	struct call *call = call_find(in);
	struct call_dialog *dialog = call ? dialog_of(call, in) : NULL;

	if (!dialog)
		return stranger(in, method);
	if (call->state == CALL_OWING && method != CALL_BYE) {
		call_refuse(in, 481);
		return true;
	}
	if (hold_way(call, dialog, in)) {
		call_refuse(in, 500);
		return true;
	}
	call_dialog_request(dialog, call_role_of(call, in->from), in->msg);
	if (method == CALL_BYE)
		leave(call, dialog, in);
	else if (method == CALL_OTHER)
		pass(call, dialog, in);
	else
		change(call, dialog, in, method);
	return true;
}

/* ACK. */

/* Lets the answer in an ACK be what goes on; false if the call cannot go on. */
static bool take_ack(struct call *call, struct call_dialog *dialog,
		     struct edge_in *in)
{
	uint32_t cseq = call_cseq(in->msg);
	struct call_turn *turn =
		call_turn_find(call, in->from, cseq, CALL_INVITE);
	bool waits = dialog->wait == CALL_WAIT_ACK &&
		     dialog->wait_cseq == cseq && dialog->wait_from == in->from;
	struct call_said *said = turn ? &turn->said[CALL_IN_ACK] : NULL;
	struct call_words words = { .from = in->from,
				    .fork = sdp_text_of(dialog->tag),
				    .cseq = cseq };
	struct oa_verdict no;
	struct body_part part;
	int found = call_body_find(in->msg, &part);

	if (!waits && !(said && said->sum)) {
		call_body_guard(in->msg);
		return true;
	}
	if (waits)
		dialog->wait = CALL_WAIT_NONE;
	if (found &&
	    call_body_translate(call, &words, said, in->msg, &no) >= 0) {
		call_streams_note(call);
		if (turn && turn->dialog)
			turn->settled = true;
		else
			dialog->settled = true;
		return true;
	}
	if (found)
		call_note_refusal(call, "answer", &no);
	if (call->oa && waits)
		oa_refused(call->oa);
	call_body_strip(in->msg);
	return !waits;
}

/**
 * call_ack() - the ACK of a 2xx came
 * @in: the ACK
 *
 * Return: whether it was taken care of; if not, it is of no call of ours and
 * has no description.
 */
bool call_ack(struct edge_in *in)
{
	struct call *call = call_find(in);
	struct call_dialog *dialog = call ? dialog_of(call, in) : NULL;
	struct body_part part;
	struct relay_way way;
	bool good;

	if (!dialog)
		return call_body_find(in->msg, &part);
	if (hold_way(call, dialog, in))
		return true;
	good = take_ack(call, dialog, in);
	call_way(call, dialog, in->from, in->msg, &way);
	if (!route_strict(in->edge, in->msg))
		relay_ack(in, &way);
	if (!good) {
		call_end(call, &call_why_answer);
	} else if (dialog == call->dialog && call->state == CALL_ANSWERED &&
		   in->from == call->caller) {
		call_step(call, CALL_CONFIRMS);
		call_tell_up(call);
	}
	return true;
}
