// SPDX-License-Identifier: GPL-2.0
/* The operations of the generic-netlink family. */
#include <linux/slab.h>
#include <linux/string.h>

#include "netlink.h"
#include "netlink-attr.h"
#include "stats.h"

typedef int (*fill_fn)(struct sk_buff *skb, void *object);

static int fill_sa(struct sk_buff *skb, void *object)
{
	return e2ae_nl_fill_sa(skb, object);
}

static int fill_stream(struct sk_buff *skb, void *object)
{
	return e2ae_nl_fill_stream(skb, object);
}

static int fill_stats(struct sk_buff *skb, void *object)
{
	return e2ae_nl_fill_stats(skb, object);
}

static int refuse_create(struct netlink_ext_ack *extack,
			 const struct nlattr *nest, int err)
{
	switch (err) {
	case -EEXIST:
		return e2ae_nl_refuse(extack, e2ae_nl_find(nest, E2AE_A_SA_ID),
				      "this SA id is taken", err);
	case -ENOSPC:
		return e2ae_nl_refuse(
			extack, nest,
			"the namespace has as many SAs as it may (max-sas)",
			err);
	case -ENOMEM:
		return e2ae_nl_refuse(extack, nest, "out of memory", err);
	default:
		return e2ae_nl_refuse(extack,
				      e2ae_nl_find(nest, E2AE_A_SA_SUITE),
				      "the kernel has no cipher for this suite",
				      err);
	}
}

/* An SA as asked for, not published yet, or an ERR_PTR. */
static struct e2ae_sa *make_sa(struct e2ae_net *en, const struct nlattr *nest,
			       struct netlink_ext_ack *extack)
{
	struct e2ae_sa_spec *spec = kzalloc(sizeof(*spec), GFP_KERNEL);
	struct e2ae_sa *sa;
	int err;

	if (!spec)
		return ERR_PTR(refuse_create(extack, nest, -ENOMEM));
	err = e2ae_nl_parse_sa(nest, true, spec, extack);
	if (err) {
		sa = ERR_PTR(err);
	} else {
		sa = e2ae_sa_create(en, spec);
		if (IS_ERR(sa))
			refuse_create(extack, nest, PTR_ERR(sa));
	}
	kfree_sensitive(spec);
	return sa;
}

int e2ae_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	struct nlattr *nest = info->attrs[E2AE_A_SA];
	struct e2ae_sa *sa = make_sa(en, nest, info->extack);
	int err;

	e2ae_nl_wipe(info->nlhdr);
	if (IS_ERR(sa))
		return PTR_ERR(sa);
	mutex_lock(&en->lock);
	err = e2ae_sa_publish(sa);
	mutex_unlock(&en->lock);
	if (!err)
		return 0;
	e2ae_sa_free(sa);
	return refuse_create(info->extack, nest, err);
}

/* The SA a request names, with en->lock held. */
static struct e2ae_sa *named_sa(struct e2ae_net *en, const struct nlattr *nest,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *id = e2ae_nl_find(nest, E2AE_A_SA_ID);
	struct e2ae_sa *sa;

	if (!id) {
		e2ae_nl_refuse(extack, nest,
			       "the request needs the id of an sa", 0);
		return ERR_PTR(-EINVAL);
	}
	sa = e2ae_sa_find(en, nla_get_u32(id));
	if (sa)
		return sa;
	e2ae_nl_refuse(extack, id, "there is no SA with this id", 0);
	return ERR_PTR(-ENOENT);
}

static struct e2ae_stream *named_stream(struct e2ae_net *en,
					const struct nlattr *nest,
					struct netlink_ext_ack *extack)
{
	const struct nlattr *id = e2ae_nl_find(nest, E2AE_A_STREAM_ID);
	struct e2ae_stream *stream;

	if (!id) {
		e2ae_nl_refuse(extack, nest,
			       "the request needs the id of a stream", 0);
		return ERR_PTR(-EINVAL);
	}
	stream = e2ae_stream_find(en, nla_get_u32(id));
	if (stream)
		return stream;
	e2ae_nl_refuse(extack, id, "there is no stream with this id", 0);
	return ERR_PTR(-ENOENT);
}

static int change_sa(struct e2ae_net *en, const struct nlattr *nest,
		     const struct e2ae_sa_spec *spec,
		     struct netlink_ext_ack *extack)
{
	struct e2ae_sa *sa = named_sa(en, nest, extack);
	u64 soft, hard;

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	if (READ_ONCE(sa->expired))
		return e2ae_nl_refuse(
			extack, e2ae_nl_find(nest, E2AE_A_SA_ID),
			"this SA has reached its hard limit for good",
			-EKEYEXPIRED);
	soft = spec->has_soft ? spec->soft : sa->soft;
	hard = spec->has_hard ? spec->hard : sa->hard;
	if (hard && soft > hard)
		return e2ae_nl_refuse(extack, nest,
				      "soft-packets is more than hard-packets",
				      -EINVAL);
	e2ae_sa_set_limits(sa, soft, hard);
	if (spec->autodel)
		sa->autodel = true;
	return 0;
}

int e2ae_nl_sa_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	struct nlattr *nest = info->attrs[E2AE_A_SA];
	struct e2ae_sa_spec *spec = kzalloc(sizeof(*spec), GFP_KERNEL);
	int err;

	if (spec)
		err = e2ae_nl_parse_sa(nest, false, spec, info->extack);
	else
		err = refuse_create(info->extack, nest, -ENOMEM);
	if (!err) {
		mutex_lock(&en->lock);
		err = change_sa(en, nest, spec, info->extack);
		mutex_unlock(&en->lock);
	}
	e2ae_nl_wipe(info->nlhdr);
	kfree_sensitive(spec);
	return err;
}

int e2ae_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	struct nlattr *nest = info->attrs[E2AE_A_SA];
	struct e2ae_sa *sa;
	int err = 0;

	mutex_lock(&en->lock);
	sa = named_sa(en, nest, info->extack);
	if (IS_ERR(sa))
		err = PTR_ERR(sa);
	else if (sa->users)
		err = e2ae_nl_refuse(
			info->extack, e2ae_nl_find(nest, E2AE_A_SA_ID),
			"a stream names this SA: change or remove that first",
			-EBUSY);
	else
		e2ae_sa_del(sa);
	mutex_unlock(&en->lock);
	return err;
}

/* Answers a get with one object; en->lock held. */
static int reply(struct genl_info *info, u8 cmd, fill_fn fill, void *object)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return e2ae_nl_refuse(info->extack, NULL, "out of memory",
				      -ENOMEM);
	hdr = genlmsg_put_reply(msg, info, &e2ae_nl_family, 0, cmd);
	if (!hdr || fill(msg, object)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int e2ae_nl_sa_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	struct e2ae_sa *sa;
	int err;

	mutex_lock(&en->lock);
	sa = named_sa(en, info->attrs[E2AE_A_SA], info->extack);
	err = IS_ERR(sa) ? PTR_ERR(sa) :
			   reply(info, E2AE_CMD_SA_GET, fill_sa, sa);
	mutex_unlock(&en->lock);
	return err;
}

/* Appends objects from the id in args[0] on, while they fit. */
static int dump(struct sk_buff *skb, struct netlink_callback *cb,
		struct e2ae_net *en, struct xarray *objects, u8 cmd,
		fill_fn fill)
{
	unsigned long id;
	void *object, *hdr;
	int err = 0;

	mutex_lock(&en->lock);
	cb->seq = en->seq;
	xa_for_each_start(objects, id, object, cb->args[0]) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &e2ae_nl_family,
				  NLM_F_MULTI, cmd);
		err = hdr ? fill(skb, object) : -EMSGSIZE;
		if (err) {
			if (hdr)
				genlmsg_cancel(skb, hdr);
			break;
		}
		genl_dump_check_consistent(cb, hdr);
		genlmsg_end(skb, hdr);
		cb->args[0] = id + 1;
	}
	mutex_unlock(&en->lock);
	return skb->len ?: err;
}

int e2ae_nl_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct e2ae_net *en = e2ae_net(sock_net(skb->sk));

	return dump(skb, cb, en, &en->sas, E2AE_CMD_SA_GET, fill_sa);
}

/* Makes the SAs nested in a request; on error none is left. */
static int make_nested(struct e2ae_net *en, struct genl_info *info,
		       struct e2ae_stream_spec *spec)
{
	struct nlattr *nla;
	struct e2ae_sa *sa;
	int left;

	nlmsg_for_each_attr(nla, info->nlhdr, GENL_HDRLEN, left) {
		if (nla_type(nla) != E2AE_A_SA)
			continue;
		if (spec->n_sas == E2AE_MAX_NESTED_SAS)
			return e2ae_nl_refuse(info->extack, nla,
					      "a request carries at most 8 SAs",
					      -E2BIG);
		sa = make_sa(en, nla, info->extack);
		if (IS_ERR(sa))
			return PTR_ERR(sa);
		spec->sas[spec->n_sas++] = sa;
	}
	return 0;
}

/* Points at the attribute a refusal is about. */
static void point(struct genl_info *info, const struct e2ae_refusal *no)
{
	static const u8 legs[2] = { E2AE_A_STREAM_ACCESS, E2AE_A_STREAM_CORE };
	const struct nlattr *nest = info->attrs[E2AE_A_STREAM], *nla = NULL;

	if (no->side >= 0)
		nest = e2ae_nl_find(nest, legs[no->side]);
	if (no->attr)
		nla = e2ae_nl_find(nest, no->attr);
	e2ae_nl_refuse(info->extack,
		       nla	    ?:
			       nest ?:
				      info->attrs[E2AE_A_STREAM],
		       no->why, 0);
}

static int make_or_change(struct genl_info *info,
			  int (*act)(struct e2ae_net *en,
				     struct e2ae_stream_spec *spec,
				     struct e2ae_refusal *no))
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	struct e2ae_refusal no = { .side = -1 };
	struct e2ae_stream_spec *spec;
	int err;

	spec = kzalloc(sizeof(*spec), GFP_KERNEL);
	if (spec)
		err = make_nested(en, info, spec);
	else
		err = e2ae_nl_refuse(info->extack, NULL, "out of memory",
				     -ENOMEM);
	e2ae_nl_wipe(info->nlhdr);
	if (!spec)
		return err;
	if (!err)
		err = e2ae_nl_parse_stream(info->attrs[E2AE_A_STREAM], spec,
					   info->extack);
	if (err)
		goto out_free;
	mutex_lock(&en->lock);
	err = act(en, spec, &no);
	mutex_unlock(&en->lock);
	if (!err)
		goto out_spec;
	point(info, &no);
out_free:
	while (spec->n_sas)
		e2ae_sa_free(spec->sas[--spec->n_sas]);
out_spec:
	kfree(spec);
	return err;
}

int e2ae_nl_stream_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return make_or_change(info, e2ae_stream_new);
}

int e2ae_nl_stream_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return make_or_change(info, e2ae_stream_set);
}

int e2ae_nl_stream_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	struct e2ae_stream *stream;
	int err = 0;

	mutex_lock(&en->lock);
	stream = named_stream(en, info->attrs[E2AE_A_STREAM], info->extack);
	if (IS_ERR(stream))
		err = PTR_ERR(stream);
	else
		e2ae_stream_del(stream);
	mutex_unlock(&en->lock);
	return err;
}

int e2ae_nl_stream_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	struct e2ae_stream *stream;
	int err;

	mutex_lock(&en->lock);
	stream = named_stream(en, info->attrs[E2AE_A_STREAM], info->extack);
	err = IS_ERR(stream) ?
		      PTR_ERR(stream) :
		      reply(info, E2AE_CMD_STREAM_GET, fill_stream, stream);
	mutex_unlock(&en->lock);
	return err;
}

int e2ae_nl_stream_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct e2ae_net *en = e2ae_net(sock_net(skb->sk));

	return dump(skb, cb, en, &en->streams, E2AE_CMD_STREAM_GET,
		    fill_stream);
}

int e2ae_nl_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));

	mutex_lock(&en->lock);
	e2ae_stream_flush(en);
	e2ae_sa_flush(en);
	mutex_unlock(&en->lock);
	return 0;
}

int e2ae_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct e2ae_net *en = e2ae_net(genl_info_net(info));
	int err;

	mutex_lock(&en->lock);
	err = reply(info, E2AE_CMD_STATS_GET, fill_stats, en);
	mutex_unlock(&en->lock);
	return err;
}

struct genl_family e2ae_nl_family __ro_after_init = {
	.name = E2AE_FAMILY_NAME,
	.version = E2AE_FAMILY_VERSION,
	.maxattr = ARRAY_SIZE(e2ae_nl_policy) - 1,
	.policy = e2ae_nl_policy,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.small_ops = e2ae_nl_ops,
	.n_small_ops = ARRAY_SIZE(e2ae_nl_ops),
	.mcgrps = e2ae_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(e2ae_nl_mcgrps),
};

/**
 * e2ae_nl_init() - take requests
 *
 * Return: 0 or a negative errno.
 */
int __init e2ae_nl_init(void)
{
	return genl_register_family(&e2ae_nl_family);
}

/**
 * e2ae_nl_exit() - take no more requests
 */
void e2ae_nl_exit(void)
{
	genl_unregister_family(&e2ae_nl_family);
}
