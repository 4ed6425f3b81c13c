// SPDX-License-Identifier: GPL-2.0
/* Security policy for SRTP (RFC 3830, 6.10.1; RFC 7714, 14.3 and 15). */
#include <errno.h>
#include <string.h>

#include "array.h"
#include "mikey-msg.h"

enum param {
	ENC_ALG = 0,
	ENC_KEY_LEN = 1,
	AUTH_ALG = 2,
	AUTH_KEY_LEN = 3,
	SALT_LEN = 4,
	PRF = 5,
	RATE = 6,
	SRTP_ENC = 7,
	SRTCP_ENC = 8,
	FEC_ORDER = 9,
	SRTP_AUTH = 10,
	TAG_LEN = 11,
	PREFIX_LEN = 12,
	AEAD_TAG_LEN = 20,
	N_PARAMS = 21,
};

#define AES_CM	  1
#define AES_GCM	  6
#define AUTH_NONE 0
#define HMAC_SHA1 1
#define SHA1_KEY  20
#define GCM_TAG	  16

/* What a suite means in numbers; those of NULL encryption are never agreed. */
static const struct row {
	uint32_t suite;
	uint8_t enc;
	uint8_t key_len;
	uint8_t tag_len;
} rows[] = {
	{ E2AE_SUITE_AES_CM_128_HMAC_SHA1_80, AES_CM, 16, 10 },
	{ E2AE_SUITE_AES_CM_128_HMAC_SHA1_32, AES_CM, 16, 4 },
	{ E2AE_SUITE_AES_192_CM_HMAC_SHA1_80, AES_CM, 24, 10 },
	{ E2AE_SUITE_AES_192_CM_HMAC_SHA1_32, AES_CM, 24, 4 },
	{ E2AE_SUITE_AES_256_CM_HMAC_SHA1_80, AES_CM, 32, 10 },
	{ E2AE_SUITE_AES_256_CM_HMAC_SHA1_32, AES_CM, 32, 4 },
	{ E2AE_SUITE_AEAD_AES_128_GCM, AES_GCM, 16, GCM_TAG },
	{ E2AE_SUITE_AEAD_AES_256_GCM, AES_GCM, 32, GCM_TAG },
};

/* Parameters of a row in the order they are sent. */
static const uint8_t order_cm[] = {
	ENC_ALG,   ENC_KEY_LEN, AUTH_ALG,   AUTH_KEY_LEN, SALT_LEN,
	PRF,	   RATE,	SRTP_ENC,   SRTCP_ENC,	  FEC_ORDER,
	SRTP_AUTH, TAG_LEN,	PREFIX_LEN,
};

static const uint8_t order_gcm[] = {
	ENC_ALG,   ENC_KEY_LEN, AUTH_ALG,     AUTH_KEY_LEN, SALT_LEN,
	PRF,	   RATE,	SRTP_ENC,     SRTCP_ENC,    FEC_ORDER,
	SRTP_AUTH, PREFIX_LEN,	AEAD_TAG_LEN,
};

static void fill(const struct row *row, uint32_t value[N_PARAMS])
{
	const bool cm = row->enc == AES_CM;

	memset(value, 0, N_PARAMS * sizeof(*value));
	value[ENC_ALG] = row->enc;
	value[ENC_KEY_LEN] = row->key_len;
	value[AUTH_ALG] = cm ? HMAC_SHA1 : AUTH_NONE;
	value[AUTH_KEY_LEN] = cm ? SHA1_KEY : 0;
	value[SALT_LEN] = e2ae_suite_by_id(row->suite)->salt_len;
	value[SRTP_ENC] = 1;
	value[SRTCP_ENC] = 1;
	value[SRTP_AUTH] = 1;
	value[cm ? TAG_LEN : AEAD_TAG_LEN] = row->tag_len;
}

/**
 * e2ae_mikey_policy_write() - write the policy of a suite
 * @suite: enum e2ae_suite
 * @out: parameters of an SP payload
 * @room: octets that fit there
 *
 * All parameters are written, also those that have their default, in one octet
 * each.
 *
 * Return: octets, -EOPNOTSUPP for a suite MIKEY has no numbers for, -EMSGSIZE.
 */
int e2ae_mikey_policy_write(uint32_t suite, uint8_t *out, size_t room)
{
	uint32_t value[N_PARAMS];
	const uint8_t *order;
	size_t i, r, n;

	for (r = 0; r < ARRAY_SIZE(rows); r++)
		if (rows[r].suite == suite)
			break;
	if (r == ARRAY_SIZE(rows))
		return -EOPNOTSUPP;
	fill(&rows[r], value);
	order = rows[r].enc == AES_CM ? order_cm : order_gcm;
	n = rows[r].enc == AES_CM ? sizeof(order_cm) : sizeof(order_gcm);
	if (room < 3 * n)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		*out++ = order[i];
		*out++ = 1;
		*out++ = (uint8_t)value[order[i]];
	}
	return (int)(3 * n);
}

/* Reads the parameters over the defaults; @given says which were there. */
static int read_params(struct e2ae_octets params, uint32_t value[N_PARAMS],
		       bool given[N_PARAMS])
{
	struct e2ae_mikey_cursor cursor = { params.at, params.len };
	const uint8_t *head, *octets;
	unsigned int i;

	while (cursor.left) {
		head = e2ae_mikey_take(&cursor, 2);
		octets = head ? e2ae_mikey_take(&cursor, head[1]) : NULL;
		if (!octets)
			return -EBADMSG;
		if (head[0] > AEAD_TAG_LEN ||
		    (head[0] > PREFIX_LEN && head[0] < AEAD_TAG_LEN) ||
		    !head[1] || head[1] > sizeof(*value))
			return -EOPNOTSUPP;
		if (given[head[0]])
			return -EBADMSG;
		given[head[0]] = true;
		for (value[head[0]] = 0, i = 0; i < head[1]; i++)
			value[head[0]] = value[head[0]] << 8 | octets[i];
	}
	return 0;
}

/* Whether what was given is what the row says. */
static bool agrees(const struct row *row, const uint32_t value[N_PARAMS],
		   const bool given[N_PARAMS])
{
	uint32_t want[N_PARAMS];
	unsigned int i;

	fill(row, want);
	for (i = 0; i < N_PARAMS; i++) {
		/* AEAD has no authentication of its own to agree upon. */
		if (row->enc == AES_GCM &&
		    (i == AUTH_ALG || i == AUTH_KEY_LEN || i == SRTP_AUTH ||
		     i == TAG_LEN))
			continue;
		if (given[i] && value[i] != want[i])
			return false;
	}
	return true;
}

/**
 * e2ae_mikey_policy_read() - find the suite a policy means
 * @params: parameters of an SP payload
 * @suite: the suite
 *
 * Parameters that are not there have the defaults of RFC 3711 (AES-CM-128,
 * HMAC-SHA-1-80), with AES-GCM those of RFC 7714.
 *
 * Return: 0, -EBADMSG if it is cut off or names a parameter twice, -EOPNOTSUPP
 * if it means none of the suites.
 */
int e2ae_mikey_policy_read(struct e2ae_octets params, uint32_t *suite)
{
	uint32_t value[N_PARAMS] = { 0 };
	bool given[N_PARAMS] = { false };
	const struct row *row;
	int err;

	err = read_params(params, value, given);
	if (err)
		return err;
	/* Without these two more than one row would agree. */
	if (!given[ENC_ALG])
		value[ENC_ALG] = AES_CM;
	if (!given[ENC_KEY_LEN])
		value[ENC_KEY_LEN] = 16;
	if (!given[TAG_LEN])
		value[TAG_LEN] = 10;
	given[ENC_ALG] = true;
	given[ENC_KEY_LEN] = true;
	given[TAG_LEN] = true;
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		if (agrees(row, value, given)) {
			*suite = row->suite;
			return 0;
		}
	}
	return -EOPNOTSUPP;
}
