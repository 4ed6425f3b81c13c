// SPDX-License-Identifier: GPL-2.0
/* Stands in for agent/net/addr.c where that is not built. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "../../agent/net/net.h"

int net_addr_parse(const char *text, struct net_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, &addr->in4.sin_addr) == 1)
		addr->sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &addr->in6.sin6_addr) == 1)
		addr->sa.sa_family = AF_INET6;
	return addr->sa.sa_family ? 0 : -EINVAL;
}

uint16_t net_addr_port(const struct net_addr *addr)
{
	return ntohs(addr->sa.sa_family == AF_INET6 ? addr->in6.sin6_port :
						      addr->in4.sin_port);
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	if (!a->sa.sa_family || a->sa.sa_family != b->sa.sa_family ||
	    net_addr_port(a) != net_addr_port(b))
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr;
	return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16);
}
