// SPDX-License-Identifier: GPL-2.0
/* Master keys, random octets and keyed hashes. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "secret.h"

/**
 * e2ae_entropy_fill() - get random octets fit for keys
 * @entropy: where from; NULL is OpenSSL's private generator
 * @to: where to
 * @len: how many
 *
 * Return: 0, or -EIO or the source's own error; then @to is wiped.
 */
int e2ae_entropy_fill(const struct e2ae_entropy *entropy, uint8_t *to,
		      size_t len)
{
	int err;

	if (entropy)
		err = entropy->fill(entropy->arg, to, len);
	else
		err = len <= INT_MAX && RAND_priv_bytes(to, (int)len) == 1 ?
			      0 :
			      -EIO;
	if (err)
		OPENSSL_cleanse(to, len);
	return err;
}

/**
 * e2ae_srtp_key_make() - make a random master key and salt
 * @key: to fill; no MKI, lifetime of the suite
 * @suite: enum e2ae_suite
 * @entropy: source of the key; NULL is OpenSSL's
 *
 * Return: 0, -EOPNOTSUPP for a suite that is none, or the source's error.
 */
int e2ae_srtp_key_make(struct e2ae_srtp_key *key, uint32_t suite,
		       const struct e2ae_entropy *entropy)
{
	const struct e2ae_suite_info *info = e2ae_suite_by_id(suite);
	int err;

	memset(key, 0, sizeof(*key));
	if (!info)
		return -EOPNOTSUPP;
	err = e2ae_entropy_fill(entropy, key->key, info->key_len);
	if (!err)
		err = e2ae_entropy_fill(entropy, key->salt, info->salt_len);
	if (err)
		e2ae_srtp_key_wipe(key);
	else
		key->suite = suite;
	return err;
}

/**
 * e2ae_srtp_key_equal() - compare master keys in constant time
 * @a: one key
 * @b: another one
 *
 * The salt does not count, so that an answer that mirrors the offer's key under
 * another salt is found out.
 *
 * Return: whether the master keys are the same octets.
 */
bool e2ae_srtp_key_equal(const struct e2ae_srtp_key *a,
			 const struct e2ae_srtp_key *b)
{
	return !CRYPTO_memcmp(a->key, b->key, sizeof(a->key));
}

/**
 * e2ae_srtp_key_same() - compare all that a context is made of, in constant time
 * @a: one key
 * @b: another one
 *
 * Return: whether a re-offer with @b goes on where @a is, with its ROC and
 * replay list: same suite, master key, master salt and MKI.
 */
bool e2ae_srtp_key_same(const struct e2ae_srtp_key *a,
			const struct e2ae_srtp_key *b)
{
	return a->suite == b->suite && e2ae_srtp_key_equal(a, b) &&
	       !CRYPTO_memcmp(a->salt, b->salt, sizeof(a->salt)) &&
	       a->mki_len == b->mki_len && !memcmp(a->mki, b->mki, a->mki_len);
}

/**
 * e2ae_srtp_key_wipe() - leave nothing of a key
 * @key: to wipe
 */
void e2ae_srtp_key_wipe(struct e2ae_srtp_key *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
}

static int hmac(const EVP_MD *md, struct e2ae_octets key,
		struct e2ae_octets data, uint8_t *out)
{
	if (key.len > INT_MAX)
		return -EMSGSIZE;
	return HMAC(md, key.at, (int)key.len, data.at, data.len, out, NULL) ?
		       0 :
		       -EIO;
}

/**
 * e2ae_hmac_sha1() - HMAC-SHA-1 (RFC 2104)
 * @key: key
 * @data: what is authenticated
 * @out: the whole tag
 *
 * Return: 0, or -EIO if the library failed.
 */
int e2ae_hmac_sha1(struct e2ae_octets key, struct e2ae_octets data,
		   uint8_t out[E2AE_SHA1_LEN])
{
	return hmac(EVP_sha1(), key, data, out);
}

/**
 * e2ae_hmac_sha256() - HMAC-SHA-256 (RFC 2104)
 * @key: key
 * @data: what is authenticated
 * @out: the whole tag
 *
 * Return: 0, or -EIO if the library failed.
 */
int e2ae_hmac_sha256(struct e2ae_octets key, struct e2ae_octets data,
		     uint8_t out[E2AE_SHA256_LEN])
{
	return hmac(EVP_sha256(), key, data, out);
}

/**
 * e2ae_sha256() - SHA-256
 * @data: what is hashed
 * @out: the hash
 *
 * Return: 0, or -EIO if the library failed.
 */
int e2ae_sha256(struct e2ae_octets data, uint8_t out[E2AE_SHA256_LEN])
{
	return EVP_Digest(data.at, data.len, out, NULL, EVP_sha256(), NULL) ?
		       0 :
		       -EIO;
}
