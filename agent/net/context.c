// SPDX-License-Identifier: GPL-2.0
/* What all our TLS has in common, of signalling and of MSRP. */
#include "context.h"

/* Renegotiation and resumption bring nothing here but ways in. */
#define OPTIONS                                                               \
	(SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | \
	 SSL_OP_CIPHER_SERVER_PREFERENCE)
#define MODES                                                       \
	(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS | \
	 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)

/**
 * net_tls_context() - begin a context: TLS 1.2 at least, nothing is resumed
 * @method: TLS_server_method() or TLS_client_method()
 * @ciphers: of TLS 1.2
 *
 * Return: the context, for SSL_CTX_free(); NULL without memory or ciphers.
 */
SSL_CTX *net_tls_context(const SSL_METHOD *method, const char *ciphers)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (!ctx)
		return NULL;
	SSL_CTX_set_options(ctx, OPTIONS);
	SSL_CTX_set_mode(ctx, MODES);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
	    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, ciphers) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}
