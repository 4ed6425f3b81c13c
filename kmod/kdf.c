// SPDX-License-Identifier: GPL-2.0
/* SRTP key derivation: pure, no allocation, any context. */
#include <linux/minmax.h>
#include <linux/string.h>

#include "compat.h"
#include "kdf.h"

/* RFC 3711, 4.3.3: AES-CM keystream from (key_id XOR salt) * 2^16. */
static void kdf_stream(const e2ae_aes_key *aes, const u8 *salt, u8 label,
		       u8 *out, size_t len)
{
	u8 x[AES_BLOCK_SIZE] = {}, block[AES_BLOCK_SIZE];
	size_t n, i;

	memcpy(x, salt, E2AE_CM_SALT);
	x[7] ^= label;
	for (i = 0; len; i++) {
		n = min_t(size_t, len, sizeof(block));
		x[15] = i;
		e2ae_aes_encrypt(aes, block, x);
		memcpy(out, block, n);
		out += n;
		len -= n;
	}
	memzero_explicit(block, sizeof(block));
	memzero_explicit(x, sizeof(x));
}

/**
 * e2ae_kdf() - derive the session keys of SRTP or SRTCP
 * @key: master key
 * @key_len: its length in octets: 16, 24 or 32; also that of the cipher key
 * @salt: master salt
 * @salt_len: 14 octets, or 12 for AEAD, which pads it with zeros on the right
 * @rtcp: derive for SRTCP
 * @out: the session keys; the caller wipes them
 *
 * Key derivation rate 0 (RFC 3711, 4.3; RFC 6188, 2 and 3; RFC 7714, 11).
 *
 * Context: Any; does not sleep.
 * Return: 0, or -EINVAL for a length no suite has.
 */
int e2ae_kdf(const u8 *key, size_t key_len, const u8 *salt, size_t salt_len,
	     bool rtcp, struct e2ae_session_keys *out)
{
	u8 base = rtcp ? E2AE_LABEL_RTCP : 0, padded[E2AE_CM_SALT] = {};
	e2ae_aes_key aes;
	int err;

	if (salt_len > sizeof(padded))
		return -EINVAL;
	err = e2ae_aes_setkey(&aes, key, key_len);
	if (err)
		return -EINVAL;
	memcpy(padded, salt, salt_len);
	memset(out, 0, sizeof(*out));
	kdf_stream(&aes, padded, base + E2AE_LABEL_ENCRYPTION, out->cipher,
		   key_len);
	kdf_stream(&aes, padded, base + E2AE_LABEL_AUTHENTICATION, out->auth,
		   sizeof(out->auth));
	kdf_stream(&aes, padded, base + E2AE_LABEL_SALT, out->salt, salt_len);
	memzero_explicit(&aes, sizeof(aes));
	memzero_explicit(padded, sizeof(padded));
	return 0;
}
