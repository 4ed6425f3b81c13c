// SPDX-License-Identifier: GPL-2.0
/* TLS handshakes of the access leg, several of a session side by side. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>

#include "inner.h"

static void on_ready(evutil_socket_t fd, short what, void *arg);

/**
 * msrp_hand_free() - give up a handshake
 * @hand: the handshake; its socket is closed, unless it was taken out
 */
void msrp_hand_free(struct msrp_hand *hand)
{
	struct msrp_session *session = hand->session;

	TAILQ_REMOVE(&session->hands, hand, all);
	session->n_hands--;
	session->msrp->hands--;
	event_del(&hand->ready);
	SSL_free(hand->ssl);
	if (hand->fd >= 0)
		close(hand->fd);
	ktls_secret_free(hand->secret);
	free(hand);
}

/**
 * msrp_hands_free() - give up all handshakes of a session
 * @session: the session
 */
void msrp_hands_free(struct msrp_session *session)
{
	struct msrp_hand *hand;

	while ((hand = TAILQ_FIRST(&session->hands)))
		msrp_hand_free(hand);
}

/*
 * Whoever says nothing goes first, then whoever waits longest: so connections
 * without a word cannot keep the UE out, however many there are.
 */
static void make_room(struct msrp_session *session)
{
	struct msrp_hand *hand;

	TAILQ_FOREACH(hand, &session->hands, all)
	{
		if (!hand->ssl)
			break;
	}
	if (!hand)
		hand = TAILQ_FIRST(&session->hands);
	msrp_refused(session);
	msrp_hand_free(hand);
}

static int wait_for(struct msrp_hand *hand, bool write)
{
	event_del(&hand->ready);
	event_assign(&hand->ready, hand->session->msrp->base, hand->fd,
		     (write ? EV_WRITE : EV_READ) | EV_PERSIST, on_ready, hand);
	msrp_event_last(&hand->ready);
	return event_add(&hand->ready, NULL) ? -ENOMEM : 0;
}

/* TLS takes much memory, so a peer has to say something first. */
static int begin(struct msrp_hand *hand)
{
	struct msrp *msrp = hand->session->msrp;

	hand->secret = ktls_secret_new();
	hand->ssl = SSL_new(hand->server ? msrp->server : msrp->client);
	if (!hand->secret || !hand->ssl || SSL_set_fd(hand->ssl, hand->fd) != 1)
		return -ENOMEM;
	SSL_set_app_data(hand->ssl, hand);
	if (hand->server)
		SSL_set_accept_state(hand->ssl);
	else
		SSL_set_connect_state(hand->ssl);
	return 0;
}

/*
 * Was it our key with which both ends proved themselves? Without it no handshake
 * succeeds; this is so that no fault elsewhere lets one through.
 */
static bool proven(const struct msrp_hand *hand)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(hand->ssl);

	if (hand->server && !hand->known)
		return false;
	if (SSL_version(hand->ssl) == TLS1_3_VERSION)
		return SSL_session_reused(hand->ssl);
	return SSL_CIPHER_get_auth_nid(cipher) == NID_auth_psk;
}

static int to_kernel(struct msrp_hand *hand, struct msrp_end *end)
{
	int err = ktls_install(hand->fd, hand->ssl, hand->server, hand->secret);

	if (err)
		return err;
	end->kernel = true;
	/* Only TLS 1.3 has KeyUpdate. */
	if (SSL_version(hand->ssl) == TLS1_3_VERSION) {
		end->secret = hand->secret;
		hand->secret = NULL;
	}
	return 0;
}

static void count(struct msrp_session *session, const struct msrp_hand *hand,
		  const struct msrp_end *end)
{
	struct msrp_counts *all = &session->msrp->counts;
	struct msrp_counts *own = &session->counts;

	own->version = SSL_get_version(hand->ssl);
	own->cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(hand->ssl));
	own->kernel_in = end->kernel;
	own->kernel_out = end->kernel;
	all->kernel_in += end->kernel;
	all->kernel_out += end->kernel;
}

/* The connection is there; nobody else can have it any more. */
static int succeed(struct msrp_hand *hand)
{
	struct msrp_session *session = hand->session;
	const struct msrp *msrp = session->msrp;
	struct msrp_end *end = &session->end[MSRP_ACCESS];
	int err = 0;

	session->spent = true;
	end->server = hand->server;
	if (ktls_can(&msrp->kernel, hand->ssl) && !ktls_begin(hand->fd))
		err = to_kernel(hand, end);
	if (err)
		return err;
	count(session, hand, end);
	event_del(&hand->ready);
	if (!end->kernel) {
		SSL_set_app_data(hand->ssl, NULL);
		end->ssl = hand->ssl;
		hand->ssl = NULL;
	}
	err = msrp_end_open(end, hand->fd);
	hand->fd = -1;
	return err;
}

static void fail(struct msrp_hand *hand)
{
	struct msrp_session *session = hand->session;
	bool server = hand->server;

	msrp_refused(session);
	msrp_hand_free(hand);
	/* Where we connect there is no other chance: the peer is not ours. */
	if (!server)
		msrp_session_over(session, "handshake");
}

static void go_on(struct msrp_hand *hand)
{
	struct msrp_session *session = hand->session;
	int n, err;

	ERR_clear_error();
	n = SSL_do_handshake(hand->ssl);
	if (n != 1) {
		err = SSL_get_error(hand->ssl, n);
		if ((err != SSL_ERROR_WANT_READ &&
		     err != SSL_ERROR_WANT_WRITE) ||
		    wait_for(hand, err == SSL_ERROR_WANT_WRITE))
			fail(hand);
		return;
	}
	if (!proven(hand)) {
		fail(hand);
		return;
	}
	err = succeed(hand);
	msrp_hands_free(session);
	if (err)
		msrp_session_over(session, "kernel");
	else
		msrp_session_arrived(session);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct msrp_hand *hand = arg;

	(void)fd;
	(void)what;
	if (!hand->ssl && begin(hand))
		fail(hand);
	else
		go_on(hand);
}

/**
 * msrp_hand_new() - begin TLS on a connection of the access leg
 * @session: the session
 * @fd: socket, the handshake's if this succeeds
 * @server: the peer has made it
 *
 * Return: 0 or -ENOMEM.
 */
int msrp_hand_new(struct msrp_session *session, int fd, bool server)
{
	struct msrp_hand *hand;

	if (session->n_hands == MSRP_PENDING ||
	    (session->n_hands && session->msrp->hands >= MSRP_HANDS))
		make_room(session);
	hand = calloc(1, sizeof(*hand));
	if (!hand)
		return -ENOMEM;
	hand->session = session;
	hand->fd = fd;
	hand->server = server;
	hand->began = clock_ms();
	event_assign(&hand->ready, session->msrp->base, fd, EV_READ, on_ready,
		     hand);
	TAILQ_INSERT_TAIL(&session->hands, hand, all);
	session->n_hands++;
	session->msrp->hands++;
	/* A client speaks first. */
	if (!wait_for(hand, !server)) {
		msrp_session_watch(session);
		return 0;
	}
	hand->fd = -1;
	msrp_hand_free(hand);
	return -ENOMEM;
}
