/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of text inside a message: counted, never terminated, never copied. */
#ifndef E2AE_SDP_TEXT_H
#define E2AE_SDP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))

/**
 * struct sdp_text - octets of somebody else's memory
 * @at: the first; may be NULL if @len is 0
 * @len: how many
 */
struct sdp_text {
	const char *at;
	size_t len;
};

struct sdp_text sdp_text_of(const char *string);
bool sdp_text_is(struct sdp_text text, const char *word);
bool sdp_text_clean(struct sdp_text text);
struct sdp_text sdp_text_trim(struct sdp_text text);
bool sdp_text_word(struct sdp_text *rest, struct sdp_text *word);
bool sdp_text_cut(struct sdp_text text, char mark, struct sdp_text *head,
		  struct sdp_text *tail);
void sdp_text_put(struct sdp_text text, char *out, size_t size, size_t *used);
int sdp_text_number(struct sdp_text text, uint64_t max, uint64_t *number);

#endif
