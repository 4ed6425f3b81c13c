/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What initiator and responder of the pre-shared key method share: MAC, key
 * data, session keys (RFC 3830, 3.1 and 5.2). Only the files of mikey call this.
 */
#ifndef E2AE_KEYING_MIKEY_PSK_H
#define E2AE_KEYING_MIKEY_PSK_H

#include "mikey-msg.h"
#include "mikey-prf.h"

#define E2AE_MIKEY_MAX_DATA 512 /* octets of key data, decrypted */

int e2ae_mikey_csb_protect(const struct e2ae_mikey_csb *csb,
			   struct e2ae_octets psk,
			   struct e2ae_mikey_protect *keys);
int e2ae_mikey_sign(const struct e2ae_mikey_protect *keys,
		    const struct e2ae_mikey_csb *tail,
		    struct e2ae_mikey_message *message);
int e2ae_mikey_verify(const struct e2ae_mikey_protect *keys,
		      const struct e2ae_mikey_csb *tail,
		      const struct e2ae_mikey_msg *msg);
int e2ae_mikey_data_write(const struct e2ae_mikey_csb *csb,
			  const struct e2ae_mikey_protect *keys, uint8_t *out,
			  size_t room);
int e2ae_mikey_data_read(struct e2ae_mikey_csb *csb,
			 const struct e2ae_mikey_protect *keys,
			 struct e2ae_octets encrypted);
int e2ae_mikey_session_keys(const struct e2ae_mikey_csb *csb,
			    struct e2ae_mikey_keys *keys);

#endif
