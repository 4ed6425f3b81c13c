// SPDX-License-Identifier: GPL-2.0
/* e2aectl agent: asks e2aed(8) over its control socket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "line.h"

#define SECONDS 15

/**
 * struct table - lines as columns; a column is a name that any line has
 * @lines: the lines
 * @n: how many
 * @room: of @lines
 * @names: of the columns, in the order in which they were met
 * @widths: of the columns
 * @n_names: how many
 */
struct table {
	struct object *lines;
	size_t n;
	size_t room;
	const char **names;
	int *widths;
	size_t n_names;
};

/* What is told when nobody answers at the socket. */
static int unanswered(struct ctl *c, int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		say(c, "no e2aed runs here: nobody answers at %s", c->socket);
		break;
	case EACCES:
	case EPERM:
		say(c, "only root and the user of e2aed may ask at %s",
		    c->socket);
		break;
	default:
		say(c, "e2aed cannot be asked at %s: %s", c->socket,
		    strerror(err));
	}
	return REFUSED;
}

static int ask(struct ctl *c, const char *question, FILE **answer)
{
	const struct timeval limit = { .tv_sec = SECONDS };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char line[64];
	int fd, n;

	if (strlen(c->socket) >= sizeof(un.sun_path))
		return unanswered(c, ENAMETOOLONG);
	strcpy(un.sun_path, c->socket);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return unanswered(c, errno);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	n = snprintf(line, sizeof(line), "%s\n", question);
	if (connect(fd, (void *)&un, sizeof(un)) ||
	    send(fd, line, n, MSG_NOSIGNAL) != n)
		n = -errno;
	*answer = n < 0 ? NULL : fdopen(fd, "r");
	if (*answer)
		return DONE;
	close(fd);
	return unanswered(c, n < 0 ? -n : ENOMEM);
}

static bool table_add(struct table *table, const struct object *line)
{
	struct object *more;

	if (table->n == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		more = realloc(table->lines, table->room * sizeof(*more));
		if (!more)
			return false;
		table->lines = more;
	}
	table->lines[table->n++] = *line;
	return true;
}

static int table_column(struct table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->n_names; i++)
		if (!strcmp(table->names[i], name))
			return i;
	table->names = realloc(table->names, (i + 1) * sizeof(*table->names));
	table->widths =
		realloc(table->widths, (i + 1) * sizeof(*table->widths));
	if (!table->names || !table->widths)
		abort();
	table->names[i] = name;
	table->widths[i] = strlen(name);
	table->n_names++;
	return i;
}

static void table_measure(struct table *table)
{
	const struct pair *pair;
	size_t i, j;
	int at, len;

	for (i = 0; i < table->n; i++) {
		for (j = 0; j < table->lines[i].n; j++) {
			pair = &table->lines[i].pairs[j];
			at = table_column(table, pair->name);
			len = strlen(pair->text);
			if (table->widths[at] < len)
				table->widths[at] = len;
		}
	}
}

/* One line for each: headings, then cells; "-" where there is nothing. */
static void table_print(const struct table *table)
{
	const char *text;
	size_t i, j;

	for (i = 0; table->n && i <= table->n; i++) {
		for (j = 0; j < table->n_names; j++) {
			text = table->names[j];
			if (i)
				text = object_get(&table->lines[i - 1], text);
			if (!text)
				text = "-";
			if (j + 1 < table->n_names)
				printf("%-*s  ", table->widths[j], text);
			else
				puts(text);
		}
	}
}

/* One line for each member: what has but one object reads better so. */
static void table_list(const struct table *table)
{
	const struct pair *pair;
	int width = 0;
	size_t i, j;

	for (i = 0; i < table->n_names; i++)
		if (width < (int)strlen(table->names[i]))
			width = strlen(table->names[i]);
	for (i = 0; i < table->n; i++) {
		for (j = 0; j < table->lines[i].n; j++) {
			pair = &table->lines[i].pairs[j];
			printf("%-*s  %s\n", width, pair->name, pair->text);
		}
	}
}

static void table_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->n; i++)
		object_free(&table->lines[i]);
	free(table->lines);
	free(table->names);
	free(table->widths);
}

/* A line that the agent said; as it is for programs, kept for people. */
static int take(struct ctl *c, struct table *table, const char *line)
{
	struct object object;
	const char *error;

	if (!object_parse(&object, line)) {
		object_free(&object);
		say(c, "what answers at %s is no e2aed", c->socket);
		return REFUSED;
	}
	error = object_get(&object, "error");
	if (error && object.n == 1) {
		say(c, "e2aed says: %s", error);
		object_free(&object);
		return REFUSED;
	}
	if (!c->json && table_add(table, &object))
		return DONE;
	fputs(line, stdout);
	object_free(&object);
	return DONE;
}

static int agent_run(struct ctl *c, const char *question, bool list)
{
	struct table table = { 0 };
	int err, lines = 0;
	char *line = NULL;
	size_t room = 0;
	FILE *answer;

	err = ask(c, question, &answer);
	if (err)
		return err;
	while (!err && getline(&line, &room, answer) > 0) {
		err = take(c, &table, line);
		lines++;
	}
	if (!err && ferror(answer)) {
		say(c, "e2aed did not answer in %d seconds", SECONDS);
		err = REFUSED;
	} else if (!err && !lines && list) {
		say(c,
		    "e2aed closed without an answer: too many ask it, or you may not");
		err = REFUSED;
	}
	free(line);
	fclose(answer);
	table_measure(&table);
	if (list)
		table_list(&table);
	else
		table_print(&table);
	table_free(&table);
	return err;
}

int agent_status(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return agent_run(c, "status", true);
}

int agent_registrations(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return agent_run(c, "registrations", false);
}

int agent_calls(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return agent_run(c, "calls", false);
}

int agent_policy(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return agent_run(c, "policy", false);
}
