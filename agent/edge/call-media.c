// SPDX-License-Identifier: GPL-2.0
/* What the MSF tells of the streams of calls. */
#include <stdio.h>
#include <stdlib.h>

#include "call-inner.h"

static struct call_streams *bucket(struct call_table *table, uint32_t id)
{
	return &table->streams[id % CALL_BUCKETS];
}

static struct call_stream *find(struct call_table *table, uint32_t id)
{
	struct call_stream *stream;

	LIST_FOREACH(stream, bucket(table, id), by_id)
	if (stream->id == id)
		return stream;
	return NULL;
}

/**
 * call_stream_known() - is this stream of a call?
 * @table: the table
 * @id: of the stream
 *
 * Return: whether it is.
 */
bool call_stream_known(struct call_table *table, uint32_t id)
{
	return find(table, id);
}

static void drop(struct call_stream *stream)
{
	LIST_REMOVE(stream, by_id);
	LIST_REMOVE(stream, link);
	free(stream);
}

/**
 * call_stream_add() - know that a stream is of a call
 * @call: the call
 * @id: of the stream
 *
 * Without memory its events are lost, and nothing else.
 */
void call_stream_add(struct call *call, uint32_t id)
{
	struct call_stream *stream = find(call->table, id);

	if (stream)
		return;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return;
	stream->call = call;
	stream->id = id;
	LIST_INSERT_HEAD(bucket(call->table, id), stream, by_id);
	LIST_INSERT_HEAD(&call->streams, stream, link);
}

/**
 * call_streams_note() - see which streams a call has, after an answer
 * @call: the call
 */
void call_streams_note(struct call *call)
{
	struct call_stream *stream, *next;
	unsigned int i;

	if (!call->oa)
		return;
	for (stream = LIST_FIRST(&call->streams); stream; stream = next) {
		next = LIST_NEXT(stream, link);
		if (!oa_has_stream(call->oa, stream->id))
			drop(stream);
	}
	for (i = 0; i < oa_lines(call->oa); i++) {
		uint32_t id = oa_line(call->oa, i).stream;

		if (id)
			call_stream_add(call, id);
	}
}

/**
 * call_streams_give() - a call has no streams any more
 * @call: the call
 */
void call_streams_give(struct call *call)
{
	struct call_stream *stream;

	while ((stream = LIST_FIRST(&call->streams)))
		drop(stream);
}

/**
 * call_is_dead() - have all media of a call come to an end?
 * @call: the call
 *
 * One medium that goes on keeps the call; so does hold.
 *
 * Return: whether they have.
 */
bool call_is_dead(const struct call *call)
{
	struct call_stream *stream;

	if (call->oa && (oa_on_hold(call->oa) || !oa_sessions_over(call->oa)))
		return false;
	LIST_FOREACH(stream, &call->streams, link)
	if (!stream->silent)
		return false;
	return true;
}

static void silent(struct call_table *table, const struct e2ae_event *event)
{
	struct call_stream *stream = find(table, event->stream);
	struct call *call = stream ? stream->call : NULL;
	bool access = event->leg == E2AE_LEG_SIDE_ACCESS;

	metric_add(METRIC_MEDIA_TIMEOUTS);
	log_event(LOG_LEVEL_INFO, call ? call->call_id : NULL, "media.timeout",
		  "stream=%u leg=%s", event->stream,
		  access ? "access" : "core");
	/* An announcement has nothing to hear: only the UE's silence counts. */
	if (!call || !access)
		return;
	stream->silent = true;
	if (table->edge->config->end_silent && call_is_dead(call))
		call_end(call, &call_why_media);
}

static void heard(struct call_table *table, const struct e2ae_event *event)
{
	struct call_stream *stream = find(table, event->stream);

	if (stream && event->leg == E2AE_LEG_SIDE_ACCESS)
		stream->silent = false;
}

/*
 * Rare: an SA lasts 2^48 packets (RFC 3711, 9.2), unless it is told to last less.
 * A proxy makes no offer, so new keys in time are the UE's part: that of its own
 * key it knows, and ours lasts as long as an SA can.
 */
static void used_up(struct call_table *table, const struct e2ae_event *event)
{
	bool hard = event->expiry == E2AE_EXPIRY_HARD;
	struct call_stream *stream;
	struct call *call;
	uint32_t id;
	bool out;

	id = msf_stream_of(table->edge->msf, event->sa, &out);
	stream = id ? find(table, id) : NULL;
	call = stream ? stream->call : NULL;
	log_event(LOG_LEVEL_WARNING, call ? call->call_id : NULL,
		  "media.expiry", "sa=%u stream=%u leg=access way=%s limit=%s",
		  event->sa, id, out ? "out" : "in", hard ? "hard" : "soft");
	if (call && hard)
		call_end(call, &call_why_keys);
}

/**
 * call_media_event() - something happened to a stream or an SA
 * @edge: the edge
 * @event: what
 */
void call_media_event(struct edge *edge, const struct e2ae_event *event)
{
	if (!edge->calls)
		return;
	switch (event->cmd) {
	case E2AE_CMD_MEDIA_TIMEOUT:
		silent(edge->calls, event);
		break;
	case E2AE_CMD_MEDIA_RESUME:
		heard(edge->calls, event);
		break;
	case E2AE_CMD_SA_EXPIRE:
		used_up(edge->calls, event);
		break;
	case E2AE_CMD_SA_AUTH_BURST:
		log_event(LOG_LEVEL_WARNING, NULL, "media.forged",
			  "sa=%u packets=%u", event->sa, event->failures);
		break;
	}
}
