/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libe2ae: the generic-netlink family "e2ae" as C structures and calls.
 *
 * Every structure starts with @given, one bit per attribute of its set in
 * <linux/e2ae.h>: E2AE_GIVEN(E2AE_A_LEG_MARK) says that the member mark holds a
 * value. What is not given is not sent, and what the kernel did not tell is
 * not given. A flag is its bit, it has no member. Attributes that are read
 * only are never sent.
 *
 * Functions return 0 or a negative errno, and e2ae_error() tells why in one
 * sentence. The library prints nothing. A handle serves one thread at a time.
 *
 * Keys: the library wipes its own buffers before it gives them back; whoever
 * fills a struct e2ae_sa calls e2ae_sa_wipe() on it.
 */
#ifndef LIBE2AE_H
#define LIBE2AE_H

#include <stddef.h>
#include <stdint.h>
#include <linux/e2ae.h>

#ifdef __cplusplus
extern "C" {
#endif

#define E2AE_GIVEN(attr) (1ULL << (attr))
#define E2AE_MAX_KEY	 32 /* octets of the longest master key */
#define E2AE_MAX_SALT	 14 /* octets of the longest master salt */
#define E2AE_MAX_NAME	 128 /* octets of a driver's name, with the 0 */
#define E2AE_DSCP_KEEP	 64 /* dscp: keep that of the packet */

/**
 * struct e2ae_addr - an IP address
 * @len: 4, 16, or 0 for none
 * @octets: in network byte order
 */
struct e2ae_addr {
	uint8_t len;
	uint8_t octets[16];
};

/**
 * struct e2ae_ssrc - state of one synchronisation source (E2AE_A_SSRC_*)
 * @given: which members hold a value
 * @ssrc: host byte order, as every number here
 * @roc: roll-over counter of the highest index
 * @seq: sequence number of it
 * @rtcp_index: next SRTCP index
 * @packets: SRTP packets
 * @rtcp_packets: SRTCP packets
 */
struct e2ae_ssrc {
	uint64_t given;
	uint32_t ssrc;
	uint32_t roc;
	uint16_t seq;
	uint32_t rtcp_index;
	uint64_t packets;
	uint64_t rtcp_packets;
};

/**
 * struct e2ae_counters - packets and octets (E2AE_A_COUNTERS_*)
 * @given: which members hold a value
 * @packets: of RTP
 * @octets: of RTP
 * @rtcp_packets: of RTCP
 * @rtcp_octets: of RTCP
 */
struct e2ae_counters {
	uint64_t given;
	uint64_t packets;
	uint64_t octets;
	uint64_t rtcp_packets;
	uint64_t rtcp_octets;
};

/**
 * struct e2ae_drops - packets that went no further, by cause
 * @given: which were told; the others are 0
 * @n: by E2AE_A_DROPS_*
 */
struct e2ae_drops {
	uint64_t given;
	uint64_t n[E2AE_A_DROPS_MAX + 1];
};

/**
 * struct e2ae_sa - a security association (E2AE_A_SA_*)
 * @given: which members hold a value; a flag is its bit alone
 * @id: chosen by the client, not 0
 * @suite: enum e2ae_suite
 * @key: master key, write only
 * @salt: master salt, write only
 * @mki: master key identifier
 * @window: replay window in packets
 * @ssrc_max: SSRCs kept at a time
 * @roc: roll-over counter at which an SSRC without state starts
 * @n_states: how many of @state hold a value
 * @state: by SSRC
 * @guard: added to every given state
 * @soft_packets: packets until the soft expiry
 * @hard_packets: packets until the hard expiry
 * @direction: enum e2ae_direction; read only, as all that follows
 * @streams: stream directions that name the SA
 * @cipher: kernel driver, 0-terminated
 * @fallback: the one used where the vector unit is not available
 * @mac: the one that authenticates
 * @stats: what passed
 * @drops: what did not
 */
struct e2ae_sa {
	uint64_t given;
	uint32_t id;
	uint32_t suite;
	struct {
		uint8_t len;
		uint8_t octets[E2AE_MAX_KEY];
	} key;
	struct {
		uint8_t len;
		uint8_t octets[E2AE_MAX_SALT];
	} salt;
	struct {
		uint8_t len;
		uint8_t octets[E2AE_MAX_MKI];
	} mki;
	uint32_t window;
	uint32_t ssrc_max;
	uint32_t roc;
	uint32_t n_states;
	struct e2ae_ssrc state[E2AE_MAX_SSRCS];
	uint32_t guard;
	uint64_t soft_packets;
	uint64_t hard_packets;
	uint32_t direction;
	uint32_t streams;
	char cipher[E2AE_MAX_NAME];
	char fallback[E2AE_MAX_NAME];
	char mac[E2AE_MAX_NAME];
	struct e2ae_counters stats;
	struct e2ae_drops drops;
};

/**
 * struct e2ae_leg - one side of a stream (E2AE_A_LEG_*)
 * @given: which members hold a value; a flag is its bit alone
 * @local_addr: own address
 * @local_port: own RTP port
 * @peer_addr: peer's address
 * @peer_port: peer's RTP port
 * @latch_addr: network a plain leg may latch into
 * @latch_prefix: its prefix length
 * @rtcp_mode: enum e2ae_rtcp_mode
 * @rtcp_port: own RTCP port
 * @rtcp_peer_addr: peer's RTCP address
 * @rtcp_peer_port: peer's RTCP port
 * @source: enum e2ae_source_rule
 * @nonmedia: enum e2ae_nonmedia_rule
 * @ifindex: the only device that carries the leg, 0 any
 * @in_sa: SA that unprotects what arrives
 * @out_sa: SA that protects what leaves
 * @old_in_sa: receive SA before the last change; read only
 * @dscp: written on what leaves, or E2AE_DSCP_KEEP
 * @mark: packet mark of what leaves
 */
struct e2ae_leg {
	uint64_t given;
	struct e2ae_addr local_addr;
	uint16_t local_port;
	struct e2ae_addr peer_addr;
	uint16_t peer_port;
	struct e2ae_addr latch_addr;
	uint8_t latch_prefix;
	uint32_t rtcp_mode;
	uint16_t rtcp_port;
	struct e2ae_addr rtcp_peer_addr;
	uint16_t rtcp_peer_port;
	uint32_t source;
	uint32_t nonmedia;
	uint32_t ifindex;
	uint32_t in_sa;
	uint32_t out_sa;
	uint32_t old_in_sa;
	uint8_t dscp;
	uint32_t mark;
};

/**
 * struct e2ae_flow - what came in on one leg and left on the other
 * @given: which members hold a value (E2AE_A_FLOW_*)
 * @packets: RTP packets
 * @octets: of them, as plain RTP
 * @rtcp_packets: RTCP packets
 * @rtcp_octets: of them, as plain RTCP
 * @lost: expected less received
 * @jitter: of the current SSRC in timestamp units
 * @ssrc: current synchronisation source
 * @ssrcs: changes of it
 * @idle: milliseconds since the last packet that counted
 */
struct e2ae_flow {
	uint64_t given;
	uint64_t packets;
	uint64_t octets;
	uint64_t rtcp_packets;
	uint64_t rtcp_octets;
	int64_t lost;
	uint32_t jitter;
	uint32_t ssrc;
	uint32_t ssrcs;
	uint32_t idle;
};

/**
 * struct e2ae_stream - one RTP media between two legs (E2AE_A_STREAM_*)
 * @given: which members hold a value
 * @id: chosen by the client, not 0
 * @access: leg towards the subscriber
 * @core: leg towards the IMS core
 * @timeout: seconds of silence that are told, 0 never
 * @clock_rate: RTP clock in Hz
 * @grace: milliseconds a replaced receive SA stays valid
 * @upstream: from access to core; read only, as all that follows
 * @downstream: from core to access
 * @drops: packets of both legs that went no further
 */
struct e2ae_stream {
	uint64_t given;
	uint32_t id;
	struct e2ae_leg access;
	struct e2ae_leg core;
	uint32_t timeout;
	uint32_t clock_rate;
	uint32_t grace;
	struct e2ae_flow upstream;
	struct e2ae_flow downstream;
	struct e2ae_drops drops;
};

/**
 * struct e2ae_stats - counters of a network namespace (E2AE_A_STATS_*)
 * @given: which members hold a value
 * @sas: SAs there are
 * @streams: streams there are
 * @max_sas: most SAs there may be
 * @max_streams: most streams there may be
 * @version: of the module
 * @relayed: packets that left on the other leg
 * @protect: packets encrypted and authenticated (E2AE_A_STATS_PROTECTED)
 * @unprotect: packets verified and decrypted (E2AE_A_STATS_UNPROTECTED)
 * @local: packets left to the host
 * @latched: times a leg took a source for its peer
 * @segmented: coalesced packets that were segmented
 * @copied: packets that had to be copied
 * @fallback: packets that took the fallback cipher
 * @icmp_pmtu: ICMP errors that changed a path MTU
 * @icmp_other: other ICMP errors that quote a leg
 * @ingress: packets of legs taken at the ingress of a device
 * @direct: packets sent straight to the neighbour
 * @gathered: packets of legs that waited for others at the ingress of a device
 * @drops: packets that went no further
 */
struct e2ae_stats {
	uint64_t given;
	uint32_t sas;
	uint32_t streams;
	uint32_t max_sas;
	uint32_t max_streams;
	char version[E2AE_MAX_NAME];
	struct e2ae_counters relayed;
	uint64_t protect;
	uint64_t unprotect;
	uint64_t local;
	uint64_t latched;
	uint64_t segmented;
	uint64_t copied;
	uint64_t fallback;
	uint64_t icmp_pmtu;
	uint64_t icmp_other;
	uint64_t ingress;
	uint64_t direct;
	uint64_t gathered;
	struct e2ae_drops drops;
};

/**
 * struct e2ae_event - something the kernel tells (E2AE_A_EVENT_*)
 * @given: which members hold a value; a flag is its bit alone
 * @cmd: which event: E2AE_CMD_SA_EXPIRE to E2AE_CMD_LATCHED
 * @sa: SA id
 * @stream: stream id
 * @leg: enum e2ae_leg_side
 * @addr: address
 * @port: UDP port
 * @ssrc: synchronisation source
 * @change: enum e2ae_ssrc_change
 * @expiry: enum e2ae_expiry
 * @failures: packets that failed to authenticate within a second
 */
struct e2ae_event {
	uint64_t given;
	uint8_t cmd;
	uint32_t sa;
	uint32_t stream;
	uint32_t leg;
	struct e2ae_addr addr;
	uint16_t port;
	uint32_t ssrc;
	uint32_t change;
	uint32_t expiry;
	uint32_t failures;
};

/* --- handles --- */

struct e2ae;

int e2ae_open(struct e2ae **handle, const char *netns);
void e2ae_close(struct e2ae *h);
const char *e2ae_error(const struct e2ae *h);
int e2ae_fd(const struct e2ae *h);
int e2ae_ifindex(struct e2ae *h, const char *name);
int e2ae_ifname(struct e2ae *h, uint32_t ifindex, char name[16]);

/* --- SAs --- */

typedef int (*e2ae_sa_cb)(const struct e2ae_sa *sa, void *arg);

int e2ae_sa_new(struct e2ae *h, const struct e2ae_sa *sa);
int e2ae_sa_set(struct e2ae *h, const struct e2ae_sa *sa);
int e2ae_sa_del(struct e2ae *h, uint32_t id);
int e2ae_sa_get(struct e2ae *h, uint32_t id, struct e2ae_sa *sa);
int e2ae_sa_dump(struct e2ae *h, e2ae_sa_cb cb, void *arg);
void e2ae_sa_wipe(struct e2ae_sa *sa);

/* --- streams --- */

typedef int (*e2ae_stream_cb)(const struct e2ae_stream *stream, void *arg);

int e2ae_stream_new(struct e2ae *h, const struct e2ae_stream *stream,
		    const struct e2ae_sa *sas, unsigned int n_sas);
int e2ae_stream_set(struct e2ae *h, const struct e2ae_stream *stream,
		    const struct e2ae_sa *sas, unsigned int n_sas);
int e2ae_stream_del(struct e2ae *h, uint32_t id);
int e2ae_stream_get(struct e2ae *h, uint32_t id, struct e2ae_stream *stream);
int e2ae_stream_dump(struct e2ae *h, e2ae_stream_cb cb, void *arg);

/* --- the namespace --- */

int e2ae_flush(struct e2ae *h);
int e2ae_stats_get(struct e2ae *h, struct e2ae_stats *stats);

/* --- requests as data, one by one or in batches --- */

/**
 * struct e2ae_request - a change that is asked for
 * @cmd: E2AE_CMD_SA_NEW, SA_SET, SA_DEL, STREAM_NEW, STREAM_SET, STREAM_DEL
 *   or FLUSH
 * @stream: the stream, or NULL
 * @sas: the SAs
 * @n_sas: how many
 */
struct e2ae_request {
	enum e2ae_cmd cmd;
	const struct e2ae_stream *stream;
	const struct e2ae_sa *sas;
	unsigned int n_sas;
};

int e2ae_request(struct e2ae *h, const struct e2ae_request *req);

struct e2ae_batch;

/**
 * typedef e2ae_batch_cb - told of each request of a batch that failed
 * @index: which, counted from 0 since e2ae_batch_new()
 * @error: negative errno
 * @why: one sentence, valid during the call
 * @arg: of e2ae_batch_new()
 */
typedef void (*e2ae_batch_cb)(size_t index, int error, const char *why,
			      void *arg);

int e2ae_batch_new(struct e2ae_batch **batch, struct e2ae *h,
		   e2ae_batch_cb failed, void *arg);
int e2ae_batch_add(struct e2ae_batch *b, const struct e2ae_request *req);
int e2ae_batch_commit(struct e2ae_batch *b);
size_t e2ae_batch_pending(const struct e2ae_batch *b);
void e2ae_batch_free(struct e2ae_batch *b);

/* --- events --- */

int e2ae_subscribe(struct e2ae *h);
int e2ae_event_next(struct e2ae *h, struct e2ae_event *event);

/* --- names --- */

/**
 * struct e2ae_suite_info - a crypto suite
 * @id: enum e2ae_suite
 * @key_len: octets of the master key
 * @salt_len: octets of the master salt
 * @name: as SDES writes it (RFC 4568, RFC 6188, RFC 7714)
 */
struct e2ae_suite_info {
	uint32_t id;
	uint8_t key_len;
	uint8_t salt_len;
	const char *name;
};

const struct e2ae_suite_info *e2ae_suite_by_id(uint32_t id);
const struct e2ae_suite_info *e2ae_suite_by_name(const char *name);
const char *e2ae_event_name(uint8_t cmd);

/**
 * enum e2ae_kind - how the value of an attribute is kept
 * @E2AE_KIND_U8: uint8_t
 * @E2AE_KIND_U16: uint16_t
 * @E2AE_KIND_U32: uint32_t
 * @E2AE_KIND_U64: uint64_t
 * @E2AE_KIND_S64: int64_t
 * @E2AE_KIND_FLAG: not at all, the bit in @given says it
 * @E2AE_KIND_BYTES: a length octet and the octets
 * @E2AE_KIND_ADDR: struct e2ae_addr
 * @E2AE_KIND_STRING: characters and a 0
 * @E2AE_KIND_NEST: the structure of another set
 * @E2AE_KIND_LIST: an array of such structures
 */
enum e2ae_kind {
	E2AE_KIND_U8 = 1,
	E2AE_KIND_U16,
	E2AE_KIND_U32,
	E2AE_KIND_U64,
	E2AE_KIND_S64,
	E2AE_KIND_FLAG,
	E2AE_KIND_BYTES,
	E2AE_KIND_ADDR,
	E2AE_KIND_STRING,
	E2AE_KIND_NEST,
	E2AE_KIND_LIST,
};

/**
 * struct e2ae_field - where a structure keeps an attribute
 * @name: of the attribute, as uapi/e2ae.yaml has it; NULL where there is none
 * @kind: enum e2ae_kind
 * @flags: E2AE_FIELD_*
 * @offset: of the member
 * @room: octets (BYTES, STRING) or elements (LIST) there is room for
 * @count: LIST: offset of the number of elements, a uint32_t
 * @set: NEST and LIST: what is in it
 * @values: names of the values of an enumeration, by value, ended by NULL;
 *   see e2ae_value_name()
 */
struct e2ae_field {
	const char *name;
	uint8_t kind;
	uint8_t flags;
	uint16_t offset;
	uint16_t room;
	uint16_t count;
	const struct e2ae_set *set;
	const char *const *values;
};

#define E2AE_FIELD_READ_ONLY 1 /* told by the kernel, never sent */
#define E2AE_FIELD_SECRET    2 /* sent, never told nor printed */

/**
 * struct e2ae_set - an attribute set and the structure that holds it
 * @name: as uapi/e2ae.yaml has it
 * @size: of the structure
 * @max: highest attribute
 * @fields: by attribute
 */
struct e2ae_set {
	const char *name;
	size_t size;
	unsigned int max;
	const struct e2ae_field *fields;
};

extern const struct e2ae_set e2ae_sa_set_info;
extern const struct e2ae_set e2ae_stream_set_info;
extern const struct e2ae_set e2ae_stats_set_info;
extern const struct e2ae_set e2ae_event_set_info;
extern const struct e2ae_set e2ae_drops_set_info;

const char *e2ae_value_name(const struct e2ae_set *set, unsigned int attr,
			    uint32_t value);

#ifdef __cplusplus
}
#endif

#endif
