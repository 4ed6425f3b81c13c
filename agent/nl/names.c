// SPDX-License-Identifier: GPL-2.0
/* Names of suites and events. */
#include <string.h>

#include "nl.h"

#define SUITE(name, key, salt)                      \
	{                                           \
		E2AE_SUITE_##name, key, salt, #name \
	}

static const struct e2ae_suite_info suites[] = {
	SUITE(AES_CM_128_HMAC_SHA1_80, 16, 14),
	SUITE(AES_CM_128_HMAC_SHA1_32, 16, 14),
	SUITE(AES_192_CM_HMAC_SHA1_80, 24, 14),
	SUITE(AES_192_CM_HMAC_SHA1_32, 24, 14),
	SUITE(AES_256_CM_HMAC_SHA1_80, 32, 14),
	SUITE(AES_256_CM_HMAC_SHA1_32, 32, 14),
	SUITE(AEAD_AES_128_GCM, 16, 12),
	SUITE(AEAD_AES_256_GCM, 32, 12),
	SUITE(NULL_HMAC_SHA1_80, 16, 14),
	SUITE(NULL_HMAC_SHA1_32, 16, 14),
};

/**
 * e2ae_suite_by_id() - look a suite up
 * @id: enum e2ae_suite; 1 is the first, and there are no gaps
 *
 * Return: the suite, or NULL for a number that is none.
 */
const struct e2ae_suite_info *e2ae_suite_by_id(uint32_t id)
{
	return id >= 1 && id <= ARRAY_SIZE(suites) ? &suites[id - 1] : NULL;
}

/**
 * e2ae_suite_by_name() - look a suite up
 * @name: as SDES writes it (RFC 4568, 6.2; RFC 6188, 7; RFC 7714, 14.1)
 *
 * Return: the suite, or NULL for a name that is none.
 */
const struct e2ae_suite_info *e2ae_suite_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	return NULL;
}

/**
 * e2ae_event_name() - what an event is called in uapi/e2ae.yaml
 * @cmd: of the event
 *
 * Return: its name, or NULL for a number that is none.
 */
const char *e2ae_event_name(uint8_t cmd)
{
	switch (cmd) {
	case E2AE_CMD_SA_EXPIRE:
		return "sa-expire";
	case E2AE_CMD_SA_SSRC:
		return "sa-ssrc";
	case E2AE_CMD_SA_AUTH_BURST:
		return "sa-auth-burst";
	case E2AE_CMD_MEDIA_TIMEOUT:
		return "media-timeout";
	case E2AE_CMD_MEDIA_RESUME:
		return "media-resume";
	case E2AE_CMD_LATCHED:
		return "latched";
	default:
		return NULL;
	}
}
