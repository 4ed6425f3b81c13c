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

#include "compat.h"
#include "early.h"
#include "others.h"
#include "relay.h"

static bool address4(struct sk_buff *skb, struct e2ae_sockaddr *dst)
{
	const struct iphdr *iph;
	const struct udphdr *uh;

	if (!pskb_may_pull(skb, sizeof(*iph) + sizeof(*uh)))
		return false;
	iph = ip_hdr(skb);
	uh = (const struct udphdr *)(iph + 1);
	if (iph->version != 4 || iph->ihl != 5 ||
	    iph->protocol != IPPROTO_UDP || ip_is_fragment(iph))
		return false;
	dst->addr.ip = iph->daddr;
	dst->port = uh->dest;
	dst->family = AF_INET;
	return true;
}

static bool address6(struct sk_buff *skb, struct e2ae_sockaddr *dst)
{
	const struct ipv6hdr *ip6;
	const struct udphdr *uh;

	if (!pskb_may_pull(skb, sizeof(*ip6) + sizeof(*uh)))
		return false;
	ip6 = ipv6_hdr(skb);
	uh = (const struct udphdr *)(ip6 + 1);
	if (ip6->version != 6 || ip6->nexthdr != IPPROTO_UDP)
		return false;
	dst->addr.in6 = ip6->daddr;
	dst->port = uh->dest;
	dst->family = AF_INET6;
	return true;
}

/**
 * e2ae_early_address() - where is a packet to, if it is a usual one?
 * @skb: starts with its IP header; not coalesced, not shared
 * @dst: filled in; of an IPv4 address no more than that
 *
 * Context: Bottom halves off, RCU held.
 * Return: whether it is UDP without IP options, extension headers, fragments.
 */
bool e2ae_early_address(struct sk_buff *skb, struct e2ae_sockaddr *dst)
{
	if (skb->protocol == htons(ETH_P_IP))
		return address4(skb, dst);
	return skb->protocol == htons(ETH_P_IPV6) && address6(skb, dst);
}

/* Would PRE_ROUTING give the packet to us at once, but for reassembly? */
static bool is_first(const struct e2ae_net *en, u16 family)
{
	return e2ae_others_none_before(e2ae_others_at(en->net, family,
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
 * Every step writes what the next ones read of @rx: clearing it would cost as
 * much as a look-up.
 */
static unsigned int take4(struct e2ae_net *en, struct sk_buff *skb,
			  struct e2ae_chan *chan, bool gathered)
{
	struct e2ae_rx rx __uninitialized;
	const struct iphdr *iph = ip_hdr(skb);
	const struct udphdr *uh = (const struct udphdr *)(iph + 1);
	u32 len = ntohs(iph->tot_len);

	if (len < sizeof(*iph) + sizeof(*uh) || len > skb->len ||
	    ip_fast_csum(iph, 5))
		return NF_ACCEPT;
	if (!is_first(en, AF_INET))
		return NF_ACCEPT;
	rx.en = en;
	rx.chan = chan;
	rx.gathered = gathered;
	rx.src = (struct e2ae_sockaddr){ .addr.ip = iph->saddr,
					 .port = uh->source,
					 .family = AF_INET };
	rx.carry.family = AF_INET;
	rx.carry.hlen = sizeof(*iph);
	rx.carry.tos = iph->tos;
	rx.carry.ttl = iph->ttl;
	return relay(&rx, skb, len);
}

static unsigned int take6(struct e2ae_net *en, struct sk_buff *skb,
			  struct e2ae_chan *chan, bool gathered)
{
	struct e2ae_rx rx __uninitialized;
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct udphdr *uh = (const struct udphdr *)(ip6 + 1);
	u32 len = sizeof(*ip6) + ntohs(ip6->payload_len);

	if (len < sizeof(*ip6) + sizeof(*uh) || len > skb->len || !idev ||
	    READ_ONCE(idev->cnf.disable_ipv6) ||
	    ipv6_addr_is_multicast(&ip6->saddr) ||
	    ipv6_addr_loopback(&ip6->saddr) || ipv6_addr_loopback(&ip6->daddr))
		return NF_ACCEPT;
	if (!is_first(en, AF_INET6))
		return NF_ACCEPT;
	rx.en = en;
	rx.chan = chan;
	rx.gathered = gathered;
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
 * e2ae_early_take() - take a packet to a leg at ingress, if IP would take it
 * @en: namespace
 * @skb: the packet, with e2ae_early_address()
 * @chan: channel of that address
 * @gathered: gather.c has asked the memory for what it needs
 *
 * Context: Bottom halves off, RCU held.
 * Return: NF_STOLEN, or NF_ACCEPT for what is left to IP.
 */
unsigned int e2ae_early_take(struct e2ae_net *en, struct sk_buff *skb,
			     struct e2ae_chan *chan, bool gathered)
{
	if (skb->protocol == htons(ETH_P_IP))
		return take4(en, skb, chan, gathered);
	return take6(en, skb, chan, gathered);
}
