// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target for the rewriter of agent/msrp, for libFuzzer. The first octet of
 * an input says in which pieces the rest comes, the second how much may wait:
 * neither makes a difference to what goes out. What goes out is MSRP for the
 * peer: another rewriter, in the peer's place, takes it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/msrp/head.h"
#include "../../agent/msrp/rewrite.h"

#define HEADER	 512
#define OVERHEAD 4096 /* a header and answers that exceed the room */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct msrp_paths there = {
	"msrps://a.example:1/a;tcp",
	"msrp://b.example:2/b;tcp",
	"msrp://c.example:3/c;tcp",
};
static const struct msrp_paths back = {
	"msrp://b.example:2/b;tcp",
	"msrps://a.example:1/a;tcp",
	"msrps://r.example:4/r;tcp msrps://u.example:5/u;tcp",
};
static const struct msrp_paths peer = {
	"msrp://c.example:3/c;tcp",
	"msrp://d.example:6/d;tcp",
	"msrp://e.example:7/e;tcp",
};

static void holds(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/**
 * struct result - what became of a stream
 * @out: what goes to the peer
 * @answers: what goes back
 * @error: 0 or negative errno
 * @between: it ended between two messages
 */
struct result {
	struct net_buffer out;
	struct net_buffer answers;
	int error;
	bool between;
};

static void move(struct net_buffer *to, struct net_buffer *from)
{
	if (net_buffer_left(from))
		holds(!net_buffer_put(to, from->data + from->at,
				      net_buffer_left(from)),
		      "there is memory");
	net_buffer_free(from);
}

/* One piece, from memory exactly as large. */
static int feed(struct msrp_rewrite *rewrite, const uint8_t *data, size_t len,
		size_t room, struct net_buffer *all)
{
	char *exact = malloc(len);
	struct net_buffer out = { 0 };
	size_t at = 0;
	ssize_t n = 0;

	memcpy(exact, data, len);
	while (at < len) {
		n = msrp_rewrite(rewrite, exact + at, len - at, &out, room);
		if (n < 0)
			break;
		holds((size_t)n <= len - at, "it takes what there is");
		holds(n || net_buffer_left(&out) >= room, "it goes on");
		holds(net_buffer_left(&out) < room + OVERHEAD,
		      "what waits is bounded");
		at += (size_t)n;
		move(all, &out);
	}
	move(all, &out);
	free(exact);
	return n < 0 ? (int)n : 0;
}

static void run(const struct msrp_paths *paths, size_t header,
		const uint8_t *data, size_t size, size_t piece, size_t room,
		struct result *result)
{
	struct msrp_rewrite *to = msrp_rewrite_new(paths, header, NULL);
	struct msrp_rewrite *from = msrp_rewrite_new(&back, header, to);
	size_t at, len;

	memset(result, 0, sizeof(*result));
	for (at = 0; at < size && !result->error; at += len) {
		len = piece < size - at ? piece : size - at;
		result->error = feed(to, data + at, len, room, &result->out);
	}
	result->between = msrp_rewrite_between(to);
	holds(!msrp_rewrite_answers(from, &result->answers), "answers go");
	msrp_rewrite_free(to);
	msrp_rewrite_free(from);
}

static void release(struct result *result)
{
	net_buffer_free(&result->out);
	net_buffer_free(&result->answers);
}

static bool same(const struct net_buffer *a, const struct net_buffer *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

static void check_peer(const struct result *result)
{
	const uint8_t *data = (const uint8_t *)result->out.data;
	struct result next;

	run(&peer, HEADER + 256, data, result->out.len, 4096, 4096, &next);
	holds(!next.error, "what goes out is MSRP");
	holds(!next.answers.len, "for the peer");
	holds(result->error || !result->between || next.between,
	      "and ends as it came");
	release(&next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, pieces;

	if (size < 3)
		return 0;
	run(&there, HEADER, data + 2, size - 2, size, 1 << 20, &whole);
	run(&there, HEADER, data + 2, size - 2, data[0] + 1, data[1] + 1,
	    &pieces);
	holds(whole.error == pieces.error, "pieces find the same fault");
	holds(same(&whole.out, &pieces.out), "and pass on the same");
	holds(same(&whole.answers, &pieces.answers), "with the same answers");
	check_peer(&whole);
	release(&whole);
	release(&pieces);
	return 0;
}
