// SPDX-License-Identifier: GPL-2.0
/* Calls, message by message, over fakes of all that they need. */
#include "../keying/ktap.h"
#include "fake.h"

#define ROUTES                                         \
	"Record-Route: <sip:last@r;lr>\r\n"            \
	"Record-Route: <sip:first@r;lr>\r\n"           \
	"Record-Route: <sip:" FAKE_TOKEN "@us;lr>\r\n" \
	"Record-Route: <sip:" FAKE_TOKEN "@us2;lr>\r\n"
#define RELIABLE	"Require: 100rel\r\nRSeq: 1\r\n"

#define SAME(got, want) CHECK(is_same((got), (want)))
#define HAS(text, part) CHECK(strstr((text), (part)))

static bool is_same(const char *got, const char *want)
{
	return got && !strcmp(got, want);
}

static const enum oa_side UE = OA_ACCESS, CORE = OA_CORE;

/* The caller's tag is a, callees' are b and c. */
static void invite(enum oa_side from, const char *body)
{
	fake_request(
		&(struct fake_ask){ from, "INVITE", "a", "", 1, NULL, body });
}

static bool ask(enum oa_side from, const char *method, bool by_caller,
		uint32_t cseq, const char *body)
{
	return fake_request(
		&(struct fake_ask){ from, method, by_caller ? "a" : "b",
				    by_caller ? "b" : "a", cseq, NULL, body });
}

static struct relay *last(void)
{
	return fake.relay[fake.n_relays - 1];
}

/* A call that is up, from one side. */
static void up(enum oa_side from)
{
	invite(from, "offer");
	fake_response(last(), 180, "b", ROUTES, NULL);
	SAME(fake_response(last(), 200, "b", ROUTES, "answer"), "A:answer");
	CHECK(ask(from, "ACK", true, 1, NULL));
	EQUAL(fake_call()->state, CALL_UP);
}

static void nothing_left(void)
{
	EQUAL(call_count(&fake.edge), 0);
	EQUAL(fake.oas, 0);
	EQUAL(fake.reg_refs, 0);
	EQUAL(fake.reg_calls, 0);
	EQUAL(fake.flow_refs, 0);
	CHECK(!call_stream_known(fake.edge.calls, 7));
}

static void whole_call(void)
{
	fake_begin();
	up(UE);
	HAS(fake.relay[0]->sent, "\r\n\r\nO:offer");
	HAS(fake.relay[0]->sent, "Accept-Contact: *;+g.e2ae");
	EQUAL(fake.acks, 1);
	CHECK(call_stream_known(fake.edge.calls, 7));
	CHECK(ask(CORE, "BYE", false, 1, NULL));
	EQUAL(fake_call()->state, CALL_LEAVING);
	CHECK(fake_response(last(), 200, "a", NULL, NULL));
	nothing_left();
	EQUAL(fake.n_owns, 0);
	fake_end();
}

static void refused_offer(void)
{
	fake_begin();
	invite(UE, "bad");
	EQUAL(fake.answer, 488);
	HAS(fake.answer_headers, "Warning: 304 pcscf.test \"Bad media\"");
	EQUAL(fake.n_relays, 0);
	nothing_left();
	fake_end();
}

static void held_answer(void)
{
	fake_begin();
	invite(CORE, "offer");
	CHECK(!fake_response(last(), 200, "b", ROUTES, "bad"));
	EQUAL(last()->replied, 488);
	HAS(last()->reply_headers, "Warning: 304 ");
	EQUAL(fake.n_owns, 2);
	HAS(fake.own[0], "ACK sip:contact-b@x SIP/2.0");
	HAS(fake.own[0],
	    "Route: <sip:first@r;lr>\r\nRoute: <sip:last@r;lr>\r\n");
	HAS(fake.own[0], "CSeq: 1 ACK");
	HAS(fake.own[1], "CSeq: 2 BYE");
	HAS(fake.own[1], "From: <sip:f@x>;tag=a");
	HAS(fake.own[1], "To: <sip:t@x>;tag=b");
	CHECK(!strstr(fake.own[1], "Via:"));
	nothing_left();
	CHECK(!fake_response(last(), 200, "b", ROUTES, "bad"));
	EQUAL(fake.n_owns, 3);
	HAS(fake.own[2], "CSeq: 1 ACK");
	fake_end();
}

static void early_answer(void)
{
	fake_begin();
	invite(CORE, "offer");
	CHECK(!fake_response(last(), 183, "b", ROUTES, "bad"));
	EQUAL(last()->replied, 488);
	CHECK(last()->cancelled);
	nothing_left();
	/* The 200 that crossed the CANCEL. */
	CHECK(!fake_response(last(), 200, "b", ROUTES, "answer"));
	EQUAL(fake.n_owns, 2);
	HAS(fake.own[1], " BYE");
	fake_end();
}

static void forks(void)
{
	fake_begin();
	invite(UE, "offer");
	SAME(fake_response(last(), 183, "b", ROUTES, "x"), "A:x");
	SAME(fake_response(last(), 183, "c", ROUTES, "y"), "A:y");
	SAME(fake_response(last(), 200, "c", ROUTES, "y"), "A:y");
	EQUAL(fake.oa->selected, 1);
	CHECK(!fake_response(last(), 200, "b", ROUTES, "x"));
	EQUAL(fake.oa->forks_gone, 1);
	EQUAL(fake.n_owns, 2);
	HAS(fake.own[1], "BYE sip:contact-b@x");
	CHECK(!fake_response(last(), 200, "b", ROUTES, "x"));
	EQUAL(fake.n_owns, 3);
	SAME(fake_response(last(), 200, "c", ROUTES, "y"), "A:y");
	EQUAL(call_count(&fake.edge), 1);
	fake_end();
}

static void delayed_offer(void)
{
	fake_begin();
	invite(CORE, NULL);
	SAME(fake_response(last(), 200, "b", ROUTES, "offer"), "O:offer");
	SAME(fake_response(last(), 200, "b", ROUTES, "offer"), "O:offer");
	CHECK(ask(CORE, "ACK", true, 1, "answer"));
	HAS(fake.ack, "\r\n\r\nA:answer");
	EQUAL(fake_call()->state, CALL_UP);
	SAME(fake_response(last(), 200, "b", ROUTES, "offer"), "O:offer");
	CHECK(ask(CORE, "ACK", true, 1, "answer"));
	HAS(fake.ack, "\r\n\r\nA:answer");
	CHECK(!fake.oa->pending);
	fake_end();
}

static void bad_ack(void)
{
	fake_begin();
	invite(UE, NULL);
	SAME(fake_response(last(), 200, "b", ROUTES, "offer"), "O:offer");
	CHECK(ask(UE, "ACK", true, 1, "bad"));
	CHECK(!strstr(fake.ack, "bad"));
	EQUAL(fake.n_owns, 2);
	HAS(fake.own[0], "BYE sip:contact-a@x");
	HAS(fake.own[1], "BYE sip:contact-b@x");
	nothing_left();
	fake_end();
}

static void prack(void)
{
	fake_begin();
	invite(CORE, NULL);
	SAME(fake_response(last(), 183, "b", ROUTES, "unreliable"), "");
	SAME(fake_response(last(), 183, "b", ROUTES RELIABLE, "offer"),
	     "O:offer");
	CHECK(ask(CORE, "PRACK", true, 2, "answer"));
	HAS(last()->sent, "\r\n\r\nA:answer");
	SAME(fake_response(last(), 200, "b", NULL, NULL), "");
	/* The other end may change things early (RFC 3311). */
	CHECK(ask(UE, "UPDATE", false, 1, "change"));
	HAS(last()->sent, "\r\n\r\nO:change");
	SAME(fake_response(last(), 200, "a", NULL, "good"), "A:good");
	SAME(fake_response(fake.relay[0], 200, "b", ROUTES, NULL), "");
	EQUAL(fake_call()->state, CALL_ANSWERED);
	fake_end();
}

static void changes(void)
{
	fake_begin();
	up(UE);
	CHECK(ask(UE, "INVITE", true, 2, "hold"));
	HAS(last()->sent, "\r\n\r\nO:hold");
	CHECK(ask(CORE, "INVITE", false, 1, "other"));
	EQUAL(fake.answer, 491);
	CHECK(ask(UE, "UPDATE", true, 3, "more"));
	EQUAL(fake.answer, 500);
	HAS(fake.answer_headers, "Retry-After");
	CHECK(fake_response(last(), 488, "b", NULL, NULL));
	EQUAL(fake.oa->refused, 1);
	CHECK(ask(CORE, "INVITE", false, 2, "other"));
	SAME(fake_response(last(), 200, "a", NULL, "ok"), "A:ok");
	CHECK(ask(CORE, "ACK", false, 2, NULL));
	CHECK(ask(UE, "INFO", true, 4, NULL));
	EQUAL(fake.n_relays, 4);
	fake_end();
}

static void refused_change(void)
{
	fake_begin();
	up(CORE);
	CHECK(ask(CORE, "INVITE", true, 5, "offer2"));
	CHECK(!fake_response(last(), 200, "b", NULL, "bad"));
	EQUAL(last()->replied, 488);
	EQUAL(fake.n_owns, 3);
	HAS(fake.own[0], "CSeq: 5 ACK");
	HAS(fake.own[1], "BYE sip:contact-a@x");
	HAS(fake.own[1], "CSeq: 1 BYE");
	HAS(fake.own[2], "CSeq: 6 BYE");
	nothing_left();
	fake_end();
}

static void retried(void)
{
	fake_begin();
	fake.policy.retry_plain = true;
	invite(CORE, "offer");
	CHECK(!fake_response(last(), 488, "b", NULL, NULL));
	EQUAL(last()->again, 1);
	HAS(last()->sent, "\r\n\r\nplain");
	CHECK(fake_response(last(), 488, "b", NULL, NULL));
	EQUAL(last()->again, 1);
	nothing_left();
	fake_end();
}

static void keys_of_488(void)
{
	fake_begin();
	invite(CORE, "offer");
	SAME(fake_response(last(), 488, "b", NULL, "v=0\r\na=key-mgmt:mikey x"),
	     "");
	nothing_left();
	fake_end();
}

static void silent(void)
{
	struct e2ae_event event = { .cmd = E2AE_CMD_MEDIA_TIMEOUT,
				    .stream = 7,
				    .leg = E2AE_LEG_SIDE_CORE };

	fake_begin();
	up(UE);
	call_media_event(&fake.edge, &event);
	EQUAL(call_count(&fake.edge), 1);
	event.leg = E2AE_LEG_SIDE_ACCESS;
	fake.oa->hold = true;
	call_media_event(&fake.edge, &event);
	EQUAL(call_count(&fake.edge), 1);
	fake.oa->hold = false;
	call_media_event(&fake.edge, &event);
	nothing_left();
	EQUAL(fake.n_owns, 2);
	HAS(fake.own[0], "BYE sip:contact-a@x");
	HAS(fake.own[0], "From: <sip:t@x>;tag=b");
	HAS(fake.own[0], "Reason: SIP ;cause=503");
	HAS(fake.own[1], "CSeq: 2 BYE");
	fake_end();
}

static void limits(void)
{
	fake_begin();
	fake.reg_calls = 3;
	invite(CORE, "offer");
	EQUAL(fake.answer, 486);
	invite(UE, "offer");
	EQUAL(fake.answer, 503);
	fake.reg_calls = 0;
	fake.config.limits.calls = 0;
	invite(UE, "offer");
	EQUAL(fake.answer, 503);
	HAS(fake.answer_headers, "Retry-After");
	fake.config.limits.calls = 1;
	invite(CORE, "offer");
	fake.config.limits.calls = 2;
	invite(CORE, "offer");
	EQUAL(fake.answer, 482);
	EQUAL(call_count(&fake.edge), 1);
	fake_end();
}

static void cancelled(void)
{
	fake_begin();
	invite(UE, "offer");
	fake_response(last(), 180, "b", ROUTES, NULL);
	last()->ops->cancelled(last()->owner, last(), NULL);
	EQUAL(fake_call()->state, CALL_CANCELLED);
	CHECK(fake_response(last(), 487, "b", NULL, NULL));
	nothing_left();
	fake_end();
}

static void no_ack(void)
{
	fake_begin();
	fake.config.t1 = 1;
	invite(UE, "offer");
	fake_response(last(), 200, "b", ROUTES, "answer");
	fake_wait(90);
	nothing_left();
	EQUAL(fake.n_owns, 2);
	HAS(fake.own[0], "No ACK");
	fake_end();
}

static void session(void)
{
	fake_begin();
	fake.config.t1 = 1;
	invite(UE, "offer");
	fake_response(last(), 200, "b",
		      ROUTES "Session-Expires: 1;refresher=uac\r\n", "answer");
	ask(UE, "ACK", true, 1, NULL);
	fake_wait(900);
	ask(UE, "UPDATE", true, 2, NULL);
	fake_response(last(), 200, "b", "Session-Expires: 1\r\n", NULL);
	fake_wait(600);
	EQUAL(call_count(&fake.edge), 1);
	fake_wait(600);
	nothing_left();
	HAS(fake.own[1], "Session expired");
	HAS(fake.own[1], "CSeq: 3 BYE");
	fake_end();
}

static void challenged_bye(void)
{
	fake_begin();
	up(UE);
	ask(UE, "BYE", true, 2, NULL);
	CHECK(fake_response(last(), 407, "b", NULL, NULL));
	EQUAL(fake_call()->state, CALL_UP);
	ask(UE, "BYE", true, 3, NULL);
	CHECK(fake_response(last(), 481, "b", NULL, NULL));
	nothing_left();
	fake_end();
}

static void reg_gone(void)
{
	fake_begin();
	up(CORE);
	invite(UE, "offer");
	fake.reg_alive = false;
	call_reg_gone(&fake.edge, (struct reg *)&fake.reg_refs);
	nothing_left();
	EQUAL(fake.n_owns, 2);
	EQUAL(last()->replied, 480);
	CHECK(last()->cancelled);
	fake_end();
}

static void strangers(void)
{
	fake_begin();
	CHECK(ask(CORE, "INVITE", true, 2, "offer"));
	EQUAL(fake.answer, 481);
	CHECK(!ask(CORE, "BYE", true, 2, NULL));
	CHECK(ask(UE, "ACK", true, 1, "answer"));
	EQUAL(fake.acks, 0);
	fake_end();
}

static void emergency(void)
{
	fake_begin();
	fake.stranger = true;
	invite(UE, "offer");
	EQUAL(fake.n_relays, 1);
	fake_response(last(), 200, "b", ROUTES, "answer");
	ask(UE, "ACK", true, 1, NULL);
	EQUAL(fake_call()->state, CALL_UP);
	ask(UE, "BYE", true, 2, NULL);
	fake_response(last(), 200, "b", NULL, NULL);
	nothing_left();
	fake.config.emergency = false;
	invite(UE, "offer");
	EQUAL(fake.answer, 403);
	/* Nor does a stranger reach the calls of others. */
	fake.stranger = false;
	up(UE);
	fake.stranger = true;
	CHECK(ask(UE, "BYE", true, 2, NULL));
	EQUAL(fake.answer, 403);
	EQUAL(call_count(&fake.edge), 1);
	fake_end();
}

static void adopted(void)
{
	static const struct in_addr core;
	char record[JOURNAL_DATA_MAX], id[256];
	size_t len;

	fake_begin();
	fake.edge.journal = (struct journal *)fake.record;
	call_adopt(&fake.edge);
	up(UE);
	len = fake.record_len;
	CHECK(len);
	CHECK(!memmem(fake.record, len, "answer", 6));
	memcpy(record, fake.record, sizeof(record));
	memcpy(id, fake.record_id, sizeof(id));
	fake_end();

	fake_begin();
	fake.edge.journal = (struct journal *)fake.record;
	fake.edge.msf = (struct msf *)&fake;
	memcpy(fake.record, record, sizeof(record));
	memcpy(fake.record_id, id, sizeof(id));
	fake.record_len = len;
	for (fake.n_streams = 0; fake.n_streams < 3; fake.n_streams++) {
		struct e2ae_leg *leg = &fake.streams[fake.n_streams].core;

		fake.streams[fake.n_streams].id = 7 + fake.n_streams;
		leg->local_port = fake.n_streams == 2 ? 1000 : 30000;
		leg->local_addr.len = 4;
		memcpy(leg->local_addr.octets, &core, 4);
	}
	call_adopt(&fake.edge);
	EQUAL(call_count(&fake.edge), 1);
	EQUAL(fake.n_removed, 1);
	EQUAL(fake.removed[0], 8);
	CHECK(ask(CORE, "BYE", false, 9, NULL));
	EQUAL(fake.answer, 200);
	EQUAL(fake.removed[1], 7);
	EQUAL(fake.record_len, 0);
	EQUAL(call_count(&fake.edge), 0);
	fake_end();
}

/* Whatever Request-URI the UE writes: "sip:u@x" here. */
static void pinned(void)
{
	static const char alone[] = "Record-Route: <sip:" FAKE_TOKEN
				    "@us;lr>\r\n";

	fake_begin();
	invite(UE, "offer");
	SAME(last()->way, "sip:u@x");
	fake_response(last(), 200, "b", alone, "answer");
	CHECK(ask(UE, "ACK", true, 1, NULL));
	CHECK(ask(UE, "INFO", true, 2, NULL));
	SAME(last()->way, "sip:contact-b@x");
	CHECK(ask(CORE, "UPDATE", false, 2, NULL));
	CHECK(ask(UE, "BYE", true, 3, NULL));
	SAME(last()->way, "sip:contact-b@x");
	fake_response(last(), 200, "b", NULL, NULL);
	fake_end();

	fake_begin();
	invite(CORE, "offer");
	fake_response(last(), 200, "b", alone, "answer");
	CHECK(ask(CORE, "ACK", true, 1, NULL));
	CHECK(ask(UE, "BYE", false, 2, NULL));
	SAME(last()->way, "sip:contact-a@x");
	fake_response(last(), 200, "a", NULL, NULL);
	fake_end();
}

/* Record-Routes of so many proxies, each with a URI so long. */
static void many(char *out, size_t room, unsigned int n, int len)
{
	size_t used = 0;

	while (n--)
		used += snprintf(out + used, room - used,
				 "Record-Route: <sip:p%u@%0*u.r;lr>\r\n", n,
				 len, n);
}

static void long_ways(void)
{
	struct fake_ask ask_ = { CORE, "INVITE", "a", "", 1, NULL, "offer" };
	char routes[16384], all[16384];

	ask_.headers = routes;
	fake_begin();
	many(routes, sizeof(routes), CALL_ROUTES, 3);
	fake_request(&ask_);
	EQUAL(fake.n_relays, 1);
	EQUAL(fake.answer, 0);
	fake_response(last(), 200, "b", ROUTES, "answer");
	CHECK(ask(CORE, "ACK", true, 1, NULL));
	call_end(fake_call(), &call_why_session);
	HAS(fake.own[0], "BYE sip:contact-a@x");
	HAS(fake.own[0], "Route: <sip:p63@063.r;lr>\r\nRoute: <sip:p62@");
	HAS(fake.own[0], "<sip:p1@001.r;lr>\r\nRoute: <sip:p0@000.r;lr>\r\n");
	fake_end();

	/* One more is more than we follow, and so are longer ones. */
	fake_begin();
	many(routes, sizeof(routes), CALL_ROUTES + 1, 3);
	fake_request(&ask_);
	EQUAL(fake.answer, 483);
	many(routes, sizeof(routes), 40, 220);
	fake_request(&ask_);
	EQUAL(fake.answer, 483);
	EQUAL(fake.n_relays, 0);
	nothing_left();
	fake_end();

	fake_begin();
	invite(UE, "offer");
	many(routes, sizeof(routes), CALL_ROUTES + 1, 3);
	snprintf(all, sizeof(all),
		 "%.*sRecord-Route: <sip:" FAKE_TOKEN "@us;lr>\r\n", 8000,
		 routes);
	CHECK(!fake_response(last(), 200, "b", all, "answer"));
	EQUAL(last()->replied, 488);
	nothing_left();
	fake_end();
}

static void take_line(void *arg, const char *line)
{
	snprintf(arg, 1024, "%s", line);
}

static void told(void)
{
	char line[1024] = "";

	fake_begin();
	up(UE);
	call_tell(&fake.edge, take_line, line);
	HAS(line, "\"call-id\":\"c1\"");
	HAS(line, "\"state\":\"up\"");
	HAS(line, "\"direction\":\"originating\"");
	fake_end();
}

static const struct ktap_test tests[] = {
	{ "a call goes up, ends with BYE and leaves nothing", whole_call },
	{ "an offer that is refused gets 488 and goes no further",
	  refused_offer },
	{ "a 200 with a bad answer is acknowledged, ended, and 488 upstream",
	  held_answer },
	{ "a 183 with a bad answer is cancelled, and 488 upstream",
	  early_answer },
	{ "the second of two 200 is acknowledged and ended by us", forks },
	{ "an offer in a 200 is answered in its ACK, both also repeated",
	  delayed_offer },
	{ "a bad answer in an ACK ends the call at both ends", bad_ack },
	{ "an offer in a reliable 183 is answered in its PRACK", prack },
	{ "a second offer gets 491 or 500, a refused one is rolled back",
	  changes },
	{ "a bad answer to a re-INVITE ends the call", refused_change },
	{ "a UE that refuses security is asked once more in the clear",
	  retried },
	{ "keys in the body of a 488 go no further", keys_of_488 },
	{ "a call whose UE is silent is ended at both ends", silent },
	{ "calls beyond the limits get 486 or 503", limits },
	{ "a call that is cancelled ends with its 487", cancelled },
	{ "a call whose ACK does not come is ended", no_ack },
	{ "a call whose session is not refreshed is ended", session },
	{ "a BYE that is challenged ends nothing, one that fails does",
	  challenged_bye },
	{ "calls end with their registration", reg_gone },
	{ "descriptions of unknown dialogs go no further", strangers },
	{ "an emergency call needs no registration, and reaches no other call",
	  emergency },
	{ "a call is adopted from the journal, other streams are removed",
	  adopted },
	{ "without a route set the peer is the one that the call was made with",
	  pinned },
	{ "route sets of 64 elements are followed, longer ones refused",
	  long_ways },
	{ "a call is told as JSON", told },
};

KTAP_MAIN(tests)
