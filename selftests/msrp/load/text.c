// SPDX-License-Identifier: GPL-2.0
/* What peers send: chunks of MSRP messages (RFC 4975), all different and all known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define SHIFTS 4096 /* bodies begin at so many places of the same octets */

static char *octets;

/* text_prepare() - make the octets of bodies; the same in every run */
void text_prepare(void)
{
	uint64_t x = 0x9e3779b97f4a7c15;
	size_t i;

	octets = malloc(options.body + SHIFTS);
	if (!octets)
		exit(1);
	for (i = 0; i < options.body + SHIFTS; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		octets[i] = (char)(x >> 32);
	}
}

static const char *body(const struct text *text)
{
	return octets +
	       (text->chunk * 97 + text->number * 31 + text->sender) % SHIFTS;
}

/* URIs of a session, as the test has told the relay. */
static void paths(const struct text *text, char *to, char *from, size_t room)
{
	unsigned int n = text->number;
	bool up = text->sender == UE;

	if (up != text->rewritten) {
		snprintf(to, room,
			 up ? "msrps://a.example:2855/a%07u;tcp" :
			      "msrps://10.1.0.2:9/u%07u;tcp",
			 n);
		snprintf(from, room,
			 up ? "msrps://10.1.0.2:9/u%07u;tcp" :
			      "msrps://a.example:2855/a%07u;tcp",
			 n);
	} else {
		snprintf(to, room,
			 up ? "msrp://192.0.2.9:9/k%07u;tcp" :
			      "msrp://c.example:2856/c%07u;tcp",
			 n);
		snprintf(from, room,
			 up ? "msrp://c.example:2856/c%07u;tcp" :
			      "msrp://192.0.2.9:9/k%07u;tcp",
			 n);
	}
}

static void compose(struct text *text)
{
	uint64_t message = text->chunk / options.chunks;
	uint64_t first = text->chunk % options.chunks * options.body;
	bool last = text->chunk % options.chunks == options.chunks - 1;
	char to[64], from[64], name[32];

	paths(text, to, from, sizeof(to));
	snprintf(name, sizeof(name), "%c%07ux%llx",
		 text->sender == UE ? 'u' : 'k', text->number,
		 (unsigned long long)text->chunk);
	text->head_len = (size_t)snprintf(
		text->head, sizeof(text->head),
		"MSRP %s SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
		"Message-ID: m%c%ux%llx\r\nFailure-Report: no\r\n"
		"Byte-Range: %llu-%llu/%llu\r\n"
		"Content-Type: application/octet-stream\r\n\r\n",
		name, to, from, text->sender == UE ? 'u' : 'k', text->number,
		(unsigned long long)message, (unsigned long long)first + 1,
		(unsigned long long)(first + options.body),
		(unsigned long long)options.chunks * options.body);
	text->tail_len = (size_t)snprintf(text->tail, sizeof(text->tail),
					  "\r\n-------%s%c\r\n", name,
					  last ? '$' : '+');
}

/* text_start() - the first chunk */
void text_start(struct text *text, enum side sender, unsigned int number,
		bool rewritten)
{
	memset(text, 0, sizeof(*text));
	text->sender = sender;
	text->number = number;
	text->rewritten = rewritten;
}

/* text_left() - octets to the end of the chunk */
size_t text_left(struct text *text)
{
	if (!text->head_len)
		compose(text);
	return text->head_len + options.body + text->tail_len - text->at;
}

/* What is next, in one piece. */
static size_t piece(struct text *text, const char **data)
{
	size_t at = text->at;

	if (!text->head_len)
		compose(text);
	if (at < text->head_len) {
		*data = text->head + at;
		return text->head_len - at;
	}
	at -= text->head_len;
	if (at < options.body) {
		*data = body(text) + at;
		return options.body - at;
	}
	at -= options.body;
	*data = text->tail + at;
	return text->tail_len - at;
}

/* text_skip() - these are done; bodies among them go into a digest, or NULL */
void text_skip(struct text *text, size_t len, EVP_MD_CTX *digest)
{
	const char *data;
	size_t n;

	while (len) {
		n = piece(text, &data);
		n = n < len ? n : len;
		if (digest && text->at >= text->head_len &&
		    text->at < text->head_len + options.body)
			EVP_DigestUpdate(digest, data, n);
		text->at += n;
		len -= n;
		if (text_left(text))
			continue;
		text->chunk++;
		text->at = 0;
		text->head_len = 0;
	}
}

/* text_copy() - what is next; it is not done by that */
void text_copy(struct text *text, char *out, size_t len)
{
	struct text next = *text;
	const char *data;
	size_t n;

	if (text->at > text->head_len &&
	    len + text->tail_len < text_left(text)) {
		piece(text, &data);
		memcpy(out, data, len);
		return;
	}
	while (len) {
		n = piece(&next, &data);
		n = n < len ? n : len;
		memcpy(out, data, n);
		text_skip(&next, n, NULL);
		out += n;
		len -= n;
	}
}

/* text_sent_digest() - SHA-256 of the bodies of the first n chunks */
void text_sent_digest(enum side sender, unsigned int number, uint64_t n,
		      uint8_t digest[32])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct text text;

	text_start(&text, sender, number, false);
	if (!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		exit(1);
	for (text.chunk = 0; text.chunk < n; text.chunk++)
		EVP_DigestUpdate(ctx, body(&text), options.body);
	EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
}
