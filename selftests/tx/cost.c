// SPDX-License-Identifier: GPL-2.0
/*
 * What transactions cost, with libevent's timers and the machine's clock: many
 * INVITEs are taken in, sent on and accepted, as a proxy does. Also the only
 * test with a T1 that is not 500 ms.
 */
#include <malloc.h>
#include <time.h>

#include <event2/event.h>

#include "net.h"

#define PAIRS  20000
#define T1     20
#define OCTETS 1536 /* of a transaction, with its message of 700 */
#define MICROS 400 /* of a pair, on a slow machine */

struct pair {
	struct tx_server *server;
	struct tx_client *client;
};

static struct tx_layer *layer;
static struct net_flow *in, *out;
static struct pair pairs[PAIRS];
static size_t n_pairs, n_gone, n_server_gone, n_sent, n_failed;
static char branches[PAIRS][TX_BRANCH_ROOM];
static struct sip_msg scratch;

static const char head[] = "%s\r\nVia: SIP/2.0/UDP %s;branch=%s\r\n"
			   "From: <sip:alice@example.com>;tag=f%zu\r\n"
			   "To: <sip:bob@example.com>%s\r\n"
			   "Call-ID: c%zu@example.com\r\nCSeq: 1 INVITE\r\n"
			   "Max-Forwards: 70\r\nX-Some: %0300d\r\n"
			   "Content-Length: 0\r\n\r\n";

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void on_response(void *user, struct tx_client *tx, struct sip_msg *msg)
{
	struct pair *pair = user;
	struct sip_answer own = { msg->status, sdp_text_of("So"),
				  sdp_text_of("b") };
	char text[2048];
	size_t len;

	(void)tx;
	if (!tx_server_request(pair->server, &scratch) &&
	    !sip_reply_write(&scratch, &own, NULL, text, sizeof(text), &len))
		tx_reply(pair->server, text, len);
}

static void on_failed(void *user, struct tx_client *tx, int error)
{
	(void)user;
	(void)tx;
	(void)error;
	n_failed++;
}

static void on_gone(void *user, struct tx_client *tx)
{
	(void)user;
	(void)tx;
	n_gone++;
}

static const struct tx_client_ops ops = { on_response, on_failed, on_gone };

static void send_on(struct pair *pair)
{
	size_t n = pair - pairs;
	char text[2048];
	int len;

	tx_branch(branches[n]);
	len = snprintf(text, sizeof(text), head, "INVITE sip:b@c SIP/2.0",
		       "198.51.100.1", branches[n], n, "", n, 0);
	tx_send(layer, out, text, len, &ops, pair, &pair->client);
}

static void on_request(void *arg, struct tx_server *tx, struct net_flow *flow,
		       struct sip_msg *msg)
{
	(void)arg;
	(void)flow;
	(void)msg;
	pairs[n_pairs].server = tx;
	send_on(&pairs[n_pairs++]);
}

static void on_server_gone(void *arg, struct tx_server *tx)
{
	(void)arg;
	(void)tx;
	n_server_gone++;
}

static void count_sent(struct net_flow *flow, const char *data, size_t len)
{
	(void)flow;
	(void)data;
	(void)len;
	n_sent++;
}

static void take_in(size_t n)
{
	char text[2048], branch[40];
	int len;

	snprintf(branch, sizeof(branch), "z9hG4bK-in-%zu", n);
	len = snprintf(text, sizeof(text), head, "INVITE sip:b@c SIP/2.0",
		       "192.0.2.1", branch, n, "", n, 0);
	tx_message(layer, in, text, len);
}

static void respond(size_t n, const char *status)
{
	char text[2048];
	int len = snprintf(text, sizeof(text), head, status, "198.51.100.1",
			   branches[n], n, ";tag=t", n, 0);

	tx_message(layer, out, text, len);
}

static unsigned int number;
static bool good = true;

static void result(bool fine, const char *sentence)
{
	printf("%sok %u - %s\n", fine ? "" : "not ", ++number, sentence);
	good &= fine;
}

static void run_pairs(void)
{
	size_t before = mallinfo2().uordblks, octets, i;
	double start = now(), took;

	for (i = 0; i < PAIRS; i++) {
		take_in(i);
		respond(i, "SIP/2.0 180 Ringing");
	}
	octets = (mallinfo2().uordblks - before) / tx_count(layer);
	result(tx_count(layer) == 2 * PAIRS, "all transactions are there");
	for (i = 0; i < PAIRS; i++)
		respond(i, "SIP/2.0 200 OK");
	took = (now() - start) / PAIRS;
	printf("# %.1f us for an INVITE pair with 180 and 200\n", took);
	printf("# %zu octets for a transaction that rings, %zu accepted\n",
	       octets, (mallinfo2().uordblks - before) / (2 * (size_t)PAIRS));
	result(took < MICROS, "a pair of transactions costs little time");
	result(octets < OCTETS, "a transaction costs little memory");
}

/* A peer that does not answer, with the timers of libevent. */
static void run_silence(struct event_base *base)
{
	double start;

	n_sent = n_failed = n_gone = n_pairs = 0;
	send_on(&pairs[0]);
	start = now();
	event_base_dispatch(base);
	start = (now() - start) / 1e3;
	printf("# INVITE sent %zu times, given up after %.0f ms\n", n_sent,
	       start);
	result(n_sent == 7 && n_failed == 1 && n_gone == 1 &&
		       start > 64 * T1 - 5 && start < 64 * T1 * 2,
	       "timers are multiples of T1");
}

int main(void)
{
	static const struct tx_handlers handlers = { on_request,     NULL,
						     on_server_gone, NULL,
						     NULL,	     NULL };
	struct event_base *base = event_base_new();

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..5\n");
	net_note = count_sent;
	in = flow_new(NET_UDP, "192.0.2.1", 5060);
	out = flow_new(NET_UDP, "198.51.100.9", 5060);
	tx_layer_new(&layer, base, 100 * T1, 2 * PAIRS, &handlers, NULL);
	run_pairs();
	tx_layer_free(layer);
	tx_layer_new(&layer, base, T1, 2 * PAIRS, &handlers, NULL);
	n_pairs = n_gone = n_server_gone = 0;
	take_in(0);
	respond(0, "SIP/2.0 200 OK");
	event_base_dispatch(base);
	result(n_gone == 1 && n_server_gone == 1 && !tx_count(layer),
	       "all of it goes away");
	run_silence(base);
	tx_layer_free(layer);
	net_flow_put(in);
	net_flow_put(out);
	event_base_free(base);
	return !good || flows_alive;
}
