// SPDX-License-Identifier: GPL-2.0
/* rtp.h: what is RTP, what is RTCP, and where a header ends. */
#include <kunit/test.h>

#include "../rtp.h"
#include "support.h"

static void expect_kind(struct kunit *test, u8 first, u8 second, bool rtcp_port,
			bool mux, enum e2ae_kind want)
{
	u8 data[2] = { first, second };
	enum e2ae_kind kind = e2ae_rtp_classify(data, 2, rtcp_port, mux);

	KUNIT_EXPECT_EQ_MSG(test, kind, want, "octets %u %u", first, second);
}

/* RFC 7983, 7: only 128 to 191 is RTP or RTCP; the rest is somebody else's. */
static void first_octet_decides_what_is_media(struct kunit *test)
{
	static const u8 data[2] = { 0x80, 200 };
	bool media;
	u32 i;

	for (i = 0; i < 256; i++) {
		media = i >= 128 && i <= 191;
		expect_kind(test, i, 0, false, false,
			    media ? E2AE_KIND_RTP : E2AE_KIND_OTHER);
		expect_kind(test, i, 0, true, false,
			    media ? E2AE_KIND_RTCP : E2AE_KIND_OTHER);
	}
	KUNIT_EXPECT_EQ(test, e2ae_rtp_classify(data, 1, false, false),
			E2AE_KIND_OTHER);
	KUNIT_EXPECT_EQ(test, e2ae_rtp_classify(data, 0, true, true),
			E2AE_KIND_OTHER);
}

/* RFC 5761, 4: 192 to 223 is RTCP, that is payload types 64 to 95 marked. */
static void second_octet_tells_rtcp_where_ports_are_shared(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 256; i++) {
		expect_kind(test, 0x80, i, false, true,
			    i >= 192 && i <= 223 ? E2AE_KIND_RTCP :
						   E2AE_KIND_RTP);
		expect_kind(test, 0x80, i, false, false, E2AE_KIND_RTP);
		expect_kind(test, 0x80, i, true, false, E2AE_KIND_RTCP);
	}
}

static const struct header {
	const char *name;
	const char *const *hex;
	u32 hlen; /* no octet less will do */
} headers[] = {
	{ "fixed part", HEX("8008 1234 00000001 cafebabe"), 12 },
	{ "one CSRC", HEX("8108 1234 00000001 cafebabe 11111111"), 16 },
	{ "fifteen CSRCs",
	  HEX("8f08 1234 00000001 cafebabe 00000001 00000002 00000003 00000004",
	      "00000005 00000006 00000007 00000008 00000009 0000000a 0000000b",
	      "0000000c 0000000d 0000000e 0000000f"),
	  72 },
	{ "empty extension", HEX("9008 1234 00000001 cafebabe bede 0000"), 16 },
	{ "extension",
	  HEX("9008 1234 00000001 cafebabe bede 0002 01020304 05060708"), 24 },
	{ "CSRCs and extension",
	  HEX("b288 1234 00000001 cafebabe 00000001 00000002 1000 0001 09090909"),
	  28 },
};

KUNIT_ARRAY_PARAM_DESC(header, headers, name);

static void header_ends_where_the_rfc_says(struct kunit *test)
{
	const struct header *h = test->param_value;
	struct e2ae_pkt p = {};
	u8 data[128];

	p.data = data;
	p.len = test_hex(test, h->hex, data, sizeof(data));
	KUNIT_ASSERT_EQ(test, p.len, h->hlen);
	KUNIT_ASSERT_TRUE(test, e2ae_rtp_parse(&p));
	KUNIT_EXPECT_EQ(test, p.hlen, h->hlen);
	KUNIT_EXPECT_EQ(test, p.seq, 0x1234);
	KUNIT_EXPECT_EQ(test, p.ssrc, 0xcafebabe);

	memset(data + p.len, 0xff, 20);
	p.len += 20;
	KUNIT_ASSERT_TRUE(test, e2ae_rtp_parse(&p));
	KUNIT_EXPECT_EQ(test, p.hlen, h->hlen);
}

/* Each length has memory of its own, so that KASAN sees a read past it. */
static void shorter_than_its_header_is_no_rtp(struct kunit *test)
{
	const struct header *h = test->param_value;
	struct e2ae_pkt p = {};
	u8 data[128];

	test_hex(test, h->hex, data, sizeof(data));
	for (p.len = 1; p.len < h->hlen; p.len++) {
		p.data = kunit_kzalloc(test, p.len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p.data);
		memcpy(p.data, data, p.len);
		KUNIT_EXPECT_FALSE_MSG(test, e2ae_rtp_parse(&p), "%u octets",
				       p.len);
		kunit_kfree(test, p.data);
	}
}

static void longest_extension_counts_in_words(struct kunit *test)
{
	u32 len = 12 + 4 + 0xffff * 4;
	struct e2ae_pkt p = { .len = len };

	p.data = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p.data);
	p.data[0] = 0x90;
	memset(p.data + 14, 0xff, 2);
	KUNIT_EXPECT_TRUE(test, e2ae_rtp_parse(&p));
	KUNIT_EXPECT_EQ(test, p.hlen, len);
	p.len--;
	KUNIT_EXPECT_FALSE(test, e2ae_rtp_parse(&p));
}

static void rtcp_needs_eight_octets_and_its_types(struct kunit *test)
{
	u8 data[8] = { 0x80, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef };
	struct e2ae_pkt p = { .data = data, .rtcp = true, .seq = 77 };
	u32 i;

	for (i = 0; i < 256; i++) {
		data[1] = i;
		p.len = 8;
		KUNIT_EXPECT_EQ_MSG(test, e2ae_rtcp_parse(&p),
				    i >= 192 && i <= 223, "type %u", i);
		p.len = 7;
		KUNIT_EXPECT_FALSE_MSG(test, e2ae_rtcp_parse(&p), "type %u", i);
	}
	data[1] = 200;
	p.len = 8;
	KUNIT_ASSERT_TRUE(test, e2ae_rtcp_parse(&p));
	KUNIT_EXPECT_EQ(test, p.hlen, 8);
	KUNIT_EXPECT_EQ(test, p.ssrc, 0xdeadbeef);
	KUNIT_EXPECT_EQ(test, p.seq, 0);
}

static struct kunit_case rtp_cases[] = {
	KUNIT_CASE(first_octet_decides_what_is_media),
	KUNIT_CASE(second_octet_tells_rtcp_where_ports_are_shared),
	KUNIT_CASE_PARAM(header_ends_where_the_rfc_says, header_gen_params),
	KUNIT_CASE_PARAM(shorter_than_its_header_is_no_rtp, header_gen_params),
	KUNIT_CASE(longest_extension_counts_in_words),
	KUNIT_CASE(rtcp_needs_eight_octets_and_its_types),
	{}
};

static struct kunit_suite rtp_suite = {
	.name = "e2ae_rtp",
	.test_cases = rtp_cases,
};

kunit_test_suite(rtp_suite);
