// SPDX-License-Identifier: GPL-2.0
/* Where messages begin and end. */
#include <errno.h>
#include <string.h>

#include "framing.h"

#define CRLF	    2
#define STUN_COOKIE "\x21\x12\xa4\x42"
#define STUN_HEADER 20

static const struct sip_error too_large = { 513, "Message Too Large" };
static const struct sip_error no_end = { 400, "Unfinished Header" };
static const struct sip_error no_message = { 400, "Not A SIP Message" };

static enum sip_frame_kind bad(struct sip_frame *frame, size_t size,
			       struct sip_error error)
{
	frame->size = size;
	frame->error = error;
	return frame->kind = SIP_FRAME_BAD;
}

static enum sip_frame_kind found(struct sip_frame *frame,
				 enum sip_frame_kind kind, size_t size)
{
	frame->size = size;
	return frame->kind = kind;
}

/**
 * sip_stream_init() - begin with a connection
 * @stream: its state
 * @limits: of a message
 * @pinging: we send the pings (RFC 5626, 3.5.1); false where we accepted
 */
void sip_stream_init(struct sip_stream *stream, struct sip_limits limits,
		     bool pinging)
{
	*stream = (struct sip_stream){ .limits = limits, .pinging = pinging };
}

/**
 * sip_stream_room() - how much has to be buffered at most
 * @stream: its state
 *
 * Return: octets; with so many at hand sip_stream_next() never wants more.
 */
size_t sip_stream_room(const struct sip_stream *stream)
{
	return stream->limits.head + stream->limits.body;
}

/* Line ends at the front, where a message should begin. */
static enum sip_frame_kind line_ends(const struct sip_stream *stream,
				     const char *data, size_t len,
				     struct sip_frame *frame)
{
	static const char ping[] = "\r\n\r\n";
	size_t n = len < sizeof(ping) - 1 ? len : sizeof(ping) - 1;

	if (len >= CRLF && data[1] != '\n')
		return bad(frame, 0, no_message);
	if (len >= CRLF && stream->pinging)
		return found(frame, SIP_FRAME_PONG, CRLF);
	if (memcmp(data, ping, n))
		return found(frame, SIP_FRAME_BLANK, CRLF);
	if (n < sizeof(ping) - 1)
		return found(frame, SIP_FRAME_MORE, 0);
	return found(frame, SIP_FRAME_PING, n);
}

/* The header is not whole, or has just become so. */
static enum sip_frame_kind read_head(struct sip_stream *stream,
				     const char *data, size_t len,
				     struct sip_frame *frame)
{
	struct sip_arrived message = { .data = data, .stream = true };
	struct sip_error error;
	size_t head, body;

	if (!sip_is(data[0], SIP_TOKEN))
		return bad(frame, 0, no_message);
	head = sip_head_size(data, len, stream->seen);
	stream->seen = len;
	if (!head && len >= stream->limits.head)
		return bad(frame, 0, too_large);
	if (!head)
		return found(frame, SIP_FRAME_MORE, 0);
	message.head = head;
	message.rest = len - head;
	if (sip_body_size(&message, &stream->limits, &body, &error))
		return bad(frame, head, error);
	stream->whole = head + body;
	return SIP_FRAME_MESSAGE;
}

/**
 * sip_stream_next() - what stands at the front of a stream?
 * @stream: its state
 * @data: octets received and not yet taken away
 * @len: how many
 * @frame: what was found
 *
 * After anything but SIP_FRAME_MORE take @frame->size octets away and call
 * again. The time it all takes grows with the octets, not with their square.
 *
 * Return: @frame->kind.
 */
enum sip_frame_kind sip_stream_next(struct sip_stream *stream, const char *data,
				    size_t len, struct sip_frame *frame)
{
	enum sip_frame_kind kind;

	*frame = (struct sip_frame){ .kind = SIP_FRAME_MORE };
	if (!len)
		return SIP_FRAME_MORE;
	if (!stream->whole) {
		if (data[0] == '\r')
			return line_ends(stream, data, len, frame);
		kind = read_head(stream, data, len, frame);
		if (kind != SIP_FRAME_MESSAGE)
			return kind;
	}
	if (len < stream->whole)
		return SIP_FRAME_MORE;
	found(frame, SIP_FRAME_MESSAGE, stream->whole);
	stream->whole = 0;
	stream->seen = 0;
	return SIP_FRAME_MESSAGE;
}

/* Index of the first octet that is no line end and no NUL. */
static size_t blanks(const char *data, size_t len, bool nul)
{
	size_t at = 0;

	while (at < len &&
	       (data[at] == '\r' || data[at] == '\n' || (nul && !data[at])))
		at++;
	return at;
}

static bool is_stun(const char *data, size_t len)
{
	return len >= STUN_HEADER && !(data[0] & 0xc0) &&
	       !memcmp(data + 4, STUN_COOKIE, sizeof(STUN_COOKIE) - 1);
}

/* A datagram that holds something; frame->skip is set. */
static enum sip_frame_kind read_datagram(const char *data, size_t len,
					 const struct sip_limits *limits,
					 struct sip_frame *frame)
{
	struct sip_arrived message = { .data = data };
	struct sip_error error;
	size_t head, body;

	if (!sip_is(data[0], SIP_TOKEN))
		return bad(frame, 0, no_message);
	head = sip_head_size(data, len, 0);
	if (!head)
		return bad(frame, 0, no_end);
	message.head = head;
	message.rest = len - head;
	if (sip_body_size(&message, limits, &body, &error))
		return bad(frame, head, error);
	/* What follows the body is nothing (RFC 3261, 18.3). */
	return found(frame, SIP_FRAME_MESSAGE, head + body);
}

/**
 * sip_datagram() - what does a datagram hold?
 * @data: its octets
 * @len: how many
 * @limits: of a message
 * @frame: what was found
 *
 * Return: @frame->kind, never SIP_FRAME_MORE or SIP_FRAME_PONG.
 */
enum sip_frame_kind sip_datagram(const char *data, size_t len,
				 struct sip_limits limits,
				 struct sip_frame *frame)
{
	*frame = (struct sip_frame){ .kind = SIP_FRAME_BLANK };
	if (len == 4 && !memcmp(data, "\r\n\r\n", 4))
		return found(frame, SIP_FRAME_PING, len);
	if (blanks(data, len, true) == len)
		return found(frame, SIP_FRAME_BLANK, len);
	if (is_stun(data, len))
		return found(frame, SIP_FRAME_STUN, len);
	frame->skip = blanks(data, len, false);
	return read_datagram(data + frame->skip, len - frame->skip, &limits,
			     frame);
}
