/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where messages begin and end: in a stream by Content-Length (RFC 3261, 18.3),
 * in a datagram by its end. Nothing is copied or kept but a few counts; the
 * caller's buffer never needs more than sip_stream_room() octets.
 */
#ifndef E2AE_SIP_FRAMING_H
#define E2AE_SIP_FRAMING_H

#include "head.h"

/**
 * enum sip_frame_kind - what stands at the front
 * @SIP_FRAME_MORE: not all of it is there yet
 * @SIP_FRAME_MESSAGE: a message
 * @SIP_FRAME_PING: the other end asks for a pong, CRLF (RFC 5626, 3.5.1)
 * @SIP_FRAME_PONG: the other end answers a ping
 * @SIP_FRAME_BLANK: nothing: keep-alive octets, line ends before a message
 * @SIP_FRAME_STUN: STUN (RFC 8489, 5); only in datagrams
 * @SIP_FRAME_BAD: no message. In a stream nobody knows where the next one
 *	begins: close the connection
 */
enum sip_frame_kind {
	SIP_FRAME_MORE,
	SIP_FRAME_MESSAGE,
	SIP_FRAME_PING,
	SIP_FRAME_PONG,
	SIP_FRAME_BLANK,
	SIP_FRAME_STUN,
	SIP_FRAME_BAD,
};

/**
 * struct sip_frame - what was found
 * @kind: what it is
 * @skip: octets before it that are nothing, only in datagrams
 * @size: octets of it. Of a bad one those that sip_msg_parse() may still find
 *	enough in for a response, or 0
 * @error: of a bad one
 */
struct sip_frame {
	enum sip_frame_kind kind;
	size_t skip;
	size_t size;
	struct sip_error error;
};

/**
 * struct sip_stream - state of one direction of a connection
 * @limits: of a message
 * @pinging: we send the pings on this connection, so a CRLF is a pong
 * @seen: octets at the front that were searched in vain
 * @whole: octets of the message at the front, 0 while its header is not whole
 */
struct sip_stream {
	struct sip_limits limits;
	bool pinging;
	size_t seen;
	size_t whole;
};

void sip_stream_init(struct sip_stream *stream, struct sip_limits limits,
		     bool pinging);
size_t sip_stream_room(const struct sip_stream *stream);
enum sip_frame_kind sip_stream_next(struct sip_stream *stream, const char *data,
				    size_t len, struct sip_frame *frame);
enum sip_frame_kind sip_datagram(const char *data, size_t len,
				 struct sip_limits limits,
				 struct sip_frame *frame);

#endif
