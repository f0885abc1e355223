#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh BUILD: what watching costs. Each load runs without the agent, then with
# it outside and inside a watched container, turn by turn (PAIRS times, 7), so that
# a machine that changes its speed changes it for all; what is compared are medians
# and the ratio of each pair. A table goes to standard output, the same as JSON to
# BUILD/bench.json. Needs root. Bounded: about 90 s. The cgroups that
# come and go are containers of their own outside, and below the watched one inside.
set -u

build=$1
pairs=${PAIRS:-7}
load=$build/bench/load
work='' cgroup='' containers='' agent=''

clean_up() {
	[ -n "$agent" ] && kill "$agent" 2>/dev/null && wait "$agent" 2>/dev/null
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

start_agent() {
	: >"$work/messages"
	"$build/barewatch" watch --bare all --no-pin -o json --state-file "$work/state/agent.json" \
		>"$work/alerts" 2>"$work/messages" &
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

# CPU seconds that the agent has used so far.
agent_cpu() {
	awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$agent/stat"
}

run_load() { # PLACE NAME COUNT ARGUMENTS...
	local place=$1 name=$2 count=$3 kind=$4
	shift 4
	"$load" "$kind" "$count" "$@" >>"$work/$name.$place" || fail "the load $name did not run"
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
	local before
	before=$(agent_cpu)
	CGROUP=$cgroup run_loads inside
	agent_cpu | awk -v before="$before" '{ print $1 - before }' >>"$work/cpu"
	stop_agent
}

# What the kernel itself says that a run of each program takes, in another pass: to measure
# that costs time, too. Prints PROGRAM and nanoseconds.
program_times() { # PLACE
	local before
	before=$(cat /proc/sys/kernel/bpf_stats_enabled)
	start_agent
	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	if [ "$1" = inside ]; then
		CGROUP=$cgroup run_loads stats
	else
		run_loads stats
	fi
	echo "$before" >/proc/sys/kernel/bpf_stats_enabled
	bpftool -p prog show | awk -F '[:,]' -v ours='^bw_(exec|runtime|failed_start|attempt_execve|mapping_.*|cgroup_.*)$' '
		/"name"/ { gsub(/[" ]/, "", $2); name = $2 }
		/"run_time_ns"/ { time = $2 }
		/"run_cnt"/ && name ~ ours { printf "%s %.0f\n", name, time / $2 }'
	stop_agent
}

# What the agent uses for a container that comes and goes, in ns. Its time is counted in
# hundredths of a second, so many are needed; it may have to catch up.
container_cpu_ns() {
	local count=100000 before
	start_agent
	before=$(agent_cpu)
	run_load stats container "$count" cgroup "$containers"
	sleep 0.2
	agent_cpu | awk -v before="$before" -v count="$count" \
		'{ printf "%.0f", ($1 - before) * 1e9 / count }' >"$work/container_cpu_ns"
	stop_agent
}

row() { # NAME
	local place base
	base=$(median "$work/$1.without")
	printf '%-10s %12.0f' "$1" "$base"
	for place in outside inside; do
		paste "$work/$1.$place" "$work/$1.without" | awk '{ print $1 / $2 }' >"$work/ratio"
		printf ' %+11.0f %6.3f' "$(median "$work/$1.$place" | awk -v b="$base" '{ print $1 - b }')" \
			"$(median "$work/ratio")"
	done
	echo
}

# What it takes to tell a program by its bytes, against only reading them.
scan_speed() {
	local file
	for file in "$build/barewatch" "$(command -v node)"; do
		[ -n "$file" ] || continue
		"$build/tests/signatures/scan_speed" rules/catalog.yaml "$file" 9 |
			awk -v name="${file##*/}" '{ printf "%s: %.1f MB identified in %.1f ms CPU (%.0f MB/s, " \
				"%.1f times reading it, %.1f times memchr)\n", name, $1 / 1e6, $4 / 1e6,
				$1 / $4 * 1e3, $4 / $2, $4 / $3 }'
	done
	printf 'signatures: %d bytes of memory\n' \
		"$("$build/tests/signatures/identify" -m rules/catalog.yaml)"
}

json() {
	local entry name place sep=
	printf '{"date":"%s","kernel":"%s","machine":"%s","cpus":%d,"pairs":%d,"ns":{' \
		"$(date -u +%F)" "$(uname -r)" "$(uname -m)" "$(nproc)" "$pairs"
	for entry in "${loads[@]}"; do
		name=${entry%% *}
		printf '%s"%s":{' "$sep" "$name"
		sep=
		for place in without outside inside; do
			printf '%s"%s":%s' "$sep" "$place" "$(median "$work/$name.$place")"
			sep=,
		done
		printf '}'
	done
	printf '},"agent_container_ns":%s,"lost":%d,"rss_mib":%s}\n' \
		"$(cat "$work/container_cpu_ns")" "$lost" "$(median "$work/memory")"
}

[ "$(id -u)" = 0 ] || fail "needs root"
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$mount" ] || fail "no cgroup v2 hierarchy is mounted on this host"
work=$(mktemp -d)
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

lost=0
for ((pair = 0; pair < pairs; pair++)); do
	one_pair
done

echo "CPU time of the load in ns, medians of $pairs interleaved runs; kernel $(uname -r), $(nproc) CPUs"
printf '%-10s %12s %18s %18s\n' load 'no agent' 'outside (ratio)' 'inside (ratio)'
for entry in "${loads[@]}"; do
	row "${entry%% *}"
done
echo "agent: $(median "$work/cpu") s CPU for one round inside (3,000 execs, 20,000 failed execs," \
	"1,000 alerts); memory $(median "$work/memory") MiB; $lost events lost"
container_cpu_ns
echo "agent: $(cat "$work/container_cpu_ns") ns CPU for a container that comes and goes"
for place in outside inside; do
	program_times $place | tr '\n' ' ' | sed "s/^/BPF time of a run in ns, $place: /"
	echo
done
scan_speed
json >"$build/bench.json"
