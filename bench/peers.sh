# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What Debian has that tells of execs and opened files, under the same loads, to be sourced by bench.sh:
# one-liners of bpftrace, and execsnoop and opensnoop of bcc (package libbpf-tools). They tell of the
# whole host, judge nothing, and write to a file. Whoever is not there or does not work here is left
# out with the reason.
#
# What bench.sh sets is used here, and the other way round:
# shellcheck disable=SC2154,SC2034

# As in bpftrace's own tutorial (docs/tutorial_one_liners.md).
BPFTRACE_PROGRAM='tracepoint:syscalls:sys_enter_execve { join(args->argv); }
tracepoint:syscalls:sys_enter_openat { printf("%s %s\n", comm, str(args->filename)); }'

PEER_LOADS='^(exec|syscall|one-1|one-2|files-1|files-2|tar|cat|make) '

PEER_PACKAGES='bpftrace:bpftrace libbpf-tools:execsnoop libbpf-tools:opensnoop'

peers=() peer_pids=()

# ---- their life ----

# They look for tracefs where it was before Linux 4.1, too, which has to be mounted: for them alone.
PEER_MOUNTS='[ -e /sys/kernel/debug/tracing/events ] || mount -t debugfs debugfs /sys/kernel/debug
[ -e /sys/kernel/debug/tracing/events ] || mount -t tracefs tracefs /sys/kernel/debug/tracing
exec "$@"'

# Its file peer.N has what it tells, peer.log what it says of itself.
peer_begin() { # COMMAND...
	local out=$work/peer.${#peer_pids[@]}
	: >"$out"
	unshare -m --propagation private sh -c "$PEER_MOUNTS" - "$@" >>"$out" 2>>"$work/peer.log" \
		</dev/null &
	peer_pids+=($!)
}

peer_start() { # NAME
	peer_pids=()
	: >"$work/peer.log"
	case $1 in
	bpftrace)
		peer_begin bpftrace -e "$BPFTRACE_PROGRAM"
		;;
	libbpf-tools)
		peer_begin execsnoop
		peer_begin opensnoop
		;;
	esac
	peer_tells
}

# Until it tells of execs and of opened files. They write by the page.
peer_tells() {
	local pid i

	for ((i = 0; i < 100; i++)); do
		for pid in "${peer_pids[@]}"; do
			kill -0 "$pid" 2>/dev/null || return
		done
		"$build/bench/load" exec 20 "$build/bench/sh" >/dev/null
		"$build/bench/opens" 1 100 1 "$work/probe" >/dev/null
		cat "$work"/peer.[0-9] >"$work/told"
		grep -q "$build/bench/sh" "$work/told" && grep -q "$work/probe/0/0" "$work/told" && return
		sleep 0.1
	done
	return 1
}

peer_stop() {
	local pid
	for pid in "${peer_pids[@]}"; do
		kill -INT "$pid" 2>/dev/null
		wait "$pid"
	done
	peer_pids=()
}

peer_complaint() {
	grep -iE 'error|failed' "$work/peer.log" | tail -n 1
}

# ---- which there are ----

# Why NAME cannot be measured here, or nothing.
peer_missing() { # NAME
	local entry

	for entry in $PEER_PACKAGES; do
		if [ "${entry%:*}" = "$1" ] && ! command -v "${entry#*:}" >/dev/null; then
			echo "not installed (package $1)"
			return
		fi
	done
	peer_start "$1" || echo "does not work here: $(peer_complaint)"
	peer_stop 2>/dev/null
}

# Leaves NAME out from now on. What was measured is not shown.
peer_drop() { # NAME REASON
	local all=("${peers[@]}") name

	printf '%s\t%s\n' "$1" "$2" >>"$work/peers.missing"
	peers=()
	for name in "${all[@]}"; do
		[ "$name" = "$1" ] || peers+=("$name")
	done
}

# peer_start, for one that has worked before.
peer_again() { # NAME
	peer_start "$1" && return
	peer_stop
	peer_drop "$1" "did not start again: $(peer_complaint)"
	return 1
}

peers_up() {
	local name reason

	{ mkdir "$work/probe" && "$build/bench/opens" make 1 "$work/probe"; } ||
		fail "no file could be made"
	: >"$work/peers.missing"
	for name in bpftrace libbpf-tools; do
		reason=$(peer_missing "$name")
		peers+=("$name")
		[ -z "$reason" ] || peer_drop "$name" "$reason"
	done
}

# ---- the loads ----

peer_pair() {
	local name entry

	for name in "${peers[@]}"; do
		peer_again "$name" || continue
		for entry in "${chosen[@]}"; do
			[[ ! $entry =~ $PEER_LOADS ]] || run_loads "$name" "$entry"
		done
		peer_stop
	done
}

# What was lost is what was done and not told. The command of the load itself may be told, too.
steady_peers() {
	local name entry told out

	for name in "${peers[@]}"; do
		for entry in "${steady_loads[@]}"; do
			peer_again "$name" || break
			for out in "$work"/peer.[0-9]; do
				: >"$out"
			done
			# shellcheck disable=SC2086 # words
			steady_load "$name" $entry "${peer_pids[@]}"
			peer_stop
			told=$(cat "$work"/peer.[0-9] | grep -cF "$(steady_object "${entry%% *}")")
			rm -f "$work"/peer.[0-9]
			echo "$steady_result $told" | awk '{ $7 = $3 > $7 ? $3 - $7 : 0; print }' >>"$work/steady"
		done
	done
}

# ---- results ----

peers_table() {
	local name load

	echo
	sed 's/\t/: /' "$work/peers.missing"
	[ "${#peers[@]}" -gt 0 ] || return 0
	echo "The same under what Debian has: ns more for each (ratio)"
	printf '%-10s' load
	printf ' %22s' "${peers[@]}"
	echo
	for load in "${rows[@]}"; do
		[[ "$load " =~ $PEER_LOADS ]] || continue
		printf '%-10s' "$load"
		for name in "${peers[@]}"; do
			compared "$load" "$name" 22
		done
		echo
	done
}

peers_missing_json() {
	awk -F '\t' '{ gsub(/["\\]/, "", $2)
		printf "%s{\"peer\":\"%s\",\"reason\":\"%s\"}", (NR > 1 ? "," : ""), $1, $2 }' "$work/peers.missing"
}
