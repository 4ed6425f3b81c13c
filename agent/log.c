// SPDX-License-Identifier: GPL-2.0
/* Lines for the operator. Whatever comes from a peer stays within its value. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define LINE_ROOM  1024
#define VALUE_ROOM 512
#define SPEC_ROOM  24

/* A line on its way; what does not fit is cut, and the end tells so. */
struct line {
	char text[LINE_ROOM];
	size_t len;
	bool cut;
};

static enum log_level most = LOG_LEVEL_INFO;

/**
 * log_set_level() - how much is told from now on
 * @level: events above it are left out
 */
void log_set_level(enum log_level level)
{
	most = level;
}

static void put(struct line *line, const char *text, size_t len)
{
	/* Room for " ..." and the newline stays. */
	if (line->cut || line->len + len > sizeof(line->text) - 5) {
		line->cut = true;
		return;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

/* A value: visible ASCII, the rest and "%" as %XX; blanks only for sentences. */
static void put_value(struct line *line, const char *text, bool blanks)
{
	const unsigned char *at;
	char hex[4];

	for (at = (const unsigned char *)text; *at; at++) {
		if ((*at > 0x20 && *at < 0x7f && *at != '%') ||
		    (*at == ' ' && blanks)) {
			put(line, (const char *)at, 1);
			continue;
		}
		snprintf(hex, sizeof(hex), "%%%02X", *at);
		put(line, hex, 3);
	}
}

static void start(struct line *line, enum log_level level, const char *event)
{
	line->len = snprintf(line->text, sizeof(line->text), "<%d>", level);
	line->cut = false;
	put(line, event, strlen(event));
}

/* One write() a line, so that lines of several processes do not mix. */
static void end(struct line *line)
{
	ssize_t n;

	if (line->cut) {
		memcpy(line->text + line->len, " ...", 4);
		line->len += 4;
	}
	line->text[line->len++] = '\n';
	n = write(STDERR_FILENO, line->text, line->len);
	(void)n; /* there is nobody left to tell */
}

/**
 * struct spec - a conversion specification of printf(3)
 * @text: all of it, with "*" replaced by its number
 * @wide: 0 for int, 1 for long, 2 for long long, 3 for size_t, 4 for intmax_t,
 *	5 for ptrdiff_t; shorter ones arrive as int
 * @type: the conversion
 */
struct spec {
	char text[SPEC_ROOM];
	int wide;
	char type;
};

static int width_of(const char **format)
{
	int wide = 0;

	for (; **format && strchr("hlzjtq", **format); (*format)++) {
		if (**format == 'l')
			wide++;
		else if (**format == 'z')
			wide = 3;
		else if (**format == 'j')
			wide = 4;
		else if (**format == 't')
			wide = 5;
	}
	return wide;
}

/* The number of a "*" is fetched by the caller, who has the va_list. */
static void spec_take(const char **format, struct spec *spec, int *stars)
{
	const char *from = *format;
	size_t len;

	while (**format && strchr("#0- +'123456789.*", **format))
		(*format)++;
	spec->wide = width_of(format);
	spec->type = **format;
	if (**format)
		(*format)++;
	len = *format - from;
	if (len > sizeof(spec->text) - 2)
		len = sizeof(spec->text) - 2;
	spec->text[0] = '%';
	memcpy(spec->text + 1, from, len);
	spec->text[len + 1] = '\0';
	for (*stars = 0; len; len--)
		*stars += from[len - 1] == '*';
}

/* Of a whole number the length says which type was given. */
#define SAY(value)                                                     \
	(stars ? snprintf(out, size, spec->text, number[0], (value)) : \
		 snprintf(out, size, spec->text, (value)))

static void say_number(char *out, size_t size, const struct spec *spec,
		       int stars, const int *number, va_list *args)
{
	switch (spec->wide) {
	case 1:
		SAY(va_arg(*args, long));
		break;
	case 2:
		SAY(va_arg(*args, long long));
		break;
	case 3:
		SAY(va_arg(*args, size_t));
		break;
	case 4:
		SAY(va_arg(*args, intmax_t));
		break;
	case 5:
		SAY(va_arg(*args, ptrdiff_t));
		break;
	default:
		SAY(va_arg(*args, int));
	}
}

static void put_converted(struct line *line, const struct spec *spec, int stars,
			  va_list *args)
{
	size_t size = VALUE_ROOM;
	char out[VALUE_ROOM];
	int number[1] = { 0 };

	out[0] = '\0';
	if (stars)
		number[0] = va_arg(*args, int);
	switch (spec->type) {
	case 's':
		SAY(va_arg(*args, const char *));
		break;
	case 'p':
		SAY(va_arg(*args, void *));
		break;
	case 'f':
	case 'g':
		SAY(va_arg(*args, double));
		break;
	default:
		say_number(out, size, spec, stars, number, args);
	}
	put_value(line, out, false);
}

/**
 * log_event() - tell one event
 * @level: how much it matters
 * @call_id: Call-ID it is about, or NULL
 * @event: noun.verb
 * @format: "key=%s key=%u", as for printf(3), with at most one "*" in a
 *	conversion. Whatever a conversion gives is escaped, blanks too, so a peer
 *	can make neither a line nor a key of its own; what the format itself says
 *	is printed as it is. NULL or "" without
 */
void log_event(enum log_level level, const char *call_id, const char *event,
	       const char *format, ...)
{
	struct spec spec;
	struct line line;
	va_list args;
	int stars;

	if (level > most)
		return;
	start(&line, level, event);
	if (call_id) {
		put(&line, " call=", 6);
		put_value(&line, call_id, false);
	}
	if (format && *format)
		put(&line, " ", 1);
	va_start(args, format);
	while (format && *format) {
		if (*format != '%') {
			put(&line, format++, 1);
			continue;
		}
		format++;
		if (*format == '%') {
			put_value(&line, "%", false);
			format++;
			continue;
		}
		spec_take(&format, &spec, &stars);
		put_converted(&line, &spec, stars, &args);
	}
	va_end(args);
	end(&line);
}

/**
 * log_sentence() - tell an event by a sentence of our own
 * @level: how much it matters
 * @event: noun.verb
 * @sentence: the sentence; blanks stay, the rest is escaped as in log_event()
 */
void log_sentence(enum log_level level, const char *event, const char *sentence)
{
	struct line line;

	if (level > most)
		return;
	start(&line, level, event);
	put(&line, " ", 1);
	put_value(&line, sentence, true);
	end(&line);
}
