/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Edits of a struct sip_msg. Every one returns 0 or a count, -EINVAL for text
 * that would break the header, -EBADMSG where the message is too malformed for
 * the edit, -ENOSPC when the room for edits is used up. An error stays in the
 * message.
 */
#ifndef E2AE_SIP_EDIT_H
#define E2AE_SIP_EDIT_H

#include "msg.h"

int sip_set_uri(struct sip_msg *msg, struct sdp_text uri);
int sip_set_body(struct sip_msg *msg, struct sdp_text body);
char *sip_spare(struct sip_msg *msg, size_t len);

int sip_line_insert(struct sip_msg *msg, const char *name,
		    struct sdp_text value);
int sip_line_append(struct sip_msg *msg, const char *name,
		    struct sdp_text value);
void sip_line_remove(struct sip_msg *msg, const struct sip_at *at);
unsigned int sip_header_remove(struct sip_msg *msg, const char *name);
int sip_header_set(struct sip_msg *msg, const char *name,
		   struct sdp_text value);

int sip_text_set(struct sip_msg *msg, struct sip_at *at, struct sdp_text part,
		 struct sdp_text with);
int sip_element_remove(struct sip_msg *msg, struct sip_at *at);
int sip_list_remove(struct sip_msg *msg, const char *name, const char *word);

int sip_param_set(struct sip_msg *msg, struct sip_at *at, const char *name,
		  const char *value);
int sip_param_remove(struct sip_msg *msg, struct sip_at *at, const char *name);
int sip_auth_set(struct sip_msg *msg, struct sip_at *at, const char *name,
		 const char *value);
int sip_auth_remove(struct sip_msg *msg, struct sip_at *at, const char *name);

#endif
