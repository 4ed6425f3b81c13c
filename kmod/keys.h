/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_KEYS_H
#define E2AE_KEYS_H

#include <linux/list.h>

#include "ctx.h"

/* Keys that one stream may have had; re-keying every second lasts 17 min. */
#define E2AE_MAX_KEYS 1024

/**
 * struct e2ae_key_use - a key a stream has, or had
 * @node: in stream->keys; en->lock
 * @ctxs: what it was used for; a reference, and a claim where it is sent with
 * @dir: enum e2ae_direction
 */
struct e2ae_key_use {
	struct list_head node;
	struct e2ae_ctxs *ctxs;
	u8 dir;
};

int e2ae_keys_net_init(struct e2ae_net *en);
void e2ae_keys_net_exit(struct e2ae_net *en);

const char *e2ae_ctxs_unfit(const struct e2ae_ctxs *ctxs);
struct e2ae_ctxs *e2ae_ctxs_claim(struct e2ae_ctxs *ctxs);
void e2ae_ctxs_unclaim(struct e2ae_ctxs *ctxs);

struct e2ae_key_use *e2ae_keys_find(const struct list_head *keys,
				    const struct e2ae_ctxs *ctxs, u8 dir);
bool e2ae_keys_clash(const struct list_head *keys, const struct e2ae_ctxs *ctxs,
		     u8 dir);
void e2ae_keys_note(struct list_head *keys, struct e2ae_key_use *use,
		    struct e2ae_ctxs *ctxs, u8 dir);
void e2ae_keys_forget(struct list_head *keys);

#endif
