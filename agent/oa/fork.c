// SPDX-License-Identifier: GPL-2.0
/* Forks of a call, and answers that come again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

/**
 * oa_fork_find() - the dialog with this To tag
 * @oa: the call
 * @tag: the tag; when one fork is selected all is for it
 *
 * Return: the fork, or NULL.
 */
struct oa_fork *oa_fork_find(const struct oa *oa, struct sdp_text tag)
{
	struct oa_fork *fork;

	if (oa->selected)
		return oa->forks;
	for (fork = oa->forks; fork; fork = fork->next)
		if (fork->tag_len == tag.len &&
		    (!tag.len || !memcmp(fork->tag, tag.at, tag.len)))
			return fork;
	return NULL;
}

/* Room for one more: the one that is silent the longest goes. */
static void make_room(struct oa *oa)
{
	struct oa_fork *fork, *oldest = NULL;
	unsigned int n = 0;

	for (fork = oa->forks; fork; fork = fork->next) {
		n++;
		if (fork != oa->active && !fork->pending)
			oldest = fork;
	}
	if (n >= OA_FORKS_MAX && oldest)
		oa_fork_free(oa, oldest);
}

/**
 * oa_fork_new() - a dialog of which nothing was known
 * @oa: the call
 * @tag: its To tag
 *
 * Return: the fork; NULL if there is no memory.
 */
struct oa_fork *oa_fork_new(struct oa *oa, struct sdp_text tag)
{
	struct oa_fork *fork = calloc(1, sizeof(*fork) + tag.len);

	if (!fork)
		return NULL;
	make_room(oa);
	fork->number = ++oa->n_forks;
	fork->tag_len = tag.len;
	if (tag.len)
		memcpy(fork->tag, tag.at, tag.len);
	fork->next = oa->forks;
	oa->forks = fork;
	return fork;
}

/**
 * oa_fork_free() - forget a dialog
 * @oa: the call
 * @fork: the dialog; streams that nobody else has end
 */
void oa_fork_free(struct oa *oa, struct oa_fork *fork)
{
	struct oa_fork **at = &oa->forks;

	while (*at != fork)
		at = &(*at)->next;
	*at = fork->next;
	if (oa->active == fork)
		oa->active = NULL;
	oa_lines_free(fork->media, fork->n);
	oa_exchange_free(fork->pending);
	oa_cached_drop(&fork->first);
	oa_cached_drop(&fork->last);
	OPENSSL_cleanse(fork, sizeof(*fork));
	free(fork);
}

/**
 * oa_cached_find() - did this answer come before?
 * @cached: one that came
 * @hash: of this one
 * @out: gets what went on then
 * @room: octets there
 * @used: octets written
 * @err: 0, or -EMSGSIZE for too little room
 *
 * Return: whether it came before.
 */
bool oa_cached_find(const struct oa_cached *cached, const uint8_t hash[OA_HASH],
		    char *out, size_t room, size_t *used, int *err)
{
	if (!cached->text || memcmp(cached->hash, hash, OA_HASH))
		return false;
	*err = cached->len <= room ? 0 : -EMSGSIZE;
	if (!*err) {
		memcpy(out, cached->text, cached->len);
		*used = cached->len;
	}
	return true;
}

/**
 * oa_cached_set() - note an answer that came, and what went on
 * @cached: where to; what was there goes
 * @hash: of what came
 * @text: what went on, copied
 * @len: octets of it
 *
 * Without memory it is not noted.
 */
void oa_cached_set(struct oa_cached *cached, const uint8_t hash[OA_HASH],
		   const char *text, size_t len)
{
	oa_cached_drop(cached);
	cached->text = malloc(len ? len : 1);
	if (!cached->text)
		return;
	memcpy(cached->text, text, len);
	cached->len = len;
	memcpy(cached->hash, hash, OA_HASH);
}

/**
 * oa_cached_drop() - forget an answer
 * @cached: where it is
 */
void oa_cached_drop(struct oa_cached *cached)
{
	if (cached->text)
		OPENSSL_cleanse(cached->text, cached->len);
	free(cached->text);
	memset(cached, 0, sizeof(*cached));
}

/* Streams carry what this dialog agreed on. */
static int activate(struct oa *oa, struct oa_fork *fork)
{
	oa->active = fork;
	return fork->media ?
		       oa_streams_program(oa, fork->media, fork->n, NULL, 0) :
		       0;
}

/**
 * oa_select() - one dialog is the call from now on; the others are forgotten
 * @oa: the call
 * @fork: its To tag
 *
 * Return: 0, or what the MSF said; then its streams are not to be relied on.
 */
int oa_select(struct oa *oa, struct sdp_text fork)
{
	struct oa_fork *chosen, *other, *next;

	if (oa->selected)
		return 0;
	chosen = oa_fork_find(oa, fork);
	if (!chosen)
		chosen = oa_fork_new(oa, fork);
	if (!chosen)
		return -ENOMEM;
	for (other = oa->forks; other; other = next) {
		next = other->next;
		if (other != chosen)
			oa_fork_free(oa, other);
	}
	oa->selected = true;
	if (oa->first && chosen->first.text) {
		oa_exchange_free(oa->first);
		oa->first = NULL;
	}
	return activate(oa, chosen);
}

/**
 * oa_fork_gone() - a dialog is over while others are not
 * @oa: the call
 * @fork: its To tag
 */
void oa_fork_gone(struct oa *oa, struct sdp_text fork)
{
	struct oa_fork *gone = oa->selected ? NULL : oa_fork_find(oa, fork);
	bool active = gone && gone == oa->active;

	if (!gone)
		return;
	oa_fork_free(oa, gone);
	if (active && oa->forks)
		activate(oa, oa->forks);
}
