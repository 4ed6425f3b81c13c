// SPDX-License-Identifier: GPL-2.0
/* Hash tables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define SLOTS_FIRST 64

/**
 * net_table_init() - make an empty table
 * @table: the table
 *
 * Return: 0 or -ENOMEM.
 */
int net_table_init(struct net_table *table)
{
	*table = (struct net_table){ .slots = SLOTS_FIRST };
	table->slot = calloc(table->slots, sizeof(*table->slot));
	return table->slot ? 0 : -ENOMEM;
}

/**
 * net_table_free() - forget a table
 * @table: the table; its entries are the caller's
 */
void net_table_free(struct net_table *table)
{
	free(table->slot);
	*table = (struct net_table){ 0 };
}

static void push(struct net_table *table, struct net_link *link)
{
	struct net_link **slot = &table->slot[link->hash & (table->slots - 1)];

	link->next = *slot;
	*slot = link;
}

/* Without memory for more slots the lists just become longer. */
static void grow(struct net_table *table)
{
	struct net_table wide = { .slots = 2 * table->slots,
				  .used = table->used };
	struct net_link *link;
	size_t i;

	wide.slot = calloc(wide.slots, sizeof(*wide.slot));
	if (!wide.slot)
		return;
	for (i = 0; i < table->slots; i++) {
		while ((link = table->slot[i])) {
			table->slot[i] = link->next;
			push(&wide, link);
		}
	}
	free(table->slot);
	*table = wide;
}

/**
 * net_table_add() - put an entry in
 * @table: the table
 * @link: place in the entry, in no table
 * @hash: of its key
 */
void net_table_add(struct net_table *table, struct net_link *link,
		   uint64_t hash)
{
	if (table->used >= table->slots)
		grow(table);
	link->hash = hash;
	push(table, link);
	table->used++;
}

/**
 * net_table_remove() - take an entry out
 * @table: the table
 * @link: place in an entry that is in it
 */
void net_table_remove(struct net_table *table, struct net_link *link)
{
	struct net_link **at = &table->slot[link->hash & (table->slots - 1)];

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	link->next = NULL;
	table->used--;
}

static struct net_link *from(struct net_link *link, uint64_t hash)
{
	while (link && link->hash != hash)
		link = link->next;
	return link;
}

/**
 * net_table_find() - first entry of a hash
 * @table: the table
 * @hash: the hash; the caller compares the keys
 *
 * Return: its place, or NULL.
 */
struct net_link *net_table_find(const struct net_table *table, uint64_t hash)
{
	return from(table->slot[hash & (table->slots - 1)], hash);
}

/**
 * net_table_next() - next entry of the same hash
 * @link: place of the one before
 *
 * Return: its place, or NULL.
 */
struct net_link *net_table_next(const struct net_link *link)
{
	return from(link->next, link->hash);
}

/**
 * net_table_any() - some entry
 * @table: the table
 *
 * Return: its place, or NULL if the table is empty.
 */
struct net_link *net_table_any(const struct net_table *table)
{
	size_t i;

	for (i = 0; table->used && i < table->slots; i++) {
		if (table->slot[i])
			return table->slot[i];
	}
	return NULL;
}

static uint64_t turn(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static void mix(uint64_t v[4], unsigned int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = turn(v[1], 13) ^ v[0];
		v[3] = turn(v[3], 16) ^ v[2];
		v[0] = turn(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = turn(v[1], 17) ^ v[2];
		v[3] = turn(v[3], 21) ^ v[0];
		v[2] = turn(v[2], 32);
	}
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

/**
 * net_hash() - SipHash-2-4, words in the order of the machine
 * @secret: key
 * @data: octets
 * @len: how many
 *
 * Return: the hash.
 */
uint64_t net_hash(const uint64_t secret[2], const void *data, size_t len)
{
	uint64_t v[4] = { secret[0] ^ 0x736f6d6570736575,
			  secret[1] ^ 0x646f72616e646f6d,
			  secret[0] ^ 0x6c7967656e657261,
			  secret[1] ^ 0x7465646279746573 };
	const unsigned char *at = data;
	uint64_t word;
	size_t left;

	for (left = len; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		take(v, word);
		at += sizeof(word);
	}
	word = 0;
	memcpy(&word, at, left);
	take(v, word ^ (uint64_t)len << 56);
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
