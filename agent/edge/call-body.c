// SPDX-License-Identifier: GPL-2.0
/* The session description in a body: found, exchanged, or taken out. */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"

/* Attributes that belong between a UE and its P-CSCF, or between two UEs. */
static const char *const secrets[] = { "3ge2ae", "key-mgmt", "crypto" };

/**
 * call_body_find() - look for a session description
 * @msg: the message
 * @part: where it is
 *
 * Return: 1 if there is one, 0 if not; -EPROTO if it is encoded, so that we
 * cannot tell (RFC 3261, 20.12); another error if the body is malformed.
 */
int call_body_find(const struct sip_msg *msg, struct body_part *part)
{
	const struct sdp_text nothing = { "", 0 };
	struct sdp_text type, coding;
	int err;

	if (!msg->body.len)
		return 0;
	/* Some would take it for one all the same (RFC 3261, 7.4.1). */
	if (!sip_header(msg, "Content-Type", &type))
		return -EBADMSG;
	if (sip_header(msg, "Content-Encoding", &coding) && coding.len &&
	    !sip_alike(coding, sdp_text_of("identity")))
		return body_find_sdp(type, nothing, part) == -ENOENT ? 0 :
								       -EPROTO;
	err = body_find_sdp(type, msg->body, part);
	if (err == -ENOENT)
		return 0;
	return err ? err : 1;
}

static struct sdp_text description(const struct sip_msg *msg,
				   const struct body_part *part)
{
	return sip_part(msg->body, part->at, part->at + part->len);
}

static void skip_blanks(struct sdp_text *text)
{
	while (text->len && (text->at[0] == ' ' || text->at[0] == '\t')) {
		text->at++;
		text->len--;
	}
}

static bool is_secret_name(struct sdp_text name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(secrets); i++)
		if (sdp_text_is(name, secrets[i]))
			return true;
	return false;
}

/*
 * "METHOD:KEY" (RFC 4566, 5.12), and no octets that happen to begin with "k=", as
 * some line of a picture does: the shortest method has a name of three letters.
 */
static bool is_key(struct sdp_text value)
{
	struct sdp_text method, key;

	if (!sdp_text_cut(value, ':', &method, &key))
		return false;
	method = sdp_text_trim(method);
	return method.len >= 3 && sip_is_token(method);
}

/* "a=NAME", "a=NAME:..." or "a=acap:1 NAME:..." in any spelling, or "k=". */
static bool is_secret_line(struct sdp_text line)
{
	struct sdp_text name, rest, word;

	skip_blanks(&line);
	if (!sdp_text_cut(line, '=', &name, &rest))
		return false;
	name = sdp_text_trim(name);
	if (sdp_text_is(name, "k"))
		return is_key(rest);
	if (!sdp_text_is(name, "a"))
		return false;
	sdp_text_cut(rest, ':', &name, &rest);
	if (!sdp_text_is(sdp_text_trim(name), "acap"))
		return is_secret_name(sdp_text_trim(name));
	sdp_text_word(&rest, &word);
	sdp_text_cut(rest, ':', &name, &rest);
	return is_secret_name(sdp_text_trim(name));
}

/* Whatever the type of a body says: is there a line in it that is one of keys? */
static bool has_secret(struct sdp_text text)
{
	struct sdp_text line = { text.at, 0 };
	size_t i;

	for (i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != '\n' && text.at[i] != '\r')
			continue;
		line.len = (size_t)(text.at + i - line.at);
		if (line.len && is_secret_line(line))
			return true;
		line.at = text.at + i + 1;
	}
	return false;
}

/* FNV-1a; a repetition comes from the one who sent the original. */
static uint64_t mix(uint64_t sum, struct sdp_text text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.at[i]) * 0x100000001b3ULL;
	return (sum ^ text.len) * 0x100000001b3ULL;
}

static uint64_t sum_of(const struct call_words *words, struct sdp_text text)
{
	uint64_t sum = mix(0xcbf29ce484222325ULL, words->fork);

	sum = mix(sum, text);
	return sum ? sum : 1;
}

/**
 * call_said_drop() - forget what was said
 * @said: what
 */
void call_said_drop(struct call_said *said)
{
	if (said->text)
		OPENSSL_cleanse(said->text, said->len);
	free(said->text);
	*said = (struct call_said){ 0 };
}

/* Without memory a repetition is asked of oa.h again. */
static void keep(struct call_said *said, uint64_t sum, const char *text,
		 size_t len)
{
	call_said_drop(said);
	said->text = malloc(len ? len : 1);
	if (!said->text)
		return;
	memcpy(said->text, text, len);
	said->len = len;
	said->sum = sum;
}

/* Makes what goes on, in the table's room. 1 if it is a repetition. */
static int translate(struct call *call, const struct call_words *words,
		     struct call_said *said, struct sdp_text text,
		     struct oa_verdict *no)
{
	struct call_table *table = call->table;
	uint64_t sum = sum_of(words, text);
	size_t used = 0;
	int err;

	if (said && said->sum == sum && said->len <= CALL_BODY_ROOM) {
		memcpy(table->sdp, said->text, said->len);
		table->sdp_used = said->len;
		return 1;
	}
	if (!call->oa)
		return -ENOENT;
	if (words->offer)
		err = oa_offer(call->oa, words->from, words->fork, words->cseq,
			       text, table->sdp, CALL_BODY_ROOM, &used, no);
	else
		err = oa_answer(call->oa, words->from, words->fork, text,
				table->sdp, CALL_BODY_ROOM, &used, no);
	if (!err && used > CALL_BODY_ROOM)
		err = -ENOSPC;
	if (err)
		return err;
	table->sdp_used = used;
	if (said)
		keep(said, sum, table->sdp, used);
	return 0;
}

/* Puts the table's description in place of the one in the message. */
static int replace(struct call_table *table, struct sip_msg *msg,
		   const struct body_part *part)
{
	struct sdp_text text = { table->sdp, table->sdp_used };
	int len = body_replace(msg->body, part, text, table->body,
			       CALL_BODY_ROOM);

	call_sweep_soon(table);
	if (len < 0)
		return len;
	table->body_used = len;
	return sip_set_body(msg, (struct sdp_text){ table->body, len });
}

/* A multipart of a UE may have what looks like a description beside it. */
static bool hides_secret(const struct call_words *words,
			 const struct sip_msg *msg,
			 const struct body_part *part)
{
	size_t end = part->at + part->len;

	return words->from == OA_ACCESS &&
	       (has_secret(sip_part(msg->body, 0, part->at)) ||
		has_secret(sip_part(msg->body, end, msg->body.len)));
}

/**
 * call_body_translate() - let the description in a message be what goes on
 * @call: the call
 * @words: what it is
 * @said: where repetitions are remembered, or NULL
 * @msg: the message; has a description
 * @no: filled in if it is refused
 *
 * The message's body is the table's until the event loop runs again.
 *
 * Return: 0; 1 if it was a repetition and the same goes on as before; or an
 * error with @no.
 */
int call_body_translate(struct call *call, const struct call_words *words,
			struct call_said *said, struct sip_msg *msg,
			struct oa_verdict *no)
{
	struct body_part part;
	int err, again = 0;

	*no = (struct oa_verdict){ .status = 488, .why = "body" };
	err = call_body_find(msg, &part);
	if (err == -EPROTO)
		no->status = words->offer ? 415 : 488;
	if (err > 0 && hides_secret(words, msg, &part))
		err = -EPERM;
	if (err > 0) {
		again = translate(call, words, said, description(msg, &part),
				  no);
		err = again < 0 ? again : replace(call->table, msg, &part);
	}
	if (!no->status)
		no->status = 500;
	return err ? err : again;
}

/**
 * call_body_put() - put the table's description into a message
 * @table: the table, with a description in @sdp
 * @msg: a message with a description
 *
 * Return: 0 or an error.
 */
int call_body_put(struct call_table *table, struct sip_msg *msg)
{
	struct body_part part;

	if (call_body_find(msg, &part) <= 0)
		return -ENOENT;
	return replace(table, msg, &part);
}

/**
 * call_body_strip() - take the body out
 * @msg: the message
 */
void call_body_strip(struct sip_msg *msg)
{
	static const char *const headers[] = {
		"Content-Type",	    "Content-Disposition", "Content-Encoding",
		"Content-Language", "MIME-Version",
	};
	size_t i;

	if (!msg->body.len)
		return;
	for (i = 0; i < ARRAY_SIZE(headers); i++)
		sip_header_remove(msg, headers[i]);
	sip_set_body(msg, (struct sdp_text){ "", 0 });
}

static void take_out(struct sip_msg *msg, const char *why)
{
	char id[128];

	edge_call_id(msg, id, sizeof(id));
	log_event(LOG_LEVEL_NOTICE, id, "body.removed", "why=%s", why);
	call_body_strip(msg);
}

/* Of several parts only those with keys go, if the rest can stay as it is. */
static bool cut_out(struct sip_msg *msg)
{
	struct sdp_text type, coding;
	struct body_part part;
	char id[128], *out;
	int len;

	if (!sip_header(msg, "Content-Type", &type) ||
	    (sip_header(msg, "Content-Encoding", &coding) && coding.len))
		return false;
	out = sip_spare(msg, msg->body.len);
	len = out ? body_without(type, msg->body, has_secret, out,
				 msg->body.len) :
		    -ENOSPC;
	/* There may be some between the parts. */
	if (len <= 0 || has_secret((struct sdp_text){ out, len }))
		return false;
	sip_set_body(msg, (struct sdp_text){ out, len });
	if (call_body_find(msg, &part) < 0)
		return false;
	edge_call_id(msg, id, sizeof(id));
	log_event(LOG_LEVEL_NOTICE, id, "body.removed", "why=keys-in-part");
	return true;
}

/**
 * call_body_guard() - let no keys pass in a body that is no offer or answer
 * @msg: a message of a call that nobody negotiates with, as a 488 or INFO
 *
 * A UE's keys never go to the core, and the core never poses as the edge.
 */
void call_body_guard(struct sip_msg *msg)
{
	struct body_part part;

	if (call_body_find(msg, &part) < 0)
		take_out(msg, "unreadable");
	else if (has_secret(msg->body) && !cut_out(msg))
		take_out(msg, "keys");
}

/**
 * call_body_screen() - let no keys pass from a UE in a body that is of no call
 * @msg: a message of the UE, as a MESSAGE or the response to OPTIONS
 *
 * What cannot be read, as a signed body, is not ours to judge here.
 */
void call_body_screen(struct sip_msg *msg)
{
	struct body_part part;

	if (call_body_find(msg, &part) == -EPROTO ||
	    (has_secret(msg->body) && !cut_out(msg)))
		take_out(msg, "keys");
}
