// SPDX-License-Identifier: GPL-2.0
/* What the KUnit suites share, and stand-ins for what they do not test. */
#include <linux/hex.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "../keys.h"
#include "../netlink.h"
#include "support.h"

struct test_told test_told;

void e2ae_notify_expire(const struct e2ae_sa *sa, enum e2ae_expiry expiry)
{
	if (expiry == E2AE_EXPIRY_HARD)
		test_told.hard++;
	else
		test_told.soft++;
}

void e2ae_notify_ssrc(const struct e2ae_sa *sa, u32 ssrc,
		      enum e2ae_ssrc_change change)
{
	if (change == E2AE_SSRC_CHANGE_NEW) {
		test_told.added++;
		return;
	}
	test_told.evicted++;
	test_told.last_evicted = ssrc;
}

void e2ae_notify_burst(const struct e2ae_sa *sa, u32 failures)
{
	test_told.bursts++;
}

/**
 * test_hex() - read hexadecimal digits
 * @test: fails if they are none or too many
 * @hex: strings from HEX(); pairs of digits, with blanks between pairs
 * @out: the octets
 * @room: at most so many
 *
 * Return: how many octets.
 */
u32 test_hex(struct kunit *test, const char *const *hex, u8 *out, u32 room)
{
	const char *digits;
	u32 len = 0;

	for (; *hex; hex++) {
		for (digits = *hex; *digits; digits += *digits == ' ' ? 1 : 2) {
			if (*digits == ' ')
				continue;
			KUNIT_ASSERT_LT(test, len, room);
			KUNIT_ASSERT_EQ(test, hex2bin(&out[len++], digits, 1),
					0);
		}
	}
	return len;
}

/**
 * test_expect_hex() - expect octets
 * @test: fails unless @data is what @hex says, to the last octet
 * @data: octets
 * @len: how many
 * @hex: what they should be
 */
void test_expect_hex(struct kunit *test, const u8 *data, u32 len,
		     const char *const *hex)
{
	u8 *want = kunit_kzalloc(test, TEST_ROOM, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_EQ(test, len, test_hex(test, hex, want, TEST_ROOM));
	KUNIT_EXPECT_MEMEQ(test, data, want, len);
}

struct test_packet *test_packet(struct kunit *test)
{
	struct test_packet *tp = kunit_kzalloc(test, sizeof(*tp), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tp);
	return tp;
}

void test_packet_parse(struct kunit *test, struct test_packet *tp)
{
	bool ok = tp->p.rtcp ? e2ae_rtcp_parse(&tp->p) : e2ae_rtp_parse(&tp->p);

	KUNIT_ASSERT_TRUE(test, ok);
}

void test_packet_load(struct kunit *test, struct test_packet *tp,
		      const char *const *hex, bool rtcp)
{
	tp->p = (struct e2ae_pkt){ .data = tp->data, .rtcp = rtcp };
	tp->p.len = test_hex(test, hex, tp->data, TEST_ROOM);
	test_packet_parse(test, tp);
}

static void packet_body(struct test_packet *tp, u32 from, u32 len)
{
	u32 i;

	tp->p.data = tp->data;
	tp->p.len = from + len;
	for (i = 0; i < len; i++)
		tp->data[from + i] = i * 7 + tp->data[3];
}

/* 20 octets of G.711 that depend on the sequence number. */
void test_packet_rtp(struct kunit *test, struct test_packet *tp, u32 ssrc,
		     u16 seq)
{
	tp->p.rtcp = false;
	tp->data[0] = 0x80;
	tp->data[1] = 8;
	put_unaligned_be16(seq, tp->data + 2);
	put_unaligned_be32(seq * 160, tp->data + 4);
	put_unaligned_be32(ssrc, tp->data + 8);
	packet_body(tp, E2AE_RTP_HLEN, 20);
	test_packet_parse(test, tp);
}

/* A sender report without report blocks. */
void test_packet_rtcp(struct kunit *test, struct test_packet *tp, u32 ssrc)
{
	tp->p.rtcp = true;
	tp->data[0] = 0x80;
	tp->data[1] = 200;
	put_unaligned_be16(6, tp->data + 2);
	put_unaligned_be32(ssrc, tp->data + 4);
	packet_body(tp, E2AE_RTCP_HLEN, 20);
	test_packet_parse(test, tp);
}

static void keys_free(void *en)
{
	e2ae_keys_net_exit(en);
}

/* As much of a namespace as SAs look at. */
struct e2ae_net *test_net(struct kunit *test)
{
	struct e2ae_net *en = kunit_kzalloc(test, sizeof(*en), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, en);
	mutex_init(&en->lock);
	xa_init(&en->sas);
	en->max_sas = 4;
	KUNIT_ASSERT_EQ(test, e2ae_keys_net_init(en), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, keys_free, en),
			0);
	memset(&test_told, 0, sizeof(test_told));
	return en;
}

/* What the netlink family would make of a request with nothing but keys. */
struct e2ae_sa_spec *test_spec(struct kunit *test, u32 suite)
{
	struct e2ae_sa_spec *spec =
		kunit_kzalloc(test, sizeof(*spec), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, spec);
	spec->id = 1;
	spec->suite = e2ae_suite_get(suite);
	KUNIT_ASSERT_NOT_NULL(test, spec->suite);
	for (i = 0; i < sizeof(spec->key); i++)
		spec->key[i] = 0x40 + i;
	for (i = 0; i < sizeof(spec->salt); i++)
		spec->salt[i] = 0xa0 + i;
	spec->window = E2AE_DEF_WINDOW;
	spec->ssrc_max = E2AE_DEF_SSRCS;
	return spec;
}

static void sa_free(void *sa)
{
	e2ae_sa_free(sa);
}

/* An SA that goes with the test. */
struct e2ae_sa *test_sa(struct kunit *test, struct e2ae_net *en,
			const struct e2ae_sa_spec *spec)
{
	struct e2ae_sa *sa = e2ae_sa_create(en, spec);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sa);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, sa_free, sa), 0);
	return sa;
}

struct e2ae_sa *test_sa_of(struct kunit *test, u32 suite)
{
	return test_sa(test, test_net(test), test_spec(test, suite));
}

struct e2ae_ctx *test_ctx(struct e2ae_sa *sa, u32 ssrc)
{
	struct e2ae_ctx *ctx;

	rcu_read_lock();
	ctx = e2ae_ctx_find(sa->ctxs, ssrc);
	rcu_read_unlock();
	return ctx;
}

static int packet_run(struct e2ae_sa *sa, struct test_packet *tp,
		      int (*run)(struct e2ae_sa *sa, struct e2ae_pkt *p))
{
	int drop;

	memcpy(tp->shadow, tp->data, sizeof(tp->shadow));
	local_bh_disable();
	rcu_read_lock();
	drop = run(sa, &tp->p);
	rcu_read_unlock();
	local_bh_enable();
	return drop;
}

int test_protect(struct e2ae_sa *sa, struct test_packet *tp)
{
	return packet_run(sa, tp, e2ae_srtp_protect);
}

int test_unprotect(struct e2ae_sa *sa, struct test_packet *tp)
{
	return packet_run(sa, tp, e2ae_srtp_unprotect);
}

long test_drops(const struct e2ae_sa *sa, int drop)
{
	return atomic_long_read(&sa->drops.n[drop]);
}

/* The suites run after this has returned. */
static int __init test_init(void)
{
	int err;

	e2ae_ctx_init();
	err = e2ae_suite_init();
	if (err)
		return err;
	err = e2ae_sa_init();
	if (err)
		e2ae_suite_exit();
	return err;
}

static void __exit test_exit(void)
{
	rcu_barrier();
	e2ae_sa_exit();
	e2ae_suite_exit();
}

module_init(test_init);
module_exit(test_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of e2ae");
