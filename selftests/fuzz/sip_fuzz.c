// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target for agent/sip, for libFuzzer. An input is a message as a datagram
 * brings it. What must hold for any is asserted here; the sanitizers see to the
 * rest.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/sip/addr.h"
#include "../../agent/sip/build.h"
#include "../../agent/sip/edit.h"
#include "../../agent/sip/framing.h"

#define ROOM (1 << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "Via",	"Route",	   "Contact",
				     "Require", "Security-Client", "Subject" };

static void holds(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* Unedited, everything comes out as it went in, in a buffer just as large. */
static void round_trip(const struct sip_msg *msg, const char *raw)
{
	char *out = malloc(msg->size);
	size_t used;

	holds(!sip_msg_write(msg, out, msg->size, &used) && used == msg->size &&
		      !memcmp(out, raw, used),
	      "round trip");
	holds(sip_msg_write(msg, out, used - 1, &used) == -ENOSPC,
	      "a buffer too small is refused");
	free(out);
}

static unsigned int count(const struct sip_msg *msg, const char *name)
{
	struct sip_at at = { 0 };
	unsigned int n = 0;

	while (sip_element_next(msg, name, &at) > 0)
		holds(n++ < ROOM, "lists end");
	return n;
}

/* The library's other readers, on every value there is. */
static void read_values(const struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sip_auth auth;
	struct sip_addr addr;
	struct sip_cseq cseq;
	struct sip_via via;
	char out[64];

	while (sip_line_next(msg, NULL, &at)) {
		sip_addr_parse(at.text, &addr);
		sip_via_parse(at.text, &via);
		sip_cseq_parse(at.text, &cseq);
		sip_unfold(at.text, out, sizeof(out));
		sip_unquote(at.text, out, sizeof(out));
		sip_uri_unescape(at.text, out, sizeof(out));
		if (!sip_auth_parse(at.text, &auth))
			sip_auth_text(&auth, "ck", out, sizeof(out));
	}
}

/* A URI is equal to itself, and comparing has no direction. */
static void compare(struct sdp_text one, struct sdp_text other)
{
	struct sip_uri a, b;

	if (sip_uri_parse(one, &a) || sip_uri_parse(other, &b))
		return;
	holds(sip_uri_equal(&a, &b) == sip_uri_equal(&b, &a),
	      "comparing has no direction");
	holds(sip_uri_same_user(&a, &a), "a URI has its own user");
}

/* Writes and reads again; NULL if an edit failed or what came is refused. */
static struct sip_msg *again(const struct sip_msg *msg, char *out)
{
	static struct sip_msg copy;
	size_t used;
	int err = sip_msg_write(msg, out, ROOM, &used);

	if (err) {
		holds(err == msg->failed, "only a failed edit is not written");
		return NULL;
	}
	err = sip_msg_parse(&copy, out, used, false);
	holds(copy.error.status != 505 && copy.n_lines > 1, "it has a header");
	return err ? NULL : &copy;
}

/* Lines that hold no element, and stay when all elements go; -1 if a list is broken. */
static int bare_lines(const struct sip_msg *msg, const char *name)
{
	unsigned int with = 0, last = UINT_MAX;
	struct sip_at at = { 0 };
	int more;

	while ((more = sip_element_next(msg, name, &at)) > 0) {
		with += at.line != last;
		last = at.line;
	}
	return more < 0 ? -1 : (int)(sip_line_count(msg, name) - with);
}

/* Takes elements out one by one until none is left. */
static void remove_elements(struct sip_msg *msg, const char *name)
{
	unsigned int n = count(msg, name);
	struct sip_at at = { 0 };

	while (n && sip_element_next(msg, name, &at) > 0) {
		if (sip_element_remove(msg, &at))
			return;
		n--;
	}
	holds(!count(msg, name), "all elements go");
}

static void edit(struct sip_msg *msg, char *out)
{
	static const char challenge[] = "WWW-Authenticate";
	struct sip_at at = { 0 };
	struct sip_msg *copy;
	struct sdp_text uri = msg->uri;
	int bare = bare_lines(msg, "Route");
	size_t i;

	if (sip_element_at(msg, "Via", 0, &at) > 0) {
		sip_param_set(msg, &at, "rport", "5060");
		sip_param_remove(msg, &at, "branch");
	}
	for (i = 1; i < ARRAY_SIZE(names); i++)
		remove_elements(msg, names[i]);
	at = (struct sip_at){ 0 };
	while (sip_line_next(msg, challenge, &at) && !msg->failed) {
		sip_auth_remove(msg, &at, "ck");
		sip_auth_set(msg, &at, "ik", "\"x\"");
	}
	sip_line_insert(msg, "Via", sdp_text_of("SIP/2.0/UDP h;branch=1"));
	sip_set_body(msg, sdp_text_of("body"));
	if (msg->request)
		sip_set_uri(msg, sdp_text_of("sip:other@example.com"));
	compare(uri, msg->uri);
	copy = again(msg, out);
	if (!copy)
		return;
	at = (struct sip_at){ 0 };
	while (sip_line_next(copy, challenge, &at)) {
		struct sip_param param;
		struct sip_auth auth;

		holds(!sip_auth_parse(at.text, &auth) &&
			      !sip_param_find(auth.params, ',', "ck", &param),
		      "no ck is left");
	}
	holds(copy->body.len == 4 && !count(copy, "Route"), "body and routes");
	holds(bare < 0 || (int)sip_line_count(copy, "Route") == bare,
	      "no line is left empty");
}

static void build(const struct sip_msg *msg, char *out)
{
	struct sip_answer answer = { 400, sdp_text_of("Bad"),
				     sdp_text_of("tag") };
	static struct sip_msg reply;
	size_t used;

	if (msg->request &&
	    !sip_reply_write(msg, &answer, NULL, out, ROOM, &used)) {
		sip_msg_parse(&reply, out, used, true);
		holds(!reply.request && reply.status == 400 &&
			      count(&reply, "Via") == count(msg, "Via"),
		      "a response has the status and all Vias");
	}
	sip_hop_write(msg, "CANCEL", sdp_text_of("<sip:a>"), NULL, out, ROOM,
		      &used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char out[ROOM];
	static struct sip_msg msg;
	struct sip_frame frame;
	const char *raw = (const char *)data;
	enum sip_frame_kind kind;
	int err;

	kind = sip_datagram(raw, size, SIP_LIMITS, &frame);
	holds(frame.skip + frame.size <= size, "a frame is inside");
	if (kind != SIP_FRAME_MESSAGE && kind != SIP_FRAME_BAD)
		return 0;
	err = sip_msg_parse(&msg, raw + frame.skip, size - frame.skip, false);
	holds(!err == !msg.error.status, "an error has a status");
	if (kind == SIP_FRAME_MESSAGE && !err)
		holds(msg.size == frame.size, "framing and parser agree");
	if (kind == SIP_FRAME_BAD)
		holds(err, "what framing refuses the parser refuses");
	read_values(&msg);
	build(&msg, out);
	if (!err) {
		round_trip(&msg, raw + frame.skip);
		edit(&msg, out);
	}
	return 0;
}
