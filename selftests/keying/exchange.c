// SPDX-License-Identifier: GPL-2.0
/* Tests of whole MIKEY exchanges: both sides, and what they refuse. */
#include <errno.h>
#include <string.h>

#include "../../agent/keying/mikey-psk.h"
#include "ktap.h"
#include "party.h"

static struct party p;

static void all_suites(void)
{
	unsigned int i, j;

	for (i = 1; i <= E2AE_SUITE_AEAD_AES_256_GCM; i++) {
		party_init(&p);
		p.suite = i;
		p.offer.suite = i;
		p.offer.lines = 8;
		p.answer.lines = 8;
		p.offer.entropy = NULL;
		EQUAL(party_offer(&p), 0);
		party_agreed(&p);
		for (j = 0; j < 16; j++)
			EQUAL(p.keys_i.cs[j].key.suite, i);
		for (j = 1; j < 16; j++)
			CHECK(!e2ae_srtp_key_equal(&p.keys_i.cs[0].key,
						   &p.keys_i.cs[j].key));
	}
	party_init(&p);
	p.offer.suite = E2AE_SUITE_NULL_HMAC_SHA1_80;
	EQUAL(party_offer(&p), -EOPNOTSUPP);
	CHECK(is_zero(&p.csb_i, sizeof(p.csb_i)));
}

static void late_ssrcs(void)
{
	const struct e2ae_mikey_stream own = { 0xabcdef01, 7 };

	party_init(&p);
	memset(p.stream, 0, sizeof(p.stream));
	p.answer.stream = &own;
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
	EQUAL(p.keys_i.cs[0].stream.ssrc, 0);
	EQUAL(p.keys_i.cs[1].stream.ssrc, 0xabcdef01);
	EQUAL(p.keys_i.cs[1].stream.roc, 7);

	party_init(&p);
	p.answer.stream = &own;
	EQUAL(party_offer(&p), 0);
	party_refused(&p, -EPROTO, E2AE_MIKEY_ERR_OTHER, true);
}

static void wrong_key(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.psk[0] ^= 1;
	EQUAL(party_respond(&p), -EKEYREJECTED);
	CHECK(is_zero(&p.keys_r, sizeof(p.keys_r)));
	p.psk[0] ^= 1;
	EQUAL(party_confirm(&p), -ECONNREFUSED);
	EQUAL(p.refusal.error[0], E2AE_MIKEY_ERR_AUTH);
	EQUAL(p.refusal.authentic, false);

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	EQUAL(party_respond(&p), 0);
	p.psk[0] ^= 1;
	EQUAL(party_confirm(&p), -EKEYREJECTED);
	CHECK(is_zero(&p.keys_i, sizeof(p.keys_i)));

	party_init(&p);
	p.offer.psk.len = 15;
	EQUAL(party_offer(&p), -EINVAL);
	CHECK(is_zero(&p.csb_i, sizeof(p.csb_i)));
}

static void clock_skew(void)
{
	static const struct {
		int64_t off;
		int err;
	} cases[] = {
		{ 0, 0 },
		{ (int64_t)(300 * SECOND), 0 },
		{ -(int64_t)(300 * SECOND), 0 },
		{ (int64_t)(300 * SECOND) + 1, -ETIME },
		{ -(int64_t)(300 * SECOND) - 1, -ETIME },
		{ (int64_t)(1ULL << 62), -ETIME },
		{ INT64_MIN, -ETIME },
	};
	size_t i;
	int type;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (type = E2AE_MIKEY_NTP_UTC; type <= E2AE_MIKEY_NTP;
		     type++) {
			party_init(&p);
			p.offer.time.type = (uint8_t)type;
			p.answer.now += (uint64_t)cases[i].off;
			EQUAL(party_offer(&p), 0);
			if (cases[i].err)
				party_refused(&p, -ETIME, E2AE_MIKEY_ERR_TIME,
					      true);
			else
				party_agreed(&p);
		}
	}
	/* The era ends in February 2036. */
	party_init(&p);
	p.offer.time.value = UINT64_MAX - SECOND;
	p.answer.now = SECOND;
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
}

static void counters(void)
{
	struct e2ae_mikey_replay *cache;

	party_init(&p);
	p.offer.time = (struct e2ae_mikey_time){ E2AE_MIKEY_COUNTER, 5 };
	EQUAL(party_offer(&p), 0);
	EQUAL(p.i_message.len, 200);
	party_refused(&p, -ETIME, E2AE_MIKEY_ERR_TIME, true);
	p.answer.counters = true;
	party_refused(&p, -ETIME, E2AE_MIKEY_ERR_TIME, true);
	EQUAL(e2ae_mikey_replay_new(&cache, 16, 0), 0);
	p.answer.replay = cache;
	party_agreed(&p);
	party_refused(&p, -EEXIST, E2AE_MIKEY_ERR_TIME, false);
	e2ae_mikey_replay_free(cache);

	party_init(&p);
	p.offer.time =
		(struct e2ae_mikey_time){ E2AE_MIKEY_COUNTER, 1ULL << 32 };
	EQUAL(party_offer(&p), -EOVERFLOW);
}

static void replays(void)
{
	struct e2ae_mikey_replay *cache;

	party_init(&p);
	EQUAL(e2ae_mikey_replay_new(&cache, 16, KNOWN_TIME - SECOND), 0);
	p.answer.replay = cache;
	EQUAL(party_offer(&p), 0);
	/* A message with a wrong MAC must not fill the cache. */
	p.i_message.octets[203] ^= 1;
	EQUAL(party_respond(&p), -EKEYREJECTED);
	p.i_message.octets[203] ^= 1;
	party_agreed(&p);
	p.answer.cseq = 2;
	party_refused(&p, -EEXIST, E2AE_MIKEY_ERR_TIME, false);
	CHECK(e2ae_mikey_replay_check(cache, &p.seen, p.answer.now) == -EEXIST);

	/* The INVITE failed: the same octets may come again, once. */
	p.answer.cseq = 1;
	EQUAL(party_respond(&p), -EEXIST);
	e2ae_mikey_replay_release(cache, &p.seen);
	EQUAL(party_respond(&p), -EEXIST);
	p.answer.cseq = 2;
	p.answer.dialog.at = "dialog 2";
	EQUAL(party_respond(&p), -EEXIST);
	p.answer.dialog.at = "dialog 1";
	party_agreed(&p);
	EQUAL(party_respond(&p), -EEXIST);
	p.answer.cseq = 3;
	EQUAL(party_respond(&p), -EEXIST);

	/* What is older than the start was perhaps seen before it. */
	party_init(&p);
	p.answer.replay = cache;
	p.offer.time.value = KNOWN_TIME - 2 * SECOND;
	EQUAL(party_offer(&p), 0);
	party_refused(&p, -ESTALE, E2AE_MIKEY_ERR_TIME, false);
	e2ae_mikey_replay_free(cache);
}

static void identities(void)
{
	struct e2ae_mikey_id other;

	EQUAL(e2ae_mikey_id(&other, E2AE_MIKEY_NAI, "key@pcscf.example"), 0);
	EQUAL(e2ae_mikey_id(&p.alice, E2AE_MIKEY_URI, ""), -EMSGSIZE);
	party_init(&p);
	p.answer.idi = &p.alice;
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
	p.answer.idi = &other;
	party_refused(&p, -ENOKEY, E2AE_MIKEY_ERR_ID, false);
	p.answer.idi = NULL;
	p.answer.idr = &other;
	party_refused(&p, -ENOKEY, E2AE_MIKEY_ERR_ID, false);
	party_init(&p);
	p.offer.idr = &other;
	p.answer.idr = &other;
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
}

static void protocols(void)
{
	static const char *const lists[] = { "", "Mikey", "mikey;keyp1", "mike",
					     "mikeyy" };
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		party_init(&p);
		EQUAL(party_offer(&p), 0);
		p.answer.protocols = lists[i];
		party_refused(&p, -EPERM, E2AE_MIKEY_ERR_OTHER, true);
	}
	party_init(&p);
	p.offer.protocols = "mikey;keyp1";
	p.answer.protocols = "mikey;keyp1";
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
	/* Type 1 to type 0: a vendor's octets instead of the list. */
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.i_message.octets[151] = 0;
	party_sign(&p);
	party_refused(&p, -EPERM, E2AE_MIKEY_ERR_OTHER, true);
}

static void suites_not_allowed(void)
{
	const uint32_t allowed[] = { E2AE_SUITE_NULL_HMAC_SHA1_80,
				     E2AE_SUITE_AEAD_AES_256_GCM,
				     E2AE_SUITE_AES_CM_128_HMAC_SHA1_32 };

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.answer.suites = allowed;
	p.answer.n_suites = 3;
	party_refused(&p, -EOPNOTSUPP, E2AE_MIKEY_ERR_SP_PARAM, true);
	EQUAL(p.refusal.n_suites, 2);
	EQUAL(p.refusal.suite[0], E2AE_SUITE_AEAD_AES_256_GCM);
	EQUAL(p.refusal.suite[1], E2AE_SUITE_AES_CM_128_HMAC_SHA1_32);
	/* Encryption algorithm 2 is f8. */
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.i_message.octets[113] = 2;
	party_sign(&p);
	party_refused(&p, -EOPNOTSUPP, E2AE_MIKEY_ERR_SP_PARAM, true);
	/* Policy of another number, of another protocol. */
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.i_message.octets[107] = 1;
	party_sign(&p);
	party_refused(&p, -EOPNOTSUPP, E2AE_MIKEY_ERR_SP, true);
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.i_message.octets[108] = 1;
	party_sign(&p);
	party_refused(&p, -EOPNOTSUPP, E2AE_MIKEY_ERR_SP, true);
}

static void algorithms(void)
{
	static const struct {
		uint16_t at;
		uint8_t value;
		int error;
	} cases[] = {
		{ 3, 0x81, E2AE_MIKEY_ERR_PRF },
		{ 160, 0, E2AE_MIKEY_ERR_CIPHER },
		{ 160, 2, E2AE_MIKEY_ERR_CIPHER },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		party_init(&p);
		EQUAL(party_offer(&p), 0);
		p.i_message.octets[cases[i].at] = cases[i].value;
		party_sign(&p);
		party_refused(&p, -EPROTONOSUPPORT, cases[i].error, false);
	}
	/* No MAC at all. */
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.i_message.octets[183] = 0;
	p.i_message.len -= 20;
	party_refused(&p, -EPROTONOSUPPORT, E2AE_MIKEY_ERR_MAC, false);
}

static void sessions(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.answer.lines = 2;
	party_refused(&p, -EPROTO, E2AE_MIKEY_ERR_OTHER, true);
	p.answer.lines = 0;
	party_refused(&p, -EPROTO, E2AE_MIKEY_ERR_OTHER, true);
	party_init(&p);
	p.offer.lines = 0;
	EQUAL(party_offer(&p), -EINVAL);
	p.offer.lines = 9;
	EQUAL(party_offer(&p), -EINVAL);
}

/* Puts key data of our own into the message and signs it. */
static void with_key_data(const char *hex)
{
	struct e2ae_mikey_protect keys;
	struct e2ae_mikey_csb scratch;
	struct e2ae_mikey_msg msg;
	uint8_t data[256], stream[256];
	size_t i, len = unhex(hex, data, sizeof(data));
	struct e2ae_mikey_message out;

	/* A TGK of zeros shows the keystream behind its head. */
	EQUAL(e2ae_mikey_csb_protect(&p.csb_i, p.offer.psk, &keys), 0);
	scratch = p.csb_i;
	scratch.tgk_len = 64;
	memset(scratch.tgk, 0, 64);
	EQUAL(e2ae_mikey_data_write(&scratch, &keys, stream, sizeof(stream)),
	      68);
	stream[3] ^= 64;
	for (i = 0; i < len; i++)
		data[i] ^= stream[i];
	EQUAL(e2ae_mikey_decode(p.i_message.octets, p.i_message.len, &msg), 0);
	msg.encrypted = (struct e2ae_octets){ data, len };
	EQUAL(e2ae_mikey_encode(&msg, &out), 0);
	p.i_message = out;
	party_sign(&p);
}

#define TGK  "202122232425262728292a2b2c2d2e2f"
#define SALT "a0a1a2a3a4a5a6a7a8a9aaabacad"

static void key_data(void)
{
	static const struct {
		const char *hex;
		int err;
	} bad[] = {
		{ "0020001020", -EBADMSG },
		{ "00200010" TGK, -EOPNOTSUPP }, /* TEK */
		{ "00300010" TGK "000e" SALT, -EOPNOTSUPP },
		{ "00020010" TGK "0401020304040102030"
		  "5",
		  -EOPNOTSUPP },
		{ "14000010" TGK "00000010" TGK, -EOPNOTSUPP }, /* two */
		{ "0000000f202122232425262728292a2b2c2d2e", -EOPNOTSUPP },
		{ "00000010" TGK "00", -EBADMSG },
		{ "00100010" TGK "000d" SALT, -EBADMSG },
		{ "00100010" TGK "000ca0a1a2a3a4a5a6a7a8a9aaab", -EOPNOTSUPP },
		{ "00100010" TGK "0000", -EOPNOTSUPP },
		{ "00010010" TGK "00", -EOPNOTSUPP },
		{ "00010010" TGK "0401", -EBADMSG },
		{ "00000011" TGK, -EBADMSG },
		{ "", -EBADMSG },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		party_init(&p);
		EQUAL(party_offer(&p), 0);
		with_key_data(bad[i].hex);
		if (party_respond(&p) != bad[i].err)
			printf("# %s\n", bad[i].hex);
		party_refused(&p, bad[i].err, E2AE_MIKEY_ERR_DATA, true);
	}
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	with_key_data("00110010" TGK "000e" SALT "03010203");
	EQUAL(party_respond(&p), 0);
	for (i = 0; i < 2; i++) {
		CHECK(is_hex(p.keys_r.cs[i].key.salt, 14, SALT));
		CHECK(is_hex(p.keys_r.cs[i].key.mki, p.keys_r.cs[i].key.mki_len,
			     "010203"));
	}
	CHECK(is_hex(p.keys_r.cs[0].key.key, 16,
		     "7197e515c9e3e46b52d71d6ae5b46468"));
}

static void one_way(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	p.i_message.octets[3] = 0;
	party_sign(&p);
	EQUAL(party_respond(&p), 0);
	EQUAL(p.reply.len, 0);
	EQUAL(p.keys_r.n_cs, 2);
}

static void no_randomness(void)
{
	size_t len;

	for (len = 0; len < 36; len++) {
		party_init(&p);
		p.script.len = len;
		EQUAL(party_offer(&p), -ENODATA);
		CHECK(is_zero(&p.csb_i, sizeof(p.csb_i)));
		EQUAL(p.i_message.len, 0);
	}
}

static const struct ktap_test tests[] = {
	{ "both ends get the same keys with every suite on eight lines",
	  all_suites },
	{ "SSRCs left open are filled in by their sender", late_ssrcs },
	{ "another pre-shared key is refused by either end", wrong_key },
	{ "a clock that is off is refused, also at the end of the era",
	  clock_skew },
	{ "counters only go up and need a cache", counters },
	{ "a replay is refused, a retry of a failed INVITE is not", replays },
	{ "other identities are refused", identities },
	{ "a list of protocols that differs is refused", protocols },
	{ "a suite that is not allowed is refused with what is",
	  suites_not_allowed },
	{ "unknown algorithms are named in the error", algorithms },
	{ "the crypto sessions are two for each line", sessions },
	{ "one TGK is taken, with salt and MKI, and nothing else", key_data },
	{ "who wants no answer gets none", one_way },
	{ "without randomness there is no message", no_randomness },
};

KTAP_MAIN(tests)
