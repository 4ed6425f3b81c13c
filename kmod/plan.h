/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_PLAN_H
#define E2AE_PLAN_H

#include "keys.h"
#include "stream.h"

/**
 * struct e2ae_leg_plan - what a leg will be
 * @conf: as wanted
 * @in: receive SA, or NULL
 * @out: send SA, or NULL
 * @use: memory to note the keys of @in and @out, NULL where that is done
 * @path: new paths of the channels: RTP, RTCP or NULL with mux
 * @again: the channel's peer is given anew, what was latched is forgotten
 */
struct e2ae_leg_plan {
	struct e2ae_leg_conf conf;
	struct e2ae_sa *in;
	struct e2ae_sa *out;
	struct e2ae_key_use *use[2];
	struct e2ae_path *path[2];
	bool again[2];
};

/**
 * e2ae_sa_held() - the SA behind a pointer of a leg
 * @en: namespace
 * @sa: the pointer
 *
 * Context: Process, en->lock held.
 * Return: the SA or NULL.
 */
static inline struct e2ae_sa *e2ae_sa_held(struct e2ae_net *en,
					   struct e2ae_sa __rcu *sa)
{
	return rcu_dereference_protected(sa, lockdep_is_held(&en->lock));
}

int e2ae_plan(struct e2ae_stream *stream, bool fresh,
	      const struct e2ae_stream_spec *spec, struct e2ae_leg_plan plan[2],
	      struct e2ae_refusal *no);
void e2ae_plan_drop(struct e2ae_leg_plan plan[2]);

#endif
