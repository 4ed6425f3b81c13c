// SPDX-License-Identifier: GPL-2.0
/* Requests of our own, and ACK. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

/**
 * struct own - a request of our own, or an ACK, on its way
 * @next: in the list of all
 * @prev: what points to it
 * @edge: the edge
 * @hop: its way
 * @done: told of its end, or NULL
 * @user: first argument
 */
struct own {
	struct own *next;
	struct own **prev;
	struct edge *edge;
	struct hop hop;
	relay_own_done *done;
	void *user;
};

static void destroy(struct own *own)
{
	*own->prev = own->next;
	if (own->next)
		own->next->prev = own->prev;
	hop_end(&own->hop);
	free(own);
}

static void tell(struct own *own, struct sip_msg *response)
{
	relay_own_done *done = own->done;

	own->done = NULL;
	if (done)
		done(own->user, response);
}

static void own_response(void *arg, struct sip_msg *msg)
{
	if (msg->status >= 200)
		tell(arg, msg);
}

static void own_failed(void *arg, unsigned int status)
{
	struct own *own = arg;

	(void)status;
	tell(own, NULL);
	if (!own->hop.client)
		destroy(own);
}

static void own_gone(void *arg)
{
	tell(arg, NULL);
	destroy(arg);
}

static const struct hop_ops own_ops = {
	.response = own_response,
	.failed = own_failed,
	.gone = own_gone,
};

static int own_start(struct edge *edge, const struct relay_way *way,
		     const char *data, size_t len, struct own **started)
{
	struct own *own = calloc(1, sizeof(*own));
	int err;

	if (!own)
		return -ENOMEM;
	own->edge = edge;
	own->hop.edge = edge;
	own->hop.ops = &own_ops;
	own->hop.owner = own;
	own->hop.ack = !started;
	own->next = edge->owns;
	own->prev = &edge->owns;
	if (own->next)
		own->next->prev = &own->next;
	edge->owns = own;
	err = hop_keep(&own->hop, data, len);
	if (!err)
		err = hop_start(&own->hop, way);
	/* An ACK that was sent at once leaves nothing to wait for. */
	if (err || (!started && !hop_busy(&own->hop)))
		destroy(own);
	else if (started)
		*started = own;
	return err;
}

/**
 * relay_own() - send a request of our own
 * @edge: the edge
 * @way: where it goes
 * @data: the request, without Via
 * @len: octets of it
 * @done: told of the final response, or of none; not before this returns. NULL
 *	for nobody
 * @user: its first argument
 *
 * Return: 0, and @done will be called once; or a negative errno.
 */
int relay_own(struct edge *edge, const struct relay_way *way, const char *data,
	      size_t len, relay_own_done *done, void *user)
{
	struct own *own;
	int err = edge->closing ? -ESHUTDOWN :
				  own_start(edge, way, data, len, &own);

	if (err)
		return err;
	own->done = done;
	own->user = user;
	return 0;
}

/**
 * relay_ack() - send the ACK of a 2xx on
 * @in: the ACK; its message is used up
 * @way: where it goes
 *
 * Nothing waits for an answer, so nothing is kept.
 *
 * Return: 0 or a negative errno.
 */
int relay_ack(const struct edge_in *in, const struct relay_way *way)
{
	struct edge *edge = in->edge;
	char *data = NULL;
	size_t used;
	int err;

	err = sip_msg_write(in->msg, edge->out, EDGE_OUT_ROOM, &used);
	if (err)
		return err;
	/* edge->out is written again when the ACK is sent. */
	data = malloc(used);
	if (!data)
		err = -ENOMEM;
	else
		memcpy(data, edge->out, used);
	OPENSSL_cleanse(edge->out, used);
	if (!err)
		err = own_start(edge, way, data, used, NULL);
	if (data)
		OPENSSL_cleanse(data, used);
	free(data);
	return err;
}

/**
 * relay_own_pending() - do we wait for an answer?
 * @edge: the edge
 *
 * Return: whether a request of our own was not answered.
 */
bool relay_own_pending(const struct edge *edge)
{
	const struct own *own;

	for (own = edge->owns; own; own = own->next)
		if (!own->hop.final)
			return true;
	return false;
}

/**
 * relay_own_free_all() - end all requests of our own, when the edge is freed
 * @edge: the edge
 */
void relay_own_free_all(struct edge *edge)
{
	while (edge->owns) {
		tell(edge->owns, NULL);
		destroy(edge->owns);
	}
}
