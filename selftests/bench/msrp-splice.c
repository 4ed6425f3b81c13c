// SPDX-License-Identifier: GPL-2.0
/*
 * msrp-splice ACCESS-PORT CORE-PORT: a relay that does nothing but splice(2), the floor
 * of the bench part msrp. What connects to 127.1.0.0:ACCESS-PORT is connected with
 * 127.3.0.1:CORE-PORT. It runs until it is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define ACCESS 0x7f010000
#define CORE   0x7f030001
#define ROOM   (64 * 1024)
#define TURN   (256 * 1024)
#define EVENTS 64

/* One end, and the pipe with what it has received. */
struct end {
	struct end *other;
	int fd;
	int pipe[2];
	size_t held;
	uint32_t polled;
	int ended;
};

static int poller;

static struct sockaddr_in address(uint32_t host, const char *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };

	addr.sin_addr.s_addr = htonl(host);
	addr.sin_port = htons((uint16_t)atoi(port));
	return addr;
}

static void look(struct end *end)
{
	uint32_t events = (end->held || end->ended ? 0 : EPOLLIN) |
			  (end->other->held ? EPOLLOUT : 0);
	struct epoll_event event = { .events = events, .data.ptr = end };

	if (events == end->polled)
		return;
	epoll_ctl(poller, EPOLL_CTL_MOD, end->fd, &event);
	end->polled = events;
}

/* As much as a turn may do, from one end to the other. */
static void flow(struct end *from)
{
	size_t done = 0;
	ssize_t n;

	while (done < TURN) {
		while (from->held) {
			n = splice(from->pipe[0], NULL, from->other->fd, NULL,
				   from->held,
				   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
			if (n <= 0)
				return;
			from->held -= (size_t)n;
		}
		if (from->ended)
			return;
		n = splice(from->fd, NULL, from->pipe[1], NULL, ROOM,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0)
			return;
		from->ended = !n;
		if (!n)
			shutdown(from->other->fd, SHUT_WR);
		from->held = (size_t)n;
		done += (size_t)n;
	}
}

static struct end *end_new(int fd)
{
	struct end *end = calloc(1, sizeof(*end));
	struct epoll_event event = { .events = 0, .data.ptr = end };
	int on = 1;

	if (!end || fd < 0 || pipe2(end->pipe, O_NONBLOCK) ||
	    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
		exit(1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	end->fd = fd;
	return end;
}

static void pair(int fd, const char *port)
{
	struct sockaddr_in addr = address(CORE, port);
	int core = socket(AF_INET, SOCK_STREAM, 0);
	struct end *a, *b;

	if (connect(core, (struct sockaddr *)&addr, sizeof(addr)))
		exit(1);
	a = end_new(fd);
	b = end_new(core);
	a->other = b;
	b->other = a;
	look(a);
	look(b);
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = address(ACCESS, argc == 3 ? argv[1] : "0");
	struct epoll_event events[EVENTS], event = { .events = EPOLLIN };
	int door = socket(AF_INET, SOCK_STREAM, 0), on = 1, i, n;
	struct end *end;

	signal(SIGPIPE, SIG_IGN);
	poller = epoll_create1(0);
	setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (argc != 3 || bind(door, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(door, 128) || epoll_ctl(poller, EPOLL_CTL_ADD, door, &event))
		return 1;
	for (;;) {
		n = epoll_wait(poller, events, EVENTS, -1);
		for (i = 0; i < n; i++) {
			end = events[i].data.ptr;
			if (!end) {
				pair(accept(door, NULL, NULL), argv[2]);
				continue;
			}
			flow(end);
			flow(end->other);
			look(end);
			look(end->other);
		}
	}
}
