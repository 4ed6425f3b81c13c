// SPDX-License-Identifier: GPL-2.0
/*
 * Which stream uses an SA. The MSF tells of SAs by id alone, and a UE that gives
 * its key few packets to live makes it tell often: nobody shall go through all
 * streams for that.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "inner.h"

#define BUCKETS 16384 /* a power of 2 */

/**
 * struct use - the SAs of a stream's access leg
 * @by_stream: place in the table
 * @by_in: place in the table, if @in
 * @by_out: place in the table, if @out
 * @stream: its id
 * @in: id of the SA for what the UE sends, or 0
 * @out: id of the SA for what goes to the UE, or 0
 */
struct use {
	LIST_ENTRY(use) by_stream;
	LIST_ENTRY(use) by_in;
	LIST_ENTRY(use) by_out;
	uint32_t stream;
	uint32_t in;
	uint32_t out;
};

LIST_HEAD(use_list, use);

/**
 * struct msf_uses - all streams that we made or found
 * @streams: by id
 * @in: by SA
 * @out: by SA
 */
struct msf_uses {
	struct use_list streams[BUCKETS];
	struct use_list in[BUCKETS];
	struct use_list out[BUCKETS];
};

static struct use *find(struct msf_uses *uses, uint32_t stream)
{
	struct use *use;

	LIST_FOREACH(use, &uses->streams[stream % BUCKETS], by_stream)
	if (use->stream == stream)
		return use;
	return NULL;
}

static void set_in(struct msf_uses *uses, struct use *use, uint32_t sa)
{
	if (use->in)
		LIST_REMOVE(use, by_in);
	use->in = sa;
	if (sa)
		LIST_INSERT_HEAD(&uses->in[sa % BUCKETS], use, by_in);
}

static void set_out(struct msf_uses *uses, struct use *use, uint32_t sa)
{
	if (use->out)
		LIST_REMOVE(use, by_out);
	use->out = sa;
	if (sa)
		LIST_INSERT_HEAD(&uses->out[sa % BUCKETS], use, by_out);
}

/**
 * msf_uses_add() - there is going to be a stream
 * @uses: those there are
 * @stream: its id
 *
 * Return: 0, -ENOMEM.
 */
int msf_uses_add(struct msf_uses *uses, uint32_t stream)
{
	struct use *use;

	if (find(uses, stream))
		return 0;
	use = calloc(1, sizeof(*use));
	if (!use)
		return -ENOMEM;
	use->stream = stream;
	LIST_INSERT_HEAD(&uses->streams[stream % BUCKETS], use, by_stream);
	return 0;
}

/**
 * msf_uses_set() - a stream uses SAs
 * @uses: those there are
 * @stream: the stream; an SA that is not given stays
 */
void msf_uses_set(struct msf_uses *uses, const struct e2ae_stream *stream)
{
	struct use *use = find(uses, stream->id);

	if (!use)
		return;
	if (stream->access.given & E2AE_GIVEN(E2AE_A_LEG_IN_SA))
		set_in(uses, use, stream->access.in_sa);
	if (stream->access.given & E2AE_GIVEN(E2AE_A_LEG_OUT_SA))
		set_out(uses, use, stream->access.out_sa);
}

/**
 * msf_uses_drop() - a stream is no more
 * @uses: those there are
 * @stream: its id; it need not be there
 */
void msf_uses_drop(struct msf_uses *uses, uint32_t stream)
{
	struct use *use = find(uses, stream);

	if (!use)
		return;
	set_in(uses, use, 0);
	set_out(uses, use, 0);
	LIST_REMOVE(use, by_stream);
	free(use);
}

/**
 * msf_uses_find() - which stream uses an SA?
 * @uses: those there are
 * @sa: the SA
 * @out: whether it is for what goes to the UE
 *
 * Return: id of the stream, or 0.
 */
uint32_t msf_uses_find(struct msf_uses *uses, uint32_t sa, bool *out)
{
	struct use *use;

	*out = false;
	LIST_FOREACH(use, &uses->in[sa % BUCKETS], by_in)
	if (use->in == sa)
		return use->stream;
	*out = true;
	LIST_FOREACH(use, &uses->out[sa % BUCKETS], by_out)
	if (use->out == sa)
		return use->stream;
	return 0;
}

/**
 * msf_uses_new() - begin
 *
 * Return: an empty table, or NULL without memory.
 */
struct msf_uses *msf_uses_new(void)
{
	return calloc(1, sizeof(struct msf_uses));
}

/**
 * msf_uses_free() - end
 * @uses: what msf_uses_new() made, or NULL
 */
void msf_uses_free(struct msf_uses *uses)
{
	struct use *use;
	size_t i;

	for (i = 0; uses && i < BUCKETS; i++)
		while ((use = LIST_FIRST(&uses->streams[i])))
			msf_uses_drop(uses, use->stream);
	free(uses);
}
