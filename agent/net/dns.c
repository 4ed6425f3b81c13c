// SPDX-License-Identifier: GPL-2.0
/* The sockets and the timer of c-ares. */
#include <errno.h>
#include <stdlib.h>

#include "dns.h"

#define TRY_MS 1500
#define TRIES  2

/**
 * struct net_dns_watch - a socket of c-ares
 * @all: place in dns->watches
 * @dns: whose
 * @fd: socket
 * @ready: event
 */
struct net_dns_watch {
	LIST_ENTRY(net_dns_watch) all;
	struct net_dns *dns;
	ares_socket_t fd;
	struct event ready;
};

/**
 * net_dns_rearm() - wake up when c-ares wants to
 * @dns: the resolver, after every call that may have begun or ended a query
 */
void net_dns_rearm(struct net_dns *dns)
{
	struct timeval room, *wait = ares_timeout(dns->channel, NULL, &room);

	if (wait)
		event_add(&dns->timer, wait);
	else
		event_del(&dns->timer);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct net_dns_watch *watch = arg;
	struct net_dns *dns = watch->dns;

	/* The watch may be gone after this. */
	ares_process_fd(dns->channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
			what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	net_dns_rearm(dns);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct net_dns *dns = arg;

	(void)fd;
	(void)what;
	ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	net_dns_rearm(dns);
}

static struct net_dns_watch *watch_for(struct net_dns *dns, ares_socket_t fd)
{
	struct net_dns_watch *watch;

	LIST_FOREACH(watch, &dns->watches, all)
	{
		if (watch->fd == fd)
			return watch;
	}
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return NULL;
	watch->dns = dns;
	watch->fd = fd;
	event_assign(&watch->ready, dns->net->base, fd, EV_READ, on_ready,
		     watch);
	LIST_INSERT_HEAD(&dns->watches, watch, all);
	return watch;
}

/* c-ares says what it waits for on a socket, at the end for nothing. */
static void on_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	/* Without memory the query just times out. */
	struct net_dns_watch *watch = watch_for(arg, fd);
	short what = EV_PERSIST;

	if (!watch)
		return;
	event_del(&watch->ready);
	if (!readable && !writable) {
		LIST_REMOVE(watch, all);
		free(watch);
		return;
	}
	what |= readable ? EV_READ : 0;
	what |= writable ? EV_WRITE : 0;
	event_assign(&watch->ready, watch->dns->net->base, fd, what, on_ready,
		     watch);
	event_add(&watch->ready, NULL);
}

/**
 * net_dns_new() - make a resolver
 * @net: whose
 * @dns: set to it
 *
 * Return: 0, -ENOMEM, or -EIO if c-ares does not start.
 */
int net_dns_new(struct net *net, struct net_dns **dns)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
			 ARES_FLAG_EDNS,
		.timeout = TRY_MS,
		.tries = TRIES,
		.ednspsz = 1232,
		.sock_state_cb = on_state,
	};
	struct net_dns *d = calloc(1, sizeof(*d));
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		   ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB;

	if (!d)
		return -ENOMEM;
	options.sock_state_cb_data = d;
	d->net = net;
	LIST_INIT(&d->watches);
	LIST_INIT(&d->running);
	TAILQ_INIT(&d->cached);
	evtimer_assign(&d->timer, net->base, on_timer, d);
	if (ares_library_init(ARES_LIB_INIT_ALL)) {
		free(d);
		return -EIO;
	}
	if (ares_init_options(&d->channel, &options, mask)) {
		ares_library_cleanup();
		free(d);
		return -EIO;
	}
	*dns = d;
	return 0;
}

/**
 * net_dns_free() - stop a resolver
 * @dns: the resolver or NULL; nobody is told of resolutions
 */
void net_dns_free(struct net_dns *dns)
{
	struct net_resolution *resolution;

	if (!dns)
		return;
	/* Each waits for c-ares, which answers all that wait when it goes. */
	while ((resolution = LIST_FIRST(&dns->running)))
		net_resolve_forget(resolution);
	ares_destroy(dns->channel);
	event_del(&dns->timer);
	ares_library_cleanup();
	net_cache_free(dns);
	free(dns);
}

/**
 * net_set_dns() - ask these DNS servers, not those of the system
 * @net: the net
 * @servers: "192.0.2.1", "192.0.2.1:5353,[2001:db8::1]:53"
 *
 * Return: 0, or -EINVAL if it cannot be read.
 */
int net_set_dns(struct net *net, const char *servers)
{
	int err = ares_set_servers_ports_csv(net->dns->channel, servers);

	return err == ARES_SUCCESS ? 0 : -EINVAL;
}
