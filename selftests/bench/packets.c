// SPDX-License-Identifier: GPL-2.0
/*
 * Makes packets for the injector, and judges what left by libsrtp2.
 *
 *	packets make OPTION=VALUE... >/proc/e2ae_inject/packets
 *	packets check OPTION=VALUE... </proc/e2ae_inject/samples
 *
 * Options are in flow.h. A record is two octets of length, little-endian, and
 * a packet from its IP header on. `check` prints how many were good and bad.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"

#define MEDIA_AT 48 /* room for IPv6 and UDP headers */

/* The same numbers in every run (Knuth's MMIX generator). */
static uint32_t next_random(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*state >> 32) * below >> 32;
}

/* The order of streams: rounds over all of them, each in a new random order. */
static void shuffle(uint32_t *order, uint32_t n, uint64_t *state)
{
	uint32_t i, k, keep;

	for (i = n - 1; i > 0; i--) {
		k = next_random(state, i + 1);
		keep = order[i];
		order[i] = order[k];
		order[k] = keep;
	}
}

/* Packet @nth of a stream, which is packet @turn of all, as a record; octets of it. */
static size_t make_one(const struct what *w, const struct flow *f, uint32_t nth,
		       uint32_t turn, uint8_t *record)
{
	uint8_t packet[MEDIA_AT + MAX_PACKET];
	int len = flow_media(w, f->number, nth, packet + MEDIA_AT), status = 0;

	if (f->srtp)
		status = w->rtcp ?
				 srtp_protect_rtcp(f->srtp, packet + MEDIA_AT,
						   &len) :
				 srtp_protect(f->srtp, packet + MEDIA_AT, &len);
	if (status)
		errx(1, "libsrtp cannot protect: %d", status);
	/* A bit of the tag, so that all the work has to be done for nothing. */
	if (turn % 10 < w->forged)
		packet[MEDIA_AT + len - 1] ^= 1;
	len = flow_ip(w, f->number, packet, len);
	record[0] = len;
	record[1] = len >> 8;
	memcpy(record + 2, packet, len);
	return 2 + len;
}

/* Where the packets of each stream stand among all, @rounds numbers per stream. */
static void place(const struct what *w, uint32_t rounds, uint32_t *places)
{
	uint32_t *order = calloc(w->streams, sizeof(*order)), r, i;
	uint64_t state = 1;

	if (!order)
		errx(1, "no memory");
	for (i = 0; i < w->streams; i++)
		order[i] = i;
	for (r = 0; r < rounds; r++) {
		if (!w->ordered)
			shuffle(order, w->streams, &state);
		for (i = 0; i < w->streams; i++)
			places[order[i] * rounds + r] = r * w->streams + i;
	}
	free(order);
}

static void write_all(const uint8_t *data, size_t len)
{
	ssize_t n;

	for (; len; data += n, len -= n) {
		n = write(STDOUT_FILENO, data, len > 1 << 20 ? 1 << 20 : len);
		if (n <= 0)
			err(1, "write");
	}
}

/*
 * All packets are of one size. One session at a time, because libsrtp is slow
 * with many of them, beside one that keeps its crypto library loaded.
 */
static void make(const struct what *w)
{
	uint32_t rounds = (w->count + w->streams - 1) / w->streams, r, i;
	uint32_t *places = calloc((size_t)rounds * w->streams, sizeof(*places));
	uint8_t one[2 + MAX_PACKET], *all;
	size_t size = 0, at;

	if (!places)
		errx(1, "no memory");
	place(w, rounds, places);
	if (w->secure)
		flow_session(w, 0, true);
	for (all = NULL, i = 0; i < w->streams; i++) {
		struct flow f = { .number = i + 1 };

		if (w->secure)
			f.srtp = flow_session(w, f.number, true);
		for (r = 0; r < rounds; r++) {
			at = places[(size_t)i * rounds + r];
			if (at >= w->count)
				continue;
			size = make_one(w, &f, r, at, one);
			if (!all && !(all = malloc(w->count * size)))
				errx(1, "no memory");
			memcpy(all + at * size, one, size);
		}
		if (f.srtp)
			srtp_dealloc(f.srtp);
	}
	write_all(all, w->count * size);
}

/* Which stream a packet that left is of, by source address and destination port; 0 if none. */
static uint32_t stream_of(const struct what *w, const uint8_t *packet,
			  size_t hlen)
{
	uint8_t host = w->family == 6 ? packet[23] : packet[15];
	uint32_t port = packet[hlen + 2] << 8 | packet[hlen + 3];

	if (w->dst_port)
		return port == w->dst_port;
	if (!host || port < FIRST_PORT || port >= FIRST_PORT + PORTS)
		return 0;
	return (host - 1) * PORTS + port - FIRST_PORT + 1;
}

static const char *judge(const struct what *w, struct flow *flows,
			 uint8_t *packet, size_t len)
{
	size_t hlen = w->family == 6 ? 40 : 20;
	uint32_t number;
	int size, status = 0;

	if (len < hlen + 8 || packet[0] >> 4 != (w->family == 6 ? 6 : 4))
		return "no such packet";
	number = stream_of(w, packet, hlen);
	if (!number || number > w->streams)
		return "no such stream";
	size = len - hlen - 8;
	if ((packet[hlen + 4] << 8 | packet[hlen + 5]) != size + 8)
		return "UDP length";
	if (w->secure && !flows[number - 1].srtp)
		flows[number - 1].srtp = flow_session(w, number, false);
	if (w->secure)
		status = w->rtcp ?
				 srtp_unprotect_rtcp(flows[number - 1].srtp,
						     packet + hlen + 8, &size) :
				 srtp_unprotect(flows[number - 1].srtp,
						packet + hlen + 8, &size);
	if (status)
		return "libsrtp refuses it";
	return flow_judge(w, number, packet + hlen + 8, size);
}

static int check(const struct what *w)
{
	struct flow *flows = calloc(w->streams, sizeof(*flows));
	uint8_t head[2], packet[MAX_PACKET];
	unsigned long good = 0, bad = 0;
	const char *why, *first = "";
	size_t len;

	if (!flows)
		errx(1, "no memory");
	while (fread(head, 1, 2, stdin) == 2) {
		len = head[0] | head[1] << 8;
		if (len > sizeof(packet) || fread(packet, 1, len, stdin) != len)
			errx(1, "a record is cut off");
		why = judge(w, flows, packet, len);
		good += !why;
		if (why && !bad++)
			first = why;
	}
	printf("good %lu\nbad %lu\nwhy %s\n", good, bad, first);
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct what w;

	if (argc < 2)
		errx(2, "usage: packets make|check OPTION=VALUE...");
	flow_options(&w, argc - 2, argv + 2);
	if (srtp_init())
		errx(1, "srtp_init");
	if (!strcmp(argv[1], "check"))
		return check(&w);
	make(&w);
	return 0;
}
