// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for the libraries under main.c: an MSF and a P-CSCF that do nothing.
 * The environment says what fails and what is told: FAKE_MSF and FAKE_EDGE are
 * errno values, FAKE_DRAIN the milliseconds for which calls last, FAKE_LINES how
 * many registrations there are, FAKE_LISTEN the milliseconds that listen() takes.
 */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../agent/edge/edge.h"
#include "../../agent/msf/ports.h"

struct edge {
	struct event_base *base;
	struct config *config;
	struct event *timer;
	void (*drained)(void *arg);
	void *arg;
};

static int number(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 0;
}

int listen(int fd, int backlog)
{
	usleep(1000 * number("FAKE_LISTEN"));
	return syscall(SYS_listen, fd, backlog);
}

int ports_reserve(uint16_t first, uint16_t last, char *why, size_t room)
{
	snprintf(why, room, "ports %u-%u are not reserved", first, last);
	return -EROFS;
}

int msf_open(struct msf **msf, struct event_base *base, const char *kind,
	     char *why, size_t room)
{
	(void)base;
	(void)kind;
	if (number("FAKE_MSF")) {
		snprintf(why, room, "the MSF fails");
		return -number("FAKE_MSF");
	}
	*msf = calloc(1, sizeof(**msf));
	return *msf ? 0 : -ENOMEM;
}

void msf_close(struct msf *msf)
{
	free(msf);
}

int edge_new(struct edge **edge, struct event_base *base, struct config *config,
	     struct msf *msf, char *why, size_t room)
{
	(void)msf;
	if (number("FAKE_EDGE")) {
		snprintf(why, room, "the edge fails");
		return -number("FAKE_EDGE");
	}
	*edge = calloc(1, sizeof(**edge));
	if (!*edge)
		return -ENOMEM;
	(*edge)->base = base;
	(*edge)->config = config;
	metric_add(METRIC_CALLS);
	return 0;
}

static void calls_over(evutil_socket_t fd, short what, void *arg)
{
	struct edge *edge = arg;

	(void)fd;
	(void)what;
	edge->drained(edge->arg);
}

void edge_drain(struct edge *edge, void (*drained)(void *arg), void *arg)
{
	struct timeval wait = { number("FAKE_DRAIN") / 1000,
				number("FAKE_DRAIN") % 1000 * 1000 };

	edge->drained = drained;
	edge->arg = arg;
	edge->timer = evtimer_new(edge->base, calls_over, edge);
	evtimer_add(edge->timer, &wait);
}

void edge_free(struct edge *edge)
{
	if (edge->timer)
		event_free(edge->timer);
	free(edge);
}

void edge_policies_changed(struct edge *edge)
{
	(void)edge;
	log_event(LOG_LEVEL_INFO, NULL, "fake.changed", NULL);
}

int edge_renew_tls(struct edge *edge, char *why, size_t room)
{
	(void)edge;
	snprintf(why, room, "the certificate is bad");
	return getenv("FAKE_TLS") ? -EINVAL : 0;
}

void edge_tell_status(struct edge *edge, edge_line *line, void *arg)
{
	(void)edge;
	line(arg, "{\"bindings\":2,\"ports\":{\"used\":4,\"of\":10}}");
}

void edge_tell_registrations(struct edge *edge, edge_line *line, void *arg)
{
	char text[256];
	int i;

	(void)edge;
	for (i = 0; i < number("FAKE_LINES"); i++) {
		snprintf(text, sizeof(text),
			 "{\"impi\":\"user%d@home1.net\",\"access\":\"lte\","
			 "\"contacts\":[\"a\",\"b\"]%s}",
			 i, i == 1 ? ",\"evil\":\"\\u001b[2J\\n\\\"x\"" : "");
		line(arg, text);
	}
}

void edge_tell_calls(struct edge *edge, edge_line *line, void *arg)
{
	(void)edge;
	(void)line;
	(void)arg;
}

void edge_tell_policy(struct edge *edge, edge_line *line, void *arg)
{
	const struct policy *rule;
	char text[256];
	size_t i;

	for (i = 0; i < policy_count(edge->config->policies); i++) {
		rule = policy_at(edge->config->policies, i);
		snprintf(text, sizeof(text),
			 "{\"policy\":\"%s\",\"originating\":\"%s\"}",
			 rule->name, policy_mode_name(rule->originating));
		line(arg, text);
	}
}
