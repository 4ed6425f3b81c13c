// SPDX-License-Identifier: GPL-2.0
/* sa.c: packet limits, the life of an SA, and what keys it shares. */
#include <kunit/test.h>

#include "support.h"

/* Stands in for trace.h, of which the tracepoints are in e2ae.ko. */
#define E2AE_TRACE_H
static void trace_e2ae_expire(const struct e2ae_sa *sa, bool hard)
{
	test_told.traced++;
}

#include "../sa.c"

#define SSRC 0x11223344

static struct e2ae_sa *limited_sa(struct kunit *test, u64 soft, u64 hard)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM);

	spec->soft = soft;
	spec->hard = hard;
	return test_sa(test, test_net(test), spec);
}

static int send(struct kunit *test, struct e2ae_sa *sa, u16 seq)
{
	struct test_packet *tp = test_packet(test);

	test_packet_rtp(test, tp, SSRC, seq);
	return test_protect(sa, tp);
}

static void sending_stops_at_the_hard_limit(struct kunit *test)
{
	struct e2ae_sa *sa = limited_sa(test, 3, 5);
	u16 seq;

	for (seq = 1; seq <= 5; seq++) {
		KUNIT_EXPECT_EQ(test, send(test, sa, seq), 0);
		KUNIT_EXPECT_EQ(test, test_told.soft, seq >= 3);
		KUNIT_EXPECT_EQ(test, test_told.hard, seq >= 5);
	}
	KUNIT_EXPECT_EQ(test, send(test, sa, 6), E2AE_A_DROPS_TX_EXPIRED);
	KUNIT_EXPECT_EQ(test, send(test, sa, 7), E2AE_A_DROPS_TX_EXPIRED);
	KUNIT_EXPECT_EQ(test, test_drops(sa, E2AE_A_DROPS_TX_EXPIRED), 2);
	KUNIT_EXPECT_EQ(test, test_told.soft, 1);
	KUNIT_EXPECT_EQ(test, test_told.hard, 1);
	KUNIT_EXPECT_EQ(test, test_told.traced, 2);
}

static void receiving_stops_at_the_hard_limit(struct kunit *test)
{
	struct e2ae_sa *in = limited_sa(test, 0, 2), *out;
	struct test_packet *tp = test_packet(test);
	u16 seq;

	out = test_sa(test, in->en,
		      test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM));
	for (seq = 1; seq <= 4; seq++) {
		test_packet_rtp(test, tp, SSRC, seq);
		KUNIT_ASSERT_EQ(test, test_protect(out, tp), 0);
		KUNIT_EXPECT_EQ(test, test_unprotect(in, tp),
				seq <= 2 ? 0 : E2AE_A_DROPS_RX_EXPIRED);
	}
	KUNIT_EXPECT_EQ(test, test_told.hard, 1);
	KUNIT_EXPECT_EQ(test, test_told.soft, 0);
}

static void limits_set_later_count_what_has_passed(struct kunit *test)
{
	struct e2ae_sa *sa = limited_sa(test, 0, 0);
	u16 seq;

	for (seq = 1; seq <= 4; seq++)
		KUNIT_ASSERT_EQ(test, send(test, sa, seq), 0);
	KUNIT_EXPECT_FALSE(test, sa->limited);
	e2ae_sa_set_limits(sa, 5, 6);
	KUNIT_EXPECT_EQ(test, send(test, sa, 5), 0);
	KUNIT_EXPECT_EQ(test, test_told.soft, 1);
	/* A soft limit moved ahead is told once more. */
	e2ae_sa_set_limits(sa, 6, 7);
	KUNIT_EXPECT_EQ(test, send(test, sa, 6), 0);
	KUNIT_EXPECT_EQ(test, test_told.soft, 2);
	KUNIT_EXPECT_EQ(test, send(test, sa, 7), 0);
	KUNIT_EXPECT_EQ(test, test_told.hard, 1);
	KUNIT_EXPECT_EQ(test, send(test, sa, 8), E2AE_A_DROPS_TX_EXPIRED);
}

/* RFC 3711, 9.2: 2^48 packets of SRTP or 2^31 of SRTCP, whichever is first. */
static void lifetime_ends_where_the_indices_do(struct kunit *test)
{
	struct e2ae_sa *sa = limited_sa(test, 0, 0);
	struct e2ae_sa *most = limited_sa(test, 1, U64_MAX);

	KUNIT_EXPECT_EQ(test, sa->hard, 1ULL << 48);
	KUNIT_EXPECT_EQ(test, most->hard, 1ULL << 48);
	atomic64_set(&sa->rtcp_used, (1LL << 31) - 2);
	KUNIT_EXPECT_TRUE(test, e2ae_sa_spend(sa, true));
	KUNIT_EXPECT_FALSE(test, sa->expired);
	KUNIT_EXPECT_TRUE(test, e2ae_sa_spend(sa, true));
	KUNIT_EXPECT_TRUE(test, sa->expired);
	KUNIT_EXPECT_FALSE(test, e2ae_sa_spend(sa, true));
	atomic64_set(&most->used, (1LL << 48) - 1);
	KUNIT_EXPECT_TRUE(test, e2ae_sa_spend(most, false));
	KUNIT_EXPECT_TRUE(test, most->expired);
	KUNIT_EXPECT_FALSE(test, e2ae_sa_spend(most, false));
}

static void burst_is_told_once_a_second(struct kunit *test)
{
	struct e2ae_sa *sa = limited_sa(test, 0, 0);
	int i;

	for (i = 0; i < 31; i++)
		e2ae_sa_failed_auth(sa);
	KUNIT_EXPECT_EQ(test, test_told.bursts, 0);
	for (i = 0; i < 100; i++)
		e2ae_sa_failed_auth(sa);
	KUNIT_EXPECT_EQ(test, test_told.bursts, 1);
	sa->burst_start = jiffies - HZ - 1;
	for (i = 0; i < 32; i++)
		e2ae_sa_failed_auth(sa);
	KUNIT_EXPECT_EQ(test, test_told.bursts, 2);
}

static void id_is_taken_once_and_namespaces_have_a_limit(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_NULL_HMAC_SHA1_80);
	struct e2ae_net *en = test_net(test);
	struct e2ae_sa *sa[6];
	u32 seq = en->seq;
	int i;

	for (i = 0; i < 6; i++) {
		spec->id = i == 5 ? 0 : i;
		sa[i] = test_sa(test, en, spec);
	}
	mutex_lock(&en->lock);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, e2ae_sa_publish(sa[i]), 0);
	KUNIT_EXPECT_EQ(test, e2ae_sa_publish(sa[5]), -EEXIST);
	KUNIT_EXPECT_EQ(test, e2ae_sa_publish(sa[4]), -ENOSPC);
	KUNIT_EXPECT_PTR_EQ(test, e2ae_sa_find(en, 3), sa[3]);
	KUNIT_EXPECT_NULL(test, e2ae_sa_find(en, 4));
	KUNIT_EXPECT_EQ(test, en->seq, seq + 4);
	for (i = 0; i < 4; i++)
		e2ae_sa_unpublish(sa[i]);
	KUNIT_EXPECT_EQ(test, en->n_sas, 0);
	KUNIT_EXPECT_NULL(test, e2ae_sa_find(en, 3));
	mutex_unlock(&en->lock);
}

static void same_key_goes_on_receiving_where_it_was(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM);
	struct e2ae_net *en = test_net(test);
	struct test_packet *tp = test_packet(test), *old = test_packet(test);
	struct e2ae_sa *out, *in, *next;

	spec->roc = 3;
	out = test_sa(test, en, spec);
	in = test_sa(test, en, spec);
	spec->roc = 0;
	spec->hard = 3;
	next = test_sa(test, en, spec);
	test_packet_rtp(test, old, SSRC, 0xffff);
	KUNIT_ASSERT_EQ(test, test_protect(out, old), 0);
	*tp = *old;
	tp->p.data = tp->data;
	KUNIT_ASSERT_EQ(test, test_unprotect(in, tp), 0);

	KUNIT_ASSERT_TRUE(test, e2ae_ctxs_same_key(next->ctxs, in->ctxs));
	mutex_lock(&en->lock);
	e2ae_sa_adopt(next, in->ctxs);
	mutex_unlock(&en->lock);
	KUNIT_EXPECT_PTR_EQ(test, next->ctxs, in->ctxs);
	KUNIT_EXPECT_EQ(test, test_unprotect(next, old),
			E2AE_A_DROPS_RX_REPLAY);
	test_packet_rtp(test, tp, SSRC, 0);
	KUNIT_ASSERT_EQ(test, test_protect(out, tp), 0);
	KUNIT_EXPECT_EQ(test, test_unprotect(next, tp), 0);
	KUNIT_EXPECT_EQ(test, test_ctx(next, SSRC)->rtp.next, 0x40001);
	/* One packet passed before and counts against the limit of three. */
	KUNIT_EXPECT_EQ(test, atomic64_read(&next->used), 2);
}

static struct kunit_case sa_cases[] = {
	KUNIT_CASE(sending_stops_at_the_hard_limit),
	KUNIT_CASE(receiving_stops_at_the_hard_limit),
	KUNIT_CASE(limits_set_later_count_what_has_passed),
	KUNIT_CASE(lifetime_ends_where_the_indices_do),
	KUNIT_CASE(burst_is_told_once_a_second),
	KUNIT_CASE(id_is_taken_once_and_namespaces_have_a_limit),
	KUNIT_CASE(same_key_goes_on_receiving_where_it_was),
	{}
};

static struct kunit_suite sa_suite = {
	.name = "e2ae_sa",
	.test_cases = sa_cases,
};

kunit_test_suite(sa_suite);
