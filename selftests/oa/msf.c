// SPDX-License-Identifier: GPL-2.0
/* Tests of agent/msf: ids, and the MSF that only records. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../agent/msf/msf.h"
#include "../keying/ktap.h"

#define PATH   "/tmp/e2ae-msf-XXXXXX"
#define SECRET 0x5e
#define LEG(a) E2AE_GIVEN(E2AE_A_LEG_##a)

static char path[] = PATH;
static char why[256];

static struct msf *open_record(void)
{
	char kind[64];
	struct msf *msf;

	snprintf(kind, sizeof(kind), "record:%s", path);
	EQUAL(msf_open(&msf, NULL, kind, why, sizeof(why)), 0);
	return msf;
}

static void fill(struct e2ae_stream *s, struct e2ae_sa *sa, struct msf *msf)
{
	memset(s, 0, sizeof(*s));
	memset(sa, 0, sizeof(*sa));
	s->id = msf_stream_id(msf);
	sa->id = msf_sa_id(msf);
	sa->suite = E2AE_SUITE_AES_CM_128_HMAC_SHA1_80;
	sa->key.len = 16;
	memset(sa->key.octets, SECRET, 16);
	sa->salt.len = 14;
	memset(sa->salt.octets, SECRET, 14);
	s->given = E2AE_GIVEN(E2AE_A_STREAM_ID) |
		   E2AE_GIVEN(E2AE_A_STREAM_ACCESS);
	s->access.given = LEG(LOCAL_ADDR) | LEG(LOCAL_PORT) | LEG(IN_SA);
	s->access.local_addr.len = 4;
	inet_pton(AF_INET, "192.0.2.1", s->access.local_addr.octets);
	s->access.local_port = 4000;
	s->access.in_sa = sa->id;
}

static void life(void)
{
	struct e2ae_stream s, found;
	struct e2ae_sa sa;
	struct msf *msf = open_record();

	fill(&s, &sa, msf);
	EQUAL(msf_create(msf, &s, &sa, 1), 0);
	EQUAL(msf_create(msf, &s, &sa, 1), -EEXIST);
	CHECK(msf_error(msf)[0]);
	s.access.given = LEG(PEER_ADDR) | LEG(PEER_PORT);
	s.access.peer_addr = s.access.local_addr;
	s.access.peer_port = 5000;
	EQUAL(msf_change(msf, &s, NULL, 0), 0);
	EQUAL(msf_get(msf, s.id, &found), 0);
	EQUAL(found.access.local_port, 4000);
	EQUAL(found.access.peer_port, 5000);
	EQUAL(msf_remove(msf, s.id), 0);
	EQUAL(msf_remove(msf, s.id), -ENOENT);
	EQUAL(msf_change(msf, &s, NULL, 0), -ENOENT);
	EQUAL(msf_get(msf, s.id, &found), -ENOENT);
	msf_close(msf);
}

/* By the SAs that it has now, whoever had them before. */
static void users(void)
{
	struct msf *msf = open_record();
	struct e2ae_stream s;
	struct e2ae_sa sa;
	uint32_t before;
	bool out = true;

	fill(&s, &sa, msf);
	before = sa.id;
	EQUAL(msf_stream_of(msf, before, &out), 0);
	EQUAL(msf_create(msf, &s, &sa, 1), 0);
	EQUAL(msf_stream_of(msf, before, &out), s.id);
	CHECK(!out);
	sa.id = msf_sa_id(msf);
	s.access.given = LEG(OUT_SA);
	s.access.out_sa = sa.id;
	EQUAL(msf_change(msf, &s, &sa, 1), 0);
	EQUAL(msf_stream_of(msf, before, &out), s.id);
	EQUAL(msf_stream_of(msf, sa.id, &out), s.id);
	CHECK(out);
	s.access.given = LEG(IN_SA);
	sa.id = msf_sa_id(msf);
	s.access.in_sa = sa.id;
	EQUAL(msf_change(msf, &s, &sa, 1), 0);
	EQUAL(msf_stream_of(msf, before, &out), 0);
	EQUAL(msf_stream_of(msf, sa.id, &out), s.id);
	CHECK(!out);
	EQUAL(msf_create(msf, &s, &sa, 1), -EEXIST);
	EQUAL(msf_stream_of(msf, sa.id, &out), s.id);
	EQUAL(msf_remove(msf, s.id), 0);
	EQUAL(msf_stream_of(msf, sa.id, &out), 0);
	EQUAL(msf_stream_of(msf, s.access.out_sa, &out), 0);
	msf_close(msf);
}

static int count_one(const struct e2ae_stream *stream, void *arg)
{
	(void)stream;
	++*(unsigned int *)arg;
	return 0;
}

static void listing(void)
{
	struct msf *msf = open_record();
	unsigned int i, n = 0;
	struct e2ae_stream s;
	struct e2ae_sa sa;

	for (i = 0; i < 100; i++) {
		fill(&s, &sa, msf);
		EQUAL(msf_create(msf, &s, &sa, 1), 0);
	}
	EQUAL(msf_list(msf, count_one, &n), 0);
	EQUAL(n, 100);
	msf_close(msf);
}

/* Of the run of octets that stands for keys nothing is in the file. */
static void no_keys(void)
{
	char text[4096] = "";
	struct stat st;
	FILE *file = fopen(path, "r");

	if (!file) {
		CHECK(file != NULL);
		return;
	}
	CHECK(fread(text, 1, sizeof(text) - 1, file) > 100);
	fclose(file);
	CHECK(strstr(text, "\"op\":\"create\"") != NULL);
	CHECK(strstr(text, "192.0.2.1:4000") != NULL);
	CHECK(strstr(text, "5e5e") == NULL);
	CHECK(strstr(text, "^^^^") == NULL);
	EQUAL(stat(path, &st), 0);
	EQUAL(st.st_mode & 077, 0);
}

static void ids(void)
{
	struct msf *a = open_record(), *b = open_record();
	uint32_t next = a->next_stream;

	CHECK(a->next_stream != b->next_stream || a->next_sa != b->next_sa);
	CHECK(msf_stream_id(a) != msf_stream_id(a));
	a->next_stream = UINT32_MAX;
	EQUAL(msf_stream_id(a), UINT32_MAX);
	EQUAL(msf_stream_id(a), 1);
	a->next_stream = next;
	msf_used_ids(a, next + 50, 0);
	EQUAL(msf_stream_id(a), next + 51);
	msf_used_ids(a, next + 10, 0);
	EQUAL(msf_stream_id(a), next + 52);
	a->next_sa = UINT32_MAX - 2;
	msf_used_ids(a, 0, UINT32_MAX);
	EQUAL(msf_sa_id(a), 1);
	msf_close(a);
	msf_close(b);
}

static void kinds(void)
{
	struct msf *msf;

	EQUAL(msf_open(&msf, NULL, "remote", why, sizeof(why)), -EINVAL);
	CHECK(strstr(why, "remote") != NULL && !msf);
	EQUAL(msf_open(&msf, NULL, "record:/nowhere/at/all", why, sizeof(why)),
	      -ENOENT);
	CHECK(strstr(why, "/nowhere") != NULL && !msf);
}

static const struct ktap_test tests[] = {
	{ "a stream is made, changed, read and removed", life },
	{ "an SA tells which stream uses it", users },
	{ "all streams are listed", listing },
	{ "no key is written, and only the owner reads the file", no_keys },
	{ "ids start at random and go past those that are taken", ids },
	{ "a kind that is none says so", kinds },
};

int main(void)
{
	int failed, fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	unlink(path);
	failed = ktap_run(tests, sizeof(tests) / sizeof(tests[0]));
	unlink(path);
	return failed;
}
