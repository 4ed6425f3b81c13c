/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control socket: a local stream socket on which one line asks - status,
 * registrations, calls or policy - and lines of JSON answer, an object each.
 * Then the agent closes. Only root and the agent's own user may ask.
 */
#ifndef E2AE_CONTROL_H
#define E2AE_CONTROL_H

#include <stddef.h>
#include <sys/un.h>

/* What is put behind the socket's name while it is made, and the longest name. */
#define CONTROL_MAKING ".new"
#define CONTROL_PATH_MAX                                  \
	(sizeof(((struct sockaddr_un *)NULL)->sun_path) - \
	 sizeof(CONTROL_MAKING))

struct edge;
struct event_base;
struct control;

int control_new(struct control **control, struct event_base *base,
		const char *path, struct edge *edge, char *why, size_t room);
void control_free(struct control *control);

#endif
