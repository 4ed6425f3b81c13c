// SPDX-License-Identifier: GPL-2.0
/* Keeping the kernel from giving our ports to sockets. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports.h"

#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"
#define ROOM	 65536 /* octets; a list of all even ports is shorter */

static int read_list(char *list, size_t room)
{
	int fd = open(RESERVED, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;
	int err = 0;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, list + used, room - 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		err = -errno;
	close(fd);
	list[used] = '\0';
	list[strcspn(list, "\n")] = '\0';
	return err;
}

/* Does one entry of the list hold the whole range already? */
static bool is_reserved(const char *list, uint16_t first, uint16_t last)
{
	unsigned long from, to;
	char *end;

	while (*list) {
		from = strtoul(list, &end, 10);
		to = from;
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		if (end == list)
			return false;
		if (from <= first && last <= to)
			return true;
		list = end + strspn(end, ",");
	}
	return false;
}

static int write_list(const char *list)
{
	int fd = open(RESERVED, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(list);
	ssize_t n;
	int err = 0;

	if (fd < 0)
		return -errno;
	n = write(fd, list, len);
	if (n < 0)
		err = -errno;
	else if ((size_t)n != len)
		err = -EIO;
	close(fd);
	return err;
}

/**
 * ports_reserve() - keep the kernel from giving ports to sockets of its choice
 * @first: first port
 * @last: last port
 * @why: a sentence on error
 * @room: octets there
 *
 * What others have reserved in this network namespace stays. The reservation
 * stays too when the process ends.
 *
 * Return: 0 or a negative errno.
 */
int ports_reserve(uint16_t first, uint16_t last, char *why, size_t room)
{
	char *list = malloc(ROOM);
	size_t len;
	int err;

	if (!list) {
		snprintf(why, room, "out of memory");
		return -ENOMEM;
	}
	err = read_list(list, ROOM - 16);
	if (!err && !is_reserved(list, first, last)) {
		len = strlen(list);
		snprintf(list + len, ROOM - len, "%s%u-%u", len ? "," : "",
			 first, last);
		err = write_list(list);
	}
	free(list);
	if (err)
		snprintf(why, room, "cannot reserve ports %u-%u in %s: %s",
			 first, last, RESERVED, strerror(-err));
	return err;
}
