// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what e2aed(8) tells. Texts are what peers of the agent said, so nothing
 * of them but visible ASCII reaches a terminal.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

static void blanks(const char **at)
{
	*at += strspn(*at, " \t\r\n");
}

/* Octets of a text that grows. */
struct text {
	char *octets;
	size_t n;
	size_t room;
};

static bool text_add(struct text *text, char c)
{
	char *more;

	if (text->n + 1 >= text->room) {
		text->room = text->room ? 2 * text->room : 32;
		more = realloc(text->octets, text->room);
		if (!more)
			return false;
		text->octets = more;
	}
	text->octets[text->n++] = c;
	text->octets[text->n] = '\0';
	return true;
}

static bool escape(const char **at, char *c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/?????";
	const char *which;
	char hex[5] = "";
	long code;

	if (**at == 'u') {
		if (strspn(*at + 1, "0123456789abcdefABCDEF") < 4)
			return false;
		memcpy(hex, *at + 1, 4);
		code = strtol(hex, NULL, 16);
		*c = code < 0x80 && isprint(code) ? code : '?';
		*at += 5;
		return true;
	}
	which = **at ? strchr(from, **at) : NULL;
	if (!which)
		return false;
	*c = to[which - from];
	(*at)++;
	return true;
}

/* A string, from its first quote to behind its last. */
static bool string(const char **at, struct text *text)
{
	char c;

	if (*(*at)++ != '"')
		return false;
	while (**at != '"') {
		c = *(*at)++;
		if (!c || (c == '\\' && !escape(at, &c)))
			return false;
		if (!text_add(text, isprint((unsigned char)c) ? c : '?'))
			return false;
	}
	(*at)++;
	return true;
}

/* A list or an object within: its items with commas, without its brackets. */
static bool nested(const char **at, struct text *text)
{
	int depth = 0;
	char c;

	do {
		c = **at;
		if (c == '"') {
			if (!string(at, text))
				return false;
			continue;
		}
		if (!c)
			return false;
		(*at)++;
		if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}')
			depth--;
		if ((depth > 1 || (c != '[' && c != '{')) && depth > 0 &&
		    !text_add(text, isprint((unsigned char)c) ? c : '?'))
			return false;
	} while (depth);
	return true;
}

static bool value(const char **at, struct text *text)
{
	if (**at == '"')
		return string(at, text);
	if (**at == '[' || **at == '{')
		return nested(at, text);
	while (isalnum((unsigned char)**at) || (**at && strchr("+-.", **at)))
		if (!text_add(text, *(*at)++))
			return false;
	return text->n;
}

static bool pair_add(struct object *object, struct text *name,
		     struct text *text)
{
	struct pair *more;

	if (object->n == object->room) {
		object->room = object->room ? 2 * object->room : 16;
		more = realloc(object->pairs, object->room * sizeof(*more));
		if (!more)
			return false;
		object->pairs = more;
	}
	object->pairs[object->n++] =
		(struct pair){ name->octets, text->octets };
	return true;
}

/* "name": value. An empty text is there too. */
static bool pair(struct object *object, const char **at)
{
	struct text name = { 0 }, text = { 0 };

	blanks(at);
	if (!string(at, &name) || !name.n)
		goto bad;
	blanks(at);
	if (*(*at)++ != ':')
		goto bad;
	blanks(at);
	if (!value(at, &text))
		goto bad;
	blanks(at);
	if ((!text.octets && !text_add(&text, '-')) ||
	    !pair_add(object, &name, &text))
		goto bad;
	return true;
bad:
	free(name.octets);
	free(text.octets);
	return false;
}

/**
 * object_parse() - read a line
 * @object: to be filled; free it in any case
 * @line: the line
 *
 * Return: whether it is one JSON object.
 */
bool object_parse(struct object *object, const char *line)
{
	const char *at = line;

	*object = (struct object){ 0 };
	blanks(&at);
	if (*at++ != '{')
		return false;
	blanks(&at);
	if (*at == '}') {
		at++;
	} else {
		do {
			if (!pair(object, &at))
				return false;
		} while (*at++ == ',');
		if (at[-1] != '}')
			return false;
	}
	blanks(&at);
	return !*at;
}

/**
 * object_get() - a member
 * @object: the line
 * @name: of the member
 *
 * Return: its text, or NULL if there is no such member.
 */
const char *object_get(const struct object *object, const char *name)
{
	size_t i;

	for (i = 0; i < object->n; i++)
		if (!strcmp(object->pairs[i].name, name))
			return object->pairs[i].text;
	return NULL;
}

/**
 * object_free() - forget a line
 * @object: the line
 */
void object_free(struct object *object)
{
	size_t i;

	for (i = 0; i < object->n; i++) {
		free(object->pairs[i].name);
		free(object->pairs[i].text);
	}
	free(object->pairs);
	*object = (struct object){ 0 };
}
