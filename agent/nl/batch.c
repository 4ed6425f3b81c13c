// SPDX-License-Identifier: GPL-2.0
/*
 * Many requests: as many as fit go out in one system call. Only the last asks
 * for an acknowledgment, so the kernel answers with one message a chunk and
 * one for each request it refuses; a chunk is small enough for the answers to
 * fit into the default receive buffer even if all are refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nl.h"

#define CHUNK_ROOM  65536
#define CHUNK_COUNT 128

/**
 * struct e2ae_batch - requests on their way
 * @h: handle
 * @failed: told of refusals
 * @arg: for it
 * @done: requests of earlier chunks
 * @first_seq: of the first request of this chunk
 * @n: requests in this chunk
 * @used: octets of it
 * @at: offset of each
 * @buf: encoded; wiped when it was sent
 */
struct e2ae_batch {
	struct e2ae *h;
	e2ae_batch_cb failed;
	void *arg;
	size_t done;
	uint32_t first_seq;
	unsigned int n;
	size_t used;
	uint32_t at[CHUNK_COUNT];
	uint8_t buf[CHUNK_ROOM];
};

/**
 * e2ae_batch_new() - start a batch
 * @batch: where to put it
 * @h: handle; until the batch is committed it takes no other request
 * @failed: told of each request that failed, or NULL
 * @arg: for @failed
 *
 * Return: 0 or -ENOMEM.
 */
int e2ae_batch_new(struct e2ae_batch **batch, struct e2ae *h,
		   e2ae_batch_cb failed, void *arg)
{
	struct e2ae_batch *b = calloc(1, sizeof(*b));

	*batch = b;
	if (!b)
		return e2ae_fail(h, -ENOMEM, "no memory");
	b->h = h;
	b->failed = failed;
	b->arg = arg;
	return 0;
}

/**
 * e2ae_batch_free() - give a batch back; what was not committed is forgotten
 * @b: the batch, or NULL
 */
void e2ae_batch_free(struct e2ae_batch *b)
{
	if (!b)
		return;
	explicit_bzero(b->buf, b->used);
	free(b);
}

/**
 * e2ae_batch_pending() - requests added but not yet sent
 * @b: the batch
 *
 * Return: how many.
 */
size_t e2ae_batch_pending(const struct e2ae_batch *b)
{
	return b->n;
}

static const struct nlmsghdr *request_at(const struct e2ae_batch *b,
					 unsigned int i)
{
	return (const struct nlmsghdr *)(b->buf + b->at[i]);
}

/* Reads answers until the one to the last request; counts the refusals. */
static int drain(struct e2ae_batch *b)
{
	const struct nlmsghdr *nlh;
	int err, refused = 0;
	uint32_t i;

	for (;;) {
		err = e2ae_next(b->h, &nlh);
		if (err == -EINTR)
			continue;
		if (err)
			return err;
		i = nlh->nlmsg_seq - b->first_seq;
		if (i >= b->n || nlh->nlmsg_type != NLMSG_ERROR ||
		    nlh->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
			continue;
		err = e2ae_refusal(b->h, nlh, request_at(b, i));
		if (err) {
			refused++;
			if (b->failed)
				b->failed(b->done + i, err, e2ae_error(b->h),
					  b->arg);
		}
		if (i == b->n - 1)
			return refused;
	}
}

/**
 * e2ae_batch_commit() - send what is pending and wait until it is done
 * @b: the batch; it can be used again
 *
 * A refused request does not keep the later ones from being done.
 *
 * Return: how many of the pending requests the kernel refused, or a negative
 * errno if it could not be asked.
 */
int e2ae_batch_commit(struct e2ae_batch *b)
{
	int err;

	if (!b->n)
		return 0;
	((struct nlmsghdr *)(b->buf + b->at[b->n - 1]))->nlmsg_flags |=
		NLM_F_ACK;
	err = e2ae_send(b->h, b->buf, b->used);
	if (!err)
		err = drain(b);
	explicit_bzero(b->buf, b->used);
	b->done += b->n;
	b->n = 0;
	b->used = 0;
	return err;
}

/**
 * e2ae_batch_add() - add a request, and send a chunk if it is full
 * @b: the batch
 * @req: the request; it is encoded now, so its keys can be wiped
 *
 * Return: as e2ae_batch_commit() if a chunk was sent, else 0; a negative errno
 * also if the request cannot be encoded.
 */
int e2ae_batch_add(struct e2ae_batch *b, const struct e2ae_request *req)
{
	struct nlmsghdr *nlh;
	int err, refused = 0;
	size_t size;

	err = e2ae_message_build(b->h, req, 0);
	if (err)
		return err;
	nlh = nlmsg_hdr(b->h->msg);
	size = NLMSG_ALIGN(nlh->nlmsg_len);
	if (b->used + size > sizeof(b->buf))
		refused = e2ae_batch_commit(b);
	if (!b->n)
		b->first_seq = nlh->nlmsg_seq;
	memcpy(b->buf + b->used, nlh, nlh->nlmsg_len);
	b->at[b->n++] = b->used;
	b->used += size;
	e2ae_message_wipe(b->h);
	if (refused >= 0 && b->n == CHUNK_COUNT) {
		err = e2ae_batch_commit(b);
		refused = err < 0 ? err : refused + err;
	}
	return refused;
}
