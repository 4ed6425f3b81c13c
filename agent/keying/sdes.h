/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SDP security descriptions: a=crypto (RFC 4568, RFC 6188, RFC 7714).
 *
 * Use: strings are the value of the attribute, what stands after "a=crypto:".
 *
 * Answering an offer: e2ae_sdes_choose() takes all crypto values of the m-line
 * and policy's order of suites and gives the accepted line, whose keys are what
 * the peer sends with. e2ae_sdes_make() with that tag and suite makes our own
 * line, e2ae_sdes_write() its value for the answer.
 *
 * Offering: e2ae_sdes_make() and e2ae_sdes_write() for each suite of policy with
 * tags of our choice; when the answer comes, e2ae_sdes_check_answer() with its
 * crypto values and the lines that were offered.
 *
 * A struct e2ae_sdes_line holds keys: e2ae_sdes_wipe() it, and wipe the strings.
 */
#ifndef E2AE_KEYING_SDES_H
#define E2AE_KEYING_SDES_H

#include "secret.h"

#define E2AE_SDES_MAX_KEYS  4 /* inline keys of a line */
#define E2AE_SDES_MAX_LINES 32 /* crypto values of an m-line */
#define E2AE_SDES_MAX_LEN   2048 /* characters of a value */
#define E2AE_SDES_ROOM	    128 /* room for a line of e2ae_sdes_make() */

/**
 * struct e2ae_sdes_line - one crypto attribute
 * @tag: 0 to 999999999
 * @n_keys: keys there are, 1 to E2AE_SDES_MAX_KEYS
 * @key: what the writer of the line sends with, all of one suite; more than one
 *   only with MKIs of one length
 * @window: window size hint, 0 without
 */
struct e2ae_sdes_line {
	uint32_t tag;
	unsigned int n_keys;
	struct e2ae_srtp_key key[E2AE_SDES_MAX_KEYS];
	uint32_t window;
};

int e2ae_sdes_parse(const char *value, struct e2ae_sdes_line *line);
int e2ae_sdes_choose(const char *const *values, size_t n,
		     const uint32_t *suites, size_t n_suites,
		     struct e2ae_sdes_line *chosen);
int e2ae_sdes_check_answer(const char *const *values, size_t n,
			   const struct e2ae_sdes_line *offered,
			   size_t n_offered, struct e2ae_sdes_line *accepted);
int e2ae_sdes_make(struct e2ae_sdes_line *line, uint32_t tag, uint32_t suite,
		   const struct e2ae_entropy *entropy);
int e2ae_sdes_write(const struct e2ae_sdes_line *line, char *out, size_t room);
void e2ae_sdes_wipe(struct e2ae_sdes_line *line);

#endif
