/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offer and answer of one call (RFC 3264), between its access leg and its core
 * leg: which m-line is secured how, which keys, which ports, which streams.
 *
 * The owner, call.c, brings every session description that passes, says from
 * which side it comes, and gets what goes on to the other side. Nothing here
 * knows of SIP messages, transactions or dialogs beyond the To tag that tells
 * forks apart. Everything here is undone by oa_refused() and ended by oa_end().
 *
 * An offer changes no stream that is in use in a way that breaks it before the
 * answer comes; with the answer the MSF is programmed, and only then oa_answer()
 * returns, so what it returns may be relayed at once.
 */
#ifndef E2AE_OA_H
#define E2AE_OA_H

#include "../config.h"
#include "../keying/kdf.h"
#include "../keying/mikey-replay.h"
#include "../media/sdp.h"
#include "../msrp/msrp.h"
#include "../msf/msf.h"
#include "../msf/ports.h"

enum oa_side {
	OA_ACCESS,
	OA_CORE,
};

/**
 * enum oa_how - how an m-line is secured on the access leg
 * @OA_OFF: there are no media: port 0
 * @OA_UNTOUCHED: none of our business: not RTP, or end to end without anchoring
 * @OA_PLAIN: RTP in the clear
 * @OA_SDES: SRTP to the MSF, keys by a=crypto
 * @OA_MIKEY: SRTP to the MSF, keys by MIKEY
 * @OA_PSK_TLS: MSRP over TLS to the MSF, with a pre-shared key
 * @OA_E2E: secured between the UEs
 */
enum oa_how {
	OA_OFF,
	OA_UNTOUCHED,
	OA_PLAIN,
	OA_SDES,
	OA_MIKEY,
	OA_PSK_TLS,
	OA_E2E,
};

/**
 * enum oa_session - what became of the session of a protected MSRP line
 * @OA_SESSION_NONE: there is none
 * @OA_SESSION_LISTENS: it waits for the answer
 * @OA_SESSION_CONNECTS: it waits for connections
 * @OA_SESSION_UP: messages pass
 * @OA_SESSION_OVER: connections are closed; another offer and answer may change
 *	that
 */
enum oa_session {
	OA_SESSION_NONE,
	OA_SESSION_LISTENS,
	OA_SESSION_CONNECTS,
	OA_SESSION_UP,
	OA_SESSION_OVER,
};

/**
 * struct oa_world - what all calls share
 * @msf: where streams are
 * @msrp: where sessions of MSRP are, or NULL
 * @session: told what became of one, with the owner of its call, the m-line
 *	from 1, and a word for the log; the call may be ended there. Or NULL
 * @access_ports: by access network
 * @core_ports: of the core
 * @config: the configuration
 * @replay: of MIKEY messages
 * @now_ms: milliseconds of any monotonic clock
 * @now_ntp: NTP time, seconds << 32
 * @entropy: for keys; NULL is OpenSSL's
 */
struct oa_world {
	struct msf *msf;
	struct msrp *msrp;
	void (*session)(void *owner, unsigned int line, enum oa_session state,
			const char *why);
	struct ports *access_ports[CONFIG_ACCESS_MAX];
	struct ports *core_ports;
	const struct config *config;
	struct e2ae_mikey_replay *replay;
	uint64_t (*now_ms)(void);
	uint64_t (*now_ntp)(void);
	const struct e2ae_entropy *entropy;
};

/**
 * struct oa_terms - what holds for one call, from its first request on; copied
 * @table: policy table that @policy is of; a reference is taken
 * @policy: what the operator wants
 * @access: number of the UE's access network
 * @role: whether the UE sent the INVITE that made the dialog or received it
 * @call_id: of that INVITE, as seen on the UE's leg
 * @from_tag: likewise
 * @kmm: media master keys of the registration, the current one first
 * @n_kmm: 0 to 2
 * @identities: public identities of the UE's implicit registration set
 * @n_identities: how many
 * @can_sdes: the UE registered the capability sdes-srtp;mediasec
 * @can_mikey: the UE registered the capability e2ae-mikey;mediasec
 * @can_msrp: the UE registered the capability e2ae-msrp-psk;mediasec
 * @protected: keys may travel on the UE's signalling
 * @emergency: never refuse for media security
 * @flow: names the UE's flow in the replay cache
 * @owner: the call, for @session of struct oa_world
 * @family: of the core's media address if nothing tells better, AF_INET(6)
 * @access_family: likewise of the access network's: that of the UE's flow; 0 if
 *	nobody knows
 */
struct oa_terms {
	struct policy_table *table;
	const struct policy *policy;
	unsigned int access;
	enum e2ae_kdf_role role;
	const char *call_id;
	const char *from_tag;
	const struct e2ae_kmm *kmm;
	unsigned int n_kmm;
	const char *const *identities;
	size_t n_identities;
	bool can_sdes;
	bool can_mikey;
	bool can_msrp;
	bool protected;
	bool emergency;
	uint64_t flow;
	void *owner;
	int family;
	int access_family;
};

#define OA_WARNING_ROOM 128

/**
 * struct oa_verdict - why a description is refused
 * @status: of the response to the offerer (488, 500, 503); for an answer, that
 *	which goes to the side that offered
 * @required: because `require` was not met
 * @why: a word for the log, static
 * @warning: text of a Warning header, code first ("302 Incompatible ..."), or
 *	empty (RFC 3261, 20.43; RFC 4567, 4.1.2)
 * @mikey: error message for the a=key-mgmt of a 488's body; len 0 without
 */
struct oa_verdict {
	unsigned int status;
	bool required;
	const char *why;
	char warning[OA_WARNING_ROOM];
	struct e2ae_mikey_message mikey;
};

/**
 * struct oa_line - what is known of an m-line, for people and for logs
 * @how: security of the access leg
 * @suite: enum e2ae_suite, 0 without
 * @stream: id at the MSF, 0 without
 * @access_port: own RTP port there, 0 without
 * @core_port: likewise
 * @session: of a protected MSRP line
 * @why: of its state, a word or ""
 * @cema: messages pass as they are
 */
struct oa_line {
	enum oa_how how;
	uint32_t suite;
	uint32_t stream;
	uint16_t access_port;
	uint16_t core_port;
	enum oa_session session;
	const char *why;
	bool cema;
};

struct oa;

int oa_new(struct oa **oa, const struct oa_world *world,
	   const struct oa_terms *terms);
void oa_new_keys(struct oa *oa, const struct e2ae_kmm *kmm, unsigned int n);

/*
 * Each takes the octets of a session description and writes what goes on into
 * @out; 0, or a negative errno with *@no filled in. @out may hold keys: wipe it.
 */
int oa_offer(struct oa *oa, enum oa_side from, struct sdp_text fork,
	     uint32_t cseq, struct sdp_text body, char *out, size_t room,
	     size_t *used, struct oa_verdict *no);
int oa_answer(struct oa *oa, enum oa_side from, struct sdp_text fork,
	      struct sdp_text body, char *out, size_t room, size_t *used,
	      struct oa_verdict *no);

void oa_refused(struct oa *oa);
int oa_retry_plain(struct oa *oa, char *out, size_t room, size_t *used);
int oa_select(struct oa *oa, struct sdp_text fork);
void oa_fork_gone(struct oa *oa, struct sdp_text fork);
bool oa_pending(const struct oa *oa);
bool oa_has_stream(const struct oa *oa, uint32_t stream);
bool oa_on_hold(const struct oa *oa);
unsigned int oa_lines(const struct oa *oa);
struct oa_line oa_line(const struct oa *oa, unsigned int line);
bool oa_line_counts(const struct oa *oa, unsigned int line,
		    struct msrp_counts *counts);
bool oa_sessions_over(const struct oa *oa);
const char *oa_how_name(enum oa_how how);
const char *oa_session_name(enum oa_session state);
bool oa_secured(const struct oa *oa);
void oa_end(struct oa *oa);

#endif
