// SPDX-License-Identifier: GPL-2.0
/* e2aectl monitor: events as they come. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "ctl.h"

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* From now on signals come only while the program waits, so none is missed. */
static void catch_signals(sigset_t *waiting)
{
	struct sigaction action = { .sa_handler = stop };
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, waiting);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* UTC with microseconds (RFC 3339). */
static void now(char text[40])
{
	struct timespec ts;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	n = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, 40 - n, ".%06ldZ", ts.tv_nsec / 1000);
}

static void print_text(const char *when, const struct e2ae_event *e)
{
	const struct e2ae_set *set = &e2ae_event_set_info;
	char addr[ADDR_TEXT];
	unsigned int attr;
	int64_t n;

	printf("%s %s", when, e2ae_event_name(e->cmd));
	for (attr = 1; attr <= set->max; attr++) {
		const struct e2ae_field *f = &set->fields[attr];

		if (!(e->given & E2AE_GIVEN(attr)) || attr == E2AE_A_EVENT_PORT)
			continue;
		if (f->kind == E2AE_KIND_FLAG)
			printf(" %s", f->name);
		else if (attr == E2AE_A_EVENT_ADDR)
			printf(" addr %s",
			       addr_port_text(&e->addr, e->port, addr));
		else if (attr == E2AE_A_EVENT_SSRC)
			printf(" ssrc %08" PRIx32, e->ssrc);
		else if (number_of(set, e, attr, &n))
			text_number(set, attr, n);
	}
	putchar('\n');
}

static void print_event(struct ctl *c, const struct e2ae_event *e)
{
	char when[40];

	now(when);
	if (c->json) {
		json_object(c, &e2ae_event_set_info, e, "time", when, "event",
			    e2ae_event_name(e->cmd), NULL);
		putchar('\n');
	} else {
		print_text(when, e);
	}
	fflush(stdout);
}

/* One event if there is one, else waits for it or for a signal. */
static int next(struct ctl *c, const sigset_t *waiting)
{
	struct pollfd fd = { .fd = e2ae_fd(c->h), .events = POLLIN };
	struct e2ae_event event;

	switch (e2ae_event_next(c->h, &event)) {
	case 0:
		print_event(c, &event);
		return DONE;
	case -EAGAIN:
		ppoll(&fd, 1, NULL, waiting);
		return DONE;
	case -EINTR:
		return DONE;
	case -ENOBUFS:
	case -EBADMSG:
		say(c, "%s", e2ae_error(c->h));
		return DONE;
	default:
		return refused(c);
	}
}

int monitor_run(struct ctl *c, int argc, char **argv)
{
	sigset_t waiting;
	int err = DONE;

	(void)argc;
	(void)argv;
	if (c->lines)
		return usage(c, "monitor has no place in a batch");
	if (ctl_open(c))
		return REFUSED;
	if (e2ae_subscribe(c->h))
		return refused(c);
	catch_signals(&waiting);
	fcntl(e2ae_fd(c->h), F_SETFL, O_NONBLOCK);
	while (!stopped && !err && !ferror(stdout))
		err = next(c, &waiting);
	return err;
}
