/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash tables whose links lie in the entries. Peers choose what is hashed, so
 * the hash is SipHash with a secret.
 */
#ifndef E2AE_NET_TABLE_H
#define E2AE_NET_TABLE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct net_link - place of an entry in a table
 * @next: entry of the same slot
 * @hash: of the entry's key
 */
struct net_link {
	struct net_link *next;
	uint64_t hash;
};

/**
 * struct net_table - a table
 * @slot: lists of entries
 * @slots: how many lists, a power of two
 * @used: entries
 */
struct net_table {
	struct net_link **slot;
	size_t slots;
	size_t used;
};

int net_table_init(struct net_table *table);
void net_table_free(struct net_table *table);
void net_table_add(struct net_table *table, struct net_link *link,
		   uint64_t hash);
void net_table_remove(struct net_table *table, struct net_link *link);
struct net_link *net_table_find(const struct net_table *table, uint64_t hash);
struct net_link *net_table_next(const struct net_link *link);
struct net_link *net_table_any(const struct net_table *table);

uint64_t net_hash(const uint64_t secret[2], const void *data, size_t len);

#endif
