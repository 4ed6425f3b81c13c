/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MIKEY with a pre-shared key for SRTP (RFC 3830, RFC 4567, RFC 7714).
 *
 * The pre-shared key comes from kdf.h. Messages are octets here; keymgmt.h turns
 * them into values of a=key-mgmt and back.
 *
 * As initiator (we offer):
 *
 *	e2ae_mikey_offer(&offer, NULL, &csb, &msg);	  offer the message
 *	e2ae_mikey_confirm(&csb, psk, at, len, &keys, &refusal);  on the answer
 *
 * As responder (we answer):
 *
 *	e2ae_mikey_peek(at, len, &peek);	  who asks under which key id
 *	e2ae_mikey_respond(&answer, NULL, at, len, &csb, &keys, &reply);
 *
 * respond() gives the R_MESSAGE in reply, or after an error the error message
 * for the 488, if there is one to send. Its seen is for the replay cache: if the
 * INVITE fails before any SA exists, mikey-replay.h may release it for a retry.
 *
 * A re-offer within a crypto session bundle (RFC 3830, 4.5) passes the bundle as
 * old and gets its new state in csb: the old one stays valid until the new one
 * is confirmed. When the other end re-offers, it starts a bundle of its own.
 *
 * keys holds two crypto sessions for each secured m-line, in order: what the
 * initiator sends, what the responder sends. A struct e2ae_mikey_csb holds keys
 * as well; wipe both.
 */
#ifndef E2AE_KEYING_MIKEY_H
#define E2AE_KEYING_MIKEY_H

#include "secret.h"

#define E2AE_MIKEY_MAX_LEN 2048 /* octets of a message */
#define E2AE_MIKEY_MAX_CS  16 /* crypto sessions: two for each m-line */
#define E2AE_MIKEY_MAX_ID  255 /* octets of an identity */
#define E2AE_MIKEY_MAX_TGK 64
#define E2AE_MIKEY_MIN_TGK 16
#define E2AE_MIKEY_MIN_PSK 16
#define E2AE_MIKEY_RAND	   16 /* octets of RAND that we send */
#define E2AE_MIKEY_MAX_ERR 4 /* error payloads of a message */

/**
 * enum e2ae_mikey_error - errors that go to the peer (RFC 3830, 6.12)
 * @E2AE_MIKEY_ERR_AUTH: authentication failure
 * @E2AE_MIKEY_ERR_TIME: invalid timestamp
 * @E2AE_MIKEY_ERR_PRF: PRF not supported
 * @E2AE_MIKEY_ERR_MAC: MAC algorithm not supported
 * @E2AE_MIKEY_ERR_CIPHER: encryption algorithm not supported
 * @E2AE_MIKEY_ERR_ID: identity not supported
 * @E2AE_MIKEY_ERR_SP: type of security policy not supported
 * @E2AE_MIKEY_ERR_SP_PARAM: parameter of the security policy not supported
 * @E2AE_MIKEY_ERR_DATA: type of key data not supported
 * @E2AE_MIKEY_ERR_OTHER: anything else
 */
enum e2ae_mikey_error {
	E2AE_MIKEY_ERR_AUTH = 0,
	E2AE_MIKEY_ERR_TIME = 1,
	E2AE_MIKEY_ERR_PRF = 2,
	E2AE_MIKEY_ERR_MAC = 3,
	E2AE_MIKEY_ERR_CIPHER = 4,
	E2AE_MIKEY_ERR_ID = 7,
	E2AE_MIKEY_ERR_SP = 9,
	E2AE_MIKEY_ERR_SP_PARAM = 10,
	E2AE_MIKEY_ERR_DATA = 11,
	E2AE_MIKEY_ERR_OTHER = 12,
};

/**
 * enum e2ae_mikey_kind - what a message is (RFC 3830, 6.1)
 * @E2AE_MIKEY_KIND_I: initiator's pre-shared key message
 * @E2AE_MIKEY_KIND_R: verification message of it
 * @E2AE_MIKEY_KIND_ERROR: error message
 */
enum e2ae_mikey_kind {
	E2AE_MIKEY_KIND_I = 0,
	E2AE_MIKEY_KIND_R = 1,
	E2AE_MIKEY_KIND_ERROR = 6,
};

/**
 * enum e2ae_mikey_clock - timestamps (RFC 3830, 6.6)
 * @E2AE_MIKEY_NTP_UTC: seconds since 1900 in UTC, times 2^32
 * @E2AE_MIKEY_NTP: the same here
 * @E2AE_MIKEY_COUNTER: a counter of 32 bits that only goes up
 */
enum e2ae_mikey_clock {
	E2AE_MIKEY_NTP_UTC = 0,
	E2AE_MIKEY_NTP = 1,
	E2AE_MIKEY_COUNTER = 2,
};

/**
 * enum e2ae_mikey_id_type - identities (RFC 3830, 6.7)
 * @E2AE_MIKEY_NAI: user@realm
 * @E2AE_MIKEY_URI: a URI
 */
enum e2ae_mikey_id_type {
	E2AE_MIKEY_NAI = 0,
	E2AE_MIKEY_URI = 1,
};

/**
 * struct e2ae_mikey_id - an identity
 * @type: enum e2ae_mikey_id_type
 * @len: octets of @octets; 0 is no identity
 * @octets: the identity
 */
struct e2ae_mikey_id {
	uint8_t type;
	uint8_t len;
	uint8_t octets[E2AE_MIKEY_MAX_ID];
};

/**
 * struct e2ae_mikey_time - a timestamp
 * @type: enum e2ae_mikey_clock
 * @value: of the timestamp
 */
struct e2ae_mikey_time {
	uint8_t type;
	uint64_t value;
};

/**
 * struct e2ae_mikey_message - octets of a message
 * @len: how many; 0 is none
 * @octets: the message
 */
struct e2ae_mikey_message {
	size_t len;
	uint8_t octets[E2AE_MIKEY_MAX_LEN];
};

/**
 * struct e2ae_mikey_stream - row of the crypto session map (RFC 3830, 6.1.1)
 * @ssrc: SSRC of the sender, 0 if it is not known yet: then the context is bound
 *   to the first one that authenticates
 * @roc: its roll-over counter
 */
struct e2ae_mikey_stream {
	uint32_t ssrc;
	uint32_t roc;
};

/**
 * struct e2ae_mikey_csb - state of a crypto session bundle; holds keys
 * @id: CSB ID
 * @n_cs: crypto sessions
 * @idi: identity of the initiator
 * @idr: identity of the responder
 * @time: timestamp of the last message of the initiator
 * @rand_len: octets of @rand
 * @rand: RAND of the first message
 * @suite: of each crypto session
 * @stream: of each crypto session
 * @tgk_len: octets of @tgk
 * @tgk: TEK generation key
 * @salt_len: octets of @salt; 0 if salts are derived
 * @salt: master salt that came with the TGK
 * @mki_len: octets of @mki
 * @mki: that came with the TGK
 */
struct e2ae_mikey_csb {
	uint32_t id;
	uint8_t n_cs;
	struct e2ae_mikey_id idi;
	struct e2ae_mikey_id idr;
	struct e2ae_mikey_time time;
	uint8_t rand_len;
	uint8_t rand[255];
	uint32_t suite[E2AE_MIKEY_MAX_CS];
	struct e2ae_mikey_stream stream[E2AE_MIKEY_MAX_CS];
	uint8_t tgk_len;
	uint8_t tgk[E2AE_MIKEY_MAX_TGK];
	uint8_t salt_len;
	uint8_t salt[E2AE_MAX_SALT];
	uint8_t mki_len;
	uint8_t mki[E2AE_MAX_MKI];
};

/**
 * struct e2ae_mikey_keys - result of an exchange; holds keys
 * @n_cs: crypto sessions, 0 if the exchange failed
 * @cs: [2n] is what the initiator sends on secured m-line n, counted from 0,
 *   [2n + 1] what the responder sends
 * @cs.key: master key
 * @cs.stream: SSRC and ROC it starts with
 */
struct e2ae_mikey_keys {
	unsigned int n_cs;
	struct {
		struct e2ae_srtp_key key;
		struct e2ae_mikey_stream stream;
	} cs[E2AE_MIKEY_MAX_CS];
};

/**
 * struct e2ae_mikey_offer - what the initiator says
 * @psk: pre-shared key, at least E2AE_MIKEY_MIN_PSK octets
 * @idi: own identity; in a re-offer that of the bundle is taken
 * @idr: identity of the peer; likewise
 * @time: of now; a re-offer takes the next value after that of the bundle if
 *   this one is not later
 * @protocols: key management protocols of the offer, with ";" (RFC 4567, 4.1.4)
 * @suite: for all crypto sessions
 * @lines: secured m-lines, 1 to E2AE_MIKEY_MAX_CS / 2; in a re-offer at least as
 *   many as the bundle has
 * @stream: two for each line; SSRCs of the responder's streams are usually 0
 * @keep_keys: a re-offer without new keys
 * @entropy: asked for CSB ID, RAND, TGK in this order (a re-offer: TGK); NULL is
 *   OpenSSL's
 */
struct e2ae_mikey_offer {
	struct e2ae_octets psk;
	const struct e2ae_mikey_id *idi;
	const struct e2ae_mikey_id *idr;
	struct e2ae_mikey_time time;
	const char *protocols;
	uint32_t suite;
	unsigned int lines;
	const struct e2ae_mikey_stream *stream;
	bool keep_keys;
	const struct e2ae_entropy *entropy;
};

/**
 * struct e2ae_mikey_refusal - error message of the responder
 * @authentic: the responder made it; otherwise it is only a hint (RFC 3830,
 *   5.1.2)
 * @n: error payloads
 * @error: enum e2ae_mikey_error
 * @n_suites: suites the responder would take
 * @suite: enum e2ae_suite
 */
struct e2ae_mikey_refusal {
	bool authentic;
	unsigned int n;
	uint8_t error[E2AE_MIKEY_MAX_ERR];
	unsigned int n_suites;
	uint32_t suite[E2AE_MIKEY_MAX_ERR];
};

/**
 * struct e2ae_mikey_peek - what a message says before anything is verified
 * @kind: enum e2ae_mikey_kind
 * @csb_id: CSB ID
 * @n_cs: crypto sessions
 * @time: timestamp
 * @idi: identity of the initiator; empty if it is not there
 * @idr: identity of the responder; likewise
 */
struct e2ae_mikey_peek {
	uint8_t kind;
	uint32_t csb_id;
	uint8_t n_cs;
	struct e2ae_mikey_time time;
	struct e2ae_mikey_id idi;
	struct e2ae_mikey_id idr;
};

struct e2ae_mikey_replay;
struct e2ae_mikey_seen;

/**
 * struct e2ae_mikey_answer - what the responder knows and allows
 * @psk: pre-shared key, at least E2AE_MIKEY_MIN_PSK octets
 * @idi: identity the initiator must have; NULL if the caller judges it by
 *   e2ae_mikey_peek()
 * @idr: own identity
 * @now: time in NTP format
 * @skew: seconds the initiator's clock may be off, both ways
 * @counters: timestamps may be counters; only with @replay
 * @protocols: key management protocols of the offer, with ";" (RFC 4567, 4.1.4)
 * @suites: suites that policy allows, the best first
 * @n_suites: how many
 * @lines: m-lines the message has to secure
 * @stream: own streams, one for each line; SSRC 0 if not known; NULL: none is
 * @replay: cache of messages seen; NULL only where the caller has another
 *   defence
 * @psk_id: names the key within @replay
 * @dialog: flow, Call-ID and From-tag in any unambiguous form
 * @cseq: of the INVITE
 */
struct e2ae_mikey_answer {
	struct e2ae_octets psk;
	const struct e2ae_mikey_id *idi;
	const struct e2ae_mikey_id *idr;
	uint64_t now;
	uint32_t skew;
	bool counters;
	const char *protocols;
	const uint32_t *suites;
	size_t n_suites;
	unsigned int lines;
	const struct e2ae_mikey_stream *stream;
	struct e2ae_mikey_replay *replay;
	struct e2ae_octets psk_id;
	struct e2ae_octets dialog;
	uint32_t cseq;
};

int e2ae_mikey_id(struct e2ae_mikey_id *id, enum e2ae_mikey_id_type type,
		  const char *text);
bool e2ae_mikey_id_equal(const struct e2ae_mikey_id *a,
			 const struct e2ae_mikey_id *b);
int e2ae_mikey_peek(const uint8_t *octets, size_t len,
		    struct e2ae_mikey_peek *peek);

int e2ae_mikey_offer(const struct e2ae_mikey_offer *offer,
		     const struct e2ae_mikey_csb *old,
		     struct e2ae_mikey_csb *csb,
		     struct e2ae_mikey_message *message);
int e2ae_mikey_confirm(struct e2ae_mikey_csb *csb, struct e2ae_octets psk,
		       const uint8_t *octets, size_t len,
		       struct e2ae_mikey_keys *keys,
		       struct e2ae_mikey_refusal *refusal);
int e2ae_mikey_respond(const struct e2ae_mikey_answer *answer,
		       const struct e2ae_mikey_csb *old, const uint8_t *octets,
		       size_t len, struct e2ae_mikey_csb *csb,
		       struct e2ae_mikey_keys *keys,
		       struct e2ae_mikey_message *reply,
		       struct e2ae_mikey_seen *seen);

void e2ae_mikey_csb_wipe(struct e2ae_mikey_csb *csb);
void e2ae_mikey_keys_wipe(struct e2ae_mikey_keys *keys);

#endif
