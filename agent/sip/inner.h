/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of struct sip_msg. */
#ifndef E2AE_SIP_INNER_H
#define E2AE_SIP_INNER_H

#include "msg.h"

void sip_start_parse(struct sip_msg *msg, struct sdp_text head);
int sip_check_missing(struct sip_msg *msg);
int sip_fail(struct sip_msg *msg, int err);

#endif
