// SPDX-License-Identifier: GPL-2.0
/* The MSF for tests. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/msf/inner.h"
#include "double.h"

#define MAX_STREAMS 64
#define MAX_SAS	    256
#define MAX_IDS	    65536
#define LEG(attr)   E2AE_GIVEN(E2AE_A_LEG_##attr)

/*
 * @error: what is wrong, of the last refusal
 * @wrong: requests that a kernel would have refused, or that repeat ids
 * @fail_after: requests until one fails, 0 never
 * @requests: that were made
 */
struct double_msf {
	struct msf msf;
	const char *error;
	unsigned int wrong;
	unsigned int fail_after;
	int fail_error;
	unsigned int requests;
	struct e2ae_stream stream[MAX_STREAMS];
	struct e2ae_sa sa[MAX_SAS];
	uint32_t id[MAX_IDS];
	unsigned int n_ids;
};

static struct double_msf *of(struct msf *msf)
{
	return (struct double_msf *)msf;
}

static int wrong(struct double_msf *d, int err, const char *why)
{
	d->wrong++;
	d->error = why;
	return err;
}

static bool fails(struct double_msf *d)
{
	d->requests++;
	return d->fail_after && !--d->fail_after;
}

static struct e2ae_stream *find(struct double_msf *d, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < MAX_STREAMS; i++)
		if (d->stream[i].id == id)
			return &d->stream[i];
	return NULL;
}

static struct e2ae_sa *find_sa(struct double_msf *d, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < MAX_SAS; i++)
		if (d->sa[i].id == id)
			return &d->sa[i];
	return NULL;
}

/* No id is ever used twice; streams and SAs count apart by the top bit. */
static bool used(struct double_msf *d, uint32_t id, bool sa)
{
	uint32_t mark = id << 1 | sa;
	unsigned int i;

	for (i = 0; i < d->n_ids; i++)
		if (d->id[i] == mark)
			return true;
	d->id[d->n_ids++] = mark;
	return false;
}

static int add_sas(struct double_msf *d, const struct e2ae_sa *sas,
		   unsigned int n)
{
	struct e2ae_sa *free_sa;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!(sas[i].given & E2AE_GIVEN(E2AE_A_SA_AUTODEL)))
			return wrong(d, -EINVAL, "an SA without autodel");
		if (used(d, sas[i].id, true))
			return wrong(d, -EEXIST, "an SA id twice");
		if (!sas[i].key.len || !sas[i].salt.len)
			return wrong(d, -EINVAL, "an SA without key");
		free_sa = find_sa(d, 0);
		if (!free_sa)
			return wrong(d, -ENOSPC, "too many SAs");
		*free_sa = sas[i];
	}
	return 0;
}

/* SAs that nobody names go. */
static void sweep(struct double_msf *d)
{
	unsigned int i, k;

	for (i = 0; i < MAX_SAS; i++) {
		uint32_t id = d->sa[i].id;

		for (k = 0; id && k < MAX_STREAMS; k++)
			if (d->stream[k].id &&
			    (d->stream[k].access.in_sa == id ||
			     d->stream[k].access.out_sa == id))
				break;
		if (id && k == MAX_STREAMS)
			e2ae_sa_wipe(&d->sa[i]);
	}
}

static int check(struct double_msf *d, const struct e2ae_stream *s)
{
	const struct e2ae_sa *in = find_sa(d, s->access.in_sa);
	const struct e2ae_sa *out = find_sa(d, s->access.out_sa);
	unsigned int i;

	if (!s->access.in_sa || !s->access.out_sa || !in || !out)
		return wrong(d, -ENOENT, "a secure leg without its SAs");
	if (s->access.given & LEG(PLAIN) || !(s->core.given & LEG(PLAIN)))
		return wrong(d, -EINVAL, "legs the wrong way round");
	if (in->key.len == out->key.len &&
	    !memcmp(in->key.octets, out->key.octets, in->key.len))
		return wrong(d, -EINVAL, "the same key both ways");
	if (s->core.source == E2AE_SOURCE_RULE_STRICT &&
	    !(s->core.given & LEG(PEER_ADDR)))
		return wrong(d, -EINVAL, "strict without a peer");
	if (s->access.given & LEG(PEER_ADDR) &&
	    s->access.peer_addr.len != s->access.local_addr.len)
		return wrong(d, -EINVAL, "families differ (access)");
	if (s->core.peer_addr.len != s->core.local_addr.len)
		return wrong(d, -EINVAL, "families differ (core)");
	for (i = 0; i < MAX_STREAMS; i++)
		if (d->stream[i].id && d->stream[i].id != s->id &&
		    (d->stream[i].access.local_port == s->access.local_port ||
		     d->stream[i].core.local_port == s->core.local_port))
			return wrong(d, -EEXIST, "a port twice");
	return 0;
}

/* What is given replaces what was there. */
static void merge(const struct e2ae_set *set, void *to, const void *from)
{
	uint64_t given = *(const uint64_t *)from;
	unsigned int attr;

	for (attr = 1; attr <= set->max; attr++) {
		const struct e2ae_field *f = &set->fields[attr];
		char *at = (char *)to + f->offset;
		const char *other = (const char *)from + f->offset;

		if (!f->name || !(given & E2AE_GIVEN(attr)))
			continue;
		switch (f->kind) {
		case E2AE_KIND_NEST:
			merge(f->set, at, other);
			break;
		case E2AE_KIND_U8:
			memcpy(at, other, 1);
			break;
		case E2AE_KIND_U16:
			memcpy(at, other, 2);
			break;
		case E2AE_KIND_U32:
			memcpy(at, other, 4);
			break;
		case E2AE_KIND_ADDR:
			memcpy(at, other, sizeof(struct e2ae_addr));
			break;
		}
	}
	*(uint64_t *)to |= given;
}

static int double_create(struct msf *msf, const struct e2ae_stream *stream,
			 const struct e2ae_sa *sas, unsigned int n)
{
	struct double_msf *d = of(msf);
	struct e2ae_stream *place;
	int err;

	if (fails(d))
		return d->fail_error;
	if (!stream->id || used(d, stream->id, false))
		return wrong(d, -EEXIST, "a stream id twice");
	place = find(d, 0);
	if (!place)
		return wrong(d, -ENOSPC, "too many streams");
	err = add_sas(d, sas, n);
	if (!err)
		err = check(d, stream);
	if (!err)
		*place = *stream;
	sweep(d);
	return err;
}

static int double_change(struct msf *msf, const struct e2ae_stream *stream,
			 const struct e2ae_sa *sas, unsigned int n)
{
	struct double_msf *d = of(msf);
	struct e2ae_stream *place = find(d, stream->id), next;
	int err;

	if (fails(d))
		return d->fail_error;
	if (!stream->id || !place)
		return wrong(d, -ENOENT, "no such stream");
	if ((stream->access.given | stream->core.given) &
	    (LEG(LOCAL_ADDR) | LEG(LOCAL_PORT)))
		return wrong(d, -EINVAL, "an own address changes");
	err = add_sas(d, sas, n);
	next = *place;
	merge(&e2ae_stream_set_info, &next, stream);
	if (!err)
		err = check(d, &next);
	if (!err)
		*place = next;
	sweep(d);
	return err;
}

static int double_remove(struct msf *msf, uint32_t stream)
{
	struct double_msf *d = of(msf);
	struct e2ae_stream *place = find(d, stream);

	d->requests++;
	if (!stream || !place)
		return wrong(d, -ENOENT, "no such stream");
	memset(place, 0, sizeof(*place));
	sweep(d);
	return 0;
}

static int double_get(struct msf *msf, uint32_t stream,
		      struct e2ae_stream *found)
{
	struct e2ae_stream *place = find(of(msf), stream);

	if (!place)
		return -ENOENT;
	*found = *place;
	return 0;
}

static int double_list(struct msf *msf, e2ae_stream_cb told, void *arg)
{
	(void)msf;
	(void)told;
	(void)arg;
	return 0;
}

static const char *double_error(const struct msf *msf)
{
	return ((const struct double_msf *)msf)->error;
}

static const struct msf_ops ops = {
	.create = double_create,
	.change = double_change,
	.remove = double_remove,
	.get = double_get,
	.list = double_list,
	.error = double_error,
	.close = double_free,
};

struct msf *double_new(void)
{
	struct double_msf *d = calloc(1, sizeof(*d));

	d->msf.ops = &ops;
	d->msf.uses = msf_uses_new();
	d->msf.next_stream = 1000;
	d->msf.next_sa = 5000;
	d->error = "";
	return &d->msf;
}

void double_free(struct msf *msf)
{
	free(msf);
}

/* The request after so many others fails. */
void double_fail(struct msf *msf, unsigned int after, int error)
{
	of(msf)->fail_after = after;
	of(msf)->fail_error = error;
}

static void tell_octets(FILE *out, const char *name, const uint8_t *octets,
			size_t len)
{
	size_t i;

	fprintf(out, ",\"%s\":\"", name);
	for (i = 0; i < len; i++)
		fprintf(out, "%02x", octets[i]);
	fputc('"', out);
}

static void tell_sa(struct double_msf *d, FILE *out, const char *name,
		    uint32_t id)
{
	const struct e2ae_sa *sa = find_sa(d, id);

	if (!id || !sa)
		return;
	fprintf(out, ",\"%s\":{\"id\":%u,\"suite\":\"%s\"", name, id,
		e2ae_suite_by_id(sa->suite)->name);
	tell_octets(out, "key", sa->key.octets, sa->key.len);
	tell_octets(out, "salt", sa->salt.octets, sa->salt.len);
	tell_octets(out, "mki", sa->mki.octets, sa->mki.len);
	fprintf(out,
		",\"ssrc\":%u,\"roc\":%u,\"fixed\":%d,\"hard\":%llu,\"soft\":%llu,\"window\":%u",
		sa->n_states ? sa->state[0].ssrc : 0,
		sa->n_states ? sa->state[0].roc : 0,
		!!(sa->given & E2AE_GIVEN(E2AE_A_SA_FIXED_SSRCS)),
		(unsigned long long)sa->hard_packets,
		(unsigned long long)sa->soft_packets, sa->window);
	fputc('}', out);
}

static void tell_addr(FILE *out, const char *name, const struct e2ae_addr *addr,
		      uint16_t port)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (addr->len)
		inet_ntop(addr->len == 4 ? AF_INET : AF_INET6, addr->octets,
			  text, sizeof(text));
	fprintf(out, ",\"%s\":[\"%s\",%u]", name, text, port);
}

static void tell_leg(struct double_msf *d, FILE *out, const char *name,
		     const struct e2ae_leg *leg)
{
	fprintf(out, ",\"%s\":{\"mux\":%s,\"source\":%u,\"plain\":%s", name,
		leg->rtcp_mode == E2AE_RTCP_MODE_MUX ? "true" : "false",
		leg->source, leg->given & LEG(PLAIN) ? "true" : "false");
	tell_addr(out, "local", &leg->local_addr, leg->local_port);
	tell_addr(out, "peer", &leg->peer_addr, leg->peer_port);
	tell_addr(out, "rtcp", &leg->rtcp_peer_addr, leg->rtcp_peer_port);
	tell_sa(d, out, "in", leg->in_sa);
	tell_sa(d, out, "out", leg->out_sa);
	fputc('}', out);
}

/* All there is, as JSON, keys and all. */
void double_tell(struct msf *msf, FILE *out)
{
	struct double_msf *d = of(msf);
	unsigned int i, n = 0, n_sas = 0;

	for (i = 0; i < MAX_SAS; i++)
		n_sas += d->sa[i].id != 0;
	fprintf(out, "{\"wrong\":%u,\"why\":\"%s\",\"requests\":%u,\"sas\":%u",
		d->wrong, d->error, d->requests, n_sas);
	fputs(",\"streams\":[", out);
	for (i = 0; i < MAX_STREAMS; i++) {
		const struct e2ae_stream *s = &d->stream[i];

		if (!s->id)
			continue;
		fprintf(out, "%s{\"id\":%u,\"timeout\":%u,\"clock\":%u",
			n++ ? "," : "", s->id, s->timeout, s->clock_rate);
		tell_leg(d, out, "access", &s->access);
		tell_leg(d, out, "core", &s->core);
		fputc('}', out);
	}
	fputs("]}", out);
}
