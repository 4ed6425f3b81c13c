// SPDX-License-Identifier: GPL-2.0
/* What the operator is shown: JSON, one object a line, never a key. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "inner.h"

/* The end stays free for what closes the object. */
#define ROOM (sizeof(((struct tell *)NULL)->text) - 2)

static void put(struct tell *tell, const char *text, size_t len)
{
	if (len > ROOM - tell->used)
		len = ROOM - tell->used;
	memcpy(tell->text + tell->used, text, len);
	tell->used += len;
}

static void put_word(struct tell *tell, const char *word)
{
	put(tell, word, strlen(word));
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Peers choose these texts, so any octet may be in them. */
static void put_string(struct tell *tell, const char *text)
{
	char escaped[8];
	size_t plain;

	put_word(tell, "\"");
	while (*text) {
		for (plain = 0; is_plain(text[plain]); plain++)
			;
		put(tell, text, plain);
		text += plain;
		if (!*text)
			break;
		if (*text == '"' || *text == '\\')
			snprintf(escaped, sizeof(escaped), "\\%c", *text);
		else
			snprintf(escaped, sizeof(escaped), "\\u%04x",
				 (unsigned char)*text);
		put_word(tell, escaped);
		text++;
	}
	put_word(tell, "\"");
}

static void put_name(struct tell *tell, const char *name)
{
	if (tell->used > 1)
		put_word(tell, ",");
	put_string(tell, name);
	put_word(tell, ":");
}

/* A member that does not fit whole is left out. */
static bool begin_member(struct tell *tell, const char *name, size_t octets)
{
	if (tell->used + strlen(name) + octets + 8 > ROOM)
		return false;
	put_name(tell, name);
	return true;
}

/**
 * tell_begin() - begin an object
 * @tell: the line
 */
void tell_begin(struct tell *tell)
{
	tell->used = 0;
	put_word(tell, "{");
}

/**
 * tell_string() - add a text
 * @tell: the line
 * @name: of the member
 * @value: any octets
 */
void tell_string(struct tell *tell, const char *name, const char *value)
{
	if (begin_member(tell, name, 6 * strlen(value)))
		put_string(tell, value);
}

/**
 * tell_number() - add a number
 * @tell: the line
 * @name: of the member
 * @value: the number
 */
void tell_number(struct tell *tell, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	if (begin_member(tell, name, sizeof(text)))
		put_word(tell, text);
}

/**
 * tell_flag() - add true or false
 * @tell: the line
 * @name: of the member
 * @value: which
 */
void tell_flag(struct tell *tell, const char *name, bool value)
{
	if (begin_member(tell, name, 5))
		put_word(tell, value ? "true" : "false");
}

/**
 * tell_end() - end the object and hand the line on
 * @tell: the line
 * @line: who gets it
 * @arg: its first argument
 */
void tell_end(struct tell *tell, edge_line *line, void *arg)
{
	tell->text[tell->used++] = '}';
	tell->text[tell->used] = 0;
	line(arg, tell->text);
}
