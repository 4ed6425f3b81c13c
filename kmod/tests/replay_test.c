// SPDX-License-Identifier: GPL-2.0
/* replay.c against a bitmap without a ring, and RFC 3711's own pseudocode. */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "../replay.c"

#define INDICES 60000 /* of the model */
#define LAST	BIT_ULL(48)

struct model {
	u64 base; /* index of used[0] */
	u64 next; /* one past the highest used */
	u32 size;
	u32 answers[3]; /* how often each was right */
	bool used[INDICES];
};

struct replay_param {
	const char *name;
	u32 size;
	u64 base;
};

/* 48 bits of index begin at 0 and end at 2^48; 320 is no power of two. */
static const struct replay_param replay_params[] = {
	{ "64 from 0", 64, 0 },
	{ "128 from 0", 128, 0 },
	{ "320 from 0", 320, 0 },
	{ "1024 from 0", 1024, 0 },
	{ "4096 from 0", 4096, 0 },
	{ "64 up to 2^48", 64, LAST - INDICES },
	{ "128 across ROC 1", 128, 0x10000 - INDICES / 2 },
	{ "4096 up to 2^48", 4096, LAST - INDICES },
};

KUNIT_ARRAY_PARAM_DESC(replay, replay_params, name);

static struct model *model_make(struct kunit *test, struct e2ae_window *w)
{
	const struct replay_param *param = test->param_value;
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u32 words = e2ae_window_words(param->size);
	u64 *bits = kunit_kmalloc_array(test, words, sizeof(*bits), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, bits);
	KUNIT_ASSERT_GE(test, words * 64, param->size + 64);
	KUNIT_ASSERT_EQ(test, words & (words - 1), 0);
	memset(bits, 0x5a, words * sizeof(*bits));
	m->base = param->base;
	m->size = param->size;
	e2ae_window_init(w, param->size, bits);
	return m;
}

static enum e2ae_replay model_check(const struct model *m, u64 index)
{
	if (index >= m->next)
		return E2AE_REPLAY_FRESH;
	if (m->next - index > m->size)
		return E2AE_REPLAY_OLD;
	return m->used[index - m->base] ? E2AE_REPLAY_SEEN : E2AE_REPLAY_FRESH;
}

static void model_mark(struct model *m, struct e2ae_window *w, u64 index)
{
	m->used[index - m->base] = true;
	m->next = max(m->next, index + 1);
	e2ae_window_mark(w, index);
}

/* Whether both say the same of @index. */
static bool agree(struct model *m, const struct e2ae_window *w, u64 index)
{
	enum e2ae_replay want = model_check(m, index);

	m->answers[want]++;
	return e2ae_window_check(w, index) == want;
}

/* The first index around the window of which they differ, or LAST. */
static u64 first_difference(struct model *m, const struct e2ae_window *w)
{
	u64 from = m->base, to = min(m->next + 130, m->base + INDICES), i;

	if (m->next > m->base + m->size + 130)
		from = m->next - m->size - 130;
	for (i = from; i < to; i++)
		if (!agree(m, w, i))
			return i;
	return LAST;
}

/* Mostly forwards; now and then late, twice, far ahead or out of the window. */
static u64 next_index(struct model *m, struct rnd_state *rnd)
{
	u32 dice = prandom_u32_state(rnd) % 100, n = prandom_u32_state(rnd);
	u64 index = m->next;

	if (dice < 55)
		index += n % 3;
	else if (dice < 90)
		index -= min(index - m->base,
			     (u64)(n % (m->size + m->size / 4)));
	else if (dice < 99)
		index += n % 70;
	else
		index += n % (2 * m->size + 200);
	return index;
}

static void window_does_as_a_plain_bitmap_does(struct kunit *test)
{
	struct e2ae_window w;
	struct model *m = model_make(test, &w);
	struct rnd_state rnd;
	u32 step, marked = 0;
	u64 index;

	prandom_seed_state(&rnd, 3711);
	/* The first packet is not the lowest. */
	model_mark(m, &w, m->base + 5);
	for (step = 0; step < 40000; step++) {
		index = next_index(m, &rnd);
		if (index >= m->base + INDICES)
			break;
		if (!agree(m, &w, index))
			KUNIT_FAIL(test, "step %u, index %llu", step, index);
		if (model_check(m, index) == E2AE_REPLAY_FRESH) {
			model_mark(m, &w, index);
			marked++;
		}
		if (step % 256 == 0)
			KUNIT_ASSERT_EQ(test, first_difference(m, &w), LAST);
	}
	KUNIT_EXPECT_EQ(test, w.next, m->next);
	/* The walk went round the ring and met every answer. */
	KUNIT_EXPECT_GT(test, marked, 500);
	KUNIT_EXPECT_GT(test, m->next - m->base, 4 * m->size);
	KUNIT_EXPECT_GT(test, m->answers[E2AE_REPLAY_FRESH], 0);
	KUNIT_EXPECT_GT(test, m->answers[E2AE_REPLAY_SEEN], 0);
	KUNIT_EXPECT_GT(test, m->answers[E2AE_REPLAY_OLD], 0);
}

static void restored_window_holds_all_below_used(struct kunit *test)
{
	static const u32 offsets[] = {
		1, 63, 64, 65, 127, 128, 4095, 4096, 9000
	};
	struct e2ae_window w;
	struct model *m = model_make(test, &w);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		memset(m->used, true, offsets[i]);
		memset(m->used + offsets[i], false, INDICES - offsets[i]);
		m->next = m->base + offsets[i];
		memset(w.bits, 0, (w.mask + 1) * sizeof(*w.bits));
		e2ae_window_restore(&w, m->next);
		KUNIT_EXPECT_EQ(test, w.next, m->next);
		KUNIT_ASSERT_EQ(test, first_difference(m, &w), LAST);
		model_mark(m, &w, m->next + 2);
		KUNIT_ASSERT_EQ(test, first_difference(m, &w), LAST);
		model_mark(m, &w, m->next + m->size / 2);
		KUNIT_ASSERT_EQ(test, first_difference(m, &w), LAST);
		model_mark(m, &w, m->next + 3 * m->size);
		KUNIT_ASSERT_EQ(test, first_difference(m, &w), LAST);
	}
}

static void window_restored_at_zero_is_empty(struct kunit *test)
{
	struct e2ae_window w;
	struct model *m = model_make(test, &w);
	u64 i;

	e2ae_window_restore(&w, 0);
	for (i = 0; i < 2 * m->size; i++)
		KUNIT_ASSERT_EQ(test, e2ae_window_check(&w, i),
				E2AE_REPLAY_FRESH);
}

/* RFC 3711, appendix A, with s_l and ROC of @top; it knows no first period. */
static u64 appendix_a(u64 top, u16 seq)
{
	u64 roc = top >> 16, v = roc;
	u32 s_l = top & 0xffff;

	if (s_l < 32768) {
		if ((int)seq - (int)s_l > 32768 && roc)
			v = roc - 1;
	} else if ((int)s_l - 32768 > seq) {
		v = roc + 1;
	}
	return seq + v * 65536;
}

static void estimate_is_that_of_appendix_a(struct kunit *test)
{
	static const u64 rocs[] = {
		0, 1, 2, 0x7fffffff, 0xfffffffe, 0xffffffff
	};
	static const u16 tops[] = { 0,	    1,	    0x7ffe, 0x7fff,
				    0x8000, 0x8001, 0xfffe, 0xffff };
	u32 i, j, seq;
	u64 top;

	for (i = 0; i < ARRAY_SIZE(rocs); i++) {
		for (j = 0; j < ARRAY_SIZE(tops); j++) {
			top = rocs[i] << 16 | tops[j];
			for (seq = 0; seq < 0x10000; seq++)
				if (e2ae_replay_estimate(top, seq) !=
				    appendix_a(top, seq))
					KUNIT_FAIL_AND_ABORT(test,
							     "top %llx seq %x",
							     top, seq);
			cond_resched();
		}
	}
}

/* The same once more in numbers that no code computed. */
static const struct {
	u64 top;
	u16 seq;
	u64 index;
} edges[] = {
	{ 0x0, 0x8000, 0x8000 },
	{ 0x0, 0x8001, 0x8001 }, /* nothing is before ROC 0 */
	{ 0x0, 0xffff, 0xffff },
	{ 0xffff, 0x0, 0x10000 },
	{ 0xffff, 0x7ffe, 0x17ffe },
	{ 0xffff, 0x7fff, 0x7fff },
	{ 0x8000, 0x0, 0x0 },
	{ 0x8001, 0x0, 0x10000 },
	{ 0x10000, 0xffff, 0xffff },
	{ 0x10000, 0x8001, 0x8001 },
	{ 0x10000, 0x8000, 0x18000 },
	{ 0xfffffffe0000, 0xffff, 0xfffffffdffff },
	{ 0xfffffffeffff, 0x0, 0xffffffff0000 },
	{ 0xffffffff0000, 0xffff, 0xfffffffeffff },
	{ 0xffffffff7fff, 0xffff, 0xffffffffffff },
	{ 0xffffffffffff, 0xfffe, 0xfffffffffffe },
	{ 0xffffffffffff, 0x0, 0x1000000000000 }, /* past the end */
};

static void estimate_at_the_edges_of_the_roc(struct kunit *test)
{
	u64 index;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		index = e2ae_replay_estimate(edges[i].top, edges[i].seq);
		KUNIT_EXPECT_EQ_MSG(test, index, edges[i].index,
				    "top %llx seq %x", edges[i].top,
				    edges[i].seq);
	}
}

static struct kunit_case replay_cases[] = {
	KUNIT_CASE_PARAM(window_does_as_a_plain_bitmap_does, replay_gen_params),
	KUNIT_CASE_PARAM(restored_window_holds_all_below_used,
			 replay_gen_params),
	KUNIT_CASE_PARAM(window_restored_at_zero_is_empty, replay_gen_params),
	KUNIT_CASE(estimate_is_that_of_appendix_a),
	KUNIT_CASE(estimate_at_the_edges_of_the_roc),
	{}
};

static struct kunit_suite replay_suite = {
	.name = "e2ae_replay",
	.test_cases = replay_cases,
};

kunit_test_suite(replay_suite);
