// SPDX-License-Identifier: GPL-2.0
/* Requests on their way through, and their responses (RFC 3261, 16.6-16.10). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

#define TIMER_C_SECONDS (3 * 60 + 10) /* RFC 3261, 16.6: more than 3 minutes */

/**
 * struct relay - a request on its way through
 * @edge: the edge
 * @next: in the list of all
 * @prev: what points to it
 * @server: its server transaction, NULL once we have no hold on it any more
 * @upstream: flow on which it came
 * @hop: its way on
 * @reg: registration of the UE, if it has one
 * @ops: of the owner, NULL once it is disowned
 * @owner: first argument
 * @timer: Timer C
 * @from: the side it came from
 * @busy: functions of this file that still use it
 * @invite: it is an INVITE
 * @answered: a final response went upstream
 * @cancelled: the sender gave up, or Timer C did
 */
struct relay {
	struct edge *edge;
	struct relay *next;
	struct relay **prev;
	struct tx_server *server;
	struct net_flow *upstream;
	struct hop hop;
	struct reg *reg;
	const struct relay_ops *ops;
	void *owner;
	struct event *timer;
	enum oa_side from;
	unsigned int busy;
	bool invite;
	bool answered;
	bool cancelled;
};

static void destroy(struct relay *relay)
{
	*relay->prev = relay->next;
	if (relay->next)
		relay->next->prev = relay->prev;
	relay->edge->n_relays--;
	if (relay->server)
		tx_server_set_user(relay->server, NULL);
	hop_end(&relay->hop);
	if (relay->timer)
		event_free(relay->timer);
	net_flow_put(relay->upstream);
	if (relay->reg)
		reg_put(relay->reg);
	free(relay);
}

static void hold(struct relay *relay)
{
	relay->busy++;
}

/* A final response went upstream. Only a 2xx to INVITE leaves us a hold. */
static void note_reply(struct relay *relay, unsigned int status)
{
	if (status < 200)
		return;
	relay->answered = true;
	if (!relay->invite || status >= 300)
		relay->server = NULL;
}

static void set_timer_c(struct relay *relay)
{
	static const struct timeval time = { TIMER_C_SECONDS, 0 };

	evtimer_add(relay->timer, &time);
}

/**
 * relay_forward() - send a response upstream
 * @relay: the relay
 * @response: the response, without our Via; used up
 *
 * Return: 0; -EPIPE if nobody waits for it any more; an error of the response.
 */
int relay_forward(struct relay *relay, struct sip_msg *response)
{
	struct edge *edge = relay->edge;
	size_t used;
	int err;

	if (!relay->server || (relay->answered && (response->status < 200 ||
						   response->status >= 300)))
		return -EPIPE;
	if (relay->from == OA_ACCESS && response->status >= 300)
		aka_hide(response);
	err = sip_msg_write(response, edge->out, EDGE_OUT_ROOM, &used);
	if (!err) {
		struct tx_server *server = relay->server;

		note_reply(relay, response->status);
		err = tx_reply(server, edge->out, used);
		OPENSSL_cleanse(edge->out, used);
	}
	return err;
}

/**
 * relay_reply() - answer upstream with a response of our own
 * @relay: the relay
 * @status: of the response
 * @reason: its reason phrase
 * @extra: more lines and a body, or NULL
 *
 * Return: 0; -EPIPE if a final response went already, or nobody waits.
 */
int relay_reply(struct relay *relay, unsigned int status, const char *reason,
		const struct sip_extra *extra)
{
	struct tx_server *server = relay->server;

	if (!server || relay->answered)
		return -EPIPE;
	note_reply(relay, status);
	return tx_reply_status(server, status, reason, extra);
}

/* Frees it when nothing more can come from either side. */
static void release(struct relay *relay)
{
	const struct relay_ops *ops = relay->ops;

	if (relay->busy > 1) {
		relay->busy--;
		return;
	}
	/* Its owner is gone, and whoever sent it still waits. */
	if (!ops && relay->hop.final && !relay->answered)
		relay_reply(relay, 500, "Server Internal Error", NULL);
	relay->busy--;
	if (relay->server || hop_busy(&relay->hop))
		return;
	relay->ops = NULL;
	relay->busy++;
	if (ops && ops->done)
		ops->done(relay->owner, relay);
	destroy(relay);
}

/* A response that cannot be sent on is replaced, so that somebody is told. */
static void pass_on(struct relay *relay, struct sip_msg *msg)
{
	unsigned int status = msg->status;
	int err = relay_forward(relay, msg);

	if (err && err != -EPIPE && status >= 200)
		relay_reply(relay, 500, "Server Internal Error", NULL);
}

static void offer_response(struct relay *relay, struct sip_msg *msg, bool made)
{
	enum relay_action action = RELAY_FORWARD;

	if (relay->ops && relay->ops->response)
		action = relay->ops->response(relay->owner, relay, msg, made);
	else
		call_body_guard(msg);
	if (action == RELAY_FORWARD)
		pass_on(relay, msg);
}

/* Writes a response as if it had come, and reads it. */
static int make(struct relay *relay, const struct sip_answer *answer, char *raw,
		size_t room)
{
	struct sip_msg *msg = relay->edge->made;
	size_t used;
	int err;

	err = tx_server_request(relay->server, msg);
	if (!err)
		err = sip_reply_write(msg, answer, NULL, raw, room, &used);
	return err ? err : sip_msg_parse(msg, raw, used, true);
}

/* No final response will come: the owner and then the sender get one of ours. */
static void answer_made(struct relay *relay, unsigned int status)
{
	const char *reason = status == 408 ? "Request Timeout" :
			     status == 487 ? "Request Terminated" :
			     status == 500 ? "Server Internal Error" :
					     "Service Unavailable";
	struct sip_answer answer = { status, sdp_text_of(reason), { NULL, 0 } };
	char tag[ROUTE_TOKEN_ROOM];
	char *raw;

	if (!relay->server || relay->answered)
		return;
	route_token(tag);
	answer.tag = sdp_text_of(tag);
	raw = malloc(SIP_ROOM);
	if (!raw || make(relay, &answer, raw, SIP_ROOM))
		relay_reply(relay, 500, "Server Internal Error", NULL);
	else
		offer_response(relay, relay->edge->made, true);
	free(raw);
}

static void hop_response(void *arg, struct sip_msg *msg)
{
	struct relay *relay = arg;
	int err = 0;

	if (msg->status == 100 || route_pop_via(relay->edge, msg))
		return;
	hold(relay);
	if (relay->invite && msg->status < 200 && !relay->cancelled)
		set_timer_c(relay);
	else if (msg->status >= 200 && relay->timer)
		evtimer_del(relay->timer);
	if (relay->from == OA_ACCESS) {
		identity_to_ue(msg);
		err = mark_response(&relay->hop, msg);
	} else {
		err = copied_hold(&relay->hop, msg) ?:
			      identity_response_from_ue(msg);
	}
	if (err && msg->status >= 200)
		answer_made(relay, 500);
	else if (!err)
		offer_response(relay, msg, false);
	release(relay);
}

static void hop_failed(void *arg, unsigned int status)
{
	struct relay *relay = arg;

	hold(relay);
	if (relay->timer)
		evtimer_del(relay->timer);
	answer_made(relay, relay->cancelled ? 487 : status);
	release(relay);
}

static void hop_gone(void *arg)
{
	struct relay *relay = arg;

	hold(relay);
	release(relay);
}

static const struct hop_ops hop_ops = {
	.response = hop_response,
	.failed = hop_failed,
	.gone = hop_gone,
};

/*
 * Sends CANCEL on (16.10). If no 487 comes the transaction layer says so in its
 * time, and the sender gets ours.
 */
static int give_up(struct relay *relay, const struct sip_extra *extra)
{
	if (relay->hop.final || relay->cancelled)
		return 0;
	relay->cancelled = true;
	if (relay->timer)
		evtimer_del(relay->timer);
	hop_last(&relay->hop);
	if (relay->hop.client)
		return tx_cancel(relay->hop.client, extra);
	/* It has not been sent yet. */
	hop_stop(&relay->hop);
	relay->hop.final = true;
	answer_made(relay, 487);
	return 0;
}

static void timer_c_fired(evutil_socket_t fd, short what, void *arg)
{
	struct relay *relay = arg;

	(void)fd;
	(void)what;
	hold(relay);
	give_up(relay, NULL);
	release(relay);
}

/**
 * relay_cancel() - give a request up: CANCEL is sent on
 * @relay: the relay of an INVITE
 *
 * Return: 0 or a negative errno.
 */
int relay_cancel(struct relay *relay)
{
	int err;

	hold(relay);
	err = give_up(relay, NULL);
	release(relay);
	return err;
}

/**
 * relay_cancelled() - handler of CANCEL, see struct tx_handlers
 * @arg: the edge
 * @tx: transaction of the INVITE
 * @msg: the CANCEL
 */
void relay_cancelled(void *arg, struct tx_server *tx, struct sip_msg *msg)
{
	struct relay *relay = tx_server_user(tx);
	struct sip_field reason = { "Reason", { NULL, 0 } };
	struct sip_extra extra = { &reason, 0, { NULL, 0 } };

	(void)arg;
	if (!relay)
		return;
	hold(relay);
	extra.n_fields = sip_header(msg, "Reason", &reason.value);
	give_up(relay, &extra);
	if (relay->ops && relay->ops->cancelled)
		relay->ops->cancelled(relay->owner, relay, msg);
	release(relay);
}

/**
 * relay_server_gone() - handler of an upstream that is gone
 * @arg: the edge
 * @tx: the server transaction
 */
void relay_server_gone(void *arg, struct tx_server *tx)
{
	struct relay *relay = tx_server_user(tx);

	(void)arg;
	if (!relay)
		return;
	hold(relay);
	relay->server = NULL;
	if (relay->invite && !relay->answered)
		give_up(relay, NULL);
	release(relay);
}

static int keep_message(struct relay *relay, const struct sip_msg *msg)
{
	char *out = relay->edge->out;
	size_t used = 0;
	int err = sip_msg_write(msg, out, EDGE_OUT_ROOM, &used);

	if (!err)
		err = hop_keep(&relay->hop, out, used);
	OPENSSL_cleanse(out, used < EDGE_OUT_ROOM ? used : EDGE_OUT_ROOM);
	return err;
}

/*
 * Requests that make a dialog get our Record-Route (RFC 3261, 16.6). So does every
 * NOTIFY, since it may come before the response (RFC 6665, 4.3).
 */
static bool makes_dialog(const struct edge_in *in)
{
	static const char *const methods[] = { "INVITE", "SUBSCRIBE", "REFER" };
	size_t i;

	if (sdp_text_is(in->msg->method, "NOTIFY"))
		return true;
	for (i = 0; i < ARRAY_SIZE(methods); i++)
		if (!in->dialog && sdp_text_is(in->msg->method, methods[i]))
			return true;
	return false;
}

static struct relay *relay_make(const struct edge_in *in)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	struct edge *edge = in->edge;

	if (!relay)
		return NULL;
	relay->invite = tx_server_invite(in->tx);
	if (relay->invite)
		relay->timer = evtimer_new(edge->base, timer_c_fired, relay);
	if (relay->invite && !relay->timer) {
		free(relay);
		return NULL;
	}
	relay->edge = edge;
	relay->server = in->tx;
	relay->upstream = net_flow_get(in->flow);
	relay->from = in->from;
	relay->reg = in->reg ? reg_get(in->reg) : NULL;
	relay->hop.edge = edge;
	relay->hop.ops = &hop_ops;
	relay->hop.owner = relay;
	relay->hop.in = net_flow_get(in->flow);
	relay->hop.dialog = in->dialog;
	if (makes_dialog(in)) {
		memcpy(relay->hop.token,
		       in->reg ? reg_token(in->reg) : in->token,
		       ROUTE_TOKEN_ROOM);
		if (in->from == OA_CORE)
			mark_request(in, relay->hop.token, relay->hop.mark);
	}
	relay->next = edge->relays;
	relay->prev = &edge->relays;
	if (relay->next)
		relay->next->prev = &relay->next;
	edge->relays = relay;
	edge->n_relays++;
	return relay;
}

/**
 * relay_start() - send a request on
 * @in: the request; its message is used up
 * @way: where it goes
 * @ops: of the owner, or NULL
 * @owner: first argument of these
 * @relay: where to put the relay; valid until @done. May be NULL
 *
 * Via, and Record-Route on requests that make a dialog, are added here. The
 * owner is told nothing before this returns.
 *
 * Return: 0, and the request will be answered; or a negative errno, and it is
 * the caller's to answer.
 */
int relay_start(const struct edge_in *in, const struct relay_way *way,
		const struct relay_ops *ops, void *owner, struct relay **relay)
{
	struct relay *made;
	int err;

	if (!in->tx || in->edge->closing)
		return -EINVAL;
	made = relay_make(in);
	if (!made)
		return -ENOMEM;
	err = route_strict(in->edge, in->msg);
	if (!err)
		err = keep_message(made, in->msg);
	if (!err)
		err = hop_start(&made->hop, way);
	if (err) {
		made->server = NULL;
		destroy(made);
		return err;
	}
	made->ops = ops;
	made->owner = owner;
	tx_server_set_user(in->tx, made);
	if (made->timer)
		set_timer_c(made);
	if (relay)
		*relay = made;
	return 0;
}

/**
 * relay_again() - send another request in place of one that was refused
 * @relay: the relay; the final response to its request has come
 * @msg: the request, without our Via and Record-Route; used up
 * @way: where it goes
 *
 * Return: 0 or a negative errno.
 */
int relay_again(struct relay *relay, struct sip_msg *msg,
		const struct relay_way *way)
{
	int err;

	if (!relay->server || relay->answered || relay->cancelled)
		return -EPIPE;
	err = keep_message(relay, msg);
	if (err)
		return err;
	hop_stop(&relay->hop);
	err = hop_start(&relay->hop, way);
	if (!err && relay->timer)
		set_timer_c(relay);
	return err;
}

/**
 * relay_request() - read the request again, as its owner sent it on
 * @relay: the relay
 * @msg: where to put it, without our Via and Record-Route
 *
 * Return: 0 or a negative errno.
 */
int relay_request(const struct relay *relay, struct sip_msg *msg)
{
	return sip_msg_parse(msg, relay->hop.data, relay->hop.len, true);
}

/**
 * relay_upstream() - flow on which the request came
 * @relay: the relay
 *
 * Return: the flow.
 */
struct net_flow *relay_upstream(const struct relay *relay)
{
	return relay->upstream;
}

/**
 * relay_downstream() - flow on which the request went
 * @relay: the relay
 *
 * Return: the flow; NULL while it has none.
 */
struct net_flow *relay_downstream(const struct relay *relay)
{
	return relay->hop.flow;
}

/**
 * relay_disown() - tell the owner nothing more
 * @relay: the relay, which goes on alone and forwards what comes
 */
void relay_disown(struct relay *relay)
{
	hold(relay);
	relay->ops = NULL;
	relay->owner = NULL;
	release(relay);
}

/**
 * relay_pending() - does anybody wait for an answer?
 * @edge: the edge
 *
 * Return: whether there is a request that was not answered.
 */
bool relay_pending(const struct edge *edge)
{
	const struct relay *relay;

	for (relay = edge->relays; relay; relay = relay->next)
		if (relay->server && !relay->answered)
			return true;
	return false;
}

/**
 * relay_free_all() - end all relays, when the edge is freed
 * @edge: the edge
 */
void relay_free_all(struct edge *edge)
{
	struct relay *relay;

	while ((relay = edge->relays)) {
		const struct relay_ops *ops = relay->ops;

		relay->ops = NULL;
		relay->busy++;
		if (ops && ops->done)
			ops->done(relay->owner, relay);
		destroy(relay);
	}
}
