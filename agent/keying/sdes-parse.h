/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of a crypto attribute, shared by the files of sdes. */
#ifndef E2AE_KEYING_SDES_PARSE_H
#define E2AE_KEYING_SDES_PARSE_H

#include "sdes.h"

#define E2AE_SDES_MAX_TAG 999999999
#define E2AE_SDES_MAX_LIFETIME \
	281474976710656ULL /* 2^48 packets (RFC 4568, 6.2) */

/**
 * struct e2ae_span - a piece of a string
 * @at: first character
 * @len: characters
 */
struct e2ae_span {
	const char *at;
	size_t len;
};

int e2ae_sdes_number(struct e2ae_span digits, uint64_t max, uint64_t *number);
int e2ae_sdes_tag(const char *value, uint32_t *tag);
int e2ae_sdes_key(struct e2ae_span param, uint32_t suite,
		  struct e2ae_srtp_key *key);
int e2ae_sdes_mki_write(const struct e2ae_srtp_key *key, char *out,
			size_t room);

#endif
