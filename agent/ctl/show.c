// SPDX-License-Identifier: GPL-2.0
/* The verb "show" of both kinds of objects. */
#include "ctl.h"

/**
 * show_one() - show one object
 * @obj: the object
 * @arg: struct shown
 *
 * Return: 0.
 */
int show_one(const void *obj, void *arg)
{
	struct shown *s = arg;

	if (!s->c->json) {
		s->text(s->c, obj);
		return 0;
	}
	if (s->n++)
		fputs(",\n ", stdout);
	json_object(s->c, s->set, obj, NULL);
	return 0;
}

/**
 * show() - show one object or all
 * @s: their kind
 * @argc: how many words follow the verb
 * @argv: the id, or nothing
 *
 * Return: DONE, REFUSED or USAGE.
 */
int show(struct shown *s, int argc, char **argv)
{
	struct ctl *c = s->c;
	uint32_t id;
	int err;

	if (argc > 1)
		return usage(c, "nothing may follow the ID");
	if (argc && parse_id(c, argv[0], &id))
		return USAGE;
	if (ctl_open(c))
		return REFUSED;
	if (c->json)
		putchar('[');
	err = argc ? s->get(c->h, id, s->obj) : s->dump(c->h, s);
	if (argc && !err)
		show_one(s->obj, s);
	if (c->json)
		puts("]");
	if (err < 0)
		return refused(c);
	if (err)
		say(c,
		    "objects came or went meanwhile; the others were all shown");
	return DONE;
}
