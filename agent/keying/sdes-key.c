// SPDX-License-Identifier: GPL-2.0
/* One key of a crypto attribute: inline:KEY[|LIFETIME][|MKI:LENGTH] */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "b64.h"
#include "sdes-parse.h"

#define METHOD "inline:"

/**
 * e2ae_sdes_number() - read a decimal number without leading zeros
 * @digits: all of them are the number
 * @max: largest that may be
 * @number: the number
 *
 * Return: 0, or -EINVAL.
 */
int e2ae_sdes_number(struct e2ae_span digits, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;
	unsigned int digit;
	size_t i;

	if (!digits.len || (digits.len > 1 && digits.at[0] == '0'))
		return -EINVAL;
	for (i = 0; i < digits.len; i++) {
		digit = (unsigned char)digits.at[i] - '0';
		if (digit > 9 || digit > max || n > (max - digit) / 10)
			return -EINVAL;
		n = n * 10 + digit;
	}
	*number = n;
	return 0;
}

/* Decimal or 2^n, from 1 to 2^48. */
static int read_lifetime(struct e2ae_span field, uint64_t *lifetime)
{
	if (field.len > 2 && !memcmp(field.at, "2^", 2)) {
		field.at += 2;
		field.len -= 2;
		if (e2ae_sdes_number(field, 48, lifetime))
			return -EINVAL;
		*lifetime = 1ULL << *lifetime;
		return 0;
	}
	if (e2ae_sdes_number(field, E2AE_SDES_MAX_LIFETIME, lifetime))
		return -EINVAL;
	return *lifetime ? 0 : -EINVAL;
}

/* Adds a decimal digit to a big-endian number; false if it overflows. */
static bool push_digit(uint8_t *mki, size_t len, unsigned int digit)
{
	unsigned int carry = digit;

	while (len--) {
		carry += mki[len] * 10U;
		mki[len] = (uint8_t)carry;
		carry >>= 8;
	}
	return !carry;
}

/* VALUE:LENGTH; the value is a positive number of up to 128 octets. */
static int read_mki(struct e2ae_span field, const char *colon,
		    struct e2ae_srtp_key *key)
{
	struct e2ae_span value = { field.at, (size_t)(colon - field.at) };
	struct e2ae_span length = { colon + 1, field.len - value.len - 1 };
	uint64_t len;
	size_t i;

	if (e2ae_sdes_number(length, E2AE_MAX_MKI, &len) || !len)
		return -EINVAL;
	if (!value.len || value.at[0] == '0')
		return -EINVAL;
	for (i = 0; i < value.len; i++) {
		unsigned int digit = (unsigned char)value.at[i] - '0';

		if (digit > 9 || !push_digit(key->mki, len, digit))
			return -EINVAL;
	}
	key->mki_len = (uint8_t)len;
	return 0;
}

/* Takes what stands before the next "|" off @rest. */
static struct e2ae_span next_field(struct e2ae_span *rest)
{
	struct e2ae_span field = *rest;
	const char *bar = memchr(rest->at, '|', rest->len);

	if (!bar) {
		rest->at += rest->len;
		rest->len = 0;
		return field;
	}
	field.len = (size_t)(bar - rest->at);
	rest->at += field.len + 1;
	rest->len -= field.len + 1;
	return field;
}

static int read_key_salt(struct e2ae_span field, uint32_t suite,
			 struct e2ae_srtp_key *key)
{
	const struct e2ae_suite_info *info = e2ae_suite_by_id(suite);
	uint8_t octets[E2AE_MAX_KEY + E2AE_MAX_SALT];
	int len;

	len = e2ae_b64_decode(field.at, field.len, octets, sizeof(octets));
	if (len == info->key_len + info->salt_len) {
		memcpy(key->key, octets, info->key_len);
		memcpy(key->salt, octets + info->key_len, info->salt_len);
		key->suite = suite;
	}
	OPENSSL_cleanse(octets, sizeof(octets));
	return key->suite ? 0 : -EINVAL;
}

/* The fields after the key: a lifetime never has a colon, an MKI always. */
static int read_fields(struct e2ae_span rest, struct e2ae_srtp_key *key)
{
	struct e2ae_span field = next_field(&rest);
	const char *colon = memchr(field.at, ':', field.len);

	if (!colon) {
		if (read_lifetime(field, &key->lifetime))
			return -EINVAL;
		if (rest.at == field.at + field.len)
			return 0;
		field = next_field(&rest);
		colon = memchr(field.at, ':', field.len);
	}
	if (!colon || rest.at != field.at + field.len)
		return -EINVAL;
	return read_mki(field, colon, key);
}

/**
 * e2ae_sdes_key() - read a key parameter (RFC 4568, 6.1 and 9.2)
 * @param: inline:KEY[|LIFETIME][|MKI:LENGTH]
 * @suite: of the line; the suite of a table row
 * @key: to fill; wiped on error
 *
 * Return: 0, -EINVAL, or -EOPNOTSUPP for another key method.
 */
int e2ae_sdes_key(struct e2ae_span param, uint32_t suite,
		  struct e2ae_srtp_key *key)
{
	struct e2ae_span rest = param;
	struct e2ae_span field;
	int err;

	memset(key, 0, sizeof(*key));
	if (param.len < strlen(METHOD) ||
	    strncasecmp(param.at, METHOD, strlen(METHOD)))
		return memchr(param.at, ':', param.len) ? -EOPNOTSUPP : -EINVAL;
	rest.at += strlen(METHOD);
	rest.len -= strlen(METHOD);
	field = next_field(&rest);
	err = read_key_salt(field, suite, key);
	if (!err && rest.at != field.at + field.len)
		err = read_fields(rest, key);
	if (err)
		e2ae_srtp_key_wipe(key);
	return err;
}

/* Divides a big-endian number by 10; returns the remainder. */
static unsigned int pop_digit(uint8_t *number, size_t len)
{
	unsigned int rest = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		rest = rest << 8 | number[i];
		number[i] = (uint8_t)(rest / 10);
		rest %= 10;
	}
	return rest;
}

/**
 * e2ae_sdes_mki_write() - write "|MKI:LENGTH"
 * @key: a key with an MKI
 * @out: where to, with a 0
 * @room: characters that fit there
 *
 * Return: characters, -EMSGSIZE if they do not fit, -EINVAL for an MKI of zeros,
 * which cannot be written.
 */
int e2ae_sdes_mki_write(const struct e2ae_srtp_key *key, char *out, size_t room)
{
	uint8_t number[E2AE_MAX_MKI];
	char digits[E2AE_MAX_MKI * 3];
	size_t at = sizeof(digits);
	size_t zeros = 0;
	int len;

	memcpy(number, key->mki, key->mki_len);
	while (zeros < key->mki_len) {
		if (!number[zeros]) {
			zeros++;
			continue;
		}
		digits[--at] = (char)('0' + pop_digit(number, key->mki_len));
	}
	if (at == sizeof(digits))
		return -EINVAL;
	len = snprintf(out, room, "|%.*s:%u", (int)(sizeof(digits) - at),
		       digits + at, key->mki_len);
	return len < 0 || (size_t)len >= room ? -EMSGSIZE : len;
}
