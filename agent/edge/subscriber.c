// SPDX-License-Identifier: GPL-2.0
/*
 * Subscribers: those whose bindings have the same default public identity, so the
 * same implicit registration set, whatever phones and private identities they
 * have. Their calls are counted together.
 */
#include <stdlib.h>
#include <string.h>

#include "reg-inner.h"

/**
 * struct subscriber - whose bindings and calls belong together
 * @next: in its bucket
 * @table: the table
 * @refs: bindings, and calls
 * @calls: how many there are
 * @name: the default public identity
 */
struct subscriber {
	struct subscriber *next;
	struct reg_table *table;
	unsigned int refs;
	unsigned int calls;
	char name[];
};

static struct subscriber **find(struct reg_table *table, const char *name)
{
	size_t bucket = reg_hash(table, name, strlen(name));
	struct subscriber **at = &table->by_subscriber[bucket];

	while (*at && strcmp((*at)->name, name))
		at = &(*at)->next;
	return at;
}

static void put(struct subscriber *one)
{
	struct subscriber **at;

	if (!one || --one->refs)
		return;
	at = find(one->table, one->name);
	*at = one->next;
	free(one);
}

static struct subscriber *get(struct reg_table *table, const char *name)
{
	struct subscriber **at = find(table, name), *one = *at;

	if (!one) {
		one = calloc(1, sizeof(*one) + strlen(name) + 1);
		if (!one)
			return NULL;
		strcpy(one->name, name);
		one->table = table;
		*at = one;
	}
	one->refs++;
	return one;
}

/**
 * reg_subscribe() - find whose a binding is
 * @reg: the binding, with its identities, which may have changed
 *
 * Return: whether there was memory for it.
 */
bool reg_subscribe(struct reg *reg)
{
	struct subscriber *one =
		get(reg->edge->regs, reg_default_identity(reg));

	if (!one)
		return false;
	put(reg->subscriber);
	reg->subscriber = one;
	return true;
}

/**
 * reg_unsubscribe() - a binding is nobody's any more
 * @reg: the binding
 */
void reg_unsubscribe(struct reg *reg)
{
	put(reg->subscriber);
	reg->subscriber = NULL;
}

/**
 * reg_calls() - how many calls has the subscriber, on all bindings?
 * @reg: one of them
 *
 * Return: how many.
 */
unsigned int reg_calls(const struct reg *reg)
{
	return reg->subscriber ? reg->subscriber->calls : 0;
}

/**
 * reg_call_begins() - count a call
 * @reg: the binding that it is on
 *
 * Return: whose count it is in, for reg_call_ends(); or NULL.
 */
struct subscriber *reg_call_begins(struct reg *reg)
{
	struct subscriber *one = reg->subscriber;

	reg->calls++;
	if (!one)
		return NULL;
	one->calls++;
	one->refs++;
	return one;
}

/**
 * reg_call_ends() - count a call no more
 * @reg: the binding that it was on
 * @one: what reg_call_begins() returned
 */
void reg_call_ends(struct reg *reg, struct subscriber *one)
{
	reg->calls--;
	if (!one)
		return;
	one->calls--;
	put(one);
}
