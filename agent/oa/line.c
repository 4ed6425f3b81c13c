// SPDX-License-Identifier: GPL-2.0
/* What is kept of an m-line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

#define PTIME_USUAL 20000 /* microseconds of a packet that nobody told */

/**
 * oa_rtp() - is this RTP that we could secure?
 * @proto: transport
 *
 * Return: whether it is RTP with keys from the description, or without any.
 */
bool oa_rtp(enum sdp_proto proto)
{
	return proto == SDP_PROTO_AVP || proto == SDP_PROTO_AVPF ||
	       proto == SDP_PROTO_SAVP || proto == SDP_PROTO_SAVPF;
}

static void set_addr(struct net_addr *to, const struct sdp_addr *from,
		     uint16_t port)
{
	memset(to, 0, sizeof(*to));
	to->sa.sa_family = from->family;
	if (from->family == AF_INET6) {
		memcpy(&to->in6.sin6_addr, from->octets, 16);
		to->in6.sin6_port = htons(port);
	} else {
		memcpy(&to->in4.sin_addr, from->octets, 4);
		to->in4.sin_port = htons(port);
	}
}

static int read_rtcp(const struct sdp *sdp, unsigned int i,
		     const struct sdp_addr *addr, struct oa_leg *leg)
{
	struct sdp_rtcp rtcp;
	int err;

	err = sdp_rtcp(sdp, i, &rtcp);
	/* Without a port for RTCP there is none, and media go on. */
	if (err == -ERANGE)
		return 0;
	if (err)
		return err;
	leg->mux = rtcp.mux;
	if (!rtcp.given || rtcp.mux)
		return 0;
	if (rtcp.has_addr && rtcp.addr.family == addr->family &&
	    !rtcp.addr.host && !sdp_addr_any(&rtcp.addr))
		addr = &rtcp.addr;
	set_addr(&leg->rtcp, addr, rtcp.port);
	return 0;
}

/**
 * oa_leg_read() - what a side says of an m-line in use
 * @sdp: the description
 * @i: the m-line
 * @leg: what it says
 *
 * Return: 0; -EAFNOSUPPORT for an address that is a name; -EBADMSG.
 */
int oa_leg_read(const struct sdp *sdp, unsigned int i, struct oa_leg *leg)
{
	struct sdp_addr addr;
	struct sdp_media m;
	int err;

	memset(leg, 0, sizeof(*leg));
	err = sdp_media(sdp, i, &m);
	if (!err)
		err = sdp_connection(sdp, i, &addr);
	if (err)
		return err;
	leg->proto = m.proto;
	leg->direction = sdp_direction(sdp, i);
	if (sdp_addr_any(&addr)) {
		leg->direction = SDP_INACTIVE;
		leg->mux = sdp_attr_has(sdp, i, "rtcp-mux");
		return 0;
	}
	if (addr.host)
		return -EAFNOSUPPORT;
	set_addr(&leg->rtp, &addr, m.port);
	return read_rtcp(sdp, i, &addr, leg);
}

/**
 * oa_read_pace() - clock, and what SRTP adds
 * @sdp: the description
 * @i: the m-line
 * @m: gets them
 * @suite: suite with the longest tag that may be used
 */
void oa_read_pace(const struct sdp *sdp, unsigned int i, struct oa_media *m,
		  uint32_t suite)
{
	int rate = sdp_clock_rate(sdp, i), ptime = sdp_ptime(sdp, i);
	unsigned int octets = 10;

	m->clock = rate > 0 ? rate : 0;
	if (ptime <= 0)
		ptime = PTIME_USUAL;
	if (suite == E2AE_SUITE_AEAD_AES_128_GCM ||
	    suite == E2AE_SUITE_AEAD_AES_256_GCM)
		octets = 16;
	octets += m->in.mki_len;
	/* octets * 8 bit * packets a second / 1000, rounded up */
	m->grow = (int)((octets * 8000 + ptime - 1) / ptime);
}

/**
 * oa_bundle_new() - keep a MIKEY bundle
 * @csb: the bundle, copied
 * @psk: its pre-shared key
 *
 * Return: with one reference, or NULL.
 */
struct oa_bundle *oa_bundle_new(const struct e2ae_mikey_csb *csb,
				const uint8_t psk[E2AE_KDF_LEN])
{
	struct oa_bundle *bundle = calloc(1, sizeof(*bundle));

	if (!bundle)
		return NULL;
	bundle->refs = 1;
	bundle->csb = *csb;
	memcpy(bundle->psk, psk, E2AE_KDF_LEN);
	return bundle;
}

static struct oa_bundle *bundle_get(struct oa_bundle *bundle)
{
	if (bundle)
		bundle->refs++;
	return bundle;
}

/**
 * oa_bundle_put() - let a bundle go
 * @bundle: the bundle, or NULL
 */
void oa_bundle_put(struct oa_bundle *bundle)
{
	if (!bundle || --bundle->refs)
		return;
	OPENSSL_cleanse(bundle, sizeof(*bundle));
	free(bundle);
}

/**
 * oa_media_copy() - another m-line with the same anchor and bundles
 * @to: overwritten
 * @from: the one there is
 */
void oa_media_copy(struct oa_media *to, const struct oa_media *from)
{
	*to = *from;
	oa_anchor_get(to->anchor);
	oa_msrp_get(to->msrp);
	bundle_get(to->own);
	bundle_get(to->theirs);
}

/**
 * oa_media_put() - let go what an m-line holds, and forget its keys
 * @media: the m-line
 */
void oa_media_put(struct oa_media *media)
{
	oa_anchor_put(media->anchor);
	oa_msrp_put(media->msrp);
	oa_bundle_put(media->own);
	oa_bundle_put(media->theirs);
	OPENSSL_cleanse(media, sizeof(*media));
}

/**
 * oa_media_clear() - an m-line has no security of ours any more
 * @media: the m-line; that it once had stays known, and so do bundles, which may
 *	go on if it is taken up again
 */
void oa_media_clear(struct oa_media *media)
{
	struct oa_media kept = {
		.applied = media->applied,
		.own = media->own,
		.theirs = media->theirs,
	};

	media->own = NULL;
	media->theirs = NULL;
	oa_media_put(media);
	*media = kept;
}

/**
 * oa_lines_free() - give up the m-lines of a fork
 * @media: those, or NULL
 * @n: how many
 */
void oa_lines_free(struct oa_media *media, unsigned int n)
{
	unsigned int i;

	if (!media)
		return;
	for (i = 0; i < n; i++)
		oa_media_put(&media[i]);
	free(media);
}

/**
 * oa_offered_free() - give up an m-line of an offer
 * @line: the m-line; its memory stays
 */
void oa_offered_free(struct oa_offered *line)
{
	oa_media_put(&line->media);
	if (line->own)
		OPENSSL_cleanse(line->own, line->n_own * sizeof(*line->own));
	free(line->own);
	free(line->reply);
	OPENSSL_cleanse(line, sizeof(*line));
}

/**
 * oa_exchange_free() - give up an offer
 * @x: the offer, or NULL
 */
void oa_exchange_free(struct oa_exchange *x)
{
	unsigned int i;

	if (!x)
		return;
	for (i = 0; i < x->n; i++)
		oa_offered_free(&x->line[i]);
	free(x->line);
	if (x->body)
		OPENSSL_cleanse(x->body, x->body_len);
	free(x->body);
	free(x);
}

/**
 * oa_base() - what was agreed on for an m-line before
 * @step: the step
 * @i: the m-line, from 1
 *
 * Return: the m-line, or NULL.
 */
const struct oa_media *oa_base(const struct oa_step *step, unsigned int i)
{
	return i <= step->n_base ? &step->base[i - 1] : NULL;
}

/**
 * oa_moved() - did the UE change its address and keep its key?
 * @was: the m-line before, or NULL
 * @now: the m-line with what the UE says
 *
 * A side that moves has to take another key (RFC 4568, 7.1.4).
 *
 * Return: whether.
 */
bool oa_moved(const struct oa_media *was, const struct oa_media *now)
{
	const struct net_addr *old, *new = &now->leg[OA_ACCESS].rtp;

	if (!was || !oa_is_srtp(was->how))
		return false;
	old = &was->leg[OA_ACCESS].rtp;
	return old->sa.sa_family && new->sa.sa_family &&
	       !net_addr_equal(old, new) &&
	       e2ae_srtp_key_equal(&was->in, &now->in);
}
