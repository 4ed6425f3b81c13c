// SPDX-License-Identifier: GPL-2.0
/* Tests of agent/msf/ports.c. */
#include <errno.h>
#include <sched.h>

#include "../../agent/msf/ports.h"
#include "../keying/ktap.h"

#define FIRST 20000
#define LAST  20019
#define PAIRS 10

static void every_pair(void)
{
	bool seen[PAIRS] = { false };
	struct ports *ports;
	uint16_t port;
	int i;

	EQUAL(ports_new(&ports, FIRST, LAST, 1000), 0);
	EQUAL(ports_size(ports), PAIRS);
	for (i = 0; i < PAIRS; i++) {
		EQUAL(ports_take(ports, 0, &port), 0);
		CHECK(port >= FIRST && port < LAST && port % 2 == 0);
		CHECK(!seen[(port - FIRST) / 2]);
		seen[(port - FIRST) / 2] = true;
	}
	EQUAL(ports_used(ports), PAIRS);
	EQUAL(ports_take(ports, 0, &port), -ENOSPC);
	ports_free(ports);
}

static void rest(void)
{
	struct ports *ports;
	uint16_t port[PAIRS], again;
	int i;

	EQUAL(ports_new(&ports, FIRST, LAST, 1000), 0);
	for (i = 0; i < PAIRS; i++)
		EQUAL(ports_take(ports, 0, &port[i]), 0);
	ports_give(ports, 100, port[3]);
	ports_give(ports, 200, port[7]);
	EQUAL(ports_used(ports), PAIRS - 2);
	EQUAL(ports_take(ports, 1099, &again), -ENOSPC);
	EQUAL(ports_take(ports, 1100, &again), 0);
	EQUAL(again, port[3]);
	EQUAL(ports_take(ports, 1199, &again), -ENOSPC);
	EQUAL(ports_take(ports, 1200, &again), 0);
	EQUAL(again, port[7]);
	ports_free(ports);
}

static void wrong_gives(void)
{
	struct ports *ports;
	uint16_t port;

	EQUAL(ports_new(&ports, FIRST, LAST, 0), 0);
	EQUAL(ports_take(ports, 0, &port), 0);
	ports_give(ports, 0, port + 1);
	ports_give(ports, 0, FIRST - 2);
	ports_give(ports, 0, LAST + 1);
	ports_give(ports, 0, port == FIRST ? FIRST + 2 : FIRST);
	EQUAL(ports_used(ports), 1);
	ports_give(ports, 0, port);
	ports_give(ports, 0, port);
	EQUAL(ports_used(ports), 0);
	ports_free(ports);
}

static void claims(void)
{
	struct ports *ports;
	uint16_t port;
	int i;

	EQUAL(ports_new(&ports, FIRST, LAST, 0), 0);
	EQUAL(ports_claim(ports, FIRST + 4), 0);
	EQUAL(ports_claim(ports, FIRST + 4), -EBUSY);
	EQUAL(ports_claim(ports, FIRST + 5), -ERANGE);
	EQUAL(ports_claim(ports, LAST + 1), -ERANGE);
	for (i = 0; i < PAIRS - 1; i++) {
		EQUAL(ports_take(ports, 0, &port), 0);
		CHECK(port != FIRST + 4);
	}
	EQUAL(ports_take(ports, 0, &port), -ENOSPC);
	ports_free(ports);
}

static void ranges(void)
{
	struct ports *ports;
	uint16_t port;

	EQUAL(ports_new(&ports, FIRST + 1, LAST, 0), -EINVAL);
	EQUAL(ports_new(&ports, FIRST, LAST - 1, 0), -EINVAL);
	EQUAL(ports_new(&ports, FIRST, FIRST - 1, 0), -EINVAL);
	EQUAL(ports_new(&ports, 0, 1, 0), -EINVAL);
	EQUAL(ports_new(&ports, 2, 65535, 0), 0);
	EQUAL(ports_size(ports), 32767);
	EQUAL(ports_take(ports, 0, &port), 0);
	ports_free(ports);
	EQUAL(ports_new(&ports, 65534, 65535, 0), 0);
	EQUAL(ports_take(ports, 0, &port), 0);
	EQUAL(port, 65534);
	ports_free(ports);
}

/* Of many first pairs no number is much more frequent than others. */
static void random_order(void)
{
	unsigned int count[PAIRS] = { 0 };
	struct ports *ports;
	uint16_t port;
	int i;

	for (i = 0; i < 2000; i++) {
		EQUAL(ports_new(&ports, FIRST, LAST, 0), 0);
		EQUAL(ports_take(ports, 0, &port), 0);
		count[(port - FIRST) / 2]++;
		ports_free(ports);
	}
	for (i = 0; i < PAIRS; i++)
		CHECK(count[i] > 100 && count[i] < 320);
}

/* Long use keeps the books: what is taken is not given out again. */
static void long_use(void)
{
	bool held[PAIRS] = { false };
	struct ports *ports;
	unsigned int n = 0, seed = 1;
	uint64_t now = 0;
	uint16_t port;
	int i;

	EQUAL(ports_new(&ports, FIRST, LAST, 30), 0);
	for (i = 0; i < 100000; i++, now += 7) {
		unsigned int k;

		seed = seed * 1103515245 + 12345;
		k = seed >> 16 & 15;
		if (k < PAIRS && held[k]) {
			ports_give(ports, now, (uint16_t)(FIRST + 2 * k));
			held[k] = false;
			n--;
		} else if (!ports_take(ports, now, &port)) {
			CHECK(!held[(port - FIRST) / 2]);
			held[(port - FIRST) / 2] = true;
			n++;
		}
		if (ports_used(ports) != n) {
			EQUAL(ports_used(ports), n);
			break;
		}
	}
	ports_free(ports);
}

#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"

static void read_reserved(char *text, int room)
{
	FILE *file = fopen(RESERVED, "r");

	text[0] = '\0';
	if (file && !fgets(text, room, file))
		text[0] = '\0';
	if (file)
		fclose(file);
	text[strcspn(text, "\n")] = '\0';
}

/* In a namespace of its own. */
static void reserve(void)
{
	char text[256], why[256] = "";

	if (unshare(CLONE_NEWNET)) {
		printf("# no namespace to try it in\n");
		return;
	}
	EQUAL(ports_reserve(8000, 8001, why, sizeof(why)), 0);
	EQUAL(ports_reserve(20000, 29999, why, sizeof(why)), 0);
	read_reserved(text, sizeof(text));
	CHECK(!strcmp(text, "8000-8001,20000-29999"));
	EQUAL(ports_reserve(21000, 22999, why, sizeof(why)), 0);
	read_reserved(text, sizeof(text));
	CHECK(!strcmp(text, "8000-8001,20000-29999"));
	EQUAL(ports_reserve(29998, 30003, why, sizeof(why)), 0);
	read_reserved(text, sizeof(text));
	CHECK(!strcmp(text, "8000-8001,20000-30003"));
	CHECK(!why[0]);
}

static const struct ktap_test tests[] = {
	{ "every pair is taken once", every_pair },
	{ "a pair that was given back rests first", rest },
	{ "what is not in use cannot be given back", wrong_gives },
	{ "the pair of a stream that is there can be claimed", claims },
	{ "a range has whole pairs", ranges },
	{ "nobody can guess which pair comes next", random_order },
	{ "the books are right after long use", long_use },
	{ "ports are reserved beside those that others have reserved",
	  reserve },
};

KTAP_MAIN(tests)
