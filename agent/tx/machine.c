// SPDX-License-Identifier: GPL-2.0
/* The state machines of libosip2. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

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

static int *clock_length(const struct machine *m, const struct clock *clock)
{
	return (int *)((char *)m->context + clock->length);
}

static struct timeval *clock_start(const struct machine *m,
				   const struct clock *clock)
{
	return (struct timeval *)((char *)m->context + clock->start);
}

/* What messages of libosip2 are news to the user of a client transaction. */
static const int news[] = {
	OSIP_ICT_STATUS_1XX_RECEIVED,  OSIP_ICT_STATUS_2XX_RECEIVED,
	OSIP_ICT_STATUS_3XX_RECEIVED,  OSIP_ICT_STATUS_4XX_RECEIVED,
	OSIP_ICT_STATUS_5XX_RECEIVED,  OSIP_ICT_STATUS_6XX_RECEIVED,
	OSIP_NICT_STATUS_1XX_RECEIVED, OSIP_NICT_STATUS_2XX_RECEIVED,
	OSIP_NICT_STATUS_3XX_RECEIVED, OSIP_NICT_STATUS_4XX_RECEIVED,
	OSIP_NICT_STATUS_5XX_RECEIVED, OSIP_NICT_STATUS_6XX_RECEIVED,
};

static struct machine_pool *pool_of(const osip_transaction_t *tr)
{
	return osip_get_application_context(tr->config);
}

static void on_news(int type, osip_transaction_t *tr, osip_message_t *message)
{
	(void)type;
	(void)message;
	pool_of(tr)->ops->heard(tr->your_instance);
}

static int on_send(osip_transaction_t *tr, osip_message_t *message, char *host,
		   int port, int out)
{
	(void)host;
	(void)port;
	(void)out;
	return pool_of(tr)->ops->send(tr->your_instance, MSG_IS_ACK(message));
}

static void say_nothing(const char *file, int line, osip_trace_level_t level,
			const char *format, va_list args)
{
	(void)file;
	(void)line;
	(void)level;
	(void)format;
	(void)args;
}

/**
 * machine_now() - the clock of all timers
 *
 * Return: milliseconds, never 0.
 */
uint64_t machine_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

/**
 * machine_pool_init() - begin
 * @pool: the pool; it stays where it is
 * @t1: T1, ms
 * @ops: what machines do to their owners
 *
 * Return: 0, -ENOMEM.
 */
int machine_pool_init(struct machine_pool *pool, unsigned int t1,
		      const struct machine_ops *ops)
{
	int level;
	size_t i;

	*pool = (struct machine_pool){ .ops = ops, .t1 = t1 };
	if (osip_init(&pool->osip))
		return -ENOMEM;
	/*
	 * It would print peers' messages. Not the macros for this: they do
	 * nothing here, but the library has its traces compiled in.
	 */
	osip_trace_initialize_func(TRACE_LEVEL0, say_nothing);
	for (level = TRACE_LEVEL0; level < END_TRACE_LEVEL; level++)
		osip_trace_disable_level(level);
	osip_set_application_context(pool->osip, pool);
	osip_set_cb_send_message(pool->osip, on_send);
	for (i = 0; i < ARRAY_SIZE(news); i++)
		osip_set_message_callback(pool->osip, news[i], on_news);
	return 0;
}

/**
 * machine_pool_close() - end; no machine is left
 * @pool: the pool
 */
void machine_pool_close(struct machine_pool *pool)
{
	osip_free(pool->shell);
	if (pool->osip)
		osip_release(pool->osip);
	*pool = (struct machine_pool){ 0 };
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

/**
 * machine_parse() - read a skeleton
 * @skeleton: from sip_skeleton_write()
 * @len: octets of it
 * @message: where to put it; for machine_new() and machine_step(), which take it
 *
 * Return: 0, -ENOMEM, -EBADMSG if libosip2 cannot read it.
 */
int machine_parse(const char *skeleton, size_t len, osip_message_t **message)
{
	if (osip_message_init(message))
		return -ENOMEM;
	if (!osip_message_parse(*message, skeleton, len))
		return 0;
	osip_message_free(*message);
	*message = NULL;
	return -EBADMSG;
}

static void *context_of(const osip_transaction_t *shell)
{
	switch (shell->ctx_type) {
	case ICT:
		return shell->ict_context;
	case IST:
		return shell->ist_context;
	case NICT:
		return shell->nict_context;
	default:
		return shell->nist_context;
	}
}

/* From the shell into the machine, and the shell back to its place. */
static void leave_shell(struct machine *m, osip_transaction_t *shell)
{
	m->state = shell->state;
	m->context = context_of(shell);
	memcpy(m->core, shell, sizeof(m->core));
	give_shell(m->pool, shell);
}

/**
 * machine_new() - make a machine
 * @pool: the pool
 * @type: which
 * @reliable: the flow's transport repeats by itself, whatever Via says
 * @request: its request; stays the caller's, who hands it to machine_step() next
 * @owner: the argument of @ops
 * @machine: where to put it
 *
 * Return: 0, -ENOMEM, -EBADMSG.
 */
int machine_new(struct machine_pool *pool, osip_fsm_type_t type, bool reliable,
		osip_message_t *request, void *owner, struct machine **machine)
{
	struct machine *m = calloc(1, sizeof(*m));
	osip_transaction_t *shell;

	if (!m)
		return -ENOMEM;
	if (osip_transaction_init(&shell, type, pool->osip, request)) {
		free(m);
		return -EBADMSG;
	}
	osip_remove_transaction(pool->osip, shell);
	/* Nobody queues events. */
	osip_fifo_free(shell->transactionff);
	shell->transactionff = NULL;
	shell->your_instance = owner;
	m->pool = pool;
	m->type = type;
	m->reliable = reliable;
	leave_shell(m, shell);
	*machine = m;
	return 0;
}

/**
 * machine_free() - end a machine, in whatever state it is
 * @m: the machine, or NULL
 */
void machine_free(struct machine *m)
{
	osip_transaction_t *shell;

	if (!m)
		return;
	shell = take_shell(m->pool);
	if (shell) {
		memcpy(shell, m->core, sizeof(m->core));
		osip_transaction_free2(shell);
	}
	free(m);
}

static void fit_again(struct machine *m, int *length, struct timeval *start)
{
	*length = m->reliable ? -1 : DEFAULT_T1;
	start->tv_sec = m->reliable ? STOPPED : 0;
}

/*
 * libosip2 set its timers by the transport in Via, which says what its sender
 * likes (RFC 3261, 17.1 and 17.2 speak of the transport).
 */
static void fit_timers(struct machine *m)
{
	osip_nict_t *nict = m->context;
	osip_nist_t *nist = m->context;
	osip_ict_t *ict = m->context;
	osip_ist_t *ist = m->context;

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
static void mark_clocks(const struct machine *m)
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
static void fit_timer_e(const struct machine *m, type_t event, int before)
{
	osip_nict_t *nict = m->context;

	if (event == TIMEOUT_E && m->state == NICT_TRYING && !m->reliable)
		nict->timer_e_length = before < DEFAULT_T2 / 2 ? 2 * before :
								 DEFAULT_T2;
}

/**
 * machine_step() - let an event happen
 * @m: the machine; its ops are called, and may do all but free it or step it
 * @event: the event
 * @message: its message, which is taken also on an error; NULL for timers and
 *	for repetitions, of which a machine wants to know no more
 *
 * Return: 0, -ENOMEM if it has not happened.
 */
int machine_step(struct machine *m, type_t event, osip_message_t *message)
{
	osip_event_t *happens = osip_malloc(sizeof(*happens));
	osip_transaction_t *shell = take_shell(m->pool);
	int timer_e = 0;

	if (!happens || !shell) {
		osip_free(happens);
		osip_free(shell);
		osip_message_free(message);
		return -ENOMEM;
	}
	*happens = (osip_event_t){ .type = event, .sip = message };
	if (m->begun)
		mark_clocks(m);
	if (m->type == NICT)
		timer_e = ((osip_nict_t *)m->context)->timer_e_length;
	memcpy(shell, m->core, sizeof(m->core));
	osip_transaction_execute(shell, happens);
	leave_shell(m, shell);
	if (!m->begun)
		fit_timers(m);
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
