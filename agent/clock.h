/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of all timers of the agent; it does not jump when somebody sets the time. */
#ifndef E2AE_CLOCK_H
#define E2AE_CLOCK_H

#include <stdint.h>
#include <time.h>

/**
 * clock_ms() - milliseconds since a fixed moment
 *
 * Return: they.
 */
static inline int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
