// SPDX-License-Identifier: GPL-2.0
/*
 * Dialogs of a call as a proxy in the middle sees them: two ends, two targets,
 * two route sets that both begin here, and the numbers that each end has used.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call-inner.h"

/**
 * call_tag() - tag of From or To
 * @msg: the message
 * @name: which
 * @tag: where to put it
 *
 * Return: whether there is one.
 */
bool call_tag(const struct sip_msg *msg, const char *name, struct sdp_text *tag)
{
	struct sdp_text value;
	struct sip_addr addr;

	*tag = (struct sdp_text){ NULL, 0 };
	return sip_header(msg, name, &value) && !sip_addr_parse(value, &addr) &&
	       !addr.star && sip_addr_param(&addr, "tag", tag) > 0 && tag->len;
}

/**
 * call_cseq() - number of CSeq
 * @msg: the message
 *
 * Return: the number, 0 if there is none.
 */
uint32_t call_cseq(const struct sip_msg *msg)
{
	struct sip_cseq cseq = { 0 };
	struct sdp_text value;

	if (!sip_header(msg, "CSeq", &value) || sip_cseq_parse(value, &cseq))
		return 0;
	return cseq.number;
}

/**
 * call_text_keep() - keep a text as a string
 * @text: the text
 *
 * Return: the string, or NULL if there is no memory.
 */
char *call_text_keep(struct sdp_text text)
{
	char *out = malloc(text.len + 1);
	size_t used = 0;

	if (!out)
		return NULL;
	sdp_text_put(text, out, text.len, &used);
	out[used] = 0;
	return out;
}

/**
 * call_contact() - keep the URI of Contact, the remote target
 * @msg: the message
 *
 * Return: the URI as a string, NULL if there is none.
 */
char *call_contact(const struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sip_addr addr;

	if (sip_element_at(msg, "Contact", 0, &at) != 1 ||
	    sip_addr_parse(at.text, &addr) || addr.star ||
	    !sip_visible(addr.text))
		return NULL;
	return call_text_keep(addr.text);
}

/* Is this element our own Record-Route of this call? */
static bool is_own(const struct call *call, struct sdp_text element)
{
	char token[ROUTE_TOKEN_ROOM];
	struct sip_addr addr;

	return !sip_addr_parse(element, &addr) && !addr.star &&
	       route_is_ours(call->table->edge, addr.text, token) &&
	       !strcmp(token, call->token);
}

/* Appends one element; whatever could break a line of ours is a blank. */
static void put_route(struct sdp_text element, char *out, size_t size,
		      size_t *used)
{
	size_t from = *used;

	sdp_text_put(element, out, size, used);
	for (; *used <= size && from < *used; from++)
		if (out[from] == '\r' || out[from] == '\n')
			out[from] = ' ';
	sdp_text_put((struct sdp_text){ "\n", 1 }, out, size, used);
}

/*
 * Elements of Record-Route beyond our own: those above it, or all of them if
 * we have not put ours in yet. Returns how many, or an error.
 */
static int elements(const struct call *call, const struct sip_msg *msg,
		    struct sdp_text *found)
{
	struct sip_at at = { 0 };
	int more, n = 0;

	while ((more = sip_element_next(msg, "Record-Route", &at)) > 0) {
		if (is_own(call, at.text))
			return n;
		if (n == CALL_ROUTES)
			return -E2BIG;
		found[n++] = at.text;
	}
	return more < 0 ? -EBADMSG : n;
}

/**
 * call_routes() - the route set from here to one end (RFC 3261, 12.1)
 * @call: the call
 * @msg: towards the caller its INVITE, before ours is in it; towards the
 *	callee its response
 * @towards: which end
 * @routes: where to put it: elements of Route, each ended by a line feed
 *
 * The proxy next to the callee stands on top. So the way to the caller reads
 * downwards, and the way to the callee upwards from our own.
 *
 * Return: 0; -E2BIG if it is longer than what we follow; another error if it
 * cannot be known.
 */
int call_routes(const struct call *call, const struct sip_msg *msg,
		enum call_role towards, char **routes)
{
	struct sdp_text found[CALL_ROUTES];
	int i, n = elements(call, msg, found);
	size_t size = 1, used = 0;
	char *out;

	for (i = 0; i < n; i++)
		size += found[i].len + 1;
	if (n < 0)
		return n;
	if (size > CALL_ROUTES_MAX)
		return -E2BIG;
	out = malloc(size);
	if (!out)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		put_route(found[towards == CALL_CALLER ? i : n - 1 - i], out,
			  size, &used);
	out[used] = 0;
	*routes = out;
	return 0;
}

/**
 * call_dialog_find() - find a dialog
 * @call: the call
 * @tag: the callee's tag
 *
 * Return: the dialog, or NULL.
 */
struct call_dialog *call_dialog_find(const struct call *call,
				     struct sdp_text tag)
{
	struct call_dialog *dialog;

	LIST_FOREACH(dialog, &call->dialogs, link)
	if (sdp_text_is(tag, dialog->tag))
		return dialog;
	return NULL;
}

/**
 * call_dialog_restore() - make a dialog
 * @call: the call
 * @tag: the callee's tag
 * @to: To with that tag
 *
 * Return: the dialog, or NULL if there is no memory.
 */
struct call_dialog *call_dialog_restore(struct call *call, struct sdp_text tag,
					struct sdp_text to)
{
	struct call_dialog *dialog = calloc(1, sizeof(*dialog));

	if (!dialog)
		return NULL;
	dialog->call = call;
	LIST_INSERT_HEAD(&call->dialogs, dialog, link);
	dialog->tag = call_text_keep(tag);
	dialog->to = call_text_keep(to);
	if (dialog->tag && dialog->to)
		return dialog;
	call_dialog_free(dialog);
	return NULL;
}

static unsigned int count(const struct call *call)
{
	struct call_dialog *dialog;
	unsigned int n = 0;

	LIST_FOREACH(dialog, &call->dialogs, link)
	n++;
	return n;
}

/**
 * call_dialog_learn() - the dialog that a response to the INVITE makes
 * @call: the call
 * @response: the response; has a To tag
 *
 * A 2xx sets the route set anew (RFC 3261, 13.2.2.4); so does every response
 * here, they say the same.
 *
 * Return: the dialog, or NULL: no tag, too many forks, a route set that we cannot
 * follow, no memory.
 */
struct call_dialog *call_dialog_learn(struct call *call,
				      const struct sip_msg *response)
{
	struct call_dialog *dialog;
	struct sdp_text tag, to;
	char *routes = NULL;

	if (!call_tag(response, "To", &tag))
		return NULL;
	call_routes(call, response, CALL_CALLEE, &routes);
	dialog = call_dialog_find(call, tag);
	if (!dialog) {
		sip_header(response, "To", &to);
		if (routes && count(call) < CALL_FORKS)
			dialog = call_dialog_restore(call, tag, to);
		if (!dialog) {
			free(routes);
			return NULL;
		}
		if (call->first)
			dialog->cseq[CALL_CALLER] = call->first->cseq;
	}
	if (routes) {
		free(dialog->routes);
		dialog->routes = routes;
	}
	call_dialog_refresh(dialog, CALL_CALLEE, response);
	return dialog;
}

/**
 * call_dialog_free() - free a dialog
 * @dialog: the dialog
 */
void call_dialog_free(struct call_dialog *dialog)
{
	LIST_REMOVE(dialog, link);
	free(dialog->tag);
	free(dialog->to);
	free(dialog->routes);
	free(dialog->target);
	free(dialog->caller_target);
	free(dialog);
}

/**
 * call_dialog_refresh() - take over a new target (RFC 3261, 12.2)
 * @dialog: the dialog
 * @of: whose Contact it is
 * @msg: a message that refreshes the target
 */
void call_dialog_refresh(struct call_dialog *dialog, enum call_role of,
			 const struct sip_msg *msg)
{
	char **target = of == CALL_CALLER ? &dialog->caller_target :
					    &dialog->target;
	char *contact = call_contact(msg);

	if (!contact)
		return;
	free(*target);
	*target = contact;
}

/**
 * call_dialog_request() - note a request within a dialog
 * @dialog: the dialog
 * @by: who sent it
 * @msg: the request
 */
void call_dialog_request(struct call_dialog *dialog, enum call_role by,
			 const struct sip_msg *msg)
{
	uint32_t cseq = call_cseq(msg);

	if (cseq > dialog->cseq[by])
		dialog->cseq[by] = cseq;
}

/**
 * call_role_of() - which end of the call a side is
 * @call: the call
 * @side: the side
 *
 * Return: whether the caller or the callee is there.
 */
enum call_role call_role_of(const struct call *call, enum oa_side side)
{
	return side == call->caller ? CALL_CALLER : CALL_CALLEE;
}
