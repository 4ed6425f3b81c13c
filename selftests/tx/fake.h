/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network that notes what is sent, a user that notes what it is told, and a
 * clock that stands still until a test moves it: the link wraps clock_gettime(),
 * event_add() and event_del() of agent/tx.
 */
#ifndef E2AE_SELFTESTS_TX_FAKE_H
#define E2AE_SELFTESTS_TX_FAKE_H

#include "net.h"

struct test {
	const char *sentence;
	void (*run)(void);
};

void check(bool good, const char *file, int line, const char *what);
#define CHECK(condition) check(condition, __FILE__, __LINE__, #condition)
void check_text(const char *got, const char *want, const char *file, int line);
#define TEXT(got, want) check_text(got, want, __FILE__, __LINE__)

/* The world: one layer, its user, what happened. */
extern struct tx_layer *layer;
extern struct net_flow *udp, *tcp;
extern char happened[4096]; /* what the user was told, a word each */
extern struct tx_server *server; /* the last request's */
extern struct tx_client *client; /* the last that send_request() made */
extern struct sip_msg *scratch;
extern unsigned int admit_status, overloads; /* what new requests are refused with */
extern void (*on_request)(struct tx_server *tx, struct sip_msg *msg);
extern void (*on_cancelled)(struct tx_server *tx);
extern void (*on_response)(struct tx_client *tx, struct sip_msg *msg);
extern void (*on_failed)(struct tx_client *tx);
extern const struct tx_client_ops client_ops;

void world_open(unsigned int most);
void world_close(void);
void pass(unsigned int ms);
/* What happened since the last call, and forgets it. */
const char *told(void);

/* What was sent since the last call, "MS:first word(s)" each: MS from mark(). */
const char *sent(void);
const char *last_sent(void);
size_t sent_count(void);
void mark(void);

void receive(struct net_flow *flow, const char *text);
/* A request of a peer, or its repetition; tag of To may be NULL. */
const char *request_of(const char *method, const char *branch, const char *tag,
		       const char *more);
void ask(struct net_flow *flow, const char *method, const char *branch);
void ack(struct net_flow *flow, const char *branch, const char *tag);
int answer(unsigned int status);
int answer_text(struct tx_server *tx, unsigned int status);

/* A request of ours, and a response to it. */
extern char branch[TX_BRANCH_ROOM];
int send_request(struct net_flow *flow, const char *method);
void respond(struct net_flow *flow, unsigned int status, const char *method);

extern const struct test server_tests[], client_tests[], layer_tests[];
extern const size_t n_server_tests, n_client_tests, n_layer_tests;

#endif
