// SPDX-License-Identifier: GPL-2.0
/* What offers and answers have in common when they are changed. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "inner.h"

/* RTCP has the next port, or that of RTP; RFC 8858's "only" is not for us. */
static int edit_rtcp(struct sdp *sdp, unsigned int i, bool mux)
{
	const struct sdp_text none = { NULL, 0 };
	int err;

	err = sdp_set_rtcp(sdp, i, 0, NULL);
	if (err)
		return err;
	if (!mux) {
		sdp_strip_mux(sdp, i);
		return 0;
	}
	sdp_remove(sdp, i, "rtcp-mux-only");
	return sdp_attr_has(sdp, i, "rtcp-mux") ?
		       0 :
		       sdp_add(sdp, i, "rtcp-mux", none);
}

/* A hold of the old kind, c=0.0.0.0, stays one. */
static int edit_connection(struct sdp *sdp, unsigned int i,
			   const struct oa_anchor *anchor, enum oa_side to)
{
	struct sdp_addr was, own;
	int err;

	oa_anchor_addr(anchor, to, &own);
	err = sdp_connection(sdp, i, &was);
	if (err)
		return err;
	if (sdp_addr_any(&was))
		memset(own.octets, 0, sizeof(own.octets));
	return sdp_set_connection(sdp, i, &own);
}

/**
 * oa_edit_proto() - the transport of an m-line
 * @sdp: the description
 * @i: the m-line
 * @proto: transport that has a name
 *
 * Return: 0 or a negative errno.
 */
int oa_edit_proto(struct sdp *sdp, unsigned int i, enum sdp_proto proto)
{
	const char *name = sdp_proto_other(proto, sdp_proto_secure(proto));
	struct sdp_media m;
	int err;

	err = sdp_media(sdp, i, &m);
	if (err || m.proto == proto)
		return err;
	if (!name)
		return -EINVAL;
	return sdp_splice(sdp, sdp->section[i].first, m.proto_text,
			  sdp_text_of(name));
}

/**
 * oa_edit_anchored() - an m-line's media come to us
 * @sdp: the description
 * @i: the m-line
 * @media: with its anchor
 * @to: side that the description goes to
 * @mux: RTCP may come, or comes, on the port of RTP
 *
 * Keys, other ways to agree on keys, and ways around us go.
 *
 * Return: 0 or a negative errno.
 */
int oa_edit_anchored(struct sdp *sdp, unsigned int i,
		     const struct oa_media *media, enum oa_side to, bool mux)
{
	static const char *const others[] = {
		"fingerprint", "tls-id", "zrtp-hash", "tcap",
		"pcfg",	       "acfg",	 "creq",      "csup",
	};
	size_t k;
	int err;

	sdp_strip_keys(sdp, i);
	for (k = 0; k < ARRAY_SIZE(others); k++)
		sdp_remove(sdp, i, others[k]);
	err = edit_connection(sdp, i, media->anchor, to);
	if (!err)
		err = sdp_set_port(sdp, i, oa_anchor_port(media->anchor, to));
	if (!err)
		err = edit_rtcp(sdp, i, mux);
	return err;
}

/**
 * oa_edit_guard() - a line that goes past us to the core has no keys in it
 * @sdp: the description of the UE
 * @i: the m-line
 * @how: what it is
 *
 * Those of media end to end are for the other UE, and what is in the clear was
 * judged by its keys. What is neither has no use for any.
 */
void oa_edit_guard(struct sdp *sdp, unsigned int i, enum oa_how how)
{
	if (how == OA_OFF || how == OA_UNTOUCHED)
		sdp_strip_keys(sdp, i);
}

/**
 * oa_edit_session() - what goes from the whole of a description
 * @step: the offer or answer, whose offer has been judged
 * @to: side that it goes to
 *
 * Marks for the edge never pass it, and a=crypto means nothing here. If any
 * media come to us there is no ICE and no BUNDLE; key management of the session
 * stays only for those end to end.
 */
void oa_edit_session(struct oa_step *step, enum oa_side to)
{
	const struct oa_exchange *x = step->x;
	bool anchored = false, e2e = false;
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		anchored |= oa_is_secured(x->line[i].media.how);
		e2e |= x->line[i].media.how == OA_E2E;
	}
	sdp_remove(step->sdp, SDP_EVERY, "3ge2ae");
	if (to == OA_CORE)
		sdp_remove(step->sdp, 0, "crypto");
	oa_mikey_strip_edge(step->oa, step->sdp, to);
	if (!anchored)
		return;
	if (!e2e)
		sdp_strip_keys(step->sdp, 0);
	sdp_strip_ice(step->sdp, SDP_EVERY);
	sdp_strip_bundle(step->sdp);
}

static int write_once(struct oa_step *step, uint32_t bump, char *out,
		      size_t room, size_t *used, uint8_t hash[OA_HASH])
{
	int len, err;

	err = bump ? sdp_add_version(step->sdp, bump) : 0;
	if (err)
		return err;
	len = sdp_write(step->sdp, out, room);
	if (len < 0)
		return len;
	*used = (size_t)len;
	return oa_hash(out, *used, hash);
}

static int hash_origin(const struct sdp *sdp, uint8_t hash[OA_HASH])
{
	int line = sdp_line_next(sdp, 0, -1, 'o');

	if (line < 0)
		return -EBADMSG;
	return oa_hash(sdp->line[line].at, sdp->line[line].len, hash);
}

/**
 * oa_edit_write() - write a description out
 * @step: the offer or answer
 * @to: side that it goes to
 * @out: where to
 * @room: octets there
 * @used: octets written
 *
 * If the sender repeats a version and what goes on is not the same as before,
 * the version counts up, and stays ahead from then on (RFC 3264, 8).
 *
 * Return: 0 or a negative errno.
 */
int oa_edit_write(struct oa_step *step, enum oa_side to, char *out, size_t room,
		  size_t *used)
{
	struct oa_side_state *state = &step->oa->to[to];
	uint8_t origin[OA_HASH], hash[OA_HASH];
	bool again;
	int err;

	err = hash_origin(step->sdp, origin);
	if (!err)
		err = write_once(step, state->bump, out, room, used, hash);
	if (err)
		return err;
	again = state->known && !memcmp(origin, state->origin, OA_HASH);
	if (again && memcmp(hash, state->sent, OA_HASH)) {
		state->bump++;
		err = write_once(step, 1, out, room, used, hash);
	}
	memcpy(state->origin, origin, OA_HASH);
	memcpy(state->sent, hash, OA_HASH);
	state->known = true;
	return err;
}
