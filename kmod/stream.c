// SPDX-License-Identifier: GPL-2.0
/*
 * Streams: made, changed and removed as the client asks, all or nothing. A
 * change is planned and checked in full (plan.c) before anything of it is done.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "chan.h"
#include "conf.h"
#include "hook.h"
#include "ingress.h"
#include "leg.h"
#include "plan.h"
#include "watch.h"

static struct kmem_cache *stream_cache;

/**
 * e2ae_stream_find() - look a stream up
 * @en: namespace
 * @id: its id
 *
 * Context: en->lock or RCU held.
 * Return: the stream or NULL.
 */
struct e2ae_stream *e2ae_stream_find(struct e2ae_net *en, u32 id)
{
	return xa_load(&en->streams, id);
}

/* Puts the nested SAs where ids are looked up. */
static int publish_sas(struct e2ae_net *en, struct e2ae_stream_spec *spec,
		       struct e2ae_refusal *no)
{
	u32 i;
	int err;

	for (i = 0; i < spec->n_sas; i++) {
		err = e2ae_sa_publish(spec->sas[i]);
		if (err)
			goto out_undo;
	}
	return 0;

out_undo:
	while (i--)
		e2ae_sa_unpublish(spec->sas[i]);
	return e2ae_refuse(
		no, -1, 0,
		err == -EEXIST ?
			"the id of a nested SA is taken" :
		err == -ENOSPC ?
			"the namespace has as many SAs as it may (max-sas)" :
			"out of memory",
		err);
}

static void unpublish_sas(struct e2ae_stream_spec *spec)
{
	u32 i;

	for (i = 0; i < spec->n_sas; i++)
		e2ae_sa_unpublish(spec->sas[i]);
}

static int refuse_listing(struct e2ae_refusal *no, int side, bool rtcp, int err)
{
	if (err != -EEXIST)
		return e2ae_refuse(no, side, 0, "out of memory", err);
	return e2ae_refuse(
		no, side, rtcp ? E2AE_A_LEG_RTCP_PORT : E2AE_A_LEG_LOCAL_PORT,
		rtcp ? "the leg's RTCP address and port belong to another leg" :
		       "the leg's address and port belong to another leg",
		err);
}

/* Gives a channel its new path; keeps a peer that was latched unless @again. */
static void switch_path(struct e2ae_chan *chan, struct e2ae_path *path,
			bool again)
{
	const struct e2ae_path *old;

	old = rcu_dereference_protected(chan->path,
					lockdep_is_held(&chan->leg->lock));
	if (old && !again) {
		path->latched = old->latched;
		if (old->latched || !path->peer.family) {
			path->peer = old->peer;
			path->oif = old->oif;
		}
	}
	/* Until somebody latches, media goes on to whom it went. */
	if (old && again && !path->peer.family) {
		path->peer = old->peer;
		path->oif = path->ifindex ?: old->oif;
	}
	e2ae_path_replace(chan, path);
}

static void apply_paths(struct e2ae_leg *leg, struct e2ae_leg_plan *plan)
{
	spin_lock_bh(&leg->lock);
	if (plan->path[0])
		switch_path(&leg->rtp, plan->path[0], plan->again[0]);
	if (plan->path[1])
		switch_path(&leg->rtcp, plan->path[1], plan->again[1]);
	spin_unlock_bh(&leg->lock);
	plan->path[0] = NULL;
	plan->path[1] = NULL;
}

/* Takes an SA into use; its key is remembered as long as the stream is. */
static void take(struct e2ae_stream *stream, struct e2ae_sa *sa, u8 dir,
		 struct e2ae_key_use **use)
{
	struct e2ae_key_use *had;

	if (dir == E2AE_DIRECTION_IN && sa->dir == E2AE_DIRECTION_UNUSED) {
		had = e2ae_keys_find(&stream->keys, sa->ctxs, dir);
		if (had)
			e2ae_sa_adopt(sa, had->ctxs);
	}
	e2ae_sa_hold(sa, dir);
	if (*use)
		stream->n_keys++;
	e2ae_keys_note(&stream->keys, *use, sa->ctxs, dir);
	*use = NULL;
}

/* The old receive SA, whose peer may not have switched yet, stays a while. */
static void apply_in(struct e2ae_leg *leg, struct e2ae_sa *new,
		     struct e2ae_key_use **use)
{
	struct e2ae_net *en = leg->stream->en;
	struct e2ae_sa *was = e2ae_sa_held(en, leg->in);

	if (was == new)
		return;
	if (new)
		take(leg->stream, new, E2AE_DIRECTION_IN, use);
	e2ae_leg_forget_old(leg);
	if (was && new && leg->stream->grace && was->ctxs != new->ctxs) {
		WRITE_ONCE(leg->old_until,
			   jiffies + msecs_to_jiffies(leg->stream->grace));
		rcu_assign_pointer(leg->old_in, was);
		was = NULL;
	}
	rcu_assign_pointer(leg->in, new);
	if (was)
		e2ae_sa_release(was);
}

static void apply_out(struct e2ae_leg *leg, struct e2ae_sa *new,
		      struct e2ae_key_use **use)
{
	struct e2ae_net *en = leg->stream->en;
	struct e2ae_sa *was = e2ae_sa_held(en, leg->out);

	if (was == new)
		return;
	if (new)
		take(leg->stream, new, E2AE_DIRECTION_OUT, use);
	rcu_assign_pointer(leg->out, new);
	if (was)
		e2ae_sa_release(was);
}

static void apply_times(struct e2ae_stream *stream,
			const struct e2ae_stream_spec *spec)
{
	int side;

	if (E2AE_GIVEN(spec, E2AE_A_STREAM_GRACE))
		stream->grace = spec->grace;
	if (E2AE_GIVEN(spec, E2AE_A_STREAM_CLOCK_RATE)) {
		stream->clock_rate = spec->clock_rate;
		for (side = 0; side < 2; side++)
			e2ae_flow_set_rate(&stream->leg[side].flow,
					   spec->clock_rate);
	}
	if (!E2AE_GIVEN(spec, E2AE_A_STREAM_TIMEOUT))
		return;
	stream->timeout = spec->timeout;
	for (side = 0; side < 2; side++) {
		WRITE_ONCE(stream->leg[side].heard, jiffies);
		WRITE_ONCE(stream->leg[side].silent, false);
	}
}

static void apply(struct e2ae_stream *stream,
		  const struct e2ae_stream_spec *spec,
		  struct e2ae_leg_plan plan[2])
{
	int side;

	apply_times(stream, spec);
	for (side = 0; side < 2; side++) {
		struct e2ae_leg *leg = &stream->leg[side];

		leg->conf = plan[side].conf;
		apply_in(leg, plan[side].in, &plan[side].use[0]);
		apply_out(leg, plan[side].out, &plan[side].use[1]);
		apply_paths(leg, &plan[side]);
		WRITE_ONCE(leg->mux, leg->conf.rtcp_mode == E2AE_RTCP_MODE_MUX);
	}
	e2ae_watch_update(stream);
}

static void init_leg(struct e2ae_stream *stream, int side, u32 clock_rate)
{
	struct e2ae_leg *leg = &stream->leg[side];

	leg->stream = stream;
	leg->other = &stream->leg[!side];
	leg->side = side;
	leg->heard = jiffies;
	spin_lock_init(&leg->lock);
	leg->rtp.leg = leg;
	leg->rtcp.leg = leg;
	leg->rtcp.rtcp = true;
	e2ae_flow_init(&leg->flow, clock_rate);
}

static struct e2ae_stream *create(struct e2ae_net *en,
				  const struct e2ae_stream_spec *spec)
{
	struct e2ae_stream *stream;
	int side;

	stream = kmem_cache_zalloc(stream_cache, GFP_KERNEL_ACCOUNT);
	if (!stream)
		return NULL;
	stream->en = en;
	stream->id = spec->id;
	stream->grace = E2AE_DEF_GRACE;
	stream->clock_rate = E2AE_DEF_CLOCK_RATE;
	INIT_LIST_HEAD(&stream->watched);
	INIT_LIST_HEAD(&stream->keys);
	for (side = 0; side < 2; side++)
		init_leg(stream, side, stream->clock_rate);
	return stream;
}

/* No packet is on the stream any more. */
static void stream_free_rcu(struct rcu_head *rcu)
{
	struct e2ae_stream *stream = container_of(rcu, struct e2ae_stream, rcu);
	int side;

	for (side = 0; side < 2; side++) {
		struct e2ae_leg *leg = &stream->leg[side];

		e2ae_path_destroy(
			rcu_dereference_protected(leg->rtp.path, true));
		e2ae_path_destroy(
			rcu_dereference_protected(leg->rtcp.path, true));
	}
	kmem_cache_free(stream_cache, stream);
}

static void unlist(struct e2ae_stream *stream)
{
	int side;

	for (side = 0; side < 2; side++) {
		e2ae_chan_unlist(stream->en, &stream->leg[side].rtp);
		e2ae_chan_unlist(stream->en, &stream->leg[side].rtcp);
	}
}

static int list(struct e2ae_stream *stream, const struct e2ae_leg_plan plan[2],
		struct e2ae_refusal *no)
{
	int side, err;

	for (side = 0; side < 2; side++) {
		struct e2ae_leg *leg = &stream->leg[side];
		bool rtcp = false;

		leg->rtp.local = plan[side].conf.local;
		err = e2ae_chan_list(stream->en, &leg->rtp);
		if (!err && plan[side].conf.rtcp_mode != E2AE_RTCP_MODE_MUX) {
			rtcp = true;
			leg->rtcp.local = plan[side].conf.rtcp_local;
			err = e2ae_chan_list(stream->en, &leg->rtcp);
		}
		if (err) {
			unlist(stream);
			return refuse_listing(no, side, rtcp, err);
		}
	}
	return 0;
}

static int check_new(struct e2ae_net *en, const struct e2ae_stream_spec *spec,
		     struct e2ae_refusal *no)
{
	if (e2ae_stream_find(en, spec->id))
		return e2ae_refuse(no, -1, E2AE_A_STREAM_ID,
				   "this stream id is taken", -EEXIST);
	if (en->n_streams >= en->max_streams)
		return e2ae_refuse(
			no, -1, 0,
			"the namespace has as many streams as it may (max-streams)",
			-ENOSPC);
	return 0;
}

/**
 * e2ae_stream_new() - make a stream, and the SAs that come with it
 * @en: namespace
 * @spec: what the client asks; the SAs in it are taken over on success
 * @no: why not, on error
 *
 * Context: Process, en->lock held; sleeps.
 * Return: 0 or a negative errno; then nothing has changed.
 */
int e2ae_stream_new(struct e2ae_net *en, struct e2ae_stream_spec *spec,
		    struct e2ae_refusal *no)
{
	struct e2ae_leg_plan plan[2] = {};
	struct e2ae_stream *stream;
	int side, err;

	err = check_new(en, spec, no);
	if (err)
		return err;
	stream = create(en, spec);
	if (!stream)
		return e2ae_refuse(no, -1, 0, "out of memory", -ENOMEM);
	err = publish_sas(en, spec, no);
	if (err)
		goto out_free;
	err = e2ae_plan(stream, true, spec, plan, no);
	if (err)
		goto out_paths;
	err = xa_insert(&en->streams, spec->id, stream, GFP_KERNEL_ACCOUNT);
	if (err)
		goto out_paths;
	err = e2ae_hook_get(en);
	if (err) {
		e2ae_refuse(no, -1, 0,
			    "the netfilter hooks cannot be registered", err);
		goto out_erase;
	}
	/* Until apply() a secure leg has no SA, and drops. */
	for (side = 0; side < 2; side++) {
		struct e2ae_leg *leg = &stream->leg[side];

		leg->secure = plan[side].conf.secure;
		leg->mux = plan[side].conf.rtcp_mode == E2AE_RTCP_MODE_MUX;
		apply_paths(leg, &plan[side]);
	}
	err = list(stream, plan, no);
	if (err)
		goto out_hook;
	en->n_streams++;
	e2ae_ingress_expect(en, &plan[0].conf);
	e2ae_ingress_expect(en, &plan[1].conf);
	apply(stream, spec, plan);
	en->seq++;
	return 0;

out_hook:
	e2ae_hook_put(en);
out_erase:
	xa_erase(&en->streams, spec->id);
out_paths:
	e2ae_plan_drop(plan);
	unpublish_sas(spec);
out_free:
	call_rcu(&stream->rcu, stream_free_rcu);
	return err;
}

/*
 * Moves the RTCP channel of a leg to where the plan wants it. An address in
 * the table changes only while no packet compares it.
 */
static int relist(struct e2ae_leg *leg, const struct e2ae_leg_conf *conf)
{
	struct e2ae_chan *chan = &leg->rtcp;
	bool want = conf->rtcp_mode != E2AE_RTCP_MODE_MUX;
	bool moves = chan->local.port != conf->rtcp_local.port;

	if (chan->listed == want && !(want && moves))
		return 0;
	e2ae_chan_unlist(leg->stream->en, chan);
	if (!want)
		return 0;
	if (moves) {
		synchronize_rcu();
		chan->local = conf->rtcp_local;
	}
	return e2ae_chan_list(leg->stream->en, chan);
}

/* Is the address where the plan wants RTCP another leg's? */
static bool is_taken(struct e2ae_leg *leg, const struct e2ae_leg_conf *conf)
{
	const struct e2ae_chan *chan;
	bool taken;

	if (conf->rtcp_mode == E2AE_RTCP_MODE_MUX)
		return false;
	rcu_read_lock();
	chan = e2ae_chan_find(leg->stream->en, &conf->rtcp_local);
	taken = chan && chan != &leg->rtcp;
	rcu_read_unlock();
	return taken;
}

static int relist_both(struct e2ae_stream *stream, struct e2ae_leg_plan plan[2],
		       struct e2ae_refusal *no)
{
	int side, err;

	for (side = 0; side < 2; side++)
		if (is_taken(&stream->leg[side], &plan[side].conf))
			return refuse_listing(no, side, true, -EEXIST);
	for (side = 0; side < 2; side++) {
		struct e2ae_leg *leg = &stream->leg[side];

		/* A channel that was not there has no path yet. */
		if (!leg->rtcp.listed && plan[side].path[1]) {
			spin_lock_bh(&leg->lock);
			switch_path(&leg->rtcp, plan[side].path[1], true);
			spin_unlock_bh(&leg->lock);
			plan[side].path[1] = NULL;
		}
		err = relist(leg, &plan[side].conf);
		if (err)
			goto out_undo;
	}
	return 0;

out_undo:
	refuse_listing(no, side, true, err);
	do
		relist(&stream->leg[side], &stream->leg[side].conf);
	while (side--);
	return err;
}

/**
 * e2ae_stream_set() - change a stream, and make the SAs that come with it
 * @en: namespace
 * @spec: what the client asks; the SAs in it are taken over on success
 * @no: why not, on error
 *
 * Context: Process, en->lock held; sleeps.
 * Return: 0 or a negative errno; then nothing has changed.
 */
int e2ae_stream_set(struct e2ae_net *en, struct e2ae_stream_spec *spec,
		    struct e2ae_refusal *no)
{
	struct e2ae_stream *stream = e2ae_stream_find(en, spec->id);
	struct e2ae_leg_plan plan[2] = {};
	int err;

	if (!stream)
		return e2ae_refuse(no, -1, E2AE_A_STREAM_ID,
				   "there is no stream with this id", -ENOENT);
	err = publish_sas(en, spec, no);
	if (err)
		return err;
	err = e2ae_plan(stream, false, spec, plan, no);
	if (!err)
		err = relist_both(stream, plan, no);
	if (err)
		goto out_undo;
	apply(stream, spec, plan);
	return 0;

out_undo:
	e2ae_plan_drop(plan);
	unpublish_sas(spec);
	return err;
}

/**
 * e2ae_stream_del() - remove a stream; its memory goes after a grace period
 * @stream: the stream
 *
 * Context: Process, en->lock held.
 */
void e2ae_stream_del(struct e2ae_stream *stream)
{
	struct e2ae_net *en = stream->en;
	int side;

	lockdep_assert_held(&en->lock);
	unlist(stream);
	xa_erase(&en->streams, stream->id);
	e2ae_watch_stop(stream);
	for (side = 0; side < 2; side++) {
		e2ae_leg_forget_old(&stream->leg[side]);
		apply_in(&stream->leg[side], NULL, NULL);
		apply_out(&stream->leg[side], NULL, NULL);
	}
	e2ae_keys_forget(&stream->keys);
	e2ae_hook_put(en);
	en->n_streams--;
	en->seq++;
	call_rcu(&stream->rcu, stream_free_rcu);
}

/**
 * e2ae_stream_flush() - remove all streams of a namespace
 * @en: namespace
 *
 * Context: Process, en->lock held.
 */
void e2ae_stream_flush(struct e2ae_net *en)
{
	struct e2ae_stream *stream;
	unsigned long id;

	xa_for_each(&en->streams, id, stream) {
		e2ae_stream_del(stream);
		cond_resched();
	}
}

/**
 * e2ae_stream_init() - make the cache of streams
 *
 * Return: 0 or -ENOMEM.
 */
int __init e2ae_stream_init(void)
{
	stream_cache = KMEM_CACHE(e2ae_stream, SLAB_ACCOUNT);
	return stream_cache ? 0 : -ENOMEM;
}

/**
 * e2ae_stream_exit() - free the cache
 *
 * All streams are freed.
 */
void e2ae_stream_exit(void)
{
	kmem_cache_destroy(stream_cache);
}
