// SPDX-License-Identifier: GPL-2.0
/*
 * One packet to a leg through all the steps: may it come in, what is it, out of
 * its protection, into that of the other leg, and on its way.
 */
#include <linux/interrupt.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel_stat.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/xfrm.h>

#include "compat.h"
#include "icmp.h"
#include "ingress.h"
#include "leg.h"
#include "relay.h"
#include "srtp.h"
#include "warm.h"
#include "xmit.h"

/* What the steps return beside 0 and the reasons of a drop. */
#define TO_HOST (-1) /* no media: left to the host */

static struct udphdr *rx_udp(const struct e2ae_rx *rx,
			     const struct sk_buff *skb)
{
	return (struct udphdr *)(skb->data + rx->carry.hlen);
}

/* Length and checksum (RFC 768; RFC 8200, 8.1: never zero over IPv6). */
static int check_udp(struct e2ae_rx *rx, struct sk_buff *skb)
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

static int check_policy(const struct e2ae_rx *rx, struct sk_buff *skb)
{
	bool ok = rx->carry.family == AF_INET ?
			  xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb) :
			  xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);

	return ok ? 0 : E2AE_A_DROPS_POLICY;
}

/*
 * Is it media? Reads two octets, the packet may still be shared.
 */
static int classify(struct e2ae_rx *rx, struct sk_buff *skb)
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
	return TO_HOST;
}

/* Octets by which the packet will grow. */
static u32 overhead(const struct e2ae_rx *rx)
{
	return rx->tx ? e2ae_srtp_overhead(rx->tx, rx->p.rtcp) : 0;
}

/* A packet that can be changed in place, with room behind it. */
static int make_private(struct e2ae_rx *rx, struct sk_buff *skb, u32 room)
{
	if (likely(!skb_cloned(skb) && skb_tailroom(skb) >= (int)room))
		return 0;
	e2ae_stats_add(rx->en, E2AE_C_COPIED, 1);
	if (pskb_expand_head(skb, 0, skb->data_len + room, GFP_ATOMIC) ||
	    skb_linearize(skb))
		return E2AE_A_DROPS_NO_MEMORY;
	return 0;
}

static int parse(struct e2ae_rx *rx, struct sk_buff *skb)
{
	u32 at = rx->carry.hlen + sizeof(struct udphdr);

	rx->p.data = skb->data + at;
	rx->p.len = skb->len - at;
	rx->p.sa = NULL;
	rx->p.ctx = NULL;
	if (rx->p.rtcp)
		return e2ae_rtcp_parse(&rx->p) ? 0 : E2AE_A_DROPS_RTCP_HEADER;
	return e2ae_rtp_parse(&rx->p) ? 0 : E2AE_A_DROPS_RTP_HEADER;
}

/**
 * struct arrival - when the packets came that a CPU is at
 * @now: nanoseconds
 * @run: which run of packets that was of
 * @tick: jiffies then
 * @left: packets until the clock is read again, whatever else
 */
struct arrival {
	u64 now;
	unsigned long run;
	unsigned long tick;
	u32 left;
};

static DEFINE_PER_CPU(struct arrival, arrivals);

#define ARRIVAL_SHARED 32

/*
 * Reading the clock costs as much as all checks of a packet, and packets come
 * in runs. Those of one run have come together: of one softirq, or of a thread
 * that has not slept meanwhile.
 */
static u64 arrived(void)
{
	struct arrival *a = this_cpu_ptr(&arrivals);
	unsigned long run, tick = jiffies;

	if (in_serving_softirq())
		run = __this_cpu_read(kstat.softirqs[NET_RX_SOFTIRQ]);
	else
		run = current->nvcsw + current->nivcsw;
	if (a->left && a->run == run && a->tick == tick) {
		a->left--;
		return a->now;
	}
	a->run = run;
	a->tick = tick;
	a->left = ARRIVAL_SHARED - 1;
	a->now = ktime_get_ns();
	return a->now;
}

/* From the leg that heard it to the plain packet. */
static int receive(struct e2ae_rx *rx, struct sk_buff *skb)
{
	struct e2ae_leg *leg = rx->chan->leg;
	int drop;

	if (leg->secure) {
		drop = e2ae_leg_unprotect(leg, &rx->p);
		if (drop)
			return drop;
		rx->unprotected = true;
	}
	e2ae_leg_heard(leg, rx->chan, &rx->src, skb->dev);
	e2ae_flow_count(&leg->flow, &rx->p, arrived());
	if (!rx->early)
		e2ae_ingress_learn(rx->en, skb->dev);
	return 0;
}

/*
 * May it be fragmented on its way on? An IPv4 sender says so; an IPv6 sender
 * does by fragmenting itself, or with a packet that must pass anywhere.
 */
static bool must_not_fragment(const struct e2ae_rx *rx,
			      const struct sk_buff *skb)
{
	if (rx->carry.family == AF_INET)
		return ip_hdr(skb)->frag_off & htons(IP_DF) &&
		       (rx->early || !(IPCB(skb)->flags & IPSKB_FRAG_PMTU));
	if (rx->early)
		return skb->len > IPV6_MIN_MTU;
	return !(IP6CB(skb)->flags & IP6SKB_FRAGMENTED) &&
	       !IP6CB(skb)->frag_max_size && skb->len > IPV6_MIN_MTU;
}

/* What IP notes of a packet, for one that IP has not seen: ICMP reads it. */
static void prepare_cb(const struct e2ae_rx *rx, struct sk_buff *skb)
{
	memset(skb->cb, 0, sizeof(skb->cb));
	if (rx->carry.family == AF_INET)
		IPCB(skb)->iif = skb->skb_iif;
	else
		IP6CB(skb)->iif = skb->dev->ifindex;
}

/* From the plain packet to the wire of the other leg; consumes on success. */
static int send(struct e2ae_rx *rx, struct sk_buff *skb)
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
	rx->carry.fits = size <= mtu;
	if (unlikely(rx->carry.df && !rx->carry.fits)) {
		if (rx->early)
			prepare_cb(rx, skb);
		e2ae_icmp_too_big(skb, &rx->carry,
				  (int)mtu - (int)(size - skb->len));
		return E2AE_A_DROPS_TOO_BIG;
	}
	if (out->secure) {
		drop = e2ae_srtp_protect(rx->tx, &rx->p);
		if (drop)
			return drop;
		rx->protected = true;
	}
	e2ae_warm_learn(out->other, path, &rx->p);
	drop = e2ae_xmit(rx->en, skb, path, dst, &rx->p, &rx->carry);
	if (drop) {
		e2ae_stats_drop(rx->en, out->stream, drop);
	} else {
		rx->relayed = true;
		rx->octets = octets;
	}
	return 0;
}

/* Checks that cost little come first; nothing of the packet is changed. */
static int admit(struct e2ae_rx *rx, struct sk_buff *skb)
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

/* All at once: where a CPU's counters are takes longer than to count. */
static void count(const struct e2ae_rx *rx)
{
	struct e2ae_stats *st = this_cpu_ptr(rx->en->stats);
	int c = rx->p.rtcp ? E2AE_C_RTCP_PACKETS : E2AE_C_PACKETS;

	u64_stats_update_begin(&st->syncp);
	u64_stats_add(&st->n[c], rx->relayed);
	u64_stats_add(&st->n[c + 1], rx->octets);
	u64_stats_add(&st->n[E2AE_C_PROTECTED], rx->protected);
	u64_stats_add(&st->n[E2AE_C_UNPROTECTED], rx->unprotected);
	u64_stats_add(&st->n[E2AE_C_INGRESS], rx->early);
	u64_stats_add(&st->n[E2AE_C_DIRECT], rx->carry.direct);
	u64_stats_update_end(&st->syncp);
}

/* Takes one packet, not a coalesced one, through all steps. */
static unsigned int run(struct e2ae_rx *rx, struct sk_buff *skb)
{
	struct e2ae_leg *leg = rx->chan->leg;
	int drop;

	rx->p.rtcp = false;
	rx->octets = 0;
	rx->relayed = false;
	rx->protected = false;
	rx->unprotected = false;
	rx->carry.direct = false;
	rx->carry.df = must_not_fragment(rx, skb);
	drop = admit(rx, skb);
	if (drop == TO_HOST)
		return NF_ACCEPT;
	rx->tx = leg->other->secure ? rcu_dereference(leg->other->out) : NULL;
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
	count(rx);
	/* Otherwise it is on its way, or a cipher holds it for ever. */
	return NF_STOLEN;
}

/* UDP segments that came coalesced go one by one. */
static unsigned int run_segments(struct e2ae_rx *rx, struct sk_buff *skb)
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
		struct e2ae_rx one = *rx;

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

/**
 * e2ae_relay() - take a packet to one of our channels through all steps
 * @rx: what the headers say of it; @path, @tx and @p are filled in
 * @skb: the packet; consumed unless the verdict is NF_ACCEPT
 *
 * Context: Bottom halves off, RCU held.
 * Return: NF_STOLEN, or NF_ACCEPT for what is left to the host.
 */
unsigned int e2ae_relay(struct e2ae_rx *rx, struct sk_buff *skb)
{
	unsigned int verdict;

	if (!rx->gathered)
		e2ae_warm(rx->en, rx->chan);
	rx->path = rcu_dereference(rx->chan->path);
	if (unlikely(!right_device(rx->path, skb->dev))) {
		e2ae_stats_drop(rx->en, rx->chan->leg->stream,
				E2AE_A_DROPS_DEVICE);
		e2ae_stats_add(rx->en, E2AE_C_INGRESS, rx->early);
		kfree_skb(skb);
		return NF_STOLEN;
	}
	if (unlikely(skb_is_gso(skb)))
		return run_segments(rx, skb);
	verdict = run(rx, skb);
	/* From a device's ingress it has yet to come by PRE_ROUTING. */
	if (unlikely(verdict == NF_ACCEPT) && !rx->early)
		e2ae_stats_add(rx->en, E2AE_C_LOCAL, 1);
	return verdict;
}
