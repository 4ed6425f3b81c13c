// SPDX-License-Identifier: GPL-2.0
/* Octets that wait. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "buffer.h"

/**
 * net_buffer_left() - how many octets wait
 * @buffer: the buffer
 *
 * Return: octets.
 */
size_t net_buffer_left(const struct net_buffer *buffer)
{
	return buffer->len - buffer->at;
}

/* Moves what waits to the front. */
static void settle(struct net_buffer *buffer)
{
	size_t left = net_buffer_left(buffer);

	if (!buffer->at)
		return;
	memmove(buffer->data, buffer->data + buffer->at, left);
	OPENSSL_cleanse(buffer->data + left, buffer->at);
	buffer->at = 0;
	buffer->len = left;
}

/**
 * net_buffer_reserve() - have room at the end
 * @buffer: the buffer; what waits in it may move
 * @more: octets of room wanted after @buffer->len
 *
 * Return: 0 or -ENOMEM.
 */
int net_buffer_reserve(struct net_buffer *buffer, size_t more)
{
	size_t left = net_buffer_left(buffer), room;
	char *data;

	if (buffer->data && buffer->room - buffer->len >= more)
		return 0;
	/* Moving is cheap against what was taken, or there is no need to. */
	if (buffer->at >= left && buffer->room - left >= more) {
		settle(buffer);
		return 0;
	}
	room = left + more;
	if (left && room < left + left / 2)
		room = left + left / 2;
	data = malloc(room);
	if (!data)
		return -ENOMEM;
	if (left)
		memcpy(data, buffer->data + buffer->at, left);
	net_buffer_free(buffer);
	*buffer = (struct net_buffer){ data, 0, left, room };
	return 0;
}

/**
 * net_buffer_put() - add octets at the end
 * @buffer: the buffer
 * @data: octets
 * @len: how many
 *
 * Return: 0 or -ENOMEM.
 */
int net_buffer_put(struct net_buffer *buffer, const void *data, size_t len)
{
	int err;

	err = net_buffer_reserve(buffer, len);
	if (err)
		return err;
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	return 0;
}

/**
 * net_buffer_take() - wipe octets at the front
 * @buffer: the buffer; it keeps its memory
 * @len: how many, at most those that wait
 */
void net_buffer_take(struct net_buffer *buffer, size_t len)
{
	OPENSSL_cleanse(buffer->data + buffer->at, len);
	buffer->at += len;
	if (buffer->at < buffer->len)
		return;
	buffer->at = 0;
	buffer->len = 0;
}

/**
 * net_buffer_free() - wipe a buffer and give up its memory
 * @buffer: the buffer, empty after it
 */
void net_buffer_free(struct net_buffer *buffer)
{
	if (buffer->data)
		OPENSSL_cleanse(buffer->data, buffer->len);
	free(buffer->data);
	*buffer = (struct net_buffer){ 0 };
}
