// SPDX-License-Identifier: GPL-2.0
/*
 * Feeds packets in batches: builds the batch's buffers, which no clock sees,
 * then hands them to the stack with bottom halves off, as a driver's poll does,
 * and times that. Whatever the packets cause up to their end at the other
 * device, their freeing included, is in that time.
 *
 * One kernel thread per CPU. Two of them start each batch together, so that
 * they are in the way of each other all the time.
 */
#include <linux/etherdevice.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "gauge.h"
#include "inject.h"
#include "ticks.h"

#define BUFFER_OCTETS 1536
#define CPU_EVERY \
	8 /* one batch of so many is timed by the process's CPU clock instead */
#define CPU_PHASE 4

#ifdef CONFIG_UML
long long os_cputime_ns(void); /* of the patch that the rig's kernels have */
#else
static long long os_cputime_ns(void)
{
	return 0;
}
#endif

/**
 * struct timed - a batch
 * @took: ticks, 0 if that was not timed
 * @cpu_ns: CPU time, 0 if that was not taken
 * @gauge: the gauge right after it
 */
struct timed {
	u64 took;
	s32 cpu_ns;
	u32 gauge;
};

/**
 * struct feeder - one thread
 * @order: what it does
 * @number: 0, 1
 * @done: it ended
 * @timed: of each batch
 * @skbs: the batch
 */
struct feeder {
	const struct inject_order *order;
	u32 number;
	struct completion done;
	struct timed *timed;
	int err;
	struct sk_buff *skbs[INJECT_MAX_BATCH];
};

static struct feeder *feeders;
static atomic_t arrived;
static u32 *offsets, n_offsets;
static u64 per_ms;
static s64 cputime_cost; /* of asking for the CPU time */
static char result[512];

/* Where each packet starts; after the packets were written. */
int inject_index(void)
{
	const struct inject_store *store = &inject_packets;
	size_t at;
	u32 n = 0;

	vfree(offsets);
	offsets = NULL;
	n_offsets = 0;
	for (at = 0; at + 2 <= store->used;
	     at += 2 + (store->data[at] | store->data[at + 1] << 8))
		n++;
	if (at != store->used)
		return -EINVAL;
	offsets = vmalloc(array_size(n + 1, sizeof(u32)));
	if (!offsets)
		return -ENOMEM;
	for (at = 0; at < store->used;
	     at += 2 + (store->data[at] | store->data[at + 1] << 8))
		offsets[n_offsets++] = at;
	return 0;
}

static struct sk_buff *build(struct net_device *dev, u32 number, bool trust)
{
	const u8 *record = inject_packets.data + offsets[number % n_offsets];
	u32 len = record[0] | record[1] << 8;
	struct sk_buff *skb = netdev_alloc_skb_ip_align(dev, BUFFER_OCTETS);
	struct ethhdr *eth;

	if (!skb)
		return NULL;
	eth = skb_put(skb, sizeof(*eth));
	ether_addr_copy(eth->h_dest, dev->dev_addr);
	eth_zero_addr(eth->h_source);
	eth->h_source[0] = 2;
	eth->h_proto = htons(record[2] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP);
	skb_put_data(skb, record + 2, len);
	skb->ip_summed = trust ? CHECKSUM_UNNECESSARY : CHECKSUM_NONE;
	skb->protocol = eth_type_trans(skb, dev);
	return skb;
}

/* Packet @k of the batch that starts at @at, as this thread sees the order. */
static u32 number_of(const struct feeder *f, u32 at, u32 k)
{
	const struct inject_order *o = f->order;

	if (o->shared)
		return o->first + (at + k) * o->cpus + f->number;
	return o->first + f->number * (o->count / o->cpus) + at + k;
}

static int fill(struct feeder *f, u32 at, u32 n)
{
	struct net_device *dev = inject_device(f->order->device);
	u32 k;

	for (k = 0; k < n; k++) {
		f->skbs[k] = build(dev, number_of(f, at, k), f->order->trust);
		if (!f->skbs[k])
			goto out_free;
	}
	return 0;

out_free:
	while (k--)
		kfree_skb(f->skbs[k]);
	return -ENOMEM;
}

/* All threads are here, or one of them does not come. */
static void meet(u32 round, u32 cpus)
{
	u64 start = ktime_get_ns();

	atomic_inc(&arrived);
	while ((u32)atomic_read(&arrived) < round * cpus) {
		cpu_relax();
		if (ktime_get_ns() - start > NSEC_PER_SEC)
			break;
	}
}

static noinline void spin(u32 rounds)
{
	u64 x = rounds;

	while (rounds--)
		asm volatile("imul %0, %0" : "+r"(x));
}

static void hand_over(struct feeder *f, u32 n)
{
	LIST_HEAD(list);
	u32 k;

	if (f->order->spin) {
		for (k = 0; k < n; k++)
			spin(f->order->spin);
	} else if (f->order->list) {
		for (k = 0; k < n; k++)
			list_add_tail(&f->skbs[k]->list, &list);
		netif_receive_skb_list(&list);
	} else {
		for (k = 0; k < n; k++)
			netif_receive_skb(f->skbs[k]);
	}
}

static void batch(struct feeder *f, u32 i, u32 n)
{
	const struct inject_order *o = f->order;
	struct timed *timed = &f->timed[i];
	bool sampled = o->sample && i % o->sample == o->sample - 1;
	bool cpu = !sampled && i % CPU_EVERY == CPU_PHASE;
	u64 took;
	s64 start;

	if (o->cpus > 1)
		meet(i + 1, o->cpus);
	if (sampled)
		inject_sampling(true);
	local_bh_disable();
	mb(); /* what was written to the buffers has left the CPU */
	start = cpu ? os_cputime_ns() : 0;
	took = ticks();
	hand_over(f, n);
	took = ticks() - took;
	if (cpu)
		timed->cpu_ns = os_cputime_ns() - start - cputime_cost;
	else if (!sampled)
		timed->took = took;
	timed->gauge = gauge();
	local_bh_enable();
	if (sampled)
		inject_sampling(false);
}

static int feed(void *arg)
{
	struct feeder *f = arg;
	const struct inject_order *o = f->order;
	u32 count = o->count / o->cpus, i, n;

	for (i = 0; i * o->batch < count; i++) {
		n = min(o->batch, count - i * o->batch);
		if (!o->spin)
			f->err = fill(f, i * o->batch, n);
		if (f->err)
			break;
		batch(f, i, n);
		if (i % 64 == 63)
			cond_resched();
	}
	complete(&f->done);
	return 0;
}

/* Nobody else was on the core of any thread, before the batch and after it. */
static bool was_quiet(u32 i, u32 cpus)
{
	u32 before = i ? i - 1 : i, c;

	for (c = 0; c < cpus; c++)
		if (!gauge_is_quiet(feeders[c].timed[i].gauge) ||
		    !gauge_is_quiet(feeders[c].timed[before].gauge))
			return false;
	return true;
}

/* The time of a round is that of its slowest thread, for the packets of all. */
static u64 took(u32 i, u32 cpus)
{
	u64 most = 0;
	u32 c;

	for (c = 0; c < cpus; c++) {
		if (!feeders[c].timed[i].took)
			return 0;
		most = max(most, feeders[c].timed[i].took);
	}
	return most;
}

/* Batches that were timed, the quiet ones or any; how many. */
static u32 collect(u64 *all, u32 batches, u32 cpus, bool quiet)
{
	u32 i, n = 0;

	for (i = 0; i < batches; i++) {
		all[n] = took(i, cpus);
		n += all[n] && (!quiet || was_quiet(i, cpus));
	}
	return n;
}

/* CPU time of a packet in picoseconds, of quiet batches or of any. */
static s64 cputime(const struct inject_order *o, u32 batches, bool quiet)
{
	s64 ns = 0, packets = 0;
	u32 i;

	for (i = 0; i < batches; i++) {
		if (!feeders[0].timed[i].cpu_ns ||
		    (quiet && !was_quiet(i, o->cpus)))
			continue;
		ns += feeders[0].timed[i].cpu_ns;
		packets += o->batch;
	}
	return packets ? div64_s64(ns * 1000, packets) : 0;
}

/* What disturbed batches say is said only if there are hardly others. */
static int judge(const struct inject_order *o, u32 batches)
{
	u32 each = o->batch * o->cpus, timed, n, i;
	u64 sum = 0, *all;
	bool quiet;

	all = vzalloc(array_size(batches, sizeof(*all)));
	if (!all)
		return -ENOMEM;
	for (i = 0; i < batches; i++)
		gauge_learn(feeders[0].timed[i].gauge);
	timed = collect(all, batches, o->cpus, false);
	n = collect(all, batches, o->cpus, true);
	quiet = n > timed / 8;
	if (!quiet)
		collect(all, batches, o->cpus, false);
	for (i = 0; i < (quiet ? n : timed); i++)
		sum += all[i];
	if (i) {
		sort(all, i, sizeof(*all), ticks_compare, NULL);
		snprintf(result, sizeof(result),
			 "packets %u\nout0 %llu\nout1 %llu\nbatches %u\n"
			 "quiet %u\nmin_ps %llu\np10_ps %llu\np50_ps %llu\n"
			 "p90_ps %llu\nmean_ps %llu\ncpu_ps %lld\n"
			 "ticks_per_ms %llu\n",
			 o->count, inject_counted(0), inject_counted(1), timed,
			 n, ticks_to_ps(all[0], each, per_ms),
			 ticks_to_ps(all[i / 10], each, per_ms),
			 ticks_to_ps(all[i / 2], each, per_ms),
			 ticks_to_ps(all[i * 9 / 10], each, per_ms),
			 ticks_to_ps(sum, (u64)each * i, per_ms),
			 cputime(o, batches, quiet), per_ms);
	}
	vfree(all);
	return 0;
}

static int start(struct feeder *f, const struct inject_order *o, u32 number,
		 u32 batches)
{
	struct task_struct *task;

	f->order = o;
	f->number = number;
	f->err = 0;
	init_completion(&f->done);
	f->timed = vzalloc(array_size(batches, sizeof(*f->timed)));
	if (!f->timed)
		return -ENOMEM;
	task = kthread_create(feed, f, "e2ae_inject/%u", number);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, number);
	wake_up_process(task);
	return 0;
}

static bool sensible(const struct inject_order *o)
{
	return o->device < INJECT_DEVICES && o->count && o->count <= 1 << 24 &&
	       o->batch && o->batch <= INJECT_MAX_BATCH && o->cpus &&
	       o->cpus <= INJECT_MAX_CPUS && o->cpus <= num_online_cpus() &&
	       (o->spin || n_offsets) && !(o->count % (o->batch * o->cpus));
}

int inject_run(const struct inject_order *order)
{
	u32 batches = 0, c, started;
	int err = 0;

	result[0] = 0;
	if (!sensible(order))
		return -EINVAL;
	batches = order->count / (order->batch * order->cpus);
	inject_samples.used = 0;
	inject_count_reset();
	atomic_set(&arrived, 0);
	for (started = 0; !err && started < order->cpus; started++)
		err = start(&feeders[started], order, started, batches);
	for (c = 0; c < started - !!err; c++) {
		wait_for_completion(&feeders[c].done);
		err = err ?: feeders[c].err;
	}
	if (!err)
		err = judge(order, batches);
	for (c = 0; c < started; c++)
		vfree(feeders[c].timed);
	return err;
}

void inject_show(struct seq_file *s)
{
	seq_puts(s, result);
}

/* The least of many. */
static s64 measure_cputime(void)
{
	s64 least = S64_MAX, from;
	int i;

	for (i = 0; i < 1000; i++) {
		from = os_cputime_ns();
		least = min_t(s64, least, os_cputime_ns() - from);
	}
	return least;
}

int inject_feed_init(void)
{
	feeders = vzalloc(array_size(INJECT_MAX_CPUS, sizeof(*feeders)));
	if (!feeders)
		return -ENOMEM;
	per_ms = ticks_per_ms();
	cputime_cost = measure_cputime();
	return 0;
}

void inject_feed_exit(void)
{
	vfree(offsets);
	vfree(feeders);
}
