// SPDX-License-Identifier: GPL-2.0
/* A crypto attribute: TAG SUITE KEY[;KEY...] [SESSION-PARAM...] */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "array.h"
#include "sdes-parse.h"

#define BLANKS	   " \t"
#define MAX_PARAMS 16
#define MIN_WINDOW 64 /* RFC 4568, 6.3.6 */
#define MAX_WINDOW 99999999

/* Takes the next word off @rest; of length 0 at the end. */
static struct e2ae_span next_word(const char **rest)
{
	struct e2ae_span word;

	*rest += strspn(*rest, BLANKS);
	word.at = *rest;
	word.len = strcspn(*rest, BLANKS);
	*rest += word.len;
	return word;
}

static bool starts(struct e2ae_span word, const char *with)
{
	return word.len >= strlen(with) &&
	       !strncasecmp(word.at, with, strlen(with));
}

static bool is(struct e2ae_span word, const char *text)
{
	return word.len == strlen(text) && starts(word, text);
}

static uint32_t suite_of(struct e2ae_span word)
{
	const struct e2ae_suite_info *info;
	uint32_t id;

	for (id = 1; (info = e2ae_suite_by_id(id)); id++)
		if (is(word, info->name))
			return id;
	return 0;
}

static int read_tag(const char **rest, uint32_t *tag)
{
	uint64_t number;

	if (e2ae_sdes_number(next_word(rest), E2AE_SDES_MAX_TAG, &number))
		return -EINVAL;
	*tag = (uint32_t)number;
	return 0;
}

/**
 * e2ae_sdes_tag() - read only the tag of a crypto attribute
 * @value: of the attribute
 * @tag: the tag
 *
 * Return: 0, or -EINVAL.
 */
int e2ae_sdes_tag(const char *value, uint32_t *tag)
{
	return read_tag(&value, tag);
}

/* Several keys are told apart by MKIs of one length (RFC 4568, 6.1). */
static int check_keys(const struct e2ae_sdes_line *line)
{
	const struct e2ae_srtp_key *a, *b;
	unsigned int i, j;

	for (i = 1; i < line->n_keys; i++) {
		a = &line->key[i];
		for (j = 0; j < i; j++) {
			b = &line->key[j];
			if (!a->mki_len || a->mki_len != b->mki_len)
				return -EINVAL;
			if (!memcmp(a->mki, b->mki, a->mki_len))
				return -EINVAL;
			if (e2ae_srtp_key_equal(a, b))
				return -EINVAL;
		}
	}
	return 0;
}

static int read_keys(struct e2ae_span word, uint32_t suite,
		     struct e2ae_sdes_line *line)
{
	struct e2ae_span param = word;
	const char *semicolon;
	int err;

	do {
		semicolon = memchr(word.at, ';', word.len);
		param.at = word.at;
		param.len = semicolon ? (size_t)(semicolon - word.at) :
					word.len;
		if (line->n_keys == E2AE_SDES_MAX_KEYS)
			return -EOPNOTSUPP;
		err = e2ae_sdes_key(param, suite, &line->key[line->n_keys]);
		if (err)
			return err;
		line->n_keys++;
		if (semicolon) {
			word.at += param.len + 1;
			word.len -= param.len + 1;
		}
	} while (semicolon);
	return check_keys(line);
}

static int read_rate(struct e2ae_span value, struct e2ae_sdes_line *line)
{
	uint64_t rate;

	(void)line;
	if (e2ae_sdes_number(value, 24, &rate))
		return -EINVAL;
	return rate ? -EOPNOTSUPP : 0;
}

/* FEC before SRTP does not concern who relays; the reverse order would. */
static int read_fec_order(struct e2ae_span value, struct e2ae_sdes_line *line)
{
	(void)line;
	if (is(value, "FEC_SRTP"))
		return 0;
	return is(value, "SRTP_FEC") ? -EOPNOTSUPP : -EINVAL;
}

static int read_window(struct e2ae_span value, struct e2ae_sdes_line *line)
{
	uint64_t window;

	if (e2ae_sdes_number(value, MAX_WINDOW, &window) || window < MIN_WINDOW)
		return -EINVAL;
	line->window = (uint32_t)window;
	return 0;
}

static int refuse(struct e2ae_span value, struct e2ae_sdes_line *line)
{
	(void)line;
	(void)value;
	return -EOPNOTSUPP;
}

/* Session parameters; a name that ends in "=" takes a value. */
static const struct {
	const char *name;
	int (*read)(struct e2ae_span value, struct e2ae_sdes_line *line);
} known[] = {
	{ "KDR=", read_rate },
	{ "UNENCRYPTED_SRTP", refuse },
	{ "UNENCRYPTED_SRTCP", refuse },
	{ "UNAUTHENTICATED_SRTP", refuse },
	{ "UNAUTHENTICATED_SRTCP", refuse },
	{ "FEC_ORDER=", read_fec_order },
	{ "FEC_KEY=", refuse },
	{ "WSH=", read_window },
};

/* @seen: bits of those that came before; none may come twice. */
static int read_param(struct e2ae_span word, struct e2ae_sdes_line *line,
		      unsigned int *seen)
{
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		len = strlen(known[i].name);
		if (known[i].name[len - 1] == '=' ?
			    !starts(word, known[i].name) :
			    !is(word, known[i].name))
			continue;
		if (*seen & 1U << i)
			return -EINVAL;
		*seen |= 1U << i;
		word.at += len;
		word.len -= len;
		return known[i].read(word, line);
	}
	/* Unknown ones are mandatory unless they start with "-" (6.3.7). */
	return word.at[0] == '-' && word.len > 1 ? 0 : -EINVAL;
}

static int read_params(const char *rest, struct e2ae_sdes_line *line)
{
	struct e2ae_span word;
	unsigned int seen = 0;
	unsigned int n;
	int err;

	for (n = 0; n < MAX_PARAMS; n++) {
		word = next_word(&rest);
		if (!word.len)
			return 0;
		err = read_param(word, line, &seen);
		if (err)
			return err;
	}
	return -EINVAL;
}

/* Only blanks and what is visible may stand in a line. */
static bool is_printable(const char *value)
{
	const char *c;

	for (c = value; *c; c++) {
		if (c - value >= E2AE_SDES_MAX_LEN)
			return false;
		if (*c != '\t' && (*c < ' ' || *c > '~'))
			return false;
	}
	return true;
}

/**
 * e2ae_sdes_parse() - read a crypto attribute (RFC 4568, 9)
 * @value: of the attribute: "1 AES_CM_128_HMAC_SHA1_80 inline:..."
 * @line: to fill; wiped on error
 *
 * Lines that ask for no encryption, no authentication, a key derivation rate,
 * FEC after SRTP or a FEC key are refused: what they ask for is not done.
 *
 * Return: 0, -EINVAL for a line that is invalid, -EOPNOTSUPP for one that may be
 * valid but asks for what is not supported.
 */
int e2ae_sdes_parse(const char *value, struct e2ae_sdes_line *line)
{
	const char *rest = value;
	uint32_t suite;
	int err = -EINVAL;

	memset(line, 0, sizeof(*line));
	if (!is_printable(value) || read_tag(&rest, &line->tag))
		return -EINVAL;
	suite = suite_of(next_word(&rest));
	if (!suite)
		return -EOPNOTSUPP;
	err = read_keys(next_word(&rest), suite, line);
	if (!err)
		err = read_params(rest, line);
	if (err)
		e2ae_sdes_wipe(line);
	return err;
}
