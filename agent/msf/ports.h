/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pairs of UDP ports for media, RTP on the even one and RTCP on the next. A pair
 * that was given back rests for the quarantine, so that a packet of the old call
 * never reaches a new one. Pairs are taken in an order that cannot be guessed.
 */
#ifndef E2AE_PORTS_H
#define E2AE_PORTS_H

#include <stddef.h>
#include <stdint.h>

/* The quarantine is given in milliseconds, as all times here. */
struct ports;

int ports_new(struct ports **ports, uint16_t first, uint16_t last,
	      unsigned int quarantine);
void ports_free(struct ports *ports);
int ports_take(struct ports *ports, uint64_t now_ms, uint16_t *rtp);
int ports_claim(struct ports *ports, uint16_t rtp);
void ports_give(struct ports *ports, uint64_t now_ms, uint16_t rtp);
size_t ports_used(const struct ports *ports);
size_t ports_size(const struct ports *ports);

int ports_reserve(uint16_t first, uint16_t last, char *why, size_t room);

#endif
