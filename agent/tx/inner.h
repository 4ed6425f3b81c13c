/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of the transaction layer:
 *
 *	layer.c      the layer; what arrives, and whose it is
 *	server.c     server transactions
 *	client.c     client transactions
 *	tx.c         what both share: machine, timers, end
 *	key.c        keys of transactions, branches, tags
 *	stateless.c  responses without a transaction; the source noted in Via
 *	machine.c    machines of libosip2
 *	pool.c       what machines share
 *
 * Anything that leaves this directory - net_send(), a handler - may come back
 * in and end any transaction. So whoever goes on with a transaction afterwards
 * pins it. Nothing stays on the benches of the layer over such a call, except
 * what arrived, which is on @in.
 */
#ifndef E2AE_TX_INNER_H
#define E2AE_TX_INNER_H

#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "machine.h"
#include "../sip/addr.h"
#include "tx.h"

#define TX_TEXT_ROOM   131072 /* head, body and edits of any message */
#define TX_TAG_ROOM    17

/* Retry-After of those that are too many, seconds. */
#define TX_RETRY_AFTER "10"

LIST_HEAD(tx_list, tx);

/**
 * struct octets - memory of our own; it may hold keys, so octets_free() wipes it
 * @at: the first, or NULL
 * @len: how many
 */
struct octets {
	char *at;
	size_t len;
};

/**
 * struct tx - what server and client transactions share
 * @by_key: link in the table of keys
 * @by_flow: link in the table of flows
 * @layer: the layer
 * @flow: the flow; held
 * @answer: where responses go, if not to @flow; held
 * @client: a struct tx_client is around it, else a struct tx_server
 * @invite: of an INVITE
 * @key: what finds it, see key.c
 * @hash: of @key
 * @machine: its machine; NULL once there was a 2xx to an INVITE
 * @request: the request, while anybody may ask for it or send it
 * @last: what is sent again: the last response, or the ACK
 * @timer: wakes it up
 * @own_due: time of what libosip2 does not know: 100 that nobody sent, the end
 *	of an accepted or cancelled INVITE (RFC 6026, timers L and M; RFC 3261,
 *	9.1); 0 for never
 * @pins: users further up on the stack
 * @running: its machine is at work
 * @final: there was a final response
 * @accepted: it was a 2xx to an INVITE (RFC 6026)
 * @heard: the machine takes the response for news
 * @over: out of the tables; memory goes with the last pin
 * @doomed: its flow closed while its machine was at work
 * @send_error: of the last attempt to send, or 0
 */
struct tx {
	LIST_ENTRY(tx) by_key;
	LIST_ENTRY(tx) by_flow;
	struct tx_layer *layer;
	struct net_flow *flow;
	struct net_flow *answer;
	bool client;
	bool invite;
	struct octets key;
	uint64_t hash;
	struct machine *machine;
	struct octets request;
	struct octets last;
	struct event timer;
	uint64_t own_due;
	unsigned int pins;
	bool running;
	bool final;
	bool accepted;
	bool heard;
	bool over;
	bool doomed;
	int send_error;
};

/**
 * struct tx_server - a server transaction
 * @tx: the transaction
 * @user: the user's
 * @held: the user may still use it
 * @tag: for To
 * @said: tag of To in the last response to an INVITE, or NULL; of a CANCEL that
 *	of its INVITE
 */
struct tx_server {
	struct tx tx;
	void *user;
	bool held;
	char tag[TX_TAG_ROOM];
	char *said;
};

/**
 * struct tx_client - a client transaction
 * @tx: the transaction
 * @ops: the user's, or NULL
 * @user: the user's
 * @cancel: CANCEL that waits for a provisional response (RFC 3261, 9.1)
 * @cancelled: the user has cancelled
 * @starting: tx_send() has not returned; what goes wrong is told by it
 */
struct tx_client {
	struct tx tx;
	const struct tx_client_ops *ops;
	void *user;
	struct octets cancel;
	bool cancelled;
	bool starting;
};

/**
 * struct tx_layer - the layer
 * @base: event base
 * @pool: of the machines
 * @handlers: of the user
 * @arg: their first argument
 * @most: transactions until requests are refused
 * @count: transactions there are
 * @seed: of the hashes
 * @keys: table of keys
 * @flows: table of flows
 * @mask: of an index of both
 * @in: what arrived
 * @work: what is being sent
 * @text: octets of a key, or of a message that is written
 */
struct tx_layer {
	struct event_base *base;
	struct machine_pool pool;
	struct tx_handlers handlers;
	void *arg;
	size_t most;
	size_t count;
	uint64_t seed[2];
	struct tx_list *keys;
	struct tx_list *flows;
	size_t mask;
	struct sip_msg in;
	struct sip_msg work;
	char text[TX_TEXT_ROOM];
};

static inline struct tx_server *tx_as_server(struct tx *tx)
{
	return (struct tx_server *)tx;
}

static inline struct tx_client *tx_as_client(struct tx *tx)
{
	return (struct tx_client *)tx;
}

/* key.c */
int octets_set(struct octets *octets, const char *at, size_t len);
void octets_free(struct octets *octets);
uint64_t tx_hash(const struct tx_layer *layer, const char *data, size_t len);
void tx_tag(const struct tx_layer *layer, const char *data, size_t len,
	    char out[TX_TAG_ROOM]);
int tx_key_server(struct tx_layer *layer, const struct net_flow *flow,
		  const struct sip_msg *request, const char *method,
		  size_t *len);
int tx_key_client(struct tx_layer *layer, const struct sip_msg *msg,
		  size_t *len);
struct tx *tx_find(struct tx_layer *layer, size_t len);

/* tx.c */
extern const struct machine_ops tx_machine_ops;
int tx_init(struct tx *tx, struct tx_layer *layer, struct net_flow *flow,
	    size_t key_len);
void tx_pin(struct tx *tx);
void tx_unpin(struct tx *tx);
int tx_begin(struct tx *tx, osip_fsm_type_t type, type_t event);
int tx_step(struct tx *tx, type_t event, unsigned int status);
void tx_accept(struct tx *tx);
void tx_settle(struct tx *tx);
void tx_end(struct tx *tx, int error);
void tx_discard(struct tx *tx);

/* server.c and client.c */
void tx_server_request_came(struct tx_layer *layer, struct net_flow *flow);
void tx_server_own_due(struct tx_server *server);
void tx_server_over(struct tx_server *server);
void tx_client_response_came(struct tx_layer *layer, struct net_flow *flow);
void tx_client_over(struct tx_client *client, int error);

/* stateless.c */
bool tx_to_tag(const struct sip_msg *msg, struct sdp_text *tag);
struct net_flow *tx_answer_flow(const struct sip_msg *request,
				struct net_flow *flow);
int tx_note_source(struct sip_msg *request, const struct net_flow *flow);
void tx_refuse(struct tx_layer *layer, struct net_flow *flow,
	       struct sip_msg *request, unsigned int status,
	       const char *reason);

#endif
