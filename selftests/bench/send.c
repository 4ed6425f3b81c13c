// SPDX-License-Identifier: GPL-2.0
/*
 * Sends the netlink requests in a file, whose headers are complete, so many in
 * one system call, and waits for the answer to the last of these:
 *
 *	send FILE BATCH
 *
 * prints how many there were, the nanoseconds until the last was answered, and
 * those of twice as many system calls that do nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
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

/* What the system calls cost that a request alone takes, doing nothing. */
static uint64_t calls_ns(unsigned int requests)
{
	uint64_t start = now_ns();

	while (requests--) {
		syscall(SYS_getppid);
		syscall(SYS_getppid);
	}
	return now_ns() - start;
}

int main(int argc, char **argv)
{
	struct nlmsghdr *nlh = NULL;
	size_t size, at = 0, from;
	unsigned int batch, n, sum = 0;
	uint64_t start, took;
	char *data;
	int fd;

	if (argc != 3)
		die("usage: send FILE BATCH", EINVAL);
	data = read_file(argv[1], &size);
	batch = strtoul(argv[2], NULL, 10);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		die("socket", errno);
	start = now_ns();
	while (at < size) {
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
	took = now_ns() - start;
	printf("requests %u\nns %llu\ncalls_ns %llu\n", sum,
	       (unsigned long long)took, (unsigned long long)calls_ns(sum));
	return 0;
}
