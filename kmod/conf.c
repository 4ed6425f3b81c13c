// SPDX-License-Identifier: GPL-2.0
/* What a client may want of a leg, and the sentence where it may not. */
#include <linux/string.h>
#include <net/ipv6.h>

#include "conf.h"
#include "leg.h"

#define GIVEN(attr)	  E2AE_GIVEN(spec, E2AE_A_LEG_##attr)
#define REFUSE(attr, why) e2ae_refuse(no, side, E2AE_A_LEG_##attr, why, -EINVAL)

static bool is_any(const struct e2ae_sockaddr *a)
{
	return a->family == AF_INET ? !a->addr.ip : ipv6_addr_any(&a->addr.in6);
}

/* Multicast, broadcast, or an IPv4 address in IPv6 clothes. */
static bool is_no_host(const struct e2ae_sockaddr *a)
{
	if (a->family == AF_INET)
		return ipv4_is_multicast(a->addr.ip) ||
		       ipv4_is_lbcast(a->addr.ip);
	return ipv6_addr_is_multicast(&a->addr.in6) ||
	       ipv6_addr_v4mapped(&a->addr.in6);
}

static bool is_linklocal(const struct e2ae_sockaddr *a)
{
	return a->family == AF_INET6 &&
	       ipv6_addr_type(&a->addr.in6) & IPV6_ADDR_LINKLOCAL;
}

static bool same_host(const struct e2ae_sockaddr *a,
		      const struct e2ae_sockaddr *b)
{
	return a->family == b->family &&
	       !memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

static int check_local(const struct e2ae_leg_spec *spec, int side,
		       struct e2ae_refusal *no)
{
	if (!GIVEN(LOCAL_ADDR))
		return REFUSE(LOCAL_ADDR,
			      "a leg needs its own address (local-addr)");
	if (!GIVEN(LOCAL_PORT))
		return REFUSE(LOCAL_PORT,
			      "a leg needs its own port (local-port)");
	if (is_any(&spec->local) || is_no_host(&spec->local))
		return REFUSE(LOCAL_ADDR,
			      "local-addr must be a unicast address");
	return 0;
}

/* Secure or plain, once and for all. */
static int check_kind(struct e2ae_leg_conf *conf,
		      const struct e2ae_leg_spec *spec, int side,
		      struct e2ae_refusal *no)
{
	bool sas = spec->in_sa || spec->out_sa;

	if (GIVEN(PLAIN) && (sas || GIVEN(SECURE)))
		return REFUSE(PLAIN, "a leg is plain or has SAs, not both");
	if (side == E2AE_LEG_SIDE_ACCESS && !sas && !GIVEN(SECURE) &&
	    !GIVEN(PLAIN))
		return REFUSE(
			PLAIN,
			"an access leg without SAs must say plain or secure");
	conf->secure = sas || GIVEN(SECURE);
	return 0;
}

static int keep_kind(const struct e2ae_leg_conf *conf,
		     const struct e2ae_leg_spec *spec, int side,
		     struct e2ae_refusal *no)
{
	struct e2ae_sockaddr local = spec->local;

	if (conf->secure && GIVEN(PLAIN))
		return REFUSE(PLAIN,
			      "a secure leg stays secure: make another stream");
	if (!conf->secure && GIVEN(SECURE))
		return REFUSE(SECURE,
			      "a plain leg stays plain: make another stream");
	if (!conf->secure && (spec->in_sa || spec->out_sa))
		return e2ae_refuse(
			no, side,
			spec->in_sa ? E2AE_A_LEG_IN_SA : E2AE_A_LEG_OUT_SA,
			"a plain leg stays plain: make another stream",
			-EINVAL);
	if (GIVEN(LOCAL_ADDR) && !same_host(&local, &conf->local))
		return REFUSE(LOCAL_ADDR,
			      "the own address of a leg cannot change");
	if (GIVEN(LOCAL_PORT) && local.port != conf->local.port)
		return REFUSE(LOCAL_PORT,
			      "the own port of a leg cannot change");
	return 0;
}

static int check_peer(const struct e2ae_leg_conf *conf,
		      const struct e2ae_sockaddr *peer, int ifindex, int side,
		      int attr, struct e2ae_refusal *no)
{
	const char *why;

	if (peer->family != conf->local.family)
		why = "the peer's address is not of the family of local-addr";
	else if (is_any(peer))
		why = "the peer's address is unspecified";
	else if (is_no_host(peer))
		why = "the peer's address must be a unicast address";
	else if (is_linklocal(peer) && !ifindex)
		why = "a link-local peer needs a device (ifindex)";
	else
		return 0;
	return e2ae_refuse(no, side, attr, why, -EINVAL);
}

static int merge_peer(struct e2ae_leg_conf *conf,
		      const struct e2ae_leg_spec *spec, int side,
		      struct e2ae_refusal *no)
{
	if (!GIVEN(PEER_ADDR) && !GIVEN(PEER_PORT))
		return 0;
	if (!GIVEN(PEER_ADDR))
		return REFUSE(PEER_PORT, "peer-port needs peer-addr");
	if (!GIVEN(PEER_PORT))
		return REFUSE(PEER_ADDR, "peer-addr needs peer-port");
	conf->peer = spec->peer;
	return check_peer(conf, &conf->peer, conf->ifindex, side,
			  E2AE_A_LEG_PEER_ADDR, no);
}

static int merge_source(struct e2ae_leg_conf *conf,
			const struct e2ae_leg_spec *spec, int side,
			struct e2ae_refusal *no)
{
	if (GIVEN(SOURCE))
		conf->source = spec->source;
	if (GIVEN(LATCH_ADDR) && !GIVEN(LATCH_PREFIX))
		return REFUSE(LATCH_ADDR, "latch-addr needs latch-prefix");
	if (GIVEN(LATCH_PREFIX) && !GIVEN(LATCH_ADDR))
		return REFUSE(LATCH_PREFIX, "latch-prefix needs latch-addr");
	if (GIVEN(LATCH_ADDR)) {
		if (conf->source != E2AE_SOURCE_RULE_LATCH)
			return REFUSE(LATCH_ADDR,
				      "latch-addr needs source latch");
		if (spec->latch_family != conf->local.family)
			return REFUSE(
				LATCH_ADDR,
				"latch-addr is not of the family of local-addr");
		if (spec->latch_family == AF_INET && spec->latch_prefix > 32)
			return REFUSE(
				LATCH_PREFIX,
				"latch-prefix of an IPv4 network is at most 32");
		conf->net = spec->latch_net;
		conf->prefix = spec->latch_prefix;
		conf->has_net = true;
	}
	if (conf->source != E2AE_SOURCE_RULE_LATCH) {
		conf->has_net = false;
		if (!conf->peer.family)
			return REFUSE(
				SOURCE,
				"source strict and any need a peer (peer-addr, peer-port)");
		return 0;
	}
	if (!conf->secure && !conf->has_net && !conf->ifindex)
		return REFUSE(
			SOURCE,
			"a plain leg latches only with latch-addr and latch-prefix, or ifindex");
	return 0;
}

static int rtcp_local(struct e2ae_leg_conf *conf,
		      const struct e2ae_leg_spec *spec, bool changed, int side,
		      struct e2ae_refusal *no)
{
	u16 port = ntohs(conf->local.port);

	switch (conf->rtcp_mode) {
	case E2AE_RTCP_MODE_MUX:
		break;
	case E2AE_RTCP_MODE_NEXT:
		if (port++ == 65535)
			return REFUSE(RTCP_MODE,
				      "there is no port after 65535 for RTCP");
		break;
	case E2AE_RTCP_MODE_EXPLICIT:
		if (GIVEN(RTCP_PORT))
			port = spec->rtcp_port;
		else if (!changed)
			return 0;
		else
			return REFUSE(RTCP_MODE,
				      "rtcp-mode explicit needs rtcp-port");
		if (port == ntohs(conf->local.port))
			return REFUSE(
				RTCP_PORT,
				"rtcp-port is the RTP port: that is rtcp-mode mux");
		break;
	}
	if (conf->rtcp_mode != E2AE_RTCP_MODE_EXPLICIT && GIVEN(RTCP_PORT) &&
	    spec->rtcp_port != port)
		return REFUSE(RTCP_PORT, "rtcp-port needs rtcp-mode explicit");
	conf->rtcp_local = conf->local;
	conf->rtcp_local.port = htons(port);
	return 0;
}

static int merge_rtcp(struct e2ae_leg_conf *conf,
		      const struct e2ae_leg_spec *spec, bool fresh, int side,
		      struct e2ae_refusal *no)
{
	bool mux, changed = fresh;
	int err;

	if (GIVEN(RTCP_MODE) && conf->rtcp_mode != spec->rtcp_mode) {
		conf->rtcp_mode = spec->rtcp_mode;
		changed = true;
	}
	err = rtcp_local(conf, spec, changed, side, no);
	if (err)
		return err;

	mux = conf->rtcp_mode == E2AE_RTCP_MODE_MUX;
	if (mux && (GIVEN(RTCP_PEER_ADDR) || GIVEN(RTCP_PEER_PORT)))
		return e2ae_refuse(
			no, side,
			GIVEN(RTCP_PEER_ADDR) ? E2AE_A_LEG_RTCP_PEER_ADDR :
						E2AE_A_LEG_RTCP_PEER_PORT,
			"with rtcp-mode mux the RTCP peer is the RTP peer",
			-EINVAL);
	if (GIVEN(RTCP_PEER_ADDR) && !GIVEN(RTCP_PEER_PORT))
		return REFUSE(RTCP_PEER_ADDR,
			      "rtcp-peer-addr needs rtcp-peer-port");
	if (GIVEN(RTCP_PEER_PORT)) {
		conf->rtcp_given = true;
		conf->rtcp_peer = GIVEN(RTCP_PEER_ADDR) ? spec->rtcp_peer :
							  conf->peer;
		if (!conf->rtcp_peer.family)
			return REFUSE(
				RTCP_PEER_PORT,
				"rtcp-peer-port needs peer-addr or rtcp-peer-addr");
		conf->rtcp_peer.port = spec->rtcp_peer.port;
		return check_peer(conf, &conf->rtcp_peer, conf->ifindex, side,
				  E2AE_A_LEG_RTCP_PEER_ADDR, no);
	}
	/* A new peer, or a new mode, takes its RTCP with it. */
	if (GIVEN(PEER_ADDR) || changed) {
		conf->rtcp_given = false;
		conf->rtcp_peer = conf->peer;
		if (!mux && conf->peer.port == htons(65535))
			memset(&conf->rtcp_peer, 0, sizeof(conf->rtcp_peer));
		else if (!mux && conf->peer.family)
			conf->rtcp_peer.port =
				htons(ntohs(conf->peer.port) + 1);
	}
	return 0;
}

static int merge(struct e2ae_leg_conf *conf, const struct e2ae_leg_spec *spec,
		 bool fresh, int side, struct e2ae_refusal *no)
{
	int err;

	if (GIVEN(IFINDEX))
		conf->ifindex = spec->ifindex;
	if (GIVEN(NONMEDIA))
		conf->nonmedia = spec->nonmedia;
	if (GIVEN(DSCP))
		conf->dscp = spec->dscp;
	if (GIVEN(MARK))
		conf->mark = spec->mark;
	err = merge_peer(conf, spec, side, no);
	if (err)
		return err;
	if (fresh)
		conf->source = conf->peer.family ? E2AE_SOURCE_RULE_STRICT :
						   E2AE_SOURCE_RULE_LATCH;
	err = merge_source(conf, spec, side, no);
	if (err)
		return err;
	if (is_linklocal(&conf->peer) && !conf->ifindex)
		return REFUSE(IFINDEX,
			      "a link-local peer needs a device (ifindex)");
	return merge_rtcp(conf, spec, fresh, side, no);
}

/**
 * e2ae_conf_new() - check and complete what is wanted of a new leg
 * @conf: filled in
 * @spec: what the client asks
 * @side: enum e2ae_leg_side
 * @no: why not, on error
 *
 * Return: 0 or -EINVAL.
 */
int e2ae_conf_new(struct e2ae_leg_conf *conf, const struct e2ae_leg_spec *spec,
		  int side, struct e2ae_refusal *no)
{
	int err = check_local(spec, side, no);

	if (err)
		return err;
	memset(conf, 0, sizeof(*conf));
	conf->local = spec->local;
	conf->dscp = E2AE_DSCP_KEEP;
	err = check_kind(conf, spec, side, no);
	if (err)
		return err;
	return merge(conf, spec, true, side, no);
}

/**
 * e2ae_conf_set() - check and work in what is wanted of a leg from now on
 * @conf: what was wanted; spoilt on error
 * @spec: what the client asks
 * @side: enum e2ae_leg_side
 * @no: why not, on error
 *
 * Return: 0 or -EINVAL.
 */
int e2ae_conf_set(struct e2ae_leg_conf *conf, const struct e2ae_leg_spec *spec,
		  int side, struct e2ae_refusal *no)
{
	int err = keep_kind(conf, spec, side, no);

	return err ?: merge(conf, spec, false, side, no);
}

static bool is_of_leg(const struct e2ae_sockaddr *a,
		      const struct e2ae_leg_conf *leg)
{
	return e2ae_sockaddr_equal(a, &leg->local) ||
	       e2ae_sockaddr_equal(a, &leg->rtcp_local);
}

/**
 * e2ae_conf_pair() - may these two legs face each other?
 * @access: access leg
 * @core: core leg
 * @no: why not, on error
 *
 * A stream that sends to itself would go round in circles.
 *
 * Return: 0 or -EINVAL.
 */
int e2ae_conf_pair(const struct e2ae_leg_conf *access,
		   const struct e2ae_leg_conf *core, struct e2ae_refusal *no)
{
	const struct e2ae_leg_conf *conf[2] = { access, core };
	int side;

	if (is_of_leg(&access->local, core) ||
	    is_of_leg(&access->rtcp_local, core))
		return e2ae_refuse(
			no, E2AE_LEG_SIDE_CORE, E2AE_A_LEG_LOCAL_PORT,
			"the legs of a stream need addresses or ports of their own",
			-EINVAL);
	for (side = 0; side < 2; side++) {
		if (is_of_leg(&conf[side]->peer, access) ||
		    is_of_leg(&conf[side]->peer, core))
			return REFUSE(
				PEER_ADDR,
				"the peer is one of the stream's own legs");
		if (is_of_leg(&conf[side]->rtcp_peer, access) ||
		    is_of_leg(&conf[side]->rtcp_peer, core))
			return REFUSE(
				RTCP_PEER_ADDR,
				"the RTCP peer is one of the stream's own legs");
	}
	return 0;
}
