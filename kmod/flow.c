// SPDX-License-Identifier: GPL-2.0
/* What arrived, what was lost, how unevenly: RFC 3550, 6.4.1 and appendix A. */
#include <linux/math64.h>
#include <linux/time64.h>

#include "compat.h"
#include "flow.h"
#include "replay.h"

#define MAX_DROPOUT  3000 /* RFC 3550, A.1: a jump further ahead is a restart */
#define MAX_MISORDER 100 /* and further back */
#define NOT_BAD	     0x10000

/**
 * e2ae_flow_init() - start counting
 * @f: the flow
 * @clock_rate: RTP clock in Hz
 */
void e2ae_flow_init(struct e2ae_flow *f, u32 clock_rate)
{
	spin_lock_init(&f->lock);
	e2ae_flow_set_rate(f, clock_rate);
}

/**
 * e2ae_flow_set_rate() - set the clock in which jitter is measured
 * @f: the flow
 * @clock_rate: RTP clock in Hz
 */
void e2ae_flow_set_rate(struct e2ae_flow *f, u32 clock_rate)
{
	WRITE_ONCE(f->scale, div_u64((u64)clock_rate << 32, NSEC_PER_SEC));
}

static s64 flow_lost(const struct e2ae_flow *f)
{
	if (!f->seen)
		return f->lost_before;
	return f->lost_before +
	       (s64)(f->top - f->base + 1 - (f->packets - f->skipped));
}

static void flow_restart(struct e2ae_flow *f, const struct e2ae_pkt *p)
{
	/* The packet is counted already, and is none of what was before. */
	f->skipped++;
	f->lost_before = flow_lost(f);
	if (!f->seen || f->ssrc != p->ssrc) {
		f->ssrcs++;
		f->jitter = 0;
	}
	f->seen = true;
	f->ssrc = p->ssrc;
	/* One period up, so that a late first packet does not go below 0. */
	f->base = 0x10000 + p->seq;
	f->top = f->base;
	f->bad = NOT_BAD;
	f->skipped = f->packets - 1;
	f->timed = false;
}

/* Places a sequence number; false for the first of a jump (A.1: bad_seq). */
static bool flow_place(struct e2ae_flow *f, const struct e2ae_pkt *p)
{
	u64 index = e2ae_replay_estimate(f->top, p->seq);

	if (index > f->top + MAX_DROPOUT || index + MAX_MISORDER < f->top) {
		if (p->seq != f->bad) {
			f->bad = (u16)(p->seq + 1);
			return false;
		}
		flow_restart(f, p);
		index = f->top;
	}
	f->bad = NOT_BAD;
	if (index > f->top)
		f->top = index;
	if (index < f->base)
		f->base = index;
	return true;
}

/* RFC 3550, A.8, in sixteenths. */
static void flow_jitter(struct e2ae_flow *f, const struct e2ae_pkt *p, u64 now)
{
	u32 arrival = mul_u64_u32_shr(now, READ_ONCE(f->scale), 32);
	u32 transit = arrival - get_unaligned_be32(p->data + 4);
	s32 d = (s32)(transit - f->transit);

	if (f->timed && d != S32_MIN)
		f->jitter += abs(d) - ((f->jitter + 8) >> 4);
	f->timed = true;
	f->transit = transit;
}

/**
 * e2ae_flow_count() - count a packet that passed
 * @f: the direction it went
 * @p: the packet as plain RTP or RTCP; parsed
 * @now: time of arrival in nanoseconds, any monotonic clock
 *
 * Context: Bottom halves off.
 */
void e2ae_flow_count(struct e2ae_flow *f, const struct e2ae_pkt *p, u64 now)
{
	spin_lock(&f->lock);
	if (p->rtcp) {
		f->rtcp_packets++;
		f->rtcp_octets += p->len;
		goto out;
	}
	f->packets++;
	f->octets += p->len;
	if (unlikely(!f->seen || f->ssrc != p->ssrc))
		flow_restart(f, p);
	if (flow_place(f, p))
		flow_jitter(f, p, now);
	else
		f->skipped++;
out:
	spin_unlock(&f->lock);
}

/**
 * e2ae_flow_read() - read the statistics
 * @f: the flow
 * @sum: filled in
 *
 * Context: Process.
 */
void e2ae_flow_read(struct e2ae_flow *f, struct e2ae_flow_sum *sum)
{
	spin_lock_bh(&f->lock);
	sum->packets = f->packets;
	sum->octets = f->octets;
	sum->rtcp_packets = f->rtcp_packets;
	sum->rtcp_octets = f->rtcp_octets;
	sum->lost = flow_lost(f);
	sum->jitter = f->jitter >> 4;
	sum->ssrc = f->ssrc;
	sum->ssrcs = f->ssrcs;
	spin_unlock_bh(&f->lock);
}
