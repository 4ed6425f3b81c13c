// SPDX-License-Identifier: GPL-2.0
/* kdf.c against the vectors of RFC 3711, B.3, and RFC 6188, 7.2 and 7.4. */
#include <kunit/test.h>

#include "../kdf.c"
#include "support.h"

/*
 * The RFCs derive SRTP's keys only. Those of SRTCP, and those of a salt of 12
 * octets (RFC 7714, 11), come from OpenSSL's AES-CTR with the labels 3 to 5.
 */
static const struct kdf_vector {
	const char *name;
	const char *const *key;
	const char *const *salt;
	bool rtcp;
	const char *const *cipher;
	const char *const *auth;
	const char *const *session_salt;
} vectors[] = {
	{
		"RFC 3711 B.3",
		HEX("e1f97a0d3e018be0d64fa32c06de4139"),
		HEX("0ec675ad498afeebb6960b3aabe6"),
		false,
		HEX("c61e7a93744f39ee10734afe3ff7a087"),
		HEX("cebe321f6ff7716b6fd4ab49af256a156d38baa4"),
		HEX("30cbbc08863d8c85d49db34a9ae1"),
	},
	{
		"RFC 6188 7.4, AES-192",
		HEX("73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1"),
		HEX("c8522f3acd4ce86d5add78edbb11"),
		false,
		HEX("31874736a8f1143870c26e4857d8a5b2c4a354407faadabb"),
		HEX("355b10973cd95b9eacf4061c7e1a7151e7cfbfcb"),
		HEX("2372b82d639b6d8503a47adc0a6c"),
	},
	{
		"RFC 6188 7.2, AES-256",
		HEX("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6"),
		HEX("3b04803de51ee7c96423ab5b78d2"),
		false,
		HEX("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"),
		HEX("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"),
		HEX("fa31791685ca444a9e07c6c64e93"),
	},
	{
		"SRTCP, AES-128",
		HEX("e1f97a0d3e018be0d64fa32c06de4139"),
		HEX("0ec675ad498afeebb6960b3aabe6"),
		true,
		HEX("4c1aa45a81f73d61c800bbb00fbb1eaa"),
		HEX("8d54534feb49ae8e7993a6bd0b844fc323a93dfd"),
		HEX("9581c7ad87b3e530bf3e4454a8b3"),
	},
	{
		"SRTCP, AES-192",
		HEX("73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1"),
		HEX("c8522f3acd4ce86d5add78edbb11"),
		true,
		HEX("0c3b5d24e0005fb7b821f22466607ea095818448aff1a464"),
		HEX("1435bd4b2d52ecdd00b401c5fbf38d087f529199"),
		HEX("25a16ab36c966196475415cbc6f0"),
	},
	{
		"SRTCP, AES-256",
		HEX("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6"),
		HEX("3b04803de51ee7c96423ab5b78d2"),
		true,
		HEX("8ee75f2de53606ebfb9aabce0b530213ce0966976277ff918700903dcc406073"),
		HEX("0235c1262ca7178cf9d8180fa6574a1d997fdc7a"),
		HEX("b174376e041b45cd4031056e44ba"),
	},
	{
		"SRTP, AEAD",
		HEX("000102030405060708090a0b0c0d0e0f"),
		HEX("517569642070726f2071756f"),
		false,
		HEX("b1bb5ee1803c7cb022c25343feb23261"),
		HEX("ae267e3d76be17a73fa3e428ef20e8aed506d476"),
		HEX("52fa33dcddd7c677e513ce75"),
	},
	{
		"SRTCP, AEAD",
		HEX("000102030405060708090a0b0c0d0e0f"),
		HEX("517569642070726f2071756f"),
		true,
		HEX("02657506d1e93c6639357fb793c2b082"),
		HEX("eee7cbbffc3b8333d22460c4fea75a06bc4c12c2"),
		HEX("6f09033e2235e99cc6537c7a"),
	},
};

KUNIT_ARRAY_PARAM_DESC(kdf, vectors, name);

static void session_keys_are_those_of_the_vector(struct kunit *test)
{
	const struct kdf_vector *v = test->param_value;
	u8 key[E2AE_MAX_KEY], salt[E2AE_CM_SALT];
	struct e2ae_session_keys keys;
	u32 key_len = test_hex(test, v->key, key, sizeof(key));
	u32 salt_len = test_hex(test, v->salt, salt, sizeof(salt));

	/* What they hold before must not matter. */
	memset(&keys, 0xee, sizeof(keys));
	KUNIT_ASSERT_EQ(test,
			e2ae_kdf(key, key_len, salt, salt_len, v->rtcp, &keys),
			0);
	test_expect_hex(test, keys.cipher, key_len, v->cipher);
	test_expect_hex(test, keys.auth, sizeof(keys.auth), v->auth);
	test_expect_hex(test, keys.salt, salt_len, v->session_salt);
	KUNIT_EXPECT_NULL(test, memchr_inv(keys.cipher + key_len, 0,
					   sizeof(keys.cipher) - key_len));
	KUNIT_EXPECT_NULL(test, memchr_inv(keys.salt + salt_len, 0,
					   sizeof(keys.salt) - salt_len));
}

/* RFC 3711, B.3 goes on to 94 octets of authentication key: six blocks. */
static void key_stream_goes_on_as_in_b3(struct kunit *test)
{
	u8 key[16], salt[E2AE_CM_SALT], out[94];
	e2ae_aes_key aes;

	test_hex(test, vectors[0].key, key, sizeof(key));
	test_hex(test, vectors[0].salt, salt, sizeof(salt));
	KUNIT_ASSERT_EQ(test, e2ae_aes_setkey(&aes, key, sizeof(key)), 0);
	kdf_stream(&aes, salt, E2AE_LABEL_AUTHENTICATION, out, sizeof(out));
	test_expect_hex(test, out, sizeof(out),
			HEX("cebe321f6ff7716b6fd4ab49af256a15",
			    "6d38baa48f0a0acf3c34e2359e6cdbce",
			    "e049646c43d9327ad175578ef7227098",
			    "6371c10c9a369ac2f94a8c5fbcdddc25",
			    "6d6e919a48b610ef17c2041e47403576",
			    "6b68642c59bbfc2f34db60dbdfb2"));
}

static void lengths_no_suite_has_are_refused(struct kunit *test)
{
	static const u8 zero[64];
	struct e2ae_session_keys keys;
	int err, want;
	size_t len;

	for (len = 0; len <= 40; len++) {
		want = len == 16 || len == 24 || len == 32 ? 0 : -EINVAL;
		err = e2ae_kdf(zero, len, zero, 14, false, &keys);
		KUNIT_EXPECT_EQ_MSG(test, err, want, "key of %zu", len);
	}
	KUNIT_EXPECT_EQ(test, e2ae_kdf(zero, 16, zero, 15, false, &keys),
			-EINVAL);
}

static struct kunit_case kdf_cases[] = {
	KUNIT_CASE_PARAM(session_keys_are_those_of_the_vector, kdf_gen_params),
	KUNIT_CASE(key_stream_goes_on_as_in_b3),
	KUNIT_CASE(lengths_no_suite_has_are_refused),
	{}
};

static struct kunit_suite kdf_suite = {
	.name = "e2ae_kdf",
	.test_cases = kdf_cases,
};

kunit_test_suite(kdf_suite);
