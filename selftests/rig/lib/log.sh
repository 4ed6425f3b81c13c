# SPDX-License-Identifier: GPL-2.0
# The verdict on a guest's kernel log.
# shellcheck shell=bash

# What the kernel prints when something is wrong with it.
log_bad='BUG:|WARNING:|Oops|Kernel panic|cut here|INFO: task|INFO: rcu|rcu: INFO|rcu_.*detected stall'
log_bad+='|possible (circular|recursive|irq lock)|inconsistent lock state|suspicious RCU usage|lock held when returning'
log_bad+='|DEBUG_LOCKS_WARN_ON|KASAN:|KCSAN:|UBSAN:|kmemleak: [0-9]+ new suspected|refcount_t:|ODEBUG:'
log_bad+='|general protection fault|Unable to handle kernel|unregister_netdevice: waiting|soft lockup|hard LOCKUP'
log_bad+='|ref_tracker: .* (leaked|has)|Callback enqueued on offline|scheduling while atomic|Segfault with no mm'

# log_allowed GUEST: the allowed lines' patterns, one extended regular expression each.
log_allowed() {
	local guests pattern
	while read -r guests pattern; do
		# shellcheck disable=SC2254 # a glob on purpose
		case $1 in $guests) echo "$pattern" ;; esac
	done < <(grep -vE '^(#|$)' "$rig/allowed")
}

# log_report FILE GUEST: prints what is wrong in a kernel log, with what follows it; succeeds if nothing is.
log_report() {
	local clean=$1.clean
	log_allowed "$2" >"$1.allowed"
	if [ -s "$1.allowed" ]; then
		grep -avE -f "$1.allowed" "$1" >"$clean" || true
	else
		cp "$1" "$clean"
	fi
	! grep -aE -m 60 -A 30 "$log_bad" "$clean"
}
