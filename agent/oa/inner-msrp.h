/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of MSRP share.
 *
 *	msrp.c		an MSRP line of an offer or answer
 *	msrp-said.c	what both sides said of it
 *	msrp-path.c	a=path
 *	relay.c		its session in the MSF: keys, who connects, what became of it
 */
#ifndef E2AE_OA_INNER_MSRP_H
#define E2AE_OA_INNER_MSRP_H

#include "inner.h"

#define OA_URI_ROOM  128 /* characters of a URI of ours, with the 0 */
#define OA_PATH_MAX  1024 /* of an a=path that we take */
#define OA_PATH_URIS 8

/**
 * struct oa_hop - where an a=path leads
 * @addr: of the first URI; no family if it is a name or has no port
 * @uris: how many there are; more than one with relays (RFC 4976)
 */
struct oa_hop {
	struct net_addr addr;
	unsigned int uris;
};

/**
 * struct oa_msrp - what the sides said of an MSRP line; constant once the line is
 *	agreed on, so m-lines share it
 * @refs: m-lines and relays that hold it
 * @fork: number of the dialog with the answer, 0 before that
 * @setup: of the offer, as it came
 * @told: the same, as it went on
 * @said_cema: by enum oa_side
 * @offered: the offer that went on has a=msrp-cema, and the offerer's own path
 * @cema: both do it, so that messages go through as they are (RFC 6714)
 * @active: who connects, by enum oa_side; both may
 * @path: value of the side's a=path, by enum oa_side; NULL before it said any
 * @shown: value of the a=path that the side got
 */
struct oa_msrp {
	unsigned int refs;
	uint32_t fork;
	enum sdp_setup setup;
	enum sdp_setup told;
	bool said_cema[2];
	bool offered;
	bool cema;
	bool active[2];
	char *path[2];
	char *shown[2];
};

/**
 * struct oa_relay - the session of an anchor in the MSF
 * @world: where it is
 * @owner: of the call, who is told
 * @line: number of the m-line, from 1
 * @session: it
 * @state: what became of it
 * @why: of the last state
 * @uri: with which we stand in a=path, by enum oa_side
 * @runs: what it was started with, or NULL
 * @peer: where the sides were then
 */
struct oa_relay {
	const struct oa_world *world;
	void *owner;
	unsigned int line;
	struct msrp_session *session;
	enum oa_session state;
	const char *why;
	char uri[2][OA_URI_ROOM];
	struct oa_msrp *runs;
	struct net_addr peer[2];
};

/* msrp-path.c */
int oa_path_read(struct sdp_text value, struct oa_hop *hop);
int oa_uri_make(const struct oa *oa, enum oa_side side,
		const struct net_addr *local, char out[OA_URI_ROOM]);

/* msrp-said.c */
struct oa_msrp *oa_msrp_new(void);
struct oa_msrp *oa_msrp_again(const struct oa_msrp *msrp);
int oa_text_set(char **to, struct sdp_text text);
bool oa_text_same(const char *a, const char *b);

/* relay.c */
int oa_relay_new(struct oa *oa, unsigned int i, struct oa_anchor *anchor);
int oa_relay_start(struct oa *oa, const struct oa_media *media);
bool oa_relay_strict(const struct oa *oa, enum oa_side side);

#endif
