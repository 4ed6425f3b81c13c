// SPDX-License-Identifier: GPL-2.0
/* Answers `e2aectl agent`: few clients, little time, bounded answers. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "edge/edge.h"

#define CLIENTS	     8
#define SECONDS	     10 /* for the question, and for each piece of the answer */
#define QUESTION_MAX 64
#define ANSWER_MAX   (64 << 20) /* octets, of all clients together */
#define STATUS_ROOM  4096

/**
 * struct client - somebody who asks
 * @control: whose
 * @bev: the connection; NULL if the place is free
 * @cut: the answer did not fit
 */
struct client {
	struct control *control;
	struct bufferevent *bev;
	bool cut;
};

/**
 * struct control - the socket
 * @edge: who is asked
 * @listener: where clients come
 * @path: of the socket
 * @ino: of the socket, so that another's is not removed
 * @started: seconds of the monotonic clock
 * @clients: those that are there
 */
struct control {
	struct edge *edge;
	struct evconnlistener *listener;
	char *path;
	ino_t ino;
	time_t started;
	struct client clients[CLIENTS];
};

static time_t seconds(void)
{
	return (time_t)(clock_ms() / 1000);
}

static void leave(struct client *client)
{
	bufferevent_free(client->bev);
	client->bev = NULL;
}

static size_t waiting(const struct control *control)
{
	size_t sum = 0, i;

	for (i = 0; i < CLIENTS; i++)
		if (control->clients[i].bev)
			sum += evbuffer_get_length(bufferevent_get_output(
				control->clients[i].bev));
	return sum;
}

static void tell(void *arg, const char *line)
{
	struct client *client = arg;
	struct evbuffer *out = bufferevent_get_output(client->bev);
	size_t len = strlen(line);

	if (client->cut)
		return;
	if (waiting(client->control) + len > ANSWER_MAX) {
		client->cut = true;
		return;
	}
	evbuffer_add(out, line, len);
	evbuffer_add(out, "\n", 1);
}

/* Our part of the status: version, age, and every counter. */
static void tell_status(struct edge *edge, edge_line *line, void *arg)
{
	struct client *client = arg;
	char text[STATUS_ROOM];
	size_t len;
	int i;

	len = snprintf(text, sizeof(text),
		       "{\"version\":\"%s\",\"uptime\":%lld", E2AE_VERSION,
		       (long long)(seconds() - client->control->started));
	for (i = 0; i < METRIC_COUNT && len < sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - len,
				",\"%s\":%" PRIu64, metric_name(i),
				metric_get(i));
	if (len < sizeof(text) - 1) {
		strcpy(text + len, "}");
		line(arg, text);
	}
	edge_tell_status(edge, line, arg);
}

/* The words that may be asked. */
static const struct {
	const char *word;
	void (*tell)(struct edge *edge, edge_line *line, void *arg);
} questions[] = {
	{ "status", tell_status },
	{ "registrations", edge_tell_registrations },
	{ "calls", edge_tell_calls },
	{ "policy", edge_tell_policy },
};

static void answer(struct client *client, const char *question)
{
	struct evbuffer *out = bufferevent_get_output(client->bev);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		if (strcmp(question, questions[i].word))
			continue;
		questions[i].tell(client->control->edge, tell, client);
		break;
	}
	if (i == ARRAY_SIZE(questions))
		evbuffer_add_printf(
			out,
			"{\"error\":\"this is asked by no word that e2aed knows\"}\n");
	if (client->cut)
		evbuffer_add_printf(
			out,
			"{\"error\":\"the rest is too much to be told\"}\n");
}

static void on_written(struct bufferevent *bev, void *arg)
{
	if (!evbuffer_get_length(bufferevent_get_output(bev)))
		leave(arg);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	leave(arg);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct client *client = arg;
	char *line;

	line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF);
	if (!line) {
		if (evbuffer_get_length(in) > QUESTION_MAX)
			leave(client);
		return;
	}
	answer(client, line);
	free(line);
	bufferevent_disable(bev, EV_READ);
	bufferevent_setcb(bev, NULL, on_written, on_event, client);
	/* An empty answer is written already. */
	if (!evbuffer_get_length(bufferevent_get_output(bev)))
		leave(client);
}

/* The mode of the socket keeps others out; this does too, if it was changed. */
static bool may_ask(int fd)
{
	socklen_t len = sizeof(struct ucred);
	struct ucred who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		return false;
	return !who.uid || who.uid == geteuid();
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *from, int len, void *arg)
{
	const struct timeval limit = { .tv_sec = SECONDS };
	struct control *control = arg;
	struct client *client = NULL;
	size_t i;

	(void)from;
	(void)len;
	for (i = 0; i < CLIENTS && !client; i++)
		if (!control->clients[i].bev)
			client = &control->clients[i];
	if (client && may_ask(fd))
		client->bev = bufferevent_socket_new(
			evconnlistener_get_base(listener), fd,
			BEV_OPT_CLOSE_ON_FREE);
	if (!client || !client->bev) {
		close(fd);
		return;
	}
	client->control = control;
	client->cut = false;
	bufferevent_setcb(client->bev, on_read, NULL, on_event, client);
	bufferevent_setwatermark(client->bev, EV_READ, 0, 2 * QUESTION_MAX);
	bufferevent_set_timeouts(client->bev, &limit, &limit);
	bufferevent_enable(client->bev, EV_READ | EV_WRITE);
}

/* A socket that nobody listens on is left of an agent that died. */
static int is_free(const struct sockaddr_un *un)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(un->sun_path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const void *)un, sizeof(*un)) || errno == EAGAIN)
		err = -EADDRINUSE;
	close(fd);
	return err;
}

/*
 * Makes the socket beside its place and moves it there when it listens: who sees
 * it can ask, and no other agent takes it for one that is left.
 */
static int socket_make(const char *path, ino_t *ino)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int fd, err;

	if (strlen(path) > CONTROL_PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(un.sun_path, path);
	err = is_free(&un);
	if (err)
		return err;
	strcat(un.sun_path, CONTROL_MAKING);
	if (!lstat(un.sun_path, &st) && !S_ISSOCK(st.st_mode))
		return -EEXIST;
	unlink(un.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0177);
	err = bind(fd, (void *)&un, sizeof(un)) ? -errno : 0;
	umask(mask);
	if (!err && (lstat(un.sun_path, &st) || listen(fd, CLIENTS) ||
		     rename(un.sun_path, path))) {
		err = -errno;
		unlink(un.sun_path);
	}
	if (err) {
		close(fd);
		return err;
	}
	*ino = st.st_ino;
	return fd;
}

/**
 * control_new() - open the control socket
 * @control: where to put it
 * @base: event base
 * @path: of the socket; one that is left of a dead agent is replaced
 * @edge: who is asked
 * @why: where to put a sentence if it cannot be had
 * @room: octets there
 *
 * Return: 0; or a negative errno with @why filled in.
 */
int control_new(struct control **control, struct event_base *base,
		const char *path, struct edge *edge, char *why, size_t room)
{
	struct control *made;
	int fd;

	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->edge = edge;
	made->started = seconds();
	fd = socket_make(path, &made->ino);
	if (fd < 0)
		goto fail;
	made->path = strdup(path);
	made->listener = evconnlistener_new(
		base, on_client, made,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!made->path || !made->listener) {
		if (!made->listener)
			close(fd);
		fd = -ENOMEM;
		goto fail;
	}
	*control = made;
	return 0;
fail:
	snprintf(why, room, "the control socket %s cannot be had: %s", path,
		 fd == -EADDRINUSE ? "another e2aed answers there" :
				     strerror(-fd));
	control_free(made);
	return fd;
}

/**
 * control_free() - close the control socket and remove it
 * @control: the socket, or NULL
 */
void control_free(struct control *control)
{
	struct stat st;
	size_t i;

	if (!control)
		return;
	for (i = 0; i < CLIENTS; i++)
		if (control->clients[i].bev)
			leave(&control->clients[i]);
	if (control->path && !lstat(control->path, &st) &&
	    st.st_ino == control->ino)
		unlink(control->path);
	if (control->listener)
		evconnlistener_free(control->listener);
	free(control->path);
	free(control);
}
