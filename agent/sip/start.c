// SPDX-License-Identifier: GPL-2.0
/* Request line and status line (RFC 3261, 7.1 and 7.2). */
#include <string.h>

#include "inner.h"
#include "uri.h"

static const struct sip_error bad_start = { 400, "Malformed Start Line" };
static const struct sip_error bad_uri = { 400, "Malformed Request-URI" };
static const struct sip_error uri_headers = { 400, "Request-URI With Headers" };
static const struct sip_error bad_version = { 505, "Version Not Supported" };

/* "SIP/" digits "." digits */
static bool is_version(struct sdp_text text)
{
	struct sdp_text name, number, major, minor;
	uint64_t n;

	return sdp_text_cut(text, '/', &name, &number) &&
	       sdp_text_is(name, "SIP") &&
	       sdp_text_cut(number, '.', &major, &minor) &&
	       !sdp_text_number(major, UINT32_MAX, &n) &&
	       !sdp_text_number(minor, UINT32_MAX, &n);
}

static struct sip_error request_line(struct sip_msg *msg, struct sdp_text line)
{
	struct sdp_text rest, version;
	struct sip_uri uri;

	if (!sdp_text_cut(line, ' ', &msg->method, &rest) ||
	    !sip_is_token(msg->method) ||
	    !sdp_text_cut(rest, ' ', &msg->uri, &version) ||
	    !is_version(version))
		return bad_start;
	if (!sdp_text_is(version, "SIP/2.0"))
		return bad_version;
	if (sip_uri_parse(msg->uri, &uri))
		return bad_uri;
	/* They may not be forwarded (RFC 3261, 19.1.1; RFC 4475, 3.1.2.11). */
	return uri.headers.at ? uri_headers : (struct sip_error){ 0, NULL };
}

static struct sip_error status_line(struct sip_msg *msg, struct sdp_text line)
{
	struct sdp_text version, rest, code;
	uint64_t status;

	sdp_text_cut(line, ' ', &version, &rest);
	/* The blank before an empty reason is often forgotten. */
	sdp_text_cut(rest, ' ', &code, &msg->reason);
	if (!sdp_text_is(version, "SIP/2.0"))
		return bad_version;
	if (code.len != 3 || sdp_text_number(code, 699, &status) ||
	    status < 100)
		return bad_start;
	msg->status = (unsigned int)status;
	return (struct sip_error){ 0, NULL };
}

/**
 * sip_start_parse() - read the start line
 * @msg: where to put it, and what is wrong with it
 * @head: a text that begins with the start line; it ends at a CRLF or with it
 */
void sip_start_parse(struct sip_msg *msg, struct sdp_text head)
{
	const char *end = sip_line_end(head.at, head.len);
	struct sdp_text line =
		sip_part(head, 0, end ? (size_t)(end - head.at) : head.len);
	struct sdp_text first, rest;

	msg->line[0].head.text = line;
	msg->request = !sdp_text_cut(line, ' ', &first, &rest) ||
		       !is_version(first);
	msg->method = (struct sdp_text){ NULL, 0 };
	msg->uri = msg->method;
	msg->reason = msg->method;
	if (!sip_clean(line))
		msg->error = bad_start;
	else
		msg->error = msg->request ? request_line(msg, line) :
					    status_line(msg, line);
}
