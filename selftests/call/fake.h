/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls without a network: what agent/edge/call*.c needs of others, as fakes that
 * write down what they were asked. A description is any text; one that goes on
 * has a letter in front of it, and one with "bad" in it is refused.
 */
#ifndef E2AE_SELFTESTS_CALL_FAKE_H
#define E2AE_SELFTESTS_CALL_FAKE_H

#include "../../agent/edge/call-inner.h"

#define FAKE_TOKEN "abcdefghijklmnopqrstuvwx"
#define FAKE_MANY  16

/* A relay: the request it carried, and what happened to it. */
struct relay {
	const struct relay_ops *ops;
	void *owner;
	enum oa_side from;
	char method[16];
	uint32_t cseq;
	char sent[8192];
	char way[128]; /* where to, if it is no flow */
	unsigned int replied; /* status of our own reply */
	char reply_headers[512];
	bool cancelled;
	unsigned int again;
};

struct oa {
	bool pending;
	bool answered;
	bool hold;
	unsigned int refused;
	unsigned int selected;
	unsigned int forks_gone;
};

struct fake {
	struct edge edge;
	struct config config;
	struct policy policy;
	struct relay *relay[FAKE_MANY];
	unsigned int n_relays;
	char own[FAKE_MANY][8192]; /* requests of ours, ACKs of ours included */
	unsigned int n_owns;
	unsigned int acks; /* of others, that went on */
	char ack[2048];
	unsigned int answer; /* status of the last answer to a request */
	char answer_headers[512];
	int oas;
	struct oa *oa;
	int reg_refs;
	int reg_calls;
	int flow_refs;
	bool reg_alive;
	bool stranger;
	unsigned int removed[FAKE_MANY];
	unsigned int n_removed;
	struct e2ae_stream streams[FAKE_MANY];
	unsigned int n_streams;
	char record_id[256];
	char record[JOURNAL_DATA_MAX];
	size_t record_len;
};

extern struct fake fake;

void fake_begin(void);
void fake_end(void);
void fake_wait(unsigned int ms);

/* A request from a side; tags are those of From and To, "" for none. */
struct fake_ask {
	enum oa_side from;
	const char *method;
	const char *from_tag;
	const char *to_tag;
	uint32_t cseq;
	const char *headers;
	const char *body;
};

bool fake_request(const struct fake_ask *ask);

/* A response to a relay; the body that goes on, NULL if it does not. */
const char *fake_response(struct relay *relay, unsigned int status,
			  const char *tag, const char *headers,
			  const char *body);
void fake_done(struct relay *relay);
struct call *fake_call(void);

#endif
