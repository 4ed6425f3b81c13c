// SPDX-License-Identifier: GPL-2.0
/* The layer: what arrives, and whose it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/util.h>

#include "inner.h"

#define BUCKETS_MIN 64
#define BUCKETS_MAX 1048576

static int make_tables(struct tx_layer *layer)
{
	size_t n = BUCKETS_MIN;

	while (n < layer->most && n < BUCKETS_MAX)
		n *= 2;
	layer->mask = n - 1;
	/* All zeros is an empty list. */
	layer->keys = calloc(n, sizeof(*layer->keys));
	layer->flows = calloc(n, sizeof(*layer->flows));
	return layer->keys && layer->flows ? 0 : -ENOMEM;
}

/**
 * tx_layer_new() - make a layer
 * @layer: where to put it
 * @base: event base
 * @t1: T1, ms (RFC 3261, 17.1.1.1); all other timers are a multiple of it,
 *	as T2 = 8*T1 and T4 = 10*T1
 * @most: transactions; with more, requests get 503. Twice as many are the end of
 *	it, also for what we send
 * @handlers: what to tell; copied
 * @arg: their first argument
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int tx_layer_new(struct tx_layer **layer, struct event_base *base,
		 unsigned int t1, unsigned int most,
		 const struct tx_handlers *handlers, void *arg)
{
	struct tx_layer *new;
	int err;

	if (!t1 || !most)
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->base = base;
	new->most = most;
	new->handlers = *handlers;
	new->arg = arg;
	evutil_secure_rng_get_bytes(new->seed, sizeof(new->seed));
	err = make_tables(new);
	if (!err)
		err = machine_pool_init(&new->pool, t1, &tx_machine_ops);
	if (err) {
		tx_layer_free(new);
		return err;
	}
	*layer = new;
	return 0;
}

/**
 * tx_layer_free() - end, with all transactions
 * @layer: the layer, or NULL; not from a handler
 *
 * Nobody is told: whoever holds a transaction drops it before or after.
 */
void tx_layer_free(struct tx_layer *layer)
{
	size_t i;

	if (!layer)
		return;
	for (i = 0; layer->keys && i <= layer->mask; i++)
		while (!LIST_EMPTY(&layer->keys[i]))
			tx_discard(LIST_FIRST(&layer->keys[i]));
	machine_pool_close(&layer->pool);
	free(layer->keys);
	free(layer->flows);
	explicit_bzero(layer, sizeof(*layer));
	free(layer);
}

/**
 * tx_count() - how many transactions are there?
 * @layer: the layer
 *
 * Return: how many.
 */
size_t tx_count(const struct tx_layer *layer)
{
	return layer->count;
}

/**
 * tx_message() - a message came
 * @layer: the layer
 * @flow: its flow
 * @data: its octets
 * @len: how many
 *
 * Not to be called from a handler of the layer.
 */
void tx_message(struct tx_layer *layer, struct net_flow *flow, char *data,
		size_t len)
{
	struct sip_msg *msg = &layer->in;
	bool stream = net_flow_kind(flow) != NET_UDP;

	net_flow_get(flow);
	if (sip_msg_parse(msg, data, len, stream))
		tx_refuse(layer, flow, msg, msg->error.status,
			  msg->error.phrase);
	else if (msg->request)
		tx_server_request_came(layer, flow);
	else
		tx_client_response_came(layer, flow);
	explicit_bzero(msg->room, msg->used);
	net_flow_put(flow);
}

/**
 * tx_bad() - something came that is no message
 * @layer: the layer
 * @flow: its flow
 * @data: its octets, as far as a request may be found in them
 * @len: how many; may be 0
 * @error: what is wrong
 */
void tx_bad(struct tx_layer *layer, struct net_flow *flow, char *data,
	    size_t len, const struct sip_error *error)
{
	struct sip_msg *msg = &layer->in;

	if (!len)
		return;
	sip_msg_parse(msg, data, len, false);
	tx_refuse(layer, flow, msg, error->status, error->phrase);
	explicit_bzero(msg->room, msg->used);
}

static struct tx *on_flow(struct tx_list *bucket, const struct net_flow *flow)
{
	struct tx *tx;

	LIST_FOREACH(tx, bucket, by_flow)
	if (tx->flow == flow && !tx->doomed)
		return tx;
	return NULL;
}

/**
 * tx_closed() - a connection is gone
 * @layer: the layer
 * @flow: the connection
 *
 * All its transactions end; the users of those that sent a request and have no
 * final response are told -EIO.
 */
void tx_closed(struct tx_layer *layer, struct net_flow *flow)
{
	struct tx_list *bucket = &layer->flows[net_flow_id(flow) & layer->mask];
	struct tx *tx;

	net_flow_get(flow);
	while ((tx = on_flow(bucket, flow)))
		tx_end(tx, -EIO);
	net_flow_put(flow);
}
