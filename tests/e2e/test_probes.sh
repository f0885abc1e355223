#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Health checks and probes, run by those who run them: dockerd by itself, podman when it is
# told to (a timer does it where there is systemd), for Kubernetes a CRI call as the kubelet
# makes it, for a pod as kubectl applied it. Each gives one alert that says what it
# is, and other sessions in the same container are not taken for it. KINDS, RUNTIMES
# and LAYOUTS choose; of the layouts the first is enough.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=engines.sh
. "$ENGINE_SOURCE/engines.sh"

KINDS=${KINDS:-$ENGINE_KINDS}
RUNTIMES=${RUNTIMES:-runc crun}

# Starts a shell itself, and ends but twice: dockerd waits for the third one for ever.
PROBED='/bin/ash -c :; test -e /a && { test -e /b && /bin/busybox sleep 600; : >/b; }; : >/a'
MISSING=': missing'
export PROBED MISSING # for jq

declare -A PROBES=([docker]=3 [podman]=2 [cri]=2)

# Each container is in the specification once, whatever pod it will be in.
spec() {
	jq -nc --arg runtimes "$RUNTIMES" '[$runtimes | split(" ")[] | (
		{name: "probed-\(.)", livenessProbe: {exec: {command: ["/bin/sh", "-c", env.PROBED]}}},
		{name: "script-\(.)", readinessProbe: {exec: {command: ["/live", "-v"]}}},
		{name: "missing-\(.)", startupProbe: {exec: {command: ["/bin/sh", "-c", env.MISSING]}}}
	)]'
}

# start_checked NAME IMAGE COMMAND: a container that is checked by this command of a shell.
start_checked() {
	local check=()

	case $ENGINE_KIND in
	docker) check=(--health-cmd "$3" --health-interval 1s --health-timeout 1h) ;;
	podman) check=(--health-cmd "$3" --health-interval disable) ;;
	esac
	engine_start --name "$1-$ENGINE_RUNTIME" "${check[@]}" "$2" /app 600
}

# Has the container ENGINE_ID checked by COMMAND, unless that goes on by itself.
check_once() {
	case $ENGINE_KIND in
	podman) engine_podman healthcheck run "$ENGINE_ID" ;;
	cri) engine_exec "$ENGINE_ID" /bin/sh -c "$1" ;;
	esac >/dev/null 2>&1
}

# Each alert about ENGINE_ID that FILTER is true of, as ENTRY ARGV[WORD] of exec or attempt.
seen() { # FILTER [WORD]
	ID=$ENGINE_ID alerts '."container.full_id" == env.ID and ('"$1"')' |
		jq -r '.output_fields | "\(."proc.entry") \((."proc.argv" // ."attempt.argv")['"${2-2}"'])"'
}

times() { # COUNT LINE
	local i

	for ((i = 0; i < $1; i++)); do
		echo "$2"
	done
}

test_probed() {
	local -x ID

	start_checked probed shelly "$PROBED"
	check_once "$PROBED"
	check_once "$PROBED"
	ID=$ENGINE_ID alerts_wait 30 "${PROBES[$ENGINE_KIND]}" \
		'."container.full_id" == env.ID and ."proc.argv"[2] == env.PROBED'
	engine_exec "$ENGINE_ID" /bin/sh -c ': other' </dev/null
	engine_exec "$ENGINE_ID" /bin/sh -c : "$PROBED" </dev/null
	engine_exec "$ENGINE_ID" /bin/sh -c "exit; $PROBED" </dev/null
	ID=$ENGINE_ID alerts_wait 10 1 \
		'."container.full_id" == env.ID and (."proc.argv"[2] | startswith("exit"))'
	is "each check is reported once, as a probe" "$(seen '."proc.argv"[2] == env.PROBED')" \
		"$(times "${PROBES[$ENGINE_KIND]}" "probe $PROBED")"
	is "what a probe starts is its child" "$(seen '."proc.argv" == ["/bin/ash", "-c", ":"] and
		."proc.entry" == "child"' | uniq)" "child :"
	is "other sessions are none" "$(seen '."proc.entry" != "child" and
		."proc.argv"[2] != env.PROBED')" "runtime-exec : other
runtime-exec :
runtime-exec exit; $PROBED"
}

# A script is started by its interpreter. dockerd takes such a command from an image alone.
test_script() {
	local -x ID

	case $ENGINE_KIND in
	podman)
		engine_start --name "script-$ENGINE_RUNTIME" --health-interval disable \
			--health-cmd '["/live", "-v"]' shelly /app 600
		;;
	cri) engine_start --name "script-$ENGINE_RUNTIME" shelly /app 600 ;;
	*) return ;;
	esac
	engine_exec "$ENGINE_ID" /bin/sh -c "echo '#!/bin/sh -u' >/live; /bin/busybox chmod 755 /live"
	case $ENGINE_KIND in
	podman) engine_podman healthcheck run "$ENGINE_ID" ;;
	cri) engine_exec "$ENGINE_ID" /live -v ;;
	esac
	engine_exec "$ENGINE_ID" /live -x
	ID=$ENGINE_ID alerts_wait 10 1 \
		'."container.full_id" == env.ID and ."proc.argv"[3] == "-x"'
	is "a script is a probe, but not with other arguments" \
		"$(seen '."proc.argv"[2] == "/live"' 3)" "probe -v"$'\n'"runtime-exec -x"
}

# until_seen FILTER COMMAND...: COMMAND, until an attempt that FILTER is true of is reported.
# What a runtime is to start is read while it runs, which a busy machine may be late for.
until_seen() {
	local -x ID=$ENGINE_ID
	local i filter=$1

	shift
	for ((i = 0; i < 5; i++)); do
		"$@" </dev/null >/dev/null 2>&1
		! alerts_wait 6 1 '."container.full_id" == env.ID and ."attempt.cause" ==
			"runtime_lookup" and ('"$filter"')' || return 0
	done
}

test_missing() {
	start_checked missing bare "$MISSING"
	until_seen '."attempt.argv"[2] == env.MISSING' check_once "$MISSING"
	# of which no more is kept than the check has
	until_seen '."proc.entry" == "runtime-exec"' \
		engine_exec "$ENGINE_ID" /bin/sh -c "$MISSING" "$(printf '%5000s' x)"
	until_seen '."attempt.argv"[2] == ": other"' \
		engine_exec "$ENGINE_ID" /bin/sh -c ': other'
	is "a check that finds no shell is a probe, one that goes on after it is not" \
		"$(seen '."attempt.argv"[2] == env.MISSING' | sort -u)" \
		"probe $MISSING"$'\n'"runtime-exec $MISSING"
	is "another session that finds none is not" \
		"$(seen '."attempt.argv"[2] != env.MISSING' | sort -u)" "runtime-exec : other"
}

# What podman 5 knows of a container's health check is in a database that is not read.
checks_are_hidden() {
	[ -e "$ENGINE_DIR/var/lib/containers/storage/db.sql" ]
}

test_kind() {
	local ENGINE_RUNTIME root prefix=$TAP_PREFIX

	if checks_are_hidden; then
		skip "probes" "this podman keeps health checks in SQLite, which is not read"
		return
	fi
	AGENT_OPTIONS=()
	engine_roots
	for root in "${ENGINE_ROOTS[@]}"; do
		AGENT_OPTIONS+=(--engine-root "$root")
	done
	agent_start --bare all || return
	for ENGINE_RUNTIME in $RUNTIMES; do
		TAP_PREFIX="$prefix$ENGINE_RUNTIME: "
		test_probed
		test_script
		test_missing
	done
	TAP_PREFIX=$prefix
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
}

e2e_require
runtimes_choose
# shellcheck disable=SC2034 # for engine_cri.sh
CRI_CONTAINERS=$(spec)
kinds_test test_kind
