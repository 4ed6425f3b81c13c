// SPDX-License-Identifier: GPL-2.0
/* The table of bindings, and what others ask of one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "reg-inner.h"

#define BUCKETS_MIN    1024
#define CHALLENGES_MIN 1024

/**
 * reg_hash() - bucket of a key
 * @table: the table
 * @data: octets of the key
 * @len: how many
 *
 * FNV-1a from a secret start, so that peers cannot fill one bucket.
 *
 * Return: index of the bucket.
 */
size_t reg_hash(const struct reg_table *table, const void *data, size_t len)
{
	const unsigned char *at = data;
	uint64_t hash = table->seed;

	while (len--)
		hash = (hash ^ *at++) * 0x100000001b3U;
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9U;
	return (hash ^ hash >> 32) & table->mask;
}

static size_t hash_text(const struct reg_table *table, const char *text)
{
	return reg_hash(table, text, strlen(text));
}

/**
 * reg_table_new() - make the table
 * @edge: the edge
 *
 * Return: 0 or a negative errno.
 */
int reg_table_new(struct edge *edge)
{
	struct reg_table *table = calloc(1, sizeof(*table));
	unsigned int most = edge->config->limits.registrations;
	size_t n = BUCKETS_MIN;

	if (!table)
		return -ENOMEM;
	edge->regs = table;
	while (n < most)
		n *= 2;
	table->mask = n - 1;
	table->most_challenges = most / 16 > CHALLENGES_MIN ? most / 16 :
							      CHALLENGES_MIN;
	table->by_token = calloc(n, sizeof(struct reg *));
	table->by_impi = calloc(n, sizeof(struct reg *));
	table->by_subscriber = calloc(n, sizeof(struct subscriber *));
	table->by_flow = calloc(n, sizeof(struct aka *));
	if (!table->by_subscriber || !table->by_token || !table->by_impi ||
	    !table->by_flow)
		return -ENOMEM;
	return RAND_bytes((unsigned char *)&table->seed, sizeof(table->seed)) ==
			       1 ?
		       0 :
		       -EIO;
}

/**
 * reg_table_free() - free the table with all bindings and challenges
 * @edge: the edge
 */
void reg_table_free(struct edge *edge)
{
	struct reg_table *table = edge->regs;
	size_t i;

	if (table->by_flow)
		aka_free_all(edge);
	for (i = 0; table->by_token && i <= table->mask; i++)
		while (table->by_token[i])
			reg_end(table->by_token[i], "shutdown");
	free(table->by_token);
	free(table->by_impi);
	free(table->by_subscriber);
	free(table->by_flow);
	free(table);
	edge->regs = NULL;
}

/**
 * reg_count() - how many bindings are there?
 * @edge: the edge
 *
 * Return: how many.
 */
size_t reg_count(const struct edge *edge)
{
	return edge->regs->count;
}

/**
 * reg_by_token() - the binding that a token names
 * @edge: the edge
 * @token: the token
 *
 * Return: the binding, or NULL.
 */
struct reg *reg_by_token(const struct edge *edge, const char *token)
{
	const struct reg_table *table = edge->regs;
	struct reg *reg = table->by_token[hash_text(table, token)];

	while (reg && strcmp(reg->token, token))
		reg = reg->next_token;
	return reg;
}

/**
 * reg_by_flow() - the binding of a flow
 * @flow: the flow
 *
 * Return: the binding, or NULL.
 */
struct reg *reg_by_flow(const struct net_flow *flow)
{
	return net_flow_owner(flow);
}

/**
 * reg_first() - any binding of a subscriber
 * @edge: the edge
 * @impi: private identity
 *
 * Return: a binding, or NULL.
 */
struct reg *reg_first(const struct edge *edge, const char *impi)
{
	const struct reg_table *table = edge->regs;
	struct reg *reg = table->by_impi[hash_text(table, impi)];

	while (reg && strcmp(reg->impi, impi))
		reg = reg->next_impi;
	return reg;
}

/* Are these contacts the same (RFC 3261, 10.3)? */
static bool same_contact(const char *ours, struct sdp_text theirs)
{
	struct sip_uri a, b;

	if (sip_same(sdp_text_of(ours), theirs))
		return true;
	return !sip_uri_parse(sdp_text_of(ours), &a) &&
	       !sip_uri_parse(theirs, &b) && sip_uri_equal(&a, &b);
}

/**
 * reg_find() - the binding of a contact
 * @edge: the edge
 * @impi: private identity
 * @contact: URI of the Contact
 *
 * Return: the binding, or NULL.
 */
struct reg *reg_find(const struct edge *edge, const char *impi,
		     struct sdp_text contact)
{
	struct reg *reg = reg_first(edge, impi);

	for (; reg; reg = reg->next_impi)
		if (!strcmp(reg->impi, impi) &&
		    same_contact(reg->contact, contact))
			return reg;
	return NULL;
}

/**
 * reg_contacts() - how many bindings has a subscriber?
 * @edge: the edge
 * @impi: private identity
 *
 * Return: how many.
 */
unsigned int reg_contacts(const struct edge *edge, const char *impi)
{
	struct reg *reg = reg_first(edge, impi);
	unsigned int n = 0;

	for (; reg; reg = reg->next_impi)
		n += !strcmp(reg->impi, impi);
	return n;
}

static void free_reg(struct reg *reg)
{
	size_t i;

	reg_wipe_keys(reg);
	if (reg->timer)
		event_free(reg->timer);
	for (i = 0; i < reg->n_identities; i++)
		free(reg->identities[i]);
	free(reg->identities);
	free(reg->service_route);
	free(reg->contact);
	free(reg->impi);
	free(reg);
}

/**
 * reg_get() - take a reference
 * @reg: the binding
 *
 * Return: @reg.
 */
struct reg *reg_get(struct reg *reg)
{
	reg->refs++;
	return reg;
}

/**
 * reg_put() - give a reference back
 * @reg: the binding
 */
void reg_put(struct reg *reg)
{
	if (!--reg->refs)
		free_reg(reg);
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct reg *reg = arg;
	uint64_t now = edge_now_ms();

	(void)fd;
	(void)what;
	if (now >= reg->until_ms) {
		reg_end(reg, "expired");
		return;
	}
	if (reg->watch.call_id[0] && now >= reg->watch.until_ms)
		watch_start(reg);
	reg_set_timer(reg);
}

/**
 * reg_set_timer() - wait for what happens next to a binding
 * @reg: the binding
 */
void reg_set_timer(struct reg *reg)
{
	uint64_t now = edge_now_ms(), until = reg->until_ms, ms;
	struct timeval time;

	if (reg->watch.call_id[0] && reg->watch.until_ms < until)
		until = reg->watch.until_ms;
	ms = until > now ? until - now : 1;
	time.tv_sec = ms / 1000;
	time.tv_usec = ms % 1000 * 1000;
	evtimer_add(reg->timer, &time);
}

/**
 * reg_make() - make a binding, without a flow
 * @edge: the edge
 * @step: the REGISTER that was accepted
 *
 * Return: the binding, or NULL without memory.
 */
struct reg *reg_make(struct edge *edge, const struct reg_step *step)
{
	struct reg_table *table = edge->regs;
	struct reg *reg = calloc(1, sizeof(*reg));
	struct reg **bucket;

	if (!reg)
		return NULL;
	reg->edge = edge;
	reg->refs = 1;
	memcpy(reg->token, step->token, sizeof(reg->token));
	reg->impi = strdup(step->impi);
	reg->contact = strdup(step->contact);
	reg->timer = evtimer_new(edge->base, timer_fired, reg);
	if (!reg->impi || !reg->contact || !reg->timer) {
		free_reg(reg);
		return NULL;
	}
	reg->alive = true;
	bucket = &table->by_token[hash_text(table, reg->token)];
	reg->next_token = *bucket;
	*bucket = reg;
	bucket = &table->by_impi[hash_text(table, reg->impi)];
	reg->next_impi = *bucket;
	*bucket = reg;
	table->count++;
	return reg;
}

/**
 * reg_move() - let a binding be on a flow
 * @reg: the binding, which leaves its former flow
 * @flow: the flow, or NULL for none
 */
void reg_move(struct reg *reg, struct net_flow *flow)
{
	struct net_flow *old = reg->flow;

	if (old == flow)
		return;
	reg->flow = flow ? net_flow_get(flow) : NULL;
	if (flow)
		net_flow_set_owner(flow, reg);
	if (!old)
		return;
	if (net_flow_owner(old) == reg)
		net_flow_set_owner(old, NULL);
	net_flow_put(old);
}

/**
 * reg_wipe_keys() - forget the keys of a binding
 * @reg: the binding
 */
void reg_wipe_keys(struct reg *reg)
{
	OPENSSL_cleanse(reg->kmm, sizeof(reg->kmm));
	reg->n_kmm = 0;
	reg->exported = 0;
}

static void unlink_reg(struct reg *reg)
{
	struct reg_table *table = reg->edge->regs;
	struct reg **at = &table->by_token[hash_text(table, reg->token)];

	while (*at != reg)
		at = &(*at)->next_token;
	*at = reg->next_token;
	at = &table->by_impi[hash_text(table, reg->impi)];
	while (*at != reg)
		at = &(*at)->next_impi;
	*at = reg->next_impi;
	table->count--;
}

/**
 * reg_end() - end a binding: its keys are wiped, its calls told
 * @reg: the binding
 * @why: a word for the log
 */
void reg_end(struct reg *reg, const char *why)
{
	if (!reg->alive)
		return;
	reg->alive = false;
	unlink_reg(reg);
	evtimer_del(reg->timer);
	metric_add(METRIC_DEREGISTERED);
	log_event(LOG_LEVEL_INFO, NULL, "reg.end", "impi=%s contact=%s why=%s",
		  reg->impi, reg->contact, why);
	/* Calls still send their BYE on the flow. */
	if (!reg->edge->closing)
		call_reg_gone(reg->edge, reg);
	if (!reg->edge->closing)
		reg_journal_drop(reg);
	reg_unsubscribe(reg);
	reg_wipe_keys(reg);
	reg_move(reg, NULL);
	reg_put(reg);
}

/**
 * reg_flow_closed() - a connection is gone, and with it what it owned
 * @edge: the edge
 * @flow: its flow
 */
void reg_flow_closed(struct edge *edge, struct net_flow *flow)
{
	struct reg *reg = reg_by_flow(flow);

	aka_drop_flow(edge, flow);
	if (!reg || reg->flow != flow)
		return;
	reg_end(reg, "connection-closed");
}
