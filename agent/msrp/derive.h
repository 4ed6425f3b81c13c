/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of records, from secrets of TLS. Pure. */
#ifndef E2AE_MSRP_DERIVE_H
#define E2AE_MSRP_DERIVE_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define DERIVE_SECRET_LEN 32 /* octets of a secret; SHA-256 always */
#define DERIVE_KEY_MAX	  32
#define DERIVE_IV_LEN	  12

int derive_expand(const uint8_t secret[DERIVE_SECRET_LEN], const char *label,
		  uint8_t *out, size_t len);
int derive_block(const SSL *ssl, uint8_t *out, size_t len);

#endif
