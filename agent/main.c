// SPDX-License-Identifier: GPL-2.0
/*
 * e2aed, the P-CSCF that protects the access leg. Starts everything, drops
 * privileges, waits for signals; the work is in edge/.
 */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "control.h"
#include "edge/edge.h"
#include "msf/ports.h"
#include "notify.h"
#include "privilege.h"

#define CONFIG_FILE "/etc/e2ae/e2aed.conf"
#define WHY_ROOM    1024
#define PRIORITIES  3 /* of events: the middle one is what all have */
#define MEDIA_TURNS 4

/* Exit status. */
enum {
	DONE = 0,
	FAILED = 1,
	USAGE = 2,
};

/* Signals that mean something. */
enum {
	ON_HUP,
	ON_TERM,
	ON_INT,
	N_SIGNALS,
};

/**
 * struct agent - the process
 * @path: of the configuration
 * @config: the configuration
 * @base: event base
 * @msf: where media are secured
 * @edge: the P-CSCF
 * @control: control socket, or NULL
 * @signals: events of them
 * @draining: no new calls are taken
 * @why: what went wrong
 */
struct agent {
	const char *path;
	struct config *config;
	struct event_base *base;
	struct msf *msf;
	struct edge *edge;
	struct control *control;
	struct event *signals[N_SIGNALS];
	bool draining;
	char why[WHY_ROOM];
};

/* What the operator can do if the MSF is not to be had. */
static const char *msf_advice(int err)
{
	switch (-err) {
	case ENOENT:
	case ENODEV:
		return "; load it with modprobe e2ae";
	case EPERM:
	case EACCES:
		return "; start e2aed as root, or with CAP_NET_ADMIN";
	default:
		return "";
	}
}

/* Likewise for the sockets and files of the P-CSCF. */
static const char *edge_advice(int err)
{
	switch (-err) {
	case EADDRNOTAVAIL:
		return "; give this machine the address, or correct listen";
	case EADDRINUSE:
		return "; end the program that has it, or correct listen";
	case EPERM:
	case EACCES:
		return "; start e2aed as root, or correct the modes";
	case EMFILE:
		return "; raise the limit of open files";
	default:
		return "";
	}
}

static int failed(const struct agent *agent, int err, const char *advice)
{
	fprintf(stderr, "e2aed: %s%s\n",
		agent->why[0] ? agent->why : strerror(-err), advice);
	return err;
}

/*
 * Media ports are kept from other programs. Where that is not possible, as in a
 * container, the agent still works: the kernel module takes the packets first.
 */
static void reserve_ports(struct agent *agent)
{
	const struct config *config = agent->config;
	const struct config_media *media;
	size_t i;

	if (strcmp(config->msf, "kernel"))
		return;
	for (i = 0; i <= config->n_access; i++) {
		media = i < config->n_access ? &config->access[i].media :
					       &config->core.media;
		if (ports_reserve(media->first, media->last, agent->why,
				  sizeof(agent->why)))
			log_sentence(LOG_LEVEL_WARNING, "ports.unreserved",
				     agent->why);
		agent->why[0] = '\0';
	}
}

static int open_parts(struct agent *agent)
{
	const struct config *config = agent->config;
	char *why = agent->why;
	int err;

	if (!strcmp(config->msf, "kernel") && !privilege_network()) {
		snprintf(why, WHY_ROOM, "there is no CAP_NET_ADMIN");
		return failed(agent, -EPERM, msf_advice(-EPERM));
	}
	reserve_ports(agent);
	if (config->state_dir) {
		err = privilege_directory(config->state_dir, config->user, why,
					  WHY_ROOM);
		if (err)
			return failed(agent, err, "");
	}
	err = msf_open(&agent->msf, agent->base, config->msf, why, WHY_ROOM);
	if (err)
		return failed(agent, err, msf_advice(err));
	err = edge_new(&agent->edge, agent->base, agent->config, agent->msf,
		       why, WHY_ROOM);
	if (err)
		return failed(agent, err, edge_advice(err));
	if (!config->control)
		return 0;
	err = control_new(&agent->control, agent->base, config->control,
			  agent->edge, why, WHY_ROOM);
	if (!err)
		err = privilege_give(config->control, config->user, why,
				     WHY_ROOM);
	return err ? failed(agent, err, "") : 0;
}

static void on_hup(evutil_socket_t sig, short what, void *arg)
{
	struct agent *agent = arg;

	(void)sig;
	(void)what;
	notify_reloading();
	if (config_reload_policies(agent->config, agent->path, agent->why,
				   sizeof(agent->why))) {
		log_sentence(LOG_LEVEL_ERROR, "reload.refused", agent->why);
	} else {
		edge_policies_changed(agent->edge);
		log_event(LOG_LEVEL_NOTICE, NULL, "reload.done", "policies=%zu",
			  policy_count(agent->config->policies) - 1);
	}
	if (edge_renew_tls(agent->edge, agent->why, sizeof(agent->why)))
		log_sentence(LOG_LEVEL_ERROR, "tls.refused", agent->why);
	else
		log_event(LOG_LEVEL_NOTICE, NULL, "tls.renewed", NULL);
	agent->why[0] = '\0';
	notify_state(agent->draining ? "READY=1\nSTOPPING=1" : "READY=1");
}

static void on_drained(void *arg)
{
	struct agent *agent = arg;

	event_base_loopexit(agent->base, NULL);
}

static void on_int(evutil_socket_t sig, short what, void *arg)
{
	struct agent *agent = arg;

	(void)sig;
	(void)what;
	notify_state("STOPPING=1");
	event_base_loopexit(agent->base, NULL);
}

/* The first lets calls end, the second does not. */
static void on_term(evutil_socket_t sig, short what, void *arg)
{
	struct agent *agent = arg;

	if (agent->draining) {
		on_int(sig, what, arg);
		return;
	}
	agent->draining = true;
	notify_state("STOPPING=1\nSTATUS=Waiting for the last calls to end");
	log_event(LOG_LEVEL_NOTICE, NULL, "agent.draining", NULL);
	edge_drain(agent->edge, on_drained, agent);
}

static int catch_signals(struct agent *agent)
{
	static const struct {
		int sig;
		event_callback_fn run;
	} table[N_SIGNALS] = {
		[ON_HUP] = { SIGHUP, on_hup },
		[ON_TERM] = { SIGTERM, on_term },
		[ON_INT] = { SIGINT, on_int },
	};
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < N_SIGNALS; i++) {
		agent->signals[i] = evsignal_new(agent->base, table[i].sig,
						 table[i].run, agent);
		if (!agent->signals[i] || event_add(agent->signals[i], NULL))
			return -ENOMEM;
	}
	return 0;
}

/*
 * Media of MSRP have the last priority, and only so many of their turns are
 * made until it is looked for what matters more.
 */
static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	if (!event_config_set_max_dispatch_interval(config, NULL, MEDIA_TURNS,
						    PRIORITIES - 1))
		base = event_base_new_with_config(config);
	event_config_free(config);
	if (base && event_base_priority_init(base, PRIORITIES)) {
		event_base_free(base);
		base = NULL;
	}
	return base;
}

static int work(struct agent *agent)
{
	int err;

	agent->base = make_base();
	err = agent->base ? catch_signals(agent) : -ENOMEM;
	if (err)
		return failed(agent, err, "");
	err = open_parts(agent);
	if (err)
		return err;
	err = privilege_drop(agent->config->user, agent->why, WHY_ROOM);
	if (err)
		return failed(agent, err, "");
	log_event(LOG_LEVEL_NOTICE, NULL, "agent.ready",
		  "version=%s policies=%zu", E2AE_VERSION,
		  policy_count(agent->config->policies) - 1);
	if (agent->config->lab)
		log_event(LOG_LEVEL_WARNING, NULL, "agent.lab",
			  "keys=unprotected");
	notify_state("READY=1");
	event_base_dispatch(agent->base);
	log_event(LOG_LEVEL_NOTICE, NULL, "agent.gone", NULL);
	return 0;
}

static void close_parts(struct agent *agent)
{
	size_t i;

	control_free(agent->control);
	if (agent->edge)
		edge_free(agent->edge);
	if (agent->msf)
		msf_close(agent->msf);
	for (i = 0; i < N_SIGNALS; i++)
		if (agent->signals[i])
			event_free(agent->signals[i]);
	if (agent->base)
		event_base_free(agent->base);
	config_free(agent->config);
	libevent_global_shutdown();
}

static int show_usage(FILE *out)
{
	fputs("usage: e2aed [-c FILE] [-t]\n"
	      "\n"
	      "  -c FILE  the configuration, instead of " CONFIG_FILE "\n"
	      "  -t       check the configuration, and that is all\n"
	      "  -V       version of this program\n"
	      "  -h       this text\n",
	      out);
	return out == stdout ? DONE : USAGE;
}

int main(int argc, char **argv)
{
	struct agent agent = { .path = CONFIG_FILE };
	bool check = false;
	int c, err;

	while ((c = getopt(argc, argv, "c:tVh")) != -1) {
		switch (c) {
		case 'c':
			agent.path = optarg;
			break;
		case 't':
			check = true;
			break;
		case 'V':
			puts("e2aed " E2AE_VERSION);
			return DONE;
		case 'h':
			return show_usage(stdout);
		default:
			return show_usage(stderr);
		}
	}
	if (optind < argc)
		return show_usage(stderr);
	privilege_guard();
	err = config_read(&agent.config, agent.path, agent.why, WHY_ROOM);
	if (err) {
		failed(&agent, err, "");
		return FAILED;
	}
	if (!check) {
		log_set_level(agent.config->log_level);
		privilege_limits();
		err = work(&agent);
	}
	close_parts(&agent);
	return err ? FAILED : DONE;
}
