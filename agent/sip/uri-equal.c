// SPDX-License-Identifier: GPL-2.0
/* Comparing URIs (RFC 3261, 19.1.4). */
#include <string.h>

#include "uri.h"

/* An escaped reserved character is not that character. */
#define ESCAPED 0x100

/* The next character; moves to after it. */
static int next_char(struct sdp_text *text, bool any_case)
{
	size_t n = text->at[0] == '%' && text->len >= 3 ? 3 : 1;
	char octet = text->at[0];
	bool escaped = false;
	int c;

	if (n == 3)
		escaped = sip_uri_unescape(sip_part(*text, 0, 3), &octet, 1) ==
			  1;
	*text = sip_part(*text, n, text->len);
	c = (unsigned char)octet;
	if (escaped && c && strchr(";/?:@&=+$,", c))
		return c | ESCAPED;
	if (any_case && c >= 'A' && c <= 'Z')
		return c + 'a' - 'A';
	return c;
}

static bool equal_text(struct sdp_text a, struct sdp_text b, bool any_case)
{
	while (a.len && b.len)
		if (next_char(&a, any_case) != next_char(&b, any_case))
			return false;
	return !a.len && !b.len;
}

static bool equal_param(const struct sip_param *a, const struct sip_param *b)
{
	return equal_text(a->name, b->name, true) &&
	       a->has_value == b->has_value &&
	       equal_text(a->value, b->value, true);
}

/* Does b match a parameter of all? 1 yes, 0 its name is not there, -1 no. */
static int match_param(struct sdp_text all, char mark,
		       const struct sip_param *b)
{
	struct sip_param a = { 0 };
	int says = 0;

	while (sip_param_next(all, mark, &a) > 0) {
		if (equal_param(&a, b))
			return 1;
		if (equal_text(a.name, b->name, true))
			says = -1;
	}
	return says;
}

/*
 * Of the list "user, ttl, method, maddr" transport is missing in the text, but
 * the text before it and an example have it.
 */
static bool never_ignored(struct sdp_text name)
{
	static const char *const names[] = { "user", "ttl", "method", "maddr",
					     "transport" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (equal_text(name, sdp_text_of(names[i]), true))
			return true;
	return false;
}

/* Is nothing of a against b? */
static bool params_agree(struct sdp_text a, struct sdp_text b)
{
	struct sip_param param = { 0 };
	int says;

	while (sip_param_next(a, SIP_PARAM_SEMI, &param) > 0) {
		says = match_param(b, SIP_PARAM_SEMI, &param);
		if (says < 0 || (!says && never_ignored(param.name)))
			return false;
	}
	return true;
}

static bool headers_within(struct sdp_text a, struct sdp_text b)
{
	struct sip_param header = { 0 };

	while (sip_param_next(a, SIP_PARAM_AND, &header) > 0)
		if (match_param(b, SIP_PARAM_AND, &header) != 1)
			return false;
	return true;
}

/**
 * sip_uri_same_user() - are scheme, user, password, host and port the same?
 * @a: one URI
 * @b: the other
 *
 * This compares addresses of record, whose parameters say nothing (RFC 3261,
 * 10.3). URIs that are neither sip nor sips are compared octet by octet after
 * the scheme.
 *
 * Return: whether they are.
 */
bool sip_uri_same_user(const struct sip_uri *a, const struct sip_uri *b)
{
	if (!sip_alike(a->scheme, b->scheme))
		return false;
	if (!a->sip)
		return sip_same(a->rest, b->rest);
	return !a->user.at == !b->user.at &&
	       !a->password.at == !b->password.at &&
	       equal_text(a->user, b->user, false) &&
	       equal_text(a->password, b->password, false) &&
	       sip_host_equal(&a->host, &b->host) &&
	       a->host.port == b->host.port;
}

/**
 * sip_uri_equal() - are the URIs equivalent? (RFC 3261, 19.1.4)
 * @a: one URI
 * @b: the other
 *
 * Not transitive: parameters that only one has are mostly ignored.
 *
 * Return: whether they are.
 */
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	return sip_uri_same_user(a, b) &&
	       (!a->sip || (params_agree(a->params, b->params) &&
			    params_agree(b->params, a->params) &&
			    headers_within(a->headers, b->headers) &&
			    headers_within(b->headers, a->headers)));
}
