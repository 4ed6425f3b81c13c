/* SPDX-License-Identifier: GPL-2.0 */
/* sd_notify(3) without libsystemd: one datagram to the service manager. */
#ifndef E2AE_NOTIFY_H
#define E2AE_NOTIFY_H

void notify_state(const char *state);
void notify_reloading(void);

#endif
