/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the agent tells its operator: one event a line on standard error, which
 * the journal takes.
 *
 *	<6>call.up call=cb03a0s09a2 access=mikey core=plain
 *
 * Never a key, nor a body, nor a header that could hold one. Values come from
 * peers, so whatever could break a line is written as %XX.
 */
#ifndef E2AE_LOG_H
#define E2AE_LOG_H

/* Levels of syslog(3), for the "<N>" that sd-daemon(3) describes. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

void log_set_level(enum log_level level);
void log_event(enum log_level level, const char *call_id, const char *event,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));
void log_sentence(enum log_level level, const char *event,
		  const char *sentence);

#endif
