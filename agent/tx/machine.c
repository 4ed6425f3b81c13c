// SPDX-License-Identifier: GPL-2.0
/* The state machines of libosip2. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include "../clock.h"
#include "../media/sdp_text.h"
#include "machine.h"

#define STOPPED	  (-1) /* libosip2's word for a timer that does not run */
#define UNTOUCHED (-2) /* ours, to see which timers an event has started */

/**
 * struct clock - a timer of a machine
 * @type: the machine
 * @event: what it fires
 * @slot: what it is for
 * @first: it matters from this state on
 * @last: up to this one
 * @length: offset of its length in the context, ms
 * @start: offset of the time it fires, which libosip2 sets when it starts it
 */
struct clock {
	osip_fsm_type_t type;
	type_t event;
	enum machine_slot slot;
	state_t first;
	state_t last;
	size_t length;
	size_t start;
};

#define LENGTH(context, timer) offsetof(struct osip_##context, timer##_length)
#define START(context, timer)  offsetof(struct osip_##context, timer##_start)

static const struct clock clocks[] = {
	{ ICT, TIMEOUT_A, MACHINE_AGAIN, ICT_CALLING, ICT_CALLING,
	  LENGTH(ict, timer_a), START(ict, timer_a) },
	{ ICT, TIMEOUT_B, MACHINE_GIVE_UP, ICT_CALLING, ICT_CALLING,
	  LENGTH(ict, timer_b), START(ict, timer_b) },
	{ ICT, TIMEOUT_D, MACHINE_LINGER, ICT_COMPLETED, ICT_COMPLETED,
	  LENGTH(ict, timer_d), START(ict, timer_d) },
	{ NICT, TIMEOUT_E, MACHINE_AGAIN, NICT_TRYING, NICT_PROCEEDING,
	  LENGTH(nict, timer_e), START(nict, timer_e) },
	{ NICT, TIMEOUT_F, MACHINE_GIVE_UP, NICT_TRYING, NICT_PROCEEDING,
	  LENGTH(nict, timer_f), START(nict, timer_f) },
	{ NICT, TIMEOUT_K, MACHINE_LINGER, NICT_COMPLETED, NICT_COMPLETED,
	  LENGTH(nict, timer_k), START(nict, timer_k) },
	{ IST, TIMEOUT_G, MACHINE_AGAIN, IST_COMPLETED, IST_COMPLETED,
	  LENGTH(ist, timer_g), START(ist, timer_g) },
	{ IST, TIMEOUT_H, MACHINE_GIVE_UP, IST_COMPLETED, IST_COMPLETED,
	  LENGTH(ist, timer_h), START(ist, timer_h) },
	{ IST, TIMEOUT_I, MACHINE_LINGER, IST_CONFIRMED, IST_CONFIRMED,
	  LENGTH(ist, timer_i), START(ist, timer_i) },
	{ NIST, TIMEOUT_J, MACHINE_LINGER, NIST_COMPLETED, NIST_COMPLETED,
	  LENGTH(nist, timer_j), START(nist, timer_j) },
};

static int *clock_length(struct machine *m, const struct clock *clock)
{
	return (int *)((char *)&m->context + clock->length);
}

static struct timeval *clock_start(struct machine *m, const struct clock *clock)
{
	return (struct timeval *)((char *)&m->context + clock->start);
}

/**
 * machine_now() - the clock of all timers
 *
 * Return: milliseconds, never 0.
 */
uint64_t machine_now(void)
{
	return (uint64_t)clock_ms() + 1;
}

/* A shell whose last part is all zeros, as libosip2 makes it. */
static osip_transaction_t *take_shell(struct machine_pool *pool)
{
	osip_transaction_t *shell = pool->shell;

	pool->shell = NULL;
	if (shell)
		return shell;
	shell = osip_malloc(sizeof(*shell));
	if (shell)
		memset(shell, 0, sizeof(*shell));
	return shell;
}

static void give_shell(struct machine_pool *pool, osip_transaction_t *shell)
{
	if (pool->shell) {
		osip_free(shell);
		return;
	}
	pool->shell = shell;
}

/* The machine goes into a shell; without @last libosip2 cannot free it. */
static void fill_shell(struct machine *m, osip_transaction_t *shell,
		       osip_message_t *last)
{
	memcpy(shell, m->pool->model[m->type],
	       offsetof(osip_transaction_t, record));
	shell->your_instance = m->owner;
	shell->orig_request =
		m->begun ? machine_pool_request(m->pool, m->type) : NULL;
	shell->last_response = last;
	shell->ack = m->ack;
	shell->state = m->state;
	switch (m->type) {
	case ICT:
		shell->ict_context = &m->context.ict;
		break;
	case IST:
		shell->ist_context = &m->context.ist;
		break;
	case NICT:
		shell->nict_context = &m->context.nict;
		break;
	case NIST:
		shell->nist_context = &m->context.nist;
		break;
	}
}

static void empty_shell(struct machine *m, osip_transaction_t *shell)
{
	m->state = shell->state;
	m->last = shell->last_response;
	m->ack = shell->ack;
	give_shell(m->pool, shell);
}

static void take_context(struct machine *m)
{
	const osip_transaction_t *model = m->pool->model[m->type];

	m->state = model->state;
	switch (m->type) {
	case ICT:
		m->context.ict = *model->ict_context;
		break;
	case IST:
		m->context.ist = *model->ist_context;
		break;
	case NICT:
		m->context.nict = *model->nict_context;
		break;
	case NIST:
		m->context.nist = *model->nist_context;
		break;
	}
}

/**
 * machine_new() - make a machine
 * @pool: the pool
 * @type: which
 * @reliable: the flow's transport repeats by itself, whatever Via says
 * @owner: the argument of @ops
 * @machine: where to put it
 *
 * Return: 0, -ENOMEM.
 */
int machine_new(struct machine_pool *pool, osip_fsm_type_t type, bool reliable,
		void *owner, struct machine **machine)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->pool = pool;
	m->type = type;
	m->reliable = reliable;
	m->owner = owner;
	take_context(m);
	*machine = m;
	return 0;
}

/**
 * machine_free() - end a machine, in whatever state it is
 * @m: the machine, or NULL
 */
void machine_free(struct machine *m)
{
	if (!m)
		return;
	osip_message_free(m->ack);
	free(m);
}

static void fit_again(struct machine *m, int *length, struct timeval *start)
{
	*length = m->reliable ? -1 : DEFAULT_T1;
	start->tv_sec = m->reliable ? STOPPED : 0;
}

/* libosip2 set its timers by the transport in Via, which is UDP in the models. */
static void fit_timers(struct machine *m)
{
	osip_nict_t *nict = &m->context.nict;
	osip_nist_t *nist = &m->context.nist;
	osip_ict_t *ict = &m->context.ict;
	osip_ist_t *ist = &m->context.ist;

	switch (m->type) {
	case ICT:
		fit_again(m, &ict->timer_a_length, &ict->timer_a_start);
		ict->timer_d_length = m->reliable ? 0 : 64 * DEFAULT_T1;
		break;
	case NICT:
		fit_again(m, &nict->timer_e_length, &nict->timer_e_start);
		nict->timer_k_length = m->reliable ? 0 : DEFAULT_T4;
		break;
	case IST:
		fit_again(m, &ist->timer_g_length, &ist->timer_g_start);
		ist->timer_i_length = m->reliable ? 0 : DEFAULT_T4;
		break;
	case NIST:
		nist->timer_j_length = m->reliable ? 0 : 64 * DEFAULT_T1;
		break;
	}
}

/* What the event did to one timer. */
static void set_clock(struct machine *m, const struct clock *clock)
{
	long start = clock_start(m, clock)->tv_sec;
	uint64_t length = *clock_length(m, clock);

	if (m->state < clock->first || m->state > clock->last ||
	    start == STOPPED || *clock_length(m, clock) < 0)
		m->due[clock->slot] = 0;
	else if (start != UNTOUCHED)
		m->due[clock->slot] =
			machine_now() + length * m->pool->t1 / DEFAULT_T1;
}

static void set_clocks(struct machine *m)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++)
		if (clocks[i].type == m->type)
			set_clock(m, &clocks[i]);
}

/* The first event starts what was started when the machine was made. */
static void mark_clocks(struct machine *m)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++)
		if (clocks[i].type == m->type)
			clock_start(m, &clocks[i])->tv_sec = UNTOUCHED;
}

/*
 * libosip2 5.3 has timer E depend on the time of day while it is in Trying. It
 * doubles, up to T2 (RFC 3261, 17.1.2.2).
 */
static void fit_timer_e(struct machine *m, type_t event, int before)
{
	osip_nict_t *nict = &m->context.nict;

	if (event == TIMEOUT_E && m->state == NICT_TRYING && !m->reliable)
		nict->timer_e_length = before < DEFAULT_T2 / 2 ? 2 * before :
								 DEFAULT_T2;
}

/*
 * The message of an event. A repetition has none, nor has what comes after a
 * final response: libosip2 would free it.
 */
static osip_message_t *message_of(const struct machine *m, unsigned int status)
{
	if (!m->begun)
		return machine_pool_request(m->pool, m->type);
	if (m->state == ICT_CALLING || m->state == ICT_PROCEEDING ||
	    m->state == IST_PROCEEDING || m->state == NICT_TRYING ||
	    m->state == NICT_PROCEEDING || m->state == NIST_TRYING ||
	    m->state == NIST_PROCEEDING)
		return m->pool->response[status / 100];
	return NULL;
}

/**
 * machine_step() - let an event happen
 * @m: the machine; its ops are called, and may do all but free it or step it
 * @event: the event
 * @status: of the response that the event is about, 100 to 699; else 0
 *
 * Return: 0, -ENOMEM if it has not happened.
 */
int machine_step(struct machine *m, type_t event, unsigned int status)
{
	osip_event_t *happens = osip_malloc(sizeof(*happens));
	osip_transaction_t *shell = take_shell(m->pool);
	osip_message_t *message = message_of(m, status);
	int timer_e = m->context.nict.timer_e_length;

	if (!happens || !shell) {
		osip_free(happens);
		osip_free(shell);
		return -ENOMEM;
	}
	*happens = (osip_event_t){ .type = event, .sip = message };
	if (m->begun)
		mark_clocks(m);
	fill_shell(m, shell, status && message ? NULL : m->last);
	osip_transaction_execute(shell, happens);
	empty_shell(m, shell);
	if (!m->begun)
		fit_timers(m);
	if (m->type == NICT)
		fit_timer_e(m, event, timer_e);
	m->begun = true;
	set_clocks(m);
	return 0;
}

/**
 * machine_over() - has it ended?
 * @m: the machine
 *
 * Return: whether it has.
 */
bool machine_over(const struct machine *m)
{
	return m->state == ICT_TERMINATED || m->state == IST_TERMINATED ||
	       m->state == NICT_TERMINATED || m->state == NIST_TERMINATED;
}

/**
 * machine_due() - has a timer of it run out?
 * @m: the machine
 * @now: the time
 * @event: the event to happen; that of giving up comes first
 *
 * Return: whether one has.
 */
bool machine_due(const struct machine *m, uint64_t now, type_t *event)
{
	const struct clock *found = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		if (clocks[i].type != m->type || !m->due[clocks[i].slot] ||
		    m->due[clocks[i].slot] > now)
			continue;
		if (!found || clocks[i].slot < found->slot)
			found = &clocks[i];
	}
	if (found)
		*event = found->event;
	return found;
}

/**
 * machine_next() - when does the next timer of it run out?
 * @m: the machine
 *
 * Return: the time, or 0 if none runs.
 */
uint64_t machine_next(const struct machine *m)
{
	uint64_t next = 0;
	size_t i;

	for (i = 0; i < MACHINE_SLOTS; i++)
		if (m->due[i] && (!next || m->due[i] < next))
			next = m->due[i];
	return next;
}
