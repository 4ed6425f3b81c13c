/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP and SIPS URIs (RFC 3261, 19.1), and what is needed of others.
 *
 * libosip2 is not used: it unescapes what it reads, and after that an escaped
 * reserved character can no longer be told from the character (19.1.4).
 */
#ifndef E2AE_SIP_URI_H
#define E2AE_SIP_URI_H

#include "lex.h"
#include "param.h"

/**
 * struct sip_uri - a URI
 * @scheme: before the colon
 * @rest: after the colon
 * @sip: the scheme is sip or sips, and the members below are filled
 * @sips: the scheme is sips
 * @user: escaped as it came; empty, with @at NULL, if there is none
 * @password: the same
 * @host: host and port
 * @params: from the first ";" on, for sip_param_next() with SIP_PARAM_SEMI
 * @headers: after the "?", for sip_param_next() with SIP_PARAM_AND
 */
struct sip_uri {
	struct sdp_text scheme;
	struct sdp_text rest;
	bool sip;
	bool sips;
	struct sdp_text user;
	struct sdp_text password;
	struct sip_host host;
	struct sdp_text params;
	struct sdp_text headers;
};

int sip_uri_parse(struct sdp_text text, struct sip_uri *uri);
int sip_uri_param(const struct sip_uri *uri, const char *name,
		  struct sdp_text *value);
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b);
bool sip_uri_same_user(const struct sip_uri *a, const struct sip_uri *b);
ssize_t sip_uri_unescape(struct sdp_text text, char *out, size_t size);

#endif
