// SPDX-License-Identifier: GPL-2.0
/* A stream of MSRP messages: header, body, end-line; over and over. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "head.h"
#include "rewrite.h"

#define ANSWERS_MAX 2048 /* octets of responses of ours that may wait */
#define ASKED	    4 /* requests other than SEND whose responses are known */
#define STRAYS_MAX  8 /* requests for others until we give up */
#define END_LEN	    (2 + 7 + HEAD_ID_MAX) /* CRLF, dashes, identifier */

/**
 * enum phase - where in a message we are
 * @PHASE_HEAD: in the header, or before it
 * @PHASE_BODY: in a body that passes
 * @PHASE_SKIP: in a body that does not
 */
enum phase {
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_SKIP,
};

/**
 * struct msrp_rewrite - a direction
 * @paths: what is written
 * @header: octets that a header may have
 * @other: the other direction; it lives as long
 * @phase: where we are
 * @head: of the header, what has come; no memory between messages
 * @line: where in @head the unfinished line begins
 * @end: the end-line of the body, with the CRLF before it, without its flag
 * @end_len: octets
 * @matched: of @end, the flag and CRLF what has come
 * @ghost: of the matched octets, these went with the header
 * @flag: flag of the end-line
 * @answers: responses of ours that wait for the end of a message
 * @asked: identifiers of requests that went this way, not SEND
 * @next: which of them is the oldest
 * @strays: requests for others so far
 */
struct msrp_rewrite {
	struct msrp_paths paths;
	size_t header;
	struct msrp_rewrite *other;
	enum phase phase;
	struct net_buffer head;
	size_t line;
	char end[END_LEN];
	size_t end_len;
	size_t matched;
	size_t ghost;
	char flag;
	struct net_buffer answers;
	char asked[ASKED][HEAD_ID_MAX + 1];
	unsigned int next;
	unsigned int strays;
};

/**
 * msrp_rewrite_new() - rewrite a direction
 * @paths: what is written
 * @header: octets that a header may have
 * @other: the rewriter of the other direction, or NULL if this is the first
 *
 * Return: it, or NULL without memory.
 */
struct msrp_rewrite *msrp_rewrite_new(const struct msrp_paths *paths,
				      size_t header, struct msrp_rewrite *other)
{
	struct msrp_rewrite *rewrite = calloc(1, sizeof(*rewrite));

	if (!rewrite)
		return NULL;
	rewrite->paths = *paths;
	rewrite->header = header;
	rewrite->other = other;
	if (other)
		other->other = rewrite;
	return rewrite;
}

/**
 * msrp_rewrite_free() - give up a direction
 * @rewrite: it, or NULL; the other one must not be used any more
 */
void msrp_rewrite_free(struct msrp_rewrite *rewrite)
{
	if (!rewrite)
		return;
	if (rewrite->other)
		rewrite->other->other = NULL;
	net_buffer_free(&rewrite->head);
	net_buffer_free(&rewrite->answers);
	free(rewrite);
}

static int put(struct net_buffer *out, struct sdp_text text)
{
	return text.len ? net_buffer_put(out, text.at, text.len) : 0;
}

static int put_string(struct net_buffer *out, const char *string)
{
	return put(out, sdp_text_of(string));
}

/* The end-line of a message of ours. */
static int put_end(struct net_buffer *out, struct sdp_text id)
{
	return put_string(out, HEAD_DASHES) ?:
		       put(out, id)	    ?:
					      put_string(out, "$\r\n");
}

static int put_paths(struct net_buffer *out, struct sdp_text to,
		     struct sdp_text from)
{
	return put_string(out, "To-Path: ")		  ?:
		       put(out, to)			  ?:
		       put_string(out, "\r\nFrom-Path: ") ?:
		       put(out, from)			  ?:
		       put_string(out, "\r\n");
}

/*
 * A response of ours. It waits in the other direction until that is between two
 * messages.
 */
static int answer(struct msrp_rewrite *rewrite, const struct head *head,
		  const char *status)
{
	struct net_buffer *out = &rewrite->other->answers;
	struct sdp_text to = head->from;

	/* A response to SEND goes one hop back (RFC 4975, 7.2). */
	if (sdp_text_is(head->method, "SEND"))
		to = head_first(to);
	if (net_buffer_left(out) + to.len > ANSWERS_MAX)
		return -ENOBUFS;
	return put_string(out, "MSRP ")					   ?:
		       put(out, head->id)				   ?:
		       put_string(out, status)				   ?:
		       put_paths(out, to, sdp_text_of(rewrite->paths.own)) ?:
		       put_end(out, head->id);
}

static void remember(struct msrp_rewrite *rewrite, struct sdp_text id)
{
	char *slot = rewrite->asked[rewrite->next++ % ASKED];

	memcpy(slot, id.at, id.len);
	slot[id.len] = 0;
}

/* Is it a response to one of the requests that went the other way? */
static bool asked(struct msrp_rewrite *rewrite, struct sdp_text id)
{
	unsigned int i;
	char *one;

	for (i = 0; i < ASKED; i++) {
		one = rewrite->other->asked[i];
		if (strlen(one) == id.len && !memcmp(one, id.at, id.len)) {
			one[0] = 0;
			return true;
		}
	}
	return false;
}

/* Exactly one URI, and ours (7.3). */
static bool addressed(const struct msrp_rewrite *rewrite, struct sdp_text to)
{
	return !memchr(to.at, ' ', to.len) &&
	       head_uri_equal(to, sdp_text_of(rewrite->paths.own));
}

/* Why a request does not pass; NULL if it does. */
static const char *refusal(const struct msrp_rewrite *rewrite,
			   const struct head *head)
{
	if (!addressed(rewrite, head->to))
		return " 481 No such session\r\n";
	/* We are no relay that could be asked for a path (RFC 4976, 4.1). */
	if (sdp_text_is(head->method, "AUTH"))
		return " 501 Not a relay\r\n";
	return NULL;
}

static int refuse(struct msrp_rewrite *rewrite, const struct head *head,
		  const char *status)
{
	if (++rewrite->strays > STRAYS_MAX)
		return -EINVAL;
	if (sdp_text_is(head->method, "REPORT") ||
	    (sdp_text_is(head->method, "SEND") && head->silent))
		return 0;
	return answer(rewrite, head, status);
}

/* The header is whole: it passes with other paths, or it does not pass. */
static int decide(struct msrp_rewrite *rewrite, struct net_buffer *out,
		  const struct head *head, bool *passes)
{
	struct sdp_text to = sdp_text_of(rewrite->paths.to);
	const char *data = rewrite->head.data, *status;

	*passes = false;
	if (head->method.len) {
		status = refusal(rewrite, head);
		if (status)
			return refuse(rewrite, head, status);
		if (!sdp_text_is(head->method, "SEND") &&
		    !sdp_text_is(head->method, "REPORT"))
			remember(rewrite, head->id);
	} else {
		/* A response for nobody is dropped: it cannot be answered. */
		if (!addressed(rewrite, head->to))
			return 0;
		if (!asked(rewrite, head->id))
			to = head_first(to);
	}
	*passes = true;
	return net_buffer_put(out, data, head->start_len)		    ?:
		       put_paths(out, to, sdp_text_of(rewrite->paths.from)) ?:
		       net_buffer_put(out, data + head->rest,
				      rewrite->head.len - head->rest);
}

/* CRLF before the end-line may be that of the header, if there is no body. */
static void expect(struct msrp_rewrite *rewrite, struct sdp_text id)
{
	memcpy(rewrite->end, "\r\n" HEAD_DASHES, 9);
	memcpy(rewrite->end + 9, id.at, id.len);
	rewrite->end_len = 9 + id.len;
	rewrite->matched = 2;
	rewrite->ghost = 2;
}

static int header_over(struct msrp_rewrite *rewrite, struct net_buffer *out,
		       bool body)
{
	struct head head;
	bool passes;
	int err;

	if (head_parse(rewrite->head.data, rewrite->head.len, &head))
		return -EINVAL;
	/* A response has none (9). */
	if (body && !head.method.len)
		return -EINVAL;
	err = decide(rewrite, out, &head, &passes);
	if (!err && body) {
		expect(rewrite, head.id);
		rewrite->phase = passes ? PHASE_BODY : PHASE_SKIP;
	}
	net_buffer_free(&rewrite->head);
	rewrite->line = 0;
	return err;
}

/* Looks at the line that has just become whole. */
static int line_over(struct msrp_rewrite *rewrite, struct net_buffer *out)
{
	const char *line = rewrite->head.data + rewrite->line;
	size_t len = rewrite->head.len - rewrite->line;
	struct sdp_text id;
	enum head_line is;

	if (head_id(rewrite->head.data, rewrite->head.len, &id))
		return -EINVAL;
	is = head_line(line, len, id);
	rewrite->line = rewrite->head.len;
	if (is == HEAD_MORE)
		return 0;
	return is == HEAD_BAD ? -EINVAL :
				header_over(rewrite, out, is == HEAD_BODY);
}

/* Takes at most one line: octets, or negative errno. */
static ssize_t take_head(struct msrp_rewrite *rewrite, const char *data,
			 size_t len, struct net_buffer *out)
{
	const char *end = memchr(data, '\n', len);
	size_t n = end ? (size_t)(end + 1 - data) : len;
	int err;

	if (rewrite->head.len + n > rewrite->header)
		return -EMSGSIZE;
	err = net_buffer_put(&rewrite->head, data, n);
	if (!err && end)
		err = line_over(rewrite, out);
	return err ?: (ssize_t)n;
}

/* What looked like the end-line was body. */
static int release(struct msrp_rewrite *rewrite, struct net_buffer *out)
{
	size_t from = rewrite->ghost, n = rewrite->matched - from;

	rewrite->matched = 0;
	rewrite->ghost = 0;
	return n && rewrite->phase == PHASE_BODY ?
		       net_buffer_put(out, rewrite->end + from, n) :
		       0;
}

static int body_over(struct msrp_rewrite *rewrite, struct net_buffer *out)
{
	const char tail[] = { rewrite->flag, '\r', '\n' };
	size_t from = rewrite->ghost;
	int err = 0;

	if (rewrite->phase == PHASE_BODY)
		err = net_buffer_put(out, rewrite->end + from, rewrite->end_len - from) ?:
			      net_buffer_put(out, tail, sizeof(tail));
	rewrite->phase = PHASE_HEAD;
	return err;
}

/*
 * One octet against the end-line: 1 if it belongs to it, 0 if it is body, or
 * negative errno. A body must not hold the end-line (7.1), so what has its flag
 * has to go on as one.
 */
static int match(struct msrp_rewrite *rewrite, char c, struct net_buffer *out)
{
	size_t i = rewrite->matched, len = rewrite->end_len;

	if (i < len ? c == rewrite->end[i] :
		      i == len && strchr("+#$", c) && c) {
		if (i == len)
			rewrite->flag = c;
		rewrite->matched++;
		return 1;
	}
	if (i <= len)
		return release(rewrite, out);
	if (c != (i == len + 1 ? '\r' : '\n'))
		return -EINVAL;
	rewrite->matched++;
	return i == len + 1 ? 1 : body_over(rewrite, out) ?: 1;
}

/* Octets of a body up to the next that may begin its end-line. */
static ssize_t take_plain(struct msrp_rewrite *rewrite, const char *data,
			  size_t len, struct net_buffer *out, size_t room)
{
	const char *next;
	int err = 0;

	len = len < room ? len : room;
	next = memchr(data, '\r', len);
	if (next)
		len = (size_t)(next - data);
	if (len && rewrite->phase == PHASE_BODY)
		err = net_buffer_put(out, data, len);
	return err ?: (ssize_t)len;
}

/* Takes octets of a body: how many, at least one, or negative errno. */
static ssize_t take_body(struct msrp_rewrite *rewrite, const char *data,
			 size_t len, struct net_buffer *out, size_t room)
{
	ssize_t n = 0;
	int is;

	if (!rewrite->matched)
		n = take_plain(rewrite, data, len, out, room);
	if (n)
		return n;
	is = match(rewrite, *data, out);
	if (is)
		return is;
	/* It may be the beginning of another one. */
	if (*data == rewrite->end[0]) {
		rewrite->matched = 1;
		return 1;
	}
	return take_plain(rewrite, data, 1, out, 1);
}

/**
 * msrp_rewrite() - pass octets on with other paths
 * @rewrite: the direction
 * @data: what has come
 * @len: octets
 * @out: where to
 * @room: no more is taken when so many octets wait in @out; a header may
 *	exceed it
 *
 * Return: octets taken; -EINVAL for what is no message, or too many requests for
 * others; -EMSGSIZE for a header that is too long; -ENOBUFS if too many
 * responses of ours wait; -ENOMEM.
 */
ssize_t msrp_rewrite(struct msrp_rewrite *rewrite, const char *data, size_t len,
		     struct net_buffer *out, size_t room)
{
	size_t done = 0, waits;
	ssize_t n;

	while (done < len) {
		waits = net_buffer_left(out);
		if (waits >= room)
			break;
		if (rewrite->phase == PHASE_HEAD)
			n = take_head(rewrite, data + done, len - done, out);
		else
			n = take_body(rewrite, data + done, len - done, out,
				      room - waits);
		if (n < 0)
			return n;
		done += (size_t)n;
		if (msrp_rewrite_between(rewrite)) {
			n = msrp_rewrite_answers(rewrite, out);
			if (n)
				return n;
		}
	}
	return (ssize_t)done;
}

/**
 * msrp_rewrite_between() - is this the end of a message?
 * @rewrite: the direction
 *
 * Return: whether the next octet begins one.
 */
bool msrp_rewrite_between(const struct msrp_rewrite *rewrite)
{
	return rewrite->phase == PHASE_HEAD && !rewrite->head.len;
}

/**
 * msrp_rewrite_asks() - do responses of ours wait to go this way?
 * @rewrite: the direction
 *
 * Return: whether there are any that can go.
 */
bool msrp_rewrite_asks(const struct msrp_rewrite *rewrite)
{
	return net_buffer_left(&rewrite->answers) &&
	       msrp_rewrite_between(rewrite);
}

/**
 * msrp_rewrite_answers() - let responses of ours go
 * @rewrite: the direction in which they go
 * @out: where to
 *
 * Return: 0 or -ENOMEM.
 */
int msrp_rewrite_answers(struct msrp_rewrite *rewrite, struct net_buffer *out)
{
	struct net_buffer *answers = &rewrite->answers;
	int err;

	if (!msrp_rewrite_asks(rewrite))
		return 0;
	err = net_buffer_put(out, answers->data + answers->at,
			     net_buffer_left(answers));
	net_buffer_free(answers);
	return err;
}

/**
 * msrp_rewrite_hello() - the first request of a connection that we made
 * @rewrite: the direction in which it goes
 * @out: where to
 *
 * It has no body and wants no response.
 *
 * Return: 0, -EIO without random octets, or -ENOMEM.
 */
int msrp_rewrite_hello(const struct msrp_rewrite *rewrite,
		       struct net_buffer *out)
{
	unsigned char random[8];
	char id[2 * sizeof(random) + 1];
	size_t i;

	if (RAND_bytes(random, sizeof(random)) != 1)
		return -EIO;
	for (i = 0; i < sizeof(random); i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	return put_string(out, "MSRP ") ?: put_string(out, id) ?:
	       put_string(out, " SEND\r\n") ?:
	       put_paths(out, sdp_text_of(rewrite->paths.to),
			 sdp_text_of(rewrite->paths.from)) ?:
	       put_string(out, "Message-ID: ") ?: put_string(out, id) ?:
	       put_string(out, "\r\nFailure-Report: no\r\n") ?:
	       put_end(out, sdp_text_of(id));
}
