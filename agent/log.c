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
 * @text: all of it, with the number in place of a "*"
 * @len: octets of @text
 * @wide: 0 for int, 1 for long, 2 for long long, 3 for size_t, 4 for intmax_t,
 *	5 for ptrdiff_t; shorter ones arrive as int
 * @type: the conversion
 */
struct spec {
	char text[SPEC_ROOM];
	size_t len;
	int wide;
	char type;
};

static void spec_add(struct spec *spec, const char *text)
{
	size_t n = strlen(text);

	if (spec->len + n < sizeof(spec->text)) {
		memcpy(spec->text + spec->len, text, n + 1);
		spec->len += n;
	}
}

static void spec_width(struct spec *spec, char c)
{
	if (c == 'l')
		spec->wide++;
	else if (c == 'z')
		spec->wide = 3;
	else if (c == 'j')
		spec->wide = 4;
	else if (c == 't')
		spec->wide = 5;
}

/* Takes a specification off the format, from behind its "%" on. */
static void spec_take(const char **format, struct spec *spec, va_list *args)
{
	char piece[16];
	char c;

	*spec = (struct spec){ .text = "%", .len = 1 };
	for (c = **format; c && strchr("#0- +'123456789.*hlzjt", c);
	     c = *++*format) {
		if (c == '*')
			snprintf(piece, sizeof(piece), "%d",
				 va_arg(*args, int));
		else
			snprintf(piece, sizeof(piece), "%c", c);
		spec_width(spec, c);
		spec_add(spec, piece);
	}
	spec->type = c;
	snprintf(piece, sizeof(piece), "%c", c);
	spec_add(spec, piece);
	if (c)
		++*format;
}

static void convert_number(char *out, size_t size, const struct spec *spec,
			   va_list *args)
{
	switch (spec->wide) {
	case 1:
		snprintf(out, size, spec->text, va_arg(*args, long));
		break;
	case 2:
		snprintf(out, size, spec->text, va_arg(*args, long long));
		break;
	case 3:
		snprintf(out, size, spec->text, va_arg(*args, size_t));
		break;
	case 4:
		snprintf(out, size, spec->text, va_arg(*args, intmax_t));
		break;
	case 5:
		snprintf(out, size, spec->text, va_arg(*args, ptrdiff_t));
		break;
	default:
		snprintf(out, size, spec->text, va_arg(*args, int));
	}
}

static void put_converted(struct line *line, const struct spec *spec,
			  va_list *args)
{
	char out[VALUE_ROOM] = "";

	switch (spec->type) {
	case 's':
		snprintf(out, sizeof(out), spec->text,
			 va_arg(*args, const char *));
		break;
	case 'p':
		snprintf(out, sizeof(out), spec->text, va_arg(*args, void *));
		break;
	case 'f':
	case 'g':
		snprintf(out, sizeof(out), spec->text, va_arg(*args, double));
		break;
	default:
		convert_number(out, sizeof(out), spec, args);
	}
	put_value(line, out, false);
}

/**
 * log_event() - tell one event
 * @level: how much it matters
 * @call_id: Call-ID it is about, or NULL
 * @event: noun.verb
 * @format: "key=%s key=%u", as for printf(3), or NULL. Whatever a conversion
 *	gives is escaped, blanks too, so a peer can make neither a line nor a key
 *	of its own; what the format itself says is printed as it is
 */
void log_event(enum log_level level, const char *call_id, const char *event,
	       const char *format, ...)
{
	struct spec spec;
	struct line line;
	va_list args;

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
		spec_take(&format, &spec, &args);
		put_converted(&line, &spec, &args);
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
