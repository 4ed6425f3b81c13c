/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of our own: responses to a request, requests within a dialog, and
 * those that belong to an INVITE's own hop. What comes from other messages is
 * copied as it was written there. Each function returns 0; -EINVAL for text
 * that would break the header; -ENOENT if the message it is made from lacks
 * something; -ENOSPC, with the octets needed in *used, if it does not fit.
 */
#ifndef E2AE_SIP_BUILD_H
#define E2AE_SIP_BUILD_H

#include "msg.h"

/**
 * struct sip_field - a header line to be
 * @name: its name
 * @value: its value
 */
struct sip_field {
	const char *name;
	struct sdp_text value;
};

/**
 * struct sip_extra - what else a message says
 * @fields: header lines
 * @n_fields: how many
 * @body: its body; Content-Type is one of @fields, Content-Length is not
 */
struct sip_extra {
	const struct sip_field *fields;
	size_t n_fields;
	struct sdp_text body;
};

/**
 * struct sip_answer - a response to be
 * @status: 100 to 699
 * @reason: the reason phrase
 * @tag: for To, where it has none yet; not used in a 100
 */
struct sip_answer {
	unsigned int status;
	struct sdp_text reason;
	struct sdp_text tag;
};

int sip_reply_write(const struct sip_msg *request,
		    const struct sip_answer *answer,
		    const struct sip_extra *extra, char *out, size_t size,
		    size_t *used);

/**
 * struct sip_dialog - what requests within a dialog are made from (RFC 3261,
 * 12.1)
 * @local: value of From, with our side's tag
 * @remote: value of To, with the other side's tag
 * @call_id: the Call-ID
 * @target: URI of the other side's Contact
 * @routes: the route set, as elements of Route
 * @n_routes: how many
 */
struct sip_dialog {
	struct sdp_text local;
	struct sdp_text remote;
	struct sdp_text call_id;
	struct sdp_text target;
	const struct sdp_text *routes;
	size_t n_routes;
};

/**
 * struct sip_step - one request within a dialog
 * @method: BYE, ACK, ...
 * @cseq: its number
 * @via: value of its one Via
 */
struct sip_step {
	struct sdp_text method;
	uint32_t cseq;
	struct sdp_text via;
};

int sip_dialog_write(const struct sip_dialog *dialog,
		     const struct sip_step *step, const struct sip_extra *extra,
		     char *out, size_t size, size_t *used);

int sip_hop_write(const struct sip_msg *invite, const char *method,
		  struct sdp_text to, const struct sip_extra *extra, char *out,
		  size_t size, size_t *used);

#endif
