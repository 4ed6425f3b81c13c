/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many pairs of MSRP peers, a UE with TLS-PSK and a peer in the core with TCP
 * each, around a relay. Whoever receives knows what was sent, and compares every
 * octet. Nothing here is the relay's.
 */
#ifndef MSRP_LOAD_H
#define MSRP_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#define PAIRS_MAX     20000
#define HEAD_ROOM     512
#define TAIL_ROOM     48
#define IDENTITY_ROOM 64
#define PIECE	      16384 /* octets of a write: a record */

enum side {
	UE,
	CORE,
	SIDES,
};

/* Who connects to whom; without any bit both peers connect to the relay. */
#define ROLE_UE_LISTENS	  1
#define ROLE_CORE_LISTENS 2
#define ROLE_MIXED	  4 /* each pair another one of the first three */

/**
 * struct options - what the command line says
 * @tls: TLS1_3_VERSION, TLS1_2_VERSION, or 0 for TCP on both legs
 * @rewritten: paths are changed on the way
 * @digest: SHA-256 of bodies is kept
 * @one: all UEs connect to the first address
 * @role: ROLE_*
 * @body: octets of a chunk's body
 * @chunks: of a message
 * @at_once: pairs that come up at a time
 */
struct options {
	int tls;
	bool rewritten;
	bool digest;
	bool one;
	unsigned int role;
	size_t body;
	unsigned int chunks;
	unsigned int at_once;
};

/**
 * struct text - a place in the endless row of chunks that a peer sends
 * @sender: who sends it
 * @number: of the pair
 * @rewritten: as it is after the relay
 * @chunk: which one
 * @at: octets of it that are done
 * @head: its header; nothing if @head_len is 0
 * @head_len: octets
 * @tail: its end-line
 * @tail_len: octets
 */
struct text {
	enum side sender;
	unsigned int number;
	bool rewritten;
	uint64_t chunk;
	size_t at;
	char head[HEAD_ROOM];
	size_t head_len;
	char tail[TAIL_ROOM];
	size_t tail_len;
};

enum step {
	NONE,
	CONNECTING,
	SHAKING, /* TLS */
	OPEN,
	GONE,
};

struct pair;

/**
 * struct peer - one end
 * @pair: whose; NULL while a connection in the core has not said whose it is
 * @side: which end
 * @step: how far it is
 * @fd: socket, -1 without
 * @ssl: TLS, or NULL
 * @polled: what epoll looks for
 * @out: what is sent next
 * @limit: chunks to send in all
 * @pending: octets that have to be tried again
 * @shut: we have sent our last octet
 * @in: what is expected next
 * @digest: of bodies received
 */
struct peer {
	struct pair *pair;
	enum side side;
	enum step step;
	int fd;
	SSL *ssl;
	uint32_t polled;
	struct text out;
	uint64_t limit;
	size_t pending;
	bool shut;
	struct text in;
	EVP_MD_CTX *digest;
};

/**
 * struct pair - a session's two ends
 * @number: which
 * @opening: it is not up yet, and counts as one that comes up
 * @up: a chunk went either way
 * @peer: ends
 */
struct pair {
	unsigned int number;
	bool opening;
	bool up;
	struct peer *peer[SIDES];
};

/**
 * struct counts - what has happened
 * @up: pairs that exchanged a message
 * @failed: pairs that did not come up
 * @orderly: ends that were told of the end as TLS and TCP have it
 * @torn: ends that were not, or in the middle of a chunk
 * @wrong: ends that received what was not sent
 * @open: connections that there are
 * @octets: received, by the side that received them
 * @chunks: received, likewise
 */
struct counts {
	unsigned int up;
	unsigned int failed;
	unsigned int orderly;
	unsigned int torn;
	unsigned int wrong;
	unsigned int open;
	uint64_t octets[SIDES];
	uint64_t chunks[SIDES];
};

extern struct options options;
extern struct counts counts;
extern struct pair pairs[PAIRS_MAX];
extern unsigned int opening;
extern int poller;

/* text.c */
void text_prepare(void);
void text_start(struct text *text, enum side sender, unsigned int number,
		bool rewritten);
size_t text_left(struct text *text);
void text_copy(struct text *text, char *out, size_t len);
void text_skip(struct text *text, size_t len, EVP_MD_CTX *digest);
void text_sent_digest(enum side sender, unsigned int number, uint64_t n,
		      uint8_t digest[32]);

/* tls.c */
int tls_prepare(void);
SSL *tls_new(struct peer *peer, unsigned int number, bool server);

/* peer.c */
struct sockaddr_in relay_address(enum side side, unsigned int number);
unsigned int role_of(unsigned int number);
int listen_for(enum side side);
void peer_accept(enum side side, int door);
void pair_open(struct pair *pair);
void peer_send(struct peer *peer, uint64_t chunks);
void peer_stop(struct peer *peer);
void peer_shut(struct peer *peer);
void peer_drop(struct peer *peer, bool reset);
void peer_ready(struct peer *peer, uint32_t events);

/* stream.c */
void peer_look(struct peer *peer);
void peer_write(struct peer *peer);
void peer_read(struct peer *peer);
void peer_wrong(struct peer *peer, const char *what);

#endif
