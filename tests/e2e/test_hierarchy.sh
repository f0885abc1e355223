#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Cgroup layouts without an engine: a container in version 2, one that old engines put into
# version 1 only, cgroups that a container makes below its own; each there before the agent
# starts, and made while it runs.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

CGROUPS=()

new_id() {
	od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

make_cgroup() { # DIRECTORY
	mkdir -p "$1" && CGROUPS=("$1" "${CGROUPS[@]}")
}

remove_cgroups() {
	local cgroup
	for cgroup in "${CGROUPS[@]}"; do
		rmdir "$cgroup" 2>/dev/null
	done
	return 0
}

# run_in CGROUP COMMAND...
run_in() {
	sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$@"
}

mount_point() { # TYPE [CONTROLLER]
	awk -v type="$1" -v word="${2:-.}" '$3 == type && $4 ~ word { print $2; exit }' /proc/mounts
}

# expect NAME ID CGROUP: a shell in CGROUP gives one alert, which names the container ID.
expect() {
	local -x ID=$2
	run_in "$3" "$E2E_DIR/ash" -c :
	alerts_wait 2 1 '."container.full_id" == env.ID'
	is "$1" "$(alerts '."container.full_id" == env.ID' | jq -c '.output_fields."evt.res"')" \
		'"SUCCESS"'
}

test_in() { # NAME MOUNT
	local before after below
	before=$(new_id) after=$(new_id) below=$(new_id)
	make_cgroup "$2/barewatch-test" && make_cgroup "$2/barewatch-test/$before" &&
		make_cgroup "$2/barewatch-test/$below" &&
		make_cgroup "$2/barewatch-test/$below/libpod-$before.scope" || return
	agent_start --bare "$before" --bare "$after" --bare "$below" || return
	make_cgroup "$2/barewatch-test/$after"
	expect "$1: a container that was there" "$before" "$2/barewatch-test/$before"
	expect "$1: a container that came" "$after" "$2/barewatch-test/$after"
	expect "$1: a cgroup that was named like another container" "$below" \
		"$2/barewatch-test/$below/libpod-$before.scope"
	is "$1: nothing else was said" "$(wc -l <"$E2E_DIR/alerts.jsonl")" 3
	agent_stop
	is "$1: the agent ends well" "$AGENT_STATUS" 0
	remove_cgroups
}

e2e_begin remove_cgroups
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
