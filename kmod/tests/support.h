/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit suites share. Each suite includes the .c file it tests, so
 * that it reaches its static functions and e2ae_test.ko needs no e2ae.ko.
 */
#ifndef E2AE_TEST_SUPPORT_H
#define E2AE_TEST_SUPPORT_H

#include <kunit/test.h>

#include "../sa.h"
#include "../srtp.h"

/* Hexadecimal digits in as many strings as they need; see test_hex(). */
#define HEX(...)  ((const char *const[]){ __VA_ARGS__, NULL })

#define TEST_ROOM 512 /* octets of a packet with all it can grow by */

/**
 * struct test_told - events that the code under test sent
 * @soft: soft expiries
 * @hard: hard expiries
 * @added: SSRCs seen for the first time
 * @evicted: SSRCs forgotten
 * @last_evicted: the latest of them
 * @bursts: bursts of authentication failures
 * @traced: tracepoints of expiries
 */
struct test_told {
	int soft;
	int hard;
	int added;
	int evicted;
	u32 last_evicted;
	int bursts;
	int traced;
};

extern struct test_told test_told;

/* A packet and the memory it lies in; @shadow keeps what it was before. */
struct test_packet {
	struct e2ae_pkt p;
	u8 data[TEST_ROOM];
	u8 shadow[TEST_ROOM];
};

u32 test_hex(struct kunit *test, const char *const *hex, u8 *out, u32 room);
void test_expect_hex(struct kunit *test, const u8 *data, u32 len,
		     const char *const *hex);

struct test_packet *test_packet(struct kunit *test);
void test_packet_load(struct kunit *test, struct test_packet *tp,
		      const char *const *hex, bool rtcp);
void test_packet_rtp(struct kunit *test, struct test_packet *tp, u32 ssrc,
		     u16 seq);
void test_packet_rtcp(struct kunit *test, struct test_packet *tp, u32 ssrc);
void test_packet_parse(struct kunit *test, struct test_packet *tp);

struct e2ae_net *test_net(struct kunit *test);
struct e2ae_sa_spec *test_spec(struct kunit *test, u32 suite);
struct e2ae_sa *test_sa(struct kunit *test, struct e2ae_net *en,
			const struct e2ae_sa_spec *spec);
struct e2ae_sa *test_sa_of(struct kunit *test, u32 suite);
struct e2ae_ctx *test_ctx(struct e2ae_sa *sa, u32 ssrc);
int test_protect(struct e2ae_sa *sa, struct test_packet *tp);
int test_unprotect(struct e2ae_sa *sa, struct test_packet *tp);
long test_drops(const struct e2ae_sa *sa, int drop);

#endif
