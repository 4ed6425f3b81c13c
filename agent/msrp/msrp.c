// SPDX-License-Identifier: GPL-2.0
/* Begin and end of the MSF of MSRP, and what its sessions have in common. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "inner.h"

static const struct msrp_limits usual = {
	.sessions = 16384,
	.handshake = 10 * 1000,
	.connect = 60 * 1000,
	.idle = 60 * 60 * 1000,
	.total = 24 * 60 * 60 * 1000,
	.header = 8192,
};

/**
 * msrp_event_last() - give an event the last priority that its base has
 * @event: event, not pending
 *
 * So octets and handshakes wait for whatever else the thread does, if the owner
 * of the base has made priorities.
 */
void msrp_event_last(struct event *event)
{
	int n = event_base_get_npriorities(event_get_base(event));

	event_priority_set(event, n - 1);
}

static void take_limits(struct msrp_limits *to, const struct msrp_limits *from)
{
	*to = usual;
	if (!from)
		return;
	to->sessions = from->sessions ?: usual.sessions;
	to->handshake = from->handshake ?: usual.handshake;
	to->connect = from->connect ?: usual.connect;
	to->idle = from->idle ?: usual.idle;
	to->total = from->total ?: usual.total;
	to->header = from->header ?: usual.header;
	to->userspace = from->userspace;
}

/**
 * msrp_open() - begin
 * @msrp: set to it
 * @base: event loop
 * @limits: bounds, or NULL for the usual ones
 *
 * The process ignores SIGPIPE from here on: TLS and splice(2) raise it.
 *
 * Return: 0, -ENOMEM, or -EIO if OpenSSL lacks what we need.
 */
int msrp_open(struct msrp **msrp, struct event_base *base,
	      const struct msrp_limits *limits)
{
	struct msrp *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	signal(SIGPIPE, SIG_IGN);
	m->base = base;
	take_limits(&m->limits, limits);
	TAILQ_INIT(&m->sessions);
	SLIST_INIT(&m->spare);
	m->counts.version = "";
	m->counts.cipher = "";
	m->scratch = malloc(MSRP_SCRATCH);
	err = m->scratch ? msrp_psk_contexts(m) : -ENOMEM;
	if (err) {
		msrp_close(m);
		return err;
	}
	if (!m->limits.userspace)
		ktls_probe(&m->kernel);
	*msrp = m;
	return 0;
}

/**
 * msrp_close() - end, with all sessions that there are
 * @msrp: it, or NULL
 */
void msrp_close(struct msrp *msrp)
{
	struct msrp_session *session;

	if (!msrp)
		return;
	while ((session = TAILQ_FIRST(&msrp->sessions)))
		msrp_session_end(session);
	msrp_pipes_free(msrp);
	SSL_CTX_free(msrp->server);
	SSL_CTX_free(msrp->client);
	free(msrp->scratch);
	free(msrp);
}

/**
 * msrp_counts() - what all sessions have done
 * @msrp: it
 * @counts: set to it; those of now in @sessions and @up, else of all that were
 */
void msrp_counts(const struct msrp *msrp, struct msrp_counts *counts)
{
	*counts = msrp->counts;
}
