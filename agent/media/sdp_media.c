// SPDX-License-Identifier: GPL-2.0
/* m-lines, their addresses, and what they say of RTP. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "sdp.h"

static int parse_port(struct sdp_media *m)
{
	struct sdp_text port, ports;
	uint64_t number;

	m->ports = 1;
	if (sdp_text_cut(m->number, '/', &port, &ports)) {
		if (sdp_text_number(ports, UINT16_MAX, &number) || !number)
			return -EBADMSG;
		m->ports = number;
	}
	if (sdp_text_number(port, UINT16_MAX, &number))
		return -EBADMSG;
	m->port = number;
	return 0;
}

/**
 * sdp_media() - an m-line (RFC 8866, 5.14)
 * @sdp: the description
 * @media: which, from 1 to @sdp->n_media
 * @m: where to put it
 *
 * Return: 0; -EBADMSG if it is malformed; -ENOENT if there is none.
 */
int sdp_media(const struct sdp *sdp, unsigned int media, struct sdp_media *m)
{
	struct sdp_text rest;

	if (!media || media > sdp->n_media)
		return -ENOENT;
	rest = sdp_line_value(sdp, sdp->section[media].first);
	if (!sdp_text_word(&rest, &m->media) ||
	    !sdp_text_word(&rest, &m->number) ||
	    !sdp_text_word(&rest, &m->proto_text))
		return -EBADMSG;
	m->proto = sdp_proto(m->proto_text);
	m->formats = sdp_text_trim(rest);
	return parse_port(m);
}

/* inet_pton() wants a string. */
static void parse_number(struct sdp_addr *addr)
{
	char string[INET6_ADDRSTRLEN];
	size_t len = addr->text.len;

	addr->host = true;
	memset(addr->octets, 0, sizeof(addr->octets));
	if (!len || len >= sizeof(string) || memchr(addr->text.at, '\0', len))
		return;
	memcpy(string, addr->text.at, len);
	string[len] = '\0';
	if (inet_pton(addr->family, string, addr->octets) == 1)
		addr->host = false;
	else
		memset(addr->octets, 0, sizeof(addr->octets));
}

/**
 * sdp_addr_parse() - network, kind and address, as in c= (RFC 8866, 5.7)
 * @text: "IN IP4 192.0.2.1", with TTL and number of addresses if it likes
 * @addr: where to put it
 *
 * Return: 0; -EBADMSG if it is malformed; -EAFNOSUPPORT if it is not IN IP4 or
 * IN IP6.
 */
int sdp_addr_parse(struct sdp_text text, struct sdp_addr *addr)
{
	struct sdp_text net, kind, whole, ttl;

	if (!sdp_text_word(&text, &net) || !sdp_text_word(&text, &kind) ||
	    !sdp_text_word(&text, &whole) || sdp_text_trim(text).len)
		return -EBADMSG;
	if (!sdp_text_is(net, "IN"))
		return -EAFNOSUPPORT;
	if (sdp_text_is(kind, "IP4"))
		addr->family = AF_INET;
	else if (sdp_text_is(kind, "IP6"))
		addr->family = AF_INET6;
	else
		return -EAFNOSUPPORT;
	sdp_text_cut(whole, '/', &addr->text, &ttl);
	if (!addr->text.len)
		return -EBADMSG;
	parse_number(addr);
	return 0;
}

/**
 * sdp_addr_any() - is this the unspecified address?
 * @addr: the address
 *
 * Old user agents hold a call with c=0.0.0.0 (RFC 3264, 8.4).
 *
 * Return: whether it is 0.0.0.0 or ::, or a name in IP6 .invalid (RFC 6157, 4.1).
 */
bool sdp_addr_any(const struct sdp_addr *addr)
{
	static const char invalid[] = ".invalid";
	static const uint8_t zero[16];
	struct sdp_text end = addr->text;

	if (!addr->host)
		return !memcmp(addr->octets, zero, sizeof(zero));
	if (end.len < sizeof(invalid) - 1)
		return false;
	end.at += end.len - (sizeof(invalid) - 1);
	end.len = sizeof(invalid) - 1;
	return sdp_text_is(end, invalid);
}

/**
 * sdp_connection() - the address of an m-line
 * @sdp: the description
 * @media: the m-line, or 0 for the session's own
 * @addr: where to put it
 *
 * The m-line's first c= counts, else the session's, wherever it stands there.
 *
 * Return: 0; -ENOENT if there is none; as sdp_addr_parse() if it is bad.
 */
int sdp_connection(const struct sdp *sdp, unsigned int media,
		   struct sdp_addr *addr)
{
	int line = sdp_line_next(sdp, media, -1, 'c');

	if (line < 0)
		line = sdp_line_next(sdp, 0, -1, 'c');
	if (line < 0)
		return -ENOENT;
	return sdp_addr_parse(sdp_line_value(sdp, line), addr);
}

static int parse_rtcp(struct sdp_text value, struct sdp_rtcp *rtcp)
{
	struct sdp_text port;
	uint64_t number;

	if (!sdp_text_word(&value, &port) ||
	    sdp_text_number(port, UINT16_MAX, &number) || !number)
		return -EBADMSG;
	rtcp->given = true;
	rtcp->port = number;
	if (!sdp_text_trim(value).len)
		return 0;
	rtcp->has_addr = true;
	return sdp_addr_parse(value, &rtcp->addr);
}

/**
 * sdp_rtcp() - where RTCP of an m-line goes
 * @sdp: the description
 * @media: the m-line
 * @rtcp: where to put it
 *
 * An offer with a=rtcp-mux still says where RTCP goes if the answer has none.
 *
 * Return: 0; -ENOENT, -EBADMSG, -EAFNOSUPPORT for a bad m-line or a=rtcp;
 * -ERANGE if RTP has the last port and no other is given.
 */
int sdp_rtcp(const struct sdp *sdp, unsigned int media, struct sdp_rtcp *rtcp)
{
	struct sdp_attr attr = SDP_FIRST;
	struct sdp_media m;
	int err;

	memset(rtcp, 0, sizeof(*rtcp));
	err = sdp_media(sdp, media, &m);
	if (err)
		return err;
	rtcp->only = sdp_attr_has(sdp, media, "rtcp-mux-only");
	rtcp->mux = rtcp->only || sdp_attr_has(sdp, media, "rtcp-mux");
	if (sdp_attr_next(sdp, media, "rtcp", &attr))
		return parse_rtcp(attr.value, rtcp);
	if (m.port == UINT16_MAX)
		return rtcp->mux ? 0 : -ERANGE;
	rtcp->port = m.port ? m.port + 1 : 0;
	return 0;
}

/* Clocks of the static payload types (RFC 3551, tables 4 and 5), Hz. */
static uint32_t static_rate(unsigned int payload)
{
	static const uint32_t rates[] = {
		[0] = 8000,   [3] = 8000,   [4] = 8000,	  [5] = 8000,
		[6] = 16000,  [7] = 8000,   [8] = 8000,	  [9] = 8000,
		[10] = 44100, [11] = 44100, [12] = 8000,  [13] = 8000,
		[14] = 90000, [15] = 8000,  [16] = 11025, [17] = 22050,
		[18] = 8000,  [25] = 90000, [26] = 90000, [28] = 90000,
		[31] = 90000, [32] = 90000, [33] = 90000, [34] = 90000,
	};

	return payload < ARRAY_SIZE(rates) ? rates[payload] : 0;
}

/* Reads "96 AMR-WB/16000/1"; false if it is malformed or another type. */
static bool parse_rtpmap(struct sdp_text value, unsigned int payload,
			 struct sdp_rtpmap *map)
{
	struct sdp_text word, rest, rate, channels;
	uint64_t number;

	if (!sdp_text_word(&value, &word) ||
	    sdp_text_number(word, 127, &number) || number != payload)
		return false;
	sdp_text_word(&value, &word);
	if (!sdp_text_cut(word, '/', &map->encoding, &rest))
		return false;
	sdp_text_cut(rest, '/', &rate, &channels);
	if (sdp_text_number(rate, INT32_MAX, &number) || !number)
		return false;
	map->rate = number;
	return true;
}

/**
 * sdp_rtpmap() - what a payload type means (RFC 8866, 6.6; RFC 3551, 6)
 * @sdp: the description
 * @media: the m-line
 * @payload: the type
 * @map: where to put it
 *
 * Return: 0, or -ENOENT if nothing says.
 */
int sdp_rtpmap(const struct sdp *sdp, unsigned int media, unsigned int payload,
	       struct sdp_rtpmap *map)
{
	struct sdp_attr attr = SDP_FIRST;

	while (sdp_attr_next(sdp, media, "rtpmap", &attr))
		if (parse_rtpmap(attr.value, payload, map))
			return 0;
	map->encoding = (struct sdp_text){ NULL, 0 };
	map->rate = static_rate(payload);
	return map->rate ? 0 : -ENOENT;
}

/**
 * sdp_clock_rate() - clock of an m-line's first payload type
 * @sdp: the description
 * @media: the m-line
 *
 * Return: Hz; -ENOENT if it is not RTP or nothing says; -EBADMSG if the m-line
 * is malformed.
 */
int sdp_clock_rate(const struct sdp *sdp, unsigned int media)
{
	struct sdp_rtpmap map;
	struct sdp_text word;
	struct sdp_media m;
	uint64_t payload;
	int err;

	err = sdp_media(sdp, media, &m);
	if (err)
		return err;
	if (!sdp_text_word(&m.formats, &word) ||
	    sdp_text_number(word, 127, &payload))
		return -ENOENT;
	err = sdp_rtpmap(sdp, media, payload, &map);
	return err ? err : (int)map.rate;
}

/**
 * sdp_ptime() - length of a packet (RFC 8866, 6.4)
 * @sdp: the description
 * @media: the m-line
 *
 * Return: microseconds, up to a second; -ENOENT if there is no a=ptime;
 * -EBADMSG if it is no such time.
 */
int sdp_ptime(const struct sdp *sdp, unsigned int media)
{
	struct sdp_text whole, fraction;
	struct sdp_attr attr = SDP_FIRST;
	unsigned int scale = 1000, micro;
	uint64_t number;

	if (!sdp_attr_next(sdp, media, "ptime", &attr))
		return -ENOENT;
	sdp_text_cut(attr.value, '.', &whole, &fraction);
	if (sdp_text_number(whole, 1000, &number))
		return -EBADMSG;
	micro = number * 1000;
	for (; fraction.len && scale > 1; fraction.at++, fraction.len--) {
		struct sdp_text digit = { fraction.at, 1 };

		if (sdp_text_number(digit, 9, &number))
			return -EBADMSG;
		scale /= 10;
		micro += number * scale;
	}
	return micro && micro <= 1000000 ? (int)micro : -EBADMSG;
}

/**
 * sdp_bandwidth() - a b= line (RFC 8866, 5.8)
 * @sdp: the description
 * @media: level
 * @type: "AS" (kbit/s), "RS", "RR", "TIAS" (bit/s), ...
 * @value: where to put it
 *
 * Return: index of the line; -ENOENT if there is none; -EBADMSG if its value is
 * no number.
 */
int sdp_bandwidth(const struct sdp *sdp, unsigned int media, const char *type,
		  uint32_t *value)
{
	struct sdp_text name, text;
	uint64_t number;
	int line = -1;

	do {
		line = sdp_line_next(sdp, media, line, 'b');
		if (line < 0)
			return line;
		sdp_text_cut(sdp_line_value(sdp, line), ':', &name, &text);
	} while (!sdp_text_is(sdp_text_trim(name), type));
	if (sdp_text_number(sdp_text_trim(text), UINT32_MAX, &number))
		return -EBADMSG;
	*value = number;
	return line;
}
