// SPDX-License-Identifier: GPL-2.0
/* Responses without a transaction, and the source that Via tells. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../sip/edit.h"
#include "inner.h"

/* An address without the brackets it may have (RFC 5118, 4.5). */
static struct sdp_text bare(struct sdp_text host)
{
	if (host.len > 2 && host.at[0] == '[')
		return sip_part(host, 1, host.len - 1);
	return host;
}

static bool is_source(const struct sip_via *via, const struct net_addr *from)
{
	struct net_addr sent_by;

	return !net_addr_set(&sent_by, via->sent_by.host, 0) &&
	       net_addr_same_host(&sent_by, from);
}

/**
 * tx_note_source() - note in the top Via where a request came from
 * @request: the request
 * @flow: its flow
 *
 * RFC 3261, 18.2.1, and RFC 3581, 4. A received that is there already is the
 * sender's word, which counts for nothing.
 *
 * Return: 0, or an error of the edit.
 */
int tx_note_source(struct sip_msg *request, const struct net_flow *flow)
{
	const struct net_addr *from = net_flow_remote(flow);
	char host[NET_ADDR_TEXT], received[NET_ADDR_TEXT], port[8];
	struct sip_via via;
	struct sip_at at;
	struct sdp_text text;
	int err = 0;

	if (sip_element_at(request, "Via", 0, &at) != 1 ||
	    sip_via_parse(at.text, &via))
		return -EBADMSG;
	text = bare(sdp_text_of(net_addr_host(from, host)));
	snprintf(received, sizeof(received), "%.*s", (int)text.len, text.at);
	snprintf(port, sizeof(port), "%u", net_addr_port(from));
	if (via.has_rport || !is_source(&via, from))
		err = sip_param_set(request, &at, "received", received);
	else if (via.received.len)
		err = sip_param_remove(request, &at, "received");
	if (err >= 0 && via.has_rport)
		err = sip_param_set(request, &at, "rport", port);
	return err < 0 ? err : 0;
}

/**
 * tx_answer_flow() - where the response to a request goes (RFC 3261, 18.2.2)
 * @request: the request
 * @flow: what it came on
 *
 * Over UDP that is the port that Via says, unless it has rport (RFC 3581, 4); the
 * address is always the one it came from, whatever Via says, maddr too.
 *
 * Return: a flow, held for the caller; or NULL if it is @flow.
 */
struct net_flow *tx_answer_flow(const struct sip_msg *request,
				struct net_flow *flow)
{
	struct sip_via via;
	struct sip_at at;
	uint16_t port;

	if (net_flow_kind(flow) != NET_UDP ||
	    sip_element_at(request, "Via", 0, &at) != 1 ||
	    sip_via_parse(at.text, &via) || via.has_rport)
		return NULL;
	port = via.sent_by.port ? via.sent_by.port : 5060;
	if (port == net_addr_port(net_flow_remote(flow)))
		return NULL;
	return net_flow_sibling(flow, port);
}

/**
 * tx_to_tag() - the tag of To, which a request has only within a dialog
 * @msg: the message
 * @tag: where to put it
 *
 * Return: whether it has one.
 */
bool tx_to_tag(const struct sip_msg *msg, struct sdp_text *tag)
{
	struct sdp_text value = { NULL, 0 };
	struct sip_addr to;

	return sip_header(msg, "To", &value) && !sip_addr_parse(value, &to) &&
	       sip_addr_param(&to, "tag", tag) > 0 && tag->len;
}

/* Can it be answered, and may it be? */
static bool answerable(const struct sip_msg *request)
{
	static const char *const needed[] = { "Via", "From", "To", "Call-ID",
					      "CSeq" };
	struct sdp_text value = { NULL, 0 };
	struct sip_cseq cseq;
	size_t i;

	if (!request->request || sdp_text_is(request->method, "ACK"))
		return false;
	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (!sip_header(request, needed[i], &value))
			return false;
	return sip_cseq_parse(value, &cseq) || !sdp_text_is(cseq.method, "ACK");
}

/*
 * The same for a repetition of the request (RFC 3261, 8.2.7), and for its ACK,
 * if the key can be made.
 */
static void make_tag(struct tx_layer *layer, const struct net_flow *flow,
		     const struct sip_msg *request, char tag[TX_TAG_ROOM])
{
	struct sdp_text value = { NULL, 0 };
	size_t used;

	if (tx_key_server(layer, flow, request, NULL, &used)) {
		used = 0;
		sip_header(request, "Call-ID", &value);
		sdp_text_put(value, layer->text, TX_TEXT_ROOM, &used);
		sip_header(request, "CSeq", &value);
		sdp_text_put(value, layer->text, TX_TEXT_ROOM, &used);
		used = used < TX_TEXT_ROOM ? used : TX_TEXT_ROOM;
	}
	tx_tag(layer, layer->text, used, tag);
}

/**
 * tx_refuse() - answer a request and forget it
 * @layer: the layer
 * @flow: where it came from
 * @request: the request, as far as it could be read; ACK and responses are not
 *	answered
 * @status: of the response
 * @reason: its phrase
 */
void tx_refuse(struct tx_layer *layer, struct net_flow *flow,
	       struct sip_msg *request, unsigned int status, const char *reason)
{
	const struct sip_field later = { "Retry-After",
					 sdp_text_of(TX_RETRY_AFTER) };
	const struct sip_extra extra = { &later, status == 503, { NULL, 0 } };
	char tag[TX_TAG_ROOM];
	struct sip_answer answer = { status,
				     sdp_text_of(reason),
				     { tag, TX_TAG_ROOM - 1 } };
	struct net_flow *back;
	size_t len;

	if (!answerable(request))
		return;
	back = tx_answer_flow(request, flow);
	make_tag(layer, flow, request, tag);
	tx_note_source(request, flow);
	if (!sip_reply_write(request, &answer, &extra, layer->text,
			     TX_TEXT_ROOM, &len))
		net_send(back ? back : flow, layer->text, len);
	net_flow_put(back);
}
