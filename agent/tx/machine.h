/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machines of libosip2 (RFC 3261, figures 5 to 8), without its lists
 * and its timer loops, which walk all transactions.
 *
 * An osip_transaction_t has 15 KiB, nearly all of it for DNS records that nobody
 * here uses. So only the members in front of these are kept for each machine;
 * they move into a whole osip_transaction_t, a shell, for each event.
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

#define MACHINE_CORE offsetof(osip_transaction_t, record)

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
 * @shell: a spare shell, or NULL
 * @ops: of all machines
 * @t1: of ours, ms
 */
struct machine_pool {
	osip_t *osip;
	osip_transaction_t *shell;
	const struct machine_ops *ops;
	unsigned int t1;
};

/**
 * struct machine - one machine
 * @pool: the pool
 * @type: which of the four
 * @state: its state
 * @context: its osip_ict_t, osip_ist_t, osip_nict_t or osip_nist_t
 * @begun: its first event has come
 * @reliable: the transport repeats by itself
 * @due: when its timers fire, on machine_now()'s clock; 0 for never
 * @core: the front part of its osip_transaction_t
 */
struct machine {
	struct machine_pool *pool;
	osip_fsm_type_t type;
	state_t state;
	void *context;
	bool begun;
	bool reliable;
	uint64_t due[MACHINE_SLOTS];
	char core[MACHINE_CORE];
};

uint64_t machine_now(void);
int machine_pool_init(struct machine_pool *pool, unsigned int t1,
		      const struct machine_ops *ops);
void machine_pool_close(struct machine_pool *pool);

int machine_parse(const char *skeleton, size_t len, osip_message_t **message);
int machine_new(struct machine_pool *pool, osip_fsm_type_t type, bool reliable,
		osip_message_t *request, void *owner, struct machine **machine);
void machine_free(struct machine *machine);
int machine_step(struct machine *machine, type_t event,
		 osip_message_t *message);
bool machine_over(const struct machine *machine);
bool machine_due(const struct machine *machine, uint64_t now, type_t *event);
uint64_t machine_next(const struct machine *machine);

#endif
