#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is pinned: an agent that is killed and started again misses nothing that happened
# meanwhile, says so, and leaves nothing behind when it is told to. And whether it notices
# that somebody blinds it: reads its ring, detaches its programs, hides what they report.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"
# shellcheck source-path=SCRIPTDIR source=engine.sh
. "$(dirname "$0")/engine.sh"

COUNT=200
PODMAN_COUNT=20

V2=$(mount_point cgroup2)
TOP=$V2/barewatch-restart.$$
PINS=

bpffs_unmount() {
	[ -z "$PINS" ] || umount "${PINS%/*}"
}

# What the kernel holds of ours, by name.
loaded() {
	{
		bpftool -j map list
		bpftool -j prog list
	} | jq -r '.[] | .name // "" | select(startswith("bw_") or startswith("barewatc"))' | sort
}

loaded_is() {
	[ "$(loaded)" = "$1" ]
}

log_has() {
	grep -qE -- "$1" "$E2E_DIR/agent.log"
}

log_says() { # NAME SECONDS PATTERN
	if wait_until "$2" log_has "$3"; then
		ok "$1"
	else
		not_ok "$1" "$(agent_log)"
	fi
}

# The alerts of all agents since the last ids_begin.
ids_begin() {
	rm -rf "$E2E_DIR/ids"
	mkdir "$E2E_DIR/ids"
}

ids_keep() {
	cp "$E2E_DIR/alerts.jsonl" "$E2E_DIR/ids/alerts.before"
}

ids_alerted() {
	cat "$E2E_DIR/ids/alerts.before" "$E2E_DIR/alerts.jsonl" 2>/dev/null |
		jq -r '.output_fields | select(."exe.class" == "shell" and ."evt.res" == "SUCCESS") |
			."container.full_id"'
}

ids_made() {
	sort "$E2E_DIR/ids/made"
}

ids_complete() {
	[ "$(ids_alerted | sort -u)" = "$(ids_made)" ]
}

# ids_are NAME: each container that was made has its alert.
ids_are() {
	wait_until 10 ids_complete
	is "$1" "$(diff <(ids_made) <(ids_alerted | sort -u) | head -n 5)" ""
}

# A container that lives for one shell.
short_container() {
	local id

	id=$(new_id)
	mkdir "$TOP/docker-$id.scope"
	echo "$id" >>"$E2E_DIR/ids/made"
	run_in "$TOP/docker-$id.scope" "$E2E_DIR/ash" -c :
	rmdir "$TOP/docker-$id.scope"
}

short_containers() { # COUNT
	local i

	for ((i = 0; i < $1; i++)); do
		short_container
	done
}

pinned_agent() {
	agent_start --pin "$PINS" "$@"
}

agent_term() {
	kill -TERM "$AGENT_PID"
	agent_wait
	is "the agent ends well" "$AGENT_STATUS" 0
}

# notice RULE: the agent said that of itself, in the form of an alert.
noticed() {
	local -x RULE=$1

	[ -n "$(jq -c 'select(.source == "internal" and .rule == env.RULE)' "$E2E_DIR/alerts.jsonl")" ]
}

notices() { # NAME RULE
	if wait_until 15 noticed "$2"; then
		ok "$1"
	else
		not_ok "$1" "$(agent_log)"
	fi
}

refuses() { # NAME PATTERN ARGUMENT...
	local name=$1 pattern=$2 status

	shift 2
	"$BAREWATCH" "$@" >"$E2E_DIR/out" 2>"$E2E_DIR/err"
	status=$?
	if [ "$status" = 3 ] && [ "$(wc -l <"$E2E_DIR/err")" = 1 ] &&
		grep -qE -- "$pattern" "$E2E_DIR/err"; then
		ok "$name"
	else
		not_ok "$name" "status $status: $(cat "$E2E_DIR/out" "$E2E_DIR/err")"
	fi
}

unloads() { # NAME PATTERN
	local said

	said=$("$BAREWATCH" unload --pin "$PINS" 2>&1)
	is "$1: status" $? 0
	if [[ $said =~ $2 ]]; then ok "$1"; else not_ok "$1" "$said"; fi
}

# ---- nothing is lost ----

# Some of the containers are made, run or end while the agent is killed.
test_killed_among_them() {
	ids_begin
	pinned_agent --bare all || return
	short_containers $((COUNT / 4))
	short_containers $((COUNT / 2)) &
	sleep 0.2
	agent_kill
	wait $!
	ids_keep
	short_containers $((COUNT / 4))
	pinned_agent --bare all || return
	ids_are "$COUNT containers, the agent killed among them: an alert for each"
	log_says "the window is said" 0 \
		'taken over: nobody read events from .* to .*Z \([0-9.]+ s\): [0-9]+ waited, 0 were lost'
	notices "and leaves as an alert" "barewatch: taken over"
	agent_kill
}

# No agent has known anything of these. It is started by what its predecessor has left.
test_while_there_is_none() {
	ids_begin
	short_containers "$COUNT"
	pinned_agent --bare all || return
	ids_are "$COUNT containers while there is no agent: an alert for each"
	is "and none twice" "$(ids_alerted | sort | uniq -d)" ""
	agent_term
}

# A container that the agent knew by its name, and whose files are gone when the next one comes.
test_known_by_name() {
	local id

	ids_begin
	id=$(new_id)
	mkdir -p "$E2E_DIR/docker/containers/$id"
	echo '{"Name":"/web","Config":{"Image":"i"}}' \
		>"$E2E_DIR/docker/containers/$id/config.v2.json"
	pinned_agent --bare web --engine-root "docker=$E2E_DIR/docker" || return
	mkdir "$TOP/docker-$id.scope"
	run_in "$TOP/docker-$id.scope" "$E2E_DIR/busybox" true
	sleep 0.2 # read, and no more
	agent_kill
	echo "$id" >"$E2E_DIR/ids/made"
	run_in "$TOP/docker-$id.scope" "$E2E_DIR/ash" -c :
	rmdir "$TOP/docker-$id.scope"
	rm -r "$E2E_DIR/docker/containers/$id"
	pinned_agent --bare web --engine-root "docker=$E2E_DIR/docker" || return
	ids_are "a container that was bare by its name, gone meanwhile with its files"
	is "its name is still known" \
		"$(jq -r '.output_fields."container.name" // empty' "$E2E_DIR/alerts.jsonl")" web
	agent_term
}

# The next agent has another policy: what is in scope is decided anew.
test_other_policy() {
	local first second

	ids_begin
	first=$(new_id) second=$(new_id)
	mkdir "$TOP/docker-$first.scope" "$TOP/docker-$second.scope"
	mkdir "$TOP/docker-$second.scope/below"
	pinned_agent --bare "$first" || return
	agent_term
	pinned_agent --bare "$second" || return
	run_in "$TOP/docker-$first.scope" "$E2E_DIR/ash" -c :
	run_in "$TOP/docker-$second.scope/below" "$E2E_DIR/ash" -c :
	echo "$second" >"$E2E_DIR/ids/made"
	ids_are "another policy holds for containers that were there"
	agent_term
	rmdir "$TOP/docker-$second.scope/below" "$TOP"/docker-*.scope
}

test_podman() {
	local i reason

	reason=$(engine_missing v2)
	if [ -n "$reason" ]; then
		skip "$PODMAN_COUNT containers of podman while there is no agent" "$reason"
		return
	fi
	ids_begin
	mkdir "$E2E_DIR/image"
	cp "$PROGRAMS/app" "$E2E_DIR/image"
	if ! engine_up v2 || ! engine_images "$E2E_DIR/image"; then
		not_ok "podman can be started"
		engine_down
		return
	fi
	for ((i = 0; i < PODMAN_COUNT; i++)); do
		engine_run shelly /bin/sh -c : >/dev/null </dev/null
		echo "$ENGINE_ID" >>"$E2E_DIR/ids/made"
	done
	pinned_agent --bare all || return
	ids_are "$PODMAN_COUNT containers of podman while there is no agent: an alert for each"
	agent_term
	engine_down
}

# ---- another kernel side ----

generations() {
	find "$PINS" -mindepth 1 -maxdepth 1 -printf '%f\n'
}

test_replaced() {
	local before after

	ids_begin
	before=$(generations)
	short_containers 50
	pinned_agent --bare all --ring-size 2048 || return
	short_containers 10
	ids_are "a kernel side of another size: what waited in the old ring is read"
	is "and nothing twice" "$(ids_alerted | sort | uniq -d)" ""
	after=$(generations)
	is "the old one is gone" "$(grep -cxF "$before" <<<"$after")" 0
	is "there is a new one" "$(wc -l <<<"$after")" 1
	agent_term
}

test_other_version() {
	local name

	ids_begin
	name=$(generations)
	mv "$PINS/$name" "$PINS/1_${name#*_}"
	pinned_agent --bare all --ring-size 2048 || return
	log_says "records of another version are said to be lost" 0 \
		'taken over: an agent with records of version 1 was replaced'
	short_containers 10
	ids_are "and everything is seen again"
	is "by the new kernel side alone" "$(generations)" "$name"
	agent_term
}

# Something else in the place of a map, and a generation that was not finished.
test_not_ours() {
	local file

	ids_begin
	file=$(echo "$PINS"/*/map_bw_scopes)
	rm "$file"
	bpftool map create "$file" type hash key 8 value 8 entries 16 name bw_scopes
	mkdir "$PINS/unfinished"
	pinned_agent --bare all --ring-size 2048 || return
	log_says "a map that is not ours is not taken over" 0 'not taken over .*in its place'
	short_containers 10
	ids_are "and everything is seen again"
	agent_term
}

# ---- who blinds it ----

test_blinded() {
	ids_begin
	pinned_agent --bare all --ring-size 2048 --canary 1 || return
	kill -STOP "$AGENT_PID"
	short_containers 3
	"$PROGRAMS/pinned" "$PINS"/*/map_bw_events steal || bail_out "cannot steal"
	kill -CONT "$AGENT_PID"
	notices "records that somebody else reads are missed" "barewatch: events taken"
	"$PROGRAMS/pinned" "$PINS"/*/map_bw_agent canary 0
	notices "a canary that does not come is missed" "barewatch: blind"
	"$PROGRAMS/pinned" "$PINS"/*/map_bw_agent canary "$AGENT_PID"
	notices "and so is it said when it comes" "barewatch: sees execs"
	rm "$PINS"/*/link_bw_exec
	notices "a program that is not pinned any more is said" "barewatch: detached"
	agent_term
	pinned_agent --bare all --ring-size 2048 || return
	log_says "and attached by the next agent" 0 '1 programs were not attached'
	: >"$E2E_DIR/ids/made"
	short_containers 3
	ids_are "which sees everything again"
	agent_kill
}

test_nothing_is_taken() {
	pinned_agent --bare all --canary 1 || return
	short_containers 100
	sleep 5
	agent_term
	is "with nobody to blind it nothing is said" \
		"$(jq -r 'select(.source == "internal") | .rule' "$E2E_DIR/alerts.jsonl" |
			grep -v 'taken over')" ""
}

# ---- who may, and what is left ----

test_refused() {
	mkdir "${PINS%/*}/open"
	chmod 755 "${PINS%/*}/open"
	refuses "a directory that others can read" 'open is not root.s alone' \
		watch --bare all --state-file "" --pin "${PINS%/*}/open"
	rmdir "${PINS%/*}/open"
	refuses "a directory that is not on bpffs" 'no bpf file system is mounted at' \
		watch --bare all --pin "$E2E_DIR/pins"
	pinned_agent --bare all || return
	refuses "a second agent" "another agent uses $PINS" watch --bare all --pin "$PINS"
	refuses "unloading while an agent runs" "another agent uses $PINS" unload --pin "$PINS"
}

test_left() { # LOADED-BEFORE
	agent_stop
	is "SIGINT leaves no directory" "$(ls -d "$PINS" 2>/dev/null)" ""
	pinned_agent --bare all || return
	agent_term
	log_says "SIGTERM leaves it, and says so" 0 'recording goes on for the next agent'
	unloads "unload says what it removes" "removed $PINS: [1-9][0-9]* links, [1-9]"
	is "nothing is left in the file system" "$(ls -d "$PINS" 2>/dev/null)" ""
	wait_until 60 loaded_is "$1"
	is "nothing is left in the kernel" "$(loaded)" "$1"
	unloads "unload with nothing there" "nothing is pinned at $PINS"
	agent_start --pin "$PINS" --bare all --max-alerts 1 || return
	ids_begin
	short_containers 1
	agent_wait
	is "a limit leaves nothing" "$(ls -d "$PINS" 2>/dev/null)" ""
}

e2e_begin cgroups_remove engine_down bpffs_unmount
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -n "$V2" ] || skip_all "no cgroup v2 hierarchy here"
mkdir "$E2E_DIR/bpf"
mount -t bpf none "$E2E_DIR/bpf" 2>/dev/null || skip_all "no bpf file system can be mounted here"
PINS=$E2E_DIR/bpf/barewatch
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash"
cgroup_tree "$TOP" || bail_out "cannot make a cgroup: $TOP"
BEFORE=$(loaded)

test_killed_among_them
test_while_there_is_none
test_known_by_name
test_other_policy
test_podman
test_replaced
test_other_version
test_not_ours
test_blinded
test_nothing_is_taken
test_refused
test_left "$BEFORE"
tap_end
