# SPDX-License-Identifier: GPL-2.0
# Boots a stock kernel under QEMU with this machine's root file system over 9p: the command talks on a virtio
# console (our stdout), the kernel on a serial line (JOB/console). Two virtual CPUs that have AES, PCLMUL and AVX.
# Needs common.sh.
# shellcheck shell=bash
. "$rig/lib/apt.sh"
. "$rig/lib/initramfs.sh"

# qemu_boot DIR: runs the guest to its end; the verdict comes from what it left in $job.
qemu_boot() {
	local dir=$1 accel
	"$rig/deps" qemu
	mapfile -t emulator < <(with_lock qemu qemu_emulator)
	[ "${#emulator[@]}" -gt 0 ] || die "no emulator"
	qemu_init "$dir" "$job"
	with_lock initramfs initramfs_make "$dir"
	accel=tcg
	[ -n "${icount:-}" ] || accel=$(with_lock kvm qemu_accel "$dir")
	mapfile -t qemu < <(qemu_command "$dir" "$job" "$accel")
	guest_start "${qemu[@]}"
}

# qemu_emulator: this machine's QEMU, or that of its backports, unpacked into the cache; one word per line. Before 8.1 an
# emulated processor may for ever run an instruction that another processor has changed since (QEMU's commit "accel/tcg:
# Always lock pages before translation"). The kernel changes its own: static keys, as of netfilter's hooks.
qemu_emulator() {
	local dir=$cache/qemu version
	version=$(qemu-system-x86_64 --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p')
	if printf '%s\n' 8.1 "$version" | sort -VC; then
		echo qemu-system-x86_64
		return
	fi
	[ -e "$dir/complete" ] || qemu_fetch "$dir"
	printf '%s\n' "$dir/usr/bin/qemu-system-x86_64" -L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios"
}

# qemu_fetch DIR: what it needs beside its own packages is there: the libraries of this release's own QEMU.
qemu_fetch() {
	local suite
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)-backports
	say "downloading QEMU ($suite)"
	rm -rf "$1"
	apt_unpack "$suite" "$1" qemu-system-x86 qemu-system-common qemu-system-data seabios
	touch "$1/complete"
}

# qemu_init DIR JOB: the script that becomes process 1 once the root file system is there, and pipes for the monitor.
qemu_init() {
	mkfifo "$2/monitor.in" "$2/monitor.out"
	{
		printf '#!/bin/bash\n'
		printf 'mkdir -p /lib/modules\nmount -t tmpfs tmpfs /lib/modules\n'
		printf 'ln -s %q /lib/modules/"$(uname -r)"\n' "$1/root/lib/modules/$(cat "$1/kver")"
		printf 'exec %q %q hvc0\n' "$rig/guest-run" "$2"
	} >"$2/init"
	chmod +x "$2/init"
}

# qemu_command DIR JOB ACCEL: one word per line. What the monitor reads comes by JOB/monitor.in; a panic prints all
# processes and processors.
qemu_command() {
	local cpu=max
	[ "$3" = tcg ] || cpu=host
	printf '%s\n' "${emulator[@]}"
	[ -z "${icount:-}" ] || printf '%s\n' -icount shift=0
	printf '%s\n' -machine q35 -accel "$3" -cpu "$cpu" -smp "$cpus" -m "$mem" \
		-nodefaults -no-user-config -display none -no-reboot \
		-chardev "pipe,id=monitor,path=$2/monitor" -mon chardev=monitor \
		-kernel "$1/vmlinuz" -initrd "$1/initramfs" \
		-append "console=ttyS0 loglevel=8 printk.time=1 log_buf_len=4M panic=-1 oops=panic \
unknown_nmi_panic panic_print=0x41 nokaslr mitigations=off kunit.enable=1 e2ae.init=$2/init" \
		-chardev file,id=log,path=/dev/fd/8 -serial chardev:log \
		-device virtio-serial-pci -chardev file,id=out,path=/dev/fd/9 -device virtconsole,chardev=out \
		-virtfs local,path=/,mount_tag=host,security_model=none,multidevs=remap
}

# qemu_accel DIR: kvm if a bounded boot under it succeeds, else tcg; asked once per boot of this machine.
# A KVM that is there need not work: under some hypervisors an ordinary guest hangs.
qemu_accel() {
	local dir=$1 answer probe
	answer=$cache/accel-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -s "$answer" ]; then
		rm -f "$cache"/accel-*
		echo tcg >"$answer.new"
		if [ -w /dev/kvm ]; then
			probe=$(mktemp -d "$job/probe.XXXXXX")
			echo true >"$probe/command"
			qemu_init "$dir" "$probe"
			mapfile -t qemu < <(qemu_command "$dir" "$probe" kvm)
			timeout --signal=KILL 20 "${qemu[@]}" </dev/null >/dev/null 2>&1 9>/dev/null 8>/dev/null || true
			[ ! -s "$probe/status" ] || echo kvm >"$answer.new"
		fi
		mv "$answer.new" "$answer"
		say "QEMU guests run under $(cat "$answer")"
	fi
	cat "$answer"
}
