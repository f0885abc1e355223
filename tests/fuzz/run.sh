#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh FUZZER...: each for $FUZZ_SECONDS, with a line about each. What they find
# grows in a corpus beside them; it starts with tests/data/NAME where that exists.
set -u

seconds=${FUZZ_SECONDS:-30}
failed=0
# by itself it prints what it finds and goes on
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

run() { # FUZZER
	local name corpus log artifact seeds=()
	name=$(basename "$1")
	corpus="$(dirname "$1")/corpus/$name"
	log="$(dirname "$1")/$name.log"
	artifact="$(dirname "$1")/$name."
	mkdir -p "$corpus"
	[ ! -d "tests/data/$name" ] || seeds=("tests/data/$name")
	# the first directory takes what is new
	if "$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$artifact" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
		echo "ok - $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
			"inputs, $(find "$corpus" -type f | wc -l) kept"
		return
	fi
	failed=1
	tail -n 40 "$log"
	echo "not ok - $name: the input is" \
		"$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1), the log is $log"
}

for fuzzer in "$@"; do
	run "$fuzzer"
done
exit "$failed"
