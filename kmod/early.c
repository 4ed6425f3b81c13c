// SPDX-License-Identifier: GPL-2.0
/*
 * The usual packet at the ingress of a device. It has passed taps, XDP, tc and
 * the tables at ingress, for we are the last there; IP's own checks are
 * repeated, and what fails one is left to IP, which counts it.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "chan.h"
#include "compat.h"
#include "early.h"
#include "gather.h"
#include "ingress.h"
#include "others.h"
#include "relay.h"

/* Would PRE_ROUTING give it to us at once, but for reassembly, and need not? */
static bool is_first(const struct e2ae_net *en, u16 family)
{
	return READ_ONCE(e2ae_ingress_wanted) &&
	       e2ae_others_none_before(e2ae_others_at(en->net, family,
						      NF_INET_PRE_ROUTING),
				       &en->defrag[family != AF_INET],
				       en->ops[family != AF_INET].hook);
}

/* Takes it, as long as IP would say it is: without what pads the frame. */
static unsigned int relay(struct e2ae_rx *rx, struct sk_buff *skb, u32 len)
{
	if (pskb_trim_rcsum(skb, len))
		return NF_ACCEPT;
	rx->early = true;
	return e2ae_relay(rx, skb);
}

/*
 * Both in one piece each: what is handed from one function to the next by memory
 * costs as much as a look-up. For the same reason every step writes what the
 * next ones read of @rx, which is not cleared; and nothing is copied that was
 * just written in smaller pieces.
 */
static unsigned int early4(struct e2ae_net *en, struct sk_buff *skb,
			   struct e2ae_chan *chan)
{
	struct e2ae_rx rx __uninitialized;
	struct e2ae_sockaddr dst;
	const struct iphdr *iph;
	const struct udphdr *uh;
	u32 len;

	if (!pskb_may_pull(skb, sizeof(*iph) + sizeof(*uh)))
		return NF_ACCEPT;
	iph = ip_hdr(skb);
	uh = (const struct udphdr *)(iph + 1);
	if (iph->version != 4 || iph->ihl != 5 ||
	    iph->protocol != IPPROTO_UDP || ip_is_fragment(iph))
		return NF_ACCEPT;
	rx.gathered = chan;
	if (!chan) {
		dst.addr.ip = iph->daddr;
		dst.port = uh->dest;
		dst.family = AF_INET;
		if (e2ae_gather(en, skb, &dst))
			return NF_STOLEN;
		chan = e2ae_chan_find(en, &dst);
		if (!chan)
			return NF_ACCEPT;
	}
	len = ntohs(iph->tot_len);
	if (len < sizeof(*iph) + sizeof(*uh) || len > skb->len ||
	    ip_fast_csum(iph, 5))
		return NF_ACCEPT;
	if (!is_first(en, AF_INET))
		return NF_ACCEPT;
	rx.en = en;
	rx.chan = chan;
	rx.src.addr.all[0] = (__force u32)iph->saddr;
	rx.src.addr.all[1] = 0;
	rx.src.addr.all[2] = 0;
	rx.src.addr.all[3] = 0;
	rx.src.port = uh->source;
	rx.src.family = AF_INET;
	rx.carry.family = AF_INET;
	rx.carry.hlen = sizeof(*iph);
	rx.carry.tos = iph->tos;
	rx.carry.ttl = iph->ttl;
	return relay(&rx, skb, len);
}

static unsigned int early6(struct e2ae_net *en, struct sk_buff *skb,
			   struct e2ae_chan *chan)
{
	struct e2ae_rx rx __uninitialized;
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	struct e2ae_sockaddr dst;
	const struct ipv6hdr *ip6;
	const struct udphdr *uh;
	u32 len;

	if (!pskb_may_pull(skb, sizeof(*ip6) + sizeof(*uh)))
		return NF_ACCEPT;
	ip6 = ipv6_hdr(skb);
	uh = (const struct udphdr *)(ip6 + 1);
	if (ip6->version != 6 || ip6->nexthdr != IPPROTO_UDP)
		return NF_ACCEPT;
	rx.gathered = chan;
	if (!chan) {
		dst.addr.in6 = ip6->daddr;
		dst.port = uh->dest;
		dst.family = AF_INET6;
		if (e2ae_gather(en, skb, &dst))
			return NF_STOLEN;
		chan = e2ae_chan_find(en, &dst);
		if (!chan)
			return NF_ACCEPT;
	}
	len = sizeof(*ip6) + ntohs(ip6->payload_len);
	if (len < sizeof(*ip6) + sizeof(*uh) || len > skb->len || !idev ||
	    READ_ONCE(idev->cnf.disable_ipv6) ||
	    ipv6_addr_is_multicast(&ip6->saddr) ||
	    ipv6_addr_loopback(&ip6->saddr) || ipv6_addr_loopback(&ip6->daddr))
		return NF_ACCEPT;
	if (!is_first(en, AF_INET6))
		return NF_ACCEPT;
	rx.en = en;
	rx.chan = chan;
	rx.src.addr.in6 = ip6->saddr;
	rx.src.port = uh->source;
	rx.src.family = AF_INET6;
	rx.carry.family = AF_INET6;
	rx.carry.hlen = sizeof(*ip6);
	rx.carry.tos = ipv6_get_dsfield(ip6);
	rx.carry.ttl = ip6->hop_limit;
	return relay(&rx, skb, len);
}

/**
 * e2ae_early() - take a usual packet at ingress, if it is a leg's
 * @en: namespace
 * @skb: starts with its IP header; not coalesced, not shared
 * @chan: its channel, if it has waited (gather.c); NULL: it is looked for
 *
 * Usual is UDP without IP options, extension headers, fragments.
 *
 * Context: Bottom halves off, RCU held.
 * Return: NF_STOLEN, also if it waits now; NF_ACCEPT for what is left to IP.
 */
unsigned int e2ae_early(struct e2ae_net *en, struct sk_buff *skb,
			struct e2ae_chan *chan)
{
	if (skb->protocol == htons(ETH_P_IP))
		return early4(en, skb, chan);
	if (skb->protocol == htons(ETH_P_IPV6))
		return early6(en, skb, chan);
	return NF_ACCEPT;
}
