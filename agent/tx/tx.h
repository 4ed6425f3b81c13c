/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP transactions (RFC 3261, 17; RFC 6026), run by the machines of libosip2.
 *
 * libosip2 is told what kind of message there is, and sees none; what goes on
 * the wire are the octets that callers gave. Timers are ours, one for each
 * transaction that has something to wait for, so cost does not grow with the
 * number of transactions.
 *
 * The layer parses each message once, checks it (sip_msg_check()) and finds its
 * transaction. It answers retransmissions and CANCEL's own transaction, makes
 * ACK for failures, sends 100 to an INVITE that nobody answered within 200 ms,
 * absorbs INVITEs that are repeated after their 2xx (RFC 6026), refuses with
 * 503 and Retry-After when there are too many transactions, and answers
 * malformed requests with the status that their sip_error says.
 */
#ifndef E2AE_TX_H
#define E2AE_TX_H

#include "../net/net.h"
#include "../sip/build.h"
#include "../sip/msg.h"

struct tx_layer;
struct tx_server;
struct tx_client;

/**
 * struct tx_handlers - what the user of the layer is told
 * @request: a new request. @msg is the caller's during the call: read and edit
 *	it. Whoever keeps @tx answers it with tx_reply(), now or later; a final
 *	reply ends the user's hold on it; only after a 2xx to an INVITE more 2xx
 *	may follow until @server_gone (RFC 6026). An ACK that belongs to no
 *	failed INVITE comes with @tx NULL. A PRACK, BYE, ... is a request like
 *	any other; a CANCEL that matches nothing is answered by the layer. The
 *	source is in its top Via (received, rport)
 * @admit: may anything of a new request be kept? If not it returns the status to
 *	refuse it with, and may set the reason phrase; nothing is kept then. It
 *	may not call anything of the layer but tx_count(). NULL admits all
 * @overload: a request was refused with 503, because there are too many
 *	transactions or no memory. May be NULL
 * @cancelled: a CANCEL came for an INVITE that has no final reply yet. The
 *	layer has answered the CANCEL; the user replies to the INVITE (487)
 * @server_gone: a server transaction on which the user still had a hold is over:
 *	its connection closed, or the time for more 2xx has passed. Do not use it
 *	any more. Not told after another final reply
 * @stray: a response without transaction (a 2xx repeated, RFC 3261, 16.7), and a
 *	2xx to an INVITE that was forgotten
 *
 * No handler may call tx_message(), tx_bad() or tx_layer_free(); all else, and
 * tx_closed(), may be called from any.
 */
struct tx_handlers {
	void (*request)(void *arg, struct tx_server *tx, struct net_flow *flow,
			struct sip_msg *msg);
	void (*cancelled)(void *arg, struct tx_server *tx, struct sip_msg *msg);
	void (*server_gone)(void *arg, struct tx_server *tx);
	void (*stray)(void *arg, struct net_flow *flow, struct sip_msg *msg);
	unsigned int (*admit)(void *arg, struct net_flow *flow,
			      const struct sip_msg *msg, const char **reason);
	void (*overload)(void *arg);
};

/**
 * struct tx_client_ops - what the sender of a request is told
 * @response: a response that is no repetition, except that every 2xx to an
 *	INVITE comes, repeated or not, for 64*T1 after the first
 * @failed: no final response will come: -ETIMEDOUT, or -EIO when the flow is
 *	dead. Told at most once, and not after a final response
 * @gone: the transaction is over, @tx is freed; the last thing that is told
 */
struct tx_client_ops {
	void (*response)(void *user, struct tx_client *tx, struct sip_msg *msg);
	void (*failed)(void *user, struct tx_client *tx, int error);
	void (*gone)(void *user, struct tx_client *tx);
};

int tx_layer_new(struct tx_layer **layer, struct event_base *base,
		 unsigned int t1, unsigned int most,
		 const struct tx_handlers *handlers, void *arg);
/* Ends all transactions and tells nobody. */
void tx_layer_free(struct tx_layer *layer);
size_t tx_count(const struct tx_layer *layer);

/* To be called from the handlers of struct net. */
void tx_message(struct tx_layer *layer, struct net_flow *flow, char *data,
		size_t len);
void tx_bad(struct tx_layer *layer, struct net_flow *flow, char *data,
	    size_t len, const struct sip_error *error);
void tx_closed(struct tx_layer *layer, struct net_flow *flow);

/* Server transactions. */
int tx_reply(struct tx_server *tx, const char *data, size_t len);
int tx_reply_status(struct tx_server *tx, unsigned int status,
		    const char *reason, const struct sip_extra *extra);
struct net_flow *tx_server_flow(const struct tx_server *tx);
bool tx_server_invite(const struct tx_server *tx);
int tx_server_request(const struct tx_server *tx, struct sip_msg *msg);
void tx_server_set_user(struct tx_server *tx, void *user);
void *tx_server_user(const struct tx_server *tx);

/*
 * Client transactions. @data is the whole request with our Via on top, which
 * tx_branch() gave; it is copied. An ACK is no transaction: net_send().
 */
#define TX_BRANCH_ROOM 40
void tx_branch(char out[TX_BRANCH_ROOM]);
int tx_send(struct tx_layer *layer, struct net_flow *flow, const char *data,
	    size_t len, const struct tx_client_ops *ops, void *user,
	    struct tx_client **tx);
int tx_cancel(struct tx_client *tx, const struct sip_extra *extra);
void tx_client_forget(struct tx_client *tx);
struct net_flow *tx_client_flow(const struct tx_client *tx);
int tx_client_request(const struct tx_client *tx, struct sip_msg *msg);

#endif
