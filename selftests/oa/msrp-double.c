// SPDX-License-Identifier: GPL-2.0
/* The relay of MSRP for tests: it keeps what it is told, and refuses nonsense. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "double.h"

#define MAX_SESSIONS 32

/*
 * @starts: how often it was started
 * @key: as in msrp_session_new()
 * @own: copies of what the legs said
 */
struct msrp_session {
	struct msrp *msrp;
	struct net_addr local[2];
	struct msrp_key key[MSRP_KEYS_MAX];
	unsigned int n_keys;
	msrp_event_fn *told;
	void *arg;
	unsigned int starts;
	bool cema;
	struct msrp_leg leg[2];
	char *own[2];
	char *path[2];
};

/*
 * @fail: starts until one fails, 0 never
 * @limit: of sessions
 * @busy: so many find their ports taken
 */
struct msrp {
	struct msrp_session *session[MAX_SESSIONS];
	unsigned int fail;
	unsigned int limit;
	unsigned int busy;
	unsigned int wrong;
};

struct msrp *double_msrp(void)
{
	struct msrp *msrp = calloc(1, sizeof(*msrp));

	msrp->limit = MAX_SESSIONS;
	return msrp;
}

void double_msrp_set(struct msrp *msrp, unsigned int fail, unsigned int limit)
{
	msrp->fail = fail;
	msrp->limit = limit ? limit : MAX_SESSIONS;
}

void double_msrp_busy(struct msrp *msrp, unsigned int times)
{
	msrp->busy = times;
}

void msrp_close(struct msrp *msrp)
{
	free(msrp);
}

static unsigned int count(const struct msrp *msrp)
{
	unsigned int i, n = 0;

	for (i = 0; i < MAX_SESSIONS; i++)
		n += msrp->session[i] != NULL;
	return n;
}

static bool same_port(const struct net_addr *a, const struct net_addr *b)
{
	return net_addr_equal(a, b);
}

int msrp_session_new(struct msrp_session **session, struct msrp *msrp,
		     const struct net_addr local[2],
		     const struct msrp_key *keys, unsigned int n_keys,
		     msrp_event_fn *told, void *arg)
{
	struct msrp_session *new;
	unsigned int i;

	if (count(msrp) >= msrp->limit)
		return -EUSERS;
	if (msrp->busy) {
		msrp->busy--;
		return -EADDRINUSE;
	}
	for (i = 0; i < MAX_SESSIONS; i++)
		if (msrp->session[i] &&
		    (same_port(&msrp->session[i]->local[0], &local[0]) ||
		     same_port(&msrp->session[i]->local[1], &local[1])))
			return -EADDRINUSE;
	msrp->wrong += !n_keys || n_keys > MSRP_KEYS_MAX;
	new = calloc(1, sizeof(*new));
	new->msrp = msrp;
	memcpy(new->local, local, sizeof(new->local));
	memcpy(new->key, keys, n_keys * sizeof(*keys));
	new->n_keys = n_keys;
	new->told = told;
	new->arg = arg;
	for (i = 0; msrp->session[i]; i++)
		;
	msrp->session[i] = new;
	*session = new;
	return 0;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int msrp_session_start(struct msrp_session *session,
		       const struct msrp_leg leg[2], bool cema)
{
	struct msrp *msrp = session->msrp;
	int side;

	if (msrp->fail && !--msrp->fail) {
		free(session->path[MSRP_ACCESS]);
		session->path[MSRP_ACCESS] = NULL;
		return -ENOMEM;
	}
	session->starts++;
	session->cema = cema;
	for (side = 0; side < 2; side++) {
		msrp->wrong += leg[side].connect &&
			       leg[side].peer.sa.sa_family !=
				       session->local[side].sa.sa_family;
		msrp->wrong += !cema && (!leg[side].own || !leg[side].path);
		free(session->own[side]);
		free(session->path[side]);
		session->leg[side] = leg[side];
		session->own[side] = copy(leg[side].own);
		session->path[side] = copy(leg[side].path);
	}
	return 0;
}

void msrp_session_counts(const struct msrp_session *session,
			 struct msrp_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	counts->sessions = 1;
	counts->octets[MSRP_ACCESS] = session->starts;
	counts->version = "TLSv1.3";
	counts->cipher = "TLS_AES_128_GCM_SHA256";
}

void msrp_session_end(struct msrp_session *session)
{
	int i;

	for (i = 0; i < MAX_SESSIONS; i++)
		if (session->msrp->session[i] == session)
			session->msrp->session[i] = NULL;
	for (i = 0; i < 2; i++) {
		free(session->own[i]);
		free(session->path[i]);
	}
	free(session);
}

/* Something happens to the session on a port of the access leg. */
void double_msrp_event(struct msrp *msrp, unsigned int port,
		       enum msrp_what what)
{
	unsigned int i;

	for (i = 0; i < MAX_SESSIONS; i++) {
		struct msrp_session *s = msrp->session[i];

		if (s && net_addr_port(&s->local[MSRP_ACCESS]) == port)
			s->told(s->arg, what, "test");
	}
}

static void tell_octets(FILE *out, const char *name, const uint8_t *octets)
{
	int i;

	fprintf(out, ",\"%s\":\"", name);
	for (i = 0; i < MSRP_PSK_LEN; i++)
		fprintf(out, "%02x", octets[i]);
	fputc('"', out);
}

static void tell_addr(FILE *out, const char *name, const struct net_addr *addr)
{
	char text[INET6_ADDRSTRLEN] = "";
	const void *octets = addr->sa.sa_family == AF_INET6 ?
				     (const void *)&addr->in6.sin6_addr :
				     (const void *)&addr->in4.sin_addr;

	if (addr->sa.sa_family)
		inet_ntop(addr->sa.sa_family, octets, text, sizeof(text));
	fprintf(out, ",\"%s\":[\"%s\",%u]", name, text, net_addr_port(addr));
}

static void tell_leg(FILE *out, const struct msrp_session *s, int side)
{
	fprintf(out,
		",\"%s\":{\"connect\":%s,\"any\":%s,\"own\":\"%s\",\"path\":\"%s\"",
		side == MSRP_ACCESS ? "access" : "core",
		s->leg[side].connect ? "true" : "false",
		s->leg[side].any_source ? "true" : "false",
		s->own[side] ? s->own[side] : "",
		s->path[side] ? s->path[side] : "");
	tell_addr(out, "local", &s->local[side]);
	tell_addr(out, "peer", &s->leg[side].peer);
	fputc('}', out);
}

/* All there is, as JSON, keys and all. */
void double_msrp_tell(struct msrp *msrp, FILE *out)
{
	unsigned int i, k, n = 0;

	fprintf(out, "{\"wrong\":%u,\"sessions\":[", msrp->wrong);
	for (i = 0; i < MAX_SESSIONS; i++) {
		const struct msrp_session *s = msrp->session[i];

		if (!s)
			continue;
		fprintf(out, "%s{\"starts\":%u,\"cema\":%s", n++ ? "," : "",
			s->starts, s->cema ? "true" : "false");
		tell_leg(out, s, MSRP_ACCESS);
		tell_leg(out, s, MSRP_CORE);
		fputs(",\"keys\":[", out);
		for (k = 0; k < s->n_keys; k++) {
			fprintf(out, "%s{\"identity\":\"%s\"", k ? "," : "",
				s->key[k].identity);
			tell_octets(out, "tls13_ue", s->key[k].tls13_ue);
			tell_octets(out, "tls13_msf", s->key[k].tls13_msf);
			tell_octets(out, "tls12_ue", s->key[k].tls12_ue);
			tell_octets(out, "tls12_msf", s->key[k].tls12_msf);
			fputc('}', out);
		}
		fputs("]}", out);
	}
	fputs("]}", out);
}
