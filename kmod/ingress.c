// SPDX-License-Identifier: GPL-2.0
/*
 * The devices that legs hear on have our hook at their ingress, the last of all
 * there. Which they are follows from where a leg's own address is, and from
 * where its packets come in: addresses move, and need not be on the device.
 */
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/l3mdev.h>

#include "gather.h"
#include "hook.h"
#include "ingress.h"

/* Does the operator want packets taken at ingress? */
bool e2ae_ingress_wanted = true;
module_param_named(ingress, e2ae_ingress_wanted, bool, 0644);
MODULE_PARM_DESC(
	ingress,
	"Take media at the ingress of a device where nothing is passed by (default yes)");

/**
 * struct tap - our hook at one device
 * @ops: the hook
 * @rcu: defers the free
 */
struct tap {
	struct nf_hook_ops ops;
	struct rcu_head rcu;
};

/* Devices are taken while their end is announced to us; RTNL. */
static bool announced;

/*
 * What has a handler hands its packets up under another device, and a VRF has
 * those of its members; these are the devices to be at.
 */
static bool is_suitable(const struct net_device *dev)
{
	return !(dev->flags & IFF_LOOPBACK) && !netif_is_l3_master(dev) &&
	       !rcu_access_pointer(dev->rx_handler);
}

/* To take packets, or to let them wait for each other on their way to IP. */
static bool is_wanted(const struct e2ae_net *en)
{
	return READ_ONCE(e2ae_ingress_wanted) || e2ae_gather_pays(en);
}

static void tap_add(struct e2ae_net *en, int ifindex)
{
	struct net_device *dev;
	struct tap *tap;

	ASSERT_RTNL();
	dev = __dev_get_by_index(en->net, ifindex);
	if (!announced || !dev || xa_load(&en->taps, ifindex))
		return;
	tap = kzalloc(sizeof(*tap), GFP_KERNEL);
	if (!tap)
		return;
	tap->ops.hook = e2ae_hook_ingress;
	tap->ops.priv = en;
	tap->ops.pf = NFPROTO_NETDEV;
	tap->ops.hooknum = NF_NETDEV_INGRESS;
	tap->ops.priority = INT_MAX;
	tap->ops.dev = dev;
	if (xa_insert(&en->taps, ifindex, tap, GFP_KERNEL))
		goto out_free;
	if (!nf_register_net_hook(en->net, &tap->ops))
		return;
	/* Without it every packet takes the long way. */
	xa_erase(&en->taps, ifindex);
out_free:
	kfree(tap);
}

static void tap_del(struct e2ae_net *en, int ifindex)
{
	struct tap *tap;

	ASSERT_RTNL();
	tap = xa_erase(&en->taps, ifindex);
	if (!tap)
		return;
	nf_unregister_net_hook(en->net, &tap->ops);
	kfree_rcu(tap, rcu);
}

static void tap_add_locked(struct e2ae_net *en, int ifindex)
{
	rtnl_lock();
	tap_add(en, ifindex);
	rtnl_unlock();
}

/* The device that has a leg's address, or that the leg is bound to. */
static struct net_device *device_of(struct net *net,
				    const struct e2ae_leg_conf *conf)
{
	if (conf->ifindex)
		return dev_get_by_index_rcu(net, conf->ifindex);
	if (conf->local.family == AF_INET)
		return __ip_dev_find(net, conf->local.addr.ip, false);
	return ipv6_dev_find(net, &conf->local.addr.in6, NULL);
}

/**
 * e2ae_ingress_expect() - be at the device where a leg's packets should come
 * @en: namespace
 * @conf: of the leg
 *
 * Context: Process, en->lock held; sleeps.
 */
void e2ae_ingress_expect(struct e2ae_net *en, const struct e2ae_leg_conf *conf)
{
	struct net_device *dev;
	int ifindex = 0;

	lockdep_assert_held(&en->lock);
	if (!is_wanted(en))
		return;
	rcu_read_lock();
	dev = device_of(en->net, conf);
	if (dev && is_suitable(dev) && !xa_load(&en->taps, dev->ifindex))
		ifindex = dev->ifindex;
	rcu_read_unlock();
	if (ifindex)
		tap_add_locked(en, ifindex);
}

static void learn_work(struct work_struct *work)
{
	struct e2ae_net *en = container_of(work, struct e2ae_net, learn);

	mutex_lock(&en->lock);
	if (en->hooked)
		tap_add_locked(en, READ_ONCE(en->learn_ifindex));
	mutex_unlock(&en->lock);
}

/**
 * e2ae_ingress_learn() - a leg's packet has passed that IP had before us
 * @en: namespace
 * @dev: where it came in
 *
 * Looks once in a tick at most; the device has time.
 *
 * Context: Bottom halves off, RCU held.
 */
void e2ae_ingress_learn(struct e2ae_net *en, const struct net_device *dev)
{
	unsigned long now = jiffies;

	if (READ_ONCE(en->learnt) == now)
		return;
	WRITE_ONCE(en->learnt, now);
	if (!is_wanted(en) || !is_suitable(dev) ||
	    xa_load(&en->taps, dev->ifindex))
		return;
	WRITE_ONCE(en->learn_ifindex, dev->ifindex);
	schedule_work(&en->learn);
}

/**
 * e2ae_ingress_clear() - leave all devices of a namespace
 * @en: namespace, without streams
 *
 * Context: Process, en->lock held; sleeps.
 */
void e2ae_ingress_clear(struct e2ae_net *en)
{
	unsigned long ifindex;
	struct tap *tap;

	lockdep_assert_held(&en->lock);
	if (xa_empty(&en->taps))
		return;
	rtnl_lock();
	xa_for_each(&en->taps, ifindex, tap)
		tap_del(en, ifindex);
	rtnl_unlock();
}

/* A device that goes, or moves to another namespace. */
static int device_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	if (event == NETDEV_UNREGISTER)
		tap_del(e2ae_net(dev_net(dev)), dev->ifindex);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

/**
 * e2ae_ingress_net_init() - start with no device
 * @en: namespace
 */
void e2ae_ingress_net_init(struct e2ae_net *en)
{
	xa_init(&en->taps);
	INIT_WORK(&en->learn, learn_work);
}

/**
 * e2ae_ingress_net_exit() - end what may be under way
 * @en: namespace without streams, and a grace period later: a packet that was
 *	on its way when the last hook went can still have asked for a device
 *
 * Context: Process, en->lock not held.
 */
void e2ae_ingress_net_exit(struct e2ae_net *en)
{
	cancel_work_sync(&en->learn);
}

/**
 * e2ae_ingress_init() - have the end of devices announced
 *
 * Context: Process; namespaces are there.
 * Return: 0 or a negative errno.
 */
int e2ae_ingress_init(void)
{
	int err = register_netdevice_notifier(&device_notifier);

	if (err)
		return err;
	rtnl_lock();
	announced = true;
	rtnl_unlock();
	return 0;
}

/**
 * e2ae_ingress_exit() - leave all devices of all namespaces
 *
 * The kernel tells the end of each device once more. No device is taken
 * afterwards, though packets may still come.
 *
 * Context: Process; namespaces are still there.
 */
void e2ae_ingress_exit(void)
{
	rtnl_lock();
	announced = false;
	rtnl_unlock();
	unregister_netdevice_notifier(&device_notifier);
}
