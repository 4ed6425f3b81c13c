// SPDX-License-Identifier: GPL-2.0
/* Binding requests, as keep-alive of UDP (RFC 5626, 4.4.2; RFC 8489). */
#include <string.h>

#include "state.h"

#define HEADER		 20
#define ATTRIBUTE	 4
#define BINDING_REQUEST	 0x0001
#define BINDING_SUCCESS	 0x0101
#define COOKIE		 0x2112a442
#define XOR_MAPPED_ADDR	 0x0020
#define OPTIONAL	 0x8000 /* attributes that need not be understood */
#define COOKIE_AND_TRANS 16

static unsigned int get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A request that asks for nothing that we would have to understand. */
static bool plain_request(const uint8_t *data, size_t len)
{
	size_t at = HEADER;

	if (len < HEADER || get16(data) != BINDING_REQUEST ||
	    get16(data + 2) != len - HEADER || len % 4)
		return false;
	while (at < len) {
		if (get16(data + at) < OPTIONAL)
			return false;
		at += ATTRIBUTE + ((get16(data + at + 2) + 3) & ~3U);
	}
	return at == len;
}

/**
 * net_stun_answer() - answer a Binding request
 * @data: a datagram that sip_datagram() took for STUN
 * @len: octets of it
 * @from: where it came from
 * @out: the answer
 *
 * Return: octets of the answer, 0 if there is none.
 */
size_t net_stun_answer(const void *data, size_t len,
		       const struct net_addr *from, uint8_t out[64])
{
	const uint8_t *in = data;
	bool six = from->sa.sa_family == AF_INET6;
	size_t size = six ? 16 : 4, i;
	uint8_t *value = out + HEADER + ATTRIBUTE;

	if (!plain_request(in, len))
		return 0;
	put16(out, BINDING_SUCCESS);
	put16(out + 2, (unsigned int)(2 * ATTRIBUTE + size));
	memcpy(out + 4, in + 4, COOKIE_AND_TRANS);
	put16(out + HEADER, XOR_MAPPED_ADDR);
	put16(out + HEADER + 2, (unsigned int)(ATTRIBUTE + size));
	put16(value, six ? 2 : 1);
	put16(value + 2, net_addr_port(from) ^ (COOKIE >> 16));
	memcpy(value + ATTRIBUTE,
	       six ? (const void *)&from->in6.sin6_addr : &from->in4.sin_addr,
	       size);
	for (i = 0; i < size; i++)
		value[ATTRIBUTE + i] ^= out[4 + i];
	return HEADER + 2 * ATTRIBUTE + size;
}
