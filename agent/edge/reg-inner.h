/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of registrations. */
#ifndef E2AE_REG_INNER_H
#define E2AE_REG_INNER_H

#include "inner.h"

#define REG_IMPI_ROOM	 256
#define REG_NONCE_ROOM	 512
#define REG_IDENTITIES	 32 /* of an implicit registration set */
#define REG_ROUTE_MAX	 1024 /* octets of a Service-Route */
#define REG_CONTACT_MAX	 512 /* octets of a Contact's URI */
#define REG_IDENTITY_MAX 256 /* octets of a public identity */
#define REG_IDENTITY_ALL 1200 /* octets of all of them */
#define REG_GENERATIONS	 2
#define REG_URI_ROOM	 (ROUTE_URI_ROOM + 2)

/**
 * struct agree - capabilities that a UE announced in Security-Client
 * @asked: it announced at least one that has mediasec
 * @sdes: sdes-srtp
 * @mikey: e2ae-mikey
 * @msrp: e2ae-msrp-psk
 */
struct agree {
	bool asked;
	bool sdes;
	bool mikey;
	bool msrp;
};

/* Does a UE with these need a media master key? */
static inline bool agree_needs_key(const struct agree *agree)
{
	return agree->mikey || agree->msrp;
}

/**
 * struct aka - a challenge, from the 401 until the answer to it was judged
 * @next: in its bucket
 * @newer: in the order of age
 * @older: likewise
 * @flow: on which the 401 went
 * @until_ms: it is forgotten
 * @impi: whom it was for
 * @nonce: its nonce
 * @aka: the algorithm is AKA, so the UE takes its keys from there
 * @keys: @ck, @ik and @rand are filled
 * @ck: cipher key
 * @ik: integrity key
 * @rand: RAND
 */
struct aka {
	struct aka *next;
	struct aka *newer;
	struct aka *older;
	struct net_flow *flow;
	uint64_t until_ms;
	char *impi;
	char *nonce;
	bool aka;
	bool keys;
	uint8_t ck[16];
	uint8_t ik[16];
	uint8_t rand[16];
};

/**
 * struct reg_watch - our subscription to the reg event package (RFC 3680)
 * @call_id: Call-ID of the dialog; empty without a subscription
 * @tag: our tag
 * @cseq: of our last SUBSCRIBE
 * @until_ms: it has to be refreshed
 */
struct reg_watch {
	char call_id[ROUTE_TOKEN_ROOM];
	char tag[ROUTE_TOKEN_ROOM];
	uint32_t cseq;
	uint64_t until_ms;
};

/**
 * struct reg - a binding
 * @edge: the edge
 * @next_token: in its bucket by token
 * @next_impi: in its bucket by private identity
 * @refs: references; the table has one while it lives
 * @alive: it counts
 * @token: user part of our URIs
 * @impi: private identity
 * @contact: URI of the Contact
 * @identities: public identities; the first is the default one
 * @subscriber: whose it is, or NULL
 * @n_identities: how many
 * @service_route: elements of Service-Route, with commas, or NULL
 * @flow: where the UE is
 * @agree: its capabilities
 * @kmm: media master keys, the current one first
 * @n_kmm: how many
 * @exported: id of the connection whose exporter made the current one, or 0
 * @until_ms: it expires
 * @timer: of expiry, and of the subscription's refresh
 * @calls: how many calls are on it
 * @watch: our subscription
 * @kept: the journal has a record of it
 * @restored: of a former process, and the UE has not registered since
 */
struct reg {
	struct edge *edge;
	struct reg *next_token;
	struct reg *next_impi;
	unsigned int refs;
	bool alive;
	char token[ROUTE_TOKEN_ROOM];
	char *impi;
	char *contact;
	char **identities;
	size_t n_identities;
	struct subscriber *subscriber;
	char *service_route;
	struct net_flow *flow;
	struct agree agree;
	struct e2ae_kmm kmm[REG_GENERATIONS];
	unsigned int n_kmm;
	uint64_t exported;
	uint64_t until_ms;
	struct event *timer;
	unsigned int calls;
	struct reg_watch watch;
	bool kept;
	bool restored;
};

/**
 * struct reg_table - all bindings, and challenges that wait for their answer
 * @seed: of the hashes
 * @mask: buckets of each table, less one
 * @by_token: bindings
 * @by_impi: bindings
 * @by_subscriber: whose bindings and calls there are
 * @count: how many
 * @by_flow: challenges
 * @oldest: of the challenges
 * @newest: likewise
 * @n_challenges: how many
 * @most_challenges: the oldest goes for the one that would be too many
 * @sweep: forgets challenges that nobody answered
 */
struct reg_table {
	uint64_t seed;
	size_t mask;
	struct reg **by_token;
	struct reg **by_impi;
	struct subscriber **by_subscriber;
	size_t count;
	struct aka **by_flow;
	struct aka *oldest;
	struct aka *newest;
	size_t n_challenges;
	size_t most_challenges;
	struct event *sweep;
};

/**
 * struct reg_step - a REGISTER on its way
 * @edge: the edge
 * @flow: what it came on
 * @impi: private identity
 * @aor: public identity in To
 * @contact: URI of the Contact; NULL for "*" and for queries
 * @star: Contact is "*"
 * @seconds: expiry that the UE asked for
 * @token: in the Path
 * @agree: capabilities
 * @answered: the challenge that it answers, or NULL
 * @call_id: for the log
 */
struct reg_step {
	struct edge *edge;
	struct net_flow *flow;
	char *impi;
	char *aor;
	char *contact;
	bool star;
	uint32_t seconds;
	char token[ROUTE_TOKEN_ROOM];
	struct agree agree;
	struct aka *answered;
	char call_id[128];
};

/* reg.c */
struct reg *reg_find(const struct edge *edge, const char *impi,
		     struct sdp_text contact);
unsigned int reg_contacts(const struct edge *edge, const char *impi);
struct reg *reg_first(const struct edge *edge, const char *impi);
struct reg *reg_make(struct edge *edge, const struct reg_step *step);
void reg_move(struct reg *reg, struct net_flow *flow);
void reg_set_timer(struct reg *reg);
void reg_wipe_keys(struct reg *reg);
void reg_end(struct reg *reg, const char *why);
int reg_add_service_route(const struct reg *reg, struct sip_msg *msg);
int reg_hold_service_route(const struct reg *reg, struct sip_msg *msg);
size_t reg_hash(const struct reg_table *table, const void *data, size_t len);

/* subscriber.c */
bool reg_subscribe(struct reg *reg);
void reg_unsubscribe(struct reg *reg);

/* reg-request.c */
int reg_core_uri(const struct edge *edge, const char *token,
		 char out[REG_URI_ROOM]);

/* reg-reply.c */
enum relay_action reg_response(void *owner, struct relay *relay,
			       struct sip_msg *msg, bool made);

/* reg-auth.c */
int aka_take(struct reg_step *step, struct sip_msg *msg, bool trusted);
struct aka *aka_answered(struct edge *edge, struct net_flow *flow,
			 const char *impi, const struct sip_msg *msg);
void aka_free(struct aka *aka);
void aka_free_all(struct edge *edge);
void aka_drop_flow(struct edge *edge, struct net_flow *flow);
int aka_set_integrity(struct sip_msg *msg, const char *value);
const char *aka_integrity(const struct edge_in *in, const char *impi,
			  bool needs_key);
int aka_impi(const struct sip_msg *msg, char *out, size_t room);
int aka_keys(struct reg *reg, const struct reg_step *step);

/* reg-agree.c */
void agree_read(const struct sip_msg *msg, struct agree *agree);
int agree_strip(struct sip_msg *msg);
int agree_offer(const struct edge *edge, struct sip_msg *msg);
bool agree_verify(const struct edge_in *in);

/* reg-journal.c */
void reg_journal_note(struct reg *reg);
void reg_journal_drop(struct reg *reg);

/* reg-event.c, reg-info.c */
void watch_start(struct reg *reg);
bool info_says_gone(const struct reg *reg, struct sdp_text xml);

/* identity.c */
int identity_strip_register(struct sip_msg *msg);

#endif
