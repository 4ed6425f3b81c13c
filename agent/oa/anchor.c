// SPDX-License-Identifier: GPL-2.0
/* Ports and addresses of an m-line that goes through us, and its stream. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

static const struct config_media *media_of(const struct oa *oa,
					   enum oa_side side)
{
	const struct config *config = oa->world->config;

	return side == OA_CORE ? &config->core.media :
				 &config->access[oa->terms.access].media;
}

static const struct net_addr *address(const struct config_media *media,
				      int family)
{
	return family == AF_INET6 ? &media->addr6 : &media->addr4;
}

/**
 * oa_family() - family of our own media address on a side
 * @oa: the call
 * @side: the side
 * @wanted: what the peer there has, 0 if nobody knows
 *
 * Return: @wanted if we have it; without a wish what the other things say;
 * -EAFNOSUPPORT if we have no such address.
 */
int oa_family(const struct oa *oa, enum oa_side side, int wanted)
{
	const struct config_media *media = media_of(oa, side);
	int hint = side == OA_CORE ? oa->terms.family : oa->terms.access_family;

	if (wanted)
		return address(media, wanted)->sa.sa_family ? wanted :
							      -EAFNOSUPPORT;
	if (hint && address(media, hint)->sa.sa_family)
		return hint;
	if (media->addr4.sa.sa_family)
		return AF_INET;
	return media->addr6.sa.sa_family ? AF_INET6 : -EAFNOSUPPORT;
}

static struct ports *ports_of(const struct oa_world *world, unsigned int access,
			      enum oa_side side)
{
	return side == OA_CORE ? world->core_ports :
				 world->access_ports[access];
}

static void set_port(struct net_addr *addr, uint16_t port)
{
	if (addr->sa.sa_family == AF_INET6)
		addr->in6.sin6_port = htons(port);
	else
		addr->in4.sin_port = htons(port);
}

/**
 * oa_anchor_move() - take other ports, since somebody else has these
 * @anchor: an anchor that nobody has been told of
 *
 * The old ones, if it had any, rest as after use.
 *
 * Return: 0; -ENOSPC if there are no ports; -EIO. On error what it had stays, or
 * part of it.
 */
int oa_anchor_move(struct oa_anchor *anchor)
{
	uint64_t now = anchor->world->now_ms();
	struct ports *ports;
	uint16_t port;
	int side, err;

	for (side = OA_ACCESS; side <= OA_CORE; side++) {
		ports = ports_of(anchor->world, anchor->access, side);
		err = ports_take(ports, now, &port);
		if (err)
			return err;
		ports_give(ports, now, oa_anchor_port(anchor, side));
		set_port(&anchor->local[side], port);
	}
	return 0;
}

/**
 * oa_anchor_new() - take ports on both sides
 * @oa: the call
 * @family: of the addresses, by enum oa_side
 * @anchor: with one reference
 *
 * Return: 0; -ENOSPC if there are no ports; -ENOMEM; -EIO.
 */
int oa_anchor_new(struct oa *oa, const int family[2], struct oa_anchor **anchor)
{
	struct oa_anchor *new = calloc(1, sizeof(*new));
	int side, err;

	if (!new)
		return -ENOMEM;
	new->refs = 1;
	new->world = oa->world;
	new->access = oa->terms.access;
	for (side = OA_ACCESS; side <= OA_CORE; side++) {
		new->local[side] = *address(media_of(oa, side), family[side]);
		set_port(&new->local[side], 0);
	}
	err = oa_anchor_move(new);
	if (err) {
		oa_anchor_put(new);
		return err;
	}
	*anchor = new;
	return 0;
}

/**
 * oa_anchor_get() - hold an anchor
 * @anchor: the anchor, or NULL
 *
 * Return: @anchor.
 */
struct oa_anchor *oa_anchor_get(struct oa_anchor *anchor)
{
	if (anchor)
		anchor->refs++;
	return anchor;
}

/**
 * oa_anchor_put() - let an anchor go; the last one ends its stream
 * @anchor: the anchor, or NULL
 */
void oa_anchor_put(struct oa_anchor *anchor)
{
	uint64_t now;
	int side;

	if (!anchor || --anchor->refs)
		return;
	oa_relay_free(anchor->relay);
	/* A stream that is gone already, flushed by hand, is gone. */
	if (anchor->stream)
		msf_remove(anchor->world->msf, anchor->stream);
	now = anchor->world->now_ms();
	for (side = OA_ACCESS; side <= OA_CORE; side++)
		if (anchor->local[side].sa.sa_family)
			ports_give(ports_of(anchor->world, anchor->access,
					    side),
				   now, oa_anchor_port(anchor, side));
	explicit_bzero(anchor, sizeof(*anchor));
	free(anchor);
}

/**
 * oa_anchor_port() - own RTP port
 * @anchor: the anchor
 * @side: on which side
 *
 * Return: the port.
 */
uint16_t oa_anchor_port(const struct oa_anchor *anchor, enum oa_side side)
{
	return net_addr_port(&anchor->local[side]);
}

/**
 * oa_anchor_addr() - own address, for a c= line
 * @anchor: the anchor
 * @side: on which side
 * @addr: the address
 */
void oa_anchor_addr(const struct oa_anchor *anchor, enum oa_side side,
		    struct sdp_addr *addr)
{
	const struct net_addr *local = &anchor->local[side];

	memset(addr, 0, sizeof(*addr));
	addr->family = local->sa.sa_family;
	if (addr->family == AF_INET6)
		memcpy(addr->octets, &local->in6.sin6_addr, 16);
	else
		memcpy(addr->octets, &local->in4.sin_addr, 4);
}
