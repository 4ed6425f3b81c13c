// SPDX-License-Identifier: GPL-2.0
/* Event loop of the driver, and what it is told. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drive.h"

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

void say_hex(const char *data, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		putchar(digit[(unsigned char)data[i] >> 4]);
		putchar(digit[data[i] & 15]);
	}
}

size_t unhex(const char *hex, char *out, size_t size)
{
	char pair[3] = { 0 };
	size_t n = 0;

	while (n < size && isxdigit((unsigned char)hex[2 * n])) {
		memcpy(pair, hex + 2 * n, 2);
		out[n++] = (char)strtol(pair, NULL, 16);
	}
	return n;
}

static void say_flow(const char *event, const struct net_flow *flow)
{
	char local[NET_ADDR_TEXT], remote[NET_ADDR_TEXT], by[NET_ADDR_TEXT];

	say("{\"event\": \"%s\", \"flow\": %lu, \"kind\": \"%s\", \"side\": %d, "
	    "\"local\": \"%s\", \"remote\": \"%s\", \"sent_by\": \"%s\", \"alive\": %d",
	    event, (unsigned long)net_flow_id(flow),
	    net_kind_name(net_flow_kind(flow)), net_flow_side(flow),
	    net_addr_text(net_flow_local(flow), local),
	    net_addr_text(net_flow_remote(flow), remote),
	    net_addr_text(net_flow_sent_by(flow), by), net_flow_alive(flow));
}

/* All that a handler may do to its flow, in an order that invites trouble. */
static void abuse(struct drive *d, struct net_flow *flow)
{
	struct net_addr to = *net_flow_remote(flow);
	struct net_flow *other = NULL;
	int err;

	net_flow_get(flow);
	err = net_connect(d->net, net_flow_side(flow), net_flow_kind(flow), &to,
			  NULL, &other);
	net_send(flow, "x", 1);
	net_flow_close(flow);
	net_send(flow, "y", 1);
	net_flow_close(flow);
	net_flow_put(flow);
	if (!err) {
		net_send(other, "z", 1);
		net_flow_close(other);
		net_flow_put(other);
	}
}

static void on_message(void *arg, struct net_flow *flow, char *data, size_t len)
{
	struct drive *d = arg;

	d->messages++;
	if (!strcmp(d->mode, "quiet"))
		net_send(flow, data, len);
	if (!strcmp(d->mode, "quiet") || !strcmp(d->mode, "count"))
		return;
	say_flow("message", flow);
	say(", \"data\": \"");
	say_hex(data, len);
	say("\"}\n");
	/* It may be changed. */
	if (!strcmp(d->mode, "echo"))
		net_send(flow, data, len);
	memset(data, 'e', len);
	if (!strcmp(d->mode, "close")) {
		net_send(flow, "bye", 3);
		net_flow_close(flow);
	}
	if (!strcmp(d->mode, "hold")) {
		net_flow_set_owner(flow, d);
		keep(net_flow_get(flow));
	}
	if (!strcmp(d->mode, "abuse"))
		abuse(d, flow);
}

static void on_bad(void *arg, struct net_flow *flow, char *data, size_t len,
		   const struct sip_error *error)
{
	struct drive *d = arg;

	if (!strcmp(d->mode, "quiet"))
		return;
	say_flow("bad", flow);
	say(", \"status\": %u, \"data\": \"", error->status);
	say_hex(data, len);
	say("\"}\n");
	net_send(flow, error->phrase, strlen(error->phrase));
}

static void on_closed(void *arg, struct net_flow *flow)
{
	struct drive *d = arg;

	d->closed++;
	if (!strcmp(d->mode, "quiet") || !strcmp(d->mode, "count"))
		return;
	say_flow("closed", flow);
	say(", \"owned\": %d}\n", net_flow_owner(flow) == d);
}

const struct net_handlers handlers = {
	.message = on_message,
	.bad = on_bad,
	.closed = on_closed,
};

/* A line of the largest message as hex fits. */
static char input[1 << 19];
static size_t input_used;

static void run_line(struct drive *d, char *line)
{
	char *argv[WORDS_MAX] = { 0 };
	int argc = 0, err;

	for (line = strtok(line, " "); line && argc < WORDS_MAX;
	     line = strtok(NULL, " "))
		argv[argc++] = line;
	err = argc ? command(d, argc, argv) : 0;
	say("{\"event\": \"done\", \"result\": %d}\n", err);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct drive *d = arg;
	ssize_t n = read(fd, input + input_used, sizeof(input) - input_used);
	char *end;

	(void)what;
	if (n <= 0) {
		event_base_loopbreak(d->base);
		return;
	}
	input_used += (size_t)n;
	while ((end = memchr(input, '\n', input_used))) {
		*end++ = 0;
		run_line(d, input);
		input_used -= (size_t)(end - input);
		memmove(input, end, input_used);
	}
	fflush(stdout);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fflush(stdout);
}

int main(void)
{
	struct timeval often = { 0, 5000 };
	struct drive d = { .base = event_base_new() };
	struct event *in =
		event_new(d.base, 0, EV_READ | EV_PERSIST, on_input, &d);
	struct event *flush = event_new(d.base, -1, EV_PERSIST, on_turn, NULL);

	event_add(in, NULL);
	event_add(flush, &often);
	event_base_dispatch(d.base);
	command(&d, 1, (char *[]){ "free" });
	event_free(in);
	event_free(flush);
	event_base_free(d.base);
	return 0;
}
