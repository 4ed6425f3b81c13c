// SPDX-License-Identifier: GPL-2.0
/* Counters of a namespace, and /proc/net/e2ae for people. */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "leg.h"
#include "stats.h"
#include "stream.h"
#include "suite.h"
#include "trace.h"

const char *const e2ae_drop_names[E2AE_DROPS] = {
	[E2AE_A_DROPS_UDP_LENGTH] = "udp-length",
	[E2AE_A_DROPS_UDP_CHECKSUM] = "udp-checksum",
	[E2AE_A_DROPS_SEGMENT] = "segment",
	[E2AE_A_DROPS_NO_MEMORY] = "no-memory",
	[E2AE_A_DROPS_TTL] = "ttl",
	[E2AE_A_DROPS_DEVICE] = "device",
	[E2AE_A_DROPS_POLICY] = "policy",
	[E2AE_A_DROPS_SOURCE] = "source",
	[E2AE_A_DROPS_NONMEDIA] = "nonmedia",
	[E2AE_A_DROPS_RTP_HEADER] = "rtp-header",
	[E2AE_A_DROPS_RTCP_HEADER] = "rtcp-header",
	[E2AE_A_DROPS_RX_NO_SA] = "rx-no-sa",
	[E2AE_A_DROPS_RX_SHORT] = "rx-short",
	[E2AE_A_DROPS_RX_MKI] = "rx-mki",
	[E2AE_A_DROPS_RX_AUTH] = "rx-auth",
	[E2AE_A_DROPS_RX_REPLAY] = "rx-replay",
	[E2AE_A_DROPS_RX_OLD] = "rx-old",
	[E2AE_A_DROPS_RX_SSRC] = "rx-ssrc",
	[E2AE_A_DROPS_RX_CLEAR] = "rx-clear",
	[E2AE_A_DROPS_RX_EXPIRED] = "rx-expired",
	[E2AE_A_DROPS_TX_NO_SA] = "tx-no-sa",
	[E2AE_A_DROPS_TX_REPEAT] = "tx-repeat",
	[E2AE_A_DROPS_TX_SSRC_LIMIT] = "tx-ssrc-limit",
	[E2AE_A_DROPS_TX_EXPIRED] = "tx-expired",
	[E2AE_A_DROPS_CRYPTO] = "crypto",
	[E2AE_A_DROPS_NO_PEER] = "no-peer",
	[E2AE_A_DROPS_NO_ROUTE] = "no-route",
	[E2AE_A_DROPS_TOO_BIG] = "too-big",
	[E2AE_A_DROPS_OUTPUT] = "output",
};

static const char *const counter_names[E2AE_COUNTERS] = {
	[E2AE_C_PACKETS] = "relayed-packets",
	[E2AE_C_OCTETS] = "relayed-octets",
	[E2AE_C_RTCP_PACKETS] = "relayed-rtcp-packets",
	[E2AE_C_RTCP_OCTETS] = "relayed-rtcp-octets",
	[E2AE_C_PROTECTED] = "protected",
	[E2AE_C_UNPROTECTED] = "unprotected",
	[E2AE_C_INGRESS] = "ingress",
	[E2AE_C_DIRECT] = "direct",
	[E2AE_C_GATHERED] = "gathered",
	[E2AE_C_LOCAL] = "local",
	[E2AE_C_LATCHED] = "latched",
	[E2AE_C_SEGMENTED] = "segmented",
	[E2AE_C_COPIED] = "copied",
	[E2AE_C_ICMP_PMTU] = "icmp-pmtu",
	[E2AE_C_ICMP_OTHER] = "icmp-other",
};

/**
 * e2ae_stats_drop() - count a packet that goes no further
 * @en: namespace
 * @stream: whose it was
 * @drop: why, E2AE_A_DROPS_*
 *
 * Context: Bottom halves off.
 */
void e2ae_stats_drop(struct e2ae_net *en, struct e2ae_stream *stream, int drop)
{
	struct e2ae_stats *st = this_cpu_ptr(en->stats);

	u64_stats_update_begin(&st->syncp);
	u64_stats_inc(&st->drops[drop]);
	u64_stats_update_end(&st->syncp);
	atomic_long_inc(&stream->drops.n[drop]);
	trace_e2ae_drop(stream, drop);
}

/**
 * e2ae_stats_sum() - sum the counters up over all CPUs
 * @en: namespace
 * @sum: filled in
 */
void e2ae_stats_sum(struct e2ae_net *en, struct e2ae_stats_sum *sum)
{
	struct e2ae_stats_sum one;
	unsigned int start;
	int cpu, i;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct e2ae_stats *st = per_cpu_ptr(en->stats, cpu);

		do {
			start = u64_stats_fetch_begin(&st->syncp);
			for (i = 0; i < E2AE_COUNTERS; i++)
				one.n[i] = u64_stats_read(&st->n[i]);
			for (i = 0; i < E2AE_DROPS; i++)
				one.drops[i] = u64_stats_read(&st->drops[i]);
		} while (u64_stats_fetch_retry(&st->syncp, start));
		for (i = 0; i < E2AE_COUNTERS; i++)
			sum->n[i] += one.n[i];
		for (i = 0; i < E2AE_DROPS; i++)
			sum->drops[i] += one.drops[i];
	}
}

static int stats_show(struct seq_file *m, void *v)
{
	struct e2ae_net *en = e2ae_net(seq_file_single_net(m));
	struct e2ae_stats_sum sum;
	int i;

	e2ae_stats_sum(en, &sum);
	seq_printf(m, "sas %u\nstreams %u\n", READ_ONCE(en->n_sas),
		   READ_ONCE(en->n_streams));
	for (i = 0; i < E2AE_COUNTERS; i++)
		seq_printf(m, "%s %llu\n", counter_names[i], sum.n[i]);
	seq_printf(m, "fallback %llu\n", e2ae_suite_fallbacks());
	for (i = 1; i < E2AE_DROPS; i++)
		seq_printf(m, "drop-%s %llu\n", e2ae_drop_names[i],
			   sum.drops[i]);
	return 0;
}

/* Tables walk by id: *pos is the id to go on at, 0 the heading. */
static void *table_at(struct seq_file *m, struct xarray *objects, loff_t *pos)
{
	unsigned long id = *pos;
	void *object;

	if (!*pos)
		return SEQ_START_TOKEN;
	object = xa_find(objects, &id, U32_MAX, XA_PRESENT);
	*pos = id;
	return object;
}

static struct e2ae_net *table_net(struct seq_file *m)
{
	return e2ae_net(seq_file_net(m));
}

static void table_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&table_net(m)->lock);
}

static void *sa_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&table_net(m)->lock);
	return table_at(m, &table_net(m)->sas, pos);
}

static void *sa_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return table_at(m, &table_net(m)->sas, pos);
}

static int sa_show(struct seq_file *m, void *v)
{
	static const char *const dirs[] = { "-", "in", "out" };
	struct e2ae_sa *sa = v;
	struct e2ae_count sum;

	if (v == SEQ_START_TOKEN) {
		seq_puts(
			m,
			"id suite dir streams ssrcs packets octets rtcp-packets expired\n");
		return 0;
	}
	e2ae_ctxs_count(sa->ctxs, &sum);
	seq_printf(m, "%u %s %s %u %u %llu %llu %llu %s\n", sa->id,
		   sa->suite->name, dirs[sa->dir], sa->users, sa->ctxs->n,
		   sum.packets, sum.octets, sum.rtcp_packets,
		   READ_ONCE(sa->expired) ? "yes" : "no");
	return 0;
}

static const struct seq_operations sa_ops = {
	.start = sa_start,
	.next = sa_next,
	.stop = table_stop,
	.show = sa_show,
};

static void *stream_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&table_net(m)->lock);
	return table_at(m, &table_net(m)->streams, pos);
}

static void *stream_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return table_at(m, &table_net(m)->streams, pos);
}

static void show_sockaddr(struct seq_file *m, const struct e2ae_sockaddr *a)
{
	if (!a->family)
		seq_puts(m, " -");
	else if (a->family == AF_INET)
		seq_printf(m, " %pI4:%u", &a->addr.ip, ntohs(a->port));
	else
		seq_printf(m, " [%pI6c]:%u", &a->addr.in6, ntohs(a->port));
}

static void show_leg(struct seq_file *m, struct e2ae_leg *leg)
{
	struct e2ae_flow_sum flow;
	struct e2ae_path *path;

	e2ae_flow_read(&leg->flow, &flow);
	rcu_read_lock();
	path = rcu_dereference(leg->rtp.path);
	show_sockaddr(m, &path->local);
	show_sockaddr(m, &path->peer);
	seq_printf(m, " %s %s %llu %lld", leg->secure ? "secure" : "plain",
		   path->latched ? "latched" : "-", flow.packets, flow.lost);
	rcu_read_unlock();
}

static int stream_show(struct seq_file *m, void *v)
{
	struct e2ae_stream *stream = v;
	u64 drops = 0;
	int i;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "id access peer kind latch packets lost ");
		seq_puts(m, "core peer kind latch packets lost drops\n");
		return 0;
	}
	seq_printf(m, "%u", stream->id);
	show_leg(m, &stream->leg[E2AE_LEG_SIDE_ACCESS]);
	show_leg(m, &stream->leg[E2AE_LEG_SIDE_CORE]);
	for (i = 1; i < E2AE_DROPS; i++)
		drops += atomic_long_read(&stream->drops.n[i]);
	seq_printf(m, " %llu\n", drops);
	return 0;
}

static const struct seq_operations stream_ops = {
	.start = stream_start,
	.next = stream_next,
	.stop = table_stop,
	.show = stream_show,
};

static int make_proc(struct e2ae_net *en)
{
	size_t iter = sizeof(struct seq_net_private);
	struct proc_dir_entry *dir;

	dir = proc_net_mkdir(en->net, "e2ae", en->net->proc_net);
	if (!dir)
		return -ENOMEM;
	if (proc_create_net_single("stats", 0444, dir, stats_show, NULL) &&
	    proc_create_net("sa", 0400, dir, &sa_ops, iter) &&
	    proc_create_net("stream", 0400, dir, &stream_ops, iter))
		return 0;
	remove_proc_subtree("e2ae", en->net->proc_net);
	return -ENOMEM;
}

/**
 * e2ae_stats_net_init() - make the counters and /proc/net/e2ae
 * @en: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int e2ae_stats_net_init(struct e2ae_net *en)
{
	int err;

	en->stats = netdev_alloc_pcpu_stats(struct e2ae_stats);
	if (!en->stats)
		return -ENOMEM;
	err = make_proc(en);
	if (err)
		free_percpu(en->stats);
	return err;
}

/**
 * e2ae_stats_net_exit() - remove them
 * @en: namespace
 *
 * No packet and no reader is there any more.
 */
void e2ae_stats_net_exit(struct e2ae_net *en)
{
	remove_proc_subtree("e2ae", en->net->proc_net);
	free_percpu(en->stats);
}
