#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Cgroup layouts without an engine: a container in version 2, one that old engines put into
# version 1 only, cgroups that a container makes below its own; each there before the agent
# starts, and made while it runs.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

# expect NAME ID CGROUP: a shell in CGROUP gives one alert, which names the container ID.
expect() {
	local -x ID=$2
	run_in "$3" "$E2E_DIR/ash" -c :
	alerts_wait 2 1 '."container.full_id" == env.ID'
	is "$1" "$(alerts '."container.full_id" == env.ID' | jq -c '.output_fields."evt.res"')" \
		'"SUCCESS"'
}

test_in() { # NAME MOUNT
	local top=$2/barewatch-hierarchy.$$ before after below
	before=$(new_id) after=$(new_id) below=$(new_id)
	cgroup_tree "$top" || return
	mkdir -p "$top/$before" "$top/$below/libpod-$before.scope"
	agent_start --bare "$before" --bare "$after" --bare "$below" || return
	mkdir "$top/$after"
	expect "$1: a container that was there" "$before" "$top/$before"
	expect "$1: a container that came" "$after" "$top/$after"
	expect "$1: a cgroup that was named like another container" "$below" \
		"$top/$below/libpod-$before.scope"
	is "$1: nothing else was said" "$(alerts_count true)" 3
	agent_stop
	is "$1: the agent ends well" "$AGENT_STATUS" 0
	cgroups_remove
}

e2e_begin cgroups_remove
[ "$(id -u)" = 0 ] || skip_all "needs root"
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash"
v2=$(mount_point cgroup2)
v1=$(mount_point cgroup memory)
if [ -n "$v2" ]; then
	test_in "version 2" "$v2"
else
	skip "version 2" "no cgroup v2 hierarchy here"
fi
if [ -n "$v1" ]; then
	test_in "version 1" "$v1"
else
	skip "version 1" "no cgroup v1 hierarchy with the memory controller here"
fi
tap_end
