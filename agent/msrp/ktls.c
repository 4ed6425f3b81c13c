// SPDX-License-Identifier: GPL-2.0
/* Keys of TLS's records, from the handshake into the socket. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <openssl/crypto.h>

#include "derive.h"
#include "ktls.h"

#define SEQUENCE_LEN 8

/**
 * struct record_key - what one direction's records are made with
 * @version: TLS1_2_VERSION or TLS1_3_VERSION
 * @aead: cipher
 * @key: key; 16 octets of it with AES
 * @iv: static IV; with AES and TLS 1.2 only 4 octets are secret (RFC 5288, 3)
 * @sequence: number of the next record
 */
struct record_key {
	int version;
	enum ktls_aead aead;
	uint8_t key[DERIVE_KEY_MAX];
	uint8_t iv[DERIVE_IV_LEN];
	uint8_t sequence[SEQUENCE_LEN];
};

static size_t key_len(enum ktls_aead aead)
{
	return aead == KTLS_AES_128_GCM ? 16 : 32;
}

/* Its explicit nonces have to differ from each other, so they count (3). */
static int give_gcm(int fd, int way, const struct record_key *key)
{
	struct tls12_crypto_info_aes_gcm_128 info = {
		.info = { (uint16_t)key->version, TLS_CIPHER_AES_GCM_128 },
	};
	bool old = key->version == TLS1_2_VERSION;
	int err;

	memcpy(info.key, key->key, sizeof(info.key));
	memcpy(info.salt, key->iv, sizeof(info.salt));
	memcpy(info.iv, old ? key->sequence : key->iv + sizeof(info.salt),
	       sizeof(info.iv));
	memcpy(info.rec_seq, key->sequence, sizeof(info.rec_seq));
	err = setsockopt(fd, SOL_TLS, way, &info, sizeof(info)) ? -errno : 0;
	OPENSSL_cleanse(&info, sizeof(info));
	return err;
}

static int give_chacha(int fd, int way, const struct record_key *key)
{
	struct tls12_crypto_info_chacha20_poly1305 info = {
		.info = { (uint16_t)key->version,
			  TLS_CIPHER_CHACHA20_POLY1305 },
	};
	int err;

	memcpy(info.key, key->key, sizeof(info.key));
	memcpy(info.iv, key->iv, sizeof(info.iv));
	memcpy(info.rec_seq, key->sequence, sizeof(info.rec_seq));
	err = setsockopt(fd, SOL_TLS, way, &info, sizeof(info)) ? -errno : 0;
	OPENSSL_cleanse(&info, sizeof(info));
	return err;
}

static int give(int fd, bool send, const struct record_key *key)
{
	int way = send ? TLS_TX : TLS_RX;

	return key->aead == KTLS_AES_128_GCM ? give_gcm(fd, way, key) :
					       give_chacha(fd, way, key);
}

static int give_both(int fd, const struct record_key *in,
		     const struct record_key *out)
{
	return give(fd, false, in) ?: give(fd, true, out);
}

/**
 * ktls_begin() - prepare a socket for keys
 * @fd: socket; until it has keys it works as before
 *
 * Return: 0, or what the system says: -ENOTCONN if the peer has sent its last
 * octet already, which TLS in this process can read.
 */
int ktls_begin(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) ?
		       -errno :
		       0;
}

/* Two ends of a connection, for a trial. */
static int pair(int fd[2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = -1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fd[1] = -1;
	if (door >= 0 && fd[0] >= 0 &&
	    !bind(door, (struct sockaddr *)&addr, sizeof(addr)) &&
	    !listen(door, 1) &&
	    !getsockname(door, (struct sockaddr *)&addr, &len) &&
	    !connect(fd[0], (struct sockaddr *)&addr, sizeof(addr)))
		fd[1] = accept4(door, NULL, NULL, SOCK_CLOEXEC);
	if (fd[1] >= 0)
		err = 0;
	if (door >= 0)
		close(door);
	return err;
}

static bool try(int version, enum ktls_aead aead)
{
	struct record_key key = { .version = version, .aead = aead };
	int fd[2];
	bool good;

	good = !pair(fd) && !ktls_begin(fd[0]) && !give_both(fd[0], &key, &key);
	if (fd[0] >= 0)
		close(fd[0]);
	if (fd[1] >= 0)
		close(fd[1]);
	return good;
}

/**
 * ktls_probe() - find out what the kernel can
 * @can: set to it
 *
 * It is tried on a connection of our own, because versions of the kernel do not
 * tell what a distribution built into it.
 */
void ktls_probe(struct ktls_abilities *can)
{
	enum ktls_aead aead;

	for (aead = 0; aead < KTLS_AEADS; aead++) {
		can->tls12[aead] = try(TLS1_2_VERSION, aead);
		can->tls13[aead] = try(TLS1_3_VERSION, aead);
	}
}

static enum ktls_aead aead_of(const SSL *ssl)
{
	switch (SSL_CIPHER_get_cipher_nid(SSL_get_current_cipher(ssl))) {
	case NID_aes_128_gcm:
		return KTLS_AES_128_GCM;
	case NID_chacha20_poly1305:
		return KTLS_CHACHA20_POLY1305;
	default:
		return KTLS_AEADS;
	}
}

/**
 * ktls_can() - can the kernel do the records of a connection?
 * @can: what it can
 * @ssl: the connection, its handshake done
 *
 * Octets that OpenSSL has read already would be lost to the kernel, and records
 * that it has read would be missing in its count; it reads no further than it
 * needs, so this is no loss in practice.
 *
 * Return: whether it can.
 */
bool ktls_can(const struct ktls_abilities *can, const SSL *ssl)
{
	enum ktls_aead aead = aead_of(ssl);

	if (aead == KTLS_AEADS || SSL_has_pending(ssl) ||
	    SSL_want(ssl) != SSL_NOTHING)
		return false;
	return SSL_version(ssl) == TLS1_3_VERSION ? can->tls13[aead] :
						    can->tls12[aead];
}

/* Of the direction that the client sends in, or of the other one. */
static int keys_1_3(const struct ktls_secret *secret, bool client,
		    struct record_key *key)
{
	const uint8_t *from = client ? secret->client : secret->server;

	*key = (struct record_key){ .version = TLS1_3_VERSION,
				    .aead = secret->aead };
	return derive_expand(from, "key", key->key, key_len(key->aead)) ?:
		       derive_expand(from, "iv", key->iv, sizeof(key->iv));
}

/* Finished was record 0 of either direction (RFC 5246, 6.1). */
static int keys_1_2(const SSL *ssl, struct record_key *client,
		    struct record_key *server)
{
	enum ktls_aead aead = aead_of(ssl);
	size_t key = key_len(aead), iv = aead == KTLS_AES_128_GCM ? 4 : 12;
	uint8_t block[2 * (DERIVE_KEY_MAX + DERIVE_IV_LEN)];
	int err = derive_block(ssl, block, 2 * (key + iv));

	*client =
		(struct record_key){ .version = TLS1_2_VERSION, .aead = aead };
	client->sequence[SEQUENCE_LEN - 1] = 1;
	*server = *client;
	if (!err) {
		memcpy(client->key, block, key);
		memcpy(server->key, block + key, key);
		memcpy(client->iv, block + 2 * key, iv);
		memcpy(server->iv, block + 2 * key + iv, iv);
	}
	OPENSSL_cleanse(block, sizeof(block));
	return err;
}

/**
 * ktls_install() - let the kernel do the records from here on
 * @fd: socket, after ktls_begin()
 * @ssl: TLS, its handshake done, ktls_can(); of no use after it but to be freed
 * @server: we are the server
 * @secret: traffic secrets, if it is TLS 1.3; its cipher is set
 *
 * Return: 0; -EKEYREJECTED if keys cannot be derived; or what the system says:
 * the connection is of no use then.
 */
int ktls_install(int fd, const SSL *ssl, bool server,
		 struct ktls_secret *secret)
{
	struct record_key client, other;
	int err;

	if (SSL_version(ssl) == TLS1_3_VERSION) {
		secret->aead = aead_of(ssl);
		err = keys_1_3(secret, true, &client) ?:
			      keys_1_3(secret, false, &other);
	} else {
		err = keys_1_2(ssl, &client, &other);
	}
	if (!err)
		err = server ? give_both(fd, &client, &other) :
			       give_both(fd, &other, &client);
	OPENSSL_cleanse(&client, sizeof(client));
	OPENSSL_cleanse(&other, sizeof(other));
	return err;
}

/**
 * ktls_update() - the next keys of one direction (RFC 8446, 7.2)
 * @fd: socket
 * @secret: traffic secrets; that of the direction becomes the next one
 * @client: the direction in which the client sends
 * @send: the direction in which we do
 *
 * Return: 0; -EKEYREJECTED; or what the system says: -EBUSY if this kernel
 * cannot do it (before 6.14).
 */
int ktls_update(int fd, struct ktls_secret *secret, bool client, bool send)
{
	uint8_t *from = client ? secret->client : secret->server;
	uint8_t next[KTLS_SECRET_LEN];
	struct record_key key = { 0 };
	int err;

	err = derive_expand(from, "traffic upd", next, sizeof(next));
	if (!err) {
		memcpy(from, next, sizeof(next));
		err = keys_1_3(secret, client, &key);
	}
	if (!err)
		err = give(fd, send, &key);
	OPENSSL_cleanse(next, sizeof(next));
	OPENSSL_cleanse(&key, sizeof(key));
	return err;
}

/**
 * ktls_secret_new() - room for secrets
 *
 * Return: it, empty; NULL without memory.
 */
struct ktls_secret *ktls_secret_new(void)
{
	return OPENSSL_zalloc(sizeof(struct ktls_secret));
}

/**
 * ktls_secret_free() - wipe secrets
 * @secret: they, or NULL
 */
void ktls_secret_free(struct ktls_secret *secret)
{
	OPENSSL_clear_free(secret, sizeof(*secret));
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * ktls_send() - have a record that is no data sealed and sent
 * @fd: a socket with keys for what is sent
 * @type: of the record, KTLS_ALERT or KTLS_HANDSHAKE
 * @data: its content
 * @len: octets of it, few
 *
 * Return: 0; -EAGAIN if there is no room; another negative errno.
 */
int ktls_send(int fd, uint8_t type, void *data, size_t len)
{
	char control[CMSG_SPACE(1)] = { 0 };
	struct iovec vector = { data, len };
	struct msghdr msg = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
	ssize_t n;

	head->cmsg_level = SOL_TLS;
	head->cmsg_type = TLS_SET_RECORD_TYPE;
	head->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(head) = type;
	n = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/**
 * ktls_keylog() - take a traffic secret out of what OpenSSL tells
 * @secret: where to
 * @line: "CLIENT_TRAFFIC_SECRET_0 <random> <secret>"; others are left alone
 */
void ktls_keylog(struct ktls_secret *secret, const char *line)
{
	static const char client[] = "CLIENT_TRAFFIC_SECRET_0 ";
	static const char server[] = "SERVER_TRAFFIC_SECRET_0 ";
	const char *hex = strrchr(line, ' ');
	uint8_t *to = NULL;
	size_t i;
	int a, b;

	if (!strncmp(line, client, sizeof(client) - 1))
		to = secret->client;
	else if (!strncmp(line, server, sizeof(server) - 1))
		to = secret->server;
	if (!to || strlen(hex) != 1 + 2 * KTLS_SECRET_LEN)
		return;
	for (i = 0; i < KTLS_SECRET_LEN; i++) {
		a = digit(hex[1 + 2 * i]);
		b = digit(hex[2 + 2 * i]);
		to[i] = a < 0 || b < 0 ? 0 : (uint8_t)(16 * a + b);
	}
}
