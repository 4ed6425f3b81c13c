// SPDX-License-Identifier: GPL-2.0
/* Writing a message out. */
#include <errno.h>
#include <string.h>

#include "msg.h"

/**
 * sip_msg_write() - write a message with its edits
 * @msg: the message
 * @out: where it goes
 * @size: octets that fit there
 * @used: octets written, or needed if it is -ENOSPC
 *
 * Return: 0; the error of an edit that failed; -ENOSPC if it does not fit.
 */
int sip_msg_write(const struct sip_msg *msg, char *out, size_t size,
		  size_t *used)
{
	const struct sdp_text crlf = sdp_text_of("\r\n");
	unsigned int i = 0;

	*used = 0;
	if (msg->failed)
		return msg->failed;
	do {
		if (msg->line[i].gone)
			continue;
		sdp_text_put(msg->line[i].head.text, out, size, used);
		sdp_text_put(crlf, out, size, used);
	} while ((i = msg->line[i].next));
	sdp_text_put(crlf, out, size, used);
	sdp_text_put(msg->body, out, size, used);
	return *used > size ? -ENOSPC : 0;
}

/**
 * sip_msg_wipe() - overwrite what edits wrote
 * @msg: the message; it is empty afterwards
 *
 * Edits copy the lines they touch, and a challenge from the S-CSCF has CK and
 * IK in such a line. The octets of the message itself are the caller's.
 */
void sip_msg_wipe(struct sip_msg *msg)
{
	explicit_bzero(msg, sizeof(*msg));
}
