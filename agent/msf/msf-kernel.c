// SPDX-License-Identifier: GPL-2.0
/* The MSF that is the kernel module of this machine, over libe2ae. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "inner.h"

#define EVENTS_AT_ONCE 64 /* then other work of the loop has its turn */

/*
 * @requests: handle for requests
 * @events: handle that only listens
 * @readable: its descriptor in the event loop
 */
struct msf_kernel {
	struct msf msf;
	struct e2ae *requests;
	struct e2ae *events;
	struct event *readable;
};

static struct msf_kernel *kernel_of(const struct msf *msf)
{
	return (struct msf_kernel *)msf;
}

static int kernel_create(struct msf *msf, const struct e2ae_stream *stream,
			 const struct e2ae_sa *sas, unsigned int n_sas)
{
	return e2ae_stream_new(kernel_of(msf)->requests, stream, sas, n_sas);
}

static int kernel_change(struct msf *msf, const struct e2ae_stream *stream,
			 const struct e2ae_sa *sas, unsigned int n_sas)
{
	return e2ae_stream_set(kernel_of(msf)->requests, stream, sas, n_sas);
}

static int kernel_remove(struct msf *msf, uint32_t stream)
{
	return e2ae_stream_del(kernel_of(msf)->requests, stream);
}

static int kernel_get(struct msf *msf, uint32_t stream,
		      struct e2ae_stream *found)
{
	return e2ae_stream_get(kernel_of(msf)->requests, stream, found);
}

static int kernel_list(struct msf *msf, e2ae_stream_cb told, void *arg)
{
	return e2ae_stream_dump(kernel_of(msf)->requests, told, arg);
}

static const char *kernel_error(const struct msf *msf)
{
	return e2ae_error(kernel_of(msf)->requests);
}

static void kernel_close(struct msf *msf)
{
	struct msf_kernel *kernel = kernel_of(msf);

	if (kernel->readable)
		event_free(kernel->readable);
	e2ae_close(kernel->events);
	e2ae_close(kernel->requests);
	free(kernel);
}

static const struct msf_ops kernel_ops = {
	.create = kernel_create,
	.change = kernel_change,
	.remove = kernel_remove,
	.get = kernel_get,
	.list = kernel_list,
	.error = kernel_error,
	.close = kernel_close,
};

/* Lost events are lost: silence is told again, expiry has a soft limit first. */
static void read_events(evutil_socket_t fd, short what, void *arg)
{
	struct msf_kernel *kernel = arg;
	struct e2ae_event event;
	unsigned int i;
	int err;

	(void)fd;
	(void)what;
	for (i = 0; i < EVENTS_AT_ONCE; i++) {
		err = e2ae_event_next(kernel->events, &event);
		if (err == -ENOBUFS || err == -EINTR)
			continue;
		if (err)
			return;
		if (kernel->msf.event)
			kernel->msf.event(kernel->msf.arg, &event);
	}
}

static int listen_to_events(struct msf_kernel *kernel, struct event_base *base,
			    char *why, size_t room)
{
	int err, fd;

	err = e2ae_open(&kernel->events, NULL);
	if (!err)
		err = e2ae_subscribe(kernel->events);
	if (err) {
		snprintf(why, room, "cannot listen to the kernel: %s",
			 e2ae_error(kernel->events));
		return err;
	}
	fd = e2ae_fd(kernel->events);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)) {
		snprintf(why, room, "netlink socket: %s", strerror(errno));
		return -errno;
	}
	kernel->readable =
		event_new(base, fd, EV_READ | EV_PERSIST, read_events, kernel);
	if (kernel->readable && !event_add(kernel->readable, NULL))
		return 0;
	snprintf(why, room, "no event for the netlink socket");
	return -ENOMEM;
}

/**
 * msf_kernel_open() - use the kernel module of this network namespace
 * @msf: the MSF
 * @base: for events; NULL without
 * @why: a sentence on error
 * @room: octets there
 *
 * Return: 0 or a negative errno.
 */
int msf_kernel_open(struct msf **msf, struct event_base *base, char *why,
		    size_t room)
{
	struct msf_kernel *kernel = calloc(1, sizeof(*kernel));
	int err;

	if (!kernel) {
		snprintf(why, room, "out of memory");
		return -ENOMEM;
	}
	kernel->msf.ops = &kernel_ops;
	err = e2ae_open(&kernel->requests, NULL);
	if (err)
		snprintf(why, room, "the kernel module e2ae: %s",
			 e2ae_error(kernel->requests));
	else if (base)
		err = listen_to_events(kernel, base, why, room);
	if (err)
		kernel_close(&kernel->msf);
	else
		*msf = &kernel->msf;
	return err;
}
