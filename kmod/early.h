/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_EARLY_H
#define E2AE_EARLY_H

#include <linux/skbuff.h>

#include "stream.h"

unsigned int e2ae_early(struct e2ae_net *en, struct sk_buff *skb,
			struct e2ae_chan *chan);

#endif
