// SPDX-License-Identifier: GPL-2.0
/* Lines of the journal, written and read. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "journal-line.h"

static const char digits[] = "0123456789abcdef";

static uint32_t sum_of(char kind, const char *text)
{
	uint32_t sum = (0x811c9dc5 ^ (unsigned char)kind) * 0x01000193;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 0x01000193;
	return sum;
}

/**
 * journal_id_good() - whether an id can be in a line
 * @id: the id
 *
 * Return: whether it is visible ASCII of a good length.
 */
bool journal_id_good(const char *id)
{
	size_t n;

	for (n = 0; id[n]; n++)
		if (n == JOURNAL_ID_MAX || id[n] <= 0x20 || id[n] >= 0x7f)
			return false;
	return n;
}

/**
 * journal_line_write() - write a line
 * @out: JOURNAL_LINE_ROOM octets
 * @kind: 'P' or 'D'
 * @id: a good id
 * @data: octets of a record; none for 'D'
 * @len: how many, at most JOURNAL_DATA_MAX
 *
 * Return: octets of the line, with its newline.
 */
size_t journal_line_write(char *out, char kind, const char *id,
			  const void *data, size_t len)
{
	const unsigned char *octets = data;
	char *text = out + 11, *at = text;
	char sum[9];
	size_t i;

	at += sprintf(at, "%s", id);
	if (kind == 'P')
		*at++ = ' ';
	for (i = 0; i < len; i++) {
		*at++ = digits[octets[i] >> 4];
		*at++ = digits[octets[i] & 15];
	}
	*at = '\0';
	out[0] = kind;
	out[1] = ' ';
	snprintf(sum, sizeof(sum), "%08x", sum_of(kind, text));
	memcpy(out + 2, sum, 8);
	out[10] = ' ';
	*at++ = '\n';
	return at - out;
}

static bool hex_good(const char *hex)
{
	size_t n = strspn(hex, digits);

	return !hex[n] && !(n % 2) && n <= 2 * JOURNAL_DATA_MAX;
}

/**
 * journal_line_parse() - read a line
 * @line: the line without its newline; is cut into pieces
 * @kind: 'P' or 'D'
 * @id: where to put the id
 * @hex: where to put the octets as they are written; "" for 'D'
 *
 * Return: whether it is a whole line.
 */
bool journal_line_parse(char *line, char *kind, char **id, char **hex)
{
	char want[9];

	if (strlen(line) < 12 || (line[0] != 'P' && line[0] != 'D') ||
	    line[1] != ' ' || line[10] != ' ')
		return false;
	snprintf(want, sizeof(want), "%08x", sum_of(line[0], line + 11));
	if (memcmp(want, line + 2, 8))
		return false;
	*kind = line[0];
	*id = line + 11;
	*hex = strchr(*id, ' ');
	if (!*hex != (*kind == 'D'))
		return false;
	if (*hex)
		*(*hex)++ = '\0';
	else
		*hex = *id + strlen(*id);
	return journal_id_good(*id) && hex_good(*hex);
}

/**
 * journal_line_data() - the octets of a record
 * @hex: as journal_line_parse() gave them
 * @data: JOURNAL_DATA_MAX octets
 *
 * Return: how many they are.
 */
size_t journal_line_data(const char *hex, unsigned char *data)
{
	size_t n;

	for (n = 0; hex[2 * n]; n++)
		data[n] = (strchr(digits, hex[2 * n]) - digits) << 4 |
			  (strchr(digits, hex[2 * n + 1]) - digits);
	return n;
}
