/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TLS's records in the kernel (kTLS). OpenSSL does the handshake; after it the
 * keys of both directions go into the socket, and octets are read and written
 * there as with TCP.
 */
#ifndef E2AE_MSRP_KTLS_H
#define E2AE_MSRP_KTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define KTLS_SECRET_LEN 32 /* octets; all cipher suites have SHA-256 */

/* Types of records (RFC 8446, 5.1). */
#define KTLS_ALERT	21
#define KTLS_HANDSHAKE	22
#define KTLS_DATA	23

/**
 * enum ktls_aead - ciphers of records
 */
enum ktls_aead {
	KTLS_AES_128_GCM,
	KTLS_CHACHA20_POLY1305,
	KTLS_AEADS,
};

/**
 * struct ktls_abilities - what this kernel can, both directions
 * @tls12: of TLS 1.2, by cipher
 * @tls13: of TLS 1.3
 */
struct ktls_abilities {
	bool tls12[KTLS_AEADS];
	bool tls13[KTLS_AEADS];
};

/**
 * struct ktls_secret - traffic secrets of a connection with TLS 1.3
 * @aead: cipher
 * @client: client_application_traffic_secret_N (RFC 8446, 7.1)
 * @server: server_application_traffic_secret_N
 */
struct ktls_secret {
	enum ktls_aead aead;
	uint8_t client[KTLS_SECRET_LEN];
	uint8_t server[KTLS_SECRET_LEN];
};

void ktls_probe(struct ktls_abilities *can);
bool ktls_can(const struct ktls_abilities *can, const SSL *ssl);
int ktls_begin(int fd);
int ktls_install(int fd, const SSL *ssl, bool server,
		 struct ktls_secret *secret);
int ktls_update(int fd, struct ktls_secret *secret, bool client, bool send);
int ktls_send(int fd, uint8_t type, void *data, size_t len);
void ktls_keylog(struct ktls_secret *secret, const char *line);
struct ktls_secret *ktls_secret_new(void);
void ktls_secret_free(struct ktls_secret *secret);

#endif
