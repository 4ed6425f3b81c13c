// SPDX-License-Identifier: GPL-2.0
/* Attributes by name. */
#include <errno.h>
#include <string.h>

#include "sdp.h"

/**
 * sdp_attr_name() - the name of an attribute
 * @sdp: the description
 * @line: index of an a= line
 *
 * Return: the name, without blanks around it.
 */
struct sdp_text sdp_attr_name(const struct sdp *sdp, int line)
{
	struct sdp_text name, value;

	sdp_text_cut(sdp_line_value(sdp, line), ':', &name, &value);
	return sdp_text_trim(name);
}

/**
 * sdp_attr_next() - the next attribute of a name at one level
 * @sdp: the description
 * @media: level; the session's attributes are not an m-line's here
 * @name: its name
 * @attr: starts as SDP_FIRST; the attribute found
 *
 * Blanks after the colon, as some handsets write them, are left out.
 *
 * Return: whether there is one.
 */
bool sdp_attr_next(const struct sdp *sdp, unsigned int media, const char *name,
		   struct sdp_attr *attr)
{
	struct sdp_text found, value;
	int line = attr->line;

	for (;;) {
		line = sdp_line_next(sdp, media, line, 'a');
		if (line < 0)
			return false;
		sdp_text_cut(sdp_line_value(sdp, line), ':', &found, &value);
		if (sdp_text_is(sdp_text_trim(found), name))
			break;
	}
	attr->line = line;
	attr->value = sdp_text_trim(value);
	return true;
}

/**
 * sdp_attr_has() - is there an attribute of this name at this very level?
 * @sdp: the description
 * @media: level
 * @name: its name
 *
 * Return: whether there is.
 */
bool sdp_attr_has(const struct sdp *sdp, unsigned int media, const char *name)
{
	struct sdp_attr attr = SDP_FIRST;

	return sdp_attr_next(sdp, media, name, &attr);
}

/**
 * sdp_attr_get() - the first attribute of a name that applies to an m-line
 * @sdp: the description
 * @media: the m-line
 * @name: its name
 * @value: its value; may be NULL
 *
 * The m-line's own wins over the session's. For names allowed at both levels.
 *
 * Return: whether there is one.
 */
bool sdp_attr_get(const struct sdp *sdp, unsigned int media, const char *name,
		  struct sdp_text *value)
{
	struct sdp_attr attr = SDP_FIRST;
	bool found = sdp_attr_next(sdp, media, name, &attr);

	if (!found && media)
		found = sdp_attr_next(sdp, 0, name, &attr);
	if (found && value)
		*value = attr.value;
	return found;
}

static int direction_at(const struct sdp *sdp, unsigned int media)
{
	static const char *const names[] = {
		[SDP_SENDRECV] = "sendrecv",
		[SDP_SENDONLY] = "sendonly",
		[SDP_RECVONLY] = "recvonly",
		[SDP_INACTIVE] = "inactive",
	};
	int line = -1, i;

	for (;;) {
		line = sdp_line_next(sdp, media, line, 'a');
		if (line < 0)
			return -ENOENT;
		for (i = SDP_SENDRECV; i <= SDP_INACTIVE; i++)
			if (sdp_text_is(sdp_attr_name(sdp, line), names[i]))
				return i;
	}
}

/**
 * sdp_direction() - which way media go (RFC 8866, 6.7)
 * @sdp: the description
 * @media: the m-line
 *
 * The old way of holding, c=0.0.0.0, is for sdp_addr_any() to see.
 *
 * Return: the m-line's direction, else the session's, else sendrecv.
 */
enum sdp_direction sdp_direction(const struct sdp *sdp, unsigned int media)
{
	int found = direction_at(sdp, media);

	if (found < 0)
		found = direction_at(sdp, 0);
	return found < 0 ? SDP_SENDRECV : (enum sdp_direction)found;
}

/**
 * sdp_setup() - who connects (RFC 4145, 4; for MSRP RFC 6135)
 * @sdp: the description
 * @media: the m-line
 *
 * Return: the role, SDP_SETUP_NONE if it does not say.
 */
enum sdp_setup sdp_setup(const struct sdp *sdp, unsigned int media)
{
	static const char *const names[] = {
		[SDP_SETUP_ACTIVE] = "active",
		[SDP_SETUP_PASSIVE] = "passive",
		[SDP_SETUP_ACTPASS] = "actpass",
		[SDP_SETUP_HOLDCONN] = "holdconn",
	};
	struct sdp_text value;
	int i;

	if (!sdp_attr_get(sdp, media, "setup", &value))
		return SDP_SETUP_NONE;
	for (i = SDP_SETUP_ACTIVE; i <= SDP_SETUP_HOLDCONN; i++)
		if (sdp_text_is(value, names[i]))
			return i;
	return SDP_SETUP_OTHER;
}

/**
 * sdp_ice_name() - the attribute of a bit of sdp_ice()
 * @bit: the bit
 *
 * Return: its name; NULL past the last.
 */
const char *sdp_ice_name(enum sdp_ice bit)
{
	static const char *const names[] = {
		[SDP_ICE_CANDIDATE] = "candidate",
		[SDP_ICE_REMOTE_CANDIDATES] = "remote-candidates",
		[SDP_ICE_UFRAG] = "ice-ufrag",
		[SDP_ICE_PWD] = "ice-pwd",
		[SDP_ICE_OPTIONS] = "ice-options",
		[SDP_ICE_LITE] = "ice-lite",
		[SDP_ICE_MISMATCH] = "ice-mismatch",
		[SDP_ICE_PACING] = "ice-pacing",
		[SDP_ICE_END_OF_CANDIDATES] = "end-of-candidates",
	};

	return bit < ARRAY_SIZE(names) ? names[bit] : NULL;
}

/**
 * sdp_ice() - which attributes of ICE are there (RFC 8839)
 * @sdp: the description
 * @media: level
 *
 * Return: a bit 1 << enum sdp_ice for each, of this level alone.
 */
unsigned int sdp_ice(const struct sdp *sdp, unsigned int media)
{
	unsigned int bits = 0;
	int i;

	for (i = 0; sdp_ice_name(i); i++)
		if (sdp_attr_has(sdp, media, sdp_ice_name(i)))
			bits |= 1U << i;
	return bits;
}

/**
 * sdp_bundled() - shall an m-line share its transport with others? (RFC 9143)
 * @sdp: the description
 * @media: the m-line
 *
 * Return: whether its a=mid is in an a=group:BUNDLE.
 */
bool sdp_bundled(const struct sdp *sdp, unsigned int media)
{
	struct sdp_attr mid = SDP_FIRST, group = SDP_FIRST;
	struct sdp_text word;

	if (!media || !sdp_attr_next(sdp, media, "mid", &mid))
		return false;
	while (sdp_attr_next(sdp, 0, "group", &group)) {
		sdp_text_word(&group.value, &word);
		if (!sdp_text_is(word, "BUNDLE"))
			continue;
		while (sdp_text_word(&group.value, &word))
			if (word.len == mid.value.len &&
			    !memcmp(word.at, mid.value.at, word.len))
				return true;
	}
	return false;
}

/**
 * sdp_ssrcs() - the sources an m-line declares (RFC 5576, 4.1)
 * @sdp: the description
 * @media: the m-line
 * @ssrc: where to put them, each once, host byte order
 * @max: room there
 *
 * Return: how many; -ENOSPC if there are more than @max.
 */
int sdp_ssrcs(const struct sdp *sdp, unsigned int media, uint32_t *ssrc,
	      unsigned int max)
{
	struct sdp_attr attr = SDP_FIRST;
	struct sdp_text word;
	unsigned int i, n = 0;
	uint64_t number;

	while (sdp_attr_next(sdp, media, "ssrc", &attr)) {
		if (!sdp_text_word(&attr.value, &word) ||
		    sdp_text_number(word, UINT32_MAX, &number))
			continue;
		for (i = 0; i < n && ssrc[i] != number; i++)
			;
		if (i < n)
			continue;
		if (n == max)
			return -ENOSPC;
		ssrc[n++] = number;
	}
	return n;
}
