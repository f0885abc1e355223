# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a monitor uses under a load with a pace of its own, and how much the agent can take, to be
# sourced by bench.sh. The loads are those of rate.c, in a watched container.
#
# What bench.sh sets is used here, and the other way round:
# shellcheck disable=SC2154,SC2034

STEADY_SECONDS=${STEADY_SECONDS:-60}
SEARCH_MS=1500
SEARCH_DOUBLINGS=7
SEARCH_BISECTIONS=4

# Kind of load, threads, how many a second.
steady_loads=("execs 1 1000" "opens 1 100000" "new 1 100000")

steady_object() { # KIND
	case $1 in
	execs) echo "$build/bench/true" ;;
	opens) echo "$tree/0/0" ;;
	new) echo "$work/new" ;;
	esac
}

# Prints how many were done, and how many a second.
rate() { # KIND THREADS PER_SECOND MS
	CGROUP=${place_cgroup-} "$build/bench/rate" "$@" "$(steady_object "$1")" 2>"$work/load.log" || {
		cat "$work/load.log" >&2
		return 1
	}
}

# Runs the load, and writes what PIDs have used for it: MONITOR KIND DONE PER_SECOND CPU% MIB.
steady_load() { # MONITOR KIND THREADS PER_SECOND PID...
	local monitor=$1 kind=$2 threads=$3 rate=$4 before end begin done_and_rate
	shift 4
	begin=${EPOCHREALTIME/[.,]/} before=$(cpu_ms "$@")
	done_and_rate=$(rate "$kind" "$threads" "$rate" $((STEADY_SECONDS * 1000))) ||
		fail "the load $kind did not run"
	end=${EPOCHREALTIME/[.,]/}
	steady_result="$monitor $kind $done_and_rate $(awk -v ms="$(($(cpu_ms "$@") - before))" \
		-v us=$((end - begin)) 'BEGIN { printf "%.2f", ms * 1e5 / us }') $(rss_mib "$@")"
}

# A line of $work/steady for each load, the last word being what was lost.
steady_agent() {
	local entry place_cgroup=$cgroup
	for entry in "${steady_loads[@]}"; do
		start_agent
		# shellcheck disable=SC2086 # words
		steady_load barewatch $entry "$agent"
		stop_agent
		echo "$steady_result $lost_now" >>"$work/steady"
	done
}

# ---- the highest rate without loss ----

# Sets tried to how many a second there were, and lost_now.
try_rate() { # KIND PER_SECOND
	start_agent
	tried=$(rate "$1" "$(nproc)" "$2" "$SEARCH_MS") || fail "the load $1 did not run"
	tried=${tried#* }
	stop_agent
}

# Doubles while nothing is lost and the load can do it, then bisects. Writes KIND PER_SECOND and what
# limits it: loss, or the load itself.
highest_rate() { # KIND START
	local kind=$1 rate=$2 good=0 bad=0 i tried limit=none place_cgroup=$cgroup

	for ((i = 0; i < SEARCH_DOUBLINGS / (scale > 1 ? 5 : 1); i++)); do
		try_rate "$kind" "$rate"
		if [ "$lost_now" -gt 0 ]; then
			bad=$rate limit=loss
			break
		fi
		good=$tried
		if [ "$tried" -lt $((rate * 9 / 10)) ]; then
			limit=load
			break
		fi
		rate=$((rate * 2))
	done
	for ((i = 0; bad > 0 && i < SEARCH_BISECTIONS; i++)); do
		rate=$(((good + bad) / 2))
		try_rate "$kind" "$rate"
		if [ "$lost_now" -gt 0 ]; then
			bad=$rate
		else
			good=$tried
			[ "$tried" -ge $((rate * 9 / 10)) ] || break
		fi
	done
	echo "$kind $good $limit" >>"$work/highest"
}

highest_rates() {
	local lost_before=$lost
	highest_rate execs 2000
	highest_rate opens 200000
	highest_rate new 5000
	lost=$lost_before # on purpose
}

# ---- results ----

steady_table() {
	[ -s "$work/steady" ] || return 0
	echo
	echo "A steady load for $STEADY_SECONDS s: CPU in percent of one core"
	printf '%-14s %-8s %10s %10s %8s %8s %10s\n' monitor load count per_s cpu rss_mib lost
	awk '{ printf "%-14s %-8s %10d %10d %8s %8s %10s\n", $1, $2, $3, $4, $5, $6, $7 }' "$work/steady"
	awk '{ printf "highest rate without loss, %s: %s a second%s\n", $1, $2,
		$3 == "load" ? " (the load can no more)" : $3 == "none" ? " (tried no more)" : "" }' "$work/highest"
}

steady_json() {
	awk '{ printf "%s{\"monitor\":\"%s\",\"load\":\"%s\",\"done\":%d,\"per_s\":%d,\"cpu_percent\":%s,\"rss_mib\":%s,\"lost\":%s}",
		(NR > 1 ? "," : ""), $1, $2, $3, $4, $5, $6, $7 }' "$work/steady"
}

highest_json() {
	awk '{ printf "%s{\"load\":\"%s\",\"per_s\":%d,\"limit\":\"%s\"}", (NR > 1 ? "," : ""), $1, $2, $3 }' \
		"$work/highest"
}
