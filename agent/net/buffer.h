/* SPDX-License-Identifier: GPL-2.0 */
/* Octets that wait. They may be keys, so what is given up is wiped first. */
#ifndef E2AE_NET_BUFFER_H
#define E2AE_NET_BUFFER_H

#include <stddef.h>

/**
 * struct net_buffer - octets that wait; zeroed it is empty
 * @data: memory, or NULL
 * @at: the first octet that waits
 * @len: end of the last one
 * @room: octets of @data
 */
struct net_buffer {
	char *data;
	size_t at;
	size_t len;
	size_t room;
};

int net_buffer_reserve(struct net_buffer *buffer, size_t more);
int net_buffer_put(struct net_buffer *buffer, const void *data, size_t len);
void net_buffer_take(struct net_buffer *buffer, size_t len);
void net_buffer_free(struct net_buffer *buffer);
size_t net_buffer_left(const struct net_buffer *buffer);

#endif
