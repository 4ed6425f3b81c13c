/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_WATCH_H
#define E2AE_WATCH_H

#include "stream.h"

void e2ae_leg_forget_old(struct e2ae_leg *leg);
void e2ae_watch_update(struct e2ae_stream *stream);
void e2ae_watch_stop(struct e2ae_stream *stream);
void e2ae_watch_net_init(struct e2ae_net *en);
void e2ae_watch_net_exit(struct e2ae_net *en);

#endif
