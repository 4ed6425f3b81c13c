// SPDX-License-Identifier: GPL-2.0
/*
 * The attribute sets of uapi/e2ae.yaml as tables: which attribute, of which
 * kind, is kept where. Encoding, decoding, printing and the naming of an
 * attribute at fault all go by them.
 */
#include <string.h>

#include "nl.h"

/* clang-format off */

#define PLAIN(type, member, what, text) \
	{ .name = (text), .kind = E2AE_KIND_##what, \
	  .offset = offsetof(struct type, member) }
#define TOLD(type, member, what, text) \
	{ .name = (text), .kind = E2AE_KIND_##what, \
	  .flags = E2AE_FIELD_READ_ONLY, .offset = offsetof(struct type, member) }
#define ENUM(type, member, text, names, how) \
	{ .name = (text), .kind = E2AE_KIND_U32, .flags = (how), \
	  .offset = offsetof(struct type, member), .values = (names) }
#define OCTETS(type, member, text, most, how) \
	{ .name = (text), .kind = E2AE_KIND_BYTES, .flags = (how), \
	  .offset = offsetof(struct type, member), .room = (most) }
#define STRING(type, member, text) \
	{ .name = (text), .kind = E2AE_KIND_STRING, \
	  .flags = E2AE_FIELD_READ_ONLY, \
	  .offset = offsetof(struct type, member), .room = E2AE_MAX_NAME }
#define NEST(type, member, text, inner, how) \
	{ .name = (text), .kind = E2AE_KIND_NEST, .flags = (how), \
	  .offset = offsetof(struct type, member), .set = &(inner) }
#define FLAG(text, how) \
	{ .name = (text), .kind = E2AE_KIND_FLAG, .flags = (how) }

#define SET(type, title, table, last) \
	{ .name = (title), .size = sizeof(struct type), .max = (last), \
	  .fields = (table) }

static const char *const suites[] = {
	[0] = "",
	[E2AE_SUITE_AES_CM_128_HMAC_SHA1_80] = "aes-cm-128-hmac-sha1-80",
	[E2AE_SUITE_AES_CM_128_HMAC_SHA1_32] = "aes-cm-128-hmac-sha1-32",
	[E2AE_SUITE_AES_192_CM_HMAC_SHA1_80] = "aes-192-cm-hmac-sha1-80",
	[E2AE_SUITE_AES_192_CM_HMAC_SHA1_32] = "aes-192-cm-hmac-sha1-32",
	[E2AE_SUITE_AES_256_CM_HMAC_SHA1_80] = "aes-256-cm-hmac-sha1-80",
	[E2AE_SUITE_AES_256_CM_HMAC_SHA1_32] = "aes-256-cm-hmac-sha1-32",
	[E2AE_SUITE_AEAD_AES_128_GCM] = "aead-aes-128-gcm",
	[E2AE_SUITE_AEAD_AES_256_GCM] = "aead-aes-256-gcm",
	[E2AE_SUITE_NULL_HMAC_SHA1_80] = "null-hmac-sha1-80",
	[E2AE_SUITE_NULL_HMAC_SHA1_32] = "null-hmac-sha1-32",
	NULL
};

static const char *const rtcp_modes[] = { "next", "mux", "explicit", NULL };
static const char *const source_rules[] = { "strict", "latch", "any", NULL };
static const char *const nonmedia_rules[] = { "drop", "local", NULL };
static const char *const directions[] = { "unused", "in", "out", NULL };
static const char *const leg_sides[] = { "access", "core", NULL };
static const char *const expiries[] = { "soft", "hard", NULL };
static const char *const ssrc_changes[] = { "new", "evicted", NULL };

static const struct e2ae_field ssrc_fields[E2AE_A_SSRC_MAX + 1] = {
	[E2AE_A_SSRC_SSRC] = PLAIN(e2ae_ssrc, ssrc, U32, "ssrc"),
	[E2AE_A_SSRC_ROC] = PLAIN(e2ae_ssrc, roc, U32, "roc"),
	[E2AE_A_SSRC_SEQ] = PLAIN(e2ae_ssrc, seq, U16, "seq"),
	[E2AE_A_SSRC_RTCP_INDEX] =
		PLAIN(e2ae_ssrc, rtcp_index, U32, "rtcp-index"),
	[E2AE_A_SSRC_PACKETS] = TOLD(e2ae_ssrc, packets, U64, "packets"),
	[E2AE_A_SSRC_RTCP_PACKETS] =
		TOLD(e2ae_ssrc, rtcp_packets, U64, "rtcp-packets"),
};

static const struct e2ae_set ssrc_info =
	SET(e2ae_ssrc, "ssrc", ssrc_fields, E2AE_A_SSRC_MAX);

static const struct e2ae_field counters_fields[E2AE_A_COUNTERS_MAX + 1] = {
	[E2AE_A_COUNTERS_PACKETS] = TOLD(e2ae_counters, packets, U64, "packets"),
	[E2AE_A_COUNTERS_OCTETS] = TOLD(e2ae_counters, octets, U64, "octets"),
	[E2AE_A_COUNTERS_RTCP_PACKETS] =
		TOLD(e2ae_counters, rtcp_packets, U64, "rtcp-packets"),
	[E2AE_A_COUNTERS_RTCP_OCTETS] =
		TOLD(e2ae_counters, rtcp_octets, U64, "rtcp-octets"),
};

static const struct e2ae_set counters_info =
	SET(e2ae_counters, "counters", counters_fields, E2AE_A_COUNTERS_MAX);

#define DROP(cause, text) \
	[E2AE_A_DROPS_##cause] = \
		TOLD(e2ae_drops, n[E2AE_A_DROPS_##cause], U64, text)

static const struct e2ae_field drops_fields[E2AE_A_DROPS_MAX + 1] = {
	DROP(UDP_LENGTH, "udp-length"),
	DROP(UDP_CHECKSUM, "udp-checksum"),
	DROP(SEGMENT, "segment"),
	DROP(NO_MEMORY, "no-memory"),
	DROP(TTL, "ttl"),
	DROP(DEVICE, "device"),
	DROP(POLICY, "policy"),
	DROP(SOURCE, "source"),
	DROP(NONMEDIA, "nonmedia"),
	DROP(RTP_HEADER, "rtp-header"),
	DROP(RTCP_HEADER, "rtcp-header"),
	DROP(RX_NO_SA, "rx-no-sa"),
	DROP(RX_SHORT, "rx-short"),
	DROP(RX_MKI, "rx-mki"),
	DROP(RX_AUTH, "rx-auth"),
	DROP(RX_REPLAY, "rx-replay"),
	DROP(RX_OLD, "rx-old"),
	DROP(RX_SSRC, "rx-ssrc"),
	DROP(RX_CLEAR, "rx-clear"),
	DROP(RX_EXPIRED, "rx-expired"),
	DROP(TX_NO_SA, "tx-no-sa"),
	DROP(TX_REPEAT, "tx-repeat"),
	DROP(TX_SSRC_LIMIT, "tx-ssrc-limit"),
	DROP(TX_EXPIRED, "tx-expired"),
	DROP(CRYPTO, "crypto"),
	DROP(NO_PEER, "no-peer"),
	DROP(NO_ROUTE, "no-route"),
	DROP(TOO_BIG, "too-big"),
	DROP(OUTPUT, "output"),
};

const struct e2ae_set e2ae_drops_set_info =
	SET(e2ae_drops, "drops", drops_fields, E2AE_A_DROPS_MAX);

static const struct e2ae_field sa_fields[E2AE_A_SA_MAX + 1] = {
	[E2AE_A_SA_ID] = PLAIN(e2ae_sa, id, U32, "id"),
	[E2AE_A_SA_SUITE] = ENUM(e2ae_sa, suite, "suite", suites, 0),
	[E2AE_A_SA_KEY] = OCTETS(e2ae_sa, key, "key", E2AE_MAX_KEY,
			       E2AE_FIELD_SECRET),
	[E2AE_A_SA_SALT] = OCTETS(e2ae_sa, salt, "salt", E2AE_MAX_SALT,
				E2AE_FIELD_SECRET),
	[E2AE_A_SA_MKI] = OCTETS(e2ae_sa, mki, "mki", E2AE_MAX_MKI, 0),
	[E2AE_A_SA_WINDOW] = PLAIN(e2ae_sa, window, U32, "window"),
	[E2AE_A_SA_SSRC_MAX] = PLAIN(e2ae_sa, ssrc_max, U32, "ssrc-max"),
	[E2AE_A_SA_ROC] = PLAIN(e2ae_sa, roc, U32, "roc"),
	[E2AE_A_SA_STATE] = {
		.name = "state", .kind = E2AE_KIND_LIST,
		.offset = offsetof(struct e2ae_sa, state),
		.room = E2AE_MAX_SSRCS,
		.count = offsetof(struct e2ae_sa, n_states),
		.set = &ssrc_info,
	},
	[E2AE_A_SA_GUARD] = PLAIN(e2ae_sa, guard, U32, "guard"),
	[E2AE_A_SA_FIXED_SSRCS] = FLAG("fixed-ssrcs", 0),
	[E2AE_A_SA_SOFT_PACKETS] =
		PLAIN(e2ae_sa, soft_packets, U64, "soft-packets"),
	[E2AE_A_SA_HARD_PACKETS] =
		PLAIN(e2ae_sa, hard_packets, U64, "hard-packets"),
	[E2AE_A_SA_AUTODEL] = FLAG("autodel", 0),
	[E2AE_A_SA_DIRECTION] = ENUM(e2ae_sa, direction, "direction",
				     directions, E2AE_FIELD_READ_ONLY),
	[E2AE_A_SA_STREAMS] = TOLD(e2ae_sa, streams, U32, "streams"),
	[E2AE_A_SA_EXPIRED] = FLAG("expired", E2AE_FIELD_READ_ONLY),
	[E2AE_A_SA_CIPHER] = STRING(e2ae_sa, cipher, "cipher"),
	[E2AE_A_SA_FALLBACK] = STRING(e2ae_sa, fallback, "fallback"),
	[E2AE_A_SA_MAC] = STRING(e2ae_sa, mac, "mac"),
	[E2AE_A_SA_STATS] = NEST(e2ae_sa, stats, "stats", counters_info,
				 E2AE_FIELD_READ_ONLY),
	[E2AE_A_SA_DROPS] = NEST(e2ae_sa, drops, "drops", e2ae_drops_set_info,
				 E2AE_FIELD_READ_ONLY),
};

const struct e2ae_set e2ae_sa_set_info =
	SET(e2ae_sa, "sa", sa_fields, E2AE_A_SA_MAX);

static const struct e2ae_field leg_fields[E2AE_A_LEG_MAX + 1] = {
	[E2AE_A_LEG_LOCAL_ADDR] = PLAIN(e2ae_leg, local_addr, ADDR, "local-addr"),
	[E2AE_A_LEG_LOCAL_PORT] = PLAIN(e2ae_leg, local_port, U16, "local-port"),
	[E2AE_A_LEG_PEER_ADDR] = PLAIN(e2ae_leg, peer_addr, ADDR, "peer-addr"),
	[E2AE_A_LEG_PEER_PORT] = PLAIN(e2ae_leg, peer_port, U16, "peer-port"),
	[E2AE_A_LEG_LATCH_ADDR] = PLAIN(e2ae_leg, latch_addr, ADDR, "latch-addr"),
	[E2AE_A_LEG_LATCH_PREFIX] =
		PLAIN(e2ae_leg, latch_prefix, U8, "latch-prefix"),
	[E2AE_A_LEG_RTCP_MODE] =
		ENUM(e2ae_leg, rtcp_mode, "rtcp-mode", rtcp_modes, 0),
	[E2AE_A_LEG_RTCP_PORT] = PLAIN(e2ae_leg, rtcp_port, U16, "rtcp-port"),
	[E2AE_A_LEG_RTCP_PEER_ADDR] =
		PLAIN(e2ae_leg, rtcp_peer_addr, ADDR, "rtcp-peer-addr"),
	[E2AE_A_LEG_RTCP_PEER_PORT] =
		PLAIN(e2ae_leg, rtcp_peer_port, U16, "rtcp-peer-port"),
	[E2AE_A_LEG_SOURCE] = ENUM(e2ae_leg, source, "source", source_rules, 0),
	[E2AE_A_LEG_NONMEDIA] =
		ENUM(e2ae_leg, nonmedia, "nonmedia", nonmedia_rules, 0),
	[E2AE_A_LEG_IFINDEX] = PLAIN(e2ae_leg, ifindex, U32, "ifindex"),
	[E2AE_A_LEG_IN_SA] = PLAIN(e2ae_leg, in_sa, U32, "in-sa"),
	[E2AE_A_LEG_OUT_SA] = PLAIN(e2ae_leg, out_sa, U32, "out-sa"),
	[E2AE_A_LEG_PLAIN] = FLAG("plain", 0),
	[E2AE_A_LEG_SECURE] = FLAG("secure", 0),
	[E2AE_A_LEG_OLD_IN_SA] = TOLD(e2ae_leg, old_in_sa, U32, "old-in-sa"),
	[E2AE_A_LEG_LATCHED] = FLAG("latched", E2AE_FIELD_READ_ONLY),
	[E2AE_A_LEG_RTCP_LATCHED] = FLAG("rtcp-latched", E2AE_FIELD_READ_ONLY),
	[E2AE_A_LEG_DSCP] = PLAIN(e2ae_leg, dscp, U8, "dscp"),
	[E2AE_A_LEG_MARK] = PLAIN(e2ae_leg, mark, U32, "mark"),
};

static const struct e2ae_set leg_info =
	SET(e2ae_leg, "leg", leg_fields, E2AE_A_LEG_MAX);

static const struct e2ae_field flow_fields[E2AE_A_FLOW_MAX + 1] = {
	[E2AE_A_FLOW_PACKETS] = TOLD(e2ae_flow, packets, U64, "packets"),
	[E2AE_A_FLOW_OCTETS] = TOLD(e2ae_flow, octets, U64, "octets"),
	[E2AE_A_FLOW_RTCP_PACKETS] =
		TOLD(e2ae_flow, rtcp_packets, U64, "rtcp-packets"),
	[E2AE_A_FLOW_RTCP_OCTETS] =
		TOLD(e2ae_flow, rtcp_octets, U64, "rtcp-octets"),
	[E2AE_A_FLOW_LOST] = TOLD(e2ae_flow, lost, S64, "lost"),
	[E2AE_A_FLOW_JITTER] = TOLD(e2ae_flow, jitter, U32, "jitter"),
	[E2AE_A_FLOW_SSRC] = TOLD(e2ae_flow, ssrc, U32, "ssrc"),
	[E2AE_A_FLOW_SSRCS] = TOLD(e2ae_flow, ssrcs, U32, "ssrcs"),
	[E2AE_A_FLOW_IDLE] = TOLD(e2ae_flow, idle, U32, "idle"),
};

static const struct e2ae_set flow_info =
	SET(e2ae_flow, "flow", flow_fields, E2AE_A_FLOW_MAX);

static const struct e2ae_field stream_fields[E2AE_A_STREAM_MAX + 1] = {
	[E2AE_A_STREAM_ID] = PLAIN(e2ae_stream, id, U32, "id"),
	[E2AE_A_STREAM_ACCESS] =
		NEST(e2ae_stream, access, "access", leg_info, 0),
	[E2AE_A_STREAM_CORE] = NEST(e2ae_stream, core, "core", leg_info, 0),
	[E2AE_A_STREAM_TIMEOUT] = PLAIN(e2ae_stream, timeout, U32, "timeout"),
	[E2AE_A_STREAM_CLOCK_RATE] =
		PLAIN(e2ae_stream, clock_rate, U32, "clock-rate"),
	[E2AE_A_STREAM_GRACE] = PLAIN(e2ae_stream, grace, U32, "grace"),
	[E2AE_A_STREAM_UPSTREAM] = NEST(e2ae_stream, upstream, "upstream",
					flow_info, E2AE_FIELD_READ_ONLY),
	[E2AE_A_STREAM_DOWNSTREAM] = NEST(e2ae_stream, downstream, "downstream",
					  flow_info, E2AE_FIELD_READ_ONLY),
	[E2AE_A_STREAM_DROPS] = NEST(e2ae_stream, drops, "drops",
				     e2ae_drops_set_info, E2AE_FIELD_READ_ONLY),
};

const struct e2ae_set e2ae_stream_set_info =
	SET(e2ae_stream, "stream", stream_fields, E2AE_A_STREAM_MAX);

static const struct e2ae_field stats_fields[E2AE_A_STATS_MAX + 1] = {
	[E2AE_A_STATS_SAS] = TOLD(e2ae_stats, sas, U32, "sas"),
	[E2AE_A_STATS_STREAMS] = TOLD(e2ae_stats, streams, U32, "streams"),
	[E2AE_A_STATS_MAX_SAS] = TOLD(e2ae_stats, max_sas, U32, "max-sas"),
	[E2AE_A_STATS_MAX_STREAMS] =
		TOLD(e2ae_stats, max_streams, U32, "max-streams"),
	[E2AE_A_STATS_VERSION] = STRING(e2ae_stats, version, "version"),
	[E2AE_A_STATS_RELAYED] = NEST(e2ae_stats, relayed, "relayed",
				      counters_info, E2AE_FIELD_READ_ONLY),
	[E2AE_A_STATS_PROTECTED] = TOLD(e2ae_stats, protect, U64, "protected"),
	[E2AE_A_STATS_UNPROTECTED] =
		TOLD(e2ae_stats, unprotect, U64, "unprotected"),
	[E2AE_A_STATS_LOCAL] = TOLD(e2ae_stats, local, U64, "local"),
	[E2AE_A_STATS_LATCHED] = TOLD(e2ae_stats, latched, U64, "latched"),
	[E2AE_A_STATS_SEGMENTED] = TOLD(e2ae_stats, segmented, U64, "segmented"),
	[E2AE_A_STATS_COPIED] = TOLD(e2ae_stats, copied, U64, "copied"),
	[E2AE_A_STATS_FALLBACK] = TOLD(e2ae_stats, fallback, U64, "fallback"),
	[E2AE_A_STATS_ICMP_PMTU] = TOLD(e2ae_stats, icmp_pmtu, U64, "icmp-pmtu"),
	[E2AE_A_STATS_ICMP_OTHER] =
		TOLD(e2ae_stats, icmp_other, U64, "icmp-other"),
	[E2AE_A_STATS_INGRESS] = TOLD(e2ae_stats, ingress, U64, "ingress"),
	[E2AE_A_STATS_DIRECT] = TOLD(e2ae_stats, direct, U64, "direct"),
	[E2AE_A_STATS_GATHERED] = TOLD(e2ae_stats, gathered, U64, "gathered"),
	[E2AE_A_STATS_DROPS] = NEST(e2ae_stats, drops, "drops",
				    e2ae_drops_set_info, E2AE_FIELD_READ_ONLY),
};

const struct e2ae_set e2ae_stats_set_info =
	SET(e2ae_stats, "stats", stats_fields, E2AE_A_STATS_MAX);

static const struct e2ae_field event_fields[E2AE_A_EVENT_MAX + 1] = {
	[E2AE_A_EVENT_SA] = TOLD(e2ae_event, sa, U32, "sa"),
	[E2AE_A_EVENT_STREAM] = TOLD(e2ae_event, stream, U32, "stream"),
	[E2AE_A_EVENT_LEG] = ENUM(e2ae_event, leg, "leg", leg_sides,
				  E2AE_FIELD_READ_ONLY),
	[E2AE_A_EVENT_RTCP] = FLAG("rtcp", E2AE_FIELD_READ_ONLY),
	[E2AE_A_EVENT_ADDR] = TOLD(e2ae_event, addr, ADDR, "addr"),
	[E2AE_A_EVENT_PORT] = TOLD(e2ae_event, port, U16, "port"),
	[E2AE_A_EVENT_SSRC] = TOLD(e2ae_event, ssrc, U32, "ssrc"),
	[E2AE_A_EVENT_CHANGE] = ENUM(e2ae_event, change, "change", ssrc_changes,
				     E2AE_FIELD_READ_ONLY),
	[E2AE_A_EVENT_EXPIRY] = ENUM(e2ae_event, expiry, "expiry", expiries,
				     E2AE_FIELD_READ_ONLY),
	[E2AE_A_EVENT_FAILURES] = TOLD(e2ae_event, failures, U32, "failures"),
};

const struct e2ae_set e2ae_event_set_info =
	SET(e2ae_event, "event", event_fields, E2AE_A_EVENT_MAX);

/* Only for naming an attribute at fault; no structure holds a message. */
static const struct e2ae_field root_fields[E2AE_A_MAX + 1] = {
	[E2AE_A_SA] = { .name = "sa", .kind = E2AE_KIND_NEST,
			.set = &e2ae_sa_set_info },
	[E2AE_A_STREAM] = { .name = "stream", .kind = E2AE_KIND_NEST,
			    .set = &e2ae_stream_set_info },
	[E2AE_A_STATS] = { .name = "stats", .kind = E2AE_KIND_NEST,
			   .set = &e2ae_stats_set_info },
};

const struct e2ae_set e2ae_root_info = {
	.name = "e2ae", .max = E2AE_A_MAX, .fields = root_fields,
};

/* clang-format on */

_Static_assert(E2AE_A_DROPS_MAX < 64, "a set has a bit per attribute");

/**
 * e2ae_value_name() - what a value of an enumeration is called
 * @set: attribute set
 * @attr: attribute of it
 * @value: the value
 *
 * Return: the name in uapi/e2ae.yaml, or NULL if it has none.
 */
const char *e2ae_value_name(const struct e2ae_set *set, unsigned int attr,
			    uint32_t value)
{
	const char *const *values = set->fields[attr].values;
	uint32_t i;

	for (i = 0; values && values[i]; i++)
		if (i == value && *values[i])
			return values[i];
	return NULL;
}
