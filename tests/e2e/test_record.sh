#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A session that is watched and recorded at once: what rules make of the recording is what the
# agent said live. And recordings that may not begin, or end early. Everything is done in both
# cgroup layouts; LAYOUTS chooses.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

# alerts_only FILE: its alerts without what the agent says of itself. Instead of its id, which the texts of
# follow-ups have as well, each has the number of the alert that it is or completes.
alerts_only() {
	jq -cs 'map(select(.source != "internal")) | map(.alert_id) as $ids |
		.[] | .alert_id as $id | .alert_id = ($ids | index($id)) |
		.output |= gsub($id; "ID")' "$1"
}

replay() {
	"$BAREWATCH" replay -o json "$@" >"$E2E_DIR/replayed.jsonl" 2>"$E2E_DIR/replay.log"
}

# same_alerts NAME: what is in replayed.jsonl is what the agent has said.
same_alerts() {
	if [ -s "$E2E_DIR/alerts.jsonl" ] && alerts_only "$E2E_DIR/alerts.jsonl" >"$E2E_DIR/live" &&
		alerts_only "$E2E_DIR/replayed.jsonl" >"$E2E_DIR/again" &&
		cmp -s "$E2E_DIR/live" "$E2E_DIR/again"; then
		ok "$1"
	else
		not_ok "$1" "$(diff "$E2E_DIR/live" "$E2E_DIR/again" | cut -c 1-400 | head -n 20)
$(cat "$E2E_DIR/replay.log")"
	fi
}

is_told() { # FILTER
	if alerts_wait 5 1 "$1"; then
		ok "told live: $1"
	else
		not_ok "told live: $1" "$(agent_log)"
	fi
}

# Containers without an engine, of one of which the name comes after the alert.
by_hand() {
	local late

	late=$(new_id)
	mkdir -p "$E2E_DIR/docker/containers"
	cgroup_tree "$hand_made"
	mkdir "$hand_made/$late"
	run_in "$hand_made/$late" "$E2E_DIR/ash" -c ': late'
	is_told '."proc.argv"[2] == ": late" and ."container.name" == null'
	mkdir -p "$E2E_DIR/docker/containers/$late"
	printf '{"ID":"%s","Name":"/la\\"te","Config":{"Image":"late:1"}}' "$late" \
		>"$E2E_DIR/docker/containers/$late/config.v2.json"
	is_told '."container.name" == "la\"te"'
}

with_an_engine() {
	mkdir -p "$E2E_DIR/volume"
	cp "$PROGRAMS/app" "$E2E_DIR/volume/brought along"
	engine_run --name plain bare /app 0
	engine_run --name odd shelly /odd_args /bin/sh
	engine_run --name shelly shelly /bin/sh -c ': ä🐚'
	engine_run --name foreign -v "$E2E_DIR/volume:/mnt" bare "/mnt/brought along" 0
	engine_run --name tries shelly /bin/sh -c 'i=0; while [ $i -lt 300 ]; do /nothing/bash -c "x y"
		i=$((i + 1)); done; true' 2>/dev/null
	engine_run --name writes shelly /bin/sh -c ': >/bin/written'
	engine_run --name missing bare bash -c : 2>/dev/null
	engine_run --name mover -v /sys/fs/cgroup:/cg shelly /bin/sh -c \
		'for procs in /cg/cgroup.procs /cg/*/cgroup.procs; do echo 0 >$procs; done; true' 2>/dev/null
	is_told '."attempt.repeats" > 10'
	is_told '."evt.subject" == "move"'
	is_told '."evt.subject" == "open" and ."fd.name" == "/bin/written"'
	is_told '."attempt.cause" == "runtime_lookup"'
	is_told '."exe.foreign" == true and ."exe.origin" == "volume"'
	is_told '."evt.escaped" != null'
}

# other_rules: rules that were not there when the session was recorded.
other_rules() {
	printf '%s\n' '- rule: anything' '  desc: d' '  condition: container.bare = true' \
		'  output: "%evt.subject of %proc.name [%proc.argv] in %container.name"' \
		'  priority: NOTICE' >"$E2E_DIR/other.yaml"
}

test_session() {
	AGENT_OPTIONS+=(--engine-root "docker=$E2E_DIR/docker")
	agent_start --bare all --record "$E2E_DIR/$1.jsonl" || return
	by_hand
	with_an_engine
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	is "the recording is its owner's alone" "$(stat -c %a "$E2E_DIR/$1.jsonl")" 600
	is "its first line tells whose it is" "$(head -n 1 "$E2E_DIR/$1.jsonl" |
		jq -r '"\(.version) \(.hostname)"')" "1 $(hostname)"
	is "an event that no rule speaks of is in it" "$(jq -r 'select(.fields."container.name" ==
		"plain" and .fields."exe.resolved" == "/app") | .fields."evt.subject"' \
		"$E2E_DIR/$1.jsonl" | sort -u)" exec
	replay "$E2E_DIR/$1.jsonl"
	is "it can be replayed" $? 0
	same_alerts "its alerts are those of the session"
	cp "$E2E_DIR/$1.jsonl" "$E2E_DIR/open.jsonl" && chmod 644 "$E2E_DIR/open.jsonl"
	chmod 755 "$E2E_DIR"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$BAREWATCH" replay -o json \
		- <"$E2E_DIR/open.jsonl" >"$E2E_DIR/replayed.jsonl" 2>"$E2E_DIR/replay.log"
	same_alerts "nobody in particular can do so, too"
	other_rules
	replay --rules "$E2E_DIR/other.yaml" "$E2E_DIR/$1.jsonl"
	is "other rules speak of each event" "$(jq -r 'select(.follow_up | not) | .time' \
		"$E2E_DIR/replayed.jsonl" | wc -l)" "$(jq -c 'select(.fields and
		.follow_up == null)' "$E2E_DIR/$1.jsonl" | wc -l)"
}

# refused NAME STATUS PATTERN ARGUMENTS...
refused() {
	local name=$1 status=$2 pattern=$3 got

	shift 3
	timeout 30 "$BAREWATCH" "$@" >"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
	got=$?
	if [ "$got" = "$status" ] && [ ! -s "$E2E_DIR/out" ] && grep -q "$pattern" "$E2E_DIR/err"; then
		ok "$name"
	else
		not_ok "$name" "status $got, expected $status, and a line like: $pattern
$(cat "$E2E_DIR/err" "$E2E_DIR/out")"
	fi
}

# The shells that fill a recording of 1 MiB.
busy() {
	exec_in "$hand_made/$1" "$E2E_DIR/ash" -c "while :; do $E2E_DIR/ash -c : \"\$(:)\"; done"
}

test_ends() {
	local id size

	id=$(new_id)
	mkdir -p "$hand_made/$id"
	refused "nothing is written over" 3 "$1.jsonl: File exists" \
		record -w "$E2E_DIR/$1.jsonl" --bare all
	(busy "$id") &
	refused "a recording that is full ends, and that is no error" 0 "as large as it may be" \
		record -w "$E2E_DIR/$1.full" --max-size 1 --bare all --engine-root "docker=$E2E_DIR/docker"
	size=$(stat -c %s "$E2E_DIR/$1.full")
	[ "$size" -le 1048576 ] && [ "$size" -gt 1000000 ]
	is "it is as large as it may be" $? 0
	replay "$E2E_DIR/$1.full"
	is "and can be replayed" $? 0
	mkdir -p "$E2E_DIR/small" && mount -t tmpfs -o size=128k none "$E2E_DIR/small"
	refused "a full disk is an error" 4 "the recording has ended: No space left on device" \
		record -w "$E2E_DIR/small/$1" --bare all --engine-root "docker=$E2E_DIR/docker"
	replay "$E2E_DIR/small/$1"
	is "what was written before is whole" "$? $(grep -c 'in the middle' "$E2E_DIR/replay.log")" "0 0"
	umount "$E2E_DIR/small"
	end_children
}

test_all() {
	local layout=${TAP_PREFIX%%:*}

	cp /bin/busybox "$E2E_DIR/busybox" && ln -sf busybox "$E2E_DIR/ash"
	hand_made=$(mount_point cgroup2)/barewatch-record.$$/docker
	test_session "$layout"
	test_ends "$layout"
	cgroups_remove
}

layouts_test test_all
