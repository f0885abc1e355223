# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The agent that is measured, to be sourced by bench.sh: its start and end, what it says of
# itself, and what it uses of the CPU.
#
# What bench.sh sets is used here, and the other way round:
# shellcheck disable=SC2154,SC2034

agent='' variant='' lost=0 lost_now=0

# Alerts go to $alerts. WATCH_OPTIONS of the environment are given, too.
start_agent() { # OPTIONS...
	: >"$work/messages"
	# shellcheck disable=SC2086 # words
	"$build/barewatch" watch --bare all --no-pin -o json --state-file "$work/state/agent.json" \
		${WATCH_OPTIONS-} "$@" >"${alerts:-$work/alerts}" 2>"$work/messages" &
	agent=$!
	for _ in {1..300}; do
		grep -q watching: "$work/messages" && break
		sleep 0.05
	done
	variant=$(sed -n 's/.*watching:.*opens //p' "$work/messages")
	[ -z "$variant" ] || return 0
	cat "$work/messages" >&2
	fail "the agent did not start"
}

# Sets lost_now to what it says to have lost, and adds that to lost.
stop_agent() {
	kill -INT "$agent"
	wait "$agent"
	agent=
	lost_now=$(sed -n 's/.*, \([0-9]*\) events lost.*/\1/p' "$work/messages")
	lost_now=${lost_now:-0}
	lost=$((lost + lost_now))
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

# CPU time in ms of processes, with their threads and the children they have waited for.
cpu_ms() { # PID...
	local pid
	for pid; do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk -v hz="$(getconf CLK_TCK)" '{ ticks += $12 + $13 + $14 + $15 }
		END { printf "%.0f", ticks * 1000 / hz }'
}

# Resident memory in MiB of processes together.
rss_mib() { # PID...
	local pid
	for pid; do
		sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
	done | awk '{ kib += $1 } END { printf "%.1f", kib / 1024 }'
}
