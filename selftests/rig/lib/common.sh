# SPDX-License-Identifier: GPL-2.0
# Sourced by every rig script: paths, the guest table, messages.
# shellcheck shell=bash
set -Eeuo pipefail
shopt -s inherit_errexit
rig=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for the scripts that source this
top=$(cd "$rig/../.." && pwd)
cache=${E2AE_CACHE:-$HOME/.cache/e2ae}
jobs=${JOBS:-$(nproc)}

say() { echo "rig: $*" >&2; }

# 125 is "the guest failed" for every caller of the rig.
die() { say "$*"; exit 125; }

# Nor may any other failure of ours pass for the command's status.
trap '[ "$BASH_SUBSHELL" -gt 0 ] || say "gave up at ${BASH_SOURCE[0]##*/}:$LINENO"; exit 125' ERR

# guest_load NAME: sets guest, boot, kernel (three parts in kernel_kind, kernel_from, kernel_what), mem and slow.
guest_load() {
	local name
	while read -r name boot kernel mem slow; do
		[ "$name" = "$1" ] || continue
		guest=$name
		IFS=/ read -r kernel_kind kernel_from kernel_what <<<"$kernel"
		return 0
	done < <(grep -v '^#' "$rig/guests")
	die "there is no guest '$1' (see selftests/rig/guests)"
}

# with_lock NAME COMMAND...: one at a time per NAME, over all processes that share the cache. No `||` here or at the
# callers: it would switch errexit off in all of COMMAND.
with_lock() {
	local fd name=$1
	shift
	mkdir -p "$cache/locks"
	exec {fd}>"$cache/locks/$name"
	flock "$fd"
	"$@"
	exec {fd}>&-
}
