// SPDX-License-Identifier: GPL-2.0
/* e2aectl: the table of verbs and what leads to them. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/* clang-format off */
const struct verb verbs[] = {
	{ "sa", "add", "ID", sa_words, ADD, sa_add,
	  "Makes an SA, one direction of SRTP." },
	{ "sa", "set", "ID", sa_words, SET, sa_set,
	  "Changes the limits of an SA." },
	{ "sa", "del", "ID", NULL, 0, sa_del,
	  "Removes an SA that no stream names." },
	{ "sa", "show", "[ID]", NULL, 0, sa_show,
	  "Shows one SA or all; with -s its counters." },
	{ "stream", "add", "ID", stream_words, ADD, stream_add,
	  "Makes a stream between two legs." },
	{ "stream", "set", "ID", stream_words, SET, stream_set,
	  "Changes a stream; SAs are replaced make-before-break." },
	{ "stream", "del", "ID", NULL, 0, stream_del,
	  "Removes a stream." },
	{ "stream", "show", "[ID]", NULL, 0, stream_show,
	  "Shows one stream or all; with -s their counters." },
	{ "stats", NULL, NULL, NULL, 0, stats_run,
	  "Shows the counters of the namespace; with -s also those at zero." },
	{ "monitor", NULL, NULL, NULL, 0, monitor_run,
	  "Shows events as they come, one a line." },
	{ "flush", NULL, NULL, NULL, 0, flush_run,
	  "Removes all streams, then all SAs." },
	{ "agent", "status", NULL, NULL, 0, agent_status,
	  "Shows the state and the counters of e2aed, the P-CSCF." },
	{ "agent", "registrations", NULL, NULL, 0, agent_registrations,
	  "Shows who is registered through e2aed." },
	{ "agent", "calls", NULL, NULL, 0, agent_calls,
	  "Shows the calls of e2aed, and how their media are secured." },
	{ "agent", "policy", NULL, NULL, 0, agent_policy,
	  "Shows the policies of e2aed, in the order in which they count." },
	{ "version", NULL, NULL, NULL, 0, version_run,
	  "Shows the versions of this program and of the module." },
	{ "help", NULL, "[OBJECT [VERB]]", NULL, 0, help_run,
	  "Shows how the verbs are used." },
	{ 0 }
};

/* clang-format on */

/**
 * ctl_open() - connect, once
 * @c: run
 *
 * Return: DONE or REFUSED.
 */
int ctl_open(struct ctl *c)
{
	if (c->h)
		return DONE;
	if (!e2ae_open(&c->h, c->netns))
		return DONE;
	refused(c);
	e2ae_close(c->h);
	c->h = NULL;
	return REFUSED;
}

/**
 * ctl_submit() - ask for a change, now or as part of a batch
 * @c: run
 * @req: the change
 * @id: of its object
 *
 * Return: DONE or REFUSED.
 */
int ctl_submit(struct ctl *c, const struct e2ae_request *req, uint32_t id)
{
	if (ctl_open(c))
		return REFUSED;
	if (c->lines)
		return lines_submit(c, req, id);
	return e2ae_request(c->h, req) ? refused(c) : DONE;
}

static int wrong_verb(struct ctl *c, int argc, char **argv, bool object)
{
	static const struct verb help = { .object = "help",
					  .id = "[OBJECT [VERB]]" };
	const struct verb *v;

	c->verb = NULL;
	if (!object) {
		c->verb = &help;
		return usage(c, "there is no object %s", argv[0]);
	}
	if (argc > 1)
		say(c, "%s has no verb %s", argv[0], argv[1]);
	else
		say(c, "%s needs a verb", argv[0]);
	for (v = verbs; v->object; v++)
		if (!strcmp(v->object, argv[0]))
			usage_print(stderr, v);
	return USAGE;
}

/**
 * ctl_run() - find the verb of a command and do it
 * @c: run
 * @argc: how many words
 * @argv: the command, from its object on
 *
 * Return: DONE, REFUSED or USAGE.
 */
int ctl_run(struct ctl *c, int argc, char **argv)
{
	const struct verb *v;
	bool object = false;
	int skip;

	for (v = verbs; v->object; v++) {
		if (strcmp(v->object, argv[0]))
			continue;
		object = true;
		if (v->name && (argc < 2 || strcmp(v->name, argv[1])))
			continue;
		c->verb = v;
		c->key_file = NULL;
		skip = v->name ? 2 : 1;
		if (argc == skip + 1 && !strcmp(argv[skip], "help")) {
			usage_print(stdout, v);
			return DONE;
		}
		if (!v->id && argc > skip)
			return usage(c, "nothing may follow %s",
				     argv[skip - 1]);
		return v->run(c, argc - skip, argv + skip);
	}
	if (object && argc == 2 && !strcmp(argv[1], "help"))
		return help_run(c, 1, argv);
	return wrong_verb(c, argc, argv, object);
}

static bool is(const char *arg, const char *brief, const char *full)
{
	return !strcmp(arg, brief) || !strcmp(arg, full) ||
	       (arg[0] == '-' && !strcmp(arg + 1, full));
}

/* Takes the options; returns how many words they are, or -1. */
static int take_options(struct ctl *c, int argc, char **argv,
			const char **batch)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (is(argv[i], "-j", "-json")) {
			c->json = true;
		} else if (is(argv[i], "-s", "-statistics")) {
			c->stats = true;
		} else if (is(argv[i], "-f", "-force")) {
			c->force = true;
		} else if (is(argv[i], "-V", "-version")) {
			printf("e2aectl %s\n", E2AE_VERSION);
			exit(DONE);
		} else if (is(argv[i], "-h", "-help")) {
			exit(help_run(c, 0, NULL));
		} else if (i + 1 < argc && is(argv[i], "-b", "-batch")) {
			*batch = argv[++i];
		} else if (i + 1 < argc && is(argv[i], "-n", "-netns")) {
			c->netns = argv[++i];
		} else if (i + 1 < argc && is(argv[i], "-a", "-agent")) {
			c->socket = argv[++i];
		} else {
			say(c, "%s is no option, or its value is missing",
			    argv[i]);
			return -1;
		}
	}
	return i;
}

int main(int argc, char **argv)
{
	const char *batch = NULL;
	struct ctl c = { .socket = AGENT_SOCKET };
	int taken, status;

	signal(SIGPIPE, SIG_DFL);
	taken = take_options(&c, argc, argv, &batch);
	if (taken < 0 || (batch && taken < argc) || (!batch && taken == argc)) {
		if (batch && taken >= 0)
			say(&c, "with -b no command may follow");
		else if (taken >= 0)
			say(&c, "what is to be done?");
		fputs("usage: e2aectl [-j] [-s] [-force] [-n NETNS] [-a SOCKET] OBJECT [VERB] ...\n"
		      "       e2aectl [-j] [-s] [-force] [-n NETNS] [-a SOCKET] -b FILE\n"
		      "       e2aectl help\n",
		      stderr);
		return USAGE;
	}
	status = batch ? batch_run(&c, batch) :
			 ctl_run(&c, argc - taken, argv + taken);
	e2ae_close(c.h);
	if (fflush(stdout) || ferror(stdout)) {
		perror("e2aectl: standard output");
		return REFUSED;
	}
	return status;
}
