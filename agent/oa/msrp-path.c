// SPDX-License-Identifier: GPL-2.0
/* a=path of MSRP lines (RFC 4975, 6 and 8.2). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "inner-msrp.h"

#define SESSION_OCTETS 15 /* of the random session-id (RFC 4975, 14.1) */

static bool skip(struct sdp_text *text, const char *word)
{
	size_t len = strlen(word);

	if (text->len < len ||
	    !sdp_text_is((struct sdp_text){ text->at, len }, word))
		return false;
	text->at += len;
	text->len -= len;
	return true;
}

static bool is_visible(struct sdp_text text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~')
			return false;
	return true;
}

/* "user@host:port" of a URI; a name, or no port, gives no address. */
static void read_authority(struct sdp_text authority, struct net_addr *addr)
{
	struct sdp_text head, host = authority, digits;
	const char *colon = NULL;
	uint64_t port;
	size_t i;

	memset(addr, 0, sizeof(*addr));
	if (memchr(authority.at, '@', authority.len))
		sdp_text_cut(authority, '@', &head, &host);
	for (i = 0; i < host.len; i++) {
		if (host.at[i] == ':')
			colon = host.at + i;
		else if (host.at[i] == ']')
			colon = NULL;
	}
	if (!colon)
		return;
	digits.at = colon + 1;
	digits.len = (size_t)(host.at + host.len - digits.at);
	host.len = (size_t)(colon - host.at);
	if (!sdp_text_number(digits, UINT16_MAX, &port) && port)
		net_addr_set(addr, host, (uint16_t)port);
}

/* "msrp://authority/session;tcp" */
static bool read_uri(struct sdp_text uri, struct net_addr *addr)
{
	struct sdp_text authority, rest;

	if (!is_visible(uri) ||
	    (!skip(&uri, "msrp://") && !skip(&uri, "msrps://")))
		return false;
	if (!sdp_text_cut(uri, ';', &uri, &rest) || rest.len < 3 ||
	    !skip(&rest, "tcp") || (rest.len && rest.at[0] != ';'))
		return false;
	sdp_text_cut(uri, '/', &authority, &rest);
	if (!authority.len)
		return false;
	read_authority(authority, addr);
	return true;
}

/**
 * oa_path_read() - read an a=path
 * @value: of the attribute
 * @hop: where it leads
 *
 * Return: 0, or -EBADMSG if it is none, or longer than any that we take.
 */
int oa_path_read(struct sdp_text value, struct oa_hop *hop)
{
	struct net_addr addr;
	struct sdp_text uri;

	memset(hop, 0, sizeof(*hop));
	if (value.len > OA_PATH_MAX)
		return -EBADMSG;
	while (sdp_text_word(&value, &uri)) {
		if (hop->uris == OA_PATH_URIS || !read_uri(uri, &addr))
			return -EBADMSG;
		if (!hop->uris++)
			hop->addr = addr;
	}
	return hop->uris ? 0 : -EBADMSG;
}

/**
 * oa_uri_make() - a URI of our own for one session
 * @oa: the call
 * @side: where it is shown; the access leg has TLS
 * @local: own address there
 * @out: the URI
 *
 * Return: 0 or a negative errno.
 */
int oa_uri_make(const struct oa *oa, enum oa_side side,
		const struct net_addr *local, char out[OA_URI_ROOM])
{
	static const char digits[] = "0123456789abcdef";
	char id[2 * SESSION_OCTETS + 1] = "", host[NET_ADDR_TEXT];
	uint8_t octets[SESSION_OCTETS];
	int i, err;

	err = e2ae_entropy_fill(oa->world->entropy, octets, sizeof(octets));
	if (err)
		return err;
	for (i = 0; i < SESSION_OCTETS; i++) {
		id[2 * i] = digits[octets[i] >> 4];
		id[2 * i + 1] = digits[octets[i] & 15];
	}
	snprintf(out, OA_URI_ROOM, "%s://%s:%u/%s;tcp",
		 side == OA_ACCESS ? "msrps" : "msrp",
		 net_addr_host(local, host), net_addr_port(local), id);
	return 0;
}
