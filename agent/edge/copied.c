// SPDX-License-Identifier: GPL-2.0
/*
 * What a UE's response has to copy from the request (RFC 3261, 8.2.6.2 and
 * 12.1.1): Via tells proxies in the core where the response goes, Record-Route
 * tells the caller where it sends everything else. Neither is for the UE to say
 * (TS 24.229, 5.2.6.4).
 */
#include <errno.h>
#include <stdlib.h>

#include "inner.h"

/* Are these lists the same, octet by octet? @a may have other elements first. */
static bool same_list(const struct sip_msg *a, struct sip_at at,
		      const struct sip_msg *b, const char *name)
{
	struct sip_at other = { 0 };
	int more;

	while ((more = sip_element_next(b, name, &other)) > 0)
		if (sip_element_next(a, name, &at) != 1 ||
		    !sip_same(at.text, other.text))
			return false;
	return !more && !sip_element_next(a, name, &at);
}

static void put(struct sdp_text text, char *out, size_t room, size_t *used)
{
	if (*used)
		sdp_text_put(sdp_text_of(", "), out, room, used);
	sdp_text_put(text, out, room, used);
}

/* Lets the response have this list, after what is in @out already. */
static int replace(struct sip_msg *response, const struct sip_msg *request,
		   const char *name, char *out, size_t used)
{
	struct sip_at at = { 0 };

	while (sip_element_next(request, name, &at) > 0)
		put(at.text, out, EDGE_OUT_ROOM, &used);
	if (used > EDGE_OUT_ROOM)
		return -ENOSPC;
	metric_add(METRIC_FORBIDDEN);
	sip_header_remove(response, name);
	if (!used)
		return response->failed;
	return sip_line_insert(response, name, (struct sdp_text){ out, used });
}

static int hold_vias(struct sip_msg *response, const struct sip_msg *request,
		     char *out)
{
	if (same_list(response, (struct sip_at){ 0 }, request, "Via"))
		return 0;
	return replace(response, request, "Via", out, 0);
}

/* @own are our own two, as lines, which the request does not have yet. */
static int hold_routes(struct sip_msg *response, const struct sip_msg *request,
		       struct sdp_text own, char *out)
{
	struct sip_at at = { 0 };
	struct sdp_text line, name, value, rest = own;
	bool same = true;
	size_t used = 0;

	while (rest.len) {
		sdp_text_cut(rest, '\n', &line, &rest);
		sdp_text_cut(sip_trim(line), ':', &name, &value);
		value = sip_trim(value);
		put(value, out, EDGE_OUT_ROOM, &used);
		same = same &&
		       sip_element_next(response, "Record-Route", &at) == 1 &&
		       sip_same(at.text, value);
	}
	if (same && same_list(response, at, request, "Record-Route"))
		return 0;
	return replace(response, request, "Record-Route", out, used);
}

/* May the response be the beginning of a dialog that goes through us? */
static bool makes_route(const struct hop *hop, const struct sip_msg *response)
{
	struct sdp_text tag;

	return hop->token[0] && !hop->dialog && hop->flow &&
	       response->status > 100 && response->status < 300 &&
	       call_tag(response, "To", &tag);
}

/**
 * copied_hold() - let a UE's response have copied what it got
 * @hop: the request, with its flows
 * @response: the response, without our Via
 *
 * Return: 0; or a negative errno, and it must not go on.
 */
int copied_hold(const struct hop *hop, struct sip_msg *response)
{
	struct edge *edge = hop->edge;
	char own[2 * (ROUTE_URI_ROOM + 24)];
	size_t used = 0;
	int err;

	err = sip_msg_parse(edge->bench, hop->data, hop->len, true);
	if (!err)
		err = hold_vias(response, edge->bench, edge->out);
	if (err || !makes_route(hop, response))
		return err;
	err = route_record_write(hop, hop->flow, own, sizeof(own), &used);
	if (err)
		return err;
	return hold_routes(response, edge->bench,
			   (struct sdp_text){ own, used }, edge->out);
}
