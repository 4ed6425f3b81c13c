// SPDX-License-Identifier: GPL-2.0
/*
 * load [--tls 1.3|1.2|none] [--role ROLE] [--body N] [--chunks N] [--at-once N]
 *	[--rewritten] [--digest] [--one]
 *
 * Commands on stdin, each answered by a line of JSON:
 *   open FIRST COUNT            pairs come up, several at a time; each exchanges a message
 *   send ue|core CHUNKS         every pair that is up; -1 is without an end
 *   stop                        at the end of a chunk
 *   shut ue|core FIRST COUNT    FIN of TLS and TCP
 *   reset ue|core FIRST COUNT   RST
 *   counts
 *   digest ue|core NUMBER       of what it received, and of what was sent to it
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/epoll.h>

#include "load.h"

#define EVENTS 64

struct options options = { .tls = TLS1_3_VERSION,
			   .body = 64,
			   .chunks = 1,
			   .at_once = 64 };
struct counts counts;
struct pair pairs[PAIRS_MAX];
unsigned int opening;
int poller;

static unsigned int next, last; /* pairs that are still to be opened */

static enum side side_of(const char *word)
{
	return strcmp(word, "ue") ? CORE : UE;
}

static void open_some(void)
{
	for (; next < last && opening < options.at_once; next++) {
		pairs[next].opening = true;
		opening++;
		pair_open(&pairs[next]);
	}
}

static void each(const char *verb, enum side side, unsigned int first,
		 unsigned int n)
{
	struct peer *peer;
	unsigned int i;

	for (i = first; i < first + n && i < PAIRS_MAX; i++) {
		peer = pairs[i].peer[side];
		if (!peer || peer->step == GONE)
			continue;
		if (*verb == 'r')
			peer_drop(peer, true);
		else
			peer_shut(peer);
	}
}

static void send_all(enum side side, uint64_t chunks)
{
	unsigned int i;

	for (i = 0; i < PAIRS_MAX; i++) {
		if (pairs[i].up && pairs[i].peer[side]->step == OPEN)
			peer_send(pairs[i].peer[side], chunks);
	}
}

static void stop_all(void)
{
	unsigned int i, side;

	for (i = 0; i < PAIRS_MAX; i++) {
		for (side = 0; side < SIDES && pairs[i].up; side++) {
			if (pairs[i].peer[side]->step == OPEN)
				peer_stop(pairs[i].peer[side]);
		}
	}
}

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Pairs with octets on their way. */
static unsigned int flowing(void)
{
	unsigned int i, n = 0;
	struct peer *ue, *core;

	for (i = 0; i < PAIRS_MAX; i++) {
		ue = pairs[i].peer[UE];
		core = pairs[i].peer[CORE];
		if (!pairs[i].up || ue->step != OPEN || core->step != OPEN)
			continue;
		n += ue->out.chunk != core->in.chunk ||
		     core->out.chunk != ue->in.chunk || ue->out.at ||
		     core->out.at || ue->in.at || core->in.at;
	}
	return n;
}

static void say_counts(void)
{
	printf("{\"up\": %u, \"failed\": %u, \"orderly\": %u, \"torn\": %u, "
	       "\"wrong\": %u, \"open\": %u, \"waiting\": %u, \"flowing\": %u, "
	       "\"octets\": [%lu, %lu], \"chunks\": [%lu, %lu], \"now\": %lu, \"cpu\": %lu}\n",
	       counts.up, counts.failed, counts.orderly, counts.torn,
	       counts.wrong, counts.open, last - next + opening, flowing(),
	       counts.octets[UE], counts.octets[CORE], counts.chunks[UE],
	       counts.chunks[CORE], nanoseconds(CLOCK_MONOTONIC),
	       nanoseconds(CLOCK_PROCESS_CPUTIME_ID));
}

static void say_digest(enum side side, unsigned int number)
{
	struct peer *peer = pairs[number % PAIRS_MAX].peer[side];
	uint8_t sent[32], got[32] = { 0 };
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	int i;

	if (!peer || !copy || EVP_MD_CTX_copy_ex(copy, peer->digest) != 1)
		exit(1);
	EVP_DigestFinal_ex(copy, got, NULL);
	EVP_MD_CTX_free(copy);
	text_sent_digest(!side, number, peer->in.chunk, sent);
	printf("{\"chunks\": %lu, \"received\": \"", peer->in.chunk);
	for (i = 0; i < 32; i++)
		printf("%02x", got[i]);
	printf("\", \"sent\": \"");
	for (i = 0; i < 32; i++)
		printf("%02x", sent[i]);
	printf("\"}\n");
}

static void obey(char *line)
{
	char verb[16] = "", word[16] = "";
	long a = 0, b = 0;

	if (sscanf(line, "open %ld %ld", &a, &b) == 2) {
		next = (unsigned int)a;
		last = (unsigned int)(a + b);
		if (last > PAIRS_MAX)
			exit(2);
		open_some();
	} else if (sscanf(line, "send %15s %ld", word, &a) == 2) {
		send_all(side_of(word), a < 0 ? UINT64_MAX : (uint64_t)a);
	} else if (sscanf(line, "digest %15s %ld", word, &a) == 2) {
		say_digest(side_of(word), (unsigned int)a);
		return;
	} else if (sscanf(line, "%15s %15s %ld %ld", verb, word, &a, &b) == 4) {
		each(verb, side_of(word), (unsigned int)a, (unsigned int)b);
	} else if (!strncmp(line, "stop", 4)) {
		stop_all();
	} else if (strncmp(line, "counts", 6)) {
		exit(2);
	}
	say_counts();
}

/* stdin: false at its end. */
static bool listen_to(void)
{
	static char text[4096];
	static size_t len;
	ssize_t n = read(STDIN_FILENO, text + len, sizeof(text) - 1 - len);
	char *end;

	if (n <= 0)
		return false;
	len += (size_t)n;
	while ((end = memchr(text, '\n', len))) {
		*end = 0;
		obey(text);
		len -= (size_t)(end + 1 - text);
		memmove(text, end + 1, len);
	}
	return true;
}

static void options_from(int argc, char **argv)
{
	static const struct option names[] = {
		{ "tls", 1, NULL, 't' },     { "role", 1, NULL, 'r' },
		{ "body", 1, NULL, 'b' },    { "chunks", 1, NULL, 'c' },
		{ "at-once", 1, NULL, 'a' }, { "rewritten", 0, NULL, 'w' },
		{ "digest", 0, NULL, 'd' },  { "one", 0, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 't':
			options.tls = !strcmp(optarg, "1.3") ? TLS1_3_VERSION :
				      !strcmp(optarg, "1.2") ? TLS1_2_VERSION :
							       0;
			break;
		case 'r':
			options.role = (unsigned int)atoi(optarg);
			break;
		case 'b':
			options.body = (size_t)atol(optarg);
			break;
		case 'c':
			options.chunks = (unsigned int)atoi(optarg);
			break;
		case 'a':
			options.at_once = (unsigned int)atoi(optarg);
			break;
		case 'w':
			options.rewritten = true;
			break;
		case 'd':
			options.digest = true;
			break;
		case 'o':
			options.one = true;
			break;
		default:
			exit(2);
		}
	}
}

static void watch(int fd, void *what)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
		exit(1);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int door[SIDES] = { -1, -1 };
	int i, n, side;

	options_from(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	poller = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; i < PAIRS_MAX; i++)
		pairs[i].number = (unsigned int)i;
	text_prepare();
	if (options.tls && tls_prepare())
		return 1;
	watch(STDIN_FILENO, NULL);
	for (side = 0; side < SIDES; side++) {
		if (!(options.role & (ROLE_MIXED | (1U << side))))
			continue;
		door[side] = listen_for(side);
		watch(door[side], &door[side]);
	}
	for (;;) {
		n = epoll_wait(poller, events, EVENTS, -1);
		for (i = 0; i < n; i++) {
			void *what = events[i].data.ptr;

			if (!what && !listen_to())
				return 0;
			if (what == &door[UE] || what == &door[CORE])
				peer_accept(what == &door[UE] ? UE : CORE,
					    *(int *)what);
			else if (what)
				peer_ready(what, events[i].events);
		}
		open_some();
	}
}
