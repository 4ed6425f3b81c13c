/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of calls.
 *
 *	call.c          the table; beginning and end of a call's life
 *	call-machine.c  its states, their successors and their limits in time
 *	call-session.c  session timers
 *	call-invite.c   the INVITE that makes it, and the responses
 *	call-change.c   requests within its dialogs, and ACK
 *	call-turn.c     one request that is on its way
 *	call-answer.c   descriptions in responses, and what is refused
 *	call-body.c     the description in a body, in and out
 *	call-dialog.c   dialogs, route sets, targets, sequence numbers
 *	call-bye.c      requests of our own: BYE, ACK of a 2xx that goes no further
 *	call-media.c    what the MSF tells
 *	call-msrp.c     the same of sessions of MSRP
 *	call-journal.c  what the next process shall know
 *	call-adopt.c    what is left of the calls of a former process
 *	call-back.c     what happens to these when their UE is back
 *	call-tell.c     for people
 *
 * A call holds what it needs of others: its registration, its flow, its media, one
 * relay for each turn. call_over() gives all of it back but the relays: they go
 * on for a while, absorb what comes late, and the last one takes the call along.
 */
#ifndef E2AE_CALL_INNER_H
#define E2AE_CALL_INNER_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

#include "../journal.h"
#include "../media/body.h"
#include "inner.h"

#define CALL_BUCKETS	  16384 /* a power of 2 */
#define CALL_LEFT_BUCKETS 1024
#define CALL_BODY_ROOM	  (96 * 1024)
#define CALL_FORKS	  16 /* dialogs that one INVITE may make */
#define CALL_ROUTES	  64 /* elements of a route set that we follow */
#define CALL_ROUTES_MAX	  8192 /* octets of it */

enum call_state {
	CALL_NOWHERE,
	CALL_INVITED, /* the INVITE is on its way */
	CALL_EARLY, /* there is a dialog */
	CALL_CANCELLED, /* by the caller */
	CALL_ANSWERED, /* a 2xx went to the caller, no ACK came back */
	CALL_UP, /* it did */
	CALL_LEAVING, /* BYE is on its way */
	CALL_ADOPTED, /* of a former process */
	CALL_OWING, /* it is over, but for the UE, which is not there to hear it */
	CALL_OVER, /* nothing is left but relays */
	CALL_STATES
};

enum call_event {
	CALL_RINGS, /* a provisional response with a tag */
	CALL_CANCELS, /* a CANCEL */
	CALL_ACCEPTS, /* the first 2xx */
	CALL_CONFIRMS, /* its ACK */
	CALL_LEAVES, /* a BYE of either side */
	CALL_STAYS, /* which was refused */
	CALL_OWES, /* one end is told that it is over, the UE cannot be */
	CALL_ENDS, /* for whatever reason */
	CALL_EVENTS
};

enum call_role {
	CALL_CALLER,
	CALL_CALLEE,
};

enum call_method {
	CALL_OTHER,
	CALL_INVITE,
	CALL_UPDATE,
	CALL_PRACK,
	CALL_BYE,
};

/**
 * enum call_wait - where the answer to an offer of a response will come
 * @CALL_WAIT_NONE: no response with an offer is unanswered
 * @CALL_WAIT_PRACK: in the PRACK for it (RFC 3262, 5)
 * @CALL_WAIT_ACK: in the ACK for it (RFC 3261, 13.2.1)
 */
enum call_wait {
	CALL_WAIT_NONE,
	CALL_WAIT_PRACK,
	CALL_WAIT_ACK,
};

/**
 * struct call_dialog - one dialog of a call (RFC 3261, 12)
 * @link: in the call's list
 * @call: the call
 * @tag: the callee's tag; in one block with @to
 * @to: To of a response, with that tag
 * @routes: route set from here to the callee, elements ended by line feeds
 * @target: the callee's Contact
 * @caller_target: the caller's, if it changed in this dialog, or NULL
 * @cseq: highest number that each side has used here
 * @wait: an offer of the callee is unanswered
 * @wait_from: who sent the INVITE that was answered with that offer
 * @wait_cseq: its number
 * @settled: the first offer has its answer here
 * @gone: the dialog is over, others of the call may not be
 */
struct call_dialog {
	LIST_ENTRY(call_dialog) link;
	struct call *call;
	char *tag;
	char *to;
	char *routes;
	char *target;
	char *caller_target;
	uint32_t cseq[2];
	enum call_wait wait;
	enum oa_side wait_from;
	uint32_t wait_cseq;
	bool settled;
	bool gone;
};

/**
 * enum call_place - a message that may be repeated and must look the same again
 */
enum call_place {
	CALL_IN_EARLY,
	CALL_IN_FINAL,
	CALL_IN_ACK,
	CALL_PLACES
};

/**
 * struct call_said - a description that came, and what went on in its place
 * @sum: tells the one that came from others, 0 for none
 * @text: what went on; may hold keys
 * @len: octets of it
 */
struct call_said {
	uint64_t sum;
	char *text;
	size_t len;
};

/**
 * struct call_turn - a request of the call that is on its way
 * @link: in the call's list
 * @call: the call
 * @dialog: its dialog, NULL for the INVITE that makes them
 * @relay: carries it
 * @from: who sent it
 * @method: which it is
 * @cseq: its number
 * @contact: its sender's target if it is accepted, or NULL
 * @offered: it has an offer
 * @settled: its exchange is complete; of the first INVITE see struct call_dialog
 * @final: a final response came
 * @refused: we have answered it ourselves, what comes of it goes no further
 * @retried: it was sent again without security
 * @said: for repetitions
 */
struct call_turn {
	LIST_ENTRY(call_turn) link;
	struct call *call;
	struct call_dialog *dialog;
	struct relay *relay;
	enum oa_side from;
	enum call_method method;
	uint32_t cseq;
	char *contact;
	bool offered;
	bool settled;
	bool final;
	bool refused;
	bool retried;
	struct call_said said[CALL_PLACES];
};

/**
 * struct call_stream - a stream of a call
 * @by_id: in the table
 * @link: in the call's list
 * @call: the call
 * @id: of the stream
 * @silent: nothing comes from the UE
 */
struct call_stream {
	LIST_ENTRY(call_stream) by_id;
	LIST_ENTRY(call_stream) link;
	struct call *call;
	uint32_t id;
	bool silent;
};

LIST_HEAD(call_streams, call_stream);

#define CALL_LEFT 8 /* streams of a call that a next process takes over */

/**
 * struct call_left - media of a call of a former process
 * @n: how many there are
 * @stream: at the MSF
 * @access_port: own RTP port
 * @core_port: likewise
 * @lost: there were some, and none is left
 */
struct call_left {
	unsigned int n;
	bool lost;
	uint32_t stream[CALL_LEFT];
	uint16_t access_port[CALL_LEFT];
	uint16_t core_port[CALL_LEFT];
};

/**
 * struct call - one INVITE-created set of dialogs
 * @bucket: in the table, by token
 * @all: in the list of all, or of those that are over
 * @table: the table
 * @state: enum call_state
 * @caller: side of the caller
 * @token: of the registration, or its own without one
 * @reg: the registration; NULL for emergency calls of strangers
 * @flow: the UE's flow when the call began
 * @oa: its media, NULL when it is over
 * @policy: constant, @policies keeps it
 * @policies: table of @policy
 * @turns: what is on its way
 * @first: the INVITE, NULL when its relay is gone
 * @dialogs: forks
 * @dialog: the one whose 2xx went on
 * @call_id: Call-ID
 * @from: value of the INVITE's From
 * @from_tag: its tag
 * @target: the caller's Contact
 * @routes: route set from here to the caller
 * @identity: public identity of the UE
 * @offerer: who sent the last offer
 * @streams: its streams at the MSF
 * @left: media of a former process, or NULL
 * @access: number of the access network
 * @timer: limit of the state, or of the session
 * @quiet: of a call whose sessions of MSRP are over
 * @began: monotonic milliseconds
 * @up: when it was confirmed, 0 before
 * @expires: seconds of the session timer, 0 without (RFC 4028)
 * @emergency: never refused for security
 * @counted: is in the counts of its registration and of @subscriber
 * @subscriber: whose it is
 * @record: its id in the journal, or NULL
 * @left_by: in the table, by the hash of @impi; of those whose UE is not back
 * @impi: private identity of the UE of a former process's call, or NULL
 * @contact: URI of the Contact that it had
 */
struct call {
	LIST_ENTRY(call) bucket;
	LIST_ENTRY(call) all;
	struct call_table *table;
	enum call_state state;
	enum oa_side caller;
	char token[ROUTE_TOKEN_ROOM];
	struct reg *reg;
	struct net_flow *flow;
	struct oa *oa;
	const struct policy *policy;
	struct policy_table *policies;
	LIST_HEAD(, call_turn) turns;
	struct call_turn *first;
	LIST_HEAD(, call_dialog) dialogs;
	struct call_dialog *dialog;
	char *call_id;
	char *from;
	char *from_tag;
	char *target;
	char *routes;
	char *identity;
	enum oa_side offerer;
	struct call_streams streams;
	struct call_left *left;
	unsigned int access;
	struct event timer;
	struct event quiet;
	uint64_t began;
	uint64_t up;
	uint32_t expires;
	bool emergency;
	bool counted;
	struct subscriber *subscriber;
	char *record;

	LIST_ENTRY(call) left_by;
	char *impi;
	char *contact;
};

LIST_HEAD(call_list, call);

/**
 * struct call_table - all calls
 * @edge: the edge
 * @calls: those that are not over
 * @over: those that are, as long as a relay of theirs is there
 * @owing: those that are but for the UE, which hears it when it is back
 * @left: calls of a former process whose UE is not back, by its identity
 * @n: how many of @calls
 * @draining: no new ones
 * @sweep: frees @dead, wipes @sdp and @body, when nobody uses them any more
 * @dead: calls to be freed
 * @bucket: @calls by token
 * @streams: by id
 * @sdp: a description on its way out
 * @sdp_used: octets of it that may hold keys
 * @body: the body around it
 * @body_used: likewise
 */
struct call_table {
	struct edge *edge;
	struct call_list calls;
	struct call_list over;
	struct call_list owing;
	struct call_list left[CALL_LEFT_BUCKETS];
	size_t n;
	bool draining;
	struct event *sweep;
	struct call_list dead;
	struct call_list bucket[CALL_BUCKETS];
	struct call_streams streams[CALL_BUCKETS];
	size_t sdp_used;
	size_t body_used;
	char sdp[CALL_BODY_ROOM];
	char body[CALL_BODY_ROOM];
};

/**
 * struct call_why - why we end a call
 * @word: for the log
 * @status: of a response to an INVITE that has none yet
 * @phrase: its reason phrase
 * @reason: value of Reason in a BYE (RFC 3326)
 */
struct call_why {
	const char *word;
	unsigned int status;
	const char *phrase;
	const char *reason;
};

extern const struct call_why call_why_timer, call_why_session, call_why_ack;
extern const struct call_why call_why_media, call_why_keys, call_why_reg;
extern const struct call_why call_why_answer, call_why_lost;

/* call.c */
struct call *call_find(const struct edge_in *in);
int call_new(const struct edge_in *in, struct call **call);
void call_link(struct call_table *table, struct call *call);
void call_over(struct call *call, const char *word);
void call_release(struct call *call);
void call_sweep_soon(struct call_table *table);
void call_husk_check(struct call *call);

/* call-machine.c */
const char *call_state_name(enum call_state state);
bool call_step(struct call *call, enum call_event event);
void call_clock(struct call *call);
void call_timer_fired(evutil_socket_t fd, short what, void *arg);

/* call-session.c */
void call_session(struct call *call, const struct sip_msg *response);
bool call_session_short(const struct edge_in *in);

/* call-turn.c */
struct call_turn *call_turn_new(struct call *call, const struct edge_in *in,
				enum call_method method);
void call_turn_free(struct call_turn *turn);
int call_turn_start(struct call_turn *turn, const struct edge_in *in,
		    const struct relay_ops *ops);
struct call_turn *call_turn_find(const struct call *call, enum oa_side from,
				 uint32_t cseq, enum call_method method);
bool call_turn_open(const struct call *call, enum call_method method,
		    enum oa_side *from);
void call_turn_done(void *owner, struct relay *relay);
enum call_method call_method_of(struct sdp_text method);
void call_way(const struct call *call, const struct call_dialog *dialog,
	      enum oa_side from, const struct sip_msg *msg,
	      struct relay_way *way);
enum oa_side call_other(enum oa_side side);

/* call-answer.c */
int call_response_words(struct call_turn *turn, struct call_dialog *dialog,
			struct sip_msg *msg, struct oa_verdict *no);
void call_refuse(const struct edge_in *in, unsigned int status);
void call_refuse_offer(struct call *call, const struct edge_in *in,
		       const struct oa_verdict *no);
void call_refuse_final(struct call_turn *turn, struct call_dialog *dialog,
		       const struct oa_verdict *no);
void call_refuse_early(struct call_turn *turn, const struct oa_verdict *no);
void call_note_refusal(const struct call *call, const char *what,
		       const struct oa_verdict *no);

/* call-body.c */
struct call_words {
	bool offer;
	enum oa_side from;
	struct sdp_text fork;
	uint32_t cseq;
};

int call_body_find(const struct sip_msg *msg, struct body_part *part);
int call_body_translate(struct call *call, const struct call_words *words,
			struct call_said *said, struct sip_msg *msg,
			struct oa_verdict *no);
int call_body_put(struct call_table *table, struct sip_msg *msg);
void call_body_strip(struct sip_msg *msg);
void call_said_drop(struct call_said *said);

/* call-dialog.c */
char *call_text_keep(struct sdp_text text);
char *call_contact(const struct sip_msg *msg);
int call_routes(const struct call *call, const struct sip_msg *msg,
		enum call_role towards, char **routes);
struct call_dialog *call_dialog_find(const struct call *call,
				     struct sdp_text tag);
struct call_dialog *call_dialog_learn(struct call *call,
				      const struct sip_msg *response);
struct call_dialog *call_dialog_restore(struct call *call, struct sdp_text tag,
					struct sdp_text to);
void call_dialog_free(struct call_dialog *dialog);
void call_dialog_request(struct call_dialog *dialog, enum call_role by,
			 const struct sip_msg *msg);
void call_dialog_refresh(struct call_dialog *dialog, enum call_role of,
			 const struct sip_msg *msg);
enum call_role call_role_of(const struct call *call, enum oa_side side);
uint32_t call_cseq(const struct sip_msg *msg);

/* call-bye.c */
void call_end(struct call *call, const struct call_why *why);
void call_bye(struct call_dialog *dialog, enum call_role to,
	      const char *reason);
void call_ack_own(struct call_dialog *dialog, uint32_t cseq, enum call_role to);
void call_ack_and_bye(struct call_turn *turn, struct call_dialog *dialog);

/* call-msrp.c */
void call_msrp_init(struct call *call);

/* call-media.c */
bool call_is_dead(const struct call *call);
bool call_stream_known(struct call_table *table, uint32_t id);
void call_stream_add(struct call *call, uint32_t id);
void call_streams_note(struct call *call);
void call_streams_give(struct call *call);

/* call-tell.c */
void call_tell_up(struct call *call);

/* call-journal.c */
void call_journal_put(struct call *call);
void call_journal_drop(struct call *call);

/* call-back.c */
void call_left_add(struct call *call);
void call_left_forget(struct call *call);
bool call_owe(struct call *call);

/* call-adopt.c */
void call_left_give(struct call *call);
void call_leave(struct call_table *table);

#endif
