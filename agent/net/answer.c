// SPDX-License-Identifier: GPL-2.0
/* Records of DNS answers, in the order in which they are to be tried. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <openssl/rand.h>

#include "dns.h"

static unsigned int below(unsigned int limit)
{
	uint32_t random = 0;

	/* Without randomness the order is still a valid one. */
	if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
		random = 0;
	return limit ? random % limit : 0;
}

/* Index of the next one among those of the best priority (RFC 2782, Weight). */
static size_t choose(struct ares_srv_reply *const *all, size_t n)
{
	unsigned int best = all[0]->priority, sum = 0, mark;
	size_t i, last = 0;

	for (i = 1; i < n; i++) {
		if (all[i]->priority < best)
			best = all[i]->priority;
	}
	for (i = 0; i < n; i++) {
		if (all[i]->priority == best)
			sum += all[i]->weight;
	}
	mark = below(sum + 1);
	sum = 0;
	for (i = 0; i < n; i++) {
		if (all[i]->priority != best)
			continue;
		last = i;
		sum += all[i]->weight;
		/* One without weight may win only where nothing was added. */
		if (sum >= mark && (all[i]->weight || !mark))
			return i;
	}
	return last;
}

/**
 * net_srv_read() - read the SRV records of an answer
 * @answer: octets
 * @len: how many
 * @srv: set to them, best first; ares_free_data() of @srv->all when done
 *
 * Return: 0 or -EBADMSG.
 */
int net_srv_read(const unsigned char *answer, int len, struct net_srv *srv)
{
	struct ares_srv_reply *one, *swap;
	size_t i, next;

	*srv = (struct net_srv){ 0 };
	if (ares_parse_srv_reply(answer, len, &srv->all) != ARES_SUCCESS)
		return -EBADMSG;
	for (one = srv->all; one && srv->n < ARRAY_SIZE(srv->order);
	     one = one->next)
		srv->order[srv->n++] = one;
	for (i = 0; i < srv->n; i++) {
		next = i + choose(srv->order + i, srv->n - i);
		swap = srv->order[i];
		srv->order[i] = srv->order[next];
		srv->order[next] = swap;
	}
	return 0;
}

/**
 * net_naptr_kind() - transport that a NAPTR record is about (RFC 3263, 4.1)
 * @one: the record
 * @kind: set to it
 *
 * Return: whether it is a record of ours that leads to SRV records.
 */
bool net_naptr_kind(const struct ares_naptr_reply *one, enum net_kind *kind)
{
	static const char *const service[] = { "SIP+D2U", "SIP+D2T",
					       "SIPS+D2T" };
	size_t i;

	if (strcasecmp((const char *)one->flags, "s") || one->regexp[0])
		return false;
	for (i = 0; i < ARRAY_SIZE(service); i++) {
		if (!strcasecmp((const char *)one->service, service[i])) {
			*kind = (enum net_kind)i;
			return true;
		}
	}
	return false;
}

static bool before(const struct ares_naptr_reply *a,
		   const struct ares_naptr_reply *b)
{
	if (a->order != b->order)
		return a->order < b->order;
	return a->preference < b->preference;
}

/**
 * net_naptr_read() - read the NAPTR records of an answer
 * @answer: octets
 * @len: how many
 * @naptr: set to those of SIP, best first; ares_free_data() of @naptr->all when
 *	done
 *
 * Return: 0 or -EBADMSG.
 */
int net_naptr_read(const unsigned char *answer, int len,
		   struct net_naptr *naptr)
{
	struct ares_naptr_reply *one;
	enum net_kind kind;
	size_t at;

	*naptr = (struct net_naptr){ 0 };
	if (ares_parse_naptr_reply(answer, len, &naptr->all) != ARES_SUCCESS)
		return -EBADMSG;
	for (one = naptr->all; one; one = one->next) {
		if (naptr->n == ARRAY_SIZE(naptr->order) ||
		    !net_naptr_kind(one, &kind))
			continue;
		for (at = naptr->n++; at && before(one, naptr->order[at - 1]);
		     at--)
			naptr->order[at] = naptr->order[at - 1];
		naptr->order[at] = one;
	}
	return 0;
}
