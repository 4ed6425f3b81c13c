/* SPDX-License-Identifier: GPL-2.0 */
/* RTP and RTCP headers: what they are and how long, pure. */
#ifndef E2AE_RTP_H
#define E2AE_RTP_H

#include <linux/types.h>
#include "compat.h"

#define E2AE_RTP_HLEN  12 /* octets of the fixed RTP header */
#define E2AE_RTCP_HLEN 8 /* octets of RTCP that SRTCP leaves clear */

struct e2ae_ctx;
struct e2ae_sa;

enum e2ae_kind {
	E2AE_KIND_RTP,
	E2AE_KIND_RTCP,
	E2AE_KIND_OTHER,
};

/**
 * struct e2ae_pkt - one RTP or RTCP packet on its way through
 * @data: first octet of the RTP or RTCP header; linear and private
 * @len: octets from @data on, SRTP trailer included while there is one
 * @hlen: octets of the header that are never encrypted
 * @ssrc: synchronisation source, host byte order
 * @seq: RTP sequence number, host byte order
 * @rtcp: it is RTCP
 * @sa: SA that took it last, NULL while it is plain
 * @ctx: context of its SSRC there
 *
 * Lives on the stack of the hook.
 */
struct e2ae_pkt {
	u8 *data;
	u32 len;
	u32 hlen;
	u32 ssrc;
	u16 seq;
	bool rtcp;
	const struct e2ae_sa *sa;
	const struct e2ae_ctx *ctx;
};

/**
 * e2ae_rtp_classify() - tell RTP, RTCP and the rest apart
 * @data: UDP payload
 * @len: its length in octets
 * @rtcp_port: it came to a port that carries RTCP alone
 * @mux: RTP and RTCP share the port
 *
 * First octet as RFC 7983, 7; with @mux the payload type as RFC 5761, 4.
 *
 * Return: what to treat it as; the header is not validated yet.
 */
static inline enum e2ae_kind e2ae_rtp_classify(const u8 *data, u32 len,
					       bool rtcp_port, bool mux)
{
	if (len < 2 || (data[0] & 0xc0) != 0x80)
		return E2AE_KIND_OTHER;
	if (rtcp_port || (mux && data[1] >= 192 && data[1] <= 223))
		return E2AE_KIND_RTCP;
	return E2AE_KIND_RTP;
}

/**
 * e2ae_rtp_parse() - read an RTP header (RFC 3550, 5.1)
 * @p: packet with data and len set; hlen, ssrc and seq are filled in
 *
 * Return: whether the header with its CSRCs and extension fits.
 */
static inline bool e2ae_rtp_parse(struct e2ae_pkt *p)
{
	u32 hlen = E2AE_RTP_HLEN;

	if (p->len < hlen)
		return false;
	hlen += (p->data[0] & 0x0f) * 4;
	if (p->data[0] & 0x10) {
		if (p->len < hlen + 4)
			return false;
		hlen += 4 + get_unaligned_be16(p->data + hlen + 2) * 4;
	}
	if (p->len < hlen)
		return false;
	p->hlen = hlen;
	p->seq = get_unaligned_be16(p->data + 2);
	p->ssrc = get_unaligned_be32(p->data + 8);
	return true;
}

/**
 * e2ae_rtcp_parse() - read the first header of an RTCP packet (RFC 3550, 6.1)
 * @p: packet with data and len set; hlen and ssrc are filled in
 *
 * Return: whether it can be RTCP.
 */
static inline bool e2ae_rtcp_parse(struct e2ae_pkt *p)
{
	if (p->len < E2AE_RTCP_HLEN || p->data[1] < 192 || p->data[1] > 223)
		return false;
	p->hlen = E2AE_RTCP_HLEN;
	p->seq = 0;
	p->ssrc = get_unaligned_be32(p->data + 4);
	return true;
}

#endif
