/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MSF of MSRP (RFC 4975): TLS with a pre-shared key on the access leg, TCP
 * on the core leg, and octets between them. After the handshake the kernel does
 * the records (kTLS). With CEMA on both legs (RFC 6714) octets are spliced and
 * nobody looks at them; else To-Path and From-Path are rewritten on their way.
 *
 * A session is one m-line of a call. Life: msrp_session_new() listens on both
 * own addresses, so that a peer which is faster than its answer finds somebody;
 * msrp_session_start() says who connects, from where, and what paths are, and
 * only from then on connections are looked at; msrp_session_end() closes
 * everything and wipes the keys. Everything runs in the thread of the event
 * base; the session is never freed from below msrp_session_new() to _end().
 */
#ifndef E2AE_MSRP_H
#define E2AE_MSRP_H

#include "../net/net.h"

struct event_base;
struct msrp;
struct msrp_session;

#define MSRP_PSK_LEN	   32 /* octets of a key */
#define MSRP_IDENTITY_ROOM 272 /* characters of an identity, with the 0 */
#define MSRP_KEYS_MAX	   2 /* generations of the registration's key */

enum msrp_side {
	MSRP_ACCESS,
	MSRP_CORE,
};

/**
 * struct msrp_key - pre-shared keys of one m-line from one generation of K_mm;
 * one never serves two versions or both roles (RFC 8446, E.7; RFC 9257, 4)
 * @identity: "<key id>@<FQDN>", as on the wire
 * @tls13_ue: TLS 1.3, the UE is the client
 * @tls13_msf: TLS 1.3, we are
 * @tls12_ue: TLS 1.2, the UE is the client
 * @tls12_msf: TLS 1.2, we are
 */
struct msrp_key {
	char identity[MSRP_IDENTITY_ROOM];
	uint8_t tls13_ue[MSRP_PSK_LEN];
	uint8_t tls13_msf[MSRP_PSK_LEN];
	uint8_t tls12_ue[MSRP_PSK_LEN];
	uint8_t tls12_msf[MSRP_PSK_LEN];
};

/**
 * struct msrp_leg - what offer and answer say of one side
 * @connect: we make the connection (the peer is passive), else the peer does
 * @peer: where we connect to; else the address from which the peer is expected,
 *	its port does not count; no family if nobody knows
 * @any_source: a connection may come from elsewhere (NAT; the access leg is
 *	authenticated by its key all the same)
 * @own: URI with which we stand in a=path there, "msrps://host:port/id;tcp"
 * @path: value of the peer's a=path: one URI, or several with blanks between
 *
 * @own and @path do not count with CEMA.
 */
struct msrp_leg {
	bool connect;
	struct net_addr peer;
	bool any_source;
	const char *own;
	const char *path;
};

/**
 * enum msrp_what - what happened to a session
 * @MSRP_UP: both legs are connected, and octets flow
 * @MSRP_OVER: the connections are closed; the session waits for
 *	msrp_session_start() with something new, or for its end
 */
enum msrp_what {
	MSRP_UP,
	MSRP_OVER,
};

/**
 * typedef msrp_event_fn - something happened
 * @arg: of msrp_session_new()
 * @what: what; the session may be ended from here
 * @why: a word for the log, static: "closed", "idle", "handshake", ...
 */
typedef void msrp_event_fn(void *arg, enum msrp_what what, const char *why);

/**
 * struct msrp_limits - bounds, in milliseconds and octets; 0 is the usual
 * @sessions: at a time
 * @handshake: from the connection to the end of TLS's handshake
 * @connect: until both legs are there
 * @idle: without an octet in either direction
 * @total: of a session's connections
 * @header: octets of the header of a message
 * @userspace: never use kTLS, for tests
 */
struct msrp_limits {
	unsigned int sessions;
	unsigned int handshake;
	unsigned int connect;
	unsigned int idle;
	unsigned int total;
	size_t header;
	bool userspace;
};

/**
 * struct msrp_counts - of one session, or of all that were
 * @sessions: that are, or 1
 * @up: of which octets flow
 * @octets: passed on, by the side they came from
 * @refused: connections and handshakes that were refused
 * @kernel_in: records of the access leg are opened by the kernel
 * @kernel_out: and sealed by it
 * @spliced: octets that no process saw, both directions
 * @version: of TLS, as "TLSv1.3", or ""; of one session
 * @cipher: likewise
 */
struct msrp_counts {
	uint64_t sessions;
	uint64_t up;
	uint64_t octets[2];
	uint64_t refused;
	uint64_t kernel_in;
	uint64_t kernel_out;
	uint64_t spliced;
	const char *version;
	const char *cipher;
};

int msrp_open(struct msrp **msrp, struct event_base *base,
	      const struct msrp_limits *limits);
void msrp_close(struct msrp *msrp);
int msrp_session_new(struct msrp_session **session, struct msrp *msrp,
		     const struct net_addr local[2],
		     const struct msrp_key *keys, unsigned int n_keys,
		     msrp_event_fn *told, void *arg);
int msrp_session_start(struct msrp_session *session,
		       const struct msrp_leg leg[2], bool cema);
void msrp_session_counts(const struct msrp_session *session,
			 struct msrp_counts *counts);
void msrp_session_end(struct msrp_session *session);
void msrp_counts(const struct msrp *msrp, struct msrp_counts *counts);

#endif
