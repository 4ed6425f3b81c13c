// SPDX-License-Identifier: GPL-2.0
/* Tests of agent/keying/mikey-replay.c. */
#include <errno.h>

#include "ktap.h"
#include "party.h"

#define NOW  KNOWN_TIME
#define SKEW 300

static struct e2ae_mikey_replay *cache;

static struct e2ae_mikey_seen seen_of(const char *psk_id, uint32_t csb_id,
				      uint8_t type, uint64_t time)
{
	const struct e2ae_mikey_answer answer = {
		.psk_id = { psk_id, strlen(psk_id) },
		.dialog = { "d", 1 },
		.cseq = 1,
	};
	struct e2ae_mikey_peek peek = {
		.csb_id = csb_id,
		.time = { type, time },
	};
	struct e2ae_mikey_seen seen;

	e2ae_mikey_id(&peek.idi, E2AE_MIKEY_URI, "sip:alice@ims.example");
	EQUAL(e2ae_mikey_seen_make(&seen, &answer, &peek,
				   (struct e2ae_octets){ &peek.csb_id, 4 }),
	      0);
	return seen;
}

static void fresh(size_t entries)
{
	e2ae_mikey_replay_free(cache);
	cache = NULL;
	EQUAL(e2ae_mikey_replay_new(&cache, entries, NOW - 1000 * SECOND), 0);
}

static int check(struct e2ae_mikey_seen seen, uint64_t now)
{
	return e2ae_mikey_replay_check(cache, &seen, now);
}

static int add(struct e2ae_mikey_seen seen, uint64_t now)
{
	return e2ae_mikey_replay_add(cache, &seen, now, SKEW);
}

static void each_part_counts(void)
{
	fresh(16);
	EQUAL(add(seen_of("a", 1, 0, NOW), NOW), 0);
	EQUAL(check(seen_of("a", 1, 0, NOW), NOW), -EEXIST);
	EQUAL(check(seen_of("b", 1, 0, NOW), NOW), 0);
	EQUAL(check(seen_of("a", 2, 0, NOW), NOW), 0);
	EQUAL(check(seen_of("a", 1, 0, NOW + 1), NOW), 0);
	EQUAL(check(seen_of("a", 1, 1, NOW), NOW), 0);
}

static void expiry(void)
{
	const uint64_t end = NOW + SKEW * SECOND;

	fresh(16);
	EQUAL(add(seen_of("a", 1, 0, NOW), NOW - SKEW * SECOND), 0);
	EQUAL(check(seen_of("a", 1, 0, NOW), NOW - SKEW * SECOND), -EEXIST);
	EQUAL(check(seen_of("a", 1, 0, NOW), end), -EEXIST);
	/* From then on the clock refuses it. */
	EQUAL(check(seen_of("a", 1, 0, NOW), end + 1), 0);
}

static void full(void)
{
	uint32_t i, refused = 0, entered = 0;

	fresh(1000);
	for (i = 0; i < 1000; i++)
		EQUAL(add(seen_of("a", i, 0, NOW), NOW), 0);
	for (; i < 4000; i++) {
		if (add(seen_of("a", i, 0, NOW), NOW) == -ENOBUFS)
			refused++;
		else
			entered++;
	}
	/* A full cache refuses and forgets nothing. */
	CHECK(refused > 0);
	CHECK(entered <= 2048 - 1000);
	for (i = 0; i < 1000; i++)
		EQUAL(check(seen_of("a", i, 0, NOW), NOW), -EEXIST);
	for (i = 5000; i < 6000; i++)
		EQUAL(add(seen_of("a", i, 0, NOW), NOW + 301 * SECOND), 0);
}

static void bounds(void)
{
	struct e2ae_mikey_replay *none = NULL;

	EQUAL(e2ae_mikey_replay_new(&none, 0, 0), -EINVAL);
	EQUAL(e2ae_mikey_replay_new(&none, (1 << 21) + 1, 0), -EINVAL);
	CHECK(!none);
}

static void counters(void)
{
	fresh(16);
	EQUAL(add(seen_of("a", 1, 2, 7), NOW), 0);
	EQUAL(check(seen_of("a", 1, 2, 7), NOW), -EEXIST);
	EQUAL(check(seen_of("a", 1, 2, 6), NOW), -EEXIST);
	EQUAL(check(seen_of("a", 1, 2, 8), NOW), 0);
	EQUAL(add(seen_of("a", 1, 2, 9), NOW), 0);
	EQUAL(check(seen_of("a", 1, 2, 8), NOW), -EEXIST);
	/* They do not expire, but end with their key. */
	EQUAL(check(seen_of("a", 1, 2, 9), NOW + (1ULL << 62)), -EEXIST);
	EQUAL(add(seen_of("b", 1, 2, 9), NOW), 0);
	e2ae_mikey_replay_forget(cache, (struct e2ae_octets){ "a", 1 });
	EQUAL(check(seen_of("a", 1, 2, 9), NOW), 0);
	EQUAL(check(seen_of("b", 1, 2, 9), NOW), -EEXIST);
}

static void restart(void)
{
	e2ae_mikey_replay_free(cache);
	cache = NULL;
	EQUAL(e2ae_mikey_replay_new(&cache, 16, NOW), 0);
	EQUAL(check(seen_of("a", 1, 0, NOW - 1), NOW), -ESTALE);
	EQUAL(check(seen_of("a", 1, 0, NOW), NOW), 0);
}

static void release(void)
{
	struct e2ae_mikey_seen first = seen_of("a", 1, 0, NOW);
	struct e2ae_mikey_seen retry = first;

	fresh(16);
	retry.cseq = 2;
	EQUAL(add(first, NOW), 0);
	EQUAL(check(retry, NOW), -EEXIST);
	e2ae_mikey_replay_release(cache, &retry);
	EQUAL(check(retry, NOW), -EEXIST);
	e2ae_mikey_replay_release(cache, &first);
	EQUAL(check(first, NOW), -EEXIST);
	EQUAL(check(retry, NOW), 0);
	retry.message[0] ^= 1;
	EQUAL(check(retry, NOW), -EEXIST);
	retry.message[0] ^= 1;
	retry.dialog[31] ^= 1;
	EQUAL(check(retry, NOW), -EEXIST);
	retry.dialog[31] ^= 1;
	EQUAL(add(retry, NOW), 0);
	retry.cseq = 3;
	EQUAL(check(retry, NOW), -EEXIST);
	e2ae_mikey_replay_free(cache);
	cache = NULL;
}

static const struct ktap_test tests[] = {
	{ "key, initiator, CSB ID and timestamp tell messages apart",
	  each_part_counts },
	{ "an entry lasts until the clock refuses its message", expiry },
	{ "a full cache refuses and forgets nothing", full },
	{ "a cache has a size", bounds },
	{ "counters go up until their key is given up", counters },
	{ "what is older than the start is refused", restart },
	{ "a released message comes once more in its own dialog", release },
};

KTAP_MAIN(tests)
