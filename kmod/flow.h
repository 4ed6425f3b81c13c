/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_FLOW_H
#define E2AE_FLOW_H

#include <linux/build_bug.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>

#include "rtp.h"

/**
 * struct e2ae_flow - reception statistics of one direction (RFC 3550, A.1 ff.)
 * @lock: protects all of it
 * @ssrc: current synchronisation source
 * @bad: the number after an implausible one, or out of range
 * @seen: @ssrc is valid
 * @timed: @transit is valid
 * @scale: timestamp units per nanosecond times 2^32
 * @transit: relative transit time of the last packet, timestamp units
 * @jitter: interarrival jitter, timestamp units times 16
 * @base: first extended sequence number of @ssrc
 * @top: highest one
 * @packets: RTP packets
 * @octets: of RTP, headers of IP and UDP not counted
 * @skipped: of @packets those that are not between @base and @top; from here on
 *	the usual packet touches nothing
 * @lost_before: what earlier sources lost
 * @ssrcs: changes of @ssrc, the first included
 * @rtcp_packets: RTCP packets
 * @rtcp_octets: of RTCP
 */
struct e2ae_flow {
	spinlock_t lock;
	u32 ssrc;
	u32 bad;
	bool seen;
	bool timed;
	u32 scale;
	u32 transit;
	u32 jitter;
	u64 base;
	u64 top;
	u64 packets;
	u64 octets;
	u64 skipped;
	s64 lost_before;
	u32 ssrcs;
	u64 rtcp_packets;
	u64 rtcp_octets;
};

/* A debugging kernel's locks are larger. */
static_assert(sizeof(spinlock_t) > 4 ||
	      offsetofend(struct e2ae_flow, octets) <= 64);

/* The same, read out. */
struct e2ae_flow_sum {
	u64 packets;
	u64 octets;
	u64 rtcp_packets;
	u64 rtcp_octets;
	s64 lost;
	u32 jitter;
	u32 ssrc;
	u32 ssrcs;
};

void e2ae_flow_init(struct e2ae_flow *f, u32 clock_rate);
void e2ae_flow_set_rate(struct e2ae_flow *f, u32 clock_rate);
void e2ae_flow_count(struct e2ae_flow *f, const struct e2ae_pkt *p, u64 now);
void e2ae_flow_read(struct e2ae_flow *f, struct e2ae_flow_sum *sum);

#endif
