// SPDX-License-Identifier: GPL-2.0
/* What the kernel tells on its own. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/genl/ctrl.h>

#include "nl.h"

static int listen_to(struct e2ae *h, const char *name)
{
	int group = genl_ctrl_resolve_grp(h->sk, E2AE_FAMILY_NAME, name);

	if (group < 0)
		return e2ae_fail(h, -ENOENT,
				 "the e2ae module has no multicast group %s",
				 name);
	if (!setsockopt(h->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			sizeof(group)))
		return 0;
	if (errno == EPERM)
		return e2ae_fail(h, -EPERM, "%s", e2ae_own_sentence(-EPERM));
	return e2ae_fail(h, -errno, "cannot join the multicast group %s: %s",
			 name, strerror(errno));
}

/**
 * e2ae_subscribe() - listen to the events of the handle's namespace
 * @h: handle; from now on it takes no requests
 *
 * Return: 0 or a negative errno.
 */
int e2ae_subscribe(struct e2ae *h)
{
	int err = listen_to(h, E2AE_MCGRP_SA);

	if (!err)
		err = listen_to(h, E2AE_MCGRP_STREAM);
	if (!err)
		h->events = true;
	return err;
}

/**
 * e2ae_event_next() - wait for the next event
 * @h: handle with e2ae_subscribe()
 * @event: where to put it
 *
 * Does not wait if e2ae_fd() is non-blocking.
 *
 * Return: 0, -ENOBUFS if events were lost (the next call goes on), -EAGAIN,
 * -EINTR, or another negative errno.
 */
int e2ae_event_next(struct e2ae *h, struct e2ae_event *event)
{
	const struct nlmsghdr *nlh;
	uint8_t cmd;
	int err;

	do {
		err = e2ae_next(h, &nlh);
		if (err)
			return err;
		cmd = nlh->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN) ?
			      0 :
			      ((struct genlmsghdr *)NLMSG_DATA(nlh))->cmd;
	} while (nlh->nlmsg_type != h->family || !e2ae_event_name(cmd));
	err = e2ae_message_parse(nlh, 0, &e2ae_event_set_info, event);
	event->cmd = cmd;
	return err ? e2ae_fail(h, err, "the kernel's event is malformed") : 0;
}
