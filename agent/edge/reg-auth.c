// SPDX-License-Identifier: GPL-2.0
/*
 * Digest AKA (RFC 3310) as a P-CSCF sees it: it answers nothing, but keeps CK
 * and IK of a challenge to itself until the network accepts the answer.
 *
 * libosip2 drops parameters it does not know, so headers are read and edited as
 * they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "../keying/b64.h"
#include "reg-inner.h"

#define CHALLENGE_MS  32000 /* a SIM answers within a second or two */
#define EXPORTER      "EXPERIMENTAL-ims-e2ae-media"
#define KEY_HEX	      32
#define NONCE_OCTETS  384
#define SWEEP_SECONDS 5

static size_t flow_hash(const struct reg_table *table,
			const struct net_flow *flow)
{
	uint64_t id = net_flow_id(flow);

	return reg_hash(table, &id, sizeof(id));
}

/**
 * aka_free() - wipe and free a challenge
 * @aka: a challenge that is in no table, or NULL
 */
void aka_free(struct aka *aka)
{
	if (!aka)
		return;
	net_flow_put(aka->flow);
	free(aka->impi);
	free(aka->nonce);
	OPENSSL_cleanse(aka, sizeof(*aka));
	free(aka);
}

static void unlink_aka(struct reg_table *table, struct aka *aka)
{
	struct aka **at = &table->by_flow[flow_hash(table, aka->flow)];

	while (*at != aka)
		at = &(*at)->next;
	*at = aka->next;
	*(aka->older ? &aka->older->newer : &table->oldest) = aka->newer;
	*(aka->newer ? &aka->newer->older : &table->newest) = aka->older;
	table->n_challenges--;
}

static void drop(struct reg_table *table, struct aka *aka)
{
	unlink_aka(table, aka);
	aka_free(aka);
}

/**
 * aka_free_all() - forget all challenges
 * @edge: the edge
 */
void aka_free_all(struct edge *edge)
{
	struct reg_table *table = edge->regs;

	while (table->oldest)
		drop(table, table->oldest);
	if (table->sweep)
		event_free(table->sweep);
	table->sweep = NULL;
}

static struct aka *on_flow(const struct reg_table *table,
			   const struct net_flow *flow)
{
	struct aka *aka = table->by_flow[flow_hash(table, flow)];

	while (aka && aka->flow != flow)
		aka = aka->next;
	return aka;
}

/**
 * aka_drop_flow() - forget the challenge that went to a flow
 * @edge: the edge
 * @flow: the flow
 */
void aka_drop_flow(struct edge *edge, struct net_flow *flow)
{
	struct aka *aka = on_flow(edge->regs, flow);

	if (aka)
		drop(edge->regs, aka);
}

static void sweep(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { SWEEP_SECONDS, 0 };
	struct reg_table *table = arg;
	uint64_t now = edge_now_ms();

	(void)fd;
	(void)what;
	while (table->oldest && table->oldest->until_ms <= now)
		drop(table, table->oldest);
	if (table->oldest)
		evtimer_add(table->sweep, &again);
}

static void arm(struct edge *edge)
{
	struct reg_table *table = edge->regs;

	if (!table->sweep)
		table->sweep = evtimer_new(edge->base, sweep, table);
	if (table->sweep && !evtimer_pending(table->sweep, NULL))
		sweep(-1, 0, table);
}

/*
 * Whoever puts a UE's address on a datagram could otherwise have the challenge
 * forgotten that the UE is about to answer.
 */
static bool of_holder(const struct reg_step *step)
{
	const struct reg *holder = reg_by_flow(step->flow);
	const struct aka *aka = on_flow(step->edge->regs, step->flow);

	return holder && aka && strcmp(holder->impi, step->impi) &&
	       !strcmp(holder->impi, aka->impi) &&
	       aka->until_ms > edge_now_ms();
}

/* One challenge for a flow; anybody can provoke one for any identity. */
static int remember(struct reg_step *step, const struct aka *found,
		    const char *nonce)
{
	struct reg_table *table = step->edge->regs;
	struct aka *aka = malloc(sizeof(*aka));
	struct aka **bucket;

	if (!aka)
		return -ENOMEM;
	if (of_holder(step)) {
		free(aka);
		return 0;
	}
	*aka = *found;
	aka->flow = net_flow_get(step->flow);
	aka->until_ms = edge_now_ms() + CHALLENGE_MS;
	aka->impi = strdup(step->impi);
	aka->nonce = strdup(nonce);
	if (!aka->impi || !aka->nonce) {
		aka_free(aka);
		return -ENOMEM;
	}
	aka_drop_flow(step->edge, step->flow);
	if (table->n_challenges >= table->most_challenges)
		drop(table, table->oldest);
	bucket = &table->by_flow[flow_hash(table, step->flow)];
	aka->next = *bucket;
	*bucket = aka;
	aka->newer = NULL;
	aka->older = table->newest;
	*(aka->older ? &aka->older->newer : &table->oldest) = aka;
	table->newest = aka;
	table->n_challenges++;
	arm(step->edge);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_key(const struct sip_auth *auth, const char *name,
		     uint8_t out[16])
{
	char text[KEY_HEX + 1];
	int i, high, low, len = sip_auth_text(auth, name, text, sizeof(text));
	bool good = len == KEY_HEX;

	for (i = 0; good && i < KEY_HEX / 2; i++) {
		high = hex_digit(text[2 * i]);
		low = hex_digit(text[2 * i + 1]);
		good = high >= 0 && low >= 0;
		out[i] = (uint8_t)(high << 4 | low);
	}
	OPENSSL_cleanse(text, sizeof(text));
	return good;
}

/* The first 16 octets of the nonce are RAND (RFC 3310, 3.2). */
static bool read_rand(const char *nonce, uint8_t out[16])
{
	uint8_t octets[NONCE_OCTETS];
	int n = e2ae_b64_decode(nonce, strlen(nonce), octets, sizeof(octets));

	if (n < 32)
		return false;
	memcpy(out, octets, 16);
	return true;
}

static bool is_aka(const struct sip_auth *auth)
{
	char algorithm[32];

	return sip_auth_text(auth, "algorithm", algorithm, sizeof(algorithm)) >
		       0 &&
	       !strncasecmp(algorithm, "AKAv", 4);
}

/* Could somebody find a key there who reads more kindly than we do? */
static bool may_hold_key(struct sdp_text text)
{
	size_t i, after;

	for (i = 0; i + 2 < text.len; i++) {
		after = sip_skip(text, i + 2);
		if (((text.at[i] | 0x20) == 'c' ||
		     (text.at[i] | 0x20) == 'i') &&
		    (text.at[i + 1] | 0x20) == 'k' && after < text.len &&
		    text.at[after] == '=' &&
		    (!i || !sip_is(text.at[i - 1], SIP_TOKEN)))
			return true;
	}
	return false;
}

/* Takes CK and IK out of a challenge; an error if they may still be there. */
static int hide_keys(struct sip_msg *msg, struct sip_at *at)
{
	struct sip_auth auth;
	int n;

	if (sip_auth_parse(at->text, &auth) ||
	    !sdp_text_is(auth.scheme, "Digest"))
		return may_hold_key(at->text) ? -EBADMSG : 0;
	if (sip_param_check(auth.params, SIP_PARAM_COMMA))
		return -EBADMSG;
	n = sip_auth_remove(msg, at, "ck");
	if (n >= 0)
		n = sip_auth_remove(msg, at, "ik");
	return n < 0 ? n : 0;
}

/* Reads one challenge, and takes CK and IK out of it. */
static int take_line(struct reg_step *step, struct sip_msg *msg,
		     struct sip_at *at, bool trusted)
{
	char nonce[REG_NONCE_ROOM];
	struct aka found = { 0 };
	struct sip_auth auth;
	bool named;
	int err;

	if (sip_auth_parse(at->text, &auth) ||
	    !sdp_text_is(auth.scheme, "Digest"))
		return hide_keys(msg, at);
	found.aka = is_aka(&auth);
	named = sip_auth_text(&auth, "nonce", nonce, sizeof(nonce)) > 0;
	if (named)
		found.keys = trusted && read_key(&auth, "ck", found.ck) &&
			     read_key(&auth, "ik", found.ik) &&
			     read_rand(nonce, found.rand);
	err = hide_keys(msg, at);
	/* One that does not pass is not answered either. */
	if (!err && named)
		err = remember(step, &found, nonce);
	OPENSSL_cleanse(&found, sizeof(found));
	return err;
}

static const char *const challenges[] = { "WWW-Authenticate",
					  "Proxy-Authenticate" };

/**
 * aka_hide() - let no CK or IK reach a UE, in whatever response they are
 * @msg: a response to a UE
 *
 * A challenge that cannot be read goes as a whole.
 */
void aka_hide(struct sip_msg *msg)
{
	struct sip_at at;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(challenges); i++) {
		at = (struct sip_at){ 0 };
		while (sip_line_next(msg, challenges[i], &at))
			if (hide_keys(msg, &at))
				sip_line_remove(msg, &at);
	}
}

/**
 * aka_take() - take CK and IK out of a response to REGISTER, and keep them
 * @step: the REGISTER
 * @msg: the response
 * @trusted: keys may have travelled where it came from; else they are thrown
 *	away
 *
 * Return: 0; or an error, and the response must not reach the UE.
 */
int aka_take(struct reg_step *step, struct sip_msg *msg, bool trusted)
{
	struct sip_at at;
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(challenges); i++) {
		at = (struct sip_at){ 0 };
		while (!err && sip_line_next(msg, challenges[i], &at))
			err = take_line(step, msg, &at, trusted);
	}
	return err;
}

/**
 * aka_answered() - the challenge that a REGISTER answers
 * @edge: the edge
 * @flow: what it came on
 * @impi: private identity
 * @msg: the REGISTER
 *
 * With auts the UE asks for another challenge, so this one is worth nothing.
 *
 * Return: the challenge, which is the caller's; or NULL.
 */
struct aka *aka_answered(struct edge *edge, struct net_flow *flow,
			 const char *impi, const struct sip_msg *msg)
{
	struct aka *aka = on_flow(edge->regs, flow);
	char nonce[REG_NONCE_ROOM], auts[64];
	struct sdp_text value;
	struct sip_auth auth;

	if (!aka || strcmp(aka->impi, impi) ||
	    !sip_header(msg, "Authorization", &value) ||
	    sip_auth_parse(value, &auth) ||
	    sip_auth_text(&auth, "nonce", nonce, sizeof(nonce)) < 0 ||
	    strcmp(aka->nonce, nonce))
		return NULL;
	unlink_aka(edge->regs, aka);
	if (sip_auth_text(&auth, "auts", auts, sizeof(auts)) == -ENOENT &&
	    aka->until_ms > edge_now_ms())
		return aka;
	aka_free(aka);
	return NULL;
}

/**
 * aka_set_integrity() - tell the core how the REGISTER came
 * @msg: the REGISTER
 * @value: of integrity-protected; what the UE says of it goes
 *
 * Return: 0 or a negative errno.
 */
int aka_set_integrity(struct sip_msg *msg, const char *value)
{
	struct sip_at at = { 0 };
	struct sip_auth auth;
	char quoted[32];
	size_t used = 0;
	int err = 0;

	sdp_text_put(sdp_text_of("\""), quoted, sizeof(quoted) - 1, &used);
	sdp_text_put(sdp_text_of(value), quoted, sizeof(quoted) - 1, &used);
	sdp_text_put(sdp_text_of("\""), quoted, sizeof(quoted) - 1, &used);
	quoted[used] = 0;
	while (err >= 0 && sip_line_next(msg, "Authorization", &at)) {
		if (sip_auth_parse(at.text, &auth) ||
		    !sdp_text_is(auth.scheme, "Digest"))
			continue;
		err = sip_auth_remove(msg, &at, "integrity-protected");
		if (err >= 0)
			err = sip_auth_set(msg, &at, "integrity-protected",
					   quoted);
	}
	return err < 0 ? err : 0;
}

/**
 * aka_integrity() - how a REGISTER came
 * @in: the REGISTER
 * @impi: private identity
 * @needs_key: the UE needs a media master key
 *
 * A capable UE without a key has to be challenged: after a restart of ours, or
 * when the network did not give CK and IK.
 *
 * Return: value of integrity-protected.
 */
const char *aka_integrity(const struct edge_in *in, const char *impi,
			  bool needs_key)
{
	const struct reg *reg = in->reg;

	if (!reg || strcmp(reg->impi, impi) || reg->restored)
		return "no";
	if (needs_key && !reg->n_kmm)
		return "no";
	if (net_flow_kind(in->flow) == NET_TLS)
		return "tls-yes";
	return edge_protected(in->edge, in->flow) ? "yes" : "no";
}

/* A text without NUL, which later would cut it short. */
static int copy_text(struct sdp_text text, char *out, size_t room)
{
	if (!text.len || text.len >= room || memchr(text.at, 0, text.len))
		return -EBADMSG;
	memcpy(out, text.at, text.len);
	out[text.len] = 0;
	return 0;
}

/**
 * aka_impi() - private identity of a REGISTER
 * @msg: the REGISTER
 * @out: where it goes
 * @room: octets there
 *
 * Without Authorization it is made from To (TS 23.003, 13.3).
 *
 * Return: 0 or -EBADMSG.
 */
int aka_impi(const struct sip_msg *msg, char *out, size_t room)
{
	struct sdp_text value = { NULL, 0 };
	struct sip_addr addr;
	struct sip_auth auth;
	int len;

	/* Two, and nobody knows which one the registrar looks at. */
	if (sip_line_count(msg, "Authorization") > 1)
		return -EBADMSG;
	if (sip_header(msg, "Authorization", &value)) {
		/* What we cannot read may vouch for itself to somebody else. */
		if (sip_auth_parse(value, &auth) ||
		    !sdp_text_is(auth.scheme, "Digest"))
			return -EBADMSG;
		len = sip_auth_text(&auth, "username", out, room);
		return len > 0 && strlen(out) == (size_t)len ? 0 : -EBADMSG;
	}
	if (!sip_header(msg, "To", &value) || sip_addr_parse(value, &addr) ||
	    !addr.uri.sip || !addr.uri.user.len)
		return -EBADMSG;
	/* "user@host" stands in one piece in the URI. */
	value = (struct sdp_text){ addr.uri.user.at,
				   addr.uri.host.host.at +
					   addr.uri.host.host.len -
					   addr.uri.user.at };
	return copy_text(value, out, room);
}

static void push_key(struct reg *reg, struct e2ae_kmm *kmm)
{
	if (!reg->n_kmm ||
	    CRYPTO_memcmp(&reg->kmm[0], kmm, sizeof(*kmm)) != 0) {
		reg->kmm[1] = reg->kmm[0];
		reg->kmm[0] = *kmm;
		reg->n_kmm += reg->n_kmm < REG_GENERATIONS;
	}
	OPENSSL_cleanse(kmm, sizeof(*kmm));
}

static int from_exporter(struct reg *reg)
{
	uint8_t exported[E2AE_KDF_LEN];
	struct e2ae_kmm kmm;
	int err;

	err = net_flow_export(reg->flow, EXPORTER, reg->impi, strlen(reg->impi),
			      exported, sizeof(exported));
	if (!err)
		err = e2ae_kdf_from_tls(&kmm, exported, reg->impi,
					reg->edge->config->domain);
	OPENSSL_cleanse(exported, sizeof(exported));
	if (err)
		return err;
	push_key(reg, &kmm);
	reg->exported = net_flow_id(reg->flow);
	return 0;
}

/**
 * aka_keys() - a registration was accepted: what it makes of keys holds
 * @reg: the binding, on its flow
 * @step: the REGISTER
 *
 * CK and IK if it answered a challenge that had them; the exporter of the TLS
 * connection if no AKA ran and there is no key of this connection.
 *
 * Return: 0 or a negative errno.
 */
int aka_keys(struct reg *reg, const struct reg_step *step)
{
	const struct aka *aka = step->answered;
	struct e2ae_kmm kmm;
	int err;

	if (aka && aka->aka && !aka->keys)
		return 0;
	if (aka && aka->keys) {
		err = e2ae_kdf_from_aka(&kmm, aka->ck, aka->ik, aka->rand,
					reg->impi, reg->edge->config->domain);
		if (err)
			return err;
		push_key(reg, &kmm);
		reg->exported = 0;
		return 0;
	}
	if (net_flow_kind(reg->flow) != NET_TLS ||
	    !agree_needs_key(&reg->agree) || (reg->n_kmm && !reg->exported) ||
	    reg->exported == net_flow_id(reg->flow))
		return 0;
	return from_exporter(reg);
}
