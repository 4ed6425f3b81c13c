/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file as libconfuse reads it, with the line of everything in it. What the
 * values mean is the business of config.c, config-side.c, config-policy.c and
 * config-clash.c, which share this.
 */
#ifndef E2AE_CONFIG_FILE_H
#define E2AE_CONFIG_FILE_H

#include <confuse.h>

#include "config.h"

struct config_seen;

/**
 * struct config_file - a file that is read
 * @path: of the file
 * @cfg: what libconfuse made of it
 * @seen: every value, in the order of the file
 * @n_seen: how many
 * @room: of @seen
 * @why: where to say what is wrong
 * @size: room there
 */
struct config_file {
	const char *path;
	cfg_t *cfg;
	struct config_seen *seen;
	size_t n_seen;
	size_t room;
	char *why;
	size_t size;
};

/* config-file.c */
int config_file_open(struct config_file *f, const char *path, char *why,
		     size_t room);
void config_file_close(struct config_file *f);
size_t config_file_options(void);
const char *config_file_option(size_t n);
uint64_t config_file_mark(const struct config_file *f, size_t n);
int config_wrong(struct config_file *f, cfg_opt_t *opt, unsigned int nth,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
bool config_given(const struct config_file *f, cfg_t *sec, const char *name);
int config_number(struct config_file *f, cfg_t *sec, const char *name,
		  unsigned int least, unsigned int most, unsigned int *n);
int config_text(struct config_file *f, cfg_t *sec, const char *name,
		char **text);
int config_path(struct config_file *f, cfg_t *sec, const char *name,
		char **text);
int config_name(struct config_file *f, const char *section, unsigned int nth,
		char **name);

/* config-side.c */
int config_sides(struct config_file *f, struct config *config);
int config_peers(struct config_file *f, struct config *config);
void config_side_free(struct config_side *side);

/* config-clash.c */
int config_clashes(struct config_file *f, const struct config *config);

/* config-policy.c */
int config_policies(struct config_file *f, struct config *config);

#endif
