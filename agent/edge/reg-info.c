// SPDX-License-Identifier: GPL-2.0
/* Registration information (RFC 3680, 5): has the network ended a binding? */
#include <string.h>

#include <expat.h>

#include "reg-inner.h"

#define NS	     "urn:ietf:params:xml:ns:reginfo|"
#define DEPTH_MAX    16
#define ELEMENTS_MAX 4096

/**
 * struct info - a document that is being read
 * @parser: reads it
 * @reg: the binding that is looked for
 * @depth: elements that are open
 * @elements: that were seen
 * @ours: in the registration of our identity
 * @ended: in a contact that is terminated
 * @in_uri: in its URI
 * @len: octets of the URI
 * @uri: the URI; longer ones are not ours
 * @gone: the network has ended the binding
 */
struct info {
	XML_Parser parser;
	const struct reg *reg;
	unsigned int depth;
	unsigned int elements;
	bool ours;
	bool ended;
	bool in_uri;
	size_t len;
	char uri[REG_CONTACT_MAX + 1];
	bool gone;
};

static const char *attribute(const XML_Char **list, const char *name)
{
	for (; list[0]; list += 2)
		if (!strcmp(list[0], name))
			return list[1];
	return "";
}

static bool same_aor(const struct info *info, const char *aor)
{
	struct sip_uri a, b;

	return !sip_uri_parse(sdp_text_of(aor), &a) &&
	       !sip_uri_parse(sdp_text_of(reg_default_identity(info->reg)),
			      &b) &&
	       sip_uri_same_user(&a, &b);
}

static bool same_contact(const struct info *info)
{
	struct sdp_text uri =
		sip_trim((struct sdp_text){ info->uri, info->len });
	struct sip_uri a, b;

	return !sip_uri_parse(uri, &a) &&
	       !sip_uri_parse(sdp_text_of(info->reg->contact), &b) &&
	       sip_uri_equal(&a, &b);
}

static void start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct info *info = arg;
	bool terminated = !strcmp(attribute(attributes, "state"), "terminated");

	if (++info->depth > DEPTH_MAX || ++info->elements > ELEMENTS_MAX) {
		XML_StopParser(info->parser, XML_FALSE);
		return;
	}
	if (strncmp(name, NS, sizeof(NS) - 1))
		return;
	name += sizeof(NS) - 1;
	if (!strcmp(name, "registration")) {
		info->ours = same_aor(info, attribute(attributes, "aor"));
		info->gone |= info->ours && terminated;
	} else if (!strcmp(name, "contact")) {
		info->ended = info->ours && terminated;
	} else if (!strcmp(name, "uri")) {
		info->in_uri = info->ended;
		info->len = 0;
	}
}

static void end(void *arg, const XML_Char *name)
{
	struct info *info = arg;

	info->depth--;
	if (!strcmp(name, NS "uri")) {
		info->gone |= info->in_uri && same_contact(info);
		info->in_uri = false;
	} else if (!strcmp(name, NS "contact")) {
		info->ended = false;
	} else if (!strcmp(name, NS "registration")) {
		info->ours = false;
	}
}

static void characters(void *arg, const XML_Char *text, int len)
{
	struct info *info = arg;

	if (!info->in_uri)
		return;
	if (info->len + len > REG_CONTACT_MAX) {
		info->in_uri = false;
		return;
	}
	memcpy(info->uri + info->len, text, len);
	info->len += len;
}

/* A document type can declare entities, and needs none here. */
static void doctype(void *arg, const XML_Char *name, const XML_Char *sysid,
		    const XML_Char *pubid, int internal)
{
	struct info *info = arg;

	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	XML_StopParser(info->parser, XML_FALSE);
}

/**
 * info_says_gone() - does the network say that a binding has ended?
 * @reg: the binding
 * @xml: document of a NOTIFY
 *
 * It has if the registration of its default identity is terminated, or this
 * contact of it. A document that is not well formed says nothing.
 *
 * Return: whether it does.
 */
bool info_says_gone(const struct reg *reg, struct sdp_text xml)
{
	struct info info = { .reg = reg };
	bool good;

	info.parser = XML_ParserCreateNS(NULL, '|');
	if (!info.parser)
		return false;
	XML_SetUserData(info.parser, &info);
	XML_SetElementHandler(info.parser, start, end);
	XML_SetCharacterDataHandler(info.parser, characters);
	XML_SetStartDoctypeDeclHandler(info.parser, doctype);
	good = XML_Parse(info.parser, xml.at, (int)xml.len, XML_TRUE) ==
	       XML_STATUS_OK;
	XML_ParserFree(info.parser);
	return good && info.gone;
}
