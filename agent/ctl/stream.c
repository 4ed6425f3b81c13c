// SPDX-License-Identifier: GPL-2.0
/* e2aectl stream: media relayed between an access leg and a core leg. */
#include <string.h>

#include "ctl.h"

static int word_local(struct ctl *c, const struct word *w, struct place to,
		      const char *value)
{
	struct e2ae_leg *leg = to.at;

	if (!addr_port_parse(value, &leg->local_addr, &leg->local_port))
		return usage(c,
			     "%s: %s is not ADDR:PORT, or [ADDR]:PORT for IPv6",
			     w->name, value);
	give(to, E2AE_A_LEG_LOCAL_ADDR);
	give(to, E2AE_A_LEG_LOCAL_PORT);
	return DONE;
}

static int peer_latch(struct ctl *c, const struct word *w, struct place to,
		      const char *prefix)
{
	struct e2ae_leg *leg = to.at;

	leg->source = E2AE_SOURCE_RULE_LATCH;
	give(to, E2AE_A_LEG_SOURCE);
	if (!prefix)
		return DONE;
	if (!prefix_parse(prefix, &leg->latch_addr, &leg->latch_prefix))
		return usage(c, "%s: %s is not a network, ADDR/BITS", w->name,
			     prefix);
	give(to, E2AE_A_LEG_LATCH_ADDR);
	give(to, E2AE_A_LEG_LATCH_PREFIX);
	return DONE;
}

static int word_peer(struct ctl *c, const struct word *w, struct place to,
		     const char *value)
{
	struct e2ae_leg *leg = to.at;

	if (!strcmp(value, "latch"))
		return peer_latch(c, w, to, NULL);
	if (!strncmp(value, "latch=", 6))
		return peer_latch(c, w, to, value + 6);
	if (!addr_port_parse(value, &leg->peer_addr, &leg->peer_port))
		return usage(c, "%s: %s is none of %s, IPv6 in brackets",
			     w->name, value, w->value);
	give(to, E2AE_A_LEG_PEER_ADDR);
	give(to, E2AE_A_LEG_PEER_PORT);
	return DONE;
}

static int word_rtcp(struct ctl *c, const struct word *w, struct place to,
		     const char *value)
{
	struct e2ae_leg *leg = to.at;
	bool port = w->side != BOTH; /* two legs cannot share a port */
	uint64_t n;

	if (!strcmp(value, "mux")) {
		leg->rtcp_mode = E2AE_RTCP_MODE_MUX;
	} else if (!strcmp(value, "next")) {
		leg->rtcp_mode = E2AE_RTCP_MODE_NEXT;
	} else if (port && number(value, UINT16_MAX, &n) && n) {
		leg->rtcp_mode = E2AE_RTCP_MODE_EXPLICIT;
		leg->rtcp_port = n;
		give(to, E2AE_A_LEG_RTCP_PORT);
	} else {
		return usage(c, "%s: %s is none of %s", w->name, value,
			     w->value);
	}
	give(to, E2AE_A_LEG_RTCP_MODE);
	return DONE;
}

static int word_rtcp_peer(struct ctl *c, const struct word *w, struct place to,
			  const char *value)
{
	struct e2ae_leg *leg = to.at;
	uint64_t n;

	if (number(value, UINT16_MAX, &n) && n) {
		leg->rtcp_peer_port = n;
	} else if (addr_port_parse(value, &leg->rtcp_peer_addr,
				   &leg->rtcp_peer_port)) {
		give(to, E2AE_A_LEG_RTCP_PEER_ADDR);
	} else {
		return usage(c, "%s: %s is not ADDR:PORT, [ADDR]:PORT or PORT",
			     w->name, value);
	}
	give(to, E2AE_A_LEG_RTCP_PEER_PORT);
	return DONE;
}

static int word_dscp(struct ctl *c, const struct word *w, struct place to,
		     const char *value)
{
	struct e2ae_leg *leg = to.at;
	uint64_t n = E2AE_DSCP_KEEP;

	if (strcmp(value, "keep") && !number(value, E2AE_DSCP_KEEP - 1, &n))
		return usage(c, "%s: %s is not 0 to 63 or keep", w->name,
			     value);
	leg->dscp = n;
	give(to, w->attr);
	return DONE;
}

static int word_dev(struct ctl *c, const struct word *w, struct place to,
		    const char *value)
{
	struct e2ae_leg *leg = to.at;
	int index;

	if (ctl_open(c))
		return REFUSED;
	index = e2ae_ifindex(c->h, value);
	if (index < 0)
		return refused(c);
	leg->ifindex = index;
	give(to, w->attr);
	return DONE;
}

#define PEER   "ADDR:PORT|latch|latch=PREFIX"
#define RTCP   "mux|next|PORT"
#define SOURCE "strict|latch|any"
#define OTHER  "drop|local"

/* clang-format off */
const struct word stream_words[] = {
	{ "access", "ADDR:PORT", word_local, 0, ACCESS, ADD | SET | NEEDED },
	{ "access-peer", PEER, word_peer, 0, ACCESS, ADD | SET | NEEDED },
	{ "core", "ADDR:PORT", word_local, 0, CORE, ADD | SET | NEEDED },
	{ "core-peer", PEER, word_peer, 0, CORE, ADD | SET | NEEDED },
	{ "in-sa", "ID", word_number, E2AE_A_LEG_IN_SA, ACCESS, ADD | SET },
	{ "out-sa", "ID", word_number, E2AE_A_LEG_OUT_SA, ACCESS, ADD | SET },
	{ "plain", NULL, word_flag, E2AE_A_LEG_PLAIN, ACCESS, ADD | SET },
	{ "secure", NULL, word_flag, E2AE_A_LEG_SECURE, ACCESS, ADD | SET },
	{ "core-in-sa", "ID", word_number, E2AE_A_LEG_IN_SA, CORE, ADD | SET },
	{ "core-out-sa", "ID", word_number, E2AE_A_LEG_OUT_SA, CORE,
	  ADD | SET },
	{ "core-secure", NULL, word_flag, E2AE_A_LEG_SECURE, CORE, ADD | SET },
	{ "rtcp", "mux|next", word_rtcp, 0, BOTH, ADD | SET },
	{ "access-rtcp", RTCP, word_rtcp, 0, ACCESS, ADD | SET },
	{ "core-rtcp", RTCP, word_rtcp, 0, CORE, ADD | SET },
	{ "access-rtcp-peer", "ADDR:PORT|PORT", word_rtcp_peer, 0, ACCESS,
	  ADD | SET },
	{ "core-rtcp-peer", "ADDR:PORT|PORT", word_rtcp_peer, 0, CORE,
	  ADD | SET },
	{ "source", SOURCE, word_enum, E2AE_A_LEG_SOURCE, ACCESS, ADD | SET },
	{ "access-source", SOURCE, word_enum, E2AE_A_LEG_SOURCE, ACCESS,
	  ADD | SET },
	{ "core-source", SOURCE, word_enum, E2AE_A_LEG_SOURCE, CORE,
	  ADD | SET },
	{ "nonmedia", OTHER, word_enum, E2AE_A_LEG_NONMEDIA, BOTH, ADD | SET },
	{ "access-nonmedia", OTHER, word_enum, E2AE_A_LEG_NONMEDIA, ACCESS,
	  ADD | SET },
	{ "core-nonmedia", OTHER, word_enum, E2AE_A_LEG_NONMEDIA, CORE,
	  ADD | SET },
	{ "access-dev", "IF", word_dev, E2AE_A_LEG_IFINDEX, ACCESS, ADD | SET },
	{ "core-dev", "IF", word_dev, E2AE_A_LEG_IFINDEX, CORE, ADD | SET },
	{ "access-dscp", "N|keep", word_dscp, E2AE_A_LEG_DSCP, ACCESS,
	  ADD | SET },
	{ "core-dscp", "N|keep", word_dscp, E2AE_A_LEG_DSCP, CORE, ADD | SET },
	{ "access-mark", "N", word_number, E2AE_A_LEG_MARK, ACCESS, ADD | SET },
	{ "core-mark", "N", word_number, E2AE_A_LEG_MARK, CORE, ADD | SET },
	{ "timeout", "SECONDS", word_number, E2AE_A_STREAM_TIMEOUT, WHOLE,
	  ADD | SET },
	{ "clock-rate", "HZ", word_number, E2AE_A_STREAM_CLOCK_RATE, WHOLE,
	  ADD | SET },
	{ "grace", "MS", word_number, E2AE_A_STREAM_GRACE, WHOLE, ADD | SET },
	{ 0 }
};

/* clang-format on */

/*
 * The access leg has to say whether it is plain. The core leg's default is
 * plain, in the kernel, too.
 */
static int stream_change(struct ctl *c, enum e2ae_cmd cmd, int argc,
			 char **argv)
{
	struct e2ae_stream s = { .given = E2AE_GIVEN(E2AE_A_STREAM_ID) };
	struct e2ae_request req = { .cmd = cmd, .stream = &s };
	int err = parse_id(c, argc ? argv[0] : NULL, &s.id);

	if (!err && cmd == E2AE_CMD_STREAM_DEL && argc > 1)
		err = usage(c, "nothing may follow the ID");
	if (!err && cmd != E2AE_CMD_STREAM_DEL)
		err = parse_words(c, argc - 1, argv + 1,
				  (struct place){ &e2ae_stream_set_info, &s });
	return err ? err : ctl_submit(c, &req, s.id);
}

int stream_add(struct ctl *c, int argc, char **argv)
{
	return stream_change(c, E2AE_CMD_STREAM_NEW, argc, argv);
}

int stream_set(struct ctl *c, int argc, char **argv)
{
	return stream_change(c, E2AE_CMD_STREAM_SET, argc, argv);
}

int stream_del(struct ctl *c, int argc, char **argv)
{
	return stream_change(c, E2AE_CMD_STREAM_DEL, argc, argv);
}

static void stream_text(struct ctl *c, const void *obj)
{
	text_stream(c, obj);
}

static int stream_get(struct e2ae *h, uint32_t id, void *obj)
{
	return e2ae_stream_get(h, id, obj);
}

static int stream_dumped(const struct e2ae_stream *s, void *arg)
{
	return show_one(s, arg);
}

static int stream_dump(struct e2ae *h, struct shown *shown)
{
	return e2ae_stream_dump(h, stream_dumped, shown);
}

int stream_show(struct ctl *c, int argc, char **argv)
{
	struct e2ae_stream stream;
	struct shown shown = {
		.c = c,
		.set = &e2ae_stream_set_info,
		.obj = &stream,
		.text = stream_text,
		.get = stream_get,
		.dump = stream_dump,
	};

	return show(&shown, argc, argv);
}
