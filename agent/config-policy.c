// SPDX-License-Identifier: GPL-2.0
/* The sections policy. */
#include <errno.h>
#include <fnmatch.h>
#include <linux/e2ae.h>
#include <stdlib.h>
#include <string.h>

#include "config-file.h"
#include "nl/libe2ae.h"

#define POLICIES_MAX 1000

static int mode(struct config_file *f, cfg_t *sec, const char *name,
		enum policy_mode *to)
{
	const char *text = cfg_getstr(sec, name), *known;
	unsigned int i;

	for (i = 0; (known = policy_mode_name(i)); i++) {
		if (!strcmp(text, known)) {
			*to = i;
			return 0;
		}
	}
	return config_wrong(f, cfg_getopt(sec, name), 0,
			    "%s \"%s\" is none of off, allow, require", name,
			    text);
}

/* One of two words. */
static int either(struct config_file *f, cfg_t *sec, const char *name,
		  const char *yes, const char *no, bool *to)
{
	const char *text = cfg_getstr(sec, name);

	*to = !strcmp(text, yes);
	if (*to || !strcmp(text, no))
		return 0;
	return config_wrong(f, cfg_getopt(sec, name), 0,
			    "%s \"%s\" is neither %s nor %s", name, text, yes,
			    no);
}

static int read_profile(struct config_file *f, cfg_opt_t *opt, unsigned int nth,
			struct policy *rule)
{
	const char *text = cfg_opt_getnstr(opt, nth), *known;
	unsigned int i;
	size_t j;

	for (i = 0; (known = policy_profile_name(i)); i++)
		if (!strcmp(text, known))
			break;
	if (!known)
		return config_wrong(
			f, opt, nth,
			"profiles \"%s\" is none of mikey, sdes, psk-tls",
			text);
	for (j = 0; j < rule->n_profiles; j++)
		if (rule->profiles[j] == i)
			return config_wrong(f, opt, nth,
					    "profiles has %s twice", text);
	rule->profiles[rule->n_profiles++] = i;
	return 0;
}

static bool is_null(uint32_t suite)
{
	return suite == E2AE_SUITE_NULL_HMAC_SHA1_80 ||
	       suite == E2AE_SUITE_NULL_HMAC_SHA1_32;
}

static int read_suite(struct config_file *f, cfg_opt_t *opt, unsigned int nth,
		      bool lab, struct policy *rule)
{
	const char *text = cfg_opt_getnstr(opt, nth);
	const struct e2ae_suite_info *info = e2ae_suite_by_name(text);
	size_t j;

	if (!info)
		return config_wrong(
			f, opt, nth,
			"suites \"%s\" is no suite that e2ae(7) knows", text);
	if (is_null(info->id) && !lab)
		return config_wrong(
			f, opt, nth,
			"suites has %s, which encrypts nothing and is for the lab alone",
			text);
	for (j = 0; j < rule->n_suites; j++)
		if (rule->suites[j] == info->id)
			return config_wrong(f, opt, nth, "suites has %s twice",
					    text);
	rule->suites[rule->n_suites++] = info->id;
	return 0;
}

/* Lists replace the default; an empty one would protect nothing. */
static int lists(struct config_file *f, cfg_t *sec, bool lab,
		 struct policy *rule)
{
	cfg_opt_t *profiles = cfg_getopt(sec, "profiles");
	cfg_opt_t *suites = cfg_getopt(sec, "suites");
	unsigned int i;
	int err = 0;

	if (cfg_opt_size(profiles))
		rule->n_profiles = 0;
	if (cfg_opt_size(suites))
		rule->n_suites = 0;
	for (i = 0; !err && i < cfg_opt_size(profiles); i++)
		err = read_profile(f, profiles, i, rule);
	for (i = 0; !err && i < cfg_opt_size(suites); i++)
		err = read_suite(f, suites, i, lab, rule);
	return err;
}

/* A rule for an access network that there is not would protect nobody. */
static int access_glob(struct config_file *f, cfg_t *sec,
		       const struct config *config, const char *glob)
{
	size_t i;

	for (i = 0; i < config->n_access; i++)
		if (!fnmatch(glob, config->access[i].name, 0))
			return 0;
	return config_wrong(f, cfg_getopt(sec, "access"), 0,
			    "access \"%s\" matches no access network", glob);
}

static int subscriber_glob(struct config_file *f, cfg_t *sec, const char *glob)
{
	if (*glob == '*' || *glob == '?' || *glob == '[' || strchr(glob, ':'))
		return 0;
	return config_wrong(
		f, cfg_getopt(sec, "subscriber"), 0,
		"subscriber \"%s\" can match no identity: they begin with sip: or tel:",
		glob);
}

/* The texts of @rule are libconfuse's; the table makes copies. */
static int rule_read(struct config_file *f, const struct config *config,
		     unsigned int nth, struct policy *rule)
{
	cfg_t *sec = cfg_getnsec(f->cfg, "policy", nth);

	policy_defaults(rule);
	rule->name = NULL;
	rule->access = cfg_getstr(sec, "access");
	rule->subscriber = cfg_getstr(sec, "subscriber");
	rule->e2e_enough = cfg_getbool(sec, "e2e-satisfies-require");
	rule->retry_plain = cfg_getbool(sec, "retry-plain");
	rule->same_key = cfg_getbool(sec, "same-key-after-move");
	return config_name(f, "policy", nth, &rule->name)	       ?:
		       access_glob(f, sec, config, rule->access)       ?:
		       subscriber_glob(f, sec, rule->subscriber)       ?:
		       mode(f, sec, "originating", &rule->originating) ?:
		       mode(f, sec, "terminating", &rule->terminating) ?:
		       lists(f, sec, config->lab, rule)		       ?:
		       either(f, sec, "indicator", "keep", "remove", &rule->indicator) ?:
		       either(f, sec, "e2e", "pass", "reject", &rule->e2e_pass);
}

/**
 * config_policies() - read the rules
 * @f: the file
 * @config: where to put the table; has its access networks and the lab switch
 *
 * Return: 0; -EINVAL, having said why; or -ENOMEM.
 */
int config_policies(struct config_file *f, struct config *config)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, "policy");
	unsigned int i, n = cfg_opt_size(opt), read;
	struct policy *rules;
	int err = 0;

	if (n > POLICIES_MAX)
		return config_wrong(f, opt, POLICIES_MAX,
				    "there are more than %d of policy",
				    POLICIES_MAX);
	rules = calloc(n + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	for (read = 0; !err && read < n; read++)
		err = rule_read(f, config, read, &rules[read]);
	if (!err)
		err = policy_table_new(&config->policies, rules, n);
	for (i = 0; i < read; i++)
		free(rules[i].name);
	free(rules);
	return err;
}
