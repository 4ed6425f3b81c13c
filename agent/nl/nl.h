/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of libe2ae share. */
#ifndef E2AE_NL_H
#define E2AE_NL_H

#include <stdarg.h>
#include <stdbool.h>
#include <netlink/netlink.h>
#include <netlink/msg.h>

#include "libe2ae.h"

#define E2AE_RECV_ROOM	  65536 /* no reply of the kernel is larger */
#define E2AE_SENTENCE	  384

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/**
 * struct e2ae - a connection to the family in one network namespace
 * @sk: libnl's socket, owns @fd
 * @fd: of the socket
 * @family: number of the family
 * @seq: of the last message sent
 * @events: it subscribed, so it takes no requests
 * @msg: where requests are encoded; wiped after each
 * @buf: what was received last
 * @len: octets of it that hold messages
 * @at: offset of the next message in it
 * @error: sentence of the last failure
 */
struct e2ae {
	struct nl_sock *sk;
	int fd;
	int family;
	uint32_t seq;
	bool events;
	struct nl_msg *msg;
	uint8_t *buf;
	size_t len;
	size_t at;
	char error[E2AE_SENTENCE];
};

extern const struct e2ae_set e2ae_root_info;

int e2ae_fail(struct e2ae *h, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* fields.c and message.c */
int e2ae_put(struct nl_msg *msg, const struct e2ae_set *set, const void *from);
int e2ae_get(const struct e2ae_set *set, const struct nlattr *attrs, int len,
	     void *to);
int e2ae_message_build(struct e2ae *h, const struct e2ae_request *req,
		       int flags);
int e2ae_message_parse(const struct nlmsghdr *nlh, unsigned int attr,
		       const struct e2ae_set *set, void *to);
void e2ae_message_wipe(struct e2ae *h);

/* socket.c */
int e2ae_handle_alloc(struct e2ae **handle);
int e2ae_send(struct e2ae *h, const void *data, size_t len);
int e2ae_next(struct e2ae *h, const struct nlmsghdr **nlh);
const char *e2ae_own_sentence(int err);
int e2ae_refusal(struct e2ae *h, const struct nlmsghdr *nlh,
		 const struct nlmsghdr *sent);

#endif
