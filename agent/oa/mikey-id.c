// SPDX-License-Identifier: GPL-2.0
/* MIKEY messages in descriptions: whom they are for, and who we are in them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "inner-mikey.h"

/**
 * oa_mikey_read() - the value of a=key-mgmt as a MIKEY message
 * @key: the attribute
 * @message: the message
 *
 * Return: 0 or a negative errno.
 */
int oa_mikey_read(const struct sdp_key_mgmt *key,
		  struct e2ae_mikey_message *message)
{
	struct oa_bench *bench = oa_bench();
	size_t mark = bench->text_used, n = 0;
	int err = oa_bench_value(key->at.value, &n);

	if (!err)
		err = e2ae_keymgmt_parse(bench->value[0], message);
	oa_bench_rewind(mark);
	return err;
}

/* "ID@<our FQDN>" of whatever id. */
static bool is_ours(const struct oa *oa, const struct e2ae_mikey_id *id)
{
	const char *domain = oa->world->config->domain;
	size_t len = strlen(domain);

	return id->len > len && id->octets[id->len - len - 1] == '@' &&
	       !strncasecmp((const char *)id->octets + id->len - len, domain,
			    len);
}

/**
 * oa_mikey_to() - whom is the key management of an m-line for?
 * @oa: the call
 * @sdp: the description
 * @i: the m-line
 *
 * A message of a UE with the capability that names nobody is for us to refuse.
 *
 * Return: enum oa_addressee.
 */
enum oa_addressee oa_mikey_to(const struct oa *oa, const struct sdp *sdp,
			      unsigned int i)
{
	enum oa_addressee found = OA_TO_NOBODY;
	struct sdp_key_mgmt key = SDP_FIRST_KEY;
	struct e2ae_mikey_message message;
	struct e2ae_mikey_peek peek;

	while (sdp_key_mgmt_next(sdp, i, &key)) {
		if (!sdp_text_is(key.protocol, E2AE_KEYMGMT_MIKEY))
			continue;
		if (oa_mikey_read(&key, &message) ||
		    e2ae_mikey_peek(message.octets, message.len, &peek) ||
		    !peek.idr.len) {
			if (oa->terms.can_mikey)
				return OA_TO_EDGE;
			continue;
		}
		if (is_ours(oa, &peek.idr))
			return OA_TO_EDGE;
		found = OA_TO_OTHER;
	}
	return found;
}

/* Of a UE with the capability what nobody can read is for us, too. */
static bool of_edge(const struct oa *oa, const struct sdp_key_mgmt *key,
		    enum oa_side to)
{
	struct e2ae_mikey_message message;
	struct e2ae_mikey_peek peek;

	if (!sdp_text_is(key->protocol, E2AE_KEYMGMT_MIKEY))
		return false;
	if (oa_mikey_read(key, &message) ||
	    e2ae_mikey_peek(message.octets, message.len, &peek))
		return to == OA_CORE && oa->terms.can_mikey;
	return is_ours(oa, &peek.idi) || is_ours(oa, &peek.idr);
}

/**
 * oa_mikey_strip_edge() - nothing from the core may pose as the edge, and nothing
 *	for the edge goes there
 * @oa: the call
 * @sdp: a description
 * @to: side that it goes to
 */
void oa_mikey_strip_edge(const struct oa *oa, struct sdp *sdp, enum oa_side to)
{
	unsigned int i;

	for (i = 0; i <= sdp->n_media; i++) {
		struct sdp_attr attr = SDP_FIRST;

		while (sdp_attr_next(sdp, i, "key-mgmt", &attr)) {
			struct sdp_text rest = attr.value;
			struct sdp_key_mgmt key = { .at = attr };

			sdp_text_word(&rest, &key.protocol);
			if (of_edge(oa, &key, to))
				sdp_delete(sdp, attr.line);
		}
	}
}

/**
 * oa_mikey_identity() - who we are for an m-line
 * @oa: the call
 * @index: the m-line, 0 for the session
 * @kmm: generation of keys
 * @id: our identity under it: "KEY ID@FQDN"
 * @psk: the m-line's pre-shared key; the caller wipes it
 *
 * Return: 0 or a negative errno.
 */
int oa_mikey_identity(const struct oa *oa, unsigned int index,
		      const struct e2ae_kmm *kmm, struct e2ae_mikey_id *id,
		      uint8_t psk[E2AE_KDF_LEN])
{
	char key_id[E2AE_KDF_ID_ROOM];
	char text[E2AE_MIKEY_MAX_ID + 1];
	const struct e2ae_kdf_line line = {
		.call_id = oa->terms.call_id,
		.from_tag = oa->terms.from_tag,
		.index = (uint16_t)index,
		.role = oa->terms.role,
	};
	int err;

	err = e2ae_kdf_key_id(kmm, &line, key_id);
	if (err)
		return err;
	if (snprintf(text, sizeof(text), "%s@%s", key_id,
		     oa->world->config->domain) >= (int)sizeof(text))
		return -EMSGSIZE;
	err = e2ae_mikey_id(id, E2AE_MIKEY_NAI, text);
	return err ? err : e2ae_kdf_line_key(kmm, &line, E2AE_KDF_MIKEY, psk);
}

/**
 * oa_mikey_take_keys() - the pair of crypto sessions of a secured m-line
 * @media: gets the keys
 * @k: result of the exchange
 * @pair: which secured m-line of the message, from 0
 * @by_own: we were the initiator
 */
void oa_mikey_take_keys(struct oa_media *media, const struct e2ae_mikey_keys *k,
			unsigned int pair, bool by_own)
{
	unsigned int theirs = 2 * pair + by_own, ours = 2 * pair + !by_own;

	media->in = k->cs[theirs].key;
	media->out = k->cs[ours].key;
	media->ssrc = k->cs[theirs].stream.ssrc;
	media->roc = k->cs[theirs].stream.roc;
	media->window = 0;
	media->by_own = by_own;
}

/**
 * oa_mikey_put() - add a=key-mgmt
 * @step: the offer or answer
 * @i: level
 * @value: of the attribute
 *
 * Return: 0 or a negative errno.
 */
int oa_mikey_put(struct oa_step *step, unsigned int i, const char *value)
{
	return sdp_add(step->sdp, i, "key-mgmt", sdp_text_of(value));
}
