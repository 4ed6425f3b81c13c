// SPDX-License-Identifier: GPL-2.0
/* HKDF-Expand-Label of TLS 1.3 and the key block of TLS 1.2. */
#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "derive.h"

#define MASTER_LEN 48
#define RANDOM_LEN 32

static int derive(const char *name, const OSSL_PARAM *params, uint8_t *out,
		  size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	int err = -EKEYREJECTED;

	if (ctx && EVP_KDF_derive(ctx, out, len, params) == 1)
		err = 0;
	else
		OPENSSL_cleanse(out, len);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return err;
}

/**
 * derive_expand() - HKDF-Expand-Label with an empty context (RFC 8446, 7.1)
 * @secret: secret
 * @label: without "tls13 "
 * @out: set to it, wiped on failure
 * @len: octets wanted
 *
 * Return: 0, or -EKEYREJECTED if the library failed.
 */
int derive_expand(const uint8_t secret[DERIVE_SECRET_LEN], const char *label,
		  uint8_t *out, size_t len)
{
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 6),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret,
					DERIVE_SECRET_LEN),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PREFIX, "tls13 ", 6),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_LABEL, (void *)label,
					strlen(label)),
		OSSL_PARAM_END,
	};

	return derive("TLS13-KDF", params, out, len);
}

/**
 * derive_block() - the key block (RFC 5246, 6.3)
 * @ssl: connection with TLS 1.2 and SHA-256, its handshake done
 * @out: set to it, wiped on failure
 * @len: octets wanted
 *
 * Return: 0, or -EKEYREJECTED if the library failed.
 */
int derive_block(const SSL *ssl, uint8_t *out, size_t len)
{
	static const char label[] = "key expansion";
	uint8_t seed[sizeof(label) - 1 + 2 * RANDOM_LEN], master[MASTER_LEN];
	uint8_t *random = seed + sizeof(label) - 1;
	int err = -EKEYREJECTED;
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 6),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SECRET, master,
					sizeof(master)),
		OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SEED, seed,
					sizeof(seed)),
		OSSL_PARAM_END,
	};

	memcpy(seed, label, sizeof(label) - 1);
	if (SSL_get_server_random(ssl, random, RANDOM_LEN) == RANDOM_LEN &&
	    SSL_get_client_random(ssl, random + RANDOM_LEN, RANDOM_LEN) ==
		    RANDOM_LEN &&
	    SSL_SESSION_get_master_key(SSL_get_session(ssl), master,
				       sizeof(master)) == sizeof(master))
		err = derive("TLS1-PRF", params, out, len);
	OPENSSL_cleanse(master, sizeof(master));
	return err;
}
