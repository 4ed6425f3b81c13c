// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/e2ae_inject: `packets` takes the packets (opening it for writing drops
 * the old ones), `run` an order and shows its result, `samples` shows what
 * left in the batches that were kept.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/vmalloc.h>
#include <linux/uaccess.h>

#include "inject.h"

struct inject_store inject_packets;
static struct proc_dir_entry *folder;
static DEFINE_MUTEX(lock); /* orders, packets and samples */

static int store_grow(struct inject_store *store, size_t need)
{
	size_t size = max(need, store->size + store->size / 2 + (1 << 20));
	u8 *data;

	if (need <= store->size)
		return 0;
	data = vmalloc(size);
	if (!data)
		return -ENOMEM;
	if (store->used)
		memcpy(data, store->data, store->used);
	vfree(store->data);
	store->data = data;
	store->size = size;
	return 0;
}

static int packets_open(struct inode *inode, struct file *file)
{
	mutex_lock(&lock);
	inject_packets.used = 0;
	mutex_unlock(&lock);
	return 0;
}

static ssize_t packets_write(struct file *file, const char __user *from,
			     size_t len, loff_t *at)
{
	struct inject_store *store = &inject_packets;
	int err;

	mutex_lock(&lock);
	err = store_grow(store, store->used + len);
	if (!err && copy_from_user(store->data + store->used, from, len))
		err = -EFAULT;
	if (!err)
		store->used += len;
	mutex_unlock(&lock);
	return err ?: len;
}

static int packets_release(struct inode *inode, struct file *file)
{
	int err;

	mutex_lock(&lock);
	err = inject_index();
	mutex_unlock(&lock);
	return err;
}

static ssize_t samples_read(struct file *file, char __user *to, size_t len,
			    loff_t *at)
{
	ssize_t done;

	mutex_lock(&lock);
	done = simple_read_from_buffer(to, len, at, inject_samples.data,
				       inject_samples.used);
	mutex_unlock(&lock);
	return done;
}

static int parse(char *text, struct inject_order *order)
{
	const struct {
		const char *name;
		u32 *to;
	} words[] = {
		{ "device", &order->device }, { "first", &order->first },
		{ "count", &order->count },   { "batch", &order->batch },
		{ "trust", &order->trust },   { "list", &order->list },
		{ "sample", &order->sample }, { "cpus", &order->cpus },
		{ "shared", &order->shared }, { "spin", &order->spin },
	};
	char *word, *name;
	int i, err;

	while ((word = strsep(&text, " \n"))) {
		if (!*word)
			continue;
		name = strsep(&word, "=");
		for (i = 0; i < ARRAY_SIZE(words); i++)
			if (!strcmp(name, words[i].name))
				break;
		if (i == ARRAY_SIZE(words) || !word)
			return -EINVAL;
		err = kstrtou32(word, 10, words[i].to);
		if (err)
			return err;
	}
	return 0;
}

static ssize_t run_write(struct file *file, const char __user *from, size_t len,
			 loff_t *at)
{
	struct inject_order order = { .batch = 32, .trust = 1, .cpus = 1 };
	char text[256];
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	text[len] = 0;
	err = parse(text, &order);
	if (err)
		return err;
	mutex_lock(&lock);
	err = inject_run(&order);
	mutex_unlock(&lock);
	return err ?: len;
}

static int run_show(struct seq_file *s, void *v)
{
	mutex_lock(&lock);
	inject_show(s);
	mutex_unlock(&lock);
	return 0;
}

static int run_open(struct inode *inode, struct file *file)
{
	return single_open(file, run_show, NULL);
}

static const struct proc_ops packets_ops = {
	.proc_open = packets_open,
	.proc_write = packets_write,
	.proc_release = packets_release,
	.proc_lseek = noop_llseek,
};

static const struct proc_ops samples_ops = {
	.proc_read = samples_read,
	.proc_lseek = default_llseek,
};

static const struct proc_ops run_ops = {
	.proc_open = run_open,
	.proc_read = seq_read,
	.proc_write = run_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

int inject_control_init(void)
{
	folder = proc_mkdir("e2ae_inject", NULL);
	if (!folder)
		return -ENOMEM;
	if (proc_create("packets", 0200, folder, &packets_ops) &&
	    proc_create("samples", 0400, folder, &samples_ops) &&
	    proc_create("run", 0600, folder, &run_ops))
		return 0;
	proc_remove(folder);
	return -ENOMEM;
}

void inject_control_exit(void)
{
	proc_remove(folder);
	vfree(inject_packets.data);
}
