// SPDX-License-Identifier: GPL-2.0
/*
 * The netfilter hooks: whose packet is it, may it come in, and through all the
 * steps to the other leg. The one file that returns verdicts.
 *
 * The hooks stand behind reassembly and before everything else in PRE_ROUTING.
 * A packet that comes to a leg's port never gets past them, unless it is no
 * media and the leg leaves such to the host.
 */
#include <linux/bottom_half.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netfilter_bridge.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/xfrm.h>

#include "compat.h"
#include "hook.h"
#include "icmp.h"
#include "leg.h"
#include "srtp.h"
#include "xmit.h"

/* What the steps return beside 0 and the reasons of a drop. */
#define TO_HOST (-1) /* no media: left to the host */

/**
 * struct rx - a packet on its way through the steps
 * @en: namespace
 * @chan: channel it came to
 * @path: of @chan
 * @src: where from
 * @tx: SA of the other leg, if that is secure; read once, since the room that
 *	is made and what is written into it have to be the same SA's
 * @carry: of its headers
 * @p: its UDP payload
 */
struct rx {
	struct e2ae_net *en;
	struct e2ae_chan *chan;
	const struct e2ae_path *path;
	struct e2ae_sockaddr src;
	struct e2ae_sa *tx;
	struct e2ae_carry carry;
	struct e2ae_pkt p;
};

static struct udphdr *rx_udp(const struct rx *rx, const struct sk_buff *skb)
{
	return (struct udphdr *)(skb->data + rx->carry.hlen);
}

/* Length and checksum (RFC 768; RFC 8200, 8.1: never zero over IPv6). */
static int check_udp(struct rx *rx, struct sk_buff *skb)
{
	u32 hlen = rx->carry.hlen, len;
	struct udphdr *uh;

	if (!pskb_may_pull(skb, hlen + sizeof(*uh)))
		return E2AE_A_DROPS_UDP_LENGTH;
	uh = rx_udp(rx, skb);
	len = ntohs(uh->len);
	if (len < sizeof(*uh) || hlen + len > skb->len)
		return E2AE_A_DROPS_UDP_LENGTH;
	if (pskb_trim_rcsum(skb, hlen + len))
		return E2AE_A_DROPS_NO_MEMORY;
	uh = rx_udp(rx, skb);
	if (!uh->check)
		return rx->carry.family == AF_INET ? 0 :
						     E2AE_A_DROPS_UDP_CHECKSUM;
	if (skb->ip_summed == CHECKSUM_PARTIAL || skb_csum_unnecessary(skb))
		return 0;
	if (rx->carry.family == AF_INET ?
		    nf_ip_checksum(skb, NF_INET_PRE_ROUTING, hlen,
				   IPPROTO_UDP) :
		    nf_ip6_checksum(skb, NF_INET_PRE_ROUTING, hlen,
				    IPPROTO_UDP))
		return E2AE_A_DROPS_UDP_CHECKSUM;
	return 0;
}

static int check_policy(const struct rx *rx, struct sk_buff *skb)
{
	bool ok = rx->carry.family == AF_INET ?
			  xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb) :
			  xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);

	return ok ? 0 : E2AE_A_DROPS_POLICY;
}

/*
 * Is it media? Reads two octets, the packet may still be shared.
 */
static int classify(struct rx *rx, struct sk_buff *skb)
{
	u32 at = rx->carry.hlen + sizeof(struct udphdr);
	u32 len = min_t(u32, skb->len - at, 2);
	const struct e2ae_leg *leg = rx->chan->leg;
	enum e2ae_kind kind = E2AE_KIND_OTHER;
	u8 buf[2], *data;

	data = skb_header_pointer(skb, at, len, buf);
	if (data)
		kind = e2ae_rtp_classify(data, len, rx->chan->rtcp,
					 READ_ONCE(leg->mux));
	rx->p.rtcp = kind == E2AE_KIND_RTCP;
	if (likely(kind != E2AE_KIND_OTHER))
		return 0;
	if (rx->path->nonmedia != E2AE_NONMEDIA_RULE_LOCAL)
		return E2AE_A_DROPS_NONMEDIA;
	e2ae_stats_add(rx->en, E2AE_C_LOCAL, 1);
	return TO_HOST;
}

/* Octets by which the packet will grow. */
static u32 overhead(const struct rx *rx)
{
	return rx->tx ? e2ae_srtp_overhead(rx->tx, rx->p.rtcp) : 0;
}

/* A packet that can be changed in place, with room behind it. */
static int make_private(struct rx *rx, struct sk_buff *skb, u32 room)
{
	if (likely(!skb_cloned(skb) && skb_tailroom(skb) >= (int)room))
		return 0;
	e2ae_stats_add(rx->en, E2AE_C_COPIED, 1);
	if (pskb_expand_head(skb, 0, skb->data_len + room, GFP_ATOMIC) ||
	    skb_linearize(skb))
		return E2AE_A_DROPS_NO_MEMORY;
	return 0;
}

static int parse(struct rx *rx, struct sk_buff *skb)
{
	u32 at = rx->carry.hlen + sizeof(struct udphdr);

	rx->p.data = skb->data + at;
	rx->p.len = skb->len - at;
	if (rx->p.rtcp)
		return e2ae_rtcp_parse(&rx->p) ? 0 : E2AE_A_DROPS_RTCP_HEADER;
	return e2ae_rtp_parse(&rx->p) ? 0 : E2AE_A_DROPS_RTP_HEADER;
}

/* From the leg that heard it to the plain packet. */
static int receive(struct rx *rx, struct sk_buff *skb)
{
	struct e2ae_leg *leg = rx->chan->leg;
	int drop;

	if (leg->secure) {
		drop = e2ae_leg_unprotect(leg, &rx->p);
		if (drop)
			return drop;
		e2ae_stats_add(rx->en, E2AE_C_UNPROTECTED, 1);
	}
	e2ae_leg_heard(leg, rx->chan, &rx->src, skb->dev);
	e2ae_flow_count(&leg->flow, &rx->p, ktime_get_ns());
	return 0;
}

/*
 * May it be fragmented on its way on? An IPv4 sender says so; an IPv6 sender
 * does by fragmenting itself, or with a packet that must pass anywhere.
 */
static bool must_not_fragment(const struct rx *rx, const struct sk_buff *skb)
{
	if (rx->carry.family == AF_INET)
		return ip_hdr(skb)->frag_off & htons(IP_DF) &&
		       !(IPCB(skb)->flags & IPSKB_FRAG_PMTU);
	return !(IP6CB(skb)->flags & IP6SKB_FRAGMENTED) &&
	       !IP6CB(skb)->frag_max_size && skb->len > IPV6_MIN_MTU;
}

/* From the plain packet to the wire of the other leg; consumes on success. */
static int send(struct rx *rx, struct sk_buff *skb)
{
	struct e2ae_leg *out = rx->chan->leg->other;
	struct e2ae_chan *chan = e2ae_leg_chan(out, rx->p.rtcp);
	struct e2ae_path *path = rcu_dereference(chan->path);
	u32 octets = rx->p.len, size, mtu;
	struct dst_entry *dst;
	int drop;

	if (unlikely(out->secure && !rx->tx))
		return E2AE_A_DROPS_TX_NO_SA;
	if (unlikely(!path || !path->peer.family))
		return E2AE_A_DROPS_NO_PEER;
	dst = e2ae_xmit_route(rx->en->net, path);
	if (unlikely(!dst))
		return E2AE_A_DROPS_NO_ROUTE;
	size = e2ae_xmit_size(path, &rx->p, overhead(rx));
	mtu = dst_mtu(dst);
	if (unlikely(size > IP_MAX_MTU))
		return E2AE_A_DROPS_TOO_BIG;
	if (unlikely(rx->carry.df && size > mtu)) {
		e2ae_icmp_too_big(skb, &rx->carry,
				  (int)mtu - (int)(size - skb->len));
		return E2AE_A_DROPS_TOO_BIG;
	}
	if (out->secure) {
		drop = e2ae_srtp_protect(rx->tx, &rx->p);
		if (drop)
			return drop;
		e2ae_stats_add(rx->en, E2AE_C_PROTECTED, 1);
	}
	drop = e2ae_xmit(rx->en, skb, path, dst, &rx->p, &rx->carry);
	if (drop)
		e2ae_stats_drop(rx->en, out->stream, drop);
	else
		e2ae_stats_relayed(rx->en, octets, rx->p.rtcp);
	return 0;
}

/* Checks that cost little come first; nothing of the packet is changed. */
static int admit(struct rx *rx, struct sk_buff *skb)
{
	int drop = check_udp(rx, skb);

	if (drop)
		return drop;
	drop = check_policy(rx, skb);
	if (drop)
		return drop;
	drop = classify(rx, skb);
	if (drop)
		return drop;
	if (rx->carry.ttl <= 1)
		return E2AE_A_DROPS_TTL;
	if (!e2ae_leg_accepts(rx->chan->leg, rx->path, &rx->src, skb->dev))
		return E2AE_A_DROPS_SOURCE;
	return 0;
}

/* Takes one packet, not a coalesced one, through all steps. */
static unsigned int run(struct rx *rx, struct sk_buff *skb)
{
	struct e2ae_leg *leg = rx->chan->leg;
	int drop;

	rx->carry.df = must_not_fragment(rx, skb);
	drop = admit(rx, skb);
	if (drop == TO_HOST)
		return NF_ACCEPT;
	if (leg->other->secure)
		rx->tx = rcu_dereference(leg->other->out);
	/* Four octets more: srtp.c writes the ROC behind the packet. */
	if (!drop)
		drop = make_private(rx, skb, 4 + overhead(rx));
	if (!drop)
		drop = parse(rx, skb);
	if (!drop)
		drop = receive(rx, skb);
	if (!drop)
		drop = send(rx, skb);
	if (drop > 0) {
		e2ae_stats_drop(rx->en, leg->stream, drop);
		kfree_skb(skb);
	}
	/* Otherwise it is on its way, or a cipher holds it for ever. */
	return NF_STOLEN;
}

/* UDP segments that came coalesced go one by one. */
static unsigned int run_segments(struct rx *rx, struct sk_buff *skb)
{
	struct sk_buff *segs = skb_gso_segment(skb, 0), *next;
	struct e2ae_leg *leg = rx->chan->leg;

	e2ae_stats_add(rx->en, E2AE_C_SEGMENTED, 1);
	if (IS_ERR_OR_NULL(segs)) {
		e2ae_stats_drop(rx->en, leg->stream, E2AE_A_DROPS_SEGMENT);
		kfree_skb(skb);
		return NF_STOLEN;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		struct rx one = *rx;

		skb_mark_not_on_list(skb);
		/* What is the host's comes round again, and passes. */
		if (run(&one, skb) == NF_ACCEPT)
			netif_rx(skb);
	}
	return NF_STOLEN;
}

/* A leg bound to a VRF hears all devices of it. */
static bool right_device(const struct e2ae_path *path,
			 const struct net_device *dev)
{
	return !path->ifindex || path->ifindex == dev->ifindex ||
	       path->ifindex == l3mdev_master_ifindex_rcu(dev);
}

/* A packet to one of our channels. */
static unsigned int enter(struct rx *rx, struct sk_buff *skb)
{
	unsigned int verdict = NF_STOLEN;

	local_bh_disable();
	rx->path = rcu_dereference(rx->chan->path);
	if (!right_device(rx->path, skb->dev)) {
		e2ae_stats_drop(rx->en, rx->chan->leg->stream,
				E2AE_A_DROPS_DEVICE);
		kfree_skb(skb);
	} else if (unlikely(skb_is_gso(skb))) {
		verdict = run_segments(rx, skb);
	} else {
		verdict = run(rx, skb);
	}
	local_bh_enable();
	return verdict;
}

/* Frames to other stations, which a bridge shows to the hooks, are not ours. */
static bool for_us(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *info = nf_bridge_info_get(skb);

	if (info && info->pkt_otherhost)
		return false;
#endif
	return skb->pkt_type == PACKET_HOST;
}

static unsigned int e2ae_hook4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct rx rx = { .en = priv, .carry.family = AF_INET };
	const struct iphdr *iph = ip_hdr(skb);
	struct e2ae_sockaddr dst = {};
	struct udphdr buf, *uh;

	if (!for_us(skb) || ip_is_fragment(iph))
		return NF_ACCEPT;
	if (iph->protocol == IPPROTO_ICMP)
		e2ae_icmp4(rx.en, skb);
	/* That may have moved the headers. */
	iph = ip_hdr(skb);
	if (iph->protocol != IPPROTO_UDP)
		return NF_ACCEPT;
	rx.carry.hlen = ip_hdrlen(skb);
	uh = skb_header_pointer(skb, rx.carry.hlen, sizeof(buf), &buf);
	if (!uh)
		return NF_ACCEPT;
	dst.addr.ip = iph->daddr;
	dst.port = uh->dest;
	dst.family = AF_INET;
	rx.chan = e2ae_chan_find(rx.en, &dst);
	if (!rx.chan)
		return NF_ACCEPT;
	rx.src.addr.ip = iph->saddr;
	rx.src.port = uh->source;
	rx.src.family = AF_INET;
	rx.carry.tos = iph->tos;
	rx.carry.ttl = iph->ttl;
	return enter(&rx, skb);
}

/*
 * Octets in front of the upper header, and in @next what it is. Stops at what
 * the host has to look at first: an authentication header, or a routing header
 * that says the packet has not arrived yet.
 */
static int skip_ext6(const struct sk_buff *skb, u8 *next)
{
	struct ipv6_opt_hdr buf, *opt;
	u32 at = sizeof(struct ipv6hdr);
	u8 rbuf[4], *routing;
	int n;

	*next = ipv6_hdr(skb)->nexthdr;
	for (n = 0; n < 8; n++) {
		if (*next != NEXTHDR_HOP && *next != NEXTHDR_DEST &&
		    *next != NEXTHDR_ROUTING)
			return at;
		if (*next == NEXTHDR_ROUTING) {
			routing = skb_header_pointer(skb, at, 4, rbuf);
			if (!routing || routing[3])
				return -1;
		}
		opt = skb_header_pointer(skb, at, sizeof(buf), &buf);
		if (!opt)
			return -1;
		*next = opt->nexthdr;
		at += ipv6_optlen(opt);
	}
	return -1;
}

static unsigned int e2ae_hook6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct rx rx = { .en = priv, .carry.family = AF_INET6 };
	const struct ipv6hdr *ip6;
	struct e2ae_sockaddr dst = {};
	struct udphdr buf, *uh;
	u8 next;
	int at;

	if (!for_us(skb))
		return NF_ACCEPT;
	at = skip_ext6(skb, &next);
	if (at > 0 && next == IPPROTO_ICMPV6)
		e2ae_icmp6(rx.en, skb, at);
	if (at < 0 || next != IPPROTO_UDP)
		return NF_ACCEPT;
	rx.carry.hlen = at;
	uh = skb_header_pointer(skb, at, sizeof(buf), &buf);
	if (!uh)
		return NF_ACCEPT;
	ip6 = ipv6_hdr(skb);
	dst.addr.in6 = ip6->daddr;
	dst.port = uh->dest;
	dst.family = AF_INET6;
	rx.chan = e2ae_chan_find(rx.en, &dst);
	if (!rx.chan)
		return NF_ACCEPT;
	rx.src.addr.in6 = ip6->saddr;
	rx.src.port = uh->source;
	rx.src.family = AF_INET6;
	rx.carry.tos = ipv6_get_dsfield(ip6);
	rx.carry.ttl = ip6->hop_limit;
	return enter(&rx, skb);
}

static const struct nf_hook_ops hook_ops[] = {
	{
		.hook = e2ae_hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_CONNTRACK_DEFRAG + 1,
	},
	{
		.hook = e2ae_hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_CONNTRACK_DEFRAG + 1,
	},
};

static int hook_enable(struct e2ae_net *en)
{
	int err;

	err = nf_defrag_ipv4_enable(en->net);
	if (err)
		return err;
	err = nf_defrag_ipv6_enable(en->net);
	if (err)
		goto out_defrag4;
	memcpy(en->ops, hook_ops, sizeof(hook_ops));
	en->ops[0].priv = en;
	en->ops[1].priv = en;
	err = nf_register_net_hooks(en->net, en->ops, ARRAY_SIZE(hook_ops));
	if (!err)
		return 0;
	nf_defrag_ipv6_disable(en->net);
out_defrag4:
	nf_defrag_ipv4_disable(en->net);
	return err;
}

/**
 * e2ae_hook_get() - have the hooks in place for one stream more
 * @en: namespace
 *
 * Context: Process, en->lock held; sleeps.
 * Return: 0 or a negative errno.
 */
int e2ae_hook_get(struct e2ae_net *en)
{
	int err;

	lockdep_assert_held(&en->lock);
	err = en->hooked ? 0 : hook_enable(en);
	if (!err)
		en->hooked++;
	return err;
}

/**
 * e2ae_hook_put() - one stream less
 * @en: namespace
 *
 * Context: Process, en->lock held; sleeps.
 */
void e2ae_hook_put(struct e2ae_net *en)
{
	lockdep_assert_held(&en->lock);
	if (--en->hooked)
		return;
	nf_unregister_net_hooks(en->net, en->ops, ARRAY_SIZE(hook_ops));
	nf_defrag_ipv6_disable(en->net);
	nf_defrag_ipv4_disable(en->net);
}
