/* SPDX-License-Identifier: GPL-2.0 */
/* Octets, known answers and counted randomness for the tests of keying. */
#ifndef E2AE_SELFTESTS_KEYING_UTIL_H
#define E2AE_SELFTESTS_KEYING_UTIL_H

#include "../../agent/keying/secret.h"

/* Octets of hexadecimal digits; the program ends if they are none. */
size_t unhex(const char *digits, uint8_t *out, size_t room);

/* Whether octets are what the digits say. */
bool is_hex(const void *octets, size_t len, const char *digits);

/* Whether all octets are 0. */
bool is_zero(const void *octets, size_t len);

/*
 * What stands after "NAME " in a line of selftests/vectors/FILE. The program
 * ends if there is no such line. Valid until the next call.
 */
const char *known(const char *file, const char *name);

/* A source of random octets that hands out given ones and fails after them. */
struct script {
	uint8_t octets[512];
	size_t len;
	size_t at;
};

int script_fill(void *arg, uint8_t *to, size_t len);

#endif
