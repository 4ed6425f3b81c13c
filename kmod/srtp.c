// SPDX-License-Identifier: GPL-2.0
/*
 * Protect and unprotect one packet, RTP and RTCP.
 *
 * Receiving goes in the order of RFC 3711, 3.3: estimate the index, check the
 * window, authenticate, decrypt, and only then move any state. Sending takes
 * the index out of the window before it encrypts, so that no (SSRC, index) is
 * ever encrypted twice.
 *
 *	SRTP, CM	header | payload | MKI | tag
 *	SRTP, AEAD	header | payload | tag | MKI
 *	SRTCP, CM	8 octets | rest | E + index | MKI | tag
 *	SRTCP, AEAD	8 octets | rest | tag | E + index | MKI
 */
#include <linux/string.h>

#include "compat.h"
#include "srtp.h"

#define E_BIT	  0x80000000U
#define ROC_LEN	  4
#define INDEX_LEN 4

/*
 * Both are made by halves: who copies a block right after one of its words was
 * written waits until that is in the cache.
 */

/* RFC 3711, 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
static union e2ae_block cm_iv(const struct e2ae_session *s, u32 ssrc, u64 index)
{
	union e2ae_block iv = s->salt;

	iv.half[0] ^= cpu_to_be64(ssrc);
	iv.half[1] ^= cpu_to_be64(index << 16);
	return iv;
}

/* RFC 7714, 8.1 and 9.1: (0 | SSRC | index in 48 bits) XOR salt. */
static union e2ae_block gcm_iv(const struct e2ae_session *s, u32 ssrc,
			       u64 index)
{
	union e2ae_block iv = s->salt;

	iv.half[0] ^= cpu_to_be64((u64)ssrc << 16 | (u16)(index >> 32));
	iv.half[1] ^= cpu_to_be64(index << 32);
	return iv;
}

/* RFC 3711, 3.4: E says that the packet is encrypted. */
static u32 e_bit(const struct e2ae_sa *sa)
{
	return sa->suite->mode == E2AE_MODE_NULL ? 0 : E_BIT;
}

static const struct e2ae_session *session(const struct e2ae_sa *sa,
					  const struct e2ae_pkt *p)
{
	return p->rtcp ? &sa->rtcp : &sa->rtp;
}

/**
 * e2ae_srtp_overhead() - octets by which protection makes a packet grow
 * @sa: the SA
 * @rtcp: for SRTCP
 *
 * Return: tag, MKI and SRTCP index together.
 */
u32 e2ae_srtp_overhead(const struct e2ae_sa *sa, bool rtcp)
{
	return sa->mki_len + (rtcp ? sa->rtcp.tag + INDEX_LEN : sa->rtp.tag);
}

/**
 * e2ae_srtp_mki_matches() - may this packet be the SA's, by its MKI?
 * @sa: the SA
 * @p: a protected packet
 *
 * An SA without MKI takes every packet. The MKI is no secret, and not
 * authenticated: it only selects.
 *
 * Return: whether.
 */
bool e2ae_srtp_mki_matches(const struct e2ae_sa *sa, const struct e2ae_pkt *p)
{
	u32 behind = sa->suite->mode == E2AE_MODE_GCM ? 0 : session(sa, p)->tag;

	if (!sa->mki_len)
		return true;
	if (p->len < p->hlen + behind + sa->mki_len)
		return false;
	return !memcmp(p->data + p->len - behind - sa->mki_len, sa->mki,
		       sa->mki_len);
}

/*
 * HMAC over @len octets of the packet and, for SRTP, the ROC (RFC 3711, 4.2).
 * The ROC is put behind the packet for that; what was there is kept.
 */
static int mac(const struct e2ae_session *s, u8 *data, u32 len, const u32 *roc,
	       u8 out[20])
{
	u32 keep;
	int err;

	if (!roc)
		return e2ae_session_mac(s, data, len, out);
	keep = get_unaligned((u32 *)(data + len));
	put_unaligned_be32(*roc, data + len);
	err = e2ae_session_mac(s, data, len + ROC_LEN, out);
	put_unaligned(keep, (u32 *)(data + len));
	return err;
}

static int crypt_cm(const struct e2ae_sa *sa, const struct e2ae_session *s,
		    const struct e2ae_pkt *p, u64 index, u32 len)
{
	union e2ae_block iv;

	if (sa->suite->mode == E2AE_MODE_NULL)
		return 0;
	iv = cm_iv(s, p->ssrc, index);
	return e2ae_session_ctr(s, &iv, p->data + p->hlen, len - p->hlen);
}

static int as_drop(int err)
{
	if (err == -EINPROGRESS)
		return err;
	return err ? E2AE_A_DROPS_CRYPTO : 0;
}

/* Encrypts @p, of which the index was reserved, and appends the trailer. */
static int seal_cm(const struct e2ae_sa *sa, struct e2ae_pkt *p, u64 index)
{
	const struct e2ae_session *s = session(sa, p);
	u32 roc = index >> 16, len = p->len;
	u8 out[20];
	int err;

	err = crypt_cm(sa, s, p, index, len);
	if (err)
		return as_drop(err);
	if (p->rtcp) {
		put_unaligned_be32(e_bit(sa) | index, p->data + len);
		len += INDEX_LEN;
	}
	err = mac(s, p->data, len, p->rtcp ? NULL : &roc, out);
	if (err)
		return as_drop(err);
	if (sa->mki_len)
		memcpy(p->data + len, sa->mki, sa->mki_len);
	len += sa->mki_len;
	memcpy(p->data + len, out, s->tag);
	p->len = len + s->tag;
	return 0;
}

static int seal_gcm(const struct e2ae_sa *sa, struct e2ae_pkt *p, u64 index)
{
	const struct e2ae_session *s = session(sa, p);
	union e2ae_block iv = gcm_iv(s, p->ssrc, index);
	u8 *word = NULL, *tail = p->data + p->len + s->tag;
	int err;

	if (p->rtcp) {
		word = tail;
		put_unaligned_be32(e_bit(sa) | index, word);
		tail += INDEX_LEN;
	}
	err = e2ae_session_gcm(s, &iv, p->data, p->hlen, word,
			       p->data + p->hlen, p->len - p->hlen, true);
	if (err)
		return as_drop(err);
	if (sa->mki_len)
		memcpy(tail, sa->mki, sa->mki_len);
	p->len = tail + sa->mki_len - p->data;
	return 0;
}

/* Takes an index for sending; 0, or why there is none. */
static int reserve(struct e2ae_sa *sa, struct e2ae_ctx *ctx,
		   const struct e2ae_pkt *p, u64 *index)
{
	int drop = 0;

	spin_lock(&ctx->lock);
	if (p->rtcp)
		*index = ctx->rtcp.next;
	else if (ctx->rtp.next)
		*index = e2ae_replay_estimate(ctx->rtp.next - 1, p->seq);
	else
		*index = (u64)sa->roc << 16 | p->seq;

	if (*index >= (p->rtcp ? E2AE_MAX_RTCP_INDEX : E2AE_MAX_INDEX)) {
		drop = E2AE_A_DROPS_TX_EXPIRED;
	} else if (p->rtcp) {
		ctx->rtcp.next++;
		ctx->rtcp_packets++;
		ctx->rtcp_octets += p->len;
	} else if (e2ae_window_check(&ctx->rtp, *index) != E2AE_REPLAY_FRESH) {
		drop = E2AE_A_DROPS_TX_REPEAT;
	} else {
		e2ae_window_mark(&ctx->rtp, *index);
		ctx->packets++;
		ctx->octets += p->len;
	}
	spin_unlock(&ctx->lock);
	return drop;
}

/**
 * e2ae_srtp_protect() - make SRTP of RTP, SRTCP of RTCP
 * @sa: sending SA
 * @p: a parsed plain packet with e2ae_srtp_overhead() octets of room behind
 *	it; its length grows
 *
 * RFC 3711, 3.3 and 3.4; RFC 7714, 8 and 9.
 *
 * Context: Bottom halves off, RCU held.
 * Return: 0, why it is dropped (E2AE_A_DROPS_*), or -EINPROGRESS: the packet's
 * memory must never be freed. After anything but 0 the packet must not leave.
 */
int e2ae_srtp_protect(struct e2ae_sa *sa, struct e2ae_pkt *p)
{
	struct e2ae_ctx *ctx;
	u64 index;
	int drop;

	if (READ_ONCE(sa->expired))
		return e2ae_sa_drop(sa, E2AE_A_DROPS_TX_EXPIRED);
	ctx = e2ae_ctx_find(sa->ctxs, p->ssrc);
	if (unlikely(!ctx)) {
		ctx = e2ae_sa_ctx_add(sa, p->ssrc, false);
		if (!ctx)
			return e2ae_sa_drop(sa, E2AE_A_DROPS_TX_SSRC_LIMIT);
	}
	p->sa = sa;
	p->ctx = ctx;
	drop = reserve(sa, ctx, p, &index);
	if (drop)
		return e2ae_sa_drop(sa, drop);
	if (!e2ae_sa_spend(sa, p->rtcp))
		return e2ae_sa_drop(sa, E2AE_A_DROPS_TX_EXPIRED);
	drop = sa->suite->mode == E2AE_MODE_GCM ? seal_gcm(sa, p, index) :
						  seal_cm(sa, p, index);
	if (unlikely(drop > 0))
		e2ae_sa_drop(sa, drop);
	return drop;
}

/* Checks the tag of @len octets, then decrypts. */
static int open_cm(const struct e2ae_sa *sa, struct e2ae_pkt *p, u64 index,
		   u32 len)
{
	const struct e2ae_session *s = session(sa, p);
	u32 roc = index >> 16;
	u8 out[20];
	int err;

	err = mac(s, p->data, len, p->rtcp ? NULL : &roc, out);
	if (err)
		return as_drop(err);
	if (crypto_memneq(out, p->data + p->len - s->tag, s->tag))
		return E2AE_A_DROPS_RX_AUTH;
	if (p->rtcp)
		len -= INDEX_LEN;
	err = crypt_cm(sa, s, p, index, len);
	if (err)
		return as_drop(err);
	p->len = len;
	return 0;
}

/* @len octets of ciphertext and header, then the tag. */
static int open_gcm(const struct e2ae_sa *sa, struct e2ae_pkt *p, u64 index,
		    u32 len)
{
	const struct e2ae_session *s = session(sa, p);
	union e2ae_block iv = gcm_iv(s, p->ssrc, index);
	u8 *word = NULL;
	int err;

	if (p->rtcp)
		word = p->data + len + s->tag;
	err = e2ae_session_gcm(s, &iv, p->data, p->hlen, word,
			       p->data + p->hlen, len - p->hlen, false);
	if (err == -EBADMSG)
		return E2AE_A_DROPS_RX_AUTH;
	if (err)
		return as_drop(err);
	p->len = len;
	return 0;
}

static int replayed(enum e2ae_replay r)
{
	if (r == E2AE_REPLAY_FRESH)
		return 0;
	return r == E2AE_REPLAY_OLD ? E2AE_A_DROPS_RX_OLD :
				      E2AE_A_DROPS_RX_REPLAY;
}

/* An SRTP packet's index, by the highest one, and whether it may come. */
static int expect_rtp(struct e2ae_ctx *ctx, const struct e2ae_pkt *p,
		      u64 *index)
{
	u64 next = READ_ONCE(ctx->rtp.next);
	int drop;

	if (next)
		*index = e2ae_replay_estimate(next - 1, p->seq);
	/* Ahead of all that passed: commit() looks again, under the lock. */
	if (likely(*index >= next))
		return 0;
	spin_lock(&ctx->lock);
	*index = e2ae_replay_estimate(ctx->rtp.next - 1, p->seq);
	drop = replayed(e2ae_window_check(&ctx->rtp, *index));
	spin_unlock(&ctx->lock);
	return drop;
}

/*
 * The index of a received packet and whether it may still come; @ctx is NULL
 * for an SSRC not seen yet. Moves nothing.
 */
static int expect(const struct e2ae_sa *sa, struct e2ae_ctx *ctx,
		  const struct e2ae_pkt *p, u32 word, u64 *index)
{
	int drop = 0;

	if (p->rtcp)
		*index = word & ~E_BIT;
	else
		*index = (u64)sa->roc << 16 | p->seq;
	if (!ctx)
		return 0;
	if (p->rtcp) {
		spin_lock(&ctx->lock);
		drop = replayed(e2ae_window_check(&ctx->rtcp, *index));
		spin_unlock(&ctx->lock);
	} else {
		drop = expect_rtp(ctx, p, index);
	}
	if (*index >= E2AE_MAX_INDEX)
		return E2AE_A_DROPS_RX_EXPIRED;
	return drop;
}

/* The packet is authentic: from here on state moves. */
static int commit(struct e2ae_sa *sa, struct e2ae_ctx *ctx, struct e2ae_pkt *p,
		  u64 index)
{
	struct e2ae_window *w;
	int drop;

	if (unlikely(!ctx)) {
		ctx = e2ae_sa_ctx_add(sa, p->ssrc, true);
		if (!ctx)
			return E2AE_A_DROPS_RX_SSRC;
	}
	p->sa = sa;
	p->ctx = ctx;
	spin_lock(&ctx->lock);
	w = p->rtcp ? &ctx->rtcp : &ctx->rtp;
	drop = replayed(e2ae_window_check(w, index));
	if (!drop) {
		e2ae_window_mark(w, index);
		WRITE_ONCE(ctx->rtp.used, (u32)jiffies);
		if (p->rtcp) {
			ctx->rtcp_packets++;
			ctx->rtcp_octets += p->len;
		} else {
			ctx->packets++;
			ctx->octets += p->len;
		}
	}
	spin_unlock(&ctx->lock);
	if (!drop && !e2ae_sa_spend(sa, p->rtcp))
		drop = E2AE_A_DROPS_RX_EXPIRED;
	return drop;
}

/**
 * e2ae_srtp_try() - as e2ae_srtp_unprotect(), without counting a failure
 * @sa: receiving SA, with e2ae_srtp_mki_matches()
 * @p: a parsed protected packet; its length shrinks
 *
 * Where more than one SA may be the packet's; e2ae_srtp_verdict() follows.
 *
 * Context: Bottom halves off, RCU held.
 * Return: as e2ae_srtp_unprotect().
 */
int e2ae_srtp_try(struct e2ae_sa *sa, struct e2ae_pkt *p)
{
	const struct e2ae_session *s = session(sa, p);
	bool gcm = sa->suite->mode == E2AE_MODE_GCM;
	u32 len, over = e2ae_srtp_overhead(sa, p->rtcp), word = 0;
	struct e2ae_ctx *ctx;
	u64 index;
	int drop;

	if (READ_ONCE(sa->expired))
		return E2AE_A_DROPS_RX_EXPIRED;
	if (p->len < p->hlen + over)
		return E2AE_A_DROPS_RX_SHORT;
	len = p->len - over;
	if (p->rtcp) {
		word = get_unaligned_be32(p->data + len + (gcm ? s->tag : 0));
		if ((word & E_BIT) != e_bit(sa))
			return E2AE_A_DROPS_RX_CLEAR;
	}
	ctx = e2ae_ctx_find(sa->ctxs, p->ssrc);
	drop = expect(sa, ctx, p, word, &index);
	if (drop)
		return drop;
	if (gcm)
		drop = open_gcm(sa, p, index, len);
	else
		drop = open_cm(sa, p, index, len + (p->rtcp ? INDEX_LEN : 0));
	if (drop)
		return drop;
	return commit(sa, ctx, p, index);
}

/**
 * e2ae_srtp_verdict() - count what e2ae_srtp_try() said
 * @sa: the SA whose packet it is taken for
 * @drop: the result
 *
 * Return: @drop.
 */
int e2ae_srtp_verdict(struct e2ae_sa *sa, int drop)
{
	if (drop == E2AE_A_DROPS_RX_AUTH)
		e2ae_sa_failed_auth(sa);
	return drop > 0 ? e2ae_sa_drop(sa, drop) : drop;
}

/**
 * e2ae_srtp_unprotect() - make RTP of SRTP, RTCP of SRTCP
 * @sa: receiving SA, with e2ae_srtp_mki_matches()
 * @p: a parsed protected packet; its length shrinks
 *
 * RFC 3711, 3.3 and 3.4; RFC 7714, 8 and 9. Nothing of the SA moves unless the
 * packet is authentic and fresh. After a failed tag the octets of an AEAD
 * packet are garbage.
 *
 * Context: Bottom halves off, RCU held.
 * Return: 0, why it is dropped (E2AE_A_DROPS_*), or -EINPROGRESS: the packet's
 * memory must never be freed.
 */
int e2ae_srtp_unprotect(struct e2ae_sa *sa, struct e2ae_pkt *p)
{
	return e2ae_srtp_verdict(sa, e2ae_srtp_try(sa, p));
}
