/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Base64 as SDP carries it (RFC 4648, 4), and as URIs and identities do (5). What
 * it carries are keys: the decoder keeps nothing, and the caller wipes what it
 * got.
 */
#ifndef E2AE_KEYING_B64_H
#define E2AE_KEYING_B64_H

#include <stddef.h>
#include <stdint.h>

/* Characters for so many octets, with the 0 at the end. */
#define E2AE_B64_ROOM(octets) (((octets) + 2) / 3 * 4 + 1)

int e2ae_b64_decode(const char *text, size_t len, uint8_t *out, size_t room);
int e2ae_b64_encode(const uint8_t *octets, size_t len, char *out, size_t room);
int e2ae_b64url_encode(const uint8_t *octets, size_t len, char *out,
		       size_t room);

#endif
