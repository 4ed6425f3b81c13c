// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

size_t unhex(const char *digits, uint8_t *out, size_t room)
{
	size_t len = 0;
	unsigned int octet;

	while (*digits) {
		if (len == room || sscanf(digits, "%2x", &octet) != 1 ||
		    !digits[1]) {
			printf("Bail out! not octets: %s\n", digits);
			exit(1);
		}
		out[len++] = (uint8_t)octet;
		digits += 2;
	}
	return len;
}

bool is_hex(const void *octets, size_t len, const char *digits)
{
	uint8_t want[4096];

	return unhex(digits, want, sizeof(want)) == len &&
	       !memcmp(octets, want, len);
}

bool is_zero(const void *octets, size_t len)
{
	const uint8_t *at = octets;

	while (len--)
		if (*at++)
			return false;
	return true;
}

const char *known(const char *file, const char *name)
{
	static char line[4096];
	char path[4096];
	size_t len = strlen(name);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", VECTORS, file);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, name, len) && line[len] == ' ') {
			fclose(f);
			return line + len + 1;
		}
	}
	printf("Bail out! %s has no line %s\n", path, name);
	exit(1);
}

int script_fill(void *arg, uint8_t *to, size_t len)
{
	struct script *script = arg;

	if (len > script->len - script->at)
		return -ENODATA;
	memcpy(to, script->octets + script->at, len);
	script->at += len;
	return 0;
}
