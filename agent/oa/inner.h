/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of oa/ share. Only they include this.
 *
 *	oa.c		life of a call's media
 *	terms.c		what holds for the call
 *	tell.c		questions about its media
 *	fork.c		forks, and answers that come again
 *	offer.c		an offer on its way through
 *	judge.c		how an m-line of an offer is to be secured
 *	answer.c	an answer on its way through
 *	keys-sdes.c	a=crypto on the access leg
 *	keys-mikey.c	a=key-mgmt of the UE's offers
 *	keys-mikey-own.c a=key-mgmt of our offers
 *	mikey-id.c	whom MIKEY messages are for
 *	line.c		what is kept of an m-line
 *	edit.c		what both offers and answers change in a description
 *	msrp*.c, relay.c	MSRP, see inner-msrp.h
 *	anchor.c	ports, addresses and the stream of an m-line
 *	stream.c	from an agreed m-line to the stream and SAs of the MSF
 *	verdict.c	why not
 *
 * An m-line goes through these: judged (struct oa_media in an exchange, with
 * what the offerer said), answered (a copy of it, with what both said), agreed
 * (the copy is the fork's). Between them nothing is changed in place, so an
 * exchange that fails is dropped and all is as it was.
 */
#ifndef E2AE_OA_INNER_H
#define E2AE_OA_INNER_H

#include "oa.h"

#include "../keying/keymgmt.h"
#include "../keying/sdes.h"

#define OA_FORKS_MAX 16 /* forks of a call at a time */
#define OA_HASH	     16 /* octets of what tells descriptions and keys apart */
#define OA_TEXT	     65536 /* octets of the work bench for attributes */
#define OA_OWN_MAX   POLICY_SUITES /* crypto lines that we offer */

/**
 * struct oa_leg - what one side said of an m-line
 * @rtp: where it receives; no family if nowhere, as in an old hold
 * @rtcp: where it receives RTCP, if not on the port after @rtp's
 * @mux: RTCP comes on the port of RTP
 * @direction: enum sdp_direction
 * @proto: enum sdp_proto
 */
struct oa_leg {
	struct net_addr rtp;
	struct net_addr rtcp;
	bool mux;
	uint8_t direction;
	uint8_t proto;
};

/**
 * struct oa_anchor - a pair of ports on each side, and the stream between them
 * @refs: m-lines that hold it
 * @world: where it is
 * @access: number of the access network
 * @local: own addresses, by enum oa_side
 * @stream: at the MSF, 0 if it is not made yet
 * @leg: what the MSF was told, by enum oa_side
 * @in: of the key it has for what the UE sends
 * @out: of the key it has for what goes to the UE
 * @relay: session of MSRP instead of a stream, or NULL
 * @clock: Hz, as it was told
 * @timeout: seconds, as it was told
 */
struct oa_anchor {
	unsigned int refs;
	const struct oa_world *world;
	unsigned int access;
	struct net_addr local[2];
	uint32_t stream;
	struct oa_leg leg[2];
	uint8_t in[OA_HASH];
	uint8_t out[OA_HASH];
	struct oa_relay *relay;
	uint32_t clock;
	uint32_t timeout;
};

/* A MIKEY bundle that m-lines share; holds keys. */
struct oa_bundle {
	unsigned int refs;
	uint8_t psk[E2AE_KDF_LEN];
	struct e2ae_mikey_csb csb;
};

/**
 * struct oa_media - an m-line: as it is agreed on, or as far as an offer says
 * @how: security of the access leg
 * @applied: it was secured once, so it is never plain again
 * @anchor: its ports and stream, NULL if it goes past us
 * @leg: what the sides said, by enum oa_side
 * @in: what the UE sends with
 * @out: what is sent to the UE with
 * @tag: of the crypto line that was accepted
 * @ssrc: that the UE declared in MIKEY, 0 without
 * @roc: its roll-over counter
 * @window: replay window that the UE would like, 0 without
 * @clock: RTP clock, Hz, 0 if unknown
 * @grow: kbit/s by which SRTP is larger
 * @own: MIKEY bundle in which we are initiator, or NULL
 * @theirs: that in which the UE is, or NULL
 * @by_own: the keys are of @own
 * @msrp: what was said of a protected MSRP line, or NULL
 */
struct oa_media {
	enum oa_how how;
	bool applied;
	struct oa_anchor *anchor;
	struct oa_leg leg[2];
	struct e2ae_srtp_key in;
	struct e2ae_srtp_key out;
	uint32_t tag;
	uint32_t ssrc;
	uint32_t roc;
	uint32_t window;
	uint32_t clock;
	int grow;
	struct oa_bundle *own;
	struct oa_bundle *theirs;
	bool by_own;
	struct oa_msrp *msrp;
};

/* A crypto line of ours that waits for the answer. */
struct oa_own {
	uint32_t tag;
	struct e2ae_srtp_key key;
};

/**
 * struct oa_offered - an m-line between offer and answer
 * @media: as far as it is known
 * @fresh: there are no agreed keys to go on with
 * @refused: it goes on with port 0
 * @stripped: keys or marks were taken out, though there is no anchor
 * @mux: the offer that went on has a=rtcp-mux
 * @n_own: crypto lines that we offered
 * @own: those
 * @reply: our R_MESSAGE, or NULL
 * @reply_session: it goes to the session level
 * @seen: of the UE's I_MESSAGE, for the replay cache
 * @has_seen: there is one
 */
struct oa_offered {
	struct oa_media media;
	bool fresh;
	bool refused;
	bool stripped;
	bool mux;
	unsigned int n_own;
	struct oa_own *own;
	char *reply;
	bool reply_session;
	struct e2ae_mikey_seen seen;
	bool has_seen;
};

/**
 * struct oa_exchange - an offer that waits for its answer, or had one
 * @from: side of the offerer
 * @serial: which offer of the call
 * @answered: answers that were accepted
 * @plain: the UE is offered no security, having refused it once
 * @body: the offer as it came, if it may have to be sent again; or NULL
 * @body_len: octets of it
 * @n: m-lines
 * @line: those
 */
struct oa_exchange {
	enum oa_side from;
	unsigned int serial;
	unsigned int answered;
	bool plain;
	char *body;
	size_t body_len;
	unsigned int n;
	struct oa_offered *line;
};

/* A description that came, and what went on for it; may hold keys. */
struct oa_cached {
	uint8_t hash[OA_HASH];
	char *text;
	size_t len;
};

/**
 * struct oa_fork - a dialog of the call
 * @next: made earlier
 * @number: from 1
 * @n: m-lines that are agreed on
 * @media: those
 * @pending: offer in it, or NULL
 * @first: answer to the offer without a tag
 * @last: answer to the last offer in it
 * @tag_len: octets of @tag
 * @tag: To tag
 */
struct oa_fork {
	struct oa_fork *next;
	uint32_t number;
	unsigned int n;
	struct oa_media *media;
	struct oa_exchange *pending;
	struct oa_cached first;
	struct oa_cached last;
	size_t tag_len;
	char tag[];
};

/**
 * struct oa_side_state - what went to a side
 * @origin: hash of the o= line that came for it
 * @sent: hash of what went to it
 * @known: there is something
 * @bump: by how much the version is ahead
 */
struct oa_side_state {
	uint8_t origin[OA_HASH];
	uint8_t sent[OA_HASH];
	bool known;
	uint32_t bump;
};

/**
 * struct oa - media of one call
 * @world: what all calls share
 * @terms: what holds for it; strings and keys are own copies
 * @kmm: media master keys
 * @forks: the latest first
 * @n_forks: that ever were
 * @active: whose media the streams carry, or NULL
 * @selected: the one there is from now on, or NULL
 * @first: offer without a tag, or NULL
 * @serial: offers so far
 * @to: what went to a side, by enum oa_side
 * @counters: m-lines up to this one had timestamps that count, 0 none; the
 *	session counts as the first
 * @memory: of strings in @terms
 */
struct oa {
	const struct oa_world *world;
	struct oa_terms terms;
	struct e2ae_kmm kmm[2];
	struct oa_fork *forks;
	uint32_t n_forks;
	struct oa_fork *active;
	bool selected;
	struct oa_exchange *first;
	unsigned int serial;
	struct oa_side_state to[2];
	unsigned int counters;
	void *memory;
};

/**
 * struct oa_bench - where descriptions are worked on; one for the process
 * @sdp: the description
 * @text: attribute values as strings
 * @text_used: octets of @text
 * @value: of the attributes of one kind
 * @crypto: our lines of an offer
 * @keys: result of a MIKEY exchange
 */
struct oa_bench {
	struct sdp sdp;
	char text[OA_TEXT];
	size_t text_used;
	const char *value[E2AE_SDES_MAX_LINES];
	struct e2ae_sdes_line crypto[OA_OWN_MAX];
	struct e2ae_mikey_keys keys;
};

/**
 * struct oa_step - one description on its way through
 * @oa: the call
 * @fork: the dialog; NULL for an offer without a tag
 * @base: agreed m-lines before it, or NULL
 * @n_base: how many
 * @x: the exchange
 * @cseq: of the request
 * @sdp: the description, to be edited
 * @no: why not
 * @shared: bundle of the session's a=key-mgmt, once it was taken, or NULL
 */
struct oa_step {
	struct oa *oa;
	struct oa_fork *fork;
	const struct oa_media *base;
	unsigned int n_base;
	struct oa_exchange *x;
	uint32_t cseq;
	struct sdp *sdp;
	struct oa_verdict *no;
	struct oa_bundle *shared;
};

/* What a description is refused for. */
enum oa_why {
	OA_WHY_SDP,
	OA_WHY_REQUIRED,
	OA_WHY_E2E,
	OA_WHY_DOWNGRADE,
	OA_WHY_KEYS,
	OA_WHY_MIKEY,
	OA_WHY_SAME_KEY,
	OA_WHY_FAMILY,
	OA_WHY_PORTS,
	OA_WHY_MSF,
	OA_WHY_MSF_FULL,
	OA_WHY_MSRP_FULL,
	OA_WHY_ROOM,
	OA_WHY_MEMORY,
	OA_WHY_PENDING,
	OA_WHY_STRAY,
	OA_WHY_LINES,
	OA_WHY_PROFILE,
	OA_WHY_CRYPTO_COUNT,
	OA_WHY_CRYPTO_TAG,
	OA_WHY_CRYPTO_ECHO,
	OA_WHY_CRYPTO,
	OA_WHY_MIXED,
	OA_WHY_MIKEY_MISSING,
};

/* Whom key management is for. */
enum oa_addressee {
	OA_TO_NOBODY, /* there is no MIKEY that can be read */
	OA_TO_EDGE,
	OA_TO_OTHER,
};

static inline bool oa_is_srtp(enum oa_how how)
{
	return how == OA_SDES || how == OA_MIKEY;
}

static inline bool oa_is_secured(enum oa_how how)
{
	return oa_is_srtp(how) || how == OA_PSK_TLS;
}

static inline enum oa_side oa_other(enum oa_side side)
{
	return side == OA_ACCESS ? OA_CORE : OA_ACCESS;
}

/* verdict.c */
int oa_no(struct oa_verdict *no, enum oa_why why);
int oa_no_errno(struct oa_verdict *no, int err);

/* oa.c */
struct oa_bench *oa_bench(void);
void oa_bench_wipe(void);
int oa_hash(const void *octets, size_t len, uint8_t hash[OA_HASH]);

/* terms.c */
int oa_terms_copy(struct oa *oa, const struct oa_terms *terms);
void oa_terms_drop(struct oa *oa);

/* line.c */
bool oa_rtp(enum sdp_proto proto);
void oa_media_clear(struct oa_media *media);
int oa_leg_read(const struct sdp *sdp, unsigned int i, struct oa_leg *leg);
void oa_media_copy(struct oa_media *to, const struct oa_media *from);
void oa_media_put(struct oa_media *media);
void oa_lines_free(struct oa_media *media, unsigned int n);
struct oa_bundle *oa_bundle_new(const struct e2ae_mikey_csb *csb,
				const uint8_t psk[E2AE_KDF_LEN]);
void oa_bundle_put(struct oa_bundle *bundle);
void oa_offered_free(struct oa_offered *line);
void oa_exchange_free(struct oa_exchange *x);
const struct oa_media *oa_base(const struct oa_step *step, unsigned int i);
bool oa_moved(const struct oa_media *was, const struct oa_media *now);
void oa_read_pace(const struct sdp *sdp, unsigned int i, struct oa_media *m,
		  uint32_t suite);

/* judge.c */
int oa_judge(struct oa_step *step, unsigned int i, struct oa_offered *line);
bool oa_may(const struct oa *oa, enum policy_profile profile);
enum policy_mode oa_mode(const struct oa *oa);

/* offer.c */
int oa_offer_make(struct oa_step *step);
int oa_offer_anchor(struct oa_step *step, struct oa_offered *line);

/* msrp.c, msrp-said.c, relay.c */
int oa_msrp_offer(struct oa_step *step, unsigned int i,
		  struct oa_offered *line);
int oa_msrp_answer(struct oa_step *step, unsigned int i, struct oa_media *made,
		   const struct sdp_media *m);
struct oa_msrp *oa_msrp_get(struct oa_msrp *msrp);
void oa_msrp_put(struct oa_msrp *msrp);
void oa_relay_free(struct oa_relay *relay);

/* keys-sdes.c */
int oa_bench_value(struct sdp_text text, size_t *n);
void oa_bench_rewind(size_t mark);
int oa_sdes_take_offer(struct oa_step *step, unsigned int i,
		       struct oa_offered *line);
int oa_sdes_put_offer(struct oa_step *step, unsigned int i,
		      struct oa_offered *line);
int oa_sdes_take_answer(struct oa_step *step, unsigned int i,
			const struct oa_offered *line, struct oa_media *made);
int oa_sdes_put_answer(struct oa_step *step, unsigned int i,
		       struct oa_media *made);
int oa_sdes_own_key(const struct oa_step *step, unsigned int i,
		    struct oa_media *made);

/* keys-mikey.c */
enum oa_addressee oa_mikey_to(const struct oa *oa, const struct sdp *sdp,
			      unsigned int i);
void oa_mikey_strip_edge(const struct oa *oa, struct sdp *sdp, enum oa_side to);
int oa_mikey_take_offer(struct oa_step *step, unsigned int i,
			struct oa_offered *line);
int oa_mikey_put_offer(struct oa_step *step, unsigned int i,
		       struct oa_offered *line);
int oa_mikey_take_answer(struct oa_step *step, unsigned int i,
			 struct oa_offered *line, struct oa_media *made);
int oa_mikey_put_answer(struct oa_step *step, unsigned int i,
			const struct oa_offered *line);
void oa_mikey_release(struct oa *oa, const struct oa_exchange *x);
void oa_mikey_forget(struct oa *oa);

/* edit.c */
int oa_edit_anchored(struct sdp *sdp, unsigned int i,
		     const struct oa_media *media, enum oa_side to, bool mux);
int oa_edit_proto(struct sdp *sdp, unsigned int i, enum sdp_proto proto);
void oa_edit_guard(struct sdp *sdp, unsigned int i, enum oa_how how);
void oa_edit_session(struct oa_step *step, enum oa_side to);
int oa_edit_write(struct oa_step *step, enum oa_side to, char *out, size_t room,
		  size_t *used);

/* anchor.c */
int oa_anchor_new(struct oa *oa, const int family[2],
		  struct oa_anchor **anchor);
int oa_anchor_move(struct oa_anchor *anchor);
struct oa_anchor *oa_anchor_get(struct oa_anchor *anchor);
void oa_anchor_put(struct oa_anchor *anchor);
int oa_family(const struct oa *oa, enum oa_side side, int wanted);
void oa_anchor_addr(const struct oa_anchor *anchor, enum oa_side side,
		    struct sdp_addr *addr);
uint16_t oa_anchor_port(const struct oa_anchor *anchor, enum oa_side side);

/* stream.c */
int oa_stream_program(struct oa *oa, const struct oa_media *media);
int oa_streams_program(struct oa *oa, const struct oa_media *media,
		       unsigned int n, const struct oa_media *before,
		       unsigned int n_before);

/* answer.c */
int oa_answer_make(struct oa_step *step, struct oa_media *made);

/* fork.c */
struct oa_fork *oa_fork_find(const struct oa *oa, struct sdp_text tag);
struct oa_fork *oa_fork_new(struct oa *oa, struct sdp_text tag);
void oa_fork_free(struct oa *oa, struct oa_fork *fork);
bool oa_cached_find(const struct oa_cached *cached, const uint8_t hash[OA_HASH],
		    char *out, size_t room, size_t *used, int *err);
void oa_cached_set(struct oa_cached *cached, const uint8_t hash[OA_HASH],
		   const char *text, size_t len);
void oa_cached_drop(struct oa_cached *cached);

#endif
