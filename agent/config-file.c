// SPDX-License-Identifier: GPL-2.0
/* The syntax of e2aed.conf(5): libconfuse's tables, and the lines of values. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config-file.h"

#define VALUES_MAX 20000 /* that a file may have */
#define FILE_MAX   (4 << 20)

/**
 * struct config_seen - a value in the file
 * @opt: its option
 * @line: where it is
 * @last: it ends a list
 */
struct config_seen {
	cfg_opt_t *opt;
	int line;
	bool last;
};

/* Read by one file at a time; libconfuse gives its callbacks no argument. */
static struct config_file *reading;

static cfg_opt_t access_options[] = {
	CFG_STR_LIST("listen", NULL, CFGF_NODEFAULT),
	CFG_STR("certificate", "", CFGF_NONE),
	CFG_STR("private-key", "", CFGF_NONE),
	CFG_BOOL("protected", cfg_false, CFGF_NONE),
	CFG_STR("network-id", "", CFGF_NONE),
	CFG_STR_LIST("media", NULL, CFGF_NODEFAULT),
	CFG_STR("ports", "20000-29999", CFGF_NONE),
	CFG_STR("device", "", CFGF_NONE),
	CFG_STR("msrp-source", "any", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t core_options[] = {
	CFG_STR_LIST("listen", NULL, CFGF_NODEFAULT),
	CFG_STR("certificate", "", CFGF_NONE),
	CFG_STR("private-key", "", CFGF_NONE),
	CFG_STR("ca", "", CFGF_NONE),
	CFG_BOOL("protected", cfg_false, CFGF_NONE),
	CFG_STR_LIST("media", NULL, CFGF_NODEFAULT),
	CFG_STR("ports", "30000-39999", CFGF_NONE),
	CFG_STR("device", "", CFGF_NONE),
	CFG_STR("msrp-source", "strict", CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t policy_options[] = {
	CFG_STR("access", "*", CFGF_NONE),
	CFG_STR("subscriber", "*", CFGF_NONE),
	CFG_STR("originating", "allow", CFGF_NONE),
	CFG_STR("terminating", "allow", CFGF_NONE),
	CFG_STR_LIST("profiles", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("suites", NULL, CFGF_NODEFAULT),
	CFG_STR("indicator", "keep", CFGF_NONE),
	CFG_STR("e2e", "pass", CFGF_NONE),
	CFG_BOOL("e2e-satisfies-require", cfg_false, CFGF_NONE),
	CFG_BOOL("retry-plain", cfg_false, CFGF_NONE),
	CFG_BOOL("same-key-after-move", cfg_false, CFGF_NONE),
	CFG_END(),
};

static cfg_opt_t limits_options[] = {
	CFG_INT("registrations", 200000, CFGF_NONE),
	CFG_INT("contacts", 8, CFGF_NONE),
	CFG_INT("calls", 50000, CFGF_NONE),
	CFG_INT("calls-per-subscriber", 16, CFGF_NONE),
	CFG_INT("transactions", 100000, CFGF_NONE),
	CFG_INT("connections", 100000, CFGF_NONE),
	CFG_INT("connections-per-address", 1000, CFGF_NONE),
	CFG_INT("header", 32768, CFGF_NONE),
	CFG_INT("body", 65535, CFGF_NONE),
	CFG_INT("output", 262144, CFGF_NONE),
	CFG_INT("msrp-sessions", 20000, CFGF_NONE),
	CFG_END(),
};

/* The user is "-" when the file does not say one. */
static cfg_opt_t options[] = {
	CFG_STR("domain", NULL, CFGF_NODEFAULT),
	CFG_STR("next-hop", "", CFGF_NONE),
	CFG_STR("dns", "", CFGF_NONE),
	CFG_STR_LIST("peers", NULL, CFGF_NODEFAULT),
	CFG_STR("control", "/run/e2ae/control", CFGF_NONE),
	CFG_STR("state", "/var/lib/e2ae", CFGF_NONE),
	CFG_STR("user", "-", CFGF_NONE),
	CFG_STR("msf", "kernel", CFGF_NONE),
	CFG_INT("quarantine", 10, CFGF_NONE),
	CFG_INT("drain-seconds", 60, CFGF_NONE),
	CFG_INT("media-timeout", 30, CFGF_NONE),
	CFG_INT("min-session-expires", 90, CFGF_NONE),
	CFG_BOOL("end-silent", cfg_true, CFGF_NONE),
	CFG_INT("mikey-skew", 300, CFGF_NONE),
	CFG_INT("msrp-connect", 30, CFGF_NONE),
	CFG_INT("msrp-idle", 600, CFGF_NONE),
	CFG_INT("msrp-total", 43200, CFGF_NONE),
	CFG_BOOL("reg-event", cfg_true, CFGF_NONE),
	CFG_BOOL("emergency", cfg_true, CFGF_NONE),
	CFG_INT("t1", 500, CFGF_NONE),
	CFG_BOOL("lab-unprotected-signalling", cfg_false, CFGF_NONE),
	CFG_STR("log-level", "info", CFGF_NONE),
	CFG_SEC("access", access_options,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("core", core_options, CFGF_NONE),
	CFG_SEC("limits", limits_options, CFGF_NONE),
	/* The last: a reload looks at all but this. */
	CFG_SEC("policy", policy_options,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

_Static_assert(ARRAY_SIZE(options) - 2 <= CONFIG_OPTIONS,
	       "every option has a mark");

static int line_of(const struct config_file *f, const cfg_opt_t *opt,
		   unsigned int nth)
{
	int line = 0;
	size_t i;

	for (i = 0; i < f->n_seen; i++) {
		if (f->seen[i].opt != opt)
			continue;
		line = f->seen[i].line;
		if (!nth--)
			break;
	}
	return line;
}

static void say_where(struct config_file *f, int line, const char *format,
		      va_list args)
{
	char text[512];

	if (f->why[0])
		return; /* the first mistake is told */
	vsnprintf(text, sizeof(text), format, args);
	if (line)
		snprintf(f->why, f->size, "%s:%d: %s", f->path, line, text);
	else
		snprintf(f->why, f->size, "%s: %s", f->path, text);
}

/**
 * config_wrong() - say what is wrong, and where; the first mistake counts
 * @f: the file
 * @opt: option that is wrong, or NULL for the file as a whole
 * @nth: which of its values
 * @format: the sentence
 *
 * Return: -EINVAL.
 */
int config_wrong(struct config_file *f, cfg_opt_t *opt, unsigned int nth,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_where(f, opt ? line_of(f, opt, nth) : 0, format, args);
	va_end(args);
	return -EINVAL;
}

static void __attribute__((format(printf, 2, 3)))
wrong_here(cfg_t *cfg, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_where(reading, cfg->line, format, args);
	va_end(args);
}

static void refuse(cfg_t *cfg, const char *format, va_list args)
{
	say_where(reading, cfg->line, format, args);
}

static int keep(struct config_file *f, cfg_t *cfg, cfg_opt_t *opt)
{
	struct config_seen *more;

	if (f->n_seen == f->room) {
		f->room = f->room ? 2 * f->room : 64;
		more = f->room <= 2 * VALUES_MAX ?
			       realloc(f->seen, f->room * sizeof(*more)) :
			       NULL;
		if (!more) {
			wrong_here(cfg, "the file is too large");
			return -1;
		}
		f->seen = more;
	}
	f->seen[f->n_seen++] =
		(struct config_seen){ .opt = opt, .line = cfg->line };
	return 0;
}

/*
 * Called by libconfuse after every value, and once more at the end of a list.
 * Notes the line, refuses what is given twice.
 */
static int note(cfg_t *cfg, cfg_opt_t *opt)
{
	struct config_file *f = reading;
	struct config_seen *last = NULL;
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < f->n_seen; i++) {
		if (f->seen[i].opt == opt) {
			last = &f->seen[i];
			n++;
		}
	}
	if (n + 1 == cfg_opt_size(opt) && (!last || !last->last))
		return keep(f, cfg, opt);
	if (opt->flags & CFGF_LIST && n == cfg_opt_size(opt) &&
	    (!last || !last->last)) {
		if (last)
			last->last = true;
		return 0;
	}
	wrong_here(cfg, "%s is given twice", opt->name);
	return -1;
}

static void note_all(cfg_opt_t *table)
{
	for (; table->name; table++) {
		table->validcb = note;
		if (table->subopts)
			note_all(table->subopts);
	}
}

/*
 * The whole file as a string. libconfuse's scanner ends the process when a read
 * fails, so it gets no file.
 */
static int slurp(struct config_file *f, char **text)
{
	size_t n = 0;
	struct stat st;
	int fd, err = 0;
	ssize_t got;

	fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		err = S_ISREG(st.st_mode) ? -EFBIG : -EBADF;
	*text = err ? NULL : malloc(st.st_size + 2);
	if (!err && !*text)
		err = -ENOMEM;
	while (!err && n < (size_t)st.st_size) {
		got = read(fd, *text + n, st.st_size - n);
		if (got <= 0)
			break;
		n += got;
	}
	if (fd >= 0)
		close(fd);
	if (err) {
		snprintf(f->why, f->size, "%s cannot be read: %s", f->path,
			 err == -EBADF ? "it is no file" : strerror(-err));
		return err;
	}
	strcpy(*text + n, "\n");
	return memchr(*text, '\0', n) ?
		       config_wrong(f, NULL, 0, "the file has a zero octet") :
		       0;
}

/**
 * config_file_open() - read the syntax of a file
 * @f: to be filled
 * @path: of the file
 * @why: where to say what is wrong
 * @room: octets there
 *
 * Return: 0; or a negative errno with @why filled in. Close it in any case.
 */
int config_file_open(struct config_file *f, const char *path, char *why,
		     size_t room)
{
	char *text;
	int err;

	*f = (struct config_file){ .path = path, .why = why, .size = room };
	why[0] = '\0';
	err = slurp(f, &text);
	if (err)
		goto out;
	note_all(options);
	f->cfg = cfg_init(options, CFGF_NONE);
	if (!f->cfg) {
		err = -ENOMEM;
		goto out;
	}
	cfg_set_error_function(f->cfg, refuse);
	reading = f;
	err = cfg_parse_buf(f->cfg, text) == CFG_SUCCESS ? 0 : -EINVAL;
	reading = NULL;
	if (err)
		config_wrong(f, NULL, 0, "the file cannot be understood");
	else if (why[0])
		err = -EINVAL; /* libconfuse only warned */
out:
	free(text);
	return err;
}

/**
 * config_file_close() - forget a file
 * @f: the file
 */
void config_file_close(struct config_file *f)
{
	if (f->cfg)
		cfg_free(f->cfg);
	free(f->seen);
	*f = (struct config_file){ 0 };
}

/**
 * config_file_options() - how many options a reload ignores
 *
 * Return: the number; they are those at the top of the file but policies.
 */
size_t config_file_options(void)
{
	return ARRAY_SIZE(options) - 2;
}

/**
 * config_file_option() - the name of such an option
 * @n: which
 *
 * Return: its name, static.
 */
const char *config_file_option(size_t n)
{
	return options[n].name;
}

/**
 * config_file_mark() - a number that changes with the value of an option
 * @f: the file
 * @n: which option
 *
 * Return: FNV-1a of the option as libconfuse writes it, without comments.
 */
uint64_t config_file_mark(const struct config_file *f, size_t n)
{
	uint64_t mark = 0xcbf29ce484222325;
	char *text = NULL;
	size_t len, i;
	FILE *out;

	out = open_memstream(&text, &len);
	if (!out)
		return 0;
	cfg_opt_print(cfg_getopt(f->cfg, options[n].name), out);
	if (fclose(out))
		len = 0;
	for (i = 0; i < len; i++)
		mark = (mark ^ (unsigned char)text[i]) * 0x100000001b3;
	free(text);
	return mark;
}

/**
 * config_given() - whether the file itself says an option
 * @f: the file
 * @sec: section
 * @name: of the option
 *
 * Return: whether it is there.
 */
bool config_given(const struct config_file *f, cfg_t *sec, const char *name)
{
	return line_of(f, cfg_getopt(sec, name), 0) > 0;
}

/**
 * config_number() - a number within bounds
 * @f: the file
 * @sec: section
 * @name: of the option
 * @least: the least
 * @most: the most
 * @n: where to put it
 *
 * Return: 0; or -EINVAL, having said why.
 */
int config_number(struct config_file *f, cfg_t *sec, const char *name,
		  unsigned int least, unsigned int most, unsigned int *n)
{
	cfg_opt_t *opt = cfg_getopt(sec, name);
	long value = cfg_opt_getnint(opt, 0);

	if (value < (long)least || value > (long)most)
		return config_wrong(f, opt, 0,
				    "%s is %ld, and has to be from %u to %u",
				    name, value, least, most);
	*n = value;
	return 0;
}

/**
 * config_text() - a string
 * @f: the file
 * @sec: section
 * @name: of the option
 * @text: where to put a copy; NULL if it is empty
 *
 * Return: 0; -EINVAL, having said why; or -ENOMEM.
 */
int config_text(struct config_file *f, cfg_t *sec, const char *name,
		char **text)
{
	cfg_opt_t *opt = cfg_getopt(sec, name);
	const char *value = cfg_opt_getnstr(opt, 0), *at;

	if (!value || !*value)
		return 0;
	for (at = value; *at; at++)
		if (iscntrl((unsigned char)*at))
			return config_wrong(f, opt, 0,
					    "%s has a control character", name);
	*text = strdup(value);
	return *text ? 0 : -ENOMEM;
}

/**
 * config_path() - an absolute path
 * @f: the file
 * @sec: section
 * @name: of the option
 * @text: where to put a copy; NULL if it is empty
 *
 * Return: 0; -EINVAL, having said why; or -ENOMEM.
 */
int config_path(struct config_file *f, cfg_t *sec, const char *name,
		char **text)
{
	int err = config_text(f, sec, name, text);

	if (!err && *text && (*text)[0] != '/')
		return config_wrong(f, cfg_getopt(sec, name), 0,
				    "%s is %s, and has to begin with a slash",
				    name, *text);
	return err;
}

/**
 * config_name() - the name of a section
 * @f: the file
 * @section: what kind
 * @nth: which of them
 * @name: where to put a copy
 *
 * Return: 0; -EINVAL, having said why; or -ENOMEM.
 */
int config_name(struct config_file *f, const char *section, unsigned int nth,
		char **name)
{
	cfg_opt_t *opt = cfg_getopt(f->cfg, section);
	const char *title = cfg_title(cfg_opt_getnsec(opt, nth));
	const char *at;

	for (at = title; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
			break;
	if (*at || at == title || at - title > 63)
		return config_wrong(
			f, opt, nth,
			"the name of the %s has to be letters, digits, dots and dashes, 63 at most",
			section);
	*name = strdup(title);
	return *name ? 0 : -ENOMEM;
}
