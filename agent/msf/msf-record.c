// SPDX-License-Identifier: GPL-2.0
/*
 * An MSF that moves no media: it keeps a table of streams, says yes to all that
 * a kernel would, and writes a line of JSON for each operation. There is no key
 * in what it keeps or writes. For measurements of signalling alone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "inner.h"

#define BUCKETS 65536

/* A stream that was made. */
struct record_entry {
	struct record_entry *next;
	struct e2ae_stream stream;
};

/*
 * @file: where lines go
 * @error: why the last call failed
 * @bucket: streams by id
 */
struct msf_record {
	struct msf msf;
	FILE *file;
	const char *error;
	struct record_entry *bucket[BUCKETS];
};

static struct msf_record *record_of(const struct msf *msf)
{
	return (struct msf_record *)msf;
}

static struct record_entry **slot(struct msf_record *record, uint32_t id)
{
	struct record_entry **at = &record->bucket[id % BUCKETS];

	while (*at && (*at)->stream.id != id)
		at = &(*at)->next;
	return at;
}

static int fail(struct msf_record *record, int err, const char *why)
{
	record->error = why;
	return err;
}

static void write_addr(FILE *file, const char *name,
		       const struct e2ae_addr *addr, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(addr->len == 4 ? AF_INET : AF_INET6, addr->octets, text,
		       sizeof(text)))
		return;
	fprintf(file, ",\"%s\":\"%s%s%s:%u\"", name, addr->len == 4 ? "" : "[",
		text, addr->len == 4 ? "" : "]", port);
}

static void write_leg(FILE *file, const char *name, const struct e2ae_leg *leg)
{
	fprintf(file, ",\"%s\":{\"plain\":%s", name,
		leg->given & E2AE_GIVEN(E2AE_A_LEG_PLAIN) ? "true" : "false");
	if (leg->given & E2AE_GIVEN(E2AE_A_LEG_LOCAL_ADDR))
		write_addr(file, "local", &leg->local_addr, leg->local_port);
	if (leg->given & E2AE_GIVEN(E2AE_A_LEG_PEER_ADDR))
		write_addr(file, "peer", &leg->peer_addr, leg->peer_port);
	if (leg->given & E2AE_GIVEN(E2AE_A_LEG_IN_SA))
		fprintf(file, ",\"in\":%" PRIu32, leg->in_sa);
	if (leg->given & E2AE_GIVEN(E2AE_A_LEG_OUT_SA))
		fprintf(file, ",\"out\":%" PRIu32, leg->out_sa);
	fputc('}', file);
}

static void write_line(struct msf_record *record, const char *op,
		       const struct e2ae_stream *stream,
		       const struct e2ae_sa *sas, unsigned int n_sas)
{
	unsigned int i;

	fprintf(record->file, "{\"op\":\"%s\",\"stream\":%" PRIu32, op,
		stream->id);
	if (stream->given & E2AE_GIVEN(E2AE_A_STREAM_ACCESS))
		write_leg(record->file, "access", &stream->access);
	if (stream->given & E2AE_GIVEN(E2AE_A_STREAM_CORE))
		write_leg(record->file, "core", &stream->core);
	fputs(",\"sas\":[", record->file);
	for (i = 0; i < n_sas; i++)
		fprintf(record->file, "%s{\"id\":%" PRIu32 ",\"suite\":\"%s\"}",
			i ? "," : "", sas[i].id,
			e2ae_suite_by_id(sas[i].suite) ?
				e2ae_suite_by_id(sas[i].suite)->name :
				"");
	fputs("]}\n", record->file);
}

static int record_create(struct msf *msf, const struct e2ae_stream *stream,
			 const struct e2ae_sa *sas, unsigned int n_sas)
{
	struct msf_record *record = record_of(msf);
	struct record_entry **at = slot(record, stream->id);

	if (*at)
		return fail(record, -EEXIST, "this stream id is taken");
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return fail(record, -ENOMEM, "out of memory");
	(*at)->stream = *stream;
	write_line(record, "create", stream, sas, n_sas);
	return 0;
}

/* Works what is given into what was there, member by member. */
static void merge(const struct e2ae_set *set, void *to, const void *from,
		  uint64_t given)
{
	static const size_t sizes[] = {
		[E2AE_KIND_U8] = 1,
		[E2AE_KIND_U16] = 2,
		[E2AE_KIND_U32] = 4,
		[E2AE_KIND_U64] = 8,
		[E2AE_KIND_S64] = 8,
		[E2AE_KIND_ADDR] = sizeof(struct e2ae_addr),
	};
	unsigned int attr;

	for (attr = 1; attr <= set->max; attr++) {
		const struct e2ae_field *f = &set->fields[attr];
		char *at = (char *)to + f->offset;
		const char *other = (const char *)from + f->offset;

		if (!f->name || !(given & E2AE_GIVEN(attr)))
			continue;
		if (f->kind == E2AE_KIND_NEST)
			merge(f->set, at, other, *(const uint64_t *)other);
		else if (f->kind < sizeof(sizes) / sizeof(sizes[0]) &&
			 sizes[f->kind])
			memcpy(at, other, sizes[f->kind]);
	}
	*(uint64_t *)to |= given;
}

static int record_change(struct msf *msf, const struct e2ae_stream *stream,
			 const struct e2ae_sa *sas, unsigned int n_sas)
{
	struct msf_record *record = record_of(msf);
	struct record_entry *entry = *slot(record, stream->id);

	if (!entry)
		return fail(record, -ENOENT, "there is no such stream");
	merge(&e2ae_stream_set_info, &entry->stream, stream, stream->given);
	write_line(record, "change", stream, sas, n_sas);
	return 0;
}

static int record_remove(struct msf *msf, uint32_t stream)
{
	struct msf_record *record = record_of(msf);
	struct record_entry **at = slot(record, stream), *entry = *at;
	const struct e2ae_stream id = { .id = stream };

	if (!entry)
		return fail(record, -ENOENT, "there is no such stream");
	*at = entry->next;
	free(entry);
	write_line(record, "remove", &id, NULL, 0);
	return 0;
}

static int record_get(struct msf *msf, uint32_t stream,
		      struct e2ae_stream *found)
{
	struct msf_record *record = record_of(msf);
	struct record_entry *entry = *slot(record, stream);

	if (!entry)
		return fail(record, -ENOENT, "there is no such stream");
	*found = entry->stream;
	return 0;
}

/* The callee may remove the stream that it is told. */
static int record_list(struct msf *msf, e2ae_stream_cb told, void *arg)
{
	struct msf_record *record = record_of(msf);
	struct record_entry *entry, *next;
	unsigned int i;
	int err;

	for (i = 0; i < BUCKETS; i++) {
		for (entry = record->bucket[i]; entry; entry = next) {
			next = entry->next;
			err = told(&entry->stream, arg);
			if (err)
				return err;
		}
	}
	return 0;
}

static const char *record_error(const struct msf *msf)
{
	return record_of(msf)->error;
}

static void record_close(struct msf *msf)
{
	struct msf_record *record = record_of(msf);
	struct record_entry *entry;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++) {
		while ((entry = record->bucket[i])) {
			record->bucket[i] = entry->next;
			free(entry);
		}
	}
	if (record->file)
		fclose(record->file);
	free(record);
}

static const struct msf_ops record_ops = {
	.create = record_create,
	.change = record_change,
	.remove = record_remove,
	.get = record_get,
	.list = record_list,
	.error = record_error,
	.close = record_close,
};

/**
 * msf_record_open() - write down what would be done
 * @msf: the MSF
 * @path: file that lines are added to; made for its owner alone
 * @why: a sentence on error
 * @room: octets there
 *
 * Return: 0 or a negative errno.
 */
int msf_record_open(struct msf **msf, const char *path, char *why, size_t room)
{
	struct msf_record *record = calloc(1, sizeof(*record));
	mode_t mask;
	int err;

	if (!record) {
		snprintf(why, room, "out of memory");
		return -ENOMEM;
	}
	record->msf.ops = &record_ops;
	record->error = "nothing failed";
	mask = umask(077);
	record->file = fopen(path, "ae");
	err = record->file ? 0 : -errno;
	umask(mask);
	if (err) {
		snprintf(why, room, "cannot write %s: %s", path,
			 strerror(-err));
		free(record);
		return err;
	}
	setvbuf(record->file, NULL, _IOLBF, 0);
	*msf = &record->msf;
	return 0;
}
