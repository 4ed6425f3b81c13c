// SPDX-License-Identifier: GPL-2.0
/* How an m-line of an offer is to be secured on the access leg. */
#include <errno.h>
#include <string.h>

#include "inner.h"

/**
 * oa_mode() - what the operator wants of this call
 * @oa: the call
 *
 * Return: the mode for its direction.
 */
enum policy_mode oa_mode(const struct oa *oa)
{
	return oa->terms.role == E2AE_KDF_UE_CALLS ?
		       oa->terms.policy->originating :
		       oa->terms.policy->terminating;
}

static bool is_required(const struct oa *oa)
{
	return oa_mode(oa) == POLICY_REQUIRE && !oa->terms.emergency;
}

static bool is_listed(const struct policy *policy, enum policy_profile profile)
{
	size_t i;

	for (i = 0; i < policy->n_profiles; i++)
		if (policy->profiles[i] == profile)
			return true;
	return false;
}

static bool can_psk(const struct oa *oa)
{
	return oa->world->msrp && oa->terms.can_msrp && oa->terms.n_kmm;
}

/**
 * oa_may() - can this profile be used with this UE?
 * @oa: the call
 * @profile: the profile
 *
 * Keys never travel on signalling that anyone can read, and a pre-shared key is
 * worth nothing where what it is for can be changed.
 *
 * Return: whether policy, the UE's capability and its signalling allow it.
 */
bool oa_may(const struct oa *oa, enum policy_profile profile)
{
	const struct oa_terms *terms = &oa->terms;

	if (oa_mode(oa) == POLICY_OFF || !is_listed(terms->policy, profile))
		return false;
	if (!terms->protected && !oa->world->config->lab)
		return false;
	if (profile == POLICY_PSK_TLS)
		return can_psk(oa);
	if (!terms->policy->n_suites)
		return false;
	if (profile == POLICY_SDES)
		return terms->can_sdes;
	return profile == POLICY_MIKEY && terms->can_mikey && terms->n_kmm &&
	       terms->n_identities;
}

static int judge_e2e(struct oa_step *step, struct oa_offered *line)
{
	const struct policy *policy = step->oa->terms.policy;

	line->media.how = OA_E2E;
	if (step->oa->terms.emergency)
		return 0;
	if (line->media.applied)
		return oa_no(step->no, OA_WHY_DOWNGRADE);
	if (!policy->e2e_pass)
		return oa_no(step->no, OA_WHY_E2E);
	if (is_required(step->oa) && !policy->e2e_enough)
		return oa_no(step->no, OA_WHY_REQUIRED);
	return 0;
}

static int judge_plain(struct oa_step *step, struct oa_offered *line)
{
	line->media.how = OA_PLAIN;
	if (step->oa->terms.emergency)
		return 0;
	if (is_required(step->oa))
		return oa_no(step->no, OA_WHY_REQUIRED);
	return line->media.applied ? oa_no(step->no, OA_WHY_DOWNGRADE) : 0;
}

/*
 * Keys for us that we cannot use. What was offered without the promise of
 * security may go on without it; else the line ends, and with it the offer if
 * there is no other.
 */
static int judge_unusable(struct oa_step *step, struct oa_offered *line,
			  const struct sdp_media *m)
{
	if (!sdp_proto_secure(m->proto) || step->oa->terms.emergency) {
		line->stripped = true;
		return judge_plain(step, line);
	}
	line->refused = true;
	line->media.how = OA_OFF;
	return 0;
}

/* Keys of a UE for us. */
static bool is_for_edge(const struct oa_step *step, unsigned int i)
{
	return step->x->from == OA_ACCESS &&
	       (sdp_e2ae(step->sdp, i) != SDP_E2AE_NONE ||
		oa_mikey_to(step->oa, step->sdp, i) == OA_TO_EDGE);
}

/* RTP that we do not relay, as over TCP. */
static int judge_other_rtp(struct oa_step *step, unsigned int i,
			   struct oa_offered *line)
{
	struct sdp_key_mgmt key = SDP_FIRST_KEY;

	if (is_for_edge(step, i)) {
		line->stripped = true;
		return judge_plain(step, line);
	}
	return sdp_attr_has(step->sdp, i, "crypto") ||
			       sdp_key_mgmt_next(step->sdp, i, &key) ?
		       judge_e2e(step, line) :
		       judge_plain(step, line);
}

/* MSRP in the clear (RFC 4975). */
static int judge_msrp_plain(struct oa_step *step, struct oa_offered *line)
{
	bool applied = line->media.applied;

	line->media.how = OA_UNTOUCHED;
	if (step->oa->terms.emergency)
		return 0;
	if (is_required(step->oa))
		return oa_no(step->no, OA_WHY_REQUIRED);
	return applied ? oa_no(step->no, OA_WHY_DOWNGRADE) : 0;
}

/* The core offers MSRP in the clear: what the UE is offered. */
static int judge_msrp_core(struct oa_step *step, unsigned int i,
			   struct oa_offered *line)
{
	const struct oa_media *base = oa_base(step, i);
	bool stays = base &&
		     (base->how == OA_UNTOUCHED || base->how == OA_PSK_TLS);

	if (step->x->plain || (stays && base->how == OA_UNTOUCHED) ||
	    (!stays && !oa_may(step->oa, POLICY_PSK_TLS)))
		return judge_msrp_plain(step, line);
	line->media.how = OA_PSK_TLS;
	return 0;
}

static int judge_msrp(struct oa_step *step, unsigned int i,
		      struct oa_offered *line, const struct sdp_media *m)
{
	const struct oa *oa = step->oa;

	if (m->proto == SDP_PROTO_MSRP)
		return step->x->from == OA_CORE ?
			       judge_msrp_core(step, i, line) :
			       judge_msrp_plain(step, line);
	if (!is_for_edge(step, i))
		return judge_e2e(step, line);
	if (!oa_may(oa, POLICY_PSK_TLS) &&
	    !(oa->terms.emergency && can_psk(oa)))
		return judge_unusable(step, line, m);
	line->media.how = OA_PSK_TLS;
	return 0;
}

/* Media that are no RTP of ours, or that bring their security with them. */
static int judge_other(struct oa_step *step, unsigned int i,
		       struct oa_offered *line, const struct sdp_media *m)
{
	if (m->proto == SDP_PROTO_MSRP || m->proto == SDP_PROTO_TLS_MSRP)
		return judge_msrp(step, i, line, m);
	if (m->proto == SDP_PROTO_OTHER_SRTP && is_for_edge(step, i))
		return judge_unusable(step, line, m);
	if (sdp_proto_secure(m->proto))
		return judge_e2e(step, line);
	if (m->proto == SDP_PROTO_OTHER_RTP)
		return judge_other_rtp(step, i, line);
	line->media.how = OA_UNTOUCHED;
	return 0;
}

/* Tries a profile; -ENOENT if the next one may be tried. */
static int try_profile(struct oa_step *step, unsigned int i,
		       struct oa_offered *line, enum policy_profile profile,
		       enum oa_addressee to)
{
	const struct oa *oa = step->oa;
	bool emergency = oa->terms.emergency;
	int err;

	if (profile == POLICY_SDES &&
	    sdp_security(step->sdp, i) == SDP_SECURITY_E2AE &&
	    (oa_may(oa, profile) || emergency))
		return oa_sdes_take_offer(step, i, line);
	if (profile == POLICY_MIKEY && to == OA_TO_EDGE &&
	    oa_may(oa, profile)) {
		err = oa_mikey_take_offer(step, i, line);
		if (!err || !emergency)
			return err;
		memset(step->no, 0, sizeof(*step->no));
	}
	return -ENOENT;
}

static int choose_profile(struct oa_step *step, unsigned int i,
			  struct oa_offered *line, enum oa_addressee to)
{
	const struct policy *policy = step->oa->terms.policy;
	int err = -ENOENT;
	size_t p;

	for (p = 0; p < policy->n_profiles && err == -ENOENT; p++)
		err = try_profile(step, i, line, policy->profiles[p], to);
	if (err == -ENOENT && step->oa->terms.emergency)
		err = try_profile(step, i, line, POLICY_SDES, to);
	return err;
}

static int judge_access(struct oa_step *step, unsigned int i,
			struct oa_offered *line, const struct sdp_media *m)
{
	enum sdp_security security = sdp_security(step->sdp, i);
	enum oa_addressee to = oa_mikey_to(step->oa, step->sdp, i);
	int err;

	if (security == SDP_SECURITY_E2AE || to == OA_TO_EDGE) {
		err = choose_profile(step, i, line, to);
		if (err != -ENOENT)
			return err;
		return judge_unusable(step, line, m);
	}
	if (security == SDP_SECURITY_PLAIN)
		return judge_plain(step, line);
	if (security == SDP_SECURITY_UNUSABLE)
		return judge_unusable(step, line, m);
	return judge_e2e(step, line);
}

/* The core offers plain RTP: what the UE is offered. */
static int judge_core_plain(struct oa_step *step, struct oa_offered *line,
			    const struct oa_media *base)
{
	const struct policy *policy = step->oa->terms.policy;
	size_t p;

	if (step->x->plain)
		return judge_plain(step, line);
	if (base && (oa_is_srtp(base->how) || base->how == OA_PLAIN)) {
		line->media.how = base->how;
		return 0;
	}
	for (p = 0; p < policy->n_profiles; p++) {
		if (policy->profiles[p] == POLICY_PSK_TLS ||
		    !oa_may(step->oa, policy->profiles[p]))
			continue;
		line->media.how = policy->profiles[p] == POLICY_MIKEY ?
					  OA_MIKEY :
					  OA_SDES;
		return 0;
	}
	return judge_plain(step, line);
}

static int judge_core(struct oa_step *step, unsigned int i,
		      struct oa_offered *line, const struct sdp_media *m)
{
	switch (sdp_security(step->sdp, i)) {
	case SDP_SECURITY_PLAIN:
		return judge_core_plain(step, line, oa_base(step, i));
	case SDP_SECURITY_UNUSABLE:
		return judge_unusable(step, line, m);
	default:
		return judge_e2e(step, line);
	}
}

/*
 * The line ends. Its keys are none of the core's business, and its transport
 * there is the one that it had there or would have.
 */
static void judge_off(const struct oa_step *step, unsigned int i,
		      struct oa_offered *line, const struct sdp_media *m)
{
	const struct oa_media *base = oa_base(step, i);
	bool ours = oa_rtp(m->proto) ||
		    (m->proto == SDP_PROTO_TLS_MSRP &&
		     (is_for_edge(step, i) || line->media.applied));

	line->stripped = step->x->from == OA_ACCESS && ours &&
			 !(base && base->how == OA_E2E);
	line->media.how = OA_OFF;
}

/**
 * oa_judge() - how is an m-line of an offer to be secured?
 * @step: the offer
 * @i: the m-line, from 1
 * @line: gets how, and the keys of the UE's offer
 *
 * Return: 0, or a negative errno with the verdict.
 */
int oa_judge(struct oa_step *step, unsigned int i, struct oa_offered *line)
{
	struct sdp_media m;
	int err;

	err = sdp_media(step->sdp, i, &m);
	if (err)
		return err;
	line->media.leg[step->x->from].direction = sdp_direction(step->sdp, i);
	line->media.leg[step->x->from].proto = m.proto;
	if (!m.port) {
		judge_off(step, i, line, &m);
		return 0;
	}
	if (!oa_rtp(m.proto))
		return judge_other(step, i, line, &m);
	if (step->x->from == OA_ACCESS)
		return judge_access(step, i, line, &m);
	return judge_core(step, i, line, &m);
}
