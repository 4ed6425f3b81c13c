// SPDX-License-Identifier: GPL-2.0
/* What holds for a call: own copies of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

/* Strings of the call stand behind each other in one piece of memory. */
static size_t octets_of(const struct oa_terms *terms)
{
	size_t i, sum = terms->n_identities * sizeof(char *);

	sum += strlen(terms->call_id) + 1 + strlen(terms->from_tag) + 1;
	for (i = 0; i < terms->n_identities; i++)
		sum += strlen(terms->identities[i]) + 1;
	return sum;
}

static const char *put(char **at, const char *string)
{
	char *to = *at;
	size_t len = strlen(string) + 1;

	memcpy(to, string, len);
	*at += len;
	return to;
}

/**
 * oa_terms_copy() - keep what holds for a call
 * @oa: the call
 * @terms: what the caller says
 *
 * Return: 0, -EINVAL for terms that make no sense, -ENOMEM.
 */
int oa_terms_copy(struct oa *oa, const struct oa_terms *terms)
{
	const char **list;
	char *at;
	size_t i;

	if (!terms->policy || !terms->call_id || !terms->from_tag ||
	    terms->access >= oa->world->config->n_access)
		return -EINVAL;
	oa->memory = malloc(octets_of(terms));
	if (!oa->memory)
		return -ENOMEM;
	list = oa->memory;
	at = (char *)(list + terms->n_identities);
	oa->terms = *terms;
	for (i = 0; i < terms->n_identities; i++)
		list[i] = put(&at, terms->identities[i]);
	oa->terms.identities = list;
	oa->terms.call_id = put(&at, terms->call_id);
	oa->terms.from_tag = put(&at, terms->from_tag);
	oa->terms.table = terms->table ? policy_table_get(terms->table) : NULL;
	oa_new_keys(oa, terms->kmm, terms->n_kmm);
	return 0;
}

/**
 * oa_terms_drop() - give up what holds for a call
 * @oa: the call
 */
void oa_terms_drop(struct oa *oa)
{
	if (oa->terms.table)
		policy_table_put(oa->terms.table);
	free(oa->memory);
	OPENSSL_cleanse(oa->kmm, sizeof(oa->kmm));
}

/**
 * oa_new_keys() - the registration has other keys now
 * @oa: the call
 * @kmm: media master keys, the current one first
 * @n: how many; more than 2 are not kept
 *
 * Crypto sessions that are there stay under the keys they have.
 */
void oa_new_keys(struct oa *oa, const struct e2ae_kmm *kmm, unsigned int n)
{
	unsigned int i;

	if (n > ARRAY_SIZE(oa->kmm))
		n = ARRAY_SIZE(oa->kmm);
	OPENSSL_cleanse(oa->kmm, sizeof(oa->kmm));
	for (i = 0; i < n; i++)
		oa->kmm[i] = kmm[i];
	oa->terms.kmm = oa->kmm;
	oa->terms.n_kmm = n;
}
