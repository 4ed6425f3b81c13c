/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Characters, quotes and numbers of SIP (RFC 3261, 25.1). Texts are counted and
 * may hold any octet. In a header value a line break is always followed by a
 * blank (a fold), which sip_clean() says; so CR and LF count as blanks here.
 */
#ifndef E2AE_SIP_LEX_H
#define E2AE_SIP_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../media/sdp_text.h"

/**
 * struct sip_error - why a message is refused
 * @status: of the response that says so, if it is a request (RFC 3261, 21)
 * @phrase: the reason phrase
 */
struct sip_error {
	unsigned int status;
	const char *phrase;
};

/**
 * struct sip_host - "host [:port]" (RFC 3261, 25.1 hostport and sent-by)
 * @host: as it is written; an IPv6 address with its brackets
 * @port: 1 to 65535, or 0 if there is none
 * @six: an IPv6 address
 */
struct sip_host {
	struct sdp_text host;
	uint16_t port;
	bool six;
};

bool sip_blank(char c);
bool sip_token_char(char c);
bool sip_is_token(struct sdp_text text);
bool sip_clean(struct sdp_text text);
bool sip_visible(struct sdp_text text);
struct sdp_text sip_trim(struct sdp_text text);
struct sdp_text sip_part(struct sdp_text text, size_t from, size_t to);
size_t sip_skip(struct sdp_text text, size_t at);
ssize_t sip_quoted(struct sdp_text text, size_t at);
ssize_t sip_until(struct sdp_text text, size_t at, const char *marks);
ssize_t sip_unquote(struct sdp_text text, char *out, size_t size);
bool sip_same(struct sdp_text a, struct sdp_text b);
bool sip_alike(struct sdp_text a, struct sdp_text b);
int sip_host_parse(struct sdp_text text, struct sip_host *host);
bool sip_host_equal(const struct sip_host *a, const struct sip_host *b);

#endif
