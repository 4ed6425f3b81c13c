# SPDX-License-Identifier: GPL-2.0
# The initramfs of the QEMU guests: busybox, the modules that 9p over virtio needs, and a switch to the real root.
# shellcheck shell=bash

# initramfs_make DIR: DIR/initramfs, unless it is there.
initramfs_make() {
	local dir=$1 tree kver
	[ ! "$dir/initramfs" -nt "$rig/lib/initramfs.sh" ] || return 0
	kver=$(cat "$dir/kver")
	tree=$(mktemp -d "$dir/initramfs.XXXXXX")
	mkdir -p "$tree"/{bin,dev,proc,root,modules}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	initramfs_modules "$dir/root" "$kver" | initramfs_copy "$tree/modules"
	initramfs_init >"$tree/init"
	chmod +x "$tree/init"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$dir/initramfs.new"
	rm -rf "$tree"
	mv "$dir/initramfs.new" "$dir/initramfs"
}

# initramfs_modules ROOT KVER: the module files in the order they load.
initramfs_modules() {
	local name
	for name in virtio_pci virtio_console 9pnet_virtio 9p; do
		modprobe -d "$1" -S "$2" --show-depends "$name" 2>/dev/null || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# initramfs_copy DIR: numbered copies, uncompressed.
initramfs_copy() {
	local file name number=100
	while read -r file; do
		number=$((number + 1))
		name=$(basename "$file")
		case $file in
		*.xz) xz -dc "$file" >"$1/$number-${name%.xz}" ;;
		*.zst) zstd -dqc "$file" >"$1/$number-${name%.zst}" ;;
		*) cp "$file" "$1/$number-$name" ;;
		esac
	done
}

initramfs_init() {
	cat <<'EOF'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
for module in /modules/*; do
	/bin/busybox insmod "$module"
done
for word in $(/bin/busybox cat /proc/cmdline); do
	case $word in e2ae.init=*) init=${word#e2ae.init=} ;; esac
done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,access=any,msize=512000,cache=loose host /root
/bin/busybox umount /proc
exec /bin/busybox switch_root /root "$init"
EOF
}
