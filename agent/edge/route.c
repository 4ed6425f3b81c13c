// SPDX-License-Identifier: GPL-2.0
/* Our URIs and tokens, Via, Route, Record-Route, Max-Forwards. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "inner.h"

#define MAX_FORWARDS "70"
/* A call between two of our UEs passes twice, and once more for a diversion. */
#define OWN_VIAS_MAX 4

/**
 * route_token() - draw a token
 * @out: where 24 characters and a 0 go
 */
void route_token(char out[ROUTE_TOKEN_ROOM])
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char octets[ROUTE_TOKEN_ROOM - 1];
	size_t i;

	/* A token that could be guessed opens a UE's flow to others. */
	if (RAND_bytes(octets, sizeof(octets)) != 1)
		abort();
	for (i = 0; i < sizeof(octets); i++)
		out[i] = letters[octets[i] & 63];
	out[i] = 0;
}

static bool is_token(struct sdp_text text)
{
	size_t i;

	if (text.len != ROUTE_TOKEN_ROOM - 1)
		return false;
	for (i = 0; i < text.len; i++)
		if (!sip_is(text.at[i], SIP_TOKEN))
			return false;
	return true;
}

static const char *kind_param(enum net_kind kind)
{
	switch (kind) {
	case NET_TCP:
		return ";transport=tcp";
	case NET_TLS:
		return ";transport=tls";
	case NET_UDP:
		break;
	}
	return "";
}

static int uri_write(const char *token, const char *mark, enum net_kind kind,
		     const struct net_addr *addr, char out[ROUTE_URI_ROOM])
{
	char text[NET_ADDR_TEXT];
	int n;

	n = snprintf(out, ROUTE_URI_ROOM, "sip:%s%s%s%s;lr%s%s",
		     token ? token : "", token && token[0] ? "@" : "",
		     net_addr_text(addr, text), kind_param(kind),
		     mark[0] ? ";" MARK_NAME "=" : "", mark);
	return n < ROUTE_URI_ROOM ? 0 : -ENOSPC;
}

/**
 * route_uri() - a URI of ours
 * @edge: the edge
 * @token: its user part; NULL or empty for none
 * @side: NET_CORE or an access network
 * @kind: transport
 * @family: AF_INET or AF_INET6
 * @out: where it goes, without angle brackets
 *
 * Return: 0, -EADDRNOTAVAIL if nobody listens there.
 */
int route_uri(const struct edge *edge, const char *token, int side,
	      enum net_kind kind, int family, char out[ROUTE_URI_ROOM])
{
	const struct net_addr *addr =
		net_listen_addr(edge->net, side, kind, family);

	return addr ? uri_write(token, "", kind, addr, out) : -EADDRNOTAVAIL;
}

/* The address that a URI's host and port say, if the host is an address. */
static int uri_addr(const struct sip_uri *uri, struct net_addr *addr)
{
	struct sdp_text transport = { NULL, 0 };
	uint16_t port = uri->host.port;

	if (!port && sip_uri_param(uri, "transport", &transport) > 0 &&
	    sdp_text_is(transport, "tls"))
		port = 5061;
	if (!port)
		port = uri->sips ? 5061 : 5060;
	return net_addr_set(addr, uri->host.host, port);
}

/**
 * route_is_ours() - is this a URI of ours?
 * @edge: the edge
 * @uri: the URI
 * @token: where its token goes; empty if it has none
 *
 * Return: whether it is.
 */
bool route_is_ours(const struct edge *edge, struct sdp_text uri,
		   char token[ROUTE_TOKEN_ROOM])
{
	struct net_addr addr;
	struct sip_uri parsed;

	token[0] = 0;
	if (sip_uri_parse(uri, &parsed) || !parsed.sip)
		return false;
	if (!sip_alike(parsed.host.host, sdp_text_of(edge->config->domain)) &&
	    (uri_addr(&parsed, &addr) || !net_is_own(edge->net, &addr)))
		return false;
	if (is_token(parsed.user)) {
		memcpy(token, parsed.user.at, parsed.user.len);
		token[parsed.user.len] = 0;
	}
	return true;
}

static void take_mark(const struct sip_uri *uri, char mark[MARK_ROOM])
{
	struct sdp_text value;

	if (sip_uri_param(uri, MARK_NAME, &value) <= 0 ||
	    value.len != MARK_ROOM - 1)
		return;
	memcpy(mark, value.at, value.len);
	mark[value.len] = 0;
}

/* A strict router has put our URI where the target was (RFC 3261, 16.4). */
static int undo_strict(const struct edge *edge, struct sip_msg *msg,
		       char token[ROUTE_TOKEN_ROOM], char mark[MARK_ROOM])
{
	struct sip_at at = { 0 }, last = { 0 };
	char found[ROUTE_TOKEN_ROOM];
	struct sip_addr addr;
	struct sip_uri ours;
	char uri[1024];

	if (!route_is_ours(edge, msg->uri, found) || !found[0])
		return 0;
	while (sip_element_next(msg, "Route", &at) > 0)
		last = at;
	if (!last.line)
		return 0;
	memcpy(token, found, sizeof(found));
	if (!sip_uri_parse(msg->uri, &ours))
		take_mark(&ours, mark);
	if (sip_addr_parse(last.text, &addr) || addr.text.len >= sizeof(uri))
		return -EBADMSG;
	memcpy(uri, addr.text.at, addr.text.len);
	sip_element_remove(msg, &last);
	sip_set_uri(msg, (struct sdp_text){ uri, addr.text.len });
	return msg->failed;
}

/**
 * route_pop_ours() - take our own URIs off the top of Route
 * @edge: the edge
 * @msg: a request
 * @token: where their token goes; empty if they have none
 * @mark: where the mark goes that they have; empty without
 *
 * The two URIs of a double Record-Route go together. A URI with another token
 * stays: it is that of a second pass, for another UE of ours.
 *
 * Return: how many, or a negative errno if Route is malformed.
 */
int route_pop_ours(const struct edge *edge, struct sip_msg *msg,
		   char token[ROUTE_TOKEN_ROOM], char mark[MARK_ROOM])
{
	char found[ROUTE_TOKEN_ROOM];
	struct sip_addr addr;
	struct sip_at at;
	int more, err, n = 0;

	token[0] = 0;
	mark[0] = 0;
	err = undo_strict(edge, msg, token, mark);
	while (!err) {
		at = (struct sip_at){ 0 };
		more = sip_element_next(msg, "Route", &at);
		if (more <= 0)
			return more ? more : n;
		if (sip_addr_parse(at.text, &addr))
			return -EBADMSG;
		if (!route_is_ours(edge, addr.text, found) ||
		    (token[0] && strcmp(token, found)))
			return n;
		memcpy(token, found, sizeof(found));
		if (!mark[0])
			take_mark(&addr.uri, mark);
		err = sip_element_remove(msg, &at);
		n++;
	}
	return err;
}

/**
 * route_next() - where a request from a UE goes (RFC 3261, 16.6)
 * @edge: the edge
 * @msg: the request, without our own Routes
 * @way: where to put it; its URI is text of @msg or of the configuration
 *
 * Return: 0, -EBADMSG if the Route is malformed, -EHOSTUNREACH if the
 * Request-URI is none that can be resolved.
 */
int route_next(const struct edge *edge, const struct sip_msg *msg,
	       struct relay_way *way)
{
	struct sip_addr addr;
	struct sip_at at = { 0 };
	struct sdp_text value = { NULL, 0 }, tag;
	struct sip_uri uri;
	int more = sip_element_next(msg, "Route", &at);

	*way = (struct relay_way){ .side = NET_CORE };
	if (more < 0)
		return more;
	if (more) {
		if (sip_addr_parse(at.text, &addr) || !addr.uri.sip)
			return -EBADMSG;
		way->uri = addr.text;
		return 0;
	}
	if (edge->config->next_hop &&
	    !(sip_header(msg, "To", &value) && !sip_addr_parse(value, &addr) &&
	      sip_addr_param(&addr, "tag", &tag) > 0)) {
		way->uri = sdp_text_of(edge->config->next_hop);
		return 0;
	}
	if (sip_uri_parse(msg->uri, &uri) || !uri.sip)
		return -EHOSTUNREACH;
	way->uri = msg->uri;
	return 0;
}

/**
 * route_strict() - make a request fit for a strict router (RFC 3261, 16.6, 6)
 * @edge: the edge
 * @msg: a request, without our own Routes
 *
 * A next hop whose URI has no lr wants to be the Request-URI, and the target at
 * the end of Route.
 *
 * Return: 0 or a negative errno.
 */
int route_strict(const struct edge *edge, struct sip_msg *msg)
{
	struct sdp_text target = msg->uri, value;
	struct sip_at at = { 0 };
	struct sip_addr addr;
	size_t used = 0;
	int err = sip_element_next(msg, "Route", &at);

	if (err <= 0)
		return err;
	if (sip_addr_parse(at.text, &addr) || addr.star || !addr.uri.sip)
		return -EBADMSG;
	if (sip_uri_param(&addr.uri, "lr", &value))
		return 0;
	sdp_text_put(sdp_text_of("<"), edge->out, EDGE_OUT_ROOM, &used);
	sdp_text_put(target, edge->out, EDGE_OUT_ROOM, &used);
	sdp_text_put(sdp_text_of(">"), edge->out, EDGE_OUT_ROOM, &used);
	if (used > EDGE_OUT_ROOM)
		return -ENOSPC;
	err = sip_element_remove(msg, &at);
	if (!err)
		err = sip_line_append(msg, "Route",
				      (struct sdp_text){ edge->out, used });
	return err ? err : sip_set_uri(msg, addr.text);
}

static int put_line(char *text, size_t room, size_t *used, const char *uri)
{
	sdp_text_put(sdp_text_of("Record-Route: <"), text, room, used);
	sdp_text_put(sdp_text_of(uri), text, room, used);
	sdp_text_put(sdp_text_of(">\r\n"), text, room, used);
	return *used > room ? -ENOSPC : 0;
}

/**
 * route_record_write() - write our two Record-Route lines
 * @hop: the request, with the flow on which it came
 * @out: flow on which it goes
 * @text: where they go
 * @room: octets that fit there
 * @used: octets that are there already, and are in the end
 *
 * The URI for the side where the request goes is on top: whoever answers there
 * sees it first (RFC 5658). A mark is for the UE alone.
 *
 * Return: 0 or a negative errno.
 */
int route_record_write(const struct hop *hop, const struct net_flow *out,
		       char *text, size_t room, size_t *used)
{
	const struct net_flow *const flows[] = { out, hop->in };
	char uri[ROUTE_URI_ROOM];
	const char *mark;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(flows); i++) {
		mark = net_flow_side(flows[i]) == NET_CORE ? "" : hop->mark;
		err = uri_write(hop->token, mark, net_flow_kind(flows[i]),
				net_flow_sent_by(flows[i]), uri);
		if (!err)
			err = put_line(text, room, used, uri);
		if (err)
			return err;
	}
	return 0;
}

/**
 * route_forwards() - count Max-Forwards down (RFC 3261, 16.3 and 16.6)
 * @msg: a request
 *
 * Return: 0, -EHOSTUNREACH if it may not go on (483), or another error.
 */
int route_forwards(struct sip_msg *msg)
{
	struct sdp_text value;
	char text[24];
	uint64_t hops;

	if (!sip_header(msg, "Max-Forwards", &value))
		return sip_line_append(msg, "Max-Forwards",
				       sdp_text_of(MAX_FORWARDS));
	if (sdp_text_number(value, 255, &hops))
		return -EBADMSG;
	if (!hops)
		return -EHOSTUNREACH;
	snprintf(text, sizeof(text), "%u", (unsigned int)hops - 1);
	return sip_header_set(msg, "Max-Forwards", sdp_text_of(text));
}

static bool via_is_ours(const struct edge *edge, const struct sip_via *via)
{
	struct net_addr addr;
	uint16_t port = via->sent_by.port;

	if (!port)
		port = sdp_text_is(via->transport, "TLS") ? 5061 : 5060;
	return !net_addr_set(&addr, via->sent_by.host, port) &&
	       net_is_own(edge->net, &addr);
}

/**
 * route_loops() - has this request passed here too often? (RFC 3261, 16.3)
 * @edge: the edge
 * @msg: a request
 *
 * Return: whether it has.
 */
bool route_loops(const struct edge *edge, const struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sip_via via;
	unsigned int n = 0;

	while (sip_element_next(msg, "Via", &at) > 0)
		if (!sip_via_parse(at.text, &via) && via_is_ours(edge, &via))
			n++;
	return n >= OWN_VIAS_MAX;
}

/**
 * route_via_write() - write our Via line
 * @out: flow on which the request goes
 * @branch: from tx_branch()
 * @text: where it goes
 * @room: octets that fit there
 * @used: octets that are there already, and are in the end
 *
 * Return: 0 or -ENOSPC.
 */
int route_via_write(const struct net_flow *out, const char *branch, char *text,
		    size_t room, size_t *used)
{
	static const char *const names[] = {
		[NET_UDP] = "UDP",
		[NET_TCP] = "TCP",
		[NET_TLS] = "TLS",
	};
	char addr[NET_ADDR_TEXT], line[NET_ADDR_TEXT + 128];
	int n;

	n = snprintf(line, sizeof(line),
		     "Via: SIP/2.0/%s %s;branch=%s;rport\r\n",
		     names[net_flow_kind(out)],
		     net_addr_text(net_flow_sent_by(out), addr), branch);
	if (n >= (int)sizeof(line))
		return -ENOSPC;
	sdp_text_put(sdp_text_of(line), text, room, used);
	return *used > room ? -ENOSPC : 0;
}

/**
 * route_pop_via() - take our Via off a response (RFC 3261, 16.7)
 * @edge: the edge
 * @msg: the response
 *
 * Return: 0; -EBADMSG if it is not ours; -ENOENT if there is none below it.
 */
int route_pop_via(const struct edge *edge, struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sip_via via;
	int err;

	if (sip_element_next(msg, "Via", &at) != 1 ||
	    sip_via_parse(at.text, &via) || !via_is_ours(edge, &via))
		return -EBADMSG;
	err = sip_element_remove(msg, &at);
	if (err)
		return err;
	return sip_element_at(msg, "Via", 0, &at) == 1 ? 0 : -ENOENT;
}
