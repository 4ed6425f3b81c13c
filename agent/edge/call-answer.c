// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptions in responses, and what is refused. A 2xx cannot be refused by a
 * proxy: the one that must not go on is acknowledged and ended by us.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../keying/keymgmt.h"
#include "call-inner.h"

#define HEAD_OF_ERROR \
	"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=key-mgmt:"

/**
 * struct refusal - a response of ours that says why
 * @warning: value of Warning (RFC 3261, 20.43)
 * @body: description with a MIKEY error message (RFC 4567, 4.1.2)
 * @fields: lines
 * @extra: all of it
 */
struct refusal {
	char warning[OA_WARNING_ROOM + 300];
	char body[sizeof(HEAD_OF_ERROR) + E2AE_KEYMGMT_ROOM + 2];
	struct sip_field fields[3];
	struct sip_extra extra;
};

static const char *phrase_of(unsigned int status)
{
	static const struct {
		unsigned int status;
		const char *phrase;
	} phrases[] = {
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 408, "Request Timeout" },
		{ 415, "Unsupported Media Type" },
		{ 480, "Temporarily Unavailable" },
		{ 481, "Call/Transaction Does Not Exist" },
		{ 482, "Loop Detected" },
		{ 483, "Too Many Hops" },
		{ 486, "Busy Here" },
		{ 488, "Not Acceptable Here" },
		{ 491, "Request Pending" },
		{ 500, "Server Internal Error" },
		{ 503, "Service Unavailable" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Refused";
}

static void add(struct refusal *out, const char *name, const char *value)
{
	out->fields[out->extra.n_fields++] =
		(struct sip_field){ name, sdp_text_of(value) };
}

/* "302 Incompatible ..." becomes 302 <us> "Incompatible ...". */
static void add_warning(struct refusal *out, const char *domain,
			const struct oa_verdict *no)
{
	const char *text = no->warning;

	if (strlen(text) < 5 || strchr(text, '"') || strchr(text, '\\'))
		return;
	snprintf(out->warning, sizeof(out->warning), "%.3s %s \"%s\"", text,
		 domain, text + 4);
	add(out, "Warning", out->warning);
}

static void add_error(struct refusal *out, const struct oa_verdict *no)
{
	char value[E2AE_KEYMGMT_ROOM];

	if (!no->mikey.len ||
	    e2ae_keymgmt_write(&no->mikey, value, sizeof(value)) < 0)
		return;
	snprintf(out->body, sizeof(out->body), "%s%s\r\n", HEAD_OF_ERROR,
		 value);
	add(out, "Content-Type", "application/sdp");
	out->extra.body = sdp_text_of(out->body);
}

/* An error message of MIKEY is for the UE, not for the core. */
static void make(struct refusal *out, const struct call *call,
		 const struct oa_verdict *no, enum oa_side to)
{
	memset(out, 0, sizeof(*out));
	out->extra.fields = out->fields;
	if (no->status == 503)
		add(out, "Retry-After", "5");
	if (no->status == 415)
		add(out, "Accept-Encoding", "identity");
	add_warning(out, call->table->edge->config->domain, no);
	if (to == OA_ACCESS)
		add_error(out, no);
}

/**
 * call_refuse() - answer a request with a failure that needs no words
 * @in: the request
 * @status: of the response
 */
void call_refuse(const struct edge_in *in, unsigned int status)
{
	struct sip_field after = { "Retry-After", sdp_text_of("5") };
	struct sip_extra extra = { &after, 1, { NULL, 0 } };

	edge_answer(in, status, phrase_of(status),
		    status == 500 || status == 503 ? &extra : NULL);
}

/* What the gateway lacks, not what the peer did wrong. */
static void note_lack(const struct call *call, const char *why)
{
	if (!strcmp(why, "no-ports"))
		metric_add(METRIC_PORTS_EXHAUSTED);
	if (strncmp(why, "msf", 3))
		return;
	metric_add(METRIC_MSF_ERRORS);
	log_event(LOG_LEVEL_ERROR, call->call_id, "msf.refused", "why=%s",
		  msf_error(call->table->edge->msf));
}

/**
 * call_note_refusal() - count a refusal and tell of it
 * @call: the call
 * @what: offer, answer
 * @no: why
 */
void call_note_refusal(const struct call *call, const char *what,
		       const struct oa_verdict *no)
{
	if (no->required)
		metric_add(METRIC_REFUSED_REQUIRED);
	else if (no->status == 488)
		metric_add(METRIC_KEYING_FAILED);
	if (no->why)
		note_lack(call, no->why);
	log_event(LOG_LEVEL_NOTICE, call->call_id, "call.refused",
		  "what=%s status=%u why=%s required=%s identity=%s", what,
		  no->status, no->why ? no->why : "unknown",
		  no->required ? "yes" : "no", call->identity);
}

/**
 * call_refuse_offer() - refuse a request for its offer
 * @call: the call
 * @in: the request, or a PRACK for its answer
 * @no: why
 */
void call_refuse_offer(struct call *call, const struct edge_in *in,
		       const struct oa_verdict *no)
{
	struct refusal refusal;

	call_note_refusal(call, "offer", no);
	make(&refusal, call, no, in->from);
	edge_answer(in, no->status, phrase_of(no->status), &refusal.extra);
}

/* Answers a turn ourselves. What comes of it afterwards goes no further. */
static void reply(struct call_turn *turn, const struct oa_verdict *no)
{
	struct refusal refusal;

	call_note_refusal(turn->call, "answer", no);
	metric_add(METRIC_ANSWERS_REFUSED);
	make(&refusal, turn->call, no, turn->from);
	turn->refused = true;
	turn->final = true;
	relay_reply(turn->relay, no->status, phrase_of(no->status),
		    &refusal.extra);
}

/**
 * call_refuse_final() - keep a 2xx back that must not go on
 * @turn: the request it answers
 * @dialog: its dialog
 * @no: why
 *
 * The sender of the 2xx thinks that its answer counts, so the call cannot go on.
 */
void call_refuse_final(struct call_turn *turn, struct call_dialog *dialog,
		       const struct oa_verdict *no)
{
	struct call *call = turn->call;

	reply(turn, no);
	if (turn == call->first) {
		call_ack_and_bye(turn, dialog);
		call_over(call, call_why_answer.word);
		return;
	}
	if (turn->method == CALL_INVITE)
		call_ack_own(dialog, turn->cseq,
			     call_role_of(call, call_other(turn->from)));
	call_end(call, &call_why_answer);
}

/**
 * call_refuse_early() - give up an INVITE for a description in a provisional
 *	response
 * @turn: the INVITE
 * @no: why
 */
void call_refuse_early(struct call_turn *turn, const struct oa_verdict *no)
{
	struct call *call = turn->call;
	struct relay *relay = turn->relay;

	reply(turn, no);
	if (turn == call->first)
		call_over(call, call_why_answer.word);
	else if (call->oa)
		oa_refused(call->oa);
	relay_cancel(relay);
}

static bool is_reliable(const struct sip_msg *msg)
{
	struct sdp_text value;

	return sip_list_has(msg, "Require", "100rel") &&
	       sip_header(msg, "RSeq", &value);
}

/* Of the first INVITE every fork has an exchange of its own. */
static bool *settled(struct call_turn *turn, struct call_dialog *dialog)
{
	return turn->dialog ? &turn->settled : &dialog->settled;
}

/* May a description in this response be an offer? */
static bool may_offer(struct call_turn *turn, struct call_dialog *dialog,
		      const struct sip_msg *msg)
{
	if (turn->offered || turn->method != CALL_INVITE)
		return false;
	if (msg->status < 200)
		return is_reliable(msg);
	return !*settled(turn, dialog) || turn->said[CALL_IN_FINAL].sum;
}

/**
 * call_response_words() - let the description in a response be what goes on
 * @turn: the request it answers
 * @dialog: its dialog
 * @msg: a provisional response or a 2xx; its body is edited
 * @no: filled in if it is refused
 *
 * Return: 0 or an error with @no.
 */
int call_response_words(struct call_turn *turn, struct call_dialog *dialog,
			struct sip_msg *msg, struct oa_verdict *no)
{
	enum call_place place = msg->status < 200 ? CALL_IN_EARLY :
						    CALL_IN_FINAL;
	struct call *call = turn->call;
	struct call_words words = {
		.from = call_other(turn->from),
		.fork = sdp_text_of(dialog->tag),
		.cseq = turn->cseq,
	};
	struct body_part part;
	int found = call_body_find(msg, &part), err;

	if (!found) {
		/* An offer that nobody answers is none any more. */
		if (msg->status >= 200 && turn->offered && call->oa &&
		    !*settled(turn, dialog))
			oa_refused(call->oa);
		call_body_guard(msg);
		return 0;
	}
	words.offer = may_offer(turn, dialog, msg);
	if (!words.offer && !turn->offered) {
		call_body_strip(msg);
		return 0;
	}
	err = call_body_translate(call, &words, &turn->said[place], msg, no);
	if (err < 0)
		return err;
	call_streams_note(call);
	if (!words.offer) {
		*settled(turn, dialog) = true;
	} else if (!err) {
		call->offerer = words.from;
		dialog->wait = place == CALL_IN_FINAL ? CALL_WAIT_ACK :
							CALL_WAIT_PRACK;
		dialog->wait_from = turn->from;
		dialog->wait_cseq = turn->cseq;
	}
	return 0;
}
