/* SPDX-License-Identifier: GPL-2.0 */
/* The session description in the body of a SIP message (RFC 2046, RFC 5621). */
#ifndef E2AE_BODY_H
#define E2AE_BODY_H

#include "sdp_text.h"

#define BODY_SIZE_MAX	  262144
#define BODY_PARTS_MAX	  32
#define BODY_BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */

/**
 * struct body_length - the number of a Content-Length of a body part
 * @at: offset of its first digit
 * @len: digits
 * @value: the number
 */
struct body_length {
	size_t at;
	size_t len;
	uint64_t value;
};

/**
 * struct body_part - where the session description is
 * @at: offset in the body
 * @len: octets
 * @n_lengths: how many of @length there are
 * @length: Content-Length of the parts around it, the outer one first
 */
struct body_part {
	size_t at;
	size_t len;
	unsigned int n_lengths;
	struct body_length length[2];
};

int body_find_sdp(struct sdp_text type, struct sdp_text body,
		  struct body_part *part);
int body_replace(struct sdp_text body, const struct body_part *part,
		 struct sdp_text text, char *out, size_t size);
int body_without(struct sdp_text type, struct sdp_text body,
		 bool (*bad)(struct sdp_text part), char *out, size_t size);

#endif
