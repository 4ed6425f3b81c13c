/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks: how the route set of a dialog that is no call is held without a state for
 * it. Our URI in the Record-Route that a UE sees has a mark, a keyed digest of the
 * registration's token, the Call-ID and the rest of the route set; without any, of
 * where the remote target is. The UE brings it back in Route with all that it
 * stands for. So a UE follows ways that the core gave it, in the dialogs that it
 * gave them for, and no others.
 */
#ifndef E2AE_MARK_H
#define E2AE_MARK_H

#include "relay.h"

#define MARK_NAME   "m" /* the parameter of our URI */
#define MARK_ROOM   23
#define MARK_SECRET 32
#define MARK_ROUTES 64 /* elements of a route set */

struct hop;

int mark_start(struct edge *edge);
void mark_request(const struct edge_in *in, const char *token,
		  char out[MARK_ROOM]);
int mark_response(const struct hop *hop, struct sip_msg *msg);
bool mark_good(const struct edge_in *in);

#endif
