// SPDX-License-Identifier: GPL-2.0
/*
 * suite.c against RFC 3711, B.2, RFC 6188, 7.1 and 7.3, and the tags alone of
 * RFC 7714, 16 and 17; all with the fast transform and with the fallback.
 */
#include <kunit/test.h>

#include "../suite.c"
#include "support.h"

#define STREAM_LEN 1044512 /* octets of the RFCs' keystream segments */

#define CM_128	   E2AE_SUITE_AES_CM_128_HMAC_SHA1_80
#define GCM_128	   E2AE_SUITE_AEAD_AES_128_GCM
#define GCM_256	   E2AE_SUITE_AEAD_AES_256_GCM

static void force(unsigned int n)
{
	WRITE_ONCE(force_fallback, n);
}

static void suite_exit(struct kunit *test)
{
	force(0);
}

static void session_wipe(void *session)
{
	struct e2ae_session *s = session;

	e2ae_session_wipe(s, e2ae_suite_get(s->tag == 16 ? GCM_128 : CM_128));
}

/* Session keys as the RFCs' vectors give them: not derived. */
static struct e2ae_session *session_of(struct kunit *test, u32 suite,
				       const char *const *key,
				       const char *const *auth)
{
	struct e2ae_session *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct e2ae_session_keys keys = {};
	int err;

	KUNIT_ASSERT_NOT_NULL(test, s);
	test_hex(test, key, keys.cipher, sizeof(keys.cipher));
	test_hex(test, auth, keys.auth, sizeof(keys.auth));
	err = e2ae_session_init(s, e2ae_suite_get(suite), &keys, false);
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, session_wipe, s),
			0);
	return s;
}

static int run_ctr(const struct e2ae_session *s, const u8 *iv, u8 *data,
		   u32 len)
{
	union e2ae_block block = {};
	int err;

	local_bh_disable();
	memcpy(block.octets, iv, 16);
	err = e2ae_session_ctr(s, &block, data, len);
	local_bh_enable();
	return err;
}

static int run_gcm(const struct e2ae_session *s, const u8 *iv, u8 *hdr,
		   u32 hlen, u8 *word, u8 *data, u32 len, bool encrypt)
{
	union e2ae_block block = {};
	int err;

	local_bh_disable();
	memcpy(block.octets, iv, 12);
	err = e2ae_session_gcm(s, &block, hdr, hlen, word, data, len, encrypt);
	local_bh_enable();
	return err;
}

static const struct stream_vector {
	const char *name;
	u32 suite;
	const char *const *key;
	const char *const *head; /* blocks 0 to 2 */
	const char *const *tail; /* the last three */
} streams[] = {
	{
		"RFC 3711 B.2",
		E2AE_SUITE_AES_CM_128_HMAC_SHA1_80,
		HEX("2b7e151628aed2a6abf7158809cf4f3c"),
		HEX("e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab",
		    "41e95b3bb0a2e8dd477901e4fca894c0"),
		HEX("ec8cdf7398607cb0f2d21675ea9ea1e4 362b7c3c6773516318a077d7fc5073ae",
		    "6a2cc3787889374fbeb4c81b17ba6c44"),
	},
	{
		"RFC 6188 7.1",
		E2AE_SUITE_AES_256_CM_HMAC_SHA1_80,
		HEX("57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98"),
		HEX("92bdd28a93c3f52511c677d08b5515a4 9da71b2378a854f67050756ded165bac",
		    "63c4868b7096d88421b563b8c94c9a31"),
		HEX("cea518c90fd91ced9cbb18c078a54711 3dbc4814f4da5f00a08772b63c6a046d",
		    "6eb246913062a16891433e97dd01a57f"),
	},
	{
		"RFC 6188 7.3",
		E2AE_SUITE_AES_192_CM_HMAC_SHA1_80,
		HEX("eab234764e517b2d3d160d587d8c86219740f65f99b6bcf7"),
		HEX("35096cba4610028dc1b57503804ce37c 5de986291dcce161d5165ec4568f5c9a",
		    "474a40c77894bc17180202272a4c264d"),
		HEX("d108d1a31a00bad6367ec23eb044b415 c8f57129fdeb970b59f917b257662d4c",
		    "a5dab625811034e8cebdfeb6dc158dd3"),
	},
};

KUNIT_ARRAY_PARAM_DESC(stream, streams, name);

static void keystream_is_that_of_the_vector(struct kunit *test)
{
	const struct stream_vector *v = test->param_value;
	struct e2ae_session *s = session_of(test, v->suite, v->key, HEX(""));
	u8 iv[16], *data = kunit_kmalloc(test, STREAM_LEN, GFP_KERNEL);
	unsigned int forced;
	u64 before;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (forced = 0; forced < 2; forced++) {
		force(forced);
		before = e2ae_suite_fallbacks();
		test_hex(test, HEX("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), iv, 16);
		memset(data, 0, STREAM_LEN);
		KUNIT_ASSERT_EQ(test, run_ctr(s, iv, data, STREAM_LEN), 0);
		test_expect_hex(test, data, 48, v->head);
		test_expect_hex(test, data + STREAM_LEN - 48, 48, v->tail);
		KUNIT_EXPECT_EQ(test, e2ae_suite_fallbacks() - before, forced);
	}
}

static const struct tag_vector {
	const char *name;
	u32 suite;
	const char *const *iv;
	const char *const *packet;
	const char *const *word; /* SRTCP's index, E bit clear */
	const char *const *tag;
} tags[] = {
	{
		"RFC 7714 16.1.3",
		E2AE_SUITE_AEAD_AES_128_GCM,
		HEX("51753c6580c2726f20718414"),
		HEX("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976",
		    "69736120696e207061727465732074726573"),
		NULL,
		HEX("22493f82d2bce397e9d79e3b19aa4216"),
	},
	{
		"RFC 7714 16.2.3",
		E2AE_SUITE_AEAD_AES_256_GCM,
		HEX("51753c6580c2726f20718414"),
		HEX("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976",
		    "69736120696e207061727465732074726573"),
		NULL,
		HEX("a866d5910f887463067ceefec45215d4"),
	},
	{
		"RFC 7714 17.3",
		E2AE_SUITE_AEAD_AES_128_GCM,
		HEX("517524055203726f207170bb"),
		HEX("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61",
		    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
		HEX("000005d4"),
		HEX("841dd9683dd78ec92ae58790125f62b3"),
	},
	{
		"RFC 7714 17.4",
		E2AE_SUITE_AEAD_AES_256_GCM,
		HEX("517524055203726f207170bb"),
		HEX("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61",
		    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
		HEX("000005d4"),
		HEX("91db4afbfeee5a978fab4393ed2615fe"),
	},
};

KUNIT_ARRAY_PARAM_DESC(tag, tags, name);

static void tag_alone_is_that_of_the_vector(struct kunit *test)
{
	const char *const *key = HEX("000102030405060708090a0b0c0d0e0f",
				     "101112131415161718191a1b1c1d1e1f");
	const struct tag_vector *v = test->param_value;
	struct e2ae_session *s = session_of(test, v->suite, key, HEX(""));
	struct test_packet *tp = test_packet(test);
	u32 len = test_hex(test, v->packet, tp->data, TEST_ROOM);
	u8 iv[12], index[4], *word = v->word ? index : NULL;
	u8 *tag = tp->data + len;
	unsigned int forced;
	int err;

	test_hex(test, v->iv, iv, sizeof(iv));
	if (word)
		test_hex(test, v->word, word, 4);
	for (forced = 0; forced < 2; forced++) {
		force(forced);
		memset(tag, 0, 16);
		err = run_gcm(s, iv, tp->data, len, word, tag, 0, true);
		KUNIT_ASSERT_EQ(test, err, 0);
		test_expect_hex(test, tp->data, len, v->packet);
		test_expect_hex(test, tag, 16, v->tag);
		err = run_gcm(s, iv, tp->data, len, word, tag, 0, false);
		KUNIT_EXPECT_EQ(test, err, 0);
		tag[15] ^= 1;
		err = run_gcm(s, iv, tp->data, len, word, tag, 0, false);
		KUNIT_EXPECT_EQ(test, err, -EBADMSG);
	}
}

/* RFC 2202, 3, case 1: the one with a key as long as SRTP's. */
static void hmac_is_that_of_rfc_2202(struct kunit *test)
{
	struct e2ae_session *s =
		session_of(test, E2AE_SUITE_NULL_HMAC_SHA1_80, HEX(""),
			   HEX("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
	u8 out[20];
	int err;

	local_bh_disable();
	err = e2ae_session_mac(s, "Hi There", 8, out);
	local_bh_enable();
	KUNIT_ASSERT_EQ(test, err, 0);
	test_expect_hex(test, out, 20,
			HEX("b617318655057264e28bc0b6fb378c8ef146be00"));
}

/* RFC 4568, 6.2; RFC 6188, 2; RFC 7714, 12: octets as the RFCs count them. */
static const struct {
	const char *name;
	u32 id;
	u8 key, salt, rtp_tag, rtcp_tag;
} rows[] = {
	{ "AES_CM_128_HMAC_SHA1_80", 1, 128 / 8, 112 / 8, 80 / 8, 80 / 8 },
	{ "AES_CM_128_HMAC_SHA1_32", 2, 128 / 8, 112 / 8, 32 / 8, 80 / 8 },
	{ "AES_192_CM_HMAC_SHA1_80", 3, 192 / 8, 112 / 8, 80 / 8, 80 / 8 },
	{ "AES_192_CM_HMAC_SHA1_32", 4, 192 / 8, 112 / 8, 32 / 8, 80 / 8 },
	{ "AES_256_CM_HMAC_SHA1_80", 5, 256 / 8, 112 / 8, 80 / 8, 80 / 8 },
	{ "AES_256_CM_HMAC_SHA1_32", 6, 256 / 8, 112 / 8, 32 / 8, 80 / 8 },
	{ "AEAD_AES_128_GCM", 7, 128 / 8, 96 / 8, 128 / 8, 128 / 8 },
	{ "AEAD_AES_256_GCM", 8, 256 / 8, 96 / 8, 128 / 8, 128 / 8 },
	{ "NULL_HMAC_SHA1_80", 9, 128 / 8, 112 / 8, 80 / 8, 80 / 8 },
	{ "NULL_HMAC_SHA1_32", 10, 128 / 8, 112 / 8, 32 / 8, 80 / 8 },
};

static void table_has_the_lengths_of_the_rfcs(struct kunit *test)
{
	const struct e2ae_suite_desc *suite;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		suite = e2ae_suite_get(rows[i].id);
		KUNIT_ASSERT_NOT_NULL(test, suite);
		KUNIT_EXPECT_STREQ(test, suite->name, rows[i].name);
		KUNIT_EXPECT_EQ(test, suite->key_len, rows[i].key);
		KUNIT_EXPECT_EQ(test, suite->salt_len, rows[i].salt);
		KUNIT_EXPECT_EQ(test, suite->rtp_tag, rows[i].rtp_tag);
		KUNIT_EXPECT_EQ(test, suite->rtcp_tag, rows[i].rtcp_tag);
		KUNIT_EXPECT_EQ(test, e2ae_suite_id(suite), rows[i].id);
	}
	KUNIT_EXPECT_NULL(test, e2ae_suite_get(0));
	KUNIT_EXPECT_NULL(test, e2ae_suite_get(11));
	KUNIT_EXPECT_NULL(test, e2ae_suite_get(U32_MAX));
}

static void fallback_is_synchronous(struct kunit *test)
{
	struct e2ae_session *cm = session_of(test, CM_128, HEX(""), HEX(""));
	struct e2ae_session *aead = session_of(test, GCM_256, HEX(""), HEX(""));
	const struct e2ae_suite_desc *suite =
		e2ae_suite_get(E2AE_SUITE_AEAD_AES_256_GCM);
	const char *name;

	KUNIT_EXPECT_FALSE(test, is_async(crypto_skcipher_tfm(cm->skc[1])));
	KUNIT_EXPECT_FALSE(test, is_async(crypto_aead_tfm(aead->aead[1])));
	KUNIT_EXPECT_TRUE(test, may_be_fast(crypto_skcipher_tfm(cm->skc[0])));
	KUNIT_EXPECT_TRUE(test, may_be_fast(crypto_aead_tfm(aead->aead[0])));
	name = crypto_tfm_alg_driver_name(crypto_aead_tfm(aead->aead[1]));
	KUNIT_EXPECT_STREQ(test, e2ae_session_driver(aead, suite, true), name);
	KUNIT_EXPECT_NULL(test, e2ae_session_mac_driver(aead, suite));
	KUNIT_EXPECT_NOT_NULL(
		test, e2ae_session_mac_driver(cm, e2ae_suite_get(CM_128)));
}

/* One CPU's counter decides, so the test stays on it. */
static void one_packet_in_n_takes_the_fallback(struct kunit *test)
{
	struct e2ae_session *s = session_of(test, CM_128, HEX(""), HEX(""));
	u8 *data = kunit_kzalloc(test, 16, GFP_KERNEL);
	union e2ae_block iv = {};
	u64 before = e2ae_suite_fallbacks();
	int i, err = 0;

	KUNIT_ASSERT_NOT_NULL(test, data);
	force(4);
	local_bh_disable();
	for (i = 0; i < 40; i++)
		err |= e2ae_session_ctr(s, &iv, data, 16);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, e2ae_suite_fallbacks() - before, 10);
}

static struct kunit_case suite_cases[] = {
	KUNIT_CASE_PARAM(keystream_is_that_of_the_vector, stream_gen_params),
	KUNIT_CASE_PARAM(tag_alone_is_that_of_the_vector, tag_gen_params),
	KUNIT_CASE(hmac_is_that_of_rfc_2202),
	KUNIT_CASE(table_has_the_lengths_of_the_rfcs),
	KUNIT_CASE(fallback_is_synchronous),
	KUNIT_CASE(one_packet_in_n_takes_the_fallback),
	{}
};

static struct kunit_suite suite_suite = {
	.name = "e2ae_suite",
	.exit = suite_exit,
	.test_cases = suite_cases,
};

kunit_test_suite(suite_suite);
