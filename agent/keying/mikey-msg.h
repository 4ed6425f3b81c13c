/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Octets of a MIKEY message to a structure and back (RFC 3830, 6).
 *
 * Use: e2ae_mikey_decode() gives a view into the octets, which have to stay.
 * It checks form and order only; nothing in it is authentic.
 * e2ae_mikey_encode() writes the payloads in the order of RFC 3830, 3.1, with
 * zeros for a MAC that is not there yet: its 20 octets are the last ones.
 * Only the files of mikey, their tests and fuzzers call this.
 */
#ifndef E2AE_KEYING_MIKEY_MSG_H
#define E2AE_KEYING_MIKEY_MSG_H

#include "mikey.h"

#define E2AE_MIKEY_MAX_SP	4

#define E2AE_MIKEY_PRF_1	0 /* RFC 3830, 6.1 */
#define E2AE_MIKEY_AES_CM_128	1 /* RFC 3830, 6.2 */
#define E2AE_MIKEY_HMAC_SHA1	1
#define E2AE_MIKEY_PROTO_SRTP	0 /* RFC 3830, 6.10 */
#define E2AE_MIKEY_LAST_PAYLOAD 0 /* RFC 3830, 6.1 */

/**
 * struct e2ae_mikey_msg - a message taken apart
 * @whole: all of its octets (decoder)
 * @kind: enum e2ae_mikey_kind
 * @verify: the initiator expects a verification message
 * @prf: PRF function
 * @csb_id: CSB ID
 * @n_cs: crypto sessions
 * @cs: the crypto session map; the number of a policy for each
 * @has_time: there is a timestamp
 * @time: the timestamp
 * @time_octets: the same as it was sent (decoder)
 * @rand: RAND, of length 0 without
 * @n_ids: identities
 * @id: of the initiator, of the responder; in an R_MESSAGE of the responder
 * @n_sp: security policies
 * @sp: the policies: number, protocol, parameters
 * @has_protocols: there is a list of key management protocols
 * @protocols: that list
 * @n_errors: error payloads
 * @error: enum e2ae_mikey_error
 * @cipher: encryption algorithm of the key data
 * @encrypted: key data, encrypted
 * @has_mac: there is a KEMAC or V payload, which is the last one
 * @mac_alg: MAC algorithm of it
 * @mac: the MAC; the encoder writes as many zeros if @mac.at is NULL
 */
struct e2ae_mikey_msg {
	struct e2ae_octets whole;
	uint8_t kind;
	bool verify;
	uint8_t prf;
	uint32_t csb_id;
	uint8_t n_cs;
	struct {
		uint8_t policy;
		struct e2ae_mikey_stream stream;
	} cs[E2AE_MIKEY_MAX_CS];
	bool has_time;
	struct e2ae_mikey_time time;
	struct e2ae_octets time_octets;
	struct e2ae_octets rand;
	unsigned int n_ids;
	struct e2ae_mikey_id id[2];
	unsigned int n_sp;
	struct {
		uint8_t number;
		uint8_t protocol;
		struct e2ae_octets params;
	} sp[E2AE_MIKEY_MAX_SP];
	bool has_protocols;
	struct e2ae_octets protocols;
	unsigned int n_errors;
	uint8_t error[E2AE_MIKEY_MAX_ERR];
	uint8_t cipher;
	struct e2ae_octets encrypted;
	bool has_mac;
	uint8_t mac_alg;
	struct e2ae_octets mac;
};

/**
 * struct e2ae_mikey_cursor - what is left to read
 * @at: next octet
 * @left: octets
 */
struct e2ae_mikey_cursor {
	const uint8_t *at;
	size_t left;
};

const uint8_t *e2ae_mikey_take(struct e2ae_mikey_cursor *cursor, size_t n);
int e2ae_mikey_take16(struct e2ae_mikey_cursor *cursor,
		      struct e2ae_octets *octets);
int e2ae_mikey_decode(const uint8_t *octets, size_t len,
		      struct e2ae_mikey_msg *msg);
int e2ae_mikey_encode(const struct e2ae_mikey_msg *msg,
		      struct e2ae_mikey_message *out);

int e2ae_mikey_policy_write(uint32_t suite, uint8_t *out, size_t room);
int e2ae_mikey_policy_read(struct e2ae_octets params, uint32_t *suite);

#endif
