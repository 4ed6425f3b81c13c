/* SPDX-License-Identifier: GPL-2.0 */
/* A line of JSON, one object, as names and texts. */
#ifndef E2AE_CTL_LINE_H
#define E2AE_CTL_LINE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct pair - a member of an object
 * @name: what it is called
 * @text: its value for people
 */
struct pair {
	char *name;
	char *text;
};

/**
 * struct object - a line
 * @pairs: its members, in their order
 * @n: how many
 * @room: of @pairs
 */
struct object {
	struct pair *pairs;
	size_t n;
	size_t room;
};

bool object_parse(struct object *object, const char *line);
const char *object_get(const struct object *object, const char *name);
void object_free(struct object *object);

#endif
