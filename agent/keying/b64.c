// SPDX-License-Identifier: GPL-2.0
/* Base64, strict but for missing padding. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "b64.h"

/* OpenSSL's decoder skips blanks, so the alphabet is checked here. */
static bool is_digit64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Length without the padding, or -EINVAL if that is not padding. */
static int unpadded(const char *text, size_t len)
{
	size_t digits = len;
	size_t i;

	while (digits && len - digits < 2 && text[digits - 1] == '=')
		digits--;
	if (digits != len && len % 4)
		return -EINVAL;
	if (digits % 4 == 1)
		return -EINVAL;
	for (i = 0; i < digits; i++)
		if (!is_digit64(text[i]))
			return -EINVAL;
	return (int)digits;
}

/* Decodes 2 to 4 digits to 1 to 3 octets; spare bits have to be 0. */
static int decode_group(const char *digits, size_t n, uint8_t *out)
{
	unsigned char in[4] = "AAAA";
	unsigned char again[5];
	unsigned char octets[3];
	int err = 0;

	memcpy(in, digits, n);
	if (EVP_DecodeBlock(octets, in, sizeof(in)) != 3)
		err = -EINVAL;
	EVP_EncodeBlock(again, octets, (int)n - 1);
	if (CRYPTO_memcmp(again, in, n))
		err = -EINVAL;
	if (!err)
		memcpy(out, octets, n - 1);
	OPENSSL_cleanse(in, sizeof(in));
	OPENSSL_cleanse(again, sizeof(again));
	OPENSSL_cleanse(octets, sizeof(octets));
	return err;
}

/**
 * e2ae_b64_decode() - decode base64
 * @text: base64; padding may be missing, blanks and spare bits are refused
 * @len: characters of @text
 * @out: where the octets go; wiped on error
 * @room: octets that fit there
 *
 * Return: octets, -EINVAL for what is no base64, -EMSGSIZE if they do not fit.
 */
int e2ae_b64_decode(const char *text, size_t len, uint8_t *out, size_t room)
{
	size_t at, n, done = 0;
	int digits;

	if (len > INT_MAX)
		return -EMSGSIZE;
	digits = unpadded(text, len);
	if (digits < 0)
		return digits;
	if ((size_t)digits * 3 / 4 > room)
		return -EMSGSIZE;
	for (at = 0; at < (size_t)digits; at += 4) {
		n = (size_t)digits - at < 4 ? (size_t)digits - at : 4;
		if (decode_group(text + at, n, out + done)) {
			OPENSSL_cleanse(out, done);
			return -EINVAL;
		}
		done += n - 1;
	}
	return (int)done;
}

/**
 * e2ae_b64_encode() - encode base64 with padding
 * @octets: what to encode
 * @len: how many
 * @out: where the characters and a 0 go
 * @room: characters that fit there, E2AE_B64_ROOM(@len) at least
 *
 * Return: characters without the 0, or -EMSGSIZE if they do not fit.
 */
int e2ae_b64_encode(const uint8_t *octets, size_t len, char *out, size_t room)
{
	if (len > INT_MAX / 2 || E2AE_B64_ROOM(len) > room)
		return -EMSGSIZE;
	return EVP_EncodeBlock((unsigned char *)out, octets, (int)len);
}

/**
 * e2ae_b64url_encode() - encode base64url with padding (RFC 4648, 5)
 * @octets: what to encode
 * @len: how many
 * @out: where the characters and a 0 go
 * @room: characters that fit there, E2AE_B64_ROOM(@len) at least
 *
 * Return: characters without the 0, or -EMSGSIZE if they do not fit.
 */
int e2ae_b64url_encode(const uint8_t *octets, size_t len, char *out,
		       size_t room)
{
	int digits = e2ae_b64_encode(octets, len, out, room), i;

	for (i = 0; i < digits; i++) {
		if (out[i] == '+')
			out[i] = '-';
		else if (out[i] == '/')
			out[i] = '_';
	}
	return digits;
}
