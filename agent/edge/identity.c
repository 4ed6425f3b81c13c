// SPDX-License-Identifier: GPL-2.0
/*
 * Who somebody is, and what only the trust domain says or hears (RFC 3325; RFC
 * 7315).
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "inner.h"
#include "reg-inner.h"

#define IDENTITY_ROOM 1024

/* What a UE may not say: it is what networks tell each other (TS 24.229, 4.4). */
static const char *const core_only[] = {
	"P-Asserted-Identity",
	"P-Charging-Vector",
	"P-Charging-Function-Addresses",
	"P-Visited-Network-ID",
	"P-Served-User",
	"P-User-Database",
	"P-Profile-Key",
	"P-Asserted-Service",
	"P-Associated-URI",
	"P-Called-Party-ID",
	"P-Private-Network-Indication",
	"P-DCS-Billing-Info",
	"P-DCS-LAES",
	"Attestation-Info",
	"Origination-Id",
	"Additional-Identity",
	"Cellular-Network-Info",
	"Feature-Caps",
	"Relayed-Charge",
	"Resource-Share",
	"Response-Source",
	"Restoration-Info",
	"Service-Interact-Info",
	"Service-Route",
	"Path",
};

/* What a UE does not hear. */
static const char *const core_secret[] = {
	"P-Charging-Vector",	 "P-Charging-Function-Addresses",
	"P-Visited-Network-ID",	 "P-Served-User",
	"P-User-Database",	 "P-Profile-Key",
	"P-Access-Network-Info", "Security-Client",
	"Security-Server",	 "Security-Verify",
};

static void remove_all(struct sip_msg *msg, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sip_header_remove(msg, names[i]);
}

/* Where it is says the network, if it says so (TS 24.229, 5.2.6.3). */
static int strip_network_provided(struct sip_msg *msg)
{
	static const char name[] = "P-Access-Network-Info";
	static const char word[] = "network-provided";
	struct sip_at at = { 0 };
	size_t i, len = sizeof(word) - 1;

	while (sip_element_next(msg, name, &at) > 0)
		for (i = 0; i + len <= at.text.len; i++)
			if (!strncasecmp(at.text.at + i, word, len)) {
				sip_element_remove(msg, &at);
				break;
			}
	return msg->failed;
}

/*
 * The first identity that the UE prefers and owns, as it was registered: what
 * the UE adds in parameters nobody has looked at.
 */
static struct sdp_text preferred(const struct edge_in *in)
{
	struct sip_at at = { 0 };
	struct sip_addr addr;
	const char *uri = NULL;

	while (!uri &&
	       sip_element_next(in->msg, "P-Preferred-Identity", &at) > 0)
		if (!sip_addr_parse(at.text, &addr))
			uri = reg_identity_as(in->reg, &addr.uri);
	return sdp_text_of(uri ? uri : reg_default_identity(in->reg));
}

static int assert_identity(const struct edge_in *in)
{
	struct sdp_text uri = preferred(in);
	char text[IDENTITY_ROOM];
	size_t used = 0;

	sdp_text_put(sdp_text_of("<"), text, sizeof(text), &used);
	sdp_text_put(uri, text, sizeof(text), &used);
	sdp_text_put(sdp_text_of(">"), text, sizeof(text), &used);
	if (used > sizeof(text))
		return -ENOSPC;
	return sip_line_append(in->msg, "P-Asserted-Identity",
			       (struct sdp_text){ text, used });
}

/* Those that RFC 3325, 9.1, does not let carry an identity. */
static bool carries_identity(const struct sip_msg *msg)
{
	static const char *const bare[] = { "ACK", "CANCEL", "PRACK", "BYE",
					    "REGISTER" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bare); i++)
		if (sip_same(msg->method, sdp_text_of(bare[i])))
			return false;
	return true;
}

/**
 * identity_from_ue() - make a UE's request fit for the core
 * @in: the request; REGISTER is edited by reg.c
 *
 * A UE says what it prefers, and the P-CSCF which of its identities holds: one
 * that it registered, else the default one.
 *
 * Return: 0 or a negative errno.
 */
int identity_from_ue(const struct edge_in *in)
{
	int err = agree_strip(in->msg);

	remove_all(in->msg, core_only, ARRAY_SIZE(core_only));
	if (!err)
		err = strip_network_provided(in->msg);
	if (!err && in->reg && carries_identity(in->msg))
		err = assert_identity(in);
	sip_header_remove(in->msg, "P-Preferred-Identity");
	return err ? err : in->msg->failed;
}

/**
 * identity_strip_register() - take from a REGISTER what a UE may not say
 * @msg: the REGISTER
 *
 * Return: 0 or a negative errno.
 */
int identity_strip_register(struct sip_msg *msg)
{
	int err = strip_network_provided(msg);

	remove_all(msg, core_only, ARRAY_SIZE(core_only));
	sip_header_remove(msg, "P-Preferred-Identity");
	return err ? err : agree_strip(msg);
}

/**
 * identity_response_from_ue() - make a UE's response fit for the core
 * @msg: the response
 *
 * Return: 0 or a negative errno.
 */
int identity_response_from_ue(struct sip_msg *msg)
{
	return identity_strip_register(msg);
}

/* Does Privacy ask for id (RFC 3323, 4.2; RFC 3325, 9.3)? */
static bool private_id(const struct sip_msg *msg)
{
	struct sip_at at = { 0 };
	struct sdp_text word, rest, all;

	while (sip_line_next(msg, "Privacy", &at)) {
		for (all = at.text; all.len; all = rest) {
			if (!sdp_text_cut(all, ';', &word, &rest)) {
				word = all;
				rest = (struct sdp_text){ NULL, 0 };
			}
			if (sdp_text_is(sip_trim(word), "id"))
				return true;
		}
	}
	return false;
}

/**
 * identity_to_ue() - make a message of the core fit for a UE
 * @msg: the message
 */
void identity_to_ue(struct sip_msg *msg)
{
	remove_all(msg, core_secret, ARRAY_SIZE(core_secret));
	sip_list_remove(msg, "Require", "mediasec");
	sip_list_remove(msg, "Proxy-Require", "mediasec");
	if (private_id(msg))
		sip_header_remove(msg, "P-Asserted-Identity");
}
