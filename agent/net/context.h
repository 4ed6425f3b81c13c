/* SPDX-License-Identifier: GPL-2.0 */
/* What all our TLS has in common, of signalling and of MSRP. */
#ifndef E2AE_NET_CONTEXT_H
#define E2AE_NET_CONTEXT_H

#include <openssl/ssl.h>

struct ssl_ctx_st *net_tls_context(const struct ssl_method_st *method,
				   const char *ciphers);

#endif
