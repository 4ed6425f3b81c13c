// SPDX-License-Identifier: GPL-2.0
/* TLS with pre-shared keys for UEs. */
#include <stdio.h>
#include <string.h>

#include "load.h"

#define KEY_LEN 32

static SSL_CTX *contexts[2];

/* As the test has told the relay: SHA-256 of "<identity> <use>". */
static unsigned int key_of(const char *identity, bool server, int version,
			   unsigned char *key)
{
	unsigned int len = 0;
	char text[96];

	snprintf(text, sizeof(text), "%s tls%s_%s", identity,
		 version == TLS1_3_VERSION ? "13" : "12",
		 server ? "msf" : "ue");
	EVP_Digest(text, strlen(text), key, &len, EVP_sha256(), NULL);
	return len;
}

static void identity_of(const SSL *ssl, char identity[IDENTITY_ROOM])
{
	snprintf(identity, IDENTITY_ROOM, "s%07u@load.example",
		 (unsigned int)(uintptr_t)SSL_get_app_data(ssl));
}

static unsigned int as_client(SSL *ssl, const char *hint, char *identity,
			      unsigned int room, unsigned char *psk,
			      unsigned int psk_room)
{
	(void)hint;
	if (room < IDENTITY_ROOM || psk_room < KEY_LEN)
		return 0;
	identity_of(ssl, identity);
	return key_of(identity, false, options.tls, psk);
}

static unsigned int as_server(SSL *ssl, const char *identity,
			      unsigned char *psk, unsigned int room)
{
	char own[IDENTITY_ROOM];

	identity_of(ssl, own);
	if (strcmp(own, identity) || room < KEY_LEN)
		return 0;
	return key_of(identity, true, options.tls, psk);
}

/* tls_prepare() - one version, AES-128-GCM, no tickets: 0 or -1 */
int tls_prepare(void)
{
	const SSL_METHOD *methods[] = { TLS_client_method(),
					TLS_server_method() };
	SSL_CTX *ctx;
	int i;

	for (i = 0; i < 2; i++) {
		ctx = SSL_CTX_new(methods[i]);
		if (!ctx ||
		    SSL_CTX_set_min_proto_version(ctx, options.tls) != 1 ||
		    SSL_CTX_set_max_proto_version(ctx, options.tls) != 1 ||
		    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256") !=
			    1 ||
		    SSL_CTX_set_cipher_list(ctx, "PSK-AES128-GCM-SHA256") !=
			    1 ||
		    SSL_CTX_set_num_tickets(ctx, 0) != 1)
			return -1;
		SSL_CTX_set_mode(ctx,
				 SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_RELEASE_BUFFERS |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_psk_client_callback(ctx, as_client);
		SSL_CTX_set_psk_server_callback(ctx, as_server);
		contexts[i] = ctx;
	}
	return 0;
}

/* tls_new() - TLS on a peer's socket, before the handshake; NULL without memory */
SSL *tls_new(struct peer *peer, unsigned int number, bool server)
{
	SSL *ssl = SSL_new(contexts[server]);

	if (!ssl || SSL_set_fd(ssl, peer->fd) != 1)
		return NULL;
	SSL_set_app_data(ssl, (void *)(uintptr_t)number);
	if (server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}
