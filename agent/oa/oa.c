// SPDX-License-Identifier: GPL-2.0
/* Life of a call's media: offers, answers, and how they end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "inner.h"

static struct oa_bench bench;

/**
 * oa_bench() - where descriptions are worked on
 *
 * Return: the bench; there is one, and one thread.
 */
struct oa_bench *oa_bench(void)
{
	return &bench;
}

/**
 * oa_bench_wipe() - nothing of a description stays on the bench
 */
void oa_bench_wipe(void)
{
	OPENSSL_cleanse(bench.sdp.room, bench.sdp.used);
	bench.sdp.used = 0;
	oa_bench_rewind(0);
	OPENSSL_cleanse(bench.crypto, sizeof(bench.crypto));
	OPENSSL_cleanse(&bench.keys, sizeof(bench.keys));
}

/**
 * oa_hash() - what tells octets from others
 * @octets: the octets
 * @len: how many
 * @hash: the first part of their SHA-256
 *
 * Return: 0, or -EIO if the library failed.
 */
int oa_hash(const void *octets, size_t len, uint8_t hash[OA_HASH])
{
	uint8_t whole[E2AE_SHA256_LEN];
	int err;

	err = e2ae_sha256((struct e2ae_octets){ octets, len }, whole);
	memcpy(hash, whole, OA_HASH);
	OPENSSL_cleanse(whole, sizeof(whole));
	return err;
}

/**
 * oa_new() - media of a call that begins
 * @oa: the call
 * @world: what all calls share; it stays as long as the call
 * @terms: what holds for it; copied
 *
 * Return: 0, -EINVAL for terms that make no sense, -ENOMEM.
 */
int oa_new(struct oa **oa, const struct oa_world *world,
	   const struct oa_terms *terms)
{
	struct oa *new = calloc(1, sizeof(*new));
	int err;

	*oa = NULL;
	if (!new)
		return -ENOMEM;
	new->world = world;
	err = oa_terms_copy(new, terms);
	if (err)
		free(new);
	else
		*oa = new;
	return err;
}

static int parse(struct oa_step *step, struct sdp_text body)
{
	int err;

	step->sdp = &bench.sdp;
	err = sdp_parse(step->sdp, body.at, body.len);
	if (!err)
		err = sdp_check(step->sdp);
	return err ? oa_no(step->no, OA_WHY_SDP) : 0;
}

/* Keeps the offer if the UE may refuse it and be asked again in the clear. */
static int keep_body(const struct oa *oa, struct oa_exchange *x,
		     struct sdp_text body)
{
	if (x->from != OA_CORE || oa->forks ||
	    oa->terms.role != E2AE_KDF_UE_CALLED ||
	    oa_mode(oa) != POLICY_ALLOW || !oa->terms.policy->retry_plain)
		return 0;
	x->body = malloc(body.len);
	if (!x->body)
		return -ENOMEM;
	memcpy(x->body, body.at, body.len);
	x->body_len = body.len;
	return 0;
}

/* From the octets that came to those that go on. */
static int work_offer(struct oa_step *step, struct sdp_text body, char *out,
		      size_t room, size_t *used)
{
	int err;

	err = parse(step, body);
	if (!err)
		err = keep_body(step->oa, step->x, body);
	if (!err)
		err = oa_offer_make(step);
	if (!err)
		err = oa_edit_write(step, oa_other(step->x->from), out, room,
				    used);
	if (err) {
		oa_no_errno(step->no, err);
		OPENSSL_cleanse(out, room);
	}
	oa_bench_wipe();
	return err;
}

/* Where the offer waits: with its dialog, or with the call if it has no tag. */
static int find_place(struct oa *oa, struct sdp_text tag, struct oa_fork **fork,
		      struct oa_exchange ***place, bool *made)
{
	*fork = NULL;
	*made = false;
	*place = &oa->first;
	if (!tag.len && !oa->selected)
		return 0;
	*fork = oa_fork_find(oa, tag);
	if (!*fork) {
		*fork = oa_fork_new(oa, tag);
		*made = true;
	}
	if (!*fork)
		return -ENOMEM;
	*place = &(*fork)->pending;
	return 0;
}

/**
 * oa_offer() - an offer passes
 * @oa: the call
 * @from: side it comes from
 * @fork: To tag of the dialog; empty in an INVITE that makes one
 * @cseq: of the request that carries it
 * @body: the description
 * @out: what goes on; it may hold keys: wipe it
 * @room: octets there
 * @used: octets written
 * @no: why not
 *
 * Return: 0, or a negative errno with the verdict; then nothing has changed.
 */
int oa_offer(struct oa *oa, enum oa_side from, struct sdp_text fork,
	     uint32_t cseq, struct sdp_text body, char *out, size_t room,
	     size_t *used, struct oa_verdict *no)
{
	struct oa_step step = { .oa = oa, .cseq = cseq, .no = no };
	struct oa_exchange **place;
	bool made;
	int err;

	memset(no, 0, sizeof(*no));
	*used = 0;
	err = find_place(oa, fork, &step.fork, &place, &made);
	if (err)
		return oa_no(no, OA_WHY_MEMORY);
	if (*place)
		return oa_no(no, OA_WHY_PENDING);
	step.x = calloc(1, sizeof(*step.x));
	if (!step.x)
		return oa_no(no, OA_WHY_MEMORY);
	step.x->from = from;
	step.x->serial = ++oa->serial;
	if (step.fork) {
		step.base = step.fork->media;
		step.n_base = step.fork->n;
	}
	err = work_offer(&step, body, out, room, used);
	if (!err) {
		*place = step.x;
		return 0;
	}
	oa_mikey_release(oa, step.x);
	oa_exchange_free(step.x);
	if (made)
		oa_fork_free(oa, step.fork);
	return err;
}

static bool repeated(const struct oa_fork *fork, const uint8_t hash[OA_HASH],
		     char *out, size_t room, size_t *used, int *err)
{
	return oa_cached_find(&fork->last, hash, out, room, used, err) ||
	       oa_cached_find(&fork->first, hash, out, room, used, err);
}

/* The dialog has the answer now, and the streams carry it. */
static void agree(struct oa_step *step, struct oa_media *made,
		  const uint8_t hash[OA_HASH], const char *text, size_t len)
{
	struct oa *oa = step->oa;
	struct oa_fork *fork = step->fork;
	bool first = step->x == oa->first;

	oa_lines_free(fork->media, fork->n);
	fork->media = made;
	fork->n = step->x->n;
	oa->active = fork;
	step->x->answered++;
	oa_cached_set(first ? &fork->first : &fork->last, hash, text, len);
	if (!first) {
		oa_exchange_free(fork->pending);
		fork->pending = NULL;
	} else if (oa->selected) {
		oa_exchange_free(oa->first);
		oa->first = NULL;
	}
}

static int program(struct oa_step *step, struct oa_media *made)
{
	struct oa *oa = step->oa;
	const struct oa_fork *before = oa->active;
	int err;

	err = oa_streams_program(oa, made, step->x->n,
				 before ? before->media : NULL,
				 before ? before->n : 0);
	if (!err)
		return 0;
	oa_no(step->no, err == -ENOSPC || err == -ENOMEM || err == -ENOBUFS ?
				OA_WHY_MSF_FULL :
				OA_WHY_MSF);
	return err;
}

/* From the octets that came to those that go on, with the MSF ready. */
static int work_answer(struct oa_step *step, struct sdp_text body,
		       struct oa_media *made, char *out, size_t room,
		       size_t *used)
{
	int err;

	err = parse(step, body);
	if (!err)
		err = oa_answer_make(step, made);
	if (!err)
		err = oa_edit_write(step, step->x->from, out, room, used);
	if (!err)
		err = program(step, made);
	if (err) {
		oa_no_errno(step->no, err);
		OPENSSL_cleanse(out, room);
	}
	oa_bench_wipe();
	return err;
}

/* The offer that is answered, or NULL; or an answer that came before. */
static struct oa_exchange *find_offer(struct oa *oa, const struct oa_fork *fork,
				      enum oa_side from)
{
	if (fork && fork->pending && fork->pending->from != from)
		return fork->pending;
	if (!oa->first || oa->first->from == from)
		return NULL;
	/* A fork that has gone on since does not go back to its first answer. */
	return fork && fork->last.text ? NULL : oa->first;
}

static int take_answer(struct oa_step *step, struct sdp_text body,
		       const uint8_t hash[OA_HASH], char *out, size_t room,
		       size_t *used)
{
	struct oa_media *made = calloc(step->x->n + 1, sizeof(*made));
	int err;

	if (!made)
		return oa_no(step->no, OA_WHY_MEMORY);
	step->base = step->fork->media;
	step->n_base = step->fork->n;
	err = work_answer(step, body, made, out, room, used);
	if (err) {
		oa_lines_free(made, step->x->n);
		return err;
	}
	agree(step, made, hash, out, *used);
	return 0;
}

/**
 * oa_answer() - an answer passes
 * @oa: the call
 * @from: side it comes from
 * @fork: To tag of the dialog
 * @body: the description
 * @out: what goes on; it may hold keys: wipe it
 * @room: octets there
 * @used: octets written
 * @no: why not
 *
 * The MSF is ready when this returns. An answer that comes again, reliably or
 * in the 200, gives the same octets again.
 *
 * Return: 0, or a negative errno with the verdict; then the offer still waits
 * and is for oa_refused() to end.
 */
int oa_answer(struct oa *oa, enum oa_side from, struct sdp_text fork,
	      struct sdp_text body, char *out, size_t room, size_t *used,
	      struct oa_verdict *no)
{
	struct oa_step step = { .oa = oa, .no = no };
	uint8_t hash[OA_HASH];
	bool made = false;
	int err;

	memset(no, 0, sizeof(*no));
	*used = 0;
	err = oa_hash(body.at, body.len, hash);
	if (err)
		return oa_no(no, OA_WHY_MSF);
	step.fork = oa_fork_find(oa, fork);
	step.x = find_offer(oa, step.fork, from);
	if (step.fork && (!step.x || step.x == oa->first) &&
	    repeated(step.fork, hash, out, room, used, &err))
		return err ? oa_no(no, OA_WHY_ROOM) : 0;
	if (!step.x)
		return oa_no(no, OA_WHY_STRAY);
	if (!step.fork) {
		step.fork = oa_fork_new(oa, fork);
		made = true;
	}
	if (!step.fork)
		return oa_no(no, OA_WHY_MEMORY);
	err = take_answer(&step, body, hash, out, room, used);
	if (err && made)
		oa_fork_free(oa, step.fork);
	return err;
}

static void drop_offer(struct oa *oa, struct oa_exchange **place)
{
	oa_mikey_release(oa, *place);
	oa_exchange_free(*place);
	*place = NULL;
}

/**
 * oa_refused() - the last offer came to nothing
 * @oa: the call
 *
 * All is as it was before the offer. If it was the one that should have made
 * the call, early dialogs are over too.
 */
void oa_refused(struct oa *oa)
{
	struct oa_fork *fork, *latest = NULL;

	for (fork = oa->forks; fork; fork = fork->next)
		if (fork->pending &&
		    (!latest ||
		     fork->pending->serial > latest->pending->serial))
			latest = fork;
	if (latest) {
		drop_offer(oa, &latest->pending);
		if (!latest->media && !oa->selected)
			oa_fork_free(oa, latest);
	} else if (oa->first) {
		while (oa->forks && !oa->selected)
			oa_fork_free(oa, oa->forks);
		drop_offer(oa, &oa->first);
	}
}

/**
 * oa_retry_plain() - offer to the UE in the clear what it refused with keys
 * @oa: the call
 * @out: what goes to the UE
 * @room: octets there
 * @used: octets written
 *
 * Only for the offer that makes a call to the UE, once, and where policy says
 * so; the caller counts it.
 *
 * Return: 0; -EPERM if it may not be; another negative errno if it cannot.
 */
int oa_retry_plain(struct oa *oa, char *out, size_t room, size_t *used)
{
	struct oa_exchange *old = oa->first;
	struct oa_step step = { .oa = oa };
	struct oa_verdict no = { 0 };
	struct sdp_text body;
	int err;

	if (!old || !old->body || old->answered || old->plain)
		return -EPERM;
	step.no = &no;
	step.x = calloc(1, sizeof(*step.x));
	if (!step.x)
		return -ENOMEM;
	step.x->from = old->from;
	step.x->plain = true;
	step.x->serial = ++oa->serial;
	body = (struct sdp_text){ old->body, old->body_len };
	err = work_offer(&step, body, out, room, used);
	oa_exchange_free(err ? step.x : old);
	if (!err)
		oa->first = step.x;
	return err;
}

/**
 * oa_end() - the call is over: streams, SAs and ports go, and keys are wiped
 * @oa: the call, or NULL
 */
void oa_end(struct oa *oa)
{
	if (!oa)
		return;
	while (oa->forks)
		oa_fork_free(oa, oa->forks);
	if (oa->first)
		drop_offer(oa, &oa->first);
	oa_mikey_forget(oa);
	oa_terms_drop(oa);
	OPENSSL_cleanse(oa, sizeof(*oa));
	free(oa);
}
