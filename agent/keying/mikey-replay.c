// SPDX-License-Identifier: GPL-2.0
/* Cache of messages seen: a hash table of fixed size that never evicts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "mikey-replay.h"

#define PROBES	    32 /* slots in which an entry can be */
#define MAX_ENTRIES (4096 * 1024)

/*
 * @used: there is an entry; an expired one counts as free.
 * @retry: the same message may come once more.
 * @expires: NTP time after which the clock alone refuses the message; counters
 *   never expire.
 */
struct entry {
	bool used;
	bool retry;
	uint64_t expires;
	struct e2ae_mikey_seen seen;
};

struct e2ae_mikey_replay {
	uint64_t start;
	size_t mask;
	struct entry slots[];
};

/**
 * e2ae_mikey_replay_new() - make a cache
 * @cache: the cache
 * @entries: messages to expect within twice the clock skew
 * @start: NTP time before which nothing is believed: what came before a restart
 *   is not known any more (RFC 3830, 5.4)
 *
 * Return: 0, -EINVAL for a size of 0 or more than 2^21, -ENOMEM.
 */
int e2ae_mikey_replay_new(struct e2ae_mikey_replay **cache, size_t entries,
			  uint64_t start)
{
	struct e2ae_mikey_replay *new;
	size_t slots = PROBES;

	if (!entries || entries > MAX_ENTRIES / 2)
		return -EINVAL;
	while (slots < 2 * entries)
		slots *= 2;
	new = calloc(1, sizeof(*new) + slots * sizeof(new->slots[0]));
	if (!new)
		return -ENOMEM;
	new->start = start;
	new->mask = slots - 1;
	*cache = new;
	return 0;
}

/**
 * e2ae_mikey_replay_free() - drop a cache
 * @cache: the cache, or NULL
 */
void e2ae_mikey_replay_free(struct e2ae_mikey_replay *cache)
{
	free(cache);
}

/* Hash of pieces in their order; no two lists of pieces look alike. */
static int hash(const struct e2ae_octets *pieces, size_t n, uint8_t *out,
		size_t len)
{
	uint8_t chain[E2AE_SHA256_LEN + E2AE_SHA256_LEN] = { 0 };
	const struct e2ae_octets both = { chain, sizeof(chain) };
	size_t i;
	int err = 0;

	/* chain = H(chain || H(piece)) */
	for (i = 0; i < n && !err; i++) {
		err = e2ae_sha256(pieces[i], chain + E2AE_SHA256_LEN);
		if (!err)
			err = e2ae_sha256(both, chain);
	}
	memcpy(out, chain, len);
	return err;
}

/**
 * e2ae_mikey_seen_make() - name a message
 * @seen: to fill
 * @answer: psk_id, dialog and cseq count
 * @peek: what the message says
 * @message: octets of it
 *
 * Return: 0, or -EIO if the library failed.
 */
int e2ae_mikey_seen_make(struct e2ae_mikey_seen *seen,
			 const struct e2ae_mikey_answer *answer,
			 const struct e2ae_mikey_peek *peek,
			 struct e2ae_octets message)
{
	const bool counts = peek->time.type == E2AE_MIKEY_COUNTER;
	const struct e2ae_octets key[] = {
		answer->psk_id,
		{ &peek->idi.type, 1 },
		{ peek->idi.octets, peek->idi.len },
		{ &peek->csb_id, sizeof(peek->csb_id) },
		{ &peek->time.type, 1 },
		{ &peek->time.value, counts ? 0 : sizeof(peek->time.value) },
	};
	int err;

	memset(seen, 0, sizeof(*seen));
	seen->time = peek->time;
	seen->cseq = answer->cseq;
	err = hash(key, ARRAY_SIZE(key), seen->key, sizeof(seen->key));
	if (!err)
		err = hash(&answer->psk_id, 1, seen->psk, sizeof(seen->psk));
	if (!err)
		err = hash(&answer->dialog, 1, seen->dialog,
			   sizeof(seen->dialog));
	if (!err)
		err = hash(&message, 1, seen->message, sizeof(seen->message));
	return err;
}

static size_t home(const struct e2ae_mikey_seen *seen)
{
	uint32_t hashed;

	memcpy(&hashed, seen->key, sizeof(hashed));
	return hashed;
}

static bool is_live(const struct entry *entry, uint64_t now)
{
	if (!entry->used)
		return false;
	return entry->seen.time.type == E2AE_MIKEY_COUNTER ||
	       (int64_t)(now - entry->expires) <= 0;
}

/* The live entry of a message, or NULL. */
static const struct entry *find(const struct e2ae_mikey_replay *cache,
				const struct e2ae_mikey_seen *seen,
				uint64_t now)
{
	const struct entry *entry;
	size_t i;

	for (i = 0; i < PROBES; i++) {
		entry = &cache->slots[(home(seen) + i) & cache->mask];
		if (is_live(entry, now) &&
		    !memcmp(entry->seen.key, seen->key, sizeof(seen->key)))
			return entry;
	}
	return NULL;
}

/* The same message in the same dialog, after an INVITE that came to nothing. */
static bool is_retry(const struct entry *entry,
		     const struct e2ae_mikey_seen *seen)
{
	return entry->retry && seen->cseq > entry->seen.cseq &&
	       !memcmp(entry->seen.message, seen->message,
		       sizeof(seen->message)) &&
	       !memcmp(entry->seen.dialog, seen->dialog, sizeof(seen->dialog));
}

/**
 * e2ae_mikey_replay_check() - ask whether a message is new
 * @cache: the cache
 * @seen: of the message
 * @now: NTP time
 *
 * The caller has checked the clock skew.
 *
 * Return: 0, -EEXIST if it was seen (a counter: if it did not go up), -ESTALE
 * if it is older than the cache.
 */
int e2ae_mikey_replay_check(const struct e2ae_mikey_replay *cache,
			    const struct e2ae_mikey_seen *seen, uint64_t now)
{
	const struct entry *entry = find(cache, seen, now);

	if (seen->time.type != E2AE_MIKEY_COUNTER &&
	    (int64_t)(seen->time.value - cache->start) < 0)
		return -ESTALE;
	if (!entry || is_retry(entry, seen))
		return 0;
	if (seen->time.type == E2AE_MIKEY_COUNTER &&
	    seen->time.value > entry->seen.time.value)
		return 0;
	return -EEXIST;
}

/**
 * e2ae_mikey_replay_add() - remember a message whose MAC holds
 * @cache: the cache
 * @seen: of the message, for which e2ae_mikey_replay_check() gave 0
 * @now: NTP time
 * @skew: seconds a clock may be off
 *
 * Return: 0, or -ENOBUFS if there is no room: then the message is refused.
 */
int e2ae_mikey_replay_add(struct e2ae_mikey_replay *cache,
			  const struct e2ae_mikey_seen *seen, uint64_t now,
			  uint32_t skew)
{
	struct entry *slot = (struct entry *)find(cache, seen, now);
	struct entry *probed;
	size_t i;

	for (i = 0; i < PROBES && !slot; i++) {
		probed = &cache->slots[(home(seen) + i) & cache->mask];
		if (!is_live(probed, now))
			slot = probed;
	}
	if (!slot)
		return -ENOBUFS;
	slot->used = true;
	slot->retry = false;
	slot->expires = seen->time.value + ((uint64_t)skew << 32);
	slot->seen = *seen;
	return 0;
}

/**
 * e2ae_mikey_replay_release() - let a message come once more
 * @cache: the cache
 * @seen: of the message, whose INVITE failed before any SA existed
 */
void e2ae_mikey_replay_release(struct e2ae_mikey_replay *cache,
			       const struct e2ae_mikey_seen *seen)
{
	struct entry *entry;
	size_t i;

	for (i = 0; i < PROBES; i++) {
		entry = &cache->slots[(home(seen) + i) & cache->mask];
		if (entry->used && entry->seen.cseq == seen->cseq &&
		    !memcmp(entry->seen.key, seen->key, sizeof(seen->key)) &&
		    !memcmp(entry->seen.message, seen->message,
			    sizeof(seen->message)))
			entry->retry = true;
	}
}

/**
 * e2ae_mikey_replay_forget() - drop the counters under a key nobody has any more
 * @cache: the cache
 * @psk_id: name of the pre-shared key
 */
void e2ae_mikey_replay_forget(struct e2ae_mikey_replay *cache,
			      struct e2ae_octets psk_id)
{
	uint8_t psk[E2AE_MIKEY_REPLAY_KEY];
	size_t i;

	if (hash(&psk_id, 1, psk, sizeof(psk)))
		return;
	for (i = 0; i <= cache->mask; i++)
		if (cache->slots[i].used &&
		    !memcmp(cache->slots[i].seen.psk, psk, sizeof(psk)))
			cache->slots[i].used = false;
}
