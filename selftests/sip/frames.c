// SPDX-License-Identifier: GPL-2.0
/* The framing, fed in pieces as a connection would. */
#include <stdlib.h>
#include <string.h>

#include "../../agent/sip/framing.h"
#include "drive.h"

static const char *const kinds[] = {
	[SIP_FRAME_MORE] = "more",   [SIP_FRAME_MESSAGE] = "message",
	[SIP_FRAME_PING] = "ping",   [SIP_FRAME_PONG] = "pong",
	[SIP_FRAME_BLANK] = "blank", [SIP_FRAME_STUN] = "stun",
	[SIP_FRAME_BAD] = "bad",
};

static void say_frame(FILE *out, const struct sip_frame *frame)
{
	fprintf(out, "%s{\"x\":0", ftell(out) > 1 ? "," : "");
	say_text(out, "kind", sdp_text_of(kinds[frame->kind]));
	say_number(out, "size", (long)frame->size);
	say_number(out, "skip", (long)frame->skip);
	say_number(out, "error", frame->error.status);
	fputc('}', out);
}

static struct sip_limits limits(const struct call *call, size_t first)
{
	return (struct sip_limits){ number_of(call->arg[first]),
				    number_of(call->arg[first + 1]),
				    number_of(call->arg[first + 2]) };
}

/* stream HEAD LINES BODY PINGING PIECE OCTETS, in pieces of so many */
int drive_stream(struct call *call)
{
	size_t piece = number_of(call->arg[5]), front = 0, end = 0;
	struct sdp_text data = call->arg[6];
	struct sip_stream stream;
	struct sip_frame frame = { 0 };
	char *exact;

	sip_stream_init(&stream, limits(call, 1), number_of(call->arg[4]));
	fputc('[', call->out);
	while (end < data.len && frame.kind != SIP_FRAME_BAD) {
		end += piece < data.len - end ? piece : data.len - end;
		do {
			exact = malloc(end - front);
			memcpy(exact, data.at + front, end - front);
			sip_stream_next(&stream, exact, end - front, &frame);
			free(exact);
			front += frame.size;
			if (frame.kind != SIP_FRAME_MORE)
				say_frame(call->out, &frame);
		} while (frame.kind != SIP_FRAME_MORE &&
			 frame.kind != SIP_FRAME_BAD);
	}
	/* What a caller would have to hold. */
	frame.size = end - front;
	frame.skip = sip_stream_room(&stream);
	say_frame(call->out, &frame);
	fputc(']', call->out);
	return 0;
}

/* datagram HEAD LINES BODY OCTETS */
int drive_datagram(struct call *call)
{
	struct sip_frame frame = { 0 };

	sip_datagram(call->arg[4].at, call->arg[4].len, limits(call, 1),
		     &frame);
	fputc('[', call->out);
	say_frame(call->out, &frame);
	fputc(']', call->out);
	return 0;
}
