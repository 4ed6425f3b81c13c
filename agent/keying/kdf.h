/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where pre-shared keys come from: the KDF of 3GPP TS 33.220, annex B.2.
 *
 * Use: when a registration succeeds, e2ae_kdf_from_aka() turns CK, IK and RAND of
 * the answered challenge (or e2ae_kdf_from_tls() the exporter key of the
 * signalling connection) into the K_mm that the binding keeps. When a call needs
 * a key, e2ae_kdf_line() makes that of one m-line from it, and
 * e2ae_kdf_key_id() its public name, which both ends put before "@<FQDN>":
 *
 *	struct e2ae_kdf_line line = {
 *		.call_id = "...", .from_tag = "...", .index = 1,
 *		.role = E2AE_KDF_UE_CALLS,
 *	};
 *	e2ae_kdf_line_key(&kmm, &line, E2AE_KDF_MIKEY, psk);
 *	e2ae_kdf_key_id(&kmm, &line, id);
 *
 * Call-ID and From-tag are those of the INVITE that made the dialog, as seen on
 * the UE's leg, and never change. Whoever gets a key wipes it.
 */
#ifndef E2AE_KEYING_KDF_H
#define E2AE_KEYING_KDF_H

#include "secret.h"

#define E2AE_KDF_LEN	    32 /* octets of every derived key */
#define E2AE_KDF_ID_ROOM    17 /* characters of a key id, with the 0 */
#define E2AE_KDF_MAX_PARAMS 8
#define E2AE_KDF_MAX_INPUT  2048 /* octets of all parameters together */

/**
 * struct e2ae_kmm - media master key of one generation of a registration
 * @octets: K_mm
 */
struct e2ae_kmm {
	uint8_t octets[E2AE_KDF_LEN];
};

/**
 * enum e2ae_kdf_role - who sent the INVITE that made the dialog
 * @E2AE_KDF_UE_CALLS: the UE sent it
 * @E2AE_KDF_UE_CALLED: the UE received it
 */
enum e2ae_kdf_role {
	E2AE_KDF_UE_CALLS = 1,
	E2AE_KDF_UE_CALLED = 2,
};

/**
 * enum e2ae_kdf_use - what the key of an m-line is for
 * @E2AE_KDF_MIKEY: MIKEY pre-shared key
 * @E2AE_KDF_TLS13_UE: TLS 1.3 PSK, the UE is the TLS client
 * @E2AE_KDF_TLS13_MSF: TLS 1.3 PSK, the MSF is the TLS client
 * @E2AE_KDF_TLS12_UE: TLS 1.2 PSK, the UE is the TLS client
 * @E2AE_KDF_TLS12_MSF: TLS 1.2 PSK, the MSF is the TLS client
 *
 * One key never serves two versions of TLS or both of its roles (RFC 8446, E.7;
 * RFC 9257, 4).
 */
enum e2ae_kdf_use {
	E2AE_KDF_MIKEY,
	E2AE_KDF_TLS13_UE,
	E2AE_KDF_TLS13_MSF,
	E2AE_KDF_TLS12_UE,
	E2AE_KDF_TLS12_MSF,
};

/**
 * struct e2ae_kdf_line - which m-line of which call
 * @call_id: Call-ID
 * @from_tag: tag of From
 * @index: m-line, from 1; 0 is the session level
 * @role: who called
 */
struct e2ae_kdf_line {
	const char *call_id;
	const char *from_tag;
	uint16_t index;
	enum e2ae_kdf_role role;
};

int e2ae_kdf(struct e2ae_octets key, const struct e2ae_octets *params, size_t n,
	     uint8_t out[E2AE_KDF_LEN]);
int e2ae_kdf_from_aka(struct e2ae_kmm *kmm, const uint8_t ck[16],
		      const uint8_t ik[16], const uint8_t rand[16],
		      const char *impi, const char *fqdn);
int e2ae_kdf_from_tls(struct e2ae_kmm *kmm, const uint8_t exported[32],
		      const char *impi, const char *fqdn);
int e2ae_kdf_line_key(const struct e2ae_kmm *kmm,
		      const struct e2ae_kdf_line *line, enum e2ae_kdf_use use,
		      uint8_t out[E2AE_KDF_LEN]);
int e2ae_kdf_key_id(const struct e2ae_kmm *kmm,
		    const struct e2ae_kdf_line *line,
		    char out[E2AE_KDF_ID_ROOM]);

#endif
