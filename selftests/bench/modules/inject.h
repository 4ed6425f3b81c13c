/* SPDX-License-Identifier: GPL-2.0 */
/* Feeds packets into one device and counts what leaves at another. */
#ifndef E2AE_BENCH_INJECT_H
#define E2AE_BENCH_INJECT_H

#include <linux/netdevice.h>
#include <linux/seq_file.h>
#include <linux/types.h>

#define INJECT_DEVICES	 2
#define INJECT_MAX_BATCH 1024
#define INJECT_MAX_CPUS	 2

/**
 * struct inject_order - what to feed, and how
 * @device: which device the packets come in by
 * @first: number of the first packet
 * @count: how many
 * @batch: how many are timed together
 * @trust: the device says that it has verified the checksums
 * @list: hand over batches as lists
 * @sample: one batch of so many is kept for a look at what left, 0 is none
 * @cpus: CPUs that feed at the same time; each has its own part
 * @shared: the CPUs' parts are interleaved packet by packet
 * @spin: rounds of an idle loop in place of a packet: how CPUs scale by themselves
 */
struct inject_order {
	u32 device;
	u32 first;
	u32 count;
	u32 batch;
	u32 trust;
	u32 list;
	u32 sample;
	u32 cpus;
	u32 shared;
	u32 spin;
};

/**
 * struct inject_store - packets as they were written, or samples to read
 * @data: records: two octets of length, little-endian, and a packet from its IP header on
 * @used: octets in it
 * @size: octets allocated
 */
struct inject_store {
	u8 *data;
	size_t used;
	size_t size;
};

extern struct inject_store inject_packets, inject_samples;

/* inject.c: devices. */
struct net_device *inject_device(u32 number);
void inject_sampling(bool on);
void inject_count_reset(void);
u64 inject_counted(u32 device);

/* feed.c */
int inject_index(void);
int inject_run(const struct inject_order *order);
void inject_show(struct seq_file *s);
int inject_feed_init(void);
void inject_feed_exit(void);

/* control.c */
int inject_control_init(void);
void inject_control_exit(void);

#endif
