// SPDX-License-Identifier: GPL-2.0
/* Attributes of a request to what the client asks. */
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/string.h>

#include "netlink-attr.h"

/* More, and the receiver would guess another roll-over counter. */
#define MAX_GUARD   16384 /* packets */
#define MAX_TIMEOUT 86400 /* seconds */
#define MAX_GRACE   600000 /* milliseconds */

static bool allow_null;
module_param(allow_null, bool, 0644);
MODULE_PARM_DESC(allow_null,
		 "Allow the NULL suites, which do not encrypt (lab only)");

/**
 * e2ae_nl_find() - find an attribute in a nest
 * @nest: the nest, or NULL
 * @attr: type
 *
 * Return: the attribute or NULL.
 */
const struct nlattr *e2ae_nl_find(const struct nlattr *nest, int attr)
{
	return nest ? nla_find_nested(nest, attr) : NULL;
}

/**
 * e2ae_nl_wipe() - leave no key in a request
 * @nlh: the request, whatever became of it
 *
 * What the netlink core refuses before it asks us is not reached.
 */
void e2ae_nl_wipe(const struct nlmsghdr *nlh)
{
	struct nlattr *sa, *nla;
	int left, rest;

	nlmsg_for_each_attr(sa, nlh, GENL_HDRLEN, left) {
		if (nla_type(sa) != E2AE_A_SA)
			continue;
		nla_for_each_nested(nla, sa, rest)
			if (nla_type(nla) == E2AE_A_SA_KEY ||
			    nla_type(nla) == E2AE_A_SA_SALT)
				memzero_explicit(nla_data(nla), nla_len(nla));
	}
}

static int refuse_any(struct nlattr **tb, const u8 *attrs, int n,
		      const char *why, struct netlink_ext_ack *extack)
{
	int i;

	for (i = 0; i < n; i++)
		if (tb[attrs[i]])
			return e2ae_nl_refuse(extack, tb[attrs[i]], why,
					      -EINVAL);
	return 0;
}

static const u8 sa_read_only[] = {
	E2AE_A_SA_DIRECTION, E2AE_A_SA_STREAMS,	 E2AE_A_SA_EXPIRED,
	E2AE_A_SA_CIPHER,    E2AE_A_SA_FALLBACK, E2AE_A_SA_MAC,
	E2AE_A_SA_STATS,     E2AE_A_SA_DROPS,
};

static const u8 sa_constant[] = {
	E2AE_A_SA_SUITE,       E2AE_A_SA_KEY,	 E2AE_A_SA_SALT,
	E2AE_A_SA_MKI,	       E2AE_A_SA_WINDOW, E2AE_A_SA_SSRC_MAX,
	E2AE_A_SA_ROC,	       E2AE_A_SA_STATE,	 E2AE_A_SA_GUARD,
	E2AE_A_SA_FIXED_SSRCS,
};

static const u8 ssrc_read_only[] = {
	E2AE_A_SSRC_PACKETS,
	E2AE_A_SSRC_RTCP_PACKETS,
};

static const u8 leg_read_only[] = {
	E2AE_A_LEG_OLD_IN_SA,
	E2AE_A_LEG_LATCHED,
	E2AE_A_LEG_RTCP_LATCHED,
};

static const u8 stream_read_only[] = {
	E2AE_A_STREAM_UPSTREAM,
	E2AE_A_STREAM_DOWNSTREAM,
	E2AE_A_STREAM_DROPS,
};

static const char is_read_only[] = "this attribute is read-only";

static bool take_key(const struct nlattr *nla, u8 *to, u8 len)
{
	if (nla_len(nla) != len)
		return false;
	memcpy(to, nla_data(nla), len);
	return true;
}

static int parse_keys(struct nlattr **tb, struct e2ae_sa_spec *spec,
		      const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	if (!tb[E2AE_A_SA_KEY])
		return e2ae_nl_refuse(extack, nest,
				      "an SA needs a master key (key)",
				      -EINVAL);
	if (!tb[E2AE_A_SA_SALT])
		return e2ae_nl_refuse(extack, nest,
				      "an SA needs a master salt (salt)",
				      -EINVAL);
	if (!take_key(tb[E2AE_A_SA_KEY], spec->key, spec->suite->key_len))
		return e2ae_nl_refuse(
			extack, tb[E2AE_A_SA_KEY],
			"the length of the master key is not the suite's",
			-EINVAL);
	if (!take_key(tb[E2AE_A_SA_SALT], spec->salt, spec->suite->salt_len))
		return e2ae_nl_refuse(
			extack, tb[E2AE_A_SA_SALT],
			"the length of the master salt is not the suite's",
			-EINVAL);
	return 0;
}

static int parse_suite(struct nlattr **tb, struct e2ae_sa_spec *spec,
		       const struct nlattr *nest,
		       struct netlink_ext_ack *extack)
{
	if (!tb[E2AE_A_SA_SUITE])
		return e2ae_nl_refuse(extack, nest,
				      "an SA needs a suite (suite)", -EINVAL);
	spec->suite = e2ae_suite_get(nla_get_u32(tb[E2AE_A_SA_SUITE]));
	if (!spec->suite)
		return e2ae_nl_refuse(extack, tb[E2AE_A_SA_SUITE],
				      "there is no such suite", -EINVAL);
	if (spec->suite->mode == E2AE_MODE_NULL && !READ_ONCE(allow_null))
		return e2ae_nl_refuse(
			extack, tb[E2AE_A_SA_SUITE],
			"the NULL suites do not encrypt: only with module parameter allow_null",
			-EPERM);
	return 0;
}

static int parse_ssrc(const struct nlattr *nest, struct e2ae_sa_spec *spec,
		      struct netlink_ext_ack *extack)
{
	struct e2ae_sa_state *st = &spec->states[spec->n_states];
	struct nlattr *tb[E2AE_A_SSRC_MAX + 1];
	u32 i;
	int err;

	err = nla_parse_nested(tb, E2AE_A_SSRC_MAX, nest, e2ae_ssrc_nl_policy,
			       extack);
	if (!err)
		err = refuse_any(tb, ssrc_read_only, ARRAY_SIZE(ssrc_read_only),
				 is_read_only, extack);
	if (err)
		return err;
	if (spec->n_states >= spec->ssrc_max)
		return e2ae_nl_refuse(
			extack, nest,
			"there are more states than SSRCs the SA may have (ssrc-max)",
			-EINVAL);
	if (!tb[E2AE_A_SSRC_SSRC])
		return e2ae_nl_refuse(extack, nest, "a state needs its ssrc",
				      -EINVAL);
	if (!tb[E2AE_A_SSRC_ROC] != !tb[E2AE_A_SSRC_SEQ])
		return e2ae_nl_refuse(extack, nest,
				      "in a state, roc and seq belong together",
				      -EINVAL);
	st->ssrc = nla_get_u32(tb[E2AE_A_SSRC_SSRC]);
	st->has_rtp = tb[E2AE_A_SSRC_SEQ];
	st->roc = st->has_rtp ? nla_get_u32(tb[E2AE_A_SSRC_ROC]) : 0;
	st->seq = st->has_rtp ? nla_get_u16(tb[E2AE_A_SSRC_SEQ]) : 0;
	st->rtcp_next = tb[E2AE_A_SSRC_RTCP_INDEX] ?
				nla_get_u32(tb[E2AE_A_SSRC_RTCP_INDEX]) :
				0;
	if (st->rtcp_next > E2AE_MAX_RTCP_INDEX)
		return e2ae_nl_refuse(extack, tb[E2AE_A_SSRC_RTCP_INDEX],
				      "rtcp-index is at most 2^31", -ERANGE);
	for (i = 0; i < spec->n_states; i++)
		if (spec->states[i].ssrc == st->ssrc)
			return e2ae_nl_refuse(extack, nest,
					      "two states have the same ssrc",
					      -EINVAL);
	spec->n_states++;
	return 0;
}

static int parse_states(const struct nlattr *nest, struct e2ae_sa_spec *spec,
			struct netlink_ext_ack *extack)
{
	struct nlattr *nla;
	int left, err;

	nla_for_each_nested(nla, nest, left) {
		if (nla_type(nla) != E2AE_A_SA_STATE)
			continue;
		err = parse_ssrc(nla, spec, extack);
		if (err)
			return err;
	}
	return 0;
}

static int parse_new_sa(struct nlattr **tb, const struct nlattr *nest,
			struct e2ae_sa_spec *spec,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *mki = tb[E2AE_A_SA_MKI];
	int err;

	err = parse_suite(tb, spec, nest, extack);
	if (!err)
		err = parse_keys(tb, spec, nest, extack);
	if (err)
		return err;
	if (mki && (!nla_len(mki) || nla_len(mki) > E2AE_MAX_MKI))
		return e2ae_nl_refuse(extack, mki, "an MKI has 1 to 128 octets",
				      -EINVAL);
	if (mki) {
		spec->mki_len = nla_len(mki);
		memcpy(spec->mki, nla_data(mki), spec->mki_len);
	}
	spec->window = tb[E2AE_A_SA_WINDOW] ?
			       round_up(nla_get_u32(tb[E2AE_A_SA_WINDOW]), 64) :
			       E2AE_DEF_WINDOW;
	spec->ssrc_max = tb[E2AE_A_SA_SSRC_MAX] ?
				 nla_get_u32(tb[E2AE_A_SA_SSRC_MAX]) :
				 E2AE_DEF_SSRCS;
	if (tb[E2AE_A_SA_ROC])
		spec->roc = nla_get_u32(tb[E2AE_A_SA_ROC]);
	if (tb[E2AE_A_SA_GUARD])
		spec->guard = nla_get_u32(tb[E2AE_A_SA_GUARD]);
	if (spec->guard > MAX_GUARD)
		return e2ae_nl_refuse(extack, tb[E2AE_A_SA_GUARD],
				      "guard is at most 16384", -ERANGE);
	spec->fixed = nla_get_flag(tb[E2AE_A_SA_FIXED_SSRCS]);
	err = parse_states(nest, spec, extack);
	if (err)
		return err;
	if (spec->fixed && !spec->n_states)
		return e2ae_nl_refuse(
			extack, tb[E2AE_A_SA_FIXED_SSRCS],
			"fixed-ssrcs without a state would accept nothing",
			-EINVAL);
	return 0;
}

static int parse_limits(struct nlattr **tb, struct e2ae_sa_spec *spec,
			struct netlink_ext_ack *extack)
{
	spec->has_soft = tb[E2AE_A_SA_SOFT_PACKETS];
	spec->has_hard = tb[E2AE_A_SA_HARD_PACKETS];
	spec->soft = spec->has_soft ? nla_get_u64(tb[E2AE_A_SA_SOFT_PACKETS]) :
				      0;
	spec->hard = spec->has_hard ? nla_get_u64(tb[E2AE_A_SA_HARD_PACKETS]) :
				      0;
	if (spec->hard > E2AE_MAX_INDEX)
		return e2ae_nl_refuse(extack, tb[E2AE_A_SA_HARD_PACKETS],
				      "hard-packets is at most 2^48", -ERANGE);
	if (spec->hard && spec->soft > spec->hard)
		return e2ae_nl_refuse(extack, tb[E2AE_A_SA_SOFT_PACKETS],
				      "soft-packets is more than hard-packets",
				      -EINVAL);
	spec->autodel = nla_get_flag(tb[E2AE_A_SA_AUTODEL]);
	return 0;
}

/**
 * e2ae_nl_parse_sa() - read what a client asks of an SA
 * @nest: attribute sa
 * @fresh: of a new SA, with its keys
 * @spec: zeroed, filled in; the caller wipes it whatever is returned
 * @extack: of the request
 *
 * Return: 0 or a negative errno, with the sentence in @extack.
 */
int e2ae_nl_parse_sa(const struct nlattr *nest, bool fresh,
		     struct e2ae_sa_spec *spec, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[E2AE_A_SA_MAX + 1];
	int err;

	if (!nest)
		return e2ae_nl_refuse(extack, NULL, "the request needs an sa",
				      -EINVAL);
	err = nla_parse_nested(tb, E2AE_A_SA_MAX, nest, e2ae_sa_nl_policy,
			       extack);
	if (!err)
		err = refuse_any(tb, sa_read_only, ARRAY_SIZE(sa_read_only),
				 is_read_only, extack);
	if (err)
		return err;
	if (!tb[E2AE_A_SA_ID])
		return e2ae_nl_refuse(extack, nest, "an SA needs an id",
				      -EINVAL);
	spec->id = nla_get_u32(tb[E2AE_A_SA_ID]);
	err = parse_limits(tb, spec, extack);
	if (err)
		return err;
	if (fresh)
		return parse_new_sa(tb, nest, spec, extack);
	return refuse_any(
		tb, sa_constant, ARRAY_SIZE(sa_constant),
		"of an SA only the packet limits and autodel can change",
		extack);
}

static int parse_addr(const struct nlattr *nla, union nf_inet_addr *addr,
		      u16 *family, struct netlink_ext_ack *extack)
{
	memset(addr, 0, sizeof(*addr));
	switch (nla_len(nla)) {
	case sizeof(struct in_addr):
		*family = AF_INET;
		break;
	case sizeof(struct in6_addr):
		*family = AF_INET6;
		break;
	default:
		return e2ae_nl_refuse(extack, nla,
				      "an address has 4 or 16 octets", -EINVAL);
	}
	memcpy(addr, nla_data(nla), nla_len(nla));
	return 0;
}

static int parse_sockaddr(const struct nlattr *addr, const struct nlattr *port,
			  struct e2ae_sockaddr *to,
			  struct netlink_ext_ack *extack)
{
	if (port)
		to->port = htons(nla_get_u16(port));
	return addr ? parse_addr(addr, &to->addr, &to->family, extack) : 0;
}

static int parse_leg_addrs(struct nlattr **tb, struct e2ae_leg_spec *leg,
			   struct netlink_ext_ack *extack)
{
	int err;

	err = parse_sockaddr(tb[E2AE_A_LEG_LOCAL_ADDR],
			     tb[E2AE_A_LEG_LOCAL_PORT], &leg->local, extack);
	if (!err)
		err = parse_sockaddr(tb[E2AE_A_LEG_PEER_ADDR],
				     tb[E2AE_A_LEG_PEER_PORT], &leg->peer,
				     extack);
	if (!err)
		err = parse_sockaddr(tb[E2AE_A_LEG_RTCP_PEER_ADDR],
				     tb[E2AE_A_LEG_RTCP_PEER_PORT],
				     &leg->rtcp_peer, extack);
	if (!err && tb[E2AE_A_LEG_LATCH_ADDR])
		err = parse_addr(tb[E2AE_A_LEG_LATCH_ADDR], &leg->latch_net,
				 &leg->latch_family, extack);
	return err;
}

static int parse_leg(const struct nlattr *nest, struct e2ae_leg_spec *leg,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[E2AE_A_LEG_MAX + 1];
	int err, i;

	err = nla_parse_nested(tb, E2AE_A_LEG_MAX, nest, e2ae_leg_nl_policy,
			       extack);
	if (!err)
		err = refuse_any(tb, leg_read_only, ARRAY_SIZE(leg_read_only),
				 is_read_only, extack);
	if (!err)
		err = parse_leg_addrs(tb, leg, extack);
	if (err)
		return err;
	for (i = 1; i <= E2AE_A_LEG_MAX; i++)
		if (tb[i])
			leg->given |= BIT(i);
#define TAKE(attr, to, get)                                             \
	do {                                                            \
		if (tb[E2AE_A_LEG_##attr])                              \
			leg->to = nla_get_##get(tb[E2AE_A_LEG_##attr]); \
	} while (0)
	TAKE(LATCH_PREFIX, latch_prefix, u8);
	TAKE(RTCP_MODE, rtcp_mode, u32);
	TAKE(RTCP_PORT, rtcp_port, u16);
	TAKE(SOURCE, source, u32);
	TAKE(NONMEDIA, nonmedia, u32);
	TAKE(IFINDEX, ifindex, u32);
	TAKE(IN_SA, in_sa, u32);
	TAKE(OUT_SA, out_sa, u32);
	TAKE(DSCP, dscp, u8);
	TAKE(MARK, mark, u32);
#undef TAKE
	if (leg->ifindex < 0)
		return e2ae_nl_refuse(extack, tb[E2AE_A_LEG_IFINDEX],
				      "ifindex is no device's", -EINVAL);
	return 0;
}

/**
 * e2ae_nl_parse_stream() - read what a client asks of a stream
 * @nest: attribute stream
 * @spec: zeroed, filled in
 * @extack: of the request
 *
 * Return: 0 or a negative errno, with the sentence in @extack.
 */
int e2ae_nl_parse_stream(const struct nlattr *nest,
			 struct e2ae_stream_spec *spec,
			 struct netlink_ext_ack *extack)
{
	static const u8 legs[2] = { E2AE_A_STREAM_ACCESS, E2AE_A_STREAM_CORE };
	struct nlattr *tb[E2AE_A_STREAM_MAX + 1];
	int err, i;

	if (!nest)
		return e2ae_nl_refuse(extack, NULL,
				      "the request needs a stream", -EINVAL);
	err = nla_parse_nested(tb, E2AE_A_STREAM_MAX, nest,
			       e2ae_stream_nl_policy, extack);
	if (!err)
		err = refuse_any(tb, stream_read_only,
				 ARRAY_SIZE(stream_read_only), is_read_only,
				 extack);
	if (err)
		return err;
	if (!tb[E2AE_A_STREAM_ID])
		return e2ae_nl_refuse(extack, nest, "a stream needs an id",
				      -EINVAL);
	spec->id = nla_get_u32(tb[E2AE_A_STREAM_ID]);
	for (i = 1; i <= E2AE_A_STREAM_MAX; i++)
		if (tb[i])
			spec->given |= BIT(i);
	if (tb[E2AE_A_STREAM_TIMEOUT])
		spec->timeout = nla_get_u32(tb[E2AE_A_STREAM_TIMEOUT]);
	if (tb[E2AE_A_STREAM_CLOCK_RATE])
		spec->clock_rate = nla_get_u32(tb[E2AE_A_STREAM_CLOCK_RATE]);
	if (tb[E2AE_A_STREAM_GRACE])
		spec->grace = nla_get_u32(tb[E2AE_A_STREAM_GRACE]);
	if (spec->timeout > MAX_TIMEOUT)
		return e2ae_nl_refuse(extack, tb[E2AE_A_STREAM_TIMEOUT],
				      "timeout is at most 86400 seconds",
				      -ERANGE);
	if (spec->grace > MAX_GRACE)
		return e2ae_nl_refuse(extack, tb[E2AE_A_STREAM_GRACE],
				      "grace is at most 600000 milliseconds",
				      -ERANGE);
	for (i = 0; i < 2 && !err; i++)
		if (tb[legs[i]])
			err = parse_leg(tb[legs[i]], &spec->leg[i], extack);
	return err;
}
