// SPDX-License-Identifier: GPL-2.0
/* Addresses: ADDR:PORT, IPv6 as [ADDR]:PORT, and networks as ADDR/BITS. */
#include <arpa/inet.h>
#include <string.h>

#include "ctl.h"

/**
 * addr_parse() - an address
 * @text: IPv4 or IPv6, without brackets
 * @len: characters of it
 * @addr: where to put it
 *
 * Return: whether it is one.
 */
bool addr_parse(const char *text, size_t len, struct e2ae_addr *addr)
{
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, copy, addr->octets) == 1)
		addr->len = 4;
	else if (inet_pton(AF_INET6, copy, addr->octets) == 1)
		addr->len = 16;
	return addr->len;
}

/**
 * addr_port_parse() - an address and a port
 * @text: ADDR:PORT or [ADDR]:PORT
 * @addr: where to put the address
 * @port: where to put the port, 1 to 65535
 *
 * Return: whether it is one.
 */
bool addr_port_parse(const char *text, struct e2ae_addr *addr, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? colon - text : 0;
	bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	bool v6;
	uint64_t n;

	if (!len || !number(colon + 1, UINT16_MAX, &n) || !n)
		return false;
	if (!addr_parse(text + brackets, len - 2 * brackets, addr))
		return false;
	/* Without brackets nobody could tell an IPv6 address from a port. */
	v6 = addr->len == 16;
	if (v6 != brackets)
		return false;
	*port = n;
	return true;
}

/**
 * prefix_parse() - a network
 * @text: ADDR/BITS
 * @addr: where to put the address
 * @bits: where to put the prefix length
 *
 * Return: whether it is one.
 */
bool prefix_parse(const char *text, struct e2ae_addr *addr, uint8_t *bits)
{
	const char *slash = strchr(text, '/');
	uint64_t n;

	if (!slash || !addr_parse(text, slash - text, addr) ||
	    !number(slash + 1, addr->len * 8, &n))
		return false;
	*bits = n;
	return true;
}

/**
 * addr_text() - an address for people
 * @addr: the address
 * @text: where to put it
 *
 * Return: @text.
 */
const char *addr_text(const struct e2ae_addr *addr, char text[ADDR_TEXT])
{
	*text = 0;
	if (addr->len)
		inet_ntop(addr->len == 4 ? AF_INET : AF_INET6, addr->octets,
			  text, ADDR_TEXT);
	return text;
}

/**
 * addr_port_text() - an address and a port as addr_port_parse() takes them
 * @addr: the address
 * @port: the port
 * @text: where to put it
 *
 * Return: @text.
 */
const char *addr_port_text(const struct e2ae_addr *addr, uint16_t port,
			   char text[ADDR_TEXT])
{
	char bare[ADDR_TEXT];
	const char *form = addr->len == 16 ? "[%s]:%u" : "%s:%u";

	snprintf(text, ADDR_TEXT, form, addr_text(addr, bare), port);
	return text;
}
