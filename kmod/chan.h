/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_CHAN_H
#define E2AE_CHAN_H

#include "stream.h"

/* configuration: process context, en->lock held */
int e2ae_chan_net_init(struct e2ae_net *en);
void e2ae_chan_net_exit(struct e2ae_net *en);
int e2ae_chan_list(struct e2ae_net *en, struct e2ae_chan *chan);
void e2ae_chan_unlist(struct e2ae_net *en, struct e2ae_chan *chan);

/* packets: bottom halves off, RCU held */
struct e2ae_chan *e2ae_chan_find(struct e2ae_net *en,
				 const struct e2ae_sockaddr *local);
void e2ae_chan_warm_bucket(struct e2ae_net *en,
			   const struct e2ae_sockaddr *local);
void e2ae_chan_warm(struct e2ae_net *en, const struct e2ae_sockaddr *local);

/**
 * e2ae_chan_port_may_be() - may a packet to this port be a leg's?
 * @en: namespace
 * @port: its destination
 *
 * Context: RCU held.
 * Return: whether a leg has, or had, this port at any address.
 */
static inline bool e2ae_chan_port_may_be(const struct e2ae_net *en, __be16 port)
{
	/* Not what was in that memory before: see note_port(). */
	const unsigned long *ports = smp_load_acquire(&en->ports);

	return ports && test_bit(ntohs(port), ports);
}

#endif
