#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh TEST... [--beside TEST...]: runs test programs that speak TAP (cmocka's do, when
# asked), one after the other; those behind --beside at the same time, also one after the
# other, with less of the processors. Shows a line for each with the seconds it took,
# everything a failing one printed, and the reason of each skip; the last lines name again
# what failed, and are the sum. Exits with 1 when a test failed.
set -u

dir=$(mktemp -d)
beside=''
clean_up() {
	[ -z "$beside" ] || kill -- "-$beside" 2>/dev/null
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

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

# What is shown of a test that printed the log.
show() { # TEST STATUS SECONDS
	local ok bad skips word=ok
	skips=$(count "$SKIPPED")
	bad=$(count '^not ok')
	ok=$(($(count '^ok') - skips))
	if died "$2"; then
		bad=$((bad + 1))
		word="died with status $2"
	elif [ "$bad" -gt 0 ]; then
		word=FAILED
	fi
	printf '%-52s %4d ok %3d failed %3d skipped %4d s  %s\n' "$1" \
		"$ok" "$bad" "$skips" "$3" "$word"
	if [ "$bad" -gt 0 ]; then
		sed 's/^/    | /' "$log"
		{
			echo "$1: $word"
			grep '^not ok' "$log" | head -n 20
		} >>"$failures"
	else
		grep -E "$SKIPPED" "$log" | sed 's/^/    /'
		grep '^# ' "$log" | grep -v '^# ok' | sed 's|^|    |'
	fi
	echo "$ok $bad $skips" >>"$sums"
}

run_one() { # TEST
	local status start=$SECONDS
	CMOCKA_MESSAGE_OUTPUT=TAP "$1" >"$log" 2>&1 </dev/null
	status=$?
	# cmocka 1.1 says "not ok 5 # SKIP name" of a skipped test.
	sed -i -E 's/^not (ok [0-9]+ # SKIP)/\1/' "$log"
	show "${1#"${O:-build}"/}" "$status" $((SECONDS - start)) >"$log.shown"
	flock "$dir" cat "$log.shown"
}

# run_all NAME TEST...
run_all() {
	local test
	log=$dir/$1.log failures=$dir/$1.failures sums=$dir/$1.sums
	touch "$failures" "$sums"
	shift
	for test in "$@"; do
		run_one "$test"
	done
}

first=()
while [ $# -gt 0 ] && [ "$1" != --beside ]; do
	first+=("$1")
	shift
done
tests=${#first[@]}
if [ $# -gt 1 ]; then
	shift
	tests=$((tests + $#))
	set -m # a process group of its own, which can be ended whole
	(
		trap - EXIT
		renice -n 10 "$BASHPID" >/dev/null
		run_all beside "$@"
	) &
	beside=$!
	set +m
fi
run_all first "${first[@]}"
[ -z "$beside" ] || wait "$beside"
beside=''
cat "$dir"/*.failures
awk -v tests="$tests" '{ passed += $1; failed += $2; skipped += $3 }
	END {
		if (NR < tests) {
			print tests - NR " tests were not run"
			failed += tests - NR
		}
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0
	}' "$dir"/*.sums
