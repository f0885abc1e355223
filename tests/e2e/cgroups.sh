# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Containers without an engine: cgroups that are named as engines name theirs, and programs
# that are started in them. To be sourced after lib.sh.

CGROUP_TREES=() # what cgroups_remove removes, with all that is below

# What joins the cgroup $1 and then becomes the rest, for `sh -c`. No program starts in between.
CGROUP_JOIN='echo 0 >"$1/cgroup.procs" && shift && exec "$@"'

new_id() {
	od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# Where the hierarchy is mounted: mount_point cgroup2, mount_point cgroup memory.
mount_point() { # TYPE [CONTROLLER]
	awk -v type="$1" -v word="${2:-.}" '$3 == type && $4 ~ word { print $2; exit }' /proc/mounts
}

# run_in CGROUP COMMAND...
run_in() {
	sh -c "$CGROUP_JOIN" sh "$@"
}

# exec_in CGROUP COMMAND...: in place of this shell, for what is to run in the background.
exec_in() {
	exec sh -c "$CGROUP_JOIN" sh "$@"
}

# run_as NAME CGROUP FILE [ARG...]: with NAME for argv[0].
run_as() {
	bash -c 'echo 0 >"$2/cgroup.procs" && exec -a "$1" "${@:3}"' bash "$@"
}

# cgroup_tree DIRECTORY: makes it; it goes away at the end with all that was made below.
cgroup_tree() {
	CGROUP_TREES+=("$1")
	mkdir -p "$1"
}

cgroup_tree_remove() {
	find "$1" -depth -type d -print0 2>/dev/null | xargs -0r rmdir 2>/dev/null
	[ ! -e "$1" ]
}

# Processes that were just killed may hold their cgroups a little longer.
cgroups_remove() {
	local tree status=0

	for tree in "${CGROUP_TREES[@]}"; do
		wait_until 5 cgroup_tree_remove "$tree" || {
			echo "# cannot be removed: $tree"
			status=1
		}
	done
	CGROUP_TREES=()
	return "$status"
}
