// SPDX-License-Identifier: GPL-2.0
/* Reading a URI. */
#include <errno.h>
#include <string.h>

#include "uri.h"

#define UNRESERVED "-_.!~*'()"
/*
 * RFC 3261, 25.1, and a few octets more that telephones send unescaped in a
 * user part: they divide nothing.
 */
#define USER_CHARS            \
	UNRESERVED "&=+$,;?/" \
		   "#^|{}`"
#define PASSWORD_CHARS UNRESERVED "&=+$,"
#define PARAM_CHARS          \
	UNRESERVED "[]/:&+$" \
		   ";="
#define HEADER_CHARS         \
	UNRESERVED "[]/?:+$" \
		   "&="

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Letters, digits, the characters named, and correct escapes. */
static bool made_of(struct sdp_text text, const char *chars)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '%') {
			if (text.len - i < 3 || hex_digit(text.at[i + 1]) < 0 ||
			    hex_digit(text.at[i + 2]) < 0)
				return false;
			i += 2;
		} else if (!sip_is(c, SIP_ALNUM) && (!c || !strchr(chars, c))) {
			return false;
		}
	}
	return true;
}

/* "user [:password] @", if it is there; takes it from the front of rest. */
static int read_user(struct sip_uri *uri, struct sdp_text *rest)
{
	struct sdp_text info, host;

	if (!sdp_text_cut(*rest, '@', &info, &host))
		return 0;
	sdp_text_cut(info, ':', &uri->user, &uri->password);
	*rest = host;
	return uri->user.len && made_of(uri->user, USER_CHARS) &&
			       made_of(uri->password, PASSWORD_CHARS) ?
		       0 :
		       -EBADMSG;
}

/* Everything after "sip:". */
static int read_sip(struct sip_uri *uri)
{
	struct sdp_text rest = uri->rest, place;
	size_t at = 0;

	if (read_user(uri, &rest))
		return -EBADMSG;
	if (sdp_text_cut(rest, '?', &place, &uri->headers) &&
	    (!uri->headers.len || !made_of(uri->headers, HEADER_CHARS) ||
	     sip_param_check(uri->headers, SIP_PARAM_AND)))
		return -EBADMSG;
	while (at < place.len && place.at[at] != ';')
		at++;
	uri->params = sip_part(place, at, place.len);
	if (!made_of(uri->params, PARAM_CHARS) ||
	    sip_param_check(uri->params, SIP_PARAM_SEMI))
		return -EBADMSG;
	return sip_host_parse(sip_part(place, 0, at), &uri->host);
}

/**
 * sip_uri_parse() - read a URI
 * @text: the URI, nothing around it
 * @uri: where to put it
 *
 * Of a URI that is neither sip nor sips only the scheme and the octets are
 * checked.
 *
 * Return: 0, or -EBADMSG if it is malformed.
 */
int sip_uri_parse(struct sdp_text text, struct sip_uri *uri)
{
	*uri = (struct sip_uri){ 0 };
	if (!sip_visible(text) ||
	    !sdp_text_cut(text, ':', &uri->scheme, &uri->rest) ||
	    !sip_is_token(uri->scheme) || !uri->rest.len)
		return -EBADMSG;
	uri->sips = sdp_text_is(uri->scheme, "sips");
	uri->sip = uri->sips || sdp_text_is(uri->scheme, "sip");
	return uri->sip ? read_sip(uri) : 0;
}

/**
 * sip_uri_param() - value of a uri-parameter
 * @uri: the URI
 * @name: name of the parameter: lr, transport, maddr, ...
 * @value: where to put it, escaped as it came; empty if it has no value
 *
 * Return: 1 if it is there, 0 if not, -EBADMSG if it is there twice.
 */
int sip_uri_param(const struct sip_uri *uri, const char *name,
		  struct sdp_text *value)
{
	struct sip_param param;
	int found = sip_param_find(uri->params, SIP_PARAM_SEMI, name, &param);

	if (found > 0)
		*value = param.value;
	return found;
}

/**
 * sip_uri_unescape() - replace %HH by what it means
 * @text: a part of a URI; escapes that are none stay
 * @out: where the octets go, NUL possibly among them; no 0 is added
 * @size: octets that fit there
 *
 * Return: octets, or -ENOSPC if they do not fit.
 */
ssize_t sip_uri_unescape(struct sdp_text text, char *out, size_t size)
{
	size_t i, used = 0;

	for (i = 0; i < text.len; i++) {
		int high = -1, low = -1;

		if (text.at[i] == '%' && text.len - i >= 3) {
			high = hex_digit(text.at[i + 1]);
			low = hex_digit(text.at[i + 2]);
		}
		if (used == size)
			return -ENOSPC;
		out[used++] = text.at[i];
		if (high < 0 || low < 0)
			continue;
		out[used - 1] = (char)(high << 4 | low);
		i += 2;
	}
	return (ssize_t)used;
}
