// SPDX-License-Identifier: GPL-2.0
/* Questions about a call's media. */
#include <errno.h>

#include "inner-msrp.h"

/* The m-line as it is, or as it is offered; NULL if there is none. */
static const struct oa_media *media_at(const struct oa *oa, unsigned int i)
{
	if (oa->active && oa->active->media)
		return i < oa->active->n ? &oa->active->media[i] : NULL;
	if (oa->first)
		return i < oa->first->n ? &oa->first->line[i].media : NULL;
	return NULL;
}

/**
 * oa_lines() - how many m-lines a call has
 * @oa: the call
 *
 * Return: m-lines, also those that ended.
 */
unsigned int oa_lines(const struct oa *oa)
{
	if (oa->active && oa->active->media)
		return oa->active->n;
	return oa->first ? oa->first->n : 0;
}

/**
 * oa_line() - what is known of an m-line
 * @oa: the call
 * @line: which, from 0
 *
 * Return: all zeros, OA_OFF, if there is none.
 */
struct oa_line oa_line(const struct oa *oa, unsigned int line)
{
	const struct oa_media *media = media_at(oa, line);
	struct oa_line told = { .how = OA_OFF, .why = "" };
	const struct oa_relay *relay;

	if (!media)
		return told;
	told.how = media->how;
	if (!oa_is_secured(media->how) || !media->anchor)
		return told;
	told.suite = media->in.suite;
	told.stream = media->anchor->stream;
	told.access_port = oa_anchor_port(media->anchor, OA_ACCESS);
	told.core_port = oa_anchor_port(media->anchor, OA_CORE);
	relay = media->anchor->relay;
	if (!relay)
		return told;
	told.session = relay->state;
	told.why = relay->why;
	told.cema = relay->runs && relay->runs->cema;
	return told;
}

/**
 * oa_line_counts() - what passed in the session of an MSRP line
 * @oa: the call
 * @line: which, from 0
 * @counts: of its session
 *
 * Return: whether there is a session.
 */
bool oa_line_counts(const struct oa *oa, unsigned int line,
		    struct msrp_counts *counts)
{
	const struct oa_media *media = media_at(oa, line);

	if (!media || !media->anchor || !media->anchor->relay)
		return false;
	msrp_session_counts(media->anchor->relay->session, counts);
	return true;
}

/**
 * oa_sessions_over() - is there no MSRP session in use?
 * @oa: the call
 *
 * Return: whether all that there were are over.
 */
bool oa_sessions_over(const struct oa *oa)
{
	const struct oa_media *media;
	unsigned int i;

	for (i = 0; (media = media_at(oa, i)); i++)
		if (media->anchor && media->anchor->relay &&
		    media->anchor->relay->state != OA_SESSION_OVER)
			return false;
	return true;
}

/**
 * oa_has_stream() - is a stream one of this call?
 * @oa: the call
 * @stream: id at the MSF
 *
 * Return: whether it is.
 */
bool oa_has_stream(const struct oa *oa, uint32_t stream)
{
	const struct oa_media *media;
	unsigned int i;

	for (i = 0; stream && (media = media_at(oa, i)); i++)
		if (media->anchor && media->anchor->stream == stream)
			return true;
	return false;
}

/**
 * oa_on_hold() - does every m-line in use wait?
 * @oa: the call
 *
 * Return: whether there are such, and none goes both ways.
 */
bool oa_on_hold(const struct oa *oa)
{
	const struct oa_media *media;
	unsigned int i, n = 0;

	for (i = 0; (media = media_at(oa, i)); i++) {
		if (media->how == OA_OFF)
			continue;
		n++;
		if (media->leg[OA_ACCESS].direction == SDP_SENDRECV &&
		    media->leg[OA_CORE].direction == SDP_SENDRECV)
			return false;
	}
	return n > 0;
}

/**
 * oa_secured() - is all of a call's media secured to us?
 * @oa: the call
 *
 * Return: whether every m-line in use is, and there are such.
 */
bool oa_secured(const struct oa *oa)
{
	const struct oa_media *media;
	unsigned int i, n = 0;

	for (i = 0; (media = media_at(oa, i)); i++) {
		if (media->how == OA_OFF)
			continue;
		n++;
		if (!oa_is_secured(media->how))
			return false;
	}
	return n > 0;
}

/**
 * oa_pending() - does an offer wait for its answer?
 * @oa: the call
 *
 * Return: whether one does that no fork has answered.
 */
bool oa_pending(const struct oa *oa)
{
	const struct oa_fork *fork;

	for (fork = oa->forks; fork; fork = fork->next)
		if (fork->pending)
			return true;
	return oa->first && !oa->first->answered;
}

/**
 * oa_how_name() - for logs and for people
 * @how: security of the access leg
 *
 * Return: a word.
 */
const char *oa_how_name(enum oa_how how)
{
	static const char *const names[] = {
		[OA_OFF] = "off",     [OA_UNTOUCHED] = "untouched",
		[OA_PLAIN] = "plain", [OA_SDES] = "sdes",
		[OA_MIKEY] = "mikey", [OA_PSK_TLS] = "psk-tls",
		[OA_E2E] = "e2e",
	};

	return names[how];
}

/**
 * oa_session_name() - for logs and for people
 * @state: of a session of MSRP
 *
 * Return: a word.
 */
const char *oa_session_name(enum oa_session state)
{
	static const char *const names[] = {
		[OA_SESSION_NONE] = "none",
		[OA_SESSION_LISTENS] = "listens",
		[OA_SESSION_CONNECTS] = "connects",
		[OA_SESSION_UP] = "up",
		[OA_SESSION_OVER] = "over",
	};

	return names[state];
}
