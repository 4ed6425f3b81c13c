// SPDX-License-Identifier: GPL-2.0
/* Edits of lines and attributes. */
#include <errno.h>
#include <string.h>

#include "sdp.h"

/*
 * Puts pieces together in the room for new text. An edit without room leaves
 * the description half edited, so it is never written out.
 */
static int join(struct sdp *sdp, const struct sdp_text *piece, size_t n,
		struct sdp_text *out)
{
	size_t i, total = 0;

	for (i = 0; i < n; i++)
		total += piece[i].len;
	if (total > SDP_ROOM - sdp->used) {
		sdp->error = -ENOSPC;
		return -ENOSPC;
	}
	out->at = sdp->room + sdp->used;
	out->len = total;
	for (i = 0; i < n; i++) {
		if (piece[i].len)
			memcpy(sdp->room + sdp->used, piece[i].at,
			       piece[i].len);
		sdp->used += piece[i].len;
	}
	return 0;
}

/**
 * sdp_splice() - replace a part of a line
 * @sdp: the description
 * @line: index
 * @old: the part, a text inside the line as it is now
 * @text: what stands there afterwards
 *
 * Return: 0; -EINVAL if @text is not clean; -ENOSPC.
 */
int sdp_splice(struct sdp *sdp, int line, struct sdp_text old,
	       struct sdp_text text)
{
	struct sdp_line *l = &sdp->line[line];
	struct sdp_text piece[3], whole;
	int err;

	if (!sdp_text_clean(text))
		return -EINVAL;
	piece[0] = (struct sdp_text){ l->at, old.at - l->at };
	piece[1] = text;
	piece[2].at = old.at + old.len;
	piece[2].len = l->at + l->len - piece[2].at;
	err = join(sdp, piece, ARRAY_SIZE(piece), &whole);
	if (err)
		return err;
	l->at = whole.at;
	l->len = whole.len;
	return 0;
}

/* Puts a line whose text is in the room after another one. */
static int link_line(struct sdp *sdp, int after, struct sdp_text text)
{
	struct sdp_line *old = &sdp->line[after], *line;
	struct sdp_section *section = &sdp->section[old->media];

	if (sdp->n_added == SDP_ADDED_MAX) {
		sdp->error = -ENOSPC;
		return -ENOSPC;
	}
	line = &sdp->line[sdp->n_lines];
	memset(line, 0, sizeof(*line));
	line->at = text.at;
	line->len = text.len;
	line->type = text.at[0];
	line->media = old->media;
	line->next = old->next;
	if (!old->end)
		old->end = sdp->end;
	line->end = old->end;
	old->next = sdp->n_lines;
	if (section->last == after)
		section->last = sdp->n_lines;
	sdp->n_added++;
	return sdp->n_lines++;
}

/**
 * sdp_insert() - put a line after another one
 * @sdp: the description
 * @after: index of the line before it, also a deleted one
 * @text: the new line without its ending, copied
 *
 * The line belongs to the same level and ends as its neighbour does. A
 * neighbour at the end of the body that lacks its ending gets one.
 *
 * Return: index of the new line; -EINVAL if @text is not clean, is no
 * "x=..." or would begin another level; -ENOSPC.
 */
int sdp_insert(struct sdp *sdp, int after, struct sdp_text text)
{
	struct sdp_text copy;
	int err;

	if (!sdp_text_clean(text) || text.len < 2 || text.at[1] != '=' ||
	    text.at[0] == 'm')
		return -EINVAL;
	err = join(sdp, &text, 1, &copy);
	return err ? err : link_line(sdp, after, copy);
}

/**
 * sdp_delete() - take a line out
 * @sdp: the description
 * @line: index; not of an m-line
 *
 * SDP knows no folded lines. Lines after it that begin with a blank go too,
 * lest the rest of a key stays behind.
 */
void sdp_delete(struct sdp *sdp, int line)
{
	unsigned int media = sdp->line[line].media;
	const struct sdp_line *l;

	sdp->line[line].gone = true;
	for (;;) {
		line = sdp_line_next(sdp, media, line, 0);
		if (line < 0)
			return;
		l = &sdp->line[line];
		if (!l->len || (l->at[0] != ' ' && l->at[0] != '\t'))
			return;
		sdp->line[line].gone = true;
	}
}

/* Index of the last line of a level; empty ones at its end do not count. */
static int last_line(const struct sdp *sdp, unsigned int media)
{
	int line = -1, last = -1;

	while ((line = sdp_line_next(sdp, media, line, 0)) >= 0)
		if (sdp->line[line].len)
			last = line;
	return last;
}

/* Writes "a=name:value" into the room, "a=name" without a value. */
static int compose(struct sdp *sdp, const char *name, struct sdp_text value,
		   struct sdp_text *line)
{
	struct sdp_text piece[] = {
		sdp_text_of("a="),
		sdp_text_of(name),
		sdp_text_of(value.at ? ":" : NULL),
		value,
	};

	if (!piece[1].len || !sdp_text_clean(piece[1]) ||
	    !sdp_text_clean(value))
		return -EINVAL;
	return join(sdp, piece, ARRAY_SIZE(piece), line);
}

/**
 * sdp_add() - add an attribute at the end of a level
 * @sdp: the description
 * @media: level
 * @name: its name
 * @value: its value, copied; without text (@at NULL) it has none
 *
 * Attributes added one after the other stand in that order.
 *
 * Return: 0; -ENOENT if there is no such level; -EINVAL if name or value are
 * not clean; -ENOSPC.
 */
int sdp_add(struct sdp *sdp, unsigned int media, const char *name,
	    struct sdp_text value)
{
	int last = last_line(sdp, media), err;
	struct sdp_text line;

	if (last < 0)
		return -ENOENT;
	err = compose(sdp, name, value, &line);
	if (err)
		return err;
	err = link_line(sdp, last, line);
	return err < 0 ? err : 0;
}

/**
 * sdp_set() - an attribute shall be there exactly once, with this value
 * @sdp: the description
 * @media: level
 * @name: its name
 * @value: its value, as for sdp_add()
 *
 * The first one is replaced where it stands, others of its name go. If there is
 * none it is added.
 *
 * Return: as sdp_add().
 */
int sdp_set(struct sdp *sdp, unsigned int media, const char *name,
	    struct sdp_text value)
{
	struct sdp_attr attr = SDP_FIRST;
	struct sdp_text line;
	int first, err;

	if (!sdp_attr_next(sdp, media, name, &attr))
		return sdp_add(sdp, media, name, value);
	first = attr.line;
	err = compose(sdp, name, value, &line);
	if (err)
		return err;
	while (sdp_attr_next(sdp, media, name, &attr))
		sdp_delete(sdp, attr.line);
	sdp->line[first].at = line.at;
	sdp->line[first].len = line.len;
	return 0;
}

/* Is this attribute, or the one that it negotiates (RFC 5939, 3.3.2)? */
static bool is_named(const struct sdp *sdp, int line, const char *name)
{
	struct sdp_text found = sdp_attr_name(sdp, line), rest, word;

	if (!sdp_text_is(found, "acap"))
		return sdp_text_is(found, name);
	sdp_text_cut(sdp_line_value(sdp, line), ':', &found, &rest);
	sdp_text_word(&rest, &word);
	sdp_text_cut(rest, ':', &word, &rest);
	return sdp_text_is(sdp_text_trim(word), name);
}

static int remove_at(struct sdp *sdp, unsigned int media, const char *name)
{
	int line = -1, n = 0;

	while ((line = sdp_line_next(sdp, media, line, 'a')) >= 0) {
		if (!is_named(sdp, line, name))
			continue;
		sdp_delete(sdp, line);
		n++;
	}
	return n;
}

/**
 * sdp_remove() - take all attributes of a name out
 * @sdp: the description
 * @media: level, or SDP_EVERY for all of them
 * @name: their name
 *
 * Those hidden in a=acap capabilities (RFC 5939) go too.
 *
 * Return: how many there were.
 */
int sdp_remove(struct sdp *sdp, unsigned int media, const char *name)
{
	unsigned int i;
	int n = 0;

	if (media != SDP_EVERY)
		return remove_at(sdp, media, name);
	for (i = 0; i <= sdp->n_media; i++)
		n += remove_at(sdp, i, name);
	return n;
}
