// SPDX-License-Identifier: GPL-2.0
/* Keys from the registration, by the KDF of 3GPP TS 33.220, annex B.2. */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "array.h"
#include "b64.h"
#include "kdf.h"

#define FC	      0xf0 /* of the range left to operators' own use */
#define LABEL_KMM     "ims-e2ae-media"
#define LABEL_KEY_ID  "ims-e2ae-key-id"
#define KEY_ID_OCTETS 12

static struct e2ae_octets text(const char *string)
{
	return (struct e2ae_octets){ string, strlen(string) };
}

/**
 * e2ae_kdf() - HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ...) with FC = 0xF0
 * @key: input key
 * @params: P0 to Pn, each at most 65535 octets
 * @n: how many, at most E2AE_KDF_MAX_PARAMS
 * @out: derived key; wiped on error
 *
 * Return: 0, -EMSGSIZE if the parameters are more than E2AE_KDF_MAX_INPUT, or
 * -EIO if the library failed.
 */
int e2ae_kdf(struct e2ae_octets key, const struct e2ae_octets *params, size_t n,
	     uint8_t out[E2AE_KDF_LEN])
{
	uint8_t s[1 + E2AE_KDF_MAX_INPUT + 2 * E2AE_KDF_MAX_PARAMS] = { FC };
	size_t room = E2AE_KDF_MAX_INPUT;
	size_t len = 1;
	size_t i;
	int err = -EMSGSIZE;

	for (i = 0; i < n && i < E2AE_KDF_MAX_PARAMS; i++) {
		if (params[i].len > room)
			break;
		room -= params[i].len;
		if (params[i].len)
			memcpy(s + len, params[i].at, params[i].len);
		len += params[i].len;
		s[len++] = (uint8_t)(params[i].len >> 8);
		s[len++] = (uint8_t)params[i].len;
	}
	if (i == n)
		err = e2ae_hmac_sha256(key, (struct e2ae_octets){ s, len },
				       out);
	if (err)
		OPENSSL_cleanse(out, E2AE_KDF_LEN);
	OPENSSL_cleanse(s, sizeof(s));
	return err;
}

static int derive_kmm(struct e2ae_kmm *kmm, const uint8_t key[32],
		      struct e2ae_octets rand, const char *impi,
		      const char *fqdn)
{
	const struct e2ae_octets params[] = {
		text(LABEL_KMM),
		text(impi),
		rand,
		text(fqdn),
	};

	if (!*impi || !*fqdn) {
		OPENSSL_cleanse(kmm, sizeof(*kmm));
		return -EINVAL;
	}
	return e2ae_kdf((struct e2ae_octets){ key, 32 }, params,
			ARRAY_SIZE(params), kmm->octets);
}

/**
 * e2ae_kdf_from_aka() - K_mm of a registration by AKA
 * @kmm: to fill; wiped on error
 * @ck: cipher key of the challenge
 * @ik: integrity key of it
 * @rand: RAND of it
 * @impi: private identity
 * @fqdn: the P-CSCF's name as it tells the UE (parameter id of Security-Server)
 *
 * Return: 0, -EINVAL for an empty name, or an error of e2ae_kdf().
 */
int e2ae_kdf_from_aka(struct e2ae_kmm *kmm, const uint8_t ck[16],
		      const uint8_t ik[16], const uint8_t rand[16],
		      const char *impi, const char *fqdn)
{
	uint8_t key[32];
	int err;

	memcpy(key, ck, 16);
	memcpy(key + 16, ik, 16);
	err = derive_kmm(kmm, key, (struct e2ae_octets){ rand, 16 }, impi,
			 fqdn);
	OPENSSL_cleanse(key, sizeof(key));
	return err;
}

/**
 * e2ae_kdf_from_tls() - K_mm of a registration over TLS without AKA
 * @kmm: to fill; wiped on error
 * @exported: 32 octets of the connection's exporter (RFC 5705), label
 *   "EXPERIMENTAL-ims-e2ae-media", context @impi
 * @impi: private identity
 * @fqdn: the P-CSCF's name as it tells the UE
 *
 * Return: as e2ae_kdf_from_aka().
 */
int e2ae_kdf_from_tls(struct e2ae_kmm *kmm, const uint8_t exported[32],
		      const char *impi, const char *fqdn)
{
	return derive_kmm(kmm, exported, (struct e2ae_octets){ NULL, 0 }, impi,
			  fqdn);
}

/* @client: who is the TLS client; 0 for keys that have none. */
static int derive_line(const struct e2ae_kmm *kmm,
		       const struct e2ae_kdf_line *line, const char *label,
		       uint8_t client, uint8_t out[E2AE_KDF_LEN])
{
	const uint8_t index[2] = { (uint8_t)(line->index >> 8),
				   (uint8_t)line->index };
	const uint8_t role = (uint8_t)line->role;
	const struct e2ae_octets params[] = {
		text(label),  text(line->call_id), text(line->from_tag),
		{ index, 2 }, { &role, 1 },	   { &client, 1 },
	};

	if (!*line->call_id ||
	    (role != E2AE_KDF_UE_CALLS && role != E2AE_KDF_UE_CALLED)) {
		OPENSSL_cleanse(out, E2AE_KDF_LEN);
		return -EINVAL;
	}
	return e2ae_kdf((struct e2ae_octets){ kmm->octets, E2AE_KDF_LEN },
			params, client ? 6 : 5, out);
}

/**
 * e2ae_kdf_line_key() - pre-shared key of an m-line
 * @kmm: K_mm of the registration the call runs on
 * @line: which m-line
 * @use: what for
 * @out: the key; wiped on error
 *
 * Return: 0, -EINVAL for a line or use that cannot be, or an error of
 * e2ae_kdf().
 */
int e2ae_kdf_line_key(const struct e2ae_kmm *kmm,
		      const struct e2ae_kdf_line *line, enum e2ae_kdf_use use,
		      uint8_t out[E2AE_KDF_LEN])
{
	static const struct {
		const char *label;
		uint8_t client;
	} uses[] = {
		[E2AE_KDF_MIKEY] = { "ims-e2ae-mikey-psk", 0 },
		[E2AE_KDF_TLS13_UE] = { "ims-e2ae-msrp-tls13-psk", 1 },
		[E2AE_KDF_TLS13_MSF] = { "ims-e2ae-msrp-tls13-psk", 2 },
		[E2AE_KDF_TLS12_UE] = { "ims-e2ae-msrp-tls12-psk", 1 },
		[E2AE_KDF_TLS12_MSF] = { "ims-e2ae-msrp-tls12-psk", 2 },
	};

	if ((unsigned int)use >= ARRAY_SIZE(uses)) {
		OPENSSL_cleanse(out, E2AE_KDF_LEN);
		return -EINVAL;
	}
	return derive_line(kmm, line, uses[use].label, uses[use].client, out);
}

/**
 * e2ae_kdf_key_id() - public name of an m-line's keys
 * @kmm: K_mm of the registration the call runs on
 * @line: which m-line
 * @out: base64url of 12 octets, and a 0
 *
 * Tells both ends which generation of K_mm was used.
 *
 * Return: as e2ae_kdf_line_key(); on error @out is the empty string.
 */
int e2ae_kdf_key_id(const struct e2ae_kmm *kmm,
		    const struct e2ae_kdf_line *line,
		    char out[E2AE_KDF_ID_ROOM])
{
	uint8_t octets[E2AE_KDF_LEN];
	int err;

	out[0] = 0;
	err = derive_line(kmm, line, LABEL_KEY_ID, 0, octets);
	if (!err)
		e2ae_b64url_encode(octets, KEY_ID_OCTETS, out,
				   E2AE_KDF_ID_ROOM);
	OPENSSL_cleanse(octets, sizeof(octets));
	return err;
}
