// SPDX-License-Identifier: GPL-2.0
/* From agreed m-lines to the streams and SAs of the MSF. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner-msrp.h"

#define WINDOW_USUAL 128 /* packets, the kernel's own */
#define LEG(attr)    E2AE_GIVEN(E2AE_A_LEG_##attr)
#define SA(attr)     E2AE_GIVEN(E2AE_A_SA_##attr)
#define STREAM(attr) E2AE_GIVEN(E2AE_A_STREAM_##attr)

/*
 * What an m-line's stream becomes.
 * @fresh: there is none yet
 * @leg: what the sides say, completed by what the anchor has
 * @in: digest of the key for what comes from the UE
 * @out: of the key for what goes there
 */
struct plan {
	bool fresh;
	struct oa_leg leg[2];
	uint8_t in[OA_HASH];
	uint8_t out[OA_HASH];
	uint32_t timeout;
	struct e2ae_stream stream;
	struct e2ae_sa sa[2];
	unsigned int n_sas;
};

static int digest(const struct e2ae_srtp_key *key, uint32_t ssrc, uint32_t roc,
		  uint8_t out[OA_HASH])
{
	struct {
		struct e2ae_srtp_key key;
		uint32_t ssrc;
		uint32_t roc;
	} all;
	int err;

	memset(&all, 0, sizeof(all));
	all.key.suite = key->suite;
	memcpy(all.key.key, key->key, sizeof(key->key));
	memcpy(all.key.salt, key->salt, sizeof(key->salt));
	all.key.mki_len = key->mki_len;
	memcpy(all.key.mki, key->mki, key->mki_len);
	all.key.lifetime = key->lifetime;
	all.ssrc = ssrc;
	all.roc = roc;
	err = oa_hash(&all, sizeof(all), out);
	OPENSSL_cleanse(&all, sizeof(all));
	return err;
}

static uint32_t window_of(const struct oa_media *media)
{
	uint32_t window = media->window;

	if (window < WINDOW_USUAL)
		return WINDOW_USUAL;
	return window < E2AE_MAX_WINDOW ? window : E2AE_MAX_WINDOW;
}

/* A key lasts for a number of packets; the soft limit is told before. */
static void limit(struct e2ae_sa *sa, uint64_t lifetime)
{
	if (!lifetime)
		return;
	sa->given |= SA(SOFT_PACKETS) | SA(HARD_PACKETS);
	sa->hard_packets = lifetime;
	sa->soft_packets = lifetime - lifetime / 8;
}

static struct e2ae_sa *add_sa(struct oa *oa, struct plan *plan,
			      const struct e2ae_srtp_key *key)
{
	const struct e2ae_suite_info *info = e2ae_suite_by_id(key->suite);
	struct e2ae_sa *sa = &plan->sa[plan->n_sas++];

	sa->given = SA(ID) | SA(SUITE) | SA(KEY) | SA(SALT) | SA(AUTODEL);
	sa->id = msf_sa_id(oa->world->msf);
	sa->suite = key->suite;
	sa->key.len = info->key_len;
	memcpy(sa->key.octets, key->key, info->key_len);
	sa->salt.len = info->salt_len;
	memcpy(sa->salt.octets, key->salt, info->salt_len);
	if (key->mki_len) {
		sa->given |= SA(MKI);
		sa->mki.len = key->mki_len;
		memcpy(sa->mki.octets, key->mki, key->mki_len);
	}
	limit(sa, key->lifetime);
	return sa;
}

/* Only the SSRC that the UE declared, if it did. */
static void bind_ssrc(struct e2ae_sa *sa, const struct oa_media *media)
{
	if (!media->ssrc)
		return;
	sa->given |= SA(STATE) | SA(FIXED_SSRCS);
	sa->n_states = 1;
	sa->state[0].given = E2AE_GIVEN(E2AE_A_SSRC_SSRC);
	sa->state[0].ssrc = media->ssrc;
	if (!media->roc)
		return;
	sa->state[0].given |= E2AE_GIVEN(E2AE_A_SSRC_ROC) |
			      E2AE_GIVEN(E2AE_A_SSRC_SEQ);
	sa->state[0].roc = media->roc;
}

static void plan_sas(struct oa *oa, const struct oa_media *media,
		     struct plan *plan)
{
	struct e2ae_leg *leg = &plan->stream.access;
	struct e2ae_sa *sa;

	if (plan->fresh ||
	    memcmp(plan->in, media->anchor->in, sizeof(plan->in))) {
		sa = add_sa(oa, plan, &media->in);
		if (media->window) {
			sa->given |= SA(WINDOW);
			sa->window = window_of(media);
		}
		bind_ssrc(sa, media);
		leg->given |= LEG(IN_SA);
		leg->in_sa = sa->id;
	}
	if (plan->fresh ||
	    memcmp(plan->out, media->anchor->out, sizeof(plan->out))) {
		sa = add_sa(oa, plan, &media->out);
		leg->given |= LEG(OUT_SA);
		leg->out_sa = sa->id;
	}
}

static void set_addr(const struct net_addr *from, struct e2ae_addr *addr,
		     uint16_t *port)
{
	if (from->sa.sa_family == AF_INET6) {
		addr->len = 16;
		memcpy(addr->octets, &from->in6.sin6_addr, 16);
	} else {
		addr->len = 4;
		memcpy(addr->octets, &from->in4.sin_addr, 4);
	}
	*port = net_addr_port(from);
}

/* Where a leg's RTCP goes, when RTP does not carry it. */
static void plan_rtcp(const struct oa_leg *want, struct e2ae_leg *leg)
{
	const struct net_addr *rtcp = &want->rtcp;

	if (want->mux || !want->rtp.sa.sa_family)
		return;
	if (rtcp->sa.sa_family) {
		set_addr(rtcp, &leg->rtcp_peer_addr, &leg->rtcp_peer_port);
	} else {
		set_addr(&want->rtp, &leg->rtcp_peer_addr,
			 &leg->rtcp_peer_port);
		if (leg->rtcp_peer_port++ == UINT16_MAX)
			return;
	}
	leg->given |= LEG(RTCP_PEER_ADDR) | LEG(RTCP_PEER_PORT);
}

static bool same_peers(const struct oa_leg *a, const struct oa_leg *b)
{
	return net_addr_equal(&a->rtp, &b->rtp) &&
	       a->rtcp.sa.sa_family == b->rtcp.sa.sa_family &&
	       (!a->rtcp.sa.sa_family || net_addr_equal(&a->rtcp, &b->rtcp));
}

/*
 * Peers and RTCP of a leg. To name a peer again would undo what the leg has
 * latched onto, so only what differs is told. On the access leg a UE may be
 * behind NAT: its packets say where it is once they are authentic. In the core
 * everyone sends from where he receives.
 */
static void plan_leg(const struct oa_anchor *anchor, enum oa_side side,
		     struct plan *plan, struct e2ae_leg *leg)
{
	const struct oa_leg *want = &plan->leg[side];
	const struct oa_leg *have = &anchor->leg[side];
	bool mode = plan->fresh || want->mux != have->mux;

	if (mode) {
		leg->given |= LEG(RTCP_MODE);
		leg->rtcp_mode = want->mux ? E2AE_RTCP_MODE_MUX :
					     E2AE_RTCP_MODE_NEXT;
	}
	if (want->rtp.sa.sa_family &&
	    (plan->fresh || !same_peers(want, have))) {
		leg->given |= LEG(PEER_ADDR) | LEG(PEER_PORT);
		set_addr(&want->rtp, &leg->peer_addr, &leg->peer_port);
		mode = true;
	}
	if (mode)
		plan_rtcp(want, leg);
}

static int set_device(const char *device, struct e2ae_leg *leg)
{
	if (!device || !device[0])
		return 0;
	leg->ifindex = if_nametoindex(device);
	leg->given |= LEG(IFINDEX);
	return leg->ifindex ? 0 : -ENODEV;
}

/* What a leg is from its beginning. */
static int plan_new_leg(struct oa *oa, const struct oa_anchor *anchor,
			enum oa_side side, struct e2ae_leg *leg)
{
	const struct config *config = oa->world->config;

	leg->given |= LEG(LOCAL_ADDR) | LEG(LOCAL_PORT) | LEG(SOURCE) |
		      LEG(NONMEDIA);
	set_addr(&anchor->local[side], &leg->local_addr, &leg->local_port);
	leg->nonmedia = E2AE_NONMEDIA_RULE_DROP;
	if (side == OA_ACCESS) {
		leg->source = E2AE_SOURCE_RULE_LATCH;
		return set_device(config->access[anchor->access].media.device,
				  leg);
	}
	leg->given |= LEG(PLAIN);
	leg->source = E2AE_SOURCE_RULE_STRICT;
	return set_device(config->core.media.device, leg);
}

static uint32_t timeout_of(const struct oa *oa, const struct oa_media *media)
{
	if (!oa->selected || media->leg[OA_ACCESS].direction != SDP_SENDRECV ||
	    media->leg[OA_CORE].direction != SDP_SENDRECV)
		return 0;
	return oa->world->config->media_timeout;
}

static void plan_stream(struct oa_anchor *anchor, const struct oa_media *media,
			struct plan *plan)
{
	struct e2ae_stream *s = &plan->stream;

	s->given = STREAM(ID);
	s->id = anchor->stream;
	if (plan->timeout != anchor->timeout) {
		s->given |= STREAM(TIMEOUT);
		s->timeout = plan->timeout;
	}
	if (media->clock && media->clock != anchor->clock) {
		s->given |= STREAM(CLOCK_RATE);
		s->clock_rate = media->clock;
	}
	if (s->access.given)
		s->given |= STREAM(ACCESS);
	if (s->core.given)
		s->given |= STREAM(CORE);
}

static int make_plan(struct oa *oa, const struct oa_media *media,
		     struct plan *plan)
{
	struct oa_anchor *anchor = media->anchor;
	int err;

	plan->fresh = !anchor->stream;
	plan->leg[OA_ACCESS] = media->leg[OA_ACCESS];
	plan->leg[OA_CORE] = media->leg[OA_CORE];
	plan->timeout = timeout_of(oa, media);
	err = digest(&media->in, media->ssrc, media->roc, plan->in);
	if (!err)
		err = digest(&media->out, 0, 0, plan->out);
	if (!err && plan->fresh)
		err = plan_new_leg(oa, anchor, OA_ACCESS, &plan->stream.access);
	if (!err && plan->fresh)
		err = plan_new_leg(oa, anchor, OA_CORE, &plan->stream.core);
	if (err)
		return err;
	plan_leg(anchor, OA_ACCESS, plan, &plan->stream.access);
	plan_leg(anchor, OA_CORE, plan, &plan->stream.core);
	plan_sas(oa, media, plan);
	plan_stream(anchor, media, plan);
	return 0;
}

/* The anchor knows what the MSF knows. */
static void note(struct oa_anchor *anchor, const struct oa_media *media,
		 const struct plan *plan)
{
	int side;

	for (side = OA_ACCESS; side <= OA_CORE; side++) {
		struct oa_leg was = anchor->leg[side];

		anchor->leg[side] = plan->leg[side];
		if (!plan->leg[side].rtp.sa.sa_family) {
			anchor->leg[side].rtp = was.rtp;
			anchor->leg[side].rtcp = was.rtcp;
		}
	}
	memcpy(anchor->in, plan->in, sizeof(anchor->in));
	memcpy(anchor->out, plan->out, sizeof(anchor->out));
	anchor->timeout = plan->timeout;
	if (media->clock)
		anchor->clock = media->clock;
}

static int carry_out(struct oa *oa, const struct oa_media *media,
		     struct plan *plan)
{
	struct oa_anchor *anchor = media->anchor;
	struct msf *msf = oa->world->msf;
	int err = 0;

	if (plan->fresh) {
		plan->stream.id = msf_stream_id(msf);
		err = msf_create(msf, &plan->stream, plan->sa, plan->n_sas);
		if (!err)
			anchor->stream = plan->stream.id;
	} else if (plan->stream.given != STREAM(ID)) {
		err = msf_change(msf, &plan->stream, plan->sa, plan->n_sas);
	}
	if (!err)
		note(anchor, media, plan);
	return err;
}

/**
 * oa_stream_program() - make the MSF do what was agreed on
 * @oa: the call
 * @media: an m-line
 *
 * Without an address in the core, as in an old hold from the beginning, there
 * is nothing to be done yet.
 *
 * Return: 0 or a negative errno.
 */
int oa_stream_program(struct oa *oa, const struct oa_media *media)
{
	struct plan plan;
	int err;

	if (!oa_is_srtp(media->how) ||
	    (!media->anchor->stream && !media->leg[OA_CORE].rtp.sa.sa_family))
		return 0;
	memset(&plan, 0, sizeof(plan));
	err = make_plan(oa, media, &plan);
	if (!err)
		err = carry_out(oa, media, &plan);
	OPENSSL_cleanse(&plan, sizeof(plan));
	return err;
}

/* Last, since a session that goes on to something else has lost what it had. */
static int start_sessions(struct oa *oa, const struct oa_media *media,
			  unsigned int n)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		if (media[i].how == OA_PSK_TLS)
			err = oa_relay_start(oa, &media[i]);
	return err;
}

/**
 * oa_streams_program() - all m-lines, or none
 * @oa: the call
 * @media: those that are agreed on
 * @n: how many
 * @before: those that the streams carry, or NULL
 * @n_before: how many
 *
 * Return: 0 or a negative errno; then streams are as they were.
 */
int oa_streams_program(struct oa *oa, const struct oa_media *media,
		       unsigned int n, const struct oa_media *before,
		       unsigned int n_before)
{
	uint64_t made = 0;
	unsigned int i, k;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		struct oa_anchor *anchor = media[i].anchor;
		bool fresh = anchor && !anchor->stream;

		err = oa_stream_program(oa, &media[i]);
		if (fresh && anchor->stream)
			made |= 1ULL << i;
	}
	if (!err)
		err = start_sessions(oa, media, n);
	if (!err)
		return 0;
	for (k = 0; k < i; k++) {
		if (made & 1ULL << k) {
			msf_remove(oa->world->msf, media[k].anchor->stream);
			media[k].anchor->stream = 0;
			media[k].anchor->timeout = 0;
			media[k].anchor->clock = 0;
		} else if (k < n_before && before &&
			   before[k].anchor == media[k].anchor) {
			oa_stream_program(oa, &before[k]);
		}
	}
	if (before)
		start_sessions(oa, before, n_before);
	return err;
}
