// SPDX-License-Identifier: GPL-2.0
/* Start and end of the module and of each namespace. */
#include <linux/module.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/netns/generic.h>

#include "chan.h"
#include "ctx.h"
#include "gather.h"
#include "ingress.h"
#include "keys.h"
#include "netlink.h"
#include "stats.h"
#include "watch.h"

#define MAX_SAS		 1000000
#define MAX_STREAMS	 500000
/* Outside the initial user namespace anybody may be root. */
#define MAX_SAS_USER	 2048
#define MAX_STREAMS_USER 1024

static unsigned int max_sas;
module_param(max_sas, uint, 0644);
MODULE_PARM_DESC(
	max_sas,
	"Most SAs of a namespace made from now on (default 1000000, 2048 in a user namespace)");

static unsigned int max_streams;
module_param(max_streams, uint, 0644);
MODULE_PARM_DESC(
	max_streams,
	"Most streams of a namespace made from now on (default 500000, 1024 in a user namespace)");

static unsigned int e2ae_net_id __read_mostly;

/**
 * e2ae_net() - what the module keeps of a namespace
 * @net: the namespace
 *
 * Return: never NULL while the module is there.
 */
struct e2ae_net *e2ae_net(const struct net *net)
{
	return net_generic(net, e2ae_net_id);
}

static void set_limits(struct e2ae_net *en)
{
	en->max_sas = READ_ONCE(max_sas) ?: MAX_SAS;
	en->max_streams = READ_ONCE(max_streams) ?: MAX_STREAMS;
	en->user = en->net->user_ns != &init_user_ns;
	if (!en->user)
		return;
	en->max_sas = min_t(u32, en->max_sas, MAX_SAS_USER);
	en->max_streams = min_t(u32, en->max_streams, MAX_STREAMS_USER);
}

static int __net_init net_init(struct net *net)
{
	struct e2ae_net *en = e2ae_net(net);
	int err;

	en->net = net;
	en->seq = 1;
	mutex_init(&en->lock);
	xa_init(&en->sas);
	xa_init(&en->streams);
	set_limits(en);
	e2ae_watch_net_init(en);
	e2ae_ingress_net_init(en);
	err = e2ae_keys_net_init(en);
	if (err)
		return err;
	err = e2ae_chan_net_init(en);
	if (err)
		goto out_keys;
	err = e2ae_stats_net_init(en);
	if (err)
		goto out_chan;
	return 0;

out_chan:
	e2ae_chan_net_exit(en);
out_keys:
	e2ae_keys_net_exit(en);
	return err;
}

/* A grace period follows before net_exit_batch(). */
static void __net_exit net_pre_exit(struct net *net)
{
	struct e2ae_net *en = e2ae_net(net);

	mutex_lock(&en->lock);
	e2ae_stream_flush(en);
	e2ae_sa_flush(en);
	mutex_unlock(&en->lock);
	e2ae_watch_net_exit(en);
}

/*
 * No packet is there any more, but what the last ones asked for may be. Routes
 * are given back by RCU callbacks, and have to be before IPv6 and xfrm end the
 * namespaces' accounts of them, which comes after us.
 */
static void __net_exit net_exit_batch(struct list_head *nets)
{
	struct e2ae_net *en;
	struct net *net;

	rcu_barrier();
	list_for_each_entry(net, nets, exit_list) {
		en = e2ae_net(net);
		e2ae_ingress_net_exit(en);
		e2ae_stats_net_exit(en);
		e2ae_chan_net_exit(en);
		e2ae_keys_net_exit(en);
		xa_destroy(&en->taps);
		xa_destroy(&en->streams);
		xa_destroy(&en->sas);
	}
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit_batch = net_exit_batch,
	.id = &e2ae_net_id,
	.size = sizeof(struct e2ae_net),
};

static int __init e2ae_init(void)
{
	int err;

	e2ae_ctx_init();
	e2ae_gather_init();
	err = e2ae_suite_init();
	if (err)
		return err;
	err = e2ae_sa_init();
	if (err)
		goto out_suite;
	err = e2ae_stream_init();
	if (err)
		goto out_sa;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto out_stream;
	err = e2ae_ingress_init();
	if (err)
		goto out_net;
	err = e2ae_nl_init();
	if (err)
		goto out_ingress;
	return 0;

out_ingress:
	e2ae_ingress_exit();
out_net:
	unregister_pernet_subsys(&net_ops);
out_stream:
	e2ae_stream_exit();
out_sa:
	e2ae_sa_exit();
out_suite:
	e2ae_suite_exit();
	return err;
}

static void __exit e2ae_exit(void)
{
	e2ae_nl_exit();
	e2ae_ingress_exit();
	e2ae_gather_exit();
	unregister_pernet_subsys(&net_ops);
	e2ae_stream_exit();
	e2ae_sa_exit();
	e2ae_suite_exit();
}

module_init(e2ae_init);
module_exit(e2ae_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SRTP media gateway of the IMS access edge");
MODULE_VERSION(E2AE_VERSION);
MODULE_ALIAS_GENL_FAMILY(E2AE_FAMILY_NAME);
