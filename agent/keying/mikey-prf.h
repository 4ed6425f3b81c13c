/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys out of keys: MIKEY's default PRF (RFC 3830, 4.1).
 *
 * Use: e2ae_mikey_message_keys() for what protects a message, from the
 * pre-shared key; e2ae_mikey_derive() for what SRTP gets, from the TGK.
 * Only the files of mikey call this. Whoever gets keys wipes them.
 */
#ifndef E2AE_KEYING_MIKEY_PRF_H
#define E2AE_KEYING_MIKEY_PRF_H

#include "secret.h"

#define E2AE_MIKEY_MAX_OUT   64 /* octets of one derived key */
#define E2AE_MIKEY_MAX_LABEL 264 /* constant, CS ID, CSB ID and RAND */

/**
 * struct e2ae_mikey_protect - keys of a message (RFC 3830, 4.1.4)
 * @enc: AES-CM-128 key
 * @salt: salting key of its IV
 * @auth: HMAC-SHA-1-160 key
 */
struct e2ae_mikey_protect {
	uint8_t enc[16];
	uint8_t salt[14];
	uint8_t auth[20];
};

/**
 * enum e2ae_mikey_constant - what a key is derived for
 * @E2AE_MIKEY_TEK: SRTP master key from a TGK
 * @E2AE_MIKEY_TEK_SALT: SRTP master salt from a TGK
 * @E2AE_MIKEY_ENC: message encryption key from a pre-shared key
 * @E2AE_MIKEY_AUTH: message authentication key from a pre-shared key
 * @E2AE_MIKEY_SALT: message salting key from a pre-shared key
 */
enum e2ae_mikey_constant {
	E2AE_MIKEY_TEK = 0x2ad01c64,
	E2AE_MIKEY_TEK_SALT = 0x39a2c14b,
	E2AE_MIKEY_ENC = 0x150533e1,
	E2AE_MIKEY_AUTH = 0x2d22ac75,
	E2AE_MIKEY_SALT = 0x29b88916,
};

int e2ae_mikey_prf(struct e2ae_octets key, struct e2ae_octets label,
		   uint8_t *out, size_t len);
int e2ae_mikey_derive(struct e2ae_octets key, enum e2ae_mikey_constant constant,
		      uint8_t cs_id, uint32_t csb_id, struct e2ae_octets rand,
		      uint8_t *out, size_t len);
int e2ae_mikey_message_keys(struct e2ae_octets psk, uint32_t csb_id,
			    struct e2ae_octets rand,
			    struct e2ae_mikey_protect *keys);

#endif
