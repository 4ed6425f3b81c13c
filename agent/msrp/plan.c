// SPDX-License-Identifier: GPL-2.0
/* What offer and answer say, kept and compared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

static int copy_text(const char **to, const char *from)
{
	size_t len = from ? strlen(from) : 0;

	*to = NULL;
	if (!len || len > MSRP_PATH_MAX || strpbrk(from, "\r\n"))
		return -EINVAL;
	*to = strdup(from);
	return *to ? 0 : -ENOMEM;
}

/**
 * msrp_plan_free() - forget a plan
 * @plan: the plan; zeroed it is none
 */
void msrp_plan_free(struct msrp_plan *plan)
{
	enum msrp_side side;

	for (side = 0; side < MSRP_SIDES; side++) {
		free((char *)plan->leg[side].own);
		free((char *)plan->leg[side].path);
	}
	memset(plan, 0, sizeof(*plan));
}

/**
 * msrp_plan_copy() - keep a plan
 * @plan: set to it; empty after a failure
 * @leg: both sides
 * @cema: nobody looks at octets
 *
 * Return: 0; -EINVAL if a path is missing, too long or no line, or if there is
 * nowhere to connect to; -ENOMEM.
 */
int msrp_plan_copy(struct msrp_plan *plan,
		   const struct msrp_leg leg[MSRP_SIDES], bool cema)
{
	enum msrp_side side;
	int err = 0;

	memset(plan, 0, sizeof(*plan));
	plan->cema = cema;
	for (side = 0; side < MSRP_SIDES; side++) {
		plan->leg[side] = leg[side];
		plan->leg[side].own = NULL;
		plan->leg[side].path = NULL;
	}
	for (side = 0; side < MSRP_SIDES && !err; side++) {
		if (leg[side].connect && !net_addr_port(&leg[side].peer))
			err = -EINVAL;
		if (!err && !cema)
			err = copy_text(&plan->leg[side].own, leg[side].own) ?:
				      copy_text(&plan->leg[side].path,
						leg[side].path);
	}
	if (err)
		msrp_plan_free(plan);
	return err;
}

static bool text_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* The peer's port does not count where it makes the connection. */
static bool peer_same(const struct msrp_leg *a, const struct msrp_leg *b)
{
	if (a->peer.sa.sa_family != b->peer.sa.sa_family)
		return false;
	if (!a->peer.sa.sa_family)
		return true;
	return a->connect ? net_addr_equal(&a->peer, &b->peer) :
			    net_addr_same_host(&a->peer, &b->peer);
}

/**
 * msrp_plan_same() - does a plan say the same as the one that is kept?
 * @plan: the one that is kept
 * @leg: both sides
 * @cema: nobody looks at octets
 *
 * Return: whether it does.
 */
bool msrp_plan_same(const struct msrp_plan *plan,
		    const struct msrp_leg leg[MSRP_SIDES], bool cema)
{
	const struct msrp_leg *a, *b;
	enum msrp_side side;

	if (plan->cema != cema)
		return false;
	for (side = 0; side < MSRP_SIDES; side++) {
		a = &plan->leg[side];
		b = &leg[side];
		if (a->connect != b->connect ||
		    a->any_source != b->any_source || !peer_same(a, b))
			return false;
		if (!cema && (!text_same(a->own, b->own) ||
			      !text_same(a->path, b->path)))
			return false;
	}
	return true;
}
