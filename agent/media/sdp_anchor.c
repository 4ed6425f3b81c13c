// SPDX-License-Identifier: GPL-2.0
/* What a P-CSCF changes in a description whose media it anchors. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sdp.h"

#define ADDR_TEXT  (sizeof("IN IP6 ") + INET6_ADDRSTRLEN)
#define DIGITS_MAX 40
#define CARRY_MAX  10 /* digits of UINT32_MAX */

static int first_line(const struct sdp *sdp, unsigned int media)
{
	return sdp->section[media].first;
}

/**
 * sdp_set_port() - the port of an m-line
 * @sdp: the description
 * @media: the m-line
 * @port: port; 0 rejects the line (RFC 3264, 6)
 *
 * An anchor has one port: a number of ports goes.
 *
 * Return: 0; -ENOENT, -EBADMSG for a bad m-line; -ENOSPC.
 */
int sdp_set_port(struct sdp *sdp, unsigned int media, uint16_t port)
{
	struct sdp_media m;
	char text[8];
	int err;

	err = sdp_media(sdp, media, &m);
	if (err)
		return err;
	if (m.port == port && m.ports == 1)
		return 0;
	snprintf(text, sizeof(text), "%u", port);
	return sdp_splice(sdp, first_line(sdp, media), m.number,
			  sdp_text_of(text));
}

/**
 * sdp_set_secure() - the transport of an m-line, with or without security
 * @sdp: the description
 * @media: the m-line
 * @secure: RTP/SAVP, RTP/SAVPF, TCP/TLS/MSRP; else RTP/AVP, RTP/AVPF, TCP/MSRP
 *
 * Return: 0; -EPROTONOSUPPORT if the transport has no such counterpart;
 * -ENOENT, -EBADMSG for a bad m-line; -ENOSPC.
 */
int sdp_set_secure(struct sdp *sdp, unsigned int media, bool secure)
{
	struct sdp_media m;
	const char *other;
	int err;

	err = sdp_media(sdp, media, &m);
	if (err)
		return err;
	other = sdp_proto_other(m.proto, secure);
	if (!other)
		return -EPROTONOSUPPORT;
	if (sdp_proto_secure(m.proto) == secure)
		return 0;
	return sdp_splice(sdp, first_line(sdp, media), m.proto_text,
			  sdp_text_of(other));
}

/* Writes "IN IP4 192.0.2.1". */
static int addr_write(const struct sdp_addr *addr, char *text)
{
	bool six = addr->family == AF_INET6;
	size_t head = sizeof("IN IP6 ") - 1;

	if (addr->host || (!six && addr->family != AF_INET))
		return -EINVAL;
	memcpy(text, six ? "IN IP6 " : "IN IP4 ", head);
	inet_ntop(addr->family, addr->octets, text + head, INET6_ADDRSTRLEN);
	return 0;
}

/* Is there another m-line in use without an address of its own? */
static bool session_needed(const struct sdp *sdp, unsigned int but)
{
	struct sdp_media m;
	unsigned int i;

	for (i = 1; i <= sdp->n_media; i++) {
		if (i == but || sdp_line_next(sdp, i, -1, 'c') >= 0)
			continue;
		if (sdp_media(sdp, i, &m) || m.port)
			return true;
	}
	return false;
}

/* In an m-line's section c= follows m= and i= (RFC 8866, 9). */
static int insert_connection(struct sdp *sdp, unsigned int media,
			     const char *line)
{
	int after = first_line(sdp, media), err;
	int next = sdp_line_next(sdp, media, after, 0);

	if (next >= 0 && sdp->line[next].type == 'i')
		after = next;
	err = sdp_insert(sdp, after, sdp_text_of(line));
	return err < 0 ? err : 0;
}

/* The first c= of a level gets a value, further ones go. */
static int replace_connection(struct sdp *sdp, int line, const char *value)
{
	unsigned int media = sdp->line[line].media;
	int more = line;

	while ((more = sdp_line_next(sdp, media, more, 'c')) >= 0)
		sdp_delete(sdp, more);
	return sdp_splice(sdp, line, sdp_line_value(sdp, line),
			  sdp_text_of(value));
}

/**
 * sdp_set_connection() - the address of an m-line
 * @sdp: the description
 * @media: the m-line; 0 for the session's own c=, if it has one
 * @addr: family and octets, a number; its text is not used
 *
 * Its own c= is replaced, and further ones go. Without one, the session's c= is
 * replaced if no other m-line in use depends on it; otherwise the m-line gets
 * its own.
 *
 * Return: 0; -ENOENT for no such m-line or c=; -EINVAL for a bad @addr; -ENOSPC.
 */
int sdp_set_connection(struct sdp *sdp, unsigned int media,
		       const struct sdp_addr *addr)
{
	char text[ADDR_TEXT + 2] = "c=";
	int line, err;

	if (media > sdp->n_media)
		return -ENOENT;
	err = addr_write(addr, text + 2);
	if (err)
		return err;
	line = sdp_line_next(sdp, media, -1, 'c');
	if (line < 0 && media && !session_needed(sdp, media))
		line = sdp_line_next(sdp, 0, -1, 'c');
	if (line >= 0)
		return replace_connection(sdp, line, text + 2);
	return media ? insert_connection(sdp, media, text) : -ENOENT;
}

/**
 * sdp_set_rtcp() - the a=rtcp of an m-line (RFC 3605)
 * @sdp: the description
 * @media: the m-line
 * @port: port; 0 for no a=rtcp: RTCP is multiplexed or has the next port
 * @addr: a number, if it is to be named; or NULL
 *
 * Return: 0; -ENOENT for no such m-line; -EINVAL for a bad @addr; -ENOSPC.
 */
int sdp_set_rtcp(struct sdp *sdp, unsigned int media, uint16_t port,
		 const struct sdp_addr *addr)
{
	char where[ADDR_TEXT] = "", text[ADDR_TEXT + 8];
	int err;

	if (!media || media > sdp->n_media)
		return -ENOENT;
	if (!port) {
		sdp_remove(sdp, media, "rtcp");
		return 0;
	}
	err = addr ? addr_write(addr, where) : 0;
	if (err)
		return err;
	snprintf(text, sizeof(text), "%u%s%s", port, addr ? " " : "", where);
	return sdp_set(sdp, media, "rtcp", sdp_text_of(text));
}

/* Removes attributes by a list of names that ends with NULL; counts them. */
static int strip(struct sdp *sdp, unsigned int media, const char *const *name)
{
	int n = 0;

	for (; *name; name++)
		n += sdp_remove(sdp, media, *name);
	return n;
}

/**
 * sdp_strip_mux() - RTCP has a port of its own
 * @sdp: the description
 * @media: the m-line, or SDP_EVERY
 *
 * Return: how many attributes went.
 */
int sdp_strip_mux(struct sdp *sdp, unsigned int media)
{
	static const char *const names[] = { "rtcp-mux", "rtcp-mux-only",
					     NULL };

	return strip(sdp, media, names);
}

static int strip_old_keys(struct sdp *sdp, unsigned int media)
{
	int line = -1, n = 0;

	while ((line = sdp_line_next(sdp, media, line, 'k')) >= 0) {
		sdp_delete(sdp, line);
		n++;
	}
	return n;
}

/**
 * sdp_strip_keys() - take keys and their marks out
 * @sdp: the description
 * @media: level, or SDP_EVERY
 *
 * That is a=crypto, a=key-mgmt, a=3ge2ae, and k= of former times (RFC 8866,
 * 5.12). The session's a=key-mgmt is for all m-lines: level 0 is to be stripped
 * only if none needs it.
 *
 * Return: how many lines went.
 */
int sdp_strip_keys(struct sdp *sdp, unsigned int media)
{
	static const char *const names[] = { "crypto", "key-mgmt", "3ge2ae",
					     NULL };
	unsigned int i;
	int n;

	n = strip(sdp, media, names);
	for (i = 0; i <= sdp->n_media; i++)
		if (media == SDP_EVERY || media == i)
			n += strip_old_keys(sdp, i);
	return n;
}

/**
 * sdp_strip_ice() - take candidates and all else of ICE out
 * @sdp: the description
 * @media: level, or SDP_EVERY; the session has a part of it
 *
 * Candidates would lead media past the anchor.
 *
 * Return: how many attributes went.
 */
int sdp_strip_ice(struct sdp *sdp, unsigned int media)
{
	int i, n = 0;

	for (i = 0; sdp_ice_name(i); i++)
		n += sdp_remove(sdp, media, sdp_ice_name(i));
	return n;
}

/**
 * sdp_strip_bundle() - every m-line has its own transport (RFC 9143)
 * @sdp: the description
 *
 * a=mid stays, other groups may need it. A line with a=bundle-only has port 0
 * and without the group is a rejected one.
 *
 * Return: how many attributes went.
 */
int sdp_strip_bundle(struct sdp *sdp)
{
	struct sdp_attr group = SDP_FIRST;
	struct sdp_text word;
	int n = 0;

	while (sdp_attr_next(sdp, 0, "group", &group)) {
		sdp_text_word(&group.value, &word);
		if (!sdp_text_is(word, "BUNDLE"))
			continue;
		sdp_delete(sdp, group.line);
		n++;
	}
	return n + sdp_remove(sdp, SDP_EVERY, "bundle-only");
}

/**
 * sdp_add_bandwidth() - the tag's part of b=AS
 * @sdp: the description
 * @media: level
 * @kbit: what packets grow by, kbit/s; negative if they shrink
 *
 * TIAS counts without such overhead (RFC 3890) and stays. AS:0 stays too.
 *
 * Return: 1 if it was changed; 0 if there is no b=AS; -EBADMSG if it is no
 * number; -ENOSPC.
 */
int sdp_add_bandwidth(struct sdp *sdp, unsigned int media, int kbit)
{
	struct sdp_text name, number;
	char text[16];
	uint32_t old;
	int64_t sum;
	int line, err;

	line = sdp_bandwidth(sdp, media, "AS", &old);
	if (line < 0)
		return line == -ENOENT ? 0 : line;
	if (!old || !kbit)
		return 0;
	sum = (int64_t)old + kbit;
	if (sum < 1)
		sum = 1;
	else if (sum > UINT32_MAX)
		sum = UINT32_MAX;
	snprintf(text, sizeof(text), "%u", (uint32_t)sum);
	sdp_text_cut(sdp_line_value(sdp, line), ':', &name, &number);
	err = sdp_splice(sdp, line, sdp_text_trim(number), sdp_text_of(text));
	return err ? err : 1;
}

/* Adds to digits after CARRY_MAX zeros; returns where the sum begins. */
static const char *add_digits(char *digits, size_t len, uint64_t by)
{
	size_t i;

	for (i = CARRY_MAX + len; by; i--) {
		by += digits[i - 1] - '0';
		digits[i - 1] = '0' + by % 10;
		by /= 10;
	}
	for (i = 0; i < CARRY_MAX && digits[i] == '0'; i++)
		;
	return digits + i;
}

/**
 * sdp_add_version() - count the version of the o= line up
 * @sdp: the description
 * @by: by how much
 *
 * An agent that changes what the peer sees without the other end's doing, or
 * once did, has to (RFC 3264, 8). The number may be larger than 64 bits.
 *
 * Return: 0; -EBADMSG if there is none; -ENOSPC.
 */
int sdp_add_version(struct sdp *sdp, uint32_t by)
{
	char digits[CARRY_MAX + DIGITS_MAX + 1] = "0000000000";
	int line = sdp_line_next(sdp, 0, -1, 'o');
	struct sdp_text rest, word;
	size_t i;

	if (line < 0)
		return -EBADMSG;
	rest = sdp_line_value(sdp, line);
	for (i = 0; i < 3; i++)
		sdp_text_word(&rest, &word);
	if (!word.len || word.len > DIGITS_MAX)
		return -EBADMSG;
	for (i = 0; i < word.len; i++)
		if (word.at[i] < '0' || word.at[i] > '9')
			return -EBADMSG;
	memcpy(digits + CARRY_MAX, word.at, word.len);
	return sdp_splice(sdp, line, word,
			  sdp_text_of(add_digits(digits, word.len, by)));
}
