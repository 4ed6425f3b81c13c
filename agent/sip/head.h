/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of a header, seen alike by the framing and by the index. */
#ifndef E2AE_SIP_HEAD_H
#define E2AE_SIP_HEAD_H

#include "lex.h"

/**
 * struct sip_limits - what one message may be
 * @head: octets of the start line and the header, with the empty line
 * @lines: header lines, at most SIP_LINES_MAX
 * @body: octets of the body
 */
struct sip_limits {
	size_t head;
	size_t lines;
	size_t body;
};

#define SIP_LINES_MAX 256
/* What a datagram can hold, and less header than that. */
#define SIP_LIMITS    ((struct sip_limits){ 32768, SIP_LINES_MAX, 65535 })

/**
 * struct sip_arrived - a message whose header is whole
 * @data: its first octet
 * @head: octets up to the body, from sip_head_size()
 * @rest: octets that came after them
 * @stream: more may come, so Content-Length must say where the body ends;
 *	in a datagram the body may end where the datagram does
 */
struct sip_arrived {
	const char *data;
	size_t head;
	size_t rest;
	bool stream;
};

/**
 * struct sip_head_line - a header line
 * @text: the line with its continuations, without the CRLF at its end
 * @name: as it is written
 * @value: after the colon, without white space around it
 * @key: sip_name_key() of the name
 */
struct sip_head_line {
	struct sdp_text text;
	struct sdp_text name;
	struct sdp_text value;
	uint32_t key;
};

size_t sip_head_size(const char *data, size_t len, size_t from);
int sip_head_next(struct sdp_text lines, size_t *at,
		  struct sip_head_line *line);
int sip_head_line(struct sdp_text text, struct sip_head_line *line);
struct sdp_text sip_head_lines(const char *data, size_t size);
uint32_t sip_name_key(struct sdp_text name);
bool sip_name_is(struct sdp_text name, const char *want);
int sip_body_size(const struct sip_arrived *message,
		  const struct sip_limits *limits, size_t *size,
		  struct sip_error *error);

#endif
