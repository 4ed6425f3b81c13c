# SPDX-License-Identifier: GPL-2.0
# Packages from Debian suites that are not this machine's own: a private apt state per suite in the cache.
# shellcheck shell=bash

# The Debian mirror of this machine, or E2AE_MIRROR.
apt_mirror() {
	local mirror=${E2AE_MIRROR:-}
	[ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		grep -m1 -E '/debian/?$' || true)
	[ -n "$mirror" ] || die "apt's sources name no Debian mirror; set E2AE_MIRROR"
	echo "${mirror%/}"
}

# apt_private SUITE: sets the array apt to the options of that suite's private state, refreshed once per process.
apt_private() {
	local dir=$cache/apt/$1 key=/usr/share/keyrings/debian-archive-keyring.gpg
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	apt=("-oDir::Etc::SourceList=$dir/sources.list" -oDir::Etc::SourceParts=/dev/null
		"-oDir::State::Lists=$dir/lists" "-oDir::Cache::Archives=$dir/archives"
		-oDir::Cache::pkgcache= -oDir::Cache::srcpkgcache= -oAPT::Sandbox::User=root
		-oAPT::Architectures::=amd64 -oAcquire::Retries=3)
	[ ! "$dir/lists/fresh" -nt "/proc/$$" ] || return 0
	echo "deb [signed-by=$key] $(apt_mirror) $1 main" >"$dir/sources.list"
	apt-get "${apt[@]}" -qq update >&2 || die "cannot read Debian's $1 suite"
	touch "$dir/lists/fresh"
}

# apt_fetch SUITE DIR PACKAGE...: downloads packages, unpacks nothing, into DIR.
apt_fetch() {
	local suite=$1 dir=$2
	shift 2
	mkdir -p "$dir"
	apt_private "$suite"
	(cd "$dir" && apt-get "${apt[@]}" -qq download "$@" >&2) || die "cannot download from $suite: $*"
}

# apt_unpack SUITE DIR PACKAGE...: unpacks packages into DIR, installs nothing.
apt_unpack() {
	local suite=$1 dir=$2 package
	shift 2
	rm -rf "$dir.debs"
	apt_fetch "$suite" "$dir.debs" "$@"
	mkdir -p "$dir"
	for package in "$dir.debs"/*.deb; do dpkg-deb -x "$package" "$dir"; done
	rm -r "$dir.debs"
}

# apt_version SUITE PACKAGE: the newest version there.
apt_version() {
	apt_private "$1"
	apt-cache "${apt[@]}" madison "$2" | awk 'NR == 1 { print $3 }'
}
