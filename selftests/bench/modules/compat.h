/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that the bench runs on. */
#ifndef E2AE_BENCH_COMPAT_H
#define E2AE_BENCH_COMPAT_H

#include <linux/netdevice.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* 6.12 made a flag of the feature. */
static inline void compat_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* The crypto library can do CTR and GCM, and HMAC with a prepared key. */
#define COMPAT_CRYPTO_LIBRARY (LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0))

#endif
