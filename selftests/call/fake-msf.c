// SPDX-License-Identifier: GPL-2.0
/* The MSF and its ports, without any. */
#include <errno.h>

#include "fake.h"

const char *msf_error(const struct msf *msf)
{
	(void)msf;
	return "it is a fake";
}

int msf_remove(struct msf *msf, uint32_t stream)
{
	(void)msf;
	fake.removed[fake.n_removed++] = stream;
	return 0;
}

int msf_get(struct msf *msf, uint32_t stream, struct e2ae_stream *found)
{
	unsigned int i;

	(void)msf;
	for (i = 0; i < fake.n_streams; i++)
		if (fake.streams[i].id == stream) {
			*found = fake.streams[i];
			return 0;
		}
	return -ENOENT;
}

int msf_list(struct msf *msf, e2ae_stream_cb told, void *arg)
{
	unsigned int i;

	(void)msf;
	for (i = 0; i < fake.n_streams; i++)
		told(&fake.streams[i], arg);
	return 0;
}

uint32_t msf_stream_of(const struct msf *msf, uint32_t sa, bool *out)
{
	unsigned int i;

	(void)msf;
	for (i = 0; i < fake.n_streams; i++) {
		*out = fake.streams[i].access.out_sa == sa;
		if (*out || fake.streams[i].access.in_sa == sa)
			return fake.streams[i].id;
	}
	return 0;
}

int ports_claim(struct ports *ports, uint16_t rtp)
{
	(void)ports;
	(void)rtp;
	return 0;
}

void ports_give(struct ports *ports, uint64_t now_ms, uint16_t rtp)
{
	(void)ports;
	(void)now_ms;
	(void)rtp;
}
