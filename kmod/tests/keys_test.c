// SPDX-License-Identifier: GPL-2.0
/* keys.c: which keys are sent with, so that nothing is encrypted twice. */
#include <kunit/test.h>

#include "../keys.c"
#include "support.h"

#define SSRC 0x11223344
#define MANY 300 /* keys; the table begins with 16 chains */

static int send(struct kunit *test, struct e2ae_sa *sa, u16 seq)
{
	struct test_packet *tp = test_packet(test);

	test_packet_rtp(test, tp, SSRC, seq);
	return test_protect(sa, tp);
}

static void hold_out(struct e2ae_sa *sa)
{
	mutex_lock(&sa->en->lock);
	e2ae_sa_hold(sa, E2AE_DIRECTION_OUT);
	mutex_unlock(&sa->en->lock);
}

/* As when stream and SA are deleted, but the memory goes with the test. */
static void let_go(void *data)
{
	struct e2ae_sa *sa = data;

	mutex_lock(&sa->en->lock);
	e2ae_sa_release(sa);
	e2ae_sa_unpublish(sa);
	mutex_unlock(&sa->en->lock);
}

static struct e2ae_sa *sending_sa(struct kunit *test, struct e2ae_net *en,
				  struct e2ae_sa_spec *spec)
{
	struct e2ae_sa *sa = test_sa(test, en, spec);
	int err;

	mutex_lock(&en->lock);
	err = e2ae_sa_publish(sa);
	mutex_unlock(&en->lock);
	KUNIT_ASSERT_EQ(test, err, 0);
	spec->id++;
	hold_out(sa);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, let_go, sa), 0);
	return sa;
}

static void no_two_sas_send_one_index_of_a_key(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AES_CM_128_HMAC_SHA1_80);
	struct e2ae_net *en = test_net(test);
	struct e2ae_sa *a = sending_sa(test, en, spec), *b, *c;

	KUNIT_ASSERT_EQ(test, send(test, a, 10), 0);
	/* The tag's length makes no other keystream. */
	spec->suite = e2ae_suite_get(E2AE_SUITE_AES_CM_128_HMAC_SHA1_32);
	b = sending_sa(test, en, spec);
	KUNIT_EXPECT_EQ(test, send(test, b, 10), E2AE_A_DROPS_TX_REPEAT);
	KUNIT_EXPECT_EQ(test, send(test, b, 11), 0);
	KUNIT_EXPECT_EQ(test, send(test, a, 11), E2AE_A_DROPS_TX_REPEAT);
	spec->salt[0] ^= 1;
	c = sending_sa(test, en, spec);
	KUNIT_EXPECT_EQ(test, send(test, c, 10), 0);
}

static void shared_key_remembers_what_is_restored(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_256_GCM);
	struct e2ae_net *en = test_net(test);
	struct e2ae_sa *a = sending_sa(test, en, spec), *b;

	KUNIT_ASSERT_EQ(test, send(test, a, 10), 0);
	spec->n_states = 1;
	spec->states[0] = (struct e2ae_sa_state){ .ssrc = SSRC,
						  .seq = 500,
						  .has_rtp = true };
	b = sending_sa(test, en, spec);
	KUNIT_EXPECT_EQ(test, send(test, b, 500), E2AE_A_DROPS_TX_REPEAT);
	KUNIT_EXPECT_EQ(test, send(test, a, 499), E2AE_A_DROPS_TX_REPEAT);
	KUNIT_EXPECT_EQ(test, send(test, a, 501), 0);
}

static void sending_key_is_found_until_its_last_sender_goes(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM);
	struct e2ae_net *en = test_net(test);
	struct e2ae_ctxs **sets, *again;
	u8 bits = en->keys_bits;
	u32 i;

	sets = kunit_kcalloc(test, MANY, sizeof(*sets), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sets);
	mutex_lock(&en->lock);
	for (i = 0; i < MANY; i++) {
		put_unaligned_be32(i, spec->key);
		sets[i] = e2ae_ctxs_claim(e2ae_ctxs_create(en, spec));
	}
	KUNIT_EXPECT_GT(test, en->keys_bits, bits);
	KUNIT_EXPECT_EQ(test, en->n_keys, MANY);
	for (i = 0; i < MANY; i++) {
		put_unaligned_be32(i, spec->key);
		again = e2ae_ctxs_claim(e2ae_ctxs_create(en, spec));
		KUNIT_EXPECT_PTR_EQ(test, again, sets[i]);
		KUNIT_EXPECT_EQ(test, again->senders, 2);
		e2ae_ctxs_unclaim(again);
		KUNIT_EXPECT_PTR_EQ(test, find_sending(again), again);
		e2ae_ctxs_unclaim(again);
		KUNIT_EXPECT_NULL(test, find_sending(again));
		e2ae_ctxs_put(again);
		e2ae_ctxs_put(again);
	}
	KUNIT_EXPECT_EQ(test, en->n_keys, 0);
	mutex_unlock(&en->lock);
}

static void unfit(struct kunit *test, struct e2ae_net *en,
		  const struct e2ae_sa_spec *spec, const char *words)
{
	struct e2ae_ctxs *ctxs = e2ae_ctxs_create(en, spec);
	const char *why;

	KUNIT_ASSERT_NOT_NULL(test, ctxs);
	mutex_lock(&en->lock);
	why = e2ae_ctxs_unfit(ctxs);
	mutex_unlock(&en->lock);
	e2ae_ctxs_put(ctxs);
	if (!words)
		KUNIT_EXPECT_NULL(test, why);
	else
		KUNIT_EXPECT_TRUE_MSG(test, why && strstr(why, words), "%s",
				      why);
}

static void key_in_use_is_refused_where_it_cannot_be_shared(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM);
	struct e2ae_net *en = test_net(test);

	spec->ssrc_max = 2;
	spec->n_states = 1;
	spec->states[0].ssrc = 1;
	sending_sa(test, en, spec);
	unfit(test, en, spec, NULL);
	spec->fixed = true;
	unfit(test, en, spec, "fixed-ssrcs");
	spec->fixed = false;
	spec->n_states = 2;
	spec->states[1].ssrc = 2;
	unfit(test, en, spec, NULL);
	spec->states[0].ssrc = 3;
	unfit(test, en, spec, "no room");
	spec->key[0] ^= 1;
	unfit(test, en, spec, NULL);
}

static struct e2ae_key_use *use_make(void)
{
	return kzalloc(sizeof(struct e2ae_key_use), GFP_KERNEL);
}

static void stream_remembers_its_keys(struct kunit *test)
{
	struct e2ae_sa_spec *spec =
		test_spec(test, E2AE_SUITE_AEAD_AES_128_GCM);
	struct e2ae_net *en = test_net(test);
	struct e2ae_sa *in = test_sa(test, en, spec),
		       *same = test_sa(test, en, spec);
	struct e2ae_sa *out, *other;
	LIST_HEAD(keys);

	spec->key[0] ^= 1;
	out = sending_sa(test, en, spec);
	spec->key[0] ^= 2;
	other = test_sa(test, en, spec);
	mutex_lock(&en->lock);
	e2ae_keys_note(&keys, use_make(), in->ctxs, E2AE_DIRECTION_IN);
	e2ae_keys_note(&keys, use_make(), out->ctxs, E2AE_DIRECTION_OUT);
	e2ae_keys_note(&keys, NULL, other->ctxs, E2AE_DIRECTION_IN);
	KUNIT_EXPECT_NOT_NULL(test, e2ae_keys_find(&keys, same->ctxs,
						   E2AE_DIRECTION_IN));
	KUNIT_EXPECT_NULL(test, e2ae_keys_find(&keys, same->ctxs,
					       E2AE_DIRECTION_OUT));
	KUNIT_EXPECT_NULL(test, e2ae_keys_find(&keys, other->ctxs,
					       E2AE_DIRECTION_IN));
	KUNIT_EXPECT_TRUE(test, e2ae_keys_clash(&keys, same->ctxs,
						E2AE_DIRECTION_OUT));
	KUNIT_EXPECT_FALSE(test, e2ae_keys_clash(&keys, same->ctxs,
						 E2AE_DIRECTION_IN));
	KUNIT_EXPECT_TRUE(test,
			  e2ae_keys_clash(&keys, out->ctxs, E2AE_DIRECTION_IN));
	KUNIT_EXPECT_FALSE(test, e2ae_keys_clash(&keys, other->ctxs,
						 E2AE_DIRECTION_OUT));
	KUNIT_EXPECT_EQ(test, out->ctxs->senders, 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&out->ctxs->ref), 2);
	e2ae_keys_forget(&keys);
	KUNIT_EXPECT_TRUE(test, list_empty(&keys));
	KUNIT_EXPECT_EQ(test, out->ctxs->senders, 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&out->ctxs->ref), 1);
	mutex_unlock(&en->lock);
}

static struct kunit_case keys_cases[] = {
	KUNIT_CASE(no_two_sas_send_one_index_of_a_key),
	KUNIT_CASE(shared_key_remembers_what_is_restored),
	KUNIT_CASE(sending_key_is_found_until_its_last_sender_goes),
	KUNIT_CASE(key_in_use_is_refused_where_it_cannot_be_shared),
	KUNIT_CASE(stream_remembers_its_keys),
	{}
};

static struct kunit_suite keys_suite = {
	.name = "e2ae_keys",
	.test_cases = keys_cases,
};

kunit_test_suite(keys_suite);
