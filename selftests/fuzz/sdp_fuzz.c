// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target for agent/media, for libFuzzer. An input is a Content-Type, a
 * line feed and a body. What must hold for any of them is asserted here; the
 * sanitizers see to the rest.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/media/body.h"
#include "../../agent/media/sdp.h"

#define ROOM (SDP_SIZE_MAX + 2 * SDP_ROOM)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void holds(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static bool same(struct sdp_text text, const char *out, int len)
{
	return len >= 0 && (size_t)len == text.len &&
	       (!len || !memcmp(text.at, out, len));
}

/* Unedited, everything comes out as it went in, in a buffer just as large. */
static void round_trip(const struct sdp *sdp, struct sdp_text text)
{
	char *out = malloc(text.len);

	holds(same(text, out, sdp_write(sdp, out, text.len)), "round trip");
	if (text.len)
		holds(sdp_write(sdp, out, text.len - 1) == -ENOSPC,
		      "a buffer too small is refused");
	free(out);
}

static void query(const struct sdp *sdp, unsigned int media)
{
	struct sdp_key_mgmt key = SDP_FIRST_KEY;
	struct sdp_rtcp rtcp;
	uint32_t value, ssrc[3];
	unsigned int n = 0;

	while (sdp_key_mgmt_next(sdp, media, &key))
		holds(n++ < SDP_LINES_MAX, "loops end");
	sdp_rtcp(sdp, media, &rtcp);
	sdp_security(sdp, media);
	sdp_direction(sdp, media);
	sdp_setup(sdp, media);
	sdp_bundled(sdp, media);
	sdp_ssrcs(sdp, media, ssrc, ARRAY_SIZE(ssrc));
	holds(sdp_clock_rate(sdp, media), "a clock is not 0");
	holds(sdp_ptime(sdp, media), "a packet has a length");
	sdp_bandwidth(sdp, media, "AS", &value);
}

/* Edits an m-line as an anchor does, as far as that is possible. */
static void anchor(struct sdp *sdp, unsigned int media)
{
	struct sdp_addr addr = { .family = AF_INET,
				 .octets = { 192, 0, 2, 1 } };
	struct sdp_media m;

	sdp_strip_keys(sdp, media);
	sdp_strip_ice(sdp, media);
	sdp_strip_mux(sdp, media);
	sdp_add_bandwidth(sdp, media, 7);
	sdp_set_rtcp(sdp, media, media % 2 ? 0 : 4001, &addr);
	sdp_add(sdp, media, "crypto", sdp_text_of("1 x inline:y"));
	if (!sdp_media(sdp, media, &m))
		sdp_set_secure(sdp, media, !sdp_proto_secure(m.proto));
	holds(sdp_set_connection(sdp, media, &addr) != -ENOENT,
	      "every m-line can get an address");
	sdp_set_port(sdp, media, 4000);
}

/* Reads an edited m-line again and expects what was written. */
static void anchored(const struct sdp *sdp, unsigned int media)
{
	struct sdp_attr attr = SDP_FIRST;
	struct sdp_addr addr;
	struct sdp_media m;

	holds(!sdp_ice(sdp, media), "ICE is gone");
	holds(!sdp_attr_has(sdp, media, "rtcp-mux"), "rtcp-mux is gone");
	holds(!sdp_attr_has(sdp, media, "key-mgmt"), "key-mgmt is gone");
	holds(sdp_attr_next(sdp, media, "crypto", &attr) &&
		      sdp_text_is(attr.value, "1 x inline:y"),
	      "the new key is there");
	holds(!sdp_attr_next(sdp, media, "crypto", &attr), "and no other");
	holds(sdp_attr_has(sdp, media, "rtcp") == !(media % 2), "a=rtcp");
	holds(!sdp_connection(sdp, media, &addr) && addr.octets[0] == 192 &&
		      addr.octets[3] == 1 && addr.family == AF_INET,
	      "the new address");
	holds(!sdp_media(sdp, media, &m) && m.port == 4000 && m.ports == 1,
	      "the new port");
}

static void edit(struct sdp *sdp, struct sdp *again)
{
	static char out[ROOM];
	bool good = !sdp_check(sdp);
	unsigned int i;
	int len;

	for (i = 0; i <= sdp->n_media; i++)
		query(sdp, i);
	for (i = 1; i <= sdp->n_media; i++)
		anchor(sdp, i);
	sdp_strip_bundle(sdp);
	sdp_add_version(sdp, 1);
	len = sdp_write(sdp, out, sizeof(out));
	if (len < 0) {
		holds(len == -ENOSPC && sdp->error == len, "only room lacks");
		return;
	}
	if (sdp_parse(again, out, len))
		return;
	holds(again->n_media == sdp->n_media, "as many m-lines as before");
	/* Nobody edits what sdp_check() refuses, but it must not crash. */
	if (!good)
		return;
	holds(!sdp_check(again), "what was good still is");
	for (i = 1; i <= again->n_media; i++)
		anchored(again, i);
}

static void bodies(struct sdp_text type, struct sdp_text body)
{
	struct body_part part;
	struct sdp_text inner;
	char *out;

	if (body_find_sdp(type, body, &part))
		return;
	holds(part.at <= body.len && part.len <= body.len - part.at,
	      "the part is inside");
	inner = (struct sdp_text){ body.at + part.at, part.len };
	out = malloc(body.len + 64);
	/* Numbers may be written with zeros in front; then they change. */
	if (!part.n_lengths)
		holds(same(body, out,
			   body_replace(body, &part, inner, out, body.len)),
		      "replaced by itself");
	holds(body_replace(body, &part, inner, out, body.len + 64) >= 0,
	      "replacing needs little room");
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sdp sdp, again;
	struct sdp_text all = { (const char *)data, size }, type, body;

	sdp_text_cut(all, '\n', &type, &body);
	if (!body.at)
		return 0;
	bodies(type, body);
	if (!sdp_parse(&sdp, body.at, body.len)) {
		round_trip(&sdp, body);
		edit(&sdp, &again);
	}
	sdp_wipe(&sdp);
	return 0;
}
