// SPDX-License-Identifier: GPL-2.0
/*
 * e2aectl -b: commands from a file. Runs of adds travel in chunks. When one of
 * a chunk is refused, the kernel has already done the ones after it; these are
 * undone, so that nothing behind the line at fault has happened. With -force
 * every change travels in chunks and nothing is undone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define MAX_WORDS 192
#define MAX_CHUNK 256 /* more than libe2ae sends at a time */

/* A request that is on its way. */
struct item {
	uint32_t id;
	unsigned long line;
	enum e2ae_cmd cmd;
	bool failed;
};

/**
 * struct lines - a batch that is being read
 * @name: of the file
 * @from_stdin: it is standard input
 * @line: number of the line at hand
 * @batch: requests on their way; NULL until the first
 * @base: index in @batch of the first of @items
 * @items: not yet known to be done
 * @n: how many
 * @failed: lines that failed
 * @over: what is pending must not be sent any more
 * @c: run
 */
struct lines {
	const char *name;
	bool from_stdin;
	unsigned long line;
	struct e2ae_batch *batch;
	size_t base;
	struct item items[MAX_CHUNK];
	size_t n;
	unsigned long failed;
	bool over;
	struct ctl *c;
};

/**
 * lines_where() - print the line at hand
 * @l: batch
 * @out: where to
 */
void lines_where(const struct lines *l, FILE *out)
{
	fprintf(out, "%s:%lu: ", l->name, l->line);
}

/**
 * lines_from_stdin() - whether the commands come from standard input
 * @l: batch
 *
 * Return: whether.
 */
bool lines_from_stdin(const struct lines *l)
{
	return l->from_stdin;
}

static void item_failed(size_t index, int error, const char *why, void *arg)
{
	struct lines *l = arg;
	struct item *item = &l->items[index - l->base];
	unsigned long line = l->line;
	bool first = !l->failed;

	(void)error;
	item->failed = true;
	l->failed++;
	if (!first && !l->c->force)
		return; /* undone with what follows the first */
	l->line = item->line;
	say(l->c, "%s", why);
	l->line = line;
}

/* Undoes what was done behind the first failure, last first. */
static int undo(struct lines *l, size_t done)
{
	size_t first = 0, i;
	int err;

	while (first < done && !l->items[first].failed)
		first++;
	for (i = done; i-- > first + 1;) {
		if (l->items[i].failed)
			continue;
		l->line = l->items[i].line;
		err = l->items[i].cmd == E2AE_CMD_SA_NEW ?
			      e2ae_sa_del(l->c->h, l->items[i].id) :
			      e2ae_stream_del(l->c->h, l->items[i].id);
		if (err)
			say(l->c, "cannot be undone: %s", e2ae_error(l->c->h));
	}
	return REFUSED;
}

/* Takes stock of what the library has sent: all but the pending. */
static int settle(struct lines *l, int sent)
{
	size_t pending = e2ae_batch_pending(l->batch);
	size_t done = l->n - pending;
	int status = DONE;

	if (sent < 0) {
		l->over = true;
		return refused(l->c);
	}
	if (sent && !l->c->force) {
		l->over = true;
		status = undo(l, done);
	}
	memmove(l->items, l->items + done, pending * sizeof(l->items[0]));
	l->base += done;
	l->n = pending;
	return status;
}

static int commit(struct lines *l)
{
	return l->n ? settle(l, e2ae_batch_commit(l->batch)) : DONE;
}

/**
 * lines_submit() - a request of a batch
 * @c: run
 * @req: the request
 * @id: of its object
 *
 * Return: DONE, also if it is only on its way, or REFUSED.
 */
int lines_submit(struct ctl *c, const struct e2ae_request *req, uint32_t id)
{
	bool add = req->cmd == E2AE_CMD_SA_NEW ||
		   req->cmd == E2AE_CMD_STREAM_NEW;
	struct lines *l = c->lines;

	if (!add && !c->force) {
		if (commit(l))
			return REFUSED;
		return e2ae_request(c->h, req) ? refused(c) : DONE;
	}
	if (!l->batch && e2ae_batch_new(&l->batch, c->h, item_failed, l))
		return refused(c);
	l->items[l->n++] =
		(struct item){ .id = id, .line = l->line, .cmd = req->cmd };
	return settle(l, e2ae_batch_add(l->batch, req));
}

/* Splits a line at white space; a # begins a comment. Returns -1 if too long. */
static int split(char *text, char **argv)
{
	int n = 0;
	char *word;

	while ((word = strsep(&text, " \t\r\n"))) {
		if (!*word)
			continue;
		if (*word == '#')
			break;
		if (n == MAX_WORDS)
			return -1;
		argv[n++] = word;
	}
	return n;
}

/* Verbs that change nothing by themselves must see what came before. */
static bool travels(int argc, char **argv)
{
	return argc > 1 &&
	       (!strcmp(argv[0], "sa") || !strcmp(argv[0], "stream")) &&
	       strcmp(argv[1], "show");
}

static int run_line(struct lines *l, char *text)
{
	char *argv[MAX_WORDS];
	int argc = split(text, argv);

	if (argc < 0) {
		say(l->c, "the line has more than %d words", MAX_WORDS);
		return USAGE;
	}
	if (!argc)
		return DONE;
	if (!travels(argc, argv) && commit(l))
		return REFUSED;
	return ctl_run(l->c, argc, argv);
}

static int run_lines(struct lines *l, FILE *in)
{
	int status, worst = DONE;
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, in) >= 0) {
		l->line++;
		status = run_line(l, text);
		if (status && !worst)
			worst = status;
		if (status && !l->c->force)
			break;
	}
	free(text);
	/* A line that cannot be done does not undo those before it. */
	if (!l->over) {
		status = commit(l);
		worst = status ? status : worst;
	}
	return worst ? worst : l->failed ? REFUSED : DONE;
}

/**
 * batch_run() - run commands from a file
 * @c: run
 * @path: of the file; - is standard input
 *
 * Return: DONE; REFUSED or USAGE of the first line that failed.
 */
int batch_run(struct ctl *c, const char *path)
{
	struct lines *l = calloc(1, sizeof(*l));
	bool from_stdin = !strcmp(path, "-");
	FILE *in = from_stdin ? stdin : fopen(path, "re");
	int status = REFUSED;

	if (!l || !in) {
		say(c, "cannot open %s: %s", path, strerror(errno));
		goto out;
	}
	l->name = from_stdin ? "standard input" : path;
	l->from_stdin = from_stdin;
	l->c = c;
	c->lines = l;
	status = run_lines(l, in);
	e2ae_batch_free(l->batch);
	key_forget();
out:
	if (in && !from_stdin)
		fclose(in);
	c->lines = NULL;
	free(l);
	return status;
}
