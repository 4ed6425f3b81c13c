// SPDX-License-Identifier: GPL-2.0
/* Calls as people see them: the log, and JSON for e2aectl. Never a key. */
#include <stdio.h>
#include <string.h>

#include "call-inner.h"

#define LINES_ROOM 1024

/* Of SRTP; of a session of MSRP it is told when it is up. */
static const char *suite_of(const struct oa_line *line)
{
	const struct e2ae_suite_info *info =
		line->suite ? e2ae_suite_by_id(line->suite) : NULL;

	return info ? info->name : "none";
}

static bool has_e2e(const struct oa *oa)
{
	unsigned int i;

	for (i = 0; i < oa_lines(oa); i++)
		if (oa_line(oa, i).how == OA_E2E)
			return true;
	return false;
}

/* "mikey/AES_CM_128_HMAC_SHA1_80,plain/none" */
static void write_lines(const struct oa *oa, char *out, size_t room)
{
	unsigned int i;
	size_t used = 0;

	out[0] = 0;
	for (i = 0; i < oa_lines(oa) && used < room; i++) {
		struct oa_line line = oa_line(oa, i);

		used += snprintf(out + used, room - used, "%s%s/%s",
				 i ? "," : "", oa_how_name(line.how),
				 suite_of(&line));
	}
}

/**
 * call_tell_up() - a call is up
 * @call: the call
 */
void call_tell_up(struct call *call)
{
	char lines[LINES_ROOM];

	if (call->up || !call->oa)
		return;
	call->up = edge_now_ms();
	if (oa_secured(call->oa))
		metric_add(METRIC_CALLS_SECURED);
	else if (has_e2e(call->oa))
		metric_add(METRIC_CALLS_E2E);
	else
		metric_add(METRIC_CALLS_PLAIN);
	write_lines(call->oa, lines, sizeof(lines));
	log_event(LOG_LEVEL_INFO, call->call_id, "call.up",
		  "direction=%s identity=%s lines=%s",
		  call->caller == OA_ACCESS ? "originating" : "terminating",
		  call->identity, lines);
	call_journal_put(call);
}

/* Members of one m-line, named line<n>-<what>, since objects are flat. */
static void tell_line(struct tell *tell, unsigned int n,
		      const struct oa_line *line)
{
	static const char *const names[] = { "how", "suite", "stream",
					     "access-port", "core-port" };
	char name[ARRAY_SIZE(names)][32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		snprintf(name[i], sizeof(name[i]), "line%u-%s", n, names[i]);
	tell_string(tell, name[0], oa_how_name(line->how));
	tell_string(tell, name[1], suite_of(line));
	tell_number(tell, name[2], line->stream);
	tell_number(tell, name[3], line->access_port);
	tell_number(tell, name[4], line->core_port);
}

/* What a line has that is a session of MSRP. */
static void tell_session(struct tell *tell, unsigned int n,
			 const struct oa_line *line,
			 const struct msrp_counts *counts)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "octets-in", counts->octets[MSRP_ACCESS] },
		{ "octets-out", counts->octets[MSRP_CORE] },
		{ "spliced", counts->spliced },
		{ "refused", counts->refused },
	};
	char name[32];
	size_t i;

	snprintf(name, sizeof(name), "line%u-session", n);
	tell_string(tell, name, oa_session_name(line->session));
	snprintf(name, sizeof(name), "line%u-why", n);
	tell_string(tell, name, line->why);
	snprintf(name, sizeof(name), "line%u-tls", n);
	tell_string(tell, name, counts->version ? counts->version : "");
	snprintf(name, sizeof(name), "line%u-cipher", n);
	tell_string(tell, name, counts->cipher ? counts->cipher : "");
	snprintf(name, sizeof(name), "line%u-cema", n);
	tell_flag(tell, name, line->cema);
	snprintf(name, sizeof(name), "line%u-kernel", n);
	tell_flag(tell, name, counts->kernel_in && counts->kernel_out);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		snprintf(name, sizeof(name), "line%u-%s", n, numbers[i].name);
		tell_number(tell, name, numbers[i].value);
	}
}

static void tell_one(const struct call *call, uint64_t now, edge_line *line,
		     void *arg)
{
	unsigned int i, n = call->oa ? oa_lines(call->oa) : 0;
	struct tell tell;

	tell_begin(&tell);
	tell_string(&tell, "call-id", call->call_id);
	tell_string(&tell, "identity", call->identity);
	tell_string(&tell, "direction",
		    call->caller == OA_ACCESS ? "originating" : "terminating");
	tell_string(&tell, "state", call_state_name(call->state));
	tell_number(&tell, "seconds", (now - call->began) / 1000);
	tell_flag(&tell, "emergency", call->emergency);
	tell_flag(&tell, "secured", call->oa && oa_secured(call->oa));
	tell_number(&tell, "lines", n);
	for (i = 0; i < n; i++) {
		struct oa_line of = oa_line(call->oa, i);
		struct msrp_counts counts;

		tell_line(&tell, i + 1, &of);
		if (oa_line_counts(call->oa, i, &counts))
			tell_session(&tell, i + 1, &of, &counts);
	}
	tell_end(&tell, line, arg);
}

/**
 * call_tell() - tell of all calls, an object each
 * @edge: the edge
 * @line: gets each
 * @arg: its first argument
 */
void call_tell(struct edge *edge, edge_line *line, void *arg)
{
	uint64_t now = edge_now_ms();
	struct call *call;

	LIST_FOREACH(call, &edge->calls->calls, all)
	tell_one(call, now, line, arg);
}
