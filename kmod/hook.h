/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_HOOK_H
#define E2AE_HOOK_H

#include "core.h"

int e2ae_hook_get(struct e2ae_net *en);
void e2ae_hook_put(struct e2ae_net *en);

#endif
