// SPDX-License-Identifier: GPL-2.0
/* MAC, key data and session keys of the pre-shared key method. */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "mikey-psk.h"

#define KEY_TGK	     0 /* RFC 3830, 6.13 */
#define KEY_TGK_SALT 1
#define KV_NONE	     0
#define KV_SPI	     1

/**
 * e2ae_mikey_id() - make an identity
 * @id: to fill
 * @type: kind of identity
 * @text: the identity
 *
 * Return: 0, or -EMSGSIZE if it is empty or too long.
 */
int e2ae_mikey_id(struct e2ae_mikey_id *id, enum e2ae_mikey_id_type type,
		  const char *text)
{
	size_t len = strlen(text);

	memset(id, 0, sizeof(*id));
	if (!len || len > E2AE_MIKEY_MAX_ID)
		return -EMSGSIZE;
	id->type = (uint8_t)type;
	id->len = (uint8_t)len;
	memcpy(id->octets, text, len);
	return 0;
}

/**
 * e2ae_mikey_id_equal() - compare identities octet by octet
 * @a: one
 * @b: another one
 *
 * Return: whether they are the same.
 */
bool e2ae_mikey_id_equal(const struct e2ae_mikey_id *a,
			 const struct e2ae_mikey_id *b)
{
	return a->type == b->type && a->len == b->len &&
	       !memcmp(a->octets, b->octets, a->len);
}

/**
 * e2ae_mikey_csb_wipe() - leave nothing of a bundle
 * @csb: to wipe
 */
void e2ae_mikey_csb_wipe(struct e2ae_mikey_csb *csb)
{
	OPENSSL_cleanse(csb, sizeof(*csb));
}

/**
 * e2ae_mikey_keys_wipe() - leave nothing of a result
 * @keys: to wipe
 */
void e2ae_mikey_keys_wipe(struct e2ae_mikey_keys *keys)
{
	OPENSSL_cleanse(keys, sizeof(*keys));
}

/**
 * e2ae_mikey_csb_protect() - keys that protect the messages of a bundle
 * @csb: CSB ID and RAND count
 * @psk: pre-shared key
 * @keys: to fill; wiped on error
 *
 * Return: 0, -EINVAL for a key that is too short, or an error of the PRF.
 */
int e2ae_mikey_csb_protect(const struct e2ae_mikey_csb *csb,
			   struct e2ae_octets psk,
			   struct e2ae_mikey_protect *keys)
{
	const struct e2ae_octets rand = { csb->rand, csb->rand_len };

	memset(keys, 0, sizeof(*keys));
	if (psk.len < E2AE_MIKEY_MIN_PSK)
		return -EINVAL;
	return e2ae_mikey_message_keys(psk, csb->id, rand, keys);
}

static size_t append(uint8_t *to, size_t at, const void *octets, size_t len)
{
	memcpy(to + at, octets, len);
	return at + len;
}

/* The timestamp as it is sent. */
static size_t append_time(uint8_t *to, size_t at, struct e2ae_mikey_time time)
{
	unsigned int octets = time.type == E2AE_MIKEY_COUNTER ? 4 : 8;

	while (octets--)
		to[at++] = (uint8_t)(time.value >> 8 * octets);
	return at;
}

/* MAC of a message without its last 20 octets; V adds IDi || IDr || T. */
static int compute_mac(const struct e2ae_mikey_protect *keys,
		       const struct e2ae_mikey_csb *tail,
		       struct e2ae_octets whole, uint8_t mac[E2AE_SHA1_LEN])
{
	uint8_t input[E2AE_MIKEY_MAX_LEN + 2 * E2AE_MIKEY_MAX_ID + 8];
	size_t len = 0;

	if (whole.len < E2AE_SHA1_LEN || whole.len > E2AE_MIKEY_MAX_LEN)
		return -EMSGSIZE;
	len = append(input, len, whole.at, whole.len - E2AE_SHA1_LEN);
	if (tail) {
		len = append(input, len, tail->idi.octets, tail->idi.len);
		len = append(input, len, tail->idr.octets, tail->idr.len);
		len = append_time(input, len, tail->time);
	}
	return e2ae_hmac_sha1((struct e2ae_octets){ keys->auth,
						    sizeof(keys->auth) },
			      (struct e2ae_octets){ input, len }, mac);
}

/**
 * e2ae_mikey_sign() - fill the MAC in (RFC 3830, 5.2)
 * @keys: of the bundle
 * @tail: for a V payload: whose identities and timestamp count too; else NULL
 * @message: its last 20 octets become the MAC; wiped on error
 *
 * Return: 0 or a negative errno.
 */
int e2ae_mikey_sign(const struct e2ae_mikey_protect *keys,
		    const struct e2ae_mikey_csb *tail,
		    struct e2ae_mikey_message *message)
{
	const struct e2ae_octets whole = { message->octets, message->len };
	uint8_t mac[E2AE_SHA1_LEN];
	int err;

	err = compute_mac(keys, tail, whole, mac);
	if (err)
		OPENSSL_cleanse(message, sizeof(*message));
	else
		memcpy(message->octets + message->len - E2AE_SHA1_LEN, mac,
		       sizeof(mac));
	return err;
}

/**
 * e2ae_mikey_verify() - check the MAC of a message
 * @keys: of the bundle
 * @tail: as for e2ae_mikey_sign()
 * @msg: the message; a MAC is its last payload
 *
 * Return: 0, -EKEYREJECTED if the MAC does not hold, -EPROTONOSUPPORT for
 * another algorithm or none.
 */
int e2ae_mikey_verify(const struct e2ae_mikey_protect *keys,
		      const struct e2ae_mikey_csb *tail,
		      const struct e2ae_mikey_msg *msg)
{
	uint8_t mac[E2AE_SHA1_LEN];
	int err;

	if (!msg->has_mac || msg->mac_alg != E2AE_MIKEY_HMAC_SHA1)
		return -EPROTONOSUPPORT;
	err = compute_mac(keys, tail, msg->whole, mac);
	if (!err && CRYPTO_memcmp(mac, msg->mac.at, sizeof(mac)))
		err = -EKEYREJECTED;
	OPENSSL_cleanse(mac, sizeof(mac));
	return err;
}

/* AES-CM with IV = (S XOR (0x0000 || CSB ID || T)) || 0x0000 (RFC 3830, 4.2.3) */
static int crypt_data(const struct e2ae_mikey_csb *csb,
		      const struct e2ae_mikey_protect *keys,
		      struct e2ae_octets in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[16] = { 0 };
	int len = 0;
	int i, ok;

	memcpy(iv, keys->salt, sizeof(keys->salt));
	for (i = 0; i < 4; i++)
		iv[2 + i] ^= (uint8_t)(csb->id >> (24 - 8 * i));
	for (i = 0; i < 8; i++)
		iv[6 + i] ^= (uint8_t)(csb->time.value >> (56 - 8 * i));
	ok = ctx &&
	     EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, keys->enc, iv) &&
	     EVP_EncryptUpdate(ctx, out, &len, in.at, (int)in.len) &&
	     (size_t)len == in.len;
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(iv, sizeof(iv));
	return ok ? 0 : -EIO;
}

/**
 * e2ae_mikey_data_write() - write and encrypt the key data of a bundle
 * @csb: its TGK goes out, under its CSB ID and timestamp
 * @keys: of the bundle
 * @out: encrypted key data
 * @room: octets that fit there
 *
 * Return: octets, or a negative errno; then @out is wiped.
 */
int e2ae_mikey_data_write(const struct e2ae_mikey_csb *csb,
			  const struct e2ae_mikey_protect *keys, uint8_t *out,
			  size_t room)
{
	uint8_t plain[4 + E2AE_MIKEY_MAX_TGK] = { E2AE_MIKEY_LAST_PAYLOAD,
						  KEY_TGK << 4 | KV_NONE, 0,
						  csb->tgk_len };
	size_t len = 4 + csb->tgk_len;
	int err = -EMSGSIZE;

	memcpy(plain + 4, csb->tgk, csb->tgk_len);
	if (len <= room)
		err = crypt_data(csb, keys, (struct e2ae_octets){ plain, len },
				 out);
	OPENSSL_cleanse(plain, sizeof(plain));
	if (err)
		OPENSSL_cleanse(out, room);
	return err ? err : (int)len;
}

/* Copies a field that has a length between @least and @room. */
static int copy(struct e2ae_octets field, size_t least, uint8_t *to,
		size_t room, uint8_t *len)
{
	if (field.len < least || field.len > room)
		return -EOPNOTSUPP;
	memcpy(to, field.at, field.len);
	*len = (uint8_t)field.len;
	return 0;
}

static int read_spi(struct e2ae_mikey_cursor *cursor,
		    struct e2ae_mikey_csb *csb)
{
	const uint8_t *len = e2ae_mikey_take(cursor, 1);
	struct e2ae_octets spi = { NULL, len ? *len : 0 };

	spi.at = len ? e2ae_mikey_take(cursor, *len) : NULL;
	if (!spi.at)
		return -EBADMSG;
	return copy(spi, 1, csb->mki, sizeof(csb->mki), &csb->mki_len);
}

/* One TGK, maybe with a salt and an MKI (RFC 3830, 6.13 and 6.14). */
static int parse_data(struct e2ae_octets plain, struct e2ae_mikey_csb *csb)
{
	struct e2ae_mikey_cursor cursor = { plain.at, plain.len };
	const uint8_t *head = e2ae_mikey_take(&cursor, 2);
	struct e2ae_octets field;
	int err;

	csb->salt_len = 0;
	csb->mki_len = 0;
	if (!head || e2ae_mikey_take16(&cursor, &field))
		return -EBADMSG;
	if (head[0] != E2AE_MIKEY_LAST_PAYLOAD || head[1] >> 4 > KEY_TGK_SALT ||
	    (head[1] & 15) > KV_SPI)
		return -EOPNOTSUPP;
	err = copy(field, E2AE_MIKEY_MIN_TGK, csb->tgk, sizeof(csb->tgk),
		   &csb->tgk_len);
	if (!err && head[1] >> 4 == KEY_TGK_SALT) {
		err = e2ae_mikey_take16(&cursor, &field);
		if (!err)
			err = copy(field, 1, csb->salt, sizeof(csb->salt),
				   &csb->salt_len);
	}
	if (!err && (head[1] & 15) == KV_SPI)
		err = read_spi(&cursor, csb);
	return err ? err : (cursor.left ? -EBADMSG : 0);
}

/**
 * e2ae_mikey_data_read() - decrypt and read key data
 * @csb: gets TGK, salt and MKI; its CSB ID and timestamp count
 * @keys: of the bundle
 * @encrypted: of a message whose MAC holds
 *
 * Exactly one TGK is taken. A TEK is refused: two crypto sessions must not share
 * it.
 *
 * Return: 0, -EBADMSG if it is malformed, -EOPNOTSUPP for other key data,
 * -EMSGSIZE, or -EIO. After an error @csb has to be wiped.
 */
int e2ae_mikey_data_read(struct e2ae_mikey_csb *csb,
			 const struct e2ae_mikey_protect *keys,
			 struct e2ae_octets encrypted)
{
	uint8_t plain[E2AE_MIKEY_MAX_DATA];
	int err;

	if (encrypted.len > sizeof(plain))
		return -EMSGSIZE;
	err = crypt_data(csb, keys, encrypted, plain);
	if (!err)
		err = parse_data((struct e2ae_octets){ plain, encrypted.len },
				 csb);
	OPENSSL_cleanse(plain, sizeof(plain));
	return err;
}

static int session_key(const struct e2ae_mikey_csb *csb, unsigned int cs,
		       struct e2ae_srtp_key *key)
{
	const struct e2ae_suite_info *info = e2ae_suite_by_id(csb->suite[cs]);
	const struct e2ae_octets tgk = { csb->tgk, csb->tgk_len };
	const struct e2ae_octets rand = { csb->rand, csb->rand_len };
	const uint8_t cs_id = (uint8_t)(cs + 1);
	int err;

	if (!info || (csb->salt_len && csb->salt_len != info->salt_len))
		return -EOPNOTSUPP;
	err = e2ae_mikey_derive(tgk, E2AE_MIKEY_TEK, cs_id, csb->id, rand,
				key->key, info->key_len);
	if (err)
		return err;
	/* A salt that was sent wins over the derived one (RFC 3830, 4.1.3). */
	if (csb->salt_len)
		memcpy(key->salt, csb->salt, csb->salt_len);
	else
		err = e2ae_mikey_derive(tgk, E2AE_MIKEY_TEK_SALT, cs_id,
					csb->id, rand, key->salt,
					info->salt_len);
	key->suite = csb->suite[cs];
	key->mki_len = csb->mki_len;
	memcpy(key->mki, csb->mki, csb->mki_len);
	return err;
}

/**
 * e2ae_mikey_session_keys() - master keys of all crypto sessions of a bundle
 * @csb: the bundle
 * @keys: to fill; wiped on error
 *
 * Return: 0, -EOPNOTSUPP for a salt of another length than the suite's, or an
 * error of the PRF.
 */
int e2ae_mikey_session_keys(const struct e2ae_mikey_csb *csb,
			    struct e2ae_mikey_keys *keys)
{
	unsigned int i;
	int err = 0;

	memset(keys, 0, sizeof(*keys));
	for (i = 0; i < csb->n_cs && !err; i++) {
		err = session_key(csb, i, &keys->cs[i].key);
		keys->cs[i].stream = csb->stream[i];
	}
	if (err)
		e2ae_mikey_keys_wipe(keys);
	else
		keys->n_cs = csb->n_cs;
	return err;
}
