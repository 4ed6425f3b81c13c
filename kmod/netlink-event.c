// SPDX-License-Identifier: GPL-2.0
/* Events. Who does not listen costs nothing. */
#include "netlink.h"
#include "netlink-attr.h"

/**
 * struct event - an event under construction
 * @en: namespace
 * @group: E2AE_NLGRP_*
 * @skb: the message, NULL if nobody listens
 * @hdr: its header
 */
struct event {
	struct e2ae_net *en;
	unsigned int group;
	struct sk_buff *skb;
	void *hdr;
};

/* Whether somebody listens, and there is memory. */
static bool begin(struct event *ev, struct e2ae_net *en, unsigned int group,
		  u8 cmd)
{
	ev->en = en;
	ev->group = group;
	if (!genl_has_listeners(&e2ae_nl_family, en->net, group))
		return false;
	ev->skb = genlmsg_new(128, GFP_ATOMIC);
	if (!ev->skb)
		return false;
	ev->hdr = genlmsg_put(ev->skb, 0, 0, &e2ae_nl_family, 0, cmd);
	return ev->hdr;
}

static void finish(struct event *ev, bool bad)
{
	if (WARN_ON_ONCE(bad)) {
		nlmsg_free(ev->skb);
		return;
	}
	genlmsg_end(ev->skb, ev->hdr);
	genlmsg_multicast_netns(&e2ae_nl_family, ev->en->net, ev->skb, 0,
				ev->group, GFP_ATOMIC);
}

static void tell_sa(const struct e2ae_sa *sa, u8 cmd, int attr, u32 value,
		    const u32 *ssrc)
{
	struct event ev;
	bool bad;

	if (!begin(&ev, sa->en, E2AE_NLGRP_SA, cmd))
		return;
	bad = nla_put_u32(ev.skb, E2AE_A_EVENT_SA, sa->id) ||
	      (ssrc && nla_put_u32(ev.skb, E2AE_A_EVENT_SSRC, *ssrc)) ||
	      nla_put_u32(ev.skb, attr, value);
	finish(&ev, bad);
}

/**
 * e2ae_notify_expire() - tell that an SA reached a packet limit
 * @sa: the SA
 * @expiry: which limit
 */
void e2ae_notify_expire(const struct e2ae_sa *sa, enum e2ae_expiry expiry)
{
	tell_sa(sa, E2AE_CMD_SA_EXPIRE, E2AE_A_EVENT_EXPIRY, expiry, NULL);
}

/**
 * e2ae_notify_ssrc() - tell that an SA met or forgot an SSRC
 * @sa: the SA
 * @ssrc: synchronisation source, host byte order
 * @change: which of both
 */
void e2ae_notify_ssrc(const struct e2ae_sa *sa, u32 ssrc,
		      enum e2ae_ssrc_change change)
{
	tell_sa(sa, E2AE_CMD_SA_SSRC, E2AE_A_EVENT_CHANGE, change, &ssrc);
}

/**
 * e2ae_notify_burst() - tell that many packets failed to authenticate
 * @sa: the SA
 * @failures: within the last second
 */
void e2ae_notify_burst(const struct e2ae_sa *sa, u32 failures)
{
	tell_sa(sa, E2AE_CMD_SA_AUTH_BURST, E2AE_A_EVENT_FAILURES, failures,
		NULL);
}

static bool begin_leg(struct event *ev, const struct e2ae_leg *leg, u8 cmd,
		      bool *bad)
{
	if (!begin(ev, leg->stream->en, E2AE_NLGRP_STREAM, cmd))
		return false;
	*bad = nla_put_u32(ev->skb, E2AE_A_EVENT_STREAM, leg->stream->id) ||
	       nla_put_u32(ev->skb, E2AE_A_EVENT_LEG, leg->side);
	return true;
}

/**
 * e2ae_notify_media() - tell that media stopped or came back on a leg
 * @leg: the leg
 * @resumed: it came back
 */
void e2ae_notify_media(const struct e2ae_leg *leg, bool resumed)
{
	struct event ev;
	bool bad;

	if (begin_leg(&ev, leg,
		      resumed ? E2AE_CMD_MEDIA_RESUME : E2AE_CMD_MEDIA_TIMEOUT,
		      &bad))
		finish(&ev, bad);
}

/**
 * e2ae_notify_latched() - tell that a leg took a packet's source for its peer
 * @leg: the leg
 * @rtcp: for RTCP
 * @peer: the source
 */
void e2ae_notify_latched(const struct e2ae_leg *leg, bool rtcp,
			 const struct e2ae_sockaddr *peer)
{
	struct event ev;
	bool bad;

	if (!begin_leg(&ev, leg, E2AE_CMD_LATCHED, &bad))
		return;
	finish(&ev,
	       bad || (rtcp && nla_put_flag(ev.skb, E2AE_A_EVENT_RTCP)) ||
		       nla_put(ev.skb, E2AE_A_EVENT_ADDR,
			       peer->family == AF_INET ? 4 : 16, &peer->addr) ||
		       nla_put_u16(ev.skb, E2AE_A_EVENT_PORT,
				   ntohs(peer->port)));
}
