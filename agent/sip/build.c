// SPDX-License-Identifier: GPL-2.0
/* Messages of our own. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "addr.h"
#include "build.h"

#define MAX_FORWARDS "70"

/* A message that is being written; the first error stays. */
struct pen {
	char *out;
	size_t size;
	size_t *used;
	int err;
};

static void put(struct pen *pen, struct sdp_text text)
{
	if (!sip_clean(text) && !pen->err)
		pen->err = -EINVAL;
	sdp_text_put(text, pen->out, pen->size, pen->used);
}

static void put_word(struct pen *pen, const char *word)
{
	put(pen, sdp_text_of(word));
}

static void end_line(struct pen *pen)
{
	sdp_text_put(sdp_text_of("\r\n"), pen->out, pen->size, pen->used);
}

static void put_field(struct pen *pen, const char *name, struct sdp_text value)
{
	put_word(pen, name);
	put_word(pen, ": ");
	put(pen, value);
	end_line(pen);
}

/* All lines of a kind as they are; 0 if there are none. */
static unsigned int put_lines(struct pen *pen, const struct sip_msg *msg,
			      const char *name)
{
	struct sip_at at = { 0 };
	unsigned int n = 0;

	while (sip_line_next(msg, name, &at)) {
		put(pen, msg->line[at.line].head.text);
		end_line(pen);
		n++;
	}
	return n;
}

/* The other lines, Content-Length, the empty line and the body. */
static int put_rest(struct pen *pen, const struct sip_extra *extra)
{
	static const struct sip_extra nothing;
	char length[24];
	size_t i;

	extra = extra ? extra : &nothing;
	for (i = 0; i < extra->n_fields; i++)
		put_field(pen, extra->fields[i].name, extra->fields[i].value);
	snprintf(length, sizeof(length), "%zu", extra->body.len);
	put_field(pen, "Content-Length", sdp_text_of(length));
	end_line(pen);
	sdp_text_put(extra->body, pen->out, pen->size, pen->used);
	if (pen->err)
		return pen->err;
	return *pen->used > pen->size ? -ENOSPC : 0;
}

/* To as it is, with a tag if it lacks one (RFC 3261, 8.2.6.2). */
static void put_to(struct pen *pen, const struct sip_msg *request,
		   struct sdp_text tag)
{
	struct sip_at at = { 0 };
	struct sip_addr addr;
	struct sdp_text value;

	if (!sip_line_next(request, "To", &at))
		return;
	put(pen, sip_trim(request->line[at.line].head.text));
	if (tag.len && !sip_addr_parse(at.text, &addr) &&
	    !sip_addr_param(&addr, "tag", &value)) {
		put_word(pen, ";tag=");
		put(pen, tag);
	}
	end_line(pen);
}

/**
 * sip_reply_write() - write a response (RFC 3261, 8.2.6)
 * @request: the request; edits made to it, as received and rport in its first
 *	Via, show. One that was refused can be answered if it has a Via
 * @answer: status, reason and tag
 * @extra: more lines and a body, or NULL
 * @out: where it goes
 * @size: octets that fit there
 * @used: octets written
 *
 * Return: 0 or an error, see the top.
 */
int sip_reply_write(const struct sip_msg *request,
		    const struct sip_answer *answer,
		    const struct sip_extra *extra, char *out, size_t size,
		    size_t *used)
{
	struct pen pen = { out, size, used, 0 };
	struct sdp_text none = { NULL, 0 };
	char start[16];

	*used = 0;
	if (!request->request || answer->status < 100 || answer->status > 699)
		return -EINVAL;
	snprintf(start, sizeof(start), "SIP/2.0 %03u ", answer->status);
	put_word(&pen, start);
	put(&pen, answer->reason);
	end_line(&pen);
	if (!put_lines(&pen, request, "Via"))
		return -ENOENT;
	put_lines(&pen, request, "From");
	put_to(&pen, request, answer->status == 100 ? none : answer->tag);
	put_lines(&pen, request, "Call-ID");
	put_lines(&pen, request, "CSeq");
	if (answer->status == 100)
		put_lines(&pen, request, "Timestamp");
	return put_rest(&pen, extra);
}

static void put_request_line(struct pen *pen, struct sdp_text method,
			     struct sdp_text uri)
{
	if (!pen->err &&
	    (!sip_is_token(method) || !uri.len || !sip_visible(uri)))
		pen->err = -EINVAL;
	put(pen, method);
	put_word(pen, " ");
	put(pen, uri);
	put_word(pen, " SIP/2.0");
	end_line(pen);
}

static void put_cseq(struct pen *pen, uint32_t number, struct sdp_text method)
{
	char text[24];

	snprintf(text, sizeof(text), "CSeq: %" PRIu32 " ", number);
	put_word(pen, text);
	put(pen, method);
	end_line(pen);
}

/* Does the first proxy route loosely (RFC 3261, 16.12.1.1)? 0 yes, 1 no. */
static int strict_route(const struct sip_dialog *dialog, struct sip_addr *first)
{
	struct sdp_text value;

	if (!dialog->n_routes)
		return 0;
	if (sip_addr_parse(dialog->routes[0], first) || first->star)
		return -EINVAL;
	return !sip_uri_param(&first->uri, "lr", &value);
}

/* Request line and Route (RFC 3261, 12.2.1.1). */
static void put_path(struct pen *pen, const struct sip_dialog *dialog,
		     struct sdp_text method)
{
	struct sip_addr first;
	int strict = strict_route(dialog, &first);
	size_t i;

	if (strict < 0 && !pen->err)
		pen->err = strict;
	strict = strict > 0;
	put_request_line(pen, method, strict ? first.text : dialog->target);
	for (i = strict; i < dialog->n_routes; i++)
		put_field(pen, "Route", dialog->routes[i]);
	if (strict) {
		put_word(pen, "Route: <");
		put(pen, dialog->target);
		put_word(pen, ">");
		end_line(pen);
	}
}

/**
 * sip_dialog_write() - write a request within a dialog (RFC 3261, 12.2.1.1)
 * @dialog: the dialog
 * @step: the request
 * @extra: more lines and a body, or NULL
 * @out: where it goes
 * @size: octets that fit there
 * @used: octets written
 *
 * A first route without lr is a strict router: it becomes the Request-URI and
 * the target the last Route.
 *
 * Return: 0 or an error, see the top.
 */
int sip_dialog_write(const struct sip_dialog *dialog,
		     const struct sip_step *step, const struct sip_extra *extra,
		     char *out, size_t size, size_t *used)
{
	struct pen pen = { out, size, used, 0 };

	*used = 0;
	put_path(&pen, dialog, step->method);
	put_field(&pen, "Via", step->via);
	put_field(&pen, "Max-Forwards", sdp_text_of(MAX_FORWARDS));
	put_field(&pen, "From", dialog->local);
	put_field(&pen, "To", dialog->remote);
	put_field(&pen, "Call-ID", dialog->call_id);
	put_cseq(&pen, step->cseq, step->method);
	return put_rest(&pen, extra);
}

/**
 * sip_hop_write() - write CANCEL, or ACK of a failure, for an INVITE we sent
 * @invite: the INVITE as it was sent, with our Via on top
 * @method: CANCEL (RFC 3261, 9.1) or ACK (17.1.1.3)
 * @to: value of To: the INVITE's for CANCEL, the response's for ACK
 * @extra: more lines, or NULL
 * @out: where it goes
 * @size: octets that fit there
 * @used: octets written
 *
 * Return: 0 or an error, see the top.
 */
int sip_hop_write(const struct sip_msg *invite, const char *method,
		  struct sdp_text to, const struct sip_extra *extra, char *out,
		  size_t size, size_t *used)
{
	struct pen pen = { out, size, used, 0 };
	struct sdp_text value;
	struct sip_cseq cseq;
	struct sip_at at;

	*used = 0;
	if (sip_element_at(invite, "Via", 0, &at) != 1 ||
	    !sip_header(invite, "CSeq", &value) || sip_cseq_parse(value, &cseq))
		return -ENOENT;
	put_request_line(&pen, sdp_text_of(method), invite->uri);
	put_field(&pen, "Via", at.text);
	put_lines(&pen, invite, "Route");
	put_field(&pen, "Max-Forwards", sdp_text_of(MAX_FORWARDS));
	if (!put_lines(&pen, invite, "From"))
		return -ENOENT;
	put_field(&pen, "To", to);
	if (!put_lines(&pen, invite, "Call-ID"))
		return -ENOENT;
	put_cseq(&pen, cseq.number, sdp_text_of(method));
	return put_rest(&pen, extra);
}
