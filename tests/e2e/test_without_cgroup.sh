#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Containers that podman and crun were told to give no cgroup (--cgroups=disabled): they run in
# that of their caller, and are told by their mounts. What else runs there is not theirs.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

# without_cgroup [OPTION...] IMAGE COMMAND...: ENGINE_ID is set.
without_cgroup() {
	rm -f "$ENGINE_DIR/cid" "$ENGINE_DIR/cid.podman" # the hook links the two
	engine_podman run -d --cidfile "$ENGINE_DIR/cid.podman" --cgroups disabled "$@" \
		>/dev/null || return
	ENGINE_ID=$(cat "$ENGINE_DIR/cid.podman")
}

without_cgroup_to_its_end() {
	without_cgroup "$@" && engine_podman wait "$ENGINE_ID" >/dev/null
}

# expect_alerts NAME COUNT FILTER: the last container has given so many, all of which match.
expect_alerts() {
	local -x ID=$ENGINE_ID
	local got matching

	alerts_wait 20 "$2" '."container.full_id" == env.ID'
	got=$(alerts '."container.full_id" == env.ID')
	matching=$(alerts '."container.full_id" == env.ID and ('"$3"')')
	if [ "$(printf '%s\n' "$got" | grep -c .)" = "$2" ] && [ "$got" = "$matching" ]; then
		ok "$1"
	else
		not_ok "$1" "container: $ID
expected: $2 alerts with $3
got: $got
log: $(agent_log)"
	fi
}

test_entrypoint() {
	without_cgroup_to_its_end --name alone shelly /bin/sh -c true
	expect_alerts "a shell as the entrypoint is reported" 1 '
		(."exe.resolved" == "/bin/busybox") and (."proc.argv" == ["/bin/sh", "-c", "true"])
		and (."proc.entry" == "entrypoint") and (."container.name" == "alone")'
}

# The agent finds it by its files, before it executes anything.
test_made_and_started_later() {
	rm -f "$ENGINE_DIR/cid" "$ENGINE_DIR/cid.podman"
	engine_podman create --cidfile "$ENGINE_DIR/cid.podman" --cgroups disabled shelly \
		/bin/sh -c true >/dev/null
	ENGINE_ID=$(cat "$ENGINE_DIR/cid.podman")
	engine_podman init "$ENGINE_ID" >/dev/null
	sleep 1
	engine_podman start "$ENGINE_ID" >/dev/null
	expect_alerts "so it is when it is started long after it was made" 1 '
		(."proc.argv" == ["/bin/sh", "-c", "true"]) and (."proc.entry" == "entrypoint")'
}

# Each ends before anybody can look at it.
test_many() {
	local -x ID
	local missed=()

	for _ in {1..15}; do
		without_cgroup_to_its_end shelly /bin/sh -c true
		ID=$ENGINE_ID
		alerts_wait 2 1 '."container.full_id" == env.ID'
		[ -n "$(alerts '."container.full_id" == env.ID and ."proc.entry" == "entrypoint"
			and ."exe.resolved" == "/bin/busybox"')" ] || missed+=("$ID")
	done
	is "so is each of many that last for one shell" "${missed[*]}" ""
}

test_session() {
	without_cgroup --name long shelly /app 300
	engine_podman exec long /bin/sh -c true
	expect_alerts "so is one in a session" 1 '
		(."proc.argv" == ["/bin/sh", "-c", "true"]) and (."proc.entry" == "runtime-exec")'
}

test_own_mounts() {
	without_cgroup_to_its_end --privileged shelly /bin/busybox unshare -m /bin/sh -c true
	expect_alerts "a mount namespace made inside is still the container's" 1 '
		(."proc.argv" == ["/bin/sh", "-c", "true"])'
}

# Its first process is in other mounts than those that tell the container; longer than the agent
# takes to look whether that is still there.
test_lasting_own_mounts() {
	without_cgroup --name moved --privileged shelly /bin/busybox unshare -m /app 300
	sleep 2.5
	engine_podman exec moved /bin/sh -c true
	expect_alerts "nor does it end when its first process makes itself other mounts" 1 '
		(."proc.argv" == ["/bin/sh", "-c", "true"])'
}

test_failing() {
	without_cgroup_to_its_end bare /try_exec /bin/sh -c id
	expect_alerts "a shell that does not exist is reported as attempted" 1 '
		(."evt.res" == "ENOENT") and (."exe.invoked" == "/bin/sh")'
}

# In the same cgroup, before it and after its end.
test_neighbour() {
	local -x MARK=": neighbour-$$"

	engine_enter /bin/sh -c "$MARK"
	for _ in {1..5}; do # the number of the namespace is given out again at once
		without_cgroup_to_its_end shelly /bin/sh -c true
		engine_enter unshare -m /bin/sh -c "$MARK"
	done
	expect_alerts "a container beside others in its cgroup gives its own alert" 1 true
	is "what else runs in its cgroup gives none" "$(alerts '."proc.argv"[2] == env.MARK')" ""
}

test_ps() {
	local -x ID

	without_cgroup --name listed shelly /app 300
	ID=$ENGINE_ID
	is "ps lists it" "$("$BAREWATCH" ps "${AGENT_OPTIONS[@]}" -o json |
		jq -r '.. | objects | select(.id? == env.ID) | .name')" listed
}

test_found_at_start() {
	without_cgroup --name earlier shelly /app 300
	agent_start --bare all || return
	engine_podman exec earlier /bin/sh -c true
	expect_alerts "one that was there before the agent is watched" 1 '
		(."proc.entry" == "runtime-exec") and (."container.name" == "earlier")'
	agent_stop
}

test_all() {
	AGENT_OPTIONS+=(--engine-root "crun=$ENGINE_DIR/run/crun")
	agent_start --bare all || return
	test_entrypoint
	test_made_and_started_later
	test_many
	test_session
	test_own_mounts
	test_lasting_own_mounts
	test_failing
	test_neighbour
	test_ps
	agent_stop
	test_found_at_start
}

layouts_test test_all
