// SPDX-License-Identifier: GPL-2.0
/* conf.c: what a leg gets that nobody asked for, and every refusal. */
#include <kunit/test.h>

#include "../conf.c"

/* clang-format off */
#define A(name)		E2AE_A_LEG_##name
#define B(name)		BIT(E2AE_A_LEG_##name)
#define HERE		(B(LOCAL_ADDR) | B(LOCAL_PORT))
#define PEER		(B(PEER_ADDR) | B(PEER_PORT))
#define NET		(B(LATCH_ADDR) | B(LATCH_PREFIX))
#define LATCHING	.source = E2AE_SOURCE_RULE_LATCH

#define V4(a, b, c, d, p) { \
	.family = AF_INET, .port = cpu_to_be16(p), \
	.addr.ip = cpu_to_be32((a) << 24 | (b) << 16 | (c) << 8 | (d)) }
#define V6(first, last, p) { \
	.family = AF_INET6, .port = cpu_to_be16(p), \
	.addr.in6.s6_addr16 = { cpu_to_be16(first), [7] = cpu_to_be16(last) } }
#define MAPPED(p) { \
	.family = AF_INET6, .port = cpu_to_be16(p), \
	.addr.in6.s6_addr = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 9 } }
#define LOCAL4		V4(192, 0, 2, 1, 40000)
#define PEER4		V4(198, 51, 100, 7, 50000)
#define LOCAL6		V6(0x2001, 1, 40000)

enum start {
	FRESH,		/* e2ae_conf_new() */
	SECURE,		/* e2ae_conf_set() of a secure leg that latches */
	PLAIN,		/* of a plain leg with PEER4 */
	EXPLICIT,	/* of a secure one with RTCP on port 41000 */
};

static const struct refusal {
	const char *name;
	enum start start;
	int side;
	struct e2ae_leg_spec spec;
	int attr;
	const char *why;	/* words of the sentence */
} refusals[] = {
#define NO(str, start, attr, why, ...) \
	{ str, start, E2AE_LEG_SIDE_ACCESS, { __VA_ARGS__ }, A(attr), why }
#define SEC(more)	.given = HERE | B(SECURE) | (more)
#define HERE4		.local = LOCAL4
	NO("no address", FRESH, LOCAL_ADDR, "its own address",
	   .given = B(LOCAL_PORT) | B(SECURE)),
	NO("no port", FRESH, LOCAL_PORT, "its own port",
	   .given = B(LOCAL_ADDR) | B(SECURE), HERE4),
	NO("0.0.0.0", FRESH, LOCAL_ADDR, "unicast", SEC(0), .local = V4(0, 0, 0, 0, 4)),
	NO("multicast", FRESH, LOCAL_ADDR, "unicast", SEC(0), .local = V4(224, 0, 0, 1, 4)),
	NO("broadcast", FRESH, LOCAL_ADDR, "unicast", SEC(0), .local = V4(255U, 255, 255, 255, 4)),
	NO("::", FRESH, LOCAL_ADDR, "unicast", SEC(0), .local = V6(0, 0, 4)),
	NO("IPv6 multicast", FRESH, LOCAL_ADDR, "unicast", SEC(0), .local = V6(0xff02, 1, 4)),
	NO("mapped IPv4", FRESH, LOCAL_ADDR, "unicast", SEC(0), .local = MAPPED(4)),
	NO("plain with an SA", FRESH, PLAIN, "not both",
	   .given = HERE | B(PLAIN) | B(IN_SA), HERE4, .in_sa = 1),
	NO("plain and secure", FRESH, PLAIN, "not both", SEC(B(PLAIN)), HERE4),
	NO("neither", FRESH, PLAIN, "must say plain or secure", .given = HERE, HERE4),
	NO("peer's port alone", FRESH, PEER_PORT, "needs peer-addr",
	   SEC(B(PEER_PORT)), HERE4, .peer = PEER4),
	NO("peer's address alone", FRESH, PEER_ADDR, "needs peer-port",
	   SEC(B(PEER_ADDR)), HERE4, .peer = PEER4),
	NO("peer of the other family", FRESH, PEER_ADDR, "not of the family",
	   SEC(PEER), HERE4, .peer = V6(0x2001, 2, 4)),
	NO("peer unspecified", FRESH, PEER_ADDR, "unspecified",
	   SEC(PEER), HERE4, .peer = V4(0, 0, 0, 0, 4)),
	NO("peer multicast", FRESH, PEER_ADDR, "unicast",
	   SEC(PEER), HERE4, .peer = V4(239, 1, 1, 1, 4)),
	NO("peer mapped IPv4", FRESH, PEER_ADDR, "unicast",
	   SEC(PEER), .local = LOCAL6, .peer = MAPPED(4)),
	NO("link-local peer", FRESH, PEER_ADDR, "needs a device",
	   SEC(PEER), .local = LOCAL6, .peer = V6(0xfe80, 2, 4)),
	NO("latch-addr alone", FRESH, LATCH_ADDR, "needs latch-prefix",
	   SEC(B(LATCH_ADDR)), HERE4, .latch_family = AF_INET),
	NO("latch-prefix alone", FRESH, LATCH_PREFIX, "needs latch-addr",
	   SEC(B(LATCH_PREFIX)), HERE4, .latch_prefix = 8),
	NO("latch-addr without latching", FRESH, LATCH_ADDR, "needs source latch",
	   SEC(PEER | NET), HERE4, .peer = PEER4, .latch_family = AF_INET),
	NO("latch-addr of the other family", FRESH, LATCH_ADDR, "not of the family",
	   SEC(NET), HERE4, .latch_family = AF_INET6),
	NO("latch-prefix of 33", FRESH, LATCH_PREFIX, "at most 32",
	   SEC(NET), HERE4, .latch_family = AF_INET, .latch_prefix = 33),
	NO("strict without a peer", FRESH, SOURCE, "need a peer",
	   SEC(B(SOURCE)), HERE4, .source = E2AE_SOURCE_RULE_STRICT),
	NO("any without a peer", FRESH, SOURCE, "need a peer",
	   SEC(B(SOURCE)), HERE4, .source = E2AE_SOURCE_RULE_ANY),
	NO("plain latching anywhere", FRESH, SOURCE, "plain leg latches only",
	   .given = HERE | B(PLAIN), HERE4),
	NO("no port after the last", FRESH, RTCP_MODE, "no port after 65535",
	   SEC(0), .local = V4(192, 0, 2, 1, 65535)),
	NO("explicit without a port", FRESH, RTCP_MODE, "needs rtcp-port",
	   SEC(B(RTCP_MODE)), HERE4, .rtcp_mode = E2AE_RTCP_MODE_EXPLICIT),
	NO("explicit on the RTP port", FRESH, RTCP_PORT, "that is rtcp-mode mux",
	   SEC(B(RTCP_MODE) | B(RTCP_PORT)), HERE4, .rtcp_port = 40000,
	   .rtcp_mode = E2AE_RTCP_MODE_EXPLICIT),
	NO("port without explicit", FRESH, RTCP_PORT, "needs rtcp-mode explicit",
	   SEC(B(RTCP_PORT)), HERE4, .rtcp_port = 40002),
	NO("RTCP peer's address with mux", FRESH, RTCP_PEER_ADDR, "is the RTP peer",
	   SEC(B(RTCP_MODE) | B(RTCP_PEER_ADDR) | B(RTCP_PEER_PORT)), HERE4,
	   .rtcp_mode = E2AE_RTCP_MODE_MUX, .rtcp_peer = PEER4),
	NO("RTCP peer's port with mux", FRESH, RTCP_PEER_PORT, "is the RTP peer",
	   SEC(B(RTCP_MODE) | B(RTCP_PEER_PORT)), HERE4,
	   .rtcp_mode = E2AE_RTCP_MODE_MUX, .rtcp_peer = PEER4),
	NO("RTCP peer's address alone", FRESH, RTCP_PEER_ADDR, "needs rtcp-peer-port",
	   SEC(B(RTCP_PEER_ADDR)), HERE4, .rtcp_peer = PEER4),
	NO("RTCP peer's port alone", FRESH, RTCP_PEER_PORT, "needs peer-addr",
	   SEC(B(RTCP_PEER_PORT)), HERE4, .rtcp_peer = PEER4),
	NO("RTCP peer multicast", FRESH, RTCP_PEER_ADDR, "unicast",
	   SEC(B(RTCP_PEER_ADDR) | B(RTCP_PEER_PORT)), HERE4,
	   .rtcp_peer = V4(224, 0, 0, 5, 6)),
	NO("secure leg made plain", SECURE, PLAIN, "stays secure", .given = B(PLAIN)),
	NO("plain leg made secure", PLAIN, SECURE, "stays plain", .given = B(SECURE)),
	NO("plain leg with an in-SA", PLAIN, IN_SA, "stays plain", .in_sa = 3),
	NO("plain leg with an out-SA", PLAIN, OUT_SA, "stays plain", .out_sa = 3),
	NO("another own address", SECURE, LOCAL_ADDR, "cannot change",
	   .given = B(LOCAL_ADDR), .local = V4(192, 0, 2, 2, 40000)),
	NO("another own port", SECURE, LOCAL_PORT, "cannot change",
	   .given = B(LOCAL_PORT), .local = V4(192, 0, 2, 1, 40002)),
	NO("strict before a peer is known", SECURE, SOURCE, "need a peer",
	   .given = B(SOURCE), .source = E2AE_SOURCE_RULE_STRICT),
	NO("plain leg latching anywhere", PLAIN, SOURCE, "plain leg latches only",
	   .given = B(SOURCE), LATCHING),
	NO("changed to explicit without a port", SECURE, RTCP_MODE, "needs rtcp-port",
	   .given = B(RTCP_MODE), .rtcp_mode = E2AE_RTCP_MODE_EXPLICIT),
};

static const struct e2ae_leg_spec starts[] = {
	[SECURE] = { SEC(0), HERE4 },
	[PLAIN] = { .given = HERE | PEER | B(PLAIN), HERE4, .peer = PEER4 },
	[EXPLICIT] = { SEC(B(RTCP_MODE) | B(RTCP_PORT)), HERE4, .rtcp_port = 41000,
		       .rtcp_mode = E2AE_RTCP_MODE_EXPLICIT },
};

/* clang-format on */

static void refusal_desc(const struct refusal *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusal, refusals, refusal_desc);

static void start(struct kunit *test, struct e2ae_leg_conf *conf,
		  enum start from)
{
	struct e2ae_refusal no = {};

	memset(conf, 0xee, sizeof(*conf));
	KUNIT_ASSERT_EQ_MSG(test,
			    e2ae_conf_new(conf, &starts[from],
					  E2AE_LEG_SIDE_ACCESS, &no),
			    0, "%s", no.why);
}

static int make(struct e2ae_leg_conf *conf, const struct e2ae_leg_spec *spec,
		enum e2ae_leg_side side)
{
	struct e2ae_refusal no;

	return e2ae_conf_new(conf, spec, side, &no);
}

static int change(struct e2ae_leg_conf *conf, const struct e2ae_leg_spec *spec)
{
	struct e2ae_refusal no;

	return e2ae_conf_set(conf, spec, E2AE_LEG_SIDE_ACCESS, &no);
}

static void refused_with_attribute_and_sentence(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct e2ae_refusal no = { .side = -9, .attr = -9 };
	struct e2ae_leg_conf conf;
	int err;

	if (r->start == FRESH) {
		err = e2ae_conf_new(&conf, &r->spec, r->side, &no);
	} else {
		start(test, &conf, r->start);
		err = e2ae_conf_set(&conf, &r->spec, r->side, &no);
	}
	KUNIT_ASSERT_EQ(test, err, -EINVAL);
	KUNIT_EXPECT_EQ(test, no.attr, r->attr);
	KUNIT_EXPECT_EQ(test, no.side, r->side);
	KUNIT_ASSERT_NOT_NULL(test, no.why);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(no.why, r->why), "'%s' in '%s'",
			      r->why, no.why);
}

static void secure_leg_without_a_peer_latches(struct kunit *test)
{
	static const struct e2ae_sockaddr rtcp = V4(192, 0, 2, 1, 40001);
	struct e2ae_leg_conf conf;

	start(test, &conf, SECURE);
	KUNIT_EXPECT_TRUE(test, conf.secure);
	KUNIT_EXPECT_EQ(test, conf.source, E2AE_SOURCE_RULE_LATCH);
	KUNIT_EXPECT_EQ(test, conf.nonmedia, E2AE_NONMEDIA_RULE_DROP);
	KUNIT_EXPECT_EQ(test, conf.rtcp_mode, E2AE_RTCP_MODE_NEXT);
	KUNIT_EXPECT_TRUE(test, e2ae_sockaddr_equal(&conf.rtcp_local, &rtcp));
	KUNIT_EXPECT_EQ(test, conf.peer.family, 0);
	KUNIT_EXPECT_EQ(test, conf.rtcp_peer.family, 0);
	KUNIT_EXPECT_EQ(test, conf.dscp, E2AE_DSCP_KEEP);
	KUNIT_EXPECT_EQ(test, conf.mark, 0);
	KUNIT_EXPECT_EQ(test, conf.ifindex, 0);
	KUNIT_EXPECT_FALSE(test, conf.has_net);
}

static void leg_with_a_peer_is_strict(struct kunit *test)
{
	static const struct e2ae_sockaddr next = V4(198, 51, 100, 7, 50001);
	struct e2ae_leg_conf conf;

	start(test, &conf, PLAIN);
	KUNIT_EXPECT_FALSE(test, conf.secure);
	KUNIT_EXPECT_EQ(test, conf.source, E2AE_SOURCE_RULE_STRICT);
	KUNIT_EXPECT_TRUE(test, e2ae_sockaddr_equal(&conf.rtcp_peer, &next));
}

static void core_leg_is_plain_unless_it_has_sas(struct kunit *test)
{
	struct e2ae_leg_spec spec = { .given = HERE | PEER,
				      HERE4,
				      .peer = PEER4 };
	struct e2ae_leg_conf conf;

	KUNIT_ASSERT_EQ(test, make(&conf, &spec, E2AE_LEG_SIDE_CORE), 0);
	KUNIT_EXPECT_FALSE(test, conf.secure);
	spec.out_sa = 5;
	KUNIT_ASSERT_EQ(test, make(&conf, &spec, E2AE_LEG_SIDE_CORE), 0);
	KUNIT_EXPECT_TRUE(test, conf.secure);
}

static void no_rtcp_peer_follows_port_65535(struct kunit *test)
{
	struct e2ae_leg_spec spec = { SEC(PEER), HERE4,
				      .peer = V4(198, 51, 100, 7, 65535) };
	struct e2ae_leg_conf conf;

	KUNIT_ASSERT_EQ(test, make(&conf, &spec, E2AE_LEG_SIDE_ACCESS), 0);
	KUNIT_EXPECT_EQ(test, conf.rtcp_peer.family, 0);
	KUNIT_EXPECT_EQ(test, conf.peer.family, AF_INET);
}

static void new_peer_takes_its_rtcp_along(struct kunit *test)
{
	static const struct e2ae_leg_spec move = {
		.given = PEER,
		.peer = V4(203, 0, 113, 1, 6000),
	};
	static const struct e2ae_leg_spec mux = {
		.given = B(RTCP_MODE),
		.rtcp_mode = E2AE_RTCP_MODE_MUX,
	};
	struct e2ae_leg_conf conf;

	start(test, &conf, PLAIN);
	KUNIT_ASSERT_EQ(test, change(&conf, &move), 0);
	KUNIT_EXPECT_EQ(test, ntohs(conf.rtcp_peer.port), 6001);
	KUNIT_EXPECT_EQ(test, ntohl(conf.rtcp_peer.addr.ip), 0xcb007101);
	KUNIT_ASSERT_EQ(test, change(&conf, &mux), 0);
	KUNIT_EXPECT_TRUE(test,
			  e2ae_sockaddr_equal(&conf.rtcp_peer, &move.peer));
	KUNIT_EXPECT_TRUE(test,
			  e2ae_sockaddr_equal(&conf.rtcp_local, &conf.local));
}

static void setting_nothing_changes_nothing(struct kunit *test)
{
	static const struct e2ae_leg_spec nothing;
	struct e2ae_leg_conf conf, before;
	enum start from;

	for (from = SECURE; from <= EXPLICIT; from++) {
		memset(&before, 0, sizeof(before));
		start(test, &conf, from);
		memcpy(&before, &conf, sizeof(before));
		KUNIT_ASSERT_EQ(test, change(&conf, &nothing), 0);
		KUNIT_EXPECT_MEMEQ(test, &conf, &before, sizeof(conf));
	}
	KUNIT_EXPECT_EQ(test, ntohs(conf.rtcp_local.port), 41000);
}

static void
prefix_of_32_and_link_local_with_a_device_are_fine(struct kunit *test)
{
	struct e2ae_leg_spec net = { .given = HERE | NET | B(PLAIN),
				     HERE4,
				     .latch_family = AF_INET,
				     .latch_prefix = 32 };
	struct e2ae_leg_spec local = { SEC(PEER | B(IFINDEX)), .ifindex = 2,
				       .local = LOCAL6,
				       .peer = V6(0xfe80, 2, 4) };
	struct e2ae_leg_conf conf;

	KUNIT_ASSERT_EQ(test, make(&conf, &net, E2AE_LEG_SIDE_ACCESS), 0);
	KUNIT_EXPECT_TRUE(test, conf.has_net);
	KUNIT_EXPECT_EQ(test, conf.prefix, 32);
	KUNIT_EXPECT_EQ(test, make(&conf, &local, E2AE_LEG_SIDE_ACCESS), 0);
}

static void expect_pair(struct kunit *test, const struct e2ae_leg_conf *access,
			const struct e2ae_leg_conf *core, int side, int attr)
{
	struct e2ae_refusal no = { .side = -9, .attr = -9 };

	KUNIT_EXPECT_EQ(test, e2ae_conf_pair(access, core, &no), -EINVAL);
	KUNIT_EXPECT_EQ(test, no.side, side);
	KUNIT_EXPECT_EQ(test, no.attr, attr);
}

static void stream_may_not_send_to_itself(struct kunit *test)
{
	struct e2ae_leg_conf access, core, bad;
	struct e2ae_refusal no;

	start(test, &access, SECURE);
	start(test, &core, PLAIN);
	core.local.port = htons(42000);
	core.rtcp_local.port = htons(42001);
	KUNIT_EXPECT_EQ(test, e2ae_conf_pair(&access, &core, &no), 0);

	bad = core;
	bad.local = access.rtcp_local;
	expect_pair(test, &access, &bad, E2AE_LEG_SIDE_CORE, A(LOCAL_PORT));
	bad = core;
	bad.rtcp_local = access.local;
	expect_pair(test, &access, &bad, E2AE_LEG_SIDE_CORE, A(LOCAL_PORT));
	bad = core;
	bad.peer = access.local;
	expect_pair(test, &access, &bad, E2AE_LEG_SIDE_CORE, A(PEER_ADDR));
	bad = core;
	bad.rtcp_peer = core.rtcp_local;
	expect_pair(test, &access, &bad, E2AE_LEG_SIDE_CORE, A(RTCP_PEER_ADDR));
	bad = access;
	bad.peer = core.rtcp_local;
	expect_pair(test, &bad, &core, E2AE_LEG_SIDE_ACCESS, A(PEER_ADDR));
}

static struct kunit_case conf_cases[] = {
	KUNIT_CASE_PARAM(refused_with_attribute_and_sentence,
			 refusal_gen_params),
	KUNIT_CASE(secure_leg_without_a_peer_latches),
	KUNIT_CASE(leg_with_a_peer_is_strict),
	KUNIT_CASE(core_leg_is_plain_unless_it_has_sas),
	KUNIT_CASE(no_rtcp_peer_follows_port_65535),
	KUNIT_CASE(new_peer_takes_its_rtcp_along),
	KUNIT_CASE(setting_nothing_changes_nothing),
	KUNIT_CASE(prefix_of_32_and_link_local_with_a_device_are_fine),
	KUNIT_CASE(stream_may_not_send_to_itself),
	{}
};

static struct kunit_suite conf_suite = {
	.name = "e2ae_conf",
	.test_cases = conf_cases,
};

kunit_test_suite(conf_suite);
