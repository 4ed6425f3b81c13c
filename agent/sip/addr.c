// SPDX-License-Identifier: GPL-2.0
/* Addresses with parameters. */
#include <errno.h>
#include <string.h>

#include "addr.h"

/* Unquoted: tokens, and UTF-8, which many send though they must not. */
static bool plain_display(struct sdp_text text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!sip_is(text.at[i], SIP_TOKEN) && !sip_blank(text.at[i]) &&
		    !((unsigned char)text.at[i] & 0x80))
			return false;
	return true;
}

/* "display <uri>" from index at on, where the display ends. */
static int read_angle(struct sdp_text text, size_t at, struct sip_addr *addr)
{
	const char *close = memchr(text.at + at, '>', text.len - at);

	if (!close)
		return -EBADMSG;
	addr->angle = true;
	addr->text = sip_part(text, at + 1, close - text.at);
	addr->params = sip_part(text, close - text.at + 1, text.len);
	return 0;
}

/* The URI ends at the first ";": its parameters are the header field's. */
static int read_bare(struct sdp_text text, struct sip_addr *addr)
{
	size_t at = 0;

	while (at < text.len && text.at[at] != ';' && !sip_blank(text.at[at]))
		at++;
	addr->text = sip_part(text, 0, at);
	addr->params = sip_part(text, at, text.len);
	if (memchr(addr->text.at, '?', at) || memchr(addr->text.at, ',', at))
		return -EBADMSG;
	return 0;
}

static int read_parts(struct sdp_text text, struct sip_addr *addr)
{
	const char *open;
	ssize_t end = 0;
	size_t at;

	if (text.at[0] == '"') {
		end = sip_quoted(text, 0);
		at = end < 0 ? text.len : sip_skip(text, end);
		if (at == text.len || text.at[at] != '<')
			return -EBADMSG;
		addr->display = sip_part(text, 0, end);
		return read_angle(text, at, addr);
	}
	open = memchr(text.at, '<', text.len);
	if (!open || memchr(text.at, ';', open - text.at))
		return read_bare(text, addr);
	addr->display = sip_trim(sip_part(text, 0, open - text.at));
	if (!plain_display(addr->display))
		return -EBADMSG;
	return read_angle(text, open - text.at, addr);
}

/**
 * sip_addr_parse() - read an address with its parameters
 * @text: value of From or To, or an element of Contact, Route, Record-Route,
 *	Path or Service-Route
 * @addr: where to put it
 *
 * Return: 0, or -EBADMSG if it is malformed.
 */
int sip_addr_parse(struct sdp_text text, struct sip_addr *addr)
{
	int err;

	text = sip_trim(text);
	*addr = (struct sip_addr){ 0 };
	if (!text.len)
		return -EBADMSG;
	addr->star = sdp_text_is(text, "*");
	if (addr->star)
		return 0;
	err = read_parts(text, addr);
	if (err)
		return err;
	err = sip_uri_parse(addr->text, &addr->uri);
	if (err)
		return err;
	return sip_param_check(addr->params, SIP_PARAM_SEMI);
}

/**
 * sip_addr_param() - value of a header field parameter
 * @addr: the address
 * @name: its name, as tag, expires, q, +g.e2ae, +sip.instance
 * @value: where to put it, with quotes if it has them; empty without a value
 *
 * Return: 1 if it is there, 0 if not, -EBADMSG if it is there twice.
 */
int sip_addr_param(const struct sip_addr *addr, const char *name,
		   struct sdp_text *value)
{
	struct sip_param param;
	int found = sip_param_find(addr->params, SIP_PARAM_SEMI, name, &param);

	if (found > 0)
		*value = param.value;
	return found;
}

/**
 * sip_addr_expires() - how long a Contact says that it lives
 * @addr: the element of Contact
 * @seconds: where to put it; untouched unless 1 is returned
 *
 * Return: 1 if it says so, 0 if not (then Expires counts), -EBADMSG if it is
 * no number (RFC 3261, 20.10: then 3600 may be assumed).
 */
int sip_addr_expires(const struct sip_addr *addr, uint32_t *seconds)
{
	struct sdp_text value;
	int found = sip_addr_param(addr, "expires", &value);

	if (found <= 0)
		return found;
	return sip_seconds(value, seconds) ? -EBADMSG : 1;
}
