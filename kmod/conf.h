/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_CONF_H
#define E2AE_CONF_H

#include "stream.h"

/* Whether a client gave an attribute of a leg or a stream. */
#define E2AE_GIVEN(spec, attr) ((spec)->given & BIT(attr))

int e2ae_conf_new(struct e2ae_leg_conf *conf, const struct e2ae_leg_spec *spec,
		  int side, struct e2ae_refusal *no);
int e2ae_conf_set(struct e2ae_leg_conf *conf, const struct e2ae_leg_spec *spec,
		  int side, struct e2ae_refusal *no);
int e2ae_conf_pair(const struct e2ae_leg_conf *access,
		   const struct e2ae_leg_conf *core, struct e2ae_refusal *no);

#endif
