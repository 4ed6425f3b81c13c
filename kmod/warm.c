// SPDX-License-Identifier: GPL-2.0
/* What of an SA a packet reads, for warm.h. */
#include <crypto/aead.h>
#include <crypto/aes.h>
#include <crypto/skcipher.h>
#include <linux/align.h>
#include <linux/bits.h>

#include "warm.h"

/* The lines of @len octets from @from on, as bits counted from @base. */
static u16 lines(const void *base, const void *from, u32 len)
{
	u32 first = (from - base) / L1_CACHE_BYTES;
	u32 last = (from - base + len - 1) / L1_CACHE_BYTES;

	return from >= base && last < 16 ? GENMASK(last, first) : 0;
}

/* Octets of AES's round keys: 11 blocks with 128 bit, 15 with 256. */
static u32 round_keys(const struct e2ae_sa *sa)
{
	return AES_BLOCK_SIZE * (sa->suite->key_len / 4 + 7);
}

static u16 ctr_lines(const struct e2ae_sa *sa)
{
	struct crypto_skcipher *skc = sa->rtp.skc[0];
	const struct crypto_aes_ctx *aes =
		PTR_ALIGN((void *)crypto_skcipher_tfm(skc)->__crt_ctx, 16);

	return lines(skc, aes->key_enc, round_keys(sa)) |
	       lines(skc, &aes->key_length, sizeof(aes->key_length));
}

/*
 * The key length and the round keys; then the powers of the hash key, which are
 * 16 and have padding behind them where AVX-512 is used.
 */
static u16 gcm_lines(const struct e2ae_sa *sa)
{
	struct crypto_aead *aead = sa->rtp.aead[0];
	void *ctx = crypto_aead_tfm(aead)->__crt_ctx;
	u32 size = crypto_aead_alg(aead)->base.cra_ctxsize;

	return lines(aead, PTR_ALIGN(ctx, 64), 16 + round_keys(sa)) |
	       (size > 640 ? lines(aead, ctx + size - 360, 256) :
			     lines(aead, ctx + size - 216, 216));
}

/**
 * e2ae_warm_learn_sa() - remember where a packet found what its SA is made of
 * @leg: leg it came to
 * @sa: that took it, or NULL
 *
 * Of a transform its head, and what the kernel's drivers for x86 read behind
 * it. A driver that has that elsewhere waits for it, no more.
 *
 * Context: Bottom halves off, RCU held.
 */
void e2ae_warm_learn_sa(struct e2ae_leg *leg, const struct e2ae_sa *sa)
{
	struct e2ae_hints *hints = &leg->hints;
	u16 key = 0;

	if (sa && sa->suite->mode == E2AE_MODE_CM)
		key = BIT(0) | ctr_lines(sa);
	else if (sa && sa->suite->mode == E2AE_MODE_GCM)
		key = BIT(0) | gcm_lines(sa);
	WRITE_ONCE(leg->key_lines, key);
	WRITE_ONCE(hints->tfm, sa ? sa->rtp.skc[0] : NULL);
	WRITE_ONCE(hints->ctxs, sa ? sa->ctxs : NULL);
	WRITE_ONCE(hints->sa, sa);
}
