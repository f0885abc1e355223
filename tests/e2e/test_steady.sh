#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Many shells in one container: each gives its alert, none is lost, and the agent's memory
# stays what it was after the first ones. COUNT shells, started one after the other as
# fast as that goes.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

COUNT=${COUNT:-10000}
WARM_UP=5000 # more processes than ancestors are kept of (ANCESTRY_MAX)
GROWTH_KIB_MAX=256

# Memory of its own: pages of programs and libraries come and go with what else runs.
agent_heap_kib() {
	awk '$1 == "RssAnon:" { print $2 }' "/proc/$AGENT_PID/status"
}

has_alerts() {
	[ "$(alerts_count true)" -ge "$1" ]
}

# Starts COUNT shells in the container and waits for their alerts. $2 is how many there are
# in all by then.
start_shells() {
	engine_podman exec steady /try_exec -n "$1" /bin/sh -c :
	wait_until 10 has_alerts "$2"
}

test_steady() {
	local before growth

	engine_start --name steady shelly /app 600
	agent_start --bare "$ENGINE_ID" || return
	start_shells "$WARM_UP" "$WARM_UP"
	before=$(agent_heap_kib)
	start_shells "$COUNT" $((WARM_UP + COUNT))
	growth=$(($(agent_heap_kib) - before))
	agent_stop
	is "$COUNT shells give $COUNT alerts" \
		$(($(alerts_count true) - WARM_UP)) "$COUNT"
	agent_lost_nothing
	is "nothing is lost" $? 0
	if grep -qa __asan_init "$BAREWATCH"; then
		skip "memory stays flat" "AddressSanitizer keeps what is freed"
	elif [ "$growth" -le "$GROWTH_KIB_MAX" ]; then
		ok "memory stays flat"
	else
		not_ok "memory stays flat" "$before KiB grew by $growth KiB"
	fi
	echo "# memory: $before KiB, then $growth KiB more"
}

layouts_test test_steady
