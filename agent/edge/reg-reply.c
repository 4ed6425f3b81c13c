// SPDX-License-Identifier: GPL-2.0
/* Responses to REGISTER: what they make of bindings. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reg-inner.h"

/* The expiry that the registrar grants our contact; 0 if it is not bound. */
static uint32_t granted(const struct reg_step *step, const struct sip_msg *msg)
{
	struct sip_uri ours, theirs;
	uint32_t seconds = step->seconds;
	struct sip_at at = { 0 };
	struct sdp_text value;
	struct sip_addr addr;

	if (sip_header(msg, "Expires", &value))
		sip_seconds(value, &seconds);
	if (!step->contact || sip_uri_parse(sdp_text_of(step->contact), &ours))
		return 0;
	while (sip_element_next(msg, "Contact", &at) > 0) {
		if (sip_addr_parse(at.text, &addr) || addr.star ||
		    sip_uri_parse(addr.text, &theirs) ||
		    !sip_uri_equal(&ours, &theirs))
			continue;
		sip_addr_expires(&addr, &seconds);
		return seconds;
	}
	/* A registrar that lists others, but not this one, has not bound it. */
	return 0;
}

/* Joins the elements of a list header. */
static char *join(const struct sip_msg *msg, const char *name, size_t most)
{
	struct sip_at at = { 0 };
	char *text = malloc(most + 1);
	size_t used = 0;

	while (text && sip_element_next(msg, name, &at) > 0) {
		if (used)
			sdp_text_put(sdp_text_of(", "), text, most, &used);
		sdp_text_put(at.text, text, most, &used);
	}
	if (!text || !used || used > most) {
		free(text);
		return NULL;
	}
	text[used] = 0;
	return text;
}

static void free_identities(char **identities, size_t n)
{
	while (n)
		free(identities[--n]);
	free(identities);
}

/* The implicit registration set (RFC 7315, 4.1); without it the one of To. */
static int read_identities(struct reg *reg, const struct reg_step *step,
			   const struct sip_msg *msg)
{
	char **list = calloc(REG_IDENTITIES, sizeof(*list)), **fit;
	struct sip_at at = { 0 };
	struct sip_addr addr;
	size_t n = 0, octets = 0;

	while (list && n < REG_IDENTITIES &&
	       sip_element_next(msg, "P-Associated-URI", &at) > 0) {
		if (sip_addr_parse(at.text, &addr) || addr.star ||
		    addr.text.len > REG_IDENTITY_MAX ||
		    octets + addr.text.len > REG_IDENTITY_ALL)
			continue;
		list[n] = strndup(addr.text.at, addr.text.len);
		octets += addr.text.len;
		n += !!list[n];
	}
	if (list && !n) {
		list[0] = strdup(step->aor);
		n = !!list[0];
	}
	if (!n) {
		free(list);
		return -ENOMEM;
	}
	fit = realloc(list, n * sizeof(*list));
	free_identities(reg->identities, reg->n_identities);
	reg->identities = fit ? fit : list;
	reg->n_identities = n;
	return reg_subscribe(reg) ? 0 : -ENOMEM;
}

/* Nobody else's binding may stay on a flow that is this one's. */
static void take_flow(struct reg *reg, struct net_flow *flow)
{
	struct reg *other = reg_by_flow(flow);

	if (other && other != reg)
		reg_end(other, "replaced");
	reg_move(reg, flow);
}

static int bind_contact(struct reg_step *step, const struct sip_msg *msg,
			uint32_t seconds)
{
	struct edge *edge = step->edge;
	struct reg *reg =
		reg_find(edge, step->impi, sdp_text_of(step->contact));
	bool fresh = !reg;
	int err;

	if (!net_flow_alive(step->flow))
		return -EPIPE;
	/* Two phones of a subscriber want the calls of one. */
	if (fresh && reg_by_token(edge, step->token))
		return -EEXIST;
	if (fresh)
		reg = reg_make(edge, step);
	if (!reg)
		return -ENOMEM;
	take_flow(reg, step->flow);
	reg->agree = step->agree;
	free(reg->service_route);
	reg->service_route = join(msg, "Service-Route", REG_ROUTE_MAX);
	reg->until_ms = edge_now_ms() + (uint64_t)seconds * 1000;
	err = read_identities(reg, step, msg);
	if (!err)
		err = aka_keys(reg, step);
	if (err && !reg->n_identities) {
		reg_end(reg, "no-memory");
		return err;
	}
	reg_set_timer(reg);
	if (fresh)
		metric_add(METRIC_REGISTERED);
	log_event(
		LOG_LEVEL_INFO, step->call_id,
		fresh ? "reg.bound" : "reg.refreshed",
		"impi=%s identity=%s contact=%s expires=%u sdes=%d mikey=%d msrp=%d keys=%u%s",
		reg->impi, reg_default_identity(reg), reg->contact, seconds,
		reg->agree.sdes, reg->agree.mikey, reg->agree.msrp, reg->n_kmm,
		err ? " error=keys" : "");
	reg->restored = false;
	if (fresh && edge->config->reg_event)
		watch_start(reg);
	reg_journal_note(reg);
	if (fresh)
		call_reg_back(edge, reg);
	return 0;
}

static void unbind(struct reg_step *step)
{
	struct reg *reg;

	if (!step->star) {
		reg = reg_find(step->edge, step->impi,
			       sdp_text_of(step->contact));
		if (reg)
			reg_end(reg, "deregistered");
		return;
	}
	while ((reg = reg_first(step->edge, step->impi)))
		reg_end(reg, "deregistered");
}

/*
 * May the flow become this subscriber's? From one who holds it, only by the
 * answer to a challenge that came on it: what a registrar grants without, anybody
 * can have who puts another's address on a datagram.
 */
static bool may_take(const struct reg_step *step)
{
	const struct reg *holder = reg_by_flow(step->flow);

	return !holder || !strcmp(holder->impi, step->impi) || step->answered;
}

static enum relay_action accepted(struct reg_step *step, struct relay *relay,
				  struct sip_msg *msg)
{
	uint32_t seconds = granted(step, msg);

	if (step->star || (step->contact && !step->seconds)) {
		/* The UE is told first: with its binding its flow may end. */
		relay_forward(relay, msg);
		unbind(step);
		return RELAY_KEEP;
	}
	if (step->contact && seconds && !may_take(step)) {
		metric_add(METRIC_REGISTER_REFUSED);
		log_event(LOG_LEVEL_NOTICE, step->call_id, "reg.refused",
			  "impi=%s status=403", step->impi);
		relay_reply(relay, 403, "Forbidden", NULL);
		return RELAY_KEEP;
	}
	if (step->contact && seconds &&
	    bind_contact(step, msg, seconds) == -EEXIST) {
		relay_reply(relay, 500, "Server Internal Error", NULL);
		return RELAY_KEEP;
	}
	return RELAY_FORWARD;
}

/**
 * reg_response() - a response to a REGISTER, see struct relay_ops
 * @owner: the REGISTER
 * @relay: its relay
 * @msg: the response
 * @made: the relay made it
 *
 * Return: what becomes of it.
 */
enum relay_action reg_response(void *owner, struct relay *relay,
			       struct sip_msg *msg, bool made)
{
	struct reg_step *step = owner;
	struct net_flow *down = relay_downstream(relay);
	bool trusted = !made && down && edge_protected(step->edge, down);
	bool success = msg->status >= 200 && msg->status < 300;
	int err = aka_take(step, msg, trusted);

	call_body_guard(msg);
	if (!err && step->agree.asked && !made &&
	    (msg->status == 401 || success))
		err = agree_offer(step->edge, msg);
	if (err) {
		log_event(LOG_LEVEL_WARNING, step->call_id, "reg.bad-response",
			  "impi=%s status=%u", step->impi, msg->status);
		relay_reply(relay, 500, "Server Internal Error", NULL);
		return RELAY_KEEP;
	}
	if (success)
		return accepted(step, relay, msg);
	if (msg->status >= 300) {
		if (msg->status != 401)
			metric_add(METRIC_REGISTER_REFUSED);
		aka_free(step->answered);
		step->answered = NULL;
	}
	return RELAY_FORWARD;
}
