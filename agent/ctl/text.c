// SPDX-License-Identifier: GPL-2.0
/* Objects for people: the words of the command that would make them. */
#include <inttypes.h>
#include <string.h>

#include "ctl.h"

#define HAS(obj, attr) ((obj)->given & E2AE_GIVEN(attr))

/**
 * number_of() - the value of a numeric attribute
 * @set: attribute set
 * @obj: its structure
 * @attr: attribute
 * @n: where to put the value
 *
 * Return: whether it is a number.
 */
bool number_of(const struct e2ae_set *set, const void *obj, unsigned int attr,
	       int64_t *n)
{
	const uint8_t *at = (const uint8_t *)obj + set->fields[attr].offset;

	switch (set->fields[attr].kind) {
	case E2AE_KIND_U16:
		*n = *(const uint16_t *)at;
		return true;
	case E2AE_KIND_U32:
		*n = *(const uint32_t *)at;
		return true;
	case E2AE_KIND_U64:
	case E2AE_KIND_S64:
		*n = *(const int64_t *)at;
		return true;
	default:
		return false;
	}
}

/**
 * text_number() - a name and a number, or what the number is called
 * @set: attribute set
 * @attr: attribute
 * @n: its value
 */
void text_number(const struct e2ae_set *set, unsigned int attr, int64_t n)
{
	const char *value = e2ae_value_name(set, attr, n);

	if (value)
		printf(" %s %s", set->fields[attr].name, value);
	else
		printf(" %s %" PRId64, set->fields[attr].name, n);
}

/* The numbers of a structure on one line, behind a title of fixed width. */
static void text_line(const char *title, const struct e2ae_set *set,
		      const void *obj, bool zeros)
{
	uint64_t given = *(const uint64_t *)obj;
	bool any = false;
	unsigned int attr;
	int64_t n;

	for (attr = 1; attr <= set->max; attr++) {
		if (!(given & E2AE_GIVEN(attr)) ||
		    !number_of(set, obj, attr, &n) || (!n && !zeros))
			continue;
		if (!any)
			printf("    %-10s", title);
		any = true;
		if (!strcmp(set->fields[attr].name, "ssrc"))
			printf(" ssrc %08" PRIx64, (uint64_t)n);
		else
			text_number(set, attr, n);
	}
	if (any)
		putchar('\n');
}

static const char *named(const struct e2ae_set *set, unsigned int attr,
			 uint32_t value)
{
	const char *name = e2ae_value_name(set, attr, value);

	return name ? name : "?";
}

/* The counters come with -s alone: the rest can be given to sa add as it is. */
static void text_state(const struct e2ae_ssrc *s, bool stats)
{
	printf("    state %08" PRIx32, s->ssrc);
	if (HAS(s, E2AE_A_SSRC_SEQ))
		printf(":%" PRIu32 ":%u", s->roc, s->seq);
	else
		fputs(":-:-", stdout);
	if (HAS(s, E2AE_A_SSRC_RTCP_INDEX))
		printf(":%" PRIu32, s->rtcp_index);
	if (stats && HAS(s, E2AE_A_SSRC_PACKETS))
		printf(" packets %" PRIu64, s->packets);
	if (stats && HAS(s, E2AE_A_SSRC_RTCP_PACKETS))
		printf(" rtcp-packets %" PRIu64, s->rtcp_packets);
	putchar('\n');
}

static void text_sa_limits(const struct e2ae_sa *sa)
{
	if (HAS(sa, E2AE_A_SA_WINDOW))
		printf(" window %" PRIu32, sa->window);
	if (HAS(sa, E2AE_A_SA_SSRC_MAX))
		printf(" ssrc-max %" PRIu32, sa->ssrc_max);
	if (HAS(sa, E2AE_A_SA_ROC))
		printf(" roc %" PRIu32, sa->roc);
	if (HAS(sa, E2AE_A_SA_SOFT_PACKETS))
		printf(" soft-packets %" PRIu64, sa->soft_packets);
	if (HAS(sa, E2AE_A_SA_HARD_PACKETS))
		printf(" hard-packets %" PRIu64, sa->hard_packets);
	if (HAS(sa, E2AE_A_SA_FIXED_SSRCS))
		fputs(" fixed-ssrcs", stdout);
	if (HAS(sa, E2AE_A_SA_AUTODEL))
		fputs(" autodel", stdout);
}

/**
 * text_sa() - an SA
 * @c: run; with -s, also what passed and what did not
 * @sa: the SA
 */
void text_sa(struct ctl *c, const struct e2ae_sa *sa)
{
	const struct e2ae_suite_info *suite = e2ae_suite_by_id(sa->suite);
	uint32_t i;

	printf("sa %" PRIu32 " suite %s", sa->id, suite ? suite->name : "?");
	if (HAS(sa, E2AE_A_SA_MKI)) {
		fputs(" mki ", stdout);
		for (i = 0; i < sa->mki.len; i++)
			printf("%02x", sa->mki.octets[i]);
	}
	if (HAS(sa, E2AE_A_SA_DIRECTION))
		printf(" %s", named(&e2ae_sa_set_info, E2AE_A_SA_DIRECTION,
				    sa->direction));
	if (HAS(sa, E2AE_A_SA_STREAMS))
		printf(" streams %" PRIu32, sa->streams);
	if (HAS(sa, E2AE_A_SA_EXPIRED))
		fputs(" expired", stdout);
	fputs("\n   ", stdout);
	text_sa_limits(sa);
	putchar('\n');
	for (i = 0; i < sa->n_states; i++)
		text_state(&sa->state[i], c->stats);
	if (!c->stats)
		return;
	printf("    cipher %s fallback %s mac %s\n", sa->cipher, sa->fallback,
	       HAS(sa, E2AE_A_SA_MAC) ? sa->mac : "-");
	text_line("passed", e2ae_sa_set_info.fields[E2AE_A_SA_STATS].set,
		  &sa->stats, true);
	text_line("drops", &e2ae_drops_set_info, &sa->drops, false);
}

static const struct e2ae_set *leg_set(void)
{
	return e2ae_stream_set_info.fields[E2AE_A_STREAM_ACCESS].set;
}

static void text_leg_peer(const struct e2ae_leg *leg)
{
	char text[ADDR_TEXT];

	if (HAS(leg, E2AE_A_LEG_PEER_ADDR))
		printf(" peer %s",
		       addr_port_text(&leg->peer_addr, leg->peer_port, text));
	else
		fputs(" peer -", stdout);
	if (HAS(leg, E2AE_A_LEG_LATCHED))
		fputs(" latched", stdout);
	if (HAS(leg, E2AE_A_LEG_LATCH_ADDR))
		printf(" latch=%s/%u", addr_text(&leg->latch_addr, text),
		       leg->latch_prefix);
}

static void text_leg_rtcp(const struct e2ae_leg *leg)
{
	char text[ADDR_TEXT];

	if (leg->rtcp_mode == E2AE_RTCP_MODE_EXPLICIT)
		printf(" rtcp %u", leg->rtcp_port);
	else
		printf(" rtcp %s",
		       named(leg_set(), E2AE_A_LEG_RTCP_MODE, leg->rtcp_mode));
	if (HAS(leg, E2AE_A_LEG_RTCP_PEER_ADDR))
		printf(" rtcp-peer %s",
		       addr_port_text(&leg->rtcp_peer_addr, leg->rtcp_peer_port,
				      text));
	if (HAS(leg, E2AE_A_LEG_RTCP_LATCHED))
		fputs(" rtcp-latched", stdout);
}

static void text_leg_sas(const struct e2ae_leg *leg)
{
	if (HAS(leg, E2AE_A_LEG_PLAIN)) {
		fputs(" plain", stdout);
		return;
	}
	if (leg->in_sa)
		printf(" in-sa %" PRIu32, leg->in_sa);
	if (HAS(leg, E2AE_A_LEG_OLD_IN_SA) && leg->old_in_sa)
		printf(" old-in-sa %" PRIu32, leg->old_in_sa);
	if (leg->out_sa)
		printf(" out-sa %" PRIu32, leg->out_sa);
	if (!leg->in_sa && !leg->out_sa)
		fputs(" secure", stdout);
}

static void text_leg(struct ctl *c, const char *name,
		     const struct e2ae_leg *leg)
{
	char text[ADDR_TEXT], dev[16];

	printf("    %-6s %s", name,
	       addr_port_text(&leg->local_addr, leg->local_port, text));
	text_leg_peer(leg);
	text_leg_sas(leg);
	text_leg_rtcp(leg);
	text_number(leg_set(), E2AE_A_LEG_SOURCE, leg->source);
	text_number(leg_set(), E2AE_A_LEG_NONMEDIA, leg->nonmedia);
	if (leg->ifindex && !e2ae_ifname(c->h, leg->ifindex, dev))
		printf(" dev %s", dev);
	else if (leg->ifindex)
		printf(" dev if%" PRIu32, leg->ifindex);
	if (HAS(leg, E2AE_A_LEG_DSCP) && leg->dscp != E2AE_DSCP_KEEP)
		printf(" dscp %u", leg->dscp);
	if (leg->mark)
		printf(" mark 0x%" PRIx32, leg->mark);
	putchar('\n');
}

/**
 * text_stream() - a stream
 * @c: run; with -s, also what passed and what did not
 * @s: the stream
 */
void text_stream(struct ctl *c, const struct e2ae_stream *s)
{
	const struct e2ae_set *flow =
		e2ae_stream_set_info.fields[E2AE_A_STREAM_UPSTREAM].set;

	printf("stream %" PRIu32 " timeout %" PRIu32 " clock-rate %" PRIu32
	       " grace %" PRIu32 "\n",
	       s->id, s->timeout, s->clock_rate, s->grace);
	text_leg(c, "access", &s->access);
	text_leg(c, "core", &s->core);
	if (!c->stats)
		return;
	text_line("upstream", flow, &s->upstream, true);
	text_line("downstream", flow, &s->downstream, true);
	text_line("drops", &e2ae_drops_set_info, &s->drops, false);
}

/**
 * text_counters() - a structure as lines of name and value, as in /proc
 * @set: its attribute set
 * @obj: the structure
 * @prefix: goes before every name
 * @zeros: also those that are zero
 */
void text_counters(const struct e2ae_set *set, const void *obj,
		   const char *prefix, bool zeros)
{
	uint64_t given = *(const uint64_t *)obj;
	char deeper[64];
	unsigned int attr;
	int64_t n;

	if (set == &e2ae_drops_set_info)
		given = ~0ULL;
	for (attr = 1; attr <= set->max; attr++) {
		const struct e2ae_field *f = &set->fields[attr];
		const uint8_t *at = (const uint8_t *)obj + f->offset;

		if (!f->name || !(given & E2AE_GIVEN(attr)))
			continue;
		if (f->kind == E2AE_KIND_STRING) {
			printf("%s%s %s\n", prefix, f->name, (const char *)at);
		} else if (f->kind == E2AE_KIND_NEST) {
			snprintf(deeper, sizeof(deeper), "%s%s-", prefix,
				 f->set == &e2ae_drops_set_info ? "drop" :
								  f->name);
			text_counters(f->set, at, deeper, zeros);
		} else if (number_of(set, obj, attr, &n) && (n || zeros)) {
			printf("%s%s %" PRId64 "\n", prefix, f->name, n);
		}
	}
}
