/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_STATS_H
#define E2AE_STATS_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>
#include <linux/e2ae.h>

#include "core.h"

struct e2ae_sa;
struct e2ae_stream;
struct proc_dir_entry;

/* Drop causes are the attributes of the netlink set "drops"; 0 is no drop. */
#define E2AE_DROPS (E2AE_A_DROPS_MAX + 1)

/* Drop counters of one SA or one stream. */
struct e2ae_drops {
	atomic_long_t n[E2AE_DROPS];
};

enum e2ae_counter {
	E2AE_C_PACKETS,
	E2AE_C_OCTETS,
	E2AE_C_RTCP_PACKETS,
	E2AE_C_RTCP_OCTETS,
	E2AE_C_PROTECTED,
	E2AE_C_UNPROTECTED,
	E2AE_C_INGRESS,
	E2AE_C_DIRECT,
	E2AE_C_GATHERED,
	E2AE_C_LOCAL,
	E2AE_C_LATCHED,
	E2AE_C_SEGMENTED,
	E2AE_C_COPIED,
	E2AE_C_ICMP_PMTU,
	E2AE_C_ICMP_OTHER,
	E2AE_COUNTERS
};

/* Counters of a namespace on one CPU; written with bottom halves off. */
struct e2ae_stats {
	struct u64_stats_sync syncp;
	u64_stats_t n[E2AE_COUNTERS];
	u64_stats_t drops[E2AE_DROPS];
};

/* The same, summed up. */
struct e2ae_stats_sum {
	u64 n[E2AE_COUNTERS];
	u64 drops[E2AE_DROPS];
};

extern const char *const e2ae_drop_names[E2AE_DROPS];

/**
 * e2ae_stats_add() - count for the namespace
 * @en: the namespace
 * @c: which counter
 * @n: by how much
 *
 * Context: Bottom halves off.
 */
static inline void e2ae_stats_add(struct e2ae_net *en, enum e2ae_counter c,
				  u64 n)
{
	struct e2ae_stats *st = this_cpu_ptr(en->stats);

	u64_stats_update_begin(&st->syncp);
	u64_stats_add(&st->n[c], n);
	u64_stats_update_end(&st->syncp);
}

void e2ae_stats_drop(struct e2ae_net *en, struct e2ae_stream *stream, int drop);
void e2ae_stats_sum(struct e2ae_net *en, struct e2ae_stats_sum *sum);

int e2ae_stats_net_init(struct e2ae_net *en);
void e2ae_stats_net_exit(struct e2ae_net *en);

#endif
