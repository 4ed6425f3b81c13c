/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_RELAY_H
#define E2AE_RELAY_H

#include <linux/skbuff.h>

#include "rtp.h"
#include "stream.h"
#include "xmit.h"

/**
 * struct e2ae_rx - a packet on its way through the steps
 * @en: namespace
 * @chan: channel it came to
 * @path: of @chan
 * @src: where from
 * @tx: SA of the other leg, if that is secure; read once, since the room that
 *	is made and what is written into it have to be the same SA's
 * @carry: of its headers
 * @early: it was taken at the ingress of a device, in front of IP
 * @gathered: it has waited for others, and the memory was asked
 * @unprotected: it came in SRTP, and was what it should be
 * @protected: it was made SRTP
 * @relayed: it is on its way out
 * @octets: of what was relayed, plain
 * @p: its UDP payload
 */
struct e2ae_rx {
	struct e2ae_net *en;
	struct e2ae_chan *chan;
	const struct e2ae_path *path;
	struct e2ae_sockaddr src;
	struct e2ae_sa *tx;
	struct e2ae_carry carry;
	bool early;
	bool gathered;
	bool unprotected;
	bool protected;
	bool relayed;
	u32 octets;
	struct e2ae_pkt p;
};

unsigned int e2ae_relay(struct e2ae_rx *rx, struct sk_buff *skb);

#endif
