// SPDX-License-Identifier: GPL-2.0
/* What server and client transactions share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

/* A datagram that did not fit the socket's buffer is one that got lost. */
static bool passes(const struct tx *tx, int err)
{
	return net_flow_kind(tx->flow) == NET_UDP &&
	       (err == -EAGAIN || err == -ENOBUFS);
}

/*
 * A response that cannot be sent does not end its transaction: on a datagram
 * flow it may be asked for again, and a connection is told closed. The same goes
 * for ACK.
 */
static int send_it(void *owner, bool ack)
{
	struct tx *tx = owner;
	const struct octets *what = tx->client && !ack ? &tx->request :
							 &tx->last;
	int err = net_send(tx->answer ? tx->answer : tx->flow, what->at,
			   what->len);

	tx->send_error = err < 0 && !passes(tx, err) ? err : 0;
	return tx->client && !ack ? tx->send_error : 0;
}

static void hear_it(void *owner)
{
	struct tx *tx = owner;

	tx->heard = true;
}

const struct machine_ops tx_machine_ops = { send_it, hear_it };

static struct tx_list *flow_bucket(struct tx_layer *layer,
				   const struct net_flow *flow)
{
	return &layer->flows[net_flow_id(flow) & layer->mask];
}

static void wake(evutil_socket_t fd, short what, void *arg)
{
	struct tx *tx = arg;

	(void)fd;
	(void)what;
	tx_settle(tx);
}

/**
 * tx_init() - put a new transaction into the tables
 * @tx: the transaction, all zeros but for @client and @invite
 * @layer: the layer, with the key in its text
 * @flow: the flow
 * @key_len: octets of the key
 *
 * Return: 0, -ENOMEM.
 */
int tx_init(struct tx *tx, struct tx_layer *layer, struct net_flow *flow,
	    size_t key_len)
{
	int err = octets_set(&tx->key, layer->text, key_len);

	if (err)
		return err;
	tx->layer = layer;
	tx->flow = net_flow_get(flow);
	tx->hash = tx_hash(layer, tx->key.at, tx->key.len);
	evtimer_assign(&tx->timer, layer->base, wake, tx);
	LIST_INSERT_HEAD(&layer->keys[tx->hash & layer->mask], tx, by_key);
	LIST_INSERT_HEAD(flow_bucket(layer, flow), tx, by_flow);
	layer->count++;
	return 0;
}

/**
 * tx_pin() - keep the memory
 * @tx: the transaction
 */
void tx_pin(struct tx *tx)
{
	tx->pins++;
}

/**
 * tx_unpin() - undo tx_pin()
 * @tx: the transaction, which may be freed
 */
void tx_unpin(struct tx *tx)
{
	if (--tx->pins || !tx->over)
		return;
	machine_free(tx->machine);
	octets_free(&tx->key);
	octets_free(&tx->request);
	octets_free(&tx->last);
	if (tx->client)
		octets_free(&tx_as_client(tx)->cancel);
	else
		free(tx_as_server(tx)->said);
	net_flow_put(tx->answer);
	net_flow_put(tx->flow);
	free(tx);
}

/**
 * tx_step() - let the machine take an event
 * @tx: the transaction, pinned
 * @event: the event
 * @status: of the response that it is about; 0 if it is about none, or about one
 *	that came before
 *
 * Return: 0, -ENOMEM.
 */
int tx_step(struct tx *tx, type_t event, unsigned int status)
{
	int err;

	tx->heard = false;
	tx->send_error = 0;
	tx->running = true;
	err = machine_step(tx->machine, event, status);
	tx->running = false;
	return err;
}

/**
 * tx_begin() - give it its machine, and the machine its first event
 * @tx: the transaction, pinned
 * @type: of the machine
 * @event: the event
 *
 * Return: 0, -ENOMEM.
 */
int tx_begin(struct tx *tx, osip_fsm_type_t type, type_t event)
{
	bool reliable = net_flow_kind(tx->flow) != NET_UDP;
	int err =
		machine_new(&tx->layer->pool, type, reliable, tx, &tx->machine);

	return err ? err : tx_step(tx, event, 0);
}

/**
 * tx_accept() - an INVITE got its 2xx (RFC 6026): from here on it is all ours
 * @tx: the transaction
 */
void tx_accept(struct tx *tx)
{
	tx->final = true;
	tx->accepted = true;
	machine_free(tx->machine);
	tx->machine = NULL;
	octets_free(&tx->last);
	/* Timers L and M. */
	tx->own_due = machine_now() + 64 * tx->layer->pool.t1;
}

/* Out of the tables: it cannot be found any more. */
static void unlink_tx(struct tx *tx)
{
	tx->over = true;
	LIST_REMOVE(tx, by_key);
	LIST_REMOVE(tx, by_flow);
	event_del(&tx->timer);
	tx->layer->count--;
}

/**
 * tx_end() - the transaction is over; its user is told
 * @tx: the transaction, which may be freed
 * @error: why there was no final response
 */
void tx_end(struct tx *tx, int error)
{
	if (tx->over)
		return;
	if (tx->running) {
		tx->doomed = true;
		return;
	}
	tx_pin(tx);
	unlink_tx(tx);
	if (tx->client)
		tx_client_over(tx_as_client(tx), error);
	else
		tx_server_over(tx_as_server(tx));
	tx_unpin(tx);
}

/**
 * tx_discard() - the transaction is over; nobody is told
 * @tx: the transaction, which may be freed
 */
void tx_discard(struct tx *tx)
{
	if (tx->over)
		return;
	tx_pin(tx);
	unlink_tx(tx);
	tx_unpin(tx);
}

static void own_due(struct tx *tx)
{
	tx->own_due = 0;
	if (tx->client || tx->accepted)
		tx_end(tx, -ETIMEDOUT);
	else
		tx_server_own_due(tx_as_server(tx));
}

/* One thing that is to be done at this time. Returns whether there was one. */
static bool settle_one(struct tx *tx, uint64_t now)
{
	type_t event;

	if (tx->over)
		return false;
	if (tx->doomed) {
		tx_end(tx, -EIO);
		return false;
	}
	if (tx->machine && machine_over(tx->machine)) {
		tx_end(tx, tx->send_error ? -EIO : -ETIMEDOUT);
		return false;
	}
	if (tx->own_due && tx->own_due <= now) {
		own_due(tx);
		return true;
	}
	if (!tx->machine || !machine_due(tx->machine, now, &event))
		return false;
	if (tx_step(tx, event, 0))
		tx_end(tx, -ENOMEM);
	return true;
}

static void arm(struct tx *tx, uint64_t now)
{
	uint64_t next = tx->machine ? machine_next(tx->machine) : 0;
	struct timeval wait;

	if (tx->own_due && (!next || tx->own_due < next))
		next = tx->own_due;
	if (!next) {
		event_del(&tx->timer);
		return;
	}
	next = next > now ? next - now : 0;
	wait.tv_sec = (time_t)(next / 1000);
	wait.tv_usec = (suseconds_t)(next % 1000 * 1000);
	event_add(&tx->timer, &wait);
}

/**
 * tx_settle() - do what is due, and set the timer for what comes
 * @tx: the transaction, which may be freed unless it is pinned
 *
 * The last thing after anything has happened to a transaction.
 */
void tx_settle(struct tx *tx)
{
	uint64_t now = machine_now();

	/* Whoever started the machine settles. */
	if (tx->running)
		return;
	tx_pin(tx);
	while (settle_one(tx, now))
		;
	if (!tx->over)
		arm(tx, now);
	tx_unpin(tx);
}
