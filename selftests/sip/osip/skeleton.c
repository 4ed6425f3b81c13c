// SPDX-License-Identifier: GPL-2.0
/*
 * Reads messages, one after the other on standard input with a 32-bit length
 * before each, and gives the skeletons that agent/sip makes of them to libosip2.
 * For each it prints what libosip2 read: a line of fields with tabs between
 * them, or the word "refused".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osipparser2/osip_parser.h>

#include "../../../agent/sip/build.h"

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void tell(const char *skeleton, size_t len)
{
	osip_generic_param_t *branch = NULL, *tag = NULL;
	osip_message_t *message;
	osip_via_t *via;

	osip_message_init(&message);
	if (osip_message_parse(message, skeleton, len)) {
		printf("refused\n");
		osip_message_free(message);
		return;
	}
	via = osip_list_get(&message->vias, 0);
	osip_via_param_get_byname(via, "branch", &branch);
	osip_from_get_tag(message->from, &tag);
	printf("%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n",
	       or_none(message->sip_method), message->status_code,
	       or_none(message->cseq->number), or_none(message->cseq->method),
	       or_none(message->call_id->number),
	       or_none(tag ? tag->gvalue : NULL),
	       or_none(branch ? branch->gvalue : NULL), or_none(via->host),
	       osip_list_size(&message->vias));
	osip_message_free(message);
}

static void one(const char *octets, size_t len)
{
	struct sip_msg *msg = malloc(sizeof(*msg));
	char out[16384];
	size_t used;

	if (sip_msg_parse(msg, octets, len, false) ||
	    sip_skeleton_write(msg, out, sizeof(out), &used))
		printf("no skeleton\n");
	else
		tell(out, used);
	free(msg);
}

int main(void)
{
	char *octets;
	uint32_t len;

	parser_init();
	while (fread(&len, sizeof(len), 1, stdin) == 1) {
		octets = malloc(len);
		if (fread(octets, 1, len, stdin) != len)
			return 125;
		one(octets, len);
		free(octets);
	}
	return 0;
}
