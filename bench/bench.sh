#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh BUILD: what watching costs. Each load runs without the agent, then with
# it outside and inside a watched container, turn by turn (PAIRS times, 7), so that
# a machine that changes its speed changes it for all; what is compared are medians
# and the ratio of each pair. A table goes to standard output, the same as JSON to
# BUILD/bench.json. Needs root, but for rules. Bounded: about 5 minutes. The cgroups that
# come and go are containers of their own outside, and below the watched one inside.
# PARTS chooses: loads, containers (containers.sh), agent, rules (what it takes to judge an event, with
# Falco's rules, too, where BAREWATCH_FALCO_RULES names their file).
set -u

build=$1
pairs=${PAIRS:-7}
parts=${PARTS:-loads containers agent rules}
load=$build/bench/load
switch=/proc/sys/kernel/bpf_stats_enabled
work='' cgroup='' containers='' agent='' switch_before=''

clean_up() {
	[ -n "$agent" ] && kill "$agent" 2>/dev/null && wait "$agent" 2>/dev/null
	[ -n "$switch_before" ] && echo "$switch_before" >$switch
	[ -n "${ENGINE_DIR-}" ] && engine_down
	[ -n "$cgroup" ] && rmdir "$cgroup" "$containers" "${cgroup%/*}" 2>/dev/null
	[ -n "$work" ] && rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

fail() {
	echo "bench: $1" >&2
	exit 3
}

median() { # FILE
	sort -g "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# Alerts go to $alerts.
start_agent() { # OPTIONS...
	: >"$work/messages"
	"$build/barewatch" watch --bare all --no-pin -o json --state-file "$work/state/agent.json" \
		"$@" >"${alerts:-$work/alerts}" 2>"$work/messages" &
	agent=$!
	for _ in {1..100}; do
		grep -q watching: "$work/messages" && return
		sleep 0.05
	done
	cat "$work/messages" >&2
	fail "the agent did not start"
}

stop_agent() {
	kill -INT "$agent"
	wait "$agent"
	agent=
	lost=$((lost + $(sed -n 's/.*, \([0-9]*\) events lost.*/\1/p' "$work/messages")))
	sed -n 's/.*memory \([0-9.]*\) MiB.*/\1/p' "$work/messages" >>"$work/memory"
}

# CPU time that the agent has used so far, all of its threads.
agent_cpu_ns() {
	cat /proc/"$agent"/task/*/schedstat | awk '{ ns += $1 } END { printf "%.0f", ns }'
}

# Until the agent has nothing left to do: it reads its rings every 25 ms.
settle() {
	local before now i

	before=$(agent_cpu_ns)
	for ((i = 0; i < 50; i++)); do
		sleep 0.1
		now=$(agent_cpu_ns)
		[ $((now - before)) -gt 1000000 ] || break
		before=$now
	done
}

note_agent_cpu() { # NAME COUNT BEFORE
	settle
	echo $((($(agent_cpu_ns) - $3) / $2)) >>"$work/$1.agent"
}

run_load() { # PLACE NAME COUNT ARGUMENTS...
	local place=$1 name=$2 count=$3 kind=$4 before=0
	shift 4
	[ "$place" != inside ] || before=$(agent_cpu_ns)
	"$load" "$kind" "$count" "$@" >>"$work/$name.$place" || fail "the load $name did not run"
	[ "$place" != inside ] || note_agent_cpu "$name" "$count" "$before"
}

run_loads() { # PLACE
	local entry
	for entry in "${loads[@]}"; do
		# shellcheck disable=SC2086 # words
		run_load "$1" $entry
	done
}

one_pair() {
	run_loads without
	start_agent
	run_loads outside
	CGROUP=$cgroup run_loads inside
	stop_agent
}

# What the kernel itself says that a run of each program takes, in another pass: to measure
# that costs time, too. Prints PROGRAM and nanoseconds.
program_times() { # PLACE
	start_agent
	echo 1 >$switch
	if [ "$1" = inside ]; then
		CGROUP=$cgroup run_loads stats
	else
		run_loads stats
	fi
	echo "$switch_before" >$switch
	bpftool -p prog show | awk -F '[:,]' -v ours='^bw_(exec|fork|exit|attach|runtime|failed_start|attempt_execve|mapping_.*|cgroup_.*)$' '
		/"name"/ { gsub(/[" ]/, "", $2); name = $2 }
		/"run_time_ns"/ { time = $2 }
		/"run_cnt"/ && name ~ ours { printf "%s %.0f\n", name, time / $2 }'
	stop_agent
}

# What the agent uses for a container that comes and goes, in ns. It may have to catch up.
container_cpu_ns() {
	local count=50000 before
	start_agent
	before=$(agent_cpu_ns)
	run_load stats container "$count" cgroup "$containers"
	note_agent_cpu container "$count" "$before"
	stop_agent
}

row() { # NAME
	local place base
	base=$(median "$work/$1.without")
	printf '%-10s %12.0f' "$1" "$base"
	for place in outside inside; do
		if [ ! -e "$work/$1.$place" ]; then
			printf ' %18s' -
			continue
		fi
		paste "$work/$1.$place" "$work/$1.without" | awk '{ print $1 / $2 }' >"$work/ratio"
		printf ' %+11.0f %6.3f' "$(median "$work/$1.$place" | awk -v b="$base" '{ print $1 - b }')" \
			"$(median "$work/ratio")"
	done
	printf ' %12.0f\n' "$(median "$work/$1.agent")"
}

# What it takes to tell a program by its bytes, against only reading them.
scan_speed() {
	local file
	for file in "$build/barewatch" "$(command -v node)" "$work/volume/big/0/sh"; do
		[ -e "$file" ] || continue
		"$build/tests/signatures/scan_speed" rules/catalog.yaml "$file" 9 |
			awk -v name="${file##*/}" '{ printf "%s: %.1f MB identified in %.1f ms CPU (%.0f MB/s, " \
				"%.1f times reading it, %.1f times memchr)\n", name, $1 / 1e6, $4 / 1e6,
				$1 / $4 * 1e3, $4 / $2, $4 / $3 }'
	done
	printf 'signatures: %d bytes of memory\n' \
		"$("$build/tests/signatures/identify" -m rules/catalog.yaml)"
}

# Rows of rule_engine.c; see there.
rule_engine() {
	"$build/bench/rule_engine" rules/default.yaml ${BAREWATCH_FALCO_RULES:+"$BAREWATCH_FALCO_RULES"} \
		>"$work/rules" || fail "the rule engine could not be measured"
	awk '$1 == "growth" { printf "rules: 1,000 on execs take %s times what 10 take of one %s\n", $3, $2; next }
		{ printf "rules: %s (%d active): %s ns CPU for one %s, %s of what they take as they are " \
			"written, %s allocations\n", $1, $2, $4, $3, $5, $6 }' "$work/rules"
}

rules_json() {
	awk '{ printf "%s", (NR > 1 ? "," : "") }
		$1 == "growth" { printf "{\"growth\":\"%s\",\"ratio\":%s}", $2, $3; next }
		{ printf "{\"rules\":\"%s\",\"active\":%d,\"subject\":\"%s\",\"ns\":%s,\"ratio\":%s,\"allocations\":%s}",
			$1, $2, $3, $4, $5, $6 }' "$1"
}

json() {
	local name place sep=
	printf '{"date":"%s","kernel":"%s","machine":"%s","cpus":%d,"pairs":%d,"ns":{' \
		"$(date -u +%F)" "$(uname -r)" "$(uname -m)" "$(nproc)" "$pairs"
	for name in "${rows[@]}"; do
		printf '%s"%s":{' "$sep" "$name"
		sep=
		for place in without outside inside agent; do
			[ -e "$work/$name.$place" ] || continue
			printf '%s"%s":%s' "$sep" "$place" "$(median "$work/$name.$place")"
			sep=,
		done
		printf '}'
	done
	printf '},"rules":[%s],"lost":%d,"rss_mib":%s}\n' "$(rules_json "$work/rules")" "$lost" \
		"$(median "$work/memory")"
}

work=$(mktemp -d)
: >"$work/rules"
if [ "$parts" = rules ]; then
	rule_engine
	exit
fi
[ "$(id -u)" = 0 ] || fail "needs root"
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$mount" ] || fail "no cgroup v2 hierarchy is mounted on this host"
cgroup=$mount/barewatch-bench/$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
containers=${cgroup%/*}/docker
mkdir -p "$cgroup" "$containers" || fail "no cgroup could be made"

# What is measured: name, count, arguments of load.
loads=(
	"exec 2000 exec $build/bench/true"
	"shell 1000 exec $build/bench/sh"
	"attempt 20000 attempt /nonexistent/program"
	"syscall 2000000 syscall"
	"stat 500000 stat /nonexistent/program"
	"mmap 200000 mmap $build/bench/true"
	"fork 4000 fork"
	"cgroup 5000 cgroup $containers"
)

part() { # NAME
	[[ " $parts " == *" $1 "* ]]
}

lost=0
rows=()
if part containers; then
	# shellcheck source-path=SCRIPTDIR source=containers.sh
	. "$(dirname "$0")/containers.sh"
	containers_up || parts=${parts/containers/}
fi
for ((pair = 0; pair < pairs; pair++)); do
	part loads && one_pair
	part containers && container_pair
done
for entry in "${loads[@]}"; do
	part loads && rows+=("${entry%% *}")
done
part containers && rows+=("${container_rows[@]}")

echo "CPU time of the load in ns, medians of $pairs interleaved runs; kernel $(uname -r), $(nproc) CPUs." \
	"Last: the agent's for one, inside"
printf '%-10s %12s %18s %18s %12s\n' load 'no agent' 'outside (ratio)' 'inside (ratio)' agent
for name in "${rows[@]}"; do
	row "$name"
done
part containers && big_alerts
if part agent; then
	switch_before=$(cat $switch)
	container_cpu_ns
	echo "agent: $(cat "$work/container.agent") ns CPU for a container that comes and goes"
	for place in outside inside; do
		program_times $place | tr '\n' ' ' | sed "s/^/BPF time of a run in ns, $place: /"
		echo
	done
	scan_speed
fi
part rules && rule_engine
echo "agent: memory $(median "$work/memory") MiB; $lost events lost"
json >"$build/bench.json"
