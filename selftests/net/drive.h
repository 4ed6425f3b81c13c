/* SPDX-License-Identifier: GPL-2.0 */
/* The driver of the tests of agent/net: commands on stdin, JSON on stdout. */
#ifndef NET_DRIVE_H
#define NET_DRIVE_H

#include <event2/event.h>

#include "../../agent/net/net.h"

#define WORDS_MAX 24

/**
 * struct drive - the driver
 * @base: event loop
 * @net: the net under test, NULL before "new"
 * @mode: what the handler of messages does
 * @messages: how many came
 * @closed: how many ends of connections were told
 */
struct drive {
	struct event_base *base;
	struct net *net;
	char mode[16];
	unsigned long messages;
	unsigned long closed;
};

int command(struct drive *d, int argc, char **argv);
extern const struct net_handlers handlers;
size_t unhex(const char *hex, char *out, size_t size);
int keep(struct net_flow *flow);
struct net_flow *flow_of(struct drive *d, const char *id);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_hex(const char *data, size_t len);

#endif
