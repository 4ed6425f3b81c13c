// SPDX-License-Identifier: GPL-2.0
/* The MSF of MSRP, as the P-CSCF has it. */
#include "inner.h"

/**
 * msrp_start() - make the MSF of MSRP, in this process
 * @edge: the edge
 *
 * Return: 0 or a negative errno.
 */
int msrp_start(struct edge *edge)
{
	const struct config *config = edge->config;
	const struct msrp_limits limits = {
		.sessions = config->limits.msrp_sessions,
		.connect = config->msrp_connect * 1000,
		.idle = config->msrp_idle * 1000,
		.total = config->msrp_total * 1000,
	};

	edge->world.session = call_msrp_told;
	return msrp_open(&edge->world.msrp, edge->base, &limits);
}

/**
 * msrp_tell() - what its sessions have done
 * @edge: the edge
 * @tell: gets it
 */
void msrp_tell(const struct edge *edge, struct tell *tell)
{
	struct msrp_counts counts;

	msrp_counts(edge->world.msrp, &counts);
	tell_number(tell, "msrp-sessions", counts.sessions);
	tell_number(tell, "msrp-up", counts.up);
	tell_number(tell, "msrp-octets-in", counts.octets[MSRP_ACCESS]);
	tell_number(tell, "msrp-octets-out", counts.octets[MSRP_CORE]);
	tell_number(tell, "msrp-spliced", counts.spliced);
	tell_number(tell, "msrp-refused", counts.refused);
	tell_number(tell, "msrp-kernel", counts.kernel_in);
}
