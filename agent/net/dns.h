/* SPDX-License-Identifier: GPL-2.0 */
/* c-ares on libevent. Names are resolved by resolve.c. */
#ifndef E2AE_NET_DNS_H
#define E2AE_NET_DNS_H

#include <ares.h>

#include "state.h"

#define NET_RESOLUTIONS_MAX 4096

/**
 * struct net_dns - the resolver
 * @net: whose
 * @channel: c-ares
 * @watches: sockets of c-ares
 * @timer: of c-ares
 * @running: resolutions
 * @n_running: how many, with those that were cancelled but not answered
 */
struct net_dns {
	struct net *net;
	ares_channel channel;
	LIST_HEAD(, net_dns_watch) watches;
	struct event timer;
	LIST_HEAD(, net_resolution) running;
	unsigned int n_running;
};

void net_dns_rearm(struct net_dns *dns);
void net_resolve_forget(struct net_resolution *resolution);

/* Records, best first: answer.c */
struct net_srv {
	struct ares_srv_reply *all;
	struct ares_srv_reply *order[32];
	size_t n;
};

int net_srv_read(const unsigned char *answer, int len, struct net_srv *srv);

struct net_naptr {
	struct ares_naptr_reply *all;
	struct ares_naptr_reply *order[16];
	size_t n;
};

int net_naptr_read(const unsigned char *answer, int len,
		   struct net_naptr *naptr);
bool net_naptr_kind(const struct ares_naptr_reply *one, enum net_kind *kind);

#endif
