// SPDX-License-Identifier: GPL-2.0
/* Via, CSeq and numbers. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "addr.h"

#define COOKIE	 "z9hG4bK"
#define CSEQ_MAX INT32_MAX

/* A token, then the mark or white space; takes both from the front of rest. */
static int take_token(struct sdp_text *rest, char mark, struct sdp_text *token)
{
	size_t at = sip_skip(*rest, 0), end = at;

	while (end < rest->len && sip_is(rest->at[end], SIP_TOKEN))
		end++;
	*token = sip_part(*rest, at, end);
	at = sip_skip(*rest, end);
	if (mark && (at == rest->len || rest->at[at++] != mark))
		return -EBADMSG;
	if (!token->len || (!mark && at == end))
		return -EBADMSG;
	*rest = sip_part(*rest, at, rest->len);
	return 0;
}

static int read_rport(struct sip_via *via, const struct sip_param *param)
{
	uint64_t port = 0;

	via->has_rport = true;
	if (param->value.len &&
	    sdp_text_number(param->value, UINT16_MAX, &port))
		return -EBADMSG;
	via->rport = port;
	return 0;
}

/* Number of a parameter that is of use here; others may be there twice. */
static int which(struct sdp_text name)
{
	static const char *const names[] = { "branch", "received", "rport" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (sip_alike(name, sdp_text_of(names[i])))
			return (int)i;
	return -1;
}

/* All are read: one that is malformed may be the one looked for. */
static int read_params(struct sip_via *via)
{
	struct sip_param param = { 0 }, rport = { 0 };
	unsigned int seen = 0;
	int more, i;

	while ((more = sip_param_next(via->params, SIP_PARAM_SEMI, &param)) >
	       0) {
		i = which(param.name);
		if (i < 0)
			continue;
		if (seen & 1u << i)
			return -EBADMSG;
		seen |= 1u << i;
		if (i == 0)
			via->branch = param.value;
		else if (i == 1)
			via->received = param.value;
		else
			rport = param;
	}
	return more ? more : rport.name.len ? read_rport(via, &rport) : 0;
}

/**
 * sip_via_parse() - read an element of Via
 * @text: the element
 * @via: where to put it
 *
 * Return: 0, or -EBADMSG if it is malformed or not of SIP 2.0.
 */
int sip_via_parse(struct sdp_text text, struct sip_via *via)
{
	struct sdp_text name, version, rest = sip_trim(text);
	size_t at = 0, cookie = strlen(COOKIE);

	*via = (struct sip_via){ 0 };
	if (take_token(&rest, '/', &name) || take_token(&rest, '/', &version) ||
	    take_token(&rest, 0, &via->transport) ||
	    !sdp_text_is(name, "SIP") || !sdp_text_is(version, "2.0"))
		return -EBADMSG;
	while (at < rest.len && rest.at[at] != ';')
		at++;
	via->params = sip_part(rest, at, rest.len);
	if (sip_host_parse(sip_part(rest, 0, at), &via->sent_by) ||
	    read_params(via))
		return -EBADMSG;
	via->unique = via->branch.len > cookie &&
		      !strncasecmp(via->branch.at, COOKIE, cookie);
	return 0;
}

/**
 * sip_cseq_parse() - read CSeq
 * @value: value of the header
 * @cseq: where to put it
 *
 * Return: 0, -EBADMSG if it is malformed, -ERANGE if the number is 2^31 or
 * more (RFC 3261, 8.1.1.5).
 */
int sip_cseq_parse(struct sdp_text value, struct sip_cseq *cseq)
{
	struct sdp_text number;
	uint64_t n;
	int err;

	value = sip_trim(value);
	if (take_token(&value, 0, &number))
		return -EBADMSG;
	err = sdp_text_number(number, CSEQ_MAX, &n);
	if (err)
		return err;
	cseq->number = (uint32_t)n;
	cseq->method = value;
	return sip_is_token(value) ? 0 : -EBADMSG;
}

/**
 * sip_seconds() - read delta-seconds (RFC 3261, 25.1)
 * @value: value of Expires, Min-Expires or an expires parameter
 * @seconds: where to put it; a larger number is 2^32 - 1
 *
 * Return: 0, or -EBADMSG if it is no number.
 */
int sip_seconds(struct sdp_text value, uint32_t *seconds)
{
	uint64_t n = UINT32_MAX;
	int err = sdp_text_number(sip_trim(value), UINT32_MAX, &n);

	if (err == -EBADMSG)
		return err;
	*seconds = (uint32_t)n;
	return 0;
}
