// SPDX-License-Identifier: GPL-2.0
/* Index estimate and replay window: pure, no locks, no I/O. */
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "replay.h"

/**
 * e2ae_window_words() - how many words the ring of a window needs
 * @size: window in packets, a multiple of 64
 *
 * Return: words of 64 bit, a power of two.
 */
u32 e2ae_window_words(u32 size)
{
	return roundup_pow_of_two(size / 64 + 1);
}

/**
 * e2ae_window_init() - make an empty window
 * @w: the window
 * @size: window in packets, a multiple of 64
 * @bits: e2ae_window_words(@size) words; they are cleared
 */
void e2ae_window_init(struct e2ae_window *w, u32 size, u64 *bits)
{
	w->next = 0;
	w->size = size;
	w->mask = e2ae_window_words(size) - 1;
	w->bits = bits;
	memset(bits, 0, (w->mask + 1) * sizeof(*bits));
}

/**
 * e2ae_window_restore() - take over from an earlier life
 * @w: an empty window
 * @next: one past the highest index that may have been used
 *
 * Everything below @next counts as used.
 */
void e2ae_window_restore(struct e2ae_window *w, u64 next)
{
	WRITE_ONCE(w->next, next);
	if (!next)
		return;
	memset(w->bits, 0xff, (w->mask + 1) * sizeof(*w->bits));
	w->bits[((next - 1) >> 6) & w->mask] = GENMASK_ULL((next - 1) & 63, 0);
}

/**
 * e2ae_window_check() - may this index be used?
 * @w: the window
 * @index: packet index
 *
 * Return: whether it is fresh, was marked before, or is too old to tell.
 */
enum e2ae_replay e2ae_window_check(const struct e2ae_window *w, u64 index)
{
	if (index >= w->next)
		return E2AE_REPLAY_FRESH;
	if (w->next - index > w->size)
		return E2AE_REPLAY_OLD;
	if (w->bits[(index >> 6) & w->mask] & BIT_ULL(index & 63))
		return E2AE_REPLAY_SEEN;
	return E2AE_REPLAY_FRESH;
}

/**
 * e2ae_window_mark() - use an index that e2ae_window_check() called fresh
 * @w: the window
 * @index: packet index
 *
 * Only after the packet authenticated, or before it is encrypted.
 */
void e2ae_window_mark(struct e2ae_window *w, u64 index)
{
	u64 word = index >> 6;

	if (index >= w->next) {
		u64 from = w->next ? (w->next - 1) >> 6 : word;
		u64 n = min_t(u64, word - from, w->mask + 1);

		while (n--)
			w->bits[(word - n) & w->mask] = 0;
		WRITE_ONCE(w->next, index + 1);
	}
	w->bits[word & w->mask] |= BIT_ULL(index & 63);
}

/**
 * e2ae_replay_estimate() - guess a packet's 48-bit index (RFC 3711, 3.3.1)
 * @top: highest authenticated index (ROC << 16 | SEQ)
 * @seq: sequence number just received, host byte order
 *
 * In the first period a number far above @top is ahead of it, not behind:
 * there is nothing before ROC 0. Past the last period the estimate is 2^48 or
 * more, which the caller refuses.
 *
 * Context: Any; pure. Commit the result only after the tag verifies.
 * Return: index in packets; cannot fail.
 */
u64 e2ae_replay_estimate(u64 top, u16 seq)
{
	u64 index = (top & ~0xffffULL) | seq;
	int ahead = (int)seq - (int)(top & 0xffff);

	if (ahead > 0x8000 && index > 0xffff)
		return index - 0x10000;
	if (ahead < -0x8000)
		return index + 0x10000;
	return index;
}
