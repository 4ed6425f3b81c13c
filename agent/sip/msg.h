/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP messages (RFC 3261, 7), read and edited in place: an index of lines over
 * octets that stay where they are. What no edit touches is written out as it
 * came, octet by octet. Nothing here does I/O, allocates or remembers anything
 * outside the caller's struct sip_msg.
 *
 * A struct sip_msg is a work bench for one message at a time, not a place to
 * keep it: what is kept is octets. Queries see the edits made so far. Names of
 * header fields are the long ones; compact forms and any case are found.
 *
 * An edit that fails leaves its error in the message and sip_msg_write() then
 * refuses it: what was to be taken out never gets through by accident.
 */
#ifndef E2AE_SIP_MSG_H
#define E2AE_SIP_MSG_H

#include "head.h"

#define SIP_ADDED_MAX 64 /* lines that edits add */
#define SIP_ROOM      65536 /* octets that edits write */
#define SIP_LINES     (1 + SIP_LINES_MAX + SIP_ADDED_MAX)

/**
 * struct sip_line - the start line, or a header line
 * @head: its parts; of the start line only @text
 * @next: index of the line that follows, or 0
 * @gone: an edit took it out
 */
struct sip_line {
	struct sip_head_line head;
	uint16_t next;
	bool gone;
};

/**
 * struct sip_msg - a message and the edits made to it
 * @request: a request, not a response
 * @size: octets of the message as it came; the rest of a datagram is nothing
 * @method: of a request
 * @uri: of a request
 * @status: of a response
 * @reason: of a response; may be empty
 * @body: the body
 * @error: why it was refused
 * @failed: error of an edit that was not carried out, or 0
 * @n_lines: lines in @line
 * @line: the start line, those of the message, those that edits added
 * @used: octets of @room
 * @room: text that edits wrote; may hold keys, see sip_msg_wipe()
 */
struct sip_msg {
	bool request;
	size_t size;
	struct sdp_text method;
	struct sdp_text uri;
	unsigned int status;
	struct sdp_text reason;
	struct sdp_text body;
	struct sip_error error;
	int failed;
	unsigned int n_lines;
	struct sip_line line[SIP_LINES];
	size_t used;
	char room[SIP_ROOM];
};

/**
 * struct sip_at - a place in a header, and where the search goes on
 * @text: value of the line, or the element
 * @line: index of the line
 * @from: index of @text in the line
 * @next: index in the line where the next element is looked for
 *
 * A search starts with all zeros. It can go on after an edit at this place;
 * an edit elsewhere in the same line makes it invalid.
 */
struct sip_at {
	struct sdp_text text;
	unsigned int line;
	size_t from;
	size_t next;
};

int sip_msg_parse(struct sip_msg *msg, const char *raw, size_t len,
		  bool stream);
int sip_msg_parse_own(struct sip_msg *msg, const char *raw, size_t len);
int sip_msg_check(struct sip_msg *msg);
int sip_msg_write(const struct sip_msg *msg, char *out, size_t size,
		  size_t *used);
void sip_msg_wipe(struct sip_msg *msg);
bool sip_line_next(const struct sip_msg *msg, const char *name,
		   struct sip_at *at);
bool sip_line_at(const struct sip_msg *msg, const char *name, unsigned int n,
		 struct sip_at *at);
bool sip_header(const struct sip_msg *msg, const char *name,
		struct sdp_text *value);
unsigned int sip_line_count(const struct sip_msg *msg, const char *name);
int sip_element_next(const struct sip_msg *msg, const char *name,
		     struct sip_at *at);
int sip_element_at(const struct sip_msg *msg, const char *name, unsigned int n,
		   struct sip_at *at);
bool sip_list_has(const struct sip_msg *msg, const char *name,
		  const char *word);
ssize_t sip_unfold(struct sdp_text text, char *out, size_t size);

#endif
