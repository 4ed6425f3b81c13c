// SPDX-License-Identifier: GPL-2.0
/*
 * Two Ethernet devices without a wire. What the kernel sends by one of them is
 * counted and freed; feed.c lets packets come in by them.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "inject.h"

#define SAMPLE_OCTETS (16U << 20)

static struct net_device *devices[INJECT_DEVICES];
static DEFINE_PER_CPU(u64[INJECT_DEVICES], counted);
static bool sampling;
static DEFINE_SPINLOCK(sample_lock);
struct inject_store inject_samples;

static void sample(const struct sk_buff *skb)
{
	u32 at = skb_network_offset(skb), len = skb->len - at;
	u8 *to;

	spin_lock(&sample_lock);
	if (inject_samples.used + 2 + len <= inject_samples.size) {
		to = inject_samples.data + inject_samples.used;
		to[0] = len;
		to[1] = len >> 8;
		if (!skb_copy_bits(skb, at, to + 2, len))
			inject_samples.used += 2 + len;
	}
	spin_unlock(&sample_lock);
}

static netdev_tx_t inject_xmit(struct sk_buff *skb, struct net_device *dev)
{
	this_cpu_inc(counted[dev == devices[1]]);
	if (unlikely(READ_ONCE(sampling)))
		sample(skb);
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops inject_ops = {
	.ndo_start_xmit = inject_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void inject_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &inject_ops;
	dev->needs_free_netdev = true;
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	compat_lltx(dev);
	dev->features |= NETIF_F_HW_CSUM | NETIF_F_SG;
	dev->hw_features |= NETIF_F_HW_CSUM | NETIF_F_SG;
	eth_hw_addr_random(dev);
}

struct net_device *inject_device(u32 number)
{
	return devices[number];
}

void inject_sampling(bool on)
{
	WRITE_ONCE(sampling, on);
}

void inject_count_reset(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu(counted, cpu), 0, sizeof(counted));
}

u64 inject_counted(u32 device)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(counted, cpu)[device];
	return sum;
}

static void devices_remove(void)
{
	int i;

	for (i = 0; i < INJECT_DEVICES; i++)
		if (devices[i])
			unregister_netdev(devices[i]);
}

static int devices_add(void)
{
	struct net_device *dev;
	int i, err;

	for (i = 0; i < INJECT_DEVICES; i++) {
		dev = alloc_netdev(0, i ? "inject1" : "inject0", NET_NAME_USER,
				   inject_setup);
		if (!dev)
			return -ENOMEM;
		err = register_netdev(dev);
		if (err) {
			free_netdev(dev);
			return err;
		}
		devices[i] = dev;
	}
	return 0;
}

static int __init inject_init(void)
{
	int err;

	inject_samples.data = vmalloc(SAMPLE_OCTETS);
	if (!inject_samples.data)
		return -ENOMEM;
	inject_samples.size = SAMPLE_OCTETS;
	err = devices_add();
	if (!err)
		err = inject_feed_init();
	if (err)
		goto out_devices;
	err = inject_control_init();
	if (!err)
		return 0;
	inject_feed_exit();
out_devices:
	devices_remove();
	vfree(inject_samples.data);
	return err;
}

static void __exit inject_exit(void)
{
	inject_control_exit();
	inject_feed_exit();
	devices_remove();
	vfree(inject_samples.data);
}

module_init(inject_init);
module_exit(inject_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Packet source and sink of the e2ae bench");
