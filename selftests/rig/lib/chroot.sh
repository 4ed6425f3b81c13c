# SPDX-License-Identifier: GPL-2.0
# A minimal Debian of another release, in the cache, to build that release's modules with its compiler and libc.
# shellcheck shell=bash
. "$rig/lib/apt.sh"

# chroot_make CODENAME: compiler and make; the kernel's own tools need libelf and libssl.
chroot_make() {
	local dir=$cache/chroot/$1 packages
	[ ! -e "$dir/complete" ] || return 0
	"$rig/deps" chroot
	say "building a $1 chroot for its kernel's modules"
	packages=make,gcc,libc6-dev,libelf-dev,libssl-dev,kmod,xz-utils,perl-base
	rm -rf "$dir"
	mkdir -p "$cache/chroot"
	mmdebstrap --quiet --variant=apt --include="$packages" --mode=root "$1" "$dir" "$(apt_mirror)" >&2 ||
		{ rm -rf "$dir"; die "cannot build a $1 chroot"; }
	touch "$dir/complete"
}

# chroot_need CODENAME PACKAGE: installs it there unless it is.
chroot_need() {
	local dir=$cache/chroot/$1
	chroot "$dir" dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null | grep -qx installed ||
		chroot "$dir" apt-get -qq install -y --no-install-recommends "$2" >&2
}

# chroot_run CODENAME COMMAND...: in a mount namespace where the project and the cache are where they are here.
chroot_run() {
	local dir=$cache/chroot/$1
	shift
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount bash -euc '
		root=$1 top=$2 cache=$3
		shift 3
		for part in "$top" "$cache"; do
			mkdir -p "$root$part"
			mount --bind "$part" "$root$part"
		done
		[ -e "$root/proc/self" ] || mount -t proc proc "$root/proc"
		exec chroot "$root" "$@"' chroot "$dir" "$top" "$cache" "$@"
}
