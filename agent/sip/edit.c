// SPDX-License-Identifier: GPL-2.0
/* Edits of lines, elements and the body. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edit.h"
#include "inner.h"

/**
 * sip_fail() - note that an edit failed
 * @msg: the message, which will not be written
 * @err: why; the first reason stays
 *
 * Return: @err.
 */
int sip_fail(struct sip_msg *msg, int err)
{
	if (!msg->failed)
		msg->failed = err;
	return err;
}

/* Joins up to four texts in the room. */
static int put(struct sip_msg *msg, const struct sdp_text *parts, size_t n,
	       struct sdp_text *joined)
{
	size_t used = msg->used, i;

	for (i = 0; i < n; i++)
		sdp_text_put(parts[i], msg->room, SIP_ROOM, &used);
	if (used > SIP_ROOM)
		return sip_fail(msg, -ENOSPC);
	*joined =
		sip_part((struct sdp_text){ msg->room, used }, msg->used, used);
	msg->used = used;
	return 0;
}

/* Puts a text in place of the octets of a line from one index up to another. */
static int splice(struct sip_msg *msg, unsigned int line, size_t from,
		  size_t to, struct sdp_text with)
{
	struct sip_head_line *head = &msg->line[line].head;
	struct sdp_text old = head->text, new;
	const struct sdp_text parts[] = { sip_part(old, 0, from), with,
					  sip_part(old, to, old.len) };
	int err = put(msg, parts, ARRAY_SIZE(parts), &new);

	if (err)
		return err;
	head->text = new;
	/* The name ended before the edit, and the text is clean, so it holds. */
	if (line && sip_head_line(new, head))
		return sip_fail(msg, -EINVAL);
	return 0;
}

/**
 * sip_set_uri() - set the Request-URI
 * @msg: a request
 * @uri: the URI
 *
 * Return: 0 or an error.
 */
int sip_set_uri(struct sip_msg *msg, struct sdp_text uri)
{
	size_t from = msg->uri.at - msg->line[0].head.text.at;
	struct sip_error error = msg->error;
	int err;

	if (!msg->request || !msg->uri.len || !sip_visible(uri) || !uri.len)
		return sip_fail(msg, -EINVAL);
	err = splice(msg, 0, from, from + msg->uri.len, uri);
	if (err)
		return err;
	sip_start_parse(msg, msg->line[0].head.text);
	err = msg->error.status ? sip_fail(msg, -EINVAL) : 0;
	msg->error = error;
	return err;
}

/**
 * sip_set_body() - set the body, and Content-Length with it
 * @msg: the message
 * @body: has to stay where it is until the message is written
 *
 * Content-Type is the caller's, with sip_header_set() or sip_header_remove().
 *
 * Return: 0 or an error.
 */
int sip_set_body(struct sip_msg *msg, struct sdp_text body)
{
	char length[24];

	msg->body = body;
	snprintf(length, sizeof(length), "%zu", body.len);
	return sip_header_set(msg, "Content-Length", sdp_text_of(length));
}

/**
 * sip_spare() - take octets that live as long as the message, for its new body
 * @msg: the message
 * @len: how many
 *
 * Return: they, or NULL if there is no room for so many.
 */
char *sip_spare(struct sip_msg *msg, size_t len)
{
	char *spare = msg->room + msg->used;

	if (len > SIP_ROOM - msg->used)
		return NULL;
	msg->used += len;
	return spare;
}

/* Adds a line after that of index after. */
static int add_line(struct sip_msg *msg, unsigned int after, const char *name,
		    struct sdp_text value)
{
	const struct sdp_text parts[] = { sdp_text_of(name), sdp_text_of(": "),
					  value };
	struct sip_line *line = &msg->line[msg->n_lines];
	struct sdp_text text;
	int err;

	if (msg->n_lines == SIP_LINES)
		return sip_fail(msg, -ENOSPC);
	if (!sip_is_token(sdp_text_of(name)))
		return sip_fail(msg, -EINVAL);
	err = put(msg, parts, ARRAY_SIZE(parts), &text);
	if (err)
		return err;
	if (sip_head_line(text, &line->head))
		return sip_fail(msg, -EINVAL);
	line->gone = false;
	line->next = msg->line[after].next;
	msg->line[after].next = msg->n_lines++;
	return 0;
}

/**
 * sip_line_append() - add a header line at the end of the header
 * @msg: the message
 * @name: name of the header field, as it shall be written
 * @value: its value
 *
 * Return: 0 or an error.
 */
int sip_line_append(struct sip_msg *msg, const char *name,
		    struct sdp_text value)
{
	unsigned int last = 0;

	while (msg->line[last].next)
		last = msg->line[last].next;
	return add_line(msg, last, name, value);
}

/**
 * sip_line_insert() - add a header line as the first of its kind
 * @msg: the message
 * @name: name of the header field, as it shall be written
 * @value: its value
 *
 * If there is none of its kind it goes to the top, where RFC 3261, 7.3.1 wants
 * what proxies read.
 *
 * Return: 0 or an error.
 */
int sip_line_insert(struct sip_msg *msg, const char *name,
		    struct sdp_text value)
{
	unsigned int before = 0, i = 0;

	while (msg->line[i].next) {
		before = i;
		i = msg->line[i].next;
		if (!msg->line[i].gone &&
		    sip_name_is(msg->line[i].head.name, name))
			return add_line(msg, before, name, value);
	}
	return add_line(msg, 0, name, value);
}

/**
 * sip_line_remove() - remove a header line
 * @msg: the message
 * @at: its place, from sip_line_next(), which may go on after it
 */
void sip_line_remove(struct sip_msg *msg, const struct sip_at *at)
{
	msg->line[at->line].gone = true;
}

/**
 * sip_header_remove() - remove all header lines of a kind
 * @msg: the message
 * @name: name of the header field
 *
 * Return: how many there were.
 */
unsigned int sip_header_remove(struct sip_msg *msg, const char *name)
{
	struct sip_at at = { 0 };
	unsigned int n = 0;

	while (sip_line_next(msg, name, &at)) {
		sip_line_remove(msg, &at);
		n++;
	}
	return n;
}

/**
 * sip_header_set() - let a header field have one line with this value
 * @msg: the message
 * @name: name of the header field
 * @value: its value
 *
 * The first line keeps its place and its name as it is written, others go. If
 * there is none, one comes to the end of the header.
 *
 * Return: 0 or an error.
 */
int sip_header_set(struct sip_msg *msg, const char *name, struct sdp_text value)
{
	struct sip_at first = { 0 }, more;

	if (!sip_line_next(msg, name, &first))
		return sip_line_append(msg, name, value);
	more = first;
	while (sip_line_next(msg, name, &more))
		sip_line_remove(msg, &more);
	return sip_text_set(msg, &first, first.text, value);
}

/**
 * sip_text_set() - put a text in place of a part of a value
 * @msg: the message
 * @at: a line or an element; its text is the new one afterwards
 * @part: what goes, inside of @at's text; empty to insert
 * @with: what comes; empty to remove
 *
 * Return: 0 or an error.
 */
int sip_text_set(struct sip_msg *msg, struct sip_at *at, struct sdp_text part,
		 struct sdp_text with)
{
	struct sdp_text *line = &msg->line[at->line].head.text;
	size_t from = part.at - line->at;
	int err;

	if (!at->line || msg->line[at->line].gone || from < at->from ||
	    from + part.len > at->from + at->text.len || !sip_clean(with))
		return sip_fail(msg, -EINVAL);
	err = splice(msg, at->line, from, from + part.len, with);
	if (err)
		return err;
	at->text = sip_part(*line, at->from,
			    at->from + at->text.len - part.len + with.len);
	/* From a line's place the search for elements starts at its front. */
	if (at->next > at->from)
		at->next = at->next - part.len + with.len;
	return 0;
}
