// SPDX-License-Identifier: GPL-2.0
/* The session description in a body: found, exchanged, or taken out. */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"

/* Lines that belong between a UE and its P-CSCF, or between two UEs. */
static const char *const secrets[] = { "a=3ge2ae", "a=key-mgmt", "a=crypto" };

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
	struct sdp_text type, coding;
	int err;

	if (!msg->body.len || !sip_header(msg, "Content-Type", &type))
		return 0;
	if (sip_header(msg, "Content-Encoding", &coding) && coding.len &&
	    !sip_alike(coding, sdp_text_of("identity")))
		return -EPROTO;
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

/**
 * call_body_guard() - let no keys pass in a description that is no offer or
 *	answer
 * @msg: a message whose description nobody negotiates, as that of a 488
 *
 * A UE's keys never go to the core, and the core never poses as the edge.
 */
void call_body_guard(struct sip_msg *msg)
{
	struct sdp_text text;
	struct body_part part;
	int found = call_body_find(msg, &part);
	size_t i;

	if (!found)
		return;
	if (found < 0) {
		call_body_strip(msg);
		return;
	}
	text = description(msg, &part);
	for (i = 0; i < ARRAY_SIZE(secrets); i++)
		if (memmem(text.at, text.len, secrets[i], strlen(secrets[i]))) {
			call_body_strip(msg);
			return;
		}
}
