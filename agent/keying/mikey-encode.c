// SPDX-License-Identifier: GPL-2.0
/* A structure to the octets of a MIKEY message (RFC 3830, 6). */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "mikey-msg.h"
#include "mikey-payload.h"

/* @next_at: where the type of the next payload belongs. */
struct writer {
	struct e2ae_mikey_message *out;
	size_t next_at;
	int err;
};

static void put(struct writer *w, const void *octets, size_t len)
{
	if (len > sizeof(w->out->octets) - w->out->len)
		w->err = -EMSGSIZE;
	if (w->err || !len)
		return;
	memcpy(w->out->octets + w->out->len, octets, len);
	w->out->len += len;
}

/* The low octets of a value, the most significant first. */
static void put_number(struct writer *w, uint64_t value, unsigned int octets)
{
	uint8_t octet;

	while (octets--) {
		octet = (uint8_t)(value >> 8 * octets);
		put(w, &octet, 1);
	}
}

static void put16(struct writer *w, struct e2ae_octets octets)
{
	if (octets.len > UINT16_MAX)
		w->err = -EMSGSIZE;
	put_number(w, octets.len, 2);
	put(w, octets.at, octets.len);
}

static void begin_payload(struct writer *w, uint8_t type)
{
	if (!w->err)
		w->out->octets[w->next_at] = type;
	w->next_at = w->out->len;
	put_number(w, E2AE_MIKEY_LAST_PAYLOAD, 1);
}

static void put_header(struct writer *w, const struct e2ae_mikey_msg *msg)
{
	unsigned int i;

	put_number(w, MIKEY_VERSION, 1);
	put_number(w, msg->kind, 1);
	w->next_at = w->out->len;
	put_number(w, E2AE_MIKEY_LAST_PAYLOAD, 1);
	put_number(w, (msg->verify ? HDR_V : 0) | msg->prf, 1);
	put_number(w, msg->csb_id, 4);
	put_number(w, msg->n_cs, 1);
	put_number(w, MAP_SRTP_ID, 1);
	for (i = 0; i < msg->n_cs; i++) {
		put_number(w, msg->cs[i].policy, 1);
		put_number(w, msg->cs[i].stream.ssrc, 4);
		put_number(w, msg->cs[i].stream.roc, 4);
	}
}

static void put_time(struct writer *w, const struct e2ae_mikey_time *time)
{
	begin_payload(w, PAYLOAD_T);
	put_number(w, time->type, 1);
	put_number(w, time->value, time->type == E2AE_MIKEY_COUNTER ? 4 : 8);
}

static void put_rand(struct writer *w, struct e2ae_octets rand)
{
	begin_payload(w, PAYLOAD_RAND);
	put_number(w, rand.len, 1);
	put(w, rand.at, rand.len);
}

static void put_id(struct writer *w, const struct e2ae_mikey_id *id)
{
	begin_payload(w, PAYLOAD_ID);
	put_number(w, id->type, 1);
	put16(w, (struct e2ae_octets){ id->octets, id->len });
}

static void put_lists(struct writer *w, const struct e2ae_mikey_msg *msg)
{
	unsigned int i;

	for (i = 0; i < msg->n_errors; i++) {
		begin_payload(w, PAYLOAD_ERR);
		put_number(w, msg->error[i], 1);
		put_number(w, 0, 2);
	}
	for (i = 0; i < msg->n_ids; i++)
		put_id(w, &msg->id[i]);
	for (i = 0; i < msg->n_sp; i++) {
		begin_payload(w, PAYLOAD_SP);
		put_number(w, msg->sp[i].number, 1);
		put_number(w, msg->sp[i].protocol, 1);
		put16(w, msg->sp[i].params);
	}
}

static void put_mac(struct writer *w, const struct e2ae_mikey_msg *msg)
{
	static const uint8_t zeros[E2AE_SHA1_LEN];

	if (msg->kind == E2AE_MIKEY_KIND_I) {
		begin_payload(w, PAYLOAD_KEMAC);
		put_number(w, msg->cipher, 1);
		put16(w, msg->encrypted);
	} else {
		begin_payload(w, PAYLOAD_V);
	}
	put_number(w, msg->mac_alg, 1);
	put(w, msg->mac.at ? msg->mac.at : zeros, msg->mac.len);
}

/**
 * e2ae_mikey_encode() - put a message together
 * @msg: what to write; @msg->mac.len at most 20
 * @out: the octets; wiped on error
 *
 * Return: 0, or -EMSGSIZE if it is larger than E2AE_MIKEY_MAX_LEN.
 */
int e2ae_mikey_encode(const struct e2ae_mikey_msg *msg,
		      struct e2ae_mikey_message *out)
{
	struct writer w = { .out = out };

	out->len = 0;
	put_header(&w, msg);
	put_time(&w, &msg->time);
	if (msg->rand.len)
		put_rand(&w, msg->rand);
	put_lists(&w, msg);
	if (msg->has_protocols) {
		begin_payload(&w, PAYLOAD_EXT);
		put_number(&w, EXT_SDP_IDS, 1);
		put16(&w, msg->protocols);
	}
	if (msg->has_mac)
		put_mac(&w, msg);
	if (w.err)
		OPENSSL_cleanse(out, sizeof(*out));
	return w.err;
}
