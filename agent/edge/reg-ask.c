// SPDX-License-Identifier: GPL-2.0
/* What calls and the operator ask of a binding. */
#include <errno.h>
#include <string.h>

#include "reg-inner.h"

/**
 * reg_alive() - does a binding still count?
 * @reg: the binding
 *
 * Return: whether it does.
 */
bool reg_alive(const struct reg *reg)
{
	return reg->alive;
}

/**
 * reg_token() - user part of our URIs
 * @reg: the binding
 *
 * Return: the token.
 */
const char *reg_token(const struct reg *reg)
{
	return reg->token;
}

/**
 * reg_impi() - private identity
 * @reg: the binding
 *
 * Return: it.
 */
const char *reg_impi(const struct reg *reg)
{
	return reg->impi;
}

/**
 * reg_contact() - where the UE says that it is
 * @reg: the binding
 *
 * Return: URI of its Contact.
 */
const char *reg_contact(const struct reg *reg)
{
	return reg->contact;
}

/**
 * reg_flow() - where the UE is
 * @reg: the binding
 *
 * Return: its flow; NULL when it has ended.
 */
struct net_flow *reg_flow(const struct reg *reg)
{
	return reg->flow;
}

/**
 * reg_default_identity() - the first public identity (RFC 3455, 4.1)
 * @reg: the binding
 *
 * Return: its URI.
 */
const char *reg_default_identity(const struct reg *reg)
{
	return reg->n_identities ? reg->identities[0] : "";
}

/**
 * reg_terms() - what a call takes of a binding
 * @reg: the binding
 * @terms: where to put it
 */
void reg_terms(const struct reg *reg, struct reg_terms *terms)
{
	*terms = (struct reg_terms){
		.kmm = reg->kmm,
		.n_kmm = reg->n_kmm,
		.identities = (const char *const *)reg->identities,
		.n_identities = reg->n_identities,
		.can_sdes = reg->agree.sdes,
		.can_mikey = reg->agree.mikey,
		.can_msrp = reg->agree.msrp,
		.impi = reg->impi,
	};
	if (!reg->flow)
		return;
	terms->protected = edge_protected(reg->edge, reg->flow);
	terms->access = (unsigned int)net_flow_side(reg->flow);
}

/**
 * reg_identity_as() - one of its public identities, as the network wrote it
 * @reg: the binding
 * @uri: the URI
 *
 * Return: that of the implicit registration set, or NULL if it is none.
 */
const char *reg_identity_as(const struct reg *reg, const struct sip_uri *uri)
{
	struct sip_uri own;
	size_t i;

	for (i = 0; i < reg->n_identities; i++)
		if (!sip_uri_parse(sdp_text_of(reg->identities[i]), &own) &&
		    sip_uri_same_user(&own, uri))
			return reg->identities[i];
	return NULL;
}

/**
 * reg_owns_identity() - is this one of its public identities?
 * @reg: the binding
 * @uri: the URI
 *
 * Return: whether it is in the implicit registration set.
 */
bool reg_owns_identity(const struct reg *reg, const struct sip_uri *uri)
{
	return reg_identity_as(reg, uri);
}

/* The next of the elements between commas; false at the end. */
static bool next_element(struct sdp_text *list, struct sdp_text *element)
{
	ssize_t end = sip_until(*list, 0, ',');

	if (!list->len || end < 0)
		return false;
	*element = sip_trim(sip_part(*list, 0, end));
	end += (size_t)end < list->len;
	*list = sip_part(*list, end, list->len);
	return true;
}

static bool same_route(struct sdp_text ours, struct sdp_text theirs)
{
	struct sip_addr a, b;

	return !sip_addr_parse(ours, &a) && !sip_addr_parse(theirs, &b) &&
	       sip_uri_equal(&a.uri, &b.uri);
}

/**
 * reg_service_route_is() - does a request follow the Service-Route?
 * @reg: the binding
 * @msg: the request, without our own Routes
 *
 * Return: whether its Route is the Service-Route of the registration.
 */
bool reg_service_route_is(const struct reg *reg, const struct sip_msg *msg)
{
	struct sdp_text list = sdp_text_of(reg->service_route), ours;
	struct sip_at at = { 0 };
	int more;

	while ((more = sip_element_next(msg, "Route", &at)) > 0)
		if (!next_element(&list, &ours) || !same_route(ours, at.text))
			return false;
	return !more && !next_element(&list, &ours);
}

/* Does the Route say the same, octet by octet? */
static bool same_octets(const struct reg *reg, const struct sip_msg *msg)
{
	struct sdp_text list = sdp_text_of(reg->service_route), ours;
	struct sip_at at = { 0 };

	while (sip_element_next(msg, "Route", &at) > 0)
		if (!next_element(&list, &ours) || !sip_same(ours, at.text))
			return false;
	return true;
}

/**
 * reg_hold_service_route() - let a request have the Service-Route itself
 * @reg: the binding
 * @msg: a request whose Route is equivalent to it
 *
 * Equivalence does not ask for parameters that only one side has (RFC 3261,
 * 19.1.4), as orig, by which an S-CSCF tells whom it serves.
 *
 * Return: 0 or a negative errno.
 */
int reg_hold_service_route(const struct reg *reg, struct sip_msg *msg)
{
	if (same_octets(reg, msg))
		return 0;
	sip_header_remove(msg, "Route");
	return reg_add_service_route(reg, msg);
}

/**
 * reg_add_service_route() - put the Service-Route in a request that has no Route
 * @reg: the binding
 * @msg: the request
 *
 * Return: 0 or a negative errno.
 */
int reg_add_service_route(const struct reg *reg, struct sip_msg *msg)
{
	if (!reg->service_route)
		return 0;
	return sip_line_insert(msg, "Route", sdp_text_of(reg->service_route));
}

static void tell_one(const struct reg *reg, edge_line *line, void *arg)
{
	char remote[NET_ADDR_TEXT];
	uint64_t now = edge_now_ms();
	struct tell tell;

	tell_begin(&tell);
	tell_string(&tell, "impi", reg->impi);
	tell_string(&tell, "identity", reg_default_identity(reg));
	tell_string(&tell, "contact", reg->contact);
	if (reg->flow) {
		tell_string(&tell, "access",
			    reg->edge->config->access[net_flow_side(reg->flow)]
				    .name);
		tell_string(&tell, "transport",
			    net_kind_name(net_flow_kind(reg->flow)));
		tell_string(&tell, "remote",
			    net_addr_text(net_flow_remote(reg->flow), remote));
		tell_flag(&tell, "protected",
			  edge_protected(reg->edge, reg->flow));
	}
	tell_flag(&tell, "sdes", reg->agree.sdes);
	tell_flag(&tell, "mikey", reg->agree.mikey);
	tell_flag(&tell, "msrp-psk", reg->agree.msrp);
	tell_number(&tell, "generations", reg->n_kmm);
	tell_string(&tell, "keys-from",
		    !reg->n_kmm	  ? "none" :
		    reg->exported ? "tls" :
				    "aka");
	tell_number(&tell, "calls", reg->calls);
	tell_number(&tell, "expires",
		    reg->until_ms > now ? (reg->until_ms - now) / 1000 : 0);
	tell_end(&tell, line, arg);
}

/**
 * reg_tell() - every binding, a line each
 * @edge: the edge
 * @line: told each line
 * @arg: its first argument
 */
void reg_tell(struct edge *edge, edge_line *line, void *arg)
{
	const struct reg_table *table = edge->regs;
	const struct reg *reg;
	size_t i;

	for (i = 0; i <= table->mask; i++)
		for (reg = table->by_token[i]; reg; reg = reg->next_token)
			tell_one(reg, line, arg);
}
