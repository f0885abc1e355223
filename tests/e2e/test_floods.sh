#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A container that does all it can to be too much: it starts allowed programs, fails to start
# shells, or makes files, as fast as two processes or threads can, and meanwhile sessions run a shell in it. Each
# shell is alerted, no exec is lost, and what was counted is what the flood has counted itself.
# SECONDS_OF_FLOOD is how long each lasts.
set -u

LAYOUTS=${LAYOUTS:-v2}

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=blindspots/image.sh
. "$E2E_SOURCE/blindspots/image.sh"

SECONDS_OF_FLOOD=${SECONDS_OF_FLOOD:-5}
SHELLS=3
ATTEMPTS_PER_S=10 # that may be sent one by one

shells_count() {
	alerts_count '."evt.subject" == "exec" and ."exe.class" == "shell"'
}

shells_alerted() {
	[ "$(shells_count)" -ge "$SHELLS" ]
}

# The number behind WHAT in the agent's closing summary.
summed_up() {
	grep 'watched for' "$E2E_DIR/agent.log" | grep -oP "(^|, )$1 \\K[0-9]+"
}

# What the agent has counted of the container, as `ps` would show it.
counted() {
	ID=$ENGINE_ID jq -r '.containers[] | select(.id == env.ID) | .'"$1" \
		"$E2E_DIR/run/agent.json"
}

counted_is() {
	[ "$(counted "$1")" = "$2" ]
}

FLOODER=/b/flood

# run_flood NAME ARGUMENT...: sets FLOOD to how often it did.
run_flood() {
	local name=$1 flood i

	shift
	engine_podman exec flooded "$FLOODER" 2 "$SECONDS_OF_FLOOD" "$@" >"$E2E_DIR/flood" &
	flood=$!
	for ((i = 1; i <= SHELLS; i++)); do
		engine_podman exec flooded /b/exec_as /srv/worker sh -c "exit 7"
		is "$name: shell $i runs" $? 7
	done
	kill -0 "$flood"
	is "$name: they ran while it lasted" $? 0
	wait "$flood"
	is "$name: it ends well" $? 0
	FLOOD=$(cat "$E2E_DIR/flood")
	echo "# $name: $FLOOD in $SECONDS_OF_FLOOD s"
	wait_until 10 shells_alerted
	is "$name: each of $SHELLS shells is alerted" "$(shells_count)" "$SHELLS"
}

# flood_begin: an agent, and a container that stays.
flood_begin() {
	agent_start --bare all && engine_start --name flooded blind /b/app 300
}

flood_end() {
	agent_stop
	engine_podman rm -f -t 0 flooded >/dev/null
	if grep -qE 'lost \(([^)]*, )?[0-9]+ execs' "$E2E_DIR/agent.log"; then
		not_ok "$1: no exec was lost" "$(agent_log)"
	else
		ok "$1: no exec was lost"
	fi
}

test_execs() {
	local FLOOD expected

	flood_begin || return
	run_flood "execs" /b/nothing nothing
	expected=$((FLOOD + 1 + 1 + 2 * SHELLS)) # app, flood, and two of each session
	wait_until 10 counted_is execs "$expected"
	is "execs: every one is counted" "$(counted execs)" "$expected"
	flood_end "execs"
}

test_attempts() {
	local FLOOD sent

	flood_begin || return
	run_flood "failed execs" /usr/bin/bash bash -c "exit 7"
	sent=$(alerts_count '."evt.subject" == "attempt"')
	if [ "$sent" -ge 1 ] && [ "$sent" -le $(((SECONDS_OF_FLOOD + 1) * ATTEMPTS_PER_S)) ]; then
		ok "failed execs: the first are told one by one, and not all ($sent)"
	else
		not_ok "failed execs: the first are told one by one, and not all" "$sent alerts"
	fi
	flood_end "failed execs"
	is "failed execs: every one is counted" "$(summed_up 'failed execs')" "$FLOOD"
}

# What it asks for cannot be told any more, so that has to be said.
test_kinds() {
	local FLOOD held='."attempts.held" > 0 and ."container.name" == "flooded"' sum

	flood_begin || return
	run_flood "kinds of failed execs" /nowhere/junk %
	alerts_wait 10 1 "$held"
	is "kinds of failed execs: it is said that some were held" $? 0
	flood_end "kinds of failed execs"
	is "kinds of failed execs: every one is counted" "$(summed_up 'failed execs')" "$FLOOD"
	sum=$(alerts "$held" | jq -s 'map(.output_fields."attempts.held") | add')
	if [ "$sum" -gt 0 ] && [ "$sum" -lt "$FLOOD" ] &&
		[ $((FLOOD - sum)) -le $(((SECONDS_OF_FLOOD + 3) * 512 * 2)) ]; then
		ok "kinds of failed execs: all but the first 512 of a second were held, as is said"
	else
		not_ok "kinds of failed execs: all but the first 512 of a second were held, as is said" \
			"$sum of $FLOOD"
	fi
}

# Its files are counted, told or not, beside the few that the sessions and their runtime open.
test_opens() {
	local FLOODER=/b/open_flood FLOOD seen

	flood_begin || return
	run_flood "opened files" /tmp
	sleep 2
	seen=$(jq .events.opens.seen "$E2E_DIR/run/agent.json")
	[ "$seen" -ge "$FLOOD" ] && [ "$seen" -le $((FLOOD + 10000)) ]
	is "opened files: every one is counted ($seen)" $? 0
	flood_end "opened files"
}

test_floods() {
	blindspots_import
	is "the image is made" $? 0
	test_execs
	test_attempts
	test_kinds
	test_opens
}

layouts_test test_floods
