// SPDX-License-Identifier: GPL-2.0
/* The handle: socket, namespace, sending, receiving, and why something failed. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "nl.h"

#define MSG_ROOM      32768 /* a stream with eight full SAs */
#define SOCKET_BUFFER (4 << 20) /* octets; for bursts of events */

/**
 * e2ae_fail() - note why a call fails
 * @h: handle
 * @err: negative errno
 * @format: the sentence
 *
 * Return: @err.
 */
int e2ae_fail(struct e2ae *h, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(h->error, sizeof(h->error), format, args);
	va_end(args);
	return err;
}

/**
 * e2ae_error() - why the last call on a handle failed
 * @h: handle
 *
 * Return: one sentence without a full stop, valid until the next call.
 */
const char *e2ae_error(const struct e2ae *h)
{
	return h ? h->error : "no memory";
}

/**
 * e2ae_handle_alloc() - a handle without a socket
 * @handle: where to put it
 *
 * Return: 0 or -ENOMEM.
 */
int e2ae_handle_alloc(struct e2ae **handle)
{
	struct e2ae *h = calloc(1, sizeof(*h));

	*handle = h;
	if (!h)
		return -ENOMEM;
	h->fd = -1;
	h->buf = malloc(E2AE_RECV_ROOM);
	h->msg = nlmsg_alloc_size(MSG_ROOM);
	h->sk = nl_socket_alloc();
	if (h->buf && h->msg && h->sk)
		return 0;
	e2ae_close(h);
	*handle = NULL;
	return -ENOMEM;
}

/* Makes @netns the thread's namespace; *back leads to the one before. */
static int netns_enter(struct e2ae *h, const char *netns, int *back)
{
	char path[4096];
	int fd, err;

	if (snprintf(path, sizeof(path), "%s%s",
		     strchr(netns, '/') ? "" : "/run/netns/",
		     netns) >= (int)sizeof(path))
		return e2ae_fail(h, -ENAMETOOLONG, "%s is too long", netns);
	*back = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*back < 0)
		return e2ae_fail(h, -errno,
				 "cannot open the own network namespace: %s",
				 strerror(errno));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !setns(fd, CLONE_NEWNET)) {
		close(fd);
		return 0;
	}
	err = e2ae_fail(h, -errno, "cannot enter network namespace %s: %s",
			netns, strerror(errno));
	if (fd >= 0)
		close(fd);
	close(*back);
	return err;
}

static int netns_leave(struct e2ae *h, int back)
{
	int err = 0;

	if (setns(back, CLONE_NEWNET))
		err = e2ae_fail(h, -errno, "cannot leave the namespace: %s",
				strerror(errno));
	close(back);
	return err;
}

static int connect_in(struct e2ae *h, const char *netns)
{
	int back, err, left;

	if (netns) {
		err = netns_enter(h, netns, &back);
		if (err)
			return err;
	}
	err = genl_connect(h->sk);
	if (err)
		err = e2ae_fail(h, -EPROTONOSUPPORT,
				"cannot open a netlink socket: %s",
				nl_geterror(err));
	if (netns) {
		left = netns_leave(h, back);
		if (left)
			err = left;
	}
	return err;
}

static int configure(struct e2ae *h)
{
	static const int options[] = {
		NETLINK_EXT_ACK,
		NETLINK_CAP_ACK,
		NETLINK_GET_STRICT_CHK,
	};
	int one = 1, size = SOCKET_BUFFER;
	size_t i;

	h->fd = nl_socket_get_fd(h->sk);
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (setsockopt(h->fd, SOL_NETLINK, options[i], &one,
			       sizeof(one)))
			return e2ae_fail(h, -errno,
					 "the kernel's netlink is too old: %s",
					 strerror(errno));
	/* Without the capability the usual size has to do, and it does. */
	if (setsockopt(h->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(h->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	h->family = genl_ctrl_resolve(h->sk, E2AE_FAMILY_NAME);
	if (h->family < 0)
		return e2ae_fail(h, -ENOENT, "the e2ae module is not loaded");
	return 0;
}

/**
 * e2ae_open() - connect to the e2ae of a network namespace
 * @handle: where to put the handle; also set on failure, but with -ENOMEM to
 *   NULL, so that e2ae_error() can tell why. Give it back with e2ae_close().
 * @netns: name below /run/netns, or a path, or NULL for the own namespace.
 *   The calling thread is in that namespace for a moment.
 *
 * Return: 0, -ENOENT if the module is not loaded or there is no such
 * namespace, -EPERM, -ENOMEM.
 */
int e2ae_open(struct e2ae **handle, const char *netns)
{
	int err = e2ae_handle_alloc(handle);

	if (err)
		return err;
	err = connect_in(*handle, netns);
	return err ? err : configure(*handle);
}

/**
 * e2ae_close() - give a handle back
 * @h: handle, or NULL
 */
void e2ae_close(struct e2ae *h)
{
	if (!h)
		return;
	if (h->msg) {
		e2ae_message_wipe(h);
		nlmsg_free(h->msg);
	}
	if (h->sk)
		nl_socket_free(h->sk);
	free(h->buf);
	free(h);
}

/**
 * e2ae_fd() - descriptor to poll for events
 * @h: handle
 *
 * Return: the socket; it stays the handle's.
 */
int e2ae_fd(const struct e2ae *h)
{
	return h->fd;
}

/**
 * e2ae_ifindex() - number of a device in the handle's namespace
 * @h: handle
 * @name: of the device
 *
 * Return: its index, or a negative errno.
 */
int e2ae_ifindex(struct e2ae *h, const char *name)
{
	struct ifreq req = { 0 };

	if (strlen(name) >= sizeof(req.ifr_name))
		return e2ae_fail(h, -ENODEV, "there is no device %s", name);
	memcpy(req.ifr_name, name, strlen(name));
	if (ioctl(h->fd, SIOCGIFINDEX, &req))
		return e2ae_fail(h, -errno, "there is no device %s", name);
	return req.ifr_ifindex;
}

/**
 * e2ae_ifname() - name of a device in the handle's namespace
 * @h: handle
 * @ifindex: its number
 * @name: where to put the name
 *
 * Return: 0 or a negative errno.
 */
int e2ae_ifname(struct e2ae *h, uint32_t ifindex, char name[16])
{
	struct ifreq req = { .ifr_ifindex = ifindex };

	if (ioctl(h->fd, SIOCGIFNAME, &req))
		return e2ae_fail(h, -errno, "there is no device %u", ifindex);
	memcpy(name, req.ifr_name, sizeof(req.ifr_name));
	return 0;
}

/**
 * e2ae_send() - send encoded messages
 * @h: handle
 * @data: first message
 * @len: octets of all of them
 *
 * Return: 0 or a negative errno.
 */
int e2ae_send(struct e2ae *h, const void *data, size_t len)
{
	if (send(h->fd, data, len, 0) < 0)
		return e2ae_fail(h, -errno, "cannot send to the kernel: %s",
				 strerror(errno));
	return 0;
}

static int fill(struct e2ae *h)
{
	struct iovec iov = { .iov_base = h->buf, .iov_len = E2AE_RECV_ROOM };
	struct sockaddr_nl from = { 0 };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t len = recvmsg(h->fd, &msg, 0);

	h->at = 0;
	h->len = 0;
	if (len < 0 && errno == ENOBUFS)
		return e2ae_fail(h, -ENOBUFS,
				 "messages came too fast and were lost");
	if (len <= 0)
		return e2ae_fail(h, len ? -errno : -EPIPE,
				 "cannot receive from the kernel: %s",
				 len ? strerror(errno) : "end of file");
	if (msg.msg_flags & MSG_TRUNC)
		return e2ae_fail(h, -EBADMSG,
				 "the kernel's message is too large");
	/* Other processes can send here, too; only the kernel is port 0. */
	if (!from.nl_pid)
		h->len = len;
	return 0;
}

/**
 * e2ae_next() - the next message from the kernel
 * @h: handle
 * @nlh: where to put it; valid until the next call
 *
 * Return: 0, -EINTR, -EAGAIN, -ENOBUFS if some were lost, or another negative
 * errno.
 */
int e2ae_next(struct e2ae *h, const struct nlmsghdr **nlh)
{
	int err;

	while (!nlmsg_ok((struct nlmsghdr *)(h->buf + h->at), h->len - h->at)) {
		err = fill(h);
		if (err)
			return err;
	}
	*nlh = (const struct nlmsghdr *)(h->buf + h->at);
	h->at += NLMSG_ALIGN((*nlh)->nlmsg_len);
	if (h->at > h->len)
		h->at = h->len;
	return 0;
}

/* Appends the names of the attributes that lead to an offset of a message. */
static void name_fault(const struct e2ae_set *set, const uint8_t *start,
		       const struct nlattr *attrs, int len, size_t offset,
		       char *out, size_t room)
{
	const struct nlattr *a;
	int left;

	nla_for_each_attr(a, attrs, len, left) {
		size_t at = (const uint8_t *)a - start;
		const struct e2ae_field *f = nla_type(a) > (int)set->max ?
						     NULL :
						     &set->fields[nla_type(a)];
		int n;

		if (offset < at || offset >= at + nla_total_size(nla_len(a)))
			continue;
		if (!f || !f->name)
			return;
		n = snprintf(out, room, "%s%s",
			     set == &e2ae_root_info ? "" : ".", f->name);
		if (f->set && offset != at && n < (int)room)
			name_fault(f->set, start, nla_data(a), nla_len(a),
				   offset, out + n, room - n);
		return;
	}
}

/**
 * e2ae_own_sentence() - what an error means that comes without a sentence
 * @err: negative errno, of the kernel's core
 *
 * Return: the sentence.
 */
const char *e2ae_own_sentence(int err)
{
	switch (err) {
	case -EPERM:
		return "needs CAP_NET_ADMIN in the network namespace's user namespace";
	case -ENOENT:
		return "the e2ae module is not loaded";
	case -EOPNOTSUPP:
		return "the e2ae module does not know this operation";
	case -ENOBUFS:
		return "the kernel had no room for the answer";
	default:
		return strerror(-err);
	}
}

/* Where the attributes of an error or of the end of a dump start. */
static int extack_offset(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = NLMSG_DATA(nlh);

	if (nlh->nlmsg_type == NLMSG_DONE)
		return NLMSG_LENGTH(sizeof(int));
	if (nlh->nlmsg_flags & NLM_F_CAPPED)
		return NLMSG_LENGTH(sizeof(*e));
	return NLMSG_LENGTH(sizeof(*e)) + NLMSG_ALIGN(e->msg.nlmsg_len) -
	       NLMSG_HDRLEN;
}

/**
 * e2ae_refusal() - note what the kernel says of a request
 * @h: handle
 * @nlh: NLMSG_ERROR or NLMSG_DONE, long enough to hold its errno
 * @sent: the request, or NULL if it is gone
 *
 * Return: the negative errno, or 0 if the kernel did it.
 */
int e2ae_refusal(struct e2ae *h, const struct nlmsghdr *nlh,
		 const struct nlmsghdr *sent)
{
	struct nlattr *tb[NLMSGERR_ATTR_OFFS + 1] = { NULL };
	int err = *(const int *)NLMSG_DATA(nlh), offset = extack_offset(nlh);
	char fault[96] = "";

	if (err >= 0)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && (int)nlh->nlmsg_len > offset)
		nla_parse(tb, NLMSGERR_ATTR_OFFS,
			  (struct nlattr *)((char *)nlh + offset),
			  nlh->nlmsg_len - offset, NULL);
	if (tb[NLMSGERR_ATTR_OFFS] && sent &&
	    nla_len(tb[NLMSGERR_ATTR_OFFS]) == sizeof(uint32_t))
		name_fault(&e2ae_root_info, (const uint8_t *)sent,
			   (const struct nlattr *)((const char *)sent +
						   NLMSG_LENGTH(GENL_HDRLEN)),
			   sent->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN),
			   nla_get_u32(tb[NLMSGERR_ATTR_OFFS]), fault,
			   sizeof(fault));
	if (!tb[NLMSGERR_ATTR_MSG])
		return e2ae_fail(h, err, "%s%s%s%s", e2ae_own_sentence(err),
				 *fault ? " (" : "", fault, *fault ? ")" : "");
	return e2ae_fail(h, err, "%.*s%s%s%s",
			 (int)strnlen(nla_data(tb[NLMSGERR_ATTR_MSG]),
				      nla_len(tb[NLMSGERR_ATTR_MSG])),
			 (char *)nla_data(tb[NLMSGERR_ATTR_MSG]),
			 *fault ? " (" : "", fault, *fault ? ")" : "");
}
