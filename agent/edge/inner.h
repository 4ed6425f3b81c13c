/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of edge/. Everything runs in the one thread of the event
 * base, so nothing here is locked.
 */
#ifndef E2AE_EDGE_INNER_H
#define E2AE_EDGE_INNER_H

#include <event2/event.h>

#include "call.h"
#include "route.h"

#define EDGE_OUT_ROOM (4 * SIP_ROOM) /* octets of a message with its edits */

struct reg_table;
struct call_table;
struct edge_peers;
struct journal;

/**
 * struct edge - the P-CSCF
 * @base: event base
 * @config: the configuration; its policies may be exchanged
 * @msf: where streams are
 * @net: sockets
 * @tx: transactions
 * @world: what calls share for offer and answer
 * @regs: of reg.c
 * @calls: of call.c
 * @peers: addresses of the core from which SIP is accepted
 * @journal: what the next process shall know, or NULL
 * @mark_secret: of marks, see mark.h
 * @marked: it is drawn
 * @arrival: flow of the message that is being handled, for comparison only
 * @relays: all that there are
 * @owns: requests of our own that are on their way
 * @n_relays: how many
 * @closing: everything is being freed, nothing new may begin
 * @draining: no new calls, no new registrations
 * @drain_until: calls are ended then; or, when they are, it is told then
 * @cut: they are
 * @drained: told when all is done
 * @drained_arg: its argument
 * @drain: looks whether all is done
 * @bench: a second work bench, for whoever needs to read another message
 *	while one is being handled; nobody keeps it over a call to others
 * @made: the relay's own, for responses that it makes
 * @out: where messages are written before they are sent; wiped after use
 */
struct edge {
	struct event_base *base;
	struct config *config;
	struct msf *msf;
	struct net *net;
	struct tx_layer *tx;
	struct oa_world world;
	struct reg_table *regs;
	struct call_table *calls;
	struct edge_peers *peers;
	struct journal *journal;
	unsigned char mark_secret[MARK_SECRET];
	bool marked;
	const struct net_flow *arrival;
	struct relay *relays;
	struct own *owns;
	size_t n_relays;
	bool closing;
	bool draining;
	uint64_t drain_until;
	bool cut;
	void (*drained)(void *arg);
	void *drained_arg;
	struct event *drain;
	struct sip_msg *bench;
	struct sip_msg *made;
	char *out;
};

/* edge.c, handle.c */
uint64_t edge_now_ms(void);
uint64_t edge_now_ntp(void);
int edge_answer(const struct edge_in *in, unsigned int status,
		const char *reason, const struct sip_extra *extra);
void edge_busy(const struct edge_in *in);
void edge_call_id(const struct sip_msg *msg, char *out, size_t room);
bool edge_protected(const struct edge *edge, const struct net_flow *flow);
bool edge_emergency(const struct sip_msg *msg);
unsigned int edge_admit(void *arg, struct net_flow *flow,
			const struct sip_msg *msg, const char **reason);
void edge_request(void *arg, struct tx_server *tx, struct net_flow *flow,
		  struct sip_msg *msg);

/* peers.c */
int peers_new(struct edge *edge);
void peers_free(struct edge *edge);
bool peers_have(const struct edge *edge, const struct net_addr *addr);
void peers_learn(struct edge *edge, const struct net_target *found, size_t n);
void peers_silent(struct edge *edge, const struct net_target *target,
		  uint32_t seconds);
void peers_heard(struct edge *edge, const struct net_target *target);
void peers_sort(const struct edge *edge, struct net_target *targets, size_t n);

/* pass.c */
void pass_request(struct edge_in *in);

/* identity.c */
int identity_from_ue(const struct edge_in *in);
int identity_response_from_ue(struct sip_msg *msg);
void identity_to_ue(struct sip_msg *msg);

/* reg-auth.c */
void aka_hide(struct sip_msg *msg);

/* send.c: one request until a target has taken it and a response comes. */

#define HOP_TARGETS (2 * NET_TARGETS_MAX)

/**
 * struct hop_ops - what the sender is told; none of it before hop_start() has
 * returned
 * @response: a response, our Via still on top
 * @failed: no final response will come; 408, or 503 if no target took it
 * @gone: the transaction is over; nothing more will come
 */
struct hop_ops {
	void (*response)(void *owner, struct sip_msg *msg);
	void (*failed)(void *owner, unsigned int status);
	void (*gone)(void *owner);
};

/**
 * struct hop - a request and its targets
 * @edge: the edge
 * @ops: told
 * @owner: its first argument
 * @data: the request without our Via and Record-Route; may hold keys
 * @len: octets of it
 * @token: for Record-Route; empty for none
 * @mark: for that which the UE sees, see mark.h
 * @dialog: it has a dialog already
 * @in: the flow it came on, for Record-Route
 * @host: name that a TLS server has to prove
 * @side: NET_CORE or an access network
 * @resolution: that runs
 * @targets: what it found
 * @n_targets: how many
 * @next: the one to try next
 * @client: transaction at the present target
 * @flow: to it
 * @later: tells of a failure that was there at once
 * @ack: it is an ACK: sent, and forgotten
 * @next_hop: the configured next hop is asked, whose addresses are trusted
 * @provisional: a provisional response came, so there is no other target
 * @final: so did a final one, or none will
 */
struct hop {
	struct edge *edge;
	const struct hop_ops *ops;
	void *owner;
	char *data;
	size_t len;
	char token[ROUTE_TOKEN_ROOM];
	char mark[MARK_ROOM];
	bool dialog;
	struct net_flow *in;
	char *host;
	int side;
	struct net_resolution *resolution;
	struct net_target *targets;
	size_t n_targets;
	size_t next;
	struct tx_client *client;
	struct net_flow *flow;
	struct event *later;
	bool ack;
	bool next_hop;
	bool provisional;
	bool final;
};

int copied_hold(const struct hop *hop, struct sip_msg *response); /* copied.c */

int hop_start(struct hop *hop, const struct relay_way *way);
int hop_keep(struct hop *hop, const char *data, size_t len);
bool hop_busy(const struct hop *hop);
void hop_last(struct hop *hop);
void hop_stop(struct hop *hop);
void hop_end(struct hop *hop);

/* relay.c */
void relay_cancelled(void *arg, struct tx_server *tx, struct sip_msg *msg);
void relay_server_gone(void *arg, struct tx_server *tx);
void relay_free_all(struct edge *edge);
bool relay_pending(const struct edge *edge);
bool relay_own_pending(const struct edge *edge);
void relay_own_free_all(struct edge *edge);

/* tell.c: JSON, one object a line. */

/**
 * struct tell - a line that is being written
 * @used: octets of it
 * @text: the line
 */
struct tell {
	size_t used;
	char text[4096];
};

void tell_begin(struct tell *tell);
void tell_string(struct tell *tell, const char *name, const char *value);
void tell_number(struct tell *tell, const char *name, uint64_t value);
void tell_flag(struct tell *tell, const char *name, bool value);
void tell_end(struct tell *tell, edge_line *line, void *arg);

/* msrp.c */
int msrp_start(struct edge *edge);
void msrp_tell(const struct edge *edge, struct tell *tell);

#endif
