// SPDX-License-Identifier: GPL-2.0
/*
 * Does one thing wrong on insertion, so that the rig can show that it notices.
 * Never part of the product.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/slab.h>

static char *fault = "none";
module_param(fault, charp, 0400);
MODULE_PARM_DESC(fault, "none, warn, bug, null, overflow, leak, lock, spin");

static DEFINE_MUTEX(fault_a);
static DEFINE_MUTEX(fault_b);

static void fault_overflow(void)
{
	char *buf = kmalloc(40, GFP_KERNEL);

	if (!buf)
		return;
	OPTIMIZER_HIDE_VAR(buf);
	buf[40] = 1;
	kfree(buf);
}

/* Many, because a stale copy of one pointer somewhere on a stack is enough to hide one object. */
static void fault_leak(void)
{
	char *buf;
	int i;

	for (i = 0; i < 32; i++) {
		buf = kmalloc(100, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(buf);
	}
}

static void fault_lock(void)
{
	mutex_lock(&fault_a);
	mutex_lock(&fault_b);
	mutex_unlock(&fault_b);
	mutex_unlock(&fault_a);
	mutex_lock(&fault_b);
	mutex_lock(&fault_a);
	mutex_unlock(&fault_a);
	mutex_unlock(&fault_b);
}

static int __init fault_init(void)
{
	if (!strcmp(fault, "warn"))
		WARN_ON(1);
	else if (!strcmp(fault, "bug"))
		BUG();
	else if (!strcmp(fault, "null"))
		WRITE_ONCE(*(volatile int *)8, 1);
	else if (!strcmp(fault, "overflow"))
		fault_overflow();
	else if (!strcmp(fault, "leak"))
		fault_leak();
	else if (!strcmp(fault, "lock"))
		fault_lock();
	else if (!strcmp(fault, "spin"))
		for (;;)
			cpu_relax();
	return 0;
}

static void __exit fault_exit(void)
{
}

module_init(fault_init);
module_exit(fault_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("deliberate faults for the rig's own test");
