/* SPDX-License-Identifier: GPL-2.0 */
/*
 * a=key-mgmt of SDP (RFC 4567, 3.1).
 *
 * Use: strings are the value of the attribute, what stands after "a=key-mgmt:".
 * An offer's values, in their order, give the list of protocols by
 * e2ae_keymgmt_protocols(), and each value that is MIKEY's its message by
 * e2ae_keymgmt_parse(). e2ae_keymgmt_write() makes the value of our own message.
 */
#ifndef E2AE_KEYING_KEYMGMT_H
#define E2AE_KEYING_KEYMGMT_H

#include "b64.h"
#include "mikey.h"

#define E2AE_KEYMGMT_ROOM  (E2AE_B64_ROOM(E2AE_MIKEY_MAX_LEN) + 6)
#define E2AE_KEYMGMT_MIKEY "mikey"

int e2ae_keymgmt_parse(const char *value, struct e2ae_mikey_message *message);
int e2ae_keymgmt_write(const struct e2ae_mikey_message *message, char *out,
		       size_t room);
int e2ae_keymgmt_protocols(const char *const *values, size_t n, char *out,
			   size_t room);

#endif
