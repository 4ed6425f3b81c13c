// SPDX-License-Identifier: GPL-2.0
/* Connections that we make. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "inner.h"

#define FIRST_WAIT_MS 250
#define LAST_WAIT_MS  4000
#define UNSENT_MAX \
	(64 * 1024) /* octets in the kernel that TCP may not send yet */
#define GONE_MS 60000 /* without an answer to what was sent */

/**
 * msrp_socket_tune() - options of every connection
 * @fd: socket
 */
void msrp_socket_tune(int fd)
{
	unsigned int gone = GONE_MS;
	int on = 1, unsent = UNSENT_MAX;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone, sizeof(gone));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

static void connected(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_dial *dial = &session->dial[side];
	int fd = dial->fd;

	event_del(&dial->ready);
	dial->fd = -1;
	if (side == MSRP_CORE) {
		msrp_end_open(&session->end[side], fd);
		msrp_session_arrived(session);
	} else if (msrp_hand_new(session, fd, false)) {
		close(fd);
		msrp_session_over(session, "memory");
	}
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct msrp_session *session = arg;
	enum msrp_side side = fd == session->dial[MSRP_CORE].fd ? MSRP_CORE :
								  MSRP_ACCESS;
	socklen_t len = sizeof(int);
	int err = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) || err)
		msrp_dial_again(session, side);
	else
		connected(session, side);
}

/**
 * msrp_dial_init() - no connection is being made
 * @session: whose
 * @side: access or core
 */
void msrp_dial_init(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_dial *dial = &session->dial[side];

	memset(dial, 0, sizeof(*dial));
	dial->fd = -1;
	event_assign(&dial->ready, session->msrp->base, -1, EV_WRITE, on_ready,
		     session);
}

/* From our own address; the port is of no use to anybody. */
static int begin(const struct net_addr *local, const struct net_addr *to)
{
	struct net_addr from = *local;
	int on = 1, err = 0;
	int fd = socket(to->sa.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (from.sa.sa_family == AF_INET)
		from.in4.sin_port = 0;
	else
		from.in6.sin6_port = 0;
	if (bind(fd, &from.sa, net_addr_len(&from)) ||
	    (connect(fd, &to->sa, net_addr_len(to)) && errno != EINPROGRESS))
		err = -errno;
	if (err)
		close(fd);
	return err ?: fd;
}

/**
 * msrp_dial() - connect to the peer
 * @session: whose
 * @side: access or core
 *
 * Return: 0, or what the system says.
 */
int msrp_dial(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_dial *dial = &session->dial[side];
	int fd = begin(&session->door[side].local,
		       &session->plan.leg[side].peer);

	dial->at = 0;
	dial->tries++;
	if (fd < 0)
		return fd;
	msrp_socket_tune(fd);
	dial->fd = fd;
	event_assign(&dial->ready, session->msrp->base, fd, EV_WRITE, on_ready,
		     session);
	return event_add(&dial->ready, NULL) ? -ENOMEM : 0;
}

/**
 * msrp_dial_again() - try once more, in a while
 * @session: whose
 * @side: access or core
 *
 * The peer may listen only when it has our answer. Waits grow; the time for
 * both legs bounds them all.
 */
void msrp_dial_again(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_dial *dial = &session->dial[side];
	unsigned int tries = dial->tries, i;
	int64_t wait = FIRST_WAIT_MS;

	for (i = 1; i < tries && wait < LAST_WAIT_MS; i++)
		wait *= 2;
	msrp_dial_stop(session, side);
	dial->tries = tries;
	dial->at = clock_ms() + wait;
	msrp_session_watch(session);
}

/**
 * msrp_dial_stop() - connect no more
 * @session: whose
 * @side: access or core
 */
void msrp_dial_stop(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_dial *dial = &session->dial[side];

	event_del(&dial->ready);
	if (dial->fd >= 0)
		close(dial->fd);
	msrp_dial_init(session, side);
}
