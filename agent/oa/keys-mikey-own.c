// SPDX-License-Identifier: GPL-2.0
/* Keys of the access leg by a=key-mgmt:mikey of our offers (RFC 3830, 4.5). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "inner-mikey.h"

/* A bundle of ours goes on; its keys too, unless we have to take new ones. */
static int make_offer(struct oa_step *step, unsigned int i,
		      struct oa_offered *line, uint32_t suite,
		      struct e2ae_mikey_csb *csb, uint8_t psk[E2AE_KDF_LEN],
		      struct e2ae_mikey_message *message)
{
	static const struct e2ae_mikey_stream late[2];
	const struct oa *oa = step->oa;
	const struct oa_media *base = oa_base(step, i);
	struct oa_bundle *old = line->media.own;
	struct e2ae_mikey_id own, peer;
	struct e2ae_mikey_offer offer = {
		.idi = &own,
		.idr = &peer,
		.time = { E2AE_MIKEY_NTP_UTC, oa->world->now_ntp() },
		.protocols = E2AE_KEYMGMT_MIKEY,
		.suite = suite,
		.lines = 1,
		.stream = late,
		.entropy = oa->world->entropy,
	};
	int err = 0;

	if (old) {
		memcpy(psk, old->psk, E2AE_KDF_LEN);
		offer.keep_keys = !line->fresh && base->how == OA_MIKEY &&
				  base->by_own;
	} else {
		err = oa_mikey_identity(oa, i, &oa->kmm[0], &own, psk);
		if (!err)
			err = e2ae_mikey_id(&peer, E2AE_MIKEY_URI,
					    oa->terms.identities[0]);
	}
	offer.psk = (struct e2ae_octets){ psk, E2AE_KDF_LEN };
	return err ? err :
		     e2ae_mikey_offer(&offer, old ? &old->csb : NULL, csb,
				      message);
}

/* The best suite of policy that MIKEY can name; the one there is goes on. */
static int offer_suites(struct oa_step *step, unsigned int i,
			struct oa_offered *line, struct e2ae_mikey_csb *csb,
			uint8_t psk[E2AE_KDF_LEN],
			struct e2ae_mikey_message *message)
{
	const struct policy *policy = step->oa->terms.policy;
	int err = -EOPNOTSUPP;
	size_t s;

	if (!line->fresh)
		return make_offer(step, i, line, oa_base(step, i)->out.suite,
				  csb, psk, message);
	for (s = 0; s < policy->n_suites && err == -EOPNOTSUPP; s++)
		err = make_offer(step, i, line, policy->suites[s], csb, psk,
				 message);
	return err;
}

/**
 * oa_mikey_put_offer() - our I_MESSAGE of the offer to the UE
 * @step: the offer
 * @i: the m-line
 * @line: keeps the bundle
 *
 * Return: 0 or a negative errno.
 */
int oa_mikey_put_offer(struct oa_step *step, unsigned int i,
		       struct oa_offered *line)
{
	static struct e2ae_mikey_message message;
	static char value[E2AE_KEYMGMT_ROOM];
	uint8_t psk[E2AE_KDF_LEN];
	struct e2ae_mikey_csb csb;
	struct oa_bundle *bundle;
	int err;

	err = offer_suites(step, i, line, &csb, psk, &message);
	if (err) {
		OPENSSL_cleanse(psk, sizeof(psk));
		return err;
	}
	bundle = oa_bundle_new(&csb, psk);
	OPENSSL_cleanse(psk, sizeof(psk));
	e2ae_mikey_csb_wipe(&csb);
	if (!bundle)
		return -ENOMEM;
	oa_bundle_put(line->media.own);
	line->media.own = bundle;
	err = e2ae_keymgmt_write(&message, value, sizeof(value));
	return err < 0 ? err : oa_mikey_put(step, i, value);
}

/* The one MIKEY message of an answer. */
static int read_answer(struct oa_step *step, unsigned int i,
		       struct e2ae_mikey_message *message)
{
	struct sdp_key_mgmt key = SDP_FIRST_KEY;
	unsigned int n = 0;

	if (sdp_attr_has(step->sdp, i, "crypto"))
		return oa_no(step->no, OA_WHY_MIXED);
	while (sdp_key_mgmt_next(step->sdp, i, &key))
		if (n++ || oa_mikey_read(&key, message))
			return oa_no(step->no, OA_WHY_MIKEY);
	return n ? 0 : oa_no(step->no, OA_WHY_MIKEY_MISSING);
}

/**
 * oa_mikey_take_answer() - verify the UE's R_MESSAGE
 * @step: the answer
 * @i: the m-line
 * @line: what was offered
 * @made: gets the keys
 *
 * Return: 0, or a negative errno with the verdict.
 */
int oa_mikey_take_answer(struct oa_step *step, unsigned int i,
			 struct oa_offered *line, struct oa_media *made)
{
	static struct e2ae_mikey_message message;
	struct e2ae_mikey_keys *keys = &oa_bench()->keys;
	struct e2ae_mikey_refusal refusal;
	struct oa_bundle *bundle;
	int err;

	err = read_answer(step, i, &message);
	if (err)
		return err;
	bundle = oa_bundle_new(&line->media.own->csb, line->media.own->psk);
	if (!bundle)
		return oa_no(step->no, OA_WHY_MEMORY);
	oa_bundle_put(made->own);
	made->own = bundle;
	err = e2ae_mikey_confirm(&bundle->csb,
				 (struct e2ae_octets){ bundle->psk,
						       sizeof(bundle->psk) },
				 message.octets, message.len, keys, &refusal);
	if (!err)
		oa_mikey_take_keys(made, keys, 0, true);
	e2ae_mikey_keys_wipe(keys);
	return err ? oa_no(step->no, OA_WHY_MIKEY) : 0;
}
