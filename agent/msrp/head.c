// SPDX-License-Identifier: GPL-2.0
/* Reading the header of an MSRP message. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "head.h"

#define START	 "MSRP "
#define TO_PATH	 "To-Path: "
#define FROM	 "From-Path: "
#define DASHES	 (sizeof(HEAD_DASHES) - 1)
#define ID_MIN	 4 /* characters of an identifier */
#define STATUSES 3 /* digits of a status */

static bool letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes a line, without its CRLF, off the front; false if there is none. */
static bool take_line(struct sdp_text *rest, struct sdp_text *line)
{
	const char *end = memmem(rest->at, rest->len, "\r\n", 2);

	if (!end)
		return false;
	line->at = rest->at;
	line->len = (size_t)(end - rest->at);
	rest->at += line->len + 2;
	rest->len -= line->len + 2;
	return true;
}

static bool begins(struct sdp_text line, const char *name)
{
	size_t len = strlen(name);

	return line.len >= len && !strncasecmp(line.at, name, len);
}

/**
 * head_line() - what a line ends
 * @line: a whole line of a header, with its end
 * @len: octets
 * @id: transaction identifier
 *
 * Return: what it ends.
 */
enum head_line head_line(const char *line, size_t len, struct sdp_text id)
{
	if (len < 2 || line[len - 2] != '\r')
		return HEAD_BAD;
	if (len == 2)
		return HEAD_BODY;
	if (len != DASHES + id.len + 3 || memcmp(line, HEAD_DASHES, DASHES) ||
	    memcmp(line + DASHES, id.at, id.len))
		return HEAD_MORE;
	return strchr("+#$", line[DASHES + id.len]) ? HEAD_END : HEAD_BAD;
}

/**
 * head_id() - the transaction identifier of a start line
 * @line: the line, with its end
 * @len: octets
 * @id: set to it
 *
 * Return: 0, or -EINVAL if it is no start line.
 */
int head_id(const char *line, size_t len, struct sdp_text *id)
{
	const char *blank;
	size_t i;

	if (len < sizeof(START) || memcmp(line, START, sizeof(START) - 1))
		return -EINVAL;
	line += sizeof(START) - 1;
	len -= sizeof(START) - 1;
	blank = memchr(line, ' ', len);
	if (!blank)
		return -EINVAL;
	*id = (struct sdp_text){ line, (size_t)(blank - line) };
	if (id->len < ID_MIN || id->len > HEAD_ID_MAX ||
	    (!letter(*line) && !digit(*line)))
		return -EINVAL;
	for (i = 0; i < id->len; i++) {
		if (!letter(line[i]) && !digit(line[i]) &&
		    !strchr(".-+%=", line[i]))
			return -EINVAL;
	}
	return 0;
}

/* A method, or a status with or without a comment. */
static int parse_start(struct sdp_text line, struct head *head)
{
	size_t i;

	if (head_id(line.at, line.len, &head->id))
		return -EINVAL;
	line.len -= (size_t)(head->id.at - line.at) + head->id.len + 1;
	line.at = head->id.at + head->id.len + 1;
	if (line.len >= STATUSES && digit(line.at[0]) && digit(line.at[1]) &&
	    digit(line.at[2]))
		return line.len == STATUSES || line.at[STATUSES] == ' ' ?
			       0 :
			       -EINVAL;
	for (i = 0; i < line.len; i++) {
		if (line.at[i] < 'A' || line.at[i] > 'Z')
			return -EINVAL;
	}
	head->method = line;
	return line.len ? 0 : -EINVAL;
}

static int parse_path(struct sdp_text *rest, const char *name,
		      struct sdp_text *path)
{
	struct sdp_text line;

	if (!take_line(rest, &line) || !begins(line, name))
		return -EINVAL;
	path->at = line.at + strlen(name);
	path->len = line.len - strlen(name);
	return path->len ? 0 : -EINVAL;
}

/**
 * head_parse() - read a header
 * @data: whole header, to the end-line or the blank line, with it
 * @len: octets
 * @head: set to what it says
 *
 * To-Path and From-Path are the first lines and there once (RFC 4975, 7.1, 9).
 *
 * Return: 0, or -EINVAL if it is none.
 */
int head_parse(const char *data, size_t len, struct head *head)
{
	struct sdp_text rest = { data, len }, line;

	memset(head, 0, sizeof(*head));
	if (memchr(data, 0, len) || !take_line(&rest, &line) ||
	    parse_start(line, head))
		return -EINVAL;
	head->start_len = (size_t)(rest.at - data);
	if (parse_path(&rest, TO_PATH, &head->to) ||
	    parse_path(&rest, FROM, &head->from))
		return -EINVAL;
	head->rest = (size_t)(rest.at - data);
	while (take_line(&rest, &line)) {
		if (begins(line, "To-Path:") || begins(line, "From-Path:"))
			return -EINVAL;
		if (begins(line, "Failure-Report: no"))
			head->silent = true;
	}
	return rest.len ? -EINVAL : 0;
}

/**
 * head_first() - the first URI of a path
 * @path: URIs with blanks between
 *
 * Return: the URI; empty if there is none.
 */
struct sdp_text head_first(struct sdp_text path)
{
	const char *blank = path.len ? memchr(path.at, ' ', path.len) : NULL;

	if (blank)
		path.len = (size_t)(blank - path.at);
	return path;
}

/**
 * struct uri - parts of a URI that count
 * @scheme: "msrp" or "msrps"
 * @host: with brackets, without userinfo
 * @port: empty without
 * @session: session-id, empty without
 * @transport: behind the first semicolon
 */
struct uri {
	struct sdp_text scheme;
	struct sdp_text host;
	struct sdp_text port;
	struct sdp_text session;
	struct sdp_text transport;
};

static struct sdp_text until(struct sdp_text *rest, const char *marks)
{
	struct sdp_text part = { rest->at, 0 };

	while (part.len < rest->len && !strchr(marks, part.at[part.len]))
		part.len++;
	rest->at += part.len;
	rest->len -= part.len;
	return part;
}

static void skip(struct sdp_text *rest, size_t len)
{
	len = len < rest->len ? len : rest->len;
	rest->at += len;
	rest->len -= len;
}

static bool uri_parse(struct sdp_text text, struct uri *uri)
{
	struct sdp_text authority;
	const char *at;

	memset(uri, 0, sizeof(*uri));
	uri->scheme = until(&text, ":");
	if (text.len < 3 || memcmp(text.at, "://", 3))
		return false;
	skip(&text, 3);
	authority = until(&text, "/;");
	at = memrchr(authority.at, '@', authority.len);
	if (at)
		skip(&authority, (size_t)(at + 1 - authority.at));
	if (authority.len && authority.at[0] == '[')
		uri->host = until(&authority, "]");
	else
		uri->host = until(&authority, ":");
	if (authority.len && authority.at[0] == ']')
		skip(&authority, 1);
	skip(&authority, 1);
	uri->port = authority;
	if (text.len && text.at[0] == '/') {
		skip(&text, 1);
		uri->session = until(&text, ";");
	}
	skip(&text, 1);
	uri->transport = until(&text, ";");
	return uri->host.len && uri->transport.len;
}

static bool same(struct sdp_text a, struct sdp_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

static bool alike(struct sdp_text a, struct sdp_text b)
{
	return a.len == b.len && !strncasecmp(a.at, b.at, a.len);
}

/**
 * head_uri_equal() - do two URIs name the same session? (RFC 4975, 6.1)
 * @a: a URI
 * @b: a URI
 *
 * Return: whether they do; false if one of them is none.
 */
bool head_uri_equal(struct sdp_text a, struct sdp_text b)
{
	struct uri x, y;

	return uri_parse(a, &x) && uri_parse(b, &y) &&
	       alike(x.scheme, y.scheme) && alike(x.host, y.host) &&
	       same(x.port, y.port) && same(x.session, y.session) &&
	       alike(x.transport, y.transport);
}
