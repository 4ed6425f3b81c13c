// SPDX-License-Identifier: GPL-2.0
/* Tests of agent/keying/sdes*.c. */
#include <errno.h>
#include <string.h>

#include "../../agent/keying/sdes.h"
#include "ktap.h"
#include "util.h"

/* Keys of RFC 4568's examples. */
#define K30  "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
#define L30  "YUJDZGVmZ2hpSktMbW9QUXJzVHVWd3l6MTIzNDU2"
#define CM   "1 AES_CM_128_HMAC_SHA1_80 inline:"
#define GOOD CM K30

static struct e2ae_sdes_line line;

/* The result of a value; a refused one must leave nothing behind. */
static int parse(const char *value)
{
	int err = e2ae_sdes_parse(value, &line);

	if (err)
		CHECK(is_zero(line.key, sizeof(line.key)) && !line.n_keys);
	return err;
}

static void rfc_examples(void)
{
	EQUAL(parse(CM "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:32"),
	      0);
	EQUAL(line.tag, 1);
	EQUAL(line.n_keys, 1);
	EQUAL(line.key[0].suite, E2AE_SUITE_AES_CM_128_HMAC_SHA1_80);
	EQUAL(line.key[0].lifetime, 1 << 20);
	EQUAL(line.key[0].mki_len, 32);
	CHECK(is_zero(line.key[0].mki, 31));
	EQUAL(line.key[0].mki[31], 1);
	CHECK(!memcmp(line.key[0].key, "=-n@%^x!Bjuf", 12));
	EQUAL(parse("2 AES_CM_128_HMAC_SHA1_32 inline:" L30 "|1066:4"), 0);
	EQUAL(line.tag, 2);
	EQUAL(line.key[0].suite, E2AE_SUITE_AES_CM_128_HMAC_SHA1_32);
	EQUAL(line.key[0].lifetime, 0);
	CHECK(is_hex(line.key[0].mki, line.key[0].mki_len, "0000042a"));
	CHECK(!memcmp(line.key[0].key, "aBCdefghiJKLmoPQ", 16));
	CHECK(!memcmp(line.key[0].salt, "rsTuVwyz123456", 14));
	EQUAL(parse("1 AES_CM_128_HMAC_SHA1_80 "
		    "inline:" K30 "|2^20|1:4;inline:" L30 "|2^20|2:4 "
		    "FEC_ORDER=FEC_SRTP"),
	      0);
	EQUAL(line.n_keys, 2);
	EQUAL(line.key[1].mki[3], 2);
}

/* One value for each suite, key and salt counting up from 0, no padding. */
static void every_suite(void)
{
	static const struct {
		const char *name;
		int len;
	} suites[] = {
		{ "AES_CM_128_HMAC_SHA1_80", 30 },
		{ "AES_CM_128_HMAC_SHA1_32", 30 },
		{ "AES_192_CM_HMAC_SHA1_80", 38 },
		{ "AES_192_CM_HMAC_SHA1_32", 38 },
		{ "AES_256_CM_HMAC_SHA1_80", 46 },
		{ "AES_256_CM_HMAC_SHA1_32", 46 },
		{ "AEAD_AES_128_GCM", 28 },
		{ "AEAD_AES_256_GCM", 44 },
	};
	/* Octets 0, 1, 2... and so many base64 characters for n of them. */
	static const char digits[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
				     "Hh8gISIjJCUmJygpKissLS4v";
	char value[256];
	int i, n, len;

	for (i = 0; i < 8; i++) {
		/* 28, 38, 46, 44 octets end in a group that needs padding. */
		for (len = 27; len <= 47; len++) {
			n = (len * 8 + 5) / 6;
			if (len % 3)
				continue;
			snprintf(value, sizeof(value), "7 %s inline:%.*s",
				 suites[i].name, n, digits);
			EQUAL(parse(value), len == suites[i].len ? 0 : -EINVAL);
		}
	}
}

/* The same with padding and without, for lengths that are no multiple of 3. */
static void padding(void)
{
	static const char *const bare[] = {
		"AES_192_CM_HMAC_SHA1_80 inline:"
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCU",
		"AES_256_CM_HMAC_SHA1_80 inline:"
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKiss"
		"LQ",
		"AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw",
		"AEAD_AES_256_GCM inline:"
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis",
	};
	static const char *const pads[] = { "=", "==", "==", "=" };
	static const int salts[] = { 14, 14, 12, 12 };
	const struct e2ae_suite_info *info;
	char value[256];
	int i, j;

	for (i = 0; i < 4; i++) {
		for (j = 0; j < 2; j++) {
			snprintf(value, sizeof(value), "1 %s%s|2^31", bare[i],
				 j ? pads[i] : "");
			EQUAL(parse(value), 0);
			info = e2ae_suite_by_id(line.key[0].suite);
			EQUAL(line.key[0].salt[salts[i] - 1],
			      info->key_len + salts[i] - 1);
			EQUAL(line.key[0].lifetime, 1LL << 31);
		}
		snprintf(value, sizeof(value), "1 %s%s", bare[i],
			 i % 3 ? "=" : "==");
		EQUAL(parse(value), -EINVAL);
	}
}

static void lifetime_and_mki(void)
{
	static const struct {
		const char *tail;
		uint64_t lifetime;
		int mki_len;
	} good[] = {
		{ "", 0, 0 },
		{ "|1", 1, 0 },
		{ "|2^0", 1, 0 },
		{ "|2^48", 1ULL << 48, 0 },
		{ "|281474976710656", 1ULL << 48, 0 },
		{ "|1:1", 0, 1 },
		{ "|255:1", 0, 1 },
		{ "|256:2", 0, 2 },
		{ "|2^31|1:128", 1ULL << 31, 128 },
		{ "|3|4294967295:4", 3, 4 },
		{ "|18446744073709551616:9", 0, 9 },
	};
	static const char *const bad[] = {
		"|",
		"||",
		"|0",
		"|01",
		"|2^49",
		"|2^",
		"|2^048",
		"|2^-1",
		"|1e3",
		"|1:0",
		"|1:129",
		"|0:4",
		"|01:4",
		"|1:04",
		"|256:1",
		"|:4",
		"|1:",
		"|1:1:1",
		"|1:4|2^20",
		"|2^20|",
		"|2^20|2^20",
		"|1:4|1:4",
		"|2^20|1:4|",
		"|281474976710657",
		"|18446744073709551617",
		"|4294967296:4",
		"|a:4",
		"|-1",
	};
	char value[256];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(value, sizeof(value), GOOD "%s", good[i].tail);
		EQUAL(parse(value), 0);
		EQUAL(line.key[0].lifetime, good[i].lifetime);
		EQUAL(line.key[0].mki_len, good[i].mki_len);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(value, sizeof(value), GOOD "%s", bad[i]);
		if (parse(value) != -EINVAL)
			printf("# accepted %s\n", bad[i]);
		EQUAL(parse(value), -EINVAL);
	}
}

static void several_keys(void)
{
	EQUAL(parse(GOOD "|1:4;inline:" L30 "|2:4"), 0);
	EQUAL(parse(GOOD ";inline:" L30), -EINVAL);
	EQUAL(parse(GOOD "|1:4;inline:" L30), -EINVAL);
	EQUAL(parse(GOOD "|1:4;inline:" L30 "|2:3"), -EINVAL);
	EQUAL(parse(GOOD "|1:4;inline:" L30 "|1:4"), -EINVAL);
	EQUAL(parse(GOOD "|1:4;inline:" K30 "|2:4"), -EINVAL);
	EQUAL(parse(GOOD "|1:4;"), -EINVAL);
	EQUAL(parse(GOOD "|1:4;uri:x"), -EOPNOTSUPP);
}

static void session_params(void)
{
	EQUAL(parse(GOOD " -foo -BAR=1 KDR=0"), 0);
	EQUAL(parse(GOOD " FEC_ORDER=FEC_SRTP"), 0);
	EQUAL(parse(GOOD "\t WSH=64 "), 0);
	EQUAL(line.window, 64);
	EQUAL(parse(GOOD " wsh=1024"), 0);
	EQUAL(line.window, 1024);
	EQUAL(parse(GOOD " foo"), -EINVAL);
	EQUAL(parse(GOOD " -"), -EINVAL);
	EQUAL(parse(GOOD " WSH=63"), -EINVAL);
	EQUAL(parse(GOOD " WSH=064"), -EINVAL);
	EQUAL(parse(GOOD " WSH=64 WSH=64"), -EINVAL);
	EQUAL(parse(GOOD " WSH"), -EINVAL);
	EQUAL(parse(GOOD " KDR=25"), -EINVAL);
	EQUAL(parse(GOOD " KDR=1"), -EOPNOTSUPP);
	EQUAL(parse(GOOD " KDR=24"), -EOPNOTSUPP);
	EQUAL(parse(GOOD " UNENCRYPTED_SRTP"), -EOPNOTSUPP);
	EQUAL(parse(GOOD " unencrypted_srtcp"), -EOPNOTSUPP);
	EQUAL(parse(GOOD " WSH=128 UNAUTHENTICATED_SRTP"), -EOPNOTSUPP);
	EQUAL(parse(GOOD " UNENCRYPTED_SRTP2"), -EINVAL);
	EQUAL(parse(GOOD " FEC_ORDER=SRTP_FEC"), -EOPNOTSUPP);
	EQUAL(parse(GOOD " FEC_ORDER=x"), -EINVAL);
	EQUAL(parse(GOOD " FEC_KEY=inline:" L30), -EOPNOTSUPP);
}

static void malformed(void)
{
	static const char *const bad[] = {
		"",
		"1",
		"x AES_CM_128_HMAC_SHA1_80 inline:" K30,
		"01 AES_CM_128_HMAC_SHA1_80 inline:" K30,
		"1000000000 AES_CM_128_HMAC_SHA1_80 inline:" K30,
		"-1 AES_CM_128_HMAC_SHA1_80 inline:" K30,
		CM,
		CM K30 "=",
		CM K30 "\n",
		CM " " K30,
		CM "AAAA",
		"1 AES_CM_128_HMAC_SHA1_80",
		"1 AES_CM_128_HMAC_SHA1_80 " K30,
		CM K30 "\x80",
		CM "x" K30,
	};
	static char huge[E2AE_SDES_MAX_LEN + 64];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int err = parse(bad[i]);

		if (err != -EINVAL && err != -EOPNOTSUPP)
			printf("# %s is %d\n", bad[i], err);
		CHECK(err == -EINVAL || err == -EOPNOTSUPP);
	}
	EQUAL(parse("1 F8_128_HMAC_SHA1_80 inline:" K30), -EOPNOTSUPP);
	EQUAL(parse("1 AES_CM_128_HMAC_SHA1_8 inline:" K30), -EOPNOTSUPP);
	EQUAL(parse("999999999 aes_cm_128_hmac_sha1_80 INLINE:" K30), 0);
	EQUAL(line.tag, 999999999);
	memset(huge, ' ', sizeof(huge) - 1);
	memcpy(huge, GOOD, strlen(GOOD));
	EQUAL(parse(huge), -EINVAL);
}

static const uint32_t prefer_gcm[] = {
	E2AE_SUITE_AEAD_AES_128_GCM,
	E2AE_SUITE_AES_CM_128_HMAC_SHA1_80,
};

#define GCM "AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw"

static void choose(void)
{
	static const char *const offer[] = {
		"1 AES_CM_128_HMAC_SHA1_32 inline:" K30,
		"2 AES_CM_128_HMAC_SHA1_80 inline:" K30 " foo",
		"3 AES_CM_128_HMAC_SHA1_80 inline:" L30,
		"4 NEW_SUITE inline:" K30,
		"5 " GCM,
		"nonsense",
	};
	static const char *const twins[] = { "1 " GCM, GOOD };
	struct e2ae_sdes_line got;

	EQUAL(e2ae_sdes_choose(offer, 6, prefer_gcm, 2, &got), 4);
	EQUAL(got.tag, 5);
	EQUAL(e2ae_sdes_choose(offer, 6, prefer_gcm + 1, 1, &got), 2);
	EQUAL(got.tag, 3);
	CHECK(!memcmp(got.key[0].key, "aBCdefghiJKLmoPQ", 16));
	EQUAL(e2ae_sdes_choose(offer, 2, prefer_gcm, 2, &got), -ENOENT);
	CHECK(is_zero(&got, sizeof(got)));
	EQUAL(e2ae_sdes_choose(offer, 0, prefer_gcm, 2, &got), -ENOENT);
	EQUAL(e2ae_sdes_choose(offer, 6, prefer_gcm, 0, &got), -ENOENT);
	EQUAL(e2ae_sdes_choose(twins, 2, prefer_gcm, 2, &got), -EINVAL);
	EQUAL(e2ae_sdes_choose(twins, 33, prefer_gcm, 2, &got), -EINVAL);
	CHECK(is_zero(&got, sizeof(got)));
}

static void answers(void)
{
	struct e2ae_sdes_line offered[2], got;
	char mirror[E2AE_SDES_ROOM];
	const char *answer[2] = { "2 AES_CM_128_HMAC_SHA1_80 inline:" K30,
				  "1 " GCM };

	EQUAL(e2ae_sdes_make(&offered[0], 1, prefer_gcm[0], NULL), 0);
	EQUAL(e2ae_sdes_make(&offered[1], 2, prefer_gcm[1], NULL), 0);
	EQUAL(e2ae_sdes_check_answer(answer, 1, offered, 2, &got), 1);
	CHECK(!memcmp(got.key[0].key, "wDfvg&T+)xG7", 12));
	EQUAL(e2ae_sdes_check_answer(answer + 1, 1, offered, 2, &got), 0);
	EQUAL(e2ae_sdes_check_answer(answer, 2, offered, 2, &got), -EBADMSG);
	EQUAL(e2ae_sdes_check_answer(answer, 0, offered, 2, &got), -EBADMSG);
	answer[0] = "1 AES_CM_128_HMAC_SHA1_80 inline:" K30;
	EQUAL(e2ae_sdes_check_answer(answer, 1, offered, 2, &got), -EPROTO);
	answer[0] = "3 AES_CM_128_HMAC_SHA1_80 inline:" K30;
	EQUAL(e2ae_sdes_check_answer(answer, 1, offered, 2, &got), -EPROTO);
	CHECK(is_zero(&got, sizeof(got)));
	answer[0] = "2 AES_CM_128_HMAC_SHA1_80 inline:" K30 " foo";
	EQUAL(e2ae_sdes_check_answer(answer, 1, offered, 2, &got), -EINVAL);
	CHECK(e2ae_sdes_write(&offered[1], mirror, sizeof(mirror)) > 0);
	answer[0] = mirror;
	EQUAL(e2ae_sdes_check_answer(answer, 1, offered, 2, &got),
	      -EKEYREJECTED);
	CHECK(is_zero(&got, sizeof(got)));
}

static void own_lines(void)
{
	struct e2ae_sdes_line made, other;
	char value[E2AE_SDES_ROOM];
	uint32_t suite;
	int len;

	for (suite = 1; e2ae_suite_by_id(suite); suite++) {
		EQUAL(e2ae_sdes_make(&made, suite, suite, NULL), 0);
		len = e2ae_sdes_write(&made, value, sizeof(value));
		EQUAL(len, (int)strlen(value));
		EQUAL(parse(value), 0);
		CHECK(!memcmp(&line, &made, sizeof(made)));
		EQUAL(e2ae_sdes_make(&other, suite, suite, NULL), 0);
		CHECK(!e2ae_srtp_key_equal(&made.key[0], &other.key[0]));
		CHECK(memcmp(made.key[0].salt, other.key[0].salt, 12));
	}
	EQUAL(e2ae_sdes_make(&made, 1, suite, NULL), -EOPNOTSUPP);
	EQUAL(e2ae_sdes_make(&made, 1, 0, NULL), -EOPNOTSUPP);
	EQUAL(e2ae_sdes_make(&made, 1000000000, 1, NULL), -EINVAL);
}

static void no_randomness(void)
{
	struct script script = { .len = 20 };
	struct e2ae_entropy entropy = { script_fill, &script };
	struct e2ae_sdes_line made;

	memset(script.octets, 0x55, sizeof(script.octets));
	EQUAL(e2ae_sdes_make(&made, 1, 1, &entropy), -ENODATA);
	CHECK(is_zero(&made, sizeof(made)));
}

static void written_as_read(void)
{
	static const char *const values[] = {
		GOOD,
		GOOD "|2^20|1:4",
		GOOD "|1000|18446744073709551616:9",
		GOOD "|1066:4;inline:" L30 "|2^48|1067:4 WSH=128",
		GOOD "|340282366920938463463374607431768211455:16",
	};
	char value[512];
	size_t i;
	int len, room;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		EQUAL(parse(values[i]), 0);
		len = e2ae_sdes_write(&line, value, sizeof(value));
		EQUAL(len, (int)strlen(values[i]));
		CHECK(!strcmp(value, values[i]));
		for (room = 1; room <= len; room++) {
			EQUAL(e2ae_sdes_write(&line, value, (size_t)room),
			      -EMSGSIZE);
			CHECK(is_zero(value, (size_t)room));
		}
		EQUAL(e2ae_sdes_write(&line, value, (size_t)len + 1), len);
	}
}

static void key_comparison(void)
{
	struct e2ae_srtp_key a, b;

	EQUAL(e2ae_srtp_key_make(&a, 1, NULL), 0);
	b = a;
	CHECK(e2ae_srtp_key_equal(&a, &b) && e2ae_srtp_key_same(&a, &b));
	b.salt[13] ^= 1;
	CHECK(e2ae_srtp_key_equal(&a, &b) && !e2ae_srtp_key_same(&a, &b));
	b = a;
	b.suite = 2;
	CHECK(!e2ae_srtp_key_same(&a, &b));
	b = a;
	b.mki_len = 1;
	CHECK(!e2ae_srtp_key_same(&a, &b));
	b = a;
	b.key[15] ^= 1;
	CHECK(!e2ae_srtp_key_equal(&a, &b) && !e2ae_srtp_key_same(&a, &b));
}

static const struct ktap_test tests[] = {
	{ "the examples of RFC 4568 are read", rfc_examples },
	{ "each suite takes a key of its length and no other", every_suite },
	{ "padding may be missing but not be wrong", padding },
	{ "lifetime and MKI are told apart and bounded", lifetime_and_mki },
	{ "several keys need MKIs of one length", several_keys },
	{ "session parameters are taken, passed over or refused",
	  session_params },
	{ "malformed lines are refused", malformed },
	{ "policy's order of suites chooses the line", choose },
	{ "an answer is one line with an offered tag and suite", answers },
	{ "own lines have fresh keys and read back", own_lines },
	{ "without randomness there is no key", no_randomness },
	{ "what is written is what was read, or nothing", written_as_read },
	{ "keys are compared with and without what belongs to them",
	  key_comparison },
};

KTAP_MAIN(tests)
