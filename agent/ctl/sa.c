// SPDX-License-Identifier: GPL-2.0
/* e2aectl sa: security associations. */
#include <ctype.h>
#include <string.h>

#include "ctl.h"

static int word_suite(struct ctl *c, const struct word *w, struct place to,
		      const char *value)
{
	const struct e2ae_suite_info *suite = e2ae_suite_by_name(value);
	struct e2ae_sa *sa = to.at;

	if (!suite)
		return usage(c, "there is no suite %s", value);
	sa->suite = suite->id;
	give(to, w->attr);
	return DONE;
}

/* Read when all words are known: the length of the key is the suite's. */
static int word_key_file(struct ctl *c, const struct word *w, struct place to,
			 const char *value)
{
	(void)w;
	(void)to;
	c->key_file = value;
	return DONE;
}

static int word_mki(struct ctl *c, const struct word *w, struct place to,
		    const char *value)
{
	struct e2ae_sa *sa = to.at;
	size_t len = strlen(value);

	if (!len || len % 2 || len / 2 > E2AE_MAX_MKI ||
	    !hex_digits(value, len / 2, sa->mki.octets))
		return usage(c, "mki: %s is not 1 to %d octets in hexadecimal",
			     value, E2AE_MAX_MKI);
	sa->mki.len = len / 2;
	give(to, w->attr);
	return DONE;
}

/* SSRC: 8 hexadecimal digits, or 0x and up to 8. */
static bool ssrc_parse(const char *text, uint32_t *ssrc)
{
	bool prefix = text[0] == '0' && text[1] == 'x';
	char number_text[16];
	uint64_t n;

	if (strlen(text) > 10 || (!prefix && strlen(text) != 8))
		return false;
	snprintf(number_text, sizeof(number_text), "%s%s", prefix ? "" : "0x",
		 text);
	if (!number(number_text, UINT32_MAX, &n))
		return false;
	*ssrc = n;
	return true;
}

/* SSRC:ROC:SEQ[:RTCP-INDEX]; ROC and SEQ are - where only SRTCP was seen. */
static bool state_parse(const char *text, struct e2ae_ssrc *s)
{
	char copy[64], *part[4] = { NULL }, *next = copy;
	uint64_t roc, seq, index;
	int n = 0;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	while (next && n < 4)
		part[n++] = strsep(&next, ":");
	if (next || n < 3 || !ssrc_parse(part[0], &s->ssrc))
		return false;
	s->given = E2AE_GIVEN(E2AE_A_SSRC_SSRC);
	if (n == 4) {
		if (!number(part[3], 1U << 31, &index))
			return false;
		s->rtcp_index = index;
		s->given |= E2AE_GIVEN(E2AE_A_SSRC_RTCP_INDEX);
	}
	if (n == 4 && !strcmp(part[1], "-") && !strcmp(part[2], "-"))
		return true;
	if (!number(part[1], UINT32_MAX, &roc) ||
	    !number(part[2], UINT16_MAX, &seq))
		return false;
	s->roc = roc;
	s->seq = seq;
	s->given |= E2AE_GIVEN(E2AE_A_SSRC_ROC) | E2AE_GIVEN(E2AE_A_SSRC_SEQ);
	return true;
}

static int word_state(struct ctl *c, const struct word *w, struct place to,
		      const char *value)
{
	struct e2ae_sa *sa = to.at;

	if (sa->n_states == E2AE_MAX_SSRCS)
		return usage(c, "state is given more than %d times",
			     E2AE_MAX_SSRCS);
	if (!state_parse(value, &sa->state[sa->n_states]))
		return usage(c, "state: %s is not %s, SSRC of 8 hex digits",
			     value, w->value);
	sa->n_states++;
	give(to, w->attr);
	return DONE;
}

/* clang-format off */
const struct word sa_words[] = {
	{ "suite", "SUITE", word_suite, E2AE_A_SA_SUITE, WHOLE, ADD | NEEDED },
	{ "key-file", "FILE|-", word_key_file, 0, WHOLE, ADD | NEEDED },
	{ "mki", "HEX", word_mki, E2AE_A_SA_MKI, WHOLE, ADD },
	{ "window", "N", word_number, E2AE_A_SA_WINDOW, WHOLE, ADD },
	{ "soft-packets", "N", word_number, E2AE_A_SA_SOFT_PACKETS, WHOLE,
	  ADD | SET },
	{ "hard-packets", "N", word_number, E2AE_A_SA_HARD_PACKETS, WHOLE,
	  ADD | SET },
	{ "roc", "N", word_number, E2AE_A_SA_ROC, WHOLE, ADD },
	{ "state", "SSRC:ROC:SEQ[:RTCP-INDEX]", word_state, E2AE_A_SA_STATE,
	  WHOLE, ADD | MANY },
	{ "guard", "N", word_number, E2AE_A_SA_GUARD, WHOLE, ADD },
	{ "ssrc-max", "N", word_number, E2AE_A_SA_SSRC_MAX, WHOLE, ADD },
	{ "fixed-ssrcs", NULL, word_flag, E2AE_A_SA_FIXED_SSRCS, WHOLE, ADD },
	{ "autodel", NULL, word_flag, E2AE_A_SA_AUTODEL, WHOLE, ADD | SET },
	{ 0 }
};

/* clang-format on */

static int sa_change(struct ctl *c, enum e2ae_cmd cmd, int argc, char **argv)
{
	struct e2ae_sa sa = { .given = E2AE_GIVEN(E2AE_A_SA_ID) };
	struct e2ae_request req = { .cmd = cmd, .sas = &sa, .n_sas = 1 };
	int err = parse_id(c, argc ? argv[0] : NULL, &sa.id);

	if (!err && cmd == E2AE_CMD_SA_DEL && argc > 1)
		err = usage(c, "nothing may follow the ID");
	if (!err && cmd != E2AE_CMD_SA_DEL)
		err = parse_words(c, argc - 1, argv + 1,
				  (struct place){ &e2ae_sa_set_info, &sa });
	if (!err && c->key_file)
		err = key_read(c, &sa);
	if (!err)
		err = ctl_submit(c, &req, sa.id);
	e2ae_sa_wipe(&sa);
	return err;
}

int sa_add(struct ctl *c, int argc, char **argv)
{
	return sa_change(c, E2AE_CMD_SA_NEW, argc, argv);
}

int sa_set(struct ctl *c, int argc, char **argv)
{
	return sa_change(c, E2AE_CMD_SA_SET, argc, argv);
}

int sa_del(struct ctl *c, int argc, char **argv)
{
	return sa_change(c, E2AE_CMD_SA_DEL, argc, argv);
}

static void sa_text(struct ctl *c, const void *obj)
{
	text_sa(c, obj);
}

static int sa_get(struct e2ae *h, uint32_t id, void *obj)
{
	return e2ae_sa_get(h, id, obj);
}

static int sa_dumped(const struct e2ae_sa *sa, void *arg)
{
	return show_one(sa, arg);
}

static int sa_dump(struct e2ae *h, struct shown *shown)
{
	return e2ae_sa_dump(h, sa_dumped, shown);
}

int sa_show(struct ctl *c, int argc, char **argv)
{
	struct e2ae_sa sa;
	struct shown shown = {
		.c = c,
		.set = &e2ae_sa_set_info,
		.obj = &sa,
		.text = sa_text,
		.get = sa_get,
		.dump = sa_dump,
	};

	return show(&shown, argc, argv);
}
