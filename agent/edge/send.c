// SPDX-License-Identifier: GPL-2.0
/* One request to one of the targets where it may go (RFC 3263; RFC 3261, 16.6). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "inner.h"

#define HEAD_ROOM      (TX_BRANCH_ROOM + 3 * ROUTE_URI_ROOM + 128)
/* What Via and two Record-Routes come to. */
#define VIA_OCTETS     100
#define RECORD_OCTETS  205
#define SILENT_SECONDS 60

static void next_target(struct hop *hop);

/* Drops what is held of the target before. */
static void leave_target(struct hop *hop)
{
	if (hop->client)
		tx_client_forget(hop->client);
	hop->client = NULL;
	if (hop->flow)
		net_flow_put(hop->flow);
	hop->flow = NULL;
}

/* A UE answers on its own flow, the core from one of its addresses. */
static bool from_target(const struct hop *hop)
{
	const struct net_flow *arrival = hop->edge->arrival;

	if (!arrival || !hop->flow || arrival == hop->flow)
		return true;
	return net_flow_side(arrival) == NET_CORE &&
	       net_flow_side(hop->flow) == NET_CORE;
}

/* The target that was tried last, NULL where there is a flow and no choice. */
static const struct net_target *present(const struct hop *hop)
{
	return hop->next ? &hop->targets[hop->next - 1] : NULL;
}

/*
 * An INVITE gets 100 from the next hop, and a REGISTER ends in the core. What
 * comes of others depends on who is behind it.
 */
static bool tells_of_hop(const struct hop *hop)
{
	return !strncmp(hop->data, "INVITE ", 7) ||
	       !strncmp(hop->data, "REGISTER ", 9);
}

/* A 503 says for how long no more should come (RFC 3261, 21.5.4). */
static void note_unavailable(struct hop *hop, const struct sip_msg *msg)
{
	struct sdp_text value, head, tail;
	uint32_t seconds = 0;

	if (!present(hop) || hop->provisional || !tells_of_hop(hop) ||
	    !sip_header(msg, "Retry-After", &value))
		return;
	sdp_text_cut(value, ';', &head, &tail);
	sdp_text_cut(head, '(', &head, &tail);
	if (sip_seconds(sip_trim(head), &seconds) || !seconds)
		return;
	if (seconds > SILENT_SECONDS)
		seconds = SILENT_SECONDS;
	peers_silent(hop->edge, present(hop), seconds);
}

static void told_response(void *user, struct tx_client *tx, struct sip_msg *msg)
{
	struct hop *hop = user;

	(void)tx;
	if (!from_target(hop)) {
		metric_add(METRIC_FORBIDDEN);
		return;
	}
	if (msg->status == 503)
		note_unavailable(hop, msg);
	else if (present(hop))
		peers_heard(hop->edge, present(hop));
	if (msg->status == 503 && !hop->provisional &&
	    hop->next < hop->n_targets) {
		/* As if the target could not be reached (RFC 3263, 4.3). */
		leave_target(hop);
		next_target(hop);
		return;
	}
	if (msg->status < 200)
		hop->provisional = true;
	else
		hop->final = true;
	hop->ops->response(hop->owner, msg);
}

static void told_failed(void *user, struct tx_client *tx, int error)
{
	struct hop *hop = user;

	(void)tx;
	if (!hop->provisional && present(hop) &&
	    (error != -ETIMEDOUT || tells_of_hop(hop)))
		peers_silent(hop->edge, present(hop), SILENT_SECONDS);
	if (!hop->provisional && hop->next < hop->n_targets) {
		leave_target(hop);
		next_target(hop);
		return;
	}
	hop->final = true;
	hop->ops->failed(hop->owner, error == -ETIMEDOUT ? 408 : 503);
}

static void told_gone(void *user, struct tx_client *tx)
{
	struct hop *hop = user;

	(void)tx;
	hop->client = NULL;
	hop->ops->gone(hop->owner);
}

static const struct tx_client_ops client_ops = {
	.response = told_response,
	.failed = told_failed,
	.gone = told_gone,
};

/* The request with what depends on the flow, in edge->out. */
static int compose(struct hop *hop, struct net_flow *flow, size_t *used)
{
	struct edge *edge = hop->edge;
	const char *end = sip_line_end(hop->data, hop->len);
	struct sdp_text all = { hop->data, hop->len };
	char branch[TX_BRANCH_ROOM], head[HEAD_ROOM];
	size_t first, head_used = 0;
	int err;

	if (!end)
		return -EBADMSG;
	first = end - hop->data + 2;
	tx_branch(branch);
	err = route_via_write(flow, branch, head, sizeof(head), &head_used);
	if (!err && hop->token[0] && hop->in)
		err = route_record_write(hop, flow, head, sizeof(head),
					 &head_used);
	if (err)
		return err;
	*used = 0;
	sdp_text_put(sip_part(all, 0, first), edge->out, EDGE_OUT_ROOM, used);
	sdp_text_put((struct sdp_text){ head, head_used }, edge->out,
		     EDGE_OUT_ROOM, used);
	sdp_text_put(sip_part(all, first, all.len), edge->out, EDGE_OUT_ROOM,
		     used);
	return *used > EDGE_OUT_ROOM ? -ENOSPC : 0;
}

/* Takes over a reference to the flow, also when it fails. */
static int send_on(struct hop *hop, struct net_flow *flow)
{
	size_t used = 0;
	int err = compose(hop, flow, &used);

	if (!err && hop->ack)
		err = net_send(flow, hop->edge->out, used);
	else if (!err)
		err = tx_send(hop->edge->tx, flow, hop->edge->out, used,
			      &client_ops, hop, &hop->client);
	OPENSSL_cleanse(hop->edge->out, used);
	if (err) {
		hop->client = NULL;
		net_flow_put(flow);
		return err;
	}
	hop->flow = flow;
	return 0;
}

static int try_target(struct hop *hop, const struct net_target *target)
{
	struct net_flow *flow;
	int err;

	/* From ourselves it would seem to come from the core. */
	if (hop->side == NET_CORE &&
	    (!peers_have(hop->edge, &target->addr) ||
	     net_is_own(hop->edge->net, &target->addr)))
		return -EACCES;
	err = net_connect(hop->edge->net, hop->side, target->kind,
			  &target->addr, hop->host, &flow);
	return err ? err : send_on(hop, flow);
}

static void fail_later(evutil_socket_t fd, short what, void *arg)
{
	struct hop *hop = arg;

	(void)fd;
	(void)what;
	hop->final = true;
	hop->ops->failed(hop->owner, 503);
}

/* The owner does not know the hop yet, or is in the middle of something. */
static void fail(struct hop *hop)
{
	static const struct timeval at_once = { 0, 0 };

	if (!hop->later)
		hop->later = evtimer_new(hop->edge->base, fail_later, hop);
	if (hop->later)
		evtimer_add(hop->later, &at_once);
}

static void next_target(struct hop *hop)
{
	while (hop->next < hop->n_targets)
		if (!try_target(hop, &hop->targets[hop->next++]))
			return;
	fail(hop);
}

/* Large requests go over TCP first (RFC 3261, 18.1.1). */
static int take_targets(struct hop *hop, const struct net_target *found,
			size_t n)
{
	size_t len =
		hop->len + VIA_OCTETS + (hop->token[0] ? RECORD_OCTETS : 0);
	size_t i;

	if (n > NET_TARGETS_MAX)
		n = NET_TARGETS_MAX;
	free(hop->targets);
	hop->targets = calloc(2 * n, sizeof(*hop->targets));
	if (!hop->targets)
		return -ENOMEM;
	hop->n_targets = 0;
	hop->next = 0;
	for (i = 0; i < n; i++) {
		if (len > NET_DATAGRAM_MAX && found[i].kind == NET_UDP)
			hop->targets[hop->n_targets++] =
				(struct net_target){ NET_TCP, found[i].addr };
		hop->targets[hop->n_targets++] = found[i];
	}
	peers_sort(hop->edge, hop->targets, hop->n_targets);
	return 0;
}

static void resolved(void *arg, int error, const struct net_target *found,
		     size_t n)
{
	struct hop *hop = arg;

	hop->resolution = NULL;
	if (!error && hop->next_hop)
		peers_learn(hop->edge, found, n);
	if (error || !n || take_targets(hop, found, n))
		fail(hop);
	else
		next_target(hop);
}

/* Looks for the targets that a URI names. */
static int resolve(struct hop *hop, struct sdp_text text)
{
	struct sdp_text transport = { NULL, 0 }, host;
	struct sip_uri uri;

	if (sip_uri_parse(text, &uri) || !uri.sip)
		return -EHOSTUNREACH;
	sip_uri_param(&uri, "transport", &transport);
	host = uri.host.host;
	if (sip_uri_param(&uri, "maddr", &host) < 0 || !host.len)
		return -EHOSTUNREACH;
	free(hop->host);
	hop->host = strndup(uri.host.host.at, uri.host.host.len);
	if (!hop->host)
		return -ENOMEM;
	hop->next_hop =
		hop->edge->config->next_hop &&
		sip_same(text, sdp_text_of(hop->edge->config->next_hop));
	hop->resolution = net_resolve(hop->edge->net, host, uri.host.port,
				      transport, uri.sips, resolved, hop);
	/* An address was told already. */
	return 0;
}

/**
 * hop_keep() - take the octets of the request
 * @hop: the hop; its former octets are wiped
 * @data: the request, without our Via
 * @len: octets of it
 *
 * Return: 0 or -ENOMEM.
 */
int hop_keep(struct hop *hop, const char *data, size_t len)
{
	char *copy = malloc(len ? len : 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, len);
	if (hop->data)
		OPENSSL_cleanse(hop->data, hop->len);
	free(hop->data);
	hop->data = copy;
	hop->len = len;
	return 0;
}

/**
 * hop_start() - send the request
 * @hop: with its octets, from hop_keep(); nothing of it is under way
 * @way: where it goes
 *
 * Return: 0, and the owner will be told; or a negative errno if the request or
 * the way is no good.
 */
int hop_start(struct hop *hop, const struct relay_way *way)
{
	hop->provisional = false;
	hop->final = false;
	hop->n_targets = 0;
	hop->next = 0;
	hop->side = way->side;
	if (!way->flow)
		return resolve(hop, way->uri);
	if (!net_flow_alive(way->flow) || send_on(hop, net_flow_get(way->flow)))
		fail(hop);
	return 0;
}

/**
 * hop_busy() - may anything more come?
 * @hop: the hop
 *
 * Return: whether it may.
 */
bool hop_busy(const struct hop *hop)
{
	return hop->client || hop->resolution ||
	       (hop->later && evtimer_pending(hop->later, NULL));
}

/**
 * hop_last() - try no other target than the present one
 * @hop: the hop of a request that is cancelled
 */
void hop_last(struct hop *hop)
{
	hop->n_targets = hop->next;
}

/**
 * hop_stop() - give up; the owner is told nothing more
 * @hop: the hop
 */
void hop_stop(struct hop *hop)
{
	if (hop->resolution)
		net_resolve_cancel(hop->resolution);
	hop->resolution = NULL;
	if (hop->later)
		event_free(hop->later);
	hop->later = NULL;
	leave_target(hop);
}

/**
 * hop_end() - give up and free what the hop holds
 * @hop: the hop
 */
void hop_end(struct hop *hop)
{
	hop_stop(hop);
	if (hop->data)
		OPENSSL_cleanse(hop->data, hop->len);
	free(hop->data);
	free(hop->targets);
	free(hop->host);
	if (hop->in)
		net_flow_put(hop->in);
	*hop = (struct hop){ 0 };
}
