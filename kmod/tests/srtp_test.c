// SPDX-License-Identifier: GPL-2.0
/*
 * srtp.c: the packets of RFC 7714, 16 and 17, and known answers of every suite;
 * what forged, repeated and last packets do to the state.
 */
#include <kunit/test.h>
#include <linux/hex.h>
#include <linux/prandom.h>
#include <linux/xarray.h>

#include "../srtp.c"
#include "support.h"
#include "vectors.h"

#define SSRC 0xcafe1234

static const struct rfc_vector {
	const char *name;
	u32 suite;
	bool rtcp;
	const char *const *plain;
	const char *const *sealed;
} rfc_vectors[] = {
	{
		"RFC 7714 16.1",
		E2AE_SUITE_AEAD_AES_128_GCM,
		false,
		HEX("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976",
		    "69736120696e207061727465732074726573"),
		HEX("8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd5",
		    "0d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee439",
		    "0cce"),
	},
	{
		"RFC 7714 16.2",
		E2AE_SUITE_AEAD_AES_256_GCM,
		false,
		HEX("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976",
		    "69736120696e207061727465732074726573"),
		HEX("8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab1801238",
		    "9a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a7",
		    "6c13"),
	},
	{
		"RFC 7714 17.1",
		E2AE_SUITE_AEAD_AES_128_GCM,
		true,
		HEX("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61",
		    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
		HEX("81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32d",
		    "c676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf872",
		    "45d9eade800005d4"),
	},
	{
		"RFC 7714 17.2",
		E2AE_SUITE_AEAD_AES_256_GCM,
		true,
		HEX("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61",
		    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
		HEX("81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50",
		    "a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6c",
		    "b26ac3be800005d4"),
	},
};

KUNIT_ARRAY_PARAM_DESC(rfc, rfc_vectors, name);

/* An SA with the session keys of RFC 7714, 16, which derives none. */
static struct e2ae_sa *rfc_sa(struct kunit *test, u32 suite)
{
	struct e2ae_sa_spec *spec = test_spec(test, suite);
	struct e2ae_session_keys keys = {};
	struct e2ae_sa *sa;
	int err, i;

	spec->n_states = 1;
	spec->states[0].ssrc = 0x4d617273;
	spec->states[0].rtcp_next = 0x5d4;
	sa = test_sa(test, test_net(test), spec);
	for (i = 0; i < sizeof(keys.cipher); i++)
		keys.cipher[i] = i;
	memcpy(keys.salt, "Quid pro quo", 12);
	e2ae_session_wipe(&sa->rtp, sa->suite);
	e2ae_session_wipe(&sa->rtcp, sa->suite);
	err = e2ae_session_init(&sa->rtp, sa->suite, &keys, false);
	KUNIT_ASSERT_EQ(test, err, 0);
	err = e2ae_session_init(&sa->rtcp, sa->suite, &keys, true);
	KUNIT_ASSERT_EQ(test, err, 0);
	return sa;
}

static void aead_packet_is_that_of_the_rfc(struct kunit *test)
{
	const struct rfc_vector *v = test->param_value;
	struct e2ae_sa *out = rfc_sa(test, v->suite),
		       *in = rfc_sa(test, v->suite);
	struct test_packet *tp = test_packet(test);

	test_packet_load(test, tp, v->plain, v->rtcp);
	KUNIT_ASSERT_EQ(test, test_protect(out, tp), 0);
	test_expect_hex(test, tp->data, tp->p.len, v->sealed);
	test_packet_load(test, tp, v->sealed, v->rtcp);
	KUNIT_ASSERT_EQ(test, test_unprotect(in, tp), 0);
	test_expect_hex(test, tp->data, tp->p.len, v->plain);
}

/* RFC 7714, 17.3 is authentic, but its E bit says that it came in the clear. */
static void rtcp_in_the_clear_is_refused(struct kunit *test)
{
	const char *const *clear =
		HEX("81c8000d4d6172734e5450314e545032525450200000042a",
		    "0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeef",
		    "deadbeef841dd9683dd78ec92ae58790125f62b3000005d4");
	struct e2ae_sa *in = rfc_sa(test, E2AE_SUITE_AEAD_AES_128_GCM);
	struct test_packet *tp = test_packet(test);

	test_packet_load(test, tp, clear, true);
	KUNIT_EXPECT_EQ(test, test_unprotect(in, tp), E2AE_A_DROPS_RX_CLEAR);
	KUNIT_EXPECT_MEMEQ(test, tp->data, tp->shadow, TEST_ROOM);
	KUNIT_EXPECT_EQ(test, test_drops(in, E2AE_A_DROPS_RX_CLEAR), 1);
}

KUNIT_ARRAY_PARAM_DESC(srtp, srtp_vectors, name);

static struct e2ae_sa *vector_sa(struct kunit *test,
				 const struct srtp_vector *v, bool sending)
{
	struct e2ae_sa_spec *spec = test_spec(test, v->suite);
	u8 rtcp[8];

	test_hex(test, v->key, spec->key, sizeof(spec->key));
	test_hex(test, v->salt, spec->salt, sizeof(spec->salt));
	spec->mki_len = test_hex(test, v->mki, spec->mki, sizeof(spec->mki));
	spec->roc = v->roc;
	if (sending) {
		KUNIT_ASSERT_EQ(test, hex2bin(rtcp, v->rtcp[0], sizeof(rtcp)),
				0);
		spec->n_states = 1;
		spec->states[0].ssrc = get_unaligned_be32(rtcp + 4);
		spec->states[0].rtcp_next = v->rtcp_index;
	}
	return test_sa(test, test_net(test), spec);
}

/* @tp in memory that ends where the protected packet does: KASAN watches. */
static void protect_exactly(struct kunit *test, struct e2ae_sa *out,
			    struct test_packet *tp)
{
	u32 room = tp->p.len + e2ae_srtp_overhead(out, tp->p.rtcp);

	tp->p.data = kunit_kzalloc(test, room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tp->p.data);
	memcpy(tp->p.data, tp->data, tp->p.len);
	KUNIT_ASSERT_EQ(test, test_protect(out, tp), 0);
	KUNIT_ASSERT_EQ(test, tp->p.len, room);
}

static void packet_is_that_of_another_implementation(struct kunit *test)
{
	const struct srtp_vector *v = test->param_value;
	struct e2ae_sa *out = vector_sa(test, v, true),
		       *in = vector_sa(test, v, false);
	struct test_packet *tp = test_packet(test);
	bool rtcp = false;

	do {
		test_packet_load(test, tp, rtcp ? v->rtcp : v->rtp, rtcp);
		protect_exactly(test, out, tp);
		test_expect_hex(test, tp->p.data, tp->p.len,
				rtcp ? v->srtcp : v->srtp);
		KUNIT_EXPECT_TRUE(test, e2ae_srtp_mki_matches(in, &tp->p));
		KUNIT_ASSERT_EQ(test, test_unprotect(in, tp), 0);
		test_expect_hex(test, tp->p.data, tp->p.len,
				rtcp ? v->rtcp : v->rtp);
		rtcp = !rtcp;
	} while (rtcp);
}

static const struct each_suite {
	const char *name;
	u32 id;
} each_suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", E2AE_SUITE_AES_CM_128_HMAC_SHA1_80 },
	{ "AES_256_CM_HMAC_SHA1_32", E2AE_SUITE_AES_256_CM_HMAC_SHA1_32 },
	{ "AEAD_AES_128_GCM", E2AE_SUITE_AEAD_AES_128_GCM },
	{ "AEAD_AES_256_GCM", E2AE_SUITE_AEAD_AES_256_GCM },
	{ "NULL_HMAC_SHA1_80", E2AE_SUITE_NULL_HMAC_SHA1_80 },
};

KUNIT_ARRAY_PARAM_DESC(suite, each_suites, name);

/* All of an SA that an authentic packet may move, byte for byte. */
struct state {
	struct e2ae_ctx *ctx;
	u32 size;
	u8 *bytes;
	u16 n;
	s64 used, rtcp_used;
	struct test_told told;
};

static u8 *ctx_bytes(struct e2ae_ctx *ctx)
{
	/* The lock in front of it is its users' and the debuggers'. */
	return (u8 *)&ctx->ssrc;
}

static struct state *state_take(struct kunit *test, struct e2ae_sa *sa)
{
	struct state *st = kunit_kzalloc(test, sizeof(*st), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, st);
	st->ctx = test_ctx(sa, SSRC);
	KUNIT_ASSERT_NOT_NULL(test, st->ctx);
	st->size = struct_size(st->ctx, bits, 2 * (st->ctx->rtp.mask + 1)) -
		   offsetof(struct e2ae_ctx, ssrc);
	st->bytes = kunit_kmalloc(test, st->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, st->bytes);
	memcpy(st->bytes, ctx_bytes(st->ctx), st->size);
	st->n = sa->ctxs->n;
	st->used = atomic64_read(&sa->used);
	st->rtcp_used = atomic64_read(&sa->rtcp_used);
	st->told = test_told;
	st->told.bursts = 0;
	return st;
}

static bool state_is(struct e2ae_sa *sa, const struct state *st)
{
	struct test_told told = test_told;

	/* A burst of failures is what forged packets are told by. */
	told.bursts = 0;
	return test_ctx(sa, SSRC) == st->ctx && sa->ctxs->n == st->n &&
	       !memcmp(ctx_bytes(st->ctx), st->bytes, st->size) &&
	       atomic64_read(&sa->used) == st->used &&
	       atomic64_read(&sa->rtcp_used) == st->rtcp_used && !sa->expired &&
	       !memcmp(&told, &st->told, sizeof(told));
}

struct pair {
	struct e2ae_sa *in;
	struct e2ae_sa *out;
};

static struct pair pair_make(struct kunit *test)
{
	const struct each_suite *suite = test->param_value;
	struct e2ae_sa_spec *spec = test_spec(test, suite->id);
	struct e2ae_net *en = test_net(test);
	struct pair pair;

	spec->roc = 9;
	spec->soft = 900;
	spec->hard = 1000;
	pair.in = test_sa(test, en, spec);
	pair.out = test_sa(test, en, spec);
	return pair;
}

static void make(struct kunit *test, struct test_packet *tp, bool rtcp, u16 seq)
{
	if (rtcp)
		test_packet_rtcp(test, tp, SSRC);
	else
		test_packet_rtp(test, tp, SSRC, seq);
}

static void transmit(struct kunit *test, struct pair *pair,
		     struct test_packet *tp, bool rtcp, u16 seq)
{
	make(test, tp, rtcp, seq);
	KUNIT_ASSERT_EQ(test, test_protect(pair->out, tp), 0);
}

/* Gives @good with one bit changed, or cut short, to @in. */
static int forge(struct e2ae_sa *in, struct test_packet *tp,
		 const struct test_packet *good, u32 len, u32 octet, u8 bit)
{
	*tp = *good;
	tp->p.data = tp->data;
	tp->p.len = len;
	tp->data[octet] ^= bit;
	if (!(tp->p.rtcp ? e2ae_rtcp_parse(&tp->p) : e2ae_rtp_parse(&tp->p)))
		return E2AE_A_DROPS_RTP_HEADER;
	return test_unprotect(in, tp);
}

/* Gives @good itself to @in, once more or late. */
static int deliver(struct e2ae_sa *in, struct test_packet *tp,
		   const struct test_packet *good)
{
	return forge(in, tp, good, good->p.len, 0, 0);
}

static void forge_all(struct kunit *test, struct pair *pair, bool rtcp, u16 seq)
{
	struct test_packet *good = test_packet(test), *tp = test_packet(test);
	struct state *st;
	u32 i, bit, drop, auth = 0;

	transmit(test, pair, good, rtcp, seq);
	st = state_take(test, pair->in);
	for (i = 0; i < good->p.len * 8; i++) {
		bit = i % 8;
		drop = forge(pair->in, tp, good, good->p.len, i / 8, 1 << bit);
		auth += drop == E2AE_A_DROPS_RX_AUTH;
		KUNIT_EXPECT_NE_MSG(test, drop, 0, "bit %u", i);
		if (!state_is(pair->in, st))
			KUNIT_FAIL_AND_ABORT(test, "bit %u moved the state", i);
	}
	KUNIT_EXPECT_GT(test, auth, good->p.len * 7);
	for (i = 0; i < good->p.len; i++) {
		drop = forge(pair->in, tp, good, i, 0, 0);
		KUNIT_EXPECT_NE_MSG(test, drop, 0, "cut to %u octets", i);
		if (!state_is(pair->in, st))
			KUNIT_FAIL_AND_ABORT(test, "cut to %u moved the state",
					     i);
	}
	/* The packet itself is still good, and then moves it. */
	KUNIT_EXPECT_EQ(test, deliver(pair->in, tp, good), 0);
	KUNIT_EXPECT_FALSE(test, state_is(pair->in, st));
}

static void forged_packet_moves_nothing(struct kunit *test)
{
	struct test_packet *tp = test_packet(test);
	struct pair pair = pair_make(test);
	int i;

	for (i = 0; i < 6; i++) {
		transmit(test, &pair, tp, i & 1, 100 + i);
		KUNIT_ASSERT_EQ(test, test_unprotect(pair.in, tp), 0);
	}
	forge_all(test, &pair, false, 200);
	forge_all(test, &pair, true, 0);
}

static void forged_ssrc_is_not_remembered(struct kunit *test)
{
	struct test_packet *good = test_packet(test), *tp = test_packet(test);
	struct pair pair = pair_make(test);
	int drop;

	transmit(test, &pair, good, false, 1);
	memset(&test_told, 0, sizeof(test_told));
	drop = forge(pair.in, tp, good, good->p.len, good->p.len - 1, 1);
	KUNIT_EXPECT_EQ(test, drop, E2AE_A_DROPS_RX_AUTH);
	KUNIT_EXPECT_EQ(test, pair.in->ctxs->n, 0);
	KUNIT_EXPECT_EQ(test, test_told.added, 0);
	KUNIT_EXPECT_EQ(test, deliver(pair.in, tp, good), 0);
	KUNIT_EXPECT_EQ(test, test_told.added, 1);
}

static void received_packet_is_taken_once(struct kunit *test)
{
	struct test_packet *good = test_packet(test), *late = test_packet(test);
	struct test_packet *tp = test_packet(test);
	struct pair pair = pair_make(test);
	struct state *st;
	bool rtcp = false;
	int i;

	do {
		transmit(test, &pair, late, rtcp, 5);
		for (i = 0; i < E2AE_DEF_WINDOW + 1; i++) {
			transmit(test, &pair, good, rtcp, 6 + i);
			KUNIT_ASSERT_EQ(test, deliver(pair.in, tp, good), 0);
		}
		st = state_take(test, pair.in);
		KUNIT_EXPECT_EQ(test, deliver(pair.in, tp, good),
				E2AE_A_DROPS_RX_REPLAY);
		KUNIT_EXPECT_EQ(test, deliver(pair.in, tp, late),
				E2AE_A_DROPS_RX_OLD);
		KUNIT_EXPECT_TRUE(test, state_is(pair.in, st));
		rtcp = !rtcp;
	} while (rtcp);
}

static void short_packet_is_told_apart(struct kunit *test)
{
	struct test_packet *good = test_packet(test), *tp = test_packet(test);
	struct pair pair = pair_make(test);
	u32 least;

	transmit(test, &pair, good, true, 0);
	least = good->p.hlen + e2ae_srtp_overhead(pair.in, true);
	KUNIT_EXPECT_EQ(test, forge(pair.in, tp, good, least - 1, 0, 0),
			E2AE_A_DROPS_RX_SHORT);
	KUNIT_EXPECT_NE(test, forge(pair.in, tp, good, least, 0, 0),
			E2AE_A_DROPS_RX_SHORT);
}

static void repeated_packet_is_not_encrypted(struct kunit *test)
{
	struct test_packet *tp = test_packet(test);
	struct pair pair = pair_make(test);
	struct state *st;

	transmit(test, &pair, tp, false, 500);
	transmit(test, &pair, tp, false, 700);
	st = state_take(test, pair.out);
	test_packet_rtp(test, tp, SSRC, 700);
	tp->data[20] ^= 0xff;
	KUNIT_EXPECT_EQ(test, test_protect(pair.out, tp),
			E2AE_A_DROPS_TX_REPEAT);
	KUNIT_EXPECT_MEMEQ(test, tp->data, tp->shadow, TEST_ROOM);
	KUNIT_EXPECT_TRUE(test, state_is(pair.out, st));
	/* Below the window nobody knows: neither is 501 encrypted. */
	test_packet_rtp(test, tp, SSRC, 501);
	KUNIT_EXPECT_EQ(test, test_protect(pair.out, tp),
			E2AE_A_DROPS_TX_REPEAT);
	KUNIT_EXPECT_MEMEQ(test, tp->data, tp->shadow, TEST_ROOM);
	KUNIT_EXPECT_TRUE(test, state_is(pair.out, st));
	KUNIT_EXPECT_EQ(test, test_drops(pair.out, E2AE_A_DROPS_TX_REPEAT), 2);
	transmit(test, &pair, tp, false, 699);
}

static u16 next_seq(struct rnd_state *rnd, u16 seq)
{
	u32 dice = prandom_u32_state(rnd);

	switch (dice % 16) {
	case 0:
		return prandom_u32_state(rnd);
	case 1:
		return seq - dice / 16 % 300;
	case 2:
		return seq;
	default:
		return seq + 1;
	}
}

static void no_index_is_reserved_twice(struct kunit *test)
{
	struct e2ae_sa *sa =
		test_sa_of(test, E2AE_SUITE_AES_CM_128_HMAC_SHA1_80);
	struct e2ae_pkt p = { .ssrc = SSRC, .len = 32 };
	u32 i, granted = 0, repeats = 0;
	struct e2ae_ctx *ctx;
	struct xarray used;
	struct rnd_state rnd;
	u64 index;
	int drop;

	xa_init(&used);
	prandom_seed_state(&rnd, 48);
	for (i = 0; i < 50000; i++) {
		p.seq = next_seq(&rnd, p.seq);
		local_bh_disable();
		rcu_read_lock();
		ctx = e2ae_ctx_find(sa->ctxs, SSRC) ?:
			      e2ae_sa_ctx_add(sa, SSRC, false);
		drop = reserve(sa, ctx, &p, &index);
		rcu_read_unlock();
		local_bh_enable();
		granted += !drop;
		repeats += drop == E2AE_A_DROPS_TX_REPEAT;
		if (!drop &&
		    xa_insert(&used, index, xa_mk_value(1), GFP_KERNEL)) {
			KUNIT_FAIL(test, "index %llx twice, at step %u", index,
				   i);
			break;
		}
	}
	xa_destroy(&used);
	KUNIT_EXPECT_GT(test, granted, 1000);
	KUNIT_EXPECT_GT(test, repeats, 1000);
	KUNIT_EXPECT_EQ(test, granted + repeats, 50000);
	KUNIT_EXPECT_GT(test, index >> 16, 10);
}

/* Both ends just before the last index of each kind. */
static struct pair last_pair(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_256_GCM);
	struct e2ae_net *en = test_net(test);
	struct pair pair;

	spec->n_states = 1;
	spec->states[0] = (struct e2ae_sa_state){ SSRC, U32_MAX, 0xfffe, true,
						  0x7fffffff };
	pair.in = test_sa(test, en, spec);
	pair.out = test_sa(test, en, spec);
	return pair;
}

static void last_index_of_srtp_is_the_last(struct kunit *test)
{
	struct test_packet *tp = test_packet(test);
	struct pair pair = last_pair(test);

	transmit(test, &pair, tp, false, 0xffff);
	KUNIT_EXPECT_EQ(test, test_unprotect(pair.in, tp), 0);
	KUNIT_EXPECT_EQ(test, test_ctx(pair.in, SSRC)->rtp.next, 1ULL << 48);
	test_packet_rtp(test, tp, SSRC, 0);
	KUNIT_EXPECT_EQ(test, test_protect(pair.out, tp),
			E2AE_A_DROPS_TX_EXPIRED);
	KUNIT_EXPECT_MEMEQ(test, tp->data, tp->shadow, TEST_ROOM);
	tp->p.len += 16;
	KUNIT_EXPECT_EQ(test, test_unprotect(pair.in, tp),
			E2AE_A_DROPS_RX_EXPIRED);
}

static void last_index_of_srtcp_is_the_last(struct kunit *test)
{
	struct test_packet *tp = test_packet(test);
	struct pair pair = last_pair(test);

	transmit(test, &pair, tp, true, 0);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(tp->data + tp->p.len - 4),
			U32_MAX);
	KUNIT_EXPECT_EQ(test, test_unprotect(pair.in, tp), 0);
	test_packet_rtcp(test, tp, SSRC);
	KUNIT_EXPECT_EQ(test, test_protect(pair.out, tp),
			E2AE_A_DROPS_TX_EXPIRED);
	KUNIT_EXPECT_MEMEQ(test, tp->data, tp->shadow, TEST_ROOM);
}

static void mki_selects_by_every_octet(struct kunit *test)
{
	static const u32 ids[] = { E2AE_SUITE_AES_CM_128_HMAC_SHA1_32,
				   E2AE_SUITE_AEAD_AES_128_GCM };
	static const u32 behind[] = { 4, 0 }; /* octets of tag */
	struct test_packet *tp = test_packet(test);
	struct e2ae_sa_spec *spec;
	struct e2ae_sa *sa;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		spec = test_spec(test, ids[i]);
		spec->mki_len = 3;
		memcpy(spec->mki, "abc", 3);
		sa = test_sa(test, test_net(test), spec);
		test_packet_rtp(test, tp, SSRC, 1);
		KUNIT_ASSERT_EQ(test, test_protect(sa, tp), 0);
		KUNIT_EXPECT_TRUE(test, e2ae_srtp_mki_matches(sa, &tp->p));
		for (j = 0; j < 3; j++) {
			sa->mki[j] ^= 1;
			KUNIT_EXPECT_FALSE(test,
					   e2ae_srtp_mki_matches(sa, &tp->p));
			sa->mki[j] ^= 1;
		}
		/* Not even where the end of the header reads like it. */
		tp->p.len = tp->p.hlen + behind[i] + 2;
		memcpy(tp->data + tp->p.hlen - 1, "abc", 3);
		KUNIT_EXPECT_FALSE(test, e2ae_srtp_mki_matches(sa, &tp->p));
		tp->p.len++;
		memcpy(tp->data + tp->p.hlen, "abc", 3);
		KUNIT_EXPECT_TRUE(test, e2ae_srtp_mki_matches(sa, &tp->p));
	}
}

static struct kunit_case srtp_cases[] = {
	KUNIT_CASE_PARAM(aead_packet_is_that_of_the_rfc, rfc_gen_params),
	KUNIT_CASE(rtcp_in_the_clear_is_refused),
	KUNIT_CASE_PARAM(packet_is_that_of_another_implementation,
			 srtp_gen_params),
	KUNIT_CASE_PARAM(forged_packet_moves_nothing, suite_gen_params),
	KUNIT_CASE_PARAM(forged_ssrc_is_not_remembered, suite_gen_params),
	KUNIT_CASE_PARAM(received_packet_is_taken_once, suite_gen_params),
	KUNIT_CASE_PARAM(short_packet_is_told_apart, suite_gen_params),
	KUNIT_CASE_PARAM(repeated_packet_is_not_encrypted, suite_gen_params),
	KUNIT_CASE(no_index_is_reserved_twice),
	KUNIT_CASE(last_index_of_srtp_is_the_last),
	KUNIT_CASE(last_index_of_srtcp_is_the_last),
	KUNIT_CASE(mki_selects_by_every_octet),
	{}
};

static struct kunit_suite srtp_suite = {
	.name = "e2ae_srtp",
	.test_cases = srtp_cases,
};

kunit_test_suite(srtp_suite);
