// SPDX-License-Identifier: GPL-2.0
/* Our end of a connection, whoever does its TLS: this process, the kernel, or nobody. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "inner.h"

#define RECORD_LEN (16 * 1024)

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct msrp_end *end = arg;

	(void)fd;
	(void)what;
	msrp_flow_run(end->session, end->side);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct msrp_end *end = arg;

	(void)fd;
	(void)what;
	/* TLS may have to write before it can read on. */
	if (end->read_wants_write)
		msrp_flow_run(end->session, end->side);
	msrp_flow_run(end->session, !end->side);
}

/**
 * msrp_end_init() - an end without a connection
 * @session: whose
 * @side: access or core
 */
void msrp_end_init(struct msrp_session *session, enum msrp_side side)
{
	struct msrp_end *end = &session->end[side];

	memset(end, 0, sizeof(*end));
	end->session = session;
	end->side = side;
	end->fd = -1;
	event_assign(&end->readable, session->msrp->base, -1, EV_READ,
		     on_readable, end);
	event_assign(&end->writable, session->msrp->base, -1, EV_WRITE,
		     on_writable, end);
}

/**
 * msrp_end_open() - take a connection
 * @end: the end; what says how its TLS is done is set already
 * @fd: socket, the end's from here on
 *
 * Nothing is read before msrp_flow_init().
 *
 * Return: 0.
 */
int msrp_end_open(struct msrp_end *end, int fd)
{
	struct event_base *base = end->session->msrp->base;

	end->fd = fd;
	event_assign(&end->readable, base, fd, EV_READ | EV_PERSIST,
		     on_readable, end);
	event_assign(&end->writable, base, fd, EV_WRITE | EV_PERSIST,
		     on_writable, end);
	msrp_event_last(&end->readable);
	msrp_event_last(&end->writable);
	return 0;
}

/**
 * msrp_end_want() - wait for an event, or do not
 * @event: of an end
 * @want: whether to wait
 *
 * Return: 0 or -ENOMEM.
 */
int msrp_end_want(struct event *event, bool want)
{
	short what = event_get_events(event) & (EV_READ | EV_WRITE);

	if (!!event_pending(event, what, NULL) == want)
		return 0;
	return (want ? event_add(event, NULL) : event_del(event)) ? -ENOMEM : 0;
}

static ssize_t result(struct msrp_end *end, int n)
{
	switch (SSL_get_error(end->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		end->read_wants_write = true;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		return errno ? -errno : -ECONNRESET;
	default:
		/* An end without close_notify may be anybody's (RFC 8446, 6.1). */
		if (ERR_GET_REASON(ERR_peek_error()) ==
		    SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return -ENODATA;
		return -EPROTO;
	}
}

static int clip(size_t len)
{
	return len < INT_MAX ? (int)len : INT_MAX;
}

/**
 * msrp_end_read() - read octets
 * @end: an end with a connection
 * @data: room for them
 * @len: of the room, for TLS at least a record
 *
 * Return: octets; 0 at the end; -EAGAIN; -ENODATA if the connection ended, and
 * not as TLS has it; or another error.
 */
ssize_t msrp_end_read(struct msrp_end *end, void *data, size_t len)
{
	ssize_t n;

	if (end->ssl) {
		end->read_wants_write = false;
		ERR_clear_error();
		errno = 0;
		n = SSL_read(end->ssl, data, clip(len));
		return n > 0 ? n : result(end, (int)n);
	}
	if (end->kernel)
		return msrp_record_read(end, data, len);
	n = recv(end->fd, data, len, 0);
	return n < 0 ? -errno : n;
}

/**
 * msrp_end_write() - write octets
 * @end: an end with a connection
 * @data: octets; after -EAGAIN the next call has to begin with the same
 * @len: how many
 *
 * Return: octets, -EAGAIN or another error.
 */
ssize_t msrp_end_write(struct msrp_end *end, const void *data, size_t len)
{
	bool read_wants_write = end->read_wants_write;
	ssize_t n;

	if (!end->ssl) {
		n = send(end->fd, data, len, MSG_NOSIGNAL);
		return n < 0 ? -errno : n;
	}
	ERR_clear_error();
	errno = 0;
	n = SSL_write(end->ssl, data,
		      clip(len < RECORD_LEN ? len : RECORD_LEN));
	if (n <= 0)
		n = result(end, (int)n) ?: -EPIPE;
	end->read_wants_write = read_wants_write;
	return n;
}

/* It says that no more follow. */
static int send_close_notify(int fd)
{
	uint8_t alert[] = { SSL3_AL_WARNING, SSL_AD_CLOSE_NOTIFY };

	return ktls_send(fd, KTLS_ALERT, alert, sizeof(alert));
}

/**
 * msrp_end_shut() - nothing more is sent
 * @end: an end with a connection, all octets written
 *
 * The peer may go on sending. Records that the kernel has sealed but could not
 * give to TCP yet would be lost if TCP were told of the end too.
 *
 * Return: 0; -EAGAIN if there is no room for close_notify yet.
 */
int msrp_end_shut(struct msrp_end *end)
{
	int n;

	ERR_clear_error();
	if (end->ssl) {
		n = SSL_shutdown(end->ssl);
		if (n < 0 && SSL_get_error(end->ssl, n) == SSL_ERROR_WANT_WRITE)
			return -EAGAIN;
	} else if (end->kernel) {
		return send_close_notify(end->fd) == -EAGAIN ? -EAGAIN : 0;
	}
	shutdown(end->fd, SHUT_WR);
	return 0;
}

/**
 * msrp_end_sent() - has the peer all that was written?
 * @end: an end with a connection
 *
 * Return: whether it has; always, if it does no harm to close the socket.
 */
bool msrp_end_sent(const struct msrp_end *end)
{
	int waiting = 0;

	return !end->kernel || ioctl(end->fd, SIOCOUTQ, &waiting) || !waiting;
}

/**
 * msrp_end_close() - give up a connection
 * @end: the end, ready for another connection after it
 */
void msrp_end_close(struct msrp_end *end)
{
	struct msrp_session *session = end->session;
	enum msrp_side side = end->side;

	event_del(&end->readable);
	event_del(&end->writable);
	SSL_free(end->ssl);
	if (end->fd >= 0)
		close(end->fd);
	ktls_secret_free(end->secret);
	msrp_end_init(session, side);
}
