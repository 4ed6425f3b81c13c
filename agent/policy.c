// SPDX-License-Identifier: GPL-2.0
/* Tables of rules: constant, counted, and never without a rule that matches. */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <linux/e2ae.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

#define SUBSCRIBER_ROOM 1024

/**
 * struct policy_table - rules in their order
 * @refs: who holds it
 * @n: how many; the last is the built-in one
 * @rules: the rules, with texts of their own
 */
struct policy_table {
	unsigned int refs;
	size_t n;
	struct policy rules[];
};

/**
 * policy_defaults() - the built-in rule: protect whatever can be protected
 * @rule: to be filled; its texts are constant
 */
void policy_defaults(struct policy *rule)
{
	static const uint32_t suites[] = {
		E2AE_SUITE_AES_CM_128_HMAC_SHA1_80,
		E2AE_SUITE_AES_CM_128_HMAC_SHA1_32,
		E2AE_SUITE_AES_192_CM_HMAC_SHA1_80,
		E2AE_SUITE_AES_192_CM_HMAC_SHA1_32,
		E2AE_SUITE_AES_256_CM_HMAC_SHA1_80,
		E2AE_SUITE_AES_256_CM_HMAC_SHA1_32,
		E2AE_SUITE_AEAD_AES_128_GCM,
		E2AE_SUITE_AEAD_AES_256_GCM,
	};

	*rule = (struct policy){
		.name = (char *)"default",
		.access = (char *)"*",
		.subscriber = (char *)"*",
		.originating = POLICY_ALLOW,
		.terminating = POLICY_ALLOW,
		.profiles = { POLICY_MIKEY, POLICY_SDES, POLICY_PSK_TLS },
		.n_profiles = 3,
		.n_suites = sizeof(suites) / sizeof(suites[0]),
		.indicator = true,
		.e2e_pass = true,
	};
	memcpy(rule->suites, suites, sizeof(suites));
}

/*
 * What is compared without regard to case, in lower case: the scheme, and the
 * host of a URI that has a user (RFC 3261, 19.1.4).
 */
static void normalise(char *uri)
{
	char *at = strrchr(uri, '@'), *colon = strchr(uri, ':');

	for (; colon && uri < colon; uri++)
		*uri = tolower((unsigned char)*uri);
	for (; at && *at; at++)
		*at = tolower((unsigned char)*at);
}

static int rule_copy(struct policy *to, const struct policy *from)
{
	*to = *from;
	to->name = strdup(from->name);
	to->access = strdup(from->access);
	to->subscriber = strdup(from->subscriber);
	if (!to->name || !to->access || !to->subscriber)
		return -ENOMEM;
	normalise(to->subscriber);
	return 0;
}

/**
 * policy_table_new() - make a table
 * @table: where to put it, with one reference
 * @rules: the rules in their order; copied, the texts too
 * @n: how many; the built-in rule is added as the last
 *
 * Return: 0 or -ENOMEM.
 */
int policy_table_new(struct policy_table **table, struct policy *rules,
		     size_t n)
{
	struct policy_table *made;
	struct policy last;
	int err = 0;

	made = calloc(1, sizeof(*made) + (n + 1) * sizeof(*rules));
	if (!made)
		return -ENOMEM;
	made->refs = 1;
	policy_defaults(&last);
	for (; !err && made->n <= n; made->n++)
		err = rule_copy(&made->rules[made->n],
				made->n < n ? &rules[made->n] : &last);
	if (err) {
		policy_table_put(made);
		return err;
	}
	*table = made;
	return 0;
}

/**
 * policy_table_get() - hold a table
 * @table: the table
 *
 * Return: @table.
 */
struct policy_table *policy_table_get(struct policy_table *table)
{
	table->refs++;
	return table;
}

/**
 * policy_table_put() - hold a table no more
 * @table: the table, or NULL; with the last reference it goes
 */
void policy_table_put(struct policy_table *table)
{
	size_t i;

	if (!table || --table->refs)
		return;
	for (i = 0; i < table->n; i++) {
		free(table->rules[i].name);
		free(table->rules[i].access);
		free(table->rules[i].subscriber);
	}
	free(table);
}

/**
 * policy_count() - how many rules there are
 * @table: the table
 *
 * Return: the number, with the built-in rule.
 */
size_t policy_count(const struct policy_table *table)
{
	return table->n;
}

/**
 * policy_at() - one rule
 * @table: the table
 * @n: below policy_count()
 *
 * Return: the rule, valid while the table is held.
 */
const struct policy *policy_at(const struct policy_table *table, size_t n)
{
	return &table->rules[n];
}

/**
 * policy_find() - the rule that counts
 * @table: the table
 * @access: name of the access network
 * @subscriber: public identity, "sip:..." or "tel:..."; NULL for one without
 *
 * Return: the first rule that matches, never NULL: the last matches everything.
 */
const struct policy *policy_find(const struct policy_table *table,
				 const char *access, const char *subscriber)
{
	char whom[SUBSCRIBER_ROOM];
	const struct policy *rule;
	size_t i;

	if (!subscriber)
		subscriber = "";
	if (strlen(subscriber) < sizeof(whom)) {
		strcpy(whom, subscriber);
		normalise(whom);
		subscriber = whom;
	}
	for (i = 0; i + 1 < table->n; i++) {
		rule = &table->rules[i];
		if (!fnmatch(rule->access, access, 0) &&
		    !fnmatch(rule->subscriber, subscriber, 0))
			return rule;
	}
	return &table->rules[table->n - 1];
}

/**
 * policy_mode_name() - how a mode is written
 * @mode: the mode
 *
 * Return: its name, or NULL if there is no such mode.
 */
const char *policy_mode_name(enum policy_mode mode)
{
	static const char *const names[] = {
		[POLICY_OFF] = "off",
		[POLICY_ALLOW] = "allow",
		[POLICY_REQUIRE] = "require",
	};

	return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : NULL;
}

/**
 * policy_profile_name() - how a profile is written
 * @profile: the profile
 *
 * Return: its name, or NULL if there is no such profile.
 */
const char *policy_profile_name(enum policy_profile profile)
{
	static const char *const names[] = {
		[POLICY_MIKEY] = "mikey",
		[POLICY_SDES] = "sdes",
		[POLICY_PSK_TLS] = "psk-tls",
	};

	return profile < sizeof(names) / sizeof(names[0]) ? names[profile] :
							    NULL;
}
