// SPDX-License-Identifier: GPL-2.0
/*
 * What DNS said, for as long as it said that it holds (RFC 1035, 3.2.1; RFC 2308).
 * libc-ares before 1.31 keeps nothing. Bounded: the oldest goes first.
 */
#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns.h"

#define CACHED_MAX   1024
#define DATA_MAX     4096 /* octets; larger answers are asked for again */
#define SECONDS_MAX  86400
#define NEGATIVE_MAX 900
#define HEADER	     12
#define FIXED	     10 /* octets of a record between its name and its data */

static size_t bucket_of(int what, const char *name)
{
	uint32_t sum = 2166136261u ^ (uint32_t)what;

	for (; *name; name++)
		sum = (sum ^ ((unsigned char)*name | 0x20)) * 16777619u;
	return sum % NET_CACHE_BUCKETS;
}

static void drop(struct net_dns *dns, struct net_cached *one)
{
	LIST_REMOVE(one, bucket);
	TAILQ_REMOVE(&dns->cached, one, age);
	dns->n_cached--;
	free(one->name);
	free(one);
}

/**
 * net_cache_find() - what is known, if it still holds
 * @dns: the resolver
 * @what: kind of records
 * @name: the name
 *
 * Return: it, valid until net_cache_put() or net_cache_free(); or NULL.
 */
const struct net_cached *net_cache_find(struct net_dns *dns, int what,
					const char *name)
{
	struct net_cached *one;

	LIST_FOREACH(one, &dns->buckets[bucket_of(what, name)], bucket)
	{
		if (one->what != what || strcasecmp(one->name, name))
			continue;
		if (one->until > net_now())
			return one;
		drop(dns, one);
		return NULL;
	}
	return NULL;
}

/**
 * net_cache_put() - keep what was said
 * @dns: the resolver
 * @what: kind of records
 * @name: the name
 * @data: octets of an answer, or addresses
 * @len: how many octets; 0 if there are no such records
 * @ttl: for so many seconds; 0 for not at all
 */
void net_cache_put(struct net_dns *dns, int what, const char *name,
		   const void *data, size_t len, uint32_t ttl)
{
	uint32_t most = len ? SECONDS_MAX : NEGATIVE_MAX;
	struct net_cached *one;

	if (!ttl || len > DATA_MAX || net_cache_find(dns, what, name))
		return;
	one = malloc(sizeof(*one) + len);
	if (!one)
		return;
	one->name = strdup(name);
	if (!one->name) {
		free(one);
		return;
	}
	one->what = what;
	one->until = net_now() + 1000LL * (ttl < most ? ttl : most);
	one->len = len;
	if (len)
		memcpy(one->data, data, len);
	if (dns->n_cached == CACHED_MAX)
		drop(dns, TAILQ_FIRST(&dns->cached));
	TAILQ_INSERT_TAIL(&dns->cached, one, age);
	LIST_INSERT_HEAD(&dns->buckets[bucket_of(what, name)], one, bucket);
	dns->n_cached++;
}

/**
 * net_cache_free() - know nothing any more
 * @dns: the resolver
 */
void net_cache_free(struct net_dns *dns)
{
	while (!TAILQ_EMPTY(&dns->cached))
		drop(dns, TAILQ_FIRST(&dns->cached));
}

static uint32_t number_at(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* Octets of a name, as they stand there; 0 if it runs out of the message. */
static size_t name_len(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *from = at;

	while (at < end && *at && *at < 0xc0)
		at += 1 + *at;
	if (at >= end)
		return 0;
	at += *at ? 2 : 1;
	return at <= end ? (size_t)(at - from) : 0;
}

/* How long a SOA record lets "no such thing" hold (RFC 2308, 5). */
static uint32_t negative_ttl(const unsigned char *data, size_t len,
			     uint32_t ttl)
{
	uint32_t least;

	if (len < 22)
		return 0;
	least = number_at(data + len - 4);
	return least < ttl ? least : ttl;
}

/**
 * net_answer_ttl() - how long an answer holds
 * @answer: octets
 * @len: how many
 * @negative: it says that there are no such records
 *
 * Return: seconds; 0 if it is not to be kept, or malformed.
 */
uint32_t net_answer_ttl(const unsigned char *answer, int len, bool negative)
{
	const unsigned char *at = answer + HEADER, *end = answer + len;
	unsigned int left, type, data;
	uint32_t ttl, least = UINT32_MAX;
	size_t n;

	if (!answer || len < HEADER || answer[4] || answer[5] != 1)
		return 0;
	n = name_len(at, end);
	if (!n || (size_t)(end - at) < n + 4)
		return 0;
	at += n + 4;
	left = (answer[6] << 8 | answer[7]) +
	       (negative ? answer[8] << 8 | answer[9] : 0);
	for (; left; left--, at += data) {
		n = name_len(at, end);
		if (!n || (size_t)(end - at) < n + FIXED)
			return 0;
		at += n + FIXED;
		type = at[-10] << 8 | at[-9];
		ttl = number_at(at - 6);
		data = at[-2] << 8 | at[-1];
		if ((size_t)(end - at) < data)
			return 0;
		if (negative && type == ns_t_soa)
			return negative_ttl(at, data, ttl);
		if (ttl < least)
			least = ttl;
	}
	return negative || least == UINT32_MAX ? 0 : least;
}
