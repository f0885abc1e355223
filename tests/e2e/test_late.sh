#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Containers of which their engine tells something only after the first alert: that leaves at
# once, and a follow-up with the same id completes it. And a container that only its name makes
# bare, which is known late.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

# config ID NAME: what Docker writes of a container.
config() {
	mkdir -p "$E2E_DIR/docker/containers/$1"
	printf '{"ID":"%s","Name":"/%s","Config":{"Image":"%s:1"}}' "$1" "$2" "$2" \
		>"$E2E_DIR/docker/containers/$1/.tmp"
	mv "$E2E_DIR/docker/containers/$1/.tmp" "$E2E_DIR/docker/containers/$1/config.v2.json"
}

# of CONTAINER FILTER: what FILTER makes of each record about it.
of() {
	ID=$1 jq -c "select(.output_fields.\"container.full_id\" == env.ID) | $2" \
		"$E2E_DIR/alerts.jsonl"
}

records_reach() { # COUNT ID
	[ "$(of "$2" .alert_id | wc -l)" -ge "$1" ]
}

make_container() { # ID
	mkdir "$top/$1"
}

test_follow_up() {
	local late=$1 early=$2

	config "$early" early
	make_container "$early"
	make_container "$late"
	run_in "$top/$early" "$E2E_DIR/ash" -c :
	run_in "$top/$late" "$E2E_DIR/ash" -c :
	run_in "$top/$late" "$E2E_DIR/ash" -c :
	wait_until 3 records_reach 2 "$late"
	is "the alerts leave without a name" "$(of "$late" '[.output_fields."container.name",
		.follow_up]')" $'[null,null]\n[null,null]'
	config "$late" later
	wait_until 5 records_reach 4 "$late"
	is "a follow-up for each tells the name and the image" "$(of "$late" 'select(.follow_up) |
		.output_fields | [."container.name", ."container.image", ."evt.res"]' | sort -u)" \
		'["later","later:1",null]'
	is "the follow-ups have the ids of the alerts" \
		"$(of "$late" 'select(.follow_up) | .alert_id')" \
		"$(of "$late" 'select(.follow_up | not) | .alert_id')"
	is "no alert has the id of another" "$(jq -r 'select(.follow_up | not) | .alert_id' \
		"$E2E_DIR/alerts.jsonl" | sort | uniq -d)" ""
	is "no follow-up where all was known" "$(of "$early" '.follow_up // false')" false
	run_in "$top/$late" "$E2E_DIR/ash" -c :
	wait_until 3 records_reach 5 "$late"
	is "from then on alerts have the name" "$(of "$late" '.output_fields."container.name"' |
		tail -n 1)" '"later"'
}

# The name comes before the shell, but after the cgroup.
test_policy() {
	make_container "$1"
	sleep 0.2
	config "$1" wanted
	run_in "$top/$1" "$E2E_DIR/ash" -c :
	wait_until 3 records_reach 1 "$1"
	is "a name that comes late still makes a container bare" \
		"$(of "$1" '.output_fields | [."container.name", ."container.bare_source"]')" \
		'["wanted","option"]'
}

e2e_begin cgroups_remove
[ "$(id -u)" = 0 ] || skip_all "needs root"
v2=$(mount_point cgroup2)
[ -n "$v2" ] || skip_all "no cgroup v2 hierarchy here"
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash"
mkdir -p "$E2E_DIR/docker/containers"
AGENT_OPTIONS=(--engine-root docker="$E2E_DIR/docker")
top=$v2/barewatch-late.$$/docker
cgroup_tree "$top"
late=$(new_id) early=$(new_id) named=$(new_id)
if agent_start --bare "$late" --bare "$early" --bare wanted; then
	test_follow_up "$late" "$early"
	test_policy "$named"
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
fi
tap_end
