// SPDX-License-Identifier: GPL-2.0
/* TLS with pre-shared keys: what is agreed to, and which key is whose. */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "../net/context.h"
#include "inner.h"

/*
 * All with SHA-256, for a PSK is for one hash (RFC 9257, 4). OpenSSL 3.0 has no
 * ECDHE-PSK with AES-GCM.
 */
#define SUITES_1_3 "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define SUITES_1_2                                               \
	"ECDHE-PSK-CHACHA20-POLY1305:DHE-PSK-AES128-GCM-SHA256:" \
	"PSK-AES128-GCM-SHA256"
#define GROUPS	 "X25519:P-256"
#define DH_GROUP "ffdhe3072" /* as strong as AES-128 (RFC 7919, A.2) */

static const uint8_t aes_128_gcm_sha256[] = { 0x13, 0x01 };

/* Is it identity @i of the session? The whole room is compared, always. */
static bool is(const struct msrp_session *session, unsigned int i,
	       const uint8_t *identity, size_t len)
{
	uint8_t shown[MSRP_IDENTITY_ROOM] = { 0 };
	bool fits = len && len < sizeof(shown) && !memchr(identity, 0, len);
	bool same;

	memcpy(shown, identity, fits ? len : 0);
	same = !CRYPTO_memcmp(shown, session->keys[i].identity, sizeof(shown));
	return same & fits & (i < session->n_keys) & !session->spent;
}

/*
 * Writes the key of an identity, or random octets: with these the handshake
 * fails as with a wrong key, at the same place and after the same work.
 */
static int choose(struct msrp_hand *hand, const uint8_t *identity, size_t len,
		  int version, uint8_t out[MSRP_PSK_LEN])
{
	const struct msrp_session *session = hand->session;
	const uint8_t *key;
	unsigned int i, j;
	uint8_t mask;

	if (RAND_priv_bytes(out, MSRP_PSK_LEN) != 1)
		return -EIO;
	hand->known = false;
	for (i = 0; i < MSRP_KEYS_MAX; i++) {
		key = version == TLS1_3_VERSION ? session->keys[i].tls13_ue :
						  session->keys[i].tls12_ue;
		mask = (uint8_t)-is(session, i, identity, len);
		hand->known |= mask & 1;
		for (j = 0; j < MSRP_PSK_LEN; j++)
			out[j] = (uint8_t)((out[j] & ~mask) | (key[j] & mask));
	}
	return 0;
}

static SSL_SESSION *external(SSL *ssl, const uint8_t key[MSRP_PSK_LEN])
{
	const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
	SSL_SESSION *session = SSL_SESSION_new();

	if (session && cipher &&
	    SSL_SESSION_set1_master_key(session, key, MSRP_PSK_LEN) == 1 &&
	    SSL_SESSION_set_cipher(session, cipher) == 1 &&
	    SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1)
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

/*
 * Of several identities that are offered, ours is taken, wherever it stands; if
 * none is, the first one, with a random key.
 */
static int offered_1_3(SSL *ssl, const unsigned char *identity, size_t len,
		       SSL_SESSION **session)
{
	struct msrp_hand *hand = SSL_get_app_data(ssl);
	uint8_t key[MSRP_PSK_LEN];
	int good = 0;

	*session = NULL;
	if (!choose(hand, identity, len, TLS1_3_VERSION, key)) {
		good = hand->ours && !hand->known;
		if (!good)
			*session = external(ssl, key);
		good = good || *session;
	}
	OPENSSL_cleanse(key, sizeof(key));
	return good;
}

static unsigned int offered_1_2(SSL *ssl, const char *identity,
				unsigned char *psk, unsigned int room)
{
	struct msrp_hand *hand = SSL_get_app_data(ssl);

	/* OpenSSL asks here too for what offered_1_3() has passed over. */
	if (SSL_version(ssl) != TLS1_2_VERSION || room < MSRP_PSK_LEN ||
	    choose(hand, (const uint8_t *)identity, strlen(identity),
		   TLS1_2_VERSION, psk))
		return 0;
	return MSRP_PSK_LEN;
}

static size_t number(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

/* PskIdentity identities<7..2^16-1> (RFC 8446, 4.2.11) */
static bool has_ours(const struct msrp_session *session, const uint8_t *list,
		     size_t len)
{
	bool found = false;
	unsigned int i;
	size_t one;

	while (len > 2) {
		one = number(list);
		if (one + 6 > len)
			break;
		for (i = 0; i < MSRP_KEYS_MAX; i++)
			found |= is(session, i, list + 2, one);
		list += one + 6;
		len -= one + 6;
	}
	return found;
}

static int hello(SSL *ssl, int *alert, void *arg)
{
	struct msrp_hand *hand = SSL_get_app_data(ssl);
	const unsigned char *psk;
	size_t len, list;

	(void)alert;
	(void)arg;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &psk, &len) != 1 ||
	    len < 2)
		return SSL_CLIENT_HELLO_SUCCESS;
	list = number(psk);
	if (list > len - 2)
		list = len - 2;
	hand->ours = has_ours(hand->session, psk + 2, list);
	return SSL_CLIENT_HELLO_SUCCESS;
}

static int shown_1_3(SSL *ssl, const EVP_MD *md, const unsigned char **identity,
		     size_t *len, SSL_SESSION **session)
{
	struct msrp_hand *hand = SSL_get_app_data(ssl);
	const struct msrp_key *key = hand->session->keys;

	*session = NULL;
	/* After HelloRetryRequest the hash is given; there is one only. */
	if (md && !EVP_MD_is_a(md, "SHA256"))
		return 1;
	*session = external(ssl, key->tls13_msf);
	*identity = (const unsigned char *)key->identity;
	*len = strlen(key->identity);
	return !!*session;
}

static unsigned int shown_1_2(SSL *ssl, const char *hint, char *identity,
			      unsigned int identity_room, unsigned char *psk,
			      unsigned int room)
{
	struct msrp_hand *hand = SSL_get_app_data(ssl);
	const struct msrp_key *key = hand->session->keys;
	size_t len = strlen(key->identity);

	(void)hint;
	if (SSL_version(ssl) != TLS1_2_VERSION || len >= identity_room ||
	    room < MSRP_PSK_LEN)
		return 0;
	memcpy(identity, key->identity, len + 1);
	memcpy(psk, key->tls12_msf, MSRP_PSK_LEN);
	return MSRP_PSK_LEN;
}

/* Nothing leaves the process: the kernel's keys are made from these secrets. */
static void keylog(const SSL *ssl, const char *line)
{
	struct msrp_hand *hand = SSL_get_app_data(ssl);

	if (hand && hand->secret)
		ktls_keylog(hand->secret, line);
}

/* Without SSL_OP_ALLOW_NO_DHE_KEX there is no psk_ke (RFC 8446, 4.2.9). */
static SSL_CTX *make(const SSL_METHOD *method)
{
	SSL_CTX *ctx = net_tls_context(method, SUITES_1_2);

	if (!ctx)
		return NULL;
	SSL_CTX_set_keylog_callback(ctx, keylog);
	if (SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	    SSL_CTX_set_ciphersuites(ctx, SUITES_1_3) == 1 &&
	    SSL_CTX_set1_groups_list(ctx, GROUPS) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static int set_dh(SSL_CTX *ctx)
{
	EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *group = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string("group", DH_GROUP, sizeof(DH_GROUP) - 1),
		OSSL_PARAM_END,
	};
	int err = -EIO;

	if (gen && EVP_PKEY_paramgen_init(gen) == 1 &&
	    EVP_PKEY_CTX_set_params(gen, params) == 1 &&
	    EVP_PKEY_generate(gen, &group) == 1 &&
	    SSL_CTX_set0_tmp_dh_pkey(ctx, group) == 1)
		err = 0;
	else
		EVP_PKEY_free(group);
	EVP_PKEY_CTX_free(gen);
	return err;
}

/**
 * msrp_psk_contexts() - prepare TLS in both roles
 * @msrp: its contexts are set; msrp_close() frees them also after a failure
 *
 * Return: 0, -ENOMEM, or -EIO if the library lacks what we need.
 */
int msrp_psk_contexts(struct msrp *msrp)
{
	ERR_clear_error();
	msrp->server = make(TLS_server_method());
	msrp->client = make(TLS_client_method());
	if (!msrp->server || !msrp->client)
		return -ENOMEM;
	SSL_CTX_set_client_hello_cb(msrp->server, hello, NULL);
	SSL_CTX_set_psk_find_session_callback(msrp->server, offered_1_3);
	SSL_CTX_set_psk_server_callback(msrp->server, offered_1_2);
	SSL_CTX_set_psk_use_session_callback(msrp->client, shown_1_3);
	SSL_CTX_set_psk_client_callback(msrp->client, shown_1_2);
	/* Nobody's certificate is good: there are no CAs. */
	SSL_CTX_set_verify(msrp->client, SSL_VERIFY_PEER, NULL);
	return set_dh(msrp->server);
}
