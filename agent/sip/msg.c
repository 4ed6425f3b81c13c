// SPDX-License-Identifier: GPL-2.0
/* Messages: the index and the questions to it. */
#include <errno.h>
#include <string.h>

#include "msg.h"
#include "inner.h"

static const struct sip_limits no_limits = { SIZE_MAX, SIP_LINES_MAX,
					     UINT32_MAX };

/* Keeps the first error. */
static void refuse(struct sip_msg *msg, struct sip_error error)
{
	if (!msg->error.status)
		msg->error = error;
}

/* Lines that are well formed are kept even of a message that is refused. */
static void index_lines(struct sip_msg *msg, struct sdp_text lines)
{
	struct sip_head_line line;
	size_t at = 0;
	int more;

	while ((more = sip_head_next(lines, &at, &line))) {
		if (more < 0) {
			refuse(msg, (struct sip_error){
					    400, "Malformed Header Line" });
			continue;
		}
		if (msg->n_lines > SIP_LINES_MAX)
			break;
		msg->line[msg->n_lines] = (struct sip_line){ .head = line };
		msg->line[msg->n_lines - 1].next = msg->n_lines;
		msg->n_lines++;
	}
}

/* Reads a message; whether it is fit to be acted on is another question. */
static int read_msg(struct sip_msg *msg, const char *raw, size_t len,
		    bool stream)
{
	size_t head = sip_head_size(raw, len, 0), body = 0;
	struct sip_arrived message = { raw, head, len - head, stream };
	struct sip_error error = { 400, "Unfinished Header" };

	memset(msg, 0, offsetof(struct sip_msg, line));
	msg->used = 0;
	msg->line[0] = (struct sip_line){ 0 };
	msg->n_lines = 1;
	sip_start_parse(msg, (struct sdp_text){ raw, head ? head : len });
	index_lines(msg, sip_head_lines(raw, head ? head : len));
	if (!head || sip_body_size(&message, &no_limits, &body, &error)) {
		refuse(msg, error);
		return -EBADMSG;
	}
	if (body > len - head) {
		refuse(msg, (struct sip_error){ 400, "Unfinished Body" });
		return -EBADMSG;
	}
	msg->size = head + body;
	msg->body = (struct sdp_text){ raw + head, body };
	return msg->error.status ? -EBADMSG : 0;
}

/**
 * sip_msg_parse_own() - read a message that we wrote, or have read before
 * @msg: where to put it
 * @raw: its octets, as for sip_msg_parse()
 * @len: how many
 *
 * What else sip_msg_check() asks was asked when it came, and what we add is right.
 *
 * Return: 0, or -EBADMSG if it is no message or lacks what each must have.
 */
int sip_msg_parse_own(struct sip_msg *msg, const char *raw, size_t len)
{
	int err = read_msg(msg, raw, len, false);

	return err ? err : sip_check_missing(msg);
}

/**
 * sip_msg_parse() - read a message
 * @msg: where to put it
 * @raw: its octets, from the first of the start line on; they have to stay
 *	where they are as long as @msg is used
 * @len: octets there; in a datagram more than the message may be there
 * @stream: it came over a stream, and @len is what sip_stream_next() said
 *
 * If it is refused, @msg->error says why, and @msg has what could be read, so
 * that sip_reply_write() can answer a request with that error.
 *
 * Return: 0, or -EBADMSG if it is refused.
 */
int sip_msg_parse(struct sip_msg *msg, const char *raw, size_t len, bool stream)
{
	int err = read_msg(msg, raw, len, stream);

	return err ? err : sip_msg_check(msg);
}

/**
 * sip_line_next() - the next header line of a kind
 * @msg: the message
 * @name: name of the header field, or NULL for any
 * @at: the place before, all zeros at first; the line's value afterwards
 *
 * Return: whether there is one.
 */
bool sip_line_next(const struct sip_msg *msg, const char *name,
		   struct sip_at *at)
{
	uint32_t key = name ? sip_name_key(sdp_text_of(name)) : 0;
	const struct sip_head_line *head;
	unsigned int i = at->line;

	while ((i = msg->line[i].next)) {
		head = &msg->line[i].head;
		if (msg->line[i].gone)
			continue;
		if (name &&
		    (head->key != key || !sip_name_is(head->name, name)))
			continue;
		at->line = i;
		at->text = head->value;
		at->from = head->value.at - head->text.at;
		at->next = at->from;
		return true;
	}
	return false;
}

/**
 * sip_line_at() - the n-th header line of a kind
 * @msg: the message
 * @name: name of the header field, or NULL for any
 * @n: its number, from 0 on
 * @at: where to put it
 *
 * Return: whether there is one.
 */
bool sip_line_at(const struct sip_msg *msg, const char *name, unsigned int n,
		 struct sip_at *at)
{
	bool found;

	*at = (struct sip_at){ 0 };
	do
		found = sip_line_next(msg, name, at);
	while (found && n--);
	return found;
}

/**
 * sip_header() - value of the first header line of a kind
 * @msg: the message
 * @name: name of the header field
 * @value: where to put it; untouched if there is none
 *
 * Return: whether there is one.
 */
bool sip_header(const struct sip_msg *msg, const char *name,
		struct sdp_text *value)
{
	struct sip_at at = { 0 };

	if (!sip_line_next(msg, name, &at))
		return false;
	*value = at.text;
	return true;
}

/**
 * sip_line_count() - how many header lines of a kind are there?
 * @msg: the message
 * @name: name of the header field, or NULL for any
 *
 * Return: how many.
 */
unsigned int sip_line_count(const struct sip_msg *msg, const char *name)
{
	struct sip_at at = { 0 };
	unsigned int n = 0;

	while (sip_line_next(msg, name, &at))
		n++;
	return n;
}

/**
 * sip_element_next() - the next element of a list
 * @msg: the message
 * @name: name of a header field whose values are divided by commas; elements
 *	of all its lines count as one list (RFC 3261, 7.3.1)
 * @at: the place before, all zeros at first; the element afterwards
 *
 * An empty value has no element, two commas in a row have an empty one between
 * them.
 *
 * Return: 1 if there is one, 0 at the end, -EBADMSG if a quote or a bracket is
 * not closed.
 */
int sip_element_next(const struct sip_msg *msg, const char *name,
		     struct sip_at *at)
{
	const struct sip_head_line *head;
	struct sdp_text value;
	size_t start, from;
	ssize_t end;

	for (;;) {
		head = &msg->line[at->line].head;
		value = head->value;
		start = at->line ? (size_t)(value.at - head->text.at) : 0;
		if (at->line && !msg->line[at->line].gone && value.len &&
		    at->next <= start + value.len)
			break;
		if (!sip_line_next(msg, name, at))
			return 0;
	}
	from = at->next > start ? at->next - start : 0;
	end = sip_until(value, from, ',');
	if (end < 0)
		return -EBADMSG;
	at->text = sip_trim(sip_part(value, from, end));
	at->from = at->text.at - head->text.at;
	at->next = start + end + 1;
	return 1;
}

/**
 * sip_element_at() - the n-th element of a list
 * @msg: the message
 * @name: as for sip_element_next()
 * @n: its number, from 0 on
 * @at: where to put it
 *
 * Return: as sip_element_next().
 */
int sip_element_at(const struct sip_msg *msg, const char *name, unsigned int n,
		   struct sip_at *at)
{
	int found;

	*at = (struct sip_at){ 0 };
	do
		found = sip_element_next(msg, name, at);
	while (found > 0 && n--);
	return found;
}

/**
 * sip_list_has() - is a word in a list of words?
 * @msg: the message
 * @name: name of the header field: Require, Supported, Allow, ...
 * @word: the word, in any case
 *
 * Return: whether it is.
 */
bool sip_list_has(const struct sip_msg *msg, const char *name, const char *word)
{
	struct sip_at at = { 0 };

	while (sip_element_next(msg, name, &at) > 0)
		if (sip_alike(at.text, sdp_text_of(word)))
			return true;
	return false;
}

/**
 * sip_unfold() - copy a value, each fold as one blank (RFC 3261, 7.3.1)
 * @text: the value
 * @out: where it goes; no 0 is added
 * @size: octets that fit there
 *
 * Return: octets, or -ENOSPC if it does not fit.
 */
ssize_t sip_unfold(struct sdp_text text, char *out, size_t size)
{
	size_t i = 0, n, used = 0;

	while (i < text.len) {
		n = sip_skip(text, i);
		if (used == size)
			return -ENOSPC;
		if (n > i && memchr(text.at + i, '\r', n - i)) {
			out[used++] = ' ';
			i = n;
		} else {
			out[used++] = text.at[i++];
		}
	}
	return (ssize_t)used;
}
