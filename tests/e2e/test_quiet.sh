#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Ordinary containers at work, all of them watched (--all-containers): a health check each
# second, `apt-get update`, `dpkg -l`, a build that runs what it has made. What is told is what
# containers.yaml says is told, and no more: docs/rules.md has the figures. CHECKS health checks, in
# the cgroup layouts LAYOUTS.
set -u

LAYOUTS=${LAYOUTS:-v2}

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=blindspots/image.sh
. "$E2E_SOURCE/blindspots/image.sh"

CHECKS=${CHECKS:-15}

# What gcc starts.
gcc_parts() {
	local name

	for name in cc1 collect2 as ld; do
		gcc "-print-prog-name=$name"
	done
}

# A part of a Debian with a package manager, a compiler and what they start.
image_debian() { # ROOT
	local part parts=()

	mkdir -p "$1"/{bin,lib64,work} "$1"/etc/apt/{apt.conf,preferences,sources.list}.d \
		"$1"/var/lib/{dpkg,apt/lists/partial} "$1"/var/{log/apt,cache/apt/archives/partial} &&
		mkdir -m 1777 "$1/tmp" || return
	for part in $(gcc_parts); do
		parts+=("$(command -v "$part")")
	done
	image_add "$1" /usr/bin/{dash,apt-get,apt-config,dpkg,dpkg-query,gcc,make,cp} "${parts[@]}" &&
		cp -L --parents -t "$1" "$(gcc -print-file-name=liblto_plugin.so)" &&
		cp -r --parents -t "$1" /usr/share/dpkg &&
		cp "$PROGRAMS/app" "$1/app" &&
		ln -s ../usr/bin/dash "$1/bin/sh" &&
		: >"$1/var/lib/dpkg/status" &&
		image_file "$1/work/hello.c" 644 'void _start(void) { for (;;) ; }' &&
		image_file "$1/work/Makefile" 644 'check: hello
	-/work/hello
hello: hello.o
	gcc -static -nostdlib -o $@ $<
hello.o: hello.c
	gcc -nostdinc -ffreestanding -c -o $@ $<'
}

# said: rules and programs of all alerts about the container ENGINE_ID.
said() {
	ID=$ENGINE_ID alerts '."container.full_id" == env.ID' |
		jq -r '"\(.rule): \(.output_fields."exe.resolved")"' | sort | uniq -c | sed 's/^ *//'
}

test_health_checks() {
	local i

	engine_start --name checked --health-cmd '/bin/busybox true' --health-interval disable shelly \
		/app 600
	for ((i = 0; i < CHECKS; i++)); do
		engine_podman healthcheck run checked >/dev/null || break
		sleep 0.5
	done
	is "$CHECKS health checks, each with a shell, are no alert" "$i $(said)" "$CHECKS "
}

in_debian() {
	engine_podman exec debian "$@" </dev/null >>"$E2E_DIR/debian.log" 2>&1
}

test_debian() {
	engine_start --name debian debian /app 600
	in_debian apt-get update
	is "apt-get update runs" "$?" 0
	in_debian dpkg -l
	is "dpkg -l runs" "$?" 0
	in_debian /bin/sh -c 'ulimit -t 1; cd /work && make check && cp hello /tmp/dropped'
	is "a program is built" "$?" 0
	wait_until 10 apt_is_told
	is "apt-get update is one alert; dpkg -l and a build that runs its program are none" "$(said)" \
		"1 Package manager in container: /usr/bin/apt-get"
}

apt_is_told() {
	[ -n "$(said)" ]
}

test_told() {
	in_debian /bin/sh -c 'ulimit -t 1; /tmp/dropped'
	engine_podman exec -t debian /bin/sh -c : </dev/null >>"$E2E_DIR/debian.log" 2>&1
	wait_until 10 all_is_told
	is "a dropped program and a shell with a terminal are told" "$(said)" \
		"1 Dropped program in container: /tmp/dropped
1 Package manager in container: /usr/bin/apt-get
1 Shell with a terminal in container: /usr/bin/dash"
}

all_is_told() {
	[ "$(said | wc -l)" -ge 3 ]
}

# The alerts about the container ENGINE_ID that say no more than that there is a session.
sessions() {
	ID=$ENGINE_ID jq -r 'select(.output_fields."container.full_id" == env.ID) |
		"\(.rule) \(.output_fields."exe.resolved")"' "$E2E_DIR/alerts.jsonl"
}

session_is_told() {
	[ -n "$(sessions)" ]
}

# Without the option nothing of the same is told, and of a bare container each session.
test_default() {
	agent_start --bare web || return
	engine_run shelly /bin/sh -c ':'
	in_debian apt-get update
	in_debian /bin/sh -c 'ulimit -t 1; /tmp/dropped'
	engine_start --name web bare /app 600
	engine_podman exec web /app 0
	wait_until 10 session_is_told
	agent_stop
	is "without --all-containers they are left alone" "$(alerts_count true)" 0
	is "a session that runs the image's own program is told" "$(sessions)" \
		"Session in bare container /app"
}

test_quiet() {
	local started=$SECONDS

	image_debian "$ENGINE_DIR/image/debian" && podman_import debian "$ENGINE_DIR/image/debian"
	is "the image is made" $? 0
	agent_start --all-containers || return
	test_health_checks
	test_debian
	echo "# ordinary work: $(alerts_count true) alert(s) in $((SECONDS - started)) s"
	test_told
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	agent_lost_nothing
	is "nothing was lost" $? 0
	test_default
}

layouts_test test_quiet
