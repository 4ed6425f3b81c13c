// SPDX-License-Identifier: GPL-2.0
/* Requests outside calls: MESSAGE, SUBSCRIBE, PUBLISH, REFER, NOTIFY, ... */
#include <errno.h>

#include "inner.h"

/* A response of a UE. */
static enum relay_action screen(void *owner, struct relay *relay,
				struct sip_msg *msg, bool made)
{
	(void)owner;
	(void)relay;
	(void)made;
	call_body_screen(msg);
	return RELAY_FORWARD;
}

static const struct relay_ops to_ue = {
	.response = screen,
};

/**
 * pass_request() - send a request on, and its responses back
 * @in: the request
 *
 * From a UE along its Route, from the core on the flow of the registration that
 * the token names. Bodies are nobody's business here, unless they hold keys of
 * a UE.
 */
void pass_request(struct edge_in *in)
{
	const struct relay_ops *ops = NULL;
	struct relay_way way = { 0 };
	int err = 0;

	if (in->from == OA_CORE) {
		way.flow = reg_flow(in->reg);
		ops = &to_ue;
	} else {
		call_body_screen(in->msg);
		err = route_next(in->edge, in->msg, &way);
	}
	if (!err && in->tx)
		err = relay_start(in, &way, ops, NULL, NULL);
	else if (!err)
		err = route_strict(in->edge, in->msg) ?: relay_ack(in, &way);
	if (err == -EHOSTUNREACH)
		edge_answer(in, 416, "Unsupported URI Scheme", NULL);
	else if (err)
		edge_answer(in, err == -ENOMEM ? 503 : 400,
			    err == -ENOMEM ? "Service Unavailable" :
					     "Bad Request",
			    NULL);
}
