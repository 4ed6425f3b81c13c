// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

#define RTP_HEADER 12

static unsigned int number_of(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end || value > UINT32_MAX)
		errx(2, "no number: %s", text);
	return value;
}

static void key_of(struct what *w, const char *hex)
{
	size_t i, n = strlen(hex) / 2;
	unsigned int octet;

	if (n > sizeof(w->key))
		errx(2, "key too long");
	for (i = 0; i < n; i++) {
		if (sscanf(hex + 2 * i, "%2x", &octet) != 1)
			errx(2, "no key");
		w->key[i] = octet;
	}
	w->own_key = true;
}

static void place_of(const char *text, uint8_t addr[4], unsigned int *port)
{
	char host[16];

	if (sscanf(text, "%15[0-9.]:%u", host, port) != 2 ||
	    inet_pton(AF_INET, host, addr) != 1)
		errx(2, "no address and port: %s", text);
}

static bool option(struct what *w, const char *name, const char *value)
{
	static const char *const names[] = { "payload", "streams", "ssrcs",
					     "count",	"ordered", "forged" };
	unsigned int *const to[] = { &w->payload, &w->streams, &w->ssrcs,
				     &w->count,	  &w->ordered, &w->forged };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i])) {
			*to[i] = number_of(value);
			return true;
		}
	if (!strcmp(name, "suite"))
		w->suite = value;
	else if (!strcmp(name, "secure"))
		w->secure = number_of(value);
	else if (!strcmp(name, "rtcp"))
		w->rtcp = number_of(value);
	else if (!strcmp(name, "family"))
		w->family = number_of(value);
	else if (!strcmp(name, "side"))
		w->side = strcmp(value, "core") ? ACCESS : CORE;
	else if (!strcmp(name, "key"))
		key_of(w, value);
	else if (!strcmp(name, "src"))
		place_of(value, w->src, &w->src_port);
	else if (!strcmp(name, "dst"))
		place_of(value, w->dst, &w->dst_port);
	else
		return false;
	return true;
}

/* Words NAME=VALUE. */
void flow_options(struct what *w, int argc, char **argv)
{
	char *value;
	int i;

	*w = (struct what){ .suite = "plain",
			    .payload = 160,
			    .streams = 1,
			    .ssrcs = 1,
			    .count = 1,
			    .family = 4 };
	for (i = 0; i < argc; i++) {
		value = strchr(argv[i], '=');
		if (value)
			*value++ = 0;
		if (!value || !option(w, argv[i], value))
			errx(2, "no option: %s", argv[i]);
	}
	if (!strcmp(w->suite, "plain"))
		w->secure = false;
	if (!w->streams || !w->ssrcs || w->payload > 1400)
		errx(2, "out of bounds");
}

/*
 * Stream n has SA 2n - 1 for what the UE sends and 2n for what it is sent. The
 * master key of an SA is its number, filled up with zeros on the left; the salt
 * is 1, 2, 3 and so on.
 */
static void stream_key(uint32_t number, bool send, int key_len, uint8_t *out)
{
	uint32_t sa = send ? 2 * number - 1 : 2 * number;
	int i;

	memset(out, 0, key_len);
	for (i = 0; i < 4; i++)
		out[key_len - 1 - i] = sa >> 8 * i;
	for (i = 0; i < 14; i++)
		out[key_len + i] = i + 1;
}

/* A session of the UE for any SSRC, under the stream's key unless the options name another. */
srtp_t flow_session(const struct what *w, uint32_t number, bool send)
{
	srtp_policy_t policy = {};
	uint8_t key[64];
	int key_len = 16;
	srtp_t srtp;

	if (!strcmp(w->suite, "AES_CM_128_HMAC_SHA1_80")) {
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
	} else if (!strcmp(w->suite, "AEAD_AES_128_GCM")) {
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
	} else if (!strcmp(w->suite, "AEAD_AES_256_GCM")) {
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
		key_len = 32;
	} else {
		errx(2, "no suite: %s", w->suite);
	}
	stream_key(number, send, key_len, key);
	policy.rtcp = policy.rtp;
	policy.key = w->own_key ? (uint8_t *)w->key : key;
	policy.window_size = 1024;
	policy.ssrc.type = send ? ssrc_any_outbound : ssrc_any_inbound;
	if (srtp_create(&srtp, &policy))
		errx(1, "srtp_create");
	return srtp;
}

static void put16(uint8_t *to, uint16_t value)
{
	to[0] = value >> 8;
	to[1] = value;
}

static void put32(uint8_t *to, uint32_t value)
{
	put16(to, value >> 16);
	put16(to + 2, value);
}

static uint16_t get16(const uint8_t *from)
{
	return from[0] << 8 | from[1];
}

static uint32_t get32(const uint8_t *from)
{
	return (uint32_t)get16(from) << 16 | get16(from + 2);
}

static uint8_t pattern(uint32_t ssrc, uint32_t nth, size_t at)
{
	return ssrc + 3 * nth + 7 * at;
}

/* RFC 3550, 6.4.1 and 6.5: a sender report without blocks, and a CNAME. */
static size_t rtcp(uint32_t ssrc, uint32_t nth, uint8_t *out)
{
	static const uint8_t sdes[16] = {
		0x81, 202, 0, 3, 0, 0, 0, 0, 1, 5, 'a', '@', 'b', '.', 'c', 0
	};
	size_t i;

	out[0] = 0x80;
	out[1] = 200;
	put16(out + 2, 6);
	put32(out + 4, ssrc);
	put32(out + 8, nth);
	for (i = 12; i < 28; i++)
		out[i] = pattern(ssrc, nth, i);
	memcpy(out + 28, sdes, sizeof(sdes));
	put32(out + 32, ssrc);
	return 28 + sizeof(sdes);
}

/* Packet @nth of a stream, from 0 on; octets of it. */
size_t flow_media(const struct what *w, uint32_t number, uint32_t nth,
		  uint8_t *out)
{
	uint32_t ssrc = number << 8 | nth % w->ssrcs;
	uint16_t seq = nth / w->ssrcs;
	size_t i;

	if (w->rtcp)
		return rtcp(ssrc, nth, out);
	out[0] = 0x80;
	out[1] = 0;
	put16(out + 2, seq);
	put32(out + 4, seq * 160);
	put32(out + 8, ssrc);
	for (i = 0; i < w->payload; i++)
		out[RTP_HEADER + i] = pattern(ssrc, seq, i);
	return RTP_HEADER + w->payload;
}

/* Sum in one's complement, not inverted (RFC 1071); octets are even but for the last block. */
uint16_t flow_sum(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *at = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(at + i);
	if (len & 1)
		sum += at[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* 10.1.0.HOST or fd01::HOST on the access side, 10.2 and fd02 on the core side. */
static void address(const struct what *w, uint8_t host, uint8_t *out)
{
	uint8_t side = w->side == ACCESS ? 1 : 2;

	memset(out, 0, 16);
	if (w->family == 6) {
		out[0] = 0xfd;
		out[1] = side;
		out[15] = host;
	} else {
		out[0] = 10;
		out[1] = side;
		out[3] = host;
	}
}

static size_t ip_header(const struct what *w, uint32_t number, size_t len,
			uint8_t *out)
{
	uint8_t host = 1 + (number - 1) / PORTS;

	memset(out, 0, 40);
	if (w->family == 6) {
		out[0] = 0x60;
		put16(out + 4, len);
		out[6] = 17;
		out[7] = 64;
		address(w, 200, out + 8);
		address(w, host, out + 24);
		return 40;
	}
	out[0] = 0x45;
	put16(out + 2, 20 + len);
	out[6] = 0x40;
	out[8] = 64;
	out[9] = 17;
	address(w, 200, out + 12);
	address(w, host, out + 16);
	if (w->src_port)
		memcpy(out + 12, w->src, 4);
	if (w->dst_port)
		memcpy(out + 16, w->dst, 4);
	put16(out + 10, ~flow_sum(out, 20, 0));
	return 20;
}

/* Makes a packet at @packet of the @len octets of media at @packet + 48; returns its size. */
size_t flow_ip(const struct what *w, uint32_t number, uint8_t *packet,
	       size_t len)
{
	uint16_t port = FIRST_PORT + (number - 1) % PORTS, sum;
	uint8_t media[MAX_PACKET], *udp;
	size_t hlen;

	memcpy(media, packet + 48, len);
	hlen = ip_header(w, number, 8 + len, packet);
	udp = packet + hlen;
	put16(udp, w->src_port ? w->src_port : port);
	put16(udp + 2, w->dst_port ? w->dst_port : port);
	put16(udp + 4, 8 + len);
	put16(udp + 6, 0);
	memcpy(udp + 8, media, len);
	sum = flow_sum(packet + (w->family == 6 ? 8 : 12),
		       w->family == 6 ? 32 : 8, 17 + 8 + len);
	sum = ~flow_sum(udp, 8 + len, sum);
	put16(udp + 6, sum ? sum : 0xffff);
	return hlen + 8 + len;
}

/* NULL if a plain packet that left is what flow_media() made, else what is wrong. */
const char *flow_judge(const struct what *w, uint32_t number,
		       const uint8_t *media, size_t len)
{
	uint8_t want[MAX_PACKET];
	uint32_t ssrc, nth;

	if (len < RTP_HEADER)
		return "short";
	ssrc = get32(media + (w->rtcp ? 4 : 8));
	if (ssrc >> 8 != number || (ssrc & 255) >= w->ssrcs)
		return "SSRC of another stream";
	nth = w->rtcp ? get32(media + 8) :
			get16(media + 2) * w->ssrcs + (ssrc & 255);
	if (flow_media(w, number, nth, want) != len)
		return "length";
	return memcmp(want, media, len) ? "octets" : NULL;
}
