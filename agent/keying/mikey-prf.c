// SPDX-License-Identifier: GPL-2.0
/* MIKEY's default PRF and the keys it derives (RFC 3830, 4.1). */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "mikey-prf.h"

#define CHUNK 32 /* octets of key for one P() */
#define NO_CS 0xff /* in place of a CS ID for keys of messages */

/* out ^= P(s, label, m), with m as large as out needs. */
static int add_p(struct e2ae_octets s, struct e2ae_octets label, uint8_t *out,
		 size_t len)
{
	/* A_i || label; its front is A_i, A_0 is the label itself. */
	uint8_t input[E2AE_SHA1_LEN + E2AE_MIKEY_MAX_LABEL];
	struct e2ae_octets a = label;
	uint8_t block[E2AE_SHA1_LEN];
	size_t i, n;
	int err = 0;

	memcpy(input + E2AE_SHA1_LEN, label.at, label.len);
	while (len && !err) {
		err = e2ae_hmac_sha1(s, a, block);
		if (err)
			break;
		memcpy(input, block, sizeof(block));
		a = (struct e2ae_octets){ input, E2AE_SHA1_LEN };
		err = e2ae_hmac_sha1(s,
				     (struct e2ae_octets){
					     input, E2AE_SHA1_LEN + label.len },
				     block);
		n = len < sizeof(block) ? len : sizeof(block);
		for (i = 0; i < n; i++)
			out[i] ^= block[i];
		out += n;
		len -= n;
	}
	OPENSSL_cleanse(input, sizeof(input));
	OPENSSL_cleanse(block, sizeof(block));
	return err;
}

/**
 * e2ae_mikey_prf() - PRF(inkey, label) (RFC 3830, 4.1.2)
 * @key: input key; taken in chunks of 256 bits
 * @label: at most E2AE_MIKEY_MAX_LABEL octets
 * @out: derived key; wiped on error
 * @len: octets of it, at most E2AE_MIKEY_MAX_OUT
 *
 * Return: 0, -EINVAL for an empty key, -EMSGSIZE, or -EIO if the library failed.
 */
int e2ae_mikey_prf(struct e2ae_octets key, struct e2ae_octets label,
		   uint8_t *out, size_t len)
{
	struct e2ae_octets chunk;
	size_t at;
	int err = 0;

	if (!key.len)
		return -EINVAL;
	if (label.len > E2AE_MIKEY_MAX_LABEL || len > E2AE_MIKEY_MAX_OUT)
		return -EMSGSIZE;
	memset(out, 0, len);
	for (at = 0; at < key.len && !err; at += CHUNK) {
		chunk.at = (const uint8_t *)key.at + at;
		chunk.len = key.len - at < CHUNK ? key.len - at : CHUNK;
		err = add_p(chunk, label, out, len);
	}
	if (err)
		OPENSSL_cleanse(out, len);
	return err;
}

static void put32(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 24);
	to[1] = (uint8_t)(value >> 16);
	to[2] = (uint8_t)(value >> 8);
	to[3] = (uint8_t)value;
}

/**
 * e2ae_mikey_derive() - one key for one purpose (RFC 3830, 4.1.3 and 4.1.4)
 * @key: TGK or pre-shared key
 * @constant: the purpose
 * @cs_id: crypto session, from 1; 0xff for keys of messages
 * @csb_id: CSB ID
 * @rand: RAND of the bundle, at most 255 octets
 * @out: derived key; wiped on error
 * @len: octets of it
 *
 * Return: as e2ae_mikey_prf().
 */
int e2ae_mikey_derive(struct e2ae_octets key, enum e2ae_mikey_constant constant,
		      uint8_t cs_id, uint32_t csb_id, struct e2ae_octets rand,
		      uint8_t *out, size_t len)
{
	uint8_t label[E2AE_MIKEY_MAX_LABEL];

	if (rand.len > 255)
		return -EMSGSIZE;
	put32(label, constant);
	label[4] = cs_id;
	put32(label + 5, csb_id);
	memcpy(label + 9, rand.at, rand.len);
	return e2ae_mikey_prf(key, (struct e2ae_octets){ label, 9 + rand.len },
			      out, len);
}

/**
 * e2ae_mikey_message_keys() - keys that protect the messages of a bundle
 * @psk: pre-shared key
 * @csb_id: CSB ID
 * @rand: RAND of the first message
 * @keys: to fill; wiped on error
 *
 * Return: as e2ae_mikey_prf().
 */
int e2ae_mikey_message_keys(struct e2ae_octets psk, uint32_t csb_id,
			    struct e2ae_octets rand,
			    struct e2ae_mikey_protect *keys)
{
	int err;

	err = e2ae_mikey_derive(psk, E2AE_MIKEY_ENC, NO_CS, csb_id, rand,
				keys->enc, sizeof(keys->enc));
	if (!err)
		err = e2ae_mikey_derive(psk, E2AE_MIKEY_SALT, NO_CS, csb_id,
					rand, keys->salt, sizeof(keys->salt));
	if (!err)
		err = e2ae_mikey_derive(psk, E2AE_MIKEY_AUTH, NO_CS, csb_id,
					rand, keys->auth, sizeof(keys->auth));
	if (err)
		OPENSSL_cleanse(keys, sizeof(*keys));
	return err;
}
