// SPDX-License-Identifier: GPL-2.0
/* From the host of a URI to addresses (RFC 3263, 4). */
#include <arpa/nameser.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns.h"

#define STEPS_MAX     16
#define NAME_SIZE     256
#define NAME_LONGEST  253 /* characters of a domain name (RFC 1035, 2.3.4) */
#define SECONDS	      10 /* for the whole; then with what was found */
#define ADDRESSES_MAX 16 /* of a name, that are kept */
#define NAPTR_BEST    3 /* records that are followed, one for each transport */

enum step_kind {
	STEP_NAPTR,
	STEP_SRV,
	STEP_HOST,
};

/**
 * struct step - a question still to ask
 * @what: kind of records
 * @spare: dropped as soon as any SRV record was found
 * @kind: transport of what it leads to
 * @port: of what it leads to, for STEP_HOST
 * @name: the name
 */
struct step {
	enum step_kind what;
	bool spare;
	enum net_kind kind;
	uint16_t port;
	char name[NAME_SIZE];
};

/**
 * struct net_resolution - a name being resolved
 * @all: place in dns->running
 * @dns: the resolver
 * @done: whom to tell
 * @arg: first argument of @done
 * @timer: end of its time
 * @waiting: c-ares owes an answer to @now
 * @stepping: ask_all() is on the stack
 * @over: told, or cancelled; the memory stays while @waiting
 * @known: what is read now comes from the cache
 * @sips: only TLS will do
 * @error: the worst thing that happened, if nothing is found
 * @now: the question asked
 * @n_steps: how many
 * @steps: questions to ask, in this order
 * @n_found: how many
 * @found: what was found
 */
struct net_resolution {
	LIST_ENTRY(net_resolution) all;
	struct net_dns *dns;
	net_resolved *done;
	void *arg;
	struct event timer;
	bool waiting;
	bool stepping;
	bool over;
	bool known;
	bool sips;
	int error;
	struct step now;
	size_t n_steps;
	struct step steps[STEPS_MAX];
	size_t n_found;
	struct net_target found[NET_TARGETS_MAX];
};

static uint16_t usual_port(enum net_kind kind)
{
	return kind == NET_TLS ? 5061 : 5060;
}

/* Whether we have a listener that could stand for it. */
static bool supported(const struct net *net, enum net_kind kind, int family)
{
	const struct net_listener *l;

	TAILQ_FOREACH(l, &net->listeners, all)
	{
		if (l->kind == kind &&
		    (!family || l->addr.sa.sa_family == family))
			return true;
	}
	return TAILQ_EMPTY(&net->listeners);
}

static void free_resolution(struct net_resolution *r)
{
	LIST_REMOVE(r, all);
	r->dns->n_running--;
	event_del(&r->timer);
	free(r);
}

/* Puts a question at a place of the list; there are never too many asked. */
static void insert(struct net_resolution *r, size_t at, const struct step *step)
{
	if (r->n_steps == STEPS_MAX || at > r->n_steps)
		return;
	memmove(&r->steps[at + 1], &r->steps[at],
		(r->n_steps - at) * sizeof(*step));
	r->steps[at] = *step;
	r->n_steps++;
}

static void add(struct net_resolution *r, const struct step *step)
{
	insert(r, r->n_steps, step);
}

static void add_srv(struct net_resolution *r, enum net_kind kind,
		    const char *host)
{
	static const char *const prefix[] = { "_sip._udp", "_sip._tcp",
					      "_sips._tcp" };
	struct step step = { .what = STEP_SRV, .spare = true, .kind = kind };
	int n = snprintf(step.name, sizeof(step.name), "%s.%s", prefix[kind],
			 host);

	if (n < (int)sizeof(step.name))
		add(r, &step);
}

static void add_host(struct net_resolution *r, bool spare, enum net_kind kind,
		     const char *host)
{
	struct step step = { .what = STEP_HOST,
			     .spare = spare,
			     .kind = kind,
			     .port = usual_port(kind) };

	snprintf(step.name, sizeof(step.name), "%s", host);
	add(r, &step);
}

static void finish(struct net_resolution *r)
{
	int error = r->n_found ? 0 : r->error ?: -ENOENT;

	r->over = true;
	event_del(&r->timer);
	r->done(r->arg, error, r->found, r->n_found);
	if (!r->waiting && !r->stepping)
		free_resolution(r);
}

static void found_addr(struct net_resolution *r, const struct sockaddr *sa)
{
	struct net_target target = { .kind = r->now.kind };
	size_t i;

	if (r->n_found == NET_TARGETS_MAX ||
	    !supported(r->dns->net, target.kind, sa->sa_family))
		return;
	if (sa->sa_family == AF_INET) {
		memcpy(&target.addr.in4, sa, sizeof(target.addr.in4));
		target.addr.in4.sin_port = htons(r->now.port);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&target.addr.in6, sa, sizeof(target.addr.in6));
		target.addr.in6.sin6_port = htons(r->now.port);
	} else {
		return;
	}
	for (i = 0; i < r->n_found; i++) {
		if (r->found[i].kind == target.kind &&
		    net_addr_equal(&r->found[i].addr, &target.addr))
			return;
	}
	r->found[r->n_found++] = target;
}

static bool is_negative(int status)
{
	return status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

/* "No such thing" is no error: another question follows. */
static void failed(struct net_resolution *r, int status)
{
	if (status == ARES_ETIMEOUT)
		r->error = -ETIMEDOUT;
	else if (status == ARES_ENOMEM)
		r->error = -ENOMEM;
	else if (!is_negative(status))
		r->error = -EAGAIN;
}

static void drop_spare(struct net_resolution *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_steps; i++) {
		if (!r->steps[i].spare)
			r->steps[n++] = r->steps[i];
	}
	r->n_steps = n;
}

/* Keeps what was said of the present question. */
static void remember(struct net_resolution *r, const void *data, size_t len,
		     uint32_t ttl)
{
	if (!r->known)
		net_cache_put(r->dns, r->now.what, r->now.name, data, len, ttl);
}

static void read_srv(struct net_resolution *r, const unsigned char *answer,
		     int len)
{
	struct step step = { .what = STEP_HOST, .kind = r->now.kind };
	struct net_srv srv;
	size_t i, at = 0;

	if (net_srv_read(answer, len, &srv)) {
		r->error = -EBADMSG;
		return;
	}
	remember(r, answer, len, net_answer_ttl(answer, len, false));
	if (srv.n)
		drop_spare(r);
	for (i = 0; i < srv.n && at < NET_TARGETS_MAX; i++) {
		step.port = srv.order[i]->port;
		/* The root says that there decidedly is no service. */
		if (!step.port || !srv.order[i]->host[0] ||
		    !strcmp(srv.order[i]->host, "."))
			continue;
		if (snprintf(step.name, sizeof(step.name), "%s",
			     srv.order[i]->host) < (int)sizeof(step.name))
			insert(r, at++, &step);
	}
	ares_free_data(srv.all);
}

static void read_naptr(struct net_resolution *r, const unsigned char *answer,
		       int len)
{
	struct step step = { .what = STEP_SRV };
	struct net_naptr naptr;
	size_t i, used = 0;

	if (net_naptr_read(answer, len, &naptr))
		return;
	remember(r, answer, len, net_answer_ttl(answer, len, false));
	for (i = 0; i < naptr.n && used < NAPTR_BEST; i++) {
		if (!net_naptr_kind(naptr.order[i], &step.kind) ||
		    (r->sips && step.kind != NET_TLS) ||
		    !supported(r->dns->net, step.kind, 0))
			continue;
		if (!used)
			drop_spare(r);
		if (snprintf(step.name, sizeof(step.name), "%s",
			     naptr.order[i]->replacement) <
		    (int)sizeof(step.name))
			insert(r, used++, &step);
	}
	ares_free_data(naptr.all);
}

static void step_on(struct net_resolution *r);

/* An answer came; true if anybody still waits for it. */
static bool answered(struct net_resolution *r, int status)
{
	r->waiting = false;
	if (r->over && !r->stepping)
		free_resolution(r);
	else if (!r->over && status != ARES_SUCCESS)
		failed(r, status);
	else
		return !r->over;
	return false;
}

static void on_records(void *arg, int status, int timeouts,
		       unsigned char *answer, int len)
{
	struct net_resolution *r = arg;
	bool over = r->over;

	(void)timeouts;
	if (is_negative(status))
		remember(r, NULL, 0, net_answer_ttl(answer, len, true));
	if (answered(r, status)) {
		if (r->now.what == STEP_SRV)
			read_srv(r, answer, len);
		else
			read_naptr(r, answer, len);
	}
	if (!over)
		step_on(r);
}

static void read_addresses(struct net_resolution *r,
			   const struct ares_addrinfo *info)
{
	const struct ares_addrinfo_cname *alias = info->cnames;
	const struct ares_addrinfo_node *node;
	struct net_addr list[ADDRESSES_MAX];
	int ttl = INT_MAX;
	size_t n = 0;

	for (; alias; alias = alias->next)
		ttl = alias->ttl < ttl ? alias->ttl : ttl;
	memset(list, 0, sizeof(list));
	for (node = info->nodes; node; node = node->ai_next) {
		found_addr(r, node->ai_addr);
		ttl = node->ai_ttl < ttl ? node->ai_ttl : ttl;
		if (n < ADDRESSES_MAX &&
		    node->ai_addrlen <= (ares_socklen_t)sizeof(*list))
			memcpy(&list[n++], node->ai_addr, node->ai_addrlen);
	}
	if (n && ttl > 0)
		remember(r, list, n * sizeof(*list), (uint32_t)ttl);
}

static void on_addresses(void *arg, int status, int timeouts,
			 struct ares_addrinfo *info)
{
	struct net_resolution *r = arg;
	bool over = r->over;

	(void)timeouts;
	if (answered(r, status))
		read_addresses(r, info);
	if (info)
		ares_freeaddrinfo(info);
	if (!over)
		step_on(r);
}

/* Is the question answered by what is known already? */
static bool answer_known(struct net_resolution *r)
{
	const struct net_cached *one =
		net_cache_find(r->dns, r->now.what, r->now.name);
	struct net_addr addr;
	size_t at;

	if (!one)
		return false;
	r->known = true;
	for (at = 0; r->now.what == STEP_HOST && at < one->len;
	     at += sizeof(addr)) {
		memcpy(&addr, one->data + at, sizeof(addr));
		found_addr(r, &addr.sa);
	}
	if (one->len && r->now.what == STEP_SRV)
		read_srv(r, one->data, (int)one->len);
	else if (one->len && r->now.what == STEP_NAPTR)
		read_naptr(r, one->data, (int)one->len);
	r->known = false;
	return true;
}

static void ask(struct net_resolution *r)
{
	ares_channel channel = r->dns->channel;
	struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC };
	const char *name = r->now.name;

	r->waiting = true;
	if (r->now.what == STEP_HOST)
		ares_getaddrinfo(channel, name, NULL, &hints, on_addresses, r);
	else
		ares_query(channel, name, ns_c_in,
			   r->now.what == STEP_SRV ? ns_t_srv : ns_t_naptr,
			   on_records, r);
}

/* Asks question after question; c-ares may answer at once. True at the end. */
static bool ask_all(struct net_resolution *r)
{
	r->stepping = true;
	while (!r->waiting && r->n_steps && r->n_found < NET_TARGETS_MAX) {
		r->now = r->steps[0];
		r->n_steps--;
		memmove(&r->steps[0], &r->steps[1],
			r->n_steps * sizeof(r->now));
		if (!answer_known(r))
			ask(r);
	}
	r->stepping = false;
	return !r->waiting;
}

static void step_on(struct net_resolution *r)
{
	if (!r->stepping && ask_all(r))
		finish(r);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct net_resolution *r = arg;

	(void)fd;
	(void)what;
	r->error = -ETIMEDOUT;
	finish(r);
}

/**
 * net_resolve_forget() - tell nobody of a resolution, and list it no more
 * @resolution: one that waits for c-ares, which frees it with its answer
 */
void net_resolve_forget(struct net_resolution *resolution)
{
	net_resolve_cancel(resolution);
	LIST_REMOVE(resolution, all);
	/* free_resolution() takes it off a list again, of its own. */
	resolution->all.le_next = NULL;
	resolution->all.le_prev = &resolution->all.le_next;
}

/**
 * net_resolve_cancel() - do not tell of a resolution
 * @resolution: from net_resolve(), not yet told; or NULL
 */
void net_resolve_cancel(struct net_resolution *resolution)
{
	if (!resolution)
		return;
	resolution->over = true;
	event_del(&resolution->timer);
}

/* Transport of a URI; negative errno if there is no such way. */
static int wanted_kind(struct sdp_text transport, bool sips,
		       enum net_kind *kind)
{
	if (!transport.len)
		*kind = sips ? NET_TLS : NET_UDP;
	else if (sip_alike(transport, sdp_text_of("tls")))
		*kind = NET_TLS;
	else if (sip_alike(transport, sdp_text_of("tcp")))
		*kind = sips ? NET_TLS : NET_TCP;
	else if (!sips && sip_alike(transport, sdp_text_of("udp")))
		*kind = NET_UDP;
	else
		return -EPROTONOSUPPORT;
	return 0;
}

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static int copy_name(struct sdp_text host, char name[NAME_SIZE])
{
	size_t i;

	if (!host.len || host.len > NAME_LONGEST || host.at[0] == '.')
		return -EINVAL;
	for (i = 0; i < host.len; i++) {
		if (!in_name(host.at[i]))
			return -EINVAL;
		name[i] = host.at[i];
	}
	name[i] = 0;
	return 0;
}

/* The questions for a name (RFC 3263, 4.1 and 4.2). */
static void plan(struct net_resolution *r, const char *name, uint16_t port,
		 bool transport, enum net_kind kind)
{
	struct step step = { .what = STEP_NAPTR, .kind = kind };
	enum net_kind any;

	if (port) {
		add_host(r, false, kind, name);
		r->steps[0].port = port;
		return;
	}
	if (!transport) {
		snprintf(step.name, sizeof(step.name), "%s", name);
		add(r, &step);
	}
	for (any = NET_UDP; any <= NET_TLS; any++) {
		if (transport || r->sips ? any == kind :
					   supported(r->dns->net, any, 0))
			add_srv(r, any, name);
	}
	add_host(r, true, kind, name);
}

static int start(struct net_resolution **r, struct net_dns *dns)
{
	struct timeval wait = { SECONDS, 0 };

	if (dns->n_running >= NET_RESOLUTIONS_MAX)
		return -EBUSY;
	*r = calloc(1, sizeof(**r));
	if (!*r)
		return -ENOMEM;
	(*r)->dns = dns;
	evtimer_assign(&(*r)->timer, dns->net->base, on_time, *r);
	if (event_add(&(*r)->timer, &wait)) {
		free(*r);
		return -ENOMEM;
	}
	LIST_INSERT_HEAD(&dns->running, *r, all);
	dns->n_running++;
	return 0;
}

/**
 * net_resolve() - find where to send what has this URI (RFC 3263, 4)
 * @net: the net
 * @host: of the URI: a name, or an address with or without brackets
 * @port: of the URI, 0 without
 * @transport: of the URI, may be empty
 * @sips: it is a sips URI
 * @done: told once: an error, or targets in the order in which to try them
 * @arg: first argument of @done
 *
 * Errors are -ENOENT (no such name), -ETIMEDOUT and -EAGAIN (servers fail),
 * -EBADMSG, -EPROTONOSUPPORT (a transport for which there is no listener),
 * -EINVAL (no name), -EBUSY and -ENOMEM.
 *
 * Return: for net_resolve_cancel(), until @done was told; NULL if it already was.
 */
struct net_resolution *net_resolve(struct net *net, struct sdp_text host,
				   uint16_t port, struct sdp_text transport,
				   bool sips, net_resolved *done, void *arg)
{
	struct net_resolution *r = NULL;
	struct net_target target;
	char name[NAME_SIZE];
	bool over;
	int err;

	memset(&target, 0, sizeof(target));
	err = wanted_kind(transport, sips, &target.kind);
	if (!err && !net_addr_set(&target.addr, host,
				  port ?: usual_port(target.kind))) {
		done(arg, 0, &target, 1);
		return NULL;
	}
	if (!err && (port || transport.len || sips) &&
	    !supported(net, target.kind, 0))
		err = -EPROTONOSUPPORT;
	err = err ?: copy_name(host, name) ?: start(&r, net->dns);
	if (err) {
		done(arg, err, NULL, 0);
		return NULL;
	}
	r->done = done;
	r->arg = arg;
	r->sips = sips;
	plan(r, name, port, transport.len, target.kind);
	over = ask_all(r);
	net_dns_rearm(net->dns);
	if (!over)
		return r;
	finish(r);
	return NULL;
}
