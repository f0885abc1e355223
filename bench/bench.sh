#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh BUILD: what watching costs (docs/bench.md). Each load runs without the agent, then with it
# outside and inside a watched container, turn by turn (PAIRS times, 7), so that a machine that changes
# its speed changes it for all; what is compared are the medians of what each pair differs by. Tables go to
# standard output, the same as JSON to BUILD/bench.json. Needs root, but for rules. Bounded: under 10 minutes.
# The cgroups that come and go are containers of their own outside, and below the watched one inside.
# PARTS chooses:
#
#	loads		single system calls (loads.sh)
#	opens		opened files
#	real		real programs
#	containers	execs in real containers (containers.sh)
#	agent		what the kernel says of each BPF program, and what else the agent does
#	steady		what the agent uses under a steady load, STEADY_SECONDS (60) long (steady.sh)
#	rules		what it takes to judge an event, with Falco's rules, too, where
#			BAREWATCH_FALCO_RULES names their file
#
# With PEERS=1 loads and steady ones run under what Debian has as well (peers.sh). QUICK=1 does a 50th of it
# all, to see that it works.
set -u

build=$1
quick=${QUICK:-}
pairs=${PAIRS:-$((${quick:+-6} + 7))}
parts=${PARTS:-loads opens real containers agent steady rules}
scale=$((${quick:+49} + 1))
: "${STEADY_SECONDS:=$((${quick:+-59} + 60))}"
here=$(dirname "$0")
load_average=$(cut -d ' ' -f 1 /proc/loadavg)
switch=/proc/sys/kernel/bpf_stats_enabled
work='' cgroup='' containers='' new_cgroups=() switch_before=''

clean_up() {
	[ -n "${agent-}" ] && kill "$agent" 2>/dev/null && wait "$agent" 2>/dev/null
	[ -n "${peer_pids-}" ] && peer_stop 2>/dev/null
	[ -n "$switch_before" ] && echo "$switch_before" >$switch
	[ -n "${ENGINE_DIR-}" ] && engine_down
	[ -n "$cgroup" ] && rmdir "$cgroup" "${new_cgroups[@]}" "$containers" "${cgroup%/*}" 2>/dev/null
	[ -n "$work" ] && rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

fail() {
	echo "bench: $1" >&2
	exit 3
}

part() { # NAME
	[[ " $parts " == *" $1 "* ]]
}

# shellcheck source-path=SCRIPTDIR source=agent.sh
. "$here/agent.sh"
# shellcheck source-path=SCRIPTDIR source=loads.sh
. "$here/loads.sh"
# shellcheck source-path=SCRIPTDIR source=steady.sh
. "$here/steady.sh"
# shellcheck source-path=SCRIPTDIR source=peers.sh
. "$here/peers.sh"
# shellcheck source-path=SCRIPTDIR source=results.sh
. "$here/results.sh"

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

random_id() {
	od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# As the agent knows containers by.
make_cgroups() {
	local mount

	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[ -n "$mount" ] || fail "no cgroup v2 hierarchy is mounted on this host"
	cgroup=$mount/barewatch-bench/$(random_id)
	new_cgroups=("${cgroup%/*}/$(random_id)" "${cgroup%/*}/$(random_id)")
	containers=${cgroup%/*}/docker
	mkdir -p "$cgroup" "${new_cgroups[@]}" "$containers" || fail "no cgroup could be made"
}

# What is chosen of the loads that run everywhere, and the names of all, in order.
choose() {
	local entry

	chosen=() rows=()
	! part loads || chosen+=("${loads[@]}")
	! part opens || chosen+=("${open_loads[@]}")
	! part real || chosen+=("${real_loads[@]}")
	for entry in "${chosen[@]}"; do
		rows+=("${entry%% *}")
	done
	! part opens || rows+=(new-1 new-2)
}

measure() {
	local pair

	for ((pair = 0; pair < pairs; pair++)); do
		[ "${#chosen[@]}" = 0 ] || one_pair
		peer_pair
		! part containers || container_pair
	done
	if part agent; then
		switch_before=$(cat $switch)
		container_cpu_ns
		[ "${#chosen[@]}" = 0 ] || all_program_times
	fi
	if part steady; then
		steady_agent
		steady_peers
		highest_rates
	fi
}

show() {
	heading
	loads_table
	! part containers || big_alerts
	[ -z "${PEERS-}" ] || peers_table
	if part agent; then
		echo
		echo "agent: $(cat "$work/container.agent") ns CPU for a container that comes and goes"
		programs_table
		scan_speed
	fi
	steady_table
	! part rules || rule_engine
	echo "agent: memory $(median "$work/memory") MiB; $lost events lost beside the search; took $SECONDS s"
}

work=$(mktemp -d)
touch "$work"/{rules,steady,highest,peers.missing,memory}
if [ "$parts" = rules ]; then
	rule_engine
	exit
fi
[ "$(id -u)" = 0 ] || fail "needs root"
mkdir "$work/new"
make_cgroups
loads_up
if part containers; then
	# shellcheck source-path=SCRIPTDIR source=containers.sh
	. "$here/containers.sh"
	containers_up || parts=${parts/containers/}
fi
choose
! part containers || rows+=("${container_rows[@]}")
[ -z "${PEERS-}" ] || peers_up
measure
show
json >"$build/bench.json"
