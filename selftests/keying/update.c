// SPDX-License-Identifier: GPL-2.0
/* Tests of MIKEY messages within a bundle, and of answers to other messages. */
#include <errno.h>
#include <string.h>

#include "../../agent/keying/mikey-psk.h"
#include "ktap.h"
#include "party.h"

static struct party p;

/* Offers again within the bundle; the ends judge with what they had. */
static int again(struct e2ae_mikey_csb *next_i, struct e2ae_mikey_csb *next_r)
{
	struct e2ae_mikey_csb old_r = p.csb_r;

	EQUAL(e2ae_mikey_offer(&p.offer, &p.csb_i, next_i, &p.i_message), 0);
	return e2ae_mikey_respond(&p.answer, &old_r, p.i_message.octets,
				  p.i_message.len, next_r, &p.keys_r, &p.reply,
				  &p.seen);
}

static void reoffer(void)
{
	struct e2ae_mikey_csb next_i, next_r;
	struct e2ae_mikey_keys before, after;
	struct e2ae_mikey_msg msg;

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
	before = p.keys_i;

	/* New keys. The clock stands still, the timestamp does not. */
	EQUAL(again(&next_i, &next_r), 0);
	EQUAL(e2ae_mikey_decode(p.i_message.octets, p.i_message.len, &msg), 0);
	EQUAL(msg.rand.len, 0);
	EQUAL(msg.csb_id, 0x12345678);
	CHECK(msg.time.value == KNOWN_TIME + 1);
	EQUAL(e2ae_mikey_confirm(&next_i, p.offer.psk, p.reply.octets,
				 p.reply.len, &after, &p.refusal),
	      0);
	CHECK(!memcmp(&after, &p.keys_r, sizeof(after)));
	CHECK(!e2ae_srtp_key_equal(&before.cs[0].key, &after.cs[0].key));

	/* Old keys, from the state the first exchange left. */
	p.offer.keep_keys = true;
	EQUAL(again(&next_i, &next_r), 0);
	EQUAL(e2ae_mikey_decode(p.i_message.octets, p.i_message.len, &msg), 0);
	EQUAL(msg.encrypted.len, 0);
	CHECK(!memcmp(&before, &p.keys_r, sizeof(before)));
	EQUAL(e2ae_mikey_confirm(&next_i, p.offer.psk, p.reply.octets,
				 p.reply.len, &after, &p.refusal),
	      0);
	CHECK(!memcmp(&before, &after, sizeof(before)));

	/* Told twice, it is old. */
	EQUAL(e2ae_mikey_respond(&p.answer, &next_r, p.i_message.octets,
				 p.i_message.len, &p.csb_r, &p.keys_r, &p.reply,
				 &p.seen),
	      -EEXIST);
	CHECK(is_zero(&p.keys_r, sizeof(p.keys_r)));
	EQUAL(e2ae_mikey_offer(&p.offer, NULL, &next_i, &p.i_message), -EINVAL);
}

static void update_without_bundle(void)
{
	struct e2ae_mikey_csb next_i, next_r;

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
	/* Without RAND it belongs to a bundle nobody knows. */
	EQUAL(e2ae_mikey_offer(&p.offer, &p.csb_i, &next_i, &p.i_message), 0);
	EQUAL(party_respond(&p), -EBADMSG);
	/* With RAND it does not update one. */
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
	next_r = p.csb_r;
	EQUAL(e2ae_mikey_respond(&p.answer, &next_r, p.i_message.octets,
				 p.i_message.len, &p.csb_r, &p.keys_r, &p.reply,
				 &p.seen),
	      -EBADMSG);
	/* A new bundle replaces the old one. */
	next_r.id ^= 1;
	EQUAL(e2ae_mikey_respond(&p.answer, &next_r, p.i_message.octets,
				 p.i_message.len, &p.csb_r, &p.keys_r, &p.reply,
				 &p.seen),
	      0);
}

/* Payloads that an update may leave out (RFC 3830, 4.5). */
static void short_update(void)
{
	struct e2ae_mikey_csb next_i, next_r, old_r;
	struct e2ae_mikey_message whole;
	struct e2ae_mikey_msg msg;

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	party_agreed(&p);
	old_r = p.csb_r;
	p.offer.keep_keys = true;
	EQUAL(e2ae_mikey_offer(&p.offer, &p.csb_i, &next_i, &whole), 0);
	EQUAL(e2ae_mikey_decode(whole.octets, whole.len, &msg), 0);
	msg.n_ids = 0;
	msg.n_sp = 0;
	EQUAL(e2ae_mikey_encode(&msg, &p.i_message), 0);
	party_sign(&p);
	EQUAL(e2ae_mikey_respond(&p.answer, &old_r, p.i_message.octets,
				 p.i_message.len, &next_r, &p.keys_r, &p.reply,
				 &p.seen),
	      0);
	CHECK(!memcmp(&p.keys_i, &p.keys_r, sizeof(p.keys_i)));
	EQUAL(e2ae_mikey_confirm(&next_i, p.offer.psk, p.reply.octets,
				 p.reply.len, &p.keys_i, &p.refusal),
	      0);
	/* The first message may not. */
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	EQUAL(e2ae_mikey_decode(p.i_message.octets, p.i_message.len, &msg), 0);
	msg.n_ids = 1;
	EQUAL(e2ae_mikey_encode(&msg, &whole), 0);
	p.i_message = whole;
	party_sign(&p);
	party_refused(&p, -ENOKEY, E2AE_MIKEY_ERR_ID, false);
}

static void foreign_answers(void)
{
	struct e2ae_mikey_message first;

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	EQUAL(party_respond(&p), 0);
	first = p.reply;
	/* The answer to an earlier message, our own message, another end. */
	p.csb_i.time.value++;
	EQUAL(party_confirm(&p), -EPROTO);
	p.csb_i.time.value--;
	p.csb_i.id++;
	EQUAL(party_confirm(&p), -EPROTO);
	p.csb_i.id--;
	p.reply = p.i_message;
	EQUAL(party_confirm(&p), -EPROTO);
	p.reply = first;
	p.csb_i.idr = p.alice;
	EQUAL(party_confirm(&p), -EPROTO);
	p.csb_i.idr = p.pcscf;
	p.csb_i.idi = p.pcscf;
	EQUAL(party_confirm(&p), -EKEYREJECTED);
	p.csb_i.idi = p.alice;
	EQUAL(party_confirm(&p), 0);
}

static const struct ktap_test tests[] = {
	{ "a re-offer brings new keys or keeps the old ones", reoffer },
	{ "an update belongs to a bundle", update_without_bundle },
	{ "an update may leave out what is known", short_update },
	{ "an answer to something else is refused", foreign_answers },
};

KTAP_MAIN(tests)
