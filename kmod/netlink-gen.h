/* SPDX-License-Identifier: GPL-2.0 */
/* Do not edit directly, auto-generated from: */
/*	uapi/e2ae.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_E2AE_GEN_H
#define _LINUX_E2AE_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/e2ae.h>

/* Common nested types */
extern const struct nla_policy e2ae_counters_nl_policy[E2AE_A_COUNTERS_RTCP_OCTETS + 1];
extern const struct nla_policy e2ae_drops_nl_policy[E2AE_A_DROPS_OUTPUT + 1];
extern const struct nla_policy e2ae_flow_nl_policy[E2AE_A_FLOW_IDLE + 1];
extern const struct nla_policy e2ae_leg_nl_policy[E2AE_A_LEG_MARK + 1];
extern const struct nla_policy e2ae_sa_nl_policy[E2AE_A_SA_DROPS + 1];
extern const struct nla_policy e2ae_ssrc_nl_policy[E2AE_A_SSRC_RTCP_PACKETS + 1];
extern const struct nla_policy e2ae_stream_nl_policy[E2AE_A_STREAM_DROPS + 1];

/* Global operation policy for e2ae */
extern const struct nla_policy e2ae_nl_policy[E2AE_A_STREAM + 1];

/* Ops table for e2ae */
extern const struct genl_small_ops e2ae_nl_ops[10];

int e2ae_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_sa_set_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_sa_get_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int e2ae_nl_stream_new_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_stream_set_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_stream_del_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_stream_get_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_stream_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int e2ae_nl_flush_doit(struct sk_buff *skb, struct genl_info *info);
int e2ae_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	E2AE_NLGRP_SA,
	E2AE_NLGRP_STREAM,
};

extern const struct genl_multicast_group e2ae_nl_mcgrps[2];

#endif /* _LINUX_E2AE_GEN_H */
