# SPDX-License-Identifier: GPL-2.0
# Debian's own kernels: image and headers unpacked into the cache, never installed. Needs common.sh, apt.sh.
# shellcheck shell=bash
. "$rig/lib/apt.sh"

# deb_make SUITE VERSION PREFIX: the newest linux-image-VERSION*-amd64 of the suite, as
# root/ (what the packages hold), kdir, kver, codename.
deb_make() {
	local suite=$1 version=$2 prefix=$3 image kver debian dir work package packages
	"$rig/deps" kernel
	apt_private "$suite"
	image=$(apt-cache "${apt[@]}" pkgnames "linux-image-$version." |
		grep -E '^linux-image-[0-9.]+[-+a-z0-9.~]*-amd64$' | grep -vE 'cloud|rt-|unsigned|dbg' |
		while read -r package; do
			[ -z "$(apt_version "$suite" "$package")" ] || echo "$package"
		done | sort -V | tail -n 1)
	[ -n "$image" ] || die "$suite has no kernel $version"
	kver=${image#linux-image-}
	debian=$(apt_version "$suite" "$image")
	dir=$prefix-$debian
	work=$dir.new
	rm -rf "$work"
	say "downloading Debian's kernel $kver ($suite)"
	mapfile -t packages < <(deb_parts "$kver")
	apt_unpack "$suite" "$work/root" "${packages[@]}"
	rm -rf "$work/root/usr/share/doc"
	deb_modules "$work/root" "$kver"
	deb_relocate "$work/root" "$dir/root" "$kver"
	echo "$dir/root/usr/src/linux-headers-$kver" >"$work/kdir"
	cp "$(deb_image "$work/root" "$kver")" "$work/vmlinuz"
	echo "$kver" >"$work/kver"
	echo "${suite%%-*}" >"$work/codename"
	touch "$work/complete"
	mv "$work" "$dir"
}

# deb_parts KVER: the packages an image and its headers are made of (it differs between releases).
deb_parts() {
	local package
	for package in "linux-image-$1" "linux-headers-$1"; do
		echo "$package"
		apt-cache "${apt[@]}" depends "$package" |
			sed -n 's/^ *Depends: *\(linux-\(base\|binary\|modules\|headers\|kbuild\)-.*\)/\1/p'
	done
}

# deb_modules ROOT KVER: /lib/modules in one place (newer packages use /usr/lib), with modules.dep.
deb_modules() {
	if [ -d "$1/usr/lib/modules" ]; then
		mkdir -p "$1/lib"
		cp -al "$1/usr/lib/modules" "$1/lib/"
		rm -rf "$1/usr/lib/modules"
	fi
	depmod -b "$1" "$2"
}

# deb_image ROOT KVER: where the release puts it.
deb_image() {
	local file
	for file in "$1/boot/vmlinuz-$2" "$1/lib/modules/$2/vmlinuz"; do
		[ ! -f "$file" ] || { echo "$file"; return; }
	done
	die "linux-image-$2 holds no kernel image"
}

# deb_relocate ROOT FINAL KVER: the headers point to each other by absolute names.
deb_relocate() {
	local link target
	local headers=$1/usr/src/linux-headers-$3
	{ grep -rIlE '/usr/(src|lib)/linux-' "$headers"/{Makefile,.kernelvariables,scripts/*} 2>/dev/null || true; } |
		xargs -r sed -i -E "s:/usr/(src|lib)/linux-:$2/usr/\1/linux-:g"
	find "$1/usr" "$1/lib/modules" -type l -lname '/usr/*' -print0 | while IFS= read -r -d '' link; do
		target=$(readlink "$link")
		ln -sfn "$2$target" "$link"
	done
}
