/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_BENCH_RAW_H
#define E2AE_BENCH_RAW_H

#include <linux/seq_file.h>
#include <linux/types.h>

#define RAW_RUNS 7

void far_measure(struct seq_file *s, u64 per_ms);

#endif
