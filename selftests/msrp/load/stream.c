// SPDX-License-Identifier: GPL-2.0
/* Octets of a peer: what it sends, and whether what it receives is what was sent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "load.h"

#define TURN	 (256 * 1024) /* octets in a row */
#define NAME_LEN 13 /* "MSRP u0000012" */

/* Octets that are to be written, at most a piece. */
static size_t due(struct peer *peer)
{
	size_t len;

	if (peer->pending)
		return peer->pending;
	if (peer->step != OPEN || peer->shut || peer->out.chunk >= peer->limit)
		return 0;
	len = text_left(&peer->out);
	if (peer->out.chunk + 1 < peer->limit || len > PIECE)
		len = PIECE;
	/* Chunks may be smaller than a piece: not further than the last one. */
	if (peer->limit - peer->out.chunk < PIECE / (options.body + 1) + 2) {
		struct text next = peer->out;
		size_t most = 0, one;

		while (next.chunk < peer->limit && most < PIECE) {
			one = text_left(&next);
			most += one;
			text_skip(&next, one, NULL);
		}
		len = most < PIECE ? most : PIECE;
	}
	return len;
}

/* peer_look() - what epoll has to look for */
void peer_look(struct peer *peer)
{
	uint32_t events = EPOLLIN;
	struct epoll_event event;

	if (peer->fd < 0)
		return;
	if (peer->step == CONNECTING)
		events = EPOLLOUT;
	else if (peer->step == SHAKING)
		events = SSL_want_write(peer->ssl) ? EPOLLOUT : EPOLLIN;
	else if (due(peer))
		events |= EPOLLOUT;
	if (events == peer->polled)
		return;
	event.events = events;
	event.data.ptr = peer;
	if (epoll_ctl(poller, peer->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		      peer->fd, &event))
		exit(1);
	peer->polled = events;
}

/* Octets; 0 if there is no room. Errors are seen by whoever reads. */
static size_t put(struct peer *peer, const char *data, size_t len)
{
	ssize_t n;

	if (peer->ssl) {
		ERR_clear_error();
		n = SSL_write(peer->ssl, data, (int)len);
	} else {
		n = send(peer->fd, data, len, MSG_NOSIGNAL);
	}
	if (n > 0)
		return (size_t)n;
	if (peer->ssl ?
		    SSL_get_error(peer->ssl, (int)n) == SSL_ERROR_WANT_WRITE :
		    errno == EAGAIN)
		return 0;
	peer->shut = true;
	peer->pending = 0;
	return 0;
}

/* peer_write() - send what is to be sent, for a turn */
void peer_write(struct peer *peer)
{
	static char data[PIECE];
	size_t done = 0, len, n;

	while (done < TURN && (len = due(peer))) {
		text_copy(&peer->out, data, len);
		n = put(peer, data, len);
		if (!n) {
			peer->pending = peer->shut ? 0 : len;
			return;
		}
		peer->pending = 0;
		text_skip(&peer->out, n, NULL);
		done += n;
	}
}

/* Octets, 0 at the end, -EAGAIN, or -1 if the end is none. */
static ssize_t take(struct peer *peer, char *data, size_t len)
{
	ssize_t n;

	if (!peer->ssl) {
		n = recv(peer->fd, data, len, 0);
		return n < 0 && errno == EAGAIN ? -EAGAIN : n;
	}
	ERR_clear_error();
	n = SSL_read(peer->ssl, data, (int)len);
	if (n > 0)
		return n;
	switch (SSL_get_error(peer->ssl, (int)n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		return -1;
	}
}

/* peer_wrong() - it received what nobody has sent */
void peer_wrong(struct peer *peer, const char *what)
{
	if (!counts.wrong++)
		fprintf(stderr,
			"load: pair %u, %s, chunk %llu, octet %zu: %s\n",
			peer->in.number, peer->side == UE ? "UE" : "core",
			(unsigned long long)peer->in.chunk, peer->in.at, what);
	peer_drop(peer, true);
}

/* A connection in the core says with its first octets whose it is. */
static bool found(struct peer *peer, const char *data, size_t len)
{
	struct pair *pair;
	unsigned int number;

	if (peer->pair)
		return true;
	if (len < NAME_LEN || sscanf(data, "MSRP u%7u", &number) != 1 ||
	    number >= PAIRS_MAX || pairs[number].peer[CORE])
		return false;
	pair = &pairs[number];
	pair->peer[CORE] = peer;
	peer->pair = pair;
	text_start(&peer->in, UE, number, options.rewritten);
	text_start(&peer->out, CORE, number, false);
	return true;
}

/* The first chunk is answered by one; with that a pair is up. */
static void heard(struct peer *peer, uint64_t chunks)
{
	struct pair *pair = peer->pair;

	counts.chunks[peer->side] += chunks;
	if (peer->in.chunk != chunks || !chunks)
		return;
	if (peer->side == CORE && !peer->limit) {
		peer_send(peer, 1);
	} else if (peer->side == UE && pair->opening) {
		pair->opening = false;
		pair->up = true;
		opening--;
		counts.up++;
	}
}

static bool judge(struct peer *peer, const char *data, size_t len)
{
	static char expected[4 * PIECE];
	uint64_t before;

	if (!found(peer, data, len)) {
		peer_wrong(peer, "nobody knows whose it is");
		return false;
	}
	before = peer->in.chunk;
	text_copy(&peer->in, expected, len);
	if (memcmp(expected, data, len)) {
		peer_wrong(peer, "not what was sent");
		return false;
	}
	text_skip(&peer->in, len, peer->digest);
	counts.octets[peer->side] += len;
	heard(peer, peer->in.chunk - before);
	return true;
}

/* peer_read() - receive what there is, for a turn */
void peer_read(struct peer *peer)
{
	static char data[4 * PIECE];
	size_t done = 0;
	ssize_t n;

	while (done < TURN) {
		n = take(peer, data, sizeof(data));
		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			if (n || peer->in.at)
				counts.torn++;
			else
				counts.orderly++;
			if (!n)
				peer_shut(peer);
			peer_drop(peer, false);
			return;
		}
		if (!judge(peer, data, (size_t)n))
			return;
		done += (size_t)n;
	}
}
