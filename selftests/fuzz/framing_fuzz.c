// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target for the framing of agent/sip, for libFuzzer. The first octet of
 * an input says in which pieces the rest comes; what is found must be the same
 * as when it comes at once, and must be bounded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/sip/framing.h"
#include "../../agent/sip/msg.h"

#define FOUND_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sip_limits limits = { 2048, 40, 1024 };

static void holds(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/**
 * struct found - what a stream held
 * @n: how many frames
 * @frame: they
 */
struct found {
	size_t n;
	struct sip_frame frame[FOUND_MAX];
};

/* The next frame, from memory exactly as large. False if there is none. */
static bool next(struct sip_stream *stream, const char *data, size_t len,
		 struct sip_frame *frame)
{
	char *exact = malloc(len);

	memcpy(exact, data, len);
	sip_stream_next(stream, exact, len, frame);
	free(exact);
	holds(frame->size <= len && !frame->skip, "a frame is inside");
	if (frame->kind == SIP_FRAME_MORE)
		holds(len < sip_stream_room(stream), "waiting has a limit");
	else if (frame->kind != SIP_FRAME_BAD)
		holds(frame->size, "what is found is taken away");
	return frame->kind != SIP_FRAME_MORE;
}

static void run(const char *data, size_t size, size_t piece, bool pinging,
		struct found *found)
{
	size_t front = 0, end = 0;
	struct sip_stream stream;
	struct sip_frame frame;

	sip_stream_init(&stream, limits, pinging);
	found->n = 0;
	while (end < size) {
		end += piece < size - end ? piece : size - end;
		while (next(&stream, data + front, end - front, &frame)) {
			if (found->n == FOUND_MAX)
				return;
			found->frame[found->n++] = frame;
			front += frame.size;
			if (frame.kind == SIP_FRAME_BAD)
				return;
		}
	}
}

/* What the framing takes for a message the parser takes for no other. */
static void parse(const char *data, const struct found *found)
{
	static struct sip_msg msg;
	size_t at = 0, i;

	for (i = 0; i < found->n; i++) {
		if (found->frame[i].kind == SIP_FRAME_MESSAGE) {
			sip_msg_parse(&msg, data + at, found->frame[i].size,
				      true);
			holds(msg.size == found->frame[i].size,
			      "the parser sees the same end");
		}
		at += found->frame[i].size;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct found whole, pieces;
	const char *stream = (const char *)data + 1;
	bool pinging = size && data[0] & 0x80;
	size_t i;

	if (size < 2)
		return 0;
	run(stream, size - 1, size, pinging, &whole);
	run(stream, size - 1, (data[0] & 0x7f) + 1, pinging, &pieces);
	for (i = 0; i < whole.n && i < pieces.n; i++) {
		/* A limit may be noticed before the end is there. */
		if (whole.frame[i].kind == SIP_FRAME_BAD)
			break;
		holds(whole.frame[i].kind == pieces.frame[i].kind &&
			      whole.frame[i].size == pieces.frame[i].size,
		      "pieces make no difference");
	}
	holds(whole.n == pieces.n, "nor do they for how many there are");
	parse(stream, &whole);
	return 0;
}
