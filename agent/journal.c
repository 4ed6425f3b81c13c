// SPDX-License-Identifier: GPL-2.0
/*
 * The journal: a file to which lines are appended, and in memory where the last
 * line of each id is. When most of the file is history it is written anew.
 * Nothing is synced to the disk: what matters is that lines outlive the process,
 * and for that they only have to be in the page cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal-line.h"

#define BUCKETS	    16384
#define KEEP_OCTETS (1 << 20) /* of history, whatever the rest is */
#define BOOT_ROOM   64

/**
 * struct entry - the last record of an id
 * @next: in its bucket
 * @at: offset of its line
 * @len: octets of it, with the newline
 * @id: the id
 */
struct entry {
	struct entry *next;
	off_t at;
	size_t len;
	char id[];
};

/**
 * struct journal - a journal
 * @dir: its directory, locked
 * @fd: the file
 * @size: of the file
 * @limit: at this size it is written anew
 * @n: records
 * @head: first line, with the boot that it is of
 * @buckets: records by id
 */
struct journal {
	int dir;
	int fd;
	off_t size;
	off_t limit;
	size_t n;
	char head[BOOT_ROOM];
	struct entry *buckets[BUCKETS];
};

static struct entry **find(struct journal *journal, const char *id)
{
	struct entry **at;
	uint32_t sum = 0x811c9dc5;
	const char *c;

	for (c = id; *c; c++)
		sum = (sum ^ (unsigned char)*c) * 0x01000193;
	at = &journal->buckets[sum % BUCKETS];
	while (*at && strcmp((*at)->id, id))
		at = &(*at)->next;
	return at;
}

static void forget(struct journal *journal, struct entry **at)
{
	struct entry *entry = *at;

	*at = entry->next;
	journal->n--;
	free(entry);
}

static int remember(struct journal *journal, const char *id, off_t at,
		    size_t len)
{
	struct entry **place = find(journal, id), *entry = *place;

	if (!entry) {
		entry = calloc(1, sizeof(*entry) + strlen(id) + 1);
		if (!entry)
			return -ENOMEM;
		strcpy(entry->id, id);
		*place = entry;
		journal->n++;
	}
	entry->at = at;
	entry->len = len;
	return 0;
}

static void forget_all(struct journal *journal)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		while (journal->buckets[i])
			forget(journal, &journal->buckets[i]);
}

/* Streams do not outlive the kernel, so each boot has a journal of its own. */
static void head_make(char head[BOOT_ROOM])
{
	char boot[40] = "-";
	FILE *in;

	in = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (in && fscanf(in, "%39s", boot) != 1)
		strcpy(boot, "-");
	if (in)
		fclose(in);
	snprintf(head, BOOT_ROOM, "e2ae-journal 1 %s\n", boot);
}

/* Takes the lines of a file; what is no line of ours is passed over. */
static int load_lines(struct journal *journal, FILE *in)
{
	char *line = NULL, *id, *hex, kind;
	size_t room = 0;
	off_t at = 0;
	ssize_t n;
	int err = 0;

	n = getline(&line, &room, in);
	if (n > 0 && !strcmp(line, journal->head)) {
		for (at = n; !err && (n = getline(&line, &room, in)) > 0;
		     at += n) {
			if (line[n - 1] != '\n')
				break; /* the tail is torn */
			line[n - 1] = '\0';
			if (!journal_line_parse(line, &kind, &id, &hex))
				continue;
			if (kind == 'P')
				err = remember(journal, id, at, n);
			else if (*find(journal, id))
				forget(journal, find(journal, id));
		}
	}
	free(line);
	return err;
}

static int load(struct journal *journal)
{
	FILE *in;
	int fd, err;

	fd = openat(journal->dir, "journal", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	journal->fd = fd;
	fd = dup(fd);
	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	err = load_lines(journal, in);
	fclose(in);
	return err;
}

static int write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	for (; len; data += n, len -= n) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -errno;
	}
	return 0;
}

static ssize_t line_read(const struct journal *journal,
			 const struct entry *entry,
			 char line[JOURNAL_LINE_ROOM])
{
	ssize_t n;

	if (entry->len > JOURNAL_LINE_ROOM)
		return -EBADMSG;
	n = pread(journal->fd, line, entry->len, entry->at);
	if (n < 0)
		return -errno;
	return (size_t)n == entry->len ? n : -EBADMSG;
}

/* Copies what counts. */
static int copy_live(struct journal *journal, int fd, off_t *size)
{
	char line[JOURNAL_LINE_ROOM];
	struct entry **at;
	size_t i;
	ssize_t n;
	int err;

	for (i = 0; i < BUCKETS; i++) {
		for (at = &journal->buckets[i]; *at; at = &(*at)->next) {
			n = line_read(journal, *at, line);
			if (n < 0)
				return n;
			err = write_all(fd, line, n);
			if (err)
				return err;
			*size += n;
		}
	}
	return 0;
}

/* In the order in which copy_live() wrote them. */
static void place_live(struct journal *journal)
{
	off_t at = strlen(journal->head);
	struct entry *entry;
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		for (entry = journal->buckets[i]; entry; entry = entry->next) {
			entry->at = at;
			at += entry->len;
		}
	}
}

/* A new file takes the place of the old one when it is whole. */
static int compact(struct journal *journal)
{
	off_t size = strlen(journal->head);
	int fd, err;

	fd = openat(journal->dir, "journal.new",
		    O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, journal->head, size);
	if (!err)
		err = copy_live(journal, fd, &size);
	if (!err && (fchmod(fd, 0600) || renameat(journal->dir, "journal.new",
						  journal->dir, "journal")))
		err = -errno;
	if (err) {
		close(fd);
		unlinkat(journal->dir, "journal.new", 0);
		return err;
	}
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = fd;
	journal->size = size;
	journal->limit = KEEP_OCTETS + 3 * size;
	place_live(journal);
	return 0;
}

/**
 * journal_open() - take up the journal of a directory
 * @journal: where to put it
 * @dir: the directory; has to be there, and is locked
 * @why: where to put a sentence if it cannot be had
 * @room: octets there
 *
 * What was written before the machine was started, a torn tail and garbage are
 * gone afterwards.
 *
 * Return: 0; or a negative errno with @why filled in, -EBUSY if another process
 * has it.
 */
int journal_open(struct journal **journal, const char *dir, char *why,
		 size_t room)
{
	struct journal *made;
	int err = -ENOMEM;

	made = calloc(1, sizeof(*made));
	if (!made)
		goto out;
	head_make(made->head);
	made->fd = -1;
	made->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = made->dir < 0 ? -errno : 0;
	if (!err && flock(made->dir, LOCK_EX | LOCK_NB))
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (!err)
		err = load(made);
	if (!err)
		err = compact(made);
out:
	if (err) {
		snprintf(why, room, "the journal in %s cannot be used: %s", dir,
			 err == -EBUSY ? "another e2aed uses it" :
					 strerror(-err));
		journal_close(made);
		return err;
	}
	*journal = made;
	return 0;
}

/**
 * journal_read() - tell all records, in no order
 * @journal: the journal; must not be changed by @told
 * @told: is told
 * @arg: its first argument
 *
 * Return: 0 or a negative errno.
 */
int journal_read(struct journal *journal, journal_record *told, void *arg)
{
	unsigned char data[JOURNAL_DATA_MAX];
	char line[JOURNAL_LINE_ROOM];
	char *id, *hex, kind;
	struct entry *entry;
	size_t i;
	ssize_t n;

	for (i = 0; i < BUCKETS; i++) {
		for (entry = journal->buckets[i]; entry; entry = entry->next) {
			n = line_read(journal, entry, line);
			if (n < 0)
				return n;
			line[n - 1] = '\0';
			if (journal_line_parse(line, &kind, &id, &hex))
				told(arg, id, data,
				     journal_line_data(hex, data));
		}
	}
	return 0;
}

/* All of a line or nothing: half of one would spoil the next. */
static int append(struct journal *journal, const char *line, size_t len)
{
	ssize_t n;

	n = pwrite(journal->fd, line, len, journal->size);
	if (n != (ssize_t)len) {
		int err = n < 0 ? -errno : -ENOSPC;

		if (ftruncate(journal->fd, journal->size))
			return -EIO;
		return err;
	}
	journal->size += len;
	return 0;
}

/* Fails in silence, and not at once again: the old file is as good, only longer. */
static void shrink(struct journal *journal)
{
	if (journal->size > journal->limit && compact(journal))
		journal->limit = 2 * journal->size;
}

/**
 * journal_put() - keep a record, in place of the one that the id had
 * @journal: the journal
 * @id: visible ASCII, at most JOURNAL_ID_MAX
 * @data: octets, without any key
 * @len: how many, at most JOURNAL_DATA_MAX
 *
 * Return: 0; -EINVAL for a bad id, -EMSGSIZE for too much; or another negative
 * errno, and the record is what it was.
 */
int journal_put(struct journal *journal, const char *id, const void *data,
		size_t len)
{
	char line[JOURNAL_LINE_ROOM];
	size_t n;
	int err;

	if (!journal_id_good(id))
		return -EINVAL;
	if (len > JOURNAL_DATA_MAX)
		return -EMSGSIZE;
	n = journal_line_write(line, 'P', id, data, len);
	err = append(journal, line, n);
	if (!err)
		err = remember(journal, id, journal->size - n, n);
	if (!err)
		shrink(journal);
	return err;
}

/**
 * journal_drop() - keep the record of an id no more
 * @journal: the journal
 * @id: the id; it need not have one
 *
 * Return: 0 or a negative errno; the record is gone for this process anyway.
 */
int journal_drop(struct journal *journal, const char *id)
{
	char line[JOURNAL_LINE_ROOM];
	struct entry **at = find(journal, id);
	int err;

	if (!*at)
		return 0;
	err = append(journal, line, journal_line_write(line, 'D', id, NULL, 0));
	forget(journal, at);
	shrink(journal);
	return err;
}

/**
 * journal_count() - how many records there are
 * @journal: the journal
 *
 * Return: the number.
 */
size_t journal_count(const struct journal *journal)
{
	return journal->n;
}

/**
 * journal_close() - let go of a journal; the file stays
 * @journal: the journal, or NULL
 */
void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	forget_all(journal);
	if (journal->fd >= 0)
		close(journal->fd);
	if (journal->dir >= 0)
		close(journal->dir);
	free(journal);
}
