/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The P-CSCF itself: what every file of edge/ shares. edge.c takes requests from
 * the transaction layer, decides whose they are, and hands them to reg.c
 * (REGISTER), call.c (INVITE and all within its dialog) or pass.c (the rest).
 *
 *	edge.c     classification; binding of messages to flows; dispatch
 *	relay.c    one request on its way through, and its responses back
 *	route.c    our URIs and tokens, Via, Route, Record-Route, Max-Forwards
 *	mark.c     holds a UE to the route sets of dialogs that are no calls
 *	identity.c P-Preferred-Identity, P-Asserted-Identity, core-only headers
 *	reg.c      registrations; reg-auth.c AKA; reg-agree.c sec-agree; reg-event.c
 *	reg-journal.c registrations for the next process; record.c
 *	subscriber.c whose bindings and calls belong together
 *	call.c     calls; call-bye.c requests of our own in them
 *	pass.c     requests outside calls
 */
#ifndef E2AE_EDGE_H
#define E2AE_EDGE_H

#include "../config.h"
#include "../log.h"
#include "../metrics.h"
#include "../oa/oa.h"
#include "../sip/addr.h"
#include "../sip/edit.h"
#include "../tx/tx.h"

struct edge;
struct reg;
struct call;
struct relay;

/* edge.c */
int edge_new(struct edge **edge, struct event_base *base, struct config *config,
	     struct msf *msf, char *why, size_t room);
void edge_drain(struct edge *edge, void (*drained)(void *arg), void *arg);
void edge_free(struct edge *edge);
void edge_policies_changed(struct edge *edge);
int edge_renew_tls(struct edge *edge, char *why, size_t room);
size_t edge_memory(const struct edge *edge);

typedef void edge_line(void *arg, const char *line);
void edge_tell_status(struct edge *edge, edge_line *line, void *arg);
void edge_tell_registrations(struct edge *edge, edge_line *line, void *arg);
void edge_tell_calls(struct edge *edge, edge_line *line, void *arg);
void edge_tell_policy(struct edge *edge, edge_line *line, void *arg);

#endif
