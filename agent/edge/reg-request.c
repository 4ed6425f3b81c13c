// SPDX-License-Identifier: GPL-2.0
/* REGISTER on its way to the registrar (RFC 3261, 10; RFC 3327). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reg-inner.h"

#define DEFAULT_SECONDS 3600
#define INDICATOR	"+g.e2ae"

static void refuse(const struct edge_in *in, const struct reg_step *step,
		   unsigned int status, const char *reason)
{
	metric_add(METRIC_REGISTER_REFUSED);
	log_event(LOG_LEVEL_NOTICE, step->call_id, "reg.refused",
		  "impi=%s status=%u", step->impi ? step->impi : "", status);
	edge_answer(in, status, reason, NULL);
}

static void free_step(struct reg_step *step)
{
	aka_free(step->answered);
	net_flow_put(step->flow);
	free(step->impi);
	free(step->aor);
	free(step->contact);
	free(step);
}

static void relay_done(void *owner, struct relay *relay)
{
	(void)relay;
	free_step(owner);
}

static const struct relay_ops step_ops = {
	.response = reg_response,
	.done = relay_done,
};

/* The expiry that the UE asks for (RFC 3261, 10.2.1.1). */
static uint32_t wanted(const struct sip_msg *msg, const struct sip_addr *addr)
{
	uint32_t seconds = DEFAULT_SECONDS;
	struct sdp_text value;

	if (sip_addr_expires(addr, &seconds) > 0)
		return seconds;
	if (sip_header(msg, "Expires", &value))
		sip_seconds(value, &seconds);
	return seconds;
}

/* Contact of the REGISTER: one, "*", or none. */
static int read_contact(struct reg_step *step, const struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sip_addr addr;
	int found = sip_element_next(msg, "Contact", &at);

	if (found <= 0)
		return found;
	if (sip_addr_parse(at.text, &addr))
		return -EBADMSG;
	step->star = addr.star;
	step->seconds = wanted(msg, &addr);
	if (step->star && step->seconds)
		return -EBADMSG;
	if (!step->star && addr.text.len > REG_CONTACT_MAX)
		return -EBADMSG;
	if (!step->star) {
		step->contact = strndup(addr.text.at, addr.text.len);
		if (!step->contact)
			return -ENOMEM;
	}
	/* Each binding has one contact on one flow. */
	return sip_element_next(msg, "Contact", &at) ? -EBADMSG : 0;
}

static int read_aor(struct reg_step *step, const struct sip_msg *msg)
{
	struct sdp_text value = { NULL, 0 };
	struct sip_addr addr;

	if (!sip_header(msg, "To", &value) || sip_addr_parse(value, &addr) ||
	    addr.star || addr.text.len > REG_IDENTITY_MAX)
		return -EBADMSG;
	step->aor = strndup(addr.text.at, addr.text.len);
	return step->aor ? 0 : -ENOMEM;
}

static int read_step(struct reg_step *step, const struct edge_in *in)
{
	char impi[REG_IMPI_ROOM];
	int err;

	step->edge = in->edge;
	step->flow = net_flow_get(in->flow);
	edge_call_id(in->msg, step->call_id, sizeof(step->call_id));
	err = aka_impi(in->msg, impi, sizeof(impi));
	if (err)
		return err;
	step->impi = strdup(impi);
	if (!step->impi)
		return -ENOMEM;
	err = read_aor(step, in->msg);
	if (!err)
		err = read_contact(step, in->msg);
	if (err)
		return err;
	agree_read(in->msg, &step->agree);
	step->answered = aka_answered(in->edge, in->flow, impi, in->msg);
	return 0;
}

/* Is there room for one more? The token is that of a binding there already is. */
static int admit(struct reg_step *step, const struct edge_in *in)
{
	const struct config_limits *limits = &in->edge->config->limits;
	const struct reg *reg = NULL, *own = in->reg;

	/*
	 * Behind a NAT the address of a phone that is gone may be another's. The
	 * binding stays until that other one has authenticated.
	 */
	if (own && strcmp(own->impi, step->impi)) {
		if (net_flow_kind(in->flow) != NET_UDP) {
			refuse(in, step, 403, "Forbidden");
			return -EPERM;
		}
		own = NULL;
	}
	if (step->contact)
		reg = reg_find(in->edge, step->impi,
			       sdp_text_of(step->contact));
	if (reg)
		memcpy(step->token, reg->token, sizeof(step->token));
	else if (!step->contact || !call_left_token(in->edge, step->impi,
						    step->contact, step->token))
		route_token(step->token);
	if (reg || !step->contact || !step->seconds)
		return 0;
	if (in->edge->draining ||
	    reg_count(in->edge) >= limits->registrations) {
		edge_busy(in);
		return -EBUSY;
	}
	if (reg_contacts(in->edge, step->impi) >= limits->contacts &&
	    !(own && reg_contacts(in->edge, step->impi) == limits->contacts)) {
		refuse(in, step, 403, "Too Many Contacts");
		return -EPERM;
	}
	return 0;
}

/* Transport and address family of our URI that the core is told. */
static int core_uri(const struct edge *edge, const char *token,
		    char out[ROUTE_URI_ROOM])
{
	const struct config_side *core = &edge->config->core;
	struct sdp_text transport = { NULL, 0 };
	enum net_kind kind = NET_UDP;
	struct sip_uri uri;
	size_t i;

	if (edge->config->next_hop &&
	    !sip_uri_parse(sdp_text_of(edge->config->next_hop), &uri))
		sip_uri_param(&uri, "transport", &transport);
	if (sdp_text_is(transport, "tcp"))
		kind = NET_TCP;
	else if (sdp_text_is(transport, "tls"))
		kind = NET_TLS;
	for (i = 0; i < core->n_listen; i++)
		if (core->listen[i].kind == kind)
			return route_uri(edge, token, NET_CORE, kind,
					 core->listen[i].addr.sa.sa_family,
					 out);
	if (!core->n_listen)
		return -EADDRNOTAVAIL;
	return route_uri(edge, token, NET_CORE, core->listen[0].kind,
			 core->listen[0].addr.sa.sa_family, out);
}

/**
 * reg_core_uri() - a URI of ours for the core, in angle brackets
 * @edge: the edge
 * @token: its user part
 * @out: where it goes
 *
 * Return: 0 or a negative errno.
 */
int reg_core_uri(const struct edge *edge, const char *token,
		 char out[REG_URI_ROOM])
{
	char uri[ROUTE_URI_ROOM];
	int err = core_uri(edge, token, uri);

	if (!err)
		snprintf(out, REG_URI_ROOM, "<%s>", uri);
	return err;
}

static int add_path(const struct reg_step *step, struct sip_msg *msg)
{
	char uri[REG_URI_ROOM];
	int err = reg_core_uri(step->edge, step->token, uri);

	if (!err)
		err = sip_line_insert(msg, "Path", sdp_text_of(uri));
	if (!err && !sip_list_has(msg, "Require", "path"))
		err = sip_line_append(msg, "Require", sdp_text_of("path"));
	if (!err && !sip_list_has(msg, "Supported", "path"))
		err = sip_line_append(msg, "Supported", sdp_text_of("path"));
	return err;
}

/* RFC 7315, 4.3 and 4.6. */
static int add_network(const struct edge_in *in)
{
	const struct config_side *side =
		&in->edge->config->access[net_flow_side(in->flow)];
	char id[ROUTE_TOKEN_ROOM], charging[64], network[256];
	int err = 0;

	if (side->network_id && side->network_id[0]) {
		snprintf(network, sizeof(network), "\"%s\"", side->network_id);
		err = sip_line_append(in->msg, "P-Visited-Network-ID",
				      sdp_text_of(network));
	}
	if (err)
		return err;
	route_token(id);
	snprintf(charging, sizeof(charging), "icid-value=\"%s\"", id);
	return sip_line_append(in->msg, "P-Charging-Vector",
			       sdp_text_of(charging));
}

/* So that the S-CSCF can prefer capable terminals (RFC 3840). */
static int add_indicator(const struct edge_in *in, const struct reg_step *step)
{
	const struct config *config = in->edge->config;
	const struct policy *policy = policy_find(
		config->policies, config->access[net_flow_side(in->flow)].name,
		step->aor);
	struct sip_at at;
	struct sip_addr addr;

	if (!step->contact || !step->seconds || !policy || !policy->indicator ||
	    !(step->agree.sdes || agree_needs_key(&step->agree)))
		return 0;
	if (sip_element_at(in->msg, "Contact", 0, &at) != 1 ||
	    sip_addr_parse(at.text, &addr))
		return -EBADMSG;
	/* Without brackets the parameter would be taken for one of the URI. */
	if (!addr.angle)
		return 0;
	return sip_param_set(in->msg, &at, INDICATOR, NULL);
}

static int edit(const struct edge_in *in, const struct reg_step *step)
{
	int err = identity_strip_register(in->msg);

	if (!err)
		err = aka_set_integrity(
			in->msg, aka_integrity(in, step->impi,
					       agree_needs_key(&step->agree)));
	if (!err)
		err = add_indicator(in, step);
	/* Where it goes is not for the UE to say. */
	sip_header_remove(in->msg, "Route");
	call_body_screen(in->msg);
	if (!err)
		err = add_path(step, in->msg);
	return err ? err : add_network(in);
}

/**
 * reg_request() - send a REGISTER on
 * @in: the REGISTER, from an access network
 */
void reg_request(struct edge_in *in)
{
	struct reg_step *step;
	struct relay_way way;
	int err;

	/* Within a dialog there is no REGISTER. */
	step = in->tx && !in->dialog ? calloc(1, sizeof(*step)) : NULL;
	if (!step) {
		edge_answer(in, in->dialog ? 400 : 503,
			    in->dialog ? "Bad Request" : "Service Unavailable",
			    NULL);
		return;
	}
	err = read_step(step, in);
	if (err) {
		refuse(in, step, err == -ENOMEM ? 503 : 400,
		       err == -ENOMEM ? "Service Unavailable" : "Bad Request");
		free_step(step);
		return;
	}
	if (admit(step, in)) {
		free_step(step);
		return;
	}
	err = edit(in, step);
	if (!err)
		err = route_next(in->edge, in->msg, &way);
	if (!err)
		err = relay_start(in, &way, &step_ops, step, NULL);
	if (err) {
		refuse(in, step, err == -ENOMEM ? 503 : 400,
		       err == -ENOMEM ? "Service Unavailable" : "Bad Request");
		free_step(step);
	}
}
