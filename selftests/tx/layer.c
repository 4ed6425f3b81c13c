// SPDX-License-Identifier: GPL-2.0
/* What arrives, overload, connections that close, calls out of handlers. */
#include <errno.h>

#include "fake.h"

#define ARRAY(x) (sizeof(x) / sizeof((x)[0]))
#define B	 "z9hG4bKb1"

static void malformed(void)
{
	world_open(100);
	receive(udp, request_of("INVITE", B, NULL, "Max-Forwards: x\r\n"));
	TEXT(sent(), "0:400");
	CHECK(strstr(last_sent(), "received=192.0.2.1"));
	CHECK(strstr(strstr(last_sent(), "To:"), ";tag="));
	receive(udp, request_of("ACK", B, NULL, "Max-Forwards: x\r\n"));
	receive(udp, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x\r\n\r\n");
	receive(udp, "INVITE sip:x SIP/2.0\r\n\r\n");
	receive(udp, "INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n"
		     "From: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\n\r\n");
	receive(udp, "");
	receive(udp, "\r\n\r\n");
	TEXT(sent(), "");
	receive(udp, "INVITE sip:x SIP/3.0\r\nVia: SIP/2.0/UDP x\r\n"
		     "From: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
		     "CSeq: 1 INVITE\r\n\r\n");
	TEXT(sent(), "0:505");
	/* ACK is known by CSeq too. */
	receive(udp, "? sip:x SIP/3.0\r\nVia: SIP/2.0/UDP x\r\n"
		     "From: <sip:a>\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
		     "CSeq: 1 ACK\r\n\r\n");
	TEXT(sent(), "");
	TEXT(told(), "");
	CHECK(!tx_count(layer));
	world_close();
}

static void bad_frames(void)
{
	const struct sip_error large = { 513, "Message Too Large" };
	char text[1024];

	world_open(100);
	snprintf(text, sizeof(text), "%s", request_of("INVITE", B, NULL, NULL));
	tx_bad(layer, tcp, text, strlen(text), &large);
	TEXT(sent(), "0:513");
	tx_bad(layer, tcp, text, 100, &large);
	tx_bad(layer, tcp, text, 0, &large);
	tx_bad(layer, tcp, NULL, 0, &large);
	snprintf(text, sizeof(text), "%s", request_of("ACK", B, NULL, NULL));
	tx_bad(layer, tcp, text, strlen(text), &large);
	TEXT(sent(), "");
	CHECK(!tx_count(layer));
	world_close();
}

/* The tag of To in the last message that was sent. */
static const char *own_tag(void)
{
	static char tag[64];

	tag[0] = 0;
	sscanf(strstr(last_sent(), "\r\nTo:"), "%*[^;];tag=%63[^\r]", tag);
	return tag;
}

static void overload(void)
{
	char tag[64], number[32];
	unsigned int i;

	world_open(3);
	for (i = 0; i < 3; i++) {
		snprintf(number, sizeof(number), "z9hG4bKn%u", i);
		ask(udp, "INVITE", number);
	}
	told();
	ask(udp, "INVITE", B);
	TEXT(sent(), "0:503");
	CHECK(strstr(last_sent(), "\r\nRetry-After: "));
	snprintf(tag, sizeof(tag), "%s", own_tag());
	CHECK(strlen(tag) == 16);
	ask(udp, "INVITE", B);
	TEXT(sent(), "0:503");
	TEXT(own_tag(), tag);
	ack(udp, B, tag);
	TEXT(told(), ""); /* nobody else's business */
	CHECK(tx_count(layer) == 3);
	/* What there is goes on. */
	ask(udp, "CANCEL", "z9hG4bKn2");
	TEXT(told(), "cancelled ");
	CHECK(!answer(487));
	ack(udp, "z9hG4bKn2", "b1");
	/* What we send may be as many again. */
	CHECK(!send_request(udp, "MESSAGE"));
	CHECK(!send_request(udp, "MESSAGE"));
	CHECK(tx_count(layer) == 6);
	CHECK(send_request(udp, "MESSAGE") == -ENOBUFS);
	sent();
	ask(udp, "CANCEL", "z9hG4bKn1");
	TEXT(sent(), "0:503");
	/* All of them are told, repetitions too: nothing is kept. */
	CHECK(overloads == 3);
	world_close();
}

/* A BYE ends what is there, so it passes when nothing new may begin. */
static void overload_inside(void)
{
	char number[32], more[64];
	unsigned int i;

	world_open(2);
	ask(udp, "INVITE", "z9hG4bKn1");
	ask(udp, "INVITE", "z9hG4bKn2");
	told();
	ask(udp, "MESSAGE", B);
	TEXT(sent(), "0:503");
	for (i = 0; i < 3; i++) {
		snprintf(number, sizeof(number), "z9hG4bKb%u", i);
		receive(udp, request_of("BYE", number, "callee", NULL));
	}
	TEXT(told(), "BYE BYE ");
	TEXT(sent(), "0:503");
	/* Its way on is open too, but for nothing else. */
	CHECK(send_request(udp, "MESSAGE") == -ENOBUFS);
	tx_branch(branch);
	snprintf(more, sizeof(more), "%s", branch);
	CHECK(!tx_send(layer, udp, request_of("BYE", more, "callee", NULL),
		       strlen(request_of("BYE", more, "callee", NULL)), NULL,
		       NULL, NULL));
	world_close();
}

/* What is not admitted is answered, and nothing of it is kept. */
static void not_admitted(void)
{
	char tag[64];

	world_open(1);
	admit_status = 403;
	ask(udp, "INVITE", B);
	TEXT(sent(), "0:403");
	CHECK(strstr(last_sent(), "403 Not You\r\n"));
	snprintf(tag, sizeof(tag), "%s", own_tag());
	ask(udp, "INVITE", B);
	TEXT(sent(), "0:403");
	TEXT(own_tag(), tag);
	ack(udp, B, tag);
	ask(udp, "CANCEL", B);
	TEXT(sent(), "0:481");
	pass(32000);
	TEXT(sent(), "");
	TEXT(told(), "");
	CHECK(!tx_count(layer));
	world_close();
}

/* A UE behind the same NAT knows the branch: it is not its INVITE. */
static void neighbours(void)
{
	struct net_flow *other, *core;

	world_open(100);
	other = flow_new(NET_UDP, "192.0.2.1", 5061);
	ask(udp, "INVITE", B);
	TEXT(told(), "INVITE ");
	ask(other, "CANCEL", B);
	TEXT(sent(), "0:481");
	ask(other, "INVITE", B);
	TEXT(told(), "INVITE ");
	ask(udp, "CANCEL", B);
	TEXT(told(), "cancelled ");
	/* The core's CANCEL may come from another port. */
	core = flow_new(NET_UDP, "192.0.2.7", 5060);
	core->side = NET_CORE;
	other->remote = core->remote;
	other->remote.in4.sin_port++;
	other->side = NET_CORE;
	ask(core, "INVITE", "z9hG4bKc");
	ask(other, "CANCEL", "z9hG4bKc");
	TEXT(told(), "INVITE cancelled ");
	net_flow_put(other);
	net_flow_put(core);
	world_close();
}

static void late_ack(void)
{
	char tag[64];

	world_open(100);
	ask(udp, "INVITE", B);
	CHECK(!tx_reply_status(server, 403, "Forbidden", NULL));
	snprintf(tag, sizeof(tag), "%s", own_tag());
	pass(32000);
	CHECK(!tx_count(layer));
	ack(udp, B, tag);
	TEXT(told(), "INVITE ");
	ack(udp, B, "somebody");
	TEXT(told(), "ACK! ");
	world_close();
}

static void collisions(void)
{
	struct net_flow *other, *side;

	world_open(100);
	other = flow_new(NET_UDP, "192.0.2.9", 5060);
	side = flow_new(NET_UDP, "192.0.2.1", 5060);
	side->side = 4;
	ask(udp, "INVITE", B);
	ask(other, "INVITE", B);
	ask(side, "INVITE", B);
	ask(udp, "MESSAGE", B);
	TEXT(told(), "INVITE INVITE INVITE MESSAGE ");
	ask(udp, "INVITE", B);
	ask(other, "INVITE", B);
	TEXT(told(), "");
	CHECK(!answer(200));
	TEXT(sent(), "0:200");
	/* Sent-by counts as well (RFC 3261, 17.2.3), in any case of letters. */
	receive(udp, "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP Host;branch=" B
		     "\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
		     "CSeq: 1 OPTIONS\r\n\r\n");
	receive(udp, "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP hosT;branch=" B
		     "\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
		     "CSeq: 1 OPTIONS\r\n\r\n");
	receive(udp,
		"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP host:5;branch=" B
		"\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
		"CSeq: 1 OPTIONS\r\n\r\n");
	TEXT(told(), "OPTIONS OPTIONS ");
	net_flow_put(other);
	net_flow_put(side);
	world_close();
}

static void sources(void)
{
	static const char head[] = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP ";
	static const char rest[] = "\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
				   "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n";
	static const char *const rows[][2] = {
		{ "192.0.2.1;branch=z9hG4bK1", "192.0.2.1;branch=z9hG4bK1" },
		{ "192.0.2.1:7;branch=z9hG4bK2;received=1.1.1.1",
		  "192.0.2.1:7;branch=z9hG4bK2" },
		{ "10.0.0.1;branch=z9hG4bK3",
		  "10.0.0.1;branch=z9hG4bK3;received=192.0.2.1" },
		{ "ue.example;rport;branch=z9hG4bK4",
		  "ue.example;rport=5060;branch=z9hG4bK4;received=192.0.2.1" },
		{ "192.0.2.1;rport=9;branch=z9hG4bK5",
		  "192.0.2.1;rport=5060;branch=z9hG4bK5;received=192.0.2.1" },
		{ "[2001:db8::1];received=3.3.3.3;branch=z9hG4bK6",
		  "[2001:db8::1];received=192.0.2.1;branch=z9hG4bK6" },
	};
	struct sdp_text via = { NULL, 0 };
	char text[512];
	size_t i;

	world_open(100);
	for (i = 0; i < ARRAY(rows); i++) {
		snprintf(text, sizeof(text), "%s%s%s", head, rows[i][0], rest);
		receive(udp, text);
		CHECK(!tx_server_request(server, scratch));
		sip_header(scratch, "Via", &via);
		snprintf(text, sizeof(text), "%.*s", (int)via.len, via.at);
		TEXT(text + strlen("SIP/2.0/UDP "), rows[i][1]);
	}
	world_close();
}

static void source_six(void)
{
	struct net_flow *six = flow_new(NET_UDP, "2001:db8::7", 6000);

	world_open(100);
	ask(six, "MESSAGE", B);
	CHECK(!answer(200));
	CHECK(strstr(last_sent(), ";rport=6000;branch=z9hG4bKb1;"
				  "received=2001:db8::7\r\n"));
	net_flow_put(six);
	world_close();
}

static void closed(void)
{
	world_open(100);
	ask(tcp, "INVITE", B);
	ask(tcp, "INVITE", "z9hG4bKb2");
	CHECK(!answer(200));
	ask(tcp, "INVITE", "z9hG4bKb3");
	CHECK(!answer(404));
	CHECK(!send_request(tcp, "MESSAGE"));
	CHECK(!send_request(tcp, "INVITE"));
	respond(tcp, 200, "INVITE");
	ask(udp, "INVITE", B);
	told();
	CHECK(tx_count(layer) == 6);
	tcp->dead = true;
	tx_closed(layer, tcp);
	TEXT(told(), "gone failed-EIO gone server-gone server-gone ");
	CHECK(tx_count(layer) == 1);
	tx_closed(layer, tcp);
	TEXT(told(), "");
	world_close();
}

static void close_it(struct net_flow *flow)
{
	flow->dead = true;
	tx_closed(layer, flow);
}

/* net_send() finds the connection dead, and says so before it returns. */
static void closed_inside(void)
{
	world_open(100);
	tcp->on_send = close_it;
	CHECK(send_request(tcp, "INVITE") == -EIO);
	TEXT(told(), "");
	CHECK(!tx_count(layer));
	tcp->dead = false;
	ask(tcp, "INVITE", B);
	tcp->on_send = close_it;
	CHECK(answer(180) < 0);
	TEXT(told(), "INVITE server-gone ");
	tcp->dead = false;
	ask(tcp, "INVITE", B);
	tcp->on_send = close_it;
	CHECK(answer(404) < 0);
	TEXT(told(), "INVITE ");
	tcp->dead = false;
	CHECK(!send_request(tcp, "INVITE"));
	tcp->on_send = close_it;
	respond(tcp, 404, "INVITE"); /* ACK */
	TEXT(told(), "404 gone ");
	CHECK(!tx_count(layer));
	world_close();
}

static void request_inside(struct tx_server *tx, struct sip_msg *msg)
{
	(void)msg;
	if (!tx)
		return;
	CHECK(!answer(180));
	CHECK(!send_request(udp, "MESSAGE"));
	CHECK(!answer(tx_server_invite(tx) ? 486 : 200));
}

static void response_inside(struct tx_client *tx, struct sip_msg *msg)
{
	(void)msg;
	on_response = NULL;
	CHECK(!send_request(tcp, "INVITE"));
	tx_client_forget(tx);
}

static void failed_inside(struct tx_client *tx)
{
	on_failed = NULL;
	tx_client_forget(tx);
	CHECK(!send_request(udp, "MESSAGE"));
}

static void cancel_inside(struct tx_client *tx, struct sip_msg *msg)
{
	if (msg->status < 200)
		CHECK(!tx_cancel(tx, NULL));
}

static void inside(void)
{
	world_open(100);
	on_request = request_inside;
	ask(tcp, "MESSAGE", B);
	TEXT(sent(), "0:180 0:MESSAGE 0:200");
	on_response = response_inside;
	respond(udp, 200, "MESSAGE");
	TEXT(sent(), "0:INVITE");
	on_response = cancel_inside;
	respond(tcp, 100, "INVITE");
	TEXT(sent(), "0:CANCEL");
	ask(udp, "INVITE", B);
	TEXT(sent(), "0:180 0:MESSAGE 0:486");
	on_failed = failed_inside;
	told();
	pass(32000);
	TEXT(told(), "failed-ETIMEDOUT failed-ETIMEDOUT gone ");
	world_close();
}

/* libosip2 5.3 refuses a host of one letter in From and To. */
static void unreadable(void)
{
	static const char request[] =
		"INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=" B "\r\n"
		"From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
		"CSeq: 1 INVITE\r\n\r\n";
	char text[512];

	world_open(100);
	receive(udp, request);
	CHECK(!answer(486));
	pass(500);
	TEXT(sent(), "0:486 500:486");
	TEXT(told(), "INVITE ");
	tx_branch(branch);
	snprintf(text, sizeof(text),
		 "INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=%s\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\n"
		 "CSeq: 1 INVITE\r\n\r\n",
		 branch);
	CHECK(!tx_send(layer, udp, text, strlen(text), &client_ops, &client,
		       NULL));
	snprintf(text, sizeof(text),
		 "SIP/2.0 404 No\r\nVia: SIP/2.0/UDP h;branch=%s\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: 1\r\n"
		 "CSeq: 1 INVITE\r\n\r\n",
		 branch);
	receive(udp, text);
	TEXT(told(), "404 ");
	CHECK(!strncmp(last_sent(), "ACK sip:x ", 10));
	world_close();
}

/* Octets of a message changed at random. */
static void random_octets(void)
{
	static const char *const methods[] = { "INVITE", "CANCEL", "ACK",
					       "MESSAGE" };
	const struct sip_error error = { 400, "Bad" };
	char text[4096];
	unsigned int i, n;

	world_open(50);
	srand(4475);
	for (i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "%s",
			 request_of(methods[rand() % 4], B, NULL, NULL));
		for (n = rand() % 4; n; n--)
			text[rand() % strlen(text)] = (char)(1 + rand() % 255);
		if (rand() % 8)
			receive(rand() % 2 ? udp : tcp, text);
		else
			tx_bad(layer, udp, text, rand() % strlen(text), &error);
		if (!(rand() % 8))
			pass(4000);
		told();
		sent();
	}
	world_close();
}

/* A random peer; the sanitizers and world_close() are the judges. */
static void random_peer(void)
{
	static const char *const methods[] = { "INVITE", "CANCEL", "ACK",
					       "MESSAGE" };
	static const unsigned int statuses[] = { 100, 180, 200, 404, 487 };
	struct net_flow *flow;
	char number[32];
	unsigned int i;

	world_open(20);
	srand(3261);
	for (i = 0; i < 20000; i++) {
		flow = rand() % 2 ? udp : tcp;
		snprintf(number, sizeof(number), "z9hG4bKr%d", rand() % 12);
		server = NULL;
		switch (rand() % 6) {
		case 0:
		case 1:
			ask(flow, methods[rand() % 4], number);
			if (server && rand() % 4)
				answer(statuses[rand() % 5]);
			break;
		case 2:
			if (!send_request(flow, methods[rand() % 2 * 3]) &&
			    rand() % 2)
				tx_cancel(client, NULL);
			break;
		case 3:
			respond(flow, statuses[rand() % 5],
				methods[rand() % 4]);
			break;
		case 4:
			pass(rand() % 3000);
			break;
		default:
			if (!(rand() % 20))
				tx_closed(layer, tcp);
		}
		CHECK(tx_count(layer) <= 40);
		if (strlen(happened) > sizeof(happened) / 2)
			told();
		if (sent_count() > 50)
			sent();
	}
	world_close();
}

const struct test layer_tests[] = {
	{ "malformed requests get their status, ACK and responses nothing",
	  malformed },
	{ "what is no message is answered if a request is in it", bad_frames },
	{ "too many transactions: 503 with Retry-After, and nothing is kept",
	  overload },
	{ "ACK of our own failure is dropped also when it is late", late_ack },
	{ "transactions of other addresses, networks, methods are others",
	  collisions },
	{ "requests within dialogs pass until there are twice as many",
	  overload_inside },
	{ "what is not admitted is refused without state", not_admitted },
	{ "a neighbour behind the same address reaches no transaction",
	  neighbours },
	{ "the source is noted in Via", sources },
	{ "an IPv6 source is noted without brackets", source_six },
	{ "a connection that closes ends its transactions", closed },
	{ "a connection may close while something is sent", closed_inside },
	{ "handlers may send, answer, cancel and forget", inside },
	{ "what libosip2 cannot read passes all the same", unreadable },
	{ "random octets do no harm", random_octets },
	{ "a random peer leaves nothing behind", random_peer },
};
const size_t n_layer_tests = ARRAY(layer_tests);
