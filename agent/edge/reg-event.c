// SPDX-License-Identifier: GPL-2.0
/* Our subscription to the state of each registration (RFC 3680, RFC 6665). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reg-inner.h"

#define REQUEST_ROOM   2048
#define WANTED_SECONDS 600000 /* TS 24.229, 5.2.3 */
#define RETRY_SECONDS  300
#define AGAIN_SECONDS  5
#define MOST_SECONDS   86400
#define REGINFO	       "application/reginfo+xml"

static void refresh_in(struct reg *reg, uint32_t seconds)
{
	if (seconds > MOST_SECONDS)
		seconds = MOST_SECONDS;
	reg->watch.until_ms = edge_now_ms() + (uint64_t)seconds * 1000;
	reg_set_timer(reg);
}

static void subscribed(void *user, struct sip_msg *response)
{
	struct reg *reg = user;
	uint32_t seconds = WANTED_SECONDS;
	struct sdp_text value;

	if (!reg->alive) {
		/* Nobody waits for it any more. */
	} else if (response && response->status < 300) {
		if (sip_header(response, "Expires", &value))
			sip_seconds(value, &seconds);
		refresh_in(reg, seconds - seconds / 10);
	} else {
		log_event(LOG_LEVEL_WARNING, reg->watch.call_id, "watch.failed",
			  "impi=%s status=%u", reg->impi,
			  response ? response->status : 408);
		refresh_in(reg, RETRY_SECONDS);
	}
	reg_put(reg);
}

/* Each time a new dialog: what of the old one is left ends with our 481. */
static int write_request(struct reg *reg, char *out, size_t room)
{
	const struct edge *edge = reg->edge;
	const char *identity = reg_default_identity(reg);
	char contact[REG_URI_ROOM];
	int err = reg_core_uri(edge, reg->token, contact), n;

	if (err)
		return err;
	route_token(reg->watch.call_id);
	route_token(reg->watch.tag);
	n = snprintf(out, room,
		     "SUBSCRIBE %s SIP/2.0\r\n"
		     "Max-Forwards: 70\r\n"
		     "From: <sip:%s>;tag=%s\r\n"
		     "To: <%s>\r\n"
		     "Call-ID: %s\r\n"
		     "CSeq: %u SUBSCRIBE\r\n"
		     "Contact: %s\r\n"
		     "P-Asserted-Identity: <sip:%s>\r\n"
		     "Event: reg\r\n"
		     "Accept: " REGINFO "\r\n"
		     "Expires: %u\r\n"
		     "Content-Length: 0\r\n\r\n",
		     identity, edge->config->domain, reg->watch.tag, identity,
		     reg->watch.call_id, ++reg->watch.cseq, contact,
		     edge->config->domain, WANTED_SECONDS);
	return n < (int)room ? n : -ENOSPC;
}

/* Where the home network of an identity is. */
static bool find_way(const struct reg *reg, struct relay_way *way)
{
	const char *next_hop = reg->edge->config->next_hop;

	*way = (struct relay_way){ .side = NET_CORE };
	way->uri = sdp_text_of(next_hop ? next_hop : reg_default_identity(reg));
	return way->uri.len;
}

/**
 * watch_start() - subscribe to the state of a registration
 * @reg: the binding
 */
void watch_start(struct reg *reg)
{
	char request[REQUEST_ROOM];
	struct relay_way way;
	int n = find_way(reg, &way) ?
			write_request(reg, request, sizeof(request)) :
			-EHOSTUNREACH;

	if (n < 0) {
		reg->watch.call_id[0] = 0;
		return;
	}
	reg_get(reg);
	if (relay_own(reg->edge, &way, request, n, subscribed, reg))
		reg_put(reg);
	refresh_in(reg, RETRY_SECONDS);
	/* The next process has to know it, or refuses what it tells. */
	if (reg->kept)
		reg_journal_note(reg);
}

static bool is_ours(const struct reg *reg, const struct sip_msg *msg)
{
	struct sdp_text value = { NULL, 0 }, tag;
	struct sip_addr addr;

	return reg->watch.call_id[0] && sip_header(msg, "Call-ID", &value) &&
	       sip_same(value, sdp_text_of(reg->watch.call_id)) &&
	       sip_header(msg, "To", &value) && !sip_addr_parse(value, &addr) &&
	       sip_addr_param(&addr, "tag", &tag) > 0 &&
	       sip_same(tag, sdp_text_of(reg->watch.tag));
}

static bool has_reginfo(const struct sip_msg *msg)
{
	struct sdp_text value, params;

	if (!sip_header(msg, "Content-Type", &value))
		return false;
	if (!sdp_text_cut(value, ';', &value, &params))
		params = value;
	return sdp_text_is(sip_trim(value), REGINFO);
}

static bool subscription_over(const struct sip_msg *msg)
{
	struct sdp_text value, params, state;

	if (!sip_header(msg, "Subscription-State", &value))
		return false;
	if (!sdp_text_cut(value, ';', &state, &params))
		state = value;
	return sdp_text_is(sip_trim(state), "terminated");
}

/**
 * reg_notify() - the network tells the state of a registration
 * @in: a NOTIFY that names us
 *
 * Return: whether it belongs to a subscription of ours; then it was answered.
 */
bool reg_notify(struct edge_in *in)
{
	struct reg *reg = reg_by_token(in->edge, in->token);
	bool gone;

	if (!reg || !is_ours(reg, in->msg))
		return false;
	gone = has_reginfo(in->msg) && info_says_gone(reg, in->msg->body);
	edge_answer(in, 200, "OK", NULL);
	if (gone)
		reg_end(reg, "network");
	else if (subscription_over(in->msg))
		refresh_in(reg, AGAIN_SECONDS);
	return true;
}
