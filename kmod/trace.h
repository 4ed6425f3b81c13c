/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM e2ae

#if !defined(E2AE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define E2AE_TRACE_H

#include <linux/tracepoint.h>

#include "compat.h"
#include "sa.h"
#include "stream.h"

/* clang-format off */

/* A packet of a stream went no further; see E2AE_A_DROPS_*. */
TRACE_EVENT(e2ae_drop,
	TP_PROTO(const struct e2ae_stream *stream, int drop),
	TP_ARGS(stream, drop),
	TP_STRUCT__entry(
		__field(u32, stream)
		__field(int, drop)
		__string(cause, e2ae_drop_names[drop])
	),
	TP_fast_assign(
		__entry->stream = stream->id;
		__entry->drop = drop;
		e2ae_assign_str(cause, e2ae_drop_names[drop]);
	),
	TP_printk("stream %u %s", __entry->stream, __get_str(cause))
);

/* A leg took the source of a packet for its peer. */
TRACE_EVENT(e2ae_latch,
	TP_PROTO(u32 stream, u8 side, bool rtcp,
		 const struct e2ae_sockaddr *src),
	TP_ARGS(stream, side, rtcp, src),
	TP_STRUCT__entry(
		__field(u32, stream)
		__field(u8, side)
		__field(bool, rtcp)
		__field(u16, family)
		__field(u16, port)
		__array(u8, addr, 16)
	),
	TP_fast_assign(
		__entry->stream = stream;
		__entry->side = side;
		__entry->rtcp = rtcp;
		__entry->family = src->family;
		__entry->port = ntohs(src->port);
		memcpy(__entry->addr, &src->addr, 16);
	),
	TP_printk("stream %u %s %s IPv%d %16phN:%u", __entry->stream,
		  __entry->side ? "core" : "access",
		  __entry->rtcp ? "rtcp" : "rtp",
		  __entry->family == AF_INET ? 4 : 6, __entry->addr,
		  __entry->port)
);

/* An SA reached a packet limit. */
TRACE_EVENT(e2ae_expire,
	TP_PROTO(const struct e2ae_sa *sa, bool hard),
	TP_ARGS(sa, hard),
	TP_STRUCT__entry(
		__field(u32, sa)
		__field(bool, hard)
	),
	TP_fast_assign(
		__entry->sa = sa->id;
		__entry->hard = hard;
	),
	TP_printk("sa %u %s", __entry->sa, __entry->hard ? "hard" : "soft")
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
