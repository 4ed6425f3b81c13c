/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time in ticks of the processor's time stamp counter. Under QEMU's -icount
 * with shift 0 a tick is an instruction.
 */
#ifndef E2AE_BENCH_TICKS_H
#define E2AE_BENCH_TICKS_H

#ifdef __KERNEL__
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sort.h>
#endif

static inline u64 ticks(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (u64)high << 32 | low;
}

#ifdef __KERNEL__

/* Ticks of a millisecond, by the kernel's clock; takes a tenth of a second. */
static inline u64 ticks_per_ms(void)
{
	u64 start = ktime_get_ns(), from = ticks(), now;

	do {
		now = ktime_get_ns();
	} while (now - start < 100 * NSEC_PER_MSEC);
	return div64_u64((ticks() - from) * NSEC_PER_MSEC, now - start);
}

/* Picoseconds of each of @count things that took @took ticks together. */
static inline u64 ticks_to_ps(u64 took, u64 count, u64 per_ms)
{
	return count ? mul_u64_u64_div_u64(took, NSEC_PER_SEC, per_ms * count) :
		       0;
}

static inline int ticks_compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

#endif /* __KERNEL__ */

#endif
