#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# check-includes.sh: the dependency rule. base knows nobody; a module knows base,
# its own headers and the facades in include/; what joins modules (agent/*.c) may
# include anything but a module's own headers. Each library has one home.
set -u

bad=0
complain() {
	echo "$1: includes $2: $3"
	bad=1
}

mapfile -t files < <(find agent include/barewatch -name '*.[ch]' | sort)

# Every #include "..." of them, as "file header".
own_includes() {
	grep -HE '^#include "' "${files[@]}" |
		sed -E 's/^([^:]*):#include "([^"]*)".*/\1 \2/'
}

check_own() { # FILE HEADER
	local module=${1#agent/}
	module=${module%%/*}
	case $1 in
	include/*) module=include ;;
	agent/*/*) ;;
	*) module=. ;;
	esac
	case $2 in
	base/*) return ;;
	barewatch/*) [ "$module" != base ] || complain "$1" "$2" "base depends on nothing" ;;
	barewatch.skel.h) [ "$module" = probe ] || complain "$1" "$2" "its home is agent/probe" ;;
	*/*) [ "${2%%/*}" = "$module" ] ||
		complain "$1" "$2" "a module is reached through include/barewatch only" ;;
	*) [ "$module" = . ] || complain "$1" "$2" "only agent/*.c may" ;;
	esac
}

# home HEADER-PATTERN FILE-PATTERN: only those files include it.
home() {
	local file
	while read -r file; do
		[[ $file =~ $2 ]] || complain "$file" "<$1>" "its home is $2"
	done < <(grep -lE "^#include <$1>" "${files[@]}")
}

while read -r file header; do
	check_own "$file" "$header"
done < <(own_includes)
home 'bpf/.*' '^agent/probe/'
home 'yaml\.h' '^agent/base/yaml\.c$'
home 'zlib\.h' '^agent/image/inflate\.c$'
home 'zstd.*' '^agent/image/inflate\.c$'
home 'openssl/.*' '^agent/base/sha256\.c$'
home 'seccomp\.h' '^agent/sandbox/filter\.c$'
exit $bad
