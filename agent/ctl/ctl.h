/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of e2aectl share. */
#ifndef E2AE_CTL_H
#define E2AE_CTL_H

#include <stdbool.h>
#include <stdio.h>

#include "../nl/libe2ae.h"

#define AGENT_SOCKET "/run/e2ae/control" /* unless -a says another */

/* Exit status, and what every function returns that can fail. */
enum {
	DONE = 0,
	REFUSED = 1,
	USAGE = 2
};

struct ctl;
struct verb;
struct lines;

/**
 * struct place - where a word's value goes
 * @set: attribute set
 * @at: its structure
 */
struct place {
	const struct e2ae_set *set;
	void *at;
};

/* Which part of an object a word is about. */
enum {
	WHOLE = 0,
	ACCESS = 1,
	CORE = 2,
	BOTH = ACCESS | CORE
};

/* Which verbs take a word, and which want it. */
enum {
	ADD = 1,
	SET = 2,
	NEEDED = 4,
	MANY = 8
};

/**
 * struct word - an option of a verb
 * @name: as it is typed
 * @value: what follows, for usage and completion; NULL for nothing
 * @parse: takes the value; DONE or USAGE or REFUSED, having said why
 * @attr: attribute it goes to
 * @side: WHOLE, ACCESS, CORE or BOTH
 * @flags: ADD, SET, NEEDED (for ADD), MANY (it may be repeated)
 */
struct word {
	const char *name;
	const char *value;
	int (*parse)(struct ctl *c, const struct word *w, struct place to,
		     const char *value);
	unsigned int attr;
	int side;
	int flags;
};

/**
 * struct verb - something e2aectl does; the table is in main.c
 * @object: first word
 * @name: second word; NULL if there is none
 * @id: what follows: "ID", "[ID]", "[OBJECT [VERB]]" or NULL
 * @words: options, up to one without a name; NULL for none
 * @which: ADD or SET: those words whose flags have it
 * @run: does it; DONE, REFUSED or USAGE
 * @about: one line of help
 */
struct verb {
	const char *object;
	const char *name;
	const char *id;
	const struct word *words;
	int which;
	int (*run)(struct ctl *c, int argc, char **argv);
	const char *about;
};

extern const struct verb verbs[];
extern const struct word sa_words[];
extern const struct word stream_words[];

/**
 * struct ctl - one run of e2aectl
 * @json: machine-readable output
 * @stats: with counters
 * @force: a batch goes on after an error
 * @netns: network namespace, or NULL
 * @socket: where e2aed answers
 * @h: connection; NULL until ctl_open()
 * @verb: what is being done
 * @key_file: value of key-file of the line
 * @warned: the warning of readable key files was given
 * @lines: batch that is being read, or NULL
 */
struct ctl {
	bool json;
	bool stats;
	bool force;
	const char *netns;
	const char *socket;
	struct e2ae *h;
	const struct verb *verb;
	const char *key_file;
	bool warned;
	struct lines *lines;
};

/* main.c */
int ctl_open(struct ctl *c);
int ctl_run(struct ctl *c, int argc, char **argv);
int ctl_submit(struct ctl *c, const struct e2ae_request *req, uint32_t id);

/* say.c */
void say(const struct ctl *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int refused(struct ctl *c);
int usage(struct ctl *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void usage_print(FILE *out, const struct verb *v);
int help_run(struct ctl *c, int argc, char **argv);

/* parse.c */
int parse_id(struct ctl *c, const char *text, uint32_t *id);
int parse_words(struct ctl *c, int argc, char **argv, struct place obj);
int word_number(struct ctl *c, const struct word *w, struct place to,
		const char *value);
int word_flag(struct ctl *c, const struct word *w, struct place to,
	      const char *value);
int word_enum(struct ctl *c, const struct word *w, struct place to,
	      const char *value);
void give(struct place to, unsigned int attr);

/* number.c */
bool number(const char *text, uint64_t max, uint64_t *n);
bool hex_digits(const char *text, size_t len, uint8_t *octets);

/* addr.c */
#define ADDR_TEXT 64 /* octets of [ADDR]:PORT and the 0 */
bool addr_parse(const char *text, size_t len, struct e2ae_addr *addr);
bool addr_port_parse(const char *text, struct e2ae_addr *addr, uint16_t *port);
bool prefix_parse(const char *text, struct e2ae_addr *addr, uint8_t *bits);
const char *addr_text(const struct e2ae_addr *addr, char text[ADDR_TEXT]);
const char *addr_port_text(const struct e2ae_addr *addr, uint16_t port,
			   char text[ADDR_TEXT]);

/* key.c */
int key_read(struct ctl *c, struct e2ae_sa *sa);
void key_forget(void);

/* json.c */
void json_object(struct ctl *c, const struct e2ae_set *set, const void *obj,
		 const char *first, ...);
void json_string(const char *text);

/* text.c */
void text_sa(struct ctl *c, const struct e2ae_sa *sa);
void text_stream(struct ctl *c, const struct e2ae_stream *s);
void text_counters(const struct e2ae_set *set, const void *obj,
		   const char *prefix, bool zeros);
void text_number(const struct e2ae_set *set, unsigned int attr, int64_t n);
bool number_of(const struct e2ae_set *set, const void *obj, unsigned int attr,
	       int64_t *n);

/* show.c */
/**
 * struct shown - a kind of objects that is shown
 * @c: run
 * @set: attribute set
 * @obj: room for one
 * @n: how many were shown as JSON
 * @text: prints one for people
 * @get: reads one
 * @dump: calls show_one() with each
 */
struct shown {
	struct ctl *c;
	const struct e2ae_set *set;
	void *obj;
	size_t n;
	void (*text)(struct ctl *c, const void *obj);
	int (*get)(struct e2ae *h, uint32_t id, void *obj);
	int (*dump)(struct e2ae *h, struct shown *shown);
};

int show(struct shown *s, int argc, char **argv);
int show_one(const void *obj, void *arg);

/* a file per object */
int sa_add(struct ctl *c, int argc, char **argv);
int sa_set(struct ctl *c, int argc, char **argv);
int sa_del(struct ctl *c, int argc, char **argv);
int sa_show(struct ctl *c, int argc, char **argv);
int stream_add(struct ctl *c, int argc, char **argv);
int stream_set(struct ctl *c, int argc, char **argv);
int stream_del(struct ctl *c, int argc, char **argv);
int stream_show(struct ctl *c, int argc, char **argv);
int stats_run(struct ctl *c, int argc, char **argv);
int flush_run(struct ctl *c, int argc, char **argv);
int version_run(struct ctl *c, int argc, char **argv);
int monitor_run(struct ctl *c, int argc, char **argv);
int agent_status(struct ctl *c, int argc, char **argv);
int agent_registrations(struct ctl *c, int argc, char **argv);
int agent_calls(struct ctl *c, int argc, char **argv);
int agent_policy(struct ctl *c, int argc, char **argv);

/* batch.c */
int batch_run(struct ctl *c, const char *path);
int lines_submit(struct ctl *c, const struct e2ae_request *req, uint32_t id);
void lines_where(const struct lines *l, FILE *out);
bool lines_from_stdin(const struct lines *l);

#endif
