/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the packet maker, the checker and the user space relay agree on: the
 * numbering of streams, their addresses, ports and keys, and what is in their
 * packets. selftests/bench/streams.py says the same to the module.
 */
#ifndef E2AE_BENCH_FLOW_H
#define E2AE_BENCH_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <srtp2/srtp.h>

#define FIRST_PORT 10000
#define PORTS	   50000 /* of an address; then comes the next one */
#define MAX_PACKET 2048

enum side {
	ACCESS,
	CORE
};

/**
 * struct what - the packets wanted
 * @suite: SDES name, "plain" for none
 * @secure: they are protected; by the key of @key, or the stream's own
 * @key: master key and salt, if it is none of the stream's own
 * @payload: octets behind the RTP header
 * @streams: how many; numbered from 1
 * @ssrcs: how many in a stream, in turn
 * @count: packets
 * @rtcp: compound RTCP in place of RTP
 * @family: 4 or 6
 * @side: the side that they come from, or go to
 * @ordered: streams in turn; else each round of them is in another random order
 * @forged: of ten protected packets so many are forged
 * @src: IPv4 address and port in place of those of the stream
 * @dst: likewise
 */
struct what {
	const char *suite;
	bool secure;
	uint8_t key[64];
	bool own_key;
	unsigned int payload;
	unsigned int streams;
	unsigned int ssrcs;
	unsigned int count;
	bool rtcp;
	int family;
	enum side side;
	unsigned int ordered;
	unsigned int forged;
	uint8_t src[4];
	uint8_t dst[4];
	unsigned int src_port;
	unsigned int dst_port;
};

/**
 * struct flow - a stream as this program sees it
 * @number: of the stream
 * @srtp: libsrtp's session, or NULL
 */
struct flow {
	uint32_t number;
	srtp_t srtp;
};

void flow_options(struct what *w, int argc, char **argv);
srtp_t flow_session(const struct what *w, uint32_t number, bool send);
size_t flow_media(const struct what *w, uint32_t number, uint32_t nth,
		  uint8_t *out);
size_t flow_ip(const struct what *w, uint32_t number, uint8_t *packet,
	       size_t len);
const char *flow_judge(const struct what *w, uint32_t number,
		       const uint8_t *media, size_t len);
uint16_t flow_sum(const void *data, size_t len, uint32_t sum);

#endif
