/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /etc/e2ae/e2aed.conf (e2aed.conf(5)), read with libconfuse and checked as a
 * whole before anything of it counts. Lists end with a NULL or have a count.
 */
#ifndef E2AE_CONFIG_H
#define E2AE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "net/net.h"
#include "policy.h"

#define CONFIG_LISTEN_MAX 8
#define CONFIG_ACCESS_MAX 16
#define CONFIG_PEERS_MAX  32
#define CONFIG_OPTIONS	  32 /* at the top of the file */

/**
 * struct config_media - where one side's media arrive
 * @addr4: own IPv4 address; family 0 without
 * @addr6: own IPv6 address; family 0 without
 * @first: first port, even
 * @last: last port, odd
 * @device: the only device that carries them, or NULL
 */
struct config_media {
	struct net_addr addr4;
	struct net_addr addr6;
	uint16_t first;
	uint16_t last;
	char *device;
};

/**
 * struct config_side - one access network, or the core
 * @name: of the access network; "core"
 * @listen: where SIP arrives
 * @n_listen: how many
 * @certificate: PEM file, or NULL
 * @private_key: PEM file, or NULL
 * @ca: PEM file against which peers are verified, or NULL
 * @protected: the operator asserts that signalling is encrypted below SIP:
 *	IPsec of the access network, NDS/IP of the core. TLS needs no assertion
 * @media: where media arrive
 * @network_id: value of P-Visited-Network-ID for requests from here
 * @msrp_strict: a connection of MSRP has to come from where the description says
 */
struct config_side {
	char *name;
	struct net_listen listen[CONFIG_LISTEN_MAX];
	size_t n_listen;
	char *certificate;
	char *private_key;
	char *ca;
	bool protected;
	struct config_media media;
	char *network_id;
	bool msrp_strict;
};

/**
 * struct config_peer - a network of the core from which SIP is accepted
 * @net: its address
 * @prefix: bits of it
 */
struct config_peer {
	struct net_addr net;
	uint8_t prefix;
};

/**
 * struct config_limits - bounds of everything
 * @registrations: bindings
 * @contacts: bindings of one subscriber
 * @calls: calls
 * @calls_each: calls of one subscriber
 * @transactions: transactions
 * @connections: connections of a listener
 * @connections_each: those from one address
 * @out_octets: octets that wait for a slow connection
 * @message: octets of a message's header
 * @body: octets of a message's body
 * @msrp_sessions: sessions of MSRP
 */
struct config_limits {
	unsigned int registrations;
	unsigned int contacts;
	unsigned int calls;
	unsigned int calls_each;
	unsigned int transactions;
	unsigned int connections;
	unsigned int connections_each;
	size_t out_octets;
	size_t message;
	size_t body;
	unsigned int msrp_sessions;
};

/**
 * struct config - the whole of it
 * @domain: FQDN of this P-CSCF: input of the KDF, MIKEY identity, host of our URIs
 * @access: access networks
 * @n_access: how many
 * @core: the core
 * @next_hop: SIP URI to which REGISTER and requests without Route go; NULL asks
 *	DNS for the domain of the Request-URI (RFC 3263)
 * @dns: DNS servers with commas between them, or NULL for the system's
 * @peers: from where the core may speak; empty is only @next_hop's addresses
 * @n_peers: how many
 * @quarantine: seconds before a port is used again
 * @drain: seconds that calls may go on after SIGTERM
 * @media_timeout: seconds of silence on a leg after which the media are dead,
 *	0 never
 * @min_se: seconds that a session interval has at least (RFC 4028)
 * @end_silent: end a call whose media are dead
 * @mikey_skew: seconds a UE's clock may be off
 * @msrp_connect: seconds until both legs of a session of MSRP are connected
 * @msrp_idle: seconds that one may be silent
 * @msrp_total: seconds that one may last
 * @lab: keys may travel on unprotected signalling
 * @emergency: unregistered UEs may make emergency calls
 * @reg_event: subscribe to the reg-event package of each registration
 * @t1: RFC 3261's T1 in milliseconds
 * @user: to run as after the start, or NULL
 * @state_dir: where the journal is, or NULL for none
 * @control: path of the control socket, or NULL for none
 * @msf: "kernel", or "record:FILE" for measurements without one
 * @log_level: how much is told
 * @limits: bounds
 * @marks: of every option as it was read, so that a reload can tell which of
 *	those that it ignores changed
 * @policies: what the operator wants; reloaded apart
 */
struct config {
	char *domain;
	struct config_side access[CONFIG_ACCESS_MAX];
	size_t n_access;
	struct config_side core;
	char *next_hop;
	char *dns;
	struct config_peer peers[CONFIG_PEERS_MAX];
	size_t n_peers;
	unsigned int quarantine;
	unsigned int drain;
	unsigned int media_timeout;
	unsigned int min_se;
	bool end_silent;
	unsigned int mikey_skew;
	unsigned int msrp_connect;
	unsigned int msrp_idle;
	unsigned int msrp_total;
	bool lab;
	bool emergency;
	bool reg_event;
	unsigned int t1;
	char *user;
	char *state_dir;
	char *control;
	char *msf;
	enum log_level log_level;
	struct config_limits limits;
	uint64_t marks[CONFIG_OPTIONS];
	struct policy_table *policies;
};

int config_read(struct config **config, const char *path, char *why,
		size_t room);
int config_reload_policies(struct config *config, const char *path, char *why,
			   size_t room);
void config_free(struct config *config);

#endif
