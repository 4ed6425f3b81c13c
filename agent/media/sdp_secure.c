// SPDX-License-Identifier: GPL-2.0
/* Who the keys of an m-line are for. */
#include "sdp.h"

/* Where the security of a transport comes from. */
enum layer {
	LAYER_NONE,
	LAYER_SRTP,
	LAYER_TLS,
};

/**
 * struct proto - what is known of a transport
 * @name: as in an m-line
 * @layer: its security
 * @other: its counterpart with or without security, SDP_PROTO_OTHER if none
 */
struct proto {
	const char *name;
	enum layer layer;
	enum sdp_proto other;
};

static const struct proto protos[] = {
	[SDP_PROTO_OTHER] = { "", LAYER_NONE, SDP_PROTO_OTHER },
	[SDP_PROTO_AVP] = { "RTP/AVP", LAYER_NONE, SDP_PROTO_SAVP },
	[SDP_PROTO_AVPF] = { "RTP/AVPF", LAYER_NONE, SDP_PROTO_SAVPF },
	[SDP_PROTO_SAVP] = { "RTP/SAVP", LAYER_SRTP, SDP_PROTO_AVP },
	[SDP_PROTO_SAVPF] = { "RTP/SAVPF", LAYER_SRTP, SDP_PROTO_AVPF },
	[SDP_PROTO_DTLS_SAVP] = { "UDP/TLS/RTP/SAVP", LAYER_TLS,
				  SDP_PROTO_OTHER },
	[SDP_PROTO_DTLS_SAVPF] = { "UDP/TLS/RTP/SAVPF", LAYER_TLS,
				   SDP_PROTO_OTHER },
	[SDP_PROTO_UDPTL] = { "udptl", LAYER_NONE, SDP_PROTO_OTHER },
	[SDP_PROTO_MSRP] = { "TCP/MSRP", LAYER_NONE, SDP_PROTO_TLS_MSRP },
	[SDP_PROTO_TLS_MSRP] = { "TCP/TLS/MSRP", LAYER_TLS, SDP_PROTO_MSRP },
	[SDP_PROTO_OTHER_TLS] = { "", LAYER_TLS, SDP_PROTO_OTHER },
	[SDP_PROTO_OTHER_SRTP] = { "", LAYER_SRTP, SDP_PROTO_OTHER },
	[SDP_PROTO_OTHER_RTP] = { "", LAYER_NONE, SDP_PROTO_OTHER },
};

/* Of a transport without a name here, as TCP/RTP/SAVP (RFC 4571), its parts tell. */
static enum sdp_proto by_parts(struct sdp_text text)
{
	enum sdp_proto found = SDP_PROTO_OTHER;
	struct sdp_text part;

	while (text.len) {
		sdp_text_cut(text, '/', &part, &text);
		if (sdp_text_is(part, "TLS") || sdp_text_is(part, "DTLS"))
			return SDP_PROTO_OTHER_TLS;
		if (sdp_text_is(part, "SAVP") || sdp_text_is(part, "SAVPF"))
			found = SDP_PROTO_OTHER_SRTP;
		else if (sdp_text_is(part, "RTP") && !found)
			found = SDP_PROTO_OTHER_RTP;
	}
	return found;
}

/**
 * sdp_proto() - understand the transport of an m-line
 * @text: as it is written
 *
 * Return: the transport.
 */
enum sdp_proto sdp_proto(struct sdp_text text)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(protos); i++)
		if (protos[i].name[0] && sdp_text_is(text, protos[i].name))
			return i;
	return by_parts(text);
}

/**
 * sdp_proto_secure() - does this transport promise security?
 * @proto: the transport
 *
 * Return: whether it does.
 */
bool sdp_proto_secure(enum sdp_proto proto)
{
	return protos[proto].layer != LAYER_NONE;
}

/**
 * sdp_proto_other() - the same transport with or without security
 * @proto: the transport
 * @secure: which of the two
 *
 * Return: its name; NULL if there is none.
 */
const char *sdp_proto_other(enum sdp_proto proto, bool secure)
{
	if (!protos[proto].name[0])
		return NULL;
	if (sdp_proto_secure(proto) != secure)
		proto = protos[proto].other;
	return protos[proto].name[0] ? protos[proto].name : NULL;
}

/**
 * sdp_e2ae() - what an m-line says of security to the access edge
 * @sdp: the description
 * @media: the m-line
 *
 * Return: the value of a=3ge2ae (3GPP TS 24.229), SDP_E2AE_NONE without it.
 */
enum sdp_e2ae sdp_e2ae(const struct sdp *sdp, unsigned int media)
{
	struct sdp_attr attr = SDP_FIRST;

	if (!sdp_attr_next(sdp, media, "3ge2ae", &attr))
		return SDP_E2AE_NONE;
	if (sdp_text_is(attr.value, "requested"))
		return SDP_E2AE_REQUESTED;
	if (sdp_text_is(attr.value, "applied"))
		return SDP_E2AE_APPLIED;
	return SDP_E2AE_OTHER;
}

/* The session's attributes are for the m-lines with a secure transport. */
static bool session_applies(const struct sdp *sdp, unsigned int media)
{
	struct sdp_media m;

	return !media ||
	       (!sdp_media(sdp, media, &m) && sdp_proto_secure(m.proto));
}

/**
 * sdp_key_mgmt_next() - the next a=key-mgmt that applies to an m-line
 * @sdp: the description
 * @media: the m-line, or 0 for those of the session
 * @key: starts as SDP_FIRST_KEY; the line found
 *
 * The m-line's own put the session's out of force (RFC 4567, 3.1). An m-line
 * with RTP/AVP has only its own (RFC 4567, 5.2).
 *
 * Return: whether there is one.
 */
bool sdp_key_mgmt_next(const struct sdp *sdp, unsigned int media,
		       struct sdp_key_mgmt *key)
{
	struct sdp_text rest;

	if (key->at.line < 0)
		key->session = !sdp_attr_has(sdp, media, "key-mgmt");
	if (key->session && !session_applies(sdp, media))
		return false;
	if (!sdp_attr_next(sdp, key->session ? 0 : media, "key-mgmt", &key->at))
		return false;
	rest = key->at.value;
	sdp_text_word(&rest, &key->protocol);
	key->data = sdp_text_trim(rest);
	return true;
}

static bool fingerprint(const struct sdp *sdp, unsigned int media)
{
	return sdp_attr_has(sdp, media, "fingerprint") ||
	       (session_applies(sdp, media) &&
		sdp_attr_has(sdp, 0, "fingerprint"));
}

/**
 * sdp_security() - who the keys of an m-line are for
 * @sdp: the description
 * @media: the m-line
 *
 * Handsets send 3ge2ae with RTP/SAVP(F) and with RTP/AVP(F) and keys, so keys
 * decide and not the transport.
 *
 * Return: see enum sdp_security.
 */
enum sdp_security sdp_security(const struct sdp *sdp, unsigned int media)
{
	struct sdp_key_mgmt key = SDP_FIRST_KEY;
	enum sdp_e2ae e2ae = sdp_e2ae(sdp, media);
	bool edge = e2ae == SDP_E2AE_REQUESTED || e2ae == SDP_E2AE_APPLIED;
	bool crypto = sdp_attr_has(sdp, media, "crypto");
	struct sdp_media m;
	enum layer layer;

	if (sdp_media(sdp, media, &m))
		return SDP_SECURITY_UNUSABLE;
	if (!m.port)
		return SDP_SECURITY_OFF;
	layer = protos[m.proto].layer;
	if (edge &&
	    (m.proto == SDP_PROTO_TLS_MSRP || (crypto && layer != LAYER_TLS)))
		return SDP_SECURITY_E2AE;
	if (sdp_key_mgmt_next(sdp, media, &key))
		return SDP_SECURITY_KEY_MGMT;
	if (edge)
		return SDP_SECURITY_UNUSABLE;
	if (crypto || layer == LAYER_TLS || fingerprint(sdp, media))
		return SDP_SECURITY_E2E;
	return layer == LAYER_SRTP ? SDP_SECURITY_UNUSABLE : SDP_SECURITY_PLAIN;
}
