// SPDX-License-Identifier: GPL-2.0
/* Server transactions (RFC 3261, 17.2; RFC 6026). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

#define TRYING_AFTER 200 /* ms, RFC 3261, 17.2.1 */

/* The flow is held: a datagram flow is gone otherwise when we return. */
static struct tx_server *new_server(struct tx_layer *layer,
				    struct net_flow *flow, size_t key_len)
{
	struct tx_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->tx.invite = sdp_text_is(layer->in.method, "INVITE");
	if (tx_init(&server->tx, layer, flow, key_len)) {
		free(server);
		return NULL;
	}
	server->tx.answer = tx_answer_flow(&layer->in, flow);
	tx_tag(layer, server->tx.key.at, server->tx.key.len, server->tag);
	return server;
}

static int keep_request(struct tx *tx)
{
	struct tx_layer *layer = tx->layer;
	size_t len;
	int err = sip_msg_write(&layer->in, layer->text, TX_TEXT_ROOM, &len);

	if (err)
		return err;
	err = octets_set(&tx->request, layer->text, len);
	explicit_bzero(layer->text, len);
	return err;
}

static void refuse_busy(struct tx_layer *layer, struct net_flow *flow)
{
	tx_refuse(layer, flow, &layer->in, 503, "Service Unavailable");
	if (layer->handlers.overload)
		layer->handlers.overload(layer->arg);
}

/*
 * A transaction for what arrived, pinned; or it is refused. The key is in the
 * layer's text.
 */
static struct tx_server *start(struct tx_layer *layer, struct net_flow *flow,
			       size_t key_len)
{
	struct tx_server *server = NULL;
	int err = tx_note_source(&layer->in, flow);

	if (!err) {
		server = new_server(layer, flow, key_len);
		err = server ? 0 : -ENOMEM;
	}
	if (server) {
		tx_pin(&server->tx);
		err = keep_request(&server->tx);
	}
	if (!err)
		err = tx_begin(&server->tx, server->tx.invite ? IST : NIST,
			       server->tx.invite ? RCV_REQINVITE : RCV_REQUEST);
	if (!err)
		return server;
	if (server) {
		tx_discard(&server->tx);
		tx_unpin(&server->tx);
	}
	if (err == -ENOMEM)
		refuse_busy(layer, flow);
	else if (err == -ENOSPC)
		tx_refuse(layer, flow, &layer->in, 513, "Message Too Large");
	else
		tx_refuse(layer, flow, &layer->in, 400, "Bad Request");
	return NULL;
}

/* What is there goes on when nothing new may begin: a BYE above all. */
static size_t most_of(struct tx_layer *layer)
{
	struct sdp_text tag;

	return tx_to_tag(&layer->in, &tag) ? 2 * layer->most : layer->most;
}

/* Strangers leave nothing: an INVITE's 403 would be repeated for 32 seconds. */
static bool admitted(struct tx_layer *layer, struct net_flow *flow)
{
	const char *reason = "Forbidden";
	unsigned int status = 0;

	if (layer->handlers.admit)
		status = layer->handlers.admit(layer->arg, flow, &layer->in,
					       &reason);
	if (status)
		tx_refuse(layer, flow, &layer->in, status, reason);
	return !status;
}

static bool too_many(struct tx_layer *layer, struct net_flow *flow, size_t most)
{
	if (layer->count < most)
		return false;
	refuse_busy(layer, flow);
	return true;
}

/* A repetition, or the ACK of a failure. */
static void again(struct tx *tx, type_t event)
{
	if (tx->accepted)
		return;
	tx_pin(tx);
	if (tx_step(tx, event, 0))
		tx_end(tx, -ENOMEM);
	tx_settle(tx);
	tx_unpin(tx);
}

/*
 * Is this the ACK of a failure that we made ourselves, of a transaction that is
 * over, or for which there never was one? The key is in the layer's text.
 */
static bool acks_ours(struct tx_layer *layer, size_t key_len)
{
	struct sdp_text value = { NULL, 0 };
	char tag[TX_TAG_ROOM];
	struct sip_addr to;

	tx_tag(layer, layer->text, key_len, tag);
	return sip_header(&layer->in, "To", &value) &&
	       !sip_addr_parse(value, &to) &&
	       sip_addr_param(&to, "tag", &value) > 0 &&
	       sdp_text_is(value, tag);
}

static void ack_came(struct tx_layer *layer, struct net_flow *flow)
{
	struct tx *tx;
	size_t len;

	if (tx_key_server(layer, flow, &layer->in, "INVITE", &len))
		return;
	tx = tx_find(layer, len);
	if (tx && !tx->accepted) {
		again(tx, RCV_REQACK);
		return;
	}
	if (!tx && acks_ours(layer, len))
		return;
	if (!tx_note_source(&layer->in, flow))
		layer->handlers.request(layer->arg, NULL, flow, &layer->in);
}

/* The INVITE that this CANCEL cancels; pinned. */
static struct tx_server *cancelled_by(struct tx_layer *layer,
				      const struct net_flow *flow)
{
	struct tx *tx;
	size_t len;

	if (tx_key_server(layer, flow, &layer->in, "INVITE", &len))
		return NULL;
	tx = tx_find(layer, len);
	if (!tx)
		return NULL;
	tx_pin(tx);
	return tx_as_server(tx);
}

/* RFC 3261, 9.2 and 16.10. The key of the CANCEL is in the layer's text. */
static void cancel_came(struct tx_layer *layer, struct net_flow *flow,
			struct tx_server *invite, size_t key_len)
{
	struct tx_server *cancel;

	if (!invite) {
		tx_refuse(layer, flow, &layer->in, 481,
			  "Call/Transaction Does Not Exist");
		return;
	}
	if (too_many(layer, flow, 2 * layer->most))
		return;
	cancel = start(layer, flow, key_len);
	if (!cancel)
		return;
	memcpy(cancel->tag, invite->tag, sizeof(cancel->tag));
	if (invite->said)
		cancel->said = strdup(invite->said);
	tx_reply_status(cancel, 200, "OK", NULL);
	tx_settle(&cancel->tx);
	tx_unpin(&cancel->tx);
	if (!invite->tx.final && !invite->tx.over)
		layer->handlers.cancelled(layer->arg, invite, &layer->in);
}

static void new_request(struct tx_layer *layer, struct net_flow *flow,
			size_t key_len)
{
	struct tx_server *server;

	if (!admitted(layer, flow) || too_many(layer, flow, most_of(layer)))
		return;
	server = start(layer, flow, key_len);
	if (!server)
		return;
	server->held = true;
	if (server->tx.invite)
		server->tx.own_due = machine_now() + TRYING_AFTER;
	layer->handlers.request(layer->arg, server, flow, &layer->in);
	tx_settle(&server->tx);
	tx_unpin(&server->tx);
}

/**
 * tx_server_request_came() - a request is on the layer's bench
 * @layer: the layer
 * @flow: its flow
 */
void tx_server_request_came(struct tx_layer *layer, struct net_flow *flow)
{
	bool cancel = sdp_text_is(layer->in.method, "CANCEL");
	struct tx_server *invite = NULL;
	struct tx *tx = NULL;
	size_t len;
	int err;

	if (sdp_text_is(layer->in.method, "ACK")) {
		ack_came(layer, flow);
		return;
	}
	if (cancel)
		invite = cancelled_by(layer, flow);
	err = tx_key_server(layer, flow, &layer->in, NULL, &len);
	if (!err)
		tx = tx_find(layer, len);
	if (err)
		tx_refuse(layer, flow, &layer->in, 400, "Bad Request");
	else if (tx)
		again(tx, tx->invite ? RCV_REQINVITE : RCV_REQUEST);
	else if (cancel)
		cancel_came(layer, flow, invite, len);
	else
		new_request(layer, flow, len);
	if (invite)
		tx_unpin(&invite->tx);
}

static type_t event_of(unsigned int status)
{
	if (status < 200)
		return SND_STATUS_1XX;
	return status < 300 ? SND_STATUS_2XX : SND_STATUS_3456XX;
}

/* A final response went out. */
static void finish(struct tx_server *server, unsigned int status)
{
	struct tx *tx = &server->tx;

	tx->own_due = 0;
	tx->final = true;
	if (tx->invite && status < 300) {
		tx_accept(tx);
		return;
	}
	server->held = false;
	octets_free(&tx->request);
}

/*
 * Whose dialog it may become. The response to a CANCEL has the same tag (RFC 3261,
 * 9.2): some clients take it for that of the dialog.
 */
static void note_tag(struct tx_server *server, const struct sip_msg *response)
{
	struct sdp_text tag;

	if (!server->tx.invite || !tx_to_tag(response, &tag) ||
	    (server->said && sdp_text_is(tag, server->said)))
		return;
	free(server->said);
	server->said = strndup(tag.at, tag.len);
}

/* The transaction is pinned. */
static int reply(struct tx_server *server, const char *data, size_t len)
{
	struct tx *tx = &server->tx;
	struct octets before = tx->last;
	struct sip_msg *msg = &tx->layer->work;
	unsigned int status;
	int err;

	if (tx->over || tx->doomed)
		return -EIO;
	if (sip_msg_parse_own(msg, data, len) || msg->request)
		return -EINVAL;
	status = msg->status;
	note_tag(server, msg);
	if (tx->accepted)
		return status / 100 == 2 ?
			       net_send(tx->answer ? tx->answer : tx->flow,
					data, len) :
			       -EALREADY;
	if (tx->final || tx->running)
		return -EALREADY;
	tx->last = (struct octets){ NULL, 0 };
	err = octets_set(&tx->last, data, len);
	if (!err)
		err = tx_step(tx, event_of(status), status);
	if (err) {
		octets_free(&tx->last);
		tx->last = before;
		return err == -ENOMEM ? err : -EINVAL;
	}
	octets_free(&before);
	err = tx->send_error;
	tx->own_due = 0;
	if (status >= 200)
		finish(server, status);
	return err;
}

/**
 * tx_reply() - answer a request
 * @tx: its transaction; not to be used any more after a final response, but to
 *	send more 2xx to an INVITE until server_gone()
 * @data: the whole response, our own Via already off; it is copied
 * @len: octets of it
 *
 * Return: 0; -EINVAL if it is no response; -EALREADY if there was a final one;
 * -ENOMEM: the transaction is as it was. Or an error of net_send(): the
 * transaction has the response and sends it again when it is asked for.
 */
int tx_reply(struct tx_server *tx, const char *data, size_t len)
{
	int err;

	tx_pin(&tx->tx);
	err = reply(tx, data, len);
	tx_settle(&tx->tx);
	tx_unpin(&tx->tx);
	return err;
}

/* Writes a response into the layer's text. */
static int write_status(struct tx_server *server, unsigned int status,
			const char *reason, const struct sip_extra *extra,
			size_t *len)
{
	struct tx_layer *layer = server->tx.layer;
	const struct octets *request = &server->tx.request;
	const char *tag = server->said ? server->said : server->tag;
	struct sip_answer answer = { status, sdp_text_of(reason),
				     sdp_text_of(tag) };

	if (!request->at)
		return -EALREADY;
	/* Whether it is well formed has been seen when it came. */
	sip_msg_parse_own(&layer->work, request->at, request->len);
	return sip_reply_write(&layer->work, &answer, extra, layer->text,
			       TX_TEXT_ROOM, len);
}

/**
 * tx_reply_status() - answer a request with a response of our own
 * @tx: its transaction, as for tx_reply()
 * @status: status
 * @reason: reason phrase
 * @extra: more lines and a body, or NULL
 *
 * To gets a tag, the same in all responses of the transaction.
 *
 * Return: as tx_reply(), or an error of sip_reply_write().
 */
int tx_reply_status(struct tx_server *tx, unsigned int status,
		    const char *reason, const struct sip_extra *extra)
{
	struct tx_layer *layer = tx->tx.layer;
	size_t len;
	int err = write_status(tx, status, reason, extra, &len);

	if (err)
		return err;
	err = tx_reply(tx, layer->text, len);
	explicit_bzero(layer->text, len);
	return err;
}

/**
 * tx_server_own_due() - nobody has answered an INVITE for 200 ms
 * @server: its transaction, pinned
 */
void tx_server_own_due(struct tx_server *server)
{
	size_t len;

	if (!write_status(server, 100, "Trying", NULL, &len))
		reply(server, server->tx.layer->text, len);
}

/**
 * tx_server_over() - tell the user that a transaction is over
 * @server: the transaction
 */
void tx_server_over(struct tx_server *server)
{
	struct tx_layer *layer = server->tx.layer;

	if (!server->held)
		return;
	server->held = false;
	layer->handlers.server_gone(layer->arg, server);
}

/**
 * tx_server_flow() - the flow that a request came on
 * @tx: its transaction
 *
 * Responses go there, so over UDP to the address and the port that the request
 * came from, also if Via lacks rport: RFC 3261, 18.2.2 wants the port of sent-by
 * then, which no NAT lets through. All UEs of IMS have rport, or use one port.
 *
 * Return: the flow, held by the transaction.
 */
struct net_flow *tx_server_flow(const struct tx_server *tx)
{
	return tx->tx.flow;
}

/**
 * tx_server_invite() - is it the transaction of an INVITE?
 * @tx: the transaction
 *
 * Return: whether it is.
 */
bool tx_server_invite(const struct tx_server *tx)
{
	return tx->tx.invite;
}

/**
 * tx_server_request() - read the request once more, with its source noted
 * @tx: its transaction
 * @msg: where to put it; its octets stay until the final response, or until
 *	server_gone() if that is a 2xx to an INVITE
 *
 * Return: 0, -ENOENT if it is not kept any more.
 */
int tx_server_request(const struct tx_server *tx, struct sip_msg *msg)
{
	if (!tx->tx.request.at)
		return -ENOENT;
	return sip_msg_parse_own(msg, tx->tx.request.at, tx->tx.request.len);
}

/**
 * tx_server_set_user() - keep a pointer of the user's
 * @tx: the transaction
 * @user: the pointer
 */
void tx_server_set_user(struct tx_server *tx, void *user)
{
	tx->user = user;
}

/**
 * tx_server_user() - the user's pointer
 * @tx: the transaction
 *
 * Return: the pointer, NULL if none was kept.
 */
void *tx_server_user(const struct tx_server *tx)
{
	return tx->user;
}
