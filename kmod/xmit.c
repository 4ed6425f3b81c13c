// SPDX-License-Identifier: GPL-2.0
/*
 * The way out: the route to a peer, kept per path, and new IP and UDP headers.
 * What leaves goes through the ordinary output path, so that xfrm, nftables
 * and qdiscs see it; or, where nobody is on the way, straight to the neighbour.
 */
#include <linux/module.h>
#include <linux/if_vlan.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/arp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/udp.h>

#include "compat.h"
#include "others.h"
#include "stats.h"
#include "xmit.h"

static bool untracked = true;
module_param(untracked, bool, 0644);
MODULE_PARM_DESC(untracked,
		 "Keep relayed media out of connection tracking (default yes)");

static bool direct = true;
module_param(direct, bool, 0644);
MODULE_PARM_DESC(
	direct,
	"Send media straight to the neighbour where nothing is passed by (default yes)");

static struct dst_entry *route4(struct net *net, const struct e2ae_path *path)
{
	struct flowi4 fl4 = {
		.flowi4_oif = path->oif,
		.flowi4_mark = path->mark,
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.daddr = path->peer.addr.ip,
		.saddr = path->local.addr.ip,
		.fl4_dport = path->peer.port,
		.fl4_sport = path->local.port,
	};
	struct rtable *rt = ip_route_output_flow(net, &fl4, NULL);

	if (IS_ERR(rt))
		return NULL;
	if (!(rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)))
		return &rt->dst;
	ip_rt_put(rt);
	return NULL;
}

static struct dst_entry *route6(struct net *net, const struct e2ae_path *path)
{
	struct flowi6 fl6 = {
		.flowi6_oif = path->oif,
		.flowi6_mark = path->mark,
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
		.daddr = path->peer.addr.in6,
		.saddr = path->local.addr.in6,
		.fl6_dport = path->peer.port,
		.fl6_sport = path->local.port,
	};
	struct dst_entry *dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);

	return IS_ERR(dst) ? NULL : dst;
}

/**
 * e2ae_xmit_route() - the route to a path's peer
 * @net: namespace
 * @path: with a peer
 *
 * Kept in the path until the routing tables, the path MTU or the IPsec
 * policies change.
 *
 * Context: Bottom halves off, RCU held.
 * Return: the route, valid while RCU is held, or NULL.
 */
struct dst_entry *e2ae_xmit_route(struct net *net, struct e2ae_path *path)
{
	struct dst_entry *dst = rcu_dereference(path->dst), *old;

	if (likely(dst && dst_check(dst, READ_ONCE(path->cookie))))
		return dst;
	if (path->peer.family == AF_INET6)
		dst = route6(net, path);
	else
		dst = route4(net, path);
	/* Where an IPsec policy lacks its SA, xfrm gives a route to nowhere. */
	if (dst && (dst->error || dst->obsolete == DST_OBSOLETE_DEAD)) {
		dst_release(dst);
		dst = NULL;
	}
	if (dst && path->peer.family == AF_INET6)
		WRITE_ONCE(path->cookie, e2ae_dst6_cookie(dst));
	if (dst)
		WRITE_ONCE(path->looped,
			   !!(e2ae_dst_dev(dst)->flags & IFF_LOOPBACK));
	old = unrcu_pointer(xchg(&path->dst, RCU_INITIALIZER(dst)));
	/* Freed after a grace period: whoever reads it holds RCU. */
	dst_release(old);
	return dst;
}

static u32 header_len(const struct e2ae_path *path)
{
	return (path->peer.family == AF_INET6 ? sizeof(struct ipv6hdr) :
						sizeof(struct iphdr)) +
	       sizeof(struct udphdr);
}

/**
 * e2ae_xmit_size() - how large a packet will be on its way to a peer
 * @path: to the peer
 * @p: the plain packet
 * @overhead: octets it will grow by
 *
 * Return: octets of the IP packet.
 */
u32 e2ae_xmit_size(const struct e2ae_path *path, const struct e2ae_pkt *p,
		   u32 overhead)
{
	return header_len(path) + p->len + overhead;
}

static void push_udp(struct sk_buff *skb, const struct e2ae_path *path, u32 len)
{
	struct udphdr *uh = udp_hdr(skb);

	uh->source = path->local.port;
	uh->dest = path->peer.port;
	uh->len = htons(len);
	uh->check = 0;
	skb->ip_summed = CHECKSUM_NONE;
	if (path->peer.family == AF_INET6)
		udp6_set_csum(false, skb, &path->local.addr.in6,
			      &path->peer.addr.in6, len);
	else
		udp_set_csum(false, skb, path->local.addr.ip,
			     path->peer.addr.ip, len);
}

static void push_ip4(struct net *net, struct sk_buff *skb,
		     const struct e2ae_path *path, u8 tos, u8 ttl, bool df)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
	iph->version = 4;
	iph->ihl = 5;
	iph->tos = tos;
	iph->tot_len = htons(skb->len);
	iph->id = 0;
	iph->frag_off = df ? htons(IP_DF) : 0;
	iph->ttl = ttl;
	iph->protocol = IPPROTO_UDP;
	iph->saddr = path->local.addr.ip;
	iph->daddr = path->peer.addr.ip;
	if (!df)
		__ip_select_ident(net, iph, 1);
	iph->check = 0;
	iph->check = ip_fast_csum(iph, 5);
}

static void push_ip6(struct sk_buff *skb, const struct e2ae_path *path, u8 tos,
		     u8 ttl)
{
	struct ipv6hdr *ip6 = skb_push(skb, sizeof(*ip6));

	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	ip6_flow_hdr(ip6, tos, 0);
	ip6->payload_len = htons(skb->len - sizeof(*ip6));
	ip6->nexthdr = IPPROTO_UDP;
	ip6->hop_limit = ttl;
	ip6->saddr = path->local.addr.in6;
	ip6->daddr = path->peer.addr.in6;
}

/* Who takes a packet from here believes that what is noted there is IP's. */
static void clear_cb(struct sk_buff *skb)
{
	u64 *cb = (u64 *)skb->cb;

	BUILD_BUG_ON(sizeof(skb->cb) != 6 * sizeof(*cb));
	cb[0] = 0;
	cb[1] = 0;
	cb[2] = 0;
	cb[3] = 0;
	cb[4] = 0;
	cb[5] = 0;
}

/* What the packet was on its way here says nothing about its way on. */
static void forget_way(struct sk_buff *skb, const struct e2ae_path *path)
{
	skb_orphan(skb);
	/* First what shares words: the next would wait for single octets. */
	skb->encapsulation = 0;
	skb_reset_redirect(skb);
	skb_clear_hash(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb_set_queue_mapping(skb, 0);
	clear_cb(skb);
	skb_scrub_packet(skb, true);
	skb->mark = path->mark;
	if (READ_ONCE(untracked))
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

static bool is_watched_at(const struct e2ae_net *en, u16 family,
			  enum nf_inet_hooks hook)
{
	return e2ae_others_may_see(e2ae_others_at(en->net, family, hook),
				   &en->defrag[family != AF_INET],
				   READ_ONCE(untracked));
}

/* Would anybody at the hooks of output do something with it? */
static bool is_watched(const struct e2ae_net *en, u16 family)
{
	return is_watched_at(en, family, NF_INET_LOCAL_OUT) ||
	       is_watched_at(en, family, NF_INET_POST_ROUTING);
}

/*
 * Is there nothing on the ordinary way but routing to a neighbour? Not with an
 * IPsec policy, a tunnel, a VRF, or who is registered at the hooks of output.
 * Qdiscs, tc and the tables at egress belong to the device: they see it anyway.
 */
static bool way_is_clear(const struct e2ae_net *en, const struct dst_entry *dst,
			 u16 family)
{
	const struct net_device *dev = e2ae_dst_dev(dst);

	return READ_ONCE(direct) &&
	       dst->output == (family == AF_INET ? ip_output : ip6_output) &&
	       !dst_xfrm(dst) && !dst->lwtstate && !netif_is_l3_slave(dev) &&
	       !(dev->flags & IFF_LOOPBACK) && !is_watched(en, family);
}

static struct neighbour *neighbour4(const struct dst_entry *dst,
				    const struct sk_buff *skb)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	if (unlikely(rt->rt_gw_family == AF_INET6))
		return NULL;
	return __ipv4_neigh_lookup_noref(
		skb->dev, (__force u32)rt_nexthop(rt, ip_hdr(skb)->daddr));
}

static struct neighbour *neighbour6(struct dst_entry *dst,
				    const struct sk_buff *skb)
{
	const struct inet6_dev *idev = ip6_dst_idev(dst);
	const struct in6_addr *hop;

	if (unlikely(!idev || READ_ONCE(idev->cnf.disable_ipv6)))
		return NULL;
	hop = rt6_nexthop(e2ae_dst_rt6(dst), &ipv6_hdr(skb)->daddr);
	return __ipv6_neigh_lookup_noref(skb->dev, hop);
}

/* What ip_local_out() and ip_output() note of a packet, or ip6_output(). */
static void note_output(struct net *net, struct sk_buff *skb,
			struct dst_entry *dst, u16 family)
{
	if (family == AF_INET) {
		e2ae_count_request(net);
		__IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	} else {
		__IP6_UPD_PO_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUT,
				   skb->len);
	}
}

/* Sends a packet with its headers on; consumes it. */
static int output(struct e2ae_net *en, struct sk_buff *skb,
		  struct dst_entry *dst, struct e2ae_carry *carry, u16 family)
{
	struct neighbour *neigh = NULL;

	if (carry->fits && way_is_clear(en, dst, family)) {
		skb->dev = e2ae_dst_dev(dst);
		neigh = family == AF_INET ? neighbour4(dst, skb) :
					    neighbour6(dst, skb);
	}
	if (likely(neigh && READ_ONCE(neigh->nud_state) & NUD_VALID)) {
		carry->direct = true;
		note_output(en->net, skb, dst, family);
		return neigh_output(neigh, skb, false);
	}
	return family == AF_INET ? ip_local_out(en->net, NULL, skb) :
				   ip6_local_out(en->net, NULL, skb);
}

/**
 * e2ae_xmit() - send a packet on to a peer
 * @en: namespace
 * @skb: starts with the old IP header; linear and private; consumed
 * @path: to the peer
 * @dst: from e2ae_xmit_route()
 * @p: what the UDP payload is by now
 * @carry: what to take over from the old headers; whether it went straight to
 *	the neighbour is noted there
 *
 * Context: Bottom halves off, RCU held.
 * Return: 0, or why it was dropped (E2AE_A_DROPS_*).
 */
int e2ae_xmit(struct e2ae_net *en, struct sk_buff *skb,
	      const struct e2ae_path *path, struct dst_entry *dst,
	      const struct e2ae_pkt *p, struct e2ae_carry *carry)
{
	u32 room = header_len(path) + LL_RESERVED_SPACE(e2ae_dst_dev(dst));
	u8 tos = carry->tos, *end = p->data + p->len;
	u32 len = p->len + sizeof(struct udphdr);
	int err;

	if (path->dscp != E2AE_DSCP_KEEP)
		tos = path->dscp << 2 | (tos & INET_ECN_MASK);
	/* The payload stays where it is, all around it is new. */
	if (end > skb_tail_pointer(skb))
		skb_put(skb, end - skb_tail_pointer(skb));
	else
		skb_trim(skb, end - skb->data);
	__skb_pull(skb, carry->hlen);
	skb_reset_transport_header(skb);
	if (skb_headroom(skb) < room - sizeof(struct udphdr)) {
		e2ae_stats_add(en, E2AE_C_COPIED, 1);
		if (skb_cow_head(skb, room)) {
			kfree_skb(skb);
			return E2AE_A_DROPS_NO_MEMORY;
		}
	}
	forget_way(skb, path);
	skb->priority = rt_tos2priority(tos);
	skb->ignore_df = !carry->df;
	push_udp(skb, path, len);
	skb_dst_set_noref(skb, dst);
	if (path->peer.family == AF_INET6)
		push_ip6(skb, path, tos, carry->ttl - 1);
	else
		push_ip4(en->net, skb, path, tos, carry->ttl - 1, carry->df);
	err = output(en, skb, dst, carry, path->peer.family);
	if (unlikely(err && (err < 0 || net_xmit_eval(err))))
		return E2AE_A_DROPS_OUTPUT;
	return 0;
}
