// SPDX-License-Identifier: GPL-2.0
/*
 * Drives agent/sip for selftests/sip/run. A request on standard input is the
 * number of its arguments and, for each, its length and its octets; an answer
 * on standard output is the result, 0 or a negative errno, and its length and
 * octets. All numbers are 32 bits in host order. The first argument is the name
 * of a function.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"

static const struct {
	const char *name;
	int (*function)(struct call *call);
} functions[] = {
	{ "message", drive_message },	{ "edit", drive_edit },
	{ "reply", drive_reply },	{ "dialog", drive_dialog },
	{ "hop", drive_hop },		{ "uri", drive_uri },
	{ "same", drive_same },		{ "auth", drive_auth },
	{ "unfold", drive_unfold },	{ "stream", drive_stream },
	{ "datagram", drive_datagram },
};

void say_text(FILE *out, const char *key, struct sdp_text text)
{
	size_t i;

	fprintf(out, "%s\"%s\":\"", ftell(out) > 1 ? "," : "", key);
	for (i = 0; i < text.len; i++)
		fprintf(out, "\\u%04x", (unsigned char)text.at[i]);
	fputc('"', out);
}

void say_number(FILE *out, const char *key, long number)
{
	fprintf(out, "%s\"%s\":%ld", ftell(out) > 1 ? "," : "", key, number);
}

unsigned long number_of(struct sdp_text text)
{
	char digits[24] = "";

	memcpy(digits, text.at, text.len < 23 ? text.len : 23);
	return strtoul(digits, NULL, 10);
}

static bool read_number(uint32_t *number)
{
	return fread(number, sizeof(*number), 1, stdin) == 1;
}

/* Memory of exactly that size, so that reading past it is noticed. */
static bool read_text(struct sdp_text *text)
{
	uint32_t len;
	char *octets;

	if (!read_number(&len))
		return false;
	octets = malloc(len);
	*text = (struct sdp_text){ octets, len };
	return fread(octets, 1, len, stdin) == len;
}

static int serve(struct call *call)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (sdp_text_is(call->arg[0], functions[i].name))
			return functions[i].function(call);
	return -EOPNOTSUPP;
}

static bool one(uint32_t n)
{
	struct call call = { .n = n };
	uint32_t size32;
	int32_t result;
	char *answer;
	size_t size, i;

	for (i = 0; i < n; i++)
		if (!read_text(&call.arg[i]))
			return false;
	call.out = open_memstream(&answer, &size);
	result = serve(&call);
	fclose(call.out);
	size32 = (uint32_t)size;
	fwrite(&result, sizeof(result), 1, stdout);
	fwrite(&size32, sizeof(size32), 1, stdout);
	fwrite(answer, 1, size, stdout);
	fflush(stdout);
	free(answer);
	for (i = 0; i < n; i++)
		free((char *)call.arg[i].at);
	return true;
}

int main(void)
{
	uint32_t n;

	while (read_number(&n))
		if (!n || n > ARGS_MAX || !one(n))
			return 125;
	return 0;
}
