#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# lint.sh: the static checks, as TAP. Each tool looks at all files that git knows
# or would take; what a tool found is printed above its line.
set -u

number=0
report() { # STATUS NAME
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
	fi
}

skip() { # NAME REASON
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# Under su, git would refuse a clone that is another user's.
files() {
	git -c safe.directory='*' ls-files -co --exclude-standard -- "$@"
}

# A check of no files at all would find nothing.
[ -n "$(files Makefile)" ] || {
	echo "Bail out! git does not list the files of this tree"
	exit 1
}

# The warnings of one compiler over all of user space and, with clang, the kernel side.
warnings() { # CC
	local log status
	log=$(make -s --no-print-directory -j2 O="${O:-build}/lint-$1" CC="$1" WERROR=1 \
		all unit-tests bpf-tests image-tools 2>&1)
	status=$?
	[ "$status" -eq 0 ] || echo "$log"
	return "$status"
}

scripts() {
	files '*.sh' .ci/run
}

formatted() {
	files '*.c' '*.h' | xargs clang-format-14 --dry-run --Werror
}

# cppcheck 2.17 (Debian 13) says where it stops looking, and takes an array that is filled
# by a loop for one that may be read empty.
static_analysis() {
	local log status
	log=$(cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
		--inline-suppr --suppressions-list=tests/cppcheck.suppress \
		--suppress=normalCheckLevelMaxBranches \
		--suppress=uninitvar:agent/base/options.c -D_GNU_SOURCE \
		-DBAREWATCH_VERSION='"0"' -Iinclude -Iagent --include=/usr/include/uthash.h \
		--include=/usr/include/utlist.h agent 2>&1)
	status=$?
	[ "$status" -eq 0 ] || echo "$log"
	return "$status"
}

spdx() {
	local file bad=0
	for file in $(files '*.c' '*.h' '*.sh' '*.yaml' Makefile .ci/run); do
		[ -e "$file" ] || continue
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' || {
			echo "$file: no SPDX line"
			bad=1
		}
	done
	return $bad
}

if command -v clang-format-14 >/dev/null; then
	formatted
	report $? "sources are formatted"
else
	skip "sources are formatted" "no clang-format-14 here"
fi
for compiler in gcc clang; do
	warnings $compiler
	report $? "no warnings with $compiler"
done
static_analysis
report $? "cppcheck finds nothing"
# shellcheck disable=SC2046 # file names without spaces
shellcheck $(scripts)
report $? "shellcheck finds nothing"
# shellcheck disable=SC2046
codespell -I tests/codespell.ignore $(files ':!tests/data' ':!tests/unit' ':!LICENSE*')
report $? "codespell finds nothing"
tools/check-includes.sh
report $? "dependencies go one way"
spdx
report $? "every file names its licence"
echo "1..$number"
