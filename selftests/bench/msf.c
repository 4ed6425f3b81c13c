// SPDX-License-Identifier: GPL-2.0
/*
 * What the MSF costs the agent for a call: a stream with two SAs made when the
 * call is answered, and removed at its end. In a guest, over the real module.
 *
 *	msf KIND STREAMS RUNS
 *
 * prints microseconds of this process, in the kernel or not, for each run: of one
 * creation, of one removal, and of a system call that does nothing.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../agent/msf/msf.h"

#define LEG(a)	     E2AE_GIVEN(E2AE_A_LEG_##a)
#define STREAM(a)    E2AE_GIVEN(E2AE_A_STREAM_##a)
#define SA(a)	     E2AE_GIVEN(E2AE_A_SA_##a)
#define FIRST_PORT   10000
#define SYSTEM_CALLS 100000
#define RUNS_MAX     100
#define ROWS	     3

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static void fill_sa(struct e2ae_sa *sa, struct msf *msf, unsigned int n)
{
	memset(sa, 0, sizeof(*sa));
	sa->given = SA(ID) | SA(SUITE) | SA(KEY) | SA(SALT) | SA(AUTODEL);
	sa->id = msf_sa_id(msf);
	sa->suite = E2AE_SUITE_AES_CM_128_HMAC_SHA1_80;
	sa->key.len = 16;
	memcpy(sa->key.octets, &sa->id, sizeof(sa->id));
	memcpy(sa->key.octets + 4, &n, sizeof(n));
	sa->salt.len = 14;
}

static void fill_leg(struct e2ae_leg *leg, const char *own, const char *peer,
		     unsigned int n)
{
	leg->given = LEG(LOCAL_ADDR) | LEG(LOCAL_PORT) | LEG(PEER_ADDR) |
		     LEG(PEER_PORT) | LEG(SOURCE) | LEG(NONMEDIA) |
		     LEG(RTCP_MODE);
	leg->source = E2AE_SOURCE_RULE_STRICT;
	leg->nonmedia = E2AE_NONMEDIA_RULE_DROP;
	leg->rtcp_mode = E2AE_RTCP_MODE_NEXT;
	leg->local_addr.len = 4;
	inet_pton(AF_INET, own, leg->local_addr.octets);
	leg->local_port = FIRST_PORT + 2 * n;
	leg->peer_addr.len = 4;
	inet_pton(AF_INET, peer, leg->peer_addr.octets);
	leg->peer_port = 40000;
}

static uint32_t create(struct msf *msf, unsigned int n)
{
	static struct e2ae_stream stream;
	static struct e2ae_sa sas[2];

	memset(&stream, 0, sizeof(stream));
	stream.id = msf_stream_id(msf);
	stream.given = STREAM(ID) | STREAM(ACCESS) | STREAM(CORE) |
		       STREAM(TIMEOUT) | STREAM(CLOCK_RATE);
	stream.timeout = 60000;
	stream.clock_rate = 8000;
	fill_leg(&stream.access, "192.0.2.1", "192.0.2.2", n);
	fill_leg(&stream.core, "198.51.100.1", "198.51.100.2", n);
	fill_sa(&sas[0], msf, n);
	fill_sa(&sas[1], msf, n);
	stream.access.source = E2AE_SOURCE_RULE_LATCH;
	stream.core.given |= LEG(PLAIN);
	stream.access.given |= LEG(IN_SA) | LEG(OUT_SA);
	stream.access.in_sa = sas[0].id;
	stream.access.out_sa = sas[1].id;
	if (msf_create(msf, &stream, sas, 2))
		die("create", msf_error(msf));
	return stream.id;
}

/* For comparison: in User Mode Linux it costs much more than elsewhere. */
static double system_call(void)
{
	double start = cpu_us();
	unsigned int i;

	for (i = 0; i < SYSTEM_CALLS; i++)
		syscall(SYS_getppid);
	return (cpu_us() - start) / SYSTEM_CALLS;
}

static void measure(struct msf *msf, uint32_t *ids, unsigned int n,
		    double us[ROWS])
{
	double start = cpu_us(), made;
	unsigned int i;

	for (i = 0; i < n; i++)
		ids[i] = create(msf, i);
	made = cpu_us();
	us[0] = (made - start) / n;
	for (i = 0; i < n; i++)
		if (msf_remove(msf, ids[i]))
			die("remove", msf_error(msf));
	us[1] = (cpu_us() - made) / n;
	us[2] = system_call();
}

int main(int argc, char **argv)
{
	static const char *const names[ROWS] = { "msf-create", "msf-remove",
						 "msf-system-call" };
	unsigned int n = argc == 4 ? atoi(argv[2]) : 0, runs, row, i;
	double us[RUNS_MAX][ROWS];
	struct msf *msf;
	uint32_t *ids;
	char why[256];

	runs = n ? atoi(argv[3]) : 0;
	if (!runs || runs > RUNS_MAX || n > (65536 - FIRST_PORT) / 2)
		die("usage", "msf KIND STREAMS RUNS");
	if (msf_open(&msf, NULL, argv[1], why, sizeof(why)))
		die(argv[1], why);
	ids = calloc(n, sizeof(*ids));
	for (i = 0; ids && i < runs; i++)
		measure(msf, ids, n, us[i]);
	free(ids);
	msf_close(msf);
	for (row = 0; row < ROWS; row++) {
		printf("%s", names[row]);
		for (i = 0; i < runs; i++)
			printf(" %.2f", us[i][row]);
		printf("\n");
	}
	return 0;
}
