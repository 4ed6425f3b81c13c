// SPDX-License-Identifier: GPL-2.0
/* Client transactions (RFC 3261, 17.1; RFC 6026). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

/* Sends the request, which is on the work bench; the transaction is pinned. */
static int start(struct tx_client *client, const char *data, size_t len)
{
	struct tx *tx = &client->tx;
	int err = octets_set(&tx->request, data, len);

	client->starting = true;
	if (!err)
		err = tx_begin(tx, tx->invite ? ICT : NICT,
			       tx->invite ? SND_REQINVITE : SND_REQUEST);
	if (!err && tx->doomed)
		err = -EIO;
	if (!err)
		err = tx->send_error;
	client->starting = false;
	return err;
}

/**
 * tx_send() - send a request
 * @layer: the layer
 * @flow: where to; the transaction holds it
 * @data: the whole request, see the top of tx.h; any but ACK
 * @len: octets of it
 * @ops: what to tell, or NULL
 * @user: their argument
 * @client: where to put the transaction, valid until gone(); may be NULL with
 *	@ops NULL
 *
 * Nothing is told before it returns.
 *
 * Return: 0; -EINVAL if it is no request or lacks what a transaction needs;
 * -EEXIST if the branch is in use; -ENOBUFS if there are too many transactions;
 * -EIO if the flow is dead; -ENOMEM; or an error of net_send().
 */
int tx_send(struct tx_layer *layer, struct net_flow *flow, const char *data,
	    size_t len, const struct tx_client_ops *ops, void *user,
	    struct tx_client **client)
{
	struct sip_msg *msg = &layer->work;
	struct tx_client *new;
	struct sdp_text tag;
	size_t key_len;
	int err;

	if (sip_msg_parse_own(msg, data, len) || !msg->request ||
	    sdp_text_is(msg->method, "ACK") ||
	    tx_key_client(layer, msg, &key_len))
		return -EINVAL;
	if (tx_find(layer, key_len))
		return -EEXIST;
	if (!net_flow_alive(flow))
		return -EIO;
	if (layer->count >= (tx_to_tag(msg, &tag) ? 3 : 2) * layer->most)
		return -ENOBUFS;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->tx.client = true;
	new->tx.invite = sdp_text_is(msg->method, "INVITE");
	new->ops = ops;
	new->user = user;
	if (tx_init(&new->tx, layer, flow, key_len)) {
		free(new);
		return -ENOMEM;
	}
	tx_pin(&new->tx);
	err = start(new, data, len);
	if (err)
		tx_discard(&new->tx);
	else if (client)
		*client = new;
	tx_settle(&new->tx);
	tx_unpin(&new->tx);
	return err;
}

/* Builds what belongs to the INVITE's hop in the layer's text. */
static int write_hop(struct tx_client *client, const char *method,
		     const struct sdp_text *to, const struct sip_extra *extra,
		     struct octets *out)
{
	struct tx_layer *layer = client->tx.layer;
	const struct octets *request = &client->tx.request;
	struct sdp_text own_to = { NULL, 0 };
	size_t len;
	int err;

	sip_msg_parse_own(&layer->work, request->at, request->len);
	sip_header(&layer->work, "To", &own_to);
	err = sip_hop_write(&layer->work, method, to ? *to : own_to, extra,
			    layer->text, TX_TEXT_ROOM, &len);
	return err ? err : octets_set(out, layer->text, len);
}

/* RFC 3261, 9.1: if no final response comes then, none will. */
static void send_cancel(struct tx_client *client)
{
	struct octets cancel = client->cancel;
	struct tx *tx = &client->tx;

	client->cancel = (struct octets){ NULL, 0 };
	tx->own_due = machine_now() + 64 * tx->layer->pool.t1;
	tx_send(tx->layer, tx->flow, cancel.at, cancel.len, NULL, NULL, NULL);
	octets_free(&cancel);
}

/**
 * tx_cancel() - cancel an INVITE that we sent (RFC 3261, 9.1)
 * @tx: its transaction
 * @extra: more lines, as Reason, or NULL
 *
 * CANCEL goes out when there is a provisional response. The final response of
 * the INVITE comes as ever, also a 2xx that was faster; or failed() after 64*T1.
 *
 * Return: 0, also if it was cancelled before; -EINVAL if it is no INVITE;
 * -EALREADY if there was a final response; -ENOMEM or an error of
 * sip_hop_write().
 */
int tx_cancel(struct tx_client *tx, const struct sip_extra *extra)
{
	int err;

	if (!tx->tx.invite)
		return -EINVAL;
	if (tx->tx.final || tx->tx.over)
		return -EALREADY;
	if (tx->cancelled)
		return 0;
	err = write_hop(tx, "CANCEL", NULL, extra, &tx->cancel);
	if (err)
		return err;
	tx->cancelled = true;
	tx_pin(&tx->tx);
	if (tx->tx.machine->state == ICT_PROCEEDING)
		send_cancel(tx);
	tx_settle(&tx->tx);
	tx_unpin(&tx->tx);
	return 0;
}

static void tell(struct tx_client *client, struct net_flow *flow)
{
	struct tx_layer *layer = client->tx.layer;

	if (client->ops)
		client->ops->response(client->user, client, &layer->in);
	else if (client->tx.accepted)
		/* A 2xx always has a way (RFC 3261, 16.7). */
		layer->handlers.stray(layer->arg, flow, &layer->in);
}

/* A final response: what is still needed? */
static void finish(struct tx *tx, unsigned int status)
{
	tx->own_due = 0;
	tx->final = true;
	octets_free(&tx_as_client(tx)->cancel);
	if (tx->invite && status < 300)
		tx_accept(tx);
}

static type_t event_of(unsigned int status)
{
	if (status < 200)
		return RCV_STATUS_1XX;
	return status < 300 ? RCV_STATUS_2XX : RCV_STATUS_3456XX;
}

/* The machine takes the response. Returns whether it is news. */
static bool take(struct tx_client *client, const struct sip_msg *msg)
{
	struct tx *tx = &client->tx;
	struct sdp_text to = { NULL, 0 };
	type_t event = event_of(msg->status);

	if (tx->final) {
		/* ACK goes out again; a machine that has no use for it waits. */
		tx_step(tx, event, 0);
		return false;
	}
	sip_header(msg, "To", &to);
	if (tx->invite && event == RCV_STATUS_3456XX &&
	    write_hop(client, "ACK", &to, NULL, &tx->last))
		return false;
	return !tx_step(tx, event, msg->status) && tx->heard;
}

/* The transaction is pinned. */
static void response_came(struct tx_client *client, struct net_flow *flow)
{
	struct tx *tx = &client->tx;
	struct sip_msg *msg = &tx->layer->in;

	if (tx->accepted) {
		if (msg->status / 100 == 2)
			tell(client, flow);
		return;
	}
	if (!take(client, msg))
		return;
	if (msg->status >= 200)
		finish(tx, msg->status);
	else if (client->cancel.at)
		send_cancel(client);
	tell(client, flow);
	if (tx->final && !tx->accepted)
		octets_free(&tx->request);
}

/**
 * tx_client_response_came() - a response is on the layer's bench
 * @layer: the layer
 * @flow: its flow
 */
void tx_client_response_came(struct tx_layer *layer, struct net_flow *flow)
{
	struct tx *tx = NULL;
	size_t len;

	if (!tx_key_client(layer, &layer->in, &len))
		tx = tx_find(layer, len);
	if (!tx) {
		layer->handlers.stray(layer->arg, flow, &layer->in);
		return;
	}
	if (tx->running)
		return;
	tx_pin(tx);
	response_came(tx_as_client(tx), flow);
	tx_settle(tx);
	tx_unpin(tx);
}

/**
 * tx_client_over() - tell the user that a transaction is over
 * @client: the transaction
 * @error: why, if there was no final response
 */
void tx_client_over(struct tx_client *client, int error)
{
	const struct tx_client_ops *ops = client->ops;

	if (ops && !client->tx.final)
		ops->failed(client->user, client, error);
	/* It may have been forgotten in there. */
	ops = client->ops;
	client->ops = NULL;
	if (ops)
		ops->gone(client->user, client);
}

/**
 * tx_client_forget() - tell nothing any more
 * @tx: the transaction; not to be used after this
 *
 * It goes on by itself: sends again, makes ACK. A 2xx to an INVITE becomes a
 * stray. Without a final response it ends after 64*T1, if not before.
 */
void tx_client_forget(struct tx_client *tx)
{
	tx->ops = NULL;
	if (tx->tx.over || tx->tx.final || tx->tx.own_due)
		return;
	tx->tx.own_due = machine_now() + 64 * tx->tx.layer->pool.t1;
	tx_settle(&tx->tx);
}

/**
 * tx_client_flow() - the flow that a request went to
 * @tx: its transaction
 *
 * Return: the flow, held by the transaction.
 */
struct net_flow *tx_client_flow(const struct tx_client *tx)
{
	return tx->tx.flow;
}

/**
 * tx_client_request() - read the request once more, as it was sent
 * @tx: its transaction
 * @msg: where to put it; its octets stay until the final response has been told,
 *	or until gone() if that is a 2xx to an INVITE
 *
 * Return: 0, -ENOENT if it is not kept any more.
 */
int tx_client_request(const struct tx_client *tx, struct sip_msg *msg)
{
	if (!tx->tx.request.at)
		return -ENOENT;
	return sip_msg_parse_own(msg, tx->tx.request.at, tx->tx.request.len);
}
