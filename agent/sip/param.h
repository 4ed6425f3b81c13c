/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters: ";name=value" of headers and URIs, "name=value, name=value" of
 * Digest challenges and credentials, "name=value&name=value" of URI headers.
 */
#ifndef E2AE_SIP_PARAM_H
#define E2AE_SIP_PARAM_H

#include "lex.h"

#define SIP_PARAM_SEMI	';'
#define SIP_PARAM_COMMA ','
#define SIP_PARAM_AND	'&'

/**
 * struct sip_param - one parameter, and where the search goes on
 * @name: its name
 * @value: its value, with quotes if it has them
 * @has_value: there is an "="
 * @whole: from its first octet to its last; its separator is not in it
 * @at: for sip_param_next()
 *
 * A search starts with all zeros.
 */
struct sip_param {
	struct sdp_text name;
	struct sdp_text value;
	bool has_value;
	struct sdp_text whole;
	size_t at;
};

int sip_param_next(struct sdp_text params, char mark, struct sip_param *param);
int sip_param_find(struct sdp_text params, char mark, const char *name,
		   struct sip_param *param);
int sip_param_check(struct sdp_text params, char mark);

/**
 * struct sip_auth - value of a header about authentication (RFC 3261, 20.7)
 * @scheme: Digest, ...
 * @params: the rest, for sip_param_next() with SIP_PARAM_COMMA
 */
struct sip_auth {
	struct sdp_text scheme;
	struct sdp_text params;
};

int sip_auth_parse(struct sdp_text value, struct sip_auth *auth);
int sip_auth_text(const struct sip_auth *auth, const char *name, char *out,
		  size_t size);

#endif
