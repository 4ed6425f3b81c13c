/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of the agent. METRICS is the one list: names for `e2aectl agent
 * status`, and the enumeration. Counters only go up; what goes up and down
 * (registrations, calls, ports) is asked of its owner.
 */
#ifndef E2AE_METRICS_H
#define E2AE_METRICS_H

#include <stdint.h>

/* clang-format off */
#define METRICS(M) \
	M(MESSAGES_RECEIVED,	"messages-received") \
	M(MESSAGES_BAD,		"messages-bad") \
	M(OVERLOAD,		"overload") \
	M(FORBIDDEN,		"forbidden") \
	M(STRAYS,		"stray-responses") \
	M(REGISTERED,		"registered") \
	M(DEREGISTERED,		"deregistered") \
	M(REGISTER_REFUSED,	"register-refused") \
	M(SEC_AGREE_MISMATCH,	"sec-agree-mismatch") \
	M(CALLS,		"calls") \
	M(CALLS_SECURED,	"calls-secured") \
	M(CALLS_PLAIN,		"calls-plain") \
	M(CALLS_E2E,		"calls-e2e") \
	M(CALLS_FAILED,		"calls-failed") \
	M(REFUSED_REQUIRED,	"refused-required") \
	M(KEYING_FAILED,	"keying-failed") \
	M(DOWNGRADED,		"downgraded") \
	M(ANSWERS_REFUSED,	"answers-refused") \
	M(MEDIA_TIMEOUTS,	"media-timeouts") \
	M(MSRP_UP,		"msrp-established") \
	M(MSRP_OVER,		"msrp-over") \
	M(MSRP_TIMEOUTS,	"msrp-timeouts") \
	M(PORTS_EXHAUSTED,	"ports-exhausted") \
	M(MSF_ERRORS,		"msf-errors")
/* clang-format on */

enum metric {
#define M(id, name) METRIC_##id,
	METRICS(M)
#undef M
	METRIC_COUNT
};

void metric_add(enum metric metric);
uint64_t metric_get(enum metric metric);
const char *metric_name(enum metric metric);

#endif
