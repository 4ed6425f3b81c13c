/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the operator wants: rules, of which the first counts that matches the
 * access network and the subscriber. A table is constant; a call holds the one
 * it began under, so a reload changes no call that is there.
 */
#ifndef E2AE_POLICY_H
#define E2AE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_SUITES	10
#define POLICY_PROFILES 3

enum policy_mode {
	POLICY_OFF,
	POLICY_ALLOW,
	POLICY_REQUIRE,
};

enum policy_profile {
	POLICY_MIKEY,
	POLICY_SDES,
	POLICY_PSK_TLS,
};

/**
 * struct policy - one rule
 * @name: of the rule
 * @access: glob for the access network
 * @subscriber: glob for the public identity, "sip:*@home1.net"
 * @originating: for calls from the UE
 * @terminating: for calls to the UE
 * @profiles: what may be used, the best first
 * @n_profiles: how many
 * @suites: enum e2ae_suite that may be used, the best first
 * @n_suites: how many
 * @indicator: keep the e2ae indicator towards the core
 * @e2e_pass: a call that is secured end to end is let through; else 488
 * @e2e_enough: and counts where protection is required
 * @retry_plain: with allow, a UE that refuses the secured offer with 488 is asked
 *	once more in the clear
 * @same_key: a UE that moved may keep its key (against RFC 4568, 7.1.4)
 */
struct policy {
	char *name;
	char *access;
	char *subscriber;
	enum policy_mode originating;
	enum policy_mode terminating;
	enum policy_profile profiles[POLICY_PROFILES];
	size_t n_profiles;
	uint32_t suites[POLICY_SUITES];
	size_t n_suites;
	bool indicator;
	bool e2e_pass;
	bool e2e_enough;
	bool retry_plain;
	bool same_key;
};

struct policy_table;

void policy_defaults(struct policy *rule);
int policy_table_new(struct policy_table **table, struct policy *rules,
		     size_t n);
struct policy_table *policy_table_get(struct policy_table *table);
void policy_table_put(struct policy_table *table);
size_t policy_count(const struct policy_table *table);
const struct policy *policy_at(const struct policy_table *table, size_t n);
const struct policy *policy_find(const struct policy_table *table,
				 const char *access, const char *subscriber);
const char *policy_mode_name(enum policy_mode mode);
const char *policy_profile_name(enum policy_profile profile);

#endif
