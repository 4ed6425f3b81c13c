/* SPDX-License-Identifier: GPL-2.0 */
/* The kinds of MSF there are. Only the files of msf/ include this. */
#ifndef E2AE_MSF_INNER_H
#define E2AE_MSF_INNER_H

#include "msf.h"

int msf_kernel_open(struct msf **msf, struct event_base *base, char *why,
		    size_t room);
int msf_record_open(struct msf **msf, const char *path, char *why, size_t room);

/* uses.c */
struct msf_uses *msf_uses_new(void);
void msf_uses_free(struct msf_uses *uses);
int msf_uses_add(struct msf_uses *uses, uint32_t stream);
void msf_uses_set(struct msf_uses *uses, const struct e2ae_stream *stream);
void msf_uses_drop(struct msf_uses *uses, uint32_t stream);
uint32_t msf_uses_find(struct msf_uses *uses, uint32_t sa, bool *out);

#endif
