// SPDX-License-Identifier: GPL-2.0
/* What a stream will be, complete and checked, before any of it is done. */
#include <linux/slab.h>

#include "conf.h"
#include "leg.h"
#include "plan.h"

/**
 * e2ae_plan_drop() - free what a plan holds and was not used
 * @plan: by enum e2ae_leg_side
 */
void e2ae_plan_drop(struct e2ae_leg_plan plan[2])
{
	int side;

	for (side = 0; side < 2; side++) {
		e2ae_path_destroy(plan[side].path[0]);
		e2ae_path_destroy(plan[side].path[1]);
		kfree(plan[side].use[0]);
		kfree(plan[side].use[1]);
	}
}

/* Nested SAs can be named like those that were there before. */
static struct e2ae_sa *find_sa(struct e2ae_net *en,
			       const struct e2ae_stream_spec *spec, u32 id)
{
	u32 i;

	for (i = 0; i < spec->n_sas; i++)
		if (spec->sas[i]->id == id)
			return spec->sas[i];
	return e2ae_sa_find(en, id);
}

/* Why an SA cannot take a place it did not have. */
static const char *unfit(const struct e2ae_stream *stream,
			 const struct e2ae_sa *sa, u8 dir)
{
	const struct e2ae_key_use *use;

	if (sa->dir != E2AE_DIRECTION_UNUSED && sa->dir != dir)
		return sa->dir == E2AE_DIRECTION_IN ?
			       "this SA is in use for receiving" :
			       "this SA is in use for sending";
	if (e2ae_keys_clash(&stream->keys, sa->ctxs, dir))
		return "the other direction of the stream has had this master key";
	if (sa->dir == E2AE_DIRECTION_UNUSED)
		return dir == E2AE_DIRECTION_OUT ? e2ae_ctxs_unfit(sa->ctxs) :
						   NULL;
	/* The same key offered again has to go on where it was. */
	use = e2ae_keys_find(&stream->keys, sa->ctxs, dir);
	return use && use->ctxs != sa->ctxs ?
		       "the stream has had this key under an SA of its own: make a new SA" :
		       NULL;
}

static int plan_use(struct e2ae_stream *stream, struct e2ae_leg_plan *plan,
		    const struct e2ae_sa *sa, u8 dir)
{
	bool out = dir == E2AE_DIRECTION_OUT;

	if (e2ae_keys_find(&stream->keys, sa->ctxs, dir))
		return 0;
	if (stream->n_keys + 4 > E2AE_MAX_KEYS)
		return -ENOSPC;
	plan->use[out] = kzalloc(sizeof(*plan->use[out]), GFP_KERNEL_ACCOUNT);
	return plan->use[out] ? 0 : -ENOMEM;
}

static int plan_sa(struct e2ae_stream *stream,
		   const struct e2ae_stream_spec *spec, int side, int attr,
		   struct e2ae_leg_plan *plan, struct e2ae_refusal *no)
{
	bool out = attr == E2AE_A_LEG_OUT_SA;
	u8 dir = out ? E2AE_DIRECTION_OUT : E2AE_DIRECTION_IN;
	struct e2ae_sa **sa = out ? &plan->out : &plan->in, *was = *sa;
	const struct e2ae_leg_spec *leg = &spec->leg[side];
	u32 id = out ? leg->out_sa : leg->in_sa;
	const char *why;
	int err;

	if (!(leg->given & BIT(attr)))
		return 0;
	*sa = NULL;
	if (!id)
		return 0;
	*sa = find_sa(stream->en, spec, id);
	if (!*sa)
		return e2ae_refuse(no, side, attr,
				   "there is no SA with this id", -ENOENT);
	if (*sa == was)
		return 0;
	why = unfit(stream, *sa, dir);
	if (why)
		return e2ae_refuse(no, side, attr, why, -EINVAL);
	err = plan_use(stream, plan, *sa, dir);
	if (err)
		e2ae_refuse(
			no, side, attr,
			err == -ENOSPC ?
				"the stream has had too many keys: make another" :
				"out of memory",
			err);
	return err;
}

/*
 * The directions of a stream must not share a master key: with equal SSRCs
 * they would share keystream (RFC 3711, 9.1).
 */
static int check_keys(const struct e2ae_leg_plan plan[2],
		      struct e2ae_refusal *no)
{
	const struct e2ae_sa *sa[4] = {
		plan[0].in,
		plan[0].out,
		plan[1].in,
		plan[1].out,
	};
	int i, k;

	for (i = 0; i < 4; i++)
		for (k = i + 1; k < 4; k++)
			if (sa[i] && sa[k] &&
			    e2ae_ctxs_same_master(sa[i]->ctxs, sa[k]->ctxs))
				return e2ae_refuse(
					no, k / 2,
					k % 2 ? E2AE_A_LEG_OUT_SA :
						E2AE_A_LEG_IN_SA,
					"two SAs of the stream have the same master key",
					-EINVAL);
	return 0;
}

/* What gives a channel's peer anew; RTCP follows RTP. */
#define AGAIN_RTP                                             \
	(BIT(E2AE_A_LEG_PEER_ADDR) | BIT(E2AE_A_LEG_SOURCE) | \
	 BIT(E2AE_A_LEG_LATCH_ADDR) | BIT(E2AE_A_LEG_IFINDEX))
#define AGAIN_RTCP                                    \
	(AGAIN_RTP | BIT(E2AE_A_LEG_RTCP_PEER_ADDR) | \
	 BIT(E2AE_A_LEG_RTCP_PEER_PORT))

static int plan_paths(struct net *net, struct e2ae_leg_plan *plan)
{
	bool mux = plan->conf.rtcp_mode == E2AE_RTCP_MODE_MUX;

	plan->path[0] = e2ae_path_create(net, &plan->conf, false);
	if (!mux)
		plan->path[1] = e2ae_path_create(net, &plan->conf, true);
	return plan->path[0] && (mux || plan->path[1]) ? 0 : -ENOMEM;
}

/**
 * e2ae_plan() - what a stream will be, from what it is and what is asked
 * @stream: the stream; nothing of it is changed
 * @fresh: it is new
 * @spec: what the client asks
 * @plan: zeroed, filled in; for e2ae_plan_drop(), also on error
 * @no: why not, on error
 *
 * Context: Process, en->lock held; sleeps.
 * Return: 0 or a negative errno.
 */
int e2ae_plan(struct e2ae_stream *stream, bool fresh,
	      const struct e2ae_stream_spec *spec, struct e2ae_leg_plan plan[2],
	      struct e2ae_refusal *no)
{
	struct e2ae_net *en = stream->en;
	int side, err;

	for (side = 0; side < 2; side++) {
		const struct e2ae_leg_spec *leg = &spec->leg[side];

		plan[side].conf = stream->leg[side].conf;
		plan[side].in = e2ae_sa_held(en, stream->leg[side].in);
		plan[side].out = e2ae_sa_held(en, stream->leg[side].out);
		plan[side].again[0] = fresh || leg->given & AGAIN_RTP;
		plan[side].again[1] = fresh || leg->given & AGAIN_RTCP;
		err = (fresh ? e2ae_conf_new : e2ae_conf_set)(&plan[side].conf,
							      leg, side, no);
		if (!err)
			err = plan_sa(stream, spec, side, E2AE_A_LEG_IN_SA,
				      &plan[side], no);
		if (!err)
			err = plan_sa(stream, spec, side, E2AE_A_LEG_OUT_SA,
				      &plan[side], no);
		if (err)
			return err;
	}
	err = check_keys(plan, no);
	if (!err)
		err = e2ae_conf_pair(&plan[0].conf, &plan[1].conf, no);
	if (err)
		return err;
	e2ae_refuse(no, -1, 0, "out of memory", 0);
	return plan_paths(en->net, &plan[0]) ?: plan_paths(en->net, &plan[1]);
}
