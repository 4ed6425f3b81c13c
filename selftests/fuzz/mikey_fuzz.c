// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target for MIKEY messages, for libFuzzer. An input is the octets of a
 * message. It is taken apart and put together again, and judged by both ends
 * twice: as it is, and with a MAC that holds, its key data taken for what they
 * were before encryption, so that what lies behind the MAC is reached too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/keying/mikey-psk.h"
#include "../../agent/keying/mikey-replay.h"

#define STREAM (4 + E2AE_MIKEY_MAX_TGK)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t psk[32] = { 1, 2, 3 };
static const uint32_t suites[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void holds(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static bool is_zero(const void *octets, size_t len)
{
	const uint8_t *at = octets;

	while (len--)
		if (*at++)
			return false;
	return true;
}

static void round_trip(const struct e2ae_mikey_msg *msg)
{
	static struct e2ae_mikey_message once, twice;
	static struct e2ae_mikey_msg again;

	holds(!e2ae_mikey_encode(msg, &once), "what was read can be written");
	holds(once.len <= msg->whole.len, "writing adds nothing");
	holds(!e2ae_mikey_decode(once.octets, once.len, &again),
	      "what was written can be read");
	holds(!e2ae_mikey_encode(&again, &twice), "and written again");
	holds(once.len == twice.len &&
		      !memcmp(once.octets, twice.octets, once.len),
	      "and is the same then");
}

static void policies(const struct e2ae_mikey_msg *msg)
{
	uint8_t octets[64];
	uint32_t suite, same;
	unsigned int i;
	int len;

	for (i = 0; i < msg->n_sp; i++) {
		if (e2ae_mikey_policy_read(msg->sp[i].params, &suite))
			continue;
		len = e2ae_mikey_policy_write(suite, octets, sizeof(octets));
		holds(len > 0 &&
			      !e2ae_mikey_policy_read(
				      (struct e2ae_octets){ octets, len },
				      &same) &&
			      same == suite,
		      "a policy that is agreed can be offered");
	}
}

/* The bundle the message would start or belongs to. */
static struct e2ae_mikey_csb bundle_of(const struct e2ae_mikey_msg *msg)
{
	struct e2ae_mikey_csb csb = { .id = msg->csb_id, .time = msg->time };

	csb.rand_len = (uint8_t)(msg->rand.len ? msg->rand.len : 16);
	if (msg->rand.len)
		memcpy(csb.rand, msg->rand.at, msg->rand.len);
	csb.idi = msg->id[0];
	csb.idr = msg->kind == E2AE_MIKEY_KIND_R ? msg->id[0] : msg->id[1];
	csb.n_cs = msg->n_cs;
	csb.tgk_len = 16;
	memset(csb.tgk, 0x33, 16);
	for (unsigned int i = 0; i < msg->n_cs; i++)
		csb.suite[i] = 1 + i % 8;
	return csb;
}

/* Makes the message one that the other end could have sent. */
static void make_authentic(const struct e2ae_mikey_msg *msg,
			   const struct e2ae_mikey_csb *csb,
			   struct e2ae_mikey_message *out)
{
	struct e2ae_mikey_csb zeros = *csb;
	struct e2ae_mikey_protect keys;
	uint8_t stream[STREAM];
	size_t at, i;

	memcpy(out->octets, msg->whole.at, msg->whole.len);
	out->len = msg->whole.len;
	holds(!e2ae_mikey_csb_protect(csb, (struct e2ae_octets){ psk, 32 },
				      &keys),
	      "keys");
	/* What is written for a TGK of zeros shows the keystream. */
	zeros.tgk_len = E2AE_MIKEY_MAX_TGK;
	memset(zeros.tgk, 0, sizeof(zeros.tgk));
	holds(e2ae_mikey_data_write(&zeros, &keys, stream, STREAM) == STREAM,
	      "key data");
	stream[3] ^= E2AE_MIKEY_MAX_TGK;
	if (msg->encrypted.len) {
		at = (const uint8_t *)msg->encrypted.at -
		     (const uint8_t *)msg->whole.at;
		for (i = 0; i < msg->encrypted.len && i < STREAM; i++)
			out->octets[at + i] ^= stream[i];
	}
	if (msg->has_mac && msg->mac_alg == E2AE_MIKEY_HMAC_SHA1)
		e2ae_mikey_sign(&keys,
				msg->kind == E2AE_MIKEY_KIND_I ? NULL : csb,
				out);
}

static int respond(const struct e2ae_mikey_msg *msg,
		   const struct e2ae_mikey_csb *old, const uint8_t *octets,
		   size_t len)
{
	static struct e2ae_mikey_message reply;
	static struct e2ae_mikey_keys keys;
	static struct e2ae_mikey_csb csb;
	const struct e2ae_mikey_id idr = msg->id[1];
	struct e2ae_mikey_answer answer = {
		.psk = { psk, sizeof(psk) },
		.idr = old ? &old->idr : &idr,
		.now = msg->time.value,
		.skew = 300,
		.protocols = "mikey",
		.suites = suites,
		.n_suites = 8,
		.lines = (msg->n_cs + 1) / 2,
	};
	struct e2ae_mikey_refusal refusal;
	struct e2ae_mikey_keys heard;
	struct e2ae_mikey_seen seen;
	int err;

	err = e2ae_mikey_respond(&answer, old, octets, len, &csb, &keys, &reply,
				 &seen);
	if (err) {
		holds(is_zero(&csb, sizeof(csb)) &&
			      is_zero(&keys, sizeof(keys)),
		      "a refused message leaves nothing");
		return err;
	}
	holds(keys.n_cs == msg->n_cs && keys.n_cs, "keys for each session");
	for (unsigned int i = 1; i < keys.n_cs; i++)
		holds(!e2ae_srtp_key_equal(&keys.cs[0].key, &keys.cs[i].key) ||
			      keys.cs[0].key.suite != keys.cs[i].key.suite,
		      "no two sessions share a key");
	holds(!!reply.len == msg->verify, "who asks is answered");
	/* Our own messages have policy 0 only. */
	for (unsigned int i = 0; i < msg->n_cs; i++)
		if (msg->cs[i].policy)
			return 0;
	if (reply.len)
		holds(!e2ae_mikey_confirm(&csb, answer.psk, reply.octets,
					  reply.len, &heard, &refusal) &&
			      !memcmp(&heard, &keys, sizeof(keys)),
		      "both ends have the same keys");
	return 0;
}

static void judge(const struct e2ae_mikey_msg *msg, const uint8_t *octets,
		  size_t len)
{
	static struct e2ae_mikey_message authentic;
	struct e2ae_mikey_refusal refusal;
	static struct e2ae_mikey_keys keys;
	struct e2ae_mikey_csb csb = bundle_of(msg), old;
	int err;

	make_authentic(msg, &csb, &authentic);
	if (msg->kind == E2AE_MIKEY_KIND_I) {
		respond(msg, NULL, octets, len);
		old = csb;
		old.time.value -= 1;
		respond(msg, msg->rand.len ? NULL : &old, authentic.octets,
			authentic.len);
		return;
	}
	if (e2ae_mikey_confirm(&csb, (struct e2ae_octets){ psk, 32 }, octets,
			       len, &keys, &refusal) == 0)
		holds(!memcmp(octets, authentic.octets, len), "a guessed MAC");
	err = e2ae_mikey_confirm(&csb, (struct e2ae_octets){ psk, 32 },
				 authentic.octets, authentic.len, &keys,
				 &refusal);
	holds(!err || is_zero(&keys, sizeof(keys)), "no keys from an error");
	if (msg->kind == E2AE_MIKEY_KIND_ERROR)
		holds(err < 0, "an error is none the less one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct e2ae_mikey_msg msg;
	struct e2ae_mikey_peek peek;
	int err = e2ae_mikey_decode(data, size, &msg);

	holds(e2ae_mikey_peek(data, size, &peek) == err, "peek and decode");
	if (err)
		return 0;
	round_trip(&msg);
	policies(&msg);
	judge(&msg, data, size);
	return 0;
}
