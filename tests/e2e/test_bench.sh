#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Whether the benchmark works: a run with tiny counts has every line and every number that docs/bench.md
# names. How large the numbers are is nobody's business here.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

BENCH=$E2E_SOURCE/../../bench
LOADS="exec shell attempt syscall stat mmap fork cgroup one-1 one-2 files-1 files-2 tar cat make new-1 new-2"

# Of the JSON whether FILTER is true of it.
json_has() { # NAME FILTER
	if jq -e "$2" "$E2E_BUILD/bench.json" >/dev/null 2>"$E2E_DIR/jq.log"; then
		ok "$1"
	else
		not_ok "$1" "$(cat "$E2E_DIR/jq.log" "$E2E_BUILD/bench.json")"
	fi
}

# A line of the table that begins with NAME and has COUNT more words, none of them empty.
has_row() { # NAME COUNT
	local found

	found=$(awk -v name="$1" '$1 == name { print NF - 1; exit }' "$E2E_DIR/bench.out")
	is "$1 has its line" "$found" "$2"
}

run_bench() {
	(cd "$BENCH/.." && QUICK=1 PARTS="loads opens real agent steady rules" \
		bench/bench.sh "$(realpath "$E2E_BUILD")") >"$E2E_DIR/bench.out" 2>"$E2E_DIR/bench.err"
	is "it ends well" "$?" 0
	is "it has nothing to complain of" "$(cat "$E2E_DIR/bench.err")" ""
}

test_table() {
	local name

	for name in $LOADS; do
		case $name in
		new-*) has_row "$name" 5 ;; # nothing outside
		*) has_row "$name" 6 ;;
		esac
	done
	for name in outside inside repeats new; do
		is "BPF programs are timed: $name" \
			"$(grep -cE "^BPF time of a run in ns, $name: (bw_[a-z_0-9]+ [0-9]+ )+" "$E2E_DIR/bench.out")" 1
	done
	for name in execs opens new; do
		is "the highest rate of $name" \
			"$(grep -cE "^highest rate without loss, $name: [0-9]+ a second" "$E2E_DIR/bench.out")" 1
	done
}

test_json() {
	local name

	json_has "where and when" '(.date, .commit, .kernel, .machine, .cpu, .variant | type == "string") and
		(.cpus, .load_average, .pairs, .seconds, .steady_seconds | type == "number")'
	for name in $LOADS; do
		json_has "JSON: $name" ".loads[\"$name\"] | .ns.without > 0 and .ns.inside > 0 and
			(.ns.agent, .added.inside | type == \"number\") and .ratio.inside > 0"
	done
	json_has "each load outside, but those of new files" \
		'[.loads[] | select(.ratio.outside > 0)] | length == 15'
	json_has "BPF times" '.bpf_ns | (.outside, .inside).bw_exec > 0 and (.repeats, .new | length) > 0'
	json_has "steady loads" '[.steady[].load] == ["execs", "opens", "new"] and
		all(.steady[]; .done > 0 and .per_s > 0 and .rss_mib > 0 and .lost >= 0 and .cpu_percent >= 0)'
	json_has "highest rates" '[.highest[].load] == ["execs", "opens", "new"] and
		all(.highest[]; .limit == "loss" or .limit == "load" or .limit == "none")'
	json_has "rules" '.rules | length > 0'
}

# Neither is there: each is a line that says so.
test_absent_peers() {
	mkdir "$E2E_DIR/bin"
	ln -s /usr/bin/* "$E2E_DIR/bin" && ln -sf /usr/sbin/bpftool "$E2E_DIR/bin" &&
		rm -f "$E2E_DIR"/bin/{bpftrace,execsnoop,opensnoop}
	(cd "$BENCH/.." && PATH=$E2E_DIR/bin PAIRS=1 QUICK=1 PEERS=1 PARTS=opens bench/bench.sh \
		"$(realpath "$E2E_BUILD")") >"$E2E_DIR/bench.out" 2>"$E2E_DIR/bench.err"
	is "without peers it ends well" "$?" 0
	is "those that are not installed are named" "$(grep -c ': not installed (package ' "$E2E_DIR/bench.out")" 2
	json_has "in JSON, too" '[.peers_missing[].peer] == ["bpftrace", "libbpf-tools"]'
}

e2e_require
for program in load opens rate run true rule_engine; do
	[ -x "$E2E_BUILD/bench/$program" ] || bail_out "the loads are not built: $program"
done
command -v jq >/dev/null || skip_all "jq is not installed"
command -v bpftool >/dev/null || skip_all "bpftool is not installed"
grep -q ' cgroup2 ' /proc/mounts || skip_all "no cgroup2 file system is mounted"
e2e_begin
run_bench
test_table
test_json
test_absent_peers
tap_end
