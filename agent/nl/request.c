// SPDX-License-Identifier: GPL-2.0
/* Requests one by one, and dumps. */
#include <errno.h>
#include <string.h>

#include "nl.h"

/* What to do with the objects of a reply. */
struct sink {
	unsigned int attr; /* root attribute that holds one */
	const struct e2ae_set *set;
	void *to; /* decoded here */
	int (*cb)(const void *obj, void *arg); /* and given to this */
	void *arg;
	bool interrupted; /* something changed meanwhile */
};

static int bad_answer(struct e2ae *h)
{
	return e2ae_fail(h, -EBADMSG, "the kernel's answer is malformed");
}

static int take(struct e2ae *h, const struct nlmsghdr *nlh, struct sink *sink)
{
	int err;

	if (!sink)
		return 0;
	err = e2ae_message_parse(nlh, sink->attr, sink->set, sink->to);
	if (err)
		return bad_answer(h);
	if (!sink->cb)
		return 0;
	err = sink->cb(sink->to, sink->arg);
	return err ? e2ae_fail(h, err, "stopped by the caller") : 0;
}

/*
 * Reads until the kernel has said that the request is done. A failure of ours
 * does not end that: the socket has to be empty for the next request.
 */
static int collect(struct e2ae *h, const struct nlmsghdr *sent,
		   struct sink *sink)
{
	const struct nlmsghdr *nlh;
	int err, first = 0;

	for (;;) {
		err = e2ae_next(h, &nlh);
		if (err == -EINTR)
			continue;
		if (err)
			return err;
		if (nlh->nlmsg_seq != sent->nlmsg_seq)
			continue;
		if (sink && nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			sink->interrupted = true;
		if (nlh->nlmsg_type == NLMSG_ERROR ||
		    nlh->nlmsg_type == NLMSG_DONE) {
			if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
				return bad_answer(h);
			return first ? first : e2ae_refusal(h, nlh, sent);
		}
		if (!first)
			first = take(h, nlh, sink);
	}
}

static int transact(struct e2ae *h, const struct e2ae_request *req, int flags,
		    struct sink *sink)
{
	int err;

	err = e2ae_message_build(h, req, flags);
	if (err)
		return err;
	err = e2ae_send(h, nlmsg_hdr(h->msg), nlmsg_hdr(h->msg)->nlmsg_len);
	if (!err)
		err = collect(h, nlmsg_hdr(h->msg), sink);
	e2ae_message_wipe(h);
	return err;
}

static int dump(struct e2ae *h, enum e2ae_cmd cmd, struct sink *sink)
{
	const struct e2ae_request req = { .cmd = cmd };
	int err = transact(h, &req, NLM_F_DUMP, sink);

	return err ? err : sink->interrupted;
}

/**
 * e2ae_request() - ask for a change
 * @h: handle
 * @req: what
 *
 * Return: 0 or a negative errno, with the kernel's own sentence in
 * e2ae_error().
 */
int e2ae_request(struct e2ae *h, const struct e2ae_request *req)
{
	return transact(h, req, NLM_F_ACK, NULL);
}

static int sa_request(struct e2ae *h, enum e2ae_cmd cmd,
		      const struct e2ae_sa *sa)
{
	const struct e2ae_request req = { .cmd = cmd, .sas = sa, .n_sas = 1 };

	return e2ae_request(h, &req);
}

/**
 * e2ae_sa_new() - make an SA
 * @h: handle
 * @sa: the SA; id, suite, key and salt must be given
 *
 * Return: 0, -EEXIST, -EPERM or another negative errno.
 */
int e2ae_sa_new(struct e2ae *h, const struct e2ae_sa *sa)
{
	return sa_request(h, E2AE_CMD_SA_NEW, sa);
}

/**
 * e2ae_sa_set() - change the limits of an SA
 * @h: handle
 * @sa: id and what is to change
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int e2ae_sa_set(struct e2ae *h, const struct e2ae_sa *sa)
{
	return sa_request(h, E2AE_CMD_SA_SET, sa);
}

/**
 * e2ae_sa_del() - remove an SA
 * @h: handle
 * @id: of the SA
 *
 * Return: 0, -ENOENT, -EBUSY while a stream names it, or another negative
 * errno.
 */
int e2ae_sa_del(struct e2ae *h, uint32_t id)
{
	const struct e2ae_sa sa = {
		.given = E2AE_GIVEN(E2AE_A_SA_ID),
		.id = id,
	};

	return sa_request(h, E2AE_CMD_SA_DEL, &sa);
}

/**
 * e2ae_sa_get() - read an SA, all but its key
 * @h: handle
 * @id: of the SA
 * @sa: where to put it
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int e2ae_sa_get(struct e2ae *h, uint32_t id, struct e2ae_sa *sa)
{
	const struct e2ae_sa which = {
		.given = E2AE_GIVEN(E2AE_A_SA_ID),
		.id = id,
	};
	const struct e2ae_request req = {
		.cmd = E2AE_CMD_SA_GET,
		.sas = &which,
		.n_sas = 1,
	};
	struct sink sink = {
		.attr = E2AE_A_SA,
		.set = &e2ae_sa_set_info,
		.to = sa,
	};

	return transact(h, &req, NLM_F_ACK, &sink);
}

struct sa_dump {
	e2ae_sa_cb cb;
	void *arg;
};

static int sa_dumped(const void *obj, void *arg)
{
	struct sa_dump *d = arg;

	return d->cb(obj, d->arg);
}

/**
 * e2ae_sa_dump() - read all SAs in the order of their ids
 * @h: handle; the callback must not use it
 * @cb: called with each; a negative errno ends the dump
 * @arg: for @cb
 *
 * Return: 0, 1 if SAs came or went meanwhile (those that did neither were all
 * told once), or a negative errno.
 */
int e2ae_sa_dump(struct e2ae *h, e2ae_sa_cb cb, void *arg)
{
	struct sa_dump d = { .cb = cb, .arg = arg };
	struct e2ae_sa sa;
	struct sink sink = {
		.attr = E2AE_A_SA,
		.set = &e2ae_sa_set_info,
		.to = &sa,
		.cb = sa_dumped,
		.arg = &d,
	};

	return dump(h, E2AE_CMD_SA_GET, &sink);
}

static int stream_request(struct e2ae *h, enum e2ae_cmd cmd,
			  const struct e2ae_stream *stream,
			  const struct e2ae_sa *sas, unsigned int n_sas)
{
	const struct e2ae_request req = {
		.cmd = cmd,
		.stream = stream,
		.sas = sas,
		.n_sas = n_sas,
	};

	return e2ae_request(h, &req);
}

/**
 * e2ae_stream_new() - make a stream and the SAs that come with it, or nothing
 * @h: handle
 * @stream: the stream
 * @sas: SAs to make, or NULL
 * @n_sas: how many
 *
 * Return: 0, -EEXIST, -EADDRINUSE or another negative errno.
 */
int e2ae_stream_new(struct e2ae *h, const struct e2ae_stream *stream,
		    const struct e2ae_sa *sas, unsigned int n_sas)
{
	return stream_request(h, E2AE_CMD_STREAM_NEW, stream, sas, n_sas);
}

/**
 * e2ae_stream_set() - change a stream and make new SAs, or change nothing
 * @h: handle
 * @stream: id and what is to change
 * @sas: SAs to make, or NULL
 * @n_sas: how many
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int e2ae_stream_set(struct e2ae *h, const struct e2ae_stream *stream,
		    const struct e2ae_sa *sas, unsigned int n_sas)
{
	return stream_request(h, E2AE_CMD_STREAM_SET, stream, sas, n_sas);
}

/**
 * e2ae_stream_del() - remove a stream
 * @h: handle
 * @id: of the stream
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int e2ae_stream_del(struct e2ae *h, uint32_t id)
{
	const struct e2ae_stream stream = {
		.given = E2AE_GIVEN(E2AE_A_STREAM_ID),
		.id = id,
	};

	return stream_request(h, E2AE_CMD_STREAM_DEL, &stream, NULL, 0);
}

/**
 * e2ae_stream_get() - read a stream
 * @h: handle
 * @id: of the stream
 * @stream: where to put it
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int e2ae_stream_get(struct e2ae *h, uint32_t id, struct e2ae_stream *stream)
{
	const struct e2ae_stream which = {
		.given = E2AE_GIVEN(E2AE_A_STREAM_ID),
		.id = id,
	};
	const struct e2ae_request req = {
		.cmd = E2AE_CMD_STREAM_GET,
		.stream = &which,
	};
	struct sink sink = {
		.attr = E2AE_A_STREAM,
		.set = &e2ae_stream_set_info,
		.to = stream,
	};

	return transact(h, &req, NLM_F_ACK, &sink);
}

struct stream_dump {
	e2ae_stream_cb cb;
	void *arg;
};

static int stream_dumped(const void *obj, void *arg)
{
	struct stream_dump *d = arg;

	return d->cb(obj, d->arg);
}

/**
 * e2ae_stream_dump() - read all streams in the order of their ids
 * @h: handle; the callback must not use it
 * @cb: called with each; a negative errno ends the dump
 * @arg: for @cb
 *
 * Return: as e2ae_sa_dump().
 */
int e2ae_stream_dump(struct e2ae *h, e2ae_stream_cb cb, void *arg)
{
	struct stream_dump d = { .cb = cb, .arg = arg };
	struct e2ae_stream stream;
	struct sink sink = {
		.attr = E2AE_A_STREAM,
		.set = &e2ae_stream_set_info,
		.to = &stream,
		.cb = stream_dumped,
		.arg = &d,
	};

	return dump(h, E2AE_CMD_STREAM_GET, &sink);
}

/**
 * e2ae_flush() - remove all streams and SAs of the namespace
 * @h: handle
 *
 * Return: 0 or a negative errno.
 */
int e2ae_flush(struct e2ae *h)
{
	const struct e2ae_request req = { .cmd = E2AE_CMD_FLUSH };

	return e2ae_request(h, &req);
}

/**
 * e2ae_stats_get() - read the counters of the namespace
 * @h: handle
 * @stats: where to put them
 *
 * Return: 0 or a negative errno.
 */
int e2ae_stats_get(struct e2ae *h, struct e2ae_stats *stats)
{
	const struct e2ae_request req = { .cmd = E2AE_CMD_STATS_GET };
	struct sink sink = {
		.attr = E2AE_A_STATS,
		.set = &e2ae_stats_set_info,
		.to = stats,
	};

	return transact(h, &req, NLM_F_ACK, &sink);
}
