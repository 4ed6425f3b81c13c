/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of RFC 3830, 6 that decoder and encoder share. */
#ifndef E2AE_KEYING_MIKEY_PAYLOAD_H
#define E2AE_KEYING_MIKEY_PAYLOAD_H

#define MIKEY_VERSION 1
#define HDR_V	      0x80 /* a verification message is expected */
#define MAP_SRTP_ID   0
#define EXT_SDP_IDS   1

#define PAYLOAD_KEMAC 1
#define PAYLOAD_T     5
#define PAYLOAD_ID    6
#define PAYLOAD_V     9
#define PAYLOAD_SP    10
#define PAYLOAD_RAND  11
#define PAYLOAD_ERR   12
#define PAYLOAD_EXT   21

#endif
