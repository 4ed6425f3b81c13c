// SPDX-License-Identifier: GPL-2.0
/* Counters; one thread, so they need no lock. */
#include "metrics.h"

static uint64_t counters[METRIC_COUNT];

static const char *const names[METRIC_COUNT] = {
#define M(id, name) name,
	METRICS(M)
#undef M
};

/**
 * metric_add() - something happened once more
 * @metric: what
 */
void metric_add(enum metric metric)
{
	counters[metric]++;
}

/**
 * metric_get() - how often something happened
 * @metric: what
 *
 * Return: times since the start.
 */
uint64_t metric_get(enum metric metric)
{
	return counters[metric];
}

/**
 * metric_name() - what a counter is called
 * @metric: the counter
 *
 * Return: its name, static.
 */
const char *metric_name(enum metric metric)
{
	return names[metric];
}
