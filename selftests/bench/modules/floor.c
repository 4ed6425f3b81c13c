// SPDX-License-Identifier: GPL-2.0
/*
 * The floor: the least that a relay in the kernel can cost. From the ingress
 * hook of one device a packet of the one known flow is encrypted in place, gets
 * new headers and goes to the other device's queue. No window, no counters, no
 * route, no key derivation: not SRTP, never a product.
 *
 * Built for the flow that selftests/bench/packets makes of stream 1, from core
 * to access.
 */
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/scatterlist.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/udp.h>

#include "ciphers.h"
#include "compat.h"

#define PORT  10000
#define SLOTS 4096

static char *mode = "plain";
module_param(mode, charp, 0400);
MODULE_PARM_DESC(mode, "drop, plain, cm, gcm128, gcm256");

struct flow {
	__be32 addr;
	__be16 port;
	__be32 from;
	__be32 to;
	__be16 from_port;
	__be16 to_port;
	u32 top;
	struct net_device *out;
	u8 source[ETH_ALEN];
	u8 dest[ETH_ALEN];
};

static struct flow *flows[SLOTS], flow;
static struct net_device *in;
static const u8 salt[16] = { 4, 5, 6 };
static bool dropping;

static struct flow *flow_find(__be32 addr, __be16 port)
{
	u32 hash = jhash_2words((__force u32)addr, (__force u32)port, 0);
	struct flow *f = flows[hash % SLOTS];

	return f && f->addr == addr && f->port == port ? f : NULL;
}

static u32 next_index(struct flow *f, const u8 *rtp)
{
	u16 seq = get_unaligned_be16(rtp + 2);

	f->top += (s16)(seq - (u16)f->top);
	return f->top;
}

/* Octets by which it grew, or an error. */
static int seal_cm(u8 *rtp, u32 len, u32 index)
{
	u8 iv[16], digest[20];
	struct scatterlist sg;
	int err;

	memcpy(iv, salt, sizeof(iv));
	put_unaligned_be32(get_unaligned_be32(iv + 4) ^
				   get_unaligned_be32(rtp + 8),
			   iv + 4);
	put_unaligned_be32(get_unaligned_be32(iv + 10) ^ index, iv + 10);
	sg_init_one(&sg, rtp + HEADER, len - HEADER);
	skcipher_request_set_callback(ctr_req, 0, NULL, NULL);
	skcipher_request_set_crypt(ctr_req, &sg, &sg, len - HEADER, iv);
	err = crypto_skcipher_encrypt(ctr_req);
	if (err)
		return err;
	put_unaligned_be32(index >> 16, rtp + len);
	err = crypto_shash_digest(hmac_desc, rtp, len + 4, digest);
	memcpy(rtp + len, digest, 10);
	return err ?: 10;
}

static int seal_gcm(u8 *rtp, u32 len, u32 index)
{
	struct scatterlist sg;
	u8 iv[16];
	int err;

	memcpy(iv, salt, sizeof(iv));
	put_unaligned_be32(get_unaligned_be32(iv + 2) ^
				   get_unaligned_be32(rtp + 8),
			   iv + 2);
	put_unaligned_be32(get_unaligned_be32(iv + 8) ^ index, iv + 8);
	sg_init_one(&sg, rtp, len + 16);
	aead_request_set_callback(gcm_req, 0, NULL, NULL);
	aead_request_set_ad(gcm_req, HEADER);
	aead_request_set_crypt(gcm_req, &sg, &sg, len - HEADER, iv);
	err = crypto_aead_encrypt(gcm_req);
	return err ?: 16;
}

static int seal(u8 *rtp, u32 len, u32 index)
{
	if (gcm)
		return seal_gcm(rtp, len, index);
	return ctr ? seal_cm(rtp, len, index) : 0;
}

static void new_headers(struct sk_buff *skb, const struct flow *f, u32 len)
{
	struct iphdr *iph = ip_hdr(skb);
	struct udphdr *uh = (struct udphdr *)(iph + 1);
	struct ethhdr *eth;

	iph->saddr = f->from;
	iph->daddr = f->to;
	iph->ttl--;
	iph->tot_len = htons(sizeof(*iph) + len);
	ip_send_check(iph);
	uh->source = f->from_port;
	uh->dest = f->to_port;
	uh->len = htons(len);
	skb_set_transport_header(skb, sizeof(*iph));
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	uh->check = ~csum_tcpudp_magic(f->from, f->to, len, IPPROTO_UDP, 0);
	eth = skb_push(skb, sizeof(*eth));
	ether_addr_copy(eth->h_dest, f->dest);
	ether_addr_copy(eth->h_source, f->source);
	eth->h_proto = htons(ETH_P_IP);
	skb_reset_mac_header(skb);
}

static unsigned int floor_hook(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct iphdr *iph = ip_hdr(skb);
	struct udphdr *uh = (struct udphdr *)(iph + 1);
	struct flow *f;
	int len, grown;

	if (dropping)
		return NF_DROP;
	if (skb->protocol != htons(ETH_P_IP) ||
	    !pskb_may_pull(skb, sizeof(*iph) + sizeof(*uh) + HEADER) ||
	    iph->protocol != IPPROTO_UDP || iph->ihl != 5 ||
	    ip_is_fragment(iph))
		return NF_ACCEPT;
	f = flow_find(iph->daddr, uh->dest);
	if (!f || skb_cloned(skb) || skb_is_nonlinear(skb) ||
	    skb_tailroom(skb) < 16)
		return NF_ACCEPT;
	len = ntohs(uh->len) - sizeof(*uh);
	if (len < HEADER || sizeof(*iph) + sizeof(*uh) + len > skb->len)
		return NF_ACCEPT;
	grown = seal((u8 *)(uh + 1), len, next_index(f, (u8 *)(uh + 1)));
	if (grown < 0)
		return NF_DROP;
	skb_put(skb, grown);
	new_headers(skb, f, sizeof(*uh) + len + grown);
	skb->dev = f->out;
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

static struct nf_hook_ops hook = {
	.hook = floor_hook,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_INGRESS,
	.priority = -100,
};

static int use_mode(void)
{
	dropping = !strcmp(mode, "drop");
	if (dropping || !strcmp(mode, "plain"))
		return 0;
	if (!strcmp(mode, "cm"))
		return ctr_open() ?: hmac_open();
	if (!strcmp(mode, "gcm128"))
		return gcm_open(16);
	return strcmp(mode, "gcm256") ? -EINVAL : gcm_open(32);
}

static void flow_make(void)
{
	u32 hash;

	flow.addr = in_aton("10.2.0.1");
	flow.from = in_aton("10.1.0.1");
	flow.to = in_aton("10.1.0.200");
	flow.port = htons(PORT);
	flow.from_port = htons(PORT);
	flow.to_port = htons(PORT);
	ether_addr_copy(flow.source, flow.out->dev_addr);
	flow.dest[0] = 2;
	hash = jhash_2words((__force u32)flow.addr, (__force u32)flow.port, 0);
	flows[hash % SLOTS] = &flow;
}

static void put_all(void)
{
	ctr_close();
	hmac_close();
	gcm_close();
	dev_put(in);
	dev_put(flow.out);
}

static int __init floor_init(void)
{
	int err = -ENODEV;

	in = dev_get_by_name(&init_net, "inject1");
	flow.out = dev_get_by_name(&init_net, "inject0");
	if (!in || !flow.out)
		goto out_put;
	err = use_mode();
	if (err)
		goto out_put;
	flow_make();
	hook.dev = in;
	err = nf_register_net_hook(&init_net, &hook);
	if (!err)
		return 0;
out_put:
	put_all();
	return err;
}

static void __exit floor_exit(void)
{
	nf_unregister_net_hook(&init_net, &hook);
	put_all();
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The least a relay can cost: yardstick of the e2ae bench");
