#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Many short containers, each running one shell: none may be missed, and each alert must
# name its own container. The containers are real ones of podman and crun, four at a time,
# gone within a few milliseconds of their shell's start. Each shell carries its number as
# an argument, so an alert is compared with the very container that podman made for it
# (--cidfile). COUNT containers, ROUNDS times, in the cgroup layouts LAYOUTS.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

COUNT=${COUNT:-300}
ROUNDS=${ROUNDS:-1}

run_shell() { # NUMBER
	engine_run_to "$E2E_DIR/ids/$1" shelly /bin/sh -c ": $MARK $1" ||
		echo "container $1: podman run ended with $?"
}

# "NUMBER ID" of each container that podman made.
made() {
	local i

	for ((i = 1; i <= COUNT; i++)); do
		echo "$i $(cat "$E2E_DIR/ids/$i" 2>/dev/null)"
	done | sort
}

# "NUMBER ID" of each alert about a shell of this round.
alerted() {
	alerts '."proc.argv"[2] | strings | startswith(": " + env.MARK)' |
		jq -r '.output_fields |
			"\(."proc.argv"[2] | split(" ")[-1]) \(."container.full_id")"' | sort
}

all_alerted() {
	[ "$(alerted | wc -l)" -ge "$COUNT" ]
}

# The lines that differ, few enough to be read.
differences() {
	diff <(made) <(alerted) | grep '^[<>]' | head -n 10
}

test_round() {
	local begin=$SECONDS
	local -x MARK=many-$$-$RANDOM

	agent_start --bare all || return
	containers_run "$COUNT" run_shell
	is "round $1: $COUNT containers run" "$(cat "$E2E_DIR"/errors.*)" ""
	echo "# round $1: $COUNT containers in $((SECONDS - begin)) s"
	wait_until 10 all_alerted
	agent_stop
	is "round $1: the agent ends with status 0" "$AGENT_STATUS" 0
	is "round $1: $COUNT alerts" "$(alerted | wc -l)" "$COUNT"
	is "round $1: $COUNT different container ids" \
		"$(alerted | cut -d ' ' -f 2 | sort -u | wc -l)" "$COUNT"
	is "round $1: each alert names its own container" "$(differences)" ""
	if agent_lost_nothing; then
		ok "round $1: the summary says that nothing was lost"
	else
		not_ok "round $1: the summary says that nothing was lost" "$(agent_log)"
	fi
}

test_rounds() {
	local i

	for ((i = 1; i <= ROUNDS; i++)); do
		test_round "$i"
	done
}

layouts_test test_rounds
