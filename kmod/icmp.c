// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about what a leg sent, and the one a leg sends itself: no socket
 * is bound to a leg's port, so nobody else would mind them.
 */
#include <linux/bottom_half.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/udp.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "chan.h"
#include "compat.h"
#include "icmp.h"
#include "leg.h"
#include "stats.h"

/* The smallest datagram that IPv4 may be asked for (RFC 791). */
#define IPV4_LEAST_MTU 68

/*
 * The route's own handler reads the quoted header to know which flow it is, so
 * it must find that as the packet's.
 */
static void update_route(struct net *net, struct e2ae_path *path,
			 struct sk_buff *skb, int quote, u32 mtu)
{
	struct dst_entry *dst = e2ae_xmit_route(net, path);
	int header = skb_network_offset(skb);
	struct net_device *dev = skb->dev;
	u32 mark = skb->mark;

	if (!dst ||
	    !pskb_may_pull(skb, quote + (path->peer.family == AF_INET ?
						 sizeof(struct iphdr) :
						 sizeof(struct ipv6hdr))))
		return;
	skb_set_network_header(skb, quote);
	skb->dev = e2ae_dst_dev(dst);
	skb->mark = path->mark;
	dst->ops->update_pmtu(dst, NULL, skb, mtu, false);
	skb->mark = mark;
	skb->dev = dev;
	skb_set_network_header(skb, header);
}

/*
 * An error that quotes a packet from @local to @peer. Believed only where it
 * names the peer we have; @mtu is 0 unless the packet was too big.
 */
static void heard_error(struct e2ae_net *en, struct sk_buff *skb, int quote,
			const struct e2ae_sockaddr *local,
			const struct e2ae_sockaddr *peer, u32 mtu)
{
	struct e2ae_chan *chan = e2ae_chan_find(en, local);
	struct e2ae_path *path;

	if (!chan)
		return;
	local_bh_disable();
	path = rcu_dereference(chan->path);
	if (e2ae_sockaddr_equal(&path->peer, peer)) {
		if (mtu)
			update_route(en->net, path, skb, quote, mtu);
		e2ae_stats_add(en, mtu ? E2AE_C_ICMP_PMTU : E2AE_C_ICMP_OTHER,
			       1);
	}
	local_bh_enable();
}

/**
 * e2ae_icmp4() - look at an ICMP message on its way to the host
 * @en: namespace
 * @skb: starts with the IP header
 *
 * Context: RCU held.
 */
void e2ae_icmp4(struct e2ae_net *en, struct sk_buff *skb)
{
	struct e2ae_sockaddr local = { .family = AF_INET }, peer = local;
	int at = ip_hdrlen(skb), quote = at + sizeof(struct icmphdr);
	struct icmphdr ibuf, *icmp;
	struct iphdr hbuf, *iph;
	struct udphdr ubuf, *uh;

	icmp = skb_header_pointer(skb, at, sizeof(ibuf), &ibuf);
	if (!icmp || !icmp_is_err(icmp->type) || icmp->type == ICMP_REDIRECT)
		return;
	iph = skb_header_pointer(skb, quote, sizeof(hbuf), &hbuf);
	if (!iph || iph->protocol != IPPROTO_UDP || iph->ihl < 5 ||
	    iph->saddr != ip_hdr(skb)->daddr)
		return;
	uh = skb_header_pointer(skb, quote + iph->ihl * 4, sizeof(ubuf), &ubuf);
	if (!uh || nf_ip_checksum(skb, NF_INET_PRE_ROUTING, at, IPPROTO_ICMP))
		return;
	local.addr.ip = iph->saddr;
	local.port = uh->source;
	peer.addr.ip = iph->daddr;
	peer.port = uh->dest;
	heard_error(en, skb, quote, &local, &peer,
		    icmp->type == ICMP_DEST_UNREACH &&
				    icmp->code == ICMP_FRAG_NEEDED ?
			    ntohs(icmp->un.frag.mtu) :
			    0);
}

/**
 * e2ae_icmp6() - look at an ICMPv6 message on its way to the host
 * @en: namespace
 * @skb: starts with the IP header
 * @at: octets in front of the ICMPv6 header
 *
 * Context: RCU held.
 */
void e2ae_icmp6(struct e2ae_net *en, struct sk_buff *skb, int at)
{
	struct e2ae_sockaddr local = { .family = AF_INET6 }, peer = local;
	int quote = at + sizeof(struct icmp6hdr);
	struct icmp6hdr ibuf, *icmp;
	struct ipv6hdr hbuf, *ip6;
	struct udphdr ubuf, *uh;

	icmp = skb_header_pointer(skb, at, sizeof(ibuf), &ibuf);
	if (!icmp || icmp->icmp6_type & ICMPV6_INFOMSG_MASK)
		return;
	ip6 = skb_header_pointer(skb, quote, sizeof(hbuf), &hbuf);
	if (!ip6 || ip6->nexthdr != IPPROTO_UDP ||
	    !ipv6_addr_equal(&ip6->saddr, &ipv6_hdr(skb)->daddr))
		return;
	uh = skb_header_pointer(skb, quote + sizeof(*ip6), sizeof(ubuf), &ubuf);
	if (!uh ||
	    nf_ip6_checksum(skb, NF_INET_PRE_ROUTING, at, IPPROTO_ICMPV6))
		return;
	local.addr.in6 = ip6->saddr;
	local.port = uh->source;
	peer.addr.in6 = ip6->daddr;
	peer.port = uh->dest;
	heard_error(en, skb, quote, &local, &peer,
		    icmp->icmp6_type == ICMPV6_PKT_TOOBIG ?
			    ntohl(icmp->icmp6_mtu) :
			    0);
}

/**
 * e2ae_icmp_too_big() - tell a sender that its packet is too big
 * @skb: the packet with its IP and UDP header; cut behind them, since what
 *	follows may have been decrypted
 * @carry: of its headers
 * @mtu: largest IP packet of the sender that passes, octets; less than 0 where
 *	what is added alone is too much
 *
 * Context: Bottom halves off, RCU held.
 */
void e2ae_icmp_too_big(struct sk_buff *skb, const struct e2ae_carry *carry,
		       int mtu)
{
	const struct iphdr *iph = ip_hdr(skb);

	skb_trim(skb, carry->hlen + sizeof(struct udphdr));
	if (carry->family == AF_INET6) {
		icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, max(mtu, IPV6_MIN_MTU));
		return;
	}
	if (!skb_dst(skb) &&
	    e2ae_route_input(skb, iph->daddr, iph->saddr, iph->tos))
		return;
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
		  htonl(max(mtu, IPV4_LEAST_MTU)));
}
