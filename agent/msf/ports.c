// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of ports. Free pairs stand in an array in no order: one is taken at
 * random and the last takes its place. Pairs that rest stand in a ring in the
 * order in which they were given back, and that is the order in which they are
 * free again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "ports.h"

/* What a pair is at the moment. */
enum pair_state {
	PAIR_FREE,
	PAIR_USED,
	PAIR_RESTS,
};

/*
 * @first: port of pair 0
 * @n: pairs
 * @quarantine: milliseconds
 * @n_free: pairs in @free
 * @n_rest: pairs in @rest
 * @head: oldest in @rest
 * @state: enum pair_state, by pair
 * @free: pairs that are free
 * @place: of a free pair in @free, by pair
 * @rest: ring of pairs that rest, @n long
 * @until: when the pair is free again, by place in @rest
 * @random: octets drawn and not used yet
 * @n_random: how many
 */
struct ports {
	uint16_t first;
	unsigned int n;
	unsigned int quarantine;
	unsigned int n_free;
	unsigned int n_rest;
	unsigned int head;
	uint8_t *state;
	uint16_t *free;
	uint16_t *place;
	uint16_t *rest;
	uint64_t *until;
	uint32_t random[64];
	unsigned int n_random;
};

static int alloc_arrays(struct ports *ports)
{
	ports->state = calloc(ports->n, sizeof(ports->state[0]));
	ports->free = calloc(ports->n, sizeof(ports->free[0]));
	ports->place = calloc(ports->n, sizeof(ports->place[0]));
	ports->rest = calloc(ports->n, sizeof(ports->rest[0]));
	ports->until = calloc(ports->n, sizeof(ports->until[0]));
	return ports->state && ports->free && ports->place && ports->rest &&
			       ports->until ?
		       0 :
		       -ENOMEM;
}

static void add_free(struct ports *ports, uint16_t pair)
{
	ports->state[pair] = PAIR_FREE;
	ports->place[pair] = (uint16_t)ports->n_free;
	ports->free[ports->n_free++] = pair;
}

/**
 * ports_new() - pairs of ports
 * @ports: the pairs
 * @first: first port, even, not 0
 * @last: last port, odd
 * @quarantine: milliseconds that a pair rests after its use
 *
 * Return: 0, -EINVAL for another range, -ENOMEM.
 */
int ports_new(struct ports **ports, uint16_t first, uint16_t last,
	      unsigned int quarantine)
{
	struct ports *new;
	unsigned int i;

	*ports = NULL;
	if (!first || first % 2 || last % 2 == 0 || last < first)
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->first = first;
	new->n = (last - first + 1U) / 2;
	new->quarantine = quarantine;
	if (alloc_arrays(new)) {
		ports_free(new);
		return -ENOMEM;
	}
	for (i = 0; i < new->n; i++)
		add_free(new, (uint16_t)i);
	*ports = new;
	return 0;
}

/**
 * ports_free() - forget all pairs
 * @ports: the pairs, or NULL
 */
void ports_free(struct ports *ports)
{
	if (!ports)
		return;
	free(ports->state);
	free(ports->free);
	free(ports->place);
	free(ports->rest);
	free(ports->until);
	free(ports);
}

static void take_free(struct ports *ports, uint16_t pair)
{
	uint16_t last = ports->free[--ports->n_free];

	ports->free[ports->place[pair]] = last;
	ports->place[last] = ports->place[pair];
	ports->state[pair] = PAIR_USED;
}

/* At most two pairs a call, so that no call has to pay for many. */
static void end_rest(struct ports *ports, uint64_t now_ms)
{
	unsigned int i;

	for (i = 0; i < 2 && ports->n_rest; i++) {
		if (ports->until[ports->head] > now_ms)
			return;
		add_free(ports, ports->rest[ports->head]);
		ports->head = (ports->head + 1) % ports->n;
		ports->n_rest--;
	}
}

/* A number below @n, each as likely as the other but for one part in 2^16. */
static int draw(struct ports *ports, unsigned int n, unsigned int *number)
{
	if (!ports->n_random) {
		if (RAND_bytes((unsigned char *)ports->random,
			       sizeof(ports->random)) != 1)
			return -EIO;
		ports->n_random =
			sizeof(ports->random) / sizeof(ports->random[0]);
	}
	*number = ports->random[--ports->n_random] % n;
	return 0;
}

/**
 * ports_take() - take a pair, any of those that are free
 * @ports: the pairs
 * @now_ms: monotonic milliseconds
 * @rtp: the even port; RTCP's is the next
 *
 * Return: 0; -ENOSPC if all are in use or rest; -EIO if there is no randomness.
 */
int ports_take(struct ports *ports, uint64_t now_ms, uint16_t *rtp)
{
	unsigned int i;
	uint16_t pair;
	int err;

	end_rest(ports, now_ms);
	if (!ports->n_free)
		return -ENOSPC;
	err = draw(ports, ports->n_free, &i);
	if (err)
		return err;
	pair = ports->free[i];
	take_free(ports, pair);
	*rtp = (uint16_t)(ports->first + 2 * pair);
	return 0;
}

static int pair_of(const struct ports *ports, uint16_t rtp, uint16_t *pair)
{
	if (rtp < ports->first || (rtp - ports->first) % 2 ||
	    (rtp - ports->first) / 2U >= ports->n)
		return -ERANGE;
	*pair = (uint16_t)((rtp - ports->first) / 2);
	return 0;
}

/**
 * ports_claim() - take a certain pair, of a stream that was there before us
 * @ports: the pairs
 * @rtp: the even port
 *
 * Return: 0; -ERANGE if it is not ours; -EBUSY if it is not free.
 */
int ports_claim(struct ports *ports, uint16_t rtp)
{
	uint16_t pair;
	int err;

	err = pair_of(ports, rtp, &pair);
	if (err)
		return err;
	if (ports->state[pair] != PAIR_FREE)
		return -EBUSY;
	take_free(ports, pair);
	return 0;
}

/**
 * ports_give() - give a pair back
 * @ports: the pairs
 * @now_ms: monotonic milliseconds
 * @rtp: the even port; one that is not in use is left as it is
 */
void ports_give(struct ports *ports, uint64_t now_ms, uint16_t rtp)
{
	unsigned int tail;
	uint16_t pair;

	if (pair_of(ports, rtp, &pair) || ports->state[pair] != PAIR_USED)
		return;
	tail = (ports->head + ports->n_rest++) % ports->n;
	ports->state[pair] = PAIR_RESTS;
	ports->rest[tail] = pair;
	ports->until[tail] = now_ms + ports->quarantine;
}

/**
 * ports_used() - how many pairs are in use
 * @ports: the pairs
 *
 * Return: pairs that are taken, without those that rest.
 */
size_t ports_used(const struct ports *ports)
{
	return ports->n - ports->n_free - ports->n_rest;
}

/**
 * ports_size() - how many pairs there are
 * @ports: the pairs
 *
 * Return: pairs, taken or not.
 */
size_t ports_size(const struct ports *ports)
{
	return ports->n;
}
