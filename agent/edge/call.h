/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls: INVITE and what follows in its dialogs, with the media that oa.h
 * arranges. One struct call is one INVITE-created set of dialogs with one UE of
 * ours on one side and the core on the other; a call between two UEs of one
 * gateway is two calls.
 */
#ifndef E2AE_CALL_H
#define E2AE_CALL_H

#include "reg.h"
#include "route.h"

int call_table_new(struct edge *edge);
void call_table_free(struct edge *edge);
size_t call_count(const struct edge *edge);

void call_invite(struct edge_in *in);
bool call_request(struct edge_in *in);
bool call_tag(const struct sip_msg *msg, const char *name,
	      struct sdp_text *tag);
void call_body_guard(struct sip_msg *msg);
bool call_of_stranger(const struct edge_in *in);
bool call_ack(struct edge_in *in);
void call_body_screen(struct sip_msg *msg);
void call_reg_gone(struct edge *edge, struct reg *reg);
void call_msrp_told(void *owner, unsigned int number, enum oa_session state,
		    const char *why);
void call_media_event(struct edge *edge, const struct e2ae_event *event);
bool call_left_token(const struct edge *edge, const char *impi,
		     const char *contact, char token[ROUTE_TOKEN_ROOM]);
void call_reg_back(struct edge *edge, struct reg *reg);
void call_adopt(struct edge *edge);
void call_drain(struct edge *edge);
void call_end_all(struct edge *edge);
void call_tell(struct edge *edge, edge_line *line, void *arg);

#endif
