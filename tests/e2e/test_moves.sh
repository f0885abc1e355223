#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Processes that leave the cgroup of their container: that they do is reported, and what they
# do from then on is still the container's. Everything is done in both cgroup layouts;
# LAYOUTS chooses.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

SHELL_RULE="Shell in bare container"
MOVE_RULE="Process left its bare container's cgroup"

# The root cgroups, as a container sees them to which all are mounted at /cg.
roots() {
	case $TAP_PREFIX in
	v2*) echo "/cg/cgroup.procs" ;;
	*) echo "/cg/*/cgroup.procs" ;;
	esac
}

# expect_one NAME RULE FILTER: of all alerts of the last container, one is of RULE, and FILTER
# is true of its fields.
expect_one() {
	local -x ID=$ENGINE_ID RULE=$2
	local all

	alerts_wait 5 1 '(."container.full_id" == env.ID) and ('"$3"')'
	all=$(alerts '(."container.full_id" == env.ID) and ('"$3"')' |
		jq -c 'select(.rule == env.RULE)')
	if [ "$(printf '%s\n' "$all" | grep -c .)" = 1 ]; then
		ok "$1"
		return
	fi
	not_ok "$1" "container: $ENGINE_ID
expected: one alert, rule '$RULE', fields $3
got: $(alerts '."container.full_id" == env.ID')
log: $(agent_log)"
}

test_shell_in_the_root_cgroup() {
	engine_run --name mover -v /sys/fs/cgroup:/cg shelly /bin/sh -c "
		for procs in $(roots); do echo 0 >\$procs; done
		/bin/sh -c ': moved'; true" 2>/dev/null
	expect_one "a shell that moves to the root cgroup is reported" "$MOVE_RULE" '
		(."evt.subject" == "move") and (."container.name" == "mover") and
		(."move.to" == "/") and (."move.how" == "attach") and
		(."move.by_pid" == ."proc.pid") and (."move.by_name" == "sh") and
		(."proc.exepath" == "/bin/busybox")'
	expect_one "what it starts there is its container's too" "$SHELL_RULE" '
		(."proc.argv" == ["/bin/sh", "-c", ": moved"]) and
		(."container.name" == "mover") and (."proc.entry" == "child")'
}

# The one between the two shells has executed nothing.
test_ancestors() {
	engine_run --name family shelly /bin/sh -c "(/bin/sh -c ': grandchild'; true); true"
	expect_one "ancestors are named by their executables" "$SHELL_RULE" '
		(."proc.argv"[2] == ": grandchild") and
		(."proc.aexepath[1]" == "/bin/busybox") and
		(."proc.aexepath[2]" == "/bin/busybox") and
		(."proc.apid[1]" == ."proc.ppid") and (."proc.aname[1]" == "sh") and
		(."proc.ancestors" | startswith("sh<sh<")) and
		(."proc.sid" == 1) and (."proc.sid.exepath" == "/bin/busybox") and
		(."proc.vpgid" == 1)'
}

# By whoever has access to the cgroups from outside.
test_moved_from_outside() {
	local root pid

	engine_start --name still bare /app 60 || return
	pid=$(engine_podman inspect -f '{{.State.Pid}}' still)
	for root in $(engine_cgroup_mounts cgroup) $(engine_cgroup_mounts cgroup2); do
		echo "$pid" >"$root/cgroup.procs"
	done 2>/dev/null
	local -x PID=$pid
	expect_one "a process that somebody else moves is reported" "$MOVE_RULE" '
		(."proc.pid" == (env.PID | tonumber)) and (."move.by_name" == "test_moves.sh") and
		(."move.by_pid" != ."proc.pid") and (."proc.exepath" == "/app")'
	engine_podman rm -f -t 0 still >/dev/null
}

test_ordinary() {
	local -x ID

	engine_run --name plain bare /app 0 >/dev/null
	ID=$ENGINE_ID
	engine_run --name other shelly /bin/sh -c ': sentinel'
	expect_one "a container that comes and goes moves nothing" "$SHELL_RULE" \
		'."proc.argv"[2] == ": sentinel"'
	is "and gives no alert" "$(alerts '."container.full_id" == env.ID')" ""
	is "nor do sessions and ends of containers" "$(alerts '."evt.subject" == "move" and
		."container.name" != "mover" and ."container.name" != "still"')" ""
}

test_all() {
	agent_start --bare all || return
	test_shell_in_the_root_cgroup
	test_ancestors
	test_moved_from_outside
	test_ordinary
	agent_stop
	is "SIGINT ends the agent with status 0" "$AGENT_STATUS" 0
}

layouts_test test_all
