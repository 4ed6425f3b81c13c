// SPDX-License-Identifier: GPL-2.0
/*
 * Drives libe2ae for selftests/ctl/run, which plays the kernel at the other
 * end of a socket pair:
 *   nl FD sa-new | stream-new | batch N | dump | event | keys
 *   nl - decode SET      octets in hexadecimal on standard input, JSON out
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../agent/ctl/ctl.h"
#include "../../agent/nl/nl.h"

#define FAMILY	0x1234

static struct e2ae *handle(int fd)
{
	struct e2ae *h;

	if (e2ae_handle_alloc(&h))
		exit(125);
	h->fd = fd;
	h->family = FAMILY;
	return h;
}

/* Every attribute a client can give, each with a value of its own. */
static void full_sa(struct e2ae_sa *sa)
{
	unsigned int i;

	memset(sa, 0, sizeof(*sa));
	sa->given = ~0ULL;
	sa->id = 7;
	sa->suite = E2AE_SUITE_AES_192_CM_HMAC_SHA1_32;
	sa->key.len = 24;
	memset(sa->key.octets, 0xab, 24);
	sa->salt.len = 14;
	memset(sa->salt.octets, 0xcd, 14);
	sa->mki.len = 3;
	memcpy(sa->mki.octets, "\1\2\3", 3);
	sa->window = 192;
	sa->ssrc_max = 9;
	sa->roc = 0x10203;
	sa->n_states = 2;
	for (i = 0; i < 2; i++) {
		sa->state[i].given = ~0ULL;
		sa->state[i].ssrc = 0xdeadbeef + i;
		sa->state[i].roc = 10 + i;
		sa->state[i].seq = 65535 - i;
		sa->state[i].rtcp_index = 0x80000000 - i;
	}
	sa->state[1].given &= ~(E2AE_GIVEN(E2AE_A_SSRC_ROC) |
				E2AE_GIVEN(E2AE_A_SSRC_SEQ));
	sa->guard = 500;
	sa->soft_packets = 1ULL << 40;
	sa->hard_packets = 1ULL << 48;
}

static void full_leg(struct e2ae_leg *leg, int base)
{
	memset(leg, 0, sizeof(*leg));
	leg->given = ~0ULL;
	leg->local_addr.len = base ? 16 : 4;
	memset(leg->local_addr.octets, 0x20 + base, 16);
	leg->local_port = 4000 + base;
	leg->peer_addr = leg->local_addr;
	leg->peer_addr.octets[0] = 9;
	leg->peer_port = 5000 + base;
	leg->latch_addr = leg->local_addr;
	leg->latch_addr.octets[0] = 8;
	leg->latch_prefix = 24 + base;
	leg->rtcp_mode = E2AE_RTCP_MODE_EXPLICIT;
	leg->rtcp_port = 6000 + base;
	leg->rtcp_peer_addr = leg->local_addr;
	leg->rtcp_peer_port = 7000 + base;
	leg->source = E2AE_SOURCE_RULE_ANY;
	leg->nonmedia = E2AE_NONMEDIA_RULE_LOCAL;
	leg->ifindex = 3 + base;
	leg->in_sa = 100 + base;
	leg->out_sa = 200 + base;
	leg->dscp = 46 + base;
	leg->mark = 0xffff0000 + base;
}

static void full_stream(struct e2ae_stream *s)
{
	memset(s, 0, sizeof(*s));
	s->given = ~0ULL;
	s->id = 0xffffffff;
	full_leg(&s->access, 0);
	full_leg(&s->core, 1);
	s->timeout = 30;
	s->clock_rate = 48000;
	s->grace = 1234;
}

static void result(struct e2ae *h, int err)
{
	printf("%d %s\n", err, err < 0 ? e2ae_error(h) : "");
}

static int sa_new(struct e2ae *h)
{
	struct e2ae_sa sa;

	full_sa(&sa);
	result(h, e2ae_sa_new(h, &sa));
	return 0;
}

static int stream_new(struct e2ae *h)
{
	struct e2ae_stream s;
	struct e2ae_sa sas[2];

	full_stream(&s);
	full_sa(&sas[0]);
	full_sa(&sas[1]);
	sas[1].id = 8;
	result(h, e2ae_stream_new(h, &s, sas, 2));
	return 0;
}

static void failed(size_t index, int error, const char *why, void *arg)
{
	(void)arg;
	printf("%zu %d %s\n", index, error, why);
}

static int batch(struct e2ae *h, int n)
{
	struct e2ae_sa sa = { .given = E2AE_GIVEN(E2AE_A_SA_ID) };
	struct e2ae_request req = { E2AE_CMD_SA_DEL, NULL, &sa, 1 };
	struct e2ae_batch *b;
	int err, total = 0;

	if (e2ae_batch_new(&b, h, failed, NULL))
		return 125;
	for (sa.id = 1; sa.id <= (unsigned int)n; sa.id++) {
		err = e2ae_batch_add(b, &req);
		if (err < 0)
			break;
		total += err;
	}
	err = e2ae_batch_commit(b);
	result(h, err < 0 ? err : total + err);
	e2ae_batch_free(b);
	return 0;
}

static int seen(const struct e2ae_sa *sa, void *arg)
{
	(void)arg;
	printf("sa %u\n", sa->id);
	return 0;
}

static int event(struct e2ae *h)
{
	struct ctl c = { .json = true };
	struct e2ae_event e;
	int err = e2ae_event_next(h, &e);

	if (err) {
		result(h, err);
		return 0;
	}
	json_object(&c, &e2ae_event_set_info, &e, "event",
		    e2ae_event_name(e.cmd), NULL);
	putchar('\n');
	return 0;
}

/* An octet of the key; computed, so that the key is nowhere but in copies. */
static uint8_t key_octet(unsigned int i)
{
	return i * 167 + getpid() % 251 + 13;
}

#define KEY_LEN	24

static unsigned int count_in(const uint8_t *from, const uint8_t *to)
{
	unsigned int found = 0, i;

	for (; from + KEY_LEN <= to; from++) {
		for (i = 0; i < KEY_LEN && from[i] == key_octet(i); i++)
			;
		found += i == KEY_LEN;
	}
	return found;
}

/* How often the key is in this process's writable memory, stack and all. */
static unsigned int count_keys(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to;
	unsigned int found = 0;
	char line[512], perms[8];

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &from, &to, perms) == 3 &&
		    !strncmp(perms, "rw", 2))
			found += count_in((uint8_t *)from, (uint8_t *)to);
	if (maps)
		fclose(maps);
	return found;
}

static int keys(struct e2ae *h)
{
	struct e2ae_request req = { .cmd = E2AE_CMD_SA_NEW, .n_sas = 1 };
	struct e2ae_batch *b;
	struct e2ae_sa sa;
	unsigned int i;
	int err;

	full_sa(&sa);
	for (i = 0; i < KEY_LEN; i++)
		sa.key.octets[i] = key_octet(i);
	req.sas = &sa;
	printf("given %u\n", count_keys());
	err = e2ae_sa_new(h, &sa);
	printf("sent %u %d\n", count_keys(), err);
	if (e2ae_batch_new(&b, h, NULL, NULL) || e2ae_batch_add(b, &req))
		return 125;
	printf("queued %u\n", count_keys());
	err = e2ae_batch_commit(b);
	printf("committed %u %d\n", count_keys(), err);
	if (e2ae_batch_add(b, &req))
		return 125;
	e2ae_batch_free(b);
	e2ae_sa_wipe(&sa);
	printf("wiped %u\n", count_keys());
	e2ae_close(h);
	printf("closed %u\n", count_keys());
	return 0;
}

static int decode(const char *name)
{
	static const struct e2ae_set *const sets[] = {
		&e2ae_sa_set_info, &e2ae_stream_set_info,
		&e2ae_stats_set_info, &e2ae_event_set_info,
	};
	static union {
		struct e2ae_sa sa;
		struct e2ae_stream stream;
		struct e2ae_stats stats;
		struct e2ae_event event;
	} obj;
	static char text[1 << 17];
	static uint8_t octets[1 << 16];
	struct ctl c = { .json = true, .stats = true };
	size_t i, len = fread(text, 1, sizeof(text), stdin) / 2;

	if (!hex_digits(text, len, octets))
		return 125;
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (strcmp(sets[i]->name, name))
			continue;
		if (e2ae_get(sets[i], (void *)octets, len, &obj))
			puts("malformed");
		else
			json_object(&c, sets[i], &obj, NULL);
		return 0;
	}
	return 125;
}

int main(int argc, char **argv)
{
	struct e2ae *h;
	int err = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3)
		return 125;
	if (!strcmp(argv[2], "decode") && argc == 4)
		return decode(argv[3]);
	h = handle(atoi(argv[1]));
	if (!strcmp(argv[2], "sa-new"))
		err = sa_new(h);
	else if (!strcmp(argv[2], "stream-new"))
		err = stream_new(h);
	else if (!strcmp(argv[2], "batch") && argc == 4)
		err = batch(h, atoi(argv[3]));
	else if (!strcmp(argv[2], "dump"))
		result(h, e2ae_sa_dump(h, seen, NULL));
	else if (!strcmp(argv[2], "event"))
		err = event(h);
	else if (!strcmp(argv[2], "keys"))
		return keys(h);
	else
		err = 125;
	e2ae_close(h);
	return err;
}
