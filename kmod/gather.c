// SPDX-License-Identifier: GPL-2.0
/*
 * With streams by the thousand nothing that a packet needs is in a cache, and
 * most of its time is the memory's. The memory can answer many questions at
 * once, but those of one packet follow from each other: where the bucket points
 * to, what is there, where that points to. So packets wait for each other, at
 * most until the end of the softirq they came in, and then each of these
 * questions is asked for all of them before the next is, and before any of them
 * is worked on.
 *
 * Whose a packet is can be known only after the first two answers. One that has
 * waited and turns out not to be ours, or is to come by PRE_ROUTING, goes on as
 * if the hook had let it pass.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <net/sock.h>

#include "chan.h"
#include "early.h"
#include "gather.h"
#include "hook.h"
#include "stats.h"
#include "warm.h"

/* So many wait at most; they come from a driver's poll by 64 or less. */
#define MOST 32

unsigned int e2ae_gather_from = 2048;
module_param_named(gather, e2ae_gather_from, uint, 0644);
MODULE_PARM_DESC(
	gather,
	"Streams from which on packets at ingress wait for each other (default 2048, 0 never)");

struct waiting {
	struct sk_buff *skb;
	struct e2ae_chan *chan;
	struct e2ae_sockaddr dst;
};

/**
 * struct gather - packets that wait on one CPU
 * @tasklet: works on them when the softirq of their arrival is over
 * @lock: protects @n and @busy; another CPU comes only when this one is gone
 * @n: how many
 * @busy: they are being worked on
 * @en: whose they are; to compare only, unless the device is still there
 * @dev: where they came in; held while there are any
 * @at: the packets
 */
struct gather {
	struct tasklet_struct tasklet;
	spinlock_t lock;
	unsigned int n;
	bool busy;
	struct e2ae_net *en;
	struct net_device *dev;
	struct waiting at[MOST];
};

static DEFINE_PER_CPU(struct gather, gathers);

static void take(struct e2ae_net *en, struct waiting *w)
{
	if (!w->chan || e2ae_early(en, w->skb, w->chan) == NF_ACCEPT)
		e2ae_receive_on(w->skb);
}

/*
 * Three questions, and the work, each for all packets at once. Who asks for a
 * line waits until its address is translated, and streams are in more pages
 * than a processor keeps translations of: these waits overlap where nothing
 * but asking is between them.
 */
static void take_all(struct e2ae_net *en, struct waiting *at, unsigned int n)
{
	unsigned int i, found = 0;

	for (i = 0; i < n; i++)
		e2ae_chan_warm_bucket(en, &at[i].dst);
	for (i = 0; i < n; i++)
		e2ae_chan_warm(en, &at[i].dst);
	for (i = 0; i < n; i++) {
		at[i].chan = e2ae_chan_find(en, &at[i].dst);
		if (at[i].chan) {
			e2ae_warm(en, at[i].chan);
			found++;
		}
	}
	e2ae_stats_add(en, E2AE_C_GATHERED, found);
	for (i = 0; i < n; i++)
		take(en, &at[i]);
}

/* Works on what waits. @ga is busy, so that nothing is added meanwhile. */
static void work(struct gather *ga, unsigned int n)
{
	struct net_device *dev = ga->dev;
	unsigned int i;

	/* A device can have moved to another namespace since. */
	if (likely(e2ae_net(dev_net(dev)) == ga->en))
		take_all(ga->en, ga->at, n);
	else
		for (i = 0; i < n; i++)
			kfree_skb(ga->at[i].skb);
	dev_put(dev);
}

/* Works on what waits, unless somebody is at it. */
static bool run(struct gather *ga)
{
	unsigned int n;
	bool busy;

	spin_lock(&ga->lock);
	n = ga->n;
	busy = ga->busy;
	ga->busy = true;
	spin_unlock(&ga->lock);
	if (busy)
		return false;
	if (n)
		work(ga, n);
	spin_lock(&ga->lock);
	ga->n = 0;
	ga->busy = false;
	spin_unlock(&ga->lock);
	return true;
}

static void run_late(struct tasklet_struct *tasklet)
{
	struct gather *ga = from_tasklet(ga, tasklet, tasklet);

	rcu_read_lock();
	run(ga);
	rcu_read_unlock();
}

/* Would nothing that the packet has yet to pass miss it, or have it twice? */
static bool is_last(const struct net_device *dev)
{
	const struct nf_hook_entries *e =
		rcu_dereference(dev->nf_hooks_ingress);

	return e &&
	       e->hooks[e->num_hook_entries - 1].hook == e2ae_hook_ingress &&
	       !rcu_access_pointer(dev->xdp_prog);
}

/* Puts a packet behind the others of its device; returns how many there are. */
static unsigned int add(struct gather *ga, struct e2ae_net *en,
			struct sk_buff *skb, const struct e2ae_sockaddr *dst)
{
	unsigned int n = 0;
	struct waiting *w;

	spin_lock(&ga->lock);
	if (unlikely(ga->busy || (ga->n && ga->dev != skb->dev)))
		goto out;
	if (!ga->n) {
		dev_hold(skb->dev);
		ga->dev = skb->dev;
		ga->en = en;
	}
	w = &ga->at[ga->n];
	w->skb = skb;
	w->dst = *dst;
	n = ++ga->n;
out:
	spin_unlock(&ga->lock);
	return n;
}

/**
 * e2ae_gather_add() - let a packet wait for others
 * @en: namespace
 * @skb: packet at the ingress of its device, a usual one as early.c has them
 * @dst: its destination
 *
 * Packets of one device wait together; those of another have to be gone first,
 * so that none overtakes another. While they are worked on nothing waits: what
 * comes then was sent by that work, and comes round a loop.
 *
 * Context: Bottom halves off, RCU held.
 * Return: whether it waits, and is no more the caller's.
 */
bool e2ae_gather_add(struct e2ae_net *en, struct sk_buff *skb,
		     const struct e2ae_sockaddr *dst)
{
	struct gather *ga = this_cpu_ptr(&gathers);
	unsigned int n;

	/* What tc may have left is good only until the end of the hook. */
	if (skb_sk_is_prefetched(skb) || skb_dst(skb))
		return false;
	if (!e2ae_chan_port_may_be(en, dst->port) || !is_last(skb->dev))
		return false;
	n = add(ga, en, skb, dst);
	if (unlikely(!n)) {
		if (!run(ga))
			return false;
		n = add(ga, en, skb, dst);
	}
	if (n == 1)
		tasklet_schedule(&ga->tasklet);
	else if (n == MOST)
		run(ga);
	return n > 0;
}

/**
 * e2ae_gather_asked() - was the memory asked for what comes to PRE_ROUTING now?
 *
 * Context: Any.
 * Return: whether packets that waited are worked on, on this CPU.
 */
bool e2ae_gather_asked(void)
{
	return raw_cpu_read(gathers.busy);
}

/**
 * e2ae_gather_init() - start with nothing that waits
 */
void e2ae_gather_init(void)
{
	struct gather *ga;
	int cpu;

	for_each_possible_cpu(cpu) {
		ga = per_cpu_ptr(&gathers, cpu);
		spin_lock_init(&ga->lock);
		tasklet_setup(&ga->tasklet, run_late);
	}
}

/**
 * e2ae_gather_exit() - let what waits go on its way
 *
 * The hooks at ingress are gone, and namespaces are still there.
 *
 * Context: Process; sleeps.
 */
void e2ae_gather_exit(void)
{
	int cpu;

	/* Who was in a hook is out of it. */
	synchronize_net();
	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&gathers, cpu)->tasklet);
}
