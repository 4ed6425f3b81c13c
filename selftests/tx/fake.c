// SPDX-License-Identifier: GPL-2.0
/* The world of the tests: clock, user, messages. */
#include <stdarg.h>
#include <time.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "fake.h"

#define SENT_ROOM 16384
#define TIMERS	  4096

struct tx_layer *layer;
struct net_flow *udp, *tcp;
char happened[4096];
struct tx_server *server;
struct tx_client *client;
struct sip_msg *scratch;
void (*on_request)(struct tx_server *tx, struct sip_msg *msg);
void (*on_cancelled)(struct tx_server *tx);
void (*on_response)(struct tx_client *tx, struct sip_msg *msg);
void (*on_failed)(struct tx_client *tx);
char branch[TX_BRANCH_ROOM];

static struct event_base *base;
static unsigned int failures;
static uint64_t clock_ms, marked;
static char sent_words[SENT_ROOM], sent_text[SENT_ROOM], answer_room[SENT_ROOM];
static size_t sent_number;

/* Timers that run. */
static struct {
	struct event *event;
	uint64_t due;
} timers[TIMERS];
static size_t n_timers;

int __wrap_clock_gettime(clockid_t id, struct timespec *out);
int __wrap_event_add(struct event *event, const struct timeval *wait);
int __wrap_event_del(struct event *event);

int __wrap_clock_gettime(clockid_t id, struct timespec *out)
{
	(void)id;
	out->tv_sec = clock_ms / 1000;
	out->tv_nsec = clock_ms % 1000 * 1000000;
	return 0;
}

int __wrap_event_del(struct event *event)
{
	size_t i;

	for (i = 0; i < n_timers; i++)
		if (timers[i].event == event) {
			timers[i] = timers[--n_timers];
			break;
		}
	return 0;
}

int __wrap_event_add(struct event *event, const struct timeval *wait)
{
	__wrap_event_del(event);
	timers[n_timers].event = event;
	timers[n_timers++].due =
		clock_ms + wait->tv_sec * 1000 + wait->tv_usec / 1000;
	return 0;
}

/* The timer that fires first, if it does by then. */
static struct event *next_timer(uint64_t until)
{
	struct event *event;
	size_t i, first = 0;

	for (i = 0; i < n_timers; i++)
		if (timers[i].due < timers[first].due)
			first = i;
	if (!n_timers || timers[first].due > until)
		return NULL;
	event = timers[first].event;
	if (timers[first].due > clock_ms)
		clock_ms = timers[first].due;
	__wrap_event_del(event);
	return event;
}

void pass(unsigned int ms)
{
	uint64_t until = clock_ms + ms;
	struct event *event;

	while ((event = next_timer(until)))
		event_get_callback(event)(-1, EV_TIMEOUT,
					  event_get_callback_arg(event));
	clock_ms = until;
}

void check(bool good, const char *file, int line, const char *what)
{
	if (!good && failures++ < 10)
		printf("# %s:%d: %s\n", file, line, what);
}

void check_text(const char *got, const char *want, const char *file, int line)
{
	if (strcmp(got, want) && failures++ < 10)
		printf("# %s:%d: '%s', not '%s'\n", file, line, got, want);
}

static void note(const char *format, ...)
{
	size_t used = strlen(happened);
	va_list args;

	va_start(args, format);
	vsnprintf(happened + used, sizeof(happened) - used, format, args);
	va_end(args);
}

const char *told(void)
{
	static char copy[sizeof(happened)];

	memcpy(copy, happened, sizeof(copy));
	happened[0] = 0;
	return copy;
}

static void note_sent(struct net_flow *flow, const char *data, size_t len)
{
	size_t used = strlen(sent_words);
	int words = !strncmp(data, "SIP/2.0 ", 8) ? 8 : 0;

	(void)flow;
	snprintf(sent_words + used, sizeof(sent_words) - used, "%s%llu:%.*s",
		 used ? " " : "", (unsigned long long)(clock_ms - marked),
		 (int)strcspn(data + words, " "), data + words);
	snprintf(sent_text, sizeof(sent_text), "%.*s", (int)len, data);
	sent_number++;
}

const char *sent(void)
{
	static char copy[SENT_ROOM];

	memcpy(copy, sent_words, sizeof(copy));
	sent_words[0] = 0;
	sent_number = 0;
	return copy;
}

const char *last_sent(void)
{
	return sent_text;
}

size_t sent_count(void)
{
	return sent_number;
}

void mark(void)
{
	marked = clock_ms;
	sent();
}

static void user_request(void *arg, struct tx_server *tx, struct net_flow *flow,
			 struct sip_msg *msg)
{
	(void)arg;
	(void)flow;
	note("%.*s%s ", (int)msg->method.len, msg->method.at, tx ? "" : "!");
	if (tx)
		server = tx;
	if (on_request)
		on_request(tx, msg);
}

static void user_cancelled(void *arg, struct tx_server *tx, struct sip_msg *msg)
{
	(void)arg;
	(void)msg;
	note("cancelled ");
	server = tx;
	if (on_cancelled)
		on_cancelled(tx);
}

static void user_gone(void *arg, struct tx_server *tx)
{
	(void)arg;
	(void)tx;
	note("server-gone ");
}

static void user_stray(void *arg, struct net_flow *flow, struct sip_msg *msg)
{
	(void)arg;
	(void)flow;
	note("stray-%u ", msg->status);
}

unsigned int admit_status;

static unsigned int user_admit(void *arg, struct net_flow *flow,
			       const struct sip_msg *msg, const char **reason)
{
	(void)arg;
	(void)flow;
	(void)msg;
	*reason = "Not You";
	return admit_status;
}

unsigned int overloads;

static void user_overload(void *arg)
{
	(void)arg;
	overloads++;
}

static void client_response(void *user, struct tx_client *tx,
			    struct sip_msg *msg)
{
	CHECK(user == &client);
	note("%u ", msg->status);
	if (on_response)
		on_response(tx, msg);
}

static void client_failed(void *user, struct tx_client *tx, int error)
{
	CHECK(user == &client);
	note("failed-%s ", strerrorname_np(-error));
	if (on_failed)
		on_failed(tx);
}

static void client_gone(void *user, struct tx_client *tx)
{
	CHECK(user == &client);
	(void)tx;
	note("gone ");
}

const struct tx_client_ops client_ops = { client_response, client_failed,
					  client_gone };

void world_open(unsigned int most)
{
	static const struct tx_handlers handlers = {
		user_request, user_cancelled, user_gone,
		user_stray,   user_admit,     user_overload
	};

	net_note = note_sent;
	base = event_base_new();
	scratch = malloc(sizeof(*scratch));
	CHECK(!tx_layer_new(&layer, base, 500, most, &handlers, NULL));
	udp = flow_new(NET_UDP, "192.0.2.1", 5060);
	tcp = flow_new(NET_TCP, "192.0.2.2", 40000);
	happened[0] = 0;
	sent_text[0] = 0;
	clock_ms += 12345;
	mark();
}

void world_close(void)
{
	admit_status = 0;
	overloads = 0;
	on_request = NULL;
	on_cancelled = NULL;
	on_response = NULL;
	on_failed = NULL;
	tx_layer_free(layer);
	CHECK(!n_timers);
	CHECK(udp->refs == 1 && tcp->refs == 1);
	net_flow_put(udp);
	net_flow_put(tcp);
	CHECK(!flows_alive);
	event_base_free(base);
	free(scratch);
}

/* In memory of exactly its size, so that reading over its end is seen. */
void receive(struct net_flow *flow, const char *text)
{
	size_t len = strlen(text);
	char *data = malloc(len ? len : 1);

	memcpy(data, text, len);
	tx_message(layer, flow, data, len);
	free(data);
}

const char *request_of(const char *method, const char *its_branch,
		       const char *tag, const char *more)
{
	static char text[4096];

	snprintf(text, sizeof(text),
		 "%s sip:bob@example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;rport%s%s\r\n"
		 "Via: SIP/2.0/TCP below.example;branch=z9hG4bKbelow\r\n"
		 "From: \"A\" <sip:alice@example.com>;tag=f1\r\n"
		 "To: <sip:bob@example.com>%s%s\r\n"
		 "Call-ID: c1@example\r\nCSeq: 7 %s\r\nMax-Forwards: 70\r\n"
		 "%sContent-Length: 0\r\n\r\n",
		 method, *its_branch ? ";branch=" : "", its_branch,
		 tag ? ";tag=" : "", tag ? tag : "", method, more ? more : "");
	return text;
}

void ask(struct net_flow *flow, const char *method, const char *its_branch)
{
	receive(flow, request_of(method, its_branch, NULL, NULL));
}

void ack(struct net_flow *flow, const char *its_branch, const char *tag)
{
	receive(flow, request_of("ACK", its_branch, tag, NULL));
}

int answer_text(struct tx_server *tx, unsigned int status)
{
	int err = tx_server_request(tx, scratch);
	struct sip_answer own = { status, sdp_text_of("So"),
				  sdp_text_of("b1") };
	size_t len;

	if (!err)
		err = sip_reply_write(scratch, &own, NULL, answer_room,
				      sizeof(answer_room), &len);
	return err ? err : tx_reply(tx, answer_room, len);
}

int answer(unsigned int status)
{
	return answer_text(server, status);
}

static const char *transport(const struct net_flow *flow)
{
	return flow->kind == NET_UDP ? "UDP" : "TCP";
}

int send_request(struct net_flow *flow, const char *method)
{
	char text[1024];

	client = NULL;
	tx_branch(branch);
	snprintf(text, sizeof(text),
		 "%s sip:carol@example.com SIP/2.0\r\n"
		 "Via: SIP/2.0/%s 198.51.100.1:5060;branch=%s\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKbelow\r\n"
		 "Route: <sip:next.example;lr>\r\n"
		 "From: <sip:alice@example.com>;tag=f1\r\n"
		 "To: <sip:carol@example.com>\r\n"
		 "Call-ID: c2@example\r\nCSeq: 9 %s\r\nMax-Forwards: 69\r\n"
		 "Content-Length: 0\r\n\r\n",
		 method, transport(flow), branch, method);
	return tx_send(layer, flow, text, strlen(text), &client_ops, &client,
		       &client);
}

void respond(struct net_flow *flow, unsigned int status, const char *method)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "SIP/2.0 %u So\r\n"
		 "Via: SIP/2.0/%s 198.51.100.1:5060;branch=%s\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKbelow\r\n"
		 "From: <sip:alice@example.com>;tag=f1\r\n"
		 "To: <sip:carol@example.com>;tag=t%u\r\n"
		 "Call-ID: c2@example\r\nCSeq: 9 %s\r\n"
		 "Content-Length: 0\r\n\r\n",
		 status, transport(flow), branch, status, method);
	receive(flow, text);
}

static bool run(const struct test *tests, size_t n, unsigned int *number)
{
	bool good = true;
	size_t i;

	for (i = 0; i < n; i++) {
		failures = 0;
		tests[i].run();
		good &= !failures;
		printf("%sok %u - %s\n", failures ? "not " : "", ++*number,
		       tests[i].sentence);
	}
	return good;
}

int main(void)
{
	unsigned int number = 0;
	bool good;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n",
	       n_server_tests + n_client_tests + n_layer_tests);
	good = run(server_tests, n_server_tests, &number);
	good &= run(client_tests, n_client_tests, &number);
	good &= run(layer_tests, n_layer_tests, &number);
	return !good;
}
