// SPDX-License-Identifier: GPL-2.0
/* ctx.c: how many SSRCs a key knows, which it forgets, which keys are equal. */
#include <kunit/test.h>

#include "../ctx.c"
#include "support.h"

static struct e2ae_sa *small_sa(struct kunit *test, u32 max, bool fixed)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM);

	spec->ssrc_max = max;
	spec->fixed = fixed;
	return test_sa(test, test_net(test), spec);
}

static int send(struct kunit *test, struct e2ae_sa *sa, struct test_packet *tp,
		u32 ssrc, u16 seq)
{
	test_packet_rtp(test, tp, ssrc, seq);
	return test_protect(sa, tp);
}

static void sending_never_forgets_an_ssrc(struct kunit *test)
{
	struct e2ae_sa *sa = small_sa(test, 2, false);
	struct test_packet *tp = test_packet(test);
	struct e2ae_ctx *one, *two;

	KUNIT_ASSERT_EQ(test, send(test, sa, tp, 1, 1), 0);
	KUNIT_ASSERT_EQ(test, send(test, sa, tp, 2, 1), 0);
	one = test_ctx(sa, 1);
	two = test_ctx(sa, 2);
	KUNIT_EXPECT_EQ(test, send(test, sa, tp, 3, 1),
			E2AE_A_DROPS_TX_SSRC_LIMIT);
	KUNIT_EXPECT_MEMEQ(test, tp->data, tp->shadow, TEST_ROOM);
	KUNIT_EXPECT_EQ(test, sa->ctxs->n, 2);
	KUNIT_EXPECT_PTR_EQ(test, test_ctx(sa, 1), one);
	KUNIT_EXPECT_PTR_EQ(test, test_ctx(sa, 2), two);
	KUNIT_EXPECT_NULL(test, test_ctx(sa, 3));
	KUNIT_EXPECT_EQ(test, test_told.evicted, 0);
	KUNIT_EXPECT_EQ(test, test_told.added, 2);
	KUNIT_EXPECT_EQ(test, send(test, sa, tp, 1, 1), E2AE_A_DROPS_TX_REPEAT);
}

static void receiving_forgets_the_least_recently_used(struct kunit *test)
{
	struct e2ae_sa *in = small_sa(test, 3, false),
		       *out = small_sa(test, 8, false);
	struct test_packet *tp = test_packet(test);
	struct e2ae_count sum;
	u32 ssrc;

	for (ssrc = 1; ssrc <= 3; ssrc++) {
		KUNIT_ASSERT_EQ(test, send(test, out, tp, ssrc, 1), 0);
		KUNIT_ASSERT_EQ(test, test_unprotect(in, tp), 0);
	}
	memset(&test_told, 0, sizeof(test_told));
	test_ctx(in, 1)->rtp.used = jiffies - 10;
	test_ctx(in, 2)->rtp.used = jiffies - 30;
	test_ctx(in, 3)->rtp.used = jiffies - 20;
	KUNIT_ASSERT_EQ(test, send(test, out, tp, 4, 1), 0);
	KUNIT_EXPECT_EQ(test, test_unprotect(in, tp), 0);
	KUNIT_EXPECT_EQ(test, in->ctxs->n, 3);
	KUNIT_EXPECT_NULL(test, test_ctx(in, 2));
	KUNIT_EXPECT_NOT_NULL(test, test_ctx(in, 1));
	KUNIT_EXPECT_NOT_NULL(test, test_ctx(in, 3));
	KUNIT_EXPECT_NOT_NULL(test, test_ctx(in, 4));
	KUNIT_EXPECT_EQ(test, test_told.evicted, 1);
	KUNIT_EXPECT_EQ(test, test_told.last_evicted, 2);
	/* What the forgotten one received still counts. */
	e2ae_ctxs_count(in->ctxs, &sum);
	KUNIT_EXPECT_EQ(test, sum.packets, 4);
	KUNIT_EXPECT_EQ(test, sum.octets, 4 * 32);
}

static void fixed_set_takes_no_new_ssrc(struct kunit *test)
{
	struct e2ae_sa *in = small_sa(test, 8, true),
		       *out = small_sa(test, 8, false);
	struct test_packet *tp = test_packet(test);

	KUNIT_ASSERT_EQ(test, send(test, out, tp, 1, 1), 0);
	memset(&test_told, 0, sizeof(test_told));
	KUNIT_EXPECT_EQ(test, test_unprotect(in, tp), E2AE_A_DROPS_RX_SSRC);
	KUNIT_EXPECT_EQ(test, in->ctxs->n, 0);
	KUNIT_EXPECT_EQ(test, send(test, in, tp, 2, 1),
			E2AE_A_DROPS_TX_SSRC_LIMIT);
	KUNIT_EXPECT_EQ(test, test_told.added, 0);
}

static void restored_state_skips_ahead_by_the_guard(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM);
	struct e2ae_ctx *ctx;
	struct e2ae_sa *sa;

	spec->guard = 100;
	spec->n_states = 3;
	spec->states[0] = (struct e2ae_sa_state){ 1, 7, 0xfff0, true, 40 };
	spec->states[1] =
		(struct e2ae_sa_state){ 2, U32_MAX, 0xffff, true, 0x7fffffff };
	spec->states[2] = (struct e2ae_sa_state){ 3, 9, 9, false, 0 };
	sa = test_sa(test, test_net(test), spec);
	KUNIT_EXPECT_EQ(test, sa->ctxs->n, 3);
	ctx = test_ctx(sa, 1);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_EXPECT_EQ(test, ctx->rtp.next, 0x7fff0 + 1 + 100);
	KUNIT_EXPECT_EQ(test, ctx->rtcp.next, 140);
	ctx = test_ctx(sa, 2);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_EXPECT_EQ(test, ctx->rtp.next, 1ULL << 48);
	KUNIT_EXPECT_EQ(test, ctx->rtcp.next, 1ULL << 31);
	ctx = test_ctx(sa, 3);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_EXPECT_EQ(test, ctx->rtp.next, 0);
	KUNIT_EXPECT_EQ(test, ctx->rtcp.next, 100);
}

static void keys_are_equal_in_all_that_encrypts(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AES_CM_128_HMAC_SHA1_80);
	struct e2ae_net *en = test_net(test);
	struct e2ae_sa *a = test_sa(test, en, spec),
		       *b = test_sa(test, en, spec);

	KUNIT_EXPECT_TRUE(test, e2ae_ctxs_same_key(a->ctxs, b->ctxs));
	spec->key[15] ^= 1;
	b = test_sa(test, en, spec);
	KUNIT_EXPECT_FALSE(test, e2ae_ctxs_same_master(a->ctxs, b->ctxs));
	KUNIT_EXPECT_FALSE(test, e2ae_ctxs_same_key(a->ctxs, b->ctxs));
	spec->key[15] ^= 1;
	spec->salt[13] ^= 1;
	b = test_sa(test, en, spec);
	KUNIT_EXPECT_TRUE(test, e2ae_ctxs_same_master(a->ctxs, b->ctxs));
	KUNIT_EXPECT_FALSE(test, e2ae_ctxs_same_key(a->ctxs, b->ctxs));
	spec->salt[13] ^= 1;
	spec->suite = e2ae_suite_get(E2AE_SUITE_NULL_HMAC_SHA1_80);
	b = test_sa(test, en, spec);
	KUNIT_EXPECT_TRUE(test, e2ae_ctxs_same_master(a->ctxs, b->ctxs));
	KUNIT_EXPECT_FALSE(test, e2ae_ctxs_same_key(a->ctxs, b->ctxs));
	spec->suite = e2ae_suite_get(E2AE_SUITE_AES_256_CM_HMAC_SHA1_80);
	b = test_sa(test, en, spec);
	KUNIT_EXPECT_FALSE(test, e2ae_ctxs_same_master(a->ctxs, b->ctxs));
}

static struct kunit_case ctx_cases[] = {
	KUNIT_CASE(sending_never_forgets_an_ssrc),
	KUNIT_CASE(receiving_forgets_the_least_recently_used),
	KUNIT_CASE(fixed_set_takes_no_new_ssrc),
	KUNIT_CASE(restored_state_skips_ahead_by_the_guard),
	KUNIT_CASE(keys_are_equal_in_all_that_encrypts),
	{}
};

static struct kunit_suite ctx_suite = {
	.name = "e2ae_ctx",
	.test_cases = ctx_cases,
};

kunit_test_suite(ctx_suite);
