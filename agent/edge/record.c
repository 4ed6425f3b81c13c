// SPDX-License-Identifier: GPL-2.0
/* Records of the journal, written and read. */
#include <stdlib.h>
#include <string.h>

#include "record.h"

/**
 * record_put_text() - write a field
 * @record: the record
 * @field: its letter
 * @value: its value; a folded header becomes one line
 */
void record_put_text(struct record *record, char field, struct sdp_text value)
{
	size_t from = record->used + 1;

	sdp_text_put((struct sdp_text){ &field, 1 }, record->text,
		     sizeof(record->text), &record->used);
	sdp_text_put(value, record->text, sizeof(record->text), &record->used);
	for (; record->used <= sizeof(record->text) && from < record->used;
	     from++)
		if (record->text[from] == '\n' || record->text[from] == '\r')
			record->text[from] = ' ';
	sdp_text_put((struct sdp_text){ "\n", 1 }, record->text,
		     sizeof(record->text), &record->used);
}

/**
 * record_put() - write a field
 * @record: the record
 * @field: its letter
 * @value: its value, or NULL for an empty one
 */
void record_put(struct record *record, char field, const char *value)
{
	record_put_text(record, field, sdp_text_of(value ? value : ""));
}

/**
 * record_next() - read the next field
 * @rest: what was not read yet
 * @field: its letter
 * @value: its value
 *
 * Return: whether there is one.
 */
bool record_next(struct sdp_text *rest, char *field, struct sdp_text *value)
{
	struct sdp_text line;

	if (!rest->len)
		return false;
	sdp_text_cut(*rest, '\n', &line, rest);
	if (!line.len)
		return false;
	*field = line.at[0];
	*value = (struct sdp_text){ line.at + 1, line.len - 1 };
	return true;
}

/**
 * record_find() - find a field
 * @record: the record
 * @wanted: its letter
 * @value: where to put the value of the first one; empty without
 *
 * Return: whether there is one.
 */
bool record_find(struct sdp_text record, char wanted, struct sdp_text *value)
{
	char field;

	while (record_next(&record, &field, value))
		if (field == wanted)
			return true;
	*value = (struct sdp_text){ "", 0 };
	return false;
}

/**
 * record_get() - keep a field as a string
 * @record: the record
 * @wanted: its letter
 *
 * Return: the string; NULL without such a field, or without memory.
 */
char *record_get(struct sdp_text record, char wanted)
{
	struct sdp_text value;
	size_t used = 0;
	char *out;

	if (!record_find(record, wanted, &value))
		return NULL;
	out = malloc(value.len + 1);
	if (!out)
		return NULL;
	sdp_text_put(value, out, value.len, &used);
	out[used] = 0;
	return out;
}

/**
 * record_is_reg() - is a record that of a registration?
 * @id: its id
 *
 * Return: whether it is.
 */
bool record_is_reg(const char *id)
{
	return !strncmp(id, RECORD_REG, sizeof(RECORD_REG) - 1);
}

/**
 * record_numbers() - read the numbers of a value
 * @text: the value
 * @most: none is larger
 * @out: where to put them
 * @n: how many
 *
 * Return: whether there are so many.
 */
bool record_numbers(struct sdp_text text, uint64_t most, uint64_t *out,
		    size_t n)
{
	struct sdp_text word;
	size_t i;

	for (i = 0; i < n; i++)
		if (!sdp_text_word(&text, &word) ||
		    sdp_text_number(word, most, &out[i]))
			return false;
	return true;
}
