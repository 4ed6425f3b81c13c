// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target for a=crypto and a=key-mgmt, for libFuzzer. An input is a number
 * of values with line feeds between them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/keying/keymgmt.h"
#include "../../agent/keying/sdes.h"

#define ROOM 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t suites[] = { 7, 8, 1, 2, 3, 4, 5, 6 };

static void holds(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* What was read can be written, and means the same. */
static void crypto(const char *value)
{
	static struct e2ae_sdes_line line, again;
	static char out[ROOM];
	static const struct e2ae_sdes_line none;
	int len;

	if (e2ae_sdes_parse(value, &line)) {
		holds(!memcmp(line.key, none.key, sizeof(none.key)),
		      "no key of a refused line");
		return;
	}
	holds(line.n_keys >= 1 && line.n_keys <= E2AE_SDES_MAX_KEYS, "keys");
	len = e2ae_sdes_write(&line, out, sizeof(out));
	holds(len > 0 && (size_t)len == strlen(out), "it can be written");
	holds(!e2ae_sdes_parse(out, &again), "and read again");
	holds(!memcmp(&line, &again, sizeof(line)), "and is the same then");
	holds(e2ae_sdes_write(&line, out, (size_t)len) < 0, "room is minded");
}

static void keymgmt(const char *value)
{
	static struct e2ae_mikey_message message, again;
	char out[E2AE_KEYMGMT_ROOM];

	if (e2ae_keymgmt_parse(value, &message))
		return;
	holds(message.len > 0, "a message has octets");
	holds(e2ae_keymgmt_write(&message, out, sizeof(out)) > 0, "written");
	holds(!e2ae_keymgmt_parse(out, &again) && again.len == message.len &&
		      !memcmp(again.octets, message.octets, message.len),
	      "the same message");
}

static void offer(const char *const *values, size_t n)
{
	struct e2ae_sdes_line chosen, ours, accepted;
	char list[64];
	int at;

	e2ae_keymgmt_protocols(values, n, list, sizeof(list));
	at = e2ae_sdes_choose(values, n, suites, 8, &chosen);
	if (at < 0)
		return;
	holds((size_t)at < n && chosen.n_keys, "a line of the offer");
	holds(!e2ae_sdes_make(&ours, chosen.tag, chosen.key[0].suite, NULL),
	      "our line");
	/* Seen from the other end, what was chosen is an answer to our line. */
	holds(!e2ae_sdes_check_answer(values + at, 1, &ours, 1, &accepted),
	      "an answer");
	holds(e2ae_sdes_check_answer(values + at, 1, &chosen, 1, &accepted) < 0,
	      "our own key is no answer");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *values[E2AE_SDES_MAX_LINES];
	char *text = malloc(size + 1);
	size_t n = 0;
	char *line, *next;

	memcpy(text, data, size);
	text[size] = 0;
	for (line = text; line && n < E2AE_SDES_MAX_LINES; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		crypto(line);
		keymgmt(line);
		values[n++] = line;
	}
	offer(values, n);
	free(text);
	return 0;
}
