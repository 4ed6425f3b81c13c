/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Session descriptions (RFC 8866), read and edited in place: an index of lines
 * over a body that stays where it is. What no edit touches is written out as it
 * came, octet by octet. Nothing here does I/O, allocates or remembers anything
 * outside the caller's struct sdp.
 *
 * m-lines count from 1; level 0 is the session. Names of attributes and
 * protocols are compared without regard to case, so that no spelling that a
 * lenient peer understands escapes an edit. Queries see the edits made so far.
 */
#ifndef E2AE_SDP_H
#define E2AE_SDP_H

#include "sdp_text.h"

#define SDP_SIZE_MAX  65535 /* octets of a body */
#define SDP_LINES_MAX 1024 /* lines of a body */
#define SDP_MEDIA_MAX 64 /* m-lines */
#define SDP_ADDED_MAX 256 /* lines that edits add */
#define SDP_ROOM      32768 /* octets that edits write */
#define SDP_NONE      0xffff
#define SDP_EVERY     0x10000 /* the session and all m-lines */

/**
 * struct sdp_line - one line
 * @at: its text, without the ending
 * @len: octets of it
 * @next: index of the line that follows, or SDP_NONE
 * @media: its level
 * @end: octets of the ending: 2 for CRLF, 1 for LF, 0 for none
 * @type: the letter before the "=", or 0
 * @gone: an edit took it out
 */
struct sdp_line {
	const char *at;
	uint32_t len;
	uint16_t next;
	uint8_t media;
	uint8_t end;
	char type;
	bool gone;
};

/**
 * struct sdp_section - the lines of one level
 * @first: index, or SDP_NONE
 * @last: index, or SDP_NONE
 */
struct sdp_section {
	uint16_t first;
	uint16_t last;
};

/**
 * struct sdp - a session description and the edits made to it
 * @n_media: how many m-lines it has
 * @n_lines: lines in @line
 * @n_added: those that edits made
 * @error: of an edit that was not carried out to its end, or 0
 * @end: ending of added lines where their neighbour has none
 * @used: octets of @room
 * @section: by level
 * @line: of the body, then added ones
 * @room: text that edits wrote; may hold keys, see sdp_wipe()
 */
struct sdp {
	unsigned int n_media;
	unsigned int n_lines;
	unsigned int n_added;
	int error;
	uint8_t end;
	size_t used;
	struct sdp_section section[SDP_MEDIA_MAX + 1];
	struct sdp_line line[SDP_LINES_MAX + SDP_ADDED_MAX];
	char room[SDP_ROOM];
};

/**
 * enum sdp_proto - transport of an m-line
 * @SDP_PROTO_OTHER: none of these, nothing known of its security
 * @SDP_PROTO_AVP: RTP/AVP
 * @SDP_PROTO_AVPF: RTP/AVPF
 * @SDP_PROTO_SAVP: RTP/SAVP
 * @SDP_PROTO_SAVPF: RTP/SAVPF
 * @SDP_PROTO_DTLS_SAVP: UDP/TLS/RTP/SAVP
 * @SDP_PROTO_DTLS_SAVPF: UDP/TLS/RTP/SAVPF
 * @SDP_PROTO_UDPTL: udptl, T.38
 * @SDP_PROTO_MSRP: TCP/MSRP
 * @SDP_PROTO_TLS_MSRP: TCP/TLS/MSRP
 * @SDP_PROTO_OTHER_TLS: none of these, with TLS or DTLS in it
 * @SDP_PROTO_OTHER_SRTP: none of these, with SAVP or SAVPF in it
 * @SDP_PROTO_OTHER_RTP: none of these, with RTP in it
 */
enum sdp_proto {
	SDP_PROTO_OTHER,
	SDP_PROTO_AVP,
	SDP_PROTO_AVPF,
	SDP_PROTO_SAVP,
	SDP_PROTO_SAVPF,
	SDP_PROTO_DTLS_SAVP,
	SDP_PROTO_DTLS_SAVPF,
	SDP_PROTO_UDPTL,
	SDP_PROTO_MSRP,
	SDP_PROTO_TLS_MSRP,
	SDP_PROTO_OTHER_TLS,
	SDP_PROTO_OTHER_SRTP,
	SDP_PROTO_OTHER_RTP,
};

/**
 * struct sdp_media - an m-line (RFC 8866, 5.14)
 * @media: audio, video, ...
 * @number: the port as it is written, with the number of ports
 * @port: 0 if the line is rejected or disabled
 * @ports: number of ports, 1 if it does not say
 * @proto_text: as it is written
 * @proto: the same, understood
 * @formats: the rest of the line; sdp_text_word() takes it apart
 */
struct sdp_media {
	struct sdp_text media;
	struct sdp_text number;
	uint16_t port;
	uint16_t ports;
	struct sdp_text proto_text;
	enum sdp_proto proto;
	struct sdp_text formats;
};

/**
 * struct sdp_addr - where media go
 * @family: AF_INET or AF_INET6
 * @host: it is a name, not a number: @octets is empty
 * @octets: network byte order, 4 or 16
 * @text: as it is written, without TTL and number of addresses
 */
struct sdp_addr {
	int family;
	bool host;
	uint8_t octets[16];
	struct sdp_text text;
};

/**
 * struct sdp_attr - an attribute, for loops over all of a name
 * @line: its index; -1 starts a loop
 * @value: what follows the colon, without blanks around it
 */
struct sdp_attr {
	int line;
	struct sdp_text value;
};

/**
 * struct sdp_rtcp - where RTCP goes (RFC 3605, 5761, 8858)
 * @mux: a=rtcp-mux or a=rtcp-mux-only is there
 * @only: a=rtcp-mux-only is there
 * @given: a=rtcp is there
 * @port: without multiplexing: of a=rtcp, otherwise the one after RTP's
 * @has_addr: a=rtcp names an address
 * @addr: that one
 */
struct sdp_rtcp {
	bool mux;
	bool only;
	bool given;
	uint16_t port;
	bool has_addr;
	struct sdp_addr addr;
};

/**
 * struct sdp_rtpmap - a payload type
 * @encoding: name; empty for a static type without a=rtpmap
 * @rate: clock, Hz
 */
struct sdp_rtpmap {
	struct sdp_text encoding;
	uint32_t rate;
};

/**
 * struct sdp_key_mgmt - an a=key-mgmt line (RFC 4567, 3.1), for loops
 * @at: where the loop is; zeroed with line -1 starts it
 * @session: it stands at session level
 * @protocol: "mikey"
 * @data: base64
 */
struct sdp_key_mgmt {
	struct sdp_attr at;
	bool session;
	struct sdp_text protocol;
	struct sdp_text data;
};

#define SDP_FIRST          \
	{                  \
		.line = -1 \
	}
#define SDP_FIRST_KEY               \
	{                           \
		.at = {.line = -1 } \
	}

enum sdp_direction {
	SDP_SENDRECV,
	SDP_SENDONLY,
	SDP_RECVONLY,
	SDP_INACTIVE,
};

enum sdp_setup {
	SDP_SETUP_NONE,
	SDP_SETUP_ACTIVE,
	SDP_SETUP_PASSIVE,
	SDP_SETUP_ACTPASS,
	SDP_SETUP_HOLDCONN,
	SDP_SETUP_OTHER,
};

/* a=3ge2ae (3GPP TS 24.229) */
enum sdp_e2ae {
	SDP_E2AE_NONE,
	SDP_E2AE_REQUESTED,
	SDP_E2AE_APPLIED,
	SDP_E2AE_OTHER,
};

/**
 * enum sdp_security - who the keys of an m-line are for
 * @SDP_SECURITY_OFF: port 0, there are no media
 * @SDP_SECURITY_PLAIN: no security is offered
 * @SDP_SECURITY_E2AE: end to access edge: a=crypto with a=3ge2ae, or MSRP over
 *	TLS with a=3ge2ae. There may be a=key-mgmt besides (RFC 4568, 7.5)
 * @SDP_SECURITY_E2E: end to end: a=crypto alone, DTLS, TLS
 * @SDP_SECURITY_KEY_MGMT: a=key-mgmt: the caller decides by whom it is
 *	addressed to. There may be a=crypto besides, which alone would be E2E
 * @SDP_SECURITY_UNUSABLE: a secure profile without any key, 3ge2ae with
 *	keys that the edge cannot use, or a malformed m-line
 */
enum sdp_security {
	SDP_SECURITY_OFF,
	SDP_SECURITY_PLAIN,
	SDP_SECURITY_E2AE,
	SDP_SECURITY_E2E,
	SDP_SECURITY_KEY_MGMT,
	SDP_SECURITY_UNUSABLE,
};

/* Bits of sdp_ice(), one for each attribute (RFC 8839) */
enum sdp_ice {
	SDP_ICE_CANDIDATE,
	SDP_ICE_REMOTE_CANDIDATES,
	SDP_ICE_UFRAG,
	SDP_ICE_PWD,
	SDP_ICE_OPTIONS,
	SDP_ICE_LITE,
	SDP_ICE_MISMATCH,
	SDP_ICE_PACING,
	SDP_ICE_END_OF_CANDIDATES,
};

/* sdp.c: reading and writing the whole */
int sdp_parse(struct sdp *sdp, const char *body, size_t len);
int sdp_check(const struct sdp *sdp);
int sdp_write(const struct sdp *sdp, char *out, size_t size);
void sdp_wipe(struct sdp *sdp);
int sdp_line_next(const struct sdp *sdp, unsigned int media, int line,
		  char type);
struct sdp_text sdp_line_value(const struct sdp *sdp, int line);

/* sdp_attr.c: attributes by name */
struct sdp_text sdp_attr_name(const struct sdp *sdp, int line);
bool sdp_attr_next(const struct sdp *sdp, unsigned int media, const char *name,
		   struct sdp_attr *attr);
bool sdp_attr_has(const struct sdp *sdp, unsigned int media, const char *name);
bool sdp_attr_get(const struct sdp *sdp, unsigned int media, const char *name,
		  struct sdp_text *value);
enum sdp_direction sdp_direction(const struct sdp *sdp, unsigned int media);
enum sdp_setup sdp_setup(const struct sdp *sdp, unsigned int media);
unsigned int sdp_ice(const struct sdp *sdp, unsigned int media);
const char *sdp_ice_name(enum sdp_ice bit);
bool sdp_bundled(const struct sdp *sdp, unsigned int media);
int sdp_ssrcs(const struct sdp *sdp, unsigned int media, uint32_t *ssrc,
	      unsigned int max);

/* sdp_media.c: m-lines, addresses, RTP */
int sdp_media(const struct sdp *sdp, unsigned int media, struct sdp_media *m);
int sdp_connection(const struct sdp *sdp, unsigned int media,
		   struct sdp_addr *addr);
bool sdp_addr_any(const struct sdp_addr *addr);
int sdp_addr_parse(struct sdp_text text, struct sdp_addr *addr);
int sdp_rtcp(const struct sdp *sdp, unsigned int media, struct sdp_rtcp *rtcp);
int sdp_rtpmap(const struct sdp *sdp, unsigned int media, unsigned int payload,
	       struct sdp_rtpmap *map);
int sdp_clock_rate(const struct sdp *sdp, unsigned int media);
int sdp_ptime(const struct sdp *sdp, unsigned int media);
int sdp_bandwidth(const struct sdp *sdp, unsigned int media, const char *type,
		  uint32_t *value);

/* sdp_secure.c: keys */
enum sdp_e2ae sdp_e2ae(const struct sdp *sdp, unsigned int media);
bool sdp_key_mgmt_next(const struct sdp *sdp, unsigned int media,
		       struct sdp_key_mgmt *key);
enum sdp_security sdp_security(const struct sdp *sdp, unsigned int media);
enum sdp_proto sdp_proto(struct sdp_text text);
bool sdp_proto_secure(enum sdp_proto proto);
const char *sdp_proto_other(enum sdp_proto proto, bool secure);

/* sdp_edit.c: edits of lines and attributes */
int sdp_splice(struct sdp *sdp, int line, struct sdp_text old,
	       struct sdp_text text);
int sdp_insert(struct sdp *sdp, int after, struct sdp_text text);
void sdp_delete(struct sdp *sdp, int line);
int sdp_add(struct sdp *sdp, unsigned int media, const char *name,
	    struct sdp_text value);
int sdp_set(struct sdp *sdp, unsigned int media, const char *name,
	    struct sdp_text value);
int sdp_remove(struct sdp *sdp, unsigned int media, const char *name);

/* sdp_anchor.c: what a P-CSCF that anchors media changes */
int sdp_set_port(struct sdp *sdp, unsigned int media, uint16_t port);
int sdp_set_secure(struct sdp *sdp, unsigned int media, bool secure);
int sdp_set_connection(struct sdp *sdp, unsigned int media,
		       const struct sdp_addr *addr);
int sdp_set_rtcp(struct sdp *sdp, unsigned int media, uint16_t port,
		 const struct sdp_addr *addr);
int sdp_strip_mux(struct sdp *sdp, unsigned int media);
int sdp_strip_keys(struct sdp *sdp, unsigned int media);
int sdp_strip_ice(struct sdp *sdp, unsigned int media);
int sdp_strip_bundle(struct sdp *sdp);
int sdp_add_bandwidth(struct sdp *sdp, unsigned int media, int kbit);
int sdp_add_version(struct sdp *sdp, uint32_t by);

#endif
