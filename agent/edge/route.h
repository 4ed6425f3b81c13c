/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Our own URIs in Path, Record-Route and Route, and what a proxy does to every
 * message. The user part of our URIs is a token of 24 characters that nobody can
 * guess: it names a registration, so that a request finds the UE's flow (RFC
 * 5626) and a UE is held to its own. The same token stands in the Path of a
 * registration and in the Record-Routes of its dialogs.
 */
#ifndef E2AE_ROUTE_H
#define E2AE_ROUTE_H

#include "mark.h"

#define ROUTE_TOKEN_ROOM 25
#define ROUTE_URI_ROOM	 160

void route_token(char out[ROUTE_TOKEN_ROOM]);
int route_uri(const struct edge *edge, const char *token, int side,
	      enum net_kind kind, int family, char out[ROUTE_URI_ROOM]);
bool route_is_ours(const struct edge *edge, struct sdp_text uri,
		   char token[ROUTE_TOKEN_ROOM]);
int route_pop_ours(const struct edge *edge, struct sip_msg *msg,
		   char token[ROUTE_TOKEN_ROOM], char mark[MARK_ROOM]);
int route_next(const struct edge *edge, const struct sip_msg *msg,
	       struct relay_way *way);
int route_record_write(const struct hop *hop, const struct net_flow *out,
		       char *text, size_t room, size_t *used);
int route_strict(const struct edge *edge, struct sip_msg *msg);
int route_forwards(struct sip_msg *msg);
bool route_loops(const struct edge *edge, const struct sip_msg *msg);
int route_via_write(const struct net_flow *out, const char *branch, char *text,
		    size_t room, size_t *used);
int route_pop_via(const struct edge *edge, struct sip_msg *msg);

#endif
