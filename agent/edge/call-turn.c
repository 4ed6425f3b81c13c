// SPDX-License-Identifier: GPL-2.0
/*
 * Turns: requests of a call that are on their way. Each owns what one relay
 * needs, and outlives the call if the relay does.
 */
#include <errno.h>
#include <stdlib.h>

#include "call-inner.h"

static const struct {
	const char *name;
	enum call_method method;
} methods[] = {
	{ "INVITE", CALL_INVITE },
	{ "UPDATE", CALL_UPDATE },
	{ "PRACK", CALL_PRACK },
	{ "BYE", CALL_BYE },
};

/**
 * call_method_of() - which of the methods that matter here
 * @method: of a request
 *
 * Return: CALL_OTHER if it does not.
 */
enum call_method call_method_of(struct sdp_text method)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++)
		if (sdp_text_is(method, methods[i].name))
			return methods[i].method;
	return CALL_OTHER;
}

/**
 * call_other() - the other side
 * @side: one side
 *
 * Return: the other.
 */
enum oa_side call_other(enum oa_side side)
{
	return side == OA_ACCESS ? OA_CORE : OA_ACCESS;
}

/**
 * call_turn_new() - begin a turn
 * @call: the call
 * @in: the request
 * @method: its method
 *
 * Return: the turn, or NULL if there is no memory.
 */
struct call_turn *call_turn_new(struct call *call, const struct edge_in *in,
				enum call_method method)
{
	struct call_turn *turn = calloc(1, sizeof(*turn));

	if (!turn)
		return NULL;
	turn->call = call;
	turn->from = in->from;
	turn->method = method;
	turn->cseq = call_cseq(in->msg);
	LIST_INSERT_HEAD(&call->turns, turn, link);
	return turn;
}

/**
 * call_turn_free() - end a turn
 * @turn: the turn; its relay, if it has one, goes on without us
 */
void call_turn_free(struct call_turn *turn)
{
	size_t i;

	if (turn->relay)
		relay_disown(turn->relay);
	if (turn->call->first == turn)
		turn->call->first = NULL;
	for (i = 0; i < CALL_PLACES; i++)
		call_said_drop(&turn->said[i]);
	free(turn->contact);
	LIST_REMOVE(turn, link);
	free(turn);
}

/**
 * call_turn_done() - the relay of a turn is over
 * @owner: the turn
 * @relay: its relay
 */
void call_turn_done(void *owner, struct relay *relay)
{
	struct call_turn *turn = owner;
	struct call *call = turn->call;

	(void)relay;
	turn->relay = NULL;
	/* Nothing answered it, so the other side is where it was. */
	if (turn->offered && !turn->final && call->oa)
		oa_refused(call->oa);
	if (turn == call->first && !turn->final)
		call_over(call, "caller-gone");
	call_turn_free(turn);
	call_husk_check(call);
}

/*
 * Without a route set the Request-URI says where a request goes. It is for the
 * peer that the dialog was made with, at the target that this one gave, whatever
 * the UE says.
 */
static void hold_target(const struct call *call,
			const struct call_dialog *dialog,
			const struct sip_msg *msg, struct relay_way *way)
{
	const char *target;

	if (!dialog || sip_line_count(msg, "Route"))
		return;
	target = dialog->target;
	if (call->caller == OA_CORE)
		target = dialog->caller_target ? dialog->caller_target :
						 call->target;
	way->uri = sdp_text_of(target ? target : "");
}

/**
 * call_way() - where a request of the call goes
 * @call: the call
 * @dialog: its dialog, or NULL
 * @from: the side it came from
 * @msg: the request, without our Routes
 * @way: filled in
 */
void call_way(const struct call *call, const struct call_dialog *dialog,
	      enum oa_side from, const struct sip_msg *msg,
	      struct relay_way *way)
{
	*way = (struct relay_way){ .side = NET_CORE };
	if (from == OA_ACCESS) {
		route_next(call->table->edge, msg, way);
		hold_target(call, dialog, msg, way);
		return;
	}
	way->flow = call->reg && reg_alive(call->reg) ? reg_flow(call->reg) :
							call->flow;
	if (way->flow)
		way->side = net_flow_side(way->flow);
}

/**
 * call_turn_start() - send a turn's request on
 * @turn: the turn
 * @in: the request, as it shall go
 * @ops: of the relay
 *
 * Return: 0 or an error; then the turn is as before, and the request is to be
 * answered.
 */
int call_turn_start(struct call_turn *turn, const struct edge_in *in,
		    const struct relay_ops *ops)
{
	struct relay_way way;

	call_way(turn->call, turn->dialog, in->from, in->msg, &way);
	return relay_start(in, &way, ops, turn, &turn->relay);
}

/**
 * call_turn_find() - find the INVITE that an ACK belongs to, and the like
 * @call: the call
 * @from: who sent it
 * @cseq: its number
 * @method: its method
 *
 * Return: the turn, or NULL.
 */
struct call_turn *call_turn_find(const struct call *call, enum oa_side from,
				 uint32_t cseq, enum call_method method)
{
	struct call_turn *turn;

	LIST_FOREACH(turn, &call->turns, link)
	if (turn->from == from && turn->cseq == cseq && turn->method == method)
		return turn;
	return NULL;
}

/**
 * call_turn_open() - is a request of this kind without a final response?
 * @call: the call
 * @method: its method
 * @from: who sent it
 *
 * The INVITE that made the call does not count.
 *
 * Return: whether there is.
 */
bool call_turn_open(const struct call *call, enum call_method method,
		    enum oa_side *from)
{
	struct call_turn *turn;

	LIST_FOREACH(turn, &call->turns, link)
	{
		if (turn->final || turn->method != method ||
		    turn == call->first)
			continue;
		*from = turn->from;
		return true;
	}
	return false;
}
