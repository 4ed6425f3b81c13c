// SPDX-License-Identifier: GPL-2.0
/* flow.c against RFC 3550, A.3 and A.8, computed the plain way. */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "../flow.c"
#include "../leg.h"
#include "support.h"

#define PACKETS	   20000
#define MSEC	   1000000ULL

/*
 * With this clock a nanosecond is a binary fraction of a timestamp unit, so
 * that the fixed-point arrival time is exact and so must be the jitter.
 */
#define EXACT_RATE 1953125

/* The sender's view: it knows the extended numbers, nothing is estimated. */
struct world {
	struct e2ae_flow flow;
	u32 rate;
	u64 lowest;
	u64 highest;
	u64 received;
	s64 jitter; /* times 16 */
	u32 transit;
	u64 now;
};

static struct world *world_make(struct kunit *test, u32 rate)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->rate = rate;
	w->lowest = U64_MAX;
	e2ae_flow_init(&w->flow, rate);
	return w;
}

static void count(struct e2ae_flow *f, u32 ssrc, u16 seq, u32 ts, u64 now)
{
	u8 data[32] = { 0x80, 8 };
	struct e2ae_pkt p = { .data = data, .len = sizeof(data), .hlen = 12 };

	p.ssrc = ssrc;
	p.seq = seq;
	put_unaligned_be32(ts, data + 4);
	local_bh_disable();
	e2ae_flow_count(f, &p, now);
	local_bh_enable();
}

static void read_flow(struct world *w, struct e2ae_flow_sum *sum)
{
	memset(sum, 0xee, sizeof(*sum));
	e2ae_flow_read(&w->flow, sum);
}

/* RFC 3550, A.8, with the integers it offers, and the terms of A.3. */
static void world_packet(struct world *w, u64 number, u32 ts)
{
	u32 transit = (u32)div_u64(w->now * w->rate, NSEC_PER_SEC) - ts;
	s32 d = (s32)(transit - w->transit);

	if (w->received++)
		w->jitter += (d < 0 ? -(s64)d : d) - ((w->jitter + 8) >> 4);
	w->transit = transit;
	w->lowest = min(w->lowest, number);
	w->highest = max(w->highest, number);
	count(&w->flow, 0x1234, number, ts, w->now);
}

/* RFC 3550, A.3. */
static s64 world_lost(const struct world *w)
{
	return w->highest - w->lowest + 1 - w->received;
}

/* Gaps, late and doubled packets, uneven arrival, over several wraps. */
static void world_run(struct world *w, u32 packets)
{
	struct rnd_state rnd;
	u64 top = 65500, number;
	u32 dice, i;

	prandom_seed_state(&rnd, 3550);
	for (i = 0; i < packets; i++) {
		dice = prandom_u32_state(&rnd) % 100;
		if (dice < 80)
			top++;
		else if (dice < 90)
			top += prandom_u32_state(&rnd) % 60;
		number = top;
		if (dice >= 90)
			number -= prandom_u32_state(&rnd) % 20;
		w->now += 15 * MSEC + prandom_u32_state(&rnd) % (10 * MSEC);
		world_packet(w, number, 0xfffff000 + number * (w->rate / 50));
	}
}

static void loss_is_expected_less_received(struct kunit *test)
{
	struct world *w = world_make(test, 8000);
	struct e2ae_flow_sum sum;
	u32 round;

	for (round = 0; round < 5; round++) {
		w->lowest = U64_MAX;
		w->highest = 0;
		w->received = 0;
		memset(&w->flow, 0, sizeof(w->flow));
		e2ae_flow_init(&w->flow, 8000);
		world_run(w, round ? PACKETS / round : 3);
		read_flow(w, &sum);
		KUNIT_EXPECT_EQ(test, sum.packets, w->received);
		KUNIT_EXPECT_EQ(test, sum.octets, w->received * 32);
		KUNIT_EXPECT_EQ(test, sum.lost, world_lost(w));
		if (round == 1)
			KUNIT_EXPECT_GT(test, w->highest, 2 * 65536);
	}
	KUNIT_EXPECT_GT(test, sum.lost, 0);
}

static void loss_counts_doubles_against_it(struct kunit *test)
{
	struct world *w = world_make(test, 8000);
	struct e2ae_flow_sum sum;
	u32 i;

	for (i = 0; i < 10; i++)
		world_packet(w, 5, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, -9);
	world_packet(w, 16, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 1);
}

static void packet_before_the_first_was_not_lost(struct kunit *test)
{
	struct world *w = world_make(test, 8000);
	struct e2ae_flow_sum sum;

	world_packet(w, 0x10002, 0);
	world_packet(w, 0xfffe, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 3);
}

static void jitter_is_that_of_a8(struct kunit *test)
{
	static const u32 packets[] = { 1, 2, 3, 100, PACKETS };
	struct e2ae_flow_sum sum;
	struct world *w;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(packets); i++) {
		w = world_make(test, EXACT_RATE);
		world_run(w, packets[i]);
		read_flow(w, &sum);
		KUNIT_EXPECT_EQ(test, w->flow.jitter, w->jitter);
		KUNIT_EXPECT_EQ(test, sum.jitter, w->jitter >> 4);
	}
	KUNIT_EXPECT_GT(test, sum.jitter, 100);
}

/* Arrival is rounded to the clock; that is worth one unit at most. */
static void jitter_holds_for_real_clocks(struct kunit *test)
{
	static const u32 rates[] = { 8000, 16000, 48000, 90000 };
	struct e2ae_flow_sum sum;
	struct world *w;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		w = world_make(test, rates[i]);
		world_run(w, 1000);
		read_flow(w, &sum);
		KUNIT_EXPECT_GT(test, sum.jitter, rates[i] / 1000);
		KUNIT_EXPECT_LE(test, abs((s64)sum.jitter - (w->jitter >> 4)),
				1);
	}
}

static void even_arrival_has_no_jitter(struct kunit *test)
{
	struct world *w = world_make(test, EXACT_RATE);
	struct e2ae_flow_sum sum;
	u32 i;

	/* 2^9 ns are exactly one unit. */
	for (i = 0; i < 1000; i++) {
		w->now += 512 * 4000;
		world_packet(w, i, i * 4000 + 99);
	}
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, w->flow.jitter, 0);
	KUNIT_EXPECT_EQ(test, sum.lost, 0);
	/* The clock said one unit more: |D| = 1, in sixteenths (A.8). */
	w->now += 512 * 4000;
	world_packet(w, i, i * 4000 + 98);
	KUNIT_EXPECT_EQ(test, w->flow.jitter, 1);
}

/* RFC 3550, A.1: two in a row after a jump are a restart, one is not. */
static void jump_of_two_packets_is_a_restart(struct kunit *test)
{
	struct world *w = world_make(test, 8000);
	struct e2ae_flow_sum sum;

	world_packet(w, 100, 0);
	world_packet(w, 103, 0);
	count(&w->flow, 0x1234, 20000, 0, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 2);
	KUNIT_EXPECT_EQ(test, sum.packets, 3);
	count(&w->flow, 0x1234, 30000, 0, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 2);
	count(&w->flow, 0x1234, 30001, 0, 0);
	count(&w->flow, 0x1234, 30003, 0, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 3);
	KUNIT_EXPECT_EQ(test, sum.ssrcs, 1);
}

/* A packet in its place between the two shows that nothing restarted. */
static void jump_back_and_forth_is_no_restart(struct kunit *test)
{
	struct world *w = world_make(test, 8000);
	struct e2ae_flow_sum sum;

	world_packet(w, 100, 0);
	count(&w->flow, 0x1234, 20000, 0, 0);
	world_packet(w, 101, 0);
	count(&w->flow, 0x1234, 20001, 0, 0);
	world_packet(w, 103, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 1);
	KUNIT_EXPECT_EQ(test, w->flow.packets - w->flow.skipped, 3);
}

static void jump_limits_are_those_of_a1(struct kunit *test)
{
	struct world *w = world_make(test, 8000);
	struct e2ae_flow_sum sum;

	world_packet(w, 1000, 0);
	count(&w->flow, 0x1234, 4000, 0, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 2999);
	count(&w->flow, 0x1234, 7001, 0, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 2999);
	count(&w->flow, 0x1234, 3900, 0, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 2998);
	count(&w->flow, 0x1234, 3899, 0, 0);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 2998);
}

static void new_source_keeps_what_the_old_one_lost(struct kunit *test)
{
	struct world *w = world_make(test, EXACT_RATE);
	struct e2ae_flow_sum sum;

	world_run(w, 100);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.ssrc, 0x1234);
	KUNIT_EXPECT_EQ(test, sum.ssrcs, 1);
	count(&w->flow, 0x5678, 7, 0, w->now);
	count(&w->flow, 0x5678, 9, 0, w->now);
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, world_lost(w) + 1);
	KUNIT_EXPECT_EQ(test, sum.jitter, 0);
	KUNIT_EXPECT_EQ(test, sum.ssrc, 0x5678);
	KUNIT_EXPECT_EQ(test, sum.ssrcs, 2);
	KUNIT_EXPECT_EQ(test, sum.packets, 102);
}

static void rtcp_is_counted_apart(struct kunit *test)
{
	struct world *w = world_make(test, 8000);
	struct e2ae_pkt p = { .len = 52, .rtcp = true };
	struct e2ae_flow_sum sum;

	local_bh_disable();
	e2ae_flow_count(&w->flow, &p, 0);
	e2ae_flow_count(&w->flow, &p, 0);
	local_bh_enable();
	read_flow(w, &sum);
	KUNIT_EXPECT_EQ(test, sum.rtcp_packets, 2);
	KUNIT_EXPECT_EQ(test, sum.rtcp_octets, 104);
	KUNIT_EXPECT_EQ(test, sum.packets, 0);
	KUNIT_EXPECT_EQ(test, sum.lost, 0);
	KUNIT_EXPECT_EQ(test, sum.ssrcs, 0);
}

static void leg_heard_this_moment_is_not_idle(struct kunit *test)
{
	struct e2ae_leg *leg = kunit_kzalloc(test, sizeof(*leg), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, leg);
	/* As if a packet came between the two readings of e2ae_leg_idle(). */
	leg->heard = jiffies + 10 * HZ;
	KUNIT_EXPECT_EQ(test, e2ae_leg_idle(leg), 0);
	leg->heard = jiffies - 3 * HZ;
	KUNIT_EXPECT_GE(test, e2ae_leg_idle(leg), 3 * HZ);
	KUNIT_EXPECT_LT(test, e2ae_leg_idle(leg), 60 * HZ);
}

static struct kunit_case flow_cases[] = {
	KUNIT_CASE(loss_is_expected_less_received),
	KUNIT_CASE(loss_counts_doubles_against_it),
	KUNIT_CASE(packet_before_the_first_was_not_lost),
	KUNIT_CASE(jitter_is_that_of_a8),
	KUNIT_CASE(jitter_holds_for_real_clocks),
	KUNIT_CASE(even_arrival_has_no_jitter),
	KUNIT_CASE(jump_of_two_packets_is_a_restart),
	KUNIT_CASE(jump_back_and_forth_is_no_restart),
	KUNIT_CASE(jump_limits_are_those_of_a1),
	KUNIT_CASE(new_source_keeps_what_the_old_one_lost),
	KUNIT_CASE(rtcp_is_counted_apart),
	KUNIT_CASE(leg_heard_this_moment_is_not_idle),
	{}
};

static struct kunit_suite flow_suite = {
	.name = "e2ae_flow",
	.test_cases = flow_cases,
};

kunit_test_suite(flow_suite);
