/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_LEG_H
#define E2AE_LEG_H

#include <net/ipv6.h>

#include "rtp.h"
#include "stream.h"

static inline bool e2ae_sockaddr_equal(const struct e2ae_sockaddr *a,
				       const struct e2ae_sockaddr *b)
{
	if (a->port != b->port || a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return a->addr.ip == b->addr.ip;
	return ipv6_addr_equal(&a->addr.in6, &b->addr.in6);
}

/**
 * e2ae_leg_idle() - how long ago the last packet was
 * @leg: the leg
 *
 * A packet may come between the two readings, and be later than now.
 *
 * Return: jiffies.
 */
static inline unsigned long e2ae_leg_idle(const struct e2ae_leg *leg)
{
	long idle = jiffies - READ_ONCE(leg->heard);

	return idle > 0 ? idle : 0;
}

/* configuration: process context, en->lock held */
struct e2ae_path *e2ae_path_create(struct net *net,
				   const struct e2ae_leg_conf *conf, bool rtcp);
void e2ae_path_destroy(struct e2ae_path *path);
void e2ae_path_replace(struct e2ae_chan *chan, struct e2ae_path *path);

/* packets: bottom halves off, RCU held */
bool e2ae_leg_accepts(const struct e2ae_leg *leg, const struct e2ae_path *path,
		      const struct e2ae_sockaddr *src,
		      const struct net_device *dev);
void e2ae_leg_heard(struct e2ae_leg *leg, struct e2ae_chan *chan,
		    const struct e2ae_sockaddr *src,
		    const struct net_device *dev);
int e2ae_leg_unprotect(struct e2ae_leg *leg, struct e2ae_pkt *p);
struct e2ae_chan *e2ae_leg_chan(struct e2ae_leg *leg, bool rtcp);

#endif
