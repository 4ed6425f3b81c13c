// SPDX-License-Identifier: GPL-2.0
/* Connections that peers make: where they arrive, and who is let in. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include "inner.h"

#define ACCEPTS	 8 /* connections of a door in one turn */
#define PAUSE_MS 100

static bool expected(const struct msrp_leg *leg, const struct net_addr *from)
{
	return leg->any_source || net_addr_same_host(&leg->peer, from);
}

/* A connection whose peer may be the right one. */
static void let_in(struct msrp_session *session, enum msrp_side side, int fd)
{
	msrp_socket_tune(fd);
	if (side == MSRP_ACCESS) {
		if (msrp_hand_new(session, fd, true))
			close(fd);
		return;
	}
	msrp_end_open(&session->end[side], fd);
	msrp_session_arrived(session);
}

/* The machine has no more files: it is asked again later. */
static void pause_accepting(struct msrp_session *session,
			    struct msrp_door *door)
{
	event_del(&door->ready);
	door->at = clock_ms() + PAUSE_MS;
	msrp_session_watch(session);
}

/* One connection: whether there may be more. */
static bool accept_one(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_door *door = &session->door[side];
	struct net_addr from = { 0 };
	socklen_t len = sizeof(from);
	int fd =
		accept4(door->fd, &from.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(session, door);
		return errno == ECONNABORTED || errno == EINTR;
	}
	if (expected(&session->plan.leg[side], &from)) {
		let_in(session, side, fd);
	} else {
		msrp_refused(session);
		close(fd);
	}
	return session->state == MSRP_CONNECTING && door->fd >= 0;
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct msrp_session *session = arg;
	enum msrp_side side = fd == session->door[MSRP_CORE].fd ? MSRP_CORE :
								  MSRP_ACCESS;
	int i;

	(void)what;
	for (i = 0; i < ACCEPTS && accept_one(session, side); i++)
		;
}

/**
 * msrp_door_init() - a door that is closed
 * @session: whose
 * @side: access or core
 * @local: own address
 */
void msrp_door_init(struct msrp_session *session, enum msrp_side side,
		    const struct net_addr *local)
{
	struct msrp_door *door = &session->door[side];

	door->local = *local;
	door->fd = -1;
	event_assign(&door->ready, session->msrp->base, -1, EV_READ, on_ready,
		     session);
}

/**
 * msrp_door_open() - listen
 * @session: whose
 * @side: access or core
 *
 * Peers can connect then; nobody looks at them before msrp_door_watch().
 *
 * Return: 0, or what the system says.
 */
int msrp_door_open(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_door *door = &session->door[side];
	int family = door->local.sa.sa_family, on = 1, err = 0;
	int fd;

	if (door->fd >= 0)
		return 0;
	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* Connections of before may linger. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &door->local.sa, net_addr_len(&door->local)) ||
	    listen(fd, MSRP_BACKLOG))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	door->fd = fd;
	event_assign(&door->ready, session->msrp->base, fd,
		     EV_READ | EV_PERSIST, on_ready, session);
	return 0;
}

/**
 * msrp_door_watch() - look at connections from here on
 * @session: whose
 * @side: access or core
 *
 * Return: 0 or -ENOMEM.
 */
int msrp_door_watch(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_door *door = &session->door[side];

	door->at = 0;
	return event_add(&door->ready, NULL) ? -ENOMEM : 0;
}

/**
 * msrp_door_close() - listen no more
 * @session: whose
 * @side: access or core
 */
void msrp_door_close(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_door *door = &session->door[side];

	event_del(&door->ready);
	if (door->fd >= 0)
		close(door->fd);
	door->fd = -1;
	door->at = 0;
}
