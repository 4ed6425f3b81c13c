// SPDX-License-Identifier: GPL-2.0
/* An answer on its way through (RFC 3264, 6). */
#include <errno.h>
#include <string.h>

#include "inner.h"

/* The m-line ends. To whom we showed another transport its own is restored. */
static int end_line(struct oa_step *step, unsigned int i,
		    const struct oa_offered *line, struct oa_media *made)
{
	enum oa_side to = step->x->from;
	enum sdp_proto proto = line->media.leg[to].proto;
	bool shown = oa_is_secured(line->media.how) || line->refused ||
		     line->stripped;
	int err = 0;

	if (to == OA_CORE || shown)
		sdp_strip_keys(step->sdp, i);
	if (shown && sdp_proto_other(proto, sdp_proto_secure(proto)))
		err = oa_edit_proto(step->sdp, i, proto);
	if (!err)
		err = sdp_set_port(step->sdp, i, 0);
	oa_media_clear(made);
	made->how = OA_OFF;
	return err;
}

static int read_leg(struct oa_step *step, unsigned int i,
		    const struct oa_offered *line, struct oa_media *made)
{
	enum oa_side by = oa_other(step->x->from);
	const struct oa_media *base = oa_base(step, i);
	struct oa_leg *leg = &made->leg[by];
	int err;

	err = oa_leg_read(step->sdp, i, leg);
	if (err)
		return oa_no(step->no,
			     err == -EAFNOSUPPORT ? OA_WHY_FAMILY : OA_WHY_SDP);
	leg->mux = leg->mux && line->mux;
	if (!leg->rtp.sa.sa_family && base) {
		leg->rtp = base->leg[by].rtp;
		leg->rtcp = base->leg[by].rtcp;
	}
	if (leg->rtp.sa.sa_family &&
	    leg->rtp.sa.sa_family != made->anchor->local[by].sa.sa_family)
		return oa_no(step->no, OA_WHY_FAMILY);
	if (by == OA_ACCESS && oa_moved(base, made) &&
	    !step->oa->terms.policy->same_key && !step->oa->terms.emergency)
		return oa_no(step->no, OA_WHY_SAME_KEY);
	return 0;
}

/* The core accepts in the clear what the UE offered with keys. */
static int answer_to_access(struct oa_step *step, unsigned int i,
			    struct oa_offered *line, struct oa_media *made,
			    const struct sdp_media *m)
{
	const struct oa_leg *ue = &made->leg[OA_ACCESS];
	int err;

	if (!oa_rtp(m->proto) || sdp_proto_secure(m->proto))
		return oa_no(step->no, OA_WHY_PROFILE);
	err = read_leg(step, i, line, made);
	if (!err && made->how == OA_SDES)
		err = oa_sdes_own_key(step, i, made);
	if (!err)
		err = oa_edit_anchored(step->sdp, i, made, OA_ACCESS, ue->mux);
	if (!err)
		err = oa_edit_proto(step->sdp, i, ue->proto);
	if (!err)
		err = sdp_add_bandwidth(step->sdp, i, made->grow);
	if (err < 0)
		return err;
	return made->how == OA_SDES ? oa_sdes_put_answer(step, i, made) :
				      oa_mikey_put_answer(step, i, line);
}

/* The UE accepts with keys what the core offered in the clear. */
static int answer_to_core(struct oa_step *step, unsigned int i,
			  struct oa_offered *line, struct oa_media *made,
			  const struct sdp_media *m)
{
	const struct oa_leg *core = &made->leg[OA_CORE];
	int err;

	if (!oa_rtp(m->proto) ||
	    sdp_proto_other(m->proto, true) !=
		    sdp_proto_other(core->proto, true) ||
	    !sdp_proto_secure(m->proto))
		return oa_no(step->no, OA_WHY_PROFILE);
	err = made->how == OA_SDES ? oa_sdes_take_answer(step, i, line, made) :
				     oa_mikey_take_answer(step, i, line, made);
	if (!err)
		err = read_leg(step, i, line, made);
	if (!err)
		err = oa_edit_anchored(step->sdp, i, made, OA_CORE, core->mux);
	if (!err)
		err = oa_edit_proto(step->sdp, i, core->proto);
	if (!err)
		err = sdp_add_bandwidth(step->sdp, i, -made->grow);
	return err < 0 ? err : 0;
}

/* End to end counts as security only if the answer has it too. */
static bool still_enough(const struct oa_step *step, unsigned int i)
{
	enum sdp_security security = sdp_security(step->sdp, i);

	return oa_mode(step->oa) != POLICY_REQUIRE ||
	       step->oa->terms.emergency || security == SDP_SECURITY_E2E ||
	       security == SDP_SECURITY_KEY_MGMT ||
	       security == SDP_SECURITY_E2AE;
}

static int answer_past_us(struct oa_step *step, unsigned int i,
			  struct oa_media *made)
{
	made->leg[oa_other(step->x->from)].direction =
		sdp_direction(step->sdp, i);
	if (made->how == OA_E2E && !still_enough(step, i))
		return oa_no(step->no, OA_WHY_REQUIRED);
	if (made->how == OA_PLAIN && step->x->from == OA_CORE)
		sdp_strip_keys(step->sdp, i);
	if (step->x->from == OA_CORE)
		oa_edit_guard(step->sdp, i, made->how);
	return 0;
}

static int answer_line(struct oa_step *step, unsigned int i,
		       struct oa_offered *line, struct oa_media *made)
{
	struct sdp_media m;
	int err;

	err = sdp_media(step->sdp, i, &m);
	if (err)
		return err;
	if (line->media.how == OA_OFF || !m.port)
		return end_line(step, i, line, made);
	if (!oa_is_secured(line->media.how))
		return answer_past_us(step, i, made);
	if (line->media.how == OA_PSK_TLS)
		return oa_msrp_answer(step, i, made, &m);
	return step->x->from == OA_ACCESS ?
		       answer_to_access(step, i, line, made, &m) :
		       answer_to_core(step, i, line, made, &m);
}

/**
 * oa_answer_make() - work an answer over
 * @step: the answer
 * @made: m-lines as they will be agreed on, zeroed
 *
 * Return: 0, or a negative errno; without a verdict the errno tells.
 */
int oa_answer_make(struct oa_step *step, struct oa_media *made)
{
	struct oa_exchange *x = step->x;
	unsigned int i;
	int err;

	if (step->sdp->n_media != x->n)
		return oa_no(step->no, OA_WHY_LINES);
	/* The core's marks go before ours come, the UE's when they were read. */
	if (x->from == OA_ACCESS)
		oa_edit_session(step, OA_ACCESS);
	for (i = 1; i <= x->n; i++) {
		struct oa_offered *line = &x->line[i - 1];

		oa_media_copy(&made[i - 1], &line->media);
		err = answer_line(step, i, line, &made[i - 1]);
		if (err)
			return err;
	}
	if (x->from == OA_CORE)
		oa_edit_session(step, OA_CORE);
	return 0;
}
