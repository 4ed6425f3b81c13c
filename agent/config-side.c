// SPDX-License-Identifier: GPL-2.0
/* The sections access and core, and the list of peers. */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config-file.h"

/* An address alone, in brackets or not, of somebody in particular. */
static bool address(struct sdp_text text, uint16_t port, struct net_addr *addr)
{
	if (text.len > 1 && text.at[0] == '[' && text.at[text.len - 1] == ']') {
		text.at++;
		text.len -= 2;
		if (!memchr(text.at, ':', text.len))
			return false;
	}
	return text.len && !net_addr_set(addr, text, port);
}

/* Whether an address can be one of this machine that others send to. */
static bool ownable(const struct net_addr *addr)
{
	uint32_t v4;

	if (addr->sa.sa_family == AF_INET6)
		return !IN6_IS_ADDR_UNSPECIFIED(&addr->in6.sin6_addr) &&
		       !IN6_IS_ADDR_MULTICAST(&addr->in6.sin6_addr) &&
		       !IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr) &&
		       !IN6_IS_ADDR_LINKLOCAL(&addr->in6.sin6_addr);
	v4 = ntohl(addr->in4.sin_addr.s_addr);
	return v4 != INADDR_ANY && v4 != INADDR_BROADCAST && !IN_MULTICAST(v4);
}

/* "udp:10.0.0.1:5060", "tls:[2001:db8::1]:5061" */
static bool listen_parse(const char *text, struct net_listen *listen)
{
	static const char *const kinds[] = { "udp:", "tcp:", "tls:" };
	static const enum net_kind of[] = { NET_UDP, NET_TCP, NET_TLS };
	struct sdp_text host, digits;
	const char *colon;
	uint64_t port;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(text, kinds[i], 4))
			break;
	if (i == ARRAY_SIZE(kinds))
		return false;
	listen->kind = of[i];
	text += 4;
	colon = strrchr(text, ':');
	if (!colon)
		return false;
	host = (struct sdp_text){ text, colon - text };
	/* Without brackets nobody knows where an IPv6 address ends. */
	if (host.len && host.at[0] != '[' && memchr(host.at, ':', host.len))
		return false;
	digits = sdp_text_of(colon + 1);
	return !sdp_text_number(digits, 65535, &port) && port &&
	       address(host, port, &listen->addr) && ownable(&listen->addr);
}

static int listeners(struct config_file *f, cfg_t *sec, cfg_opt_t *self,
		     unsigned int nth, struct config_side *side)
{
	cfg_opt_t *opt = cfg_getopt(sec, "listen");
	unsigned int i, n = cfg_opt_size(opt);

	if (!n)
		return config_wrong(
			f, self, nth,
			"%s has no listen, such as \"udp:192.0.2.1:5060\"",
			side->name);
	if (n > CONFIG_LISTEN_MAX)
		return config_wrong(f, opt, CONFIG_LISTEN_MAX,
				    "listen has more than %d addresses",
				    CONFIG_LISTEN_MAX);
	for (i = 0; i < n; i++)
		if (!listen_parse(cfg_opt_getnstr(opt, i), &side->listen[i]))
			return config_wrong(
				f, opt, i,
				"listen \"%s\" is not udp:, tcp: or tls:, own address, port",
				cfg_opt_getnstr(opt, i));
	side->n_listen = n;
	return 0;
}

static int media_addresses(struct config_file *f, cfg_t *sec, cfg_opt_t *self,
			   unsigned int nth, struct config_side *side)
{
	cfg_opt_t *opt = cfg_getopt(sec, "media");
	unsigned int i, n = cfg_opt_size(opt);
	struct net_addr addr, *to;
	const char *text;

	if (!n)
		return config_wrong(
			f, self, nth,
			"%s has no media: say the own address where media arrive",
			side->name);
	for (i = 0; i < n; i++) {
		text = cfg_opt_getnstr(opt, i);
		if (!address(sdp_text_of(text), 0, &addr) || !ownable(&addr))
			return config_wrong(f, opt, i,
					    "media \"%s\" is no own address",
					    text);
		to = addr.sa.sa_family == AF_INET6 ? &side->media.addr6 :
						     &side->media.addr4;
		if (to->sa.sa_family)
			return config_wrong(
				f, opt, i,
				"media has two addresses of one family; one of each is possible");
		*to = addr;
	}
	return 0;
}

static int media_ports(struct config_file *f, cfg_t *sec,
		       struct config_media *media)
{
	cfg_opt_t *opt = cfg_getopt(sec, "ports");
	const char *text = cfg_opt_getnstr(opt, 0);
	struct sdp_text low, high;
	uint64_t first, last;

	if (!sdp_text_cut(sdp_text_of(text), '-', &low, &high) ||
	    sdp_text_number(low, 65535, &first) ||
	    sdp_text_number(high, 65535, &last))
		return config_wrong(
			f, opt, 0,
			"ports \"%s\" is no range such as \"20000-29999\"",
			text);
	if (first < 1024 || first >= last)
		return config_wrong(
			f, opt, 0,
			"ports \"%s\" has to go up, from 1024 or more", text);
	if (first % 2 || !(last % 2))
		return config_wrong(
			f, opt, 0,
			"ports \"%s\" has to begin even and end odd: RTP and RTCP are a pair",
			text);
	media->first = first;
	media->last = last;
	return 0;
}

static int media_device(struct config_file *f, cfg_t *sec,
			struct config_media *media)
{
	int err = config_text(f, sec, "device", &media->device);

	if (err || !media->device)
		return err;
	if (strlen(media->device) >= IFNAMSIZ ||
	    strpbrk(media->device, "/ :") || !strcmp(media->device, ".") ||
	    !strcmp(media->device, ".."))
		return config_wrong(
			f, cfg_getopt(sec, "device"), 0,
			"device \"%s\" cannot be the name of a device",
			media->device);
	return 0;
}

/* A PEM file that has to be there; @secret, others must not be able to read. */
static int pem(struct config_file *f, cfg_t *sec, const char *name, bool secret,
	       char **path)
{
	cfg_opt_t *opt = cfg_getopt(sec, name);
	struct stat st;
	int err;

	err = config_path(f, sec, name, path);
	if (err || !*path)
		return err;
	if (stat(*path, &st))
		return config_wrong(f, opt, 0, "%s %s cannot be read: %s", name,
				    *path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return config_wrong(f, opt, 0, "%s %s is no file", name, *path);
	if (secret && st.st_mode & 0007)
		return config_wrong(f, opt, 0,
				    "%s %s is open to everybody: chmod o= it",
				    name, *path);
	return 0;
}

static int tls(struct config_file *f, cfg_t *sec, struct config_side *side)
{
	cfg_opt_t *opt = cfg_getopt(sec, "listen");
	unsigned int i;
	int err;

	err = pem(f, sec, "certificate", false, &side->certificate) ?:
		      pem(f, sec, "private-key", true, &side->private_key);
	if (err)
		return err;
	if (!side->certificate != !side->private_key)
		return config_wrong(
			f,
			cfg_getopt(sec, side->certificate ? "certificate" :
							    "private-key"),
			0,
			"certificate and private-key go together, and %s has only one of them",
			side->name);
	for (i = 0; i < side->n_listen; i++)
		if (side->listen[i].kind == NET_TLS && !side->certificate)
			return config_wrong(
				f, opt, i,
				"listen \"%s\" needs a certificate and a private-key",
				cfg_opt_getnstr(opt, i));
	return 0;
}

/* From where connections of MSRP may come. */
static int msrp_source(struct config_file *f, cfg_t *sec,
		       struct config_side *side)
{
	const char *text = cfg_getstr(sec, "msrp-source");

	side->msrp_strict = !strcmp(text, "strict");
	if (side->msrp_strict || !strcmp(text, "any"))
		return 0;
	return config_wrong(f, cfg_getopt(sec, "msrp-source"), 0,
			    "msrp-source \"%s\" is neither any nor strict",
			    text);
}

/* What both kinds have. */
static int side_read(struct config_file *f, const char *section,
		     unsigned int nth, struct config_side *side)
{
	cfg_opt_t *self = cfg_getopt(f->cfg, section);
	cfg_t *sec = cfg_opt_getnsec(self, nth);

	side->protected = cfg_getbool(sec, "protected");
	return listeners(f, sec, self, nth, side)		?:
		       tls(f, sec, side)			?:
		       media_addresses(f, sec, self, nth, side) ?:
		       media_ports(f, sec, &side->media)	?:
		       media_device(f, sec, &side->media)	?:
		       msrp_source(f, sec, side);
}

/* It is written into a header field as a token or a quoted string. */
static int network_id(struct config_file *f, cfg_t *sec, const char *domain,
		      struct config_side *side)
{
	int err = config_text(f, sec, "network-id", &side->network_id);

	if (!err && !side->network_id) {
		side->network_id = strdup(domain);
		return side->network_id ? 0 : -ENOMEM;
	}
	if (!err && strpbrk(side->network_id, "\"\\"))
		return config_wrong(f, cfg_getopt(sec, "network-id"), 0,
				    "network-id has a quote or a backslash");
	return err;
}

static int access_read(struct config_file *f, struct config *config,
		       unsigned int nth)
{
	struct config_side *side = &config->access[nth];
	int err;

	err = config_name(f, "access", nth, &side->name);
	if (!err && !strcmp(side->name, "core"))
		return config_wrong(f, cfg_getopt(f->cfg, "access"), nth,
				    "an access network cannot be named core");
	return err					 ?:
		       side_read(f, "access", nth, side) ?:
		       network_id(f, cfg_getnsec(f->cfg, "access", nth),
				  config->domain, side);
}

static int core_read(struct config_file *f, struct config_side *side)
{
	if (!config_given(f, f->cfg, "core"))
		return config_wrong(
			f, NULL, 0,
			"there is no core: say its listen, media and ports in core { }");
	side->name = strdup("core");
	if (!side->name)
		return -ENOMEM;
	return side_read(f, "core", 0, side) ?:
		       pem(f, cfg_getsec(f->cfg, "core"), "ca", false,
			   &side->ca);
}

/**
 * config_sides() - read the access networks and the core
 * @f: the file
 * @config: where to put them; has its domain
 *
 * Return: 0; -EINVAL, having said why; or -ENOMEM.
 */
int config_sides(struct config_file *f, struct config *config)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, "access");
	unsigned int i, n = cfg_opt_size(opt);
	int err;

	if (!n)
		return config_wrong(
			f, NULL, 0,
			"there is no access: say one such as access \"lte\" { }");
	if (n > CONFIG_ACCESS_MAX)
		return config_wrong(f, opt, CONFIG_ACCESS_MAX,
				    "there are more than %d of access",
				    CONFIG_ACCESS_MAX);
	for (i = 0; i < n; i++) {
		config->n_access = i + 1;
		err = access_read(f, config, i);
		if (err)
			return err;
	}
	return core_read(f, &config->core);
}

/* No bit of a network's address may be set behind its prefix. */
static bool prefix_fits(const struct config_peer *peer)
{
	const uint8_t *octets = peer->net.sa.sa_family == AF_INET6 ?
					(void *)&peer->net.in6.sin6_addr :
					(void *)&peer->net.in4.sin_addr;
	unsigned int bits = peer->net.sa.sa_family == AF_INET6 ? 128 : 32, bit;

	for (bit = peer->prefix; bit < bits; bit++)
		if (octets[bit / 8] & 0x80 >> bit % 8)
			return false;
	return peer->prefix <= bits;
}

static bool peer_parse(const char *text, struct config_peer *peer)
{
	struct sdp_text whole = sdp_text_of(text), host, tail;
	uint64_t bits;

	if (!sdp_text_cut(whole, '/', &host, &tail)) {
		if (!address(whole, 0, &peer->net))
			return false;
		bits = peer->net.sa.sa_family == AF_INET6 ? 128 : 32;
	} else if (sdp_text_number(tail, 128, &bits) ||
		   !address(host, 0, &peer->net)) {
		return false;
	}
	peer->prefix = bits;
	return prefix_fits(peer);
}

/**
 * config_peers() - read from where the core may speak
 * @f: the file
 * @config: where to put it
 *
 * Return: 0; or -EINVAL, having said why.
 */
int config_peers(struct config_file *f, struct config *config)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, "peers");
	unsigned int i, n = cfg_opt_size(opt);

	if (n > CONFIG_PEERS_MAX)
		return config_wrong(f, opt, CONFIG_PEERS_MAX,
				    "peers has more than %d networks",
				    CONFIG_PEERS_MAX);
	for (i = 0; i < n; i++)
		if (!peer_parse(cfg_opt_getnstr(opt, i), &config->peers[i]))
			return config_wrong(
				f, opt, i,
				"peers \"%s\" is no network such as \"10.1.0.0/24\"",
				cfg_opt_getnstr(opt, i));
	config->n_peers = n;
	return 0;
}

/**
 * config_side_free() - free what a side holds
 * @side: the side
 */
void config_side_free(struct config_side *side)
{
	free(side->name);
	free(side->certificate);
	free(side->private_key);
	free(side->ca);
	free(side->media.device);
	free(side->network_id);
}
