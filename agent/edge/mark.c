// SPDX-License-Identifier: GPL-2.0
/* Marks of route sets: made, put into our URIs, and verified. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "../journal.h"
#include "../keying/b64.h"
#include "inner.h"

#define TEXT_ROOM   8192 /* octets of a route set */
#define PARAMS_MAX  24
#define MARK_OCTETS 18 /* of the digest, enough for all of a mark */
#define RECORD	    "mark"

/**
 * struct way - what a mark stands for
 * @n: elements of the route set
 * @route: they, in the order of Route
 * @target: the remote target, which counts where there are none
 */
struct way {
	size_t n;
	struct sdp_text route[MARK_ROUTES];
	struct sdp_text target;
};

struct canon {
	size_t used;
	char text[TEXT_ROOM];
};

static void told(void *arg, const char *id, const void *data, size_t len)
{
	struct edge *edge = arg;

	if (strcmp(id, RECORD) || len != MARK_SECRET)
		return;
	memcpy(edge->mark_secret, data, len);
	edge->marked = true;
}

/**
 * mark_start() - have a secret for marks
 * @edge: the edge, with its journal if there is one
 *
 * It is that of the process before, so that dialogs outlive a restart. It opens
 * nothing but the choice of a way, and is of no use to who is no registered UE.
 *
 * Return: 0 or -EIO.
 */
int mark_start(struct edge *edge)
{
	if (edge->journal)
		journal_read(edge->journal, told, edge);
	if (edge->marked)
		return 0;
	if (RAND_bytes(edge->mark_secret, MARK_SECRET) != 1)
		return -EIO;
	edge->marked = true;
	if (edge->journal)
		journal_put(edge->journal, RECORD, edge->mark_secret,
			    MARK_SECRET);
	return 0;
}

static void put(struct canon *canon, struct sdp_text text)
{
	sdp_text_put(text, canon->text, sizeof(canon->text), &canon->used);
}

/* As it counts where case does not. */
static void put_lower(struct canon *canon, struct sdp_text text)
{
	size_t i = canon->used;

	put(canon, text);
	for (; i < canon->used && canon->used <= sizeof(canon->text); i++)
		if (canon->text[i] >= 'A' && canon->text[i] <= 'Z')
			canon->text[i] |= 0x20;
}

static void put_word(struct canon *canon, const char *word)
{
	put(canon, sdp_text_of(word));
}

static int compare(const void *a, const void *b)
{
	const struct sip_param *x = a, *y = b;
	size_t n = x->whole.len < y->whole.len ? x->whole.len : y->whole.len;
	int order = strncasecmp(x->whole.at, y->whole.at, n);

	return order ? order : (int)x->whole.len - (int)y->whole.len;
}

/* Phones write parameters again in an order of their own (RFC 3261, 19.1.4). */
static int put_params(struct canon *canon, const struct sip_uri *uri)
{
	struct sip_param list[PARAMS_MAX], param = { 0 };
	size_t i, n = 0;
	int more;

	while ((more = sip_param_next(uri->params, SIP_PARAM_SEMI, &param)) >
	       0) {
		if (n == PARAMS_MAX)
			return -ENOSPC;
		/* Some write a value, which means nothing (16.12, 19.1.1). */
		if (sdp_text_is(param.name, "lr"))
			param.whole = param.name;
		list[n++] = param;
	}
	if (more < 0)
		return more;
	qsort(list, n, sizeof(*list), compare);
	for (i = 0; i < n; i++) {
		put_word(canon, ";");
		put_lower(canon, list[i].whole);
	}
	return 0;
}

static void put_host(struct canon *canon, const struct sip_uri *uri)
{
	char port[16];

	put_word(canon, uri->sips ? "sips " : "sip ");
	put_lower(canon, uri->host.host);
	snprintf(port, sizeof(port), ":%u ", uri->host.port);
	put_word(canon, port);
}

static int put_route(struct canon *canon, struct sdp_text element)
{
	struct sip_addr addr;

	if (sip_addr_parse(element, &addr) || addr.star || !addr.uri.sip)
		return -EBADMSG;
	put_host(canon, &addr.uri);
	put(canon, addr.uri.user);
	put_word(canon, ":");
	put(canon, addr.uri.password);
	put_word(canon, "?");
	put(canon, addr.uri.headers);
	if (put_params(canon, &addr.uri))
		return -EBADMSG;
	put_word(canon, "\n");
	return 0;
}

/* Where a target is; who it is there may change. */
static int put_target(struct canon *canon, struct sdp_text text)
{
	struct sdp_text value;
	struct sip_uri uri;

	if (sip_uri_parse(text, &uri) || !uri.sip)
		return -EBADMSG;
	put_host(canon, &uri);
	if (sip_uri_param(&uri, "transport", &value) > 0)
		put_lower(canon, value);
	put_word(canon, ";");
	if (sip_uri_param(&uri, "maddr", &value) > 0)
		put_lower(canon, value);
	return 0;
}

static int put_way(struct canon *canon, const struct way *way)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < way->n; i++)
		err = put_route(canon, way->route[i]);
	if (!way->n)
		err = put_target(canon, way->target);
	return err;
}

/* As many of its bits as go into a mark. */
static void put_digits(const unsigned char *digest, char out[MARK_ROOM])
{
	char text[E2AE_B64_ROOM(MARK_OCTETS)];

	e2ae_b64url_encode(digest, MARK_OCTETS, text, sizeof(text));
	memcpy(out, text, MARK_ROOM - 1);
	out[MARK_ROOM - 1] = 0;
}

/* The mark, or nothing if there can be none. */
static bool make(const struct edge *edge, const char *token,
		 const struct sip_msg *msg, const struct way *way,
		 char out[MARK_ROOM])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct canon canon;
	struct sdp_text id;

	out[0] = 0;
	canon.used = 0;
	if (!edge->marked || !sip_header(msg, "Call-ID", &id))
		return false;
	put_word(&canon, token);
	put_word(&canon, way->n ? " R " : " T ");
	put(&canon, id);
	put_word(&canon, "\n");
	if (put_way(&canon, way) || canon.used > sizeof(canon.text) ||
	    !HMAC(EVP_sha256(), edge->mark_secret, MARK_SECRET,
		  (unsigned char *)canon.text, canon.used, digest, NULL))
		return false;
	put_digits(digest, out);
	return true;
}

static void take_contact(const struct sip_msg *msg, struct way *way)
{
	struct sip_at at = { 0 };
	struct sip_addr addr;

	if (sip_element_at(msg, "Contact", 0, &at) == 1 &&
	    !sip_addr_parse(at.text, &addr) && !addr.star)
		way->target = addr.text;
}

static int take_routes(const struct sip_msg *msg, const char *name,
		       struct way *way)
{
	struct sip_at at = { 0 };
	int more;

	while ((more = sip_element_next(msg, name, &at)) > 0) {
		if (way->n == MARK_ROUTES)
			return -ENOSPC;
		way->route[way->n++] = at.text;
	}
	return more;
}

/**
 * mark_request() - the mark for a request of the core that makes a dialog
 * @in: the request, without our Record-Route
 * @token: of the UE's registration
 * @out: where it goes; empty if there can be none
 *
 * The UE's route set is Record-Route as it stands (RFC 3261, 12.1.1).
 */
void mark_request(const struct edge_in *in, const char *token,
		  char out[MARK_ROOM])
{
	struct way way = { 0 };

	out[0] = 0;
	take_contact(in->msg, &way);
	if (!take_routes(in->msg, "Record-Route", &way))
		make(in->edge, token, in->msg, &way, out);
}

static bool is_ours(const struct hop *hop, const struct sip_at *at,
		    struct sip_addr *addr)
{
	char token[ROUTE_TOKEN_ROOM];

	return !sip_addr_parse(at->text, addr) && !addr->star &&
	       route_is_ours(hop->edge, addr->text, token) &&
	       !strcmp(token, hop->token);
}

/* What stands above our own, upwards (RFC 3261, 12.1.2); ours is at @at then. */
static int take_above(const struct hop *hop, const struct sip_msg *msg,
		      struct way *way, struct sip_at *at)
{
	struct sip_addr addr;
	struct sdp_text swap;
	size_t i;
	int more;

	while ((more = sip_element_next(msg, "Record-Route", at)) > 0) {
		if (is_ours(hop, at, &addr))
			break;
		if (way->n == MARK_ROUTES)
			return -ENOSPC;
		way->route[way->n++] = at->text;
	}
	for (i = 0; i < way->n / 2; i++) {
		swap = way->route[i];
		way->route[i] = way->route[way->n - 1 - i];
		way->route[way->n - 1 - i] = swap;
	}
	return more;
}

/**
 * mark_response() - mark our Record-Route in a response of the core
 * @hop: the request that the UE sent
 * @msg: the response, without our Via
 *
 * Rewriting our own URI is what RFC 3261, 16.7, 8 provides for. A response
 * without our Record-Route is left as it is.
 *
 * Return: 0 or a negative errno.
 */
int mark_response(const struct hop *hop, struct sip_msg *msg)
{
	struct sip_at at = { 0 }, next;
	struct way way = { 0 };
	char mark[MARK_ROOM], text[MARK_ROOM + 8];
	struct sip_addr addr, below;
	struct sdp_text tag;

	if (!hop->token[0] || msg->status <= 100 || msg->status >= 300 ||
	    !call_tag(msg, "To", &tag))
		return 0;
	take_contact(msg, &way);
	if (take_above(hop, msg, &way, &at) <= 0 ||
	    !make(hop->edge, hop->token, msg, &way, mark))
		return 0;
	/* Of our two the lower one is that for the UE's side. */
	next = at;
	if (sip_element_next(msg, "Record-Route", &next) > 0 &&
	    is_ours(hop, &next, &below))
		at = next;
	if (!is_ours(hop, &at, &addr) || !addr.angle)
		return 0;
	snprintf(text, sizeof(text), ";" MARK_NAME "=%s", mark);
	tag = (struct sdp_text){ addr.text.at + addr.text.len, 0 };
	return sip_text_set(msg, &at, tag, sdp_text_of(text));
}

/**
 * mark_good() - does a UE's request follow a way that the core gave it?
 * @in: a request within a dialog, without our own Routes
 *
 * Return: whether the mark that it brought stands for this way.
 */
bool mark_good(const struct edge_in *in)
{
	struct way way = { .target = in->msg->uri };
	char mark[MARK_ROOM];

	if (!in->reg || strlen(in->mark) != MARK_ROOM - 1 ||
	    take_routes(in->msg, "Route", &way) ||
	    !make(in->edge, reg_token(in->reg), in->msg, &way, mark))
		return false;
	return !CRYPTO_memcmp(mark, in->mark, MARK_ROOM - 1);
}
