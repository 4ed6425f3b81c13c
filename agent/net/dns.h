/* SPDX-License-Identifier: GPL-2.0 */
/* c-ares on libevent. Names are resolved by resolve.c. */
#ifndef E2AE_NET_DNS_H
#define E2AE_NET_DNS_H

#include <ares.h>

#include "state.h"

#define NET_RESOLUTIONS_MAX 4096
#define NET_CACHE_BUCKETS   256

/**
 * struct net_cached - what DNS said
 * @age: place in dns->cached
 * @bucket: place in one of dns->buckets
 * @what: kind of records
 * @name: of what
 * @until: as net_now(); it does not hold any more
 * @len: octets, 0 if there are no such records
 * @data: an answer, or struct net_addr
 */
struct net_cached {
	TAILQ_ENTRY(net_cached) age;
	LIST_ENTRY(net_cached) bucket;
	int what;
	char *name;
	int64_t until;
	size_t len;
	unsigned char data[];
};

TAILQ_HEAD(net_cached_list, net_cached);

/**
 * struct net_dns - the resolver
 * @net: whose
 * @channel: c-ares
 * @watches: sockets of c-ares
 * @timer: of c-ares
 * @running: resolutions
 * @cached: what is known, the oldest first
 * @buckets: the same, by name
 * @n_cached: how many
 * @n_running: how many, with those that were cancelled but not answered
 */
struct net_dns {
	struct net *net;
	ares_channel channel;
	LIST_HEAD(, net_dns_watch) watches;
	struct event timer;
	LIST_HEAD(, net_resolution) running;
	unsigned int n_running;
	struct net_cached_list cached;
	LIST_HEAD(, net_cached) buckets[NET_CACHE_BUCKETS];
	unsigned int n_cached;
};

void net_dns_rearm(struct net_dns *dns);
void net_resolve_forget(struct net_resolution *resolution);

/* cache.c */
const struct net_cached *net_cache_find(struct net_dns *dns, int what,
					const char *name);
void net_cache_put(struct net_dns *dns, int what, const char *name,
		   const void *data, size_t len, uint32_t ttl);
void net_cache_free(struct net_dns *dns);
uint32_t net_answer_ttl(const unsigned char *answer, int len, bool negative);

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
