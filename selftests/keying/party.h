/* SPDX-License-Identifier: GPL-2.0 */
/* A pair of MIKEY ends with the inputs of the known exchange, for tests. */
#ifndef E2AE_SELFTESTS_KEYING_PARTY_H
#define E2AE_SELFTESTS_KEYING_PARTY_H

#include <errno.h>
#include <string.h>

#include "../../agent/keying/mikey-psk.h"
#include "../../agent/keying/mikey-replay.h"
#include "ktap.h"
#include "util.h"

#define KNOWN_TIME 0xee2f000180000000ULL
#define SECOND	   (1ULL << 32)

/*
 * What one exchange needs and gives. party_init() makes it the exchange of
 * selftests/vectors/mikey.txt; tests change what they are about.
 */
struct party {
	uint8_t psk[32];
	struct e2ae_mikey_id alice;
	struct e2ae_mikey_id pcscf;
	struct script script;
	struct e2ae_entropy entropy;
	struct e2ae_mikey_stream stream[E2AE_MIKEY_MAX_CS];
	uint32_t suite;
	struct e2ae_mikey_offer offer;
	struct e2ae_mikey_answer answer;

	struct e2ae_mikey_csb csb_i;
	struct e2ae_mikey_csb csb_r;
	struct e2ae_mikey_message i_message;
	struct e2ae_mikey_message reply;
	struct e2ae_mikey_keys keys_i;
	struct e2ae_mikey_keys keys_r;
	struct e2ae_mikey_refusal refusal;
	struct e2ae_mikey_seen seen;
};

static inline void party_init(struct party *p)
{
	memset(p, 0, sizeof(*p));
	unhex("000102030405060708090a0b0c0d0e0f", p->psk, sizeof(p->psk));
	e2ae_mikey_id(&p->alice, E2AE_MIKEY_URI, "sip:alice@ims.example");
	e2ae_mikey_id(&p->pcscf, E2AE_MIKEY_URI, "sip:pcscf.ims.example");
	p->script.len = unhex("12345678" /* CSB ID */
			      "404142434445464748494a4b4c4d4e4f" /* RAND */
			      "202122232425262728292a2b2c2d2e2f" /* TGK */
			      "303132333435363738393a3b3c3d3e3f",
			      p->script.octets, sizeof(p->script.octets));
	p->entropy = (struct e2ae_entropy){ script_fill, &p->script };
	p->stream[0].ssrc = 0x11111111;
	p->stream[1].ssrc = 0x22222222;
	p->suite = E2AE_SUITE_AES_CM_128_HMAC_SHA1_80;
	p->offer = (struct e2ae_mikey_offer){
		.psk = { p->psk, 16 },
		.idi = &p->alice,
		.idr = &p->pcscf,
		.time = { E2AE_MIKEY_NTP_UTC, KNOWN_TIME },
		.protocols = "mikey",
		.suite = p->suite,
		.lines = 1,
		.stream = p->stream,
		.entropy = &p->entropy,
	};
	p->answer = (struct e2ae_mikey_answer){
		.psk = { p->psk, 16 },
		.idr = &p->pcscf,
		.now = KNOWN_TIME,
		.skew = 300,
		.protocols = "mikey",
		.suites = &p->suite,
		.n_suites = 1,
		.lines = 1,
		.psk_id = { "key 1", 5 },
		.dialog = { "dialog 1", 8 },
		.cseq = 1,
	};
}

static inline int party_offer(struct party *p)
{
	return e2ae_mikey_offer(&p->offer, NULL, &p->csb_i, &p->i_message);
}

static inline int party_respond(struct party *p)
{
	return e2ae_mikey_respond(&p->answer, NULL, p->i_message.octets,
				  p->i_message.len, &p->csb_r, &p->keys_r,
				  &p->reply, &p->seen);
}

static inline int party_confirm(struct party *p)
{
	return e2ae_mikey_confirm(&p->csb_i, p->offer.psk, p->reply.octets,
				  p->reply.len, &p->keys_i, &p->refusal);
}

/* Replaces the MAC of an I_MESSAGE that somebody changed by one that holds. */
static inline void party_sign(struct party *p)
{
	struct e2ae_mikey_protect keys;

	EQUAL(e2ae_mikey_csb_protect(&p->csb_i, p->offer.psk, &keys), 0);
	EQUAL(e2ae_mikey_sign(&keys, NULL, &p->i_message), 0);
}

/* The responder refuses and keeps nothing; the initiator hears the error. */
static inline void party_refused(struct party *p, int err, int error,
				 bool authentic)
{
	memset(&p->keys_r, 0xee, sizeof(p->keys_r));
	EQUAL(party_respond(p), err);
	CHECK(is_zero(&p->keys_r, sizeof(p->keys_r)));
	CHECK(is_zero(&p->csb_r, sizeof(p->csb_r)));
	CHECK(p->reply.len > 0);
	EQUAL(party_confirm(p), -ECONNREFUSED);
	EQUAL(p->refusal.n, 1);
	EQUAL(p->refusal.error[0], error);
	EQUAL(p->refusal.authentic, authentic);
	CHECK(is_zero(&p->keys_i, sizeof(p->keys_i)));
}

/* A whole exchange; both ends have the same keys afterwards. */
static inline void party_agreed(struct party *p)
{
	EQUAL(party_respond(p), 0);
	EQUAL(party_confirm(p), 0);
	EQUAL(p->keys_i.n_cs, 2 * p->offer.lines);
	CHECK(!memcmp(&p->keys_i, &p->keys_r, sizeof(p->keys_i)));
}

#endif
