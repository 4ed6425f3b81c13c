/* SPDX-License-Identifier: GPL-2.0 */
/* Records of the journal: lines of a letter and a value. */
#ifndef E2AE_RECORD_H
#define E2AE_RECORD_H

#include "../journal.h"
#include "../media/sdp_text.h"

/* Begins the ids of registrations. A call's begins with a token, which has no dot. */
#define RECORD_REG "reg."

/**
 * struct record - a record that is being written
 * @used: octets of it; with more than JOURNAL_DATA_MAX it is worth nothing
 * @text: the record
 */
struct record {
	size_t used;
	char text[JOURNAL_DATA_MAX];
};

void record_put_text(struct record *record, char field, struct sdp_text value);
void record_put(struct record *record, char field, const char *value);
bool record_next(struct sdp_text *rest, char *field, struct sdp_text *value);
bool record_find(struct sdp_text record, char wanted, struct sdp_text *value);
char *record_get(struct sdp_text record, char wanted);
bool record_is_reg(const char *id);
bool record_numbers(struct sdp_text text, uint64_t most, uint64_t *out,
		    size_t n);

#endif
