/* SPDX-License-Identifier: GPL-2.0 */
/* The only place in the tree that asks which kernel it is built for. */
#ifndef E2AE_COMPAT_H
#define E2AE_COMPAT_H

#include <linux/version.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <crypto/aes.h>
#include <crypto/hash.h>
#include <crypto/sha1.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/xfrm.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "e2ae needs Linux 6.1 or newer"
#endif

#ifndef CONFIG_64BIT
#error "e2ae needs a 64-bit kernel: it counts in 64 bits without locks"
#endif

/*
 * 6.11 can lock per-CPU data for who has bottom halves off, which is all that
 * protects it on a PREEMPT_RT kernel without its big lock of them. Before,
 * bottom halves off were enough everywhere.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define e2ae_local_lock(lock)	local_lock_nested_bh(lock)
#define e2ae_local_unlock(lock) local_unlock_nested_bh(lock)
#else
#define e2ae_local_lock(lock) \
	do {                  \
	} while (0)
#define e2ae_local_unlock(lock) \
	do {                    \
	} while (0)
#endif

/* 6.1 has no name for what is not to be cleared on a stack. */
#ifndef __uninitialized
#define __uninitialized
#endif

/* 6.10 lets a tracepoint's strings remember where they come from. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define e2ae_assign_str(dst, src) __assign_str(dst)
#else
#define e2ae_assign_str(dst, src) __assign_str(dst, src)
#endif

/* 6.12 moved the unaligned accessors out of asm/. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* crypto_memneq() */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <crypto/utils.h>
#else
#include <crypto/algapi.h>
#endif

/* 6.5 moved the segmentation helpers out of netdevice.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* 7.0 split the AES library's key schedule and changed its argument order. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
typedef struct aes_enckey e2ae_aes_key;

static inline int e2ae_aes_setkey(e2ae_aes_key *k, const u8 *key, size_t len)
{
	return aes_prepareenckey(k, key, len);
}

static inline void e2ae_aes_encrypt(const e2ae_aes_key *k, u8 *out,
				    const u8 *in)
{
	aes_encrypt(k, out, in);
}
#else
typedef struct crypto_aes_ctx e2ae_aes_key;

static inline int e2ae_aes_setkey(e2ae_aes_key *k, const u8 *key, size_t len)
{
	return aes_expandkey(k, key, len);
}

static inline void e2ae_aes_encrypt(const e2ae_aes_key *k, u8 *out,
				    const u8 *in)
{
	aes_encrypt(k, out, in);
}
#endif

/*
 * 7.0's library has HMAC-SHA1 with the processor's instructions and the key
 * worked in beforehand. Before, it is a transform of the crypto API, which needs
 * memory to work in.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
typedef struct hmac_sha1_key e2ae_mac_key;

static inline int e2ae_mac_prepare(e2ae_mac_key *k, const u8 *key, size_t len)
{
	hmac_sha1_preparekey(k, key, len);
	return 0;
}

static inline void e2ae_mac_wipe(e2ae_mac_key *k)
{
	memzero_explicit(k, sizeof(*k));
}

static inline int e2ae_mac_digest(const e2ae_mac_key *k, void *work,
				  const u8 *data, u32 len, u8 *out)
{
	hmac_sha1(k, data, len, out);
	return 0;
}

static inline const char *e2ae_mac_driver(const e2ae_mac_key *k)
{
	return "hmac-sha1-lib";
}

static inline size_t e2ae_mac_work(const e2ae_mac_key *k)
{
	return 0;
}
#else
typedef struct crypto_shash *e2ae_mac_key;

static inline int e2ae_mac_prepare(e2ae_mac_key *k, const u8 *key, size_t len)
{
	struct crypto_shash *mac = crypto_alloc_shash("hmac(sha1)", 0, 0);

	if (IS_ERR(mac))
		return PTR_ERR(mac);
	*k = mac;
	return crypto_shash_setkey(mac, key, len);
}

static inline void e2ae_mac_wipe(e2ae_mac_key *k)
{
	crypto_free_shash(*k);
	*k = NULL;
}

static inline int e2ae_mac_digest(const e2ae_mac_key *k, void *work,
				  const u8 *data, u32 len, u8 *out)
{
	struct shash_desc *desc = work;

	desc->tfm = *k;
	return crypto_shash_digest(desc, data, len, out);
}

static inline const char *e2ae_mac_driver(const e2ae_mac_key *k)
{
	return crypto_shash_driver_name(*k);
}

static inline size_t e2ae_mac_work(const e2ae_mac_key *k)
{
	return sizeof(struct shash_desc) + crypto_shash_descsize(*k);
}
#endif

/*
 * Gathered packets go on from where they were taken (gather.c) by the mark that
 * ifb leaves on its own, which is there with tc's actions. On a PREEMPT_RT kernel
 * per-CPU memory would need a lock around all work on them.
 */
#if IS_ENABLED(CONFIG_NET_CLS_ACT) && !IS_ENABLED(CONFIG_PREEMPT_RT)
#define E2AE_CAN_GATHER true

/* As if the last hook at the ingress of its device had let it pass. */
static inline void e2ae_receive_on(struct sk_buff *skb)
{
	skb->tc_skip_classify = 1;
	netif_receive_skb_core(skb);
}
#else
#define E2AE_CAN_GATHER false

static inline void e2ae_receive_on(struct sk_buff *skb)
{
	kfree_skb(skb);
}
#endif

/* By 7.0 the hooks of NAT say that they are its. */
static inline bool e2ae_hook_is_nat(const struct nf_hook_ops *ops)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	return ops->hook_ops_type == NF_HOOK_OP_NAT;
#else
	return false;
#endif
}

/* 6.18 gave flowi4 a dscp_t; 6.14 gave ip_route_input() one. */
static inline void e2ae_fl4_set_tos(struct flowi4 *fl4, u8 tos)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	fl4->flowi4_dscp = inet_dsfield_to_dscp(tos);
#else
	fl4->flowi4_tos = tos & INET_DSCP_MASK;
#endif
}

static inline int e2ae_route_input(struct sk_buff *skb, __be32 daddr,
				   __be32 saddr, u8 tos)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	return ip_route_input_noref(skb, daddr, saddr,
				    inet_dsfield_to_dscp(tos), skb->dev) ?
		       -EHOSTUNREACH :
		       0;
#else
	return ip_route_input_noref(skb, daddr, saddr, tos, skb->dev);
#endif
}

/* 6.17 renamed dst->dev behind an accessor. */
static inline struct net_device *e2ae_dst_dev(const struct dst_entry *dst)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	return dst_dev_rcu(dst);
#else
	return dst->dev;
#endif
}

/*
 * 6.7 counts what it is asked to send apart from what it sends. Bottom halves
 * are off.
 */
static inline void e2ae_count_request(struct net *net)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	__IP_INC_STATS(net, IPSTATS_MIB_OUTREQUESTS);
#endif
}

/* 6.10 brought a checked cast. */
static inline const struct rt6_info *e2ae_dst_rt6(const struct dst_entry *dst)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	return dst_rt6_info(dst);
#else
	return (const struct rt6_info *)dst;
#endif
}

static inline u32 e2ae_dst6_cookie(const struct dst_entry *dst)
{
	return rt6_get_cookie(e2ae_dst_rt6(dst));
}

#endif
