// SPDX-License-Identifier: GPL-2.0
/* Offers and answers with crypto attributes (RFC 4568, 5.1 and 7.1). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "b64.h"
#include "sdes-parse.h"

/* Tags are unique within an m-line (RFC 4568, 4.1); other lines do not count. */
static bool tags_differ(const char *const *values, size_t n)
{
	uint32_t tag[E2AE_SDES_MAX_LINES];
	size_t i, j, n_tags = 0;

	for (i = 0; i < n; i++) {
		if (e2ae_sdes_tag(values[i], &tag[n_tags]))
			continue;
		for (j = 0; j < n_tags; j++)
			if (tag[j] == tag[n_tags])
				return false;
		n_tags++;
	}
	return true;
}

/**
 * e2ae_sdes_choose() - take one line of an offer
 * @values: crypto values of the m-line in their order
 * @n: how many, at most E2AE_SDES_MAX_LINES
 * @suites: suites that policy allows, the best first
 * @n_suites: how many
 * @chosen: the line; nothing secret in it on error
 *
 * Policy's order of suites goes before the offer's order of lines. Lines that
 * are invalid or ask for what is not supported are passed over.
 *
 * Return: index of the line in @values, -ENOENT if there is none to accept,
 * -EINVAL if the offer as a whole is invalid.
 */
int e2ae_sdes_choose(const char *const *values, size_t n,
		     const uint32_t *suites, size_t n_suites,
		     struct e2ae_sdes_line *chosen)
{
	size_t i, s;

	memset(chosen, 0, sizeof(*chosen));
	if (n > E2AE_SDES_MAX_LINES || !tags_differ(values, n))
		return -EINVAL;
	for (s = 0; s < n_suites; s++) {
		for (i = 0; i < n; i++) {
			if (!e2ae_sdes_parse(values[i], chosen) &&
			    chosen->key[0].suite == suites[s])
				return (int)i;
		}
	}
	e2ae_sdes_wipe(chosen);
	return -ENOENT;
}

/* Index of the offered line with the answer's tag and suite. */
static int find_offered(const struct e2ae_sdes_line *offered, size_t n,
			const struct e2ae_sdes_line *answer)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (offered[i].tag == answer->tag &&
		    offered[i].key[0].suite == answer->key[0].suite)
			return (int)i;
	return -EPROTO;
}

/* Whether a key of the answer is one that was offered. */
static bool mirrors(const struct e2ae_sdes_line *offered, size_t n,
		    const struct e2ae_sdes_line *answer)
{
	unsigned int k, o;
	bool found = false;
	size_t i;

	for (i = 0; i < n; i++)
		for (o = 0; o < offered[i].n_keys; o++)
			for (k = 0; k < answer->n_keys; k++)
				found |= e2ae_srtp_key_equal(&offered[i].key[o],
							     &answer->key[k]);
	return found;
}

/**
 * e2ae_sdes_check_answer() - judge the answer to our offer
 * @values: crypto values of the answer's m-line
 * @n: how many
 * @offered: lines of our offer
 * @n_offered: how many
 * @accepted: the answer's line, with the peer's keys; nothing secret on error
 *
 * Return: index of the accepted line in @offered; -EBADMSG unless there is
 * exactly one value; -EPROTO if no line of ours has its tag and suite;
 * -EKEYREJECTED if it sends our own key back; or an error of e2ae_sdes_parse().
 */
int e2ae_sdes_check_answer(const char *const *values, size_t n,
			   const struct e2ae_sdes_line *offered,
			   size_t n_offered, struct e2ae_sdes_line *accepted)
{
	int found;

	memset(accepted, 0, sizeof(*accepted));
	if (n != 1)
		return -EBADMSG;
	found = e2ae_sdes_parse(values[0], accepted);
	if (!found)
		found = find_offered(offered, n_offered, accepted);
	if (found >= 0 && mirrors(offered, n_offered, accepted))
		found = -EKEYREJECTED;
	if (found < 0)
		e2ae_sdes_wipe(accepted);
	return found;
}

/**
 * e2ae_sdes_make() - make a line with a fresh key
 * @line: to fill; wiped on error
 * @tag: its tag, at most 999999999
 * @suite: enum e2ae_suite
 * @entropy: source of the key; NULL is OpenSSL's
 *
 * Return: 0, -EINVAL, or an error of e2ae_srtp_key_make().
 */
int e2ae_sdes_make(struct e2ae_sdes_line *line, uint32_t tag, uint32_t suite,
		   const struct e2ae_entropy *entropy)
{
	int err;

	memset(line, 0, sizeof(*line));
	if (tag > E2AE_SDES_MAX_TAG)
		return -EINVAL;
	err = e2ae_srtp_key_make(&line->key[0], suite, entropy);
	if (err)
		return err;
	line->tag = tag;
	line->n_keys = 1;
	return 0;
}

static int write_key(const struct e2ae_srtp_key *key,
		     const struct e2ae_suite_info *info, char *out, size_t room)
{
	uint8_t octets[E2AE_MAX_KEY + E2AE_MAX_SALT];
	int len;

	memcpy(octets, key->key, info->key_len);
	memcpy(octets + info->key_len, key->salt, info->salt_len);
	len = e2ae_b64_encode(octets, info->key_len + info->salt_len, out,
			      room);
	OPENSSL_cleanse(octets, sizeof(octets));
	return len;
}

static int write_lifetime(uint64_t lifetime, char *out, size_t room)
{
	int len;

	if (lifetime & (lifetime - 1))
		len = snprintf(out, room, "|%" PRIu64, lifetime);
	else
		len = snprintf(out, room, "|2^%d", __builtin_ctzll(lifetime));
	return len < 0 || (size_t)len >= room ? -EMSGSIZE : len;
}

/* "inline:" and all that belongs to one key. */
static int write_param(const struct e2ae_srtp_key *key,
		       const struct e2ae_suite_info *info, char *out,
		       size_t room)
{
	size_t at = strlen("inline:");
	int len;

	if (room <= at)
		return -EMSGSIZE;
	memcpy(out, "inline:", at + 1);
	len = write_key(key, info, out + at, room - at);
	if (len < 0)
		return len;
	at += (size_t)len;
	if (key->lifetime) {
		len = write_lifetime(key->lifetime, out + at, room - at);
		if (len < 0)
			return len;
		at += (size_t)len;
	}
	if (key->mki_len) {
		len = e2ae_sdes_mki_write(key, out + at, room - at);
		if (len < 0)
			return len;
		at += (size_t)len;
	}
	return (int)at;
}

/* Everything but the end; on error the caller wipes. */
static int write_line(const struct e2ae_sdes_line *line, char *out, size_t room)
{
	const struct e2ae_suite_info *info =
		e2ae_suite_by_id(line->key[0].suite);
	unsigned int i;
	size_t at;
	int len;

	if (!info || !line->n_keys)
		return -EINVAL;
	len = snprintf(out, room, "%" PRIu32 " %s ", line->tag, info->name);
	for (at = 0, i = 0; i < line->n_keys; i++) {
		if (len < 0 || (size_t)len >= room - at)
			return -EMSGSIZE;
		at += (size_t)len;
		len = write_param(&line->key[i], info, out + at, room - at);
		if (len < 0)
			return len;
		at += (size_t)len;
		len = snprintf(out + at, room - at,
			       i + 1 < line->n_keys ? ";" : "");
	}
	if (line->window)
		len = snprintf(out + at, room - at, " WSH=%" PRIu32,
			       line->window);
	return (size_t)len < room - at ? (int)at + len : -EMSGSIZE;
}

/**
 * e2ae_sdes_write() - write a crypto attribute
 * @line: what to write
 * @out: where the value and a 0 go; it holds keys, wipe it; wiped on error
 * @room: characters that fit there
 *
 * Return: characters without the 0, -EMSGSIZE if they do not fit, -EINVAL for a
 * line that cannot be written.
 */
int e2ae_sdes_write(const struct e2ae_sdes_line *line, char *out, size_t room)
{
	int len = write_line(line, out, room);

	if (len < 0)
		OPENSSL_cleanse(out, room);
	return len;
}

/**
 * e2ae_sdes_wipe() - leave nothing of a line
 * @line: to wipe
 */
void e2ae_sdes_wipe(struct e2ae_sdes_line *line)
{
	OPENSSL_cleanse(line, sizeof(*line));
}
