/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_NETLINK_H
#define E2AE_NETLINK_H

#include "sa.h"
#include "stream.h"

int e2ae_nl_init(void);
void e2ae_nl_exit(void);

/* Events; any context but hard interrupt. Without listeners they cost nothing. */
void e2ae_notify_expire(const struct e2ae_sa *sa, enum e2ae_expiry expiry);
void e2ae_notify_ssrc(const struct e2ae_sa *sa, u32 ssrc,
		      enum e2ae_ssrc_change change);
void e2ae_notify_burst(const struct e2ae_sa *sa, u32 failures);
void e2ae_notify_media(const struct e2ae_leg *leg, bool resumed);
void e2ae_notify_latched(const struct e2ae_leg *leg, bool rtcp,
			 const struct e2ae_sockaddr *peer);

#endif
