// SPDX-License-Identifier: GPL-2.0
/* What both sides said of an MSRP line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner-msrp.h"

/**
 * oa_msrp_new() - nobody said anything yet
 *
 * Return: with one reference, or NULL.
 */
struct oa_msrp *oa_msrp_new(void)
{
	struct oa_msrp *msrp = calloc(1, sizeof(*msrp));

	if (msrp)
		msrp->refs = 1;
	return msrp;
}

/**
 * oa_msrp_get() - hold it
 * @msrp: what was said, or NULL
 *
 * Return: @msrp.
 */
struct oa_msrp *oa_msrp_get(struct oa_msrp *msrp)
{
	if (msrp)
		msrp->refs++;
	return msrp;
}

/**
 * oa_msrp_put() - let it go
 * @msrp: what was said, or NULL
 */
void oa_msrp_put(struct oa_msrp *msrp)
{
	int side;

	if (!msrp || --msrp->refs)
		return;
	for (side = OA_ACCESS; side <= OA_CORE; side++) {
		free(msrp->path[side]);
		free(msrp->shown[side]);
	}
	free(msrp);
}

/**
 * oa_text_set() - keep a text
 * @to: where; what was there goes
 * @text: the text
 *
 * Return: 0 or -ENOMEM.
 */
int oa_text_set(char **to, struct sdp_text text)
{
	char *new = strndup(text.at ? text.at : "", text.len);

	if (!new)
		return -ENOMEM;
	free(*to);
	*to = new;
	return 0;
}

/**
 * oa_text_same() - compare texts that may not be there
 * @a: one, or NULL
 * @b: another, or NULL
 *
 * Return: whether they are the same.
 */
bool oa_text_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int copy_text(char **to, const char *from)
{
	return from ? oa_text_set(to, sdp_text_of(from)) : 0;
}

/**
 * oa_msrp_again() - a copy, for the answer to be added
 * @msrp: what the offer said
 *
 * Return: with one reference, or NULL.
 */
struct oa_msrp *oa_msrp_again(const struct oa_msrp *msrp)
{
	struct oa_msrp *new = oa_msrp_new();
	int side, err = 0;

	if (!new)
		return NULL;
	*new = *msrp;
	new->refs = 1;
	memset(new->path, 0, sizeof(new->path));
	memset(new->shown, 0, sizeof(new->shown));
	for (side = OA_ACCESS; side <= OA_CORE && !err; side++) {
		err = copy_text(&new->path[side], msrp->path[side]);
		if (!err)
			err = copy_text(&new->shown[side], msrp->shown[side]);
	}
	if (!err)
		return new;
	oa_msrp_put(new);
	return NULL;
}
