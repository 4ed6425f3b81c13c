// SPDX-License-Identifier: GPL-2.0
/* The head of every MSF: which kind, ids, dispatch. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "inner.h"

#define RECORD	    "record:"
#define FIRST_RANGE 0x7fffffff /* a random start, far from the end of 32 bits */

/* Nobody who knows of one call shall guess the ids of another process. */
static int draw_ids(struct msf *msf)
{
	uint32_t drawn[2];

	if (RAND_bytes((unsigned char *)drawn, sizeof(drawn)) != 1)
		return -EIO;
	msf->next_stream = drawn[0] % FIRST_RANGE + 1;
	msf->next_sa = drawn[1] % FIRST_RANGE + 1;
	return 0;
}

static int note_stream(const struct e2ae_stream *stream, void *arg)
{
	const struct e2ae_leg *legs[] = { &stream->access, &stream->core };
	struct msf *msf = arg;
	size_t i;

	for (i = 0; i < sizeof(legs) / sizeof(legs[0]); i++) {
		msf_used_ids(arg, stream->id, legs[i]->in_sa);
		msf_used_ids(arg, stream->id, legs[i]->out_sa);
		msf_used_ids(arg, stream->id, legs[i]->old_in_sa);
	}
	if (msf_uses_add(msf->uses, stream->id))
		return -ENOMEM;
	msf_uses_set(msf->uses, stream);
	return 0;
}

/**
 * msf_open() - start to use an MSF
 * @msf: the MSF
 * @base: for events; NULL without
 * @kind: "kernel", or "record:FILE"
 * @why: a sentence on error
 * @room: octets there
 *
 * Ids start at random, behind those of streams that a former process left.
 *
 * Return: 0; -EINVAL for another kind; or a negative errno.
 */
int msf_open(struct msf **msf, struct event_base *base, const char *kind,
	     char *why, size_t room)
{
	int err;

	*msf = NULL;
	if (!strcmp(kind, "kernel")) {
		err = msf_kernel_open(msf, base, why, room);
	} else if (!strncmp(kind, RECORD, strlen(RECORD))) {
		err = msf_record_open(msf, kind + strlen(RECORD), why, room);
	} else {
		snprintf(why, room, "there is no such kind of MSF: %s", kind);
		return -EINVAL;
	}
	if (err)
		return err;
	err = draw_ids(*msf);
	if (err)
		snprintf(why, room, "no random octets");
	(*msf)->uses = msf_uses_new();
	if (!err && !(*msf)->uses) {
		snprintf(why, room, "out of memory");
		err = -ENOMEM;
	}
	if (!err) {
		err = msf_list(*msf, note_stream, *msf);
		if (err)
			snprintf(why, room, "cannot list streams: %s",
				 msf_error(*msf));
	}
	if (err) {
		msf_close(*msf);
		*msf = NULL;
	}
	return err;
}

/* The id after this one; 0 is none. */
static uint32_t after(uint32_t id)
{
	return id == UINT32_MAX ? 1 : id + 1;
}

/**
 * msf_stream_id() - an id for a new stream
 * @msf: the MSF
 *
 * Return: the id, of which this process has not spoken before.
 */
uint32_t msf_stream_id(struct msf *msf)
{
	uint32_t id = msf->next_stream;

	msf->next_stream = after(id);
	return id;
}

/**
 * msf_sa_id() - an id for a new SA
 * @msf: the MSF
 *
 * Return: the id, of which this process has not spoken before.
 */
uint32_t msf_sa_id(struct msf *msf)
{
	uint32_t id = msf->next_sa;

	msf->next_sa = after(id);
	return id;
}

/* Moves a start behind an id that is taken, if it lies not far ahead. */
static void step_over(uint32_t *next, uint32_t taken)
{
	if (taken && taken - *next < 1U << 30)
		*next = after(taken);
}

/**
 * msf_used_ids() - ids that a former process left
 * @msf: the MSF
 * @stream: of a stream, or 0
 * @sa: of an SA, or 0
 */
void msf_used_ids(struct msf *msf, uint32_t stream, uint32_t sa)
{
	step_over(&msf->next_stream, stream);
	step_over(&msf->next_sa, sa);
}

/**
 * msf_create() - make a stream with its SAs, all or nothing
 * @msf: the MSF
 * @stream: the stream
 * @sas: the SAs; the caller wipes them
 * @n_sas: how many
 *
 * Return: 0 or a negative errno; msf_error() tells why.
 */
int msf_create(struct msf *msf, const struct e2ae_stream *stream,
	       const struct e2ae_sa *sas, unsigned int n_sas)
{
	int err = msf_uses_add(msf->uses, stream->id);

	if (err)
		return err;
	err = msf->ops->create(msf, stream, sas, n_sas);
	if (!err)
		msf_uses_set(msf->uses, stream);
	else if (err != -EEXIST)
		msf_uses_drop(msf->uses, stream->id);
	return err;
}

/**
 * msf_change() - change a stream, with new SAs or without, all or nothing
 * @msf: the MSF
 * @stream: what becomes different
 * @sas: the SAs; the caller wipes them
 * @n_sas: how many
 *
 * Return: 0 or a negative errno; msf_error() tells why.
 */
int msf_change(struct msf *msf, const struct e2ae_stream *stream,
	       const struct e2ae_sa *sas, unsigned int n_sas)
{
	int err = msf->ops->change(msf, stream, sas, n_sas);

	if (!err)
		msf_uses_set(msf->uses, stream);
	return err;
}

/**
 * msf_remove() - remove a stream, with the SAs that nothing else uses
 * @msf: the MSF
 * @stream: its id
 *
 * Return: 0 or a negative errno; msf_error() tells why.
 */
int msf_remove(struct msf *msf, uint32_t stream)
{
	msf_uses_drop(msf->uses, stream);
	return msf->ops->remove(msf, stream);
}

/**
 * msf_get() - a stream with its counters
 * @msf: the MSF
 * @stream: its id
 * @found: the stream
 *
 * Return: 0 or a negative errno; msf_error() tells why.
 */
int msf_get(struct msf *msf, uint32_t stream, struct e2ae_stream *found)
{
	return msf->ops->get(msf, stream, found);
}

/**
 * msf_list() - all streams there are
 * @msf: the MSF
 * @told: is told each; other than 0 ends it
 * @arg: its second argument
 *
 * Return: 0, what @told said, or a negative errno; msf_error() tells why.
 */
int msf_list(struct msf *msf, e2ae_stream_cb told, void *arg)
{
	return msf->ops->list(msf, told, arg);
}

/**
 * msf_stream_of() - which stream's access leg uses an SA?
 * @msf: the MSF
 * @sa: the SA
 * @out: whether it is for what goes to the UE
 *
 * Return: id of the stream, one that we made or found at the start; or 0.
 */
uint32_t msf_stream_of(const struct msf *msf, uint32_t sa, bool *out)
{
	return msf_uses_find(msf->uses, sa, out);
}

/**
 * msf_error() - why the last call failed
 * @msf: the MSF
 *
 * Return: a sentence without secrets.
 */
const char *msf_error(const struct msf *msf)
{
	return msf->ops->error(msf);
}

/**
 * msf_close() - end the use of an MSF; streams stay
 * @msf: the MSF, or NULL
 */
void msf_close(struct msf *msf)
{
	if (!msf)
		return;
	msf_uses_free(msf->uses);
	msf->ops->close(msf);
}
