// SPDX-License-Identifier: GPL-2.0
/* Why a description is refused, in the words of SIP. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "inner.h"

/* Warning codes: RFC 3261, 20.43; for keys RFC 4567, 4.1.2. */
static const struct reason {
	unsigned int status;
	int err;
	bool required;
	const char *word;
	const char *warning;
} reasons[] = {
	[OA_WHY_SDP] = { 488, -EBADMSG, false, "sdp",
			 "307 Session description parameter not understood" },
	[OA_WHY_REQUIRED] = { 488, -EACCES, true, "security-required",
			      "399 Media security is required" },
	[OA_WHY_E2E] = { 488, -EACCES, false, "end-to-end",
			 "399 End-to-end media security is not allowed" },
	[OA_WHY_DOWNGRADE] = { 488, -EACCES, false, "downgrade",
			       "399 Media security cannot be given up" },
	[OA_WHY_KEYS] = { 488, -EPROTO, false, "no-usable-keys",
			  "306 Attribute not understood" },
	[OA_WHY_MIKEY] = { 488, -EPROTO, false, "mikey",
			   "306 Attribute not understood" },
	[OA_WHY_SAME_KEY] = { 488, -EPROTO, false, "same-key-after-move",
			      "399 A new address needs a new key" },
	[OA_WHY_FAMILY] = { 488, -EAFNOSUPPORT, false, "address",
			    "301 Incompatible network address formats" },
	[OA_WHY_PORTS] = { 503, -ENOSPC, false, "no-ports", "" },
	[OA_WHY_MSF] = { 500, -EIO, false, "msf", "" },
	[OA_WHY_MSF_FULL] = { 503, -ENOSPC, false, "msf-full", "" },
	[OA_WHY_MSRP_FULL] = { 503, -ENOSPC, false, "msrp-full", "" },
	[OA_WHY_ROOM] = { 500, -EMSGSIZE, false, "too-large", "" },
	[OA_WHY_MEMORY] = { 503, -ENOMEM, false, "memory", "" },
	[OA_WHY_PENDING] = { 491, -EBUSY, false, "offer-pending", "" },
	[OA_WHY_STRAY] = { 500, -ENOMSG, false, "answer-without-offer", "" },
	[OA_WHY_LINES] = { 488, -EBADMSG, false, "m-lines",
			   "307 Session description parameter not understood" },
	[OA_WHY_PROFILE] = { 488, -EPROTO, false, "answer-profile",
			     "302 Incompatible transport protocol" },
	[OA_WHY_CRYPTO_COUNT] = { 488, -EPROTO, false, "answer-crypto-count",
				  "306 Attribute not understood" },
	[OA_WHY_CRYPTO_TAG] = { 488, -EPROTO, false, "answer-crypto-tag",
				"306 Attribute not understood" },
	[OA_WHY_CRYPTO_ECHO] = { 488, -EPROTO, false, "answer-crypto-echo",
				 "306 Attribute not understood" },
	[OA_WHY_CRYPTO] = { 488, -EPROTO, false, "answer-crypto",
			    "306 Attribute not understood" },
	[OA_WHY_MIXED] = { 488, -EPROTO, false, "answer-mixes-keys",
			   "306 Attribute not understood" },
	[OA_WHY_MIKEY_MISSING] = { 488, -EPROTO, false, "answer-without-mikey",
				   "306 Attribute not understood" },
};

/**
 * oa_no() - refuse
 * @no: the verdict; an error message of MIKEY that is there stays
 * @why: for what
 *
 * Return: a negative errno.
 */
int oa_no(struct oa_verdict *no, enum oa_why why)
{
	const struct reason *reason = &reasons[why];

	no->status = reason->status;
	no->required = reason->required;
	no->why = reason->word;
	snprintf(no->warning, sizeof(no->warning), "%s", reason->warning);
	return reason->err;
}

/**
 * oa_no_errno() - refuse for what a function of a library said
 * @no: the verdict; one that is there already stays
 * @err: negative errno
 *
 * Return: @err.
 */
int oa_no_errno(struct oa_verdict *no, int err)
{
	if (no->status)
		return err;
	switch (err) {
	case -ENOMEM:
		oa_no(no, OA_WHY_MEMORY);
		break;
	case -ENOSPC:
	case -EMSGSIZE:
	case -E2BIG:
		oa_no(no, OA_WHY_ROOM);
		break;
	case -EBADMSG:
	case -EINVAL:
	case -EAFNOSUPPORT:
		oa_no(no, OA_WHY_SDP);
		break;
	default:
		oa_no(no, OA_WHY_MSF);
	}
	return err;
}
