// SPDX-License-Identifier: GPL-2.0
/* What a message must have before anybody acts on it. */
#include <errno.h>

#include "addr.h"
#include "inner.h"

static int refuse(struct sip_msg *msg, const char *phrase)
{
	msg->error = (struct sip_error){ 400, phrase };
	return -EBADMSG;
}

/**
 * sip_check_missing() - is all there that each message must have?
 * @msg: the message; its @error says why not
 *
 * RFC 3261, 8.1.1. Max-Forwards is missing in those of RFC 2543.
 *
 * Return: 0, or -EBADMSG.
 */
int sip_check_missing(struct sip_msg *msg)
{
	static const struct {
		const char *name;
		const char *phrase;
	} required[] = {
		{ "Via", "Missing Via" },   { "From", "Missing From" },
		{ "To", "Missing To" },	    { "Call-ID", "Missing Call-ID" },
		{ "CSeq", "Missing CSeq" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(required); i++)
		if (!sip_line_count(msg, required[i].name))
			return refuse(msg, required[i].phrase);
	return 0;
}

/* Two of these, and two readers act on different ones. */
static int check_single(struct sip_msg *msg)
{
	static const char *const single[] = {
		"From",
		"To",
		"Call-ID",
		"CSeq",
		"Max-Forwards",
		"Content-Type",
		"Expires",
		"Event",
		"Session-Expires",
		"RSeq",
		"RAck",
		"Min-SE",
		"Refer-To",
		"Content-Length",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(single); i++)
		if (sip_line_count(msg, single[i]) > 1)
			return refuse(msg, "Repeated Header Field");
	return 0;
}

static int check_vias(struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sip_via via;
	int more;

	while ((more = sip_element_next(msg, "Via", &at)) > 0)
		if (sip_via_parse(at.text, &via))
			return refuse(msg, "Malformed Via");
	if (more < 0 || sip_element_at(msg, "Via", 0, &at) != 1)
		return refuse(msg, "Malformed Via");
	return 0;
}

static int check_party(struct sip_msg *msg, const char *name,
		       const char *phrase)
{
	struct sdp_text value = { NULL, 0 };
	struct sdp_text tag;
	struct sip_addr addr;

	sip_header(msg, name, &value);
	if (sip_addr_parse(value, &addr) || addr.star ||
	    sip_addr_param(&addr, "tag", &tag) < 0)
		return refuse(msg, phrase);
	return 0;
}

/* The lists that a proxy routes by or takes contacts from. */
static int check_lists(struct sip_msg *msg)
{
	static const char *const lists[] = { "Contact", "Route", "Record-Route",
					     "Path", "Service-Route" };
	struct sip_addr addr;
	struct sip_at at;
	int more = 0;
	size_t i;

	/* Nobody is going to use the Contact of a failure. */
	for (i = msg->status >= 400; i < ARRAY_SIZE(lists); i++) {
		at = (struct sip_at){ 0 };
		while ((more = sip_element_next(msg, lists[i], &at)) > 0)
			if (sip_addr_parse(at.text, &addr) ||
			    (addr.star && i) || (!addr.angle && i))
				break;
		if (more)
			return refuse(msg, i ? "Malformed Route" :
					       "Malformed Contact");
	}
	return 0;
}

static int check_numbers(struct sip_msg *msg)
{
	struct sdp_text value = { NULL, 0 };
	struct sip_cseq cseq;
	uint64_t hops;

	sip_header(msg, "CSeq", &value);
	if (sip_cseq_parse(value, &cseq))
		return refuse(msg, "Malformed CSeq");
	if (msg->request && !sip_same(cseq.method, msg->method))
		return refuse(msg, "CSeq Does Not Match Method");
	if (sip_header(msg, "Max-Forwards", &value) &&
	    sdp_text_number(value, 255, &hops))
		return refuse(msg, "Malformed Max-Forwards");
	if (!sip_header(msg, "Call-ID", &value) || !value.len)
		return refuse(msg, "Malformed Call-ID");
	return 0;
}

/**
 * sip_msg_check() - is the message fit to be acted on? (RFC 3261, 16.3)
 * @msg: the message; its @error says why not
 *
 * Only what a proxy needs is looked at. Everything else, however malformed,
 * is for the far end to judge.
 *
 * Return: 0, or -EBADMSG.
 */
int sip_msg_check(struct sip_msg *msg)
{
	int err = sip_check_missing(msg);

	if (!err)
		err = check_single(msg);
	if (!err)
		err = check_vias(msg);
	if (!err)
		err = check_party(msg, "From", "Malformed From");
	if (!err)
		err = check_party(msg, "To", "Malformed To");
	if (!err)
		err = check_numbers(msg);
	return err ? err : check_lists(msg);
}
