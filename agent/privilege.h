/* SPDX-License-Identifier: GPL-2.0 */
/* What the process may do, and what others may do to it. */
#ifndef E2AE_PRIVILEGE_H
#define E2AE_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

void privilege_guard(void);
void privilege_limits(void);
bool privilege_network(void);
int privilege_directory(const char *path, const char *user, char *why,
			size_t room);
int privilege_give(const char *path, const char *user, char *why, size_t room);
int privilege_drop(const char *user, char *why, size_t room);

#endif
