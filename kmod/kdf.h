/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_KDF_H
#define E2AE_KDF_H

#include <linux/types.h>

#define E2AE_MAX_KEY  32 /* octets of the longest master or session key */
#define E2AE_CM_SALT  14 /* octets of salt of the counter-mode suites */
#define E2AE_AUTH_KEY 20 /* octets of the HMAC-SHA1 session key */

/* RFC 3711, 4.3.1 and 4.3.2: the labels of SRTP; SRTCP's are 3 higher. */
enum e2ae_label {
	E2AE_LABEL_ENCRYPTION = 0,
	E2AE_LABEL_AUTHENTICATION = 1,
	E2AE_LABEL_SALT = 2,
	E2AE_LABEL_RTCP = 3,
};

/**
 * struct e2ae_session_keys - what the KDF makes for SRTP or for SRTCP
 * @cipher: encryption key, as long as the master key
 * @auth: HMAC-SHA1 key; unused with AEAD
 * @salt: session salt, zero-padded
 *
 * Whoever fills it wipes it.
 */
struct e2ae_session_keys {
	u8 cipher[E2AE_MAX_KEY];
	u8 auth[E2AE_AUTH_KEY];
	u8 salt[E2AE_CM_SALT];
};

int e2ae_kdf(const u8 *key, size_t key_len, const u8 *salt, size_t salt_len,
	     bool rtcp, struct e2ae_session_keys *out);

#endif
