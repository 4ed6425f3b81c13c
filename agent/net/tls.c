// SPDX-License-Identifier: GPL-2.0
/* TLS of connections: handshake, octets, exporter. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <openssl/err.h>

#include "state.h"

/* Why a call of OpenSSL gave no octets. */
static int result(struct net_conn *conn, int given)
{
	int err = errno;

	switch (SSL_get_error(conn->ssl, given)) {
	case SSL_ERROR_WANT_WRITE:
		conn->read_wants_write = true;
		return -EAGAIN;
	case SSL_ERROR_WANT_READ:
		return -EAGAIN;
	case SSL_ERROR_SYSCALL:
		return err ? -err : -ECONNRESET;
	case SSL_ERROR_ZERO_RETURN:
		return -ECONNRESET;
	default:
		return -EPROTO;
	}
}

/* The error queue is of the thread, and whoever asks it must find his own. */
static void prepare(struct net_conn *conn)
{
	conn->read_wants_write = false;
	ERR_clear_error();
	errno = 0;
}

/* What the ClientHello and the check of the peer need to know. */
static int set_name(SSL *ssl, const char *name)
{
	struct net_addr addr;
	struct sdp_text text = { name, strlen(name) };

	/* An address is no name to be indicated (RFC 6066, 3). */
	if (!net_addr_set(&addr, text, 0))
		return 0;
	return SSL_set_tlsext_host_name(ssl, name) == 1 ? 0 : -EINVAL;
}

/**
 * net_tls_begin() - put TLS on a connection
 * @conn: a new connection, accepted or with its name
 * @home: its side
 *
 * Return: 0, -ENOKEY if the side has no TLS, -EINVAL for a name that cannot be
 * one, or -ENOMEM.
 */
int net_tls_begin(struct net_conn *conn, const struct net_home *home)
{
	SSL_CTX *ctx = conn->accepted ? home->server : home->client;

	if (!ctx)
		return -ENOKEY;
	ERR_clear_error();
	conn->ssl = SSL_new(ctx);
	if (!conn->ssl || SSL_set_fd(conn->ssl, conn->fd) != 1)
		return -ENOMEM;
	if (conn->accepted) {
		SSL_set_accept_state(conn->ssl);
		return 0;
	}
	SSL_set_connect_state(conn->ssl);
	return conn->name ? set_name(conn->ssl, conn->name) : 0;
}

/**
 * net_tls_handshake() - go on with the handshake
 * @conn: a connection in NET_HANDSHAKE
 *
 * Return: 0 when it is done; -EAGAIN, the events wanted are set; -EACCES if the
 * certificate is not that of @conn->name; or another error.
 */
int net_tls_handshake(struct net_conn *conn)
{
	int n, err;

	prepare(conn);
	n = SSL_do_handshake(conn->ssl);
	if (n == 1)
		return conn->name && !net_tls_is(conn, conn->name) ? -EACCES :
								     0;
	err = result(conn, n);
	if (err == -EAGAIN)
		net_conn_want_write(conn, conn->read_wants_write);
	return err;
}

/**
 * net_tls_read() - read octets
 * @conn: a connection in NET_OPEN
 * @data: room for them
 * @len: of the room
 *
 * Return: octets, 0 at the end, -EAGAIN or another error.
 */
ssize_t net_tls_read(struct net_conn *conn, void *data, size_t len)
{
	int n;

	prepare(conn);
	n = SSL_read(conn->ssl, data, len < INT_MAX ? (int)len : INT_MAX);
	if (n > 0)
		return n;
	if (SSL_get_error(conn->ssl, n) == SSL_ERROR_ZERO_RETURN)
		return 0;
	return result(conn, n);
}

/**
 * net_tls_write() - write octets
 * @conn: a connection in NET_OPEN or NET_LINGER
 * @data: octets; after -EAGAIN the next call has to begin with the same
 * @len: how many
 *
 * Return: octets, -EAGAIN or another error.
 */
ssize_t net_tls_write(struct net_conn *conn, const void *data, size_t len)
{
	bool read_wants_write = conn->read_wants_write;
	ssize_t n;

	prepare(conn);
	n = SSL_write(conn->ssl, data, len < INT_MAX ? (int)len : INT_MAX);
	if (n <= 0)
		n = result(conn, (int)n);
	conn->read_wants_write = read_wants_write;
	return n;
}

/**
 * net_tls_more() - are there octets of which the socket does not tell?
 * @conn: a connection with TLS
 *
 * Return: whether there are.
 */
bool net_tls_more(const struct net_conn *conn)
{
	return SSL_pending(conn->ssl) > 0;
}

/**
 * net_flow_export() - keying material of a TLS connection (RFC 5705)
 * @flow: the flow
 * @label: what it is for
 * @context: octets, or NULL for none, which is not the same as 0 octets (TLS 1.2)
 * @context_len: how many
 * @out: set to it, or wiped on failure
 * @len: octets wanted
 *
 * Return: 0; -EOPNOTSUPP if it is not TLS; -ENOTCONN if it is dead or the
 * handshake is not done; -EPROTO if it is TLS 1.2 without extended master
 * secret, so that another connection may have the same (RFC 7627, 5.4).
 */
int net_flow_export(const struct net_flow *flow, const char *label,
		    const void *context, size_t context_len, uint8_t *out,
		    size_t len)
{
	struct net_conn *conn;
	int err = 0;

	if (flow->kind != NET_TLS)
		return -EOPNOTSUPP;
	conn = net_conn_of(flow);
	if (!flow->alive || conn->phase != NET_OPEN)
		return -ENOTCONN;
	if (SSL_version(conn->ssl) < TLS1_3_VERSION &&
	    SSL_get_extms_support(conn->ssl) != 1)
		return -EPROTO;
	ERR_clear_error();
	if (SSL_export_keying_material(conn->ssl, out, len, label,
				       strlen(label), context, context_len,
				       !!context) != 1) {
		OPENSSL_cleanse(out, len);
		err = -EPROTO;
	}
	return err;
}
