// SPDX-License-Identifier: GPL-2.0
/* The P-CSCF: its start, its end, and what it tells its operator. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "../clock.h"
#include "../journal.h"
#include "inner.h"

#define NTP_UNIX	 2208988800U /* seconds from 1900 to 1970 */
#define CONNECT_SECONDS	 10
#define MESSAGE_SECONDS	 20
#define IDLE_SECONDS	 180
#define DRAIN_LOOK_MS	 200
#define REPLAYS_PER_CALL 4
#define REPLAYS_MIN	 4096

/**
 * edge_now_ms() - milliseconds of the monotonic clock
 *
 * Return: they.
 */
uint64_t edge_now_ms(void)
{
	return (uint64_t)clock_ms();
}

/**
 * edge_now_ntp() - NTP time
 *
 * Return: seconds since 1900 in the upper half, fraction in the lower.
 */
uint64_t edge_now_ntp(void)
{
	struct timespec now;
	uint64_t fraction;

	clock_gettime(CLOCK_REALTIME, &now);
	fraction = ((uint64_t)now.tv_nsec << 32) / 1000000000;
	return ((uint64_t)now.tv_sec + NTP_UNIX) << 32 | fraction;
}

/* May the core's network speak to us at all? Else silence (RFC 3261, 16.3). */
static bool welcome(struct edge *edge, struct net_flow *flow)
{
	if (net_flow_side(flow) != NET_CORE ||
	    peers_have(edge, net_flow_remote(flow)))
		return true;
	metric_add(METRIC_FORBIDDEN);
	if (net_flow_kind(flow) != NET_UDP)
		net_flow_close(flow);
	return false;
}

static bool connection_welcome(void *arg, int side, const struct net_addr *from)
{
	if (side != NET_CORE || peers_have(arg, from))
		return true;
	metric_add(METRIC_FORBIDDEN);
	return false;
}

static void message_came(void *arg, struct net_flow *flow, char *data,
			 size_t len)
{
	struct edge *edge = arg;

	metric_add(METRIC_MESSAGES_RECEIVED);
	if (!welcome(edge, flow))
		return;
	edge->arrival = flow;
	tx_message(edge->tx, flow, data, len);
	edge->arrival = NULL;
}

static void bad_came(void *arg, struct net_flow *flow, char *data, size_t len,
		     const struct sip_error *error)
{
	struct edge *edge = arg;

	metric_add(METRIC_MESSAGES_BAD);
	if (welcome(edge, flow))
		tx_bad(edge->tx, flow, data, len, error);
}

static void flow_closed(void *arg, struct net_flow *flow)
{
	struct edge *edge = arg;

	if (edge->tx)
		tx_closed(edge->tx, flow);
	if (edge->regs)
		reg_flow_closed(edge, flow);
}

/*
 * A response that answers nothing of ours goes nowhere (RFC 6026, 7.2): whoever
 * sent it would choose its way by the Via that it says.
 */
static void stray_came(void *arg, struct net_flow *flow, struct sip_msg *msg)
{
	(void)arg;
	(void)flow;
	(void)msg;
	metric_add(METRIC_STRAYS);
}

static void media_event(void *arg, const struct e2ae_event *event)
{
	call_media_event(arg, event);
}

static struct net_side net_side(int number, const struct config_side *side)
{
	return (struct net_side){
		.side = number,
		.listen = side->listen,
		.n_listen = side->n_listen,
		.certificate = side->certificate,
		.private_key = side->private_key,
		.ca = side->ca,
	};
}

static int add_side(struct edge *edge, int number,
		    const struct config_side *side, char *why, size_t room)
{
	const struct net_side one = net_side(number, side);

	return net_add_side(edge->net, &one, why, room);
}

/**
 * edge_renew_tls() - read certificates, keys and CAs again
 * @edge: the edge
 * @why: for a sentence, if it fails
 * @room: octets there
 *
 * Handshakes from here on use what is there now. If any file is bad all stays as
 * it was.
 *
 * Return: 0 or a negative errno.
 */
int edge_renew_tls(struct edge *edge, char *why, size_t room)
{
	const struct config *config = edge->config;
	struct net_side sides[CONFIG_ACCESS_MAX + 1];
	size_t i, n = 0;

	for (i = 0; i < config->n_access; i++)
		if (config->access[i].certificate || config->access[i].ca)
			sides[n++] = net_side((int)i, &config->access[i]);
	if (config->core.certificate || config->core.ca)
		sides[n++] = net_side(NET_CORE, &config->core);
	return net_renew_tls(edge->net, sides, n, why, room);
}

static int start_net(struct edge *edge, char *why, size_t room)
{
	static const struct net_handlers handlers = {
		.message = message_came,
		.bad = bad_came,
		.closed = flow_closed,
		.welcome = connection_welcome,
	};
	const struct config *config = edge->config;
	const struct net_limits limits = {
		.connections = config->limits.connections,
		.connections_each = config->limits.connections_each,
		.out_octets = config->limits.out_octets,
		.connect_seconds = CONNECT_SECONDS,
		.message_seconds = MESSAGE_SECONDS,
		.idle_seconds = IDLE_SECONDS,
		.sip = { config->limits.message, SIP_LINES_MAX,
			 config->limits.body },
	};
	int err = net_new(&edge->net, edge->base, &limits, &handlers, edge);
	size_t i;

	if (err) {
		snprintf(why, room, "no network: %s", strerror(-err));
		return err;
	}
	if (config->dns && net_set_dns(edge->net, config->dns)) {
		snprintf(why, room, "dns: cannot use \"%s\"", config->dns);
		return -EINVAL;
	}
	for (i = 0; !err && i < config->n_access; i++)
		err = add_side(edge, (int)i, &config->access[i], why, room);
	return err ? err : add_side(edge, NET_CORE, &config->core, why, room);
}

static void overload_seen(void *arg)
{
	(void)arg;
	metric_add(METRIC_OVERLOAD);
}

static int start_tx(struct edge *edge)
{
	static const struct tx_handlers handlers = {
		.request = edge_request,
		.cancelled = relay_cancelled,
		.server_gone = relay_server_gone,
		.stray = stray_came,
		.admit = edge_admit,
		.overload = overload_seen,
	};
	const struct config *config = edge->config;

	return tx_layer_new(&edge->tx, edge->base, config->t1,
			    config->limits.transactions, &handlers, edge);
}

static int make_ports(struct ports **ports, const struct config *config,
		      const struct config_media *media)
{
	if (!media->last)
		return 0;
	return ports_new(ports, media->first, media->last,
			 config->quarantine * 1000);
}

static int start_world(struct edge *edge)
{
	const struct config *config = edge->config;
	struct oa_world *world = &edge->world;
	size_t replays = (size_t)config->limits.calls * REPLAYS_PER_CALL;
	size_t i;
	int err;

	world->msf = edge->msf;
	world->config = config;
	world->now_ms = edge_now_ms;
	world->now_ntp = edge_now_ntp;
	err = e2ae_mikey_replay_new(
		&world->replay, replays > REPLAYS_MIN ? replays : REPLAYS_MIN,
		edge_now_ntp());
	for (i = 0; !err && i < config->n_access; i++)
		err = make_ports(&world->access_ports[i], config,
				 &config->access[i].media);
	if (!err)
		err = make_ports(&world->core_ports, config,
				 &config->core.media);
	return err ? err : msrp_start(edge);
}

static int start_memory(struct edge *edge)
{
	edge->bench = malloc(sizeof(*edge->bench));
	edge->made = malloc(sizeof(*edge->made));
	edge->out = malloc(EDGE_OUT_ROOM);
	return edge->bench && edge->made && edge->out ? 0 : -ENOMEM;
}

/* Without a journal all is well, until there is a next process. */
static int start_journal(struct edge *edge)
{
	char why[256] = "";

	if (edge->config->state_dir &&
	    journal_open(&edge->journal, edge->config->state_dir, why,
			 sizeof(why)))
		log_event(LOG_LEVEL_WARNING, NULL, "journal.open", "why=%s",
			  why);
	return mark_start(edge);
}

static int start(struct edge *edge, char *why, size_t room)
{
	int err = start_memory(edge);

	if (!err)
		err = start_world(edge);
	if (!err)
		err = start_tx(edge);
	if (!err)
		err = start_journal(edge);
	if (!err)
		err = reg_table_new(edge);
	if (!err)
		err = call_table_new(edge);
	if (err)
		snprintf(why, room, "no memory or no descriptors are left: %s",
			 strerror(-err));
	else
		err = start_net(edge, why, room);
	return err ? err : peers_new(edge);
}

/**
 * edge_new() - start the P-CSCF
 * @edge: where to put it
 * @base: event base
 * @config: configuration, which stays the caller's
 * @msf: where streams are; its events come to the edge from here on
 * @why: for a sentence, if it fails
 * @room: octets there
 *
 * Return: 0 or a negative errno.
 */
int edge_new(struct edge **edge, struct event_base *base, struct config *config,
	     struct msf *msf, char *why, size_t room)
{
	struct edge *made = calloc(1, sizeof(*made));
	int err;

	if (!made) {
		snprintf(why, room, "out of memory");
		return -ENOMEM;
	}
	made->base = base;
	made->config = config;
	made->msf = msf;
	if (room)
		why[0] = 0;
	err = start(made, why, room);
	if (err) {
		edge_free(made);
		return err;
	}
	if (msf) {
		msf->event = media_event;
		msf->arg = made;
	}
	call_adopt(made);
	reg_adopt(made);
	*edge = made;
	return 0;
}

/**
 * edge_free() - end the P-CSCF at once
 * @edge: the edge
 *
 * Streams of calls that are still there stay at the MSF.
 */
void edge_free(struct edge *edge)
{
	size_t i;

	edge->closing = true;
	if (edge->msf)
		edge->msf->event = NULL;
	if (edge->drain)
		event_free(edge->drain);
	relay_free_all(edge);
	if (edge->calls)
		call_table_free(edge);
	relay_own_free_all(edge);
	if (edge->regs)
		reg_table_free(edge);
	if (edge->tx)
		tx_layer_free(edge->tx);
	edge->tx = NULL;
	msrp_close(edge->world.msrp);
	peers_free(edge);
	if (edge->net)
		net_free(edge->net);
	for (i = 0; i < CONFIG_ACCESS_MAX; i++)
		if (edge->world.access_ports[i])
			ports_free(edge->world.access_ports[i]);
	if (edge->world.core_ports)
		ports_free(edge->world.core_ports);
	if (edge->world.replay)
		e2ae_mikey_replay_free(edge->world.replay);
	if (edge->bench)
		sip_msg_wipe(edge->bench);
	if (edge->made)
		sip_msg_wipe(edge->made);
	free(edge->bench);
	free(edge->made);
	free(edge->out);
	journal_close(edge->journal);
	OPENSSL_cleanse(edge->mark_secret, sizeof(edge->mark_secret));
	free(edge);
}

static bool is_drained(struct edge *edge, uint64_t now)
{
	if (!call_count(edge) && !relay_pending(edge) &&
	    !relay_own_pending(edge))
		return true;
	if (now < edge->drain_until)
		return false;
	if (edge->cut)
		return true;
	edge->cut = true;
	edge->drain_until = now + 64ULL * edge->config->t1;
	call_end_all(edge);
	return false;
}

static void look_drained(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { 0, DRAIN_LOOK_MS * 1000 };
	struct edge *edge = arg;

	(void)fd;
	(void)what;
	if (is_drained(edge, edge_now_ms()))
		edge->drained(edge->drained_arg);
	else
		evtimer_add(edge->drain, &again);
}

/**
 * edge_drain() - begin nothing new, and tell when everything has ended
 * @edge: the edge
 * @drained: told once
 * @arg: its first argument
 *
 * Calls that go on for longer than the configuration allows are ended.
 */
void edge_drain(struct edge *edge, void (*drained)(void *arg), void *arg)
{
	static const struct timeval soon = { 0, 0 };

	edge->drained = drained;
	edge->drained_arg = arg;
	if (edge->draining)
		return;
	edge->draining = true;
	edge->drain_until =
		edge_now_ms() + edge->config->drain * UINT64_C(1000);
	call_drain(edge);
	edge->drain = evtimer_new(edge->base, look_drained, edge);
	if (edge->drain)
		evtimer_add(edge->drain, &soon);
}

/**
 * edge_policies_changed() - the configuration has other policies
 * @edge: the edge
 *
 * Calls hold those that they began under; everything else asks anew.
 */
void edge_policies_changed(struct edge *edge)
{
	log_event(LOG_LEVEL_NOTICE, NULL, "policy.reload", "rules=%zu",
		  policy_count(edge->config->policies));
}

/**
 * edge_memory() - octets that are allocated
 * @edge: the edge
 *
 * Return: they, of the whole process.
 */
size_t edge_memory(const struct edge *edge)
{
	(void)edge;
	return mallinfo2().uordblks;
}

static void tell_ports(struct tell *tell, const struct edge *edge)
{
	const struct oa_world *world = &edge->world;
	size_t i, used = 0;

	for (i = 0; i < edge->config->n_access; i++)
		if (world->access_ports[i])
			used += ports_used(world->access_ports[i]);
	tell_number(tell, "access-ports", used);
	tell_number(tell, "core-ports",
		    world->core_ports ? ports_used(world->core_ports) : 0);
}

/**
 * edge_tell_status() - what there is; counters are told by the caller
 * @edge: the edge
 * @line: told one line
 * @arg: its first argument
 */
void edge_tell_status(struct edge *edge, edge_line *line, void *arg)
{
	struct tell tell;

	tell_begin(&tell);
	tell_string(&tell, "domain", edge->config->domain);
	tell_string(&tell, "state", edge->draining ? "draining" : "running");
	tell_number(&tell, "registrations", reg_count(edge));
	tell_number(&tell, "calls-up", call_count(edge));
	tell_number(&tell, "transactions", tx_count(edge->tx));
	tell_ports(&tell, edge);
	msrp_tell(edge, &tell);
	tell_number(&tell, "memory", edge_memory(edge));
	tell_end(&tell, line, arg);
}

/**
 * edge_tell_registrations() - every binding, a line each
 * @edge: the edge
 * @line: told each line
 * @arg: its first argument
 */
void edge_tell_registrations(struct edge *edge, edge_line *line, void *arg)
{
	reg_tell(edge, line, arg);
}

/**
 * edge_tell_calls() - every call, a line each
 * @edge: the edge
 * @line: told each line
 * @arg: its first argument
 */
void edge_tell_calls(struct edge *edge, edge_line *line, void *arg)
{
	call_tell(edge, line, arg);
}

static void tell_profiles(struct tell *tell, const struct policy *policy)
{
	char names[128];
	size_t i, used = 0;

	for (i = 0; i < policy->n_profiles; i++) {
		if (i)
			sdp_text_put(sdp_text_of(" "), names, sizeof(names) - 1,
				     &used);
		sdp_text_put(
			sdp_text_of(policy_profile_name(policy->profiles[i])),
			names, sizeof(names) - 1, &used);
	}
	names[used < sizeof(names) ? used : sizeof(names) - 1] = 0;
	tell_string(tell, "profiles", names);
}

/**
 * edge_tell_policy() - every policy in its order, a line each
 * @edge: the edge
 * @line: told each line
 * @arg: its first argument
 */
void edge_tell_policy(struct edge *edge, edge_line *line, void *arg)
{
	const struct policy_table *table = edge->config->policies;
	const struct policy *policy;
	struct tell tell;
	size_t i;

	for (i = 0; i < policy_count(table); i++) {
		policy = policy_at(table, i);
		tell_begin(&tell);
		tell_string(&tell, "name", policy->name ? policy->name : "");
		tell_string(&tell, "access",
			    policy->access ? policy->access : "*");
		tell_string(&tell, "subscriber",
			    policy->subscriber ? policy->subscriber : "*");
		tell_string(&tell, "originating",
			    policy_mode_name(policy->originating));
		tell_string(&tell, "terminating",
			    policy_mode_name(policy->terminating));
		tell_profiles(&tell, policy);
		tell_flag(&tell, "indicator", policy->indicator);
		tell_flag(&tell, "e2e-pass", policy->e2e_pass);
		tell_flag(&tell, "e2e-satisfies-require", policy->e2e_enough);
		tell_flag(&tell, "retry-plain", policy->retry_plain);
		tell_end(&tell, line, arg);
	}
}
