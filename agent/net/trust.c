// SPDX-License-Identifier: GPL-2.0
/* Certificates: ours, whom we trust, and whose a peer's is (RFC 5922). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "../sip/lex.h"
#include "context.h"
#include "state.h"

#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!aPSK"

static bool given(const char *file)
{
	return file && *file;
}

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "unknown error";
}

static int show(SSL_CTX *ctx, const struct net_side *side, char *why,
		size_t room)
{
	if (!given(side->certificate) || !given(side->private_key))
		return 0;
	if (SSL_CTX_use_certificate_chain_file(ctx, side->certificate) != 1) {
		snprintf(why, room, "cannot use certificate %s: %s",
			 side->certificate, reason());
		return -EINVAL;
	}
	if (SSL_CTX_use_PrivateKey_file(ctx, side->private_key,
					SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1) {
		snprintf(why, room, "cannot use private key %s: %s",
			 side->private_key, reason());
		return -EINVAL;
	}
	return 0;
}

static int trust(SSL_CTX *ctx, const struct net_side *side, char *why,
		 size_t room)
{
	int good = given(side->ca) ? SSL_CTX_load_verify_file(ctx, side->ca) :
				     SSL_CTX_set_default_verify_paths(ctx);

	if (good == 1)
		return 0;
	snprintf(why, room, "cannot use CA %s: %s",
		 given(side->ca) ? side->ca : "files of the system", reason());
	return -EINVAL;
}

/* Connections to us: in the core both ends show who they are. */
static int make_server(struct net_home *home, const struct net_side *side,
		       char *why, size_t room)
{
	STACK_OF(X509_NAME) * names;
	int err;

	if (!given(side->certificate) || !given(side->private_key))
		return 0;
	home->server = net_tls_context(TLS_server_method(), CIPHERS_1_2);
	if (!home->server)
		return -ENOMEM;
	err = show(home->server, side, why, room);
	if (err || side->side != NET_CORE || !given(side->ca))
		return err;
	err = trust(home->server, side, why, room);
	if (err)
		return err;
	names = SSL_load_client_CA_file(side->ca);
	if (names)
		SSL_CTX_set_client_CA_list(home->server, names);
	SSL_CTX_set_verify(home->server,
			   SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			   NULL);
	return 0;
}

/**
 * net_tls_home() - prepare TLS for a side
 * @home: the side; net_tls_home_free() also after a failure
 * @side: files
 * @why: says what failed
 * @room: octets of @why
 *
 * Without certificate there is no TLS server. There is always a client.
 *
 * Return: 0, -EINVAL for files that cannot be used, or -ENOMEM.
 */
int net_tls_home(struct net_home *home, const struct net_side *side, char *why,
		 size_t room)
{
	int err;

	ERR_clear_error();
	err = make_server(home, side, why, room);
	if (err)
		return err;
	home->client = net_tls_context(TLS_client_method(), CIPHERS_1_2);
	if (!home->client)
		return -ENOMEM;
	SSL_CTX_set_verify(home->client, SSL_VERIFY_PEER, NULL);
	return show(home->client, side, why, room) ?:
		       trust(home->client, side, why, room);
}

/**
 * net_renew_tls() - take certificates, keys and CAs of sides as they are now
 * @net: the net
 * @sides: the sides, with their files
 * @n: how many, at most NET_SIDES_MAX
 * @why: says what failed
 * @room: octets of @why
 *
 * They count from the next handshake on. Of connections that are there nothing
 * changes. All are taken, or none.
 *
 * Return: 0; -EINVAL for files that cannot be used; or -ENOMEM.
 */
int net_renew_tls(struct net *net, const struct net_side *sides, size_t n,
		  char *why, size_t room)
{
	struct net_home fresh[NET_SIDES_MAX] = { 0 }, old, *home;
	size_t i;
	int err = n > NET_SIDES_MAX ? -EINVAL : 0;

	snprintf(why, room, "out of memory");
	for (i = 0; !err && i < n; i++)
		err = net_tls_home(&fresh[i], &sides[i], why, room);
	for (i = 0; i < n && i < NET_SIDES_MAX; i++) {
		home = err ? NULL : net_home_find(net, sides[i].side);
		if (home) {
			old = *home;
			home->server = fresh[i].server;
			home->client = fresh[i].client;
			fresh[i] = old;
		}
		net_tls_home_free(&fresh[i]);
	}
	return err;
}

/**
 * net_tls_home_free() - forget keys and certificates of a side
 * @home: the side
 */
void net_tls_home_free(struct net_home *home)
{
	SSL_CTX_free(home->server);
	SSL_CTX_free(home->client);
	home->server = NULL;
	home->client = NULL;
}

/* "sip:HOST" with nothing else in it is the identity of a domain (7.1). */
static bool uri_is(const ASN1_IA5STRING *uri, struct sdp_text name, bool *sip)
{
	struct sdp_text text = { (const char *)ASN1_STRING_get0_data(uri),
				 (size_t)ASN1_STRING_length(uri) };

	if (text.len < 4 || strncasecmp(text.at, "sip:", 4))
		return false;
	*sip = true;
	text.at += 4;
	text.len -= 4;
	return sip_alike(text, name);
}

/* With SIP URIs in the certificate only those count, else its DNS names. */
static bool cert_is(X509 *cert, const char *name)
{
	GENERAL_NAMES *all =
		X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	struct sdp_text want = { name, strlen(name) };
	bool sip = false, same = false;
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(all) && !same; i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);

		if (one->type == GEN_URI)
			same = uri_is(one->d.uniformResourceIdentifier, want,
				      &sip);
	}
	GENERAL_NAMES_free(all);
	if (sip)
		return same;
	return X509_check_host(cert, name, 0, X509_CHECK_FLAG_NO_WILDCARDS,
			       NULL) == 1;
}

/**
 * net_tls_is() - has the peer shown that it is this one?
 * @conn: a connection with TLS, its handshake done
 * @name: domain, or an address without brackets
 *
 * Return: whether its certificate is verified and says so.
 */
bool net_tls_is(const struct net_conn *conn, const char *name)
{
	X509 *cert = SSL_get0_peer_certificate(conn->ssl);
	struct sdp_text text = { name, strlen(name) };
	struct net_addr addr;

	if (!cert || !(SSL_get_verify_mode(conn->ssl) & SSL_VERIFY_PEER) ||
	    SSL_get_verify_result(conn->ssl) != X509_V_OK)
		return false;
	if (net_addr_set(&addr, text, 0))
		return cert_is(cert, name);
	if (addr.sa.sa_family == AF_INET)
		return X509_check_ip(cert, (const void *)&addr.in4.sin_addr, 4,
				     0) == 1;
	return X509_check_ip(cert, (const void *)&addr.in6.sin6_addr, 16, 0) ==
	       1;
}
