// SPDX-License-Identifier: GPL-2.0
/* Edits of lists and parameters, and what comes of it all. */
#include <errno.h>
#include <string.h>

#include "edit.h"
#include "inner.h"
#include "param.h"

/* Takes out the octets of a line from one index up to another. */
static int cut(struct sip_msg *msg, struct sip_at *at, size_t from, size_t to)
{
	struct sdp_text line = msg->line[at->line].head.text;
	int err;

	at->text = sip_part(line, from, to);
	at->from = from;
	err = sip_text_set(msg, at, at->text, (struct sdp_text){ NULL, 0 });
	if (err)
		return err;
	/* Of "a," nothing is left but the empty element after the comma. */
	if (!msg->line[at->line].head.value.len)
		sip_line_remove(msg, at);
	return 0;
}

/**
 * sip_element_remove() - remove an element from its list
 * @msg: the message
 * @at: its place, from sip_element_next(), which may go on after it
 *
 * One comma beside it goes too; with the last element the line goes.
 *
 * Return: 0 or an error.
 */
int sip_element_remove(struct sip_msg *msg, struct sip_at *at)
{
	const struct sip_head_line *head = &msg->line[at->line].head;
	size_t start = head->value.at - head->text.at;
	size_t stop = start + head->value.len;
	size_t from = at->from, to = from + at->text.len;
	bool follows = at->next <= stop;

	if (!at->line || msg->line[at->line].gone)
		return sip_fail(msg, -EINVAL);
	while (from > start && sip_blank(head->text.at[from - 1]))
		from--;
	if (from > start) {
		/* The comma before it. */
		return cut(msg, at, from - 1, to);
	}
	if (!follows) {
		sip_line_remove(msg, at);
		return 0;
	}
	to = sip_skip(head->text, at->next);
	at->next = to;
	return cut(msg, at, from, to);
}

/**
 * sip_list_remove() - remove a word from a list of words
 * @msg: the message
 * @name: name of the header field: Require, Supported, ...
 * @word: the word, in any case
 *
 * Return: how often it was there, or an error.
 */
int sip_list_remove(struct sip_msg *msg, const char *name, const char *word)
{
	struct sip_at at = { 0 };
	int n = 0;
	int err;

	while ((err = sip_element_next(msg, name, &at)) > 0) {
		if (!sip_alike(at.text, sdp_text_of(word)))
			continue;
		err = sip_element_remove(msg, &at);
		if (err)
			return err;
		n++;
	}
	return err ? sip_fail(msg, err) : n;
}

/* The parameters of a value or an element. */
static int param_text(struct sdp_text text, char mark, struct sdp_text *params)
{
	struct sip_auth auth;
	ssize_t at;

	if (mark == SIP_PARAM_COMMA) {
		if (sip_auth_parse(text, &auth))
			return -EBADMSG;
		*params = auth.params;
		return 0;
	}
	at = sip_until(text, 0, ';');
	if (at < 0)
		return -EBADMSG;
	*params = sip_part(text, at, text.len);
	return 0;
}

/* Takes out the first parameter of that name: 1, or 0 if there is none. */
static int remove_one(struct sip_msg *msg, struct sip_at *at, char mark,
		      const char *name)
{
	struct sip_param param = { 0 };
	struct sdp_text params, gone;
	size_t before = 0;
	int found;

	found = param_text(at->text, mark, &params);
	if (found)
		return found;
	/* The last call for a name reads all of them, so none goes unchecked. */
	while ((found = sip_param_next(params, mark, &param)) > 0 &&
	       !sip_alike(param.name, sdp_text_of(name)))
		before = param.at;
	if (found <= 0)
		return found;
	gone = sip_part(params, before, param.at);
	/* The white space before the separator goes with it. */
	while (mark == SIP_PARAM_SEMI && gone.at > at->text.at &&
	       sip_blank(gone.at[-1])) {
		gone.at--;
		gone.len++;
	}
	/* Of the first in a list the comma after it goes. */
	if (mark == SIP_PARAM_COMMA && !before && param.at < params.len) {
		param.at = sip_skip(params, param.at);
		if (param.at < params.len)
			param.at = sip_skip(params, param.at + 1);
		gone = sip_part(params, 0, param.at);
	}
	found = sip_text_set(msg, at, gone, (struct sdp_text){ NULL, 0 });
	return found ? found : 1;
}

static int remove_param(struct sip_msg *msg, struct sip_at *at, char mark,
			const char *name)
{
	int n = 0;
	int found;

	while ((found = remove_one(msg, at, mark, name)) > 0)
		n++;
	return found ? sip_fail(msg, found) : n;
}

/* Octets of a parameter that is set, with its name and separator. */
#define SIP_PARAM_ROOM 512

/* "name=value" instead of what is there, or after everything. */
static int set_param(struct sip_msg *msg, struct sip_at *at, char mark,
		     const char *name, const char *value)
{
	struct sip_param param = { 0 };
	struct sdp_text params, old;
	char text[SIP_PARAM_ROOM];
	size_t used = 0;
	int found;

	found = param_text(at->text, mark, &params);
	if (!found)
		found = sip_param_find(params, mark, name, &param);
	if (found < 0)
		return sip_fail(msg, found);
	old = found ? param.whole : sip_part(params, params.len, params.len);
	if (!found && mark == SIP_PARAM_SEMI)
		sdp_text_put(sdp_text_of(";"), text, sizeof(text), &used);
	else if (!found)
		sdp_text_put(sdp_text_of(params.len ? ", " : " "), text,
			     sizeof(text), &used);
	sdp_text_put(found ? param.name : sdp_text_of(name), text, sizeof(text),
		     &used);
	if (value) {
		sdp_text_put(sdp_text_of("="), text, sizeof(text), &used);
		sdp_text_put(sdp_text_of(value), text, sizeof(text), &used);
	}
	if (used > sizeof(text))
		return sip_fail(msg, -ENOSPC);
	return sip_text_set(msg, at, old, (struct sdp_text){ text, used });
}

/**
 * sip_param_set() - set a parameter of a header field
 * @msg: the message
 * @at: a line or an element
 * @name: name of the parameter
 * @value: its value, with quotes if it needs them; NULL for none
 *
 * Return: 0 or an error.
 */
int sip_param_set(struct sip_msg *msg, struct sip_at *at, const char *name,
		  const char *value)
{
	return set_param(msg, at, SIP_PARAM_SEMI, name, value);
}

/**
 * sip_param_remove() - remove a parameter of a header field
 * @msg: the message
 * @at: a line or an element
 * @name: name of the parameter
 *
 * Return: how often it was there, or an error.
 */
int sip_param_remove(struct sip_msg *msg, struct sip_at *at, const char *name)
{
	return remove_param(msg, at, SIP_PARAM_SEMI, name);
}

/**
 * sip_auth_set() - set a parameter of a challenge or of credentials
 * @msg: the message
 * @at: a line, as of Authorization
 * @name: name of the parameter
 * @value: its value, with quotes if it needs them
 *
 * Return: 0 or an error.
 */
int sip_auth_set(struct sip_msg *msg, struct sip_at *at, const char *name,
		 const char *value)
{
	return set_param(msg, at, SIP_PARAM_COMMA, name, value);
}

/**
 * sip_auth_remove() - remove a parameter of a challenge or of credentials
 * @msg: the message
 * @at: a line, as of WWW-Authenticate
 * @name: name of the parameter; all of that name go
 *
 * A line that is not well formed fails: whoever reads it otherwise could find
 * what was to be removed.
 *
 * Return: how often it was there, or an error.
 */
int sip_auth_remove(struct sip_msg *msg, struct sip_at *at, const char *name)
{
	return remove_param(msg, at, SIP_PARAM_COMMA, name);
}
