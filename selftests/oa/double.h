/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An MSF for tests: it keeps streams and SAs as the kernel would, refuses what
 * the kernel would refuse, and counts what should never be asked of it. And a
 * relay of MSRP, likewise.
 */
#ifndef E2AE_SELFTESTS_OA_DOUBLE_H
#define E2AE_SELFTESTS_OA_DOUBLE_H

#include <stdio.h>

#include "../../agent/msf/msf.h"
#include "../../agent/msrp/msrp.h"

struct msf *double_new(void);
void double_free(struct msf *msf);
void double_fail(struct msf *msf, unsigned int after, int error);
void double_tell(struct msf *msf, FILE *out);

struct msrp *double_msrp(void);
void double_msrp_set(struct msrp *msrp, unsigned int fail, unsigned int limit);
void double_msrp_busy(struct msrp *msrp, unsigned int times);
void double_msrp_event(struct msrp *msrp, unsigned int port,
		       enum msrp_what what);
void double_msrp_tell(struct msrp *msrp, FILE *out);

#endif
