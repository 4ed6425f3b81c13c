/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an agent that died knew of its calls and registrations, for the next one: a
 * bounded record for each, whose octets only the owner understands, under an id that the owner
 * chose. A stream in the kernel whose call has a record can be adopted, any other
 * of our streams is removed.
 *
 * No key of media or of a UE may be in a record. The secret of route marks is in
 * one (edge/mark.c). The file outlives the process, not the machine:
 * streams are gone after a restart of that, and so is what the journal says.
 */
#ifndef E2AE_JOURNAL_H
#define E2AE_JOURNAL_H

#include <stddef.h>

#define JOURNAL_ID_MAX	 255 /* visible ASCII */
#define JOURNAL_DATA_MAX 4096

struct journal;

/**
 * typedef journal_record - a record
 * @arg: of the one who asked
 * @id: as it was given
 * @data: its octets, valid during the call
 * @len: how many
 */
typedef void journal_record(void *arg, const char *id, const void *data,
			    size_t len);

int journal_open(struct journal **journal, const char *dir, char *why,
		 size_t room);
int journal_read(struct journal *journal, journal_record *told, void *arg);
int journal_put(struct journal *journal, const char *id, const void *data,
		size_t len);
int journal_drop(struct journal *journal, const char *id);
size_t journal_count(const struct journal *journal);
void journal_close(struct journal *journal);

#endif
