// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's own crypto costs per packet, in the forms that a relay can
 * use: /proc/e2ae_raw runs it and shows `NAME OCTETS MIN_PS MEDIAN_PS MAX_PS DRIVER`.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <asm/fpu/api.h>

#include "ciphers.h"
#include "compat.h"
#include "gauge.h"
#include "raw.h"
#include "ticks.h"
#if COMPAT_CRYPTO_LIBRARY
#include <crypto/aes-ctr.h>
#include <crypto/aes-gcm.h>
#include <crypto/sha1.h>
#endif

#define ROC	4
#define BATCH	32
#define BATCHES 512
#define GAUGES	15
#define TRIES	50

static u8 *buffer;
static u64 per_ms, batches[BATCHES];
static const u32 sizes[] = { 20, 160, 1200 };

/**
 * struct way - one way to do one thing to a packet
 * @name: shown
 * @open: prepares; 0 or an error
 * @work: does it to @len octets of payload; 0 or an error
 * @close: undoes @open
 * @driver: who does it
 */
struct way {
	const char *name;
	int (*open)(void);
	int (*work)(u32 len);
	void (*close)(void);
	const char *(*driver)(void);
};

static int ctr_work(u32 len)
{
	struct scatterlist sg;
	u8 iv[16] = { 1 };

	sg_init_one(&sg, buffer + HEADER, len);
	skcipher_request_set_crypt(ctr_req, &sg, &sg, len, iv);
	return crypto_skcipher_encrypt(ctr_req);
}

static const char *ctr_driver(void)
{
	return crypto_tfm_alg_driver_name(crypto_skcipher_tfm(ctr));
}

static int hmac_work(u32 len)
{
	u8 digest[20];

	return crypto_shash_digest(hmac_desc, buffer, HEADER + len + ROC,
				   digest);
}

static const char *hmac_driver(void)
{
	return crypto_tfm_alg_driver_name(crypto_shash_tfm(hmac));
}

static int gcm128_open(void)
{
	return gcm_open(16);
}

static int gcm256_open(void)
{
	return gcm_open(32);
}

static int gcm_work(u32 len)
{
	struct scatterlist sg;
	u8 iv[12] = { 1 };

	sg_init_one(&sg, buffer, HEADER + len + TAG);
	aead_request_set_crypt(gcm_req, &sg, &sg, len, iv);
	return crypto_aead_encrypt(gcm_req);
}

static const char *gcm_driver(void)
{
	return crypto_tfm_alg_driver_name(crypto_aead_tfm(gcm));
}

static int fpu_work(u32 len)
{
	kernel_fpu_begin();
	kernel_fpu_end();
	return 0;
}

#if COMPAT_CRYPTO_LIBRARY
static union {
	struct aes_enckey aes;
	struct hmac_sha1_key hmac;
	struct aes_gcm_key gcm;
} lib;

static int ctr_lib_open(void)
{
	return aes_prepareenckey(&lib.aes, key, 16);
}

static int ctr_lib_work(u32 len)
{
	u8 iv[16] = { 1 };

	aes_ctr(buffer + HEADER, buffer + HEADER, len, iv, &lib.aes);
	return 0;
}

static int hmac_lib_open(void)
{
	hmac_sha1_preparekey(&lib.hmac, key, 20);
	return 0;
}

static int hmac_lib_work(u32 len)
{
	u8 digest[20];

	hmac_sha1(&lib.hmac, buffer, HEADER + len + ROC, digest);
	return 0;
}

static int gcm128_lib_open(void)
{
	return aes_gcm_preparekey(&lib.gcm, key, 16, TAG);
}

static int gcm256_lib_open(void)
{
	return aes_gcm_preparekey(&lib.gcm, key, 32, TAG);
}

static int gcm_lib_work(u32 len)
{
	u8 iv[12] = { 1 }, *at = buffer + HEADER;

	aes_gcm_encrypt(at, at, len, at + len, buffer, HEADER, iv, &lib.gcm);
	return 0;
}
#endif

static const struct way ways[] = {
	{ "ctr-128", ctr_open, ctr_work, ctr_close, ctr_driver },
	{ "hmac-sha1", hmac_open, hmac_work, hmac_close, hmac_driver },
	{ "gcm-128", gcm128_open, gcm_work, gcm_close, gcm_driver },
	{ "gcm-256", gcm256_open, gcm_work, gcm_close, gcm_driver },
	{ "fpu-pair", NULL, fpu_work },
#if COMPAT_CRYPTO_LIBRARY
	{ "ctr-128-lib", ctr_lib_open, ctr_lib_work },
	{ "hmac-sha1-lib", hmac_lib_open, hmac_lib_work },
	{ "gcm-128-lib", gcm128_lib_open, gcm_lib_work },
	{ "gcm-256-lib", gcm256_lib_open, gcm_lib_work },
#endif
};

/*
 * The middle one of the ticks of many batches, bottom halves off as on the way of
 * a packet; 0 on an error.
 */
static u64 one_run(const struct way *way, u32 len)
{
	int i, k, err = 0;

	for (i = 0; i < BATCHES; i++) {
		local_bh_disable();
		batches[i] = ticks();
		for (k = 0; k < BATCH && !err; k++)
			err = way->work(len);
		batches[i] = ticks() - batches[i];
		local_bh_enable();
		if (err)
			return 0;
		if (i % 64 == 63)
			cond_resched();
	}
	sort(batches, BATCHES, sizeof(*batches), ticks_compare, NULL);
	return batches[BATCHES / 2];
}

/* Is nobody else on the core? */
static bool is_quiet(void)
{
	u64 found[GAUGES];
	int i;

	for (i = 0; i < GAUGES; i++) {
		found[i] = gauge();
		gauge_learn(found[i]);
	}
	sort(found, GAUGES, sizeof(*found), ticks_compare, NULL);
	return gauge_is_quiet(found[GAUGES / 2]);
}

/* A run before and after which the core was quiet, if there is one soon. */
static u64 quiet_run(const struct way *way, u32 len)
{
	int tries = TRIES;
	bool quiet;
	u64 took;

	for (;;) {
		quiet = is_quiet();
		took = one_run(way, len);
		if ((quiet && is_quiet()) || !--tries)
			return took;
		msleep(5);
	}
}

static void measure(struct seq_file *s, const struct way *way, u32 len)
{
	u64 took[RAW_RUNS];
	int i;

	one_run(way, len);
	for (i = 0; i < RAW_RUNS; i++)
		took[i] = quiet_run(way, len);
	sort(took, RAW_RUNS, sizeof(*took), ticks_compare, NULL);
	seq_printf(s, "%s %u %llu %llu %llu %s\n", way->name, len,
		   ticks_to_ps(took[0], BATCH, per_ms),
		   ticks_to_ps(took[RAW_RUNS / 2], BATCH, per_ms),
		   ticks_to_ps(took[RAW_RUNS - 1], BATCH, per_ms),
		   way->driver ? way->driver() : "-");
}

static int raw_show(struct seq_file *s, void *v)
{
	int i, k, err;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		err = ways[i].open ? ways[i].open() : 0;
		for (k = 0; !err && k < ARRAY_SIZE(sizes); k++)
			measure(s, &ways[i], sizes[k]);
		if (ways[i].close)
			ways[i].close();
		if (err)
			return err;
	}
	far_measure(s, per_ms);
	return 0;
}

static int __init raw_init(void)
{
	buffer = kzalloc(2048, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	per_ms = ticks_per_ms();
	if (proc_create_single("e2ae_raw", 0400, NULL, raw_show))
		return 0;
	kfree(buffer);
	return -ENOMEM;
}

static void __exit raw_exit(void)
{
	remove_proc_entry("e2ae_raw", NULL);
	kfree(buffer);
}

module_init(raw_init);
module_exit(raw_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Cost of the kernel's crypto: yardstick of the e2ae bench");
