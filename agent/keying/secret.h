/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every way of keying ends in: the master key of one direction of SRTP.
 *
 * Use: a call holds one struct e2ae_srtp_key for what it sends and one for what
 * it receives, fills them by sdes.h or mikey.h, copies them into a struct
 * e2ae_sa (libe2ae.h) and wipes them. Lengths of key and salt follow from the
 * suite: e2ae_suite_by_id().
 *
 * All of agent/keying/ is pure: no I/O, no lock, no global state, no clock but
 * the one it is given. Functions return 0 or a count, or a negative errno; after
 * an error the output structures hold nothing secret.
 */
#ifndef E2AE_KEYING_SECRET_H
#define E2AE_KEYING_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/e2ae.h>

#include "../nl/libe2ae.h"

#define E2AE_SHA1_LEN	20
#define E2AE_SHA256_LEN 32

/**
 * struct e2ae_octets - a piece of somebody else's memory
 * @at: first octet; may be NULL if @len is 0
 * @len: octets
 */
struct e2ae_octets {
	const void *at;
	size_t len;
};

/**
 * struct e2ae_entropy - where random octets come from
 * @fill: writes @len random octets; 0 or a negative errno
 * @arg: first argument of @fill
 *
 * Tests give their own, so that an exchange can be repeated octet by octet.
 */
struct e2ae_entropy {
	int (*fill)(void *arg, uint8_t *to, size_t len);
	void *arg;
};

/**
 * struct e2ae_srtp_key - master key of one direction
 * @suite: enum e2ae_suite, 0 if there is none
 * @key: master key
 * @salt: master salt
 * @mki_len: octets of @mki, 0 without
 * @mki: master key identifier as packets carry it
 * @lifetime: packets of SRTP or of SRTCP, at most 2^48; 0 is the suite's own
 */
struct e2ae_srtp_key {
	uint32_t suite;
	uint8_t key[E2AE_MAX_KEY];
	uint8_t salt[E2AE_MAX_SALT];
	uint8_t mki_len;
	uint8_t mki[E2AE_MAX_MKI];
	uint64_t lifetime;
};

int e2ae_entropy_fill(const struct e2ae_entropy *entropy, uint8_t *to,
		      size_t len);
int e2ae_srtp_key_make(struct e2ae_srtp_key *key, uint32_t suite,
		       const struct e2ae_entropy *entropy);
bool e2ae_srtp_key_equal(const struct e2ae_srtp_key *a,
			 const struct e2ae_srtp_key *b);
bool e2ae_srtp_key_same(const struct e2ae_srtp_key *a,
			const struct e2ae_srtp_key *b);
void e2ae_srtp_key_wipe(struct e2ae_srtp_key *key);

int e2ae_hmac_sha1(struct e2ae_octets key, struct e2ae_octets data,
		   uint8_t out[E2AE_SHA1_LEN]);
int e2ae_hmac_sha256(struct e2ae_octets key, struct e2ae_octets data,
		     uint8_t out[E2AE_SHA256_LEN]);
int e2ae_sha256(struct e2ae_octets data, uint8_t out[E2AE_SHA256_LEN]);

#endif
