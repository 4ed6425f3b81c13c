/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_SRTP_H
#define E2AE_SRTP_H

#include "rtp.h"
#include "sa.h"

u32 e2ae_srtp_overhead(const struct e2ae_sa *sa, bool rtcp);
bool e2ae_srtp_mki_matches(const struct e2ae_sa *sa, const struct e2ae_pkt *p);
int e2ae_srtp_protect(struct e2ae_sa *sa, struct e2ae_pkt *p);
int e2ae_srtp_try(struct e2ae_sa *sa, struct e2ae_pkt *p);
int e2ae_srtp_verdict(struct e2ae_sa *sa, int drop);
int e2ae_srtp_unprotect(struct e2ae_sa *sa, struct e2ae_pkt *p);

#endif
