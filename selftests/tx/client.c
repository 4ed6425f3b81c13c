// SPDX-License-Identifier: GPL-2.0
/* Client transactions: RFC 3261, figures 5 and 6; RFC 6026. T1 is 500 ms. */
#include <errno.h>

#include "fake.h"

#define ARRAY(x) (sizeof(x) / sizeof((x)[0]))

static void invite_silent_udp(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	pass(31999);
	/* Timer A doubles. */
	TEXT(sent(), "0:INVITE 500:INVITE 1500:INVITE 3500:INVITE 7500:INVITE "
		     "15500:INVITE 31500:INVITE");
	TEXT(told(), "");
	pass(1);
	TEXT(told(), "failed-ETIMEDOUT gone "); /* timer B */
	CHECK(!tx_count(layer));
	world_close();
}

static void invite_silent_tcp(void)
{
	world_open(100);
	CHECK(!send_request(tcp, "INVITE"));
	pass(31999);
	TEXT(sent(), "0:INVITE");
	pass(1);
	TEXT(told(), "failed-ETIMEDOUT gone ");
	world_close();
}

static void invite_proceeding(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	pass(600);
	respond(udp, 100, "INVITE");
	respond(udp, 180, "INVITE");
	respond(udp, 180, "INVITE");
	pass(600000); /* neither A nor B */
	TEXT(sent(), "0:INVITE 500:INVITE");
	TEXT(told(), "100 180 180 ");
	CHECK(tx_count(layer) == 1);
	world_close();
}

static void invite_failure_udp(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	respond(udp, 486, "INVITE");
	TEXT(sent(), "0:INVITE 0:ACK");
	CHECK(strstr(last_sent(), "To: <sip:carol@example.com>;tag=t486\r\n"));
	CHECK(strstr(last_sent(), "Route: <sip:next.example;lr>\r\n"));
	CHECK(strstr(last_sent(), "CSeq: 9 ACK\r\n"));
	CHECK(strstr(last_sent(), branch));
	CHECK(!strstr(last_sent(), "z9hG4bKbelow"));
	pass(31999);
	respond(udp, 486, "INVITE");
	respond(udp, 200, "INVITE"); /* nonsense now */
	respond(udp, 180, "INVITE");
	TEXT(sent(), "31999:ACK");
	TEXT(told(), "486 ");
	pass(1);
	TEXT(told(), "gone "); /* timer D: 64*T1 */
	respond(udp, 486, "INVITE");
	TEXT(told(), "stray-486 ");
	world_close();
}

static void invite_failure_tcp(void)
{
	world_open(100);
	CHECK(!send_request(tcp, "INVITE"));
	respond(tcp, 180, "INVITE");
	respond(tcp, 302, "INVITE");
	TEXT(sent(), "0:INVITE 0:ACK");
	TEXT(told(), "180 302 gone "); /* timer D: 0 */
	CHECK(!tx_count(layer));
	world_close();
}

static void invite_accepted(struct net_flow **flow)
{
	world_open(100);
	CHECK(!send_request(*flow, "INVITE"));
	respond(*flow, 200, "INVITE");
	respond(*flow, 200, "INVITE");
	CHECK(!tx_client_request(client, scratch));
	pass(31999);
	respond(*flow, 200, "INVITE");
	respond(*flow, 404, "INVITE");
	respond(*flow, 180, "INVITE");
	TEXT(told(), "200 200 200 ");
	TEXT(sent(), "0:INVITE");
	pass(1);
	TEXT(told(), "gone "); /* timer M: 64*T1 */
	respond(*flow, 200, "INVITE");
	TEXT(told(), "stray-200 ");
	CHECK(!tx_count(layer));
	world_close();
}

static void invite_accepted_udp(void)
{
	invite_accepted(&udp);
}

static void invite_accepted_tcp(void)
{
	invite_accepted(&tcp);
}

static void other_silent_udp(void)
{
	world_open(100);
	CHECK(!send_request(udp, "MESSAGE"));
	pass(32000);
	/* Timer E: up to T2. */
	TEXT(sent(), "0:MESSAGE 500:MESSAGE 1500:MESSAGE 3500:MESSAGE "
		     "7500:MESSAGE 11500:MESSAGE 15500:MESSAGE 19500:MESSAGE "
		     "23500:MESSAGE 27500:MESSAGE 31500:MESSAGE");
	TEXT(told(), "failed-ETIMEDOUT gone "); /* timer F */
	world_close();
}

static void other_proceeding_udp(void)
{
	world_open(100);
	CHECK(!send_request(udp, "MESSAGE"));
	pass(100);
	respond(udp, 100, "MESSAGE");
	pass(31900);
	TEXT(sent(), "0:MESSAGE 4100:MESSAGE 8100:MESSAGE 12100:MESSAGE "
		     "16100:MESSAGE 20100:MESSAGE 24100:MESSAGE 28100:MESSAGE");
	TEXT(told(), "100 failed-ETIMEDOUT gone ");
	world_close();
}

static void other_final_udp(void)
{
	world_open(100);
	CHECK(!send_request(udp, "MESSAGE"));
	respond(udp, 200, "MESSAGE");
	respond(udp, 200, "MESSAGE");
	pass(4999);
	respond(udp, 500, "MESSAGE");
	TEXT(told(), "200 ");
	pass(1);
	TEXT(told(), "gone "); /* timer K: T4 */
	TEXT(sent(), "0:MESSAGE");
	world_close();
}

static void other_tcp(void)
{
	world_open(100);
	CHECK(!send_request(tcp, "MESSAGE"));
	pass(31000);
	respond(tcp, 404, "MESSAGE");
	TEXT(told(), "404 gone ");
	TEXT(sent(), "0:MESSAGE");
	CHECK(!send_request(tcp, "MESSAGE"));
	pass(32000);
	TEXT(told(), "failed-ETIMEDOUT gone ");
	CHECK(!tx_count(layer));
	world_close();
}

static void cancel_waits(void)
{
	const struct sip_field field = { "Reason",
					 sdp_text_of("SIP;cause=200") };
	const struct sip_extra extra = { &field, 1, { NULL, 0 } };

	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	CHECK(!tx_cancel(client, &extra));
	CHECK(!tx_cancel(client, &extra));
	pass(100);
	TEXT(sent(), "0:INVITE");
	respond(udp, 100, "INVITE");
	TEXT(sent(), "100:CANCEL");
	CHECK(strstr(last_sent(), "To: <sip:carol@example.com>\r\n"));
	CHECK(strstr(last_sent(), "Reason: SIP;cause=200\r\n"));
	CHECK(strstr(last_sent(), branch));
	CHECK(tx_count(layer) == 2);
	respond(udp, 200, "CANCEL");
	respond(udp, 487, "INVITE");
	TEXT(sent(), "100:ACK");
	TEXT(told(), "100 487 ");
	pass(32000);
	TEXT(told(), "gone ");
	CHECK(!tx_count(layer));
	world_close();
}

static void cancel_in_vain(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	respond(udp, 180, "INVITE");
	CHECK(!tx_cancel(client, NULL));
	respond(udp, 481, "CANCEL");
	TEXT(sent(), "0:INVITE 0:CANCEL");
	respond(udp, 183, "INVITE");
	pass(31999);
	TEXT(told(), "180 183 ");
	pass(1);
	TEXT(told(), "failed-ETIMEDOUT gone "); /* RFC 3261, 9.1 */
	CHECK(!tx_count(layer));
	world_close();
}

static void cancel_races(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	CHECK(!tx_cancel(client, NULL));
	respond(udp, 200, "INVITE"); /* no CANCEL any more */
	CHECK(tx_cancel(client, NULL) == -EALREADY);
	TEXT(sent(), "0:INVITE");
	CHECK(!send_request(udp, "INVITE"));
	respond(udp, 180, "INVITE");
	CHECK(!tx_cancel(client, NULL));
	respond(udp, 200, "INVITE"); /* which was faster */
	TEXT(told(), "200 180 200 ");
	TEXT(sent(), "0:INVITE 0:CANCEL");
	CHECK(!send_request(udp, "MESSAGE"));
	CHECK(tx_cancel(client, NULL) == -EINVAL);
	CHECK(!send_request(udp, "INVITE"));
	respond(udp, 404, "INVITE");
	CHECK(tx_cancel(client, NULL) == -EALREADY);
	world_close();
}

static void cancel_silent(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	CHECK(!tx_cancel(client, NULL));
	pass(32000);
	TEXT(told(), "failed-ETIMEDOUT gone ");
	CHECK(!strstr(sent(), "CANCEL"));
	world_close();
}

static void forgotten(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	tx_client_forget(client);
	respond(udp, 180, "INVITE");
	respond(udp, 200, "INVITE");
	TEXT(told(), "stray-200 ");
	CHECK(!send_request(udp, "INVITE"));
	respond(udp, 180, "INVITE");
	tx_client_forget(client);
	pass(32000); /* nobody is left who had a timer C */
	TEXT(told(), "180 ");
	CHECK(!tx_count(layer));
	CHECK(!send_request(udp, "INVITE"));
	tx_client_forget(client);
	respond(udp, 404, "INVITE");
	CHECK(!strncmp(last_sent(), "ACK ", 4));
	pass(32000);
	TEXT(told(), "");
	CHECK(!tx_count(layer));
	world_close();
}

static void cannot_send(void)
{
	world_open(100);
	udp->fails = -ENETUNREACH;
	CHECK(send_request(udp, "INVITE") == -ENETUNREACH);
	CHECK(send_request(udp, "MESSAGE") == -ENETUNREACH);
	CHECK(!tx_count(layer));
	udp->fails = -EAGAIN; /* as if the network had lost it */
	CHECK(!send_request(udp, "INVITE"));
	udp->fails = 0;
	pass(500);
	TEXT(sent(), "500:INVITE");
	udp->fails = -ENETUNREACH;
	pass(1000);
	TEXT(told(), "failed-EIO gone ");
	tcp->dead = true;
	CHECK(send_request(tcp, "INVITE") == -EIO);
	CHECK(!tx_count(layer));
	world_close();
}

static void bad_requests(void)
{
	static const char no_via[] = "OPTIONS sip:x SIP/2.0\r\n\r\n";
	const char *text;

	world_open(100);
	CHECK(tx_send(layer, udp, no_via, strlen(no_via), NULL, NULL, NULL) ==
	      -EINVAL);
	text = request_of("ACK", "z9hG4bKq", NULL, NULL);
	CHECK(tx_send(layer, udp, text, strlen(text), NULL, NULL, NULL) ==
	      -EINVAL);
	text = request_of("INVITE", "q", NULL, NULL);
	CHECK(tx_send(layer, udp, text, strlen(text), NULL, NULL, NULL) ==
	      -EINVAL);
	text = request_of("INVITE", "z9hG4bKq", NULL, NULL);
	CHECK(!tx_send(layer, udp, text, strlen(text), NULL, NULL, NULL));
	CHECK(tx_send(layer, udp, text, strlen(text), NULL, NULL, NULL) ==
	      -EEXIST);
	CHECK(tx_send(layer, udp, "x", 1, NULL, NULL, NULL) == -EINVAL);
	world_close();
}

static void strays(void)
{
	world_open(100);
	CHECK(!send_request(udp, "INVITE"));
	respond(udp, 200, "MESSAGE"); /* our branch, another method */
	TEXT(told(), "stray-200 ");
	strcpy(branch, "z9hG4bKnobody");
	respond(udp, 200, "INVITE");
	TEXT(told(), "stray-200 ");
	strcpy(branch, "nobody");
	respond(udp, 180, "INVITE");
	TEXT(told(), "stray-180 ");
	world_close();
}

static void branches(void)
{
	char a[TX_BRANCH_ROOM], b[TX_BRANCH_ROOM];

	tx_branch(a);
	tx_branch(b);
	CHECK(strlen(a) == 31 && !strncmp(a, "z9hG4bK", 7));
	CHECK(strcmp(a, b));
	CHECK(sip_is_token(sdp_text_of(a)));
}

const struct test client_tests[] = {
	{ "a silent INVITE goes out by timer A until B, on UDP",
	  invite_silent_udp },
	{ "a silent INVITE goes out once, on TCP", invite_silent_tcp },
	{ "a provisional response stops A and B", invite_proceeding },
	{ "a failure gets ACK, and so do its repetitions until D, on UDP",
	  invite_failure_udp },
	{ "a failure gets ACK and it is over, on TCP", invite_failure_tcp },
	{ "Accepted tells every 2xx for 64*T1, on UDP", invite_accepted_udp },
	{ "Accepted tells every 2xx for 64*T1, on TCP", invite_accepted_tcp },
	{ "another silent request goes out by timer E until F, on UDP",
	  other_silent_udp },
	{ "after a provisional it goes out each T2", other_proceeding_udp },
	{ "a final response is told once, until K, on UDP", other_final_udp },
	{ "another request goes out once, on TCP", other_tcp },
	{ "CANCEL waits for a provisional response", cancel_waits },
	{ "an INVITE whose CANCEL does not help ends after 64*T1",
	  cancel_in_vain },
	{ "a final response that is faster than CANCEL wins", cancel_races },
	{ "an INVITE that is silent is cancelled by timer B", cancel_silent },
	{ "a forgotten transaction goes on by itself, and ends", forgotten },
	{ "what cannot be sent fails at once, or later", cannot_send },
	{ "what is no request is not sent", bad_requests },
	{ "responses with other branches or methods are strays", strays },
	{ "branches are tokens that differ", branches },
};
const size_t n_client_tests = ARRAY(client_tests);
