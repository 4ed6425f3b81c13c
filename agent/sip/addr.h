/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values of single header fields: addresses with parameters (From, To, Contact,
 * Route, Record-Route, Path, Service-Route), Via, CSeq, numbers.
 */
#ifndef E2AE_SIP_ADDR_H
#define E2AE_SIP_ADDR_H

#include "lex.h"
#include "param.h"
#include "uri.h"

/**
 * struct sip_addr - name-addr or addr-spec with parameters (RFC 3261, 20.10)
 * @display: the display name as it is written, with quotes if it has them
 * @text: the URI, without angle brackets
 * @uri: the URI, read
 * @params: of the header field, from before the first ";" on; for
 *	sip_param_next() with SIP_PARAM_SEMI
 * @angle: it is in angle brackets
 * @star: it is "*", which only Contact may be; nothing else is filled then
 */
struct sip_addr {
	struct sdp_text display;
	struct sdp_text text;
	struct sip_uri uri;
	struct sdp_text params;
	bool angle;
	bool star;
};

int sip_addr_parse(struct sdp_text text, struct sip_addr *addr);
int sip_addr_param(const struct sip_addr *addr, const char *name,
		   struct sdp_text *value);
int sip_addr_expires(const struct sip_addr *addr, uint32_t *seconds);

/**
 * struct sip_via - one element of Via (RFC 3261, 20.42)
 * @transport: UDP, TCP, TLS, ...
 * @sent_by: host and port
 * @params: for sip_param_next() with SIP_PARAM_SEMI
 * @branch: empty if there is none
 * @received: as it is written, perhaps with brackets (RFC 5118, 4.5); or empty
 * @has_rport: there is an rport (RFC 3581)
 * @rport: its value, or 0 if it has none
 * @unique: @branch identifies the transaction (RFC 3261, 17.2.3): it has the
 *	magic cookie and something after it
 */
struct sip_via {
	struct sdp_text transport;
	struct sip_host sent_by;
	struct sdp_text params;
	struct sdp_text branch;
	struct sdp_text received;
	bool has_rport;
	uint16_t rport;
	bool unique;
};

int sip_via_parse(struct sdp_text text, struct sip_via *via);

/**
 * struct sip_cseq - CSeq, or the second half of RAck
 * @number: below 2^31
 * @method: the method
 */
struct sip_cseq {
	uint32_t number;
	struct sdp_text method;
};

int sip_cseq_parse(struct sdp_text value, struct sip_cseq *cseq);
int sip_seconds(struct sdp_text value, uint32_t *seconds);

#endif
