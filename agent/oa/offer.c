// SPDX-License-Identifier: GPL-2.0
/* An offer on its way through (RFC 3264, 5 and 8). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

/* Starts from what was agreed on. */
static void start_line(struct oa_step *step, unsigned int i,
		       struct oa_offered *line)
{
	const struct oa_media *base = oa_base(step, i);

	if (base)
		oa_media_copy(&line->media, base);
}

static int judge_lines(struct oa_step *step)
{
	struct oa_exchange *x = step->x;
	bool refused = false, alive = false;
	unsigned int i;
	int err;

	for (i = 1; i <= x->n; i++) {
		struct oa_offered *line = &x->line[i - 1];

		start_line(step, i, line);
		err = oa_judge(step, i, line);
		if (err)
			return err;
		refused |= line->refused;
		alive |= line->media.how != OA_OFF;
		if (!oa_is_secured(line->media.how)) {
			enum oa_how how = line->media.how;
			struct oa_leg leg = line->media.leg[x->from];

			oa_media_clear(&line->media);
			line->media.how = how;
			line->media.leg[x->from] = leg;
		}
	}
	return refused && !alive ? oa_no(step->no, OA_WHY_KEYS) : 0;
}

/* Where the offerer is. A side that holds in the old way is where it was. */
static int read_leg(struct oa_step *step, unsigned int i,
		    struct oa_offered *line)
{
	const struct oa_media *base = oa_base(step, i);
	enum oa_side from = step->x->from;
	struct oa_leg *leg = &line->media.leg[from];
	int err;

	err = oa_leg_read(step->sdp, i, leg);
	if (err)
		return oa_no(step->no,
			     err == -EAFNOSUPPORT ? OA_WHY_FAMILY : OA_WHY_SDP);
	if (!leg->rtp.sa.sa_family && base) {
		leg->rtp = base->leg[from].rtp;
		leg->rtcp = base->leg[from].rtcp;
	}
	if (from == OA_ACCESS && oa_moved(base, &line->media) &&
	    !step->oa->terms.policy->same_key && !step->oa->terms.emergency)
		return oa_no(step->no, OA_WHY_SAME_KEY);
	return 0;
}

/**
 * oa_offer_anchor() - the anchor there is, or another where the offerer changed
 *	its family, or the kind of media
 * @step: the offer
 * @line: an m-line that is to be secured, with where the offerer is
 *
 * Return: 0, or a negative errno with the verdict.
 */
int oa_offer_anchor(struct oa_step *step, struct oa_offered *line)
{
	struct oa_media *media = &line->media;
	enum oa_side from = step->x->from, to = oa_other(from);
	bool msrp = media->how == OA_PSK_TLS;
	int family[2], old = 0, err;

	if (media->anchor && msrp != !!media->anchor->relay) {
		oa_anchor_put(media->anchor);
		media->anchor = NULL;
	}
	if (media->anchor)
		old = media->anchor->local[to].sa.sa_family;
	family[from] =
		oa_family(step->oa, from, media->leg[from].rtp.sa.sa_family);
	family[to] = oa_family(step->oa, to, old);
	if (family[from] < 0 || family[to] < 0)
		return oa_no(step->no, OA_WHY_FAMILY);
	if (media->anchor &&
	    media->anchor->local[from].sa.sa_family == family[from])
		return 0;
	oa_anchor_put(media->anchor);
	media->anchor = NULL;
	err = oa_anchor_new(step->oa, family, &media->anchor);
	if (err)
		return oa_no(step->no,
			     err == -ENOMEM ? OA_WHY_MEMORY : OA_WHY_PORTS);
	line->fresh = true;
	return 0;
}

static uint32_t largest_suite(const struct oa *oa,
			      const struct oa_offered *line)
{
	const struct policy *policy = oa->terms.policy;
	size_t s;

	if (!line->fresh)
		return line->media.out.suite;
	for (s = 0; s < policy->n_suites; s++)
		if (policy->suites[s] == E2AE_SUITE_AEAD_AES_128_GCM ||
		    policy->suites[s] == E2AE_SUITE_AEAD_AES_256_GCM)
			return policy->suites[s];
	return 0;
}

static int to_core(struct oa_step *step, unsigned int i,
		   struct oa_offered *line)
{
	int err;

	oa_read_pace(step->sdp, i, &line->media, line->media.in.suite);
	err = oa_edit_anchored(step->sdp, i, &line->media, OA_CORE, line->mux);
	if (!err)
		err = sdp_set_secure(step->sdp, i, false);
	if (!err)
		err = sdp_add_bandwidth(step->sdp, i, -line->media.grow);
	return err < 0 ? err : 0;
}

static int to_access(struct oa_step *step, unsigned int i,
		     struct oa_offered *line)
{
	int err;

	oa_read_pace(step->sdp, i, &line->media, largest_suite(step->oa, line));
	err = oa_edit_anchored(step->sdp, i, &line->media, OA_ACCESS,
			       line->mux);
	if (!err)
		err = sdp_set_secure(step->sdp, i, true);
	if (!err)
		err = sdp_add_bandwidth(step->sdp, i, line->media.grow);
	if (err < 0)
		return err;
	return line->media.how == OA_SDES ? oa_sdes_put_offer(step, i, line) :
					    oa_mikey_put_offer(step, i, line);
}

static int secure_line(struct oa_step *step, unsigned int i,
		       struct oa_offered *line)
{
	const struct oa_media *base = oa_base(step, i);
	int err;

	line->fresh = !base || !oa_is_srtp(base->how);
	line->media.applied = true;
	err = read_leg(step, i, line);
	if (!err)
		err = oa_offer_anchor(step, line);
	if (err)
		return err;
	line->mux = line->media.leg[step->x->from].mux;
	return step->x->from == OA_ACCESS ? to_core(step, i, line) :
					    to_access(step, i, line);
}

/* What does not come to us goes on as it is, but for marks and keys for us. */
static int pass_line(struct oa_step *step, unsigned int i,
		     struct oa_offered *line)
{
	enum sdp_proto proto = line->media.leg[step->x->from].proto;
	bool hide;
	int err = 0;

	if (line->refused || line->stripped)
		sdp_strip_keys(step->sdp, i);
	if (step->x->from == OA_ACCESS)
		oa_edit_guard(step->sdp, i, line->media.how);
	if (line->refused)
		err = sdp_set_port(step->sdp, i, 0);
	/* To the core no line promises security that it does not have. */
	hide = line->stripped || (line->refused && step->x->from == OA_ACCESS);
	if (!err && hide && sdp_proto_other(proto, false))
		err = sdp_set_secure(step->sdp, i, false);
	return err;
}

static int change_lines(struct oa_step *step)
{
	struct oa_exchange *x = step->x;
	unsigned int i;
	int err = 0;

	oa_edit_session(step, oa_other(x->from));
	for (i = 1; i <= x->n && !err; i++) {
		struct oa_offered *line = &x->line[i - 1];

		if (line->media.how == OA_PSK_TLS)
			err = oa_msrp_offer(step, i, line);
		else if (oa_is_secured(line->media.how))
			err = secure_line(step, i, line);
		else
			err = pass_line(step, i, line);
	}
	return err;
}

/**
 * oa_offer_make() - work an offer over
 * @step: the offer, with an empty exchange that gets its m-lines
 *
 * Return: 0, or a negative errno; without a verdict the errno tells.
 */
int oa_offer_make(struct oa_step *step)
{
	struct oa_exchange *x = step->x;
	int err;

	x->n = step->sdp->n_media;
	if (x->n < step->n_base)
		return oa_no(step->no, OA_WHY_LINES);
	if (x->n) {
		x->line = calloc(x->n, sizeof(x->line[0]));
		if (!x->line) {
			x->n = 0;
			return -ENOMEM;
		}
	}
	if (x->from == OA_CORE) {
		sdp_remove(step->sdp, SDP_EVERY, "3ge2ae");
		oa_mikey_strip_edge(step->oa, step->sdp, OA_ACCESS);
	}
	err = judge_lines(step);
	return err ? err : change_lines(step);
}
