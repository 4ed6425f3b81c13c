/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of msrp/ share; nobody outside includes it. */
#ifndef E2AE_MSRP_INNER_H
#define E2AE_MSRP_INNER_H

#include <sys/queue.h>
#include <sys/types.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/ssl.h>

#include "../clock.h"
#include "../net/buffer.h"
#include "ktls.h"
#include "msrp.h"
#include "rewrite.h"

#define MSRP_SIDES 2
#define MSRP_SCRATCH \
	(16 * 1024 + 512) /* a record, and what it may carry too much */
#define MSRP_TURN     (64 * 1024) /* octets of a direction in one turn */
#define MSRP_BACKLOG  16 /* connections that wait before the start */
#define MSRP_PENDING  4 /* handshakes of a session at a time */
#define MSRP_HANDS    1024 /* handshakes of all sessions at a time */
#define MSRP_SPARE    64 /* pipes that nobody uses and that are kept */
#define MSRP_PATH_MAX 2048 /* characters of a=path */

struct msrp_hand;

/**
 * struct msrp_pipe - a pipe for splice(2)
 * @next: place among the spare ones
 * @fd: what is read from, and what is written to
 */
struct msrp_pipe {
	SLIST_ENTRY(msrp_pipe) next;
	int fd[2];
};

/**
 * struct msrp_end - our end of a connection through which octets flow
 * @session: whose
 * @side: access or core
 * @fd: socket, -1 without
 * @ssl: TLS in this process; NULL with TCP, and when the kernel does TLS
 * @kernel: the kernel does the records
 * @server: we were TLS's server
 * @read_wants_write: TLS has to write before it can read on
 * @secret: what the kernel's keys were made from, for KeyUpdate; NULL without
 * @handshake: octets of a handshake message that are still to come
 * @readable: event, pending while the direction from here may read
 * @writable: event, pending while something waits for the socket
 */
struct msrp_end {
	struct msrp_session *session;
	enum msrp_side side;
	int fd;
	SSL *ssl;
	bool kernel;
	bool server;
	bool read_wants_write;
	struct ktls_secret *secret;
	size_t handshake;
	struct event readable;
	struct event writable;
};

/**
 * struct msrp_flow - octets in one direction
 * @from: where they come from
 * @to: where they go
 * @rewrite: what changes their paths, or NULL with CEMA
 * @in: read, and not yet rewritten; no memory while there is nothing
 * @out: what @to did not take; likewise
 * @pipe: what @to did not take, when spliced; NULL while there is nothing
 * @held: octets in @pipe
 * @ended: the sender has sent its last octet
 * @torn: and did not say so as TLS wants it
 * @shut: the receiver was told
 */
struct msrp_flow {
	struct msrp_end *from;
	struct msrp_end *to;
	struct msrp_rewrite *rewrite;
	struct net_buffer in;
	struct net_buffer out;
	struct msrp_pipe *pipe;
	size_t held;
	bool ended;
	bool torn;
	bool shut;
};

/**
 * struct msrp_dial - a connection that we make
 * @fd: socket while TCP's handshake goes on, else -1
 * @ready: event
 * @tries: how many were made
 * @at: when the next one is due, 0 if none is
 */
struct msrp_dial {
	int fd;
	struct event ready;
	unsigned int tries;
	int64_t at;
};

/**
 * struct msrp_door - where connections of a side arrive
 * @local: own address
 * @fd: socket that listens, -1 while it does not
 * @ready: event, pending while connections are looked at
 * @at: when accepting goes on after a pause, 0 without one
 */
struct msrp_door {
	struct net_addr local;
	int fd;
	struct event ready;
	int64_t at;
};

/**
 * struct msrp_plan - what msrp_session_start() was told
 * @leg: both sides, with @own and @path our copies or NULL
 * @cema: nobody looks at octets
 */
struct msrp_plan {
	struct msrp_leg leg[MSRP_SIDES];
	bool cema;
};

/**
 * enum msrp_state - what a session is doing
 * @MSRP_LISTENING: nobody looks at connections
 * @MSRP_CONNECTING: it is started
 * @MSRP_FLOWING: both legs are there
 */
enum msrp_state {
	MSRP_LISTENING,
	MSRP_CONNECTING,
	MSRP_FLOWING,
};

TAILQ_HEAD(msrp_hands, msrp_hand);

/**
 * struct msrp_session - one m-line of a call
 * @all: place in msrp->sessions
 * @msrp: whose
 * @keys: pre-shared keys, MSRP_KEYS_MAX of them; identities padded with 0
 * @n_keys: how many
 * @spent: a handshake has succeeded since the last start: no identity is good
 * @state: what it is doing
 * @plan: what it was told
 * @door: where connections arrive, by side
 * @dial: connections being made, by side
 * @hands: TLS handshakes
 * @n_hands: how many
 * @end: connections that are there, by side
 * @flow: octets, by the side they come from
 * @timer: event at or before the next deadline
 * @timer_at: when, 0 while it is not pending
 * @began: when @state began
 * @last: when the last octet moved
 * @drain_at: when to look next whether all is sent, 0 if nobody waits for it
 * @quiet: how often it was
 * @news: event that tells what happened
 * @up: it is to be told that octets flow
 * @over: it is to be told why they do not any more
 * @told: who is told
 * @arg: of @told
 * @counts: of this session
 */
struct msrp_session {
	TAILQ_ENTRY(msrp_session) all;
	struct msrp *msrp;
	struct msrp_key *keys;
	unsigned int n_keys;
	bool spent;
	enum msrp_state state;
	struct msrp_plan plan;
	struct msrp_door door[MSRP_SIDES];
	struct msrp_dial dial[MSRP_SIDES];
	struct msrp_hands hands;
	unsigned int n_hands;
	struct msrp_end end[MSRP_SIDES];
	struct msrp_flow flow[MSRP_SIDES];
	struct event timer;
	int64_t timer_at;
	int64_t began;
	int64_t last;
	int64_t drain_at;
	unsigned int quiet;
	struct event news;
	bool up;
	const char *over;
	msrp_event_fn *told;
	void *arg;
	struct msrp_counts counts;
};

TAILQ_HEAD(msrp_sessions, msrp_session);
SLIST_HEAD(msrp_pipes, msrp_pipe);

/**
 * struct msrp - everything
 * @base: event loop
 * @limits: bounds, none of them 0
 * @sessions: that are
 * @server: TLS for connections to us
 * @client: TLS for connections from us
 * @kernel: what its kTLS can
 * @spare: pipes that nobody uses
 * @n_spare: how many
 * @hands: handshakes of all sessions
 * @counts: of all sessions that were
 * @scratch: MSRP_SCRATCH octets; hold nothing between two turns
 */
struct msrp {
	struct event_base *base;
	struct msrp_limits limits;
	struct msrp_sessions sessions;
	SSL_CTX *server;
	SSL_CTX *client;
	struct ktls_abilities kernel;
	struct msrp_pipes spare;
	unsigned int n_spare;
	unsigned int hands;
	struct msrp_counts counts;
	char *scratch;
};

/**
 * struct msrp_hand - a TLS handshake
 * @all: place in session->hands, the oldest first
 * @session: whose
 * @fd: socket
 * @ssl: TLS; NULL until the peer has said something
 * @server: we are the server
 * @ours: an identity that was offered is one of ours (TLS 1.3)
 * @known: the identity that was taken is one of ours
 * @began: when the connection was there
 * @ready: event
 * @secret: secrets of TLS 1.3
 */
struct msrp_hand {
	TAILQ_ENTRY(msrp_hand) all;
	struct msrp_session *session;
	int fd;
	SSL *ssl;
	bool server;
	bool ours;
	bool known;
	int64_t began;
	struct event ready;
	struct ktls_secret *secret;
};

/* session.c */
void msrp_session_watch(struct msrp_session *session);
void msrp_session_over(struct msrp_session *session, const char *why);
void msrp_session_finish(struct msrp_session *session);
void msrp_session_arrived(struct msrp_session *session);
void msrp_refused(struct msrp_session *session);

/* plan.c */
int msrp_plan_copy(struct msrp_plan *plan,
		   const struct msrp_leg leg[MSRP_SIDES], bool cema);
bool msrp_plan_same(const struct msrp_plan *plan,
		    const struct msrp_leg leg[MSRP_SIDES], bool cema);
void msrp_plan_free(struct msrp_plan *plan);

/* door.c */
void msrp_door_init(struct msrp_session *session, enum msrp_side side,
		    const struct net_addr *local);
int msrp_door_open(struct msrp_session *session, enum msrp_side side);
int msrp_door_watch(struct msrp_session *session, enum msrp_side side);
void msrp_door_close(struct msrp_session *session, enum msrp_side side);

/* dial.c */
void msrp_dial_init(struct msrp_session *session, enum msrp_side side);
int msrp_dial(struct msrp_session *session, enum msrp_side side);
void msrp_dial_again(struct msrp_session *session, enum msrp_side side);
void msrp_dial_stop(struct msrp_session *session, enum msrp_side side);
void msrp_socket_tune(int fd);

/* hand.c */
int msrp_hand_new(struct msrp_session *session, int fd, bool server);
void msrp_hand_free(struct msrp_hand *hand);
void msrp_hands_free(struct msrp_session *session);

/* psk.c */
int msrp_psk_contexts(struct msrp *msrp);

/* end.c */
void msrp_end_init(struct msrp_session *session, enum msrp_side side);
int msrp_end_open(struct msrp_end *end, int fd);
ssize_t msrp_end_read(struct msrp_end *end, void *data, size_t len);
ssize_t msrp_end_write(struct msrp_end *end, const void *data, size_t len);
int msrp_end_shut(struct msrp_end *end);
bool msrp_end_sent(const struct msrp_end *end);
void msrp_end_close(struct msrp_end *end);
int msrp_end_want(struct event *event, bool want);

/* record.c */
ssize_t msrp_record_read(struct msrp_end *end, void *data, size_t len);

/* flow.c */
int msrp_flow_init(struct msrp_session *session, enum msrp_side from);
void msrp_flow_free(struct msrp_session *session, enum msrp_side from);
void msrp_flow_run(struct msrp_session *session, enum msrp_side from);
void msrp_flow_moved(struct msrp_session *session, enum msrp_side from,
		     size_t len);

/* splice.c */
int msrp_splice_turn(struct msrp_session *session, enum msrp_side from);
void msrp_splice_drop(struct msrp_session *session, enum msrp_side from);
void msrp_pipes_free(struct msrp *msrp);

void msrp_event_last(struct event *event);

#endif
