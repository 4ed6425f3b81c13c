// SPDX-License-Identifier: GPL-2.0
/* Header lines: where they end, what they are called. */
#include <errno.h>
#include <string.h>

#include "head.h"

/* Compact forms (RFC 3261, 7.3.3, and IANA's list of header fields). */
static const struct {
	char letter;
	const char *name;
} compact[] = {
	{ 'a', "Accept-Contact" },
	{ 'b', "Referred-By" },
	{ 'c', "Content-Type" },
	{ 'd', "Request-Disposition" },
	{ 'e', "Content-Encoding" },
	{ 'f', "From" },
	{ 'i', "Call-ID" },
	{ 'j', "Reject-Contact" },
	{ 'k', "Supported" },
	{ 'l', "Content-Length" },
	{ 'm', "Contact" },
	{ 'n', "Identity-Info" },
	{ 'o', "Event" },
	{ 'r', "Refer-To" },
	{ 's', "Subject" },
	{ 't', "To" },
	{ 'u', "Allow-Events" },
	{ 'v', "Via" },
	{ 'x', "Session-Expires" },
	{ 'y', "Identity" },
};

/* The long name of a compact form; other names are themselves. */
static struct sdp_text long_name(struct sdp_text name)
{
	size_t i;

	for (i = 0; name.len == 1 && i < ARRAY_SIZE(compact); i++)
		if ((name.at[0] | ' ') == compact[i].letter)
			return sdp_text_of(compact[i].name);
	return name;
}

/**
 * sip_name_key() - what tells most names of header fields apart
 * @name: a name, in any case, perhaps compact
 *
 * Return: a number that is the same for all ways to write a name.
 */
uint32_t sip_name_key(struct sdp_text name)
{
	if (name.len == 1)
		name = long_name(name);
	if (!name.len)
		return 0;
	return (uint32_t)name.len << 16 | (name.at[0] & 0xdf) << 8 |
	       (name.at[name.len - 1] & 0xdf);
}

/**
 * sip_name_is() - is this the name of that header field?
 * @name: a name from a message, in any case, perhaps compact
 * @want: the long name
 *
 * Return: whether it is.
 */
bool sip_name_is(struct sdp_text name, const char *want)
{
	return sip_alike(long_name(name), sdp_text_of(want));
}

/**
 * sip_head_size() - look for the empty line after a header
 * @data: a message from its first octet on
 * @len: octets of it that are there
 * @from: octets that were searched before, in vain
 *
 * Return: octets up to the body, or 0 if the empty line is not there.
 */
size_t sip_head_size(const char *data, size_t len, size_t from)
{
	const char *end;

	from -= from < 3 ? from : 3;
	while (from < len) {
		end = sip_line_end(data + from, len - from);
		if (!end)
			return 0;
		from = (size_t)(end - data) + 2;
		if (len - from >= 2 && !memcmp(data + from, "\r\n", 2))
			return from + 2;
	}
	return 0;
}

/**
 * sip_head_lines() - the header lines of a header
 * @data: a message from its first octet on
 * @size: octets up to the body, or of all if the empty line is missing
 *
 * Return: everything between the start line and the empty line.
 */
struct sdp_text sip_head_lines(const char *data, size_t size)
{
	struct sdp_text lines = { data, 0 };
	const char *start = sip_line_end(data, size);

	if (!start)
		return lines;
	lines.at = start + 2;
	lines.len = size - (lines.at - data);
	/* With no line at all the start line's end begins the empty line. */
	if (size >= 4 && !memcmp(data + size - 4, "\r\n\r\n", 4))
		lines.len -= 2;
	return lines;
}

/**
 * sip_head_line() - take a header line apart
 * @text: the line with its continuations, without the CRLF at its end
 * @line: where to put it
 *
 * Return: 0, or -EBADMSG if it is malformed.
 */
int sip_head_line(struct sdp_text text, struct sip_head_line *line)
{
	struct sdp_text value;

	line->text = text;
	if (!sip_clean(text) || !sdp_text_cut(text, ':', &line->name, &value))
		return -EBADMSG;
	line->name = sdp_text_trim(line->name);
	line->value = sip_trim(value);
	line->key = sip_name_key(line->name);
	return sip_is_token(line->name) && line->name.at == text.at ? 0 :
								      -EBADMSG;
}

/* Index after a header line and its CRLF; 0 if that is missing. */
static size_t line_after(struct sdp_text lines, size_t from)
{
	const char *end;

	do {
		end = sip_line_end(lines.at + from, lines.len - from);
		if (!end)
			return 0;
		from = (size_t)(end - lines.at) + 2;
	} while (from < lines.len &&
		 (lines.at[from] == ' ' || lines.at[from] == '\t'));
	return from;
}

/**
 * sip_head_next() - the next header line
 * @lines: from sip_head_lines()
 * @at: index of its first octet, 0 at first; of the line after it afterwards
 * @line: where to put it
 *
 * Return: 1 if there is one, 0 at the end, -EBADMSG if it is malformed; then
 * the next call goes on after it.
 */
int sip_head_next(struct sdp_text lines, size_t *at, struct sip_head_line *line)
{
	size_t from = *at, end;
	int err;

	if (from >= lines.len)
		return 0;
	end = line_after(lines, from);
	*at = end ? end : lines.len;
	/* Without its end it is the rest of a line, not a line. */
	if (!end)
		return -EBADMSG;
	err = sip_head_line(sip_part(lines, from, end - 2), line);
	return err ? err : 1;
}

/*
 * Finds and reads Content-Length. 1 if it is there, 0 if not, -EBADMSG if it
 * is there twice or is no number (RFC 4475, 3.1.2.3 and 3.3.9), -ERANGE if it
 * is absurdly large. Counts the lines on the way, and reads only those whose
 * names begin as its two names do.
 */
static int find_length(struct sdp_text lines, size_t *n_lines, uint64_t *length)
{
	struct sip_head_line line;
	int found = 0, err = 0, more;
	size_t at = 0, next;

	*n_lines = 0;
	while (at < lines.len) {
		++*n_lines;
		if ((lines.at[at] | ' ') != 'c' &&
		    (lines.at[at] | ' ') != 'l') {
			next = line_after(lines, at);
			at = next ? next : lines.len;
			continue;
		}
		more = sip_head_next(lines, &at, &line);
		if (more < 0 || err ||
		    !sip_name_is(line.name, "Content-Length"))
			continue;
		err = found++ ? -EBADMSG :
				sdp_text_number(line.value, UINT32_MAX, length);
	}
	return err ? err : found;
}

static int refuse(struct sip_error *error, unsigned int status,
		  const char *phrase)
{
	*error = (struct sip_error){ status, phrase };
	return -EBADMSG;
}

/**
 * sip_body_size() - how long is the body? (RFC 3261, 18.3)
 * @message: the message
 * @limits: of a message
 * @size: where to put the octets of the body; what follows them in a datagram
 *	is nothing
 * @error: why the message is refused
 *
 * Return: 0, or -EBADMSG with @error.
 */
int sip_body_size(const struct sip_arrived *message,
		  const struct sip_limits *limits, size_t *size,
		  struct sip_error *error)
{
	uint64_t length = message->rest;
	size_t n_lines;
	int given;

	given = find_length(sip_head_lines(message->data, message->head),
			    &n_lines, &length);
	if (message->head > limits->head || n_lines > limits->lines ||
	    given == -ERANGE)
		return refuse(error, 513, "Message Too Large");
	if (given < 0)
		return refuse(error, 400, "Bad Content-Length");
	if (!given && message->stream)
		return refuse(error, 400, "Missing Content-Length");
	if (!message->stream && length > message->rest)
		return refuse(error, 400, "Content-Length Exceeds Datagram");
	if (length > limits->body)
		return refuse(error, 513, "Message Too Large");
	*size = length;
	return 0;
}
