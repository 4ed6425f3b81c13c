/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Media Security Function as a call sees it: streams with their SAs, made,
 * changed and removed. Today the local kernel over libe2ae, or a recorder that
 * stands in for it in measurements; a remote one later. Nothing above this
 * interface knows of netlink.
 *
 * SAs are made with autodel: they go with their last stream, so a stream is the
 * only thing that is removed. Ids are drawn here, never used twice in a process,
 * and do not collide with those that a former process left in the kernel.
 */
#ifndef E2AE_MSF_H
#define E2AE_MSF_H

#include <stdbool.h>

#include "../nl/libe2ae.h"

struct event_base;
struct msf;
struct msf_uses;

/**
 * typedef msf_event_fn - something happened at the MSF
 * @arg: of the one who asked
 * @event: what
 */
typedef void msf_event_fn(void *arg, const struct e2ae_event *event);

/**
 * struct msf_ops - what an MSF can do; each returns 0 or a negative errno, and
 * msf_error() tells why
 * @create: a stream and its SAs, all or nothing
 * @change: a stream, with new SAs or without
 * @remove: a stream, with the SAs that nothing else uses
 * @get: a stream with its counters
 * @list: all streams there are
 * @close: ends the use of it; streams stay
 */
struct msf_ops {
	int (*create)(struct msf *msf, const struct e2ae_stream *stream,
		      const struct e2ae_sa *sas, unsigned int n_sas);
	int (*change)(struct msf *msf, const struct e2ae_stream *stream,
		      const struct e2ae_sa *sas, unsigned int n_sas);
	int (*remove)(struct msf *msf, uint32_t stream);
	int (*get)(struct msf *msf, uint32_t stream, struct e2ae_stream *found);
	int (*list)(struct msf *msf, e2ae_stream_cb told, void *arg);
	const char *(*error)(const struct msf *msf);
	void (*close)(struct msf *msf);
};

/**
 * struct msf - the head of every MSF
 * @ops: what it can do
 * @event: told of events, or NULL
 * @arg: its first argument
 * @next_stream: id of the next stream
 * @next_sa: id of the next SA
 * @uses: which stream uses an SA
 */
struct msf {
	const struct msf_ops *ops;
	msf_event_fn *event;
	void *arg;
	uint32_t next_stream;
	uint32_t next_sa;
	struct msf_uses *uses;
};

int msf_open(struct msf **msf, struct event_base *base, const char *kind,
	     char *why, size_t room);
uint32_t msf_stream_id(struct msf *msf);
uint32_t msf_sa_id(struct msf *msf);
void msf_used_ids(struct msf *msf, uint32_t stream, uint32_t sa);
int msf_create(struct msf *msf, const struct e2ae_stream *stream,
	       const struct e2ae_sa *sas, unsigned int n_sas);
int msf_change(struct msf *msf, const struct e2ae_stream *stream,
	       const struct e2ae_sa *sas, unsigned int n_sas);
int msf_remove(struct msf *msf, uint32_t stream);
int msf_get(struct msf *msf, uint32_t stream, struct e2ae_stream *found);
int msf_list(struct msf *msf, e2ae_stream_cb told, void *arg);
uint32_t msf_stream_of(const struct msf *msf, uint32_t sa, bool *out);
const char *msf_error(const struct msf *msf);
void msf_close(struct msf *msf);

#endif
