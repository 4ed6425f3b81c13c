/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_GATHER_H
#define E2AE_GATHER_H

#include <linux/skbuff.h>

#include "compat.h"
#include "stream.h"

extern unsigned int e2ae_gather_from;

bool e2ae_gather_add(struct e2ae_net *en, struct sk_buff *skb,
		     const struct e2ae_sockaddr *dst);
bool e2ae_gather_asked(void);
void e2ae_gather_init(void);
void e2ae_gather_exit(void);

/**
 * e2ae_gather_pays() - are there so many streams that packets should wait?
 * @en: namespace
 *
 * Context: Any.
 */
static inline bool e2ae_gather_pays(const struct e2ae_net *en)
{
	u32 from = READ_ONCE(e2ae_gather_from);

	return E2AE_CAN_GATHER && from && READ_ONCE(en->n_streams) >= from;
}

/**
 * e2ae_gather() - let a packet wait for others, where that pays
 * @en: namespace
 * @skb: packet at the ingress of its device, a usual one as early.c has them
 * @dst: its destination
 *
 * Context: Bottom halves off, RCU held.
 * Return: whether it waits, and is no more the caller's.
 */
static inline bool e2ae_gather(struct e2ae_net *en, struct sk_buff *skb,
			       const struct e2ae_sockaddr *dst)
{
	return unlikely(e2ae_gather_pays(en)) && e2ae_gather_add(en, skb, dst);
}

#endif
