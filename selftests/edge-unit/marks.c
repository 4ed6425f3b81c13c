// SPDX-License-Identifier: GPL-2.0
/* Ways of dialogs that are no calls: marks of route sets, and strict routers. */
#include "../keying/ktap.h"
#include "fake.h"

#define VIA   "Via: SIP/2.0/TLS 10.0.0.9:4711;branch=z9hG4bK1\r\n"
#define TOKEN "abcdefghijklmnopqrstuvwx"

static struct sip_msg msg;
static char out[SIP_ROOM], raw[SIP_ROOM];

#define OURS_CORE "<sip:" TOKEN "@10.1.0.1:5060;lr>"
#define OURS_UE	  "<sip:" TOKEN "@10.0.0.1:5061;transport=tls;lr>"
#define CORE_ONE  "<sip:orig@scscf1.home1.net;lr;transport=tcp;x=1>"
#define CORE_TWO  "<sip:as2.home1.net:5070;lr>"

/* Of a response to a SUBSCRIBE with these Record-Routes: the mark that is put in. */
static void marked(struct edge *edge, const char *records, char mark[MARK_ROOM])
{
	struct hop hop = { .edge = edge, .token = TOKEN, .in = &fake_ue };
	int n = snprintf(raw, sizeof(raw),
			 "SIP/2.0 200 OK\r\n" VIA "%s"
			 "Contact: <sip:as@10.1.0.7:5080>\r\n"
			 "f: <sip:alice@home1.net>;tag=a\r\n"
			 "t: <sip:bob@home1.net>;tag=b\r\n"
			 "i: x\r\nCSeq: 1 SUBSCRIBE\r\n"
			 "Content-Length: 0\r\n\r\n",
			 records);
	struct sip_at at = { 0 };
	struct sip_addr addr;
	struct sdp_text value;

	EQUAL(sip_msg_parse(&msg, raw, n, true), 0);
	EQUAL(mark_response(&hop, &msg), 0);
	mark[0] = 0;
	while (sip_element_next(&msg, "Record-Route", &at) > 0) {
		EQUAL(sip_addr_parse(at.text, &addr), 0);
		if (sip_uri_param(&addr.uri, MARK_NAME, &value) <= 0)
			continue;
		CHECK(!mark[0]);
		CHECK(sip_same(addr.uri.host.host, sdp_text_of("10.0.0.1")));
		EQUAL(value.len, MARK_ROOM - 1);
		snprintf(mark, MARK_ROOM, "%.*s", (int)value.len, value.at);
	}
}

/* Does a request with this below our own Routes follow the way of the mark? */
static bool follows(struct edge *edge, const char *uri, const char *mark,
		    const char *id, const char *route)
{
	struct edge_in in = { .edge = edge, .flow = &fake_ue, .msg = &msg };
	int n = snprintf(raw, sizeof(raw),
			 "SUBSCRIBE %s SIP/2.0\r\n" VIA "Route: <sip:" TOKEN
			 "@10.0.0.1:5061;transport=tls;lr;m=%s>, " OURS_CORE
			 "\r\n%sf: <sip:alice@home1.net>;tag=a\r\n"
			 "t: <sip:bob@home1.net>;tag=b\r\n"
			 "i: %s\r\nCSeq: 2 SUBSCRIBE\r\n"
			 "Content-Length: 0\r\n\r\n",
			 uri, mark, route, id);

	in.reg = reg_by_flow(&fake_ue);
	EQUAL(sip_msg_parse(&msg, raw, n, true), 0);
	EQUAL(route_pop_ours(edge, &msg, in.token, in.mark), 2);
	return mark_good(&in);
}

#define TARGET "sip:as@10.1.0.7:5080"

static void marks(void)
{
	struct edge *edge = fake_edge();
	char mark[MARK_ROOM], other[MARK_ROOM], none[MARK_ROOM];

	fake_reg(edge, NULL);
	marked(edge,
	       "Record-Route: " CORE_TWO "," CORE_ONE ", " OURS_CORE
	       "\r\nRecord-Route: " OURS_UE "\r\n",
	       none);
	CHECK(!none[0]); /* no secret, no mark */
	EQUAL(mark_start(edge), 0);
	marked(edge,
	       "Record-Route: " CORE_TWO "," CORE_ONE ", " OURS_CORE
	       "\r\nRecord-Route: " OURS_UE "\r\n",
	       mark);
	CHECK(follows(edge, TARGET, mark, "x",
		      "Route: " CORE_ONE "\r\nRoute: " CORE_TWO "\r\n"));
	/* As another stack writes the same, and to another user there. */
	CHECK(follows(
		edge, "sip:moved@elsewhere.home1.net", mark, "x",
		"Route: <sip:orig@SCSCF1.home1.net;x=1;transport=TCP;lr=on>"
		" , " CORE_TWO "\r\n"));
	CHECK(!follows(edge, TARGET, mark, "x",
		       "Route: " CORE_TWO "," CORE_ONE "\r\n"));
	CHECK(!follows(edge, TARGET, mark, "x", "Route: " CORE_ONE "\r\n"));
	CHECK(!follows(edge, TARGET, mark, "x", "Route: " CORE_TWO "\r\n"));
	CHECK(!follows(edge, TARGET, mark, "x", ""));
	CHECK(!follows(edge, TARGET, mark, "y",
		       "Route: " CORE_ONE "," CORE_TWO "\r\n"));
	CHECK(!follows(
		edge, TARGET, mark, "x",
		"Route: <sip:term@scscf1.home1.net;lr;transport=tcp;x=1>," CORE_TWO
		"\r\n"));
	CHECK(!follows(edge, TARGET, "", "x",
		       "Route: " CORE_ONE "," CORE_TWO "\r\n"));
	mark[3] = mark[3] == 'A' ? 'B' : 'A';
	CHECK(!follows(edge, TARGET, mark, "x",
		       "Route: " CORE_ONE "," CORE_TWO "\r\n"));

	/* No proxy stays: it is the target's place that counts. */
	marked(edge, "Record-Route: " OURS_CORE "," OURS_UE "\r\n", other);
	CHECK(follows(edge, TARGET, other, "x", ""));
	CHECK(follows(edge, "sip:refreshed@10.1.0.7:5080;x=y", other, "x", ""));
	CHECK(!follows(edge, "sip:as@10.1.0.8:5080", other, "x", ""));
	CHECK(!follows(edge, "sip:as@10.1.0.7", other, "x", ""));
	CHECK(!follows(edge, "sip:as@10.1.0.7:5080;maddr=10.1.0.8", other, "x",
		       ""));
	CHECK(!follows(edge, TARGET, other, "x", "Route: " CORE_ONE "\r\n"));
	fake_edge_free(edge);
}

static char of_core[] =
	"SUBSCRIBE sip:alice@10.0.0.9:4711 SIP/2.0\r\n" VIA
	"Record-Route: " CORE_ONE ", " CORE_TWO "\r\n"
	"f: <sip:bob@home1.net>;tag=b\r\nt: <sip:alice@home1.net>\r\n"
	"i: x\r\nCSeq: 1 SUBSCRIBE\r\nContent-Length: 0\r\n\r\n";

static void mark_of_request(void)
{
	struct edge *edge = fake_edge();
	struct edge_in in = { .edge = edge, .flow = &fake_core, .msg = &msg };
	struct hop hop = { .edge = edge, .token = TOKEN, .in = &fake_core };
	size_t used = 0;

	fake_reg(edge, NULL);
	EQUAL(mark_start(edge), 0);
	EQUAL(sip_msg_parse(&msg, of_core, sizeof(of_core) - 1, true), 0);
	mark_request(&in, TOKEN, hop.mark);
	EQUAL(strlen(hop.mark), MARK_ROOM - 1);
	CHECK(follows(edge, TARGET, hop.mark, "x",
		      "Route: " CORE_ONE "," CORE_TWO "\r\n"));
	CHECK(!follows(edge, TARGET, hop.mark, "x",
		       "Route: " CORE_TWO "," CORE_ONE "\r\n"));
	EQUAL(route_record_write(&hop, &fake_ue, out, sizeof(out), &used), 0);
	out[used] = 0;
	CHECK(strstr(out, "@10.0.0.1:5061;transport=tls;lr;m="));
	CHECK(!strstr(out, "@10.1.0.1:5060;lr;m="));
	fake_edge_free(edge);
}

/* A strict router takes our URI for the target (RFC 3261, 16.4). */
static void strict_before(void)
{
	struct edge *edge = fake_edge();
	char token[ROUTE_TOKEN_ROOM], mark[MARK_ROOM];
	int n = snprintf(
		raw, sizeof(raw),
		"BYE sip:" TOKEN
		"@10.1.0.1:5060;lr;m=0123456789012345678901 SIP/2.0\r\n" VIA
		"Route: " OURS_UE ", <sip:alice@10.0.0.9:4711>\r\n"
		"f: <sip:bob@home1.net>;tag=b\r\n"
		"t: <sip:alice@home1.net>;tag=a\r\n"
		"i: x\r\nCSeq: 2 BYE\r\n"
		"Content-Length: 0\r\n\r\n");

	EQUAL(sip_msg_parse(&msg, raw, n, true), 0);
	EQUAL(route_pop_ours(edge, &msg, token, mark), 1);
	CHECK(!strcmp(token, TOKEN));
	CHECK(!strcmp(mark, "0123456789012345678901"));
	CHECK(sdp_text_is(msg.uri, "sip:alice@10.0.0.9:4711"));
	EQUAL(sip_line_count(&msg, "Route"), 0);
	fake_edge_free(edge);
}

/* What goes to a next hop with this Route. */
static void strict_after(const char *route, const char *uri, const char *left)
{
	struct edge *edge = fake_edge();
	char *end;
	size_t used;
	int n = snprintf(raw, sizeof(raw),
			 "BYE sip:bob@10.1.0.9:4711;x=y SIP/2.0\r\n%s"
			 "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
			 "f: <sip:bob@home1.net>;tag=b\r\n"
			 "t: <sip:alice@home1.net>;tag=a\r\n"
			 "i: x\r\nCSeq: 2 BYE\r\nl: 0\r\n\r\n",
			 route);

	edge->out = malloc(EDGE_OUT_ROOM);
	EQUAL(sip_msg_parse(&msg, raw, n, true), 0);
	EQUAL(route_strict(edge, &msg), 0);
	CHECK(sdp_text_is(msg.uri, uri));
	EQUAL(sip_msg_write(&msg, out, sizeof(out), &used), 0);
	out[used] = 0;
	end = strstr(out, "Route:");
	CHECK(!end == !left[0]);
	if (left[0]) {
		snprintf(raw, sizeof(raw), "%s", left);
		CHECK(strstr(out, raw));
	}
	free(edge->out);
	fake_edge_free(edge);
}

static void strict_next(void)
{
	static const char uri[] = "sip:bob@10.1.0.9:4711;x=y";

	strict_after("", uri, "");
	strict_after("Route: <sip:p1;lr>, <sip:p2>\r\n", uri,
		     "\r\nRoute: <sip:p1;lr>, <sip:p2>\r\n");
	strict_after("Route: <sip:p1;lr=on>\r\n", uri,
		     "\r\nRoute: <sip:p1;lr=on>\r\n");
	/* RFC 3261, 16.12.1.2. */
	strict_after("Route: <sip:p1>\r\n", "sip:p1",
		     "\r\nRoute: <sip:bob@10.1.0.9:4711;x=y>\r\n");
	strict_after(
		"Route: \"P\" <sip:p1;transport=tcp>;z=1, <sip:p2;lr>\r\n"
		"Route: <sip:p3>\r\n",
		"sip:p1;transport=tcp",
		"Route: <sip:p3>\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n");
	CHECK(strstr(out, "\r\nRoute: <sip:p2;lr>\r\nRoute: <sip:p3>\r\n"));
	CHECK(strstr(out, "l: 0\r\nRoute: <sip:bob@10.1.0.9:4711;x=y>\r\n"));
}

static const struct ktap_test tests[] = {
	{ "a UE follows the ways that the core gave it, by their marks",
	  marks },
	{ "a request of the core has a mark for the UE's answers",
	  mark_of_request },
	{ "what a strict router did to our URI is undone", strict_before },
	{ "a next hop that is a strict router is the Request-URI",
	  strict_next },
};
KTAP_MAIN(tests)
