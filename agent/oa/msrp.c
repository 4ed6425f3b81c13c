// SPDX-License-Identifier: GPL-2.0
/*
 * An MSRP line on its way through: TCP/TLS/MSRP on the access leg, TCP/MSRP in
 * the core, and the MSF between them (RFC 4975, 6135, 6714).
 *
 * Who connects is between the two ends, as a=setup says. Nobody may be told to
 * wait while the other waits as well: the one who connects sends the first
 * message. But both may connect, since both connect to us; so a UE that could
 * not be reached behind its NAT is always asked whether it would rather connect.
 *
 * Of an offerer that does CEMA the path goes on as it is, so that messages may
 * pass untouched if the answerer does it too. Everyone else's is replaced by one
 * of ours, and the MSF rewrites what is in the messages. Who uses relays (RFC
 * 4976) does not do CEMA here.
 */
#include <errno.h>
#include <string.h>

#include "inner-msrp.h"

/* So many pairs of ports are tried. */
#define MOST_TRIES 8

static struct sdp_text setup_text(enum sdp_setup setup)
{
	return sdp_text_of(setup == SDP_SETUP_ACTIVE  ? "active" :
			   setup == SDP_SETUP_PASSIVE ? "passive" :
							"actpass");
}

/* Without a usable a=setup the offerer connects (RFC 4975, 5.4; RFC 6135, 4.2.1). */
static enum sdp_setup read_setup(const struct sdp *sdp, unsigned int i)
{
	enum sdp_setup setup = sdp_setup(sdp, i);

	return setup == SDP_SETUP_HOLDCONN || setup == SDP_SETUP_OTHER ?
		       SDP_SETUP_NONE :
		       setup;
}

static int read_connection(const struct sdp *sdp, unsigned int i,
			   struct net_addr *addr)
{
	struct sdp_media m;
	struct sdp_addr c;
	int err;

	memset(addr, 0, sizeof(*addr));
	err = sdp_media(sdp, i, &m);
	if (!err)
		err = sdp_connection(sdp, i, &c);
	if (!err && !c.host && !sdp_addr_any(&c))
		net_addr_set(addr, c.text, m.port);
	return err;
}

/*
 * Where a side is. RFC 6714, 4.2: a path with relays leads to the first of them;
 * else c= and m= count where the connection was offered to them. A name counts
 * for nothing, there is nobody here to look it up.
 */
static int read_leg(struct oa_step *step, unsigned int i, enum oa_side side,
		    const struct oa_msrp *msrp, struct oa_leg *leg)
{
	bool by_line = msrp->said_cema[side] ||
		       (side != step->x->from && msrp->offered);
	struct net_addr line;
	struct oa_hop hop;
	int err;

	err = read_connection(step->sdp, i, &line);
	if (!err)
		err = oa_path_read(sdp_text_of(msrp->path[side]), &hop);
	if (err)
		return err;
	if (hop.uris > 1 && !msrp->said_cema[side])
		by_line = false;
	leg->rtp = by_line ? line : hop.addr;
	if (!leg->rtp.sa.sa_family)
		leg->rtp = by_line ? hop.addr : line;
	leg->direction = sdp_direction(step->sdp, i);
	return 0;
}

/* What a side says, added to what is known. */
static int read_side(struct oa_step *step, unsigned int i, enum oa_side side,
		     struct oa_media *media)
{
	struct oa_msrp *msrp = media->msrp;
	struct sdp_media m;
	struct sdp_text path;
	int err;

	if (!sdp_attr_get(step->sdp, i, "path", &path))
		return oa_no(step->no, OA_WHY_SDP);
	err = sdp_media(step->sdp, i, &m);
	if (!err)
		err = oa_text_set(&msrp->path[side], path);
	if (err)
		return err;
	msrp->said_cema[side] = sdp_attr_has(step->sdp, i, "msrp-cema");
	media->leg[side].proto = m.proto;
	err = read_leg(step, i, side, msrp, &media->leg[side]);
	return err == -EBADMSG ? oa_no(step->no, OA_WHY_SDP) : err;
}

/* The path that a side gets: the other end's, or ours. */
static int show(struct oa_media *media, enum oa_side to, bool theirs)
{
	struct oa_msrp *msrp = media->msrp;
	const char *path = theirs ? msrp->path[oa_other(to)] :
				    media->anchor->relay->uri[to];

	return oa_text_set(&msrp->shown[to], sdp_text_of(path));
}

static int edit(struct oa_step *step, unsigned int i,
		const struct oa_media *media, enum oa_side to)
{
	const struct oa_msrp *msrp = media->msrp;
	struct sdp_text path;
	int err;

	err = oa_edit_anchored(step->sdp, i, media, to, false);
	if (!err)
		err = sdp_set_secure(step->sdp, i, to == OA_ACCESS);
	if (err)
		return err;
	/* RFC 6135, 4.4: it means nothing here, and less with two connections. */
	sdp_remove(step->sdp, i, "connection");
	if (!sdp_attr_get(step->sdp, i, "path", &path) ||
	    !sdp_text_is(path, msrp->shown[to]) ||
	    strncmp(path.at, msrp->shown[to], path.len))
		err = sdp_set(step->sdp, i, "path",
			      sdp_text_of(msrp->shown[to]));
	if (!err && to == OA_ACCESS)
		err = sdp_add(step->sdp, i, "3ge2ae", sdp_text_of("applied"));
	return err;
}

static int edit_setup(struct oa_step *step, unsigned int i,
		      enum sdp_setup setup)
{
	if (sdp_setup(step->sdp, i) == setup)
		return 0;
	return sdp_set(step->sdp, i, "setup", setup_text(setup));
}

/*
 * What the answerer is told. A core that would connect by the path that it is
 * shown, for want of CEMA, would miss us: there we connect, if we may.
 */
static enum sdp_setup tell(enum oa_side to, const struct oa_msrp *msrp)
{
	enum sdp_setup said = msrp->setup;

	if (to == OA_ACCESS)
		return said == SDP_SETUP_PASSIVE ? said : SDP_SETUP_ACTPASS;
	if (said == SDP_SETUP_ACTPASS && msrp->offered)
		return SDP_SETUP_ACTIVE;
	return said;
}

static int take_offer(struct oa_step *step, unsigned int i,
		      struct oa_offered *line)
{
	struct oa_media *media = &line->media;

	oa_msrp_put(media->msrp);
	media->msrp = oa_msrp_new();
	if (!media->msrp)
		return -ENOMEM;
	media->msrp->setup = read_setup(step->sdp, i);
	return read_side(step, i, step->x->from, media);
}

/*
 * The session of the anchor, which listens from here on. Ports that were not
 * reserved in time may be somebody else's.
 */
static int listen_for(struct oa_step *step, unsigned int i,
		      struct oa_anchor *anchor)
{
	unsigned int tries = 0;
	int err;

	if (anchor->relay)
		return 0;
	do
		err = oa_relay_new(step->oa, i, anchor);
	while (err == -EADDRINUSE && ++tries < MOST_TRIES &&
	       !oa_anchor_move(anchor));
	if (err == -ENOSPC)
		return oa_no(step->no, OA_WHY_MSRP_FULL);
	return err == -EADDRINUSE ? oa_no(step->no, OA_WHY_PORTS) : err;
}

/**
 * oa_msrp_offer() - an MSRP line that is to be protected
 * @step: the offer
 * @i: the m-line
 * @line: gets what was said, and the session, which listens from here on
 *
 * Return: 0, or a negative errno; without a verdict the errno tells.
 */
int oa_msrp_offer(struct oa_step *step, unsigned int i, struct oa_offered *line)
{
	struct oa_media *media = &line->media;
	enum oa_side from = step->x->from, to = oa_other(from);
	struct oa_msrp *msrp;
	int err;

	media->applied = true;
	err = take_offer(step, i, line);
	if (!err)
		err = oa_offer_anchor(step, line);
	if (!err)
		err = listen_for(step, i, media->anchor);
	if (err)
		return err;
	msrp = media->msrp;
	msrp->offered = msrp->said_cema[from] && !strchr(msrp->path[from], ' ');
	msrp->told = tell(to, msrp);
	err = show(media, to, msrp->offered);
	if (!err)
		err = edit(step, i, media, to);
	if (!msrp->offered)
		sdp_remove(step->sdp, i, "msrp-cema");
	if (!err && msrp->told != SDP_SETUP_NONE)
		err = edit_setup(step, i, msrp->told);
	return err;
}

/* Who connects: see the top. */
static void agree_setup(struct oa_step *step, unsigned int i,
			struct oa_msrp *msrp)
{
	enum oa_side offerer = step->x->from, answerer = oa_other(offerer);
	enum sdp_setup answer = read_setup(step->sdp, i);

	msrp->active[answerer] = answer == SDP_SETUP_ACTIVE ||
				 msrp->told == SDP_SETUP_PASSIVE;
	msrp->active[offerer] = msrp->setup != SDP_SETUP_PASSIVE;
	if (msrp->setup == SDP_SETUP_ACTPASS)
		msrp->active[offerer] = !msrp->active[answerer];
}

/* To connect there, or to tell its connections from others. */
static bool needs_address(const struct oa *oa, const struct oa_media *made,
			  enum oa_side side)
{
	return !made->msrp->active[side] || oa_relay_strict(oa, side);
}

/* Where we connect to, and our own address there, have to be of one family. */
static int check_reach(struct oa_step *step, const struct oa_media *made)
{
	int side;

	for (side = OA_ACCESS; side <= OA_CORE; side++) {
		int family = made->leg[side].rtp.sa.sa_family;
		int own = made->anchor->local[side].sa.sa_family;

		if (family ? family != own :
			     needs_address(step->oa, made, side))
			return oa_no(step->no, OA_WHY_FAMILY);
	}
	return 0;
}

static int edit_answer(struct oa_step *step, unsigned int i,
		       const struct oa_media *made, enum oa_side to)
{
	const struct oa_msrp *msrp = made->msrp;
	int err = edit(step, i, made, to);

	if (!msrp->cema)
		sdp_remove(step->sdp, i, "msrp-cema");
	if (err || !sdp_attr_has(step->sdp, i, "setup"))
		return err;
	return edit_setup(step, i,
			  msrp->active[to] ? SDP_SETUP_PASSIVE :
					     SDP_SETUP_ACTIVE);
}

/**
 * oa_msrp_answer() - the answer to a protected MSRP line
 * @step: the answer
 * @i: the m-line
 * @made: copy of the offered one; gets what the answer says
 * @m: the m-line of the answer
 *
 * Return: 0, or a negative errno; without a verdict the errno tells.
 */
int oa_msrp_answer(struct oa_step *step, unsigned int i, struct oa_media *made,
		   const struct sdp_media *m)
{
	enum oa_side to = step->x->from, by = oa_other(to);
	struct oa_msrp *msrp = oa_msrp_again(made->msrp);
	int err;

	if (!msrp)
		return -ENOMEM;
	oa_msrp_put(made->msrp);
	made->msrp = msrp;
	if (m->proto != (by == OA_ACCESS ? SDP_PROTO_TLS_MSRP : SDP_PROTO_MSRP))
		return oa_no(step->no, OA_WHY_PROFILE);
	msrp->fork = step->fork->number;
	err = read_side(step, i, by, made);
	if (err)
		return err;
	agree_setup(step, i, msrp);
	msrp->cema = msrp->offered && msrp->said_cema[by];
	err = check_reach(step, made);
	if (!err)
		err = show(made, to, msrp->cema);
	return err ? err : edit_answer(step, i, made, to);
}
