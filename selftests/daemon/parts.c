// SPDX-License-Identifier: GPL-2.0
/* One call of a part of the daemon for each run; the tests read what it says. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/config.h"
#include "../../agent/journal.h"
#include "../../agent/metrics.h"

static void say_side(const struct config_side *side)
{
	size_t i;

	printf("side %s listen %zu protected %d ports %u-%u network %s",
	       side->name, side->n_listen, side->protected, side->media.first,
	       side->media.last, side->network_id ? side->network_id : "-");
	for (i = 0; i < side->n_listen; i++)
		printf(" %d/%d/%u", side->listen[i].kind,
		       side->listen[i].addr.sa.sa_family == AF_INET6 ? 6 : 4,
		       net_addr_port(&side->listen[i].addr));
	putchar('\n');
}

/* config FILE */
static int run_config(char **argv)
{
	struct config *config;
	char why[256];
	size_t i;

	if (config_read(&config, argv[0], why, sizeof(why))) {
		puts(why);
		return 1;
	}
	printf("domain %s next-hop %s peers %zu t1 %u lab %d user %s ",
	       config->domain, config->next_hop ? config->next_hop : "-",
	       config->n_peers, config->t1, config->lab,
	       config->user ? config->user : "-");
	printf("control %s state %s level %d\n",
	       config->control ? config->control : "-",
	       config->state_dir ? config->state_dir : "-", config->log_level);
	for (i = 0; i < config->n_access; i++)
		say_side(&config->access[i]);
	say_side(&config->core);
	config_free(config);
	return 0;
}

/* policy FILE ACCESS SUBSCRIBER */
static int run_policy(char **argv)
{
	const struct policy *rule;
	struct config *config;
	char why[256];
	size_t i;

	if (config_read(&config, argv[0], why, sizeof(why))) {
		puts(why);
		return 1;
	}
	rule = policy_find(config->policies, argv[1], argv[2]);
	printf("%s %s %s", rule->name, policy_mode_name(rule->originating),
	       policy_mode_name(rule->terminating));
	for (i = 0; i < rule->n_profiles; i++)
		printf(" %s", policy_profile_name(rule->profiles[i]));
	for (i = 0; i < rule->n_suites; i++)
		printf(" %u", rule->suites[i]);
	printf(" %d%d%d%d%d\n", rule->indicator, rule->e2e_pass,
	       rule->e2e_enough, rule->retry_plain, rule->same_key);
	config_free(config);
	return 0;
}

/* log TEXT NUMBER */
static int run_log(char **argv)
{
	long n = atol(argv[1]);

	log_event(LOG_LEVEL_DEBUG, NULL, "never.told", "text=%s", argv[0]);
	log_event(LOG_LEVEL_INFO, argv[0], "test.text", "text=%s sum=%ld",
		  argv[0], n);
	log_event(LOG_LEVEL_ERROR, NULL, "test.part",
		  "text=%.*s hex=%08x size=%zu big=%lld percent=%% char=%c", 3,
		  argv[0], 0xabcu, (size_t)7, -1LL, '\n');
	log_event(LOG_LEVEL_NOTICE, NULL, "test.none", NULL);
	log_sentence(LOG_LEVEL_WARNING, "test.sentence", argv[0]);
	return 0;
}

static int run_metrics(char **argv)
{
	int i;

	(void)argv;
	metric_add(METRIC_CALLS);
	metric_add(METRIC_CALLS);
	for (i = 0; i < METRIC_COUNT; i++)
		printf("%s %ju\n", metric_name(i), (uintmax_t)metric_get(i));
	return 0;
}

static void say_record(void *arg, const char *id, const void *data, size_t len)
{
	(void)arg;
	printf("%s=%.*s\n", id, (int)len, (const char *)data);
}

/* journal DIR [+ID=DATA | -ID | *N | ?]... */
static int run_journal(char **argv)
{
	struct journal *journal;
	char why[256], *data, big[JOURNAL_DATA_MAX + 1];
	int i, err = 0;

	if (journal_open(&journal, *argv++, why, sizeof(why))) {
		puts(why);
		return 1;
	}
	for (; *argv; argv++) {
		switch (**argv) {
		case '+':
			data = strchr(*argv, '=');
			*data++ = '\0';
			err = journal_put(journal, *argv + 1, data,
					  strlen(data));
			break;
		case '-':
			err = journal_drop(journal, *argv + 1);
			break;
		case '*': /* so many records of one id, of full size */
			memset(big, 'x', sizeof(big));
			for (i = atoi(*argv + 1); i && !err; i--)
				err = journal_put(journal, "big", big,
						  JOURNAL_DATA_MAX);
			break;
		case '!':
			memset(big, 'x', sizeof(big));
			err = journal_put(journal, "over", big, sizeof(big));
			break;
		default:
			err = journal_read(journal, say_record, NULL);
		}
		if (err)
			printf("error %d\n", err);
	}
	printf("count %zu\n", journal_count(journal));
	journal_close(journal);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(char **argv);
	} table[] = {
		{ "config", run_config },   { "policy", run_policy },
		{ "log", run_log },	    { "metrics", run_metrics },
		{ "journal", run_journal },
	};
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(argv[1], table[i].word))
			return table[i].run(argv + 2);
	return 2;
}
