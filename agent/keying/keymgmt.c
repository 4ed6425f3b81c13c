// SPDX-License-Identifier: GPL-2.0
/* a=key-mgmt: [SP] PROTOCOL SP BASE64 (RFC 4567, 3.1) */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "keymgmt.h"

/* Length of the protocol's name at *@value, past a blank before it; 0 is none. */
static size_t protocol(const char **value)
{
	size_t len;

	*value += **value == ' ';
	len = strcspn(*value, " ");
	return (*value)[len] == ' ' ? len : 0;
}

/**
 * e2ae_keymgmt_parse() - get the MIKEY message out of a key-mgmt attribute
 * @value: of the attribute
 * @message: the message; empty on error
 *
 * Return: 0, -EPROTONOSUPPORT for another protocol, -EINVAL for what is no
 * value, -EMSGSIZE if the message is too long.
 */
int e2ae_keymgmt_parse(const char *value, struct e2ae_mikey_message *message)
{
	size_t name = protocol(&value);
	const char *data = value + name + 1;
	size_t digits;
	int len;

	message->len = 0;
	if (!name)
		return -EINVAL;
	if (name != strlen(E2AE_KEYMGMT_MIKEY) ||
	    strncasecmp(value, E2AE_KEYMGMT_MIKEY, name))
		return -EPROTONOSUPPORT;
	digits = strlen(data);
	while (digits && data[digits - 1] == ' ')
		digits--;
	len = e2ae_b64_decode(data, digits, message->octets,
			      sizeof(message->octets));
	if (len <= 0)
		return len ? len : -EINVAL;
	message->len = (size_t)len;
	return 0;
}

/**
 * e2ae_keymgmt_write() - make the value of a key-mgmt attribute
 * @message: a MIKEY message
 * @out: where the value and a 0 go
 * @room: characters that fit there; E2AE_KEYMGMT_ROOM is enough for all
 *
 * Return: characters without the 0, or -EMSGSIZE if they do not fit.
 */
int e2ae_keymgmt_write(const struct e2ae_mikey_message *message, char *out,
		       size_t room)
{
	const size_t name = strlen(E2AE_KEYMGMT_MIKEY " ");
	int len;

	if (room <= name)
		return -EMSGSIZE;
	memcpy(out, E2AE_KEYMGMT_MIKEY " ", name);
	len = e2ae_b64_encode(message->octets, message->len, out + name,
			      room - name);
	return len < 0 ? len : (int)name + len;
}

/**
 * e2ae_keymgmt_protocols() - list the protocols an offer names (RFC 4567, 4.1.4)
 * @values: of all key-mgmt attributes of one level, in their order
 * @n: how many
 * @out: the names with ";" between them, and a 0
 * @room: characters that fit there
 *
 * Return: characters without the 0, -EINVAL for what is no value, -EMSGSIZE if
 * they do not fit.
 */
int e2ae_keymgmt_protocols(const char *const *values, size_t n, char *out,
			   size_t room)
{
	const char *value;
	size_t at = 0;
	size_t i, name;
	int len;

	if (!room)
		return -EMSGSIZE;
	out[0] = 0;
	for (i = 0; i < n; i++) {
		value = values[i];
		name = protocol(&value);
		if (!name)
			return -EINVAL;
		if (name >= room)
			return -EMSGSIZE;
		len = snprintf(out + at, room - at, "%s%.*s", i ? ";" : "",
			       (int)name, value);
		if (len < 0 || (size_t)len >= room - at)
			return -EMSGSIZE;
		at += (size_t)len;
	}
	return (int)at;
}
