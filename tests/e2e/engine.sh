# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A private container engine for the end-to-end tests, to be sourced: podman, unless
# engines.sh is told otherwise. It lives in one temporary directory, one mount namespace
# and one cgroup, shares nothing with an engine of the host, and needs neither a registry
# nor a network. Everything it starts is in its cgroup, so engine_down can end exactly
# that and knows when it is gone; its mounts go with the namespace. The agent under test
# is not started here and stays outside.
#
#	engine_up v2|hybrid	then engine_images DIR, engine_run, engine_start ...
#	engine_down		always, also after a failure; may be called twice
#
# What is particular to a kind of engine is in its functions KIND_tools, KIND_configure,
# KIND_begin, KIND_import, KIND_ready and KIND_run_to, which are called from here alone.
#
# Sets for the caller ENGINE_ID (full id of the last container), ENGINE_NAME, ENGINE_ROOT
# (where the host sees podman's graphroot) and ENGINE_VOLUME (a directory for volumes, that
# host and engine see at the same path; on a disk, as /var/tmp is where /tmp is in memory):
# shellcheck disable=SC2034

ENGINE_KIND=podman
ENGINE_RUNTIME=crun # of the containers to come: runc or crun
ENGINE_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ENGINE_DIR=
ENGINE_NAME=
ENGINE_ROOT=
ENGINE_VOLUME=
ENGINE_HOLDER=
ENGINE_CGROUP=
ENGINE_ID=

engine_fail() {
	echo "engine: $*" >&2
	return 1
}

# The mount points of the given cgroup file systems (cgroup, cgroup2), one a line.
engine_cgroup_mounts() {
	findmnt -rn -o TARGET -t "$1"
}

# Prints why LAYOUT cannot be had on this machine; prints nothing when it can.
engine_missing() {
	local layout=$1 tool unified

	[ "$(id -u)" = 0 ] || { echo "needs root"; return; }
	for tool in $("${ENGINE_KIND}_tools") busybox jq unshare nsenter findmnt chroot; do
		command -v "$tool" >/dev/null || { echo "$tool is not installed"; return; }
	done
	engine_busybox_is_static || {
		echo "busybox is not static (package busybox-static)"
		return
	}
	unified=$(engine_cgroup_mounts cgroup2 | head -n 1)
	[ -n "$unified" ] || { echo "no cgroup2 file system is mounted"; return; }
	[ "$layout" != hybrid ] || [ "$unified" = /sys/fs/cgroup/unified ] ||
		echo "the host has no hybrid cgroup layout"
}

# A static program runs where there is nothing else.
engine_busybox_is_static() {
	local dir status

	dir=$(mktemp -d /tmp/barewatch-e2e.XXXXXX) || return
	cp "$(command -v busybox)" "$dir/busybox" && chroot "$dir" /busybox true 2>/dev/null
	status=$?
	rm -r "$dir"
	return $status
}

podman_tools() {
	echo podman conmon "$ENGINE_RUNTIME"
}

# What podman passes each container's configuration through. Drops what cannot be set without
# CAP_SYS_RESOURCE or without controllers on cgroup2 (crun raises RLIMIT_MEMLOCK for the
# rules on devices): limits, which nothing here is about. And keeps the id: podman 5 removes
# its own file with it when it removes the container.
podman_write_hook() {
	cat >"$ENGINE_DIR/hook" <<-'EOF' &&
		#!/bin/sh
		configuration=$(jq -c 'del(.linux.resources, .process.oomScoreAdj)')
		file=$(printf '%s' "$configuration" |
			jq -r '.annotations["io.podman.annotations.cid-file"]')
		ln "$file" "${file%.podman}" && printf '%s' "$configuration"
	EOF
		chmod +x "$ENGINE_DIR/hook" &&
		mkdir "$ENGINE_DIR/hooks" &&
		jq -n --arg hook "$ENGINE_DIR/hook" '{
			version: "1.0.0",
			hook: {path: $hook},
			when: {always: true},
			stages: ["precreate"]
		}' >"$ENGINE_DIR/hooks/precreate.json"
}

# The limit NAME of containers for podman: WANTED, or HARD (what we have) when that is less.
engine_ulimit() {
	local limit=$2

	[ "$3" = unlimited ] || [ "$3" -ge "$limit" ] || limit=$3
	echo "$1=$limit:$limit"
}

# podman's own AppArmor profile would stay in the kernel, and its own limits may be above
# those of this process, which only CAP_SYS_RESOURCE may raise.
podman_configure() {
	cat >"$ENGINE_DIR/containers.conf" <<-EOF
		[containers]
		netns = "none"
		cgroups = "no-conmon"
		log_driver = "none"
		apparmor_profile = "unconfined"
		default_ulimits = [
			"$(engine_ulimit nofile 1024 "$(ulimit -Hn)")",
			"$(engine_ulimit nproc 16384 "$(ulimit -Hu)")",
		]
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "none"
		runtime = "crun"
		pull_policy = "never"
		hooks_dir = ["$ENGINE_DIR/hooks"]
	EOF
	cat >"$ENGINE_DIR/storage.conf" <<-EOF
		[storage]
		driver = "overlay"
		graphroot = "/var/lib/containers/storage"
		runroot = "/run/containers/storage"
	EOF
	podman_write_hook
}

engine_make_dir() {
	ENGINE_DIR=$(mktemp -d /tmp/barewatch-e2e.XXXXXX) || return
	ENGINE_NAME=${ENGINE_DIR##*/}
	ENGINE_ROOT=$ENGINE_DIR/var/lib/containers/storage
	ENGINE_VOLUME=/var/tmp/$ENGINE_NAME
	mkdir -p "$ENGINE_DIR"/{run,var/cache} "$ENGINE_ROOT" &&
		mkdir -m 1777 "$ENGINE_DIR/var/tmp" &&
		mkdir "$ENGINE_VOLUME" "$ENGINE_DIR$ENGINE_VOLUME" &&
		ln -s ../run "$ENGINE_DIR/var/run" &&
		: >"$ENGINE_DIR/empty"
}

engine_make_cgroup() {
	local unified

	unified=$(engine_cgroup_mounts cgroup2 | head -n 1)
	[ -n "$unified" ] || { engine_fail "no cgroup2 file system is mounted"; return 1; }
	ENGINE_CGROUP=$unified/$ENGINE_NAME
	mkdir -p "$ENGINE_CGROUP/engine"
}

# Replaces the calling subshell by a command in the engine's cgroup.
engine_spawn() {
	echo "$BASHPID" >"$ENGINE_CGROUP/engine/cgroup.procs" && exec "$@"
}

engine_make_namespace() {
	local i

	(engine_spawn unshare -m --propagation private \
		"$ENGINE_SOURCE/engine_namespace.sh" "$1" "$ENGINE_DIR" "$ENGINE_VOLUME") \
		</dev/null &
	ENGINE_HOLDER=$!
	disown "$ENGINE_HOLDER"
	for ((i = 0; i < 100; i++)); do
		[ ! -e "$ENGINE_DIR/ready" ] || return 0
		kill -0 "$ENGINE_HOLDER" 2>/dev/null || break
		sleep 0.05
	done
	engine_fail "the mount namespace for layout $1 could not be made"
}

engine_up() {
	[ -z "$ENGINE_DIR" ] || { engine_fail "is up already"; return 1; }
	engine_make_dir && engine_step configure "$1" && engine_make_cgroup &&
		engine_make_namespace "$1" && engine_step begin
}

# The step of the kind in use, if it has it.
engine_step() {
	local step=${ENGINE_KIND}_$1

	shift
	! declare -F "$step" >/dev/null || "$step" "$@"
}

# Runs a command where the engine lives, with nothing of the caller's environment.
engine_enter() (
	engine_spawn nsenter -m -t "$ENGINE_HOLDER" \
		env -i "PATH=$PATH" HOME=/var/tmp TMPDIR=/var/tmp "$@"
)

# Containers are not made through this but by engine_run and engine_start, which give them
# their place in the engine's cgroup.
engine_podman() {
	engine_enter "CONTAINERS_CONF=$ENGINE_DIR/containers.conf" \
		"CONTAINERS_STORAGE_CONF=$ENGINE_DIR/storage.conf" \
		PODMAN_IGNORE_CGROUPSV1_WARNING=1 \
		timeout --foreground -k 5 "${ENGINE_TIMEOUT:-60}" \
		podman --runtime "$ENGINE_RUNTIME" "$@"
}

# Imports the directory DIR as the image NAME.
podman_import() {
	tar -C "$2" --owner=0 --group=0 -c . | engine_podman import -q - "$1" >/dev/null
}

# Makes the images `bare` (the programs of the directory PROGRAMS and nothing else) and
# `shelly` (the same, and busybox as /bin/busybox, /bin/sh by a symlink and /bin/ash by
# a hard link).
engine_images() {
	local bare=$ENGINE_DIR/image/bare shelly=$ENGINE_DIR/image/shelly

	mkdir -p "$bare" "$shelly/bin" &&
		find "$1" -maxdepth 1 -type f -executable -exec cp -t "$bare" {} + &&
		cp "$bare"/* "$shelly" &&
		cp "$(command -v busybox)" "$shelly/bin/busybox" &&
		ln -s busybox "$shelly/bin/sh" &&
		ln "$shelly/bin/busybox" "$shelly/bin/ash" &&
		"${ENGINE_KIND}_import" bare "$bare" &&
		"${ENGINE_KIND}_import" shelly "$shelly" &&
		engine_step ready
}

# engine_run_to CIDFILE [-d] [--name NAME] [--label KEY=VALUE] IMAGE COMMAND...: the full id is written to
# CIDFILE. podman and docker take all their other options as well.
engine_run_to() {
	"${ENGINE_KIND}_run_to" "$@"
}

# The hook names the file CIDFILE.
podman_run_to() {
	local cidfile=$1

	shift
	rm -f "$cidfile.podman"
	engine_podman run --rm --cidfile "$cidfile.podman" \
		--cgroup-parent "/$ENGINE_NAME/libpod_parent" "$@"
}

# Runs a container to its end and sets ENGINE_ID. With -d first: returns when it runs.
engine_run() {
	local status

	rm -f "$ENGINE_DIR/cid"
	engine_run_to "$ENGINE_DIR/cid" "$@"
	status=$?
	ENGINE_ID=$(cat "$ENGINE_DIR/cid" 2>/dev/null)
	return $status
}

# Starts a container that stays, and sets ENGINE_ID.
engine_start() {
	engine_run -d "$@" >/dev/null
}

engine_processes() {
	find "$ENGINE_CGROUP" -name cgroup.procs -exec cat {} + 2>/dev/null
}

# Ends what is in the engine's cgroup and nothing else.
engine_kill() {
	local i pid

	for ((i = 0; i < 100; i++)); do
		[ -n "$(engine_processes)" ] || return 0
		if [ -e "$ENGINE_CGROUP/cgroup.kill" ]; then # since Linux 5.14
			echo 1 >"$ENGINE_CGROUP/cgroup.kill"
		else
			for pid in $(engine_processes); do
				kill -KILL "$pid" 2>/dev/null
			done
		fi
		sleep 0.1
	done
	engine_fail "processes do not end: $(engine_processes | tr '\n' ' ')"
}

# The processes that still see a mount of the engine NAME.
engine_mount_holders() {
	grep -lsF "/$1/" /proc/[0-9]*/mountinfo
}

engine_wait_unmounted() {
	local i

	for ((i = 0; i < 50; i++)); do
		[ -n "$(engine_mount_holders "$ENGINE_NAME")" ] || return 0
		sleep 0.1
	done
	engine_fail "mounts are left, so $ENGINE_DIR stays: $(engine_mount_holders "$ENGINE_NAME")"
}

# The cgroups of the engine NAME in all hierarchies, deepest first.
engine_cgroups() {
	local mount

	for mount in $(engine_cgroup_mounts cgroup,cgroup2); do
		[ ! -d "$mount/$1" ] || find "$mount/$1" -depth -type d
	done
}

engine_remove_cgroups() {
	local i cgroups

	for ((i = 0; i < 50; i++)); do
		cgroups=$(engine_cgroups "$ENGINE_NAME")
		[ -n "$cgroups" ] || return 0
		echo "$cgroups" | xargs -r -d '\n' rmdir 2>/dev/null || sleep 0.1
	done
	engine_fail "cgroups are left: $cgroups"
}

engine_down() {
	local status=0

	[ -n "$ENGINE_DIR" ] || return 0
	if [ -n "$ENGINE_CGROUP" ]; then
		engine_kill || status=1
	fi
	if engine_wait_unmounted; then
		rm -rf --one-file-system "$ENGINE_DIR" "$ENGINE_VOLUME" || status=1
	else
		status=1
	fi
	engine_remove_cgroups || status=1
	ENGINE_DIR=
	ENGINE_CGROUP=
	return $status
}

# Prints what the engine NAME left behind on this machine.
engine_leftovers() {
	engine_mount_holders "$1"
	engine_cgroups "$1"
	find /tmp /var/tmp -maxdepth 1 -name "$1"
}
