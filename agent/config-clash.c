// SPDX-License-Identifier: GPL-2.0
/* What two parts of the configuration may not both have. */
#include <string.h>

#include "config-file.h"

/* Access networks in their order, then the core. */
static const struct config_side *side_at(const struct config *config, size_t n)
{
	return n < config->n_access ? &config->access[n] : &config->core;
}

static cfg_opt_t *option_of(struct config_file *f, const struct config *config,
			    size_t n, const char *name)
{
	cfg_t *sec = n < config->n_access ? cfg_getnsec(f->cfg, "access", n) :
					    cfg_getsec(f->cfg, "core");

	return cfg_getopt(sec, name);
}

static bool same_host(const struct net_addr *a, const struct net_addr *b)
{
	return a->sa.sa_family && a->sa.sa_family == b->sa.sa_family &&
	       net_addr_same_host(a, b);
}

static bool ranges_clash(const struct config_media *a,
			 const struct config_media *b)
{
	return (same_host(&a->addr4, &b->addr4) ||
		same_host(&a->addr6, &b->addr6)) &&
	       a->first <= b->last && b->first <= a->last;
}

/* Of UDP by the module, of TCP by sessions of MSRP. */
static bool takes_sip(const struct config_media *media,
		      const struct net_listen *listen)
{
	uint16_t port = net_addr_port(&listen->addr);

	return (same_host(&media->addr4, &listen->addr) ||
		same_host(&media->addr6, &listen->addr)) &&
	       media->first <= port && port <= media->last;
}

/* The kernel tells TLS and TCP not apart. */
static bool listeners_clash(const struct net_listen *a,
			    const struct net_listen *b)
{
	return (a->kind == NET_UDP) == (b->kind == NET_UDP) &&
	       net_addr_equal(&a->addr, &b->addr);
}

static int listen_clash(struct config_file *f, const struct config *config,
			size_t a, size_t b)
{
	const struct config_side *one = side_at(config, a);
	const struct config_side *other = side_at(config, b);
	char text[NET_ADDR_TEXT];
	size_t i, j;

	for (i = 0; i < other->n_listen; i++) {
		for (j = 0; j < (a == b ? i : one->n_listen); j++) {
			if (!listeners_clash(&one->listen[j],
					     &other->listen[i]))
				continue;
			return config_wrong(
				f, option_of(f, config, b, "listen"), i,
				"listen has %s, which %s listens on already",
				net_addr_text(&other->listen[i].addr, text),
				one->name);
		}
	}
	return 0;
}

static int media_clash(struct config_file *f, const struct config *config,
		       size_t a, size_t b)
{
	const struct config_side *one = side_at(config, a);
	const struct config_side *other = side_at(config, b);
	size_t i;

	if (a != b && ranges_clash(&one->media, &other->media))
		return config_wrong(
			f, option_of(f, config, b, "ports"), 0,
			"ports %u-%u overlap with ports %u-%u of %s on the same address",
			other->media.first, other->media.last, one->media.first,
			one->media.last, one->name);
	for (i = 0; i < one->n_listen; i++)
		if (takes_sip(&other->media, &one->listen[i]))
			return config_wrong(
				f, option_of(f, config, a, "listen"), i,
				"listen of %s is within the media ports of %s",
				one->name, other->name);
	return 0;
}

/**
 * config_clashes() - refuse what does not fit together
 * @f: the file
 * @config: all sides of it
 *
 * Return: 0; or -EINVAL, having said why.
 */
int config_clashes(struct config_file *f, const struct config *config)
{
	size_t a, b;
	int err;

	for (b = 0; b <= config->n_access; b++) {
		for (a = 0; a <= b; a++) {
			err = listen_clash(f, config, a, b)	   ?:
				      media_clash(f, config, a, b) ?:
				      media_clash(f, config, b, a);
			if (err)
				return err;
		}
	}
	return 0;
}
