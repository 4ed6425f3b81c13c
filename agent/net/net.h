/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP's sockets (RFC 3261, 18): UDP, TCP and TLS on IPv4 and IPv6, over libevent
 * and OpenSSL. What arrives is framed (sip/framing.h) and handed up as whole
 * messages with the flow they came on; what is sent goes to a flow.
 *
 * A flow is the two addresses of a UDP association, or a connection. Its id is
 * never used again. A flow of UDP that nobody holds is gone when the handler of
 * its message returns, so a datagram from a stranger leaves nothing behind. A
 * connection lives until either end closes it, or until it is idle and not held.
 *
 * Everything runs in one thread, that of the event base.
 */
#ifndef E2AE_NET_H
#define E2AE_NET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../sip/framing.h"

struct event_base;

#define NET_CORE	 (-1) /* side of a flow: the core; else an access network */
#define NET_ADDR_TEXT	 64 /* characters of net_addr_text(), with the 0 */
#define NET_DATAGRAM_MAX 1300 /* octets of a request that fit UDP (18.1.1) */

enum net_kind {
	NET_UDP,
	NET_TCP,
	NET_TLS,
};

/**
 * struct net_addr - an IP address and a port, both in network byte order
 * @sa: family; AF_UNSPEC if there is none
 * @in4: IPv4
 * @in6: IPv6
 */
struct net_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	};
};

int net_addr_parse(const char *text, struct net_addr *addr);
int net_addr_set(struct net_addr *addr, struct sdp_text host, uint16_t port);
const char *net_addr_text(const struct net_addr *addr, char out[NET_ADDR_TEXT]);
/* As a URI has it: IPv6 in brackets. */
const char *net_addr_host(const struct net_addr *addr, char out[NET_ADDR_TEXT]);
uint16_t net_addr_port(const struct net_addr *addr);
socklen_t net_addr_len(const struct net_addr *addr);
bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);
bool net_addr_same_host(const struct net_addr *a, const struct net_addr *b);
bool net_addr_within(const struct net_addr *a, const struct net_addr *net,
		     uint8_t prefix);
const char *net_kind_name(enum net_kind kind);

/**
 * struct net_listen - an address on which SIP arrives
 * @kind: transport
 * @addr: own address
 */
struct net_listen {
	enum net_kind kind;
	struct net_addr addr;
};

#define NET_SIDES_MAX 32

/**
 * struct net_side - the listeners of an access network or of the core
 * @side: number of the access network, or NET_CORE
 * @listen: its listeners
 * @n_listen: how many
 * @certificate: PEM file of our certificate chain, for TLS
 * @private_key: PEM file
 * @ca: PEM file against which we verify peers that we connect to, or NULL for
 *	the system's; peers that connect to us on NET_CORE must show a
 *	certificate of it
 */
struct net_side {
	int side;
	const struct net_listen *listen;
	size_t n_listen;
	const char *certificate;
	const char *private_key;
	const char *ca;
};

/**
 * struct net_limits - bounds; 0 stands for a usual value
 * @connections: of a listener
 * @connections_each: from one address, of IPv6 from one /64
 * @out_octets: that wait for a slow connection; more closes it
 * @connect_seconds: until a connection, with its TLS handshake, is there
 * @message_seconds: for the rest of a message whose first octet has come, and
 *	for the peer to take any of what waits for it
 * @idle_seconds: a connection that nobody holds may be without messages
 * @sip: of a message
 */
struct net_limits {
	unsigned int connections;
	unsigned int connections_each;
	size_t out_octets;
	unsigned int connect_seconds;
	unsigned int message_seconds;
	unsigned int idle_seconds;
	struct sip_limits sip;
};

struct net;
struct net_flow;

/**
 * struct net_handlers - what is told to the owner; @arg is the first argument
 * @message: a whole message came. @data is valid and may be changed during the
 *	call, and is wiped after it. Handlers may do anything but net_free()
 * @bad: something came that is no message. On a stream the connection is closed
 *	after the call; during it a response may still be sent
 * @closed: a connection is gone, or could not be made; its flow is dead. Told
 *	once, also for connections that never were there, never for UDP
 * @welcome: may this address connect to a side? If not it is closed before a
 *	word. NULL lets all in
 */
struct net_handlers {
	void (*message)(void *arg, struct net_flow *flow, char *data,
			size_t len);
	void (*bad)(void *arg, struct net_flow *flow, char *data, size_t len,
		    const struct sip_error *error);
	void (*closed)(void *arg, struct net_flow *flow);
	bool (*welcome)(void *arg, int side, const struct net_addr *from);
};

int net_new(struct net **net, struct event_base *base,
	    const struct net_limits *limits,
	    const struct net_handlers *handlers, void *arg);
int net_add_side(struct net *net, const struct net_side *side, char *why,
		 size_t room);
int net_renew_tls(struct net *net, const struct net_side *sides, size_t n,
		  char *why, size_t room);
void net_stop_listening(struct net *net);
void net_free(struct net *net);

/* Flows. */
struct net_flow *net_flow_get(struct net_flow *flow);
void net_flow_put(struct net_flow *flow);
struct net_flow *net_flow_find(struct net *net, uint64_t id);
struct net_flow *net_flow_between(struct net *net, const struct net_addr *local,
				  const struct net_addr *remote);
uint64_t net_flow_id(const struct net_flow *flow);
enum net_kind net_flow_kind(const struct net_flow *flow);
int net_flow_side(const struct net_flow *flow);
const struct net_addr *net_flow_local(const struct net_flow *flow);
const struct net_addr *net_flow_remote(const struct net_flow *flow);
bool net_flow_alive(const struct net_flow *flow);
void net_flow_close(struct net_flow *flow);

/*
 * The flow of UDP from the same listener to another port of the same peer, to
 * answer a request without rport (RFC 3261, 18.2.2). It comes held; NULL without
 * memory, or if @flow is dead or none of UDP.
 */
struct net_flow *net_flow_sibling(struct net_flow *flow, uint16_t port);

/* One slot for whoever owns the flow: the registration that was made on it. */
void net_flow_set_owner(struct net_flow *flow, void *owner);
void *net_flow_owner(const struct net_flow *flow);

/*
 * The address of the listener that stands for a flow: what a Via or a
 * Record-Route of ours says, also on a connection we made from another port.
 */
const struct net_addr *net_flow_sent_by(const struct net_flow *flow);
const struct net_addr *net_listen_addr(const struct net *net, int side,
				       enum net_kind kind, int family);
bool net_is_own(const struct net *net, const struct net_addr *addr);

int net_send(struct net_flow *flow, const char *data, size_t len);

/*
 * The flow comes held: net_flow_put() it. @name, for TLS, is whom the peer's
 * certificate has to name: a domain, or an address without brackets.
 */
int net_connect(struct net *net, int side, enum net_kind kind,
		const struct net_addr *to, const char *name,
		struct net_flow **flow);
int net_flow_export(const struct net_flow *flow, const char *label,
		    const void *context, size_t context_len, uint8_t *out,
		    size_t len);

/*
 * RFC 3263 with c-ares. An address in @host is told at once, before the call
 * returns, and so are errors that are known then; NULL is returned then.
 * @transport may be empty. net_set_dns() replaces the servers of the system, as
 * "192.0.2.1:5353,[2001:db8::1]:53".
 */
#define NET_TARGETS_MAX 8

struct net_target {
	enum net_kind kind;
	struct net_addr addr;
};

typedef void net_resolved(void *arg, int error, const struct net_target *found,
			  size_t n);

struct net_resolution;
struct net_resolution *net_resolve(struct net *net, struct sdp_text host,
				   uint16_t port, struct sdp_text transport,
				   bool sips, net_resolved *done, void *arg);
void net_resolve_cancel(struct net_resolution *resolution);
int net_set_dns(struct net *net, const char *servers);

#endif
