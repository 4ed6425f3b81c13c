// SPDX-License-Identifier: GPL-2.0
/*
 * The suites and their transforms in the kernel's crypto API.
 *
 * Every session holds two transforms. The fast one may be a SIMD wrapper,
 * which carries the asynchronous flag but computes at once while
 * crypto_simd_usable(); it is never given anything otherwise. The other one
 * is synchronous whatever happens. So nothing ever completes later, and no
 * packet path is cut in two by a callback.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/percpu.h>
#include <linux/local_lock.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/simd.h>
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/internal/simd.h>
#include <crypto/skcipher.h>

#include "compat.h"
#include "suite.h"

/* Octets reserved for a request of any driver; checked for every transform. */
#define E2AE_REQ_MAX 2048

static unsigned int force_fallback;
module_param(force_fallback, uint, 0644);
MODULE_PARM_DESC(
	force_fallback,
	"Use the fallback cipher: 0 when needed, 1 always, N for one packet in N (debugging)");

/* clang-format off */
static const struct e2ae_suite_desc suites[] = {
#define SUITE(id, str, m, k, s, rtp, rtcp) \
	[E2AE_SUITE_##id] = { str, E2AE_MODE_##m, k, s, rtp, rtcp }
	SUITE(AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80", CM, 16, 14, 10, 10),
	SUITE(AES_CM_128_HMAC_SHA1_32, "AES_CM_128_HMAC_SHA1_32", CM, 16, 14, 4, 10),
	SUITE(AES_192_CM_HMAC_SHA1_80, "AES_192_CM_HMAC_SHA1_80", CM, 24, 14, 10, 10),
	SUITE(AES_192_CM_HMAC_SHA1_32, "AES_192_CM_HMAC_SHA1_32", CM, 24, 14, 4, 10),
	SUITE(AES_256_CM_HMAC_SHA1_80, "AES_256_CM_HMAC_SHA1_80", CM, 32, 14, 10, 10),
	SUITE(AES_256_CM_HMAC_SHA1_32, "AES_256_CM_HMAC_SHA1_32", CM, 32, 14, 4, 10),
	SUITE(AEAD_AES_128_GCM, "AEAD_AES_128_GCM", GCM, 16, 12, 16, 16),
	SUITE(AEAD_AES_256_GCM, "AEAD_AES_256_GCM", GCM, 32, 12, 16, 16),
	SUITE(NULL_HMAC_SHA1_80, "NULL_HMAC_SHA1_80", NULL, 16, 14, 10, 10),
	SUITE(NULL_HMAC_SHA1_32, "NULL_HMAC_SHA1_32", NULL, 16, 14, 4, 10),
#undef SUITE
};

/* clang-format on */

/*
 * Drivers that carry CRYPTO_ALG_ASYNC only for being SIMD wrappers
 * (crypto/simd.c of Linux before 6.16); a real engine is not among them.
 */
static const char *const simd_wrappers[] = {
	"ctr-aes-aesni",
	"ctr-aes-aesni-avx",
	"ctr-aes-vaes-avx10_256",
	"ctr-aes-vaes-avx10_512",
	"ctr-aes-vaes-avx2",
	"ctr-aes-vaes-avx512",
	"ctr-aes-ce",
	"ctr-aes-neon",
	"ctr-aes-neonbs",
	"generic-gcm-aesni",
	"generic-gcm-aesni-avx",
	"generic-gcm-vaes-avx10_256",
	"generic-gcm-vaes-avx10_512",
	"generic-gcm-vaes-avx2",
	"generic-gcm-vaes-avx512",
};

/**
 * struct scratch - what one CPU needs for one packet
 * @one: scatterlist of one piece
 * @sg: of an AEAD request in pieces
 * @iv: counter block or nonce
 * @fallbacks: operations that took the synchronous transform
 * @tick: counts operations while force_fallback is more than 1
 * @req: request of either kind, or the state of a hash
 *
 * Used with bottom halves off and its lock held, by one packet at a time.
 */
struct scratch {
	struct scatterlist one;
	struct scatterlist sg[3];
	union e2ae_block iv;
	u64 fallbacks;
	u32 tick;
	u8 req[E2AE_REQ_MAX] __aligned(CRYPTO_MINALIGN);
};

static DEFINE_PER_CPU(
	struct cpu_scratch {
		local_lock_t lock;
		struct scratch *sc;
	},
	scratches) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

static struct scratch *scratch_create(gfp_t gfp, int node)
{
	struct scratch *sc = kzalloc_node(sizeof(*sc), gfp, node);

	if (!sc)
		return NULL;
	/* Where a list ends never changes, what its pieces are always. */
	sg_init_table(&sc->one, 1);
	sg_init_table(sc->sg, ARRAY_SIZE(sc->sg));
	return sc;
}

/* This CPU's, or NULL; for scratch_put() in either case. */
static struct scratch *scratch_get(void)
{
	e2ae_local_lock(&scratches.lock);
	return __this_cpu_read(scratches.sc);
}

static void scratch_put(void)
{
	e2ae_local_unlock(&scratches.lock);
}

/**
 * e2ae_suite_get() - find a suite
 * @id: enum e2ae_suite
 *
 * Return: its row, or NULL.
 */
const struct e2ae_suite_desc *e2ae_suite_get(u32 id)
{
	if (id >= ARRAY_SIZE(suites) || !suites[id].name)
		return NULL;
	return &suites[id];
}

/**
 * e2ae_suite_id() - the number of a suite in the netlink family
 * @suite: a row of the table
 *
 * Return: enum e2ae_suite.
 */
u32 e2ae_suite_id(const struct e2ae_suite_desc *suite)
{
	return suite - suites;
}

static bool is_simd_wrapper(const char *driver)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(simd_wrappers); i++)
		if (!strcmp(driver, simd_wrappers[i]))
			return true;
	return false;
}

/* Fast unless it would be asynchronous for real. */
static bool may_be_fast(struct crypto_tfm *tfm)
{
	return !(tfm->__crt_alg->cra_flags & CRYPTO_ALG_ASYNC) ||
	       is_simd_wrapper(crypto_tfm_alg_driver_name(tfm));
}

static bool is_async(struct crypto_tfm *tfm)
{
	return tfm->__crt_alg->cra_flags & CRYPTO_ALG_ASYNC;
}

static struct crypto_skcipher *
ctr_alloc(u32 mask, const struct e2ae_session_keys *keys, u8 key_len)
{
	struct crypto_skcipher *skc;
	int err;

	skc = crypto_alloc_skcipher("ctr(aes)", 0, mask);
	if (IS_ERR(skc))
		return skc;
	err = sizeof(struct skcipher_request) + crypto_skcipher_reqsize(skc) >
			      E2AE_REQ_MAX ?
		      -E2BIG :
		      0;
	if (!err)
		err = crypto_skcipher_setkey(skc, keys->cipher, key_len);
	if (!err)
		return skc;
	crypto_free_skcipher(skc);
	return ERR_PTR(err);
}

static int ctr_init(struct e2ae_session *s, const struct e2ae_suite_desc *suite,
		    const struct e2ae_session_keys *keys)
{
	struct crypto_skcipher *skc;

	skc = ctr_alloc(CRYPTO_ALG_ALLOCATES_MEMORY, keys, suite->key_len);
	if (!IS_ERR(skc) && may_be_fast(crypto_skcipher_tfm(skc)))
		s->skc[0] = skc;
	else if (!IS_ERR(skc))
		crypto_free_skcipher(skc);
	if (s->skc[0] && !is_async(crypto_skcipher_tfm(skc))) {
		s->skc[1] = s->skc[0];
		return 0;
	}
	skc = ctr_alloc(CRYPTO_ALG_ASYNC | CRYPTO_ALG_ALLOCATES_MEMORY, keys,
			suite->key_len);
	if (IS_ERR(skc))
		return PTR_ERR(skc);
	s->skc[1] = skc;
	if (!s->skc[0])
		s->skc[0] = skc;
	return 0;
}

static struct crypto_aead *
gcm_alloc(u32 mask, const struct e2ae_session_keys *keys, u8 key_len)
{
	struct crypto_aead *aead;
	int err;

	aead = crypto_alloc_aead("gcm(aes)", 0, mask);
	if (IS_ERR(aead))
		return aead;
	err = sizeof(struct aead_request) + crypto_aead_reqsize(aead) >
			      E2AE_REQ_MAX ?
		      -E2BIG :
		      0;
	if (!err)
		err = crypto_aead_setkey(aead, keys->cipher, key_len);
	if (!err)
		err = crypto_aead_setauthsize(aead, 16);
	if (!err)
		return aead;
	crypto_free_aead(aead);
	return ERR_PTR(err);
}

static int gcm_init(struct e2ae_session *s, const struct e2ae_suite_desc *suite,
		    const struct e2ae_session_keys *keys)
{
	struct crypto_aead *aead;

	aead = gcm_alloc(CRYPTO_ALG_ALLOCATES_MEMORY, keys, suite->key_len);
	if (!IS_ERR(aead) && may_be_fast(crypto_aead_tfm(aead)))
		s->aead[0] = aead;
	else if (!IS_ERR(aead))
		crypto_free_aead(aead);
	if (s->aead[0] && !is_async(crypto_aead_tfm(aead))) {
		s->aead[1] = s->aead[0];
		return 0;
	}
	aead = gcm_alloc(CRYPTO_ALG_ASYNC | CRYPTO_ALG_ALLOCATES_MEMORY, keys,
			 suite->key_len);
	if (IS_ERR(aead))
		return PTR_ERR(aead);
	s->aead[1] = aead;
	if (!s->aead[0])
		s->aead[0] = aead;
	return 0;
}

static int mac_init(struct e2ae_session *s,
		    const struct e2ae_session_keys *keys)
{
	int err = e2ae_mac_prepare(&s->mac, keys->auth, sizeof(keys->auth));

	if (err)
		return err;
	return e2ae_mac_work(&s->mac) > E2AE_REQ_MAX ? -E2BIG : 0;
}

/**
 * e2ae_session_init() - make transforms from session keys
 * @s: zeroed session to fill in
 * @suite: the suite
 * @keys: session keys; the caller wipes them
 * @rtcp: they are SRTCP's
 *
 * Context: Process; sleeps.
 * Return: 0 or a negative errno of the crypto API; on error the session is
 * wiped again.
 */
int e2ae_session_init(struct e2ae_session *s,
		      const struct e2ae_suite_desc *suite,
		      const struct e2ae_session_keys *keys, bool rtcp)
{
	int err = 0;

	s->tag = rtcp ? suite->rtcp_tag : suite->rtp_tag;
	memcpy(s->salt.octets, keys->salt, sizeof(keys->salt));
	if (suite->mode == E2AE_MODE_CM)
		err = ctr_init(s, suite, keys);
	else if (suite->mode == E2AE_MODE_GCM)
		err = gcm_init(s, suite, keys);
	if (!err && suite->mode != E2AE_MODE_GCM)
		err = mac_init(s, keys);
	if (err)
		e2ae_session_wipe(s, suite);
	return err;
}

/**
 * e2ae_session_wipe() - free the transforms, which wipe their keys
 * @s: a session, complete or not
 * @suite: its suite
 *
 * Context: Any but hard interrupt.
 */
void e2ae_session_wipe(struct e2ae_session *s,
		       const struct e2ae_suite_desc *suite)
{
	if (suite->mode == E2AE_MODE_GCM) {
		if (s->aead[1] != s->aead[0])
			crypto_free_aead(s->aead[1]);
		crypto_free_aead(s->aead[0]);
	} else {
		if (s->skc[1] != s->skc[0])
			crypto_free_skcipher(s->skc[1]);
		crypto_free_skcipher(s->skc[0]);
		e2ae_mac_wipe(&s->mac);
	}
	memzero_explicit(s, sizeof(*s));
}

/**
 * e2ae_session_driver() - name the driver that encrypts
 * @s: the session
 * @suite: its suite
 * @fallback: that of the synchronous transform instead of the fast one
 *
 * Return: the driver's name, or NULL where nothing is encrypted.
 */
const char *e2ae_session_driver(const struct e2ae_session *s,
				const struct e2ae_suite_desc *suite,
				bool fallback)
{
	if (suite->mode == E2AE_MODE_GCM)
		return crypto_tfm_alg_driver_name(
			crypto_aead_tfm(s->aead[fallback]));
	if (suite->mode == E2AE_MODE_CM)
		return crypto_tfm_alg_driver_name(
			crypto_skcipher_tfm(s->skc[fallback]));
	return NULL;
}

/**
 * e2ae_session_mac_driver() - name the driver that authenticates
 * @s: the session
 * @suite: its suite
 *
 * Return: the driver's name, or NULL with AEAD.
 */
const char *e2ae_session_mac_driver(const struct e2ae_session *s,
				    const struct e2ae_suite_desc *suite)
{
	return suite->mode == E2AE_MODE_GCM ? NULL : e2ae_mac_driver(&s->mac);
}

/* Which of the two transforms this packet takes. */
static bool take_fallback(struct scratch *sc)
{
	unsigned int forced = READ_ONCE(force_fallback);

	if (likely(crypto_simd_usable() && !forced))
		return false;
	if (crypto_simd_usable() && forced > 1 && ++sc->tick % forced)
		return false;
	sc->fallbacks++;
	return true;
}

/*
 * A transform that promised to be synchronous was not. Its request must stay
 * as it is until it completes, for ever if it does not, and so must the
 * packet: the caller leaks it.
 */
static int stranded(void)
{
	WARN_ONCE(1, "e2ae: a synchronous cipher went asynchronous\n");
	__this_cpu_write(scratches.sc,
			 scratch_create(GFP_ATOMIC, NUMA_NO_NODE));
	return -EINPROGRESS;
}

static int settle(int err)
{
	if (unlikely(err == -EINPROGRESS || err == -EBUSY))
		return stranded();
	return err;
}

static int ctr(const struct e2ae_session *s, struct scratch *sc,
	       const union e2ae_block *iv, u8 *data, u32 len)
{
	struct skcipher_request *req;

	if (unlikely(!sc))
		return -ENOMEM;
	req = (struct skcipher_request *)sc->req;
	sc->iv = *iv;
	sg_set_buf(&sc->one, data, len);
	skcipher_request_set_tfm(req, s->skc[take_fallback(sc)]);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	skcipher_request_set_crypt(req, &sc->one, &sc->one, len, &sc->iv);
	return settle(crypto_skcipher_encrypt(req));
}

/**
 * e2ae_session_ctr() - AES counter mode in place, either way
 * @s: session of a CM suite
 * @iv: initial counter block (RFC 3711, 4.1.1)
 * @data: octets to change
 * @len: how many
 *
 * Context: Bottom halves off.
 * Return: 0 or a negative errno; -EINPROGRESS means @data must not be freed.
 */
int e2ae_session_ctr(const struct e2ae_session *s, const union e2ae_block *iv,
		     u8 *data, u32 len)
{
	int err = 0;

	if (len) {
		err = ctr(s, scratch_get(), iv, data, len);
		scratch_put();
	}
	return err;
}

/**
 * e2ae_session_mac() - HMAC-SHA1 over contiguous octets
 * @s: session with a MAC
 * @data: octets to authenticate
 * @len: how many
 * @out: all 20 octets of the HMAC
 *
 * Context: Bottom halves off.
 * Return: 0 or a negative errno.
 */
int e2ae_session_mac(const struct e2ae_session *s, const u8 *data, u32 len,
		     u8 out[20])
{
	struct scratch *sc = scratch_get();
	int err = -ENOMEM;

	if (likely(sc))
		err = e2ae_mac_digest(&s->mac, sc->req, data, len, out);
	scratch_put();
	return err;
}

static int gcm(const struct e2ae_session *s, struct scratch *sc,
	       const union e2ae_block *iv, u8 *hdr, u32 hlen, u8 *word,
	       u8 *data, u32 len, bool encrypt)
{
	struct scatterlist *sg;
	struct aead_request *req;

	if (unlikely(!sc))
		return -ENOMEM;
	req = (struct aead_request *)sc->req;
	sc->iv = *iv;
	if (word) {
		sg = sc->sg;
		sg_set_buf(&sg[0], hdr, hlen);
		sg_set_buf(&sg[1], word, 4);
		sg_set_buf(&sg[2], data, len + 16);
		hlen += 4;
	} else {
		sg = &sc->one;
		sg_set_buf(sg, hdr, hlen + len + 16);
	}
	aead_request_set_tfm(req, s->aead[take_fallback(sc)]);
	aead_request_set_callback(req, 0, NULL, NULL);
	aead_request_set_ad(req, hlen);
	aead_request_set_crypt(req, sg, sg, encrypt ? len : len + 16,
			       sc->iv.octets);
	return settle(encrypt ? crypto_aead_encrypt(req) :
				crypto_aead_decrypt(req));
}

/**
 * e2ae_session_gcm() - AES-GCM in place, tag behind the data
 * @s: session of an AEAD suite
 * @iv: nonce in the first 12 octets (RFC 7714, 8.1 and 9.1)
 * @hdr: associated data; followed by @data in memory where @word is NULL
 * @hlen: its octets
 * @word: four more octets of associated data (SRTCP's index), or NULL
 * @data: octets to change, with room for the 16 of the tag
 * @len: how many, tag not counted
 * @encrypt: encrypt and write the tag, else check the tag and decrypt
 *
 * Context: Bottom halves off.
 * Return: 0, -EBADMSG where the tag is wrong (@data is garbage then), or
 * another negative errno; -EINPROGRESS means @data must not be freed.
 */
int e2ae_session_gcm(const struct e2ae_session *s, const union e2ae_block *iv,
		     u8 *hdr, u32 hlen, u8 *word, u8 *data, u32 len,
		     bool encrypt)
{
	int err =
		gcm(s, scratch_get(), iv, hdr, hlen, word, data, len, encrypt);

	scratch_put();
	return err;
}

/**
 * e2ae_suite_fallbacks() - how often the synchronous transform was taken
 *
 * Return: operations on all CPUs since the module was loaded.
 */
u64 e2ae_suite_fallbacks(void)
{
	struct scratch *sc;
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		sc = READ_ONCE(per_cpu(scratches.sc, cpu));
		if (sc)
			sum += READ_ONCE(sc->fallbacks);
	}
	return sum;
}

/**
 * e2ae_suite_init() - reserve every CPU's scratch memory
 *
 * Return: 0 or -ENOMEM.
 */
int e2ae_suite_init(void)
{
	struct scratch *sc;
	int cpu;

	for_each_possible_cpu(cpu) {
		sc = scratch_create(GFP_KERNEL, cpu_to_node(cpu));
		if (!sc) {
			e2ae_suite_exit();
			return -ENOMEM;
		}
		per_cpu(scratches.sc, cpu) = sc;
	}
	return 0;
}

/**
 * e2ae_suite_exit() - wipe and give back the scratch memory
 *
 * Nothing may be under way any more.
 */
void e2ae_suite_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		kfree_sensitive(per_cpu(scratches.sc, cpu));
		per_cpu(scratches.sc, cpu) = NULL;
	}
}
