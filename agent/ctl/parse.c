// SPDX-License-Identifier: GPL-2.0
/* Words of a command into the structure they describe. */
#include <string.h>

#include "ctl.h"

/**
 * give() - note that an attribute has a value
 * @to: the structure
 * @attr: the attribute
 */
void give(struct place to, unsigned int attr)
{
	*(uint64_t *)to.at |= E2AE_GIVEN(attr);
}

/**
 * parse_id() - the id of an object
 * @c: run
 * @text: of the command, or NULL if it ended before
 * @id: where to put it
 *
 * Return: DONE or USAGE.
 */
int parse_id(struct ctl *c, const char *text, uint32_t *id)
{
	uint64_t n;

	if (!text)
		return usage(c, "the ID is missing");
	if (!number(text, UINT32_MAX, &n) || !n)
		return usage(c, "%s is no ID: a number from 1 to 4294967295",
			     text);
	*id = n;
	return DONE;
}

/* Stores a number in the member of its attribute; its kind is the bound. */
static bool store(struct place to, unsigned int attr, const char *text)
{
	const struct e2ae_field *f = &to.set->fields[attr];
	uint8_t *at = (uint8_t *)to.at + f->offset;
	uint64_t n;

	switch (f->kind) {
	case E2AE_KIND_U8:
		if (!number(text, UINT8_MAX, &n))
			return false;
		*at = n;
		break;
	case E2AE_KIND_U16:
		if (!number(text, UINT16_MAX, &n))
			return false;
		*(uint16_t *)at = n;
		break;
	case E2AE_KIND_U32:
		if (!number(text, UINT32_MAX, &n))
			return false;
		*(uint32_t *)at = n;
		break;
	default:
		if (!number(text, UINT64_MAX, &n))
			return false;
		*(uint64_t *)at = n;
	}
	give(to, attr);
	return true;
}

/**
 * word_number() - a word with a number
 * @c: run
 * @w: the word
 * @to: where it goes
 * @value: the number
 *
 * Return: DONE or USAGE.
 */
int word_number(struct ctl *c, const struct word *w, struct place to,
		const char *value)
{
	if (!store(to, w->attr, value))
		return usage(c, "%s: %s is no number that fits", w->name,
			     value);
	return DONE;
}

/**
 * word_flag() - a word that stands for itself
 * @c: run
 * @w: the word
 * @to: where it goes
 * @value: NULL
 *
 * Return: DONE.
 */
int word_flag(struct ctl *c, const struct word *w, struct place to,
	      const char *value)
{
	(void)c;
	(void)value;
	give(to, w->attr);
	return DONE;
}

/**
 * word_enum() - a word with one of the names of an enumeration
 * @c: run
 * @w: the word
 * @to: where it goes
 * @value: the name
 *
 * Return: DONE or USAGE.
 */
int word_enum(struct ctl *c, const struct word *w, struct place to,
	      const char *value)
{
	const struct e2ae_field *f = &to.set->fields[w->attr];
	uint32_t i;

	for (i = 0; f->values[i]; i++) {
		if (strcmp(f->values[i], value))
			continue;
		*(uint32_t *)((uint8_t *)to.at + f->offset) = i;
		give(to, w->attr);
		return DONE;
	}
	return usage(c, "%s: %s is none of %s", w->name, value, w->value);
}

static const struct word *word_find(const struct verb *v, const char *name)
{
	const struct word *w;

	for (w = v->words; w->name; w++)
		if (w->flags & v->which && !strcmp(w->name, name))
			return w;
	return NULL;
}

/* A leg of the stream that @obj is; the stream then has that leg. */
static struct place leg_place(struct place obj, int side)
{
	unsigned int attr = side == ACCESS ? E2AE_A_STREAM_ACCESS :
					     E2AE_A_STREAM_CORE;
	const struct e2ae_field *f = &obj.set->fields[attr];

	give(obj, attr);
	return (struct place){ f->set, (uint8_t *)obj.at + f->offset };
}

static int word_apply(struct ctl *c, const struct word *w, struct place obj,
		      const char *value)
{
	int side, err = DONE;

	if (w->side == WHOLE)
		return w->parse(c, w, obj, value);
	for (side = ACCESS; side <= CORE && !err; side++)
		if (w->side & side)
			err = w->parse(c, w, leg_place(obj, side), value);
	return err;
}

/*
 * Goes through the words once. Words about both legs are applied in the first
 * pass, so that those about one leg win wherever they stand.
 */
static int pass(struct ctl *c, int argc, char **argv, struct place obj,
		bool general, uint64_t *seen)
{
	const struct word *w;
	const char *value;
	int i, err;
	bool both;

	for (i = 0; i < argc; i++) {
		w = word_find(c->verb, argv[i]);
		if (!w)
			return usage(c, "%s %s has no word %s", c->verb->object,
				     c->verb->name, argv[i]);
		value = w->value ? argv[++i] : NULL;
		if (w->value && i == argc)
			return usage(c, "%s needs a value: %s", w->name,
				     w->value);
		if (general && !(w->flags & MANY) &&
		    *seen & 1ULL << (w - c->verb->words))
			return usage(c, "%s is given twice", w->name);
		*seen |= 1ULL << (w - c->verb->words);
		both = w->side == BOTH;
		if (general != both)
			continue;
		err = word_apply(c, w, obj, value);
		if (err)
			return err;
	}
	return DONE;
}

/**
 * parse_words() - the words of a verb
 * @c: run
 * @argc: how many
 * @argv: after the id
 * @obj: structure they describe
 *
 * Return: DONE, or USAGE or REFUSED having said why.
 */
int parse_words(struct ctl *c, int argc, char **argv, struct place obj)
{
	const struct word *w;
	uint64_t seen = 0;
	int err;

	err = pass(c, argc, argv, obj, true, &seen);
	if (!err)
		err = pass(c, argc, argv, obj, false, &seen);
	if (err)
		return err;
	for (w = c->verb->words; w->name; w++)
		if (c->verb->which == ADD && w->flags & NEEDED &&
		    !(seen & 1ULL << (w - c->verb->words)))
			return usage(c, "%s is missing", w->name);
	if (c->verb->which == SET && !seen)
		return usage(c, "nothing is to be changed");
	return DONE;
}
