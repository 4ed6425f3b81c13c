// SPDX-License-Identifier: GPL-2.0
/* What e2aectl says when something is wrong, and its help. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define COLUMNS 79

static void vsay(const struct ctl *c, const char *format, va_list args)
{
	fflush(stdout);
	fputs("e2aectl: ", stderr);
	if (c->lines)
		lines_where(c->lines, stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

/**
 * say() - one sentence on standard error, with the line of a batch
 * @c: run
 * @format: the sentence
 */
void say(const struct ctl *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(c, format, args);
	va_end(args);
}

/**
 * refused() - say why the library failed
 * @c: run
 *
 * Return: REFUSED.
 */
int refused(struct ctl *c)
{
	say(c, "%s", e2ae_error(c->h));
	return REFUSED;
}

/**
 * usage() - say what is wrong with the command, and how the verb is used
 * @c: run
 * @format: the sentence
 *
 * Return: USAGE.
 */
int usage(struct ctl *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(c, format, args);
	va_end(args);
	if (c->verb)
		usage_print(stderr, c->verb);
	return USAGE;
}

/* Prints a piece of a usage line, on a new line if this one is full. */
static int piece(FILE *out, int column, const char *text)
{
	int len = strlen(text);

	if (column + 1 + len > COLUMNS)
		column = fprintf(out, "\n               ") - 1;
	return column + fprintf(out, " %s", text);
}

static int word_piece(FILE *out, int column, const struct verb *v,
		      const struct word *w)
{
	bool needed = w->flags & NEEDED && v->which == ADD;
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s%s%s%s", needed ? "" : "[", w->name,
		 w->value ? " " : "", w->value ? w->value : "",
		 needed ? "" : "]", w->flags & MANY ? "..." : "");
	return piece(out, column, text);
}

/**
 * usage_print() - how a verb is used
 * @out: where to
 * @v: the verb
 */
void usage_print(FILE *out, const struct verb *v)
{
	const struct word *w;
	int column = fprintf(out, "usage: e2aectl %s", v->object);

	if (v->name)
		column = piece(out, column, v->name);
	if (v->id)
		column = piece(out, column, v->id);
	for (w = v->words; w && w->name; w++)
		if (w->flags & v->which)
			column = word_piece(out, column, v, w);
	fputc('\n', out);
}

static void words_of(const struct verb *v)
{
	const struct e2ae_suite_info *suite;
	const struct word *w;
	uint32_t i;

	printf("%s %s %s", v->object, v->name ? v->name : "-",
	       v->id ? v->id : "-");
	for (w = v->words; w && w->name; w++) {
		if (!(w->flags & v->which))
			continue;
		printf(" %s", w->name);
		if (!w->value)
			continue;
		if (strcmp(w->value, "SUITE")) {
			printf("=%s", w->value);
			continue;
		}
		for (i = 1; (suite = e2ae_suite_by_id(i)); i++)
			printf("%c%s", i == 1 ? '=' : '|', suite->name);
	}
	putchar('\n');
}

static const char options[] =
	"usage: e2aectl [OPTION]... OBJECT [VERB] [ID] [WORD VALUE]...\n"
	"       e2aectl [OPTION]... -b FILE\n"
	"\n"
	"  -j        machine-readable output (JSON)\n"
	"  -s        with counters\n"
	"  -b FILE   read commands from FILE, one a line; - is standard input\n"
	"  -force    a batch goes on after a line that failed\n"
	"  -n NETNS  in that network namespace\n"
	"  -a SOCKET ask the e2aed that answers there\n"
	"  -V        version of this program\n"
	"  -h        this text\n";

/**
 * help_run() - the verb "help"
 * @c: run
 * @argc: how many words follow
 * @argv: object, or "words" for the table that completion reads, or nothing;
 *   and verb, or nothing
 *
 * Return: DONE, or USAGE if there is no such object or verb.
 */
int help_run(struct ctl *c, int argc, char **argv)
{
	bool words = argc && !strcmp(argv[0], "words");
	const struct verb *v;
	int found = 0;

	if (argc > 2)
		return usage(c, "help takes an object and a verb");
	if (!argc)
		fputs(options, stdout);
	for (v = verbs; v->object; v++) {
		if (argc && !words && strcmp(argv[0], v->object))
			continue;
		if (argc > 1 && (!v->name || strcmp(argv[1], v->name)))
			continue;
		if (words) {
			words_of(v);
		} else {
			if (!argc || found)
				putchar('\n');
			usage_print(stdout, v);
			printf("       %s\n", v->about);
		}
		found++;
	}
	return found ? DONE :
		       usage(c, "there is no %s %s", argv[0],
			     argc > 1 ? argv[1] : "here");
}
