// SPDX-License-Identifier: GPL-2.0
/* Addresses of the core: from which SIP is accepted, and which are silent. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

#define LEARNT_MAX	16
#define REFRESH_SECONDS 60
#define SILENT_MAX	16

/**
 * struct silent - a target that did not answer, or said that it would not
 * @target: which
 * @until: monotonic milliseconds; it is passed over till then
 */
struct silent {
	struct net_target target;
	uint64_t until;
};

/**
 * struct edge_peers - what is known of the core
 * @edge: the edge
 * @learnt: addresses of the next hop, where no peers are configured
 * @n_learnt: how many
 * @oldest: the one that a new address replaces
 * @resolution: that runs
 * @refresh: asks again
 * @silent: targets that are tried last
 */
struct edge_peers {
	struct edge *edge;
	struct net_addr learnt[LEARNT_MAX];
	size_t n_learnt;
	size_t oldest;
	struct net_resolution *resolution;
	struct event *refresh;
	struct silent silent[SILENT_MAX];
};

/**
 * peers_have() - is this an address of the core?
 * @edge: the edge
 * @addr: the address; its port does not count
 *
 * Return: whether it is.
 */
bool peers_have(const struct edge *edge, const struct net_addr *addr)
{
	const struct config *config = edge->config;
	const struct edge_peers *peers = edge->peers;
	size_t i;

	for (i = 0; i < config->n_peers; i++)
		if (net_addr_within(addr, &config->peers[i].net,
				    config->peers[i].prefix))
			return true;
	for (i = 0; peers && i < peers->n_learnt; i++)
		if (net_addr_same_host(addr, &peers->learnt[i]))
			return true;
	return false;
}

/**
 * peers_learn() - the configured next hop has these addresses
 * @edge: the edge
 * @found: they
 * @n: how many
 *
 * They are peers where none are configured.
 */
void peers_learn(struct edge *edge, const struct net_target *found, size_t n)
{
	struct edge_peers *peers = edge->peers;
	size_t i, slot;

	if (edge->config->n_peers)
		return;
	for (i = 0; i < n; i++) {
		if (peers_have(edge, &found[i].addr))
			continue;
		slot = peers->n_learnt;
		if (slot < LEARNT_MAX)
			peers->n_learnt++;
		else
			slot = peers->oldest++ % LEARNT_MAX;
		peers->learnt[slot] = found[i].addr;
	}
}

static bool same(const struct net_target *a, const struct net_target *b)
{
	return a->kind == b->kind && net_addr_equal(&a->addr, &b->addr);
}

/**
 * peers_silent() - a target does not serve: try others before it
 * @edge: the edge
 * @target: the target
 * @seconds: for how long
 *
 * RFC 3263, 4.3 says how one request finds the next target. Without a memory each
 * of them would wait 64*T1 for the same dead one.
 */
void peers_silent(struct edge *edge, const struct net_target *target,
		  uint32_t seconds)
{
	struct silent *at = edge->peers->silent, *slot = at;
	size_t i;

	for (i = 0; i < SILENT_MAX; i++) {
		if (same(&at[i].target, target)) {
			slot = &at[i];
			break;
		}
		if (at[i].until < slot->until)
			slot = &at[i];
	}
	slot->target = *target;
	slot->until = edge_now_ms() + seconds * 1000ULL;
}

/**
 * peers_heard() - a target answers
 * @edge: the edge
 * @target: the target
 */
void peers_heard(struct edge *edge, const struct net_target *target)
{
	size_t i;

	for (i = 0; i < SILENT_MAX; i++)
		if (edge->peers->silent[i].until &&
		    same(&edge->peers->silent[i].target, target))
			edge->peers->silent[i].until = 0;
}

static bool is_silent(const struct edge *edge, const struct net_target *target,
		      uint64_t now)
{
	const struct silent *at = edge->peers->silent;
	size_t i;

	for (i = 0; i < SILENT_MAX; i++)
		if (at[i].until > now && same(&at[i].target, target))
			return true;
	return false;
}

/**
 * peers_sort() - put those that are silent behind the others
 * @edge: the edge
 * @targets: in the order in which to try them
 * @n: how many, at most HOP_TARGETS
 */
void peers_sort(const struct edge *edge, struct net_target *targets, size_t n)
{
	struct net_target last[HOP_TARGETS];
	uint64_t now = edge_now_ms();
	size_t i, kept = 0, moved = 0;

	for (i = 0; i < n; i++) {
		if (is_silent(edge, &targets[i], now))
			last[moved++] = targets[i];
		else
			targets[kept++] = targets[i];
	}
	for (i = 0; i < moved; i++)
		targets[kept + i] = last[i];
}

static void resolved(void *arg, int error, const struct net_target *found,
		     size_t n)
{
	struct edge_peers *peers = arg;

	peers->resolution = NULL;
	if (!error)
		peers_learn(peers->edge, found, n);
}

static void ask(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { REFRESH_SECONDS, 0 };
	struct edge_peers *peers = arg;
	struct sdp_text transport = { NULL, 0 };
	struct sip_uri uri;

	(void)fd;
	(void)what;
	evtimer_add(peers->refresh, &again);
	if (peers->resolution ||
	    sip_uri_parse(sdp_text_of(peers->edge->config->next_hop), &uri))
		return;
	sip_uri_param(&uri, "transport", &transport);
	peers->resolution = net_resolve(peers->edge->net, uri.host.host,
					uri.host.port, transport, uri.sips,
					resolved, peers);
}

/**
 * peers_new() - begin to know the core
 * @edge: with its network
 *
 * Return: 0 or -ENOMEM.
 */
int peers_new(struct edge *edge)
{
	struct edge_peers *peers = calloc(1, sizeof(*peers));

	if (!peers)
		return -ENOMEM;
	peers->edge = edge;
	edge->peers = peers;
	peers->refresh = evtimer_new(edge->base, ask, peers);
	if (!peers->refresh)
		return -ENOMEM;
	if (!edge->config->n_peers && edge->config->next_hop)
		ask(-1, 0, peers);
	return 0;
}

/**
 * peers_free() - forget the core
 * @edge: the edge
 */
void peers_free(struct edge *edge)
{
	struct edge_peers *peers = edge->peers;

	if (!peers)
		return;
	if (peers->resolution)
		net_resolve_cancel(peers->resolution);
	if (peers->refresh)
		event_free(peers->refresh);
	free(peers);
	edge->peers = NULL;
}
