/* SPDX-License-Identifier: GPL-2.0 */
/* Between the netlink files: attributes to objects and back. */
#ifndef E2AE_NETLINK_ATTR_H
#define E2AE_NETLINK_ATTR_H

#include <net/genetlink.h>

#include "netlink-gen.h"
#include "sa.h"
#include "stream.h"

extern struct genl_family e2ae_nl_family;

/**
 * e2ae_nl_refuse() - refuse a request with a sentence
 * @extack: of the request
 * @attr: attribute at fault, or NULL
 * @why: static sentence
 * @err: negative errno
 *
 * Return: @err.
 */
static inline int e2ae_nl_refuse(struct netlink_ext_ack *extack,
				 const struct nlattr *attr, const char *why,
				 int err)
{
	if (extack) {
		extack->_msg = why;
		NL_SET_BAD_ATTR(extack, attr);
	}
	return err;
}

int e2ae_nl_parse_sa(const struct nlattr *nest, bool fresh,
		     struct e2ae_sa_spec *spec, struct netlink_ext_ack *extack);
int e2ae_nl_parse_stream(const struct nlattr *nest,
			 struct e2ae_stream_spec *spec,
			 struct netlink_ext_ack *extack);
void e2ae_nl_wipe(const struct nlmsghdr *nlh);
const struct nlattr *e2ae_nl_find(const struct nlattr *nest, int attr);

int e2ae_nl_fill_sa(struct sk_buff *skb, struct e2ae_sa *sa);
int e2ae_nl_fill_stream(struct sk_buff *skb, struct e2ae_stream *stream);
int e2ae_nl_fill_stats(struct sk_buff *skb, struct e2ae_net *en);

#endif
