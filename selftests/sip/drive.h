/* SPDX-License-Identifier: GPL-2.0 */
/* The program that the tests of agent/sip drive: requests, answers, JSON. */
#ifndef SIP_TEST_DRIVE_H
#define SIP_TEST_DRIVE_H

#include <stdio.h>

#include "../../agent/sip/lex.h"

#define ARGS_MAX 256

/**
 * struct call - one request
 * @n: how many arguments it has
 * @arg: they, each in memory exactly as large, with a 0 after it that only
 *	names and numbers use
 * @out: where the answer goes
 */
struct call {
	size_t n;
	struct sdp_text arg[ARGS_MAX];
	FILE *out;
};

int drive_message(struct call *call);
int drive_edit(struct call *call);
int drive_reply(struct call *call);
int drive_dialog(struct call *call);
int drive_hop(struct call *call);
int drive_uri(struct call *call);
int drive_same(struct call *call);
int drive_auth(struct call *call);
int drive_unfold(struct call *call);
int drive_stream(struct call *call);
int drive_datagram(struct call *call);

void say_text(FILE *out, const char *key, struct sdp_text text);
void say_number(FILE *out, const char *key, long number);
unsigned long number_of(struct sdp_text text);

#endif
