// SPDX-License-Identifier: GPL-2.0
/* What agent/sip reads in a message, as JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/sip/addr.h"
#include "../../agent/sip/edit.h"
#include "../../agent/sip/framing.h"
#include "drive.h"

static void say_params(FILE *out, struct sdp_text params)
{
	struct sip_param param = { 0 };
	const char *comma = "";

	fputs(",\"params\":[", out);
	while (sip_param_next(params, SIP_PARAM_SEMI, &param) > 0) {
		fprintf(out, "%s{\"x\":0", comma);
		say_text(out, "name", param.name);
		if (param.has_value)
			say_text(out, "value", param.value);
		fputc('}', out);
		comma = ",";
	}
	fputc(']', out);
}

static void say_uri(FILE *out, const struct sip_uri *uri)
{
	say_text(out, "scheme", uri->scheme);
	say_number(out, "sip", uri->sip);
	say_text(out, "rest", uri->rest);
	if (uri->user.at)
		say_text(out, "user", uri->user);
	if (uri->password.at)
		say_text(out, "password", uri->password);
	say_text(out, "host", uri->host.host);
	say_number(out, "port", uri->host.port);
	say_number(out, "six", uri->host.six);
	say_params(out, uri->params);
	say_text(out, "headers", uri->headers);
}

static void say_addr(FILE *out, struct sdp_text text)
{
	struct sip_addr addr;
	struct sdp_text tag;
	uint32_t seconds;
	int err = sip_addr_parse(text, &addr);

	fputs("{\"x\":0", out);
	say_number(out, "err", err);
	if (!err) {
		say_text(out, "display", addr.display);
		say_text(out, "text", addr.text);
		say_number(out, "angle", addr.angle);
		say_number(out, "star", addr.star);
		say_params(out, addr.params);
		if (sip_addr_param(&addr, "tag", &tag) > 0)
			say_text(out, "tag", tag);
		err = sip_addr_expires(&addr, &seconds);
		say_number(out, "expires", err > 0 ? (long)seconds : err - 1);
	}
	fputc('}', out);
}

static void say_via(FILE *out, struct sdp_text text)
{
	struct sip_via via;

	fputs("{\"x\":0", out);
	say_number(out, "err", sip_via_parse(text, &via));
	say_text(out, "transport", via.transport);
	say_text(out, "host", via.sent_by.host);
	say_number(out, "port", via.sent_by.port);
	say_text(out, "branch", via.branch);
	say_text(out, "received", via.received);
	say_number(out, "rport", via.has_rport ? via.rport : -1);
	say_number(out, "unique", via.unique);
	fputc('}', out);
}

static void say_list(FILE *out, const struct sip_msg *msg, const char *name,
		     void (*say)(FILE *out, struct sdp_text text))
{
	struct sip_at at = { 0 };
	const char *comma = "";

	fprintf(out, ",\"%s\":[", name);
	while (sip_element_next(msg, name, &at) > 0) {
		fputs(comma, out);
		say(out, at.text);
		comma = ",";
	}
	fputc(']', out);
}

static void say_lines(FILE *out, const struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	const char *comma = "";

	fputs(",\"lines\":[", out);
	while (sip_line_next(msg, NULL, &at)) {
		fprintf(out, "%s{\"x\":0", comma);
		say_text(out, "name", msg->line[at.line].head.name);
		say_text(out, "value", at.text);
		fputc('}', out);
		comma = ",";
	}
	fputc(']', out);
}

static void say_single(FILE *out, const struct sip_msg *msg)
{
	struct sdp_text value = { NULL, 0 };
	struct sip_cseq cseq;

	if (sip_header(msg, "Call-ID", &value))
		say_text(out, "call_id", value);
	if (sip_header(msg, "CSeq", &value) && !sip_cseq_parse(value, &cseq)) {
		say_number(out, "cseq", cseq.number);
		say_text(out, "cseq_method", cseq.method);
	}
	if (sip_header(msg, "From", &value)) {
		fputs(",\"from\":", out);
		say_addr(out, value);
	}
	if (sip_header(msg, "To", &value)) {
		fputs(",\"to\":", out);
		say_addr(out, value);
	}
}

/* message stream|datagram OCTETS */
int drive_message(struct call *call)
{
	struct sip_msg *msg = malloc(sizeof(*msg));
	bool stream = sdp_text_is(call->arg[1], "stream");
	FILE *out = call->out;
	int err;

	err = sip_msg_parse(msg, call->arg[2].at, call->arg[2].len, stream);
	fputs("{", out);
	say_number(out, "err", err);
	say_number(out, "error", msg->error.status);
	say_text(out, "phrase", sdp_text_of(msg->error.phrase));
	say_number(out, "request", msg->request);
	say_number(out, "size", (long)msg->size);
	say_text(out, "method", msg->method);
	say_text(out, "uri", msg->uri);
	say_number(out, "status", msg->status);
	say_text(out, "reason", msg->reason);
	say_text(out, "body", msg->body);
	say_lines(out, msg);
	say_list(out, msg, "Via", say_via);
	say_list(out, msg, "Contact", say_addr);
	say_list(out, msg, "Route", say_addr);
	say_single(out, msg);
	fputc('}', out);
	sip_msg_wipe(msg);
	free(msg);
	return 0;
}

/* uri TEXT */
int drive_uri(struct call *call)
{
	struct sip_uri uri;
	int err = sip_uri_parse(call->arg[1], &uri);

	if (err)
		return err;
	fputc('{', call->out);
	say_uri(call->out, &uri);
	fputc('}', call->out);
	return 0;
}

/* same TEXT TEXT */
int drive_same(struct call *call)
{
	struct sip_uri a, b;

	if (sip_uri_parse(call->arg[1], &a) || sip_uri_parse(call->arg[2], &b))
		return -EBADMSG;
	fprintf(call->out, "{\"equal\":%d,\"user\":%d}", sip_uri_equal(&a, &b),
		sip_uri_same_user(&a, &b));
	return 0;
}

/* auth VALUE NAME SIZE */
int drive_auth(struct call *call)
{
	size_t size = number_of(call->arg[3]);
	char name[64] = "", *out = malloc(size);
	struct sip_auth auth;
	int result;

	memcpy(name, call->arg[2].at, call->arg[2].len);
	result = sip_auth_parse(call->arg[1], &auth);
	if (!result)
		result = sip_auth_text(&auth, name, out, size);
	if (result > 0)
		fwrite(out, 1, result, call->out);
	free(out);
	return result < 0 ? result : 0;
}

/* unfold TEXT SIZE */
int drive_unfold(struct call *call)
{
	size_t size = number_of(call->arg[2]);
	char *out = malloc(size);
	ssize_t len = sip_unfold(call->arg[1], out, size);

	if (len > 0)
		fwrite(out, 1, len, call->out);
	free(out);
	return len < 0 ? (int)len : 0;
}
