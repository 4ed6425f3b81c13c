// SPDX-License-Identifier: GPL-2.0
/* Offer and answer that only tell which is which. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

int oa_new(struct oa **oa, const struct oa_world *world,
	   const struct oa_terms *terms)
{
	(void)world;
	(void)terms;
	*oa = calloc(1, sizeof(**oa));
	fake.oas++;
	fake.oa = *oa;
	return *oa ? 0 : -ENOMEM;
}

void oa_end(struct oa *oa)
{
	fake.oas--;
	fake.oa = NULL;
	free(oa);
}

static int translate(char letter, struct sdp_text body, char *out, size_t room,
		     size_t *used, struct oa_verdict *no)
{
	if (memmem(body.at, body.len, "bad", 3)) {
		no->status = 488;
		no->why = "bad";
		snprintf(no->warning, sizeof(no->warning), "304 Bad media");
		return -EINVAL;
	}
	*used = snprintf(out, room, "%c:%.*s", letter, (int)body.len, body.at);
	return 0;
}

int oa_offer(struct oa *oa, enum oa_side from, struct sdp_text fork,
	     uint32_t cseq, struct sdp_text body, char *out, size_t room,
	     size_t *used, struct oa_verdict *no)
{
	int err = translate('O', body, out, room, used, no);

	(void)from;
	(void)fork;
	(void)cseq;
	if (!err)
		oa->pending = true;
	return err;
}

int oa_answer(struct oa *oa, enum oa_side from, struct sdp_text fork,
	      struct sdp_text body, char *out, size_t room, size_t *used,
	      struct oa_verdict *no)
{
	int err = translate('A', body, out, room, used, no);

	(void)from;
	(void)fork;
	if (!err) {
		oa->pending = false;
		oa->answered = true;
	}
	return err;
}

void oa_refused(struct oa *oa)
{
	oa->pending = false;
	oa->refused++;
}

int oa_retry_plain(struct oa *oa, char *out, size_t room, size_t *used)
{
	(void)oa;
	*used = snprintf(out, room, "plain");
	return 0;
}

int oa_select(struct oa *oa, struct sdp_text fork)
{
	(void)fork;
	oa->selected++;
	return 0;
}

void oa_fork_gone(struct oa *oa, struct sdp_text fork)
{
	(void)fork;
	oa->forks_gone++;
}

bool oa_pending(const struct oa *oa)
{
	return oa->pending;
}

bool oa_has_stream(const struct oa *oa, uint32_t stream)
{
	return oa->answered && stream == 7;
}

bool oa_on_hold(const struct oa *oa)
{
	return oa->hold;
}

unsigned int oa_lines(const struct oa *oa)
{
	return oa->answered ? 1 : 0;
}

struct oa_line oa_line(const struct oa *oa, unsigned int line)
{
	(void)oa;
	(void)line;
	return (struct oa_line){ .how = OA_SDES,
				 .suite = 1,
				 .stream = 7,
				 .access_port = 20000,
				 .core_port = 30000 };
}

const char *oa_how_name(enum oa_how how)
{
	return how == OA_SDES ? "sdes" : "plain";
}

bool oa_line_counts(const struct oa *oa, unsigned int line,
		    struct msrp_counts *counts)
{
	(void)oa;
	(void)line;
	memset(counts, 0, sizeof(*counts));
	return false;
}

bool oa_sessions_over(const struct oa *oa)
{
	(void)oa;
	return true;
}

const char *oa_session_name(enum oa_session state)
{
	return state == OA_SESSION_UP ? "up" : "none";
}

bool oa_secured(const struct oa *oa)
{
	(void)oa;
	return true;
}
