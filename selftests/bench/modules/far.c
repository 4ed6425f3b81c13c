// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to read a cache line that is nowhere near: a walk through more
 * memory than the caches hold, each line naming the next. With very many
 * streams each line of a stream's that a packet needs is such a one.
 */
#include <linux/gfp.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "raw.h"
#include "ticks.h"

#define ORDER	9 /* of pages that are got at once: 2 MiB */
#define CHUNKS	64
#define CHUNK	(PAGE_SIZE << ORDER)
#define LINES	(CHUNKS * (u32)(CHUNK / SMP_CACHE_BYTES))
#define STEPS	64
#define BATCHES 1024

static unsigned long chunks[CHUNKS];

static void **line(u32 n)
{
	size_t at = (size_t)n * SMP_CACHE_BYTES;

	return (void **)(chunks[at / CHUNK] + at % CHUNK);
}

/* One cycle through all lines, in random order (Sattolo). */
static int link_lines(void)
{
	u32 *order = vmalloc(array_size(LINES, sizeof(*order))), i, k;

	if (!order)
		return -ENOMEM;
	for (i = 0; i < LINES; i++)
		order[i] = i;
	for (i = LINES - 1; i > 0; i--) {
		k = get_random_u32_below(i);
		swap(order[i], order[k]);
	}
	for (i = 0; i < LINES; i++)
		*line(order[i]) = line(order[(i + 1) % LINES]);
	vfree(order);
	return 0;
}

/* The middle one of the ticks of many batches of STEPS, from one place on to another. */
static u64 walk(void ***at)
{
	static u64 batches[BATCHES];
	void **from = *at;
	u32 i, k;

	for (i = 0; i < BATCHES; i++) {
		batches[i] = ticks();
		for (k = 0; k < STEPS; k++)
			from = READ_ONCE(*from);
		/* The end of the walk is awaited, and used. */
		*at = from;
		batches[i] = ticks() - batches[i];
	}
	sort(batches, BATCHES, sizeof(*batches), ticks_compare, NULL);
	return batches[BATCHES / 2];
}

void far_measure(struct seq_file *s, u64 per_ms)
{
	u64 took[RAW_RUNS];
	void **at;
	u32 i, n;

	for (n = 0; n < CHUNKS; n++) {
		chunks[n] = __get_free_pages(GFP_KERNEL | __GFP_NOWARN, ORDER);
		if (!chunks[n])
			goto out_free;
	}
	if (link_lines())
		goto out_free;
	at = line(0);
	for (i = 0; i < RAW_RUNS; i++) {
		took[i] = walk(&at);
		cond_resched();
	}
	sort(took, RAW_RUNS, sizeof(*took), ticks_compare, NULL);
	seq_printf(s, "far-line %u %llu %llu %llu -\n", SMP_CACHE_BYTES,
		   ticks_to_ps(took[0], STEPS, per_ms),
		   ticks_to_ps(took[RAW_RUNS / 2], STEPS, per_ms),
		   ticks_to_ps(took[RAW_RUNS - 1], STEPS, per_ms));
out_free:
	while (n--)
		free_pages(chunks[n], ORDER);
}
