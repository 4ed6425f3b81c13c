/* SPDX-License-Identifier: GPL-2.0 */
/* A network that hands what is sent to a function. */
#ifndef E2AE_SELFTESTS_TX_NET_H
#define E2AE_SELFTESTS_TX_NET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tx/tx.h"

/* Flows. A send gives @fails once it is set; @on_send is called before that. */
struct net_flow {
	uint64_t id;
	enum net_kind kind;
	int side;
	struct net_addr remote;
	unsigned int refs;
	bool dead;
	int fails;
	void (*on_send)(struct net_flow *flow);
};

struct net_flow *flow_new(enum net_kind kind, const char *host, uint16_t port);

extern unsigned int flows_alive;
extern void (*net_note)(struct net_flow *flow, const char *data, size_t len);

#endif
