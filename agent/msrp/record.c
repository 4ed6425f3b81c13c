// SPDX-License-Identifier: GPL-2.0
/* Records that the kernel has opened, and what in them is no data. */
#include <errno.h>

#include <linux/tls.h>
#include <sys/socket.h>

#include "inner.h"

#define NO_RECORD	   0 /* no type: it is the end of TCP */
#define HELLO_REQUEST	   0
#define NEW_SESSION_TICKET 4
#define KEY_UPDATE	   24
#define HEAD_LEN	   4 /* of a handshake message (RFC 8446, 4) */
#define MESSAGE_MAX	   (64 * 1024)

/* Octets, negative errno; @type is set to the record's. */
static ssize_t receive(int fd, void *data, size_t len, uint8_t *type)
{
	char control[CMSG_SPACE(1)] = { 0 };
	struct iovec vector = { data, len };
	struct msghdr msg = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	struct cmsghdr *head;

	*type = NO_RECORD;
	if (n < 0)
		return -errno;
	for (head = CMSG_FIRSTHDR(&msg); head; head = CMSG_NXTHDR(&msg, head)) {
		if (head->cmsg_level == SOL_TLS &&
		    head->cmsg_type == TLS_GET_RECORD_TYPE)
			*type = *CMSG_DATA(head);
	}
	return n;
}

/* 0 is the end, -EAGAIN if it means nothing. */
static int alert(const uint8_t *data, size_t len)
{
	if (len != 2)
		return -EPROTO;
	if (data[1] == SSL_AD_CLOSE_NOTIFY)
		return 0;
	return data[1] == SSL_AD_USER_CANCELLED ? -EAGAIN : -ECONNRESET;
}

/* We answer with keys of our own when we are asked to (RFC 8446, 4.6.3). */
static int send_key_update(struct msrp_end *end)
{
	uint8_t message[] = { KEY_UPDATE, 0, 0, 1, 0 };

	if (ktls_send(end->fd, KTLS_HANDSHAKE, message, sizeof(message)))
		return -EBUSY;
	return ktls_update(end->fd, end->secret, !end->server, true);
}

static int key_update(struct msrp_end *end, const uint8_t *body, size_t len)
{
	int err;

	if (!end->secret || len != 1 || body[0] > 1)
		return -EPROTO;
	err = ktls_update(end->fd, end->secret, end->server, false);
	if (!err && body[0])
		err = send_key_update(end);
	return err ?: -EAGAIN;
}

/* One message, of which all that follows its head is there. */
static int message(struct msrp_end *end, const uint8_t *at, size_t len)
{
	switch (at[0]) {
	case KEY_UPDATE:
		return key_update(end, at + HEAD_LEN, len);
	case NEW_SESSION_TICKET:
		/* Nothing is ever resumed. */
		return end->server ? -EPROTO : -EAGAIN;
	case HELLO_REQUEST:
		/* May be ignored (RFC 5246, 7.4.1.1). */
		return end->secret || end->server || len ? -EPROTO : -EAGAIN;
	default:
		/* Renegotiation, or what only certificates need. */
		return -EPROTO;
	}
}

/* A ticket may be longer than a record: its rest is passed over. */
static int handshake(struct msrp_end *end, const uint8_t *at, size_t len)
{
	size_t size;
	int err;

	while (len) {
		if (end->handshake) {
			size = end->handshake < len ? end->handshake : len;
			end->handshake -= size;
			at += size;
			len -= size;
			continue;
		}
		if (len < HEAD_LEN)
			return -EPROTO;
		size = (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
		if (size > MESSAGE_MAX ||
		    (size > len - HEAD_LEN && at[0] != NEW_SESSION_TICKET))
			return -EPROTO;
		err = message(end, at, size);
		if (err != -EAGAIN)
			return err;
		at += HEAD_LEN;
		len -= HEAD_LEN;
		end->handshake = size;
	}
	return -EAGAIN;
}

/**
 * msrp_record_read() - read octets that the kernel has decrypted
 * @end: an end with TLS in the kernel
 * @data: room for them
 * @len: of the room, at least a record
 *
 * Return: octets; 0 at TLS's end; -EAGAIN; -EINTR if a record said nothing that
 * counts, and the next may; -ENODATA if TCP ended without TLS's end; -EPROTO
 * for what must not come; -EBUSY for a KeyUpdate that this kernel cannot follow;
 * or what the system says, -EBADMSG for a record that is not genuine.
 */
ssize_t msrp_record_read(struct msrp_end *end, void *data, size_t len)
{
	uint8_t type;
	ssize_t n = receive(end->fd, data, len, &type);
	int err;

	if (n < 0)
		return n;
	if (type == NO_RECORD)
		return n ?: -ENODATA;
	if (type == KTLS_DATA)
		return n ?: -EINTR;
	if (type == KTLS_ALERT)
		err = alert(data, (size_t)n);
	else if (type == KTLS_HANDSHAKE)
		err = handshake(end, data, (size_t)n);
	else
		err = -EPROTO;
	return err == -EAGAIN ? -EINTR : err;
}
