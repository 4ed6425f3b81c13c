// SPDX-License-Identifier: GPL-2.0
/* The key file: one line, base64 of master key || master salt. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

#define LINE_ROOM 256 /* the longest line has 64 characters */

/*
 * Keys of standard input that a batch has not asked for yet. Unbuffered
 * otherwise: what follows may be meant for another program. Not stdio, whose
 * buffer would keep the keys.
 */
static struct {
	char octets[4096];
	size_t at;
	size_t len;
} ahead;

/**
 * key_forget() - wipe what was read ahead
 */
void key_forget(void)
{
	explicit_bzero(&ahead, sizeof(ahead));
}

static ssize_t read_some(int fd, char *to, size_t room)
{
	ssize_t got;

	do {
		got = read(fd, to, room);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Reads a whole file; returns its length, -EFBIG, or another negative errno. */
static ssize_t read_file(int fd, char *to, size_t room)
{
	size_t len = 0;
	ssize_t got;

	while (len < room) {
		got = read_some(fd, to + len, room - len);
		if (got <= 0)
			return got ? got : (ssize_t)len;
		len += got;
	}
	return -EFBIG;
}

/* Reads a line of standard input; a batch has one for each of its SAs. */
static ssize_t read_line(bool batch, char *to, size_t room)
{
	size_t len = 0;
	ssize_t got;

	while (len < room) {
		if (ahead.at == ahead.len) {
			got = read_some(STDIN_FILENO, ahead.octets,
					batch ? sizeof(ahead.octets) : 1);
			if (got <= 0)
				return got ? got : (ssize_t)len;
			ahead.at = 0;
			ahead.len = got;
		}
		to[len] = ahead.octets[ahead.at];
		ahead.octets[ahead.at++] = 0;
		if (to[len++] == '\n')
			return len;
	}
	return -EFBIG;
}

static void warn_readable(struct ctl *c, int fd)
{
	struct stat st;

	if (!c->warned && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_mode & 077) {
		c->warned = true;
		say(c, "warning: others can read or change the key file %s",
		    c->key_file);
	}
}

static int digit(char ch)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = ch ? strchr(alphabet, ch) : NULL;

	return at ? at - alphabet : -1;
}

/* Padded base64 and nothing else; returns the number of octets or -1. */
static int decode(const char *line, size_t len, uint8_t *out)
{
	size_t pad = 0, i;
	uint32_t bits = 0;
	int n = 0;

	while (pad < 2 && len > pad && line[len - 1 - pad] == '=')
		pad++;
	if (!len || len % 4)
		return -1;
	for (i = 0; i < len; i++) {
		int value = i < len - pad ? digit(line[i]) : 0;

		if (value < 0)
			return -1;
		bits = bits << 6 | value;
		if (i % 4 != 3)
			continue;
		out[n++] = bits >> 16;
		out[n++] = bits >> 8;
		out[n++] = bits;
	}
	explicit_bzero(&bits, sizeof(bits));
	return n - pad;
}

static int split(struct ctl *c, const char *line, size_t len,
		 const struct e2ae_suite_info *suite, struct e2ae_sa *sa)
{
	static const char wrong_length[] =
		"key file %s holds %d octets, %s needs %d: key %u, salt %u";
	uint8_t octets[LINE_ROOM];
	int n, want = suite->key_len + suite->salt_len, err = DONE;

	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	n = decode(line, len, octets);
	if (n < 0) {
		err = usage(c, "key file %s is not one line of base64",
			    c->key_file);
	} else if (n != want) {
		err = usage(c, wrong_length, c->key_file, n, suite->name, want,
			    suite->key_len, suite->salt_len);
	} else {
		sa->key.len = suite->key_len;
		memcpy(sa->key.octets, octets, sa->key.len);
		sa->salt.len = suite->salt_len;
		memcpy(sa->salt.octets, octets + sa->key.len, sa->salt.len);
		sa->given |= E2AE_GIVEN(E2AE_A_SA_KEY) |
			     E2AE_GIVEN(E2AE_A_SA_SALT);
	}
	explicit_bzero(octets, sizeof(octets));
	return err;
}

/**
 * key_read() - read the SA's key from the file that key-file names
 * @c: run
 * @sa: SA with its suite; gets key and salt, to be wiped
 *
 * Return: DONE, USAGE if the file holds no key of the suite, REFUSED if it
 * cannot be read.
 */
int key_read(struct ctl *c, struct e2ae_sa *sa)
{
	bool input = !strcmp(c->key_file, "-");
	char line[LINE_ROOM];
	ssize_t len;
	int fd = STDIN_FILENO, err;

	if (input && c->lines && lines_from_stdin(c->lines))
		return usage(c,
			     "key-file -: standard input holds the commands");
	/* From here on a core dump would hold a key. */
	prctl(PR_SET_DUMPABLE, 0);
	if (!input)
		fd = open(c->key_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		say(c, "cannot open key file %s: %s", c->key_file,
		    strerror(errno));
		return REFUSED;
	}
	warn_readable(c, fd);
	len = input ? read_line(c->lines, line, sizeof(line)) :
		      read_file(fd, line, sizeof(line));
	if (len == -EFBIG) {
		err = usage(c, "key file %s is not one line of base64",
			    c->key_file);
	} else if (len < 0) {
		say(c, "cannot read key file %s: %s", c->key_file,
		    strerror(-len));
		err = REFUSED;
	} else {
		err = split(c, line, len, e2ae_suite_by_id(sa->suite), sa);
	}
	explicit_bzero(line, sizeof(line));
	if (!input)
		close(fd);
	return err;
}
