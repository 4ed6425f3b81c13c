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

/**
 * sip_name_is() - is this the name of that header field?
 * @name: a name from a message, in any case, perhaps compact
 * @want: the long name
 *
 * Return: whether it is.
 */
bool sip_name_is(struct sdp_text name, const char *want)
{
	struct sdp_text text = sdp_text_of(want);
	size_t i;

	if (name.len != 1)
		return sip_alike(name, text);
	for (i = 0; i < ARRAY_SIZE(compact); i++)
		if ((name.at[0] | ' ') == compact[i].letter)
			return sip_alike(sdp_text_of(compact[i].name), text);
	return sip_alike(name, text);
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
	end = len > from ? memmem(data + from, len - from, "\r\n\r\n", 4) :
			   NULL;
	return end ? (size_t)(end - data) + 4 : 0;
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
	const char *start = memmem(data, size, "\r\n", 2);

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
	return sip_is_token(line->name) && line->name.at == text.at ? 0 :
								      -EBADMSG;
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
	size_t from = *at, end = from;
	const char *found;
	int err;

	if (from >= lines.len)
		return 0;
	do {
		found = memmem(lines.at + end, lines.len - end, "\r\n", 2);
		end = found ? (size_t)(found - lines.at) + 2 : lines.len;
	} while (found && end < lines.len &&
		 (lines.at[end] == ' ' || lines.at[end] == '\t'));
	*at = end;
	/* Without its end it is the rest of a line, not a line. */
	if (!found)
		return -EBADMSG;
	err = sip_head_line(sip_part(lines, from, end - 2), line);
	return err ? err : 1;
}

/*
 * Finds and reads Content-Length. 1 if it is there, 0 if not, -EBADMSG if it
 * is there twice or is no number (RFC 4475, 3.1.2.3 and 3.3.9), -ERANGE if it
 * is absurdly large. Counts the lines on the way.
 */
static int find_length(struct sdp_text lines, size_t *n_lines, uint64_t *length)
{
	struct sip_head_line line;
	int found = 0, err = 0, more;
	size_t at = 0;

	*n_lines = 0;
	while ((more = sip_head_next(lines, &at, &line))) {
		++*n_lines;
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
