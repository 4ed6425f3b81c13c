/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Do not edit directly, auto-generated from: */
/*	uapi/e2ae.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_E2AE_H
#define _UAPI_LINUX_E2AE_H

#define E2AE_FAMILY_NAME	"e2ae"
#define E2AE_FAMILY_VERSION	1

/**
 * enum e2ae_suite - SRTP crypto suites by their SDES names. The RTP tag is 10
 *   octets (_80), 4 octets (_32) or 16 (AEAD); the RTCP tag is 10 or 16.
 * @E2AE_SUITE_AES_CM_128_HMAC_SHA1_80: RFC 3711, RFC 4568; 16 octets of key
 *   and 14 of salt.
 * @E2AE_SUITE_AES_CM_128_HMAC_SHA1_32: RFC 3711, RFC 4568; 16 octets of key
 *   and 14 of salt.
 * @E2AE_SUITE_AES_192_CM_HMAC_SHA1_80: RFC 6188; 24 octets of key and 14 of
 *   salt.
 * @E2AE_SUITE_AES_192_CM_HMAC_SHA1_32: RFC 6188; 24 octets of key and 14 of
 *   salt.
 * @E2AE_SUITE_AES_256_CM_HMAC_SHA1_80: RFC 6188; 32 octets of key and 14 of
 *   salt.
 * @E2AE_SUITE_AES_256_CM_HMAC_SHA1_32: RFC 6188; 32 octets of key and 14 of
 *   salt.
 * @E2AE_SUITE_AEAD_AES_128_GCM: RFC 7714; 16 octets of key and 12 of salt.
 * @E2AE_SUITE_AEAD_AES_256_GCM: RFC 7714; 32 octets of key and 12 of salt.
 * @E2AE_SUITE_NULL_HMAC_SHA1_80: Authentication only, for the lab; needs the
 *   module parameter allow_null. 16 octets of key and 14 of salt.
 * @E2AE_SUITE_NULL_HMAC_SHA1_32: Authentication only, for the lab; needs the
 *   module parameter allow_null. 16 octets of key and 14 of salt.
 */
enum e2ae_suite {
	E2AE_SUITE_AES_CM_128_HMAC_SHA1_80 = 1,
	E2AE_SUITE_AES_CM_128_HMAC_SHA1_32,
	E2AE_SUITE_AES_192_CM_HMAC_SHA1_80,
	E2AE_SUITE_AES_192_CM_HMAC_SHA1_32,
	E2AE_SUITE_AES_256_CM_HMAC_SHA1_80,
	E2AE_SUITE_AES_256_CM_HMAC_SHA1_32,
	E2AE_SUITE_AEAD_AES_128_GCM,
	E2AE_SUITE_AEAD_AES_256_GCM,
	E2AE_SUITE_NULL_HMAC_SHA1_80,
	E2AE_SUITE_NULL_HMAC_SHA1_32,
};

/**
 * enum e2ae_rtcp_mode - Where the RTCP of a leg is.
 * @E2AE_RTCP_MODE_NEXT: On the port after the RTP port.
 * @E2AE_RTCP_MODE_MUX: On the RTP port (RFC 5761).
 * @E2AE_RTCP_MODE_EXPLICIT: On the ports given by rtcp-port and rtcp-peer-port
 *   (RFC 3605).
 */
enum e2ae_rtcp_mode {
	E2AE_RTCP_MODE_NEXT,
	E2AE_RTCP_MODE_MUX,
	E2AE_RTCP_MODE_EXPLICIT,
};

/**
 * enum e2ae_source_rule - Which source addresses a leg takes packets from.
 * @E2AE_SOURCE_RULE_STRICT: Only the peer address and port.
 * @E2AE_SOURCE_RULE_LATCH: The source of the first packet that authenticates
 *   (on a plain leg, the first media packet from the latch prefix or device)
 *   becomes the peer; from then on only that one.
 * @E2AE_SOURCE_RULE_ANY: Every source; packets go to the configured peer.
 */
enum e2ae_source_rule {
	E2AE_SOURCE_RULE_STRICT,
	E2AE_SOURCE_RULE_LATCH,
	E2AE_SOURCE_RULE_ANY,
};

/**
 * enum e2ae_nonmedia_rule - What happens to STUN, DTLS and anything else that
 *   is not RTP or RTCP.
 * @E2AE_NONMEDIA_RULE_DROP: Dropped and counted.
 * @E2AE_NONMEDIA_RULE_LOCAL: Left to the host's own sockets.
 */
enum e2ae_nonmedia_rule {
	E2AE_NONMEDIA_RULE_DROP,
	E2AE_NONMEDIA_RULE_LOCAL,
};

/**
 * enum e2ae_direction - What an SA is used for; fixed by its first use.
 * @E2AE_DIRECTION_UNUSED: Named by no stream yet.
 * @E2AE_DIRECTION_IN: Unprotects what arrives.
 * @E2AE_DIRECTION_OUT: Protects what leaves.
 */
enum e2ae_direction {
	E2AE_DIRECTION_UNUSED,
	E2AE_DIRECTION_IN,
	E2AE_DIRECTION_OUT,
};

/**
 * enum e2ae_leg_side - The legs of a stream.
 * @E2AE_LEG_SIDE_ACCESS: Towards the subscriber.
 * @E2AE_LEG_SIDE_CORE: Towards the IMS core.
 */
enum e2ae_leg_side {
	E2AE_LEG_SIDE_ACCESS,
	E2AE_LEG_SIDE_CORE,
};

/**
 * enum e2ae_expiry - Which packet limit of an SA was reached.
 * @E2AE_EXPIRY_SOFT: Time to re-key; the SA works on.
 * @E2AE_EXPIRY_HARD: The SA has stopped working.
 */
enum e2ae_expiry {
	E2AE_EXPIRY_SOFT,
	E2AE_EXPIRY_HARD,
};

/**
 * enum e2ae_ssrc_change - What happened to an SSRC of an SA.
 * @E2AE_SSRC_CHANGE_NEW: Seen for the first time under this SA.
 * @E2AE_SSRC_CHANGE_EVICTED: Least recently used of a receiving SA, forgotten
 *   for a new one.
 */
enum e2ae_ssrc_change {
	E2AE_SSRC_CHANGE_NEW,
	E2AE_SSRC_CHANGE_EVICTED,
};

/* Longest master key identifier in octets (RFC 4568, 6.1). */
#define E2AE_MAX_MKI	128
/* Smallest replay window in packets. */
#define E2AE_MIN_WINDOW	64
/* Largest replay window in packets. */
#define E2AE_MAX_WINDOW	4096
/* Largest ssrc-max of an SA. */
#define E2AE_MAX_SSRCS	32

/**
 * enum e2ae_a_ssrc - One synchronisation source under an SA.
 * @E2AE_A_SSRC_SSRC: Synchronisation source identifier.
 * @E2AE_A_SSRC_ROC: Roll-over counter of the highest index used or
 *   authenticated.
 * @E2AE_A_SSRC_SEQ: Sequence number of the highest index used or
 *   authenticated; nothing at or below it is accepted again.
 * @E2AE_A_SSRC_RTCP_INDEX: Next SRTCP index, 0 to 2^31 (2^31 means used up);
 *   nothing below it is accepted again.
 * @E2AE_A_SSRC_PACKETS: SRTP packets that passed under this SSRC.
 * @E2AE_A_SSRC_RTCP_PACKETS: SRTCP packets that passed under this SSRC.
 */
enum e2ae_a_ssrc {
	E2AE_A_SSRC_SSRC = 1,
	E2AE_A_SSRC_ROC,
	E2AE_A_SSRC_SEQ,
	E2AE_A_SSRC_RTCP_INDEX,
	E2AE_A_SSRC_PACKETS,
	E2AE_A_SSRC_RTCP_PACKETS,

	/* private: */
	__E2AE_A_SSRC_MAX
};

#define E2AE_A_SSRC_MAX (__E2AE_A_SSRC_MAX - 1)

/**
 * enum e2ae_a_sa - A security association, one direction of SRTP. Keys are
 *   write-only.
 * @E2AE_A_SA_ID: Chosen by the client, not 0.
 * @E2AE_A_SA_SUITE: Suite; given when the SA is made, and for good.
 * @E2AE_A_SA_KEY: Master key; its length follows from the suite. Never
 *   dumped.
 * @E2AE_A_SA_SALT: Master salt; 14 octets, 12 for AEAD. Never dumped.
 * @E2AE_A_SA_MKI: Master key identifier carried in every packet; none if
 *   absent.
 * @E2AE_A_SA_WINDOW: Replay window in packets, 64 to 4096, rounded up to a
 *   multiple of 64; default 128.
 * @E2AE_A_SA_SSRC_MAX: SSRCs kept at a time, 1 to 32; default 8.
 * @E2AE_A_SA_ROC: Roll-over counter at which an SSRC without a state starts;
 *   default 0.
 * @E2AE_A_SA_STATE: State of one SSRC, given when an SA is taken over and
 *   read back.
 * @E2AE_A_SA_GUARD: Added to every given state, RTP and SRTCP index alike: a
 *   standby that takes a sending SA over skips what was sent after the state
 *   was read. At most 16384.
 * @E2AE_A_SA_FIXED_SSRCS: Only the SSRCs given as state are ever accepted.
 * @E2AE_A_SA_SOFT_PACKETS: Packets of SRTP, or of SRTCP, after which a soft
 *   expiry is told; 0 is never.
 * @E2AE_A_SA_HARD_PACKETS: Packets of SRTP, or of SRTCP, after which the SA
 *   stops; at most 2^48, which is the default. SRTCP stops at 2^31 at the
 *   latest.
 * @E2AE_A_SA_AUTODEL: The SA goes with the last stream that names it.
 * @E2AE_A_SA_DIRECTION: What the SA is used for; read only.
 * @E2AE_A_SA_STREAMS: How many stream directions name this SA.
 * @E2AE_A_SA_EXPIRED: The hard limit was reached.
 * @E2AE_A_SA_CIPHER: Kernel driver that encrypts.
 * @E2AE_A_SA_FALLBACK: Kernel driver used where the vector unit is not
 *   available.
 * @E2AE_A_SA_MAC: Kernel driver that authenticates, absent for AEAD.
 * @E2AE_A_SA_STATS: What passed under the SA; read only.
 * @E2AE_A_SA_DROPS: What did not; read only.
 */
enum e2ae_a_sa {
	E2AE_A_SA_ID = 1,
	E2AE_A_SA_SUITE,
	E2AE_A_SA_KEY,
	E2AE_A_SA_SALT,
	E2AE_A_SA_MKI,
	E2AE_A_SA_WINDOW,
	E2AE_A_SA_SSRC_MAX,
	E2AE_A_SA_ROC,
	E2AE_A_SA_STATE,
	E2AE_A_SA_GUARD,
	E2AE_A_SA_FIXED_SSRCS,
	E2AE_A_SA_SOFT_PACKETS,
	E2AE_A_SA_HARD_PACKETS,
	E2AE_A_SA_AUTODEL,
	E2AE_A_SA_DIRECTION,
	E2AE_A_SA_STREAMS,
	E2AE_A_SA_EXPIRED,
	E2AE_A_SA_CIPHER,
	E2AE_A_SA_FALLBACK,
	E2AE_A_SA_MAC,
	E2AE_A_SA_STATS,
	E2AE_A_SA_DROPS,

	/* private: */
	__E2AE_A_SA_MAX
};

#define E2AE_A_SA_MAX (__E2AE_A_SA_MAX - 1)

/**
 * enum e2ae_a_counters - Packets and octets of RTP or RTCP, headers of IP and
 *   UDP not counted.
 * @E2AE_A_COUNTERS_PACKETS: RTP or SRTP packets.
 * @E2AE_A_COUNTERS_OCTETS: Octets of them.
 * @E2AE_A_COUNTERS_RTCP_PACKETS: RTCP or SRTCP packets.
 * @E2AE_A_COUNTERS_RTCP_OCTETS: Octets of them.
 */
enum e2ae_a_counters {
	E2AE_A_COUNTERS_PACKETS = 1,
	E2AE_A_COUNTERS_OCTETS,
	E2AE_A_COUNTERS_RTCP_PACKETS,
	E2AE_A_COUNTERS_RTCP_OCTETS,

	/* private: */
	__E2AE_A_COUNTERS_MAX
};

#define E2AE_A_COUNTERS_MAX (__E2AE_A_COUNTERS_MAX - 1)

/**
 * enum e2ae_a_leg - One side of a stream. It is secure or plain from its
 *   creation.
 * @E2AE_A_LEG_LOCAL_ADDR: Own address, 4 or 16 octets.
 * @E2AE_A_LEG_LOCAL_PORT: Own RTP port.
 * @E2AE_A_LEG_PEER_ADDR: Peer's address, of the family of local-addr; absent
 *   until latched.
 * @E2AE_A_LEG_PEER_PORT: Peer's RTP port.
 * @E2AE_A_LEG_LATCH_ADDR: Network a plain leg may latch into; with
 *   latch-prefix.
 * @E2AE_A_LEG_LATCH_PREFIX: Prefix length of latch-addr.
 * @E2AE_A_LEG_RTCP_MODE: Where the RTCP is; default next.
 * @E2AE_A_LEG_RTCP_PORT: Own RTCP port (explicit).
 * @E2AE_A_LEG_RTCP_PEER_ADDR: Peer's RTCP address; peer-addr if absent.
 * @E2AE_A_LEG_RTCP_PEER_PORT: Peer's RTCP port; the one after peer-port if
 *   absent.
 * @E2AE_A_LEG_SOURCE: Default strict with a peer address, latch without.
 * @E2AE_A_LEG_NONMEDIA: What happens to packets that are no media; default
 *   drop.
 * @E2AE_A_LEG_IFINDEX: Only this device carries the leg; 0 is any.
 * @E2AE_A_LEG_IN_SA: SA that unprotects what arrives; in a change, 0 takes it
 *   away (the leg stays secure and drops).
 * @E2AE_A_LEG_OUT_SA: SA that protects what leaves; in a change, 0 takes it
 *   away (the leg stays secure and drops).
 * @E2AE_A_LEG_PLAIN: The leg carries plain RTP. An access leg without SAs
 *   must say so.
 * @E2AE_A_LEG_SECURE: The leg is secure although it names no SA yet; it drops
 *   until it has one.
 * @E2AE_A_LEG_OLD_IN_SA: The receive SA before the last change, while its
 *   grace time runs.
 * @E2AE_A_LEG_LATCHED: The peer address is the one a packet came from.
 * @E2AE_A_LEG_RTCP_LATCHED: The peer's RTCP address is the one a packet came
 *   from.
 * @E2AE_A_LEG_DSCP: DSCP written on what leaves; absent, that of the incoming
 *   packet is kept. 64 returns to keeping it.
 * @E2AE_A_LEG_MARK: Packet mark of what leaves and of its route lookup;
 *   default 0.
 */
enum e2ae_a_leg {
	E2AE_A_LEG_LOCAL_ADDR = 1,
	E2AE_A_LEG_LOCAL_PORT,
	E2AE_A_LEG_PEER_ADDR,
	E2AE_A_LEG_PEER_PORT,
	E2AE_A_LEG_LATCH_ADDR,
	E2AE_A_LEG_LATCH_PREFIX,
	E2AE_A_LEG_RTCP_MODE,
	E2AE_A_LEG_RTCP_PORT,
	E2AE_A_LEG_RTCP_PEER_ADDR,
	E2AE_A_LEG_RTCP_PEER_PORT,
	E2AE_A_LEG_SOURCE,
	E2AE_A_LEG_NONMEDIA,
	E2AE_A_LEG_IFINDEX,
	E2AE_A_LEG_IN_SA,
	E2AE_A_LEG_OUT_SA,
	E2AE_A_LEG_PLAIN,
	E2AE_A_LEG_SECURE,
	E2AE_A_LEG_OLD_IN_SA,
	E2AE_A_LEG_LATCHED,
	E2AE_A_LEG_RTCP_LATCHED,
	E2AE_A_LEG_DSCP,
	E2AE_A_LEG_MARK,

	/* private: */
	__E2AE_A_LEG_MAX
};

#define E2AE_A_LEG_MAX (__E2AE_A_LEG_MAX - 1)

/**
 * enum e2ae_a_flow - What came in on one leg and was accepted there (RFC
 *   3550, 6.4.1 and A).
 * @E2AE_A_FLOW_PACKETS: RTP packets.
 * @E2AE_A_FLOW_OCTETS: RTP headers and payload, as plain RTP.
 * @E2AE_A_FLOW_RTCP_PACKETS: RTCP packets.
 * @E2AE_A_FLOW_RTCP_OCTETS: Octets of them, as plain RTCP.
 * @E2AE_A_FLOW_LOST: Expected less received, over all SSRCs; negative with
 *   duplicates.
 * @E2AE_A_FLOW_JITTER: Interarrival jitter of the current SSRC in timestamp
 *   units.
 * @E2AE_A_FLOW_SSRC: Current synchronisation source.
 * @E2AE_A_FLOW_SSRCS: Changes of synchronisation source, the first one
 *   included.
 * @E2AE_A_FLOW_IDLE: Milliseconds since the last packet that counted; absent
 *   before the first.
 */
enum e2ae_a_flow {
	E2AE_A_FLOW_PACKETS = 1,
	E2AE_A_FLOW_OCTETS,
	E2AE_A_FLOW_RTCP_PACKETS,
	E2AE_A_FLOW_RTCP_OCTETS,
	E2AE_A_FLOW_LOST,
	E2AE_A_FLOW_JITTER,
	E2AE_A_FLOW_SSRC,
	E2AE_A_FLOW_SSRCS,
	E2AE_A_FLOW_IDLE,

	/* private: */
	__E2AE_A_FLOW_MAX
};

#define E2AE_A_FLOW_MAX (__E2AE_A_FLOW_MAX - 1)

/**
 * enum e2ae_a_stream - One RTP media relayed between an access leg and a core
 *   leg.
 * @E2AE_A_STREAM_ID: Chosen by the client, not 0.
 * @E2AE_A_STREAM_ACCESS: Leg towards the subscriber.
 * @E2AE_A_STREAM_CORE: Leg towards the IMS core.
 * @E2AE_A_STREAM_TIMEOUT: Seconds of silence on a leg after which
 *   media-timeout is told; 0 is never, the default; at most 86400.
 * @E2AE_A_STREAM_CLOCK_RATE: RTP clock in Hz, for the jitter; default 8000.
 * @E2AE_A_STREAM_GRACE: Milliseconds a replaced receive SA stays valid;
 *   default 5000, at most 600000.
 * @E2AE_A_STREAM_UPSTREAM: From the access leg to the core leg.
 * @E2AE_A_STREAM_DOWNSTREAM: From the core leg to the access leg.
 * @E2AE_A_STREAM_DROPS: Packets of both legs that went no further; read only.
 */
enum e2ae_a_stream {
	E2AE_A_STREAM_ID = 1,
	E2AE_A_STREAM_ACCESS,
	E2AE_A_STREAM_CORE,
	E2AE_A_STREAM_TIMEOUT,
	E2AE_A_STREAM_CLOCK_RATE,
	E2AE_A_STREAM_GRACE,
	E2AE_A_STREAM_UPSTREAM,
	E2AE_A_STREAM_DOWNSTREAM,
	E2AE_A_STREAM_DROPS,

	/* private: */
	__E2AE_A_STREAM_MAX
};

#define E2AE_A_STREAM_MAX (__E2AE_A_STREAM_MAX - 1)

/**
 * enum e2ae_a_drops - Why packets of a leg went no further, one counter per
 *   cause.
 * @E2AE_A_DROPS_UDP_LENGTH: UDP length disagrees with the data that is there.
 * @E2AE_A_DROPS_UDP_CHECKSUM: UDP checksum is wrong, or zero over IPv6.
 * @E2AE_A_DROPS_SEGMENT: A coalesced packet could not be segmented.
 * @E2AE_A_DROPS_NO_MEMORY: No memory for a private copy or for room to grow.
 * @E2AE_A_DROPS_TTL: TTL or hop limit used up.
 * @E2AE_A_DROPS_DEVICE: Arrived on another device than the leg is bound to.
 * @E2AE_A_DROPS_POLICY: Refused by the inbound IPsec policy.
 * @E2AE_A_DROPS_SOURCE: Source is not the peer and may not become it.
 * @E2AE_A_DROPS_NONMEDIA: Neither RTP nor RTCP, and the leg drops such.
 * @E2AE_A_DROPS_RTP_HEADER: Not a well-formed RTP header.
 * @E2AE_A_DROPS_RTCP_HEADER: Not a well-formed RTCP header.
 * @E2AE_A_DROPS_RX_NO_SA: Secure leg without a receive SA.
 * @E2AE_A_DROPS_RX_SHORT: Too short for the SA's trailer.
 * @E2AE_A_DROPS_RX_MKI: Master key identifier of no SA of the leg.
 * @E2AE_A_DROPS_RX_AUTH: Authentication failed.
 * @E2AE_A_DROPS_RX_REPLAY: Index was received before.
 * @E2AE_A_DROPS_RX_OLD: Index is below the replay window.
 * @E2AE_A_DROPS_RX_SSRC: Authentic, but the SSRC may not be added.
 * @E2AE_A_DROPS_RX_CLEAR: SRTCP that its sender did not encrypt.
 * @E2AE_A_DROPS_RX_EXPIRED: Receive SA has reached its hard limit.
 * @E2AE_A_DROPS_TX_NO_SA: Secure leg without a send SA.
 * @E2AE_A_DROPS_TX_REPEAT: Index was sent before or is below the window;
 *   never encrypted twice.
 * @E2AE_A_DROPS_TX_SSRC_LIMIT: One SSRC more than the sending SA may have.
 * @E2AE_A_DROPS_TX_EXPIRED: Send SA has reached its hard limit or the end of
 *   an index.
 * @E2AE_A_DROPS_CRYPTO: The cipher reported an error.
 * @E2AE_A_DROPS_NO_PEER: The other leg's peer is not known yet.
 * @E2AE_A_DROPS_NO_ROUTE: No route to the other leg's peer.
 * @E2AE_A_DROPS_TOO_BIG: Larger than the path and not to be fragmented; the
 *   sender was told.
 * @E2AE_A_DROPS_OUTPUT: The ordinary output path refused the packet.
 */
enum e2ae_a_drops {
	E2AE_A_DROPS_UDP_LENGTH = 1,
	E2AE_A_DROPS_UDP_CHECKSUM,
	E2AE_A_DROPS_SEGMENT,
	E2AE_A_DROPS_NO_MEMORY,
	E2AE_A_DROPS_TTL,
	E2AE_A_DROPS_DEVICE,
	E2AE_A_DROPS_POLICY,
	E2AE_A_DROPS_SOURCE,
	E2AE_A_DROPS_NONMEDIA,
	E2AE_A_DROPS_RTP_HEADER,
	E2AE_A_DROPS_RTCP_HEADER,
	E2AE_A_DROPS_RX_NO_SA,
	E2AE_A_DROPS_RX_SHORT,
	E2AE_A_DROPS_RX_MKI,
	E2AE_A_DROPS_RX_AUTH,
	E2AE_A_DROPS_RX_REPLAY,
	E2AE_A_DROPS_RX_OLD,
	E2AE_A_DROPS_RX_SSRC,
	E2AE_A_DROPS_RX_CLEAR,
	E2AE_A_DROPS_RX_EXPIRED,
	E2AE_A_DROPS_TX_NO_SA,
	E2AE_A_DROPS_TX_REPEAT,
	E2AE_A_DROPS_TX_SSRC_LIMIT,
	E2AE_A_DROPS_TX_EXPIRED,
	E2AE_A_DROPS_CRYPTO,
	E2AE_A_DROPS_NO_PEER,
	E2AE_A_DROPS_NO_ROUTE,
	E2AE_A_DROPS_TOO_BIG,
	E2AE_A_DROPS_OUTPUT,

	/* private: */
	__E2AE_A_DROPS_MAX
};

#define E2AE_A_DROPS_MAX (__E2AE_A_DROPS_MAX - 1)

/**
 * enum e2ae_a - What a message carries.
 * @E2AE_A_SA: An SA; several in stream-new and stream-set, made together with
 *   the stream or not at all.
 * @E2AE_A_STREAM: The stream.
 * @E2AE_A_STATS: Counters of the namespace.
 */
enum e2ae_a {
	E2AE_A_SA = 1,
	E2AE_A_STREAM,
	E2AE_A_STATS,

	/* private: */
	__E2AE_A_MAX
};

#define E2AE_A_MAX (__E2AE_A_MAX - 1)

/**
 * enum e2ae_a_stats - Counters of a network namespace since its first use.
 * @E2AE_A_STATS_SAS: SAs there are.
 * @E2AE_A_STATS_STREAMS: Streams there are.
 * @E2AE_A_STATS_MAX_SAS: Most SAs the namespace may have.
 * @E2AE_A_STATS_MAX_STREAMS: Most streams the namespace may have.
 * @E2AE_A_STATS_VERSION: Version of the module.
 * @E2AE_A_STATS_RELAYED: Packets that left on the other leg.
 * @E2AE_A_STATS_PROTECTED: Packets encrypted and authenticated.
 * @E2AE_A_STATS_UNPROTECTED: Packets verified and decrypted.
 * @E2AE_A_STATS_LOCAL: Packets that are no media, left to the host.
 * @E2AE_A_STATS_LATCHED: Times a leg took the source of a packet for its
 *   peer.
 * @E2AE_A_STATS_SEGMENTED: Coalesced packets that were segmented.
 * @E2AE_A_STATS_COPIED: Packets that had to be copied (shared, scattered or
 *   without room).
 * @E2AE_A_STATS_FALLBACK: Packets that took the fallback cipher.
 * @E2AE_A_STATS_ICMP_PMTU: ICMP errors that changed a leg's path MTU.
 * @E2AE_A_STATS_ICMP_OTHER: Other ICMP errors that quote a leg.
 * @E2AE_A_STATS_DROPS: Packets of all streams that went no further.
 * @E2AE_A_STATS_INGRESS: Packets of legs taken at the ingress of a device.
 * @E2AE_A_STATS_DIRECT: Packets sent straight to the neighbour.
 * @E2AE_A_STATS_GATHERED: Packets of legs that waited for others at the
 *   ingress of a device.
 */
enum e2ae_a_stats {
	E2AE_A_STATS_SAS = 1,
	E2AE_A_STATS_STREAMS,
	E2AE_A_STATS_MAX_SAS,
	E2AE_A_STATS_MAX_STREAMS,
	E2AE_A_STATS_VERSION,
	E2AE_A_STATS_RELAYED,
	E2AE_A_STATS_PROTECTED,
	E2AE_A_STATS_UNPROTECTED,
	E2AE_A_STATS_LOCAL,
	E2AE_A_STATS_LATCHED,
	E2AE_A_STATS_SEGMENTED,
	E2AE_A_STATS_COPIED,
	E2AE_A_STATS_FALLBACK,
	E2AE_A_STATS_ICMP_PMTU,
	E2AE_A_STATS_ICMP_OTHER,
	E2AE_A_STATS_DROPS,
	E2AE_A_STATS_INGRESS,
	E2AE_A_STATS_DIRECT,
	E2AE_A_STATS_GATHERED,

	/* private: */
	__E2AE_A_STATS_MAX
};

#define E2AE_A_STATS_MAX (__E2AE_A_STATS_MAX - 1)

/**
 * enum e2ae_a_event - What the events carry.
 * @E2AE_A_EVENT_SA: SA id.
 * @E2AE_A_EVENT_STREAM: Stream id.
 * @E2AE_A_EVENT_LEG: Leg of the stream.
 * @E2AE_A_EVENT_RTCP: It concerns the RTCP address of the leg.
 * @E2AE_A_EVENT_ADDR: Address, 4 or 16 octets.
 * @E2AE_A_EVENT_PORT: UDP port.
 * @E2AE_A_EVENT_SSRC: Synchronisation source.
 * @E2AE_A_EVENT_CHANGE: What happened to it.
 * @E2AE_A_EVENT_EXPIRY: Limit that was reached.
 * @E2AE_A_EVENT_FAILURES: Packets that failed to authenticate within the last
 *   second.
 */
enum e2ae_a_event {
	E2AE_A_EVENT_SA = 1,
	E2AE_A_EVENT_STREAM,
	E2AE_A_EVENT_LEG,
	E2AE_A_EVENT_RTCP,
	E2AE_A_EVENT_ADDR,
	E2AE_A_EVENT_PORT,
	E2AE_A_EVENT_SSRC,
	E2AE_A_EVENT_CHANGE,
	E2AE_A_EVENT_EXPIRY,
	E2AE_A_EVENT_FAILURES,

	/* private: */
	__E2AE_A_EVENT_MAX
};

#define E2AE_A_EVENT_MAX (__E2AE_A_EVENT_MAX - 1)

/**
 * enum e2ae_cmd - Operations and events.
 * @E2AE_CMD_SA_NEW: Make an SA.
 * @E2AE_CMD_SA_SET: Change the packet limits of an SA, or whether it goes
 *   with its last stream.
 * @E2AE_CMD_SA_DEL: Remove an SA that no stream names.
 * @E2AE_CMD_SA_GET: Read one SA, or all of them in the order of their ids.
 * @E2AE_CMD_STREAM_NEW: Make a stream, and the SAs that come with it, or
 *   nothing.
 * @E2AE_CMD_STREAM_SET: Change a stream, and make the SAs that come with it,
 *   or change nothing. Local addresses and whether a leg is secure cannot
 *   change.
 * @E2AE_CMD_STREAM_DEL: Remove a stream.
 * @E2AE_CMD_STREAM_GET: Read one stream, or all of them in the order of their
 *   ids.
 * @E2AE_CMD_FLUSH: Remove all streams and then all SAs of the namespace.
 * @E2AE_CMD_STATS_GET: Read the counters of the namespace.
 * @E2AE_CMD_SA_EXPIRE: An SA reached its soft or hard limit.
 * @E2AE_CMD_SA_SSRC: An SA met a new SSRC or forgot one.
 * @E2AE_CMD_SA_AUTH_BURST: Many packets failed to authenticate under an SA
 *   within a second.
 * @E2AE_CMD_MEDIA_TIMEOUT: Nothing that counts arrived on a leg for the
 *   stream's timeout.
 * @E2AE_CMD_MEDIA_RESUME: Media arrives again after a timeout.
 * @E2AE_CMD_LATCHED: A leg took the source of a packet for its peer.
 */
enum e2ae_cmd {
	E2AE_CMD_SA_NEW = 1,
	E2AE_CMD_SA_SET,
	E2AE_CMD_SA_DEL,
	E2AE_CMD_SA_GET,
	E2AE_CMD_STREAM_NEW,
	E2AE_CMD_STREAM_SET,
	E2AE_CMD_STREAM_DEL,
	E2AE_CMD_STREAM_GET,
	E2AE_CMD_FLUSH,
	E2AE_CMD_STATS_GET,
	E2AE_CMD_SA_EXPIRE,
	E2AE_CMD_SA_SSRC,
	E2AE_CMD_SA_AUTH_BURST,
	E2AE_CMD_MEDIA_TIMEOUT,
	E2AE_CMD_MEDIA_RESUME,
	E2AE_CMD_LATCHED,

	/* private: */
	__E2AE_CMD_MAX
};

#define E2AE_CMD_MAX (__E2AE_CMD_MAX - 1)

#define E2AE_MCGRP_SA		"sa"
#define E2AE_MCGRP_STREAM	"stream"

#endif /* _UAPI_LINUX_E2AE_H */
