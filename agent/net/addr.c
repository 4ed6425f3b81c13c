// SPDX-License-Identifier: GPL-2.0
/* Addresses and their texts. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net.h"

#define PORT_MAX 65535

/**
 * net_addr_set() - an address from numbers
 * @addr: set to it; AF_UNSPEC on failure
 * @host: IPv4 address, or IPv6 address with or without brackets
 * @port: host byte order
 *
 * Return: 0, or -EINVAL if @host is a name or nothing.
 */
int net_addr_set(struct net_addr *addr, struct sdp_text host, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];
	bool six;

	memset(addr, 0, sizeof(*addr));
	six = host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
	if (six) {
		host.at++;
		host.len -= 2;
	}
	if (!host.len || host.len >= sizeof(text) ||
	    memchr(host.at, 0, host.len))
		return -EINVAL;
	memcpy(text, host.at, host.len);
	text[host.len] = 0;
	if (!six && inet_pton(AF_INET, text, &addr->in4.sin_addr) == 1) {
		addr->in4.sin_family = AF_INET;
		addr->in4.sin_port = htons(port);
		return 0;
	}
	if (inet_pton(AF_INET6, text, &addr->in6.sin6_addr) == 1) {
		addr->in6.sin6_family = AF_INET6;
		addr->in6.sin6_port = htons(port);
		return 0;
	}
	memset(addr, 0, sizeof(*addr));
	return -EINVAL;
}

/**
 * net_addr_parse() - an address from a line of a configuration
 * @text: "192.0.2.1:5060", "[2001:db8::1]:5060", or either without a port
 * @addr: set to it, port 0 if there is none; AF_UNSPEC on failure
 *
 * Return: 0 or -EINVAL.
 */
int net_addr_parse(const char *text, struct net_addr *addr)
{
	struct sdp_text host = { text, strlen(text) };
	const char *colon = strrchr(text, ':');
	struct sdp_text number;
	uint64_t port;

	memset(addr, 0, sizeof(*addr));
	if (!colon || host.at[host.len - 1] == ']' ||
	    (text[0] != '[' && colon != strchr(text, ':')))
		return net_addr_set(addr, host, 0);
	host.len = (size_t)(colon - text);
	number = sdp_text_of(colon + 1);
	if (sdp_text_number(number, PORT_MAX, &port))
		return -EINVAL;
	return net_addr_set(addr, host, (uint16_t)port);
}

/**
 * net_addr_host() - the host of an address, as a SIP URI has it
 * @addr: the address
 * @out: "192.0.2.1" or "[2001:db8::1]", empty without an address
 *
 * Return: @out.
 */
const char *net_addr_host(const struct net_addr *addr, char out[NET_ADDR_TEXT])
{
	char text[INET6_ADDRSTRLEN] = "";

	out[0] = 0;
	if (addr->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &addr->in4.sin_addr, out, NET_ADDR_TEXT);
	if (addr->sa.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &addr->in6.sin6_addr, text, sizeof(text));
		snprintf(out, NET_ADDR_TEXT, "[%s]", text);
	}
	return out;
}

/**
 * net_addr_text() - an address with its port
 * @addr: the address
 * @out: "192.0.2.1:5060" or "[2001:db8::1]:5060", empty without an address
 *
 * Return: @out.
 */
const char *net_addr_text(const struct net_addr *addr, char out[NET_ADDR_TEXT])
{
	size_t used = strlen(net_addr_host(addr, out));

	if (used)
		snprintf(out + used, NET_ADDR_TEXT - used, ":%u",
			 net_addr_port(addr));
	return out;
}

/**
 * net_addr_port() - the port of an address
 * @addr: the address
 *
 * Return: in host byte order, 0 without an address.
 */
uint16_t net_addr_port(const struct net_addr *addr)
{
	if (addr->sa.sa_family == AF_INET)
		return ntohs(addr->in4.sin_port);
	if (addr->sa.sa_family == AF_INET6)
		return ntohs(addr->in6.sin6_port);
	return 0;
}

/**
 * net_addr_len() - size of an address for system calls
 * @addr: the address
 *
 * Return: octets, 0 without an address.
 */
socklen_t net_addr_len(const struct net_addr *addr)
{
	if (addr->sa.sa_family == AF_INET)
		return sizeof(addr->in4);
	if (addr->sa.sa_family == AF_INET6)
		return sizeof(addr->in6);
	return 0;
}

/**
 * net_addr_same_host() - are two addresses those of one host?
 * @a: an address
 * @b: an address
 *
 * Return: whether they differ in nothing but the port.
 */
bool net_addr_same_host(const struct net_addr *a, const struct net_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr;
	return a->sa.sa_family == AF_INET6 &&
	       a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
	       IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr);
}

/**
 * net_addr_equal() - are two addresses and their ports the same?
 * @a: an address
 * @b: an address
 *
 * Return: whether they are; false if there is none.
 */
bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	return net_addr_same_host(a, b) && net_addr_port(a) == net_addr_port(b);
}

/**
 * net_addr_within() - is an address in a network?
 * @a: an address, its port does not matter
 * @net: address of the network
 * @prefix: octets' bits that count; more than there are is the whole address
 *
 * Return: whether it is.
 */
bool net_addr_within(const struct net_addr *a, const struct net_addr *net,
		     uint8_t prefix)
{
	const uint8_t *x, *y;
	size_t size;
	uint8_t mask;

	if (a->sa.sa_family != net->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET) {
		x = (const uint8_t *)&a->in4.sin_addr;
		y = (const uint8_t *)&net->in4.sin_addr;
		size = sizeof(a->in4.sin_addr);
	} else if (a->sa.sa_family == AF_INET6) {
		x = a->in6.sin6_addr.s6_addr;
		y = net->in6.sin6_addr.s6_addr;
		size = sizeof(a->in6.sin6_addr);
	} else {
		return false;
	}
	if (prefix >= 8 * size)
		return !memcmp(x, y, size);
	mask = (uint8_t)(0xff00 >> prefix % 8);
	return !memcmp(x, y, prefix / 8) &&
	       !((x[prefix / 8] ^ y[prefix / 8]) & mask);
}

/**
 * net_kind_name() - name of a transport
 * @kind: the transport
 *
 * Return: as the transport parameter of a URI has it.
 */
const char *net_kind_name(enum net_kind kind)
{
	static const char *const name[] = { "udp", "tcp", "tls" };

	return name[kind];
}
