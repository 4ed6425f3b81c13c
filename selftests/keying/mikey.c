// SPDX-License-Identifier: GPL-2.0
/* Tests of MIKEY messages: known answers, corruption, order of payloads. */
#include <errno.h>
#include <string.h>

#include "../../agent/keying/keymgmt.h"
#include "../../agent/keying/mikey-psk.h"
#include "ktap.h"
#include "party.h"

static struct party p;

static void known_offer(void)
{
	char value[E2AE_KEYMGMT_ROOM];
	const char *known_text;

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	CHECK(is_hex(p.i_message.octets, p.i_message.len,
		     known("mikey.txt", "I_MESSAGE")));
	CHECK(e2ae_keymgmt_write(&p.i_message, value, sizeof(value)) > 0);
	/* The base64 stands on a line of its own. */
	known_text = known("mikey.txt", "base64");
	CHECK(!strncmp(value, "mikey ", 6) && !strcmp(value + 6, known_text));
}

static void check_keys(const struct e2ae_mikey_keys *keys)
{
	EQUAL(keys->n_cs, 2);
	CHECK(is_hex(keys->cs[0].key.key, 16,
		     "7197e515c9e3e46b52d71d6ae5b46468"));
	CHECK(is_hex(keys->cs[0].key.salt, 14, "a780826945f5a37c4d864dddf015"));
	CHECK(is_hex(keys->cs[1].key.key, 16,
		     "1477bd336a13936d8d30a011462dc5c8"));
	CHECK(is_hex(keys->cs[1].key.salt, 14, "9107038b89f64ccc7bc33bf18554"));
	EQUAL(keys->cs[0].key.suite, E2AE_SUITE_AES_CM_128_HMAC_SHA1_80);
	EQUAL(keys->cs[0].stream.ssrc, 0x11111111);
	EQUAL(keys->cs[1].stream.ssrc, 0x22222222);
	EQUAL(keys->cs[1].stream.roc, 0);
}

static void known_answer(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	EQUAL(party_respond(&p), 0);
	CHECK(is_hex(p.reply.octets, p.reply.len,
		     known("mikey.txt", "R_MESSAGE")));
	check_keys(&p.keys_r);
	EQUAL(party_confirm(&p), 0);
	check_keys(&p.keys_i);
}

static void known_message_keys(void)
{
	struct e2ae_mikey_protect keys;

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	EQUAL(e2ae_mikey_csb_protect(&p.csb_i, p.offer.psk, &keys), 0);
	CHECK(is_hex(keys.enc, 16, known("mikey.txt", "ke")));
	CHECK(is_hex(keys.salt, 14, known("mikey.txt", "ks")));
	CHECK(is_hex(keys.auth, 20, known("mikey.txt", "ka")));
}

/* Every change of one octet, in 8 ways, of a message of either kind. */
static void corrupt(struct e2ae_mikey_message *message, int (*judge)(void),
		    struct e2ae_mikey_keys *keys)
{
	static const uint8_t change[] = { 1, 2, 4, 8, 16, 64, 128, 255 };
	size_t at, c;

	for (at = 0; at < message->len; at++) {
		for (c = 0; c < sizeof(change); c++) {
			message->octets[at] ^= change[c];
			memset(keys, 0xee, sizeof(*keys));
			if (judge() >= 0)
				printf("# octet %zu ^ %d\n", at, change[c]);
			CHECK(judge() < 0);
			CHECK(is_zero(keys, sizeof(*keys)));
			message->octets[at] ^= change[c];
		}
	}
	CHECK(judge() == 0);
}

static int judge_offer(void)
{
	int err = party_respond(&p);

	if (err)
		CHECK(is_zero(&p.csb_r, sizeof(p.csb_r)));
	return err;
}

static int judge_answer(void)
{
	struct e2ae_mikey_csb before = p.csb_i;
	int err = party_confirm(&p);

	if (err)
		CHECK(!memcmp(&before, &p.csb_i, sizeof(before)));
	return err;
}

static void corrupt_offer(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	corrupt(&p.i_message, judge_offer, &p.keys_r);
}

static void corrupt_answer(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	EQUAL(party_respond(&p), 0);
	corrupt(&p.reply, judge_answer, &p.keys_i);
}

static void truncate(struct e2ae_mikey_message *message, int (*judge)(void),
		     struct e2ae_mikey_keys *keys)
{
	const size_t whole = message->len;
	uint8_t *exact;

	for (message->len = 0; message->len < whole; message->len++) {
		/* On the heap, where reading past the end is seen. */
		struct e2ae_mikey_msg msg;

		exact = malloc(message->len + 1);
		memcpy(exact + 1, message->octets, message->len);
		CHECK(e2ae_mikey_decode(exact + 1, message->len, &msg) < 0);
		free(exact);
		memset(keys, 0xee, sizeof(*keys));
		CHECK(judge() < 0);
		CHECK(is_zero(keys, sizeof(*keys)));
	}
	message->octets[message->len++] = 0;
	EQUAL(judge(), -EBADMSG);
	message->len--;
	EQUAL(judge(), 0);
}

static void truncated(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	truncate(&p.i_message, judge_offer, &p.keys_r);
	EQUAL(party_respond(&p), 0);
	truncate(&p.reply, judge_answer, &p.keys_i);
}

/* Payloads of the known I_MESSAGE, without header and KEMAC. */
enum piece {
	T,
	RAND,
	IDI,
	IDR,
	SP,
	EXT,
	KEMAC,
	PIECES
};
static const struct {
	uint8_t type;
	uint16_t at;
	uint16_t len;
} pieces[PIECES] = {
	{ 5, 28, 10 },	 { 11, 38, 18 }, { 6, 56, 25 },	 { 6, 81, 25 },
	{ 10, 106, 44 }, { 21, 150, 9 }, { 1, 159, 45 },
};

/* Builds a message of pieces; the last one ends it. */
static void build(const enum piece *order, size_t n,
		  struct e2ae_mikey_message *out)
{
	size_t next_at = 2;
	size_t i;

	memcpy(out->octets, p.i_message.octets, 28);
	out->len = 28;
	for (i = 0; i < n; i++) {
		out->octets[next_at] = pieces[order[i]].type;
		next_at = out->len;
		memcpy(out->octets + out->len,
		       p.i_message.octets + pieces[order[i]].at,
		       pieces[order[i]].len);
		out->len += pieces[order[i]].len;
	}
	out->octets[next_at] = 0;
}

#define TRY(want, ...)                                                         \
	do {                                                                   \
		static const enum piece order_[] = { __VA_ARGS__ };            \
		struct e2ae_mikey_message message_;                            \
		struct e2ae_mikey_msg msg_;                                    \
                                                                               \
		build(order_, sizeof(order_) / sizeof(order_[0]), &message_);  \
		EQUAL(e2ae_mikey_decode(message_.octets, message_.len, &msg_), \
		      want);                                                   \
	} while (0)

static void order(void)
{
	party_init(&p);
	EQUAL(party_offer(&p), 0);
	TRY(0, T, RAND, IDI, IDR, SP, EXT, KEMAC);
	TRY(0, T, EXT, RAND, IDI, IDR, SP, KEMAC);
	TRY(0, T, RAND, IDI, IDR, KEMAC);
	TRY(0, T, KEMAC);
	TRY(-EBADMSG, KEMAC);
	TRY(-EBADMSG, RAND, T, IDI, IDR, SP, EXT, KEMAC);
	TRY(-EBADMSG, EXT, T, RAND, IDI, IDR, SP, KEMAC);
	TRY(-EBADMSG, T, IDI, RAND, IDR, SP, EXT, KEMAC);
	TRY(-EBADMSG, T, RAND, SP, IDI, IDR, EXT, KEMAC);
	TRY(-EBADMSG, T, RAND, IDI, IDR, SP, KEMAC, EXT);
	TRY(-EBADMSG, T, RAND, IDI, IDR, KEMAC, SP);
	TRY(-EBADMSG, T, RAND, IDI, IDR, SP, EXT);
	TRY(-EBADMSG, T, T, RAND, IDI, IDR, SP, EXT, KEMAC);
	TRY(-EBADMSG, T, RAND, RAND, IDI, IDR, SP, EXT, KEMAC);
	TRY(-EBADMSG, T, RAND, IDI, IDI, IDR, SP, EXT, KEMAC);
	TRY(-EBADMSG, T, RAND, IDI, IDR, SP, SP, EXT, KEMAC);
	TRY(-EBADMSG, T, RAND, IDI, IDR, SP, EXT, EXT, KEMAC);
	TRY(-EBADMSG, T, RAND, IDI, IDR, SP, EXT, KEMAC, KEMAC);
}

/* Values of single octets that the decoder has to know. */
static void unknown_values(void)
{
	static const struct {
		uint16_t at;
		uint8_t value;
		int err;
	} changes[] = {
		{ 0, 2, -EPROTONOSUPPORT }, /* version */
		{ 1, 2, -EPROTONOSUPPORT }, /* public key */
		{ 1, 1, -EBADMSG }, /* KEMAC in an R_MESSAGE */
		{ 2, 0, -EBADMSG }, /* no payload */
		{ 2, 99, -EBADMSG }, /* unknown payload */
		{ 8, 17, -EPROTONOSUPPORT }, /* crypto sessions */
		{ 9, 1, -EPROTONOSUPPORT }, /* type of the map */
		{ 29, 3, -EPROTONOSUPPORT }, /* type of the timestamp */
		{ 39, 15, -EBADMSG }, /* length of RAND */
		{ 57, 2, -EPROTONOSUPPORT }, /* type of the identity */
		{ 60, 0, -EBADMSG }, /* octet of the identity */
		{ 60, ' ', -EBADMSG },
		{ 183, 2, -EPROTONOSUPPORT }, /* MAC algorithm */
		{ 183, 0, -EBADMSG }, /* no MAC, but octets */
	};
	struct e2ae_mikey_msg msg;
	uint8_t octets[256];
	size_t i;

	party_init(&p);
	EQUAL(party_offer(&p), 0);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		memcpy(octets, p.i_message.octets, p.i_message.len);
		octets[changes[i].at] = changes[i].value;
		EQUAL(e2ae_mikey_decode(octets, p.i_message.len, &msg),
		      changes[i].err);
	}
}

static void policies(void)
{
	static const struct {
		const char *params;
		uint32_t suite;
		int err;
	} cases[] = {
		{ "", 1, 0 },
		{ "000101", 1, 0 },
		{ "010120", 5, 0 },
		{ "0101180b0104", 4, 0 },
		{ "0b0104", 2, 0 },
		{ "0b02000a", 1, 0 },
		{ "000106", 7, 0 },
		{ "000106010120", 8, 0 },
		{ "00010601011004010c140110", 7, 0 },
		{ "000106020100030100040"
		  "10c0a0100140110",
		  7, 0 },
		{ "0001060a0101020101", 7, 0 },
		{ "000106010118", 0, -EOPNOTSUPP }, /* GCM-192 */
		{ "00010604010e", 0, -EOPNOTSUPP }, /* salt of CM */
		{ "000106140108", 0, -EOPNOTSUPP }, /* short tag */
		{ "000101140110", 0, -EOPNOTSUPP }, /* tag of GCM with CM */
		{ "000100", 0, -EOPNOTSUPP }, /* NULL */
		{ "000102", 0, -EOPNOTSUPP }, /* f8 */
		{ "010111", 0, -EOPNOTSUPP },
		{ "020100", 0, -EOPNOTSUPP }, /* no authentication */
		{ "030110", 0, -EOPNOTSUPP },
		{ "04010c", 0, -EOPNOTSUPP },
		{ "050101", 0, -EOPNOTSUPP },
		{ "060101", 0, -EOPNOTSUPP }, /* key derivation rate */
		{ "070100", 0, -EOPNOTSUPP }, /* unencrypted */
		{ "080100", 0, -EOPNOTSUPP },
		{ "000106080100", 0, -EOPNOTSUPP },
		{ "090101", 0, -EOPNOTSUPP },
		{ "0a0100", 0, -EOPNOTSUPP }, /* unauthenticated */
		{ "0b0108", 0, -EOPNOTSUPP },
		{ "0c0101", 0, -EOPNOTSUPP }, /* prefix */
		{ "0d0101", 0, -EOPNOTSUPP },
		{ "150101", 0, -EOPNOTSUPP },
		{ "0000", 0, -EOPNOTSUPP },
		{ "00050000000001", 0, -EOPNOTSUPP },
		{ "000101000101", 0, -EBADMSG },
		{ "0001", 0, -EBADMSG },
		{ "00", 0, -EBADMSG },
	};
	struct e2ae_octets params;
	uint8_t octets[64];
	uint32_t suite;
	size_t i;
	int len;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		params.at = octets;
		params.len = unhex(cases[i].params, octets, sizeof(octets));
		suite = 0;
		if (e2ae_mikey_policy_read(params, &suite) != cases[i].err)
			printf("# %s\n", cases[i].params);
		EQUAL(e2ae_mikey_policy_read(params, &suite), cases[i].err);
		EQUAL(suite, cases[i].suite);
	}
	for (i = 1; e2ae_suite_by_id(i); i++) {
		len = e2ae_mikey_policy_write(i, octets, sizeof(octets));
		if (i >= E2AE_SUITE_NULL_HMAC_SHA1_80) {
			EQUAL(len, -EOPNOTSUPP);
			continue;
		}
		EQUAL(len, 39);
		params = (struct e2ae_octets){ octets, (size_t)len };
		EQUAL(e2ae_mikey_policy_read(params, &suite), 0);
		EQUAL(suite, i);
		EQUAL(e2ae_mikey_policy_write(i, octets, 38), -EMSGSIZE);
	}
}

static void known_prf(void)
{
	static const int lengths[] = { 16, 20, 31, 32, 33, 64 };
	uint8_t key[64], out[40], label[32];
	char name[16];
	size_t i, n;

	n = unhex("6c6162656c" /* label */, label, sizeof(label));
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		snprintf(name, sizeof(name), "prf %d", lengths[i]);
		EQUAL(e2ae_mikey_prf((struct e2ae_octets){ key, lengths[i] },
				     (struct e2ae_octets){ label, n }, out,
				     sizeof(out)),
		      0);
		CHECK(is_hex(out, sizeof(out), known("mikey.txt", name)));
	}
}

static void keymgmt(void)
{
	static const char *const offer[] = { "mikey AAAA", " keyp1 x",
					     "keyp2 y" };
	static const char *const bad[] = {
		"",	      "mikey",	   "mikey ",	  "mikey A",
		"mikey *AAA", "mikeyAAAA", "  mikey AAAA"
	};
	struct e2ae_mikey_message message;
	char list[32];
	size_t i;

	EQUAL(e2ae_keymgmt_protocols(offer, 3, list, sizeof(list)), 17);
	CHECK(!strcmp(list, "mikey;keyp1;keyp2"));
	EQUAL(e2ae_keymgmt_protocols(offer, 3, list, 18), 17);
	EQUAL(e2ae_keymgmt_protocols(offer, 3, list, 17), -EMSGSIZE);
	EQUAL(e2ae_keymgmt_protocols(offer, 0, list, 17), 0);
	EQUAL(e2ae_keymgmt_protocols(bad + 1, 1, list, 17), -EINVAL);
	for (i = 0; i < 2; i++)
		EQUAL(e2ae_keymgmt_parse(i ? " Mikey AAEC " : "mikey AAEC",
					 &message),
		      0);
	CHECK(is_hex(message.octets, message.len, "000102"));
	EQUAL(e2ae_keymgmt_parse(offer[1], &message), -EPROTONOSUPPORT);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EQUAL(e2ae_keymgmt_parse(bad[i], &message), -EINVAL);
		EQUAL(message.len, 0);
	}
}

static const struct ktap_test tests[] = {
	{ "the PRF gives the known keys, also at multiples of 256 bits",
	  known_prf },
	{ "the keys of messages are the known ones", known_message_keys },
	{ "the I_MESSAGE is the known one", known_offer },
	{ "R_MESSAGE and session keys are the known ones", known_answer },
	{ "an I_MESSAGE with any octet changed is refused whole",
	  corrupt_offer },
	{ "an R_MESSAGE with any octet changed is refused whole",
	  corrupt_answer },
	{ "a message that is cut off or has a tail is refused", truncated },
	{ "payloads come once and in their order", order },
	{ "unknown versions, kinds, types and values are refused",
	  unknown_values },
	{ "a policy means one of the suites or is refused", policies },
	{ "key-mgmt attributes are read and listed", keymgmt },
};

KTAP_MAIN(tests)
