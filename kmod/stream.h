/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_STREAM_H
#define E2AE_STREAM_H

#include <linux/build_bug.h>
#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <net/dst.h>

#include "core.h"
#include "flow.h"
#include "sa.h"
#include "stats.h"

#define E2AE_DSCP_KEEP	    64
#define E2AE_DEF_GRACE	    5000 /* milliseconds */
#define E2AE_DEF_CLOCK_RATE 8000 /* Hz */

/**
 * struct e2ae_sockaddr - a UDP address
 * @addr: network byte order; octets past an IPv4 address are zero
 * @port: network byte order
 * @family: AF_INET or AF_INET6; 0 is no address
 *
 * Also the key of the table of channels, so it has no holes.
 */
struct e2ae_sockaddr {
	union nf_inet_addr addr;
	__be16 port;
	u16 family;
};

/**
 * struct e2ae_path - what a packet needs to know of a channel
 * @local: own address
 * @peer: where to, and which source is known; family 0 until there is one
 * @dst: cached route, NULL before the first lookup; replaced with xchg()
 * @cookie: of @dst, for IPv6
 * @mark: of the route lookup and of what leaves
 * @ifindex: only this device, 0 any
 * @source: enum e2ae_source_rule
 * @nonmedia: enum e2ae_nonmedia_rule
 * @dscp: written on what leaves, or E2AE_DSCP_KEEP
 * @latched: @peer is where a packet came from
 * @looped: @peer is this host, so its packets come over a loopback device; from
 *	here on the usual packet reads nothing
 * @follows: RTCP: until it latches, @peer is beside that of a latched RTP
 * @has_net: @net is given
 * @prefix: its prefix length
 * @net: an unlatched channel latches only into this network
 * @oif: as @ifindex, also set for a link-local peer
 * @rcu: defers the free
 *
 * Constant but for @dst, @cookie and @looped: a change makes a new path, so that
 * whatever a packet reads belongs together.
 */
struct e2ae_path {
	struct e2ae_sockaddr local;
	struct e2ae_sockaddr peer;
	struct dst_entry __rcu *dst;
	u32 cookie;
	u32 mark;
	int ifindex;
	u8 source : 2;
	u8 nonmedia : 1;
	bool latched : 1;
	u8 dscp;
	bool looped;
	bool follows;
	bool has_net;
	u8 prefix;
	union nf_inet_addr net;
	int oif;
	struct rcu_head rcu;
};

static_assert(offsetofend(struct e2ae_path, looped) <= 64);

/**
 * struct e2ae_chan - one UDP port of a leg: RTP, RTP and RTCP, or RTCP
 * @node: in en->chans
 * @path: RCU, changed under leg->lock; there while the channel is listed
 * @leg: constant
 * @local: own address and port; constant
 * @rtcp: it carries RTCP alone; constant
 * @listed: it is in en->chans; en->lock
 */
struct e2ae_chan {
	struct rhash_head node;
	struct e2ae_path __rcu *path;
	struct e2ae_leg *leg;
	struct e2ae_sockaddr local;
	bool rtcp;
	bool listed;
};

/**
 * struct e2ae_leg_conf - what the client wants of a leg
 * @local: own RTP address; constant
 * @rtcp_local: own RTCP address; the RTP one with mux
 * @peer: RTP peer, family 0 if not given
 * @rtcp_peer: RTCP peer, family 0 until it is known
 * @rtcp_given: the client gave @rtcp_peer, it does not follow from @peer
 * @net: network to latch into
 * @prefix: its prefix length
 * @has_net: @net is given
 * @secure: the leg is secure; constant
 * @rtcp_mode: enum e2ae_rtcp_mode
 * @source: enum e2ae_source_rule
 * @nonmedia: enum e2ae_nonmedia_rule
 * @dscp: 0 to 63, or E2AE_DSCP_KEEP
 * @ifindex: device, 0 any
 * @mark: packet mark
 */
struct e2ae_leg_conf {
	struct e2ae_sockaddr local;
	struct e2ae_sockaddr rtcp_local;
	struct e2ae_sockaddr peer;
	struct e2ae_sockaddr rtcp_peer;
	bool rtcp_given;
	union nf_inet_addr net;
	u8 prefix;
	bool has_net;
	bool secure;
	u8 rtcp_mode;
	u8 source;
	u8 nonmedia;
	u8 dscp;
	int ifindex;
	u32 mark;
};

/**
 * struct e2ae_hints - where things were that the last packet to a leg needed
 * @path: of the channel it left by
 * @sa: that took it
 * @ctxs: of @sa
 * @ctx: of its SSRC
 * @tfm: of @sa
 *
 * For warm.h to ask the memory for; what is there may have been freed, and
 * nothing reads it.
 */
struct e2ae_hints {
	const void *path;
	const void *sa;
	const void *ctxs;
	const void *ctx;
	const void *tfm;
};

/**
 * struct e2ae_leg - one side of a stream
 * @rtp: channel of RTP, and of RTCP with mux
 * @side: enum e2ae_leg_side; constant
 * @secure: nothing plain arrives or leaves here; constant
 * @mux: RTCP is on the RTP port
 * @ever: a packet has counted
 * @silent: the media timeout was told
 * @key_lines: of @hints: which lines from its @tfm on, by bit
 * @in: receive SA; RCU, changed under en->lock
 * @other: the other leg; constant
 * @hints: for the next packet that comes in here
 * @old_in: receive SA before the last change, while @old_until is ahead; as @in
 * @heard: jiffies of the last packet that counted, or of the start
 * @out: send SA; as @in
 * @stream: constant
 * @old_until: jiffies
 * @lock: protects the channels' paths
 * @flow: what came in here; written by every packet that does
 * @rtcp: channel of RTCP without mux
 * @conf: en->lock
 *
 * The order is that of use. What comes in touches a line up to @in, one up to
 * @heard, and one of @flow; what goes out the first, and that of @out.
 */
struct e2ae_leg {
	struct e2ae_chan rtp ____cacheline_aligned_in_smp;
	u8 side;
	bool secure;
	bool mux;
	bool ever;
	bool silent;
	u16 key_lines;
	struct e2ae_sa __rcu *in;
	struct e2ae_leg *other;
	struct e2ae_hints hints;
	struct e2ae_sa __rcu *old_in;
	unsigned long heard;
	struct e2ae_sa __rcu *out;
	struct e2ae_stream *stream;
	unsigned long old_until;
	spinlock_t lock;
	struct e2ae_flow flow ____cacheline_aligned_in_smp;
	struct e2ae_chan rtcp;
	struct e2ae_leg_conf conf;
};

static_assert(offsetofend(struct e2ae_leg, in) <= 64);
static_assert(offsetofend(struct e2ae_leg, heard) <= 128);

/**
 * struct e2ae_stream - one RTP media between two legs
 * @leg: by enum e2ae_leg_side
 * @en: namespace
 * @id: chosen by the client; constant
 * @timeout: seconds of silence that are told, 0 never; en->lock
 * @grace: milliseconds a replaced receive SA stays valid; en->lock
 * @clock_rate: Hz; en->lock
 * @watched: in en->watched; en->lock
 * @keys: struct e2ae_key_use, all keys it has had; en->lock
 * @n_keys: how many; en->lock
 * @drops: why packets went no further
 * @rcu: defers the free
 */
struct e2ae_stream {
	struct e2ae_leg leg[2];
	struct e2ae_net *en;
	u32 id;
	u32 timeout;
	u32 grace;
	u32 clock_rate;
	struct list_head watched;
	struct list_head keys;
	u32 n_keys;
	struct e2ae_drops drops;
	struct rcu_head rcu;
};

/* What a client asks of a leg; @given has a bit per E2AE_A_LEG_* that is. */
struct e2ae_leg_spec {
	u32 given;
	struct e2ae_sockaddr local;
	struct e2ae_sockaddr peer;
	u16 rtcp_port;
	struct e2ae_sockaddr rtcp_peer;
	union nf_inet_addr latch_net;
	u16 latch_family;
	u8 latch_prefix;
	u8 rtcp_mode;
	u8 source;
	u8 nonmedia;
	u8 dscp;
	int ifindex;
	u32 mark;
	u32 in_sa;
	u32 out_sa;
};

#define E2AE_MAX_NESTED_SAS 8

/* What a client asks of a stream; @given has a bit per E2AE_A_STREAM_*. */
struct e2ae_stream_spec {
	u32 given;
	u32 id;
	struct e2ae_leg_spec leg[2];
	u32 timeout;
	u32 clock_rate;
	u32 grace;
	struct e2ae_sa *sas[E2AE_MAX_NESTED_SAS];
	u32 n_sas;
};

/**
 * struct e2ae_refusal - why a request is refused
 * @why: one sentence for the client, static
 * @side: leg at fault, or -1 for the stream itself
 * @attr: E2AE_A_LEG_* or E2AE_A_STREAM_* at fault, or 0
 */
struct e2ae_refusal {
	const char *why;
	int side;
	int attr;
};

/**
 * e2ae_refuse() - note why a request is refused
 * @no: filled in
 * @side: leg at fault, or -1
 * @attr: attribute at fault, or 0
 * @why: one sentence, static
 * @err: negative errno
 *
 * Return: @err.
 */
static inline int e2ae_refuse(struct e2ae_refusal *no, int side, int attr,
			      const char *why, int err)
{
	no->why = why;
	no->side = side;
	no->attr = attr;
	return err;
}

struct e2ae_stream *e2ae_stream_find(struct e2ae_net *en, u32 id);
int e2ae_stream_new(struct e2ae_net *en, struct e2ae_stream_spec *spec,
		    struct e2ae_refusal *no);
int e2ae_stream_set(struct e2ae_net *en, struct e2ae_stream_spec *spec,
		    struct e2ae_refusal *no);
void e2ae_stream_del(struct e2ae_stream *stream);
void e2ae_stream_flush(struct e2ae_net *en);

int e2ae_stream_init(void);
void e2ae_stream_exit(void);

#endif
