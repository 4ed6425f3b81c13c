// SPDX-License-Identifier: GPL-2.0
/*
 * Security agreement for media (RFC 3329, with mediasec of TS 24.229). It ends
 * at the P-CSCF: nothing of it goes to the core, nothing comes from there.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reg-inner.h"

#define SERVER_ROOM 640 /* with the domain twice */
#define SDES	    "sdes-srtp;mediasec"
#define MIKEY	    "e2ae-mikey;mediasec"
#define MSRP	    "e2ae-msrp-psk;mediasec"

/* What we can; the same for every UE, so nothing has to be remembered. */
static int server_list(const struct edge *edge, char out[SERVER_ROOM])
{
	const char *domain = edge->config->domain;
	int n = snprintf(out, SERVER_ROOM,
			 SDES ", " MIKEY ";id=\"%s\", " MSRP ";id=\"%s\"",
			 domain, domain);

	return n < SERVER_ROOM ? 0 : -ENOSPC;
}

/* A mechanism: its name, and its parameters from the first ";" on. */
static bool split(struct sdp_text element, struct sdp_text *name,
		  struct sdp_text *params)
{
	ssize_t at = sip_until(element, 0, ';');

	if (at < 0)
		return false;
	*name = sip_trim(sip_part(element, 0, at));
	*params = sip_part(element, at, element.len);
	return sip_is_token(*name) && !sip_param_check(*params, SIP_PARAM_SEMI);
}

static bool has_mediasec(struct sdp_text params)
{
	struct sip_param param;

	return sip_param_find(params, SIP_PARAM_SEMI, "mediasec", &param) > 0;
}

/**
 * agree_read() - read the capabilities that a UE announces
 * @msg: its REGISTER
 * @agree: where to put them
 *
 * Mechanisms without mediasec are for signalling; they are not ours.
 */
void agree_read(const struct sip_msg *msg, struct agree *agree)
{
	struct sdp_text name, params;
	struct sip_at at = { 0 };

	*agree = (struct agree){ 0 };
	while (sip_element_next(msg, "Security-Client", &at) > 0) {
		if (!split(at.text, &name, &params) || !has_mediasec(params))
			continue;
		agree->asked = true;
		agree->sdes |= sdp_text_is(name, "sdes-srtp");
		agree->mikey |= sdp_text_is(name, "e2ae-mikey");
		agree->msrp |= sdp_text_is(name, "e2ae-msrp-psk");
	}
}

/**
 * agree_strip() - take the security agreement out of a message to the core
 * @msg: the message
 *
 * Return: 0 or a negative errno.
 */
int agree_strip(struct sip_msg *msg)
{
	static const char *const lists[] = { "Require", "Proxy-Require" };
	static const char *const tags[] = { "mediasec", "sec-agree" };
	size_t i, j;
	int err = 0;

	sip_header_remove(msg, "Security-Client");
	sip_header_remove(msg, "Security-Server");
	sip_header_remove(msg, "Security-Verify");
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (j = 0; j < ARRAY_SIZE(tags) && err >= 0; j++)
			err = sip_list_remove(msg, lists[i], tags[j]);
	return err < 0 ? err : 0;
}

/**
 * agree_offer() - tell the UE what we can
 * @edge: the edge
 * @msg: response to its REGISTER
 *
 * Return: 0 or a negative errno.
 */
int agree_offer(const struct edge *edge, struct sip_msg *msg)
{
	char list[SERVER_ROOM];
	int err = server_list(edge, list);

	return err ? err :
		     sip_line_append(msg, "Security-Server", sdp_text_of(list));
}

/* Are these the same parameters, in any order? */
static bool same_params(struct sdp_text ours, struct sdp_text theirs)
{
	struct sip_param one = { 0 }, other;
	char a[SERVER_ROOM], b[SERVER_ROOM];
	unsigned int n = 0, m = 0;
	ssize_t a_len, b_len;

	while (sip_param_next(ours, SIP_PARAM_SEMI, &one) > 0) {
		n++;
		other = (struct sip_param){ 0 };
		while (sip_param_next(theirs, SIP_PARAM_SEMI, &other) > 0)
			if (sip_alike(one.name, other.name))
				break;
		if (!sip_alike(one.name, other.name) ||
		    one.has_value != other.has_value)
			return false;
		a_len = sip_unquote(one.value, a, sizeof(a));
		b_len = sip_unquote(other.value, b, sizeof(b));
		if (a_len != b_len || a_len < 0 || memcmp(a, b, a_len))
			return false;
	}
	one = (struct sip_param){ 0 };
	while (sip_param_next(theirs, SIP_PARAM_SEMI, &one) > 0)
		m++;
	return n == m;
}

/* The n-th element of our list, which has no comma in quotes. */
static bool same_mechanism(struct sdp_text ours, struct sdp_text theirs)
{
	struct sdp_text name, params, their_name, their_params;

	return split(ours, &name, &params) &&
	       split(theirs, &their_name, &their_params) &&
	       sip_alike(name, their_name) && same_params(params, their_params);
}

/* Is Security-Verify the list that we sent (RFC 3329, 2.3.1)? */
static bool verify_is(const struct sip_msg *msg, struct sdp_text list)
{
	struct sip_at at = { 0 };
	struct sdp_text ours;
	ssize_t end = 0;
	int more;

	for (;;) {
		more = sip_element_next(msg, "Security-Verify", &at);
		if (more <= 0)
			return !more && !list.len;
		end = sip_until(list, 0, ',');
		if (end < 0 || !list.len)
			return false;
		ours = sip_trim(sip_part(list, 0, end));
		if (!same_mechanism(ours, at.text))
			return false;
		end += (size_t)end < list.len;
		list = sip_part(list, end, list.len);
	}
}

/**
 * agree_verify() - does the UE repeat what we offered?
 * @in: a request of a UE
 *
 * Whoever changed our list on its way to the UE wants the weaker mechanism. A UE
 * may leave the list out, since mediasec works without sec-agree.
 *
 * Return: whether it does, or says nothing; if not, 494 was sent.
 */
bool agree_verify(const struct edge_in *in)
{
	char list[SERVER_ROOM], call_id[128];
	struct sip_field field = { "Security-Server", { NULL, 0 } };
	const struct sip_extra extra = { &field, 1, { NULL, 0 } };

	if (!sip_line_count(in->msg, "Security-Verify") ||
	    server_list(in->edge, list) ||
	    verify_is(in->msg, sdp_text_of(list)))
		return true;
	metric_add(METRIC_SEC_AGREE_MISMATCH);
	edge_call_id(in->msg, call_id, sizeof(call_id));
	log_event(LOG_LEVEL_WARNING, call_id, "agree.mismatch", "method=%.*s",
		  (int)in->msg->method.len, in->msg->method.at);
	field.value = sdp_text_of(list);
	edge_answer(in, 494, "Security Agreement Required", &extra);
	return false;
}
