#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Hosts that cannot do it: without root, without type information in the kernel, without
# a cgroup file system or with a part of one. Each is simulated in a namespace or by
# dropping rights, and must end in one clear line and status 3.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

# answers NAME PATTERN COMMAND...: COMMAND ends with status 3 and one line like PATTERN.
answers() {
	local name=$1 pattern=$2 got
	shift 2
	"$@" >"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
	got=$?
	if [ "$got" = 3 ] && [ "$(wc -l <"$E2E_DIR/err")" = 1 ] && [ ! -s "$E2E_DIR/out" ] &&
		grep -qE -- "$pattern" "$E2E_DIR/err"; then
		ok "$name"
	else
		not_ok "$name" "status $got, expected 3; expected one line like: $pattern
$(cat "$E2E_DIR/err")"
	fi
}

# hidden DIRECTORY: starts the agent where DIRECTORY is empty.
hidden() {
	unshare -m sh -c 'mount -t tmpfs none "$1" && exec "$2" watch --bare all --for 1' \
		sh "$1" "$BAREWATCH"
}

# A container's view: what it is shown as the root of all cgroups is its own.
test_cgroup_namespace() {
	local v2 tree

	v2=$(mount_point cgroup2)
	tree=$v2/barewatch-host.$$
	if [ -z "$v2" ]; then
		skip "in a cgroup namespace" "no cgroup v2 hierarchy here"
		return
	fi
	cgroup_tree "$tree" || return
	answers "in a cgroup namespace" "only a part of this host's cgroups is visible" \
		run_in "$tree" unshare -m -C sh -c 'umount -Rl /sys/fs/cgroup &&
			mount -t cgroup2 none /sys/fs/cgroup && exec "$1" watch --bare all --for 1' \
		sh "$BAREWATCH"
}

# Its root has all capabilities, but over nothing of the host.
test_user_namespace() {
	if unshare -U -r true 2>/dev/null; then
		answers "in a user namespace" 'user namespace' unshare -U -r \
			"$E2E_DIR/barewatch" watch --bare all --for 1
	else
		skip "in a user namespace" "this host allows none"
	fi
}

e2e_begin cgroups_remove
[ "$(id -u)" = 0 ] || skip_all "needs root"
cp "$BAREWATCH" "$E2E_DIR/barewatch"
chmod 755 "$E2E_DIR"

answers "without root" 'needs root, or these missing capabilities: CAP_BPF, CAP_PERFMON' \
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
	"$E2E_DIR/barewatch" watch --bare all
answers "without one capability" 'missing capabilities: CAP_DAC_READ_SEARCH$' \
	setpriv --bounding-set -dac_read_search "$BAREWATCH" watch --bare all
answers "without type information" '/sys/kernel/btf/vmlinux.*CONFIG_DEBUG_INFO_BTF' \
	hidden /sys/kernel/btf
answers "without a cgroup file system" 'no cgroup hierarchy' unshare -m sh -c \
	'umount -Rl /sys/fs/cgroup && exec "$1" watch --bare all' sh "$BAREWATCH"

test_cgroup_namespace
test_user_namespace

# A file system for tracepoints is mounted on few minimal hosts; the agent brings its own.
if grep -q tracefs /proc/self/mounts; then
	skip "it needs no mounted tracefs" "this host has one mounted"
else
	"$BAREWATCH" watch --bare all --state-file "" --for 1 >"$E2E_DIR/out" 2>"$E2E_DIR/err"
	is "it needs no mounted tracefs" "$?" 0
	is "it leaves none behind" "$(grep -c tracefs /proc/self/mounts)" 0
fi

# A reader that has seen enough.
"$BAREWATCH" watch --bare all --state-file "" --for 2 2>"$E2E_DIR/err" | true
is "a reader that goes away is no failure" "${PIPESTATUS[0]}" 0

tap_end
