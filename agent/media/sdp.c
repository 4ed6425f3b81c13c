// SPDX-License-Identifier: GPL-2.0
/* The index of lines of a session description, and writing it out. */
#include <errno.h>
#include <string.h>

#include "sdp.h"

/* Takes the line at the start of a text; returns its octets with the ending. */
static size_t line_take(struct sdp_text text, struct sdp_line *line)
{
	const char *feed = memchr(text.at, '\n', text.len);
	size_t len = feed ? (size_t)(feed - text.at) : text.len;

	memset(line, 0, sizeof(*line));
	line->at = text.at;
	line->end = !!feed;
	if (feed && len && text.at[len - 1] == '\r') {
		line->end = 2;
		len--;
	}
	line->len = len;
	if (len >= 2 && text.at[1] == '=')
		line->type = text.at[0];
	return len + line->end;
}

static int line_append(struct sdp *sdp, const struct sdp_line *from)
{
	unsigned int n = sdp->n_lines;
	struct sdp_line *line = &sdp->line[n];
	struct sdp_section *section;

	if (n == SDP_LINES_MAX)
		return -E2BIG;
	if (from->type == 'm' && sdp->n_media++ == SDP_MEDIA_MAX)
		return -E2BIG;
	*line = *from;
	line->media = sdp->n_media;
	line->next = SDP_NONE;
	if (n)
		sdp->line[n - 1].next = n;
	section = &sdp->section[line->media];
	if (section->first == SDP_NONE)
		section->first = n;
	section->last = n;
	sdp->n_lines++;
	return 0;
}

/**
 * sdp_parse() - index a body
 * @sdp: the index; whatever was there is overwritten
 * @body: the body; it has to stay as long as @sdp is used, and is not changed
 * @len: octets of it
 *
 * Every text has an index of lines. Whether it is a session description is for
 * sdp_check() to say.
 *
 * Return: 0; -EMSGSIZE if the body is longer than SDP_SIZE_MAX; -E2BIG if it
 * has more than SDP_LINES_MAX lines or SDP_MEDIA_MAX m-lines.
 */
int sdp_parse(struct sdp *sdp, const char *body, size_t len)
{
	struct sdp_text rest = { body, len };
	struct sdp_line line;
	unsigned int i;
	int err;

	sdp->n_media = 0;
	sdp->n_lines = 0;
	sdp->n_added = 0;
	sdp->error = 0;
	sdp->end = 0;
	sdp->used = 0;
	for (i = 0; i <= SDP_MEDIA_MAX; i++)
		sdp->section[i] = (struct sdp_section){ SDP_NONE, SDP_NONE };
	if (len > SDP_SIZE_MAX)
		return -EMSGSIZE;
	while (rest.len) {
		size_t taken = line_take(rest, &line);

		err = line_append(sdp, &line);
		if (err)
			return err;
		if (!sdp->end)
			sdp->end = line.end;
		rest.at += taken;
		rest.len -= taken;
	}
	if (!sdp->end)
		sdp->end = 2;
	return 0;
}

/* The version of the o= line is what edits count up (RFC 3264, 8). */
static int check_origin(const struct sdp *sdp)
{
	int line = sdp_line_next(sdp, 0, -1, 'o');
	struct sdp_text rest, word;
	int n = 0;

	if (line < 0)
		return -EBADMSG;
	rest = sdp_line_value(sdp, line);
	while (sdp_text_word(&rest, &word))
		n++;
	return n == 6 ? 0 : -EBADMSG;
}

static int check_media(const struct sdp *sdp, unsigned int media)
{
	struct sdp_media m;
	struct sdp_addr addr;
	int err;

	err = sdp_media(sdp, media, &m);
	if (err || !m.port)
		return err;
	err = sdp_connection(sdp, media, &addr);
	return err == -ENOENT ? -EBADMSG : err;
}

/**
 * sdp_check() - is this a session description that can be edited safely?
 * @sdp: an indexed body
 *
 * Asks for what edits depend on: v=0 first, an o= line, well-formed m-lines, an
 * address for each of them that is in use. A NUL or a CR that ends no line is
 * refused: another parser could see lines where this one sees none. The order
 * of lines and lines that are missing or unknown are no matter.
 *
 * Return: 0; -EBADMSG if not; -EAFNOSUPPORT for addresses other than IN IP4 and
 * IN IP6.
 */
int sdp_check(const struct sdp *sdp)
{
	struct sdp_text version;
	unsigned int i;
	int err;

	for (i = 0; i < sdp->n_lines; i++) {
		struct sdp_text text = { sdp->line[i].at, sdp->line[i].len };

		if (!sdp_text_clean(text))
			return -EBADMSG;
	}
	if (!sdp->n_lines || sdp->line[0].type != 'v')
		return -EBADMSG;
	version = sdp_text_trim(sdp_line_value(sdp, 0));
	if (!sdp_text_is(version, "0"))
		return -EBADMSG;
	err = check_origin(sdp);
	for (i = 1; !err && i <= sdp->n_media; i++)
		err = check_media(sdp, i);
	return err;
}

/**
 * sdp_write() - write out with all edits
 * @sdp: the description
 * @out: where to; must not overlap the body
 * @size: octets there; SDP_SIZE_MAX + 2 * SDP_ROOM is always enough
 *
 * Return: octets of the result; -ENOSPC if @size is too small, or if an earlier
 * edit had no room and so was done by half.
 */
int sdp_write(const struct sdp *sdp, char *out, size_t size)
{
	static const char *const endings[] = { "", "\n", "\r\n" };
	unsigned int i = sdp->n_lines ? 0 : SDP_NONE;
	size_t used = 0;

	if (sdp->error)
		return sdp->error;
	for (; i != SDP_NONE; i = sdp->line[i].next) {
		const struct sdp_line *line = &sdp->line[i];

		if (line->gone)
			continue;
		sdp_text_put((struct sdp_text){ line->at, line->len }, out,
			     size, &used);
		sdp_text_put(sdp_text_of(endings[line->end]), out, size, &used);
	}
	return used <= size ? (int)used : -ENOSPC;
}

/**
 * sdp_wipe() - forget a description and the keys that edits wrote
 * @sdp: the description; the body itself is the caller's to wipe
 */
void sdp_wipe(struct sdp *sdp)
{
	explicit_bzero(sdp, sizeof(*sdp));
}

/**
 * sdp_line_next() - the next line of a level
 * @sdp: the description
 * @media: level
 * @line: index of the line before it, or -1 for the first
 * @type: letter it must have, or 0 for any line
 *
 * The line may be deleted before the next one is asked for.
 *
 * Return: its index, or -ENOENT.
 */
int sdp_line_next(const struct sdp *sdp, unsigned int media, int line,
		  char type)
{
	const struct sdp_section *section;
	unsigned int i;

	if (media > sdp->n_media)
		return -ENOENT;
	section = &sdp->section[media];
	if (line == section->last)
		return -ENOENT;
	for (i = line < 0 ? section->first : sdp->line[line].next;
	     i != SDP_NONE; i = sdp->line[i].next) {
		if (!sdp->line[i].gone && (!type || sdp->line[i].type == type))
			return i;
		if (i == section->last)
			break;
	}
	return -ENOENT;
}

/**
 * sdp_line_value() - what follows the "="
 * @sdp: the description
 * @line: index of a line with a type
 *
 * Return: the rest of the line, without its ending.
 */
struct sdp_text sdp_line_value(const struct sdp *sdp, int line)
{
	const struct sdp_line *l = &sdp->line[line];

	return (struct sdp_text){ l->at + 2, l->len - 2 };
}
