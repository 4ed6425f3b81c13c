// SPDX-License-Identifier: GPL-2.0
/* The configuration as a whole: what is at the top of the file, and reloading. */
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config-file.h"
#include "control.h"
#include "sip/uri.h"

#define DAEMON_USER "e2ae"
#define TEN_MILLION 10000000

/* The name goes into URIs, MIKEY identities and the key derivation. */
static int read_domain(struct config_file *f, char **to)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, "domain");
	const char *at;
	int err;

	err = config_text(f, f->cfg, "domain", to);
	if (err)
		return err;
	if (!*to)
		return config_wrong(
			f, opt, 0,
			"there is no domain: say the name of this P-CSCF");
	for (at = *to; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' &&
		    (*at != '.' || at == *to || at[-1] == '.'))
			break;
	if (*at || at - *to > 253 || at[-1] == '.')
		return config_wrong(f, opt, 0,
				    "domain \"%s\" is no domain name", *to);
	return 0;
}

static int read_next_hop(struct config_file *f, char **to)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, "next-hop");
	struct sdp_text transport;
	struct sip_uri uri;
	int err;

	err = config_text(f, f->cfg, "next-hop", to);
	if (err || !*to)
		return err;
	if (sip_uri_parse(sdp_text_of(*to), &uri) || !uri.sip ||
	    uri.headers.len)
		return config_wrong(
			f, opt, 0,
			"next-hop \"%s\" is no SIP URI such as \"sip:192.0.2.1:5060\"",
			*to);
	if (sip_uri_param(&uri, "transport", &transport) &&
	    !sdp_text_is(transport, "udp") && !sdp_text_is(transport, "tcp") &&
	    !sdp_text_is(transport, "tls"))
		return config_wrong(
			f, opt, 0,
			"next-hop has a transport that is none of udp, tcp, tls");
	return 0;
}

/* Servers as c-ares takes them, each an address, perhaps with a port. */
static int read_dns(struct config_file *f, char **to)
{
	struct sdp_text left, one;
	char text[NET_ADDR_TEXT];
	struct net_addr addr;
	bool more;
	int err;

	err = config_text(f, f->cfg, "dns", to);
	if (err || !*to)
		return err;
	left = sdp_text_of(*to);
	do {
		more = sdp_text_cut(left, ',', &one, &left);
		snprintf(text, sizeof(text), "%.*s", (int)one.len, one.at);
		if (one.len >= sizeof(text) || net_addr_parse(text, &addr))
			return config_wrong(
				f, cfg_getopt(f->cfg, "dns"), 0,
				"dns \"%s\" is no list such as \"192.0.2.53,[2001:db8::53]:5353\"",
				*to);
	} while (more);
	return 0;
}

static int read_control(struct config_file *f, char **to)
{
	int err;

	err = config_path(f, f->cfg, "control", to);
	if (!err && *to && strlen(*to) > CONTROL_PATH_MAX)
		return config_wrong(
			f, cfg_getopt(f->cfg, "control"), 0,
			"control is longer than the %zu characters that a socket may have",
			CONTROL_PATH_MAX);
	return err;
}

static int read_user(struct config_file *f, char **to)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, "user");
	int err;

	if (!config_given(f, f->cfg, "user")) {
		if (!getpwnam(DAEMON_USER))
			return 0;
		*to = strdup(DAEMON_USER);
		return *to ? 0 : -ENOMEM;
	}
	err = config_text(f, f->cfg, "user", to);
	if (!err && *to && !getpwnam(*to))
		return config_wrong(f, opt, 0, "there is no user \"%s\"", *to);
	return err;
}

static int read_msf(struct config_file *f, char **to)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, "msf");
	int err;

	err = config_text(f, f->cfg, "msf", to);
	if (!err && (!*to || (strcmp(*to, "kernel") &&
			      (strncmp(*to, "record:", 7) || !(*to)[7]))))
		return config_wrong(
			f, opt, 0,
			"msf \"%s\" is neither kernel nor record:FILE",
			*to ? *to : "");
	return err;
}

static int read_log_level(struct config_file *f, enum log_level *to)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error",   [LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_NOTICE] = "notice", [LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};
	const char *text = cfg_getstr(f->cfg, "log-level");
	int i;

	for (i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		if (!strcmp(text, names[i])) {
			*to = i;
			return 0;
		}
	}
	return config_wrong(
		f, cfg_getopt(f->cfg, "log-level"), 0,
		"log-level \"%s\" is none of error, warning, notice, info, debug",
		text);
}

static int top(struct config_file *f, struct config *config)
{
	cfg_t *cfg = f->cfg;

	config->end_silent = cfg_getbool(cfg, "end-silent");
	config->lab = cfg_getbool(cfg, "lab-unprotected-signalling");
	config->emergency = cfg_getbool(cfg, "emergency");
	config->reg_event = cfg_getbool(cfg, "reg-event");
	return read_domain(f, &config->domain)				?:
		       read_next_hop(f, &config->next_hop)		?:
		       read_dns(f, &config->dns)			?:
		       config_peers(f, config)				?:
		       read_control(f, &config->control)		?:
		       config_path(f, cfg, "state", &config->state_dir) ?:
		       read_user(f, &config->user)			?:
		       read_msf(f, &config->msf)			?:
		       config_number(f, cfg, "quarantine", 0, 3600, &config->quarantine) ?:
		       config_number(f, cfg, "drain-seconds", 0, 86400, &config->drain) ?:
		       config_number(f, cfg, "media-timeout", 0, 86400, &config->media_timeout) ?:
		       config_number(f, cfg, "min-session-expires", 90, 86400, &config->min_se) ?:
		       config_number(f, cfg, "mikey-skew", 1, 86400, &config->mikey_skew) ?:
		       config_number(f, cfg, "msrp-connect", 1, 3600, &config->msrp_connect) ?:
		       config_number(f, cfg, "msrp-idle", 1, 604800, &config->msrp_idle) ?:
		       config_number(f, cfg, "msrp-total", 1, 604800, &config->msrp_total) ?:
		       config_number(f, cfg, "t1", 10, 10000, &config->t1) ?:
		       read_log_level(f, &config->log_level);
}

static int read_limits(struct config_file *f, struct config_limits *to)
{
	unsigned int header = 0, body = 0, output = 0;
	const struct {
		const char *name;
		unsigned int least;
		unsigned int most;
		unsigned int *to;
	} table[] = {
		{ "registrations", 1, TEN_MILLION, &to->registrations },
		{ "contacts", 1, 1000, &to->contacts },
		{ "calls", 1, TEN_MILLION, &to->calls },
		{ "calls-per-subscriber", 1, TEN_MILLION, &to->calls_each },
		{ "transactions", 1, TEN_MILLION, &to->transactions },
		{ "connections", 1, TEN_MILLION, &to->connections },
		{ "connections-per-address", 1, TEN_MILLION,
		  &to->connections_each },
		{ "header", 1024, 1 << 20, &header },
		{ "body", 1024, 1 << 24, &body },
		{ "output", 4096, 1 << 30, &output },
		{ "msrp-sessions", 1, TEN_MILLION, &to->msrp_sessions },
	};
	cfg_t *sec = cfg_getsec(f->cfg, "limits");
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table) && !err; i++)
		err = config_number(f, sec, table[i].name, table[i].least,
				    table[i].most, table[i].to);
	to->message = header;
	to->body = body;
	to->out_octets = output;
	return err;
}

/* An answer of ours must fit what waits for a connection. */
static int limits_fit(struct config_file *f, const struct config_limits *limits)
{
	cfg_t *sec = cfg_getsec(f->cfg, "limits");

	if (limits->out_octets < limits->message + limits->body)
		return config_wrong(
			f, cfg_getopt(sec, "output"), 0,
			"output is %zu, and a message may have %zu octets",
			limits->out_octets, limits->message + limits->body);
	return 0;
}

static int whole(struct config_file *f, struct config *config)
{
	size_t i;

	for (i = 0; i < config_file_options(); i++)
		config->marks[i] = config_file_mark(f, i);
	return top(f, config)			       ?:
		       config_sides(f, config)	       ?:
		       config_clashes(f, config)       ?:
		       read_limits(f, &config->limits) ?:
		       limits_fit(f, &config->limits)  ?:
		       config_policies(f, config);
}

/**
 * config_read() - read a configuration, and check all of it
 * @config: where to put it
 * @path: of the file
 * @why: where to put a sentence, "FILE:LINE: ...", if it is refused
 * @room: octets there
 *
 * Return: 0; or a negative errno with @why filled in.
 */
int config_read(struct config **config, const char *path, char *why,
		size_t room)
{
	struct config_file f;
	struct config *made;
	int err;

	err = config_file_open(&f, path, why, room);
	made = calloc(1, sizeof(*made));
	if (!err)
		err = made ? whole(&f, made) : -ENOMEM;
	if (err == -ENOMEM && !why[0])
		snprintf(why, room, "there is no memory left");
	config_file_close(&f);
	if (err) {
		config_free(made);
		return err;
	}
	*config = made;
	return 0;
}

/**
 * config_reload_policies() - read the policies again, and nothing else
 * @config: gets the new table; keeps its own if the file is refused. Calls that
 *	hold the old one keep it
 * @path: of the file
 * @why: where to put a sentence if it is refused
 * @room: octets there
 *
 * The file has to be right as a whole. Other options that changed are told in the
 * log and have no effect. The lab is refused, since policies may depend on it.
 *
 * Return: 0; or a negative errno with @why filled in.
 */
int config_reload_policies(struct config *config, const char *path, char *why,
			   size_t room)
{
	struct config *read;
	size_t i;
	int err;

	err = config_read(&read, path, why, room);
	if (err)
		return err;
	if (read->lab && !config->lab) {
		snprintf(
			why, room,
			"%s: lab-unprotected-signalling needs a restart; the policies stay",
			path);
		config_free(read);
		return -EINVAL;
	}
	for (i = 0; i < config_file_options(); i++)
		if (read->marks[i] != config->marks[i])
			log_event(LOG_LEVEL_WARNING, NULL, "config.ignored",
				  "option=%s until=restart",
				  config_file_option(i));
	policy_table_put(config->policies);
	config->policies = policy_table_get(read->policies);
	config_free(read);
	return 0;
}

/**
 * config_free() - forget a configuration
 * @config: the configuration, or NULL
 */
void config_free(struct config *config)
{
	size_t i;

	if (!config)
		return;
	for (i = 0; i < config->n_access; i++)
		config_side_free(&config->access[i]);
	config_side_free(&config->core);
	policy_table_put(config->policies);
	free(config->domain);
	free(config->next_hop);
	free(config->dns);
	free(config->user);
	free(config->state_dir);
	free(config->control);
	free(config->msf);
	free(config);
}
