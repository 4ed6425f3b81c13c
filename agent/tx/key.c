// SPDX-License-Identifier: GPL-2.0
/*
 * Keys of transactions (RFC 3261, 17.1.3 and 17.2.3), branches and tags.
 *
 * A key is a row of texts with a 0 after each, which no text holds. That of a
 * server transaction begins with the side and the address that the request came
 * from: UEs behind different NATs have the same addresses, and nobody shall reach
 * the transactions of somebody else. UEs behind one NAT differ by port, so at an
 * access network that counts too; the core may come from any port.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/util.h>

#include "inner.h"

#define BRANCH_RANDOM 24 /* characters of 6 bits */

/**
 * octets_set() - keep a copy
 * @octets: where; what was there goes
 * @at: the first
 * @len: how many
 *
 * Return: 0, -ENOMEM.
 */
int octets_set(struct octets *octets, const char *at, size_t len)
{
	char *copy = malloc(len ? len : 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, at, len);
	octets_free(octets);
	*octets = (struct octets){ copy, len };
	return 0;
}

/**
 * octets_free() - wipe and free
 * @octets: what
 */
void octets_free(struct octets *octets)
{
	if (octets->at)
		explicit_bzero(octets->at, octets->len);
	free(octets->at);
	*octets = (struct octets){ NULL, 0 };
}

static uint64_t turn(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = turn(v[1], 13) ^ v[0];
	v[0] = turn(v[0], 32);
	v[2] += v[3];
	v[3] = turn(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = turn(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = turn(v[1], 17) ^ v[2];
	v[2] = turn(v[2], 32);
}

/**
 * tx_hash() - SipHash-2-4 with the layer's seed
 * @layer: the layer
 * @data: octets
 * @len: how many
 *
 * Keyed, so that nobody can make all transactions fall into one bucket, or
 * guess our tags.
 *
 * Return: the hash.
 */
uint64_t tx_hash(const struct tx_layer *layer, const char *data, size_t len)
{
	const uint64_t *seed = layer->seed;
	uint64_t v[4] = { seed[0] ^ 0x736f6d6570736575ULL,
			  seed[1] ^ 0x646f72616e646f6dULL,
			  seed[0] ^ 0x6c7967656e657261ULL,
			  seed[1] ^ 0x7465646279746573ULL };
	uint64_t word;
	size_t i, n;

	for (i = 0; i <= len; i += 8) {
		n = len - i < 8 ? len - i : 8;
		word = n < 8 ? (uint64_t)len << 56 : 0;
		while (n--)
			word |= (uint64_t)(uint8_t)data[i + n] << (8 * n);
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/**
 * tx_tag() - a tag for To
 * @layer: the layer
 * @data: what tells requests apart; the same for a repetition (RFC 3261, 8.2.7)
 * @len: octets of it
 * @out: where it goes
 */
void tx_tag(const struct tx_layer *layer, const char *data, size_t len,
	    char out[TX_TAG_ROOM])
{
	/* Not the hash itself, which is seen in the order of the buckets. */
	uint64_t inner = tx_hash(layer, data, len);
	uint64_t tag = tx_hash(layer, (const char *)&inner, sizeof(inner));

	snprintf(out, TX_TAG_ROOM, "%016" PRIx64, tag);
}

/**
 * tx_branch() - make a branch for Via (RFC 3261, 8.1.1.7)
 * @out: where it goes
 *
 * It cannot be guessed: a response is believed because it has it.
 */
void tx_branch(char out[TX_BRANCH_ROOM])
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	unsigned char random[BRANCH_RANDOM];
	size_t used, i;

	evutil_secure_rng_get_bytes(random, sizeof(random));
	used = snprintf(out, TX_BRANCH_ROOM, "z9hG4bK");
	for (i = 0; i < sizeof(random); i++)
		out[used++] = letters[random[i] % 64];
	out[used] = 0;
}

static void put(struct tx_layer *layer, size_t *len, struct sdp_text text)
{
	sdp_text_put(text, layer->text, TX_TEXT_ROOM, len);
	sdp_text_put((struct sdp_text){ "", 1 }, layer->text, TX_TEXT_ROOM,
		     len);
}

static void put_source(struct tx_layer *layer, size_t *len,
		       const struct net_flow *flow)
{
	const struct net_addr *from = net_flow_remote(flow);
	char side[32], host[NET_ADDR_TEXT];

	if (net_flow_side(flow) == NET_CORE)
		snprintf(side, sizeof(side), "core");
	else
		snprintf(side, sizeof(side), "%d %d %u", net_flow_side(flow),
			 (int)net_flow_kind(flow), net_addr_port(from));
	put(layer, len, sdp_text_of(side));
	put(layer, len, sdp_text_of(net_addr_host(from, host)));
}

/* Hosts are alike in any case. */
static void put_sent_by(struct tx_layer *layer, size_t *len,
			const struct sip_host *sent_by)
{
	size_t from = *len, i;
	char port[8];

	put(layer, len, sent_by->host);
	for (i = from; i < *len && i < TX_TEXT_ROOM; i++)
		layer->text[i] = tolower((unsigned char)layer->text[i]);
	snprintf(port, sizeof(port), "%u", sent_by->port);
	put(layer, len, sdp_text_of(port));
}

/*
 * Without a branch that tells (RFC 2543). To is left out: in ACK it has the tag
 * of our response.
 */
static void put_old(struct tx_layer *layer, size_t *len,
		    const struct sip_msg *request, struct sdp_text via)
{
	struct sdp_text value = { NULL, 0 };
	struct sip_cseq cseq = { 0 };
	struct sip_addr from;
	char number[16];

	put(layer, len, request->uri);
	sip_header(request, "Call-ID", &value);
	put(layer, len, value);
	if (sip_header(request, "From", &value) &&
	    !sip_addr_parse(value, &from) &&
	    sip_addr_param(&from, "tag", &value) > 0)
		put(layer, len, value);
	if (sip_header(request, "CSeq", &value))
		sip_cseq_parse(value, &cseq);
	snprintf(number, sizeof(number), "%" PRIu32, cseq.number);
	put(layer, len, sdp_text_of(number));
	put(layer, len, via);
}

/**
 * tx_key_server() - write the key of a request into the layer's text
 * @layer: the layer
 * @flow: where it came from
 * @request: the request, checked, before the source is noted in it
 * @method: whose transaction: INVITE for ACK and what CANCEL cancels; NULL for
 *	its own
 * @len: octets of the key
 *
 * Return: 0, -EBADMSG.
 */
int tx_key_server(struct tx_layer *layer, const struct net_flow *flow,
		  const struct sip_msg *request, const char *method,
		  size_t *len)
{
	struct sip_via via;
	struct sip_at at;

	*len = 0;
	if (sip_element_at(request, "Via", 0, &at) != 1 ||
	    sip_via_parse(at.text, &via))
		return -EBADMSG;
	put(layer, len, method ? sdp_text_of(method) : request->method);
	put_source(layer, len, flow);
	if (via.unique) {
		put(layer, len, via.branch);
		put_sent_by(layer, len, &via.sent_by);
	} else {
		put_old(layer, len, request, at.text);
	}
	return *len > TX_TEXT_ROOM ? -EBADMSG : 0;
}

/**
 * tx_key_client() - write the key of a request of ours, or of a response to it,
 * into the layer's text
 * @layer: the layer
 * @msg: the request or the response, with our Via on top
 * @len: octets of the key
 *
 * Return: 0, -EBADMSG.
 */
int tx_key_client(struct tx_layer *layer, const struct sip_msg *msg,
		  size_t *len)
{
	struct sdp_text value = { NULL, 0 };
	struct sip_cseq cseq;
	struct sip_via via;
	struct sip_at at;

	*len = 0;
	if (sip_element_at(msg, "Via", 0, &at) != 1 ||
	    sip_via_parse(at.text, &via) || !via.unique ||
	    !sip_header(msg, "CSeq", &value) || sip_cseq_parse(value, &cseq))
		return -EBADMSG;
	/* No method is empty, so it is no key of a server transaction. */
	put(layer, len, (struct sdp_text){ NULL, 0 });
	put(layer, len, cseq.method);
	put(layer, len, via.branch);
	return *len > TX_TEXT_ROOM ? -EBADMSG : 0;
}

/**
 * tx_find() - find a transaction by the key in the layer's text
 * @layer: the layer
 * @len: octets of the key
 *
 * Return: the transaction, or NULL.
 */
struct tx *tx_find(struct tx_layer *layer, size_t len)
{
	uint64_t hash = tx_hash(layer, layer->text, len);
	struct tx *tx;

	LIST_FOREACH(tx, &layer->keys[hash & layer->mask], by_key)
	if (tx->hash == hash && tx->key.len == len &&
	    !memcmp(tx->key.at, layer->text, len))
		return tx;
	return NULL;
}
