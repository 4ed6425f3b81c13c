# SPDX-License-Identifier: GPL-2.0
# Completion of e2aectl for bash. It knows no verb and no word itself: `e2aectl help words` prints its table,
# one line a verb: OBJECT VERB ID WORD[=VALUE]..., "-" for what is not there.

# _e2aectl_values WORD=VALUE CUR: completes what may follow a word.
_e2aectl_values() {
	local value=${1#*=} part words=()
	case $value in
	IF) mapfile -t COMPREPLY < <(compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$2"); return ;;
	FILE*) mapfile -t COMPREPLY < <(compgen -f -W - -- "$2"); compopt -o filenames 2>/dev/null; return ;;
	esac
	local IFS='|'
	for part in $value; do
		# Capitals alone stand for something; a suite has an underscore.
		[[ $part =~ ^[A-Z:]+$ ]] || words+=("${part%PREFIX}")
	done
	IFS=$' \t\n'
	mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$2")
}

# _e2aectl_ids OBJECT CUR: the ids there are, if one may ask.
_e2aectl_ids() {
	local ids
	ids=$("${COMP_WORDS[0]}" "$1" show 2>/dev/null | sed -n "s/^$1 \([0-9]*\).*/\1/p" | head -n 200)
	mapfile -t COMPREPLY < <(compgen -W "$ids" -- "$2")
}

# _e2aectl_line CUR WORD...: completes after the words of a command, from its object on.
_e2aectl_line() {
	local cur=$1 object=${2:-} verb=${3:-} table line fields word last=${!#} words=() n=$(($# - 1))
	table=$("${COMP_WORDS[0]}" help words 2>/dev/null)
	if [ "$n" = 0 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(cut -d' ' -f1 <<<"$table" | sort -u)" -- "$cur")
		return
	fi
	if [ "$n" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(sed -n "s/^$object \([a-z]\+\) .*/\1/p" <<<"$table")" -- "$cur")
		return
	fi
	line=$(grep "^$object $verb " <<<"$table") || return
	read -ra fields <<<"$line"
	if [ "$n" = 2 ]; then
		[ "$verb" = add ] || _e2aectl_ids "$object" "$cur"
		return
	fi
	for word in "${fields[@]:3}"; do
		if [ "${word%%=*}" = "$last" ] && [[ $word == *=* ]] && [ "$n" -gt 3 ]; then
			_e2aectl_values "$word" "$cur"
			return
		fi
		words+=("${word%%=*}")
	done
	mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
}

_e2aectl() {
	local cur=${COMP_WORDS[COMP_CWORD]} i=1 rest=()
	COMPREPLY=()
	while [ "$i" -lt "$COMP_CWORD" ]; do
		case ${COMP_WORDS[i]} in
		-b) [ $((i + 1)) != "$COMP_CWORD" ] || { mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return; }; i=$((i + 1)) ;;
		-a) [ $((i + 1)) != "$COMP_CWORD" ] || { mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return; }; i=$((i + 1)) ;;
		-n) [ $((i + 1)) != "$COMP_CWORD" ] || { mapfile -t COMPREPLY < <(compgen -W "$(command ls /run/netns 2>/dev/null)" -- "$cur"); return; }; i=$((i + 1)) ;;
		-*) ;;
		*) break ;;
		esac
		i=$((i + 1))
	done
	if [ "$i" = "$COMP_CWORD" ] && [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "-j -s -b -force -n -a -V -h" -- "$cur")
		return
	fi
	rest=("${COMP_WORDS[@]:i:COMP_CWORD-i}")
	_e2aectl_line "$cur" "${rest[@]}"
}

complete -F _e2aectl e2aectl
