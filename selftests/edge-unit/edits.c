// SPDX-License-Identifier: GPL-2.0
/* What the P-CSCF changes in a message, octet by octet. */
#include "../keying/ktap.h"
#include "fake.h"

#define VIA "Via: SIP/2.0/TLS 10.0.0.9:4711;branch=z9hG4bK1\r\n"
#define REST                                          \
	"f: <sip:alice@home1.net>;tag=a\r\n"          \
	"t:   <sip:bob@home1.net>\r\n"                \
	"i: x\r\nCSeq: 1 MESSAGE\r\nX-Odd:  a ,b\r\n" \
	"Content-Length: 2\r\n\r\nhi"
#define TOKEN "abcdefghijklmnopqrstuvwx"

static struct sip_msg msg;
static char out[SIP_ROOM], raw[SIP_ROOM];

/* A MESSAGE with these lines after Via. */
static void read_request(const char *lines)
{
	int n = snprintf(raw, sizeof(raw),
			 "MESSAGE sip:bob@home1.net SIP/2.0\r\n" VIA "%s" REST,
			 lines);

	EQUAL(sip_msg_parse(&msg, raw, n, true), 0);
}

static void read_response(const char *lines)
{
	int n = snprintf(raw, sizeof(raw), "SIP/2.0 401 No\r\n" VIA "%s" REST,
			 lines);

	EQUAL(sip_msg_parse(&msg, raw, n, true), 0);
}

static void shows(const char *first, const char *lines, const char *rest)
{
	char want[SIP_ROOM];
	size_t used;
	int n = snprintf(want, sizeof(want), "%s" VIA "%s%s", first, lines,
			 rest);

	EQUAL(sip_msg_write(&msg, out, sizeof(out), &used), 0);
	if (used == (size_t)n && !memcmp(out, want, n))
		return;
	ktap_failed++;
	printf("# got:\n# %.*s\n# want:\n# %s\n", (int)used, out, want);
}

static void is_request(const char *lines, const char *more)
{
	char rest[1024];

	/* What is added stands before the empty line. */
	snprintf(rest, sizeof(rest), "%.*s%s\r\nhi",
		 (int)(sizeof(REST) - 1 - 4), REST, more);
	shows("MESSAGE sip:bob@home1.net SIP/2.0\r\n", lines, rest);
}

static void is_response(const char *lines)
{
	shows("SIP/2.0 401 No\r\n", lines, REST);
}

static void from_ue(struct edge *edge, const char *lines)
{
	struct edge_in in = { .edge = edge, .flow = &fake_ue, .msg = &msg };

	in.reg = reg_by_flow(&fake_ue);
	read_request(lines);
	EQUAL(identity_from_ue(&in), 0);
}

static void asserted(void)
{
	struct edge *edge = fake_edge();

	fake_reg(edge, NULL);
	from_ue(edge, "P-Asserted-Identity: <sip:eve@home1.net>\r\n"
		      "P-Access-Network-Info: 3GPP-UTRAN\r\n");
	is_request("P-Access-Network-Info: 3GPP-UTRAN\r\n",
		   "P-Asserted-Identity: <sip:alice@home1.net>\r\n");
	from_ue(edge, "P-Preferred-Identity: \"A\" <tel:+4930123456>\r\n"
		      "Privacy: id\r\n");
	is_request("Privacy: id\r\n",
		   "P-Asserted-Identity: <tel:+4930123456>\r\n");
	from_ue(edge, "P-Preferred-Identity: <sip:bob@home1.net>\r\n");
	is_request("", "P-Asserted-Identity: <sip:alice@home1.net>\r\n");
	fake_edge_free(edge);
}

static void agreement_ends(void)
{
	struct edge *edge = fake_edge();

	fake_reg(edge, NULL);
	from_ue(edge, "Security-Client: sdes-srtp;mediasec\r\n"
		      "Require: sec-agree , mediasec\r\n"
		      "Proxy-Require: foo,mediasec, bar\r\n"
		      "Security-Verify: sdes-srtp;mediasec\r\n"
		      "P-Charging-Vector: icid-value=1\r\n");
	is_request("Proxy-Require: foo, bar\r\n",
		   "P-Asserted-Identity: <sip:alice@home1.net>\r\n");
	fake_edge_free(edge);
}

static void to_ue(void)
{
	read_request("P-Charging-Vector: icid-value=1\r\n"
		     "P-Asserted-Identity: <sip:bob@home1.net>\r\n"
		     "Security-Server: sdes-srtp;mediasec\r\n"
		     "Privacy: user; id\r\n");
	identity_to_ue(&msg);
	is_request("Privacy: user; id\r\n", "");
	read_request("P-Asserted-Identity: <sip:bob@home1.net>\r\n"
		     "Privacy: none\r\n");
	identity_to_ue(&msg);
	is_request("P-Asserted-Identity: <sip:bob@home1.net>\r\n"
		   "Privacy: none\r\n",
		   "");
}

static void integrity(void)
{
	read_request("Authorization: Digest username=\"a\",integrity-protected="
		     "\"yes\" ,  nonce=\"\",response=\"\"\r\n");
	EQUAL(aka_set_integrity(&msg, "no"), 0);
	is_request("Authorization: Digest username=\"a\" ,  nonce=\"\","
		   "response=\"\", integrity-protected=\"no\"\r\n",
		   "");
	read_request("Authorization: Bearer abc\r\n");
	EQUAL(aka_set_integrity(&msg, "no"), 0);
	is_request("Authorization: Bearer abc\r\n", "");
}

#define NONCE "I1U8vpY3qJ0hiuZNrke/NU5CWjQvJQAAtt6WKg8K8AA="
#define KEYS                                          \
	"ck=\"b40ba9a3c58b2a05bbf0d987b21bf8cb\",ik=" \
	"\"f769bcd751044604127672711c6d3441\""

static struct reg_step step(struct edge *edge)
{
	return (struct reg_step){ .edge = edge,
				  .flow = &fake_ue,
				  .impi = (char *)"alice_private@home1.net" };
}

static void keys_stay(void)
{
	struct edge *edge = fake_edge();
	struct reg_step one = step(edge);
	struct reg *reg = fake_reg(edge, NULL);
	static const uint8_t want[] = { 0xaf, 0xf7, 0xea, 0xf6 };

	read_response("WWW-Authenticate: Digest realm=\"h\", nonce=\"" NONCE
		      "\", algorithm=AKAv1-MD5," KEYS ", qop=\"auth\"\r\n");
	EQUAL(aka_take(&one, &msg, true), 0);
	is_response("WWW-Authenticate: Digest realm=\"h\", nonce=\"" NONCE
		    "\", algorithm=AKAv1-MD5, qop=\"auth\"\r\n");
	EQUAL(reg->n_kmm, 0);

	/* Somebody else's answer, an old nonce, and then the right one. */
	read_request("Authorization: Digest nonce=\"" NONCE "\"\r\n");
	CHECK(!aka_answered(edge, &fake_core, one.impi, &msg));
	CHECK(!aka_answered(edge, &fake_ue, "eve", &msg));
	read_request("Authorization: Digest nonce=\"AAAA\"\r\n");
	CHECK(!aka_answered(edge, &fake_ue, one.impi, &msg));
	read_request("Authorization: Digest nonce=\"" NONCE "\"\r\n");
	one.answered = aka_answered(edge, &fake_ue, one.impi, &msg);
	CHECK(one.answered && one.answered->keys);
	CHECK(!aka_answered(edge, &fake_ue, one.impi, &msg));
	EQUAL(aka_keys(reg, &one), 0);
	EQUAL(reg->n_kmm, 1);
	CHECK(!memcmp(reg->kmm[0].octets, want, sizeof(want)));
	aka_free(one.answered);
	fake_edge_free(edge);
	EQUAL(fake_ue.holds, 0);
}

static void keys_go(void)
{
	struct edge *edge = fake_edge();
	struct reg_step one = step(edge);
	struct aka *aka;

	/* The core is not protected: nothing is kept, nothing passes. */
	read_response("WWW-Authenticate: Digest " KEYS ",nonce=\"" NONCE
		      "\"\r\n");
	EQUAL(aka_take(&one, &msg, false), 0);
	is_response("WWW-Authenticate: Digest nonce=\"" NONCE "\"\r\n");
	read_request("Authorization: Digest nonce=\"" NONCE "\"\r\n");
	aka = aka_answered(edge, &fake_ue, one.impi, &msg);
	CHECK(aka && !aka->keys);
	aka_free(aka);

	/* auts asks for another challenge. */
	read_response("WWW-Authenticate: Digest " KEYS ",nonce=\"" NONCE
		      "\"\r\n");
	EQUAL(aka_take(&one, &msg, true), 0);
	read_request("Authorization: Digest nonce=\"" NONCE
		     "\", auts=\"AAAA\"\r\n");
	aka = aka_answered(edge, &fake_ue, one.impi, &msg);
	CHECK(!aka);

	/* What cannot be read does not pass. */
	read_response("WWW-Authenticate: Digest nonce=\"" NONCE "\" " KEYS
		      "\r\n");
	CHECK(aka_take(&one, &msg, true) < 0);
	fake_edge_free(edge);
	EQUAL(fake_ue.holds, 0);
}

/* What a UE may hear of a challenge that is not Digest, or not to be read. */
static void keys_hidden(void)
{
	static const char *const bad[] = {
		"Digest nonce=\"x\" " KEYS,
		"Digest nonce=\"x\", Digest realm=\"h\"," KEYS,
		"AKA " KEYS,
		"=Digest CK =\"b40b\"",
		"X nonce=\"x\",IK\t=1",
	};
	struct edge *edge = fake_edge();
	struct reg_step one = step(edge);
	char line[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(line, sizeof(line), "WWW-Authenticate: %s\r\n",
			 bad[i]);
		read_response(line);
		CHECK(aka_take(&one, &msg, true) < 0);
		snprintf(line, sizeof(line), "Proxy-Authenticate: %s\r\n",
			 bad[i]);
		read_response(line);
		CHECK(aka_take(&one, &msg, true) < 0);
		aka_hide(&msg);
		is_response("");
	}
	read_response("Proxy-Authenticate: Digest CK=\"1\" , ck=2, nonce=\"x\","
		      "Ik=2\r\nWWW-Authenticate: Negotiate YWJjaWs=\r\n");
	aka_hide(&msg);
	is_response("Proxy-Authenticate: Digest nonce=\"x\"\r\n"
		    "WWW-Authenticate: Negotiate YWJjaWs=\r\n");
	fake_edge_free(edge);
	EQUAL(fake_ue.holds, 0);
}

/* Whom a REGISTER says to be from, to every reader alike. */
static void impi(void)
{
	static const struct {
		const char *lines;
		const char *want;
	} cases[] = {
		{ "", "bob@home1.net" },
		{ "Authorization: Digest username=\"a\", nonce=\"\"\r\n", "a" },
		{ "authorization : dIgEsT\r\n\tusername=\"a\"\r\n", "a" },
		{ "Authorization: Digest username=\"a\",username=\"b\"\r\n",
		  NULL },
		{ "Authorization: Digest username=\"a\",UserName=b\r\n", NULL },
		{ "Authorization: Digest username=\"a\"\r\n"
		  "Authorization: Digest username=\"b\"\r\n",
		  NULL },
		{ "Authorization: Digest username=\"a\", Digest username=b\r\n",
		  NULL },
		{ "Authorization: Digest username=\"a\" "
		  "integrity-protected=yes\r\n",
		  NULL },
		{ "Authorization: =Digest username=\"a\"\r\n", NULL },
		{ "Authorization: Bearer integrity-protected=yes\r\n", NULL },
		{ "Authorization:\r\n", NULL },
	};
	char got[REG_IMPI_ROOM];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		read_request(cases[i].lines);
		EQUAL(aka_impi(&msg, got, sizeof(got)) == 0, !!cases[i].want);
		if (cases[i].want)
			CHECK(!strcmp(got, cases[i].want));
	}
}

static void verify(struct edge *edge, const char *value, unsigned int status)
{
	struct edge_in in = { .edge = edge, .flow = &fake_ue, .msg = &msg };
	char line[512];

	snprintf(line, sizeof(line), "%s%s%s", value ? "Security-Verify: " : "",
		 value ? value : "", value ? "\r\n" : "");
	read_request(line);
	fake_status = 0;
	CHECK(agree_verify(&in) == !status);
	EQUAL(fake_status, status);
}

#define OURS                                               \
	"sdes-srtp;mediasec, "                             \
	"e2ae-mikey;mediasec;id=\"pcscf1.visited1.net\", " \
	"e2ae-msrp-psk;mediasec;id=\"pcscf1.visited1.net\""

static void verified(void)
{
	struct edge *edge = fake_edge();

	verify(edge, NULL, 0);
	verify(edge, OURS, 0);
	verify(edge,
	       "sdes-srtp ; mediasec\r\n"
	       "Security-Verify: e2ae-mikey;id=pcscf1.visited1.net;mediasec\r\n"
	       "Security-Verify: e2ae-msrp-psk;mediasec;id=\"pcscf1.visited1.net\"",
	       0);
	verify(edge, "sdes-srtp;mediasec", 494);
	verify(edge,
	       "sdes-srtp;mediasec, e2ae-mikey;mediasec;id=\"pcscf1.visited1.net\"",
	       494);
	verify(edge, "sdes-srtp;mediasec, e2ae-mikey;mediasec;id=\"evil\"",
	       494);
	verify(edge, OURS ", tls", 494);
	fake_edge_free(edge);
}

static void routes(void)
{
	struct edge *edge = fake_edge();
	char token[ROUTE_TOKEN_ROOM], mark[MARK_ROOM];

	read_request("Route: <sip:" TOKEN "@10.0.0.1:5061;transport=tls;lr>,"
		     "<sip:" TOKEN "@10.1.0.1:5060;lr> , <sip:scscf;lr>\r\n");
	EQUAL(route_pop_ours(edge, &msg, token, mark), 2);
	CHECK(!strcmp(token, TOKEN));
	is_request("Route: <sip:scscf;lr>\r\n", "");

	/* The next pass, for another UE. */
	read_request("Route: <sip:" TOKEN "@10.1.0.1:5060;lr>, "
		     "<sip:Abcdefghijklmnopqrstuvwx@10.1.0.1;lr>\r\n");
	EQUAL(route_pop_ours(edge, &msg, token, mark), 1);
	is_request("Route: <sip:Abcdefghijklmnopqrstuvwx@10.1.0.1;lr>\r\n", "");

	read_request("Max-Forwards: 1\r\n");
	EQUAL(route_forwards(&msg), 0);
	is_request("Max-Forwards: 0\r\n", "");
	read_request("Max-Forwards: 0\r\n");
	CHECK(route_forwards(&msg) < 0);
	fake_edge_free(edge);
}

static void service_route(void)
{
	static const char routes_of_home[] =
		"<sip:orig@scscf1.home1.net;lr>, <sip:ibcf.home1.net;lr>";
	struct edge *edge = fake_edge();
	struct reg *reg = fake_reg(edge, routes_of_home);

	read_request("Route: <sip:orig@scscf1.home1.net;lr>\r\n"
		     "Route: <sip:ibcf.home1.net;lr>\r\n");
	CHECK(reg_service_route_is(reg, &msg));
	read_request("Route: <sip:orig@scscf1.home1.net;lr>\r\n");
	CHECK(!reg_service_route_is(reg, &msg));
	read_request("Route: <sip:ibcf.home1.net;lr>\r\n"
		     "Route: <sip:orig@scscf1.home1.net;lr>\r\n");
	CHECK(!reg_service_route_is(reg, &msg));
	read_request("");
	CHECK(!reg_service_route_is(reg, &msg));
	EQUAL(reg_add_service_route(reg, &msg), 0);
	CHECK(reg_service_route_is(reg, &msg));
	fake_edge_free(edge);
}

static void recorded(void)
{
	struct edge *edge = fake_edge();
	struct hop hop = { .edge = edge, .token = TOKEN, .in = &fake_ue };
	size_t used = 0;

	EQUAL(route_via_write(&fake_core, "z9hG4bKq", out, sizeof(out), &used),
	      0);
	EQUAL(route_record_write(&hop, &fake_core, out, sizeof(out), &used), 0);
	out[used] = 0;
	CHECK(!strcmp(out,
		      "Via: SIP/2.0/UDP 10.1.0.1:5060;branch=z9hG4bKq;rport\r\n"
		      "Record-Route: <sip:" TOKEN "@10.1.0.1:5060;lr>\r\n"
		      "Record-Route: <sip:" TOKEN
		      "@10.0.0.1:5061;transport=tls;lr>\r\n"));
	fake_edge_free(edge);
}

#define REGINFO(inside)                                           \
	"<?xml version=\"1.0\"?><reginfo "                        \
	"xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"1\" " \
	"state=\"full\">" inside "</reginfo>"
#define CONTACT(state, uri)                                         \
	"<contact id=\"c\" state=\"" state "\" event=\"rejected\">" \
	"<uri>" uri "</uri></contact>"
#define ALICE(state, inside)                                                \
	"<registration aor=\"sip:alice@home1.net\" id=\"r\" state=\"" state \
	"\">" inside "</registration>"

static void network_ends(void)
{
	struct edge *edge = fake_edge();
	const struct reg *reg = fake_reg(edge, NULL);
	static const struct {
		const char *xml;
		bool gone;
	} cases[] = {
		{ REGINFO(ALICE("active",
				CONTACT("active", "sip:alice@10.0.0.9:4711"))),
		  false },
		{ REGINFO(ALICE("active", CONTACT("terminated",
						  "sip:alice@10.0.0.9:4711"))),
		  true },
		{ REGINFO(ALICE("active",
				CONTACT("terminated", "sip:alice@10.0.0.8"))),
		  false },
		{ REGINFO(ALICE("terminated", "")), true },
		{ REGINFO("<registration aor=\"sip:bob@home1.net\" id=\"r\" "
			  "state=\"terminated\"/>"),
		  false },
		{ "<!DOCTYPE x [<!ENTITY e \"e\">]>" REGINFO(
			  ALICE("terminated", "")),
		  false },
		{ "<reginfo>" ALICE("terminated", ""), false },
		{ "", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EQUAL(info_says_gone(reg, sdp_text_of(cases[i].xml)),
		      cases[i].gone);
	fake_edge_free(edge);
}

static char told[8192];

static void note(void *arg, const char *line)
{
	(void)arg;
	snprintf(told, sizeof(told), "%s", line);
}

static void escaped(void)
{
	char big[5000];
	struct tell tell;

	tell_begin(&tell);
	tell_string(&tell, "a", "x\"\\\r\n\x01\xff");
	memset(big, 1, sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	tell_string(&tell, "big", big);
	tell_number(&tell, "n", 5);
	tell_flag(&tell, "f", true);
	tell_end(&tell, note, NULL);
	CHECK(!strcmp(told, "{\"a\":\"x\\\"\\\\\\u000d\\u000a\\u0001\\u00ff\","
			    "\"n\":5,\"f\":true}"));
}

static void bounded(void)
{
	struct edge *edge = fake_edge();
	struct net_flow flows[1100] = { 0 };
	struct reg_step one = step(edge);
	size_t i, n = ARRAY_SIZE(flows), held = 0;

	for (i = 0; i < n; i++) {
		flows[i].id = 100 + i;
		one.flow = &flows[i];
		read_response("WWW-Authenticate: Digest " KEYS ",nonce=\"" NONCE
			      "\"\r\n");
		EQUAL(aka_take(&one, &msg, true), 0);
	}
	for (i = 0; i < n; i++)
		held += flows[i].holds;
	EQUAL(held, edge->regs->most_challenges);
	EQUAL(flows[0].holds, 0);
	EQUAL(flows[n - 1].holds, 1);
	fake_edge_free(edge);
	for (held = 0, i = 0; i < n; i++)
		held += flows[i].holds;
	EQUAL(held, 0);
	CHECK(sizeof(struct reg) < 1024);
}

static const struct ktap_test tests[] = {
	{ "a UE's identity is one that it registered", asserted },
	{ "a security agreement ends at the P-CSCF", agreement_ends },
	{ "a UE hears what is for it, and no hidden identity", to_ue },
	{ "integrity-protected is ours, all else of it the UE's", integrity },
	{ "CK and IK count for the flow, identity and nonce they were for",
	  keys_stay },
	{ "CK and IK are taken out, or the challenge does not pass", keys_go },
	{ "CK and IK are hidden in whatever challenge they are", keys_hidden },
	{ "a REGISTER whose Authorization readers could differ on is none",
	  impi },
	{ "Security-Verify is what was offered, or 494", verified },
	{ "our Routes go, others stay", routes },
	{ "a request follows the whole Service-Route", service_route },
	{ "Record-Route has a URI for each side", recorded },
	{ "the network ends this binding and no other", network_ends },
	{ "what the operator is shown is JSON, whatever peers send", escaped },
	{ "challenges without answer are bounded", bounded },
};
KTAP_MAIN(tests)
