// SPDX-License-Identifier: GPL-2.0
/* Parameters of headers and URIs. */
#include <errno.h>
#include <string.h>

#include "param.h"

/* Index after a name or an unquoted value. */
static size_t word_end(struct sdp_text text, size_t at, char mark, bool name)
{
	for (; at < text.len; at++) {
		char c = text.at[at];

		if (c == mark || sip_is(c, SIP_STOP) || (name && c == '='))
			break;
	}
	return at;
}

/* Reads "= value" if it is there; at is the index after the name. */
static ssize_t read_value(struct sdp_text text, size_t at, char mark,
			  struct sip_param *param)
{
	size_t equal = sip_skip(text, at);
	size_t from;
	ssize_t end;

	param->has_value = equal < text.len && text.at[equal] == '=';
	param->value = (struct sdp_text){ NULL, 0 };
	if (!param->has_value)
		return (ssize_t)at;
	from = sip_skip(text, equal + 1);
	if (from < text.len && text.at[from] == '"')
		end = sip_quoted(text, from);
	else
		end = (ssize_t)word_end(text, from, mark, false);
	if (end < 0)
		return end;
	param->value = sip_part(text, from, end);
	return param->value.len ? end : (ssize_t)equal + 1;
}

/**
 * sip_param_next() - the next parameter
 * @params: all of them; with SIP_PARAM_SEMI from before the first ";" on
 * @mark: what stands between them
 * @param: the one before, or all zeros; the one found afterwards
 *
 * Return: 1 if there is one, 0 at the end, -EBADMSG if this is no parameter.
 */
int sip_param_next(struct sdp_text params, char mark, struct sip_param *param)
{
	size_t at = sip_skip(params, param->at);
	size_t name_end;
	ssize_t end;

	if (at == params.len)
		return 0;
	if (param->at || mark == SIP_PARAM_SEMI) {
		if (params.at[at] != mark)
			return -EBADMSG;
		at = sip_skip(params, at + 1);
	}
	name_end = word_end(params, at, mark, true);
	if (name_end == at)
		return -EBADMSG;
	param->name = sip_part(params, at, name_end);
	end = read_value(params, name_end, mark, param);
	if (end < 0)
		return (int)end;
	param->whole = sip_part(params, at, end);
	param->at = end;
	return 1;
}

/**
 * sip_param_find() - look for a parameter
 * @params: as for sip_param_next()
 * @mark: as for sip_param_next()
 * @name: its name, in any case
 * @param: where to put it
 *
 * All parameters are read: one that is not well formed may be the one looked
 * for, to somebody else.
 *
 * Return: 1 if it is there, 0 if not, -EBADMSG if the parameters are malformed
 * or it is there twice (RFC 3261, 7.3.1).
 */
int sip_param_find(struct sdp_text params, char mark, const char *name,
		   struct sip_param *param)
{
	struct sip_param next = { 0 };
	int found = 0;
	int err;

	for (;;) {
		err = sip_param_next(params, mark, &next);
		if (err <= 0)
			return err ? err : found;
		if (!sip_alike(next.name, sdp_text_of(name)))
			continue;
		if (found++)
			return -EBADMSG;
		*param = next;
	}
}

/**
 * sip_param_check() - are all parameters well formed?
 * @params: as for sip_param_next()
 * @mark: as for sip_param_next()
 *
 * Return: 0, or -EBADMSG.
 */
int sip_param_check(struct sdp_text params, char mark)
{
	struct sip_param next = { 0 };
	int more;

	do
		more = sip_param_next(params, mark, &next);
	while (more > 0);
	return more;
}

/**
 * sip_auth_parse() - read a challenge or credentials
 * @value: value of WWW-Authenticate, Authorization or the like
 * @auth: where to put it
 *
 * The value of a scheme other than Digest may be no parameters, so they are
 * not read here.
 *
 * Return: 0, or -EBADMSG if there is no scheme.
 */
int sip_auth_parse(struct sdp_text value, struct sip_auth *auth)
{
	size_t at = 0;

	value = sip_trim(value);
	while (at < value.len && sip_is(value.at[at], SIP_TOKEN))
		at++;
	auth->scheme = sip_part(value, 0, at);
	auth->params = sip_part(value, sip_skip(value, at), value.len);
	if (!at || (auth->params.len && auth->params.at == value.at + at))
		return -EBADMSG;
	return 0;
}

/**
 * sip_auth_text() - value of a parameter, without quotes
 * @auth: challenge or credentials
 * @name: name of the parameter: nonce, username, ck, ik, ...
 * @out: where the value and a 0 go; wipe it if it was a key
 * @size: octets that fit there
 *
 * Return: octets without the 0; -ENOENT if it is not there or has no value,
 * -EBADMSG if the parameters are malformed, -ENOSPC if it does not fit.
 */
int sip_auth_text(const struct sip_auth *auth, const char *name, char *out,
		  size_t size)
{
	struct sip_param param;
	ssize_t len;
	int found;

	if (!size)
		return -ENOSPC;
	found = sip_param_find(auth->params, SIP_PARAM_COMMA, name, &param);
	if (found < 0)
		return found;
	if (!found || !param.has_value)
		return -ENOENT;
	len = sip_unquote(param.value, out, size - 1);
	if (len >= 0)
		out[len] = 0;
	return (int)len;
}
