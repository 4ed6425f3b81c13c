// SPDX-License-Identifier: GPL-2.0
/* Session timers as a proxy sees them (RFC 4028, 8). */
#include <stdio.h>

#include "call-inner.h"

/**
 * call_session() - see what a 2xx says of the session timer (RFC 4028)
 * @call: the call
 * @response: a 2xx to INVITE or UPDATE
 *
 * Without Session-Expires there is none (RFC 4028, 8.1 and 7.2).
 */
void call_session(struct call *call, const struct sip_msg *response)
{
	struct sdp_text value, head, tail;
	uint32_t seconds = 0;

	call->expires = 0;
	if (sip_header(response, "Session-Expires", &value)) {
		sdp_text_cut(value, ';', &head, &tail);
		if (!sip_seconds(sip_trim(head), &seconds))
			call->expires = seconds;
	}
	if (call->state == CALL_UP)
		call_clock(call);
}

/* The number that a header begins with; false if there is none. */
static bool number_of(struct sip_msg *msg, const char *name, struct sip_at *at,
		      struct sdp_text *digits, uint32_t *seconds)
{
	struct sdp_text head, tail;

	*at = (struct sip_at){ 0 };
	if (!sip_line_next(msg, name, at))
		return false;
	sdp_text_cut(at->text, ';', &head, &tail);
	*digits = sip_trim(head);
	return !sip_seconds(*digits, seconds);
}

/* Who sent it would not understand a refusal: the interval becomes longer. */
static bool raise_refused(const struct edge_in *in, uint32_t least)
{
	struct sip_msg *msg = in->msg;
	struct sdp_text digits;
	uint32_t seconds = 0;
	struct sip_at at;
	char text[16];

	if (number_of(msg, "Min-SE", &at, &digits, &seconds) && seconds > least)
		least = seconds;
	snprintf(text, sizeof(text), "%u", least);
	if (!at.line)
		sip_line_append(msg, "Min-SE", sdp_text_of(text));
	else if (seconds < least)
		sip_text_set(msg, &at, digits, sdp_text_of(text));
	if (number_of(msg, "Session-Expires", &at, &digits, &seconds))
		sip_text_set(msg, &at, digits, sdp_text_of(text));
	if (msg->failed)
		call_refuse(in, 400);
	return msg->failed;
}

/**
 * call_session_short() - is the session interval of a request too small?
 * @in: a request that may make or refresh a session
 *
 * If its sender supports session timers it is refused with 422 (RFC 4028, 8.1).
 * Else the interval is raised, which is not for us to do where it is supported.
 * An emergency call goes on whatever it says.
 *
 * Return: whether it was refused.
 */
bool call_session_short(const struct edge_in *in)
{
	struct sip_field field = { "Min-SE", { NULL, 0 } };
	const struct sip_extra extra = { &field, 1, { NULL, 0 } };
	uint32_t least = in->edge->config->min_se, seconds;
	struct sdp_text digits;
	struct sip_at at;
	char text[16];

	if (!number_of(in->msg, "Session-Expires", &at, &digits, &seconds) ||
	    seconds >= least || edge_emergency(in->msg))
		return false;
	if (!sip_list_has(in->msg, "Supported", "timer"))
		return raise_refused(in, least);
	snprintf(text, sizeof(text), "%u", least);
	field.value = sdp_text_of(text);
	edge_answer(in, 422, "Session Interval Too Small", &extra);
	return true;
}
