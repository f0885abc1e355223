#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh TEST...: runs test programs that speak TAP (cmocka's do, when asked), one
# after the other. Shows a line for each, everything a failing one printed, and the
# reason of each skip; the last lines name again what failed, and are the sum. Exits
# with 1 when a test failed.
set -u

passed=0 failed=0 skipped=0
log=$(mktemp)
failures=$(mktemp)
trap 'rm -f "$log" "$failures"' EXIT

SKIPPED='^ok.*# *SKIP'

# count PATTERN: lines of the log that match.
count() {
	grep -cE "$1" "$log"
}

# A plan that was not fulfilled, or a bad exit without a failed test: the program died.
died() { # STATUS
	local planned
	planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | head -n 1)
	[ -z "$planned" ] && return 0
	[ "$(count '^(not )?ok')" -lt "$planned" ] && return 0
	[ "$1" -ne 0 ] && [ "$(count '^not ok')" -eq 0 ]
}

run_one() { # TEST
	local status ok bad skips word=ok
	CMOCKA_MESSAGE_OUTPUT=TAP "$1" >"$log" 2>&1 </dev/null
	status=$?
	# cmocka 1.1 says "not ok 5 # SKIP name" of a skipped test.
	sed -i -E 's/^not (ok [0-9]+ # SKIP)/\1/' "$log"
	skips=$(count "$SKIPPED")
	bad=$(count '^not ok')
	ok=$(($(count '^ok') - skips))
	if died "$status"; then
		bad=$((bad + 1))
		word="died with status $status"
	elif [ "$bad" -gt 0 ]; then
		word=FAILED
	fi
	printf '%-52s %4d ok %3d failed %3d skipped  %s\n' "${1#"${O:-build}"/}" \
		"$ok" "$bad" "$skips" "$word"
	if [ "$bad" -gt 0 ]; then
		sed 's/^/    | /' "$log"
		{
			echo "${1#"${O:-build}"/}: $word"
			grep '^not ok' "$log" | head -n 20
		} >>"$failures"
	else
		grep -E "$SKIPPED" "$log" | sed 's/^/    /'
		grep '^# ' "$log" | grep -v '^# ok' | sed 's|^|    |'
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skips))
}

for test in "$@"; do
	run_one "$test"
done
cat "$failures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
