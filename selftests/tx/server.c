// SPDX-License-Identifier: GPL-2.0
/* Server transactions: RFC 3261, figures 7 and 8; RFC 6026. T1 is 500 ms. */
#include <errno.h>

#include "fake.h"

#define ARRAY(x) (sizeof(x) / sizeof((x)[0]))
#define B	 "z9hG4bKb1"

static void trying(void)
{
	world_open(100);
	ask(udp, "INVITE", B);
	TEXT(told(), "INVITE ");
	pass(199);
	TEXT(sent(), "");
	pass(1);
	TEXT(sent(), "200:100");
	CHECK(!strstr(strstr(last_sent(), "To:"), "tag="));
	/* The provisional response is sent again to a repetition. */
	pass(300);
	ask(udp, "INVITE", B);
	TEXT(sent(), "500:100");
	TEXT(told(), "");
	CHECK(!answer(180));
	ask(udp, "INVITE", B);
	TEXT(sent(), "500:180 500:180");
	world_close();
}

static void trying_not_needed(void)
{
	world_open(100);
	ask(udp, "INVITE", B);
	ask(udp, "INVITE", B); /* nothing to repeat yet */
	TEXT(sent(), "");
	pass(100);
	CHECK(!answer(183));
	pass(60000);
	TEXT(sent(), "100:183");
	CHECK(tx_count(layer) == 1);
	world_close();
}

static void failure_udp(void)
{
	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!answer(486));
	pass(33000);
	/* Timer G: T1, 2*T1, ... T2; timer H: 64*T1. */
	TEXT(sent(), "0:486 500:486 1500:486 3500:486 7500:486 11500:486 "
		     "15500:486 19500:486 23500:486 27500:486 31500:486");
	CHECK(!tx_count(layer));
	TEXT(told(), "INVITE ");
	world_close();
}

static void failure_acked_udp(void)
{
	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!answer(486));
	pass(100);
	ask(udp, "INVITE", B);
	TEXT(sent(), "0:486 100:486");
	ack(udp, B, "b1");
	ack(udp, B, "b1");
	ask(udp, "INVITE", B); /* Confirmed absorbs all */
	TEXT(told(), "INVITE ");
	pass(4999);
	TEXT(sent(), "");
	CHECK(tx_count(layer) == 1);
	pass(1);
	CHECK(!tx_count(layer)); /* timer I: T4 */
	world_close();
}

static void failure_tcp(void)
{
	world_open(100);
	ask(tcp, "INVITE", B); /* whose Via says UDP */
	CHECK(!answer(603));
	pass(31999);
	TEXT(sent(), "0:603");
	CHECK(tx_count(layer) == 1);
	pass(1);
	CHECK(!tx_count(layer));
	ask(tcp, "INVITE", B);
	CHECK(!answer(603));
	ack(tcp, B, "b1");
	CHECK(!tx_count(layer)); /* timer I: 0 */
	TEXT(told(), "INVITE INVITE ");
	world_close();
}

static void accepted(void)
{
	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!answer(180));
	CHECK(!answer(200));
	sent();
	ask(udp, "INVITE", B); /* absorbed: it is the UAS that repeats 2xx */
	TEXT(sent(), "");
	pass(500);
	CHECK(!answer(200));
	CHECK(answer(486) == -EALREADY);
	CHECK(answer(180) == -EALREADY);
	TEXT(sent(), "500:200");
	ack(udp, "z9hG4bKack", "b1"); /* of the 2xx: another transaction */
	TEXT(told(), "INVITE ACK! ");
	pass(31499);
	TEXT(told(), "");
	CHECK(!answer(200));
	pass(1);
	TEXT(told(), "server-gone "); /* timer L: 64*T1 */
	CHECK(!tx_count(layer));
	ask(udp, "INVITE", B);
	TEXT(told(), "INVITE ");
	world_close();
}

static void other_udp(void)
{
	world_open(100);
	ask(udp, "MESSAGE", B);
	ask(udp, "MESSAGE", B);
	pass(10000);
	TEXT(sent(), ""); /* no 100 for these; Trying discards repetitions */
	CHECK(!answer(100));
	ask(udp, "MESSAGE", B);
	TEXT(sent(), "10000:100 10000:100");
	CHECK(!answer(202));
	ask(udp, "MESSAGE", B);
	TEXT(sent(), "10000:202 10000:202");
	TEXT(told(), "MESSAGE ");
	pass(31999);
	CHECK(tx_count(layer) == 1);
	pass(1);
	CHECK(!tx_count(layer)); /* timer J: 64*T1 */
	world_close();
}

static void other_tcp(void)
{
	world_open(100);
	ask(tcp, "MESSAGE", B);
	CHECK(!answer(404));
	TEXT(sent(), "0:404");
	CHECK(!tx_count(layer)); /* timer J: 0 */
	TEXT(told(), "MESSAGE ");
	world_close();
}

static void cancel_before(void)
{
	char tag[32] = "";

	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!answer(180));
	ask(udp, "CANCEL", B);
	TEXT(told(), "INVITE cancelled ");
	CHECK(strstr(last_sent(), "CSeq: 7 CANCEL"));
	sscanf(strstr(last_sent(), "To:"), "To: <sip:bob@example.com>;tag=%31s",
	       tag);
	ask(udp, "CANCEL", B);
	TEXT(told(), "");
	TEXT(sent(), "0:180 0:200 0:200");
	CHECK(!tx_reply_status(server, 487, "Request Terminated", NULL));
	TEXT(tag, "b1"); /* of the 180 */
	CHECK(strstr(last_sent(), "tag=b1"));
	ack(udp, B, tag);
	TEXT(told(), "");
	pass(40000);
	TEXT(sent(), "0:487");
	CHECK(!tx_count(layer));
	world_close();
}

static void reply_487(struct tx_server *tx)
{
	CHECK(!tx_reply_status(tx, 487, "Request Terminated", NULL));
}

static void cancel_at_once(void)
{
	world_open(100);
	on_cancelled = reply_487;
	ask(tcp, "INVITE", B);
	ask(tcp, "CANCEL", B);
	TEXT(sent(), "0:200 0:487");
	ack(tcp, B, "x");
	CHECK(!tx_count(layer));
	TEXT(told(), "INVITE cancelled ");
	world_close();
}

static void cancel_late(void)
{
	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!answer(200));
	ask(udp, "CANCEL", B);
	CHECK(strstr(last_sent(), ">;tag=b1\r\n")); /* RFC 3261, 9.2 */
	TEXT(told(), "INVITE ");
	TEXT(sent(), "0:200 0:200");
	ask(udp, "INVITE", "z9hG4bKb2");
	CHECK(!answer(404));
	ask(udp, "CANCEL", "z9hG4bKb2");
	TEXT(told(), "INVITE ");
	TEXT(sent(), "0:404 0:200");
	world_close();
}

static void cancel_of_nothing(void)
{
	world_open(100);
	ask(udp, "CANCEL", B);
	TEXT(told(), "");
	TEXT(sent(), "0:481");
	ask(udp, "MESSAGE", B);
	ask(udp, "CANCEL", B); /* MESSAGE is not what CANCEL cancels */
	TEXT(told(), "MESSAGE ");
	TEXT(sent(), "0:481");
	world_close();
}

static void old_branches(void)
{
	world_open(100);
	ask(udp, "INVITE", "");
	ask(udp, "INVITE", "");
	TEXT(told(), "INVITE ");
	ask(udp, "CANCEL", "");
	TEXT(told(), "cancelled ");
	CHECK(!answer(487));
	ack(udp, "", "b1");
	TEXT(told(), "");
	TEXT(sent(), "0:200 0:487");
	pass(40000);
	CHECK(!sent_count());
	ask(udp, "INVITE", "z9hG4bK"); /* the cookie and nothing else */
	ask(udp, "INVITE", "7");
	TEXT(told(), "INVITE INVITE ");
	world_close();
}

static void request_kept(void)
{
	struct sdp_text via = { NULL, 0 };
	static int own;

	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!tx_server_request(server, scratch));
	sip_header(scratch, "Via", &via);
	CHECK(via.len && memmem(via.at, via.len, ";rport=5060", 11) &&
	      memmem(via.at, via.len, ";received=192.0.2.1", 19));
	CHECK(sdp_text_is(scratch->method, "INVITE"));
	CHECK(tx_server_flow(server) == udp && tx_server_invite(server));
	CHECK(!tx_server_user(server));
	tx_server_set_user(server, &own);
	CHECK(tx_server_user(server) == &own);
	CHECK(!answer(486));
	CHECK(tx_server_request(server, scratch) == -ENOENT);
	CHECK(strstr(last_sent(), ";rport=5060;branch=z9hG4bKb1;"
				  "received=192.0.2.1\r\n"));
	world_close();
}

static void bad_replies(void)
{
	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(tx_reply(server, "x", 1) == -EINVAL);
	CHECK(tx_reply(server, "SIP/2.0 200 OK\r\n\r\n", 18) == -EINVAL);
	CHECK(tx_reply_status(server, 99, "x", NULL) == -EINVAL);
	CHECK(tx_reply_status(server, 200, "x\r\ny", NULL) == -EINVAL);
	CHECK(!answer(180));
	CHECK(tx_reply(server, "SIP/2.0 200 OK\r\n\r\n", 18) == -EINVAL);
	ask(udp, "INVITE", B);
	TEXT(sent(), "0:180 0:180");
	CHECK(!answer(486));
	CHECK(answer(486) == -ENOENT);
	world_close();
}

static void tags_and_lines(void)
{
	const struct sip_field field = { "Warning",
					 sdp_text_of("399 x \"y\"") };
	const struct sip_extra extra = { &field, 1, { "body", 4 } };
	char first[64] = "", second[64] = "";

	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!tx_reply_status(server, 183, "Progress", NULL));
	sscanf(strstr(last_sent(), ";tag=") + 8, "%*[^;];tag=%63s", first);
	CHECK(!tx_reply_status(server, 488, "No", &extra));
	sscanf(strstr(last_sent(), ";tag=") + 8, "%*[^;];tag=%63s", second);
	CHECK(*first);
	TEXT(first, second);
	CHECK(strstr(last_sent(), "\r\nWarning: 399 x \"y\"\r\n"
				  "Content-Length: 4\r\n\r\nbody"));
	world_close();
}

const struct test server_tests[] = {
	{ "an INVITE without answer gets 100 after 200 ms, and provisionals "
	  "again",
	  trying },
	{ "an INVITE that was answered gets no 100", trying_not_needed },
	{ "a failure goes out again by timer G until H, on UDP", failure_udp },
	{ "ACK of a failure is absorbed, Confirmed ends by I, on UDP",
	  failure_acked_udp },
	{ "a failure goes out once on TCP, whatever Via says", failure_tcp },
	{ "Accepted absorbs INVITE and passes more 2xx for 64*T1", accepted },
	{ "another request repeats its responses until J, on UDP", other_udp },
	{ "another request is over with its final response, on TCP",
	  other_tcp },
	{ "CANCEL is answered, and told once", cancel_before },
	{ "487 may go out while the CANCEL is told", cancel_at_once },
	{ "CANCEL after the final response changes nothing", cancel_late },
	{ "CANCEL of nothing gets 481", cancel_of_nothing },
	{ "requests of RFC 2543 are matched without a branch", old_branches },
	{ "the request is kept with its source until the final response",
	  request_kept },
	{ "what is no response leaves the transaction as it was", bad_replies },
	{ "own responses have one tag, and the lines asked for",
	  tags_and_lines },
};
const size_t n_server_tests = ARRAY(server_tests);
