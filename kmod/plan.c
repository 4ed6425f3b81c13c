// SPDX-License-Identifier: GPL-2.0
/* What a stream will be, complete and checked, before any of it is done. */
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

static int plan_sa(struct e2ae_net *en, const struct e2ae_stream_spec *spec,
		   int side, int attr, struct e2ae_sa **sa,
		   struct e2ae_refusal *no)
{
	bool out = attr == E2AE_A_LEG_OUT_SA;
	u8 dir = out ? E2AE_DIRECTION_OUT : E2AE_DIRECTION_IN;
	const struct e2ae_leg_spec *leg = &spec->leg[side];
	u32 id = out ? leg->out_sa : leg->in_sa;
	struct e2ae_sa *new = NULL;

	if (!(leg->given & BIT(attr)))
		return 0;
	if (id) {
		new = find_sa(en, spec, id);
		if (!new)
			return e2ae_refuse(no, side, attr,
					   "there is no SA with this id", -ENOENT);
		if (new->dir != E2AE_DIRECTION_UNUSED && new->dir != dir)
			return e2ae_refuse(no, side, attr, out ?
					   "this SA is in use for receiving" :
					   "this SA is in use for sending", -EINVAL);
	}
	/* The same key offered again goes on where it is. */
	if (new && *sa && new->users && new->ctxs != (*sa)->ctxs &&
	    e2ae_ctxs_same_key(new->ctxs, (*sa)->ctxs))
		return e2ae_refuse(no, side, attr,
				   "this SA has the key of the one it replaces, but is in use elsewhere",
				   -EINVAL);
	*sa = new;
	return 0;
}

static bool clash(const struct e2ae_sa *a, const struct e2ae_sa *b)
{
	return a && b && (a == b || e2ae_ctxs_same_master(a->ctxs, b->ctxs));
}

/*
 * Directions of a stream must not share a master key: with equal SSRCs they
 * would share keystream (RFC 3711, 9.1). Receiving twice is no such case.
 */
static int check_keys(const struct e2ae_leg_plan plan[2], struct e2ae_refusal *no)
{
	int side, peer;

	for (side = 0; side < 2; side++)
		for (peer = 0; peer < 2; peer++)
			if (clash(plan[side].out, plan[peer].in))
				return e2ae_refuse(no, side, E2AE_A_LEG_OUT_SA,
						   "two SAs of the stream have the same master key",
						   -EINVAL);
	if (plan[0].out != plan[1].out && clash(plan[0].out, plan[1].out))
		return e2ae_refuse(no, 1, E2AE_A_LEG_OUT_SA,
				   "two SAs of the stream have the same master key",
				   -EINVAL);
	return 0;
}

static int plan_paths(struct e2ae_leg_plan *plan)
{
	bool mux = plan->conf.rtcp_mode == E2AE_RTCP_MODE_MUX;

	plan->path[0] = e2ae_path_create(&plan->conf, false);
	if (!mux)
		plan->path[1] = e2ae_path_create(&plan->conf, true);
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
	      const struct e2ae_stream_spec *spec,
	      struct e2ae_leg_plan plan[2], struct e2ae_refusal *no)
{
	struct e2ae_net *en = stream->en;
	int side, err;

	for (side = 0; side < 2; side++) {
		const struct e2ae_leg_spec *leg = &spec->leg[side];

		plan[side].conf = stream->leg[side].conf;
		plan[side].in = e2ae_sa_held(en, stream->leg[side].in);
		plan[side].out = e2ae_sa_held(en, stream->leg[side].out);
		plan[side].again = fresh ||
			leg->given & (BIT(E2AE_A_LEG_PEER_ADDR) |
				      BIT(E2AE_A_LEG_SOURCE) |
				      BIT(E2AE_A_LEG_LATCH_ADDR) |
				      BIT(E2AE_A_LEG_IFINDEX));
		err = (fresh ? e2ae_conf_new : e2ae_conf_set)(&plan[side].conf,
							      leg, side, no);
		if (!err)
			err = plan_sa(en, spec, side, E2AE_A_LEG_IN_SA,
				      &plan[side].in, no);
		if (!err)
			err = plan_sa(en, spec, side, E2AE_A_LEG_OUT_SA,
				      &plan[side].out, no);
		if (err)
			return err;
	}
	err = check_keys(plan, no);
	if (!err)
		err = e2ae_conf_pair(&plan[0].conf, &plan[1].conf, no);
	if (err)
		return err;
	e2ae_refuse(no, -1, 0, "out of memory", 0);
	return plan_paths(&plan[0]) ?: plan_paths(&plan[1]);
}
