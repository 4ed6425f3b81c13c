/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_SUITE_H
#define E2AE_SUITE_H

#include <linux/types.h>
#include <linux/e2ae.h>

#include "compat.h"
#include "kdf.h"

struct crypto_aead;
struct crypto_skcipher;
struct scatterlist;

enum e2ae_mode {
	E2AE_MODE_NULL,
	E2AE_MODE_CM,
	E2AE_MODE_GCM,
};

/**
 * struct e2ae_suite_desc - a constant row of the suite table
 * @name: as SDES writes it
 * @mode: how it encrypts
 * @key_len: octets of master and session key
 * @salt_len: octets of master and session salt
 * @rtp_tag: octets of the SRTP tag
 * @rtcp_tag: octets of the SRTCP tag
 */
struct e2ae_suite_desc {
	const char *name;
	enum e2ae_mode mode;
	u8 key_len;
	u8 salt_len;
	u8 rtp_tag;
	u8 rtcp_tag;
};

/* A counter block or nonce, by octets and in the halves it is made of. */
union e2ae_block {
	u8 octets[16];
	__be64 half[2];
};

/**
 * struct e2ae_session - session keys of SRTP or SRTCP, ready for use
 * @skc: counter mode; [0] the fast transform, [1] the synchronous one
 * @aead: the same for AEAD
 * @salt: session salt, zero-padded to the block
 * @tag: octets of the authentication tag
 * @mac: HMAC-SHA1, unless AEAD
 *
 * [0] and [1] are the same transform where the fast one is synchronous.
 * Constant from e2ae_session_init() to e2ae_session_wipe().
 */
struct e2ae_session {
	union {
		struct crypto_skcipher *skc[2];
		struct crypto_aead *aead[2];
	};
	union e2ae_block salt;
	u8 tag;
	e2ae_mac_key mac;
};

const struct e2ae_suite_desc *e2ae_suite_get(u32 id);
u32 e2ae_suite_id(const struct e2ae_suite_desc *suite);

int e2ae_session_init(struct e2ae_session *s,
		      const struct e2ae_suite_desc *suite,
		      const struct e2ae_session_keys *keys, bool rtcp);
void e2ae_session_wipe(struct e2ae_session *s,
		       const struct e2ae_suite_desc *suite);
const char *e2ae_session_driver(const struct e2ae_session *s,
				const struct e2ae_suite_desc *suite,
				bool fallback);
const char *e2ae_session_mac_driver(const struct e2ae_session *s,
				    const struct e2ae_suite_desc *suite);

int e2ae_session_ctr(const struct e2ae_session *s, const union e2ae_block *iv,
		     u8 *data, u32 len);
int e2ae_session_mac(const struct e2ae_session *s, const u8 *data, u32 len,
		     u8 out[20]);
int e2ae_session_gcm(const struct e2ae_session *s, const union e2ae_block *iv,
		     u8 *hdr, u32 hlen, u8 *word, u8 *data, u32 len,
		     bool encrypt);

int e2ae_suite_init(void);
void e2ae_suite_exit(void);
u64 e2ae_suite_fallbacks(void);

#endif
