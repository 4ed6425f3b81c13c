/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registrations: what a UE registered, on which flow, with which keys.
 *
 * A struct reg is one binding: one contact of one private identity on one flow.
 * It lives from the 200 to its REGISTER until it expires, is removed, is told to
 * be gone by the network (reg-event), or its connection closes. Its keys are
 * wiped with it. Whoever keeps a struct reg takes a reference; reg_alive() says
 * whether it still counts.
 */
#ifndef E2AE_REG_H
#define E2AE_REG_H

#include "relay.h"

/**
 * struct reg_terms - what a call takes of a registration; pointers stay valid
 * while the reg is alive and unchanged
 */
struct reg_terms {
	const struct e2ae_kmm *kmm;
	unsigned int n_kmm;
	const char *const *identities;
	size_t n_identities;
	bool can_sdes;
	bool can_mikey;
	bool can_msrp;
	bool protected;
	unsigned int access;
	const char *impi;
};

struct reg *reg_get(struct reg *reg);
void reg_put(struct reg *reg);
bool reg_alive(const struct reg *reg);
const char *reg_impi(const struct reg *reg);
const char *reg_contact(const struct reg *reg);
const char *reg_token(const struct reg *reg);
struct net_flow *reg_flow(const struct reg *reg);
const char *reg_default_identity(const struct reg *reg);
void reg_terms(const struct reg *reg, struct reg_terms *terms);
const char *reg_identity_as(const struct reg *reg, const struct sip_uri *uri);
bool reg_owns_identity(const struct reg *reg, const struct sip_uri *uri);
bool reg_service_route_is(const struct reg *reg, const struct sip_msg *msg);
unsigned int reg_calls(const struct reg *reg);
struct subscriber *reg_call_begins(struct reg *reg);
void reg_call_ends(struct reg *reg, struct subscriber *one);

struct reg *reg_by_token(const struct edge *edge, const char *token);
struct reg *reg_by_flow(const struct net_flow *flow);

/* From edge.c. */
int reg_table_new(struct edge *edge);
void reg_table_free(struct edge *edge);
void reg_adopt(struct edge *edge);
size_t reg_count(const struct edge *edge);
void reg_request(struct edge_in *in);
bool reg_notify(struct edge_in *in);
void reg_flow_closed(struct edge *edge, struct net_flow *flow);
void reg_tell(struct edge *edge, edge_line *line, void *arg);

#endif
