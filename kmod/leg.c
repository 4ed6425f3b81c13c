// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet needs of a leg: its peer and whether the packet's source may
 * become it, and the SAs of the moment.
 */
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "compat.h"
#include "leg.h"
#include "netlink.h"
#include "srtp.h"
#include "trace.h"

/* Is it an address of this host? */
static bool is_own(struct net *net, const struct e2ae_sockaddr *a,
		   const struct net_device *dev)
{
	if (a->family == AF_INET)
		return inet_addr_type_dev_table(net, dev, a->addr.ip) ==
		       RTN_LOCAL;
	return a->family == AF_INET6 &&
	       ipv6_chk_addr(net, &a->addr.in6, NULL, 0);
}

/**
 * e2ae_path_create() - make a channel's path as the client wants it
 * @net: namespace
 * @conf: what the client wants
 * @rtcp: for the channel of RTCP
 *
 * Context: Process; sleeps.
 * Return: the path or NULL.
 */
struct e2ae_path *e2ae_path_create(struct net *net,
				   const struct e2ae_leg_conf *conf, bool rtcp)
{
	struct e2ae_path *path = kzalloc(sizeof(*path), GFP_KERNEL_ACCOUNT);

	if (!path)
		return NULL;
	path->local = rtcp ? conf->rtcp_local : conf->local;
	path->peer = rtcp ? conf->rtcp_peer : conf->peer;
	path->net = conf->net;
	path->prefix = conf->prefix;
	path->has_net = conf->has_net;
	path->source = conf->source;
	path->nonmedia = conf->nonmedia;
	path->dscp = conf->dscp;
	path->follows = rtcp && !conf->rtcp_given;
	path->looped = is_own(net, &path->peer, NULL);
	path->ifindex = conf->ifindex;
	path->oif = conf->ifindex;
	path->mark = conf->mark;
	return path;
}

/* The same path to another peer. */
static struct e2ae_path *path_redirect(const struct e2ae_path *from,
				       const struct e2ae_sockaddr *peer,
				       int oif, bool latched)
{
	struct e2ae_path *path =
		kmemdup(from, sizeof(*from), GFP_ATOMIC | __GFP_NOWARN);

	if (!path)
		return NULL;
	path->peer = *peer;
	path->oif = oif;
	path->latched = latched;
	path->cookie = 0;
	RCU_INIT_POINTER(path->dst, NULL);
	return path;
}

/**
 * e2ae_path_destroy() - free a path that no packet can be on
 * @path: the path, or NULL
 */
void e2ae_path_destroy(struct e2ae_path *path)
{
	if (!path)
		return;
	dst_release(rcu_dereference_protected(path->dst, true));
	kfree(path);
}

static void path_free_rcu(struct rcu_head *rcu)
{
	e2ae_path_destroy(container_of(rcu, struct e2ae_path, rcu));
}

/**
 * e2ae_path_replace() - give a channel another path
 * @chan: the channel
 * @path: the new one, or NULL
 *
 * Context: leg->lock held.
 */
void e2ae_path_replace(struct e2ae_chan *chan, struct e2ae_path *path)
{
	struct e2ae_path *old;

	old = rcu_replace_pointer(chan->path, path,
				  lockdep_is_held(&chan->leg->lock));
	if (old)
		call_rcu(&old->rcu, path_free_rcu);
}

/**
 * e2ae_leg_chan() - the channel on which a leg sends
 * @leg: the leg
 * @rtcp: for RTCP
 *
 * Return: the channel.
 */
struct e2ae_chan *e2ae_leg_chan(struct e2ae_leg *leg, bool rtcp)
{
	return rtcp && !READ_ONCE(leg->mux) ? &leg->rtcp : &leg->rtp;
}

static bool in_latch_net(const struct e2ae_path *path,
			 const struct e2ae_sockaddr *src)
{
	u8 bits = path->prefix;

	if (!path->has_net)
		return true;
	if (src->family == AF_INET6)
		return ipv6_prefix_equal(&src->addr.in6, &path->net.in6, bits);
	return !bits ||
	       !((src->addr.ip ^ path->net.ip) & htonl(~0U << (32 - bits)));
}

/* An address that can be a peer: unicast, and not our own. */
static bool latchable(struct net *net, const struct e2ae_sockaddr *src,
		      const struct net_device *dev)
{
	const struct in6_addr *in6 = &src->addr.in6;

	if (!src->port)
		return false;
	if (src->family == AF_INET)
		return inet_addr_type_dev_table(net, dev, src->addr.ip) ==
		       RTN_UNICAST;
	return ipv6_addr_type(in6) & IPV6_ADDR_UNICAST &&
	       !ipv6_addr_loopback(in6) && !is_own(net, src, dev);
}

/**
 * e2ae_leg_accepts() - may a packet with this source be for the leg?
 * @leg: the leg
 * @path: path of the channel it came to
 * @src: its source
 * @dev: device it came from
 *
 * Says only whether it is worth authenticating; e2ae_leg_heard() latches. An
 * address of this host is believed only where no wire can have said it.
 *
 * Context: RCU held.
 * Return: whether.
 */
bool e2ae_leg_accepts(const struct e2ae_leg *leg, const struct e2ae_path *path,
		      const struct e2ae_sockaddr *src,
		      const struct net_device *dev)
{
	bool wire = !(dev->flags & IFF_LOOPBACK);

	if (wire && src->family == AF_INET &&
	    (ipv4_is_loopback(src->addr.ip) ||
	     ipv4_is_loopback(path->local.addr.ip)))
		return false;
	if (path->source == E2AE_SOURCE_RULE_ANY)
		return true;
	/* A latching leg believes only what authenticates or has its network. */
	if (path->source == E2AE_SOURCE_RULE_STRICT || path->latched)
		return e2ae_sockaddr_equal(&path->peer, src) &&
		       !(wire && READ_ONCE(path->looped));
	return in_latch_net(path, src) &&
	       latchable(leg->stream->en->net, src, dev);
}

/* Until its own packet comes, RTCP is expected beside a latched RTP. */
static void guess_rtcp(struct e2ae_leg *leg, const struct e2ae_path *rtp)
{
	struct e2ae_sockaddr peer = rtp->peer;
	struct e2ae_path *path;

	path = rcu_dereference_protected(leg->rtcp.path,
					 lockdep_is_held(&leg->lock));
	if (!path || path->latched || !path->follows ||
	    peer.port == htons(65535))
		return;
	peer.port = htons(ntohs(peer.port) + 1);
	path = path_redirect(path, &peer, rtp->oif, false);
	if (path)
		e2ae_path_replace(&leg->rtcp, path);
}

static void latch(struct e2ae_leg *leg, struct e2ae_chan *chan,
		  const struct e2ae_sockaddr *src, const struct net_device *dev)
{
	struct e2ae_path *path;
	int oif;

	spin_lock(&leg->lock);
	path = rcu_dereference_protected(chan->path,
					 lockdep_is_held(&leg->lock));
	if (!path || path->source != E2AE_SOURCE_RULE_LATCH || path->latched ||
	    !e2ae_leg_accepts(leg, path, src, dev))
		goto out;
	oif = path->ifindex;
	if (!oif && src->family == AF_INET6 &&
	    ipv6_addr_type(&src->addr.in6) & IPV6_ADDR_LINKLOCAL)
		oif = dev->ifindex;
	path = path_redirect(path, src, oif, true);
	if (!path)
		goto out;
	e2ae_path_replace(chan, path);
	if (!chan->rtcp)
		guess_rtcp(leg, path);
	spin_unlock(&leg->lock);

	e2ae_stats_add(leg->stream->en, E2AE_C_LATCHED, 1);
	trace_e2ae_latch(leg->stream->id, leg->side, chan->rtcp, src);
	e2ae_notify_latched(leg, chan->rtcp, src);
	return;
out:
	spin_unlock(&leg->lock);
}

/**
 * e2ae_leg_heard() - a packet passed: note the time, latch where the rule says
 * @leg: leg it came to
 * @chan: channel it came to
 * @src: its source, with e2ae_leg_accepts()
 * @dev: device it came from
 *
 * On a secure leg the packet has authenticated.
 *
 * Context: Bottom halves off, RCU held.
 */
void e2ae_leg_heard(struct e2ae_leg *leg, struct e2ae_chan *chan,
		    const struct e2ae_sockaddr *src,
		    const struct net_device *dev)
{
	const struct e2ae_path *path;
	unsigned long now = jiffies;

	if (READ_ONCE(leg->heard) != now)
		WRITE_ONCE(leg->heard, now);
	if (unlikely(!READ_ONCE(leg->ever)))
		WRITE_ONCE(leg->ever, true);
	if (unlikely(READ_ONCE(leg->silent)) && xchg(&leg->silent, false))
		e2ae_notify_media(leg, true);
	path = rcu_dereference(chan->path);
	if (path->source == E2AE_SOURCE_RULE_LATCH && unlikely(!path->latched))
		latch(leg, chan, src, dev);
}

/* Nothing that only the packet's own key says. */
static bool says_nothing(int drop)
{
	return drop == E2AE_A_DROPS_RX_AUTH || drop == E2AE_A_DROPS_RX_SHORT ||
	       drop == E2AE_A_DROPS_RX_CLEAR;
}

/*
 * What a packet under the other key of two looks like. The window of this one
 * comes before its tag, and may take a late packet for an old or seen one.
 */
static bool may_be_other(int drop)
{
	return says_nothing(drop) || drop == E2AE_A_DROPS_RX_OLD ||
	       drop == E2AE_A_DROPS_RX_REPLAY;
}

/*
 * Both receive SAs may be the packet's and nothing tells which: try the new
 * one, then the old. A failed AEAD leaves garbage, hence the copy; this is the
 * short time after a re-keying without MKI, or under the same MKI.
 */
static int unprotect_either(struct e2ae_sa *in, struct e2ae_sa *old,
			    struct e2ae_pkt *p)
{
	struct e2ae_pkt first = *p;
	u8 *copy = NULL;
	int drop, second;

	if (in->suite->mode == E2AE_MODE_GCM) {
		copy = kmemdup(p->data, p->len, GFP_ATOMIC | __GFP_NOWARN);
		if (!copy)
			return E2AE_A_DROPS_NO_MEMORY;
	}
	drop = e2ae_srtp_try(in, p);
	if (!may_be_other(drop))
		goto out;
	*p = first;
	if (copy)
		memcpy(p->data, copy, p->len);
	second = e2ae_srtp_try(old, p);
	if (second <= 0 || (says_nothing(drop) && !says_nothing(second))) {
		in = old;
		drop = second;
	}
out:
	kfree(copy);
	return e2ae_srtp_verdict(in, drop);
}

/**
 * e2ae_leg_unprotect() - verify and decrypt what arrived on a secure leg
 * @leg: the leg
 * @p: the packet
 *
 * Context: Bottom halves off, RCU held.
 * Return: as e2ae_srtp_unprotect().
 */
int e2ae_leg_unprotect(struct e2ae_leg *leg, struct e2ae_pkt *p)
{
	struct e2ae_sa *in = rcu_dereference(leg->in);
	struct e2ae_sa *old = rcu_dereference(leg->old_in);

	if (unlikely(old) && !time_before(jiffies, READ_ONCE(leg->old_until)))
		old = NULL;
	if (unlikely(!in && !old))
		return E2AE_A_DROPS_RX_NO_SA;
	if (in && !e2ae_srtp_mki_matches(in, p))
		in = NULL;
	if (unlikely(old) && !e2ae_srtp_mki_matches(old, p))
		old = NULL;
	if (unlikely(in && old))
		return unprotect_either(in, old, p);
	if (!in)
		in = old;
	if (!in)
		return E2AE_A_DROPS_RX_MKI;
	return e2ae_srtp_unprotect(in, p);
}
