/* SPDX-License-Identifier: GPL-2.0 */
#ifndef E2AE_REPLAY_H
#define E2AE_REPLAY_H

#include <linux/types.h>

/**
 * struct e2ae_window - which of the latest indices were used (RFC 3711, 3.3.2)
 * @next: one past the highest marked index; 0 before the first
 * @bits: the ring of words, owned by whoever owns the window
 * @size: indices below @next that are told apart, a multiple of 64
 * @mask: words in @bits less one; the words are a power of two and cover
 *	at least @size + 64 indices, so that advancing never shifts (RFC 6479)
 * @used: jiffies when it was last marked, for its owner
 *
 * The owner's lock protects everything in it; @next may be read without it, to
 * guess an index by.
 */
struct e2ae_window {
	u64 next;
	u64 *bits;
	u16 size;
	u16 mask;
	u32 used;
};

enum e2ae_replay {
	E2AE_REPLAY_FRESH,
	E2AE_REPLAY_SEEN,
	E2AE_REPLAY_OLD,
};

u32 e2ae_window_words(u32 size);
void e2ae_window_init(struct e2ae_window *w, u32 size, u64 *bits);
void e2ae_window_restore(struct e2ae_window *w, u64 next);
enum e2ae_replay e2ae_window_check(const struct e2ae_window *w, u64 index);
void e2ae_window_mark(struct e2ae_window *w, u64 index);
u64 e2ae_replay_estimate(u64 top, u16 seq);

#endif
