/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does this CPU have its core for itself? What somebody else does on the other
 * half of a core slows code that keeps all units busy, and hardly code that
 * waits for its own results. The ratio of two such loops tells, whatever rate
 * the clock has. A program includes it behind what the kernel has of its own.
 */
#ifndef E2AE_BENCH_GAUGE_H
#define E2AE_BENCH_GAUGE_H

#ifdef __KERNEL__
#include <linux/math64.h>
#endif

#include "ticks.h"

#define GAUGE_ROUNDS 300
/* So far from what a quiet core shows a gauge may be, in thousandths. */
#define GAUGE_OFF 30
#define GAUGE_BINS 256
#define GAUGE_BIN  8
#define GAUGE_EACH(op)                                                     \
	op ", %0\n\t" op ", %1\n\t" op ", %2\n\t" op ", %3\n\t" op ", %4\n\t" \
	op ", %5\n\t" op ", %6\n\t" op ", %7\n\t"

/* Busy over waiting, in thousandths; takes about two microseconds. */
static noinline u32 gauge(void)
{
	u64 a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, x = 3;
	u64 start = ticks(), waited;
	u32 i;

	for (i = 0; i < GAUGE_ROUNDS; i++)
		asm volatile("imul %0, %0\n\timul %0, %0\n\t"
			     "imul %0, %0\n\timul %0, %0\n\t"
			     : "+r"(x));
	waited = ticks() - start;
	start = ticks();
	for (i = 0; i < GAUGE_ROUNDS; i++)
		asm volatile(GAUGE_EACH("add $1") GAUGE_EACH("xor $3")
				     GAUGE_EACH("add $1") GAUGE_EACH("xor $3")
			     : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e),
			       "+r"(f), "+r"(g), "+r"(h));
	return div64_u64((ticks() - start) * 1000, waited ?: 1);
}

static u32 gauge_seen[GAUGE_BINS], gauge_quiet;

/*
 * What is found most often is what a quiet core shows: that varies little, and
 * what others do to it varies much, mostly upwards.
 */
static void gauge_learn(u32 found)
{
	u32 bin = min_t(u32, found / GAUGE_BIN, GAUGE_BINS - 1);

	gauge_seen[bin]++;
	if (gauge_seen[bin] >= gauge_seen[gauge_quiet / GAUGE_BIN])
		gauge_quiet = bin * GAUGE_BIN + GAUGE_BIN / 2;
}

static bool gauge_is_quiet(u32 found)
{
	return abs((s32)(found - gauge_quiet)) <=
	       (s32)(gauge_quiet * GAUGE_OFF / 1000);
}

#endif
