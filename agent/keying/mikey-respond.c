// SPDX-License-Identifier: GPL-2.0
/* The responder's side of the pre-shared key method (RFC 3830, 3.1 and 5.3). */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "mikey-psk.h"
#include "mikey-replay.h"

#define MAX_POLICY 64

/*
 * One message on its way through the steps.
 * @old: bundle it updates, or NULL
 * @csb: bundle as it makes it
 * @protect: keys of the messages
 * @error: for the peer, once a step has failed
 * @vouch: the error message may be authenticated
 */
struct exchange {
	const struct e2ae_mikey_answer *answer;
	const struct e2ae_mikey_csb *old;
	struct e2ae_mikey_csb *csb;
	struct e2ae_mikey_msg msg;
	struct e2ae_mikey_protect protect;
	enum e2ae_mikey_error error;
	bool vouch;
};

static int fail(struct exchange *x, enum e2ae_mikey_error error, int err)
{
	x->error = error;
	return err;
}

static int check_algorithms(struct exchange *x)
{
	if (x->msg.kind != E2AE_MIKEY_KIND_I)
		return fail(x, E2AE_MIKEY_ERR_OTHER, -EBADMSG);
	if (x->msg.prf != E2AE_MIKEY_PRF_1)
		return fail(x, E2AE_MIKEY_ERR_PRF, -EPROTONOSUPPORT);
	if (x->msg.mac_alg != E2AE_MIKEY_HMAC_SHA1)
		return fail(x, E2AE_MIKEY_ERR_MAC, -EPROTONOSUPPORT);
	if (x->msg.cipher != E2AE_MIKEY_AES_CM_128)
		return fail(x, E2AE_MIKEY_ERR_CIPHER, -EPROTONOSUPPORT);
	return 0;
}

/* In an update the identities may be left out (RFC 3830, 4.5). */
static int check_identities(struct exchange *x)
{
	const struct e2ae_mikey_answer *answer = x->answer;
	const struct e2ae_mikey_id *id = x->msg.id;

	if (x->msg.n_ids == 1 || (!x->msg.n_ids && !x->old))
		return fail(x, E2AE_MIKEY_ERR_ID, -ENOKEY);
	if (x->old) {
		x->csb->idi = x->old->idi;
		x->csb->idr = x->old->idr;
	} else {
		x->csb->idi = answer->idi ? *answer->idi : id[0];
		x->csb->idr = *answer->idr;
	}
	if (x->msg.n_ids && (!e2ae_mikey_id_equal(&id[0], &x->csb->idi) ||
			     !e2ae_mikey_id_equal(&id[1], &x->csb->idr)))
		return fail(x, E2AE_MIKEY_ERR_ID, -ENOKEY);
	return 0;
}

/* A bundle has one RAND, that of its first message (RFC 3830, 4.5). */
static int start_bundle(struct exchange *x)
{
	x->csb->id = x->msg.csb_id;
	x->csb->time = x->msg.time;
	if (!x->old == !x->msg.rand.len)
		return fail(x, E2AE_MIKEY_ERR_OTHER, -EBADMSG);
	if (x->old)
		return 0;
	x->csb->rand_len = (uint8_t)x->msg.rand.len;
	memcpy(x->csb->rand, x->msg.rand.at, x->msg.rand.len);
	return 0;
}

static int check_mac(struct exchange *x)
{
	int err;

	err = e2ae_mikey_csb_protect(x->csb, x->answer->psk, &x->protect);
	if (!err)
		err = e2ae_mikey_verify(&x->protect, NULL, &x->msg);
	if (err)
		return fail(x, E2AE_MIKEY_ERR_AUTH, err);
	x->vouch = true;
	return 0;
}

static int check_clock(struct exchange *x)
{
	const struct e2ae_mikey_time *time = &x->msg.time;
	const uint64_t skew = (uint64_t)x->answer->skew << 32;
	const uint64_t early = time->value + skew - x->answer->now;

	if (time->type == E2AE_MIKEY_COUNTER)
		return x->answer->counters && x->answer->replay ?
			       0 :
			       fail(x, E2AE_MIKEY_ERR_TIME, -ETIME);
	/* Between -skew and +skew, across the end of the era too. */
	return early <= 2 * skew ? 0 : fail(x, E2AE_MIKEY_ERR_TIME, -ETIME);
}

static int check_replay(struct exchange *x, struct e2ae_mikey_seen *seen)
{
	const struct e2ae_mikey_answer *answer = x->answer;
	struct e2ae_mikey_peek peek = {
		.csb_id = x->csb->id,
		.time = x->msg.time,
		.idi = x->csb->idi,
	};
	int err = 0;

	if (x->old && (x->old->time.type != x->msg.time.type ||
		       (int64_t)(x->msg.time.value - x->old->time.value) <= 0))
		err = -EEXIST;
	if (!err && answer->replay) {
		err = e2ae_mikey_seen_make(seen, answer, &peek, x->msg.whole);
		if (!err)
			err = e2ae_mikey_replay_check(answer->replay, seen,
						      answer->now);
		if (!err)
			err = e2ae_mikey_replay_add(answer->replay, seen,
						    answer->now, answer->skew);
	}
	if (err) {
		/* Nothing authentic for who repeats what others wrote. */
		x->vouch = false;
		return fail(x, E2AE_MIKEY_ERR_TIME, err);
	}
	return 0;
}

/* The list stands against bidding down (RFC 4567, 4.1.4 and 7). */
static int check_protocols(struct exchange *x)
{
	const struct e2ae_octets *got = &x->msg.protocols;
	const size_t len = strlen(x->answer->protocols);

	if (!x->msg.has_protocols || got->len != len ||
	    memcmp(got->at, x->answer->protocols, len))
		return fail(x, E2AE_MIKEY_ERR_OTHER, -EPERM);
	return 0;
}

static bool is_allowed(const struct e2ae_mikey_answer *answer, uint32_t suite)
{
	size_t i;

	for (i = 0; i < answer->n_suites; i++)
		if (answer->suites[i] == suite)
			return true;
	return false;
}

/* Suite of the crypto session, by the number of its policy. */
static int read_suite(struct exchange *x, unsigned int cs)
{
	unsigned int i;
	int err;

	for (i = 0; i < x->msg.n_sp; i++)
		if (x->msg.sp[i].number == x->msg.cs[cs].policy)
			break;
	if (i == x->msg.n_sp || x->msg.sp[i].protocol != E2AE_MIKEY_PROTO_SRTP)
		return fail(x, E2AE_MIKEY_ERR_SP, -EOPNOTSUPP);
	err = e2ae_mikey_policy_read(x->msg.sp[i].params, &x->csb->suite[cs]);
	if (!err && !is_allowed(x->answer, x->csb->suite[cs]))
		err = -EOPNOTSUPP;
	return err ? fail(x, E2AE_MIKEY_ERR_SP_PARAM, err) : 0;
}

/* Own SSRCs are filled in where the initiator left them open. */
static int read_sessions(struct exchange *x)
{
	const struct e2ae_mikey_stream *own = x->answer->stream;
	struct e2ae_mikey_stream *stream;
	unsigned int i;
	int err;

	if (!x->msg.n_cs || x->msg.n_cs != 2 * x->answer->lines)
		return fail(x, E2AE_MIKEY_ERR_OTHER, -EPROTO);
	if (!x->msg.n_sp && (!x->old || x->old->n_cs != x->msg.n_cs))
		return fail(x, E2AE_MIKEY_ERR_SP, -EOPNOTSUPP);
	x->csb->n_cs = x->msg.n_cs;
	for (i = 0; i < x->csb->n_cs; i++) {
		err = x->msg.n_sp ? read_suite(x, i) : 0;
		if (err)
			return err;
		stream = &x->csb->stream[i];
		*stream = x->msg.cs[i].stream;
		if (i % 2 == 0 || !own || !own[i / 2].ssrc)
			continue;
		if (stream->ssrc && stream->ssrc != own[i / 2].ssrc)
			return fail(x, E2AE_MIKEY_ERR_OTHER, -EPROTO);
		*stream = own[i / 2];
	}
	return 0;
}

/* An update without key data goes on with the keys there are. */
static int read_keys(struct exchange *x, struct e2ae_mikey_keys *keys)
{
	int err = 0;

	if (x->msg.encrypted.len)
		err = e2ae_mikey_data_read(x->csb, &x->protect,
					   x->msg.encrypted);
	else if (!x->csb->tgk_len)
		err = -EBADMSG;
	if (!err)
		err = e2ae_mikey_session_keys(x->csb, keys);
	return err ? fail(x, E2AE_MIKEY_ERR_DATA, err) : 0;
}

static void start_reply(const struct exchange *x, struct e2ae_mikey_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	msg->prf = E2AE_MIKEY_PRF_1;
	msg->csb_id = x->msg.csb_id;
	msg->time = x->msg.time;
	msg->has_mac = true;
	msg->mac_alg = E2AE_MIKEY_HMAC_SHA1;
	msg->mac.len = E2AE_SHA1_LEN;
}

/* The R_MESSAGE: HDR, T, IDr, V. */
static int write_answer(const struct exchange *x,
			struct e2ae_mikey_message *reply)
{
	struct e2ae_mikey_msg msg;
	unsigned int i;
	int err;

	start_reply(x, &msg);
	msg.kind = E2AE_MIKEY_KIND_R;
	msg.n_cs = x->csb->n_cs;
	for (i = 0; i < msg.n_cs; i++) {
		msg.cs[i].policy = x->msg.cs[i].policy;
		msg.cs[i].stream = x->csb->stream[i];
	}
	msg.n_ids = 1;
	msg.id[0] = x->csb->idr;
	err = e2ae_mikey_encode(&msg, reply);
	return err ? err : e2ae_mikey_sign(&x->protect, x->csb, reply);
}

/* The error message: HDR, T, ERR, {SP}, [V]; policies say what we would take. */
static int write_error(const struct exchange *x,
		       struct e2ae_mikey_message *reply)
{
	uint8_t policy[E2AE_MIKEY_MAX_SP][MAX_POLICY];
	struct e2ae_mikey_msg msg;
	size_t i;
	int len, err;

	start_reply(x, &msg);
	msg.kind = E2AE_MIKEY_KIND_ERROR;
	msg.n_errors = 1;
	msg.error[0] = (uint8_t)x->error;
	msg.has_mac = x->vouch;
	if (x->error == E2AE_MIKEY_ERR_SP ||
	    x->error == E2AE_MIKEY_ERR_SP_PARAM) {
		for (i = 0;
		     i < x->answer->n_suites && msg.n_sp < E2AE_MIKEY_MAX_SP;
		     i++) {
			len = e2ae_mikey_policy_write(x->answer->suites[i],
						      policy[msg.n_sp],
						      MAX_POLICY);
			if (len < 0)
				continue;
			msg.sp[msg.n_sp].number = (uint8_t)msg.n_sp;
			msg.sp[msg.n_sp].params =
				(struct e2ae_octets){ policy[msg.n_sp],
						      (size_t)len };
			msg.n_sp++;
		}
	}
	err = e2ae_mikey_encode(&msg, reply);
	if (!err && x->vouch)
		err = e2ae_mikey_sign(&x->protect, x->csb, reply);
	return err;
}

/* The steps in their order: nothing is decrypted before the MAC held. */
static int process(struct exchange *x, struct e2ae_mikey_keys *keys,
		   struct e2ae_mikey_seen *seen)
{
	int err;

	err = check_algorithms(x);
	if (!err)
		err = start_bundle(x);
	if (!err)
		err = check_identities(x);
	if (!err)
		err = check_mac(x);
	if (!err)
		err = check_clock(x);
	if (!err)
		err = check_replay(x, seen);
	if (!err)
		err = check_protocols(x);
	if (!err)
		err = read_sessions(x);
	if (!err)
		err = read_keys(x, keys);
	return err;
}

/* Only what is surely an initiator's message gets an answer. */
static bool may_reply(const struct e2ae_mikey_msg *msg)
{
	return msg->has_time && msg->kind == E2AE_MIKEY_KIND_I;
}

/**
 * e2ae_mikey_respond() - judge an I_MESSAGE and answer it
 * @answer: what we know and allow
 * @old: bundle of the dialog in which the sender was initiator, or NULL; a
 *   message with another CSB ID starts a new one
 * @octets: the message
 * @len: octets of it
 * @csb: bundle as the message makes it; wiped on error
 * @keys: keys of the crypto sessions; empty on error
 * @reply: R_MESSAGE, empty if the initiator wants none; on error the error
 *   message, empty if none is to be sent
 * @seen: for e2ae_mikey_replay_release(); all zeros if there is nothing to
 *   release
 *
 * Return: 0; -EKEYREJECTED if the MAC does not hold; -ENOKEY for the wrong
 * identities; -ETIME for a clock that is off; -EEXIST, -ESTALE or -ENOBUFS from
 * the replay cache; -EPERM if the list of protocols differs; -EOPNOTSUPP for a
 * policy or key data we do not take; -EPROTO for the wrong number of crypto
 * sessions or an SSRC that is not ours; -EINVAL for a key that is too short; or
 * an error of e2ae_mikey_decode().
 */
int e2ae_mikey_respond(const struct e2ae_mikey_answer *answer,
		       const struct e2ae_mikey_csb *old, const uint8_t *octets,
		       size_t len, struct e2ae_mikey_csb *csb,
		       struct e2ae_mikey_keys *keys,
		       struct e2ae_mikey_message *reply,
		       struct e2ae_mikey_seen *seen)
{
	struct exchange x = { .answer = answer, .csb = csb };
	int err;

	memset(csb, 0, sizeof(*csb));
	memset(keys, 0, sizeof(*keys));
	memset(seen, 0, sizeof(*seen));
	reply->len = 0;
	x.error = E2AE_MIKEY_ERR_OTHER;
	err = e2ae_mikey_decode(octets, len, &x.msg);
	if (!err) {
		if (old && old->id == x.msg.csb_id) {
			x.old = old;
			*csb = *old;
		}
		err = process(&x, keys, seen);
	}
	if (!err && x.msg.verify)
		err = write_answer(&x, reply);
	else if (err && may_reply(&x.msg) && write_error(&x, reply))
		reply->len = 0;
	if (err) {
		e2ae_mikey_csb_wipe(csb);
		e2ae_mikey_keys_wipe(keys);
	}
	OPENSSL_cleanse(&x.protect, sizeof(x.protect));
	return err;
}

/**
 * e2ae_mikey_peek() - read what a message says, before anything is verified
 * @octets: the message
 * @len: octets of it
 * @peek: to fill
 *
 * Only for finding the key; none of it is authentic.
 *
 * Return: as e2ae_mikey_decode().
 */
int e2ae_mikey_peek(const uint8_t *octets, size_t len,
		    struct e2ae_mikey_peek *peek)
{
	struct e2ae_mikey_msg msg;
	int err;

	memset(peek, 0, sizeof(*peek));
	err = e2ae_mikey_decode(octets, len, &msg);
	if (err)
		return err;
	peek->kind = msg.kind;
	peek->csb_id = msg.csb_id;
	peek->n_cs = msg.n_cs;
	peek->time = msg.time;
	if (msg.kind == E2AE_MIKEY_KIND_R) {
		peek->idr = msg.id[0];
	} else {
		peek->idi = msg.id[0];
		peek->idr = msg.id[1];
	}
	return 0;
}
