/* SPDX-License-Identifier: GPL-2.0 */
/* The kinds of MSF there are. Only the files of msf/ include this. */
#ifndef E2AE_MSF_INNER_H
#define E2AE_MSF_INNER_H

#include "msf.h"

int msf_kernel_open(struct msf **msf, struct event_base *base, char *why,
		    size_t room);
int msf_record_open(struct msf **msf, const char *path, char *why, size_t room);

#endif
