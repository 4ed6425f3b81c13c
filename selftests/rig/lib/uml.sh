# SPDX-License-Identifier: GPL-2.0
# Boots a User Mode Linux guest: the command talks on con0 (our stdout), the kernel on con1 (JOB/console).
# shellcheck shell=bash

# uml_boot DIR: runs the guest to its end; sets nothing, the verdict comes from what it left in $job.
uml_boot() {
	local dir=$1 args
	printf '#!/bin/bash\nexec %q %q tty0\n' "$rig/guest-run" "$job" >"$job/init"
	chmod +x "$job/init"
	args=("mem=$mem" root=/dev/root rootfstype=hostfs hostfs=/ rw "init=$job/init"
		con=null con0=null,fd:9 con1=null,fd:8 console=tty1
		loglevel=8 printk.time=1 log_buf_len=2M oops=panic kunit.enable=1)
	# One CPU and ptrace in the 6.12 recipe; SMP needs seccomp.
	grep -q '^CONFIG_SMP=y' "$dir/src/.config" && args+=("ncpus=$cpus" seccomp=on)
	uml_memory
	guest_start "$dir/linux" "${args[@]}"
}

# uml_memory: a guest's memory is a file in /dev/shm; containers often have only 64 MiB there.
uml_memory() {
	local free
	free=$(df --output=avail -B1 /dev/shm 2>/dev/null | tail -n 1)
	[ "${free:-0}" -lt "$(numfmt --from=iec "$mem")" ] || return 0
	mkdir -p "$cache/tmp"
	export TMPDIR=$cache/tmp
}
