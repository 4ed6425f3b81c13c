// SPDX-License-Identifier: GPL-2.0
/* Commands of the driver. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "drive.h"

#define HELD_MAX 4096
#define LIMITS	 8

static struct net_limits limits;
static struct net_flow *held[HELD_MAX];
static struct net_resolution *resolutions[64];

/* Also dead ones, if they are held. */
struct net_flow *flow_of(struct drive *d, const char *id)
{
	uint64_t want = strtoull(id, NULL, 10);
	size_t i;

	for (i = 0; i < HELD_MAX; i++) {
		if (held[i] && net_flow_id(held[i]) == want)
			return held[i];
	}
	return net_flow_find(d->net, want);
}

static int do_limits(struct drive *d, char **a)
{
	(void)d;
	limits = (struct net_limits){
		.connections = (unsigned int)atoi(a[1]),
		.connections_each = (unsigned int)atoi(a[2]),
		.out_octets = (size_t)atoi(a[3]),
		.connect_seconds = (unsigned int)atoi(a[4]),
		.message_seconds = (unsigned int)atoi(a[5]),
		.idle_seconds = (unsigned int)atoi(a[6]),
		.sip = { (size_t)atoi(a[7]), 256, (size_t)atoi(a[8]) },
	};
	return 0;
}

static int do_new(struct drive *d, char **a)
{
	(void)a;
	d->messages = d->closed = 0;
	d->mode[0] = 0;
	return net_new(&d->net, d->base, &limits, &handlers, d);
}

static int do_free(struct drive *d, char **a)
{
	size_t i;

	(void)a;
	net_free(d->net);
	d->net = NULL;
	for (i = 0; i < HELD_MAX; i++) {
		net_flow_put(held[i]);
		held[i] = NULL;
	}
	return 0;
}

static enum net_kind kind_of(const char *name)
{
	return !strcmp(name, "tls") ? NET_TLS :
	       !strcmp(name, "tcp") ? NET_TCP :
				      NET_UDP;
}

static const char *or_null(const char *word)
{
	return strcmp(word, "-") ? word : NULL;
}

/* side NUMBER CERTIFICATE KEY CA KIND ADDRESS [KIND ADDRESS]... */
static int do_side(struct drive *d, char **a)
{
	struct net_listen listen[8];
	struct net_side side = { .side = atoi(a[1]),
				 .listen = listen,
				 .certificate = or_null(a[2]),
				 .private_key = or_null(a[3]),
				 .ca = or_null(a[4]) };
	char why[200] = "", text[NET_ADDR_TEXT];
	const struct net_addr *own;
	size_t i;
	int err;

	for (i = 0; i < 8 && a[5 + 2 * i]; i++) {
		listen[i].kind = kind_of(a[5 + 2 * i]);
		err = net_addr_parse(a[6 + 2 * i], &listen[i].addr);
		if (err)
			return err;
	}
	side.n_listen = i;
	err = net_add_side(d->net, &side, why, sizeof(why));
	say("{\"event\": \"side\", \"why\": \"%s\"", err ? why : "");
	for (i = 0; !err && i < side.n_listen; i++) {
		own = net_listen_addr(d->net, side.side, listen[i].kind,
				      listen[i].addr.sa.sa_family);
		say(", \"%s%d\": \"%s\"", net_kind_name(listen[i].kind),
		    own->sa.sa_family == AF_INET6 ? 6 : 4,
		    net_addr_text(own, text));
		err = net_is_own(d->net, own) ? 0 : -EBADF;
	}
	say("}\n");
	return err;
}

static int do_stop(struct drive *d, char **a)
{
	(void)a;
	net_stop_listening(d->net);
	return 0;
}

static int do_mode(struct drive *d, char **a)
{
	snprintf(d->mode, sizeof(d->mode), "%s", a[1]);
	return 0;
}

/* Takes over a hold; it ends with "put" or "free". */
int keep(struct net_flow *flow)
{
	size_t i;

	for (i = 0; i < HELD_MAX; i++) {
		if (!held[i]) {
			held[i] = flow;
			return 0;
		}
	}
	net_flow_put(flow);
	return -ENOSPC;
}

/* connect SIDE KIND ADDRESS NAME */
static int do_connect(struct drive *d, char **a)
{
	struct net_flow *flow = NULL;
	struct net_addr to;
	int err = net_addr_parse(a[3], &to);

	err = err   ?:
		      net_connect(d->net, atoi(a[1]), kind_of(a[2]), &to,
				  or_null(a[4]), &flow);
	say("{\"event\": \"flow\", \"flow\": %lu}\n",
	    flow ? (unsigned long)net_flow_id(flow) : 0);
	return err ?: keep(flow);
}

static int do_send(struct drive *d, char **a)
{
	static char data[1 << 18];
	struct net_flow *flow = flow_of(d, a[1]);
	size_t len = unhex(a[2], data, sizeof(data));

	return flow ? net_send(flow, data, len) : -ENOENT;
}

static int do_hold(struct drive *d, char **a)
{
	struct net_flow *flow = flow_of(d, a[1]);

	return flow ? keep(net_flow_get(flow)) : -ENOENT;
}

static int do_put(struct drive *d, char **a)
{
	struct net_flow *flow = flow_of(d, a[1]);
	size_t i;

	for (i = 0; i < HELD_MAX; i++) {
		if (flow && held[i] == flow) {
			held[i] = NULL;
			net_flow_put(flow);
			return 0;
		}
	}
	return -ENOENT;
}

static int do_close(struct drive *d, char **a)
{
	struct net_flow *flow = flow_of(d, a[1]);

	if (!flow)
		return -ENOENT;
	net_flow_close(flow);
	return 0;
}

static int do_find(struct drive *d, char **a)
{
	return net_flow_find(d->net, strtoull(a[1], NULL, 10)) ? 0 : -ENOENT;
}

/* export FLOW LABEL CONTEXT OCTETS; CONTEXT "-" is none, "=" is empty */
static int do_export(struct drive *d, char **a)
{
	struct net_flow *flow = flow_of(d, a[1]);
	size_t len = (size_t)atoi(a[4]);
	uint8_t out[256] = { 0 };
	char context[256];
	size_t n = unhex(a[3], context, sizeof(context));
	int err = -ENOENT;

	if (flow)
		err = net_flow_export(flow, a[2],
				      a[3][0] == '-' ? NULL : context, n, out,
				      len);
	say("{\"event\": \"export\", \"data\": \"");
	say_hex((char *)out, len);
	say("\"}\n");
	return err;
}

static void resolved(void *arg, int error, const struct net_target *found,
		     size_t n)
{
	struct net_resolution **slot = arg;
	char text[NET_ADDR_TEXT];
	size_t i;

	*slot = NULL;
	say("{\"event\": \"resolved\", \"tag\": %d, \"error\": %d, \"found\": [",
	    (int)(slot - resolutions), error);
	for (i = 0; i < n; i++)
		say("%s\"%s:%s\"", i ? ", " : "", net_kind_name(found[i].kind),
		    net_addr_text(&found[i].addr, text));
	say("]}\n");
}

/* resolve TAG HOST PORT TRANSPORT SIPS */
static int do_resolve(struct drive *d, char **a)
{
	struct net_resolution **slot = &resolutions[atoi(a[1])], *r;
	const char *transport = or_null(a[4]);

	r = net_resolve(d->net, sdp_text_of(a[2]), (uint16_t)atoi(a[3]),
			sdp_text_of(transport ? transport : ""), atoi(a[5]),
			resolved, slot);
	*slot = r;
	return r ? 1 : 0;
}

static int do_cancel(struct drive *d, char **a)
{
	(void)d;
	net_resolve_cancel(resolutions[atoi(a[1])]);
	return 0;
}

static int do_dns(struct drive *d, char **a)
{
	return net_set_dns(d->net, a[1]);
}

static int do_addr(struct drive *d, char **a)
{
	char text[NET_ADDR_TEXT], host[NET_ADDR_TEXT];
	struct net_addr addr;
	int err = net_addr_parse(a[1], &addr);

	(void)d;
	say("{\"event\": \"addr\", \"text\": \"%s\", \"host\": \"%s\", \"port\": %u}\n",
	    net_addr_text(&addr, text), net_addr_host(&addr, host),
	    net_addr_port(&addr));
	return err;
}

/* within ADDRESS NETWORK PREFIX */
static int do_within(struct drive *d, char **a)
{
	struct net_addr one, two;

	(void)d;
	return net_addr_parse(a[1], &one)	  ?:
		       net_addr_parse(a[2], &two) ?:
		       net_addr_within(&one, &two, (uint8_t)atoi(a[3]));
}

static int do_files(struct drive *d, char **a)
{
	struct rlimit limit;

	(void)d;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)atoi(a[1]);
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int do_count(struct drive *d, char **a)
{
	(void)a;
	say("{\"event\": \"count\", \"messages\": %lu, \"closed\": %lu}\n",
	    d->messages, d->closed);
	return 0;
}

static const struct {
	const char *name;
	int words;
	int (*run)(struct drive *d, char **a);
} commands[] = {
	{ "limits", LIMITS + 1, do_limits },
	{ "new", 1, do_new },
	{ "free", 1, do_free },
	{ "side", 5, do_side },
	{ "stop", 1, do_stop },
	{ "mode", 2, do_mode },
	{ "connect", 5, do_connect },
	{ "send", 3, do_send },
	{ "hold", 2, do_hold },
	{ "put", 2, do_put },
	{ "close", 2, do_close },
	{ "find", 2, do_find },
	{ "export", 5, do_export },
	{ "resolve", 6, do_resolve },
	{ "cancel", 2, do_cancel },
	{ "dns", 2, do_dns },
	{ "addr", 2, do_addr },
	{ "within", 4, do_within },
	{ "files", 2, do_files },
	{ "count", 1, do_count },
};

int command(struct drive *d, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(argv[0], commands[i].name))
			return argc < commands[i].words ?
				       -EINVAL :
				       commands[i].run(d, argv);
	}
	return -ENOSYS;
}
