/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of net/ share; nobody outside includes it. */
#ifndef E2AE_NET_STATE_H
#define E2AE_NET_STATE_H

#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/ssl.h>

#include "buffer.h"
#include "net.h"
#include "table.h"

#define NET_READ_ROOM (16 * 1024) /* octets of a connection in one turn */
#define NET_BATCH     32 /* datagrams of a listener in one turn */
#define NET_OUTER(ptr, type, member) \
	((type *)net_outer(ptr, offsetof(type, member)))

static inline void *net_outer(const void *member, size_t offset)
{
	return (char *)member - offset;
}

struct net_dns;

/**
 * struct net_flow - the part that is common to all kinds
 * @net: while @alive, or while we are busy with it
 * @id: never used again
 * @holds: of callers
 * @busy: of our own; the flow is freed when there are neither
 * @kind: transport
 * @alive: can be sent to; it is in the tables exactly while it is
 * @side: NET_CORE or an access network
 * @listener: the one it came on, or that stands for it; while @alive
 * @local: own address
 * @remote: address of the peer
 * @sent_by: address of @listener
 * @owner: the caller's
 * @by_id: place in net->flows
 * @by_peer: place in net->peers
 */
struct net_flow {
	struct net *net;
	uint64_t id;
	unsigned int holds;
	unsigned int busy;
	enum net_kind kind;
	bool alive;
	int side;
	struct net_listener *listener;
	struct net_addr local;
	struct net_addr remote;
	struct net_addr sent_by;
	void *owner;
	struct net_link by_id;
	struct net_link by_peer;
};

/**
 * enum net_phase - what a connection is doing
 * @NET_CONNECTING: TCP's handshake, of one that we make
 * @NET_HANDSHAKE: TLS's handshake
 * @NET_OPEN: messages
 * @NET_LINGER: the flow is dead; what was sent before still goes out, and what
 *	comes is thrown away, for else TCP would reset what the peer has not read
 * @NET_OVER: everything is given back but the memory of the flow
 */
enum net_phase {
	NET_CONNECTING,
	NET_HANDSHAKE,
	NET_OPEN,
	NET_LINGER,
	NET_OVER,
};

/**
 * struct net_conn - a connection
 * @all: place in net->conns until NET_OVER
 * @dying: place in net->dying until the owner was told
 * @flow: it is a flow
 * @phase: what it is doing
 * @fd: socket
 * @accepted: the peer made it
 * @ended: the peer has sent its last octet
 * @shut: we have
 * @read_wants_write: TLS has to write before it can read on
 * @readable: event, pending from NET_HANDSHAKE on
 * @writable: event, pending while there is something to write
 * @timer: event at or before the next deadline
 * @timer_at: when, 0 while it is not pending
 * @stream: framing
 * @in: the beginning of a message; no memory while there is none
 * @out: what the socket did not take; no memory while there is nothing
 * @ssl: TLS
 * @name: that the peer's certificate has to show, or NULL
 * @source: count of the peer's address, of accepted ones
 * @began: when the phase began
 * @last: when the last message came or went
 * @in_since: when the beginning of the message in @in came, 0 without
 * @out_since: since when @out does not move
 */
struct net_conn {
	TAILQ_ENTRY(net_conn) all;
	TAILQ_ENTRY(net_conn) dying;
	struct net_flow flow;
	enum net_phase phase;
	int fd;
	bool accepted;
	bool ended;
	bool shut;
	bool read_wants_write;
	struct event readable;
	struct event writable;
	struct event timer;
	int64_t timer_at;
	struct sip_stream stream;
	struct net_buffer in;
	struct net_buffer out;
	SSL *ssl;
	char *name;
	struct net_source *source;
	int64_t began;
	int64_t last;
	int64_t in_since;
	int64_t out_since;
};

/**
 * struct net_peer - what flows are looked up by
 * @side: number of the side
 * @kind: transport
 * @remote: address
 */
struct net_peer {
	int side;
	enum net_kind kind;
	const struct net_addr *remote;
};

/**
 * struct net_listener - an address of ours
 * @all: place in net->listeners
 * @net: whose
 * @home: its side
 * @kind: transport
 * @addr: address; with port 0 asked for, the one that the kernel chose
 * @fd: socket, -1 when it no longer listens
 * @ready: event
 * @pause: timer that ends a pause of accepting
 * @conns: connections for which it stands
 */
struct net_listener {
	TAILQ_ENTRY(net_listener) all;
	struct net *net;
	struct net_home *home;
	enum net_kind kind;
	struct net_addr addr;
	int fd;
	struct event ready;
	struct event pause;
	unsigned int conns;
};

/**
 * struct net_home - a side
 * @all: place in net->homes
 * @side: NET_CORE or an access network
 * @server: TLS for connections to us, or NULL
 * @client: TLS for connections from us, or NULL
 */
struct net_home {
	TAILQ_ENTRY(net_home) all;
	int side;
	SSL_CTX *server;
	SSL_CTX *client;
};

/**
 * struct net_source - connections from one address
 * @link: place in net->sources
 * @addr: IPv4 address, or the first 64 bits of an IPv6 address
 * @conns: how many
 */
struct net_source {
	struct net_link link;
	struct net_addr addr;
	unsigned int conns;
};

/**
 * struct net_inbox - room for a batch of datagrams
 * @header: for recvmmsg(2)
 * @vector: of @header
 * @from: of @header
 * @data: all datagrams
 */
struct net_inbox {
	struct mmsghdr header[NET_BATCH];
	struct iovec vector[NET_BATCH];
	struct net_addr from[NET_BATCH];
	char *data;
};

TAILQ_HEAD(net_conns, net_conn);
TAILQ_HEAD(net_listeners, net_listener);
TAILQ_HEAD(net_homes, net_home);

/**
 * struct net - everything
 * @base: event loop
 * @limits: bounds
 * @handlers: of the owner
 * @arg: of @handlers
 * @last_id: id given last
 * @secret: of hashes
 * @listeners: own addresses
 * @homes: sides
 * @conns: connections that have a socket
 * @dying: connections whose end the owner does not know yet
 * @tell: event that tells it
 * @flows: living flows by id
 * @peers: living flows by side, kind and remote address
 * @sources: addresses that connections come from
 * @inbox: for datagrams
 * @scratch: NET_READ_ROOM octets, for what comes on a connection
 * @dns: resolver
 */
struct net {
	struct event_base *base;
	struct net_limits limits;
	struct net_handlers handlers;
	void *arg;
	uint64_t last_id;
	uint64_t secret[2];
	struct net_listeners listeners;
	struct net_homes homes;
	struct net_conns conns;
	struct net_conns dying;
	struct event *tell;
	struct net_table flows;
	struct net_table peers;
	struct net_table sources;
	struct net_inbox inbox;
	char *scratch;
	struct net_dns *dns;
};

/* net.c */
int64_t net_now(void);
struct net_listener *net_listener_for(const struct net *net, int side,
				      enum net_kind kind, int family);
struct net_home *net_home_find(const struct net *net, int side);
int net_socket(const struct net_addr *addr, int type);
int net_bind(int fd, const struct net_addr *addr);

/* flow.c */
void net_flow_enter(struct net_flow *flow, struct net_listener *listener);
void net_flow_die(struct net_flow *flow);
void net_flow_release(struct net_flow *flow);
struct net_flow *net_peer_first(const struct net *net,
				const struct net_peer *peer);
struct net_flow *net_peer_next(const struct net_flow *flow,
			       const struct net_peer *peer);

/* udp.c, stun.c */
int net_udp_init(struct net *net);
void net_udp_readable(evutil_socket_t fd, short what, void *arg);
struct net_flow *net_udp_flow(struct net_listener *listener,
			      const struct net_addr *remote);
int net_udp_send(const struct net_flow *flow, const char *data, size_t len);
size_t net_stun_answer(const void *data, size_t len,
		       const struct net_addr *from, uint8_t out[64]);

/* accept.c */
void net_accept_ready(evutil_socket_t fd, short what, void *arg);
void net_accept_again(evutil_socket_t fd, short what, void *arg);
void net_source_leave(struct net *net, struct net_source *source);

/* conn.c */
struct net_conn *net_conn_of(const struct net_flow *flow);
int net_conn_new(struct net_listener *listener, int fd,
		 const struct net_addr *remote, struct net_conn **conn);
int net_conn_begin(struct net_conn *conn, enum net_phase phase);
void net_conn_opened(struct net_conn *conn);
void net_conn_want_write(struct net_conn *conn, bool want);
void net_conn_watch(struct net_conn *conn);
void net_conn_kill(struct net_conn *conn, bool linger);
void net_conn_over(struct net_conn *conn);
void net_conn_tell(evutil_socket_t fd, short what, void *arg);

/* stream.c */
void net_stream_input(struct net_conn *conn);
void net_stream_flush(struct net_conn *conn);
void net_stream_drain(struct net_conn *conn);
int net_stream_send(struct net_conn *conn, const char *data, size_t len);

/* tls.c */
int net_tls_home(struct net_home *home, const struct net_side *side, char *why,
		 size_t room);
void net_tls_home_free(struct net_home *home);
int net_tls_begin(struct net_conn *conn, const struct net_home *home);
int net_tls_handshake(struct net_conn *conn);
ssize_t net_tls_read(struct net_conn *conn, void *data, size_t len);
ssize_t net_tls_write(struct net_conn *conn, const void *data, size_t len);
bool net_tls_more(const struct net_conn *conn);
bool net_tls_is(const struct net_conn *conn, const char *name);

/* dns.c */
struct net_dns_job;
int net_dns_new(struct net *net, struct net_dns **dns);
void net_dns_free(struct net_dns *dns);

#endif
