// SPDX-License-Identifier: GPL-2.0
/* Peers: how they connect, and how they go. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "load.h"

#define ACCESS_NET  0x7f010000 /* 127.1.0.0: the relay, one address a session */
#define CORE_NET    0x7f020000
#define OWN	    0x7f030001 /* 127.3.0.1: where we listen */
#define ACCESS_PORT 2855
#define CORE_PORT   2856
#define OWN_PORT    2857 /* and the next one */

static struct sockaddr_in address(uint32_t host, unsigned int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };

	addr.sin_addr.s_addr = htonl(host);
	addr.sin_port = htons((uint16_t)port);
	return addr;
}

/* relay_address() - where a peer finds the relay */
struct sockaddr_in relay_address(enum side side, unsigned int number)
{
	unsigned int n = options.one ? 0 : number;

	return side == UE ? address(ACCESS_NET + n, ACCESS_PORT) :
			    address(CORE_NET + n, CORE_PORT);
}

/* role_of() - ROLE_* of a pair */
unsigned int role_of(unsigned int number)
{
	return options.role == ROLE_MIXED ? number % 3 : options.role;
}

/* listen_for() - a socket that listens for peers on a side */
int listen_for(enum side side)
{
	struct sockaddr_in addr = address(OWN, OWN_PORT + side);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 4096)) {
		perror("load: listen");
		exit(1);
	}
	return fd;
}

static struct peer *peer_new(enum side side, struct pair *pair, int fd)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	int on = 1;

	if (!peer || fd < 0)
		exit(1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	peer->side = side;
	peer->fd = fd;
	counts.open++;
	if (options.digest) {
		peer->digest = EVP_MD_CTX_new();
		if (!peer->digest ||
		    EVP_DigestInit_ex(peer->digest, EVP_sha256(), NULL) != 1)
			exit(1);
	}
	if (!pair)
		return peer;
	peer->pair = pair;
	pair->peer[side] = peer;
	text_start(&peer->in, !side, pair->number, options.rewritten);
	text_start(&peer->out, side, pair->number, false);
	return peer;
}

/* The UE speaks first. */
static void opened(struct peer *peer)
{
	peer->step = OPEN;
	if (peer->side == UE)
		peer_send(peer, 1);
}

static void not_up(struct peer *peer)
{
	struct pair *pair = peer->pair;

	if (pair && pair->opening) {
		pair->opening = false;
		opening--;
		counts.failed++;
	}
}

/* peer_drop() - close, by RST or as it is */
void peer_drop(struct peer *peer, bool reset)
{
	struct linger linger = { 1, 0 };

	if (peer->step == GONE)
		return;
	not_up(peer);
	if (reset)
		setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger,
			   sizeof(linger));
	SSL_free(peer->ssl);
	close(peer->fd);
	peer->ssl = NULL;
	peer->fd = -1;
	peer->pending = 0;
	peer->step = GONE;
	counts.open--;
}

static void shake(struct peer *peer)
{
	int n, err;

	ERR_clear_error();
	n = SSL_do_handshake(peer->ssl);
	err = SSL_get_error(peer->ssl, n);
	if (n == 1)
		opened(peer);
	else if (err != SSL_ERROR_WANT_READ && err != SSL_ERROR_WANT_WRITE)
		peer_drop(peer, false);
}

/* TCP is there. */
static void connected(struct peer *peer, bool server)
{
	if (!options.tls || peer->side == CORE) {
		opened(peer);
		return;
	}
	peer->ssl = tls_new(peer, peer->pair->number, server);
	if (!peer->ssl)
		exit(1);
	peer->step = SHAKING;
	shake(peer);
}

/* peer_accept() - take the connections that the relay makes */
void peer_accept(enum side side, int door)
{
	struct sockaddr_in from;
	struct peer *peer;
	struct pair *pair;
	socklen_t len;
	int fd;

	for (;;) {
		len = sizeof(from);
		fd = accept4(door, (struct sockaddr *)&from, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		pair = side == CORE ?
			       NULL :
			       &pairs[(ntohl(from.sin_addr.s_addr) - ACCESS_NET) %
				      PAIRS_MAX];
		peer = peer_new(side, pair, fd);
		connected(peer, true);
		peer_look(peer);
	}
}

static void dial(enum side side, struct pair *pair)
{
	struct sockaddr_in addr = relay_address(side, pair->number);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct peer *peer = peer_new(side, pair, fd);

	peer->step = CONNECTING;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) &&
	    errno != EINPROGRESS)
		peer_drop(peer, false);
	peer_look(peer);
}

/* pair_open() - connect on the sides on which the relay does not */
void pair_open(struct pair *pair)
{
	unsigned int role = role_of(pair->number);

	if (!(role & ROLE_CORE_LISTENS))
		dial(CORE, pair);
	if (!(role & ROLE_UE_LISTENS))
		dial(UE, pair);
	else if (pair->peer[UE] && pair->peer[UE]->step == GONE)
		not_up(pair->peer[UE]);
}

/* peer_send() - so many chunks more */
void peer_send(struct peer *peer, uint64_t chunks)
{
	peer->limit = chunks > UINT64_MAX - peer->limit ? UINT64_MAX :
							  peer->limit + chunks;
	peer_write(peer);
	peer_look(peer);
}

/* peer_stop() - nothing after the chunk that is being sent */
void peer_stop(struct peer *peer)
{
	struct text next = peer->out;

	text_left(&next);
	text_skip(&next, peer->pending, NULL);
	peer->limit = next.chunk + !!next.at;
	peer_look(peer);
}

/* peer_shut() - say that nothing more comes; what the other one sends is read */
void peer_shut(struct peer *peer)
{
	if (peer->step != OPEN || peer->shut)
		return;
	if (peer->ssl) {
		ERR_clear_error();
		SSL_shutdown(peer->ssl);
	}
	shutdown(peer->fd, SHUT_WR);
	peer->shut = true;
	peer->pending = 0;
}

/* peer_ready() - what epoll says */
void peer_ready(struct peer *peer, uint32_t events)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (peer->step == GONE)
		return;
	if (peer->step == CONNECTING) {
		if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &err, &len) ||
		    err)
			peer_drop(peer, false);
		else
			connected(peer, false);
	} else if (peer->step == SHAKING) {
		shake(peer);
	} else {
		if (events & EPOLLOUT)
			peer_write(peer);
		if (events & ~(uint32_t)EPOLLOUT)
			peer_read(peer);
	}
	peer_look(peer);
}
