// SPDX-License-Identifier: GPL-2.0
/*
 * Sends the netlink requests in a file, whose headers are complete, so many in
 * one system call, and waits for the answer to the last of these:
 *
 *	send FILE BATCH
 *
 * prints how many there were, the nanoseconds until the last was answered, and
 * those of twice as many system calls that do nothing; and of how many of a
 * thousand parts of them that is. Where a part was disturbed, or the one before
 * it, the mean of the others stands for it: see gauge.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;

#define noinline __attribute__((noinline))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))

static u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

#include "modules/gauge.h"

/* So many requests at least are a part. */
#define PART 16

/**
 * struct part - some requests that were timed
 * @ns: what they took
 * @requests: how many
 * @gauge: the gauge right after them
 */
struct part {
	u64 ns;
	u32 requests;
	u32 gauge;
};

static struct part *parts;
static u32 n_parts;

static void die(const char *what, int err)
{
	fprintf(stderr, "send: %s: %s\n", what, strerror(err));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static char *read_file(const char *path, size_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	char *data;

	if (fd < 0 || fstat(fd, &st))
		die(path, errno);
	data = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (data == MAP_FAILED)
		die(path, errno);
	close(fd);
	*size = st.st_size;
	return data;
}

/* What was asked for beside the acknowledgement comes before it. */
static void wait_answer(int fd)
{
	static char buf[65536];
	struct nlmsghdr *nlh;
	ssize_t len;
	int left;

	for (;;) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len < 0)
			die("recv", errno);
		left = len;
		for (nlh = (void *)buf; NLMSG_OK(nlh, left);
		     nlh = NLMSG_NEXT(nlh, left)) {
			if (nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			if (*(int *)NLMSG_DATA(nlh))
				die("a request", -*(int *)NLMSG_DATA(nlh));
			return;
		}
	}
}

static void end_part(u64 ns, u32 requests)
{
	struct part *part = &parts[n_parts++];

	part->ns = ns;
	part->requests = requests;
	part->gauge = gauge();
	gauge_learn(part->gauge);
}

static int was_quiet(u32 i)
{
	return gauge_is_quiet(parts[i].gauge) &&
	       gauge_is_quiet(parts[i ? i - 1 : i].gauge);
}

/*
 * Prints what all parts took, by those that were quiet if they are enough;
 * returns how many requests they were.
 */
static u32 sum_up(const char *name)
{
	u64 ns = 0, quiet_ns = 0, requests = 0, quiet_requests = 0;
	u32 i, quiet = 0;

	for (i = 0; i < n_parts; i++) {
		ns += parts[i].ns;
		requests += parts[i].requests;
		if (!was_quiet(i))
			continue;
		quiet++;
		quiet_ns += parts[i].ns;
		quiet_requests += parts[i].requests;
	}
	if (quiet > n_parts / 8)
		ns = (u64)((double)quiet_ns * requests / quiet_requests);
	printf("%sns %llu\n%squiet %u\n", name, (unsigned long long)ns, name,
	       1000 * quiet / n_parts);
	return requests;
}

/* What the system calls cost that a request alone takes, doing nothing. */
static void do_nothing(u32 requests)
{
	u64 start;
	u32 n;

	n_parts = 0;
	for (; requests; requests -= n) {
		start = now_ns();
		for (n = 0; n < PART && n < requests; n++) {
			syscall(SYS_getppid);
			syscall(SYS_getppid);
		}
		end_part(now_ns() - start, n);
	}
}

/* Requests from @at on, at least PART, @batch in one system call. */
static size_t send_part(int fd, char *data, size_t at, size_t size, u32 batch)
{
	struct nlmsghdr *nlh = NULL;
	u64 start = now_ns();
	u32 n, sum = 0;
	size_t from;

	while (at < size && sum < PART) {
		from = at;
		for (n = 0; n < batch && at < size; n++, sum++) {
			nlh = (void *)(data + at);
			at += NLMSG_ALIGN(nlh->nlmsg_len);
		}
		nlh->nlmsg_flags |= NLM_F_ACK;
		if (send(fd, data + from, at - from, 0) < 0)
			die("send", errno);
		wait_answer(fd);
	}
	end_part(now_ns() - start, sum);
	return at;
}

int main(int argc, char **argv)
{
	u32 batch, sum;
	size_t size, at = 0;
	char *data;
	int fd;

	if (argc != 3)
		die("usage: send FILE BATCH", EINVAL);
	data = read_file(argv[1], &size);
	batch = strtoul(argv[2], NULL, 10);
	parts = calloc(size / NLMSG_HDRLEN / PART + 1, sizeof(*parts));
	if (!parts || !batch)
		die("start", EINVAL);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		die("socket", errno);
	while (at < size)
		at = send_part(fd, data, at, size, batch);
	sum = sum_up("");
	printf("requests %u\n", sum);
	do_nothing(sum);
	sum_up("calls_");
	return 0;
}
