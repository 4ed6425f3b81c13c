// SPDX-License-Identifier: GPL-2.0
/* What all machines share: libosip2's instance, and the models. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include "../media/sdp_text.h"
#include "machine.h"

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

static int read_model(const char *start, const char *method,
		      osip_message_t **model)
{
	char text[256];
	int len =
		snprintf(text, sizeof(text),
			 "%s\r\nVia: SIP/2.0/UDP model.invalid;branch=model\r\n"
			 "From: <sip:model.invalid>\r\n"
			 "To: <sip:model.invalid>\r\nCall-ID: model\r\n"
			 "CSeq: 1 %s\r\nContent-Length: 0\r\n\r\n",
			 start, method);

	return osip_message_init(model) ||
			       osip_message_parse(*model, text, len) ?
		       -ENOMEM :
		       0;
}

static int read_models(struct machine_pool *pool)
{
	char start[32];
	int err = read_model("INVITE sip:model.invalid SIP/2.0", "INVITE",
			     &pool->invite);
	size_t i;

	if (!err)
		err = read_model("OPTIONS sip:model.invalid SIP/2.0", "OPTIONS",
				 &pool->other);
	for (i = 1; !err && i < MACHINE_CLASSES; i++) {
		snprintf(start, sizeof(start), "SIP/2.0 %zu00 Model", i);
		err = read_model(start, "INVITE", &pool->response[i]);
	}
	return err;
}

/**
 * machine_pool_request() - the model request of a kind of machine
 * @pool: the pool
 * @type: of the machine
 *
 * Return: the message.
 */
osip_message_t *machine_pool_request(const struct machine_pool *pool,
				     osip_fsm_type_t type)
{
	return type == ICT || type == IST ? pool->invite : pool->other;
}

static int make_models(struct machine_pool *pool)
{
	osip_transaction_t *model;
	int type;

	for (type = 0; type < MACHINE_KINDS; type++) {
		if (osip_transaction_init(&pool->model[type], type, pool->osip,
					  machine_pool_request(pool, type)))
			return -ENOMEM;
		model = pool->model[type];
		osip_remove_transaction(pool->osip, model);
		/* Nobody queues events. */
		osip_fifo_free(model->transactionff);
		model->transactionff = NULL;
	}
	/* Otherwise each machine that fails finds one, and allocates it. */
	model = pool->model[ICT];
	if (!model->ict_context->destination)
		osip_ict_set_destination(model->ict_context,
					 osip_strdup("model.invalid"), 5060);
	return model->ict_context->destination ? 0 : -ENOMEM;
}

/**
 * machine_pool_init() - begin
 * @pool: the pool; it stays where it is
 * @t1: T1, ms
 * @ops: what machines do to their owners
 *
 * Return: 0, or -ENOMEM; machine_pool_close() is due in both cases.
 */
int machine_pool_init(struct machine_pool *pool, unsigned int t1,
		      const struct machine_ops *ops)
{
	int level, err;
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
	err = read_models(pool);
	return err ? err : make_models(pool);
}

/**
 * machine_pool_close() - end; no machine is left
 * @pool: the pool
 */
void machine_pool_close(struct machine_pool *pool)
{
	size_t i;

	osip_free(pool->shell);
	for (i = 0; i < MACHINE_KINDS; i++)
		osip_transaction_free2(pool->model[i]);
	for (i = 0; i < MACHINE_CLASSES; i++)
		osip_message_free(pool->response[i]);
	osip_message_free(pool->invite);
	osip_message_free(pool->other);
	if (pool->osip)
		osip_release(pool->osip);
	*pool = (struct machine_pool){ 0 };
}
