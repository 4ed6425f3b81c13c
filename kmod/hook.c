// SPDX-License-Identifier: GPL-2.0
/*
 * The netfilter hooks: whose packet is it? relay.c takes those of a leg on.
 *
 * The hooks of IP stand behind reassembly and before everything else in
 * PRE_ROUTING. A packet that comes to a leg's port never gets past them, unless
 * it is no media and the leg leaves such to the host. The hook at the ingress
 * of a device (ingress.c) takes the usual packet (early.c) before IP looks at it,
 * and only where nothing would notice; it leaves whatever is not usual to IP.
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
#include <net/ipv6.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "chan.h"
#include "compat.h"
#include "early.h"
#include "gather.h"
#include "hook.h"
#include "icmp.h"
#include "ingress.h"
#include "others.h"
#include "relay.h"

/* Did a bridge show this to the hooks of IP? */
static bool is_bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	return nf_bridge_info_exists(skb);
#else
	return false;
#endif
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

/* A packet of a local process gets here with bottom halves on. */
static unsigned int enter(struct e2ae_rx *rx, struct sk_buff *skb)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = e2ae_relay(rx, skb);
	local_bh_enable();
	return verdict;
}

static unsigned int e2ae_hook4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct e2ae_rx rx = { .en = priv, .carry.family = AF_INET };
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
	rx.gathered = e2ae_gather_pays(rx.en) && e2ae_gather_asked();
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
	struct e2ae_rx rx = { .en = priv, .carry.family = AF_INET6 };
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
	rx.gathered = e2ae_gather_pays(rx.en) && e2ae_gather_asked();
	rx.src.addr.in6 = ip6->saddr;
	rx.src.port = uh->source;
	rx.src.family = AF_INET6;
	rx.carry.tos = ipv6_get_dsfield(ip6);
	rx.carry.ttl = ip6->hop_limit;
	return enter(&rx, skb);
}

/**
 * e2ae_hook_ingress() - look at a packet at the ingress of a device
 * @priv: namespace
 * @skb: the packet
 * @state: unused
 *
 * What is coalesced, shared, tagged for a VLAN or for others, handed on to
 * another device, or filtered by a bridge, goes its usual way.
 *
 * Context: Bottom halves off, RCU held.
 * Return: NF_STOLEN for a leg's, else NF_ACCEPT.
 */
unsigned int e2ae_hook_ingress(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	if (skb->pkt_type != PACKET_HOST || skb_vlan_tag_present(skb) ||
	    skb_is_gso(skb) || skb_shared(skb) || is_bridged(skb) ||
	    rcu_access_pointer(skb->dev->rx_handler))
		return NF_ACCEPT;
	if (unlikely(!READ_ONCE(e2ae_ingress_wanted)) &&
	    !e2ae_gather_pays(priv))
		return NF_ACCEPT;
	return e2ae_early(priv, skb, NULL);
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
	if (err)
		goto out_defrag6;
	rcu_read_lock();
	e2ae_others_defrag(e2ae_others_at(en->net, AF_INET,
					  NF_INET_PRE_ROUTING),
			   &en->defrag[0]);
	e2ae_others_defrag(e2ae_others_at(en->net, AF_INET6,
					  NF_INET_PRE_ROUTING),
			   &en->defrag[1]);
	rcu_read_unlock();
	return 0;

out_defrag6:
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
	e2ae_ingress_clear(en);
	nf_unregister_net_hooks(en->net, en->ops, ARRAY_SIZE(hook_ops));
	nf_defrag_ipv6_disable(en->net);
	nf_defrag_ipv4_disable(en->net);
}
