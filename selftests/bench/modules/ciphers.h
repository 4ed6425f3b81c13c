/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's ciphers as a relay of SRTP uses them, for the yardsticks: the raw
 * crypto and the floor are made of the same ones. One of each in a module.
 */
#ifndef E2AE_BENCH_CIPHERS_H
#define E2AE_BENCH_CIPHERS_H

#include <linux/err.h>
#include <linux/slab.h>
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>

#define HEADER 12 /* of RTP */
#define TAG    16 /* of GCM */

static const u8 key[32] = { 1, 2, 3 };
static struct crypto_skcipher *ctr;
static struct skcipher_request *ctr_req;
static struct crypto_shash *hmac;
static struct shash_desc *hmac_desc;
static struct crypto_aead *gcm;
static struct aead_request *gcm_req;

static inline int ctr_open(void)
{
	ctr = crypto_alloc_skcipher("ctr(aes)", 0, CRYPTO_ALG_ALLOCATES_MEMORY);
	if (IS_ERR(ctr))
		return PTR_ERR(ctr);
	ctr_req = skcipher_request_alloc(ctr, GFP_KERNEL);
	if (!ctr_req)
		return -ENOMEM;
	skcipher_request_set_callback(ctr_req, 0, NULL, NULL);
	return crypto_skcipher_setkey(ctr, key, 16);
}

static inline void ctr_close(void)
{
	skcipher_request_free(ctr_req);
	ctr_req = NULL;
	crypto_free_skcipher(ctr);
}

static inline int hmac_open(void)
{
	hmac = crypto_alloc_shash("hmac(sha1)", 0, 0);
	if (IS_ERR(hmac))
		return PTR_ERR(hmac);
	hmac_desc = kzalloc(sizeof(*hmac_desc) + crypto_shash_descsize(hmac),
			    GFP_KERNEL);
	if (!hmac_desc)
		return -ENOMEM;
	hmac_desc->tfm = hmac;
	return crypto_shash_setkey(hmac, key, 20);
}

static inline void hmac_close(void)
{
	kfree(hmac_desc);
	hmac_desc = NULL;
	crypto_free_shash(hmac);
}

static inline int gcm_open(u32 len)
{
	gcm = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ALLOCATES_MEMORY);
	if (IS_ERR(gcm))
		return PTR_ERR(gcm);
	gcm_req = aead_request_alloc(gcm, GFP_KERNEL);
	if (!gcm_req)
		return -ENOMEM;
	aead_request_set_callback(gcm_req, 0, NULL, NULL);
	aead_request_set_ad(gcm_req, HEADER);
	return crypto_aead_setkey(gcm, key, len) ?:
		       crypto_aead_setauthsize(gcm, TAG);
}

static inline void gcm_close(void)
{
	aead_request_free(gcm_req);
	gcm_req = NULL;
	crypto_free_aead(gcm);
}

#endif
