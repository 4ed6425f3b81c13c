// SPDX-License-Identifier: GPL-2.0
/* Addresses of the core from which SIP is accepted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

#define LEARNT_MAX	16
#define REFRESH_SECONDS 60

/**
 * struct edge_peers - what is known of the core
 * @edge: the edge
 * @learnt: addresses of the next hop, where no peers are configured
 * @n_learnt: how many
 * @oldest: the one that a new address replaces
 * @resolution: that runs
 * @refresh: asks again
 */
struct edge_peers {
	struct edge *edge;
	struct net_addr learnt[LEARNT_MAX];
	size_t n_learnt;
	size_t oldest;
	struct net_resolution *resolution;
	struct event *refresh;
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
