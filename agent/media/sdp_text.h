/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of text inside a message: counted, never terminated, never copied. */
#ifndef E2AE_SDP_TEXT_H
#define E2AE_SDP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/**
 * sdp_text_of() - a C string as a piece of text
 * @string: the string, or NULL for no text
 *
 * Return: the text; it lives as long as @string.
 */
static inline struct sdp_text sdp_text_of(const char *string)
{
	return (struct sdp_text){ string, string ? strlen(string) : 0 };
}

/**
 * sdp_text_put() - append to a buffer
 * @text: what to append
 * @out: the buffer
 * @size: octets of it
 * @used: octets used; @text is counted also where it does not fit and nothing
 *	is written, so the caller compares it with @size at the end
 */
static inline void sdp_text_put(struct sdp_text text, char *out, size_t size,
				size_t *used)
{
	if (text.len && text.len <= size && *used <= size - text.len)
		memcpy(out + *used, text.at, text.len);
	*used += text.len;
}

bool sdp_text_is(struct sdp_text text, const char *word);
bool sdp_text_clean(struct sdp_text text);
struct sdp_text sdp_text_trim(struct sdp_text text);
bool sdp_text_word(struct sdp_text *rest, struct sdp_text *word);
bool sdp_text_cut(struct sdp_text text, char mark, struct sdp_text *head,
		  struct sdp_text *tail);
int sdp_text_number(struct sdp_text text, uint64_t max, uint64_t *number);

#endif
