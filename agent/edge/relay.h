/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One request on its way through the P-CSCF, and its responses on their way
 * back (RFC 3261, 16.6 to 16.10). A P-CSCF does not fork, so there is one client
 * transaction at a time; another may follow when a target cannot be reached
 * (RFC 3263, 4.3) or the owner sends something else. All forks of a proxy
 * further on come as responses of the one transaction.
 *
 * Messages are edited on one work bench (struct sip_msg) for the whole process:
 * it is valid during a call from the layer below and nobody keeps it.
 */
#ifndef E2AE_RELAY_H
#define E2AE_RELAY_H

#include "edge.h"

/**
 * struct edge_in - a request that came, while it is being handled
 * @edge: the edge
 * @tx: its server transaction, NULL for an ACK; whoever handles the request sees
 *	to it that it is answered
 * @flow: what it came on
 * @msg: the request, to be edited; its top Route is no longer ours
 * @from: the side it came from
 * @reg: registration of the flow (from the access) or named by the token of our
 *	URI in Route (from the core), NULL without
 * @token: token of our URI in Route, empty without
 * @mark: mark of our URI in Route, see mark.h; empty without
 * @dialog: To has a tag
 */
struct edge_in {
	struct edge *edge;
	struct tx_server *tx;
	struct net_flow *flow;
	struct sip_msg *msg;
	enum oa_side from;
	struct reg *reg;
	char token[32];
	char mark[32];
	bool dialog;
};

/**
 * struct relay_way - where a request goes
 * @flow: the flow, if it is known: that of a registration
 * @side: NET_CORE or an access network, where there is no @flow
 * @uri: else the URI to resolve (RFC 3263): top Route, Request-URI or next hop
 */
struct relay_way {
	struct net_flow *flow;
	int side;
	struct sdp_text uri;
};

enum relay_action {
	RELAY_FORWARD, /* the response goes on, as it was edited */
	RELAY_KEEP, /* it does not: the owner has answered, or will */
};

/**
 * struct relay_ops - what the owner of a relayed request is told
 * @response: a response came; @msg is already without our Via and is edited in
 *	place. 100 never comes. NULL forwards all. Also for 408 and 503 that the
 *	relay makes itself when no final response comes: @made is true then
 * @cancelled: the sender has cancelled. The relay has sent CANCEL on; when the
 *	487 comes, or none, the sender gets its 487. NULL: nothing else to do
 * @done: the relay is about to be freed: nothing more will come
 */
struct relay_ops {
	enum relay_action (*response)(void *owner, struct relay *relay,
				      struct sip_msg *msg, bool made);
	void (*cancelled)(void *owner, struct relay *relay,
			  struct sip_msg *cancel);
	void (*done)(void *owner, struct relay *relay);
};

int relay_start(const struct edge_in *in, const struct relay_way *way,
		const struct relay_ops *ops, void *owner, struct relay **relay);
int relay_again(struct relay *relay, struct sip_msg *msg,
		const struct relay_way *way);
int relay_reply(struct relay *relay, unsigned int status, const char *reason,
		const struct sip_extra *extra);
int relay_forward(struct relay *relay, struct sip_msg *response);
int relay_cancel(struct relay *relay);
int relay_request(const struct relay *relay, struct sip_msg *msg);
struct net_flow *relay_upstream(const struct relay *relay);
struct net_flow *relay_downstream(const struct relay *relay);
void relay_disown(struct relay *relay);

/* An ACK to a 2xx: nothing is kept. */
int relay_ack(const struct edge_in *in, const struct relay_way *way);

/*
 * A request of our own, in a dialog that we proxy or outside one. @data lacks
 * only Via, which is put on top. @done gets the final response, or NULL; it may
 * be NULL itself.
 */
typedef void relay_own_done(void *user, struct sip_msg *response);
int relay_own(struct edge *edge, const struct relay_way *way, const char *data,
	      size_t len, relay_own_done *done, void *user);

#endif
