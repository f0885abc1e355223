#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Engines whose data directories nobody named: podman and docker at private roots. `barewatch
# watch` names the first container of each by what the runtime was told, before any process
# of it could be asked. `barewatch ps` finds them by the command lines of conmon and the
# shim, and what it says of their containers is what the engines say (`inspect`). LAYOUTS
# and KINDS choose.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=engines.sh
. "$ENGINE_SOURCE/engines.sh"

KINDS=${KINDS:-podman docker}

# What inspect calls what ps prints, as one JSON object of ps' keys. Times are in nanoseconds
# since 1970; jq has no integers of that size, so they are compared as text.
docker_facts() {
	engine_docker inspect "$1" | jq -c '.[0] | {
		name: .Name[1:], image: .Config.Image, init_pid: .State.Pid,
		privileged: .HostConfig.Privileged, created: .Created, started: .State.StartedAt,
		created_before: null,
		upper: .GraphDriver.Data.UpperDir, lower: .GraphDriver.Data.LowerDir}'
}

podman_facts() {
	local major

	major=$(engine_podman --version | grep -oE '[0-9]+' | head -n 1)
	engine_podman inspect "$1" | jq -c --argjson major "$major" '.[0] | {
		name: .Name, image: .ImageName, init_pid: .State.Pid,
		privileged: .HostConfig.Privileged, created: .Created, started: null,
		created_before: (if $major < 5 then null else .State.StartedAt end),
		upper: .GraphDriver.Data.UpperDir, lower: .GraphDriver.Data.LowerDir}'
}

# Podman's graphroot is the engine's own path elsewhere: here it is one that no mount hides.
podman_move() {
	mkdir -p "$ENGINE_DIR/storage" &&
		cat >"$ENGINE_DIR/storage.conf" <<-END
			[storage]
			driver = "overlay"
			graphroot = "$ENGINE_DIR/storage"
			runroot = "$ENGINE_DIR/run/storage"
		END
}

# Nanoseconds since 1970 of what GNU date can read.
nanoseconds() {
	[ "$1" = null ] || date -d "$1" +%s%N
}

fact() { # KEY
	jq -r ".$1" <<<"$FACTS"
}

# What ps prints for KEY of the container ENGINE_ID; empty when it prints nothing.
shown() { # FILTER
	jq -r "select(.id == \"$ENGINE_ID\") | $1 // empty" "$E2E_DIR/ps.json"
}

# Integers as they are in the text: jq would round them.
shown_number() { # KEY
	grep -F "\"$ENGINE_ID\"" "$E2E_DIR/ps.json" | grep -oP "\"$1\":\K[0-9]+"
}

# Names of layers lead through links to where inspect has them.
resolved() {
	tr ':' '\n' | xargs -r -d '\n' realpath | paste -sd :
}

# When ps says it was made; as the engine says, where it is between that and the start. Podman 5
# tells its own time nobody but its database: ps has that of its storage, a moment later.
shown_created() {
	local shown from to

	shown=$(shown_number created_ns) from=$(nanoseconds "$(fact created)")
	to=$(nanoseconds "$(fact created_before)")
	[ -z "$to" ] || [ "$shown" -lt "$from" ] || [ "$shown" -gt "$to" ] || shown=$from
	echo "$shown"
}

judge() { # NAME
	FACTS=$("${ENGINE_KIND}_facts" "$ENGINE_ID")
	is "$1: the name" "$(shown .name)" "$(fact name)"
	is "$1: the image" "$(shown .image)" "$(fact image)"
	is "$1: the first process" "$(shown .init_pid)" "$(fact init_pid)"
	is "$1: when that started" "$(shown .init_start_ticks)" \
		"$(sed 's/.*) //' "/proc/$(fact init_pid)/stat" | cut -d ' ' -f 20)"
	is "$1: privileged" "$(shown '.privileged | tostring')" "$(fact privileged)"
	is "$1: no user namespace" "$(shown '.user_namespace | tostring')" false
	is "$1: when it was made" "$(shown_created)" "$(nanoseconds "$(fact created)")"
	is "$1: when it was started" "$(shown_number started_ns)" \
		"$(nanoseconds "$(fact started)")"
	is "$1: the upper directory" "$(shown .overlay_upper)" "$(fact upper)"
	is "$1: the lower directories" "$(shown .overlay_lower | resolved)" \
		"$(fact lower | resolved)"
	is "$1: each has its source" "$(shown '[keys[] as $key | select($key |
		IN("id", "runtime", "cgroup", "sandbox", "ephemeral", "bare", "bare_source",
			"sources") | not) | select(.sources[$key] == null) | $key] | join(" ")')" ""
}

# The first container that the agent ever sees of this engine.
test_first() {
	agent_start --bare all || return
	engine_run --name first shelly /bin/sh -c ': first' >/dev/null 2>&1
	agent_stop
	is "the first container is named" "$(alerts '."proc.argv"[2]? == ": first"' |
		jq -r '.output_fields | "\(."container.full_id") \(."container.name")"')" \
		"$ENGINE_ID first"
}

test_found() {
	local options

	for options in "" --privileged; do
		if ! engine_start --name "found$options" ${options:+"$options"} bare /app 600 \
			2>"$E2E_DIR/start.log"; then
			# runc gives all capabilities there are, also those this host is without
			if grep -q capset "$E2E_DIR/start.log"; then
				skip "${options:-plain}" "not all capabilities can be given here"
			else
				not_ok "${options:-plain}: it starts" "$(cat "$E2E_DIR/start.log")"
			fi
			continue
		fi
		"$BAREWATCH" ps -o json >"$E2E_DIR/ps.json" 2>"$E2E_DIR/ps.log"
		is "ps: status" "$?" 0
		judge "${options:-plain}"
	done
}

test_kind() {
	test_first
	test_found
}

e2e_require
kinds_test test_kind
