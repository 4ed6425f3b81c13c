// SPDX-License-Identifier: GPL-2.0
/*
 * What a former process left. A call that was up has a record in the journal.
 * Nothing can be negotiated any more, but its media still run. Such an adopted call
 * lasts until either end says BYE, its media fall silent, or its time is over. Its
 * UE has to register again first, see call-back.c. A call whose media are lost is
 * ended. Streams of ours that no record explains are removed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"
#include "call-record.h"
#include "record.h"

/* Requests since the record was written, which nobody has counted there. */
#define CSEQ_GAP 1000

static char *get_routes(struct sdp_text record, enum field wanted)
{
	char *out = malloc(record.len + 1);
	struct sdp_text value;
	size_t used = 0;
	char field;

	while (out && record_next(&record, &field, &value))
		if (field == (char)wanted) {
			sdp_text_put(value, out, used + value.len, &used);
			out[used++] = '\n';
		}
	if (out)
		out[used] = 0;
	return out;
}

/* Streams of the record that are at the MSF, and their ports. */
static void take_media(struct call *call, struct sdp_text record)
{
	struct oa_world *world = &call->table->edge->world;
	struct call_left *left = call->left;
	struct e2ae_stream found;
	struct sdp_text value;
	unsigned int lost = 0;
	uint64_t n[3];
	char field;

	while (left->n < CALL_LEFT && record_next(&record, &field, &value)) {
		if (field != FIELD_MEDIA)
			continue;
		if (!record_numbers(value, UINT32_MAX, n, 3) ||
		    msf_get(world->msf, (uint32_t)n[0], &found)) {
			lost++;
			continue;
		}
		left->stream[left->n] = (uint32_t)n[0];
		left->access_port[left->n] = (uint16_t)n[1];
		left->core_port[left->n] = (uint16_t)n[2];
		left->n++;
		call_stream_add(call, (uint32_t)n[0]);
		if (world->access_ports[call->access])
			ports_claim(world->access_ports[call->access],
				    (uint16_t)n[1]);
		if (world->core_ports)
			ports_claim(world->core_ports, (uint16_t)n[2]);
	}
	left->lost = lost && !left->n;
}

/**
 * call_left_give() - remove the media of an adopted call
 * @call: the call
 */
void call_left_give(struct call *call)
{
	struct oa_world *world = &call->table->edge->world;
	struct call_left *left = call->left;
	uint64_t now = edge_now_ms();
	unsigned int i;

	if (!left)
		return;
	for (i = 0; i < left->n; i++) {
		msf_remove(world->msf, left->stream[i]);
		if (world->access_ports[call->access])
			ports_give(world->access_ports[call->access], now,
				   left->access_port[i]);
		if (world->core_ports)
			ports_give(world->core_ports, now, left->core_port[i]);
	}
	left->n = 0;
}

static bool read_call(struct call *call, struct sdp_text record)
{
	struct sdp_text value, to, tag;
	struct call_dialog *dialog;
	uint64_t n[2];

	if (!record_find(record, FIELD_ACCESS, &value) ||
	    !record_numbers(value, UINT32_MAX, n, 1) ||
	    n[0] >= call->table->edge->config->n_access)
		return false;
	call->access = (unsigned int)n[0];
	call->call_id = record_get(record, FIELD_CALL_ID);
	call->from = record_get(record, FIELD_FROM);
	call->from_tag = record_get(record, FIELD_FROM_TAG);
	call->identity = record_get(record, FIELD_IDENTITY);
	call->target = record_get(record, FIELD_CALLER_TARGET);
	call->routes = get_routes(record, FIELD_CALLER_ROUTE);
	if (!call->call_id || !call->from || !call->from_tag ||
	    !call->identity || !record_find(record, FIELD_TO_TAG, &tag) ||
	    !record_find(record, FIELD_TO, &to))
		return false;
	dialog = call_dialog_restore(call, tag, to);
	if (!dialog)
		return false;
	call->dialog = dialog;
	dialog->target = record_get(record, FIELD_TARGET);
	dialog->routes = get_routes(record, FIELD_ROUTE);
	if (record_find(record, FIELD_CSEQS, &value) &&
	    record_numbers(value, UINT32_MAX, n, 2)) {
		dialog->cseq[CALL_CALLER] = (uint32_t)n[0] + CSEQ_GAP;
		dialog->cseq[CALL_CALLEE] = (uint32_t)n[1] + CSEQ_GAP;
	}
	call->impi = record_get(record, FIELD_IMPI);
	call->contact = record_get(record, FIELD_CONTACT);
	call_left_add(call);
	return true;
}

/* The journal must not be changed while it is read. */
struct adoption {
	struct call_table *table;
	unsigned int adopted;
};

static void adopt(void *arg, const char *id, const void *data, size_t len)
{
	struct adoption *adoption = arg;
	struct sdp_text record = { data, len }, value;
	struct call *call;
	size_t used = 0;

	/* Others keep records there too, under ids that begin otherwise. */
	if (record_is_reg(id) || strlen(id) < ROUTE_TOKEN_ROOM ||
	    id[ROUTE_TOKEN_ROOM - 1] != '-')
		return;
	call = calloc(1, sizeof(*call));
	if (!call)
		return;
	call->record = strdup(id);
	record_find(record, FIELD_TOKEN, &value);
	if (value.len < ROUTE_TOKEN_ROOM)
		sdp_text_put(value, call->token, ROUTE_TOKEN_ROOM - 1, &used);
	record_find(record, FIELD_CALLER, &value);
	call->caller = sdp_text_is(value, "0") ? OA_ACCESS : OA_CORE;
	call->state = CALL_ADOPTED;
	call->began = edge_now_ms();
	call->up = call->began;
	call_link(adoption->table, call);
	record_find(record, FIELD_VERSION, &value);
	call->left = calloc(1, sizeof(*call->left));
	if (call->left && sdp_text_is(value, RECORD_VERSION) &&
	    read_call(call, record))
		take_media(call, record);
	call_clock(call);
}

/* Calls that cannot be read, and those that have no media left, are over. */
static void drop_empty(struct adoption *adoption)
{
	struct call *call, *next;

	for (call = LIST_FIRST(&adoption->table->calls); call; call = next) {
		next = LIST_NEXT(call, all);
		if (!call->dialog)
			call_release(call);
		else if (call->left->lost)
			call_end(call, &call_why_lost);
		else
			adoption->adopted++;
	}
}

static bool same_addr(const struct e2ae_addr *a, const struct net_addr *b)
{
	if (b->sa.sa_family == AF_INET)
		return a->len == 4 && !memcmp(a->octets, &b->in4.sin_addr,
					      sizeof(struct in_addr));
	return b->sa.sa_family == AF_INET6 && a->len == 16 &&
	       !memcmp(a->octets, &b->in6.sin6_addr, sizeof(struct in6_addr));
}

/* Did this agent make it? Others may keep streams of theirs there. */
static bool is_ours(const struct edge *edge, const struct e2ae_stream *stream)
{
	const struct config_media *media = &edge->config->core.media;
	const struct e2ae_leg *leg = &stream->core;

	return leg->local_port >= media->first &&
	       leg->local_port <= media->last &&
	       (same_addr(&leg->local_addr, &media->addr4) ||
		same_addr(&leg->local_addr, &media->addr6));
}

struct leftovers {
	struct edge *edge;
	uint32_t *ids;
	size_t n;
	size_t room;
};

static int note_leftover(const struct e2ae_stream *stream, void *arg)
{
	struct leftovers *left = arg;
	uint32_t *more;

	if (!is_ours(left->edge, stream) ||
	    call_stream_known(left->edge->calls, stream->id))
		return 0;
	if (left->n == left->room) {
		left->room = left->room ? 2 * left->room : 64;
		more = realloc(left->ids, left->room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		left->ids = more;
	}
	left->ids[left->n++] = stream->id;
	return 0;
}

static size_t remove_leftovers(struct edge *edge)
{
	struct leftovers left = { .edge = edge };
	size_t i;

	if (!edge->msf)
		return 0;
	msf_list(edge->msf, note_leftover, &left);
	for (i = 0; i < left.n; i++)
		msf_remove(edge->msf, left.ids[i]);
	free(left.ids);
	return left.n;
}

/**
 * call_adopt() - take over what a former process left
 * @edge: the edge, with nothing of its own yet
 */
void call_adopt(struct edge *edge)
{
	struct adoption adoption = { .table = edge->calls };
	size_t removed;

	if (edge->journal && edge->msf) {
		journal_read(edge->journal, adopt, &adoption);
		drop_empty(&adoption);
	}
	removed = remove_leftovers(edge);
	if (adoption.adopted || removed)
		log_event(LOG_LEVEL_NOTICE, NULL, "call.adopt",
			  "calls=%u removed-streams=%zu", adoption.adopted,
			  removed);
}

static int leave_stream(struct msf *msf, uint32_t stream)
{
	(void)msf;
	(void)stream;
	return 0;
}

/**
 * call_leave() - end calls here whose media run on for the next process
 * @table: the table; calls that the journal does not know stay in it
 */
void call_leave(struct call_table *table)
{
	struct msf *msf = table->edge->msf;
	const struct msf_ops *usual = msf->ops;
	struct msf_ops leaving = *usual;
	struct call *call, *next;

	leaving.remove = leave_stream;
	msf->ops = &leaving;
	for (call = LIST_FIRST(&table->calls); call; call = next) {
		next = LIST_NEXT(call, all);
		if (!call->record)
			continue;
		free(call->record);
		call->record = NULL;
		call_over(call, "left");
	}
	msf->ops = usual;
}
