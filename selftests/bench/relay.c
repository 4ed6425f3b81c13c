// SPDX-License-Identifier: GPL-2.0
/*
 * The peer in user space: one thread relays between UDP sockets with libsrtp2,
 * many packets a system call. In a network namespace of its own, over loopback:
 *
 *	relay OPTION=VALUE... batch=N
 *
 * What a relay does to a batch is timed: recvmmsg(), libsrtp2, sendmmsg(). Its
 * packets' way into the socket is not, for that is in the sender's call;
 * instead the way into the next socket is, where they are dropped.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "flow.h"

#define MAX_BATCH 64
#define WARM_UP	  64

/**
 * struct packets - a batch
 * @octets: of each packet
 * @io: where they are
 * @messages: for the system calls
 */
struct packets {
	uint8_t octets[MAX_BATCH][MAX_PACKET];
	struct iovec io[MAX_BATCH];
	struct mmsghdr messages[MAX_BATCH];
};

static struct packets made, heard;

static void namespace_make(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int sock;

	if (unshare(CLONE_NEWNET))
		err(1, "unshare");
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (ioctl(sock, SIOCSIFFLAGS, &lo))
		err(1, "lo");
	close(sock);
}

static int socket_make(uint16_t port, int octets)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(sock, (struct sockaddr *)&to, sizeof(to)))
		err(1, "bind");
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets));
	return sock;
}

static void address_set(struct packets *p, struct sockaddr_in *to)
{
	int i;

	for (i = 0; i < MAX_BATCH; i++) {
		p->io[i].iov_base = p->octets[i];
		p->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &p->io[i],
							  .msg_iovlen = 1 };
		if (to) {
			p->messages[i].msg_hdr.msg_name = to;
			p->messages[i].msg_hdr.msg_namelen = sizeof(*to);
		}
	}
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1000000000ULL * t.tv_sec + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void make(const struct what *w, srtp_t srtp, int batch)
{
	static uint32_t nth;
	int i, len;

	for (i = 0; i < batch; i++) {
		len = flow_media(w, 1, nth++, made.octets[i]);
		if (srtp && srtp_protect(srtp, made.octets[i], &len))
			errx(1, "srtp_protect");
		made.io[i].iov_len = len;
	}
}

/* Nanoseconds that the relay takes for a batch. */
static uint64_t relay(int from, int to, srtp_t protect, srtp_t unprotect,
		      int batch)
{
	uint64_t start = now();
	int i, len, n, status = 0;

	for (i = 0; i < batch; i++)
		heard.io[i].iov_len = MAX_PACKET;
	n = recvmmsg(from, heard.messages, batch, MSG_DONTWAIT, NULL);
	if (n != batch)
		errx(1, "%d of %d packets came", n, batch);
	for (i = 0; i < batch; i++) {
		len = heard.messages[i].msg_len;
		if (unprotect)
			status |= srtp_unprotect(unprotect, heard.octets[i],
						 &len);
		else if (protect)
			status |= srtp_protect(protect, heard.octets[i], &len);
		heard.io[i].iov_len = len;
	}
	if (status)
		errx(1, "libsrtp refuses a packet");
	for (i = 0; i < n; i += len) {
		len = sendmmsg(to, heard.messages + i, n - i, 0);
		if (len <= 0)
			err(1, "sendmmsg");
	}
	return now() - start;
}

static int batch_of(int *argc, char **argv)
{
	int batch = MAX_BATCH;

	if (*argc && sscanf(argv[*argc - 1], "batch=%d", &batch) == 1)
		--*argc;
	if (batch < 1 || batch > MAX_BATCH)
		errx(2, "batch is 1 to %d", MAX_BATCH);
	return batch;
}

int main(int argc, char **argv)
{
	static struct sockaddr_in in, out;
	srtp_t maker = NULL, protect = NULL, unprotect = NULL;
	int batch, source, from, to, i, rounds;
	struct what w;
	uint64_t *took;

	argc -= 1;
	batch = batch_of(&argc, argv + 1);
	flow_options(&w, argc, argv + 1);
	srtp_init();
	for (i = 0; !w.own_key && i < (int)sizeof(w.key); i++)
		w.key[i] = i;
	w.own_key = true;
	if (w.secure) {
		maker = flow_session(&w, 1, true);
		unprotect = flow_session(&w, 1, false);
	} else if (strcmp(w.suite, "plain")) {
		protect = flow_session(&w, 1, true);
	}
	namespace_make();
	in = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_port = htons(5000),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	out = in;
	out.sin_port = htons(7000);
	source = socket_make(4000, 1 << 20);
	from = socket_make(5000, 16 << 20);
	to = socket_make(6000, 1 << 20);
	socket_make(7000, 1);
	address_set(&made, &in);
	address_set(&heard, &out);
	rounds = w.count / batch;
	took = calloc(rounds, sizeof(*took));
	for (i = 0; i < rounds + WARM_UP; i++) {
		make(&w, maker, batch);
		if (sendmmsg(source, made.messages, batch, 0) != batch)
			err(1, "sendmmsg");
		took[i < WARM_UP ? 0 : i - WARM_UP] =
			relay(from, to, protect, unprotect, batch);
	}
	qsort(took, rounds, sizeof(*took), compare);
	printf("p50_ps %llu\np90_ps %llu\n", 1000ULL * took[rounds / 2] / batch,
	       1000ULL * took[rounds * 9 / 10] / batch);
	return 0;
}
