# SPDX-License-Identifier: GPL-2.0
# KTAP for tests written in bash. Source it, make results, end with ktap_end:
#   ktap_ok NAME | ktap_fail NAME [WHY] | ktap_skip NAME WHY | ktap_check NAME COMMAND ARG...
# shellcheck shell=bash

ktap_count=0
ktap_failed=0
echo "KTAP version 1"

ktap_ok() {
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count - $1"
}

ktap_fail() {
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	[ -z "${2:-}" ] || ktap_note <<<"$2"
	echo "not ok $ktap_count - $1"
}

ktap_skip() {
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count - $1 # SKIP $2"
}

# ktap_note: standard input as diagnostics.
ktap_note() {
	sed 's/^/# /'
}

# ktap_check NAME COMMAND ARG...: passes if the command does; shows its output if it does not.
ktap_check() {
	local name=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	if [ "$status" = 0 ]; then
		ktap_ok "$name"
	else
		ktap_fail "$name" "$output${output:+
}exit status $status of: $*"
	fi
}

# steady COMMAND ARG...: runs it at the same addresses each time, where the machine lets us: libFuzzer's choices depend
# on them as much as on its seed.
steady() {
	if setarch -R true 2>/dev/null; then
		setarch -R "$@"
	else
		"$@"
	fi
}

# guest_forget FILE: removes the files in build/rig/ that failed guests left, by their names in the output in FILE.
guest_forget() {
	local top job
	top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd) || return
	sed -n 's|.*(files: build/rig/\([^/]*\))$|\1|p' "$1" | sort -u | while IFS= read -r job; do
		rm -r "${top:?}/build/rig/${job:?}"
	done
}

# ktap_end: the plan, and the exit status of the test.
ktap_end() {
	echo "1..$ktap_count"
	[ "$ktap_count" -gt 0 ] && [ "$ktap_failed" = 0 ]
	exit
}
