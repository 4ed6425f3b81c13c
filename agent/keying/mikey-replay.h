/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of initiators that were seen (RFC 3830, 5.4).
 *
 * Use: the agent makes one cache when it starts and hands it to every
 * e2ae_mikey_respond(), which asks it before it believes a message and enters
 * the message once its MAC held. The struct e2ae_mikey_seen it gives stays with
 * the call: if the INVITE fails before any SA exists (401, 407, 422, 503...),
 * e2ae_mikey_replay_release() lets the same octets come once more, in the same
 * dialog with a higher CSeq. When a pre-shared key is given up,
 * e2ae_mikey_replay_forget() drops what was counted under it.
 *
 * The cache is bounded. If it is full, messages are refused rather than
 * forgotten. Whoever shares it between threads locks it.
 */
#ifndef E2AE_KEYING_MIKEY_REPLAY_H
#define E2AE_KEYING_MIKEY_REPLAY_H

#include "mikey.h"

#define E2AE_MIKEY_REPLAY_KEY 16

/**
 * struct e2ae_mikey_seen - what tells a message from others; hashes only
 * @key: pre-shared key, initiator, CSB ID and, unless it counts, timestamp
 * @psk: pre-shared key
 * @message: octets of the message
 * @dialog: flow, Call-ID and From-tag
 * @time: timestamp
 * @cseq: of the INVITE
 */
struct e2ae_mikey_seen {
	uint8_t key[E2AE_MIKEY_REPLAY_KEY];
	uint8_t psk[E2AE_MIKEY_REPLAY_KEY];
	uint8_t message[E2AE_SHA256_LEN];
	uint8_t dialog[E2AE_SHA256_LEN];
	struct e2ae_mikey_time time;
	uint32_t cseq;
};

int e2ae_mikey_replay_new(struct e2ae_mikey_replay **cache, size_t entries,
			  uint64_t start);
void e2ae_mikey_replay_free(struct e2ae_mikey_replay *cache);
int e2ae_mikey_seen_make(struct e2ae_mikey_seen *seen,
			 const struct e2ae_mikey_answer *answer,
			 const struct e2ae_mikey_peek *peek,
			 struct e2ae_octets message);
int e2ae_mikey_replay_check(const struct e2ae_mikey_replay *cache,
			    const struct e2ae_mikey_seen *seen, uint64_t now);
int e2ae_mikey_replay_add(struct e2ae_mikey_replay *cache,
			  const struct e2ae_mikey_seen *seen, uint64_t now,
			  uint32_t skew);
void e2ae_mikey_replay_release(struct e2ae_mikey_replay *cache,
			       const struct e2ae_mikey_seen *seen);
void e2ae_mikey_replay_forget(struct e2ae_mikey_replay *cache,
			      struct e2ae_octets psk_id);

#endif
