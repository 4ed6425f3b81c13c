// SPDX-License-Identifier: GPL-2.0
/*
 * Finds and replaces the session description in a body. Whatever could hide a
 * description from this parser and show it to another one is refused.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "body.h"

#define DEPTH_MAX 2 /* a multipart in a multipart */

/**
 * struct content - a Content-Type
 * @kind: left of the slash
 * @sub: right of it
 * @boundary: of a multipart; length 0 without
 * @len: octets of @boundary
 */
struct content {
	struct sdp_text kind;
	struct sdp_text sub;
	char boundary[BODY_BOUNDARY_MAX];
	size_t len;
};

/**
 * struct header - what the header of a body part says
 * @type: value of Content-Type
 * @encoding: value of Content-Transfer-Encoding
 * @length: value of Content-Length
 * @content: what comes after the header
 */
struct header {
	struct sdp_text type;
	struct sdp_text encoding;
	struct sdp_text length;
	struct sdp_text content;
};

/**
 * struct search - the state of a search
 * @body: all of it
 * @part: the result
 * @parts: seen so far
 * @found: @part is filled in
 */
struct search {
	struct sdp_text body;
	struct body_part *part;
	unsigned int parts;
	bool found;
};

static void skip(struct sdp_text *text, size_t n)
{
	if (n)
		text->at += n;
	text->len -= n;
}

/* White space of SIP; a folded header still has its line ends. */
static void skip_space(struct sdp_text *text)
{
	while (text->len && memchr(" \t\r\n", text->at[0], 4))
		skip(text, 1);
}

/* Takes what stands before white space and any of the marks. */
static struct sdp_text take_until(struct sdp_text *text, const char *marks)
{
	struct sdp_text word = { text->at, 0 };

	while (word.len < text->len && text->at[word.len] &&
	       !strchr(marks, text->at[word.len]) &&
	       !memchr(" \t\r\n", text->at[word.len], 4))
		word.len++;
	skip(text, word.len);
	return word;
}

static bool take_mark(struct sdp_text *text, char mark)
{
	skip_space(text);
	if (!text->len || text->at[0] != mark)
		return false;
	skip(text, 1);
	skip_space(text);
	return true;
}

/* Takes a quoted string; counts octets past @size but does not store them. */
static int take_quoted(struct sdp_text *text, char *out, size_t size,
		       size_t *len)
{
	*len = 0;
	for (skip(text, 1); text->len; skip(text, 1)) {
		if (text->at[0] == '"') {
			skip(text, 1);
			return 0;
		}
		if (text->at[0] == '\\' && text->len > 1)
			skip(text, 1);
		if (!text->at[0] || memchr("\r\n", text->at[0], 2))
			return -EBADMSG;
		if (*len < size)
			out[*len] = text->at[0];
		++*len;
	}
	return -EBADMSG;
}

static int take_value(struct sdp_text *text, char *out, size_t size,
		      size_t *len)
{
	struct sdp_text word;

	if (text->len && text->at[0] == '"')
		return take_quoted(text, out, size, len);
	word = take_until(text, ";");
	*len = word.len;
	if (word.len)
		memcpy(out, word.at, word.len < size ? word.len : size);
	return 0;
}

static int parse_parameters(struct sdp_text text, struct content *content)
{
	char value[BODY_BOUNDARY_MAX];
	struct sdp_text name;
	size_t len;

	while (take_mark(&text, ';')) {
		name = take_until(&text, "=;");
		if (!take_mark(&text, '='))
			continue;
		if (take_value(&text, value, sizeof(value), &len))
			return -EBADMSG;
		if (!sdp_text_is(name, "boundary"))
			continue;
		if (content->len || !len || len > sizeof(value))
			return -EBADMSG;
		memcpy(content->boundary, value, len);
		content->len = len;
	}
	return text.len ? -EBADMSG : 0;
}

static int parse_content(struct sdp_text text, struct content *content)
{
	content->len = 0;
	skip_space(&text);
	content->kind = take_until(&text, "/;");
	if (!take_mark(&text, '/'))
		return -EBADMSG;
	content->sub = take_until(&text, ";");
	return parse_parameters(text, content);
}

/* Takes a line; returns it without its ending. */
static struct sdp_text take_line(struct sdp_text *rest)
{
	const char *feed = memchr(rest->at, '\n', rest->len);
	struct sdp_text line = *rest;

	if (feed)
		line.len = feed - rest->at;
	skip(rest, line.len + !!feed);
	if (feed && line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Where the value of a header belongs; NULL if it does not matter here. */
static struct sdp_text *header_slot(struct header *header, struct sdp_text name)
{
	if (sdp_text_is(name, "Content-Type") || sdp_text_is(name, "c"))
		return &header->type;
	if (sdp_text_is(name, "Content-Transfer-Encoding"))
		return &header->encoding;
	if (sdp_text_is(name, "Content-Length") || sdp_text_is(name, "l"))
		return &header->length;
	return NULL;
}

/* A part without a header begins with an empty line (RFC 2046, 5.1). */
static int parse_header(struct sdp_text part, struct header *header)
{
	struct sdp_text *slot = NULL, line, name, value;

	memset(header, 0, sizeof(*header));
	while (part.len) {
		line = take_line(&part);
		if (!line.len)
			break;
		if (line.at[0] == ' ' || line.at[0] == '\t') {
			if (slot)
				slot->len = line.at + line.len - slot->at;
			continue;
		}
		if (!sdp_text_cut(line, ':', &name, &value))
			return -EBADMSG;
		slot = header_slot(header, sdp_text_trim(name));
		if (slot && slot->at)
			return -EBADMSG;
		if (slot)
			*slot = value;
	}
	header->content = part;
	return 0;
}

/*
 * Takes the text up to the next delimiter; @rest is what follows that line. A
 * line that begins with the delimiter and goes on is one to some parsers and
 * none to others.
 */
static int take_part(struct sdp_text *rest, const struct content *content,
		     struct sdp_text *part, bool *last)
{
	struct sdp_text line, tail;

	*part = *rest;
	while (rest->len) {
		line = take_line(rest);
		if (line.len < content->len + 2 || memcmp(line.at, "--", 2) ||
		    memcmp(line.at + 2, content->boundary, content->len))
			continue;
		part->len = line.at - part->at;
		if (part->len && part->at[part->len - 1] == '\n')
			part->len--;
		if (part->len && part->at[part->len - 1] == '\r')
			part->len--;
		tail = line;
		skip(&tail, content->len + 2);
		*last = tail.len >= 2 && !memcmp(tail.at, "--", 2);
		if (*last)
			skip(&tail, 2);
		return sdp_text_trim(tail).len ? -EBADMSG : 0;
	}
	return -ENOENT;
}

static int found_sdp(struct search *search, const struct header *header,
		     unsigned int n_lengths)
{
	struct sdp_text encoding = sdp_text_trim(header->encoding);

	if (search->found)
		return -ENOTUNIQ;
	if (encoding.len && !sdp_text_is(encoding, "7bit") &&
	    !sdp_text_is(encoding, "8bit") && !sdp_text_is(encoding, "binary"))
		return -EOPNOTSUPP;
	search->found = true;
	search->part->at = header->content.at - search->body.at;
	search->part->len = header->content.len;
	search->part->n_lengths = n_lengths;
	return 0;
}

/* Remembers a part's Content-Length for body_replace(), if it is a number. */
static unsigned int note_length(struct search *search, struct sdp_text text,
				unsigned int n)
{
	struct body_length *length = &search->part->length[n];

	text = sdp_text_trim(text);
	if (search->found || sdp_text_number(text, UINT32_MAX, &length->value))
		return n;
	length->at = text.at - search->body.at;
	length->len = text.len;
	return n + 1;
}

static bool is_multipart(const struct content *content)
{
	return sdp_text_is(content->kind, "multipart");
}

static bool is_sdp(const struct content *content)
{
	return sdp_text_is(content->kind, "application") &&
	       sdp_text_is(content->sub, "sdp");
}

static int search_parts(struct search *search, struct sdp_text text,
			const struct content *content, unsigned int depth,
			unsigned int n_lengths);

static int search_part(struct search *search, struct sdp_text part,
		       unsigned int depth, unsigned int n_lengths)
{
	struct content content;
	struct header header;
	int err;

	if (++search->parts > BODY_PARTS_MAX)
		return -E2BIG;
	err = parse_header(part, &header);
	if (err || !header.type.at)
		return err;
	err = parse_content(header.type, &content);
	if (err)
		return err;
	n_lengths = note_length(search, header.length, n_lengths);
	if (is_sdp(&content))
		return found_sdp(search, &header, n_lengths);
	if (!is_multipart(&content))
		return 0;
	return search_parts(search, header.content, &content, depth + 1,
			    n_lengths);
}

/* Signed and encrypted bodies cannot be edited (RFC 1847). */
static int search_parts(struct search *search, struct sdp_text text,
			const struct content *content, unsigned int depth,
			unsigned int n_lengths)
{
	struct sdp_text part;
	bool last = false;
	int err;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	if (sdp_text_is(content->sub, "signed") ||
	    sdp_text_is(content->sub, "encrypted"))
		return -EOPNOTSUPP;
	if (!content->len)
		return -EBADMSG;
	err = take_part(&text, content, &part, &last);
	if (err)
		return -EBADMSG;
	while (!last) {
		err = take_part(&text, content, &part, &last);
		if (err == -ENOENT)
			last = true;
		else if (err)
			return err;
		err = search_part(search, part, depth, n_lengths);
		if (err)
			return err;
	}
	return 0;
}

/**
 * body_find_sdp() - where is the session description?
 * @type: value of the message's Content-Type header, may be folded
 * @body: the message's body
 * @part: where to put the result
 *
 * A body of application/sdp is one as a whole. In a multipart of any kind, and
 * in a multipart in it, the part of that type is meant. A missing last delimiter
 * and line ends without CR are accepted.
 *
 * Return: 0; -EMSGSIZE; -ENOENT if there is none; -ENOTUNIQ if there are several, of which
 * the peer might take any; -EBADMSG if types, headers or delimiters are
 * malformed or ambiguous; -ELOOP for a third level of multiparts; -E2BIG for
 * more than BODY_PARTS_MAX parts; -EOPNOTSUPP if it is signed, encrypted, or
 * encoded otherwise than 7bit, 8bit or binary.
 */
int body_find_sdp(struct sdp_text type, struct sdp_text body,
		  struct body_part *part)
{
	struct search search = { .body = body, .part = part };
	struct content content;
	int err;

	memset(part, 0, sizeof(*part));
	if (body.len > BODY_SIZE_MAX)
		return -EMSGSIZE;
	err = parse_content(type, &content);
	if (err)
		return err;
	if (is_sdp(&content)) {
		part->len = body.len;
		return 0;
	}
	if (!is_multipart(&content))
		return -ENOENT;
	err = search_parts(&search, body, &content, 1, 0);
	if (err)
		return err;
	return search.found ? 0 : -ENOENT;
}

/* Appends a part of the old body, see sdp_text_put(). */
static void keep(struct sdp_text body, size_t from, size_t to, char *out,
		 size_t size, size_t *used)
{
	struct sdp_text text = body;

	skip(&text, from);
	text.len = to - from;
	sdp_text_put(text, out, size, used);
}

/**
 * body_replace() - write a body with another session description
 * @body: the body
 * @part: what body_find_sdp() said of it
 * @text: the new description
 * @out: where to; must not overlap @body or @text
 * @size: octets there
 *
 * All else stays as it is, but for the numbers of Content-Length headers of the
 * parts around the description.
 *
 * Return: octets of the result; -ENOSPC if @size is too small.
 */
int body_replace(struct sdp_text body, const struct body_part *part,
		 struct sdp_text text, char *out, size_t size)
{
	int64_t grown = (int64_t)text.len - (int64_t)part->len;
	char number[2][24];
	size_t used = 0, from = 0;
	unsigned int i;

	for (i = part->n_lengths; i--;) {
		int64_t sum = (int64_t)part->length[i].value + grown;

		grown -= part->length[i].len;
		grown += snprintf(number[i], sizeof(number[i]), "%" PRId64,
				  sum > 0 ? sum : 0);
	}
	for (i = 0; i < part->n_lengths; i++) {
		const struct body_length *length = &part->length[i];

		keep(body, from, length->at, out, size, &used);
		sdp_text_put(sdp_text_of(number[i]), out, size, &used);
		from = length->at + length->len;
	}
	keep(body, from, part->at, out, size, &used);
	sdp_text_put(text, out, size, &used);
	from = part->at + part->len;
	keep(body, from, body.len, out, size, &used);
	return used <= size ? (int)used : -ENOSPC;
}

/* Of these a part may go and the others still say what they said (RFC 2046). */
static bool is_loose(const struct content *content)
{
	return content->len && is_multipart(content) &&
	       (sdp_text_is(content->sub, "mixed") ||
		sdp_text_is(content->sub, "alternative"));
}

/* Offset of the line that ends just before @rest. */
static size_t line_before(struct sdp_text body, struct sdp_text rest)
{
	size_t at = rest.at - body.at;

	while (at && body.at[at - 1] != '\n')
		at--;
	/* That was the line end itself. */
	if (at && at == (size_t)(rest.at - body.at))
		for (at--; at && body.at[at - 1] != '\n';)
			at--;
	return at;
}

/**
 * body_without() - write a body without some of its parts
 * @type: value of the message's Content-Type header, may be folded
 * @body: the message's body
 * @bad: whether a part, with its header, has to go
 * @out: where to; must not overlap @body
 * @size: octets there
 *
 * Of a part its delimiter goes too; all else stays octet by octet. Only the
 * parts of the outer multipart/mixed or multipart/alternative are looked at.
 *
 * Return: octets of the result; -ENOENT if no part would be left; -EOPNOTSUPP
 * for other bodies; -EBADMSG if it is malformed or not closed; -ENOSPC.
 */
int body_without(struct sdp_text type, struct sdp_text body,
		 bool (*bad)(struct sdp_text part), char *out, size_t size)
{
	struct sdp_text rest = body, part;
	struct content content;
	size_t from, to, used = 0;
	unsigned int left = 0;
	bool last = false;

	if (body.len > BODY_SIZE_MAX)
		return -EMSGSIZE;
	if (parse_content(type, &content))
		return -EBADMSG;
	if (!is_loose(&content))
		return -EOPNOTSUPP;
	if (take_part(&rest, &content, &part, &last))
		return -EBADMSG;
	from = line_before(body, rest);
	keep(body, 0, from, out, size, &used);
	for (; !last; from = to) {
		if (take_part(&rest, &content, &part, &last))
			return -EBADMSG;
		to = line_before(body, rest);
		if (bad(part))
			continue;
		left++;
		keep(body, from, to, out, size, &used);
	}
	keep(body, from, body.len, out, size, &used);
	if (!left)
		return -ENOENT;
	return used <= size ? (int)used : -ENOSPC;
}
