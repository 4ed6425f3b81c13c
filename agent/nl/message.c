// SPDX-License-Identifier: GPL-2.0
/* Structures to messages and back, by the tables of fields.c. */
#include <errno.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "nl.h"

static const struct e2ae_field *field_at(const struct e2ae_set *set,
					 unsigned int attr)
{
	if (attr > set->max || !set->fields[attr].name)
		return NULL;
	return &set->fields[attr];
}

static int put_nest(struct nl_msg *msg, unsigned int attr,
		    const struct e2ae_set *set, const void *from)
{
	/* The kernel's strict validation wants the nested bit. */
	struct nlattr *nest = nla_nest_start(msg, attr | NLA_F_NESTED);
	int err;

	if (!nest)
		return -EMSGSIZE;
	err = e2ae_put(msg, set, from);
	if (err)
		return err;
	/* Not nla_nest_end(): it drops an empty nest, which means something. */
	nest->nla_len = (char *)nlmsg_tail(nlmsg_hdr(msg)) - (char *)nest;
	return 0;
}

static int put_list(struct nl_msg *msg, unsigned int attr,
		    const struct e2ae_field *f, const uint8_t *from)
{
	uint32_t i, n;
	int err;

	memcpy(&n, from + f->count, sizeof(n));
	if (n > f->room)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		err = put_nest(msg, attr, f->set,
			       from + f->offset + i * f->set->size);
		if (err)
			return err;
	}
	return 0;
}

static int put_octets(struct nl_msg *msg, unsigned int attr, const uint8_t *len,
		      unsigned int room)
{
	if (*len > room)
		return -EINVAL;
	return nla_put(msg, attr, *len, len + 1) ? -EMSGSIZE : 0;
}

static int put_field(struct nl_msg *msg, unsigned int attr,
		     const struct e2ae_field *f, const void *from)
{
	const uint8_t *at = (const uint8_t *)from + f->offset;
	static const uint8_t sizes[] = {
		[E2AE_KIND_U8] = 1,  [E2AE_KIND_U16] = 2, [E2AE_KIND_U32] = 4,
		[E2AE_KIND_U64] = 8, [E2AE_KIND_S64] = 8, [E2AE_KIND_FLAG] = 0,
	};

	switch (f->kind) {
	case E2AE_KIND_BYTES:
		return put_octets(msg, attr, at, f->room);
	case E2AE_KIND_ADDR:
		return put_octets(msg, attr, at, 16);
	case E2AE_KIND_STRING:
		return nla_put_string(msg, attr, (const char *)at) ? -EMSGSIZE :
								     0;
	case E2AE_KIND_NEST:
		return put_nest(msg, attr, f->set, at);
	case E2AE_KIND_LIST:
		return put_list(msg, attr, f, from);
	default:
		return nla_put(msg, attr, sizes[f->kind], at) ? -EMSGSIZE : 0;
	}
}

/**
 * e2ae_put() - append what is given in a structure
 * @msg: message
 * @set: attribute set of the structure
 * @from: the structure
 *
 * Return: 0, -EMSGSIZE if the message has no more room, -EINVAL or -E2BIG for
 * a length or a count beyond its member.
 */
int e2ae_put(struct nl_msg *msg, const struct e2ae_set *set, const void *from)
{
	unsigned int attr;
	uint64_t given;
	int err;

	memcpy(&given, from, sizeof(given));
	for (attr = 1; attr <= set->max; attr++) {
		const struct e2ae_field *f = field_at(set, attr);

		if (!f || !(given & E2AE_GIVEN(attr)) ||
		    f->flags & E2AE_FIELD_READ_ONLY)
			continue;
		err = put_field(msg, attr, f, from);
		if (err)
			return err;
	}
	return 0;
}

/* Numbers are taken only at their own size: a short one would be a guess. */
static bool get_number(const struct nlattr *a, void *to, int size)
{
	if (nla_len(a) != size)
		return false;
	memcpy(to, nla_data(a), size);
	return true;
}

static bool get_octets(const struct nlattr *a, uint8_t *len, int room)
{
	if (nla_len(a) > room)
		return false;
	*len = nla_len(a);
	memcpy(len + 1, nla_data(a), *len);
	return true;
}

static bool get_string(const struct nlattr *a, char *to, int room)
{
	size_t len = strnlen(nla_data(a), nla_len(a));

	if (len >= (size_t)room)
		return false;
	memcpy(to, nla_data(a), len);
	to[len] = 0;
	return true;
}

static bool get_list(const struct nlattr *a, const struct e2ae_field *f,
		     uint8_t *to)
{
	uint32_t n;

	memcpy(&n, to + f->count, sizeof(n));
	if (n >= f->room)
		return false;
	if (e2ae_get(f->set, nla_data(a), nla_len(a),
		     to + f->offset + n * f->set->size))
		return false;
	n++;
	memcpy(to + f->count, &n, sizeof(n));
	return true;
}

static bool get_field(const struct nlattr *a, const struct e2ae_field *f,
		      uint8_t *to)
{
	uint8_t *at = to + f->offset;

	switch (f->kind) {
	case E2AE_KIND_U8:
		return get_number(a, at, 1);
	case E2AE_KIND_U16:
		return get_number(a, at, 2);
	case E2AE_KIND_U32:
		return get_number(a, at, 4);
	case E2AE_KIND_U64:
	case E2AE_KIND_S64:
		return get_number(a, at, 8);
	case E2AE_KIND_FLAG:
		return true;
	case E2AE_KIND_BYTES:
		return get_octets(a, at, f->room);
	case E2AE_KIND_ADDR:
		return get_octets(a, at, 16);
	case E2AE_KIND_STRING:
		return get_string(a, (char *)at, f->room);
	case E2AE_KIND_NEST:
		return !e2ae_get(f->set, nla_data(a), nla_len(a), at);
	case E2AE_KIND_LIST:
		return get_list(a, f, to);
	default:
		return false;
	}
}

/**
 * e2ae_get() - read attributes into a structure
 * @set: attribute set of the structure
 * @attrs: first attribute
 * @len: octets of all of them
 * @to: the structure; cleared first
 *
 * Attributes this library does not know are passed over.
 *
 * Return: 0, or -EBADMSG if one does not have the form it must have.
 */
int e2ae_get(const struct e2ae_set *set, const struct nlattr *attrs, int len,
	     void *to)
{
	const struct nlattr *a;
	uint64_t given = 0;
	int left;

	memset(to, 0, set->size);
	nla_for_each_attr(a, attrs, len, left) {
		const struct e2ae_field *f = field_at(set, nla_type(a));

		if (!f || f->flags & E2AE_FIELD_SECRET)
			continue;
		if (!get_field(a, f, to))
			return -EBADMSG;
		given |= E2AE_GIVEN(nla_type(a));
	}
	memcpy(to, &given, sizeof(given));
	return left ? -EBADMSG : 0;
}

/**
 * e2ae_message_build() - encode a request into the handle's buffer
 * @h: handle; the message is h->msg, to be wiped by e2ae_message_wipe()
 * @req: request; also E2AE_CMD_SA_GET and the like
 * @flags: NLM_F_*, besides NLM_F_REQUEST
 *
 * Return: 0 or a negative errno.
 */
int e2ae_message_build(struct e2ae *h, const struct e2ae_request *req,
		       int flags)
{
	unsigned int i;
	int err = 0;

	if (h->events)
		return e2ae_fail(h, -EBUSY,
				 "an event handle takes no requests");
	nlmsg_hdr(h->msg)->nlmsg_len = NLMSG_HDRLEN;
	if (!genlmsg_put(h->msg, 0, ++h->seq, h->family, 0,
			 NLM_F_REQUEST | flags, req->cmd, E2AE_FAMILY_VERSION))
		return e2ae_fail(h, -EMSGSIZE, "the request is too large");
	if (req->stream)
		err = put_nest(h->msg, E2AE_A_STREAM, &e2ae_stream_set_info,
			       req->stream);
	for (i = 0; i < req->n_sas && !err; i++)
		err = put_nest(h->msg, E2AE_A_SA, &e2ae_sa_set_info,
			       &req->sas[i]);
	if (!err)
		return 0;
	e2ae_message_wipe(h);
	if (err == -EMSGSIZE)
		return e2ae_fail(h, err, "the request is too large");
	return e2ae_fail(h, err, "a member is longer than its room");
}

/**
 * e2ae_message_parse() - decode the object of a reply
 * @nlh: the reply
 * @attr: root attribute that holds it, or 0 if the message itself does
 * @set: its attribute set
 * @to: the structure
 *
 * Return: 0, or -EBADMSG if it is not there or malformed.
 */
int e2ae_message_parse(const struct nlmsghdr *nlh, unsigned int attr,
		       const struct e2ae_set *set, void *to)
{
	const struct genlmsghdr *genl;
	const struct nlattr *a;

	if (nlh->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return -EBADMSG;
	genl = NLMSG_DATA(nlh);
	if (!attr)
		return e2ae_get(set, genlmsg_attrdata(genl, 0),
				genlmsg_attrlen(genl, 0), to);
	a = nla_find(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), attr);
	if (!a)
		return -EBADMSG;
	return e2ae_get(set, nla_data(a), nla_len(a), to);
}

/**
 * e2ae_message_wipe() - forget the request, it may hold keys
 * @h: handle
 */
void e2ae_message_wipe(struct e2ae *h)
{
	struct nlmsghdr *nlh = nlmsg_hdr(h->msg);

	explicit_bzero((char *)nlh + NLMSG_HDRLEN,
		       nlh->nlmsg_len - NLMSG_HDRLEN);
	nlh->nlmsg_len = NLMSG_HDRLEN;
}

/**
 * e2ae_sa_wipe() - forget an SA, keys and all
 * @sa: the SA
 */
void e2ae_sa_wipe(struct e2ae_sa *sa)
{
	explicit_bzero(sa, sizeof(*sa));
}
