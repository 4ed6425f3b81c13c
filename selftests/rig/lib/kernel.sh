# SPDX-License-Identifier: GPL-2.0
# Where a guest's kernel lives in the cache, and how it gets there. Needs common.sh.
#
# A kernel is a folder kernels/NAME-HASH-VERSION that holds a file `complete`: HASH is over everything of the
# recipe that is ours, VERSION is Debian's. Any version of the right recipe will do, so that a second run needs
# no network; the newest wins.
# shellcheck shell=bash

# Raise this when a build script changes what it leaves in the folder.
kernel_layout=1

# kernel_recipe: the files that decide what is built.
kernel_recipe() {
	local dir=$rig/$kernel_kind/$kernel_from
	case $kernel_kind in
	uml)
		cat "$dir/native-crypto.patch" "$dir/release.config"
		[ "$kernel_what" != debug ] || cat "$dir/debug.config" ;;
	source) cat "$dir/$kernel_what.config" ;;
	deb) ;;
	esac
}

# kernel_prefix: the cache folder without the version.
kernel_prefix() {
	local hash
	hash=$({ echo "layout $kernel_layout"; kernel_recipe; } | sha256sum)
	echo "$cache/kernels/$kernel_kind-$kernel_from-$kernel_what-${hash:0:10}"
}

# kernel_find: prints the folder of the newest complete kernel, nothing if there is none.
kernel_find() {
	local prefix found
	prefix=$(kernel_prefix)
	found=$(find "$cache/kernels" -mindepth 2 -maxdepth 2 -path "$prefix-*/complete" -printf '%h\n' 2>/dev/null |
		sort -V | tail -n 1)
	[ -z "$found" ] || echo "$found"
}

# kernel_make: builds or downloads it.
kernel_make() {
	[ -z "$(kernel_find)" ] || return 0
	mkdir -p "$cache/kernels"
	case $kernel_kind in
	uml) "$rig/uml/build" "$kernel_from" "$kernel_what" "$(kernel_prefix)" ;;
	deb) . "$rig/lib/deb.sh"; deb_make "$kernel_from" "$kernel_what" "$(kernel_prefix)" ;;
	source) . "$rig/lib/source.sh"; source_make "$kernel_from" "$kernel_what" "$(kernel_prefix)" ;;
	esac
}

# kernel_dir: prints the kernel's folder, made if need be.
kernel_dir() {
	[ -n "$(kernel_find)" ] || with_lock "kernel-$guest" kernel_make >&2
	kernel_find
}

# kernel_kdir: prints what to give to `make -C`, for modules.
kernel_kdir() {
	local dir
	dir=$(kernel_dir)
	case $kernel_kind in
	deb) cat "$dir/kdir" ;;
	*) echo "$dir/src" ;;
	esac
}
