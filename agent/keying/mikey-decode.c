// SPDX-License-Identifier: GPL-2.0
/* Octets of a MIKEY message to a structure (RFC 3830, 6). */
#include <errno.h>
#include <string.h>

#include "array.h"
#include "mikey-msg.h"
#include "mikey-payload.h"

/**
 * e2ae_mikey_take() - take octets off the front
 * @cursor: what is left
 * @n: how many
 *
 * Return: the first of them, or NULL if there are not so many.
 */
const uint8_t *e2ae_mikey_take(struct e2ae_mikey_cursor *cursor, size_t n)
{
	const uint8_t *at = cursor->at;

	if (n > cursor->left)
		return NULL;
	cursor->at += n;
	cursor->left -= n;
	return at;
}

/**
 * e2ae_mikey_take16() - take a length of 16 bits and so many octets
 * @cursor: what is left
 * @octets: the octets
 *
 * Return: 0, or -EBADMSG if there are not so many.
 */
int e2ae_mikey_take16(struct e2ae_mikey_cursor *cursor,
		      struct e2ae_octets *octets)
{
	const uint8_t *len = e2ae_mikey_take(cursor, 2);

	if (!len)
		return -EBADMSG;
	octets->len = (size_t)len[0] << 8 | len[1];
	octets->at = e2ae_mikey_take(cursor, octets->len);
	return octets->at ? 0 : -EBADMSG;
}

static uint32_t get32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 |
	       (uint32_t)from[2] << 8 | from[3];
}

static int read_time(struct e2ae_mikey_cursor *cursor,
		     struct e2ae_mikey_msg *msg)
{
	const uint8_t *type = e2ae_mikey_take(cursor, 1);
	const uint8_t *value;
	size_t len;

	if (!type)
		return -EBADMSG;
	if (*type > E2AE_MIKEY_COUNTER)
		return -EPROTONOSUPPORT;
	len = *type == E2AE_MIKEY_COUNTER ? 4 : 8;
	value = e2ae_mikey_take(cursor, len);
	if (!value)
		return -EBADMSG;
	msg->time.type = *type;
	msg->time.value = get32(value);
	if (len == 8)
		msg->time.value = msg->time.value << 32 | get32(value + 4);
	msg->time_octets = (struct e2ae_octets){ value, len };
	msg->has_time = true;
	return 0;
}

static int read_rand(struct e2ae_mikey_cursor *cursor,
		     struct e2ae_mikey_msg *msg)
{
	const uint8_t *len = e2ae_mikey_take(cursor, 1);

	/* Shorter ones do not make keys fresh (RFC 3830, 6.11). */
	if (!len || *len < E2AE_MIKEY_RAND)
		return -EBADMSG;
	msg->rand.len = *len;
	msg->rand.at = e2ae_mikey_take(cursor, *len);
	return msg->rand.at ? 0 : -EBADMSG;
}

static int read_id(struct e2ae_mikey_cursor *cursor, struct e2ae_mikey_msg *msg)
{
	struct e2ae_mikey_id *id = &msg->id[msg->n_ids];
	const uint8_t *type = e2ae_mikey_take(cursor, 1);
	struct e2ae_octets octets;
	size_t i;

	if (!type || e2ae_mikey_take16(cursor, &octets))
		return -EBADMSG;
	if (*type > E2AE_MIKEY_URI)
		return -EPROTONOSUPPORT;
	if (!octets.len || octets.len > E2AE_MIKEY_MAX_ID)
		return -EBADMSG;
	id->type = *type;
	id->len = (uint8_t)octets.len;
	memcpy(id->octets, octets.at, octets.len);
	/* Identities are looked up and logged. */
	for (i = 0; i < octets.len; i++)
		if (id->octets[i] <= ' ' || id->octets[i] == 0x7f)
			return -EBADMSG;
	msg->n_ids++;
	return 0;
}

static int read_policy(struct e2ae_mikey_cursor *cursor,
		       struct e2ae_mikey_msg *msg)
{
	const uint8_t *head = e2ae_mikey_take(cursor, 2);
	unsigned int i;

	if (!head)
		return -EBADMSG;
	for (i = 0; i < msg->n_sp; i++)
		if (msg->sp[i].number == head[0])
			return -EBADMSG;
	msg->sp[i].number = head[0];
	msg->sp[i].protocol = head[1];
	msg->n_sp++;
	return e2ae_mikey_take16(cursor, &msg->sp[i].params);
}

/* Vendor IDs and extensions we do not know are passed over (RFC 3830, 6.15). */
static int read_extension(struct e2ae_mikey_cursor *cursor,
			  struct e2ae_mikey_msg *msg)
{
	const uint8_t *type = e2ae_mikey_take(cursor, 1);
	struct e2ae_octets data;

	if (!type || e2ae_mikey_take16(cursor, &data))
		return -EBADMSG;
	if (*type != EXT_SDP_IDS)
		return 0;
	if (msg->has_protocols)
		return -EBADMSG;
	msg->has_protocols = true;
	msg->protocols = data;
	return 0;
}

static int read_error(struct e2ae_mikey_cursor *cursor,
		      struct e2ae_mikey_msg *msg)
{
	const uint8_t *body = e2ae_mikey_take(cursor, 3);

	if (!body)
		return -EBADMSG;
	msg->error[msg->n_errors++] = body[0];
	return 0;
}

static int read_mac(struct e2ae_mikey_cursor *cursor,
		    struct e2ae_mikey_msg *msg)
{
	const uint8_t *alg = e2ae_mikey_take(cursor, 1);

	if (!alg)
		return -EBADMSG;
	/* The length is known only of these two. */
	if (*alg > E2AE_MIKEY_HMAC_SHA1)
		return -EPROTONOSUPPORT;
	msg->has_mac = true;
	msg->mac_alg = *alg;
	msg->mac.len = *alg ? E2AE_SHA1_LEN : 0;
	msg->mac.at = e2ae_mikey_take(cursor, msg->mac.len);
	return msg->mac.at ? 0 : -EBADMSG;
}

static int read_kemac(struct e2ae_mikey_cursor *cursor,
		      struct e2ae_mikey_msg *msg)
{
	const uint8_t *cipher = e2ae_mikey_take(cursor, 1);

	if (!cipher || e2ae_mikey_take16(cursor, &msg->encrypted))
		return -EBADMSG;
	msg->cipher = *cipher;
	return read_mac(cursor, msg);
}

#define IN(kind) (1U << (kind))
#define ANYWHERE 0
#define FINAL	 6

/*
 * Payloads, their place in the order, the messages that may carry them and how
 * many of them. The order is that of RFC 3830, 3.1 and 5.1.2; only extensions
 * have none.
 */
static const struct payload {
	uint8_t type;
	uint8_t place;
	uint8_t kinds;
	uint8_t most;
	int (*read)(struct e2ae_mikey_cursor *cursor,
		    struct e2ae_mikey_msg *msg);
} payloads[] = {
	{ PAYLOAD_T, 1,
	  IN(E2AE_MIKEY_KIND_I) | IN(E2AE_MIKEY_KIND_R) |
		  IN(E2AE_MIKEY_KIND_ERROR),
	  1, read_time },
	{ PAYLOAD_RAND, 2, IN(E2AE_MIKEY_KIND_I), 1, read_rand },
	{ PAYLOAD_ERR, 3, IN(E2AE_MIKEY_KIND_ERROR), E2AE_MIKEY_MAX_ERR,
	  read_error },
	{ PAYLOAD_ID, 4, IN(E2AE_MIKEY_KIND_I), 2, read_id },
	{ PAYLOAD_ID, 4, IN(E2AE_MIKEY_KIND_R), 1, read_id },
	{ PAYLOAD_SP, 5, IN(E2AE_MIKEY_KIND_I) | IN(E2AE_MIKEY_KIND_ERROR),
	  E2AE_MIKEY_MAX_SP, read_policy },
	{ PAYLOAD_EXT, ANYWHERE,
	  IN(E2AE_MIKEY_KIND_I) | IN(E2AE_MIKEY_KIND_R) |
		  IN(E2AE_MIKEY_KIND_ERROR),
	  4, read_extension },
	{ PAYLOAD_KEMAC, FINAL, IN(E2AE_MIKEY_KIND_I), 1, read_kemac },
	{ PAYLOAD_V, FINAL, IN(E2AE_MIKEY_KIND_R) | IN(E2AE_MIKEY_KIND_ERROR),
	  1, read_mac },
};

#define N_PAYLOADS ARRAY_SIZE(payloads)

static const struct payload *find_payload(uint8_t type, uint8_t kind)
{
	size_t i;

	for (i = 0; i < N_PAYLOADS; i++)
		if (payloads[i].type == type && payloads[i].kinds & IN(kind))
			return &payloads[i];
	return NULL;
}

/* @type: of the first payload. */
static int read_payloads(struct e2ae_mikey_cursor *cursor, uint8_t type,
			 struct e2ae_mikey_msg *msg)
{
	uint8_t count[N_PAYLOADS] = { 0 };
	const struct payload *payload;
	const uint8_t *next;
	uint8_t place = 0;
	int err;

	while (type != E2AE_MIKEY_LAST_PAYLOAD) {
		payload = find_payload(type, msg->kind);
		next = e2ae_mikey_take(cursor, 1);
		if (!payload || !next || place == FINAL)
			return -EBADMSG;
		if (!place && type != PAYLOAD_T)
			return -EBADMSG;
		if (count[payload - payloads]++ == payload->most)
			return -EBADMSG;
		if (payload->place != ANYWHERE) {
			if (payload->place < place)
				return -EBADMSG;
			place = payload->place;
		}
		err = payload->read(cursor, msg);
		if (err)
			return err;
		type = *next;
	}
	return cursor->left ? -EBADMSG : 0;
}

static int read_map(struct e2ae_mikey_cursor *cursor,
		    struct e2ae_mikey_msg *msg)
{
	const uint8_t *head = e2ae_mikey_take(cursor, 2);
	const uint8_t *row;
	unsigned int i;

	if (!head)
		return -EBADMSG;
	if (head[0] > E2AE_MIKEY_MAX_CS || head[1] != MAP_SRTP_ID)
		return -EPROTONOSUPPORT;
	for (i = 0; i < head[0]; i++) {
		row = e2ae_mikey_take(cursor, 9);
		if (!row)
			return -EBADMSG;
		msg->cs[i].policy = row[0];
		msg->cs[i].stream.ssrc = get32(row + 1);
		msg->cs[i].stream.roc = get32(row + 5);
	}
	msg->n_cs = head[0];
	return 0;
}

/* The header without the type of the next payload, which goes to @next. */
static int read_header(struct e2ae_mikey_cursor *cursor,
		       struct e2ae_mikey_msg *msg, uint8_t *next)
{
	const uint8_t *head = e2ae_mikey_take(cursor, 8);

	if (!head)
		return -EBADMSG;
	msg->kind = head[1];
	*next = head[2];
	msg->verify = head[3] & HDR_V;
	msg->prf = head[3] & ~HDR_V;
	msg->csb_id = get32(head + 4);
	if (head[0] != MIKEY_VERSION)
		return -EPROTONOSUPPORT;
	if (msg->kind != E2AE_MIKEY_KIND_I && msg->kind != E2AE_MIKEY_KIND_R &&
	    msg->kind != E2AE_MIKEY_KIND_ERROR)
		return -EPROTONOSUPPORT;
	return read_map(cursor, msg);
}

/**
 * e2ae_mikey_decode() - take a message apart
 * @octets: the message; @msg points into it
 * @len: octets of it
 * @msg: to fill; after an error what was read so far, which serves only for an
 *   error message
 *
 * Return: 0; -EBADMSG if a payload is cut off, out of order, repeated, not of
 * this kind of message, or missing, or if octets are left; -EPROTONOSUPPORT for
 * another version, kind, map, or type of timestamp, identity or MAC; -EMSGSIZE
 * if it is larger than E2AE_MIKEY_MAX_LEN.
 */
int e2ae_mikey_decode(const uint8_t *octets, size_t len,
		      struct e2ae_mikey_msg *msg)
{
	struct e2ae_mikey_cursor cursor = { octets, len };
	uint8_t next;
	int err;

	memset(msg, 0, sizeof(*msg));
	msg->whole = (struct e2ae_octets){ octets, len };
	if (len > E2AE_MIKEY_MAX_LEN)
		return -EMSGSIZE;
	err = read_header(&cursor, msg, &next);
	if (err)
		return err;
	err = read_payloads(&cursor, next, msg);
	if (err)
		return err;
	if (!msg->has_time)
		return -EBADMSG;
	if (msg->kind == E2AE_MIKEY_KIND_ERROR)
		return msg->n_errors ? 0 : -EBADMSG;
	return msg->has_mac ? 0 : -EBADMSG;
}
