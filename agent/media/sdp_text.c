// SPDX-License-Identifier: GPL-2.0
/* Pieces of text inside a message. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "sdp_text.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/**
 * sdp_text_is() - compare with a word, upper and lower case alike
 * @text: the text, the whole of it
 * @word: the word
 *
 * Return: whether they are the same.
 */
bool sdp_text_is(struct sdp_text text, const char *word)
{
	size_t len = strlen(word);

	return text.len == len && (!len || !strncasecmp(text.at, word, len));
}

/**
 * sdp_text_clean() - is this one line?
 * @text: the text
 *
 * Return: whether it has no CR, LF or NUL (byte-string of RFC 8866, 9).
 */
bool sdp_text_clean(struct sdp_text text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.at[i] == '\r' || text.at[i] == '\n' || !text.at[i])
			return false;
	return true;
}

/**
 * sdp_text_trim() - leave out blanks around a text
 * @text: the text
 *
 * Return: the part from the first to the last octet that is no blank or tab.
 */
struct sdp_text sdp_text_trim(struct sdp_text text)
{
	while (text.len && blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len && blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

/**
 * sdp_text_word() - take the next word
 * @rest: where to look; what follows the word afterwards
 * @word: the word; empty, at the end of the text, if there is none
 *
 * One blank stands between the words of SDP; more, and tabs, are accepted.
 *
 * Return: whether there was a word.
 */
bool sdp_text_word(struct sdp_text *rest, struct sdp_text *word)
{
	size_t n = 0;

	while (rest->len && blank(rest->at[0])) {
		rest->at++;
		rest->len--;
	}
	while (n < rest->len && !blank(rest->at[n]))
		n++;
	*word = (struct sdp_text){ rest->at, n };
	if (n) {
		rest->at += n;
		rest->len -= n;
	}
	return n;
}

/**
 * sdp_text_cut() - divide a text at the first mark
 * @text: the text
 * @mark: the mark
 * @head: what comes before it, all of @text if there is no mark
 * @tail: what comes after it
 *
 * Return: whether the mark is there.
 */
bool sdp_text_cut(struct sdp_text text, char mark, struct sdp_text *head,
		  struct sdp_text *tail)
{
	const char *found = text.len ? memchr(text.at, mark, text.len) : NULL;

	*head = text;
	*tail = (struct sdp_text){ NULL, 0 };
	if (!found)
		return false;
	head->len = found - text.at;
	tail->at = found + 1;
	tail->len = text.len - head->len - 1;
	return true;
}

/**
 * sdp_text_number() - a decimal number, digits and nothing else
 * @text: the digits
 * @max: the largest allowed
 * @number: where to put it
 *
 * Return: 0; -EBADMSG if it is none; -ERANGE if it is larger than @max.
 */
int sdp_text_number(struct sdp_text text, uint64_t max, uint64_t *number)
{
	uint64_t sum = 0;
	size_t i;

	if (!text.len)
		return -EBADMSG;
	for (i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return -EBADMSG;
	for (i = 0; i < text.len; i++) {
		unsigned int digit = text.at[i] - '0';

		if (digit > max || sum > (max - digit) / 10)
			return -ERANGE;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return 0;
}
