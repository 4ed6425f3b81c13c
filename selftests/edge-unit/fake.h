/* SPDX-License-Identifier: GPL-2.0 */
/* The rest of e2aed, as far as the edits of edge/ need it. */
#ifndef E2AE_SELFTESTS_EDGE_FAKE_H
#define E2AE_SELFTESTS_EDGE_FAKE_H

#include "../../agent/edge/reg-inner.h"
#include "../../agent/journal.h"

/**
 * struct net_flow - stands for a flow
 * @kind: transport
 * @side: NET_CORE or an access network
 * @id: its id
 * @owner: its one slot
 * @holds: references
 * @local: own address
 * @remote: the other end's
 */
struct net_flow {
	enum net_kind kind;
	int side;
	uint64_t id;
	void *owner;
	int holds;
	struct net_addr local;
	struct net_addr remote;
};

extern struct net_flow fake_ue, fake_core;
extern unsigned int fake_status;

struct edge *fake_edge(void);
void fake_edge_free(struct edge *edge);
struct reg *fake_reg(struct edge *edge, const char *service_route);

#endif
