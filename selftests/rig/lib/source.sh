# SPDX-License-Identifier: GPL-2.0
# Kernels built here from Debian's linux-source packages. Needs common.sh.
# shellcheck shell=bash
. "$rig/lib/apt.sh"

declare -A source_suites=([7.3]=trixie-backports [6.12]=bookworm-backports)

# source_version VERSION: the version of Debian's linux-source-VERSION.
source_version() {
	local suite=${source_suites[$1]:-} version
	[ -n "$suite" ] || die "no Debian suite is known for linux-source-$1"
	version=$(apt_version "$suite" "linux-source-$1")
	[ -n "$version" ] || die "linux-source-$1 is not in $suite any more: the recipe needs a newer kernel"
	echo "$version"
}

# source_unpack VERSION WORK: the tree as WORK/src.
source_unpack() {
	local package=linux-source-$1 work=$2
	apt_fetch "${source_suites[$1]}" "$work" "$package"
	dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar -xO "./usr/src/$package.tar.xz" | tar -xJ -C "$work"
	rm -f "$work/$package"_*.deb
	mv "$work/$package" "$work/src"
}

# source_strip WORK: module builds need the headers, the tools and Module.symvers; the objects are the bulk of a tree.
source_strip() {
	find "$1/src" -name '*.[oa]' -not -path '*/scripts/*' -not -path '*/tools/*' -delete
	rm -f "$1/src/vmlinux.unstripped"
}

# source_make VERSION FLAVOUR PREFIX: a kernel for QEMU with what the rig needs built in, as
# src/ (for modules), vmlinuz, kver and root/lib/modules.
source_make() {
	local version=$1 flavour=$2 debian dir work
	"$rig/deps" kernel
	debian=$(source_version "$version")
	dir=$3-$debian
	work=$dir.new
	rm -rf "$work"
	mkdir -p "$work"
	say "building the $version $flavour kernel from linux-source-$version $debian"
	source_unpack "$version" "$work"
	(
		cd "$work/src"
		make -s x86_64_defconfig
		# The last word on an option counts.
		cat "$rig/source/$version/$flavour.config" >>.config
		make -s olddefconfig 2>/dev/null
		source_config_check "$rig/source/$version/$flavour.config"
		make -s -j"$jobs" bzImage modules
		cp arch/x86/boot/bzImage ../vmlinuz
		make -s kernelrelease >../kver
		make -s modules_install "INSTALL_MOD_PATH=$work/root" DEPMOD=true
		rm -f "$work/root/lib/modules/$(cat ../kver)/build"
	)
	depmod -b "$work/root" "$(cat "$work/kver")"
	source_strip "$work"
	touch "$work/complete"
	mv "$work" "$dir"
}

# source_config_check FILE: dies if the kernel's configuration dropped an option that the file sets.
source_config_check() {
	local lost
	lost=$(grep -E '^CONFIG_' "$1" | grep -vxF -f .config || true)
	[ -z "$lost" ] || die "the kernel configuration refuses: $(echo "$lost" | tr '\n' ' ')"
}
