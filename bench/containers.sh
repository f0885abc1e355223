# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The part of bench.sh that needs real containers, to be sourced by it: what a bare
# container's execs cost, by what is known of the file. A private podman (tests/e2e/engine.sh)
# has an image with the loads, and a volume with what the image does not hold.
#
#	known	a file of the image
#	foreign	one of the volume, executed again and again: an alert each
#	new	files of the volume, each executed once: a look and an alert each
#	big	the same, 100 MB each: a static busybox and much behind it, called sh
#
# What bench.sh sets is used here, and the other way round:
# shellcheck disable=SC2154,SC2034

# shellcheck source-path=SCRIPTDIR source=../tests/e2e/engine.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/engine.sh"

NEW_FILES=200
BIG_FILES=4
BIG_BYTES=100000000
PATIENCE_MS=200 # IDENTITY_PATIENCE_MS

container_rows=(known foreign new big)

# True when there is an engine. Says why not.
containers_up() {
	local reason

	reason=$(engine_missing v2)
	if [ -n "$reason" ]; then
		echo "bench: without containers: $reason" >&2
		return 1
	fi
	{ engine_up v2 && make_image && make_volume; } >"$work/engine.log" 2>&1 && return
	cat "$work/engine.log" >&2
	fail "no container could be made"
}

make_image() {
	mkdir "$work/image" && cp "$build/bench/load" "$build/bench/true" "$work/image" &&
		podman_import bench "$work/image"
}

make_volume() {
	local i

	mkdir -p "$work/volume/new" && cp "$build/bench/true" "$work/volume/foreign" || return
	for ((i = 0; i < NEW_FILES; i++)); do
		cp "$build/bench/true" "$work/volume/new/$i" || return
	done
	for ((i = 0; i < BIG_FILES; i++)); do
		mkdir -p "$work/volume/big/$i" && make_big_file "$work/volume/big/$i/sh" || return
	done
}

# Program text over and over, since zeros would be read faster.
make_big_file() { # FILE
	cp "$(command -v busybox)" "$1" || return
	while [ "$(stat -c %s "$1")" -lt "$BIG_BYTES" ]; do
		cat "$build/barewatch" >>"$1" || return
	done
	truncate -s "$BIG_BYTES" "$1"
}

# In a container of its own. PLACE: without or inside.
run_in_container() { # PLACE NAME COUNT PATH...
	local place=$1 name=$2 count=$3 before=0

	shift 3
	[ "$place" = without ] || { settle && before=$(agent_cpu_ns); }
	engine_podman exec "$ENGINE_ID" /load exec "$count" "$@" </dev/null \
		>>"$work/$name.$place" 2>>"$work/engine.log" || {
		cat "$work/engine.log" >&2
		fail "the load $name did not run"
	}
	[ "$place" = without ] || note_agent_cpu "$name" "$count" "$before"
}

run_in_containers() { # PLACE
	engine_start -v "$work/volume:/volume" bench /load pause 2>"$work/engine.log" || {
		cat "$work/engine.log" >&2
		fail "the container did not start"
	}
	run_in_container "$1" known 2000 /true
	run_in_container "$1" foreign 1000 /volume/foreign
	# shellcheck disable=SC2046 # words
	run_in_container "$1" new "$NEW_FILES" $(seq -f '/volume/new/%g' 0 $((NEW_FILES - 1)))
	# shellcheck disable=SC2046
	run_in_container "$1" big "$BIG_FILES" $(seq -f '/volume/big/%g/sh' 0 $((BIG_FILES - 1)))
	engine_podman rm -f -t 0 "$ENGINE_ID" >>"$work/engine.log" 2>&1
}

# When each alert came, beside when it happened and what it is of. That there is a session is none
# of them: each load is one.
stamp_alerts() {
	jq -r --unbuffered 'select(.rule != "Session in bare container") | [now, (.time[:19] + "Z" | fromdate) + (.time[19:-1] | "0" + . | tonumber),
		.alert_id, .output_fields."exe.resolved", .output_fields."exe.class",
		.output_fields."exe.class_source"] | @tsv'
}

container_pair() {
	local alerts=$work/fifo stamper

	run_in_containers without
	rm -f "$work/fifo" && mkfifo "$work/fifo"
	stamp_alerts <"$work/fifo" >"$work/stamped" &
	stamper=$!
	start_agent --engine-root "podman=$ENGINE_ROOT"
	run_in_containers inside
	stop_agent
	wait "$stamper"
	check_alerts
	cat "$work/stamped" >>"$work/stamps"
}

# Each exec of what is not the image's gives an alert, and no other: else something else was
# measured.
check_alerts() {
	local wanted=$((1000 + NEW_FILES + BIG_FILES)) given others

	given=$(cut -f 3 "$work/stamped" | sort -u | wc -l)
	others=$(cut -f 4 "$work/stamped" | grep -cvE '^(/volume/|$)') # none in a follow-up
	[ "$given $others" = "$wanted 0" ] ||
		fail "$given alerts, $others of other files, for $wanted foreign programs"
}

# When the alerts of the big files came, and what their bytes tell: with all of them at once,
# the agent does not wait for the last.
big_alerts() {
	awk -F '\t' '$4 ~ /big/ { begun[$3] = $2; first[$3] = ($1 - $2) * 1e3 }
		$3 in begun && $6 == "content" { class[$3] = ($1 - begun[$3]) * 1e3 }
		END { for (id in first) print first[id], id in class ? class[id] : "-" }' \
		"$work/stamps" >"$work/big.times"
	printf 'big: %d alerts after %.0f ms (at most %.0f; a file is waited for %d), ' \
		"$(wc -l <"$work/big.times")" "$(cut -d ' ' -f 1 "$work/big.times" | median /dev/stdin)" \
		"$(cut -d ' ' -f 1 "$work/big.times" | sort -g | tail -n 1)" "$PATIENCE_MS"
	printf 'class by content under the same id of %d, after %.0f ms (at most %.0f)\n' \
		"$(grep -vc -- - "$work/big.times")" \
		"$(cut -d ' ' -f 2 "$work/big.times" | grep -v -- - | median /dev/stdin)" \
		"$(cut -d ' ' -f 2 "$work/big.times" | sort -g | tail -n 1)"
	awk -v ns="$(median "$work/big.agent")" -v bytes="$BIG_BYTES" 'BEGIN {
		printf "big: %.0f MB for each s of the agent\047s CPU\n", bytes / ns * 1e3 }'
}
