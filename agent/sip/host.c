// SPDX-License-Identifier: GPL-2.0
/* Hosts and ports (RFC 3261, 25.1; RFC 5118). */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "lex.h"

/*
 * The 16 octets of an IPv6 address without brackets. RFC 3261's grammar makes
 * three colons before an IPv4 tail; they are taken for two (RFC 5118, 4.10).
 */
static int six_octets(struct sdp_text text, struct in6_addr *octets)
{
	char copy[INET6_ADDRSTRLEN + 1];
	char *three;

	if (!text.len || text.len >= sizeof(copy) ||
	    memchr(text.at, 0, text.len))
		return -EBADMSG;
	memcpy(copy, text.at, text.len);
	copy[text.len] = 0;
	three = strstr(copy, ":::");
	if (three && strchr(three, '.'))
		memmove(three, three + 1, strlen(three));
	return inet_pton(AF_INET6, copy, octets) == 1 ? 0 : -EBADMSG;
}

static bool host_name(struct sdp_text text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!sip_is(text.at[i], SIP_HOST))
			return false;
	return text.len && text.at[0] != '.' && text.at[0] != '-';
}

/**
 * sip_host_parse() - read "host [:port]"
 * @text: the text; white space is allowed around the colon, as in Via
 * @host: where to put it
 *
 * Return: 0, or -EBADMSG if it is none.
 */
int sip_host_parse(struct sdp_text text, struct sip_host *host)
{
	struct sdp_text port = { NULL, 0 };
	struct in6_addr octets;
	uint64_t number = 0;
	const char *close;
	bool colon;

	text = sip_trim(text);
	*host = (struct sip_host){ .six = text.len && text.at[0] == '[' };
	if (host->six) {
		close = memchr(text.at, ']', text.len);
		if (!close ||
		    six_octets(sip_part(text, 1, close - text.at), &octets))
			return -EBADMSG;
		host->host = sip_part(text, 0, close - text.at + 1);
		port = sip_trim(sip_part(text, host->host.len, text.len));
		colon = port.len;
		if (colon && port.at[0] != ':')
			return -EBADMSG;
		port = sip_part(port, colon, port.len);
	} else {
		colon = sdp_text_cut(text, ':', &host->host, &port);
		host->host = sip_trim(host->host);
		if (!host_name(host->host))
			return -EBADMSG;
	}
	if (colon &&
	    (sdp_text_number(sip_trim(port), UINT16_MAX, &number) || !number))
		return -EBADMSG;
	host->port = number;
	return 0;
}

/**
 * sip_host_equal() - is it the same host?
 * @a: one host
 * @b: the other
 *
 * Ports are not looked at. Spellings of an IPv6 address are the same host.
 *
 * Return: whether it is.
 */
bool sip_host_equal(const struct sip_host *a, const struct sip_host *b)
{
	struct in6_addr one, two;

	if (a->six && b->six)
		return !six_octets(sip_part(a->host, 1, a->host.len - 1),
				   &one) &&
		       !six_octets(sip_part(b->host, 1, b->host.len - 1),
				   &two) &&
		       !memcmp(&one, &two, sizeof(one));
	return sip_alike(a->host, b->host);
}
