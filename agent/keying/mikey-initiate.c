// SPDX-License-Identifier: GPL-2.0
/* The initiator's side of the pre-shared key method (RFC 3830, 3.1 and 4.5). */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "mikey-psk.h"

#define MAX_POLICY 64

/* The timestamp of a re-offer is later than that of the message before. */
static int next_time(const struct e2ae_mikey_csb *old,
		     struct e2ae_mikey_time *time)
{
	if (time->type != old->time.type)
		return -EINVAL;
	if ((int64_t)(time->value - old->time.value) <= 0)
		time->value = old->time.value + 1;
	return 0;
}

static int fill_bundle(const struct e2ae_mikey_offer *offer,
		       struct e2ae_mikey_csb *csb)
{
	uint8_t id[4];
	int err;

	if (!offer->idi->len || !offer->idr->len)
		return -EINVAL;
	csb->idi = *offer->idi;
	csb->idr = *offer->idr;
	err = e2ae_entropy_fill(offer->entropy, id, sizeof(id));
	if (err)
		return err;
	csb->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
		  (uint32_t)id[2] << 8 | id[3];
	csb->rand_len = E2AE_MIKEY_RAND;
	return e2ae_entropy_fill(offer->entropy, csb->rand, E2AE_MIKEY_RAND);
}

/* The TGK is as strong as the suite asks for. */
static int fill_key(const struct e2ae_mikey_offer *offer,
		    struct e2ae_mikey_csb *csb)
{
	const struct e2ae_suite_info *info = e2ae_suite_by_id(offer->suite);

	if (!info)
		return -EOPNOTSUPP;
	if (offer->keep_keys)
		return csb->tgk_len ? 0 : -EINVAL;
	csb->salt_len = 0;
	csb->mki_len = 0;
	csb->tgk_len = info->key_len;
	return e2ae_entropy_fill(offer->entropy, csb->tgk, csb->tgk_len);
}

/* State of the bundle as the message will make it. */
static int fill_csb(const struct e2ae_mikey_offer *offer,
		    const struct e2ae_mikey_csb *old,
		    struct e2ae_mikey_csb *csb)
{
	struct e2ae_mikey_time time = offer->time;
	unsigned int i;
	int err;

	if (!offer->lines || offer->lines > E2AE_MIKEY_MAX_CS / 2)
		return -EINVAL;
	if (old) {
		*csb = *old;
		err = next_time(old, &time);
	} else {
		err = fill_bundle(offer, csb);
	}
	if (err)
		return err;
	if (time.type > E2AE_MIKEY_COUNTER ||
	    (time.type == E2AE_MIKEY_COUNTER && time.value > UINT32_MAX))
		return -EOVERFLOW;
	csb->time = time;
	csb->n_cs = (uint8_t)(2 * offer->lines);
	for (i = 0; i < csb->n_cs; i++) {
		csb->suite[i] = offer->suite;
		csb->stream[i] = offer->stream[i];
	}
	return fill_key(offer, csb);
}

/* All but key data, policy and MAC. */
static void fill_message(const struct e2ae_mikey_offer *offer, bool update,
			 const struct e2ae_mikey_csb *csb,
			 struct e2ae_mikey_msg *msg)
{
	unsigned int i;

	memset(msg, 0, sizeof(*msg));
	msg->kind = E2AE_MIKEY_KIND_I;
	msg->verify = true;
	msg->prf = E2AE_MIKEY_PRF_1;
	msg->csb_id = csb->id;
	msg->n_cs = csb->n_cs;
	for (i = 0; i < csb->n_cs; i++)
		msg->cs[i].stream = csb->stream[i];
	msg->time = csb->time;
	if (!update)
		msg->rand = (struct e2ae_octets){ csb->rand, csb->rand_len };
	msg->n_ids = 2;
	msg->id[0] = csb->idi;
	msg->id[1] = csb->idr;
	msg->has_protocols = true;
	msg->protocols = (struct e2ae_octets){ offer->protocols,
					       strlen(offer->protocols) };
	msg->cipher = E2AE_MIKEY_AES_CM_128;
	msg->has_mac = true;
	msg->mac_alg = E2AE_MIKEY_HMAC_SHA1;
	msg->mac.len = E2AE_SHA1_LEN;
}

static int write_message(const struct e2ae_mikey_offer *offer, bool update,
			 const struct e2ae_mikey_csb *csb,
			 struct e2ae_mikey_message *message)
{
	uint8_t data[4 + E2AE_MIKEY_MAX_TGK];
	struct e2ae_mikey_protect keys;
	uint8_t policy[MAX_POLICY];
	struct e2ae_mikey_msg msg;
	int len, err;

	fill_message(offer, update, csb, &msg);
	len = e2ae_mikey_policy_write(offer->suite, policy, sizeof(policy));
	if (len < 0)
		return len;
	msg.n_sp = 1;
	msg.sp[0].protocol = E2AE_MIKEY_PROTO_SRTP;
	msg.sp[0].params = (struct e2ae_octets){ policy, (size_t)len };
	err = e2ae_mikey_csb_protect(csb, offer->psk, &keys);
	if (!err && !offer->keep_keys) {
		len = e2ae_mikey_data_write(csb, &keys, data, sizeof(data));
		msg.encrypted = (struct e2ae_octets){ data, (size_t)len };
		err = len < 0 ? len : 0;
	}
	if (!err)
		err = e2ae_mikey_encode(&msg, message);
	if (!err)
		err = e2ae_mikey_sign(&keys, NULL, message);
	OPENSSL_cleanse(&keys, sizeof(keys));
	return err;
}

/**
 * e2ae_mikey_offer() - make an I_MESSAGE
 * @offer: what to say
 * @old: bundle to update, or NULL for a new one
 * @csb: bundle as the message makes it, for e2ae_mikey_confirm(); wiped on error
 * @message: the message
 *
 * Whoever has other bundles with this responder checks that the new CSB ID is
 * none of theirs, and asks again if it is (RFC 3830, 6.1).
 *
 * Return: 0, -EINVAL for an offer that cannot be made, -EOPNOTSUPP for a suite
 * MIKEY cannot agree upon, -EMSGSIZE, -EOVERFLOW for a counter at its end, or an
 * error of the source of random octets.
 */
int e2ae_mikey_offer(const struct e2ae_mikey_offer *offer,
		     const struct e2ae_mikey_csb *old,
		     struct e2ae_mikey_csb *csb,
		     struct e2ae_mikey_message *message)
{
	int err;

	memset(csb, 0, sizeof(*csb));
	message->len = 0;
	if (offer->keep_keys && !old)
		return -EINVAL;
	err = fill_csb(offer, old, csb);
	if (!err)
		err = write_message(offer, old, csb, message);
	if (err)
		e2ae_mikey_csb_wipe(csb);
	return err;
}

/* Whether the answer belongs to this message. */
static int check_answer(const struct e2ae_mikey_csb *csb,
			const struct e2ae_mikey_msg *msg)
{
	if (msg->kind == E2AE_MIKEY_KIND_I || msg->csb_id != csb->id ||
	    msg->time.type != csb->time.type ||
	    msg->time.value != csb->time.value)
		return -EPROTO;
	if (msg->prf != E2AE_MIKEY_PRF_1)
		return -EPROTONOSUPPORT;
	if (msg->n_ids && !e2ae_mikey_id_equal(&msg->id[0], &csb->idr))
		return -EPROTO;
	return 0;
}

/* The responder fills in the SSRCs of its own streams, no others. */
static int merge_streams(struct e2ae_mikey_csb *csb,
			 const struct e2ae_mikey_msg *msg)
{
	unsigned int i;

	if (msg->n_cs != csb->n_cs)
		return -EPROTO;
	for (i = 0; i < csb->n_cs; i++) {
		if (msg->cs[i].policy)
			return -EPROTO;
		if (csb->stream[i].ssrc &&
		    csb->stream[i].ssrc != msg->cs[i].stream.ssrc)
			return -EPROTO;
	}
	for (i = 1; i < csb->n_cs; i += 2)
		csb->stream[i] = msg->cs[i].stream;
	return 0;
}

static void read_refusal(const struct e2ae_mikey_msg *msg,
			 struct e2ae_mikey_refusal *refusal)
{
	unsigned int i;

	refusal->n = msg->n_errors;
	memcpy(refusal->error, msg->error, msg->n_errors);
	for (i = 0; i < msg->n_sp; i++)
		if (msg->sp[i].protocol == E2AE_MIKEY_PROTO_SRTP &&
		    !e2ae_mikey_policy_read(msg->sp[i].params,
					    &refusal->suite[refusal->n_suites]))
			refusal->n_suites++;
}

/**
 * e2ae_mikey_confirm() - judge what the responder answered
 * @csb: bundle of the message; gets the responder's streams if the answer is
 *   good, and is otherwise left as it is
 * @psk: pre-shared key
 * @octets: the answer
 * @len: octets of it
 * @keys: keys of the crypto sessions; empty on error
 * @refusal: errors, if the answer is an error message
 *
 * Return: 0; -ECONNREFUSED for an error message; -EKEYREJECTED if the MAC does
 * not hold; -EPROTO if it answers something else; or an error of
 * e2ae_mikey_decode().
 */
int e2ae_mikey_confirm(struct e2ae_mikey_csb *csb, struct e2ae_octets psk,
		       const uint8_t *octets, size_t len,
		       struct e2ae_mikey_keys *keys,
		       struct e2ae_mikey_refusal *refusal)
{
	struct e2ae_mikey_protect protect;
	struct e2ae_mikey_msg msg;
	int err;

	memset(keys, 0, sizeof(*keys));
	memset(refusal, 0, sizeof(*refusal));
	err = e2ae_mikey_decode(octets, len, &msg);
	if (!err)
		err = check_answer(csb, &msg);
	if (err)
		return err;
	err = e2ae_mikey_csb_protect(csb, psk, &protect);
	if (!err)
		err = e2ae_mikey_verify(&protect, csb, &msg);
	OPENSSL_cleanse(&protect, sizeof(protect));
	if (msg.kind == E2AE_MIKEY_KIND_ERROR) {
		refusal->authentic = !err;
		read_refusal(&msg, refusal);
		return -ECONNREFUSED;
	}
	if (!err)
		err = merge_streams(csb, &msg);
	return err ? err : e2ae_mikey_session_keys(csb, keys);
}
