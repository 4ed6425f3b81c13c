// SPDX-License-Identifier: GPL-2.0
/* Tests of agent/keying/kdf.c and b64.c. */
#include <errno.h>
#include <string.h>

#include "../../agent/keying/b64.h"
#include "../../agent/keying/kdf.h"
#include "ktap.h"
#include "util.h"

static const char impi[] = "alice_private@home1.net";
static const char fqdn[] = "pcscf1.visited1.net";

static struct e2ae_kmm kmm(void)
{
	uint8_t ck[16], ik[16], rand[16];
	struct e2ae_kmm made;

	unhex("b40ba9a3c58b2a05bbf0d987b21bf8cb", ck, 16);
	unhex("f769bcd751044604127672711c6d3441", ik, 16);
	unhex("23553cbe9637a89d218ae64dae47bf35", rand, 16);
	EQUAL(e2ae_kdf_from_aka(&made, ck, ik, rand, impi, fqdn), 0);
	return made;
}

static struct e2ae_kdf_line line_of(enum e2ae_kdf_role role)
{
	return (struct e2ae_kdf_line){
		.call_id = "cb03a0s09a2sdfglkj490333",
		.from_tag = "171828",
		.index = 1,
		.role = role,
	};
}

static void kmm_of_aka(void)
{
	struct e2ae_kmm made = kmm();

	CHECK(is_hex(made.octets, 32, known("kdf.txt", "K_mm")));
}

static void every_line_key(void)
{
	static const struct {
		const char *name;
		enum e2ae_kdf_use use;
	} keys[] = {
		{ "mikey", E2AE_KDF_MIKEY },
		{ "tls13 client 1", E2AE_KDF_TLS13_UE },
		{ "tls13 client 2", E2AE_KDF_TLS13_MSF },
		{ "tls12 client 1", E2AE_KDF_TLS12_UE },
		{ "tls12 client 2", E2AE_KDF_TLS12_MSF },
	};
	struct e2ae_kmm made = kmm();
	struct e2ae_kdf_line line;
	uint8_t key[32];
	char name[64];
	size_t i;
	int role;

	for (role = 1; role <= 2; role++) {
		line = line_of(role);
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			snprintf(name, sizeof(name), "role %d %s", role,
				 keys[i].name);
			EQUAL(e2ae_kdf_line_key(&made, &line, keys[i].use, key),
			      0);
			CHECK(is_hex(key, 32, known("kdf.txt", name)));
		}
	}
}

static void key_ids(void)
{
	struct e2ae_kmm made = kmm();
	struct e2ae_kdf_line line = line_of(E2AE_KDF_UE_CALLS);
	char id[E2AE_KDF_ID_ROOM];

	EQUAL(e2ae_kdf_key_id(&made, &line, id), 0);
	CHECK(!strcmp(id, known("kdf.txt", "role 1 key id")));
	line.role = E2AE_KDF_UE_CALLED;
	EQUAL(e2ae_kdf_key_id(&made, &line, id), 0);
	CHECK(!strcmp(id, known("kdf.txt", "role 2 key id")));
}

static void key_ids_are_url_safe(void)
{
	struct e2ae_kmm made = kmm();
	struct e2ae_kdf_line line = line_of(E2AE_KDF_UE_CALLS);
	char id[E2AE_KDF_ID_ROOM];
	bool dash = false, underscore = false;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		line.index = (uint16_t)i;
		EQUAL(e2ae_kdf_key_id(&made, &line, id), 0);
		EQUAL(strlen(id), 16);
		CHECK(!strpbrk(id, "+/="));
		dash |= !!strchr(id, '-');
		underscore |= !!strchr(id, '_');
	}
	CHECK(dash && underscore);
}

static void each_input_counts(void)
{
	struct e2ae_kmm made = kmm();
	struct e2ae_kdf_line line[6];
	uint8_t key[6][32];
	int i, j;

	for (i = 0; i < 6; i++)
		line[i] = line_of(E2AE_KDF_UE_CALLS);
	line[1].call_id = "cb03a0s09a2sdfglkj49033";
	line[2].from_tag = "3171828";
	line[2].call_id = "cb03a0s09a2sdfglkj49033";
	line[3].index = 256;
	line[4].index = 0;
	line[5].from_tag = "";
	for (i = 0; i < 6; i++)
		EQUAL(e2ae_kdf_line_key(&made, &line[i], E2AE_KDF_MIKEY,
					key[i]),
		      0);
	for (i = 0; i < 6; i++)
		for (j = 0; j < i; j++)
			CHECK(memcmp(key[i], key[j], 32));
}

static void refusals_leave_nothing(void)
{
	static char huge[E2AE_KDF_MAX_INPUT + 1];
	struct e2ae_kmm made = kmm();
	struct e2ae_kdf_line line = line_of(E2AE_KDF_UE_CALLS);
	char id[E2AE_KDF_ID_ROOM] = "x";
	uint8_t key[32];

	memset(huge, 'x', sizeof(huge) - 1);
	line.call_id = huge;
	memset(key, 1, sizeof(key));
	EQUAL(e2ae_kdf_line_key(&made, &line, E2AE_KDF_MIKEY, key), -EMSGSIZE);
	CHECK(is_zero(key, 32));
	EQUAL(e2ae_kdf_key_id(&made, &line, id), -EMSGSIZE);
	EQUAL(id[0], 0);
	line = line_of(3);
	memset(key, 1, sizeof(key));
	EQUAL(e2ae_kdf_line_key(&made, &line, E2AE_KDF_MIKEY, key), -EINVAL);
	CHECK(is_zero(key, 32));
	line = line_of(1);
	EQUAL(e2ae_kdf_line_key(&made, &line, 99, key), -EINVAL);
	EQUAL(e2ae_kdf_from_tls(&made, key, "", fqdn), -EINVAL);
	CHECK(is_zero(&made, sizeof(made)));
}

/* The answer is made with the hmac module of Python. */
static void kmm_of_tls(void)
{
	uint8_t exported[32];
	struct e2ae_kmm made;
	int i;

	for (i = 0; i < 32; i++)
		exported[i] = (uint8_t)(0xa0 + i);
	EQUAL(e2ae_kdf_from_tls(&made, exported, impi, fqdn), 0);
	CHECK(is_hex(
		made.octets, 32,
		"cf1193950f90ab978464941b7f9668ef4dd8950a309d11598d38e832a788ccf9"));
}

static int decode(const char *text, uint8_t *out, size_t room)
{
	return e2ae_b64_decode(text, strlen(text), out, room);
}

static void b64_good(void)
{
	uint8_t out[8];

	EQUAL(decode("", out, 8), 0);
	EQUAL(decode("Zg==", out, 8), 1);
	EQUAL(decode("Zg", out, 8), 1);
	EQUAL(decode("Zm8=", out, 8), 2);
	EQUAL(decode("Zm8", out, 8), 2);
	EQUAL(decode("Zm9vYg", out, 8), 4);
	CHECK(!memcmp(out, "foob", 4));
	EQUAL(decode("+/+/", out, 8), 3);
	CHECK(is_hex(out, 3, "fbffbf"));
}

static void b64_garbage(void)
{
	static const char *const bad[] = {
		"Z",	    "Zg=",	"Zg===",   "====",  "=",
		"Zg==Zg==", "Zm9v\n",	" Zm9v",   "Zm9v ", "Zm 9v",
		"Zm-_",	    "Zh==",	"Zm9",	   "Zm9=",  "Zm9v=",
		"Zm9v==",   "Zm9v====", "Zm\x80v", "Z*9v",  "Zm9vZ",
	};
	uint8_t out[32];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(out, 0, sizeof(out));
		if (decode(bad[i], out, sizeof(out)) != -EINVAL)
			printf("# accepted %s\n", bad[i]);
		EQUAL(decode(bad[i], out, sizeof(out)), -EINVAL);
		CHECK(is_zero(out, sizeof(out)));
	}
}

static void b64_bounds(void)
{
	uint8_t octets[64], out[64];
	char text[E2AE_B64_ROOM(64)];
	size_t len;
	int n;

	for (len = 0; len < 64; len++)
		octets[len] = (uint8_t)(len * 37);
	for (len = 0; len <= 64; len++) {
		n = e2ae_b64_encode(octets, len, text, sizeof(text));
		CHECK(n >= 0 && strlen(text) == (size_t)n);
		EQUAL(e2ae_b64_encode(octets, len, text, E2AE_B64_ROOM(len)),
		      n);
		EQUAL(e2ae_b64_encode(octets, len, text,
				      E2AE_B64_ROOM(len) - 1),
		      -EMSGSIZE);
		EQUAL(decode(text, out, len), len);
		CHECK(!memcmp(out, octets, len));
		if (len)
			EQUAL(decode(text, out, len - 1), -EMSGSIZE);
	}
}

static const struct ktap_test tests[] = {
	{ "K_mm of AKA is the known one", kmm_of_aka },
	{ "K_mm of a TLS exporter is the known one", kmm_of_tls },
	{ "every key of an m-line is the known one", every_line_key },
	{ "key ids are the known ones", key_ids },
	{ "key ids are 16 characters of base64url", key_ids_are_url_safe },
	{ "another Call-ID, From-tag or m-line is another key",
	  each_input_counts },
	{ "a refused derivation leaves no key", refusals_leave_nothing },
	{ "base64 is decoded with and without padding", b64_good },
	{ "garbage is not base64", b64_garbage },
	{ "base64 keeps to the room it has", b64_bounds },
};

KTAP_MAIN(tests)
