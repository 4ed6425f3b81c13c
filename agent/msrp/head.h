/* SPDX-License-Identifier: GPL-2.0 */
/* The header of an MSRP message (RFC 4975, 9), and URIs. Pure. */
#ifndef E2AE_MSRP_HEAD_H
#define E2AE_MSRP_HEAD_H

#include "../media/sdp_text.h"

#define HEAD_ID_MAX 32 /* characters of a transaction identifier */
#define HEAD_DASHES "-------"

/**
 * enum head_line - what a line of a header ends
 * @HEAD_MORE: nothing
 * @HEAD_END: the message: it is the end-line
 * @HEAD_BODY: the header: a body follows
 * @HEAD_BAD: it cannot be one
 */
enum head_line {
	HEAD_MORE,
	HEAD_END,
	HEAD_BODY,
	HEAD_BAD,
};

/**
 * struct head - a whole header; texts are parts of it
 * @id: transaction identifier
 * @method: of a request, else empty
 * @to: value of To-Path
 * @from: value of From-Path
 * @silent: Failure-Report says that no response is wanted
 * @start_len: octets of the start line
 * @rest: octets from here on come after From-Path
 */
struct head {
	struct sdp_text id;
	struct sdp_text method;
	struct sdp_text to;
	struct sdp_text from;
	bool silent;
	size_t start_len;
	size_t rest;
};

enum head_line head_line(const char *line, size_t len, struct sdp_text id);
int head_id(const char *line, size_t len, struct sdp_text *id);
int head_parse(const char *data, size_t len, struct head *head);
struct sdp_text head_first(struct sdp_text path);
bool head_uri_equal(struct sdp_text a, struct sdp_text b);

#endif
