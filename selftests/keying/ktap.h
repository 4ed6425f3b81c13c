/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KTAP for test programs in C: a table of tests, each a function that fails by
 * CHECK(). A test's name is the sentence that is true when it passes.
 */
#ifndef E2AE_SELFTESTS_KTAP_H
#define E2AE_SELFTESTS_KTAP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ktap_test {
	const char *sentence;
	void (*run)(void);
};

#define KTAP_LINES 10 /* that a failing test may say */

static unsigned int ktap_failed;

#define CHECK(condition)                                            \
	do {                                                        \
		if (!(condition)) {                                 \
			if (ktap_failed++ < KTAP_LINES)             \
				printf("# line %d: %s\n", __LINE__, \
				       #condition);                 \
		}                                                   \
	} while (0)

/* Compares two numbers and shows both. */
#define EQUAL(got, want)                                                    \
	do {                                                                \
		long long got_ = (long long)(got);                          \
		long long want_ = (long long)(want);                        \
		if (got_ != want_) {                                        \
			if (ktap_failed++ < KTAP_LINES)                     \
				printf("# line %d: %s is %lld, not %lld\n", \
				       __LINE__, #got, got_, want_);        \
		}                                                           \
	} while (0)

static inline int ktap_run(const struct ktap_test *tests, size_t n)
{
	bool failed = false;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", n);
	for (i = 0; i < n; i++) {
		ktap_failed = 0;
		tests[i].run();
		failed |= ktap_failed != 0;
		printf("%sok %zu - %s\n", ktap_failed ? "not " : "", i + 1,
		       tests[i].sentence);
	}
	return failed;
}

#define KTAP_MAIN(tests)                                                    \
	int main(void)                                                      \
	{                                                                   \
		return ktap_run(tests, sizeof(tests) / sizeof((tests)[0])); \
	}

#endif
