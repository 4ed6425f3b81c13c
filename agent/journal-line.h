/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A line of the journal:
 *
 *	P SUM ID HEX	the record of ID is now this
 *	D SUM ID	ID has none any more
 *
 * SUM is FNV-1a over the letter and what follows SUM, so a line that was torn or
 * overwritten is known, and the lines after it still count.
 */
#ifndef E2AE_JOURNAL_LINE_H
#define E2AE_JOURNAL_LINE_H

#include <stdbool.h>

#include "journal.h"

#define JOURNAL_LINE_ROOM (JOURNAL_ID_MAX + 2 * JOURNAL_DATA_MAX + 16)

bool journal_id_good(const char *id);
size_t journal_line_write(char *out, char kind, const char *id,
			  const void *data, size_t len);
bool journal_line_parse(char *line, char *kind, char **id, char **hex);
size_t journal_line_data(const char *hex, unsigned char *data);

#endif
