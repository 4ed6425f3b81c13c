// SPDX-License-Identifier: GPL-2.0
/*
 * What the next process shall know of a call that is up: its dialog, its streams
 * and ports, and no key.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"
#include "call-record.h"
#include "record.h"

static void put_routes(struct record *record, enum field field,
		       const char *routes)
{
	struct sdp_text rest = sdp_text_of(routes ? routes : ""), line;

	while (rest.len) {
		sdp_text_cut(rest, '\n', &line, &rest);
		if (line.len)
			record_put_text(record, field, line);
	}
}

static void put_media(struct record *record, const struct call *call)
{
	char text[64];
	unsigned int i;

	for (i = 0; i < oa_lines(call->oa); i++) {
		struct oa_line line = oa_line(call->oa, i);

		/* A session of MSRP ends with the process: stream 0 is lost. */
		if (!line.stream && line.how != OA_PSK_TLS)
			continue;
		snprintf(text, sizeof(text), "%" PRIu32 " %u %u", line.stream,
			 line.access_port, line.core_port);
		record_put(record, FIELD_MEDIA, text);
	}
}

static void write_record(struct record *record, const struct call *call)
{
	const struct call_dialog *dialog = call->dialog;
	char text[64];

	record->used = 0;
	record_put(record, FIELD_VERSION, RECORD_VERSION);
	record_put(record, FIELD_CALLER, call->caller == OA_ACCESS ? "0" : "1");
	record_put(record, FIELD_TOKEN, call->token);
	record_put(record, FIELD_CALL_ID, call->call_id);
	record_put(record, FIELD_FROM, call->from);
	record_put(record, FIELD_FROM_TAG, call->from_tag);
	record_put(record, FIELD_IDENTITY, call->identity);
	record_put(record, FIELD_CALLER_TARGET,
		   dialog->caller_target ? dialog->caller_target :
					   call->target);
	put_routes(record, FIELD_CALLER_ROUTE, call->routes);
	record_put(record, FIELD_TO_TAG, dialog->tag);
	record_put(record, FIELD_TO, dialog->to);
	record_put(record, FIELD_TARGET, dialog->target);
	put_routes(record, FIELD_ROUTE, dialog->routes);
	snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu32,
		 dialog->cseq[CALL_CALLER], dialog->cseq[CALL_CALLEE]);
	record_put(record, FIELD_CSEQS, text);
	snprintf(text, sizeof(text), "%u", call->access);
	record_put(record, FIELD_ACCESS, text);
	if (call->reg) {
		record_put(record, FIELD_IMPI, reg_impi(call->reg));
		record_put(record, FIELD_CONTACT, reg_contact(call->reg));
	}
	put_media(record, call);
}

/* Two calls of a UE with itself differ only in the caller's side. */
static void record_id(const struct call *call, char *out, size_t room)
{
	uint64_t sum = 0xcbf29ce484222325ULL;
	const char *at;

	for (at = call->call_id; *at; at++)
		sum = (sum ^ (unsigned char)*at) * 0x100000001b3ULL;
	for (at = call->from_tag; *at; at++)
		sum = (sum ^ (unsigned char)*at) * 0x100000001b3ULL;
	snprintf(out, room, "%s-%d-%016" PRIx64, call->token, call->caller,
		 sum);
}

/**
 * call_journal_put() - let the next process know of a call
 * @call: the call
 *
 * A call too large for a record is not adopted, that is all.
 */
void call_journal_put(struct call *call)
{
	struct journal *journal = call->table->edge->journal;
	struct record record;
	char id[80];

	if (!journal || call->state != CALL_UP || !call->dialog || !call->oa)
		return;
	write_record(&record, call);
	record_id(call, id, sizeof(id));
	if (!call->record)
		call->record = strdup(id);
	if (call->record && record.used <= sizeof(record.text))
		journal_put(journal, id, record.text, record.used);
}

/**
 * call_journal_drop() - the next process need not know of a call
 * @call: the call
 */
void call_journal_drop(struct call *call)
{
	struct journal *journal = call->table->edge->journal;

	if (call->record && journal)
		journal_drop(journal, call->record);
	free(call->record);
	call->record = NULL;
}
