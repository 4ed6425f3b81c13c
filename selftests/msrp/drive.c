// SPDX-License-Identifier: GPL-2.0
/* The driver of the tests of agent/msrp: commands on stdin, JSON on stdout. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "../../agent/msrp/msrp.h"

#define LINE_MAX_	16384
#define SESSIONS_MAX	20000
#define WORDS_MAX	32

/**
 * struct one - a session
 * @session: it, or NULL
 * @number: its number
 * @end_when: end it from its handler when this happens, -1 for never
 */
struct one {
	struct msrp_session *session;
	int number;
	int end_when;
};

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);

/* The allocator of the sanitizer, which mallinfo2() does not know. */
static size_t memory(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t memory(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
#endif

static struct event_base *base;
static struct msrp *msrp;
static struct one ones[SESSIONS_MAX];

static const char *word(char **argv, int argc, int i)
{
	return i < argc ? argv[i] : "";
}

static unsigned int number(char **argv, int argc, int i)
{
	return (unsigned int)strtoul(word(argv, argc, i), NULL, 0);
}

static void on_told(void *arg, enum msrp_what what, const char *why)
{
	struct one *one = arg;

	printf("{\"event\": \"told\", \"session\": %d, "
	       "\"what\": \"%s\", \"why\": \"%s\"}\n",
	       one->number, what == MSRP_UP ? "up" : "over", why);
	if (one->end_when == (int)what) {
		msrp_session_end(one->session);
		one->session = NULL;
	}
}

/* open SESSIONS HANDSHAKE CONNECT IDLE TOTAL HEADER USERSPACE */
static int do_open(int argc, char **argv)
{
	struct msrp_limits limits = {
		.sessions = number(argv, argc, 1),
		.handshake = number(argv, argc, 2),
		.connect = number(argv, argc, 3),
		.idle = number(argv, argc, 4),
		.total = number(argv, argc, 5),
		.header = number(argv, argc, 6),
		.userspace = number(argv, argc, 7),
	};

	return msrp_open(&msrp, base, &limits);
}

static int do_close(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	msrp_close(msrp);
	msrp = NULL;
	memset(ones, 0, sizeof(ones));
	return 0;
}

static void unhex(const char *hex, uint8_t out[MSRP_PSK_LEN])
{
	char pair[3] = { 0 };
	int i;

	for (i = 0; i < MSRP_PSK_LEN && isxdigit((unsigned char)hex[2 * i]);
	     i++) {
		memcpy(pair, hex + 2 * i, 2);
		out[i] = (uint8_t)strtol(pair, NULL, 16);
	}
}

/* new NUMBER ACCESS CORE END-WHEN {IDENTITY TLS13-UE TLS13-MSF TLS12-UE TLS12-MSF}... */
static int do_new(int argc, char **argv)
{
	struct one *one = &ones[number(argv, argc, 1) % SESSIONS_MAX];
	struct msrp_key keys[MSRP_KEYS_MAX] = { 0 };
	struct net_addr local[2];
	unsigned int n;
	int i = 5;

	one->number = (int)number(argv, argc, 1);
	one->end_when = atoi(word(argv, argc, 4));
	if (net_addr_parse(word(argv, argc, 2), &local[0]) ||
	    net_addr_parse(word(argv, argc, 3), &local[1]))
		return -EINVAL;
	for (n = 0; n < MSRP_KEYS_MAX && i + 4 < argc; n++, i += 5) {
		snprintf(keys[n].identity, sizeof(keys[n].identity), "%s",
			 argv[i]);
		unhex(argv[i + 1], keys[n].tls13_ue);
		unhex(argv[i + 2], keys[n].tls13_msf);
		unhex(argv[i + 3], keys[n].tls12_ue);
		unhex(argv[i + 4], keys[n].tls12_msf);
	}
	return msrp_session_new(&one->session, msrp, local, keys, n, on_told,
				one);
}

/* "+" stands for a blank. */
static char *path(char *text)
{
	char *at;

	for (at = text; *at; at++)
		*at = *at == '+' ? ' ' : *at;
	return strcmp(text, "-") ? text : NULL;
}

/* start NUMBER CEMA {CONNECT PEER ANY OWN PATH} {...}; "-" is nothing */
static int do_start(int argc, char **argv)
{
	struct one *one = &ones[number(argv, argc, 1) % SESSIONS_MAX];
	struct msrp_leg leg[2] = { 0 };
	int i, at;

	if (argc != 13 || !one->session)
		return -EINVAL;
	for (i = 0; i < 2; i++) {
		at = 3 + 5 * i;
		leg[i].connect = atoi(argv[at]);
		if (strcmp(argv[at + 1], "-") &&
		    net_addr_parse(argv[at + 1], &leg[i].peer))
			return -EINVAL;
		leg[i].any_source = atoi(argv[at + 2]);
		leg[i].own = path(argv[at + 3]);
		leg[i].path = path(argv[at + 4]);
	}
	return msrp_session_start(one->session, leg, atoi(argv[2]));
}

static int do_end(int argc, char **argv)
{
	struct one *one = &ones[number(argv, argc, 1) % SESSIONS_MAX];

	if (one->session)
		msrp_session_end(one->session);
	one->session = NULL;
	return 0;
}

/* counts [NUMBER] */
static int do_counts(int argc, char **argv)
{
	struct one *one = &ones[number(argv, argc, 1) % SESSIONS_MAX];
	struct msrp_counts c = { 0 };

	if (argc > 1 && !one->session)
		return -ENOENT;
	if (argc > 1)
		msrp_session_counts(one->session, &c);
	else
		msrp_counts(msrp, &c);
	printf("{\"event\": \"counts\", \"sessions\": %lu, \"up\": %lu, "
	       "\"access\": %lu, \"core\": %lu, "
	       "\"refused\": %lu, \"kernel_in\": %lu, \"kernel_out\": %lu, \"spliced\": %lu, "
	       "\"version\": \"%s\", \"cipher\": \"%s\"}\n",
	       c.sessions, c.up, c.octets[0], c.octets[1], c.refused,
	       c.kernel_in, c.kernel_out, c.spliced, c.version, c.cipher);
	return 0;
}

/* What the process has: files and memory in use. */
static int do_process(int argc, char **argv)
{
	DIR *dir = opendir("/proc/self/fd");
	int files = 0;

	(void)argc;
	(void)argv;
	while (dir && readdir(dir))
		files++;
	if (dir)
		closedir(dir);
	printf("{\"event\": \"process\", \"files\": %d, \"memory\": %zu, \"cpu\": %ld}\n",
	       files, memory(),
	       clock() * 1000 / CLOCKS_PER_SEC);
	return 0;
}

static const struct {
	const char *name;
	int (*act)(int argc, char **argv);
} commands[] = {
	{ "open", do_open },	 { "close", do_close }, { "new", do_new },
	{ "start", do_start },	 { "end", do_end },	{ "counts", do_counts },
	{ "process", do_process },
};

static void on_line(char *line)
{
	char *argv[WORDS_MAX], *save, *next;
	int argc = 0, result = -ENOSYS;
	size_t i;

	for (next = strtok_r(line, " \n", &save); next && argc < WORDS_MAX;
	     next = strtok_r(NULL, " \n", &save))
		argv[argc++] = next;
	for (i = 0; argc && i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(argv[0], commands[i].name))
			result = commands[i].act(argc, argv);
	}
	printf("{\"event\": \"done\", \"result\": %d}\n", result);
}

static void on_stdin(evutil_socket_t fd, short what, void *arg)
{
	static char text[LINE_MAX_];
	static size_t len;
	ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);
	char *end;

	(void)what;
	(void)arg;
	if (n <= 0) {
		event_base_loopbreak(base);
		return;
	}
	len += (size_t)n;
	while ((end = memchr(text, '\n', len))) {
		*end = 0;
		on_line(text);
		len -= (size_t)(end + 1 - text);
		memmove(text, end + 1, len);
	}
}

/* As the agent has it: octets have the last priority. */
static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *made;

	event_config_set_max_dispatch_interval(config, NULL, 4, 2);
	made = event_base_new_with_config(config);
	event_config_free(config);
	event_base_priority_init(made, 3);
	return made;
}

int main(void)
{
	struct event *input;

	setvbuf(stdout, NULL, _IOLBF, 0);
	base = make_base();
	input = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST, on_stdin,
			  NULL);
	if (!base || !input || event_add(input, NULL))
		return 1;
	event_base_dispatch(base);
	msrp_close(msrp);
	event_free(input);
	event_base_free(base);
	libevent_global_shutdown();
	return 0;
}
