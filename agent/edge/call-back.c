// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of a former process, and their UEs. The route set of such a call has the
 * token of a registration that nobody knows any more. So the UE's next one gets the
 * same token again: not for the asking, but in the Path of a REGISTER of the same
 * private identity, and it holds once the network has accepted that.
 */
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"

static struct call_list *left(struct call_table *table, const char *impi)
{
	uint32_t sum = 2166136261u;

	while (*impi)
		sum = (sum ^ (unsigned char)*impi++) * 16777619u;
	return &table->left[sum % CALL_LEFT_BUCKETS];
}

/**
 * call_left_add() - let a call wait for its UE
 * @call: the call, of a former process
 */
void call_left_add(struct call *call)
{
	if (call->impi && call->contact)
		LIST_INSERT_HEAD(left(call->table, call->impi), call, left_by);
}

/**
 * call_left_forget() - let a call wait no longer
 * @call: the call
 */
void call_left_forget(struct call *call)
{
	if (call->impi && call->contact)
		LIST_REMOVE(call, left_by);
	free(call->contact);
	call->contact = NULL;
}

/* The same contact; or, with a connection of its own, from another port. */
static bool same_contact(const char *a, const char *b, bool any_port)
{
	struct sip_uri x, y;

	if (sip_uri_parse(sdp_text_of(a), &x) ||
	    sip_uri_parse(sdp_text_of(b), &y))
		return false;
	if (any_port)
		x.host.port = y.host.port;
	return sip_uri_equal(&x, &y);
}

/**
 * call_left_token() - the token that a UE's calls of a former process have
 * @edge: the edge
 * @impi: private identity
 * @contact: URI of its Contact
 * @token: where to put it
 *
 * Return: whether there are such calls, and no other registration has the token.
 */
bool call_left_token(const struct edge *edge, const char *impi,
		     const char *contact, char token[ROUTE_TOKEN_ROOM])
{
	const struct call *call;
	int any;

	for (any = 0; any < 2; any++) {
		LIST_FOREACH(call, left(edge->calls, impi), left_by)
		{
			if (strcmp(call->impi, impi) ||
			    !same_contact(call->contact, contact, any) ||
			    reg_by_token(edge, call->token))
				continue;
			memcpy(token, call->token, ROUTE_TOKEN_ROOM);
			return true;
		}
	}
	return false;
}

static void take_back(struct call *call, struct reg *reg)
{
	enum call_role ue = call_role_of(call, OA_ACCESS);

	call_left_forget(call);
	call->reg = reg_get(reg);
	call->flow = net_flow_get(reg_flow(reg));
	call->subscriber = reg_call_begins(reg);
	call->counted = true;
	log_event(LOG_LEVEL_INFO, call->call_id, "call.back", "state=%s",
		  call_state_name(call->state));
	if (call->state != CALL_OWING)
		return;
	call_bye(call->dialog, ue, call_why_reg.reason);
	call_over(call, "bye");
}

/**
 * call_reg_back() - a UE has registered: its calls are its own again
 * @edge: the edge
 * @reg: the new registration, on its flow
 */
void call_reg_back(struct edge *edge, struct reg *reg)
{
	struct call *call, *next;

	call = LIST_FIRST(left(edge->calls, reg_impi(reg)));
	for (; call; call = next) {
		next = LIST_NEXT(call, left_by);
		if (!strcmp(call->impi, reg_impi(reg)) &&
		    !strcmp(call->token, reg_token(reg)))
			take_back(call, reg);
	}
}

/**
 * call_owe() - the call is over; its UE is told when it is back
 * @call: a call of a former process whose UE is not back
 *
 * It is no call any more: no media, nothing in the journal, not counted.
 *
 * Return: whether there is a UE that could come back.
 */
bool call_owe(struct call *call)
{
	struct call_table *table = call->table;

	if (!call->contact || !call_step(call, CALL_OWES))
		return false;
	call->dialog->gone = true;
	call_journal_drop(call);
	call_streams_give(call);
	call_left_give(call);
	LIST_REMOVE(call, all);
	LIST_INSERT_HEAD(&table->owing, call, all);
	table->n--;
	log_event(LOG_LEVEL_INFO, call->call_id, "call.owed", "impi=%s",
		  call->impi);
	return true;
}
