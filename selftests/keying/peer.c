// SPDX-License-Identifier: GPL-2.0
/*
 * One end of MIKEY for selftests/keying/run, which plays the other one. Commands
 * come one a line on standard input, words with blanks between them; octets are
 * hexadecimal, "-" is none. Each gets one line of answer.
 *
 *   prf KEY LABEL LEN			octets
 *   kdf KEY PARAM...			octets
 *   offer PSK SUITE LINES TYPE TIME IDI IDR PROTOCOLS SSRC...
 *					message
 *   reoffer KEEP			message
 *   confirm VALUE			0 KEYS..., or errno and the error numbers
 *   respond PSK LINES NOW COUNTERS IDR PROTOCOLS VALUE SSRC SUITE...
 *					errno VALUE KEYS...
 *   forget				0; the responder has no bundle any more
 *
 * VALUE is that of a key-mgmt attribute after "mikey". Identities start with
 * their type, 0 for NAI and 1 for URI. KEYS are CS:SUITE:KEY:SALT:MKI:SSRC:ROC.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../agent/keying/kdf.h"
#include "../../agent/keying/keymgmt.h"
#include "../../agent/keying/mikey-prf.h"
#include "../../agent/keying/mikey-replay.h"
#include "util.h"

#define MAX_WORDS 64

static struct {
	uint8_t psk[64];
	struct e2ae_mikey_offer offer;
	struct e2ae_mikey_id idi, idr;
	char protocols[64];
	struct e2ae_mikey_stream stream[E2AE_MIKEY_MAX_CS];
	struct e2ae_mikey_csb csb, next;
	struct e2ae_mikey_csb responder;
	struct e2ae_mikey_replay *cache;
} me;

static void say_hex(const uint8_t *octets, size_t len)
{
	while (len--)
		printf("%02x", *octets++);
}

static struct e2ae_octets octets_of(const char *word, uint8_t *to, size_t room)
{
	struct e2ae_octets octets = { to, 0 };

	if (strcmp(word, "-"))
		octets.len = unhex(word, to, room);
	return octets;
}

static void say_keys(const struct e2ae_mikey_keys *keys)
{
	const struct e2ae_suite_info *info;
	unsigned int i;

	for (i = 0; i < keys->n_cs; i++) {
		const struct e2ae_srtp_key *key = &keys->cs[i].key;

		info = e2ae_suite_by_id(key->suite);
		printf(" %u:%s:", i + 1, info->name);
		say_hex(key->key, info->key_len);
		printf(":");
		say_hex(key->salt, info->salt_len);
		printf(":");
		say_hex(key->mki, key->mki_len);
		printf(":%08x:%u", keys->cs[i].stream.ssrc,
		       keys->cs[i].stream.roc);
	}
}

static void say_message(const struct e2ae_mikey_message *message)
{
	char value[E2AE_KEYMGMT_ROOM];

	if (!message->len)
		printf("-");
	else if (e2ae_keymgmt_write(message, value, sizeof(value)) > 0)
		printf("%s", strchr(value, ' ') + 1);
}

static struct e2ae_mikey_message message_of(const char *word)
{
	struct e2ae_mikey_message message;
	char value[E2AE_KEYMGMT_ROOM];

	snprintf(value, sizeof(value), "mikey %s", word);
	if (e2ae_keymgmt_parse(value, &message))
		exit(2);
	return message;
}

static struct e2ae_mikey_id id_of(const char *word)
{
	struct e2ae_mikey_id id;

	if (e2ae_mikey_id(&id, word[0] - '0', word + 1))
		exit(2);
	return id;
}

static uint32_t suite_of(const char *word)
{
	const struct e2ae_suite_info *info = e2ae_suite_by_name(word);

	return info ? info->id : 0;
}

static void prf(char **word, int n)
{
	uint8_t key[256], label[256], out[64];
	size_t len = (size_t)atoi(word[3]);

	(void)n;
	if (!e2ae_mikey_prf(octets_of(word[1], key, sizeof(key)),
			    octets_of(word[2], label, sizeof(label)), out, len))
		say_hex(out, len);
}

static void kdf(char **word, int n)
{
	uint8_t key[64], param[E2AE_KDF_MAX_PARAMS][256], out[E2AE_KDF_LEN];
	struct e2ae_octets params[E2AE_KDF_MAX_PARAMS];
	int i;

	for (i = 2; i < n; i++)
		params[i - 2] = octets_of(word[i], param[i - 2], 256);
	if (!e2ae_kdf(octets_of(word[1], key, sizeof(key)), params,
		      (size_t)(n - 2), out))
		say_hex(out, sizeof(out));
}

static void offer(char **word, int n)
{
	struct e2ae_mikey_message message;
	int i, err;

	me.idi = id_of(word[6]);
	me.idr = id_of(word[7]);
	snprintf(me.protocols, sizeof(me.protocols), "%s", word[8]);
	for (i = 9; i < n; i++)
		me.stream[i - 9].ssrc = (uint32_t)strtoul(word[i], NULL, 16);
	me.offer = (struct e2ae_mikey_offer){
		.psk = octets_of(word[1], me.psk, sizeof(me.psk)),
		.idi = &me.idi,
		.idr = &me.idr,
		.time = { (uint8_t)atoi(word[4]), strtoull(word[5], NULL, 16) },
		.protocols = me.protocols,
		.suite = suite_of(word[2]),
		.lines = (unsigned int)atoi(word[3]),
		.stream = me.stream,
	};
	err = e2ae_mikey_offer(&me.offer, NULL, &me.csb, &message);
	me.next = me.csb;
	if (err)
		printf("%d", err);
	else
		say_message(&message);
}

static void reoffer(char **word, int n)
{
	struct e2ae_mikey_message message;
	int err;

	(void)n;
	me.offer.keep_keys = atoi(word[1]);
	err = e2ae_mikey_offer(&me.offer, &me.csb, &me.next, &message);
	if (err)
		printf("%d", err);
	else
		say_message(&message);
}

static void confirm(char **word, int n)
{
	struct e2ae_mikey_message message = message_of(word[1]);
	struct e2ae_mikey_refusal refusal;
	struct e2ae_mikey_keys keys;
	unsigned int i;

	(void)n;
	printf("%d", e2ae_mikey_confirm(&me.next, me.offer.psk, message.octets,
					message.len, &keys, &refusal));
	say_keys(&keys);
	if (keys.n_cs)
		me.csb = me.next;
	for (i = 0; i < refusal.n; i++)
		printf(" %u%s", refusal.error[i],
		       refusal.authentic ? "!" : "?");
	for (i = 0; i < refusal.n_suites; i++)
		printf(" %s", e2ae_suite_by_id(refusal.suite[i])->name);
}

static void respond(char **word, int n)
{
	struct e2ae_mikey_message message = message_of(word[7]);
	struct e2ae_mikey_stream own[E2AE_MIKEY_MAX_CS] = { 0 };
	struct e2ae_mikey_csb csb, old = me.responder;
	struct e2ae_mikey_id idr = id_of(word[5]);
	struct e2ae_mikey_message reply;
	struct e2ae_mikey_seen seen;
	struct e2ae_mikey_keys keys;
	uint32_t suites[16];
	uint8_t psk[64];
	struct e2ae_mikey_answer answer = {
		.psk = octets_of(word[1], psk, sizeof(psk)),
		.idr = &idr,
		.now = strtoull(word[3], NULL, 16),
		.skew = 300,
		.counters = atoi(word[4]),
		.protocols = word[6],
		.suites = suites,
		.lines = (unsigned int)atoi(word[2]),
		.stream = own,
		.replay = me.cache,
		.psk_id = { word[1], strlen(word[1]) },
		.cseq = 1,
	};
	int i;

	own[0].ssrc = (uint32_t)strtoul(word[8], NULL, 16);
	for (i = 9; i < n; i++)
		suites[answer.n_suites++] = suite_of(word[i]);
	i = e2ae_mikey_respond(&answer, old.n_cs ? &old : NULL, message.octets,
			       message.len, &csb, &keys, &reply, &seen);
	if (!i)
		me.responder = csb;
	printf("%d ", i);
	say_message(&reply);
	say_keys(&keys);
}

static void forget(char **word, int n)
{
	(void)word;
	(void)n;
	e2ae_mikey_csb_wipe(&me.responder);
	printf("0");
}

static const struct {
	const char *name;
	int words;
	void (*run)(char **word, int n);
} commands[] = {
	{ "prf", 4, prf },	   { "kdf", 2, kdf },
	{ "offer", 10, offer },	   { "reoffer", 2, reoffer },
	{ "confirm", 2, confirm }, { "respond", 10, respond },
	{ "forget", 1, forget },
};

static void run(char *line)
{
	char *word[MAX_WORDS];
	size_t i;
	int n = 0;

	for (word[0] = strtok(line, " \n"); word[n] && n < MAX_WORDS - 1;)
		word[++n] = strtok(NULL, " \n");
	for (i = 0; n && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(word[0], commands[i].name) &&
		    n >= commands[i].words)
			commands[i].run(word, n);
	printf("\n");
	fflush(stdout);
}

int main(void)
{
	static char line[16384];

	if (e2ae_mikey_replay_new(&me.cache, 64, 0xee00000000000000ULL))
		return 1;
	while (fgets(line, sizeof(line), stdin))
		run(line);
	e2ae_mikey_replay_free(me.cache);
	return 0;
}
