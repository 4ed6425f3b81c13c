// SPDX-License-Identifier: GPL-2.0
/* The session of an MSRP line in the MSF: keys, who connects, what became of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner-msrp.h"

/* Keys of an m-line from one generation, and the name that tells which. */
static int make_key(const struct oa *oa, unsigned int i,
		    const struct e2ae_kmm *kmm, struct msrp_key *key)
{
	const struct e2ae_kdf_line line = {
		.call_id = oa->terms.call_id,
		.from_tag = oa->terms.from_tag,
		.index = (uint16_t)i,
		.role = oa->terms.role,
	};
	const struct {
		enum e2ae_kdf_use use;
		uint8_t *out;
	} keys[] = {
		{ E2AE_KDF_TLS13_UE, key->tls13_ue },
		{ E2AE_KDF_TLS13_MSF, key->tls13_msf },
		{ E2AE_KDF_TLS12_UE, key->tls12_ue },
		{ E2AE_KDF_TLS12_MSF, key->tls12_msf },
	};
	char id[E2AE_KDF_ID_ROOM];
	size_t k;
	int err;

	err = e2ae_kdf_key_id(kmm, &line, id);
	if (err)
		return err;
	if (snprintf(key->identity, sizeof(key->identity), "%s@%s", id,
		     oa->world->config->domain) >= (int)sizeof(key->identity))
		return -EMSGSIZE;
	for (k = 0; k < ARRAY_SIZE(keys) && !err; k++)
		err = e2ae_kdf_line_key(kmm, &line, keys[k].use, keys[k].out);
	return err;
}

static void told(void *arg, enum msrp_what what, const char *why)
{
	struct oa_relay *relay = arg;

	relay->state = what == MSRP_UP ? OA_SESSION_UP : OA_SESSION_OVER;
	relay->why = why;
	/* The call may end in there, and the relay with it. */
	if (relay->world->session)
		relay->world->session(relay->owner, relay->line, relay->state,
				      why);
}

static int listen_for(struct oa *oa, unsigned int i,
		      const struct oa_anchor *anchor, struct oa_relay *relay)
{
	struct msrp_key keys[MSRP_KEYS_MAX];
	unsigned int k;
	int err = oa->terms.n_kmm ? 0 : -ENOKEY;

	memset(keys, 0, sizeof(keys));
	for (k = 0; k < oa->terms.n_kmm && !err; k++)
		err = make_key(oa, i, &oa->kmm[k], &keys[k]);
	if (!err)
		err = msrp_session_new(&relay->session, oa->world->msrp,
				       anchor->local, keys, oa->terms.n_kmm,
				       told, relay);
	OPENSSL_cleanse(keys, sizeof(keys));
	return err;
}

/**
 * oa_relay_new() - a session for an anchor; it listens from here on
 * @oa: the call
 * @i: the m-line
 * @anchor: its ports; gets the session
 *
 * Return: 0; -ENOSPC if there are too many; -EADDRINUSE if somebody else listens
 * there; another negative errno.
 */
int oa_relay_new(struct oa *oa, unsigned int i, struct oa_anchor *anchor)
{
	struct oa_relay *relay = calloc(1, sizeof(*relay));
	int side, err = 0;

	if (!relay)
		return -ENOMEM;
	relay->world = oa->world;
	relay->owner = oa->terms.owner;
	relay->line = i;
	relay->state = OA_SESSION_LISTENS;
	relay->why = "";
	for (side = OA_ACCESS; side <= OA_CORE && !err; side++)
		err = oa_uri_make(oa, side, &anchor->local[side],
				  relay->uri[side]);
	if (!err)
		err = listen_for(oa, i, anchor, relay);
	if (err)
		free(relay);
	else
		anchor->relay = relay;
	return err == -EUSERS || err == -EMFILE || err == -ENFILE ? -ENOSPC :
								    err;
}

/**
 * oa_relay_free() - the session ends
 * @relay: the session, or NULL
 */
void oa_relay_free(struct oa_relay *relay)
{
	if (!relay)
		return;
	msrp_session_end(relay->session);
	oa_msrp_put(relay->runs);
	free(relay);
}

/*
 * Does the session have this already? Who would connect does not matter once
 * both have.
 */
static bool is_same(const struct oa_relay *relay, const struct oa_media *media)
{
	const struct oa_msrp *was = relay->runs, *now = media->msrp;
	bool up = relay->state == OA_SESSION_UP;
	int side;

	if (!was || relay->state == OA_SESSION_OVER || was->cema != now->cema)
		return false;
	for (side = OA_ACCESS; side <= OA_CORE; side++) {
		const struct net_addr *old = &relay->peer[side];
		const struct net_addr *new = &media->leg[side].rtp;

		if (!oa_text_same(was->path[side], now->path[side]) ||
		    !oa_text_same(was->shown[side], now->shown[side]))
			return false;
		if (!up && was->active[side] != now->active[side])
			return false;
		if (!now->active[side] && !net_addr_equal(old, new))
			return false;
	}
	return true;
}

/* One fork has the session, and keeps it until another is the call. */
static bool is_taken(const struct oa *oa, const struct oa_relay *relay,
		     const struct oa_msrp *msrp)
{
	const struct oa_fork *fork;

	if (oa->selected || !relay->runs || relay->runs->fork == msrp->fork)
		return false;
	for (fork = oa->forks; fork; fork = fork->next)
		if (fork->number == relay->runs->fork)
			return true;
	return false;
}

/**
 * oa_relay_strict() - do connections have to come from where a side says it is?
 * @oa: the call
 * @side: the side
 *
 * Return: whether.
 */
bool oa_relay_strict(const struct oa *oa, enum oa_side side)
{
	const struct config *config = oa->world->config;

	return side == OA_CORE ? config->core.msrp_strict :
				 config->access[oa->terms.access].msrp_strict;
}

static void fill_leg(const struct oa *oa, const struct oa_media *media,
		     enum oa_side side, struct msrp_leg *leg)
{
	*leg = (struct msrp_leg){
		.connect = !media->msrp->active[side],
		.peer = media->leg[side].rtp,
		.any_source = !oa_relay_strict(oa, side),
		.own = media->msrp->shown[side],
		.path = media->msrp->path[side],
	};
}

/**
 * oa_relay_start() - let the session carry what was agreed on
 * @oa: the call
 * @media: the m-line
 *
 * What the session has already it keeps, connections and all.
 *
 * Return: 0 or a negative errno.
 */
int oa_relay_start(struct oa *oa, const struct oa_media *media)
{
	struct oa_relay *relay = media->anchor->relay;
	struct msrp_leg leg[2];
	int side, err;

	if (is_taken(oa, relay, media->msrp) || is_same(relay, media))
		return 0;
	for (side = OA_ACCESS; side <= OA_CORE; side++)
		fill_leg(oa, media, side, &leg[side]);
	err = msrp_session_start(relay->session, leg, media->msrp->cema);
	if (err) {
		relay->state = OA_SESSION_OVER;
		relay->why = "start";
		return err;
	}
	oa_msrp_put(relay->runs);
	relay->runs = oa_msrp_get(media->msrp);
	relay->state = OA_SESSION_CONNECTS;
	relay->why = "";
	for (side = OA_ACCESS; side <= OA_CORE; side++)
		relay->peer[side] = media->leg[side].rtp;
	return 0;
}
