// SPDX-License-Identifier: GPL-2.0
/* Do not edit directly, auto-generated from: */
/*	uapi/e2ae.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/e2ae.h>

/* Common nested types */
const struct nla_policy e2ae_counters_nl_policy[E2AE_A_COUNTERS_RTCP_OCTETS + 1] = {
	[E2AE_A_COUNTERS_PACKETS] = { .type = NLA_U64, },
	[E2AE_A_COUNTERS_OCTETS] = { .type = NLA_U64, },
	[E2AE_A_COUNTERS_RTCP_PACKETS] = { .type = NLA_U64, },
	[E2AE_A_COUNTERS_RTCP_OCTETS] = { .type = NLA_U64, },
};

const struct nla_policy e2ae_drops_nl_policy[E2AE_A_DROPS_OUTPUT + 1] = {
	[E2AE_A_DROPS_UDP_LENGTH] = { .type = NLA_U64, },
	[E2AE_A_DROPS_UDP_CHECKSUM] = { .type = NLA_U64, },
	[E2AE_A_DROPS_SEGMENT] = { .type = NLA_U64, },
	[E2AE_A_DROPS_NO_MEMORY] = { .type = NLA_U64, },
	[E2AE_A_DROPS_TTL] = { .type = NLA_U64, },
	[E2AE_A_DROPS_DEVICE] = { .type = NLA_U64, },
	[E2AE_A_DROPS_POLICY] = { .type = NLA_U64, },
	[E2AE_A_DROPS_SOURCE] = { .type = NLA_U64, },
	[E2AE_A_DROPS_NONMEDIA] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RTP_HEADER] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RTCP_HEADER] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_NO_SA] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_SHORT] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_MKI] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_AUTH] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_REPLAY] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_OLD] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_SSRC] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_CLEAR] = { .type = NLA_U64, },
	[E2AE_A_DROPS_RX_EXPIRED] = { .type = NLA_U64, },
	[E2AE_A_DROPS_TX_NO_SA] = { .type = NLA_U64, },
	[E2AE_A_DROPS_TX_REPEAT] = { .type = NLA_U64, },
	[E2AE_A_DROPS_TX_SSRC_LIMIT] = { .type = NLA_U64, },
	[E2AE_A_DROPS_TX_EXPIRED] = { .type = NLA_U64, },
	[E2AE_A_DROPS_CRYPTO] = { .type = NLA_U64, },
	[E2AE_A_DROPS_NO_PEER] = { .type = NLA_U64, },
	[E2AE_A_DROPS_NO_ROUTE] = { .type = NLA_U64, },
	[E2AE_A_DROPS_TOO_BIG] = { .type = NLA_U64, },
	[E2AE_A_DROPS_OUTPUT] = { .type = NLA_U64, },
};

const struct nla_policy e2ae_flow_nl_policy[E2AE_A_FLOW_IDLE + 1] = {
	[E2AE_A_FLOW_PACKETS] = { .type = NLA_U64, },
	[E2AE_A_FLOW_OCTETS] = { .type = NLA_U64, },
	[E2AE_A_FLOW_RTCP_PACKETS] = { .type = NLA_U64, },
	[E2AE_A_FLOW_RTCP_OCTETS] = { .type = NLA_U64, },
	[E2AE_A_FLOW_LOST] = { .type = NLA_S64, },
	[E2AE_A_FLOW_JITTER] = { .type = NLA_U32, },
	[E2AE_A_FLOW_SSRC] = { .type = NLA_U32, },
	[E2AE_A_FLOW_SSRCS] = { .type = NLA_U32, },
	[E2AE_A_FLOW_IDLE] = { .type = NLA_U32, },
};

const struct nla_policy e2ae_leg_nl_policy[E2AE_A_LEG_MARK + 1] = {
	[E2AE_A_LEG_LOCAL_ADDR] = { .type = NLA_BINARY, },
	[E2AE_A_LEG_LOCAL_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[E2AE_A_LEG_PEER_ADDR] = { .type = NLA_BINARY, },
	[E2AE_A_LEG_PEER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[E2AE_A_LEG_LATCH_ADDR] = { .type = NLA_BINARY, },
	[E2AE_A_LEG_LATCH_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[E2AE_A_LEG_RTCP_MODE] = NLA_POLICY_MAX(NLA_U32, 2),
	[E2AE_A_LEG_RTCP_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[E2AE_A_LEG_RTCP_PEER_ADDR] = { .type = NLA_BINARY, },
	[E2AE_A_LEG_RTCP_PEER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[E2AE_A_LEG_SOURCE] = NLA_POLICY_MAX(NLA_U32, 2),
	[E2AE_A_LEG_NONMEDIA] = NLA_POLICY_MAX(NLA_U32, 1),
	[E2AE_A_LEG_IFINDEX] = { .type = NLA_U32, },
	[E2AE_A_LEG_IN_SA] = { .type = NLA_U32, },
	[E2AE_A_LEG_OUT_SA] = { .type = NLA_U32, },
	[E2AE_A_LEG_PLAIN] = { .type = NLA_FLAG, },
	[E2AE_A_LEG_SECURE] = { .type = NLA_FLAG, },
	[E2AE_A_LEG_OLD_IN_SA] = { .type = NLA_U32, },
	[E2AE_A_LEG_LATCHED] = { .type = NLA_FLAG, },
	[E2AE_A_LEG_RTCP_LATCHED] = { .type = NLA_FLAG, },
	[E2AE_A_LEG_DSCP] = NLA_POLICY_MAX(NLA_U8, 64),
	[E2AE_A_LEG_MARK] = { .type = NLA_U32, },
};

const struct nla_policy e2ae_sa_nl_policy[E2AE_A_SA_DROPS + 1] = {
	[E2AE_A_SA_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[E2AE_A_SA_SUITE] = NLA_POLICY_RANGE(NLA_U32, 1, 10),
	[E2AE_A_SA_KEY] = { .type = NLA_BINARY, },
	[E2AE_A_SA_SALT] = { .type = NLA_BINARY, },
	[E2AE_A_SA_MKI] = { .type = NLA_BINARY, },
	[E2AE_A_SA_WINDOW] = NLA_POLICY_RANGE(NLA_U32, 64, 4096),
	[E2AE_A_SA_SSRC_MAX] = NLA_POLICY_RANGE(NLA_U32, 1, 32),
	[E2AE_A_SA_ROC] = { .type = NLA_U32, },
	[E2AE_A_SA_STATE] = NLA_POLICY_NESTED(e2ae_ssrc_nl_policy),
	[E2AE_A_SA_GUARD] = { .type = NLA_U32, },
	[E2AE_A_SA_FIXED_SSRCS] = { .type = NLA_FLAG, },
	[E2AE_A_SA_SOFT_PACKETS] = { .type = NLA_U64, },
	[E2AE_A_SA_HARD_PACKETS] = { .type = NLA_U64, },
	[E2AE_A_SA_AUTODEL] = { .type = NLA_FLAG, },
	[E2AE_A_SA_DIRECTION] = NLA_POLICY_MAX(NLA_U32, 2),
	[E2AE_A_SA_STREAMS] = { .type = NLA_U32, },
	[E2AE_A_SA_EXPIRED] = { .type = NLA_FLAG, },
	[E2AE_A_SA_CIPHER] = { .type = NLA_NUL_STRING, },
	[E2AE_A_SA_FALLBACK] = { .type = NLA_NUL_STRING, },
	[E2AE_A_SA_MAC] = { .type = NLA_NUL_STRING, },
	[E2AE_A_SA_STATS] = NLA_POLICY_NESTED(e2ae_counters_nl_policy),
	[E2AE_A_SA_DROPS] = NLA_POLICY_NESTED(e2ae_drops_nl_policy),
};

const struct nla_policy e2ae_ssrc_nl_policy[E2AE_A_SSRC_RTCP_PACKETS + 1] = {
	[E2AE_A_SSRC_SSRC] = { .type = NLA_U32, },
	[E2AE_A_SSRC_ROC] = { .type = NLA_U32, },
	[E2AE_A_SSRC_SEQ] = { .type = NLA_U16, },
	[E2AE_A_SSRC_RTCP_INDEX] = { .type = NLA_U32, },
	[E2AE_A_SSRC_PACKETS] = { .type = NLA_U64, },
	[E2AE_A_SSRC_RTCP_PACKETS] = { .type = NLA_U64, },
};

const struct nla_policy e2ae_stream_nl_policy[E2AE_A_STREAM_DROPS + 1] = {
	[E2AE_A_STREAM_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[E2AE_A_STREAM_ACCESS] = NLA_POLICY_NESTED(e2ae_leg_nl_policy),
	[E2AE_A_STREAM_CORE] = NLA_POLICY_NESTED(e2ae_leg_nl_policy),
	[E2AE_A_STREAM_TIMEOUT] = { .type = NLA_U32, },
	[E2AE_A_STREAM_CLOCK_RATE] = NLA_POLICY_MIN(NLA_U32, 1),
	[E2AE_A_STREAM_GRACE] = { .type = NLA_U32, },
	[E2AE_A_STREAM_UPSTREAM] = NLA_POLICY_NESTED(e2ae_flow_nl_policy),
	[E2AE_A_STREAM_DOWNSTREAM] = NLA_POLICY_NESTED(e2ae_flow_nl_policy),
	[E2AE_A_STREAM_DROPS] = NLA_POLICY_NESTED(e2ae_drops_nl_policy),
};

/* Global operation policy for e2ae */
const struct nla_policy e2ae_nl_policy[E2AE_A_STREAM + 1] = {
	[E2AE_A_SA] = NLA_POLICY_NESTED(e2ae_sa_nl_policy),
	[E2AE_A_STREAM] = NLA_POLICY_NESTED(e2ae_stream_nl_policy),
};

/* Ops table for e2ae */
const struct genl_small_ops e2ae_nl_ops[10] = {
	{
		.cmd	= E2AE_CMD_SA_NEW,
		.doit	= e2ae_nl_sa_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_SA_SET,
		.doit	= e2ae_nl_sa_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_SA_DEL,
		.doit	= e2ae_nl_sa_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_SA_GET,
		.doit	= e2ae_nl_sa_get_doit,
		.dumpit	= e2ae_nl_sa_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_STREAM_NEW,
		.doit	= e2ae_nl_stream_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_STREAM_SET,
		.doit	= e2ae_nl_stream_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_STREAM_DEL,
		.doit	= e2ae_nl_stream_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_STREAM_GET,
		.doit	= e2ae_nl_stream_get_doit,
		.dumpit	= e2ae_nl_stream_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_FLUSH,
		.doit	= e2ae_nl_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= E2AE_CMD_STATS_GET,
		.doit	= e2ae_nl_stats_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};

const struct genl_multicast_group e2ae_nl_mcgrps[2] = {
	[E2AE_NLGRP_SA] = { .name = "sa", .flags = GENL_MCAST_CAP_NET_ADMIN, },
	[E2AE_NLGRP_STREAM] = { .name = "stream", .flags = GENL_MCAST_CAP_NET_ADMIN, },
};
