/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts other paths into MSRP messages on their way through (RFC 4975). To the
 * peer of either leg we are the other endpoint, so requests go out from our URI
 * to the peer's path, and so do responses, to its first URI (7.2). All other
 * octets pass as they came. A message is never held: only its header is, until
 * it is whole, and of a body what may be the beginning of the end-line.
 *
 * Pure: no I/O, no global state; one rewriter for each direction.
 */
#ifndef E2AE_MSRP_REWRITE_H
#define E2AE_MSRP_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../net/buffer.h"

struct msrp_rewrite;

/**
 * struct msrp_paths - of one direction; they outlive the rewriter
 * @own: our URI on the side that messages come from: requests have to say it
 * @from: our URI on the side that they go to, for From-Path
 * @to: path of the peer there, for To-Path
 */
struct msrp_paths {
	const char *own;
	const char *from;
	const char *to;
};

struct msrp_rewrite *msrp_rewrite_new(const struct msrp_paths *paths,
				      size_t header,
				      struct msrp_rewrite *other);
void msrp_rewrite_free(struct msrp_rewrite *rewrite);
ssize_t msrp_rewrite(struct msrp_rewrite *rewrite, const char *data, size_t len,
		     struct net_buffer *out, size_t room);
int msrp_rewrite_hello(const struct msrp_rewrite *rewrite,
		       struct net_buffer *out);
bool msrp_rewrite_between(const struct msrp_rewrite *rewrite);
bool msrp_rewrite_asks(const struct msrp_rewrite *rewrite);
int msrp_rewrite_answers(struct msrp_rewrite *rewrite, struct net_buffer *out);

#endif
