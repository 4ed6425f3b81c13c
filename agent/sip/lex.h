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

#define SIP_ALNUM 0x1 /* letters and digits */
#define SIP_TOKEN 0x2 /* octets of tokens (RFC 3261, 25.1) */
#define SIP_HOST  0x4 /* octets of host names */
#define SIP_STOP  0x8 /* what ends the name and the value of a parameter */

extern const uint8_t sip_class[256];

/**
 * sip_is() - what is this octet?
 * @c: the octet
 * @class: SIP_ALNUM or another of these
 *
 * Return: whether it is of that class.
 */
static inline bool sip_is(char c, uint8_t class)
{
	return sip_class[(uint8_t)c] & class;
}

/**
 * sip_blank() - is this linear white space?
 * @c: the octet
 *
 * Return: whether it is a blank, a tab or a part of a fold.
 */
static inline bool sip_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/**
 * sip_part() - a part of a text
 * @text: the text
 * @from: index of its first octet
 * @to: index after its last
 *
 * Return: the part.
 */
static inline struct sdp_text sip_part(struct sdp_text text, size_t from,
				       size_t to)
{
	return (struct sdp_text){ text.at + from, to - from };
}

/**
 * sip_skip() - pass over white space
 * @text: the text
 * @at: index to start from
 *
 * Return: index of the next octet that is no white space, or the length.
 */
static inline size_t sip_skip(struct sdp_text text, size_t at)
{
	while (at < text.len && sip_blank(text.at[at]))
		at++;
	return at;
}

const char *sip_line_end(const char *data, size_t len);
bool sip_is_token(struct sdp_text text);
bool sip_clean(struct sdp_text text);
bool sip_visible(struct sdp_text text);
struct sdp_text sip_trim(struct sdp_text text);
ssize_t sip_quoted(struct sdp_text text, size_t at);
ssize_t sip_until(struct sdp_text text, size_t at, char mark);
ssize_t sip_unquote(struct sdp_text text, char *out, size_t size);
bool sip_same(struct sdp_text a, struct sdp_text b);
bool sip_alike(struct sdp_text a, struct sdp_text b);
int sip_host_parse(struct sdp_text text, struct sip_host *host);
bool sip_host_equal(const struct sip_host *a, const struct sip_host *b);

#endif
