// SPDX-License-Identifier: GPL-2.0
/* e2aectl stats, flush and version: the namespace as a whole. */
#include "ctl.h"

int stats_run(struct ctl *c, int argc, char **argv)
{
	struct e2ae_stats stats;

	(void)argc;
	(void)argv;
	if (ctl_open(c))
		return REFUSED;
	if (e2ae_stats_get(c->h, &stats))
		return refused(c);
	if (c->json) {
		json_object(c, &e2ae_stats_set_info, &stats, NULL);
		putchar('\n');
	} else {
		text_counters(&e2ae_stats_set_info, &stats, "", c->stats);
	}
	return DONE;
}

int flush_run(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (ctl_open(c))
		return REFUSED;
	return e2ae_flush(c->h) ? refused(c) : DONE;
}

/* The program's own version is told even if there is no module to ask. */
int version_run(struct ctl *c, int argc, char **argv)
{
	struct e2ae_stats stats = { 0 };
	bool asked;

	(void)argc;
	(void)argv;
	if (!c->json)
		printf("e2aectl %s\n", E2AE_VERSION);
	asked = !ctl_open(c) && (!e2ae_stats_get(c->h, &stats) || !refused(c));
	if (c->json) {
		printf("{\"tool\":");
		json_string(E2AE_VERSION);
		if (asked) {
			printf(",\"module\":");
			json_string(stats.version);
		}
		puts("}");
	} else if (asked) {
		printf("module %s\n", stats.version);
	}
	return asked ? DONE : REFUSED;
}
