// SPDX-License-Identifier: GPL-2.0
/* Keys of the access leg by the UE's own a=key-mgmt:mikey (RFC 3830, RFC 4567). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "inner-mikey.h"

#define PROTOCOLS_ROOM 256 /* octets of the list of protocols of an offer */
#define DIALOG_ROOM    1024 /* octets of what names a dialog */

/*
 * The first MIKEY message for an m-line, and the list of all protocols of its
 * level, in their order.
 */
static int read_offer(const struct sdp *sdp, unsigned int i,
		      struct e2ae_mikey_message *message, char *protocols,
		      bool *session)
{
	struct sdp_key_mgmt key = SDP_FIRST_KEY;
	size_t mark = oa_bench()->text_used, n = 0;
	bool found = false;
	int err = 0;

	while (!err && sdp_key_mgmt_next(sdp, i, &key)) {
		err = oa_bench_value(key.at.value, &n);
		if (err || found ||
		    !sdp_text_is(key.protocol, E2AE_KEYMGMT_MIKEY))
			continue;
		err = e2ae_keymgmt_parse(oa_bench()->value[n - 1], message);
		found = true;
	}
	*session = key.session;
	if (!err && !found)
		err = -ENOENT;
	if (!err)
		err = e2ae_keymgmt_protocols(oa_bench()->value, n, protocols,
					     PROTOCOLS_ROOM);
	oa_bench_rewind(mark);
	return err < 0 ? err : 0;
}

/*
 * The generation whose key the UE used. If it names none of ours, the current
 * one's identity makes the message fail for its identity.
 */
static int find_generation(const struct oa *oa, unsigned int index,
			   const struct e2ae_mikey_id *idr,
			   struct e2ae_mikey_id *own, uint8_t psk[E2AE_KDF_LEN])
{
	unsigned int g;
	int err = -ENOKEY;

	for (g = 0; g < oa->terms.n_kmm; g++) {
		err = oa_mikey_identity(oa, index, &oa->kmm[g], own, psk);
		if (err || e2ae_mikey_id_equal(own, idr))
			return err;
	}
	return oa_mikey_identity(oa, index, &oa->kmm[0], own, psk);
}

/* Our copy of the identity if the subscriber has it; else one that differs. */
static int find_peer(const struct oa *oa, const struct e2ae_mikey_id *idi,
		     struct e2ae_mikey_id *peer)
{
	size_t i;
	int err;

	for (i = 0; i < oa->terms.n_identities; i++) {
		err = e2ae_mikey_id(peer, E2AE_MIKEY_URI,
				    oa->terms.identities[i]);
		if (!err && e2ae_mikey_id_equal(peer, idi))
			return 0;
	}
	return e2ae_mikey_id(peer, E2AE_MIKEY_URI, oa->terms.identities[0]);
}

static int dialog_name(const struct oa *oa, char *out, size_t room)
{
	const struct oa_terms *terms = &oa->terms;
	int len = snprintf(out, room, "%016llx %zu %s %s",
			   (unsigned long long)terms->flow,
			   strlen(terms->call_id), terms->call_id,
			   terms->from_tag);

	return len < 0 || (size_t)len >= room ? -EMSGSIZE : len;
}

/* m-lines before this one that the session's a=key-mgmt has to secure. */
static unsigned int session_lines(const struct sdp *sdp, unsigned int before)
{
	struct sdp_media m;
	unsigned int i, n = 0;

	for (i = 1; i < before; i++) {
		if (sdp_media(sdp, i, &m) || !m.port || !oa_rtp(m.proto) ||
		    !sdp_proto_secure(m.proto) ||
		    sdp_attr_has(sdp, i, "key-mgmt"))
			continue;
		n++;
	}
	return n;
}

/* What came with the message, before it is judged. */
struct asked {
	struct e2ae_mikey_message message;
	struct e2ae_mikey_peek peek;
	struct e2ae_mikey_id own;
	struct e2ae_mikey_id peer;
	struct oa_bundle *old;
	char protocols[PROTOCOLS_ROOM];
	char dialog[DIALOG_ROOM];
	uint8_t psk[E2AE_KDF_LEN];
	bool session;
};

static int prepare(struct oa_step *step, unsigned int i,
		   struct oa_offered *line, struct asked *a)
{
	const struct oa *oa = step->oa;
	int err;

	err = read_offer(step->sdp, i, &a->message, a->protocols, &a->session);
	if (!err)
		err = e2ae_mikey_peek(a->message.octets, a->message.len,
				      &a->peek);
	if (err)
		return err;
	a->old = line->media.theirs;
	if (a->old && a->old->csb.id == a->peek.csb_id) {
		a->own = a->old->csb.idr;
		a->peer = a->old->csb.idi;
		memcpy(a->psk, a->old->psk, sizeof(a->psk));
		return 0;
	}
	a->old = NULL;
	err = find_generation(oa, a->session ? 0 : i, &a->peek.idr, &a->own,
			      a->psk);
	return err ? err : find_peer(oa, &a->peek.idi, &a->peer);
}

static int keep_reply(struct oa_offered *line,
		      const struct e2ae_mikey_message *reply)
{
	free(line->reply);
	line->reply = NULL;
	if (!reply->len)
		return 0;
	line->reply = malloc(E2AE_B64_ROOM(reply->len) + 8);
	if (!line->reply)
		return -ENOMEM;
	return e2ae_keymgmt_write(reply, line->reply,
				  E2AE_B64_ROOM(reply->len) + 8) < 0 ?
		       -EMSGSIZE :
		       0;
}

/* The message itself: judged once, also where it is for several m-lines. */
static int respond(struct oa_step *step, unsigned int i, struct asked *a,
		   struct oa_offered *line, struct e2ae_mikey_csb *csb)
{
	struct oa *oa = step->oa;
	const struct policy *policy = oa->terms.policy;
	struct e2ae_mikey_message reply;
	struct e2ae_mikey_answer answer = {
		.psk = { a->psk, sizeof(a->psk) },
		.idi = &a->peer,
		.idr = &a->own,
		.now = oa->world->now_ntp(),
		.skew = oa->world->config->mikey_skew,
		/* What is counted under a call's keys is forgotten with it. */
		.counters = oa->world->replay && oa->terms.protected,
		.protocols = a->protocols,
		.suites = policy->suites,
		.n_suites = policy->n_suites,
		.lines = a->session ? session_lines(step->sdp,
						    step->sdp->n_media + 1) :
				      1,
		.replay = oa->world->replay,
		.psk_id = { a->own.octets, a->own.len },
		.cseq = step->cseq,
	};
	int err = dialog_name(oa, a->dialog, sizeof(a->dialog));

	if (err < 0)
		return err;
	answer.dialog = (struct e2ae_octets){ a->dialog, (size_t)err };
	err = e2ae_mikey_respond(&answer, a->old ? &a->old->csb : NULL,
				 a->message.octets, a->message.len, csb,
				 &oa_bench()->keys, &reply, &line->seen);
	line->has_seen = oa->world->replay && err != -EEXIST &&
			 err != -ESTALE && err != -ENOBUFS;
	if (a->peek.time.type == E2AE_MIKEY_COUNTER && i >= oa->counters)
		oa->counters = i + 1;
	if (err) {
		step->no->mikey = reply;
		return err;
	}
	return keep_reply(line, &reply);
}

/* One more m-line of the session's message, whose keys are on the bench. */
static int share(struct oa_step *step, unsigned int i, struct oa_offered *line)
{
	struct e2ae_mikey_keys *keys = &oa_bench()->keys;
	unsigned int pair = session_lines(step->sdp, i);

	if (2 * pair + 1 >= keys->n_cs)
		return -EPROTO;
	if (line->media.theirs != step->shared) {
		step->shared->refs++;
		oa_bundle_put(line->media.theirs);
		line->media.theirs = step->shared;
	}
	line->media.how = OA_MIKEY;
	oa_mikey_take_keys(&line->media, keys, pair, false);
	return 0;
}

/*
 * Keys of a line that had ended: nobody knows any more what they encrypted, so
 * they cannot be used from the beginning.
 */
static bool restarts(const struct oa_step *step, unsigned int i,
		     const struct asked *a, const struct e2ae_mikey_csb *csb)
{
	const struct oa_media *base = oa_base(step, i);

	return a->old && !(base && base->how == OA_MIKEY) &&
	       csb->tgk_len == a->old->csb.tgk_len &&
	       !CRYPTO_memcmp(csb->tgk, a->old->csb.tgk, csb->tgk_len);
}

/*
 * Without V bit there is no R_MESSAGE, and nothing would tell an answer of this
 * transport from one in the clear.
 */
static bool is_mute(const struct oa_offered *line)
{
	return !line->reply &&
	       !sdp_proto_secure(line->media.leg[OA_ACCESS].proto);
}

static int take_offer(struct oa_step *step, unsigned int i,
		      struct oa_offered *line, struct asked *a)
{
	struct e2ae_mikey_csb csb;
	struct oa_bundle *bundle;
	int err;

	err = prepare(step, i, line, a);
	if (err)
		return err;
	if (a->session && step->shared)
		return share(step, i, line);
	err = respond(step, i, a, line, &csb);
	if (err)
		return err;
	if (restarts(step, i, a, &csb) || is_mute(line)) {
		e2ae_mikey_csb_wipe(&csb);
		return -EPROTO;
	}
	bundle = oa_bundle_new(&csb, a->psk);
	e2ae_mikey_csb_wipe(&csb);
	if (!bundle)
		return -ENOMEM;
	oa_bundle_put(line->media.theirs);
	line->media.theirs = bundle;
	if (a->session) {
		step->shared = bundle;
		line->reply_session = true;
		return share(step, i, line);
	}
	line->media.how = OA_MIKEY;
	oa_mikey_take_keys(&line->media, &oa_bench()->keys, 0, false);
	return 0;
}

/**
 * oa_mikey_take_offer() - judge the I_MESSAGE of the UE's offer
 * @step: the offer
 * @i: the m-line
 * @line: gets keys, bundle and reply
 *
 * Return: 0, or a negative errno with the verdict: failed key management is
 * never passed over.
 */
int oa_mikey_take_offer(struct oa_step *step, unsigned int i,
			struct oa_offered *line)
{
	static struct asked asked;
	int err;

	memset(&asked, 0, sizeof(asked));
	err = take_offer(step, i, line, &asked);
	if (!asked.session)
		OPENSSL_cleanse(&oa_bench()->keys, sizeof(oa_bench()->keys));
	OPENSSL_cleanse(&asked, sizeof(asked));
	if (err == -ENOMEM)
		return oa_no(step->no, OA_WHY_MEMORY);
	return err ? oa_no(step->no, OA_WHY_MIKEY) : 0;
}

/**
 * oa_mikey_put_answer() - our R_MESSAGE of the answer to the UE
 * @step: the answer
 * @i: the m-line
 * @line: what was offered
 *
 * Return: 0 or a negative errno.
 */
int oa_mikey_put_answer(struct oa_step *step, unsigned int i,
			const struct oa_offered *line)
{
	if (!line->reply)
		return 0;
	return oa_mikey_put(step, line->reply_session ? 0 : i, line->reply);
}

/**
 * oa_mikey_release() - an offer came to nothing before any SA existed
 * @oa: the call
 * @x: the offer; its messages may come once more
 */
void oa_mikey_release(struct oa *oa, const struct oa_exchange *x)
{
	unsigned int i;

	if (!x || x->answered || !oa->world->replay)
		return;
	for (i = 0; i < x->n; i++)
		if (x->line[i].has_seen)
			e2ae_mikey_replay_release(oa->world->replay,
						  &x->line[i].seen);
}

/**
 * oa_mikey_forget() - nobody has the pre-shared keys of a call any more
 * @oa: the call
 *
 * What was counted under them does not fill the cache for ever.
 */
void oa_mikey_forget(struct oa *oa)
{
	struct e2ae_mikey_id id;
	uint8_t psk[E2AE_KDF_LEN];
	unsigned int i, g;

	for (i = 0; i < oa->counters; i++) {
		for (g = 0; g < oa->terms.n_kmm; g++) {
			if (oa_mikey_identity(oa, i, &oa->kmm[g], &id, psk))
				continue;
			e2ae_mikey_replay_forget(
				oa->world->replay,
				(struct e2ae_octets){ id.octets, id.len });
			OPENSSL_cleanse(psk, sizeof(psk));
		}
	}
}
