// SPDX-License-Identifier: GPL-2.0
/* Numbers as they are typed. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

/**
 * number() - a whole decimal number, or hexadecimal with 0x
 * @text: the number and nothing else
 * @max: the largest allowed
 * @n: where to put it
 *
 * Return: whether it is one.
 */
bool number(const char *text, uint64_t max, uint64_t *n)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	unsigned int base = hex ? 16 : 10;
	uint64_t sum = 0;

	if (!*digits)
		return false;
	for (; *digits; digits++) {
		unsigned int digit;

		if (isdigit((unsigned char)*digits))
			digit = *digits - '0';
		else if (hex && isxdigit((unsigned char)*digits))
			digit = tolower((unsigned char)*digits) - 'a' + 10;
		else
			return false;
		if (sum > (max - digit) / base || digit > max)
			return false;
		sum = sum * base + digit;
	}
	*n = sum;
	return true;
}

/**
 * hex_digits() - octets from hexadecimal digits
 * @text: digits
 * @len: how many octets, two digits each
 * @octets: where to put them
 *
 * Return: whether all of them are digits.
 */
bool hex_digits(const char *text, size_t len, uint8_t *octets)
{
	char pair[3] = "";
	size_t i;

	for (i = 0; i < len; i++) {
		memcpy(pair, text + 2 * i, 2);
		if (!isxdigit((unsigned char)pair[0]) ||
		    !isxdigit((unsigned char)pair[1]))
			return false;
		octets[i] = strtoul(pair, NULL, 16);
	}
	return true;
}
