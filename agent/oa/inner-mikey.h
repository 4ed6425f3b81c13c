/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of MIKEY share. */
#ifndef E2AE_OA_INNER_MIKEY_H
#define E2AE_OA_INNER_MIKEY_H

#include "inner.h"

int oa_mikey_read(const struct sdp_key_mgmt *key,
		  struct e2ae_mikey_message *message);
int oa_mikey_identity(const struct oa *oa, unsigned int index,
		      const struct e2ae_kmm *kmm, struct e2ae_mikey_id *id,
		      uint8_t psk[E2AE_KDF_LEN]);
void oa_mikey_take_keys(struct oa_media *media, const struct e2ae_mikey_keys *k,
			unsigned int pair, bool by_own);
int oa_mikey_put(struct oa_step *step, unsigned int i, const char *value);

#endif
