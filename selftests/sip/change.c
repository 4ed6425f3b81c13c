// SPDX-License-Identifier: GPL-2.0
/* Edits of messages, and messages made from others. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/sip/build.h"
#include "../../agent/sip/edit.h"
#include "drive.h"

#define OUT_SIZE 262144

/* The next argument, as a name with a 0 after it. */
static const char *word(struct call *call, size_t *i)
{
	static char words[4][1024];
	static size_t turn;
	char *out = words[turn++ % ARRAY_SIZE(words)];
	struct sdp_text text = *i < call->n ? call->arg[(*i)++] :
					      (struct sdp_text){ "", 0 };

	memcpy(out, text.at, text.len < 1023 ? text.len : 1023);
	out[text.len < 1023 ? text.len : 1023] = 0;
	return out;
}

/* "NAME N": element N of a list; a line if the command says so. */
static int place(struct sip_msg *msg, struct call *call, size_t *i, bool line,
		 struct sip_at *at)
{
	const char *name = word(call, i);
	unsigned long n = number_of(call->arg[(*i)++]);

	if (line)
		return sip_line_at(msg, name, n, at) ? 0 : -ENOENT;
	return sip_element_at(msg, name, n, at) > 0 ? 0 : -ENOENT;
}

static int edit_place(struct sip_msg *msg, struct call *call,
		      const char *command, size_t *i)
{
	bool line = strstr(command, "line") || strstr(command, "auth");
	const char *name, *value;
	struct sip_at at;

	if (place(msg, call, i, line, &at))
		return -ENOENT;
	if (!strcmp(command, "element-remove"))
		return sip_element_remove(msg, &at);
	if (!strcmp(command, "line-remove"))
		return sip_line_remove(msg, &at), 0;
	if (!strcmp(command, "element-set") || !strcmp(command, "line-set"))
		return sip_text_set(msg, &at, at.text, call->arg[(*i)++]);
	name = word(call, i);
	if (!strcmp(command, "param-remove") ||
	    !strcmp(command, "line-param-remove"))
		return sip_param_remove(msg, &at, name);
	if (!strcmp(command, "auth-remove"))
		return sip_auth_remove(msg, &at, name);
	value = word(call, i);
	if (!strcmp(command, "param-set") || !strcmp(command, "line-param-set"))
		return sip_param_set(msg, &at, name, *value ? value : NULL);
	if (!strcmp(command, "auth-set"))
		return sip_auth_set(msg, &at, name, *value ? value : NULL);
	return -EOPNOTSUPP;
}

/* Takes every element of that value out while walking the list. */
static int weed(struct sip_msg *msg, const char *name, const char *value)
{
	struct sip_at at = { 0 };
	int n = 0;

	while (sip_element_next(msg, name, &at) > 0)
		if (sdp_text_is(at.text, value) &&
		    !sip_element_remove(msg, &at))
			n++;
	return n;
}

static int edit_one(struct sip_msg *msg, struct call *call, size_t *i)
{
	const char *command = word(call, i), *name;

	if (!strcmp(command, "uri"))
		return sip_set_uri(msg, call->arg[(*i)++]);
	if (!strcmp(command, "body"))
		return sip_set_body(msg, call->arg[(*i)++]);
	if (strchr(command, '-'))
		return edit_place(msg, call, command, i);
	name = word(call, i);
	if (!strcmp(command, "insert"))
		return sip_line_insert(msg, name, call->arg[(*i)++]);
	if (!strcmp(command, "append"))
		return sip_line_append(msg, name, call->arg[(*i)++]);
	if (!strcmp(command, "set"))
		return sip_header_set(msg, name, call->arg[(*i)++]);
	if (!strcmp(command, "remove"))
		return (int)sip_header_remove(msg, name);
	if (!strcmp(command, "strip"))
		return sip_list_remove(msg, name, word(call, i));
	if (!strcmp(command, "weed"))
		return weed(msg, name, word(call, i));
	return -EOPNOTSUPP;
}

/* edit OCTETS COMMAND...; the answer is the message, the result the last's */
int drive_edit(struct call *call)
{
	struct sip_msg *msg = malloc(sizeof(*msg));
	char *out = malloc(OUT_SIZE), *exact;
	size_t i = 2, used;
	int err, result = 0;

	err = sip_msg_parse(msg, call->arg[1].at, call->arg[1].len, false);
	while (!err && i < call->n && result >= 0)
		result = edit_one(msg, call, &i);
	/* After an error the message must not be written. */
	if (!err)
		err = sip_msg_write(msg, out, OUT_SIZE, &used);
	if (!err) {
		exact = malloc(used);
		if (sip_msg_write(msg, exact, used, &used) ||
		    memcmp(exact, out, used) ||
		    sip_msg_write(msg, exact, used - 1, &used) != -ENOSPC)
			err = -EIO;
		fwrite(exact, 1, used, call->out);
		free(exact);
	}
	sip_msg_wipe(msg);
	free(out);
	free(msg);
	return err ? err : result;
}

/* The arguments from i on as pairs of names and values; a body at the end. */
static struct sip_extra extra(struct call *call, size_t i,
			      struct sip_field *fields)
{
	static char names[ARGS_MAX][64];
	struct sip_extra extra = { .fields = fields };

	for (; i + 1 < call->n; i += 2) {
		memset(names[i], 0, sizeof(names[i]));
		memcpy(names[i], call->arg[i].at, call->arg[i].len);
		fields[extra.n_fields++] =
			(struct sip_field){ names[i], call->arg[i + 1] };
	}
	if (i < call->n)
		extra.body = call->arg[i];
	return extra;
}

/* reply OCTETS STATUS REASON TAG (NAME VALUE)... [BODY] */
int drive_reply(struct call *call)
{
	struct sip_msg *msg = malloc(sizeof(*msg));
	struct sip_field fields[ARGS_MAX];
	struct sip_extra more = extra(call, 5, fields);
	struct sip_answer answer = { (unsigned int)number_of(call->arg[2]),
				     call->arg[3], call->arg[4] };
	char *out = malloc(OUT_SIZE);
	size_t used;
	int err;

	sip_msg_parse(msg, call->arg[1].at, call->arg[1].len, false);
	err = sip_reply_write(msg, &answer, &more, out, OUT_SIZE, &used);
	if (!err)
		fwrite(out, 1, used, call->out);
	if (!err && sip_reply_write(msg, &answer, &more, out, used - 1,
				    &used) != -ENOSPC)
		err = -EIO;
	free(out);
	free(msg);
	return err;
}

/* dialog METHOD CSEQ VIA LOCAL REMOTE CALL-ID TARGET N ROUTE... BODY */
int drive_dialog(struct call *call)
{
	const struct sdp_text *arg = call->arg;
	struct sip_dialog dialog = { arg[4], arg[5],  arg[6],
				     arg[7], arg + 9, number_of(arg[8]) };
	struct sip_step step = { arg[1], (uint32_t)number_of(arg[2]), arg[3] };
	struct sip_extra more = { .body = arg[9 + dialog.n_routes] };
	char *out = malloc(OUT_SIZE);
	size_t used;
	int err;

	err = sip_dialog_write(&dialog, &step, more.body.len ? &more : NULL,
			       out, OUT_SIZE, &used);
	if (!err)
		fwrite(out, 1, used, call->out);
	free(out);
	return err;
}

/* hop OCTETS METHOD TO (NAME VALUE)... */
int drive_hop(struct call *call)
{
	struct sip_msg *msg = malloc(sizeof(*msg));
	struct sip_field fields[ARGS_MAX];
	struct sip_extra more = extra(call, 4, fields);
	char *out = malloc(OUT_SIZE);
	size_t used, i = 2;
	int err;

	sip_msg_parse(msg, call->arg[1].at, call->arg[1].len, false);
	err = sip_hop_write(msg, word(call, &i), call->arg[3], &more, out,
			    OUT_SIZE, &used);
	if (!err)
		fwrite(out, 1, used, call->out);
	free(out);
	free(msg);
	return err;
}
