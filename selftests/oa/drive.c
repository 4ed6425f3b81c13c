// SPDX-License-Identifier: GPL-2.0
/*
 * Drives agent/oa for selftests/oa/run, with an MSF for tests, or with that of
 * the kernel if it is called with "kernel". Requests on standard input:
 *   OCTETS TAB CALL TAB VERB TAB WORD ... LF  body of so many octets
 * Answers on standard output:
 *   STATUS OCTETS JSON LF  octets
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "../../agent/oa/oa.h"
#include "double.h"

#define CALLS	  64
#define WORDS_MAX 64
#define LINE_ROOM 65536

static struct config config;
static struct oa_world world;
static struct oa *calls[CALLS];
static struct policy policies[CALLS];
static char out[200000];
static char json[200000];
static bool kernel;
static struct event_base *base;
static char events[4096];
static unsigned int sessions[OA_SESSION_OVER + 1]; /* events of MSRP */
static uint64_t clock_ms = 1000000;
static uint64_t clock_ntp_shift;

static uint64_t now_ms(void)
{
	return clock_ms;
}

static uint64_t now_ntp(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((uint64_t)ts.tv_sec + 2208988800ULL + clock_ntp_shift) << 32 |
	       (((uint64_t)ts.tv_nsec << 32) / 1000000000);
}

struct policy_table *policy_table_get(struct policy_table *table)
{
	return table;
}

void policy_table_put(struct policy_table *table)
{
	(void)table;
}

static struct sdp_text text_of(const char *word)
{
	return (struct sdp_text){ word, strlen(word) };
}

static void hex(const char *from, uint8_t *to, size_t len)
{
	unsigned int octet;
	size_t i;

	for (i = 0; i < len; i++) {
		sscanf(from + 2 * i, "%2x", &octet);
		to[i] = (uint8_t)octet;
	}
}

/* The value of "name=value" among words, or what is there otherwise. */
static char *option(char **word, const char *name, char *otherwise)
{
	size_t len = strlen(name);

	for (; *word; word++)
		if (!strncmp(*word, name, len) && (*word)[len] == '=')
			return *word + len + 1;
	return otherwise;
}

static bool flag(char **word, const char *name, bool otherwise)
{
	return atoi(option(word, name, otherwise ? "1" : "0")) != 0;
}

static size_t split(char *list, const char **item, size_t max)
{
	size_t n = 0;
	char *at;

	for (at = strtok(list, ","); at && n < max; at = strtok(NULL, ","))
		item[n++] = at;
	return n;
}

static enum policy_mode mode(const char *name)
{
	if (!strcmp(name, "off"))
		return POLICY_OFF;
	return strcmp(name, "require") ? POLICY_ALLOW : POLICY_REQUIRE;
}

static enum policy_profile profile(const char *name)
{
	if (!strcmp(name, "mikey"))
		return POLICY_MIKEY;
	return strcmp(name, "psk-tls") ? POLICY_SDES : POLICY_PSK_TLS;
}

static void make_policy(struct policy *p, char **word)
{
	const char *item[POLICY_SUITES];
	size_t i, n;

	memset(p, 0, sizeof(*p));
	p->originating = mode(option(word, "originating", "allow"));
	p->terminating = mode(option(word, "terminating", "allow"));
	p->e2e_pass = flag(word, "e2e", true);
	p->e2e_enough = flag(word, "enough", false);
	p->retry_plain = flag(word, "retry", false);
	p->same_key = flag(word, "same_key", false);
	n = split(option(word, "profiles", NULL), item, POLICY_PROFILES);
	for (i = 0; i < n; i++)
		p->profiles[i] = profile(item[i]);
	p->n_profiles = n;
	n = split(option(word, "suites", NULL), item, POLICY_SUITES);
	for (i = 0; i < n; i++)
		p->suites[i] = e2ae_suite_by_name(item[i])->id;
	p->n_suites = n;
}

static int make_call(unsigned int call, char **word)
{
	const char *kmms[2], *ids[8];
	struct e2ae_kmm kmm[2];
	struct oa_terms terms = {
		.policy = &policies[call],
		.role = atoi(option(word, "role", "1")),
		.call_id = option(word, "call_id", "c"),
		.from_tag = option(word, "from_tag", "f"),
		.can_sdes = flag(word, "sdes", true),
		.can_mikey = flag(word, "mikey", true),
		.can_msrp = flag(word, "msrp", true),
		.owner = &calls[call],
		.protected = flag(word, "protected", true),
		.emergency = flag(word, "emergency", false),
		.flow = strtoull(option(word, "flow", "7"), NULL, 10),
		.family = atoi(option(word, "family", "0")),
		.access_family = atoi(option(word, "access_family", "0")),
		.kmm = kmm,
		.identities = ids,
	};
	unsigned int i;

	make_policy(&policies[call], word);
	terms.n_kmm = split(option(word, "kmm", NULL), kmms, 2);
	for (i = 0; i < terms.n_kmm; i++)
		hex(kmms[i], kmm[i].octets, sizeof(kmm[i].octets));
	terms.n_identities = split(option(word, "ids", NULL), ids, 8);
	return oa_new(&calls[call], &world, &terms);
}

static size_t to_hex(const uint8_t *octets, size_t len, char *to)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		to[2 * i] = digits[octets[i] >> 4];
		to[2 * i + 1] = digits[octets[i] & 15];
	}
	to[2 * len] = '\0';
	return 2 * len;
}

static void tell_verdict(FILE *file, const struct oa_verdict *no)
{
	static char message[2 * E2AE_MIKEY_MAX_LEN + 1];

	to_hex(no->mikey.octets, no->mikey.len, message);
	fprintf(file,
		"{\"status\":%u,\"required\":%d,\"why\":\"%s\",\"warning\":\"%s\","
		"\"mikey\":\"%s\"}",
		no->status, no->required, no->why ? no->why : "", no->warning,
		message);
}

static void tell_call(FILE *file, const struct oa *oa)
{
	unsigned int i;

	fprintf(file,
		"{\"pending\":%d,\"hold\":%d,\"secured\":%d,\"over\":%d,"
		"\"told\":[%u,%u],"
		"\"access_ports\":%zu,\"core_ports\":%zu,\"lines\":[",
		oa ? oa_pending(oa) : 0, oa ? oa_on_hold(oa) : 0,
		oa ? oa_secured(oa) : 0, oa ? oa_sessions_over(oa) : 0,
		sessions[OA_SESSION_UP], sessions[OA_SESSION_OVER],
		ports_used(world.access_ports[0]),
		ports_used(world.core_ports));
	for (i = 0; oa && i < oa_lines(oa); i++) {
		struct oa_line line = oa_line(oa, i);

		fprintf(file,
			"%s{\"how\":\"%s\",\"suite\":%u,\"stream\":%u,"
			"\"access\":%u,\"core\":%u,\"has\":%d,\"session\":\"%s\",\"cema\":%d}",
			i ? "," : "", oa_how_name(line.how), line.suite,
			line.stream, line.access_port, line.core_port,
			oa_has_stream(oa, line.stream),
			oa_session_name(line.session), line.cema);
	}
	fputs("]}", file);
}

static enum oa_side side_of(const char *word)
{
	return strcmp(word, "core") ? OA_ACCESS : OA_CORE;
}

static int negotiate(unsigned int call, const char *verb, char **word,
		     struct sdp_text body, size_t *used, FILE *file)
{
	struct oa_verdict no;
	size_t room = sizeof(out);
	int err;

	if (!strcmp(verb, "offer"))
		err = oa_offer(calls[call], side_of(word[0]), text_of(word[1]),
			       (uint32_t)atoi(word[2]), body, out, room, used,
			       &no);
	else
		err = oa_answer(calls[call], side_of(word[0]), text_of(word[1]),
				body, out, room, used, &no);
	if (err)
		*used = 0;
	tell_verdict(file, &no);
	return err;
}

static void tell_msf(FILE *file)
{
	if (kernel) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		fprintf(file, "{\"error\":\"%s\",\"events\":[%s]}",
			msf_error(world.msf), events);
	} else {
		double_tell(world.msf, file);
	}
}

static int other(unsigned int call, const char *verb, char **word, size_t *used,
		 FILE *file)
{
	struct e2ae_kmm kmm;
	int err = 0;

	if (!strcmp(verb, "new")) {
		err = make_call(call, word);
	} else if (!strcmp(verb, "refused")) {
		oa_refused(calls[call]);
	} else if (!strcmp(verb, "retry")) {
		err = oa_retry_plain(calls[call], out, sizeof(out), used);
	} else if (!strcmp(verb, "select")) {
		err = oa_select(calls[call], text_of(word[0]));
	} else if (!strcmp(verb, "gone")) {
		oa_fork_gone(calls[call], text_of(word[0]));
	} else if (!strcmp(verb, "end")) {
		oa_end(calls[call]);
		calls[call] = NULL;
	} else if (!strcmp(verb, "keys")) {
		hex(word[0], kmm.octets, sizeof(kmm.octets));
		oa_new_keys(calls[call], &kmm, 1);
	} else if (!strcmp(verb, "fail")) {
		double_fail(world.msf, (unsigned int)atoi(word[0]), -ENOSPC);
	} else if (!strcmp(verb, "ntp")) {
		clock_ntp_shift += (uint64_t)atoi(word[0]);
	} else if (!strcmp(verb, "timeout")) {
		config.media_timeout = (unsigned int)atoi(word[0]);
	} else if (!strcmp(verb, "lab")) {
		config.lab = atoi(word[0]) != 0;
	} else if (!strcmp(verb, "pass")) {
		clock_ms += (uint64_t)atoi(word[0]);
	} else if (!strcmp(verb, "msrp")) {
		double_msrp_tell(world.msrp, file);
		return 0;
	} else if (!strcmp(verb, "msrp-busy")) {
		double_msrp_busy(world.msrp, (unsigned int)atoi(word[0]));
	} else if (!strcmp(verb, "msrp-set")) {
		double_msrp_set(world.msrp, (unsigned int)atoi(word[0]),
				(unsigned int)atoi(word[1]));
	} else if (!strcmp(verb, "msrp-event")) {
		double_msrp_event(world.msrp, (unsigned int)atoi(word[0]),
				  strcmp(word[1], "up") ? MSRP_OVER : MSRP_UP);
	} else if (!strcmp(verb, "strict")) {
		config.access[0].msrp_strict = atoi(word[0]) != 0;
	} else if (!strcmp(verb, "msf")) {
		tell_msf(file);
		return 0;
	} else if (strcmp(verb, "state")) {
		err = -ENOSYS;
	}
	tell_call(file, calls[call]);
	return err;
}

static void serve(char *line)
{
	static char *empty[] = { "", NULL };
	char *word[WORDS_MAX + 1] = { NULL }, *rest = line, *body;
	size_t n = 0, len, used = 0;
	unsigned int call;
	FILE *file;
	int err;

	line[strcspn(line, "\n")] = '\0';
	while (n < WORDS_MAX && (word[n] = strsep(&rest, "\t")))
		n++;
	word[n] = NULL;
	len = strtoul(word[0], NULL, 10);
	call = (unsigned int)atoi(word[1]);
	body = malloc(len + 1);
	if (fread(body, 1, len, stdin) != len)
		exit(2);
	file = fmemopen(json, sizeof(json), "w");
	if (!strcmp(word[2], "offer") || !strcmp(word[2], "answer"))
		err = negotiate(call, word[2], word + 3,
				(struct sdp_text){ body, len }, &used, file);
	else
		err = other(call, word[2], word[3] ? word + 3 : empty, &used,
			    file);
	fclose(file);
	free(body);
	printf("%d %zu %s\n", err, used, json);
	fwrite(out, 1, used, stdout);
	fflush(stdout);
}

static void note_event(void *arg, const struct e2ae_event *event)
{
	size_t used = strlen(events);

	(void)arg;
	snprintf(events + used, sizeof(events) - used, "%s[\"%s\",%u]",
		 used ? "," : "", e2ae_event_name(event->cmd), event->stream);
}

static void note_session(void *owner, unsigned int line, enum oa_session state,
			 const char *why)
{
	struct oa **call = owner;

	if (*call && line == 1 && !strcmp(why, "test"))
		sessions[state]++;
}

static void start_msf(void)
{
	char why[256];

	base = event_base_new();

	if (!kernel) {
		world.msf = double_new();
	} else if (msf_open(&world.msf, base, "kernel", why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		exit(4);
	}
	world.msf->event = note_event;
}

static void start(void)
{
	struct config_side *access = &config.access[0];

	config.domain = "pcscf1.visited1.net";
	config.n_access = 1;
	config.mikey_skew = 300;
	config.media_timeout = 30;
	net_addr_parse("10.0.0.1", &access->media.addr4);
	net_addr_parse("2001:db8::1", &access->media.addr6);
	net_addr_parse("10.1.0.1", &config.core.media.addr4);
	net_addr_parse("2001:db8:1::1", &config.core.media.addr6);
	world.config = &config;
	config.core.msrp_strict = true;
	start_msf();
	world.msrp = double_msrp();
	world.session = note_session;
	world.now_ms = now_ms;
	world.now_ntp = now_ntp;
	if (ports_new(&world.access_ports[0], 20000, 20031, 1000) ||
	    ports_new(&world.core_ports, 30000, 30031, 1000) ||
	    e2ae_mikey_replay_new(&world.replay, 1024,
				  now_ntp() - (1ULL << 40)))
		exit(3);
}

int main(int argc, char **argv)
{
	static char line[LINE_ROOM];
	unsigned int i;

	kernel = argc > 1 && !strcmp(argv[1], "kernel");
	start();
	while (fgets(line, sizeof(line), stdin))
		serve(line);
	for (i = 0; i < CALLS; i++)
		oa_end(calls[i]);
	ports_free(world.access_ports[0]);
	ports_free(world.core_ports);
	e2ae_mikey_replay_free(world.replay);
	msf_close(world.msf);
	msrp_close(world.msrp);
	event_base_free(base);
	return 0;
}
