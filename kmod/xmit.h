/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_XMIT_H
#define E2AE_XMIT_H

#include <linux/skbuff.h>

#include "rtp.h"
#include "stream.h"

/**
 * struct e2ae_carry - what the headers of a packet hand on to the next leg
 * @family: AF_INET or AF_INET6
 * @hlen: octets in front of the UDP header
 * @tos: DSCP and ECN
 * @ttl: TTL or hop limit as it arrived
 * @df: it must not be fragmented
 * @fits: nor need it be, on its way out
 * @direct: it went straight to the neighbour
 */
struct e2ae_carry {
	u16 family;
	u16 hlen;
	u8 tos;
	u8 ttl;
	bool df;
	bool fits;
	bool direct;
};

struct dst_entry *e2ae_xmit_route(struct net *net, struct e2ae_path *path);
u32 e2ae_xmit_size(const struct e2ae_path *path, const struct e2ae_pkt *p,
		   u32 overhead);
int e2ae_xmit(struct e2ae_net *en, struct sk_buff *skb,
	      const struct e2ae_path *path, struct dst_entry *dst,
	      const struct e2ae_pkt *p, struct e2ae_carry *carry);

#endif
