// SPDX-License-Identifier: GPL-2.0
/* Objects to attributes of a reply. Never a key. */
#include <linux/jiffies.h>

#include "leg.h"
#include "netlink-attr.h"
#include "stats.h"

/* 64-bit attributes are aligned by one of type 0, where a machine minds. */
static int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, 0);
}

static int fill_count(struct sk_buff *skb, int attr, const struct e2ae_count *c)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest || put_u64(skb, E2AE_A_COUNTERS_PACKETS, c->packets) ||
	    put_u64(skb, E2AE_A_COUNTERS_OCTETS, c->octets) ||
	    put_u64(skb, E2AE_A_COUNTERS_RTCP_PACKETS, c->rtcp_packets) ||
	    put_u64(skb, E2AE_A_COUNTERS_RTCP_OCTETS, c->rtcp_octets))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Of an object's causes only those that happened. */
static int fill_drops(struct sk_buff *skb, int attr,
		      const struct e2ae_drops *drops)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	u64 n;
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i < E2AE_DROPS; i++) {
		n = atomic_long_read(&drops->n[i]);
		if (n && put_u64(skb, i, n))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_ssrc(struct sk_buff *skb, struct e2ae_ctx *ctx)
{
	struct nlattr *nest = nla_nest_start(skb, E2AE_A_SA_STATE);
	u64 rtp, rtcp, packets, rtcp_packets;

	spin_lock(&ctx->lock);
	rtp = ctx->rtp.next;
	rtcp = ctx->rtcp.next;
	packets = ctx->packets;
	rtcp_packets = ctx->rtcp_packets;
	spin_unlock(&ctx->lock);

	if (!nest || nla_put_u32(skb, E2AE_A_SSRC_SSRC, ctx->ssrc) ||
	    nla_put_u32(skb, E2AE_A_SSRC_RTCP_INDEX, rtcp) ||
	    put_u64(skb, E2AE_A_SSRC_PACKETS, packets) ||
	    put_u64(skb, E2AE_A_SSRC_RTCP_PACKETS, rtcp_packets))
		return -EMSGSIZE;
	if (rtp-- && (nla_put_u32(skb, E2AE_A_SSRC_ROC, rtp >> 16) ||
		      nla_put_u16(skb, E2AE_A_SSRC_SEQ, rtp & 0xffff)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_states(struct sk_buff *skb, struct e2ae_ctxs *ctxs)
{
	struct e2ae_ctx *ctx;
	int err = 0;

	spin_lock_bh(&ctxs->lock);
	hlist_for_each_entry(ctx, &ctxs->list, node) {
		err = fill_ssrc(skb, ctx);
		if (err)
			break;
	}
	spin_unlock_bh(&ctxs->lock);
	return err;
}

static int fill_drivers(struct sk_buff *skb, const struct e2ae_sa *sa)
{
	const char *cipher = e2ae_session_driver(&sa->rtp, sa->suite, false);
	const char *fallback = e2ae_session_driver(&sa->rtp, sa->suite, true);
	const char *mac = e2ae_session_mac_driver(&sa->rtp, sa->suite);

	if (cipher && nla_put_string(skb, E2AE_A_SA_CIPHER, cipher))
		return -EMSGSIZE;
	if (fallback && nla_put_string(skb, E2AE_A_SA_FALLBACK, fallback))
		return -EMSGSIZE;
	return mac ? nla_put_string(skb, E2AE_A_SA_MAC, mac) : 0;
}

/**
 * e2ae_nl_fill_sa() - append an SA to a message
 * @skb: the message
 * @sa: the SA
 *
 * Context: Process, en->lock held.
 * Return: 0 or -EMSGSIZE; the caller cuts the message then.
 */
int e2ae_nl_fill_sa(struct sk_buff *skb, struct e2ae_sa *sa)
{
	struct nlattr *nest = nla_nest_start(skb, E2AE_A_SA);
	const struct e2ae_ctxs *ctxs = sa->ctxs;
	struct e2ae_count sum;

	e2ae_ctxs_count(sa->ctxs, &sum);
	if (!nest || nla_put_u32(skb, E2AE_A_SA_ID, sa->id) ||
	    nla_put_u32(skb, E2AE_A_SA_SUITE, e2ae_suite_id(sa->suite)) ||
	    (sa->mki_len &&
	     nla_put(skb, E2AE_A_SA_MKI, sa->mki_len, sa->mki)) ||
	    nla_put_u32(skb, E2AE_A_SA_WINDOW, ctxs->window) ||
	    nla_put_u32(skb, E2AE_A_SA_SSRC_MAX, ctxs->max) ||
	    nla_put_u32(skb, E2AE_A_SA_ROC, sa->roc) ||
	    (ctxs->fixed && nla_put_flag(skb, E2AE_A_SA_FIXED_SSRCS)) ||
	    put_u64(skb, E2AE_A_SA_SOFT_PACKETS, sa->soft) ||
	    put_u64(skb, E2AE_A_SA_HARD_PACKETS, sa->hard) ||
	    (sa->autodel && nla_put_flag(skb, E2AE_A_SA_AUTODEL)) ||
	    nla_put_u32(skb, E2AE_A_SA_DIRECTION, sa->dir) ||
	    nla_put_u32(skb, E2AE_A_SA_STREAMS, sa->users) ||
	    (READ_ONCE(sa->expired) && nla_put_flag(skb, E2AE_A_SA_EXPIRED)) ||
	    fill_drivers(skb, sa) || fill_count(skb, E2AE_A_SA_STATS, &sum) ||
	    fill_drops(skb, E2AE_A_SA_DROPS, &sa->drops) ||
	    fill_states(skb, sa->ctxs))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_addr(struct sk_buff *skb, int attr,
		    const struct e2ae_sockaddr *a)
{
	return nla_put(skb, attr, a->family == AF_INET ? 4 : 16, &a->addr);
}

static int put_sockaddr(struct sk_buff *skb, int addr, int port,
			const struct e2ae_sockaddr *a)
{
	if (!a->family)
		return 0;
	return put_addr(skb, addr, a) ?: nla_put_u16(skb, port, ntohs(a->port));
}

static int put_sa_id(struct sk_buff *skb, int attr,
		     const struct e2ae_sa __rcu *sa)
{
	const struct e2ae_sa *held = rcu_dereference(sa);

	return held ? nla_put_u32(skb, attr, held->id) : 0;
}

/* Where packets come from and go to at the moment. */
static int fill_peers(struct sk_buff *skb, const struct e2ae_leg *leg)
{
	const struct e2ae_path *rtp = rcu_dereference(leg->rtp.path);
	const struct e2ae_path *rtcp = rcu_dereference(leg->rtcp.path);

	if (put_sockaddr(skb, E2AE_A_LEG_PEER_ADDR, E2AE_A_LEG_PEER_PORT,
			 &rtp->peer) ||
	    (rtp->latched && nla_put_flag(skb, E2AE_A_LEG_LATCHED)))
		return -EMSGSIZE;
	if (leg->mux)
		return 0;
	if (nla_put_u16(skb, E2AE_A_LEG_RTCP_PORT, ntohs(rtcp->local.port)) ||
	    put_sockaddr(skb, E2AE_A_LEG_RTCP_PEER_ADDR,
			 E2AE_A_LEG_RTCP_PEER_PORT, &rtcp->peer) ||
	    (rtcp->latched && nla_put_flag(skb, E2AE_A_LEG_RTCP_LATCHED)))
		return -EMSGSIZE;
	return 0;
}

static int fill_sas(struct sk_buff *skb, const struct e2ae_leg *leg)
{
	if (put_sa_id(skb, E2AE_A_LEG_IN_SA, leg->in) ||
	    put_sa_id(skb, E2AE_A_LEG_OUT_SA, leg->out) ||
	    put_sa_id(skb, E2AE_A_LEG_OLD_IN_SA, leg->old_in))
		return -EMSGSIZE;
	return 0;
}

static int fill_net(struct sk_buff *skb, const struct e2ae_leg_conf *conf)
{
	int len = conf->local.family == AF_INET ? 4 : 16, err;

	if (!conf->has_net)
		return 0;
	err = nla_put(skb, E2AE_A_LEG_LATCH_ADDR, len, &conf->net);
	if (err)
		return err;
	return nla_put_u8(skb, E2AE_A_LEG_LATCH_PREFIX, conf->prefix);
}

static int fill_leg(struct sk_buff *skb, int attr, const struct e2ae_leg *leg)
{
	const struct e2ae_leg_conf *conf = &leg->conf;
	struct nlattr *nest = nla_nest_start(skb, attr);
	int err;

	if (!nest ||
	    put_sockaddr(skb, E2AE_A_LEG_LOCAL_ADDR, E2AE_A_LEG_LOCAL_PORT,
			 &conf->local) ||
	    fill_net(skb, conf) ||
	    nla_put_u32(skb, E2AE_A_LEG_RTCP_MODE, conf->rtcp_mode) ||
	    nla_put_u32(skb, E2AE_A_LEG_SOURCE, conf->source) ||
	    nla_put_u32(skb, E2AE_A_LEG_NONMEDIA, conf->nonmedia) ||
	    (conf->ifindex &&
	     nla_put_u32(skb, E2AE_A_LEG_IFINDEX, conf->ifindex)) ||
	    nla_put_flag(skb,
			 conf->secure ? E2AE_A_LEG_SECURE : E2AE_A_LEG_PLAIN) ||
	    (conf->dscp != E2AE_DSCP_KEEP &&
	     nla_put_u8(skb, E2AE_A_LEG_DSCP, conf->dscp)) ||
	    (conf->mark && nla_put_u32(skb, E2AE_A_LEG_MARK, conf->mark)))
		return -EMSGSIZE;
	rcu_read_lock();
	err = fill_peers(skb, leg) ?: fill_sas(skb, leg);
	rcu_read_unlock();
	if (!err)
		nla_nest_end(skb, nest);
	return err;
}

static int fill_flow(struct sk_buff *skb, int attr, struct e2ae_leg *leg)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	struct e2ae_flow_sum sum;

	e2ae_flow_read(&leg->flow, &sum);
	if (!nest || put_u64(skb, E2AE_A_FLOW_PACKETS, sum.packets) ||
	    put_u64(skb, E2AE_A_FLOW_OCTETS, sum.octets) ||
	    put_u64(skb, E2AE_A_FLOW_RTCP_PACKETS, sum.rtcp_packets) ||
	    put_u64(skb, E2AE_A_FLOW_RTCP_OCTETS, sum.rtcp_octets) ||
	    put_u64(skb, E2AE_A_FLOW_LOST, sum.lost) ||
	    nla_put_u32(skb, E2AE_A_FLOW_JITTER, sum.jitter) ||
	    nla_put_u32(skb, E2AE_A_FLOW_SSRCS, sum.ssrcs) ||
	    (sum.ssrcs && nla_put_u32(skb, E2AE_A_FLOW_SSRC, sum.ssrc)) ||
	    (READ_ONCE(leg->ever) &&
	     nla_put_u32(skb, E2AE_A_FLOW_IDLE,
			 jiffies_to_msecs(e2ae_leg_idle(leg)))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * e2ae_nl_fill_stream() - append a stream to a message
 * @skb: the message
 * @stream: the stream
 *
 * Context: Process, en->lock held.
 * Return: 0 or -EMSGSIZE; the caller cuts the message then.
 */
int e2ae_nl_fill_stream(struct sk_buff *skb, struct e2ae_stream *stream)
{
	struct nlattr *nest = nla_nest_start(skb, E2AE_A_STREAM);
	struct e2ae_leg *leg = stream->leg;

	if (!nest || nla_put_u32(skb, E2AE_A_STREAM_ID, stream->id) ||
	    fill_leg(skb, E2AE_A_STREAM_ACCESS, &leg[E2AE_LEG_SIDE_ACCESS]) ||
	    fill_leg(skb, E2AE_A_STREAM_CORE, &leg[E2AE_LEG_SIDE_CORE]) ||
	    nla_put_u32(skb, E2AE_A_STREAM_TIMEOUT, stream->timeout) ||
	    nla_put_u32(skb, E2AE_A_STREAM_CLOCK_RATE, stream->clock_rate) ||
	    nla_put_u32(skb, E2AE_A_STREAM_GRACE, stream->grace) ||
	    fill_flow(skb, E2AE_A_STREAM_UPSTREAM,
		      &leg[E2AE_LEG_SIDE_ACCESS]) ||
	    fill_flow(skb, E2AE_A_STREAM_DOWNSTREAM,
		      &leg[E2AE_LEG_SIDE_CORE]) ||
	    fill_drops(skb, E2AE_A_STREAM_DROPS, &stream->drops))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_all_drops(struct sk_buff *skb, const u64 *drops)
{
	struct nlattr *nest = nla_nest_start(skb, E2AE_A_STATS_DROPS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i < E2AE_DROPS; i++)
		if (put_u64(skb, i, drops[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * e2ae_nl_fill_stats() - append a namespace's counters to a message
 * @skb: the message
 * @en: namespace
 *
 * Context: Process, en->lock held.
 * Return: 0 or -EMSGSIZE.
 */
int e2ae_nl_fill_stats(struct sk_buff *skb, struct e2ae_net *en)
{
	struct nlattr *nest = nla_nest_start(skb, E2AE_A_STATS);
	struct e2ae_stats_sum sum;
	struct e2ae_count relayed;

	e2ae_stats_sum(en, &sum);
	relayed.packets = sum.n[E2AE_C_PACKETS];
	relayed.octets = sum.n[E2AE_C_OCTETS];
	relayed.rtcp_packets = sum.n[E2AE_C_RTCP_PACKETS];
	relayed.rtcp_octets = sum.n[E2AE_C_RTCP_OCTETS];
	if (!nest || nla_put_u32(skb, E2AE_A_STATS_SAS, en->n_sas) ||
	    nla_put_u32(skb, E2AE_A_STATS_STREAMS, en->n_streams) ||
	    nla_put_u32(skb, E2AE_A_STATS_MAX_SAS, en->max_sas) ||
	    nla_put_u32(skb, E2AE_A_STATS_MAX_STREAMS, en->max_streams) ||
	    nla_put_string(skb, E2AE_A_STATS_VERSION, E2AE_VERSION) ||
	    fill_count(skb, E2AE_A_STATS_RELAYED, &relayed) ||
	    put_u64(skb, E2AE_A_STATS_PROTECTED, sum.n[E2AE_C_PROTECTED]) ||
	    put_u64(skb, E2AE_A_STATS_UNPROTECTED, sum.n[E2AE_C_UNPROTECTED]) ||
	    put_u64(skb, E2AE_A_STATS_LOCAL, sum.n[E2AE_C_LOCAL]) ||
	    put_u64(skb, E2AE_A_STATS_LATCHED, sum.n[E2AE_C_LATCHED]) ||
	    put_u64(skb, E2AE_A_STATS_SEGMENTED, sum.n[E2AE_C_SEGMENTED]) ||
	    put_u64(skb, E2AE_A_STATS_COPIED, sum.n[E2AE_C_COPIED]) ||
	    put_u64(skb, E2AE_A_STATS_FALLBACK, e2ae_suite_fallbacks()) ||
	    put_u64(skb, E2AE_A_STATS_ICMP_PMTU, sum.n[E2AE_C_ICMP_PMTU]) ||
	    put_u64(skb, E2AE_A_STATS_ICMP_OTHER, sum.n[E2AE_C_ICMP_OTHER]) ||
	    put_u64(skb, E2AE_A_STATS_INGRESS, sum.n[E2AE_C_INGRESS]) ||
	    put_u64(skb, E2AE_A_STATS_DIRECT, sum.n[E2AE_C_DIRECT]) ||
	    put_u64(skb, E2AE_A_STATS_GATHERED, sum.n[E2AE_C_GATHERED]) ||
	    fill_all_drops(skb, sum.drops))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
