// SPDX-License-Identifier: GPL-2.0
/* Characters and quotes of SIP. */
#include <errno.h>
#include <string.h>

#include "lex.h"

#define ALNUM (SIP_ALNUM | SIP_TOKEN | SIP_HOST)
#define HOST  (SIP_TOKEN | SIP_HOST)

/* Looked up for each octet of each message, many times. */
const uint8_t sip_class[256] = {
	['a' ... 'z'] = ALNUM, ['A' ... 'Z'] = ALNUM, ['0' ... '9'] = ALNUM,
	['-'] = HOST,	       ['.'] = HOST,	      ['_'] = HOST,
	['!'] = SIP_TOKEN,     ['%'] = SIP_TOKEN,     ['*'] = SIP_TOKEN,
	['+'] = SIP_TOKEN,     ['`'] = SIP_TOKEN,     ['\''] = SIP_TOKEN,
	['~'] = SIP_TOKEN,     [' '] = SIP_STOP,      ['\t'] = SIP_STOP,
	['\r'] = SIP_STOP,     ['\n'] = SIP_STOP,     ['\0'] = SIP_STOP,
	['"'] = SIP_STOP,      ['<'] = SIP_STOP,      ['>'] = SIP_STOP,
	[','] = SIP_STOP,      [';'] = SIP_STOP,
};

/**
 * sip_line_end() - look for CRLF
 * @data: octets
 * @len: how many
 *
 * Return: where the first is, or NULL.
 */
const char *sip_line_end(const char *data, size_t len)
{
	const char *end = data + len;

	/* memmem() goes octet by octet for so short a word. */
	while (end - data >= 2) {
		data = memchr(data, '\r', end - data - 1);
		if (!data || data[1] == '\n')
			return data;
		data++;
	}
	return NULL;
}

/**
 * sip_is_token() - is this a token, and not empty?
 * @text: the text
 *
 * Return: whether it is.
 */
bool sip_is_token(struct sdp_text text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!sip_is(text.at[i], SIP_TOKEN))
			return false;
	return text.len;
}

/* One octet of a header value, with its neighbours. */
static bool clean_at(struct sdp_text text, size_t i)
{
	char before = i ? text.at[i - 1] : 0;
	char after = i + 1 < text.len ? text.at[i + 1] : 0;

	switch (text.at[i]) {
	case '\r':
		return after == '\n' && before != '\\';
	case '\n':
		return before == '\r' && (after == ' ' || after == '\t');
	case '\0':
		return before == '\\';
	}
	return true;
}

/**
 * sip_clean() - can this stand in a header without ending it?
 * @text: the text
 *
 * CR and LF are allowed only in a fold, NUL only as a quoted pair. Other
 * parsers end a line at a lone CR or LF; letting one through would let its
 * sender write header lines that only they see.
 *
 * Return: whether it can.
 */
bool sip_clean(struct sdp_text text)
{
	size_t i;

	if (!text.len || (!memchr(text.at, '\r', text.len) &&
			  !memchr(text.at, '\n', text.len) &&
			  !memchr(text.at, '\0', text.len)))
		return true;
	for (i = 0; i < text.len; i++)
		if (!clean_at(text, i))
			return false;
	return true;
}

/**
 * sip_visible() - are these octets that a URI may have?
 * @text: the text
 *
 * Return: whether it is all visible ASCII without quotes and angle brackets.
 */
bool sip_visible(struct sdp_text text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~' ||
		    text.at[i] == '"' || text.at[i] == '<' || text.at[i] == '>')
			return false;
	return true;
}

/**
 * sip_trim() - leave out white space around a text
 * @text: the text
 *
 * Return: the part without it.
 */
struct sdp_text sip_trim(struct sdp_text text)
{
	size_t from = sip_skip(text, 0);

	while (text.len > from && sip_blank(text.at[text.len - 1]))
		text.len--;
	return sip_part(text, from, text.len);
}

/**
 * sip_quoted() - pass over a quoted string (RFC 3261, 25.1)
 * @text: the text
 * @at: index of the opening quote
 *
 * Return: index after the closing quote, -EBADMSG if there is none.
 */
ssize_t sip_quoted(struct sdp_text text, size_t at)
{
	for (at++; at < text.len; at++) {
		if (text.at[at] == '"')
			return (ssize_t)at + 1;
		if (text.at[at] == '\\')
			at++;
	}
	return -EBADMSG;
}

/**
 * sip_until() - look for a mark outside of quotes and angle brackets
 * @text: the text
 * @at: index to start from
 * @mark: octet to look for
 *
 * Return: index of the first, or the length if there is none; -EBADMSG if a
 * quote or a bracket is not closed.
 */
ssize_t sip_until(struct sdp_text text, size_t at, char mark)
{
	const char *close;
	ssize_t end;

	while (at < text.len) {
		char c = text.at[at];

		if (c == mark)
			break;
		if (c == '"') {
			end = sip_quoted(text, at);
			if (end < 0)
				return end;
			at = end;
		} else if (c == '<') {
			close = memchr(text.at + at, '>', text.len - at);
			if (!close)
				return -EBADMSG;
			at = close - text.at + 1;
		} else {
			at++;
		}
	}
	return (ssize_t)at;
}

/**
 * sip_unquote() - the meaning of a quoted string, or of a token
 * @text: with its quotes; without quotes it means itself
 * @out: where the octets go, no 0 is added; may be @text's own memory
 * @size: octets that fit there
 *
 * Return: octets, -EBADMSG if the quotes are wrong, -ENOSPC if it does not fit.
 */
ssize_t sip_unquote(struct sdp_text text, char *out, size_t size)
{
	size_t i = 0, end = text.len, used = 0;

	if (text.len && text.at[0] == '"') {
		if (sip_quoted(text, 0) != (ssize_t)text.len)
			return -EBADMSG;
		i = 1;
		end--;
	}
	for (; i < end; i++) {
		if (text.at[0] == '"' && text.at[i] == '\\')
			i++;
		if (used == size)
			return -ENOSPC;
		out[used++] = text.at[i];
	}
	return (ssize_t)used;
}

/**
 * sip_same() - compare octet by octet
 * @a: one text
 * @b: the other
 *
 * Return: whether they are the same.
 */
bool sip_same(struct sdp_text a, struct sdp_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

/**
 * sip_alike() - compare, upper and lower case alike
 * @a: one text
 * @b: the other
 *
 * Return: whether they are the same but for the case of ASCII letters.
 */
bool sip_alike(struct sdp_text a, struct sdp_text b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	/* Most are told apart here; case is in this bit alone. */
	if (a.len && ((a.at[0] ^ b.at[0]) & ~0x20))
		return false;
	for (i = 0; i < a.len; i++) {
		/* In locales other than C, strncasecmp() knows more letters. */
		char x = a.at[i], y = b.at[i];

		if (x >= 'A' && x <= 'Z')
			x += 'a' - 'A';
		if (y >= 'A' && y <= 'Z')
			y += 'a' - 'A';
		if (x != y)
			return false;
	}
	return true;
}
