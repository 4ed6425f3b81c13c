/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machines of libosip2 (RFC 3261, figures 5 to 8), without its lists
 * and its timer loops, which walk all transactions, and without its messages,
 * which are many small pieces of memory each.
 *
 * A machine asks no more of a message than what kind it is. So all machines see
 * the same few model messages, which were read once, and no event may give
 * libosip2 the occasion to free one: it frees the response before when the next
 * one comes, and messages that it has no use for.
 *
 * An osip_transaction_t has 15 KiB, nearly all of it for DNS records that nobody
 * here uses. So only what differs between machines is kept for each; for each
 * event it moves into a whole osip_transaction_t, a shell.
 *
 * Machines run on libosip2's own times, with T1 500 ms; the times are stretched
 * to our T1 on their way out. T2 and T4 stretch along, as they do in 3GPP TS
 * 24.229, table 7.7.
 */
#ifndef E2AE_TX_MACHINE_H
#define E2AE_TX_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

#include <osip2/osip.h>

/**
 * enum machine_slot - what a timer is for
 * @MACHINE_GIVE_UP: B, F, H: the other end is silent
 * @MACHINE_AGAIN: A, E, G: send again
 * @MACHINE_LINGER: D, I, J, K: repetitions may come
 * @MACHINE_SLOTS: how many
 */
enum machine_slot {
	MACHINE_GIVE_UP,
	MACHINE_AGAIN,
	MACHINE_LINGER,
	MACHINE_SLOTS,
};

#define MACHINE_KINDS	4 /* of osip_fsm_type_t */
#define MACHINE_CLASSES 7 /* of responses, by their first digit */

struct machine;

/**
 * struct machine_ops - what a machine does to its owner
 * @send: send this; only its kind matters: a request, its ACK, a response.
 *	Returns 0, or a negative errno, which ends the machine
 * @heard: a response is news, and goes to the user
 */
struct machine_ops {
	int (*send)(void *owner, bool ack);
	void (*heard)(void *owner);
};

/**
 * struct machine_pool - what all machines share
 * @osip: libosip2's instance; its lists stay empty
 * @model: a machine of each kind that never runs
 * @invite: the request of machines for INVITE
 * @other: the request of the others
 * @response: responses, by their first digit; [0] is NULL
 * @shell: a spare shell, or NULL
 * @ops: of all machines
 * @t1: of ours, ms
 */
struct machine_pool {
	osip_t *osip;
	osip_transaction_t *model[MACHINE_KINDS];
	osip_message_t *invite;
	osip_message_t *other;
	osip_message_t *response[MACHINE_CLASSES];
	osip_transaction_t *shell;
	const struct machine_ops *ops;
	unsigned int t1;
};

/**
 * struct machine - one machine
 * @pool: the pool
 * @type: which of the four
 * @state: its state
 * @owner: argument of the ops
 * @last: the last response, one of the pool's; or NULL
 * @ack: libosip2's ACK of a failure, or NULL
 * @context: libosip2's timers
 * @begun: its first event has come
 * @reliable: the transport repeats by itself
 * @due: when its timers fire, on machine_now()'s clock; 0 for never
 */
struct machine {
	struct machine_pool *pool;
	osip_fsm_type_t type;
	state_t state;
	void *owner;
	osip_message_t *last;
	osip_message_t *ack;
	union machine_context {
		osip_ict_t ict;
		osip_ist_t ist;
		osip_nict_t nict;
		osip_nist_t nist;
	} context;
	bool begun;
	bool reliable;
	uint64_t due[MACHINE_SLOTS];
};

uint64_t machine_now(void);
int machine_pool_init(struct machine_pool *pool, unsigned int t1,
		      const struct machine_ops *ops);
void machine_pool_close(struct machine_pool *pool);
osip_message_t *machine_pool_request(const struct machine_pool *pool,
				     osip_fsm_type_t type);

int machine_new(struct machine_pool *pool, osip_fsm_type_t type, bool reliable,
		void *owner, struct machine **machine);
void machine_free(struct machine *machine);
int machine_step(struct machine *machine, type_t event, unsigned int status);
bool machine_over(const struct machine *machine);
bool machine_due(const struct machine *machine, uint64_t now, type_t *event);
uint64_t machine_next(const struct machine *machine);

#endif
