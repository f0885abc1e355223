# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the end-to-end tests have in common, to be sourced: results in TAP form, the
# agent under test, questions to its alerts, and a clean end whatever happens. Knows
# nothing of container engines (engine.sh).
#
# BAREWATCH is the agent, PROGRAMS the directory of the test programs; both default to
# where `make` puts them, below O.
#
# What is set here is read by the tests:
# shellcheck disable=SC2034

E2E_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
E2E_BUILD=${O:-$E2E_SOURCE/../../build}
BAREWATCH=$(realpath -m "${BAREWATCH:-$E2E_BUILD/barewatch}")
PROGRAMS=$(realpath -m "${PROGRAMS:-$E2E_BUILD/tests/e2e/programs}")

E2E_DIR=

# ---- results ----

TAP_PREFIX= # put before each name, such as "v2: "
TAP_COUNT=0
TAP_FAILED=0

ok() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $TAP_PREFIX$1"
}

# not_ok NAME [DETAIL]: the detail may have many lines, of any content.
not_ok() {
	TAP_COUNT=$((TAP_COUNT + 1))
	TAP_FAILED=$((TAP_FAILED + 1))
	echo "not ok $TAP_COUNT - $TAP_PREFIX$1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | cat -v | sed 's/^/#   /'
}

skip() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $TAP_PREFIX$1 # SKIP $2"
}

# Nothing of this file can run here.
skip_all() {
	skip "all of it" "$1"
	tap_end
	exit
}

bail_out() {
	echo "Bail out! $1"
	exit 1
}

# is NAME ACTUAL EXPECTED
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got:      $2
expected: $3"
	fi
}

# The plan, and the status to end with.
tap_end() {
	echo "1..$TAP_COUNT"
	[ "$TAP_FAILED" = 0 ]
}

# ---- begin and end ----

# e2e_require [PROGRAM]: ends the test where the agent or its programs cannot be run.
e2e_require() {
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	[ -x "$BAREWATCH" ] || bail_out "the agent is not built: $BAREWATCH"
	[ -x "$PROGRAMS/${1-app}" ] || bail_out "the test programs are not built: $PROGRAMS"
}

# Makes the directory of this test. At the end, also on a signal, what this shell started is
# ended, the functions named are called, and the directory is removed.
e2e_begin() {
	E2E_AT_EXIT=("$@")
	E2E_DIR=$(mktemp -d /tmp/barewatch-test.XXXXXX) || exit
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap e2e_end EXIT
}

# Keeps the status to exit with, and makes it 1 when cleaning up fails.
e2e_end() {
	local status=$? action

	trap '' HUP INT TERM
	end_children
	for action in "${E2E_AT_EXIT[@]}"; do
		"$action" || status=$((status ? status : 1))
	done
	rm -rf "$E2E_DIR"
	exit "$status"
}

end_children() {
	local child

	for child in $(jobs -p); do
		kill -KILL "$child" 2>/dev/null
		wait "$child" 2>/dev/null
	done
}

# wait_until SECONDS COMMAND...: 0 as soon as COMMAND succeeds, 1 when the time is over.
wait_until() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))

	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# ---- the agent ----

AGENT_PID=
AGENT_STATUS=
AGENT_FORMAT=json
AGENT_OPTIONS=() # always given

agent_watches() {
	grep -q watching "$E2E_DIR/agent.log" || ! agent_runs
}

agent_runs() {
	kill -0 "$AGENT_PID" 2>/dev/null
}

# A shell without job control starts its children deaf to SIGINT: undone by env.
agent_exec() {
	exec env --default-signal=INT,QUIT "$BAREWATCH" watch -o "$AGENT_FORMAT" \
		--state-file "$E2E_DIR/run/agent.json" --no-pin "${AGENT_OPTIONS[@]}" "$@"
}

# Starts `barewatch watch` with the arguments given, and returns when it watches. Its alerts
# go to alerts.jsonl, its log to agent.log, both in E2E_DIR.
agent_start() {
	: >"$E2E_DIR/agent.log"
	(agent_exec "$@") </dev/null \
		>"$E2E_DIR/alerts.jsonl" 2>"$E2E_DIR/agent.log" &
	AGENT_PID=$!
	if wait_until 15 agent_watches && agent_runs; then
		ok "the agent watches with $*"
		return 0
	fi
	not_ok "the agent watches with $*" "$(agent_log)"
	agent_kill
	return 1
}

# Asks the agent to end, as Ctrl-C does, and waits for it.
agent_stop() {
	kill -INT "$AGENT_PID"
	agent_wait
}

# Waits until the agent has ended. Its status is then in AGENT_STATUS.
agent_wait() {
	if ! wait_until 15 agent_ended; then
		agent_kill
		AGENT_STATUS="none, it did not end within 15 s"
		return 1
	fi
	wait "$AGENT_PID"
	AGENT_STATUS=$?
	AGENT_PID=
}

agent_ended() {
	! agent_runs
}

agent_kill() {
	[ -n "$AGENT_PID" ] || return 0
	kill -KILL "$AGENT_PID" 2>/dev/null
	wait "$AGENT_PID" 2>/dev/null
	AGENT_PID=
}

# By its closing summary.
agent_lost_nothing() {
	grep -Eq '[^0-9]0 events lost' "$E2E_DIR/agent.log"
}

agent_log() {
	tail -n 20 "$E2E_DIR/agent.log"
}

# ---- its alerts ----

# alerts FILTER: the alerts whose output_fields FILTER is true of, one a line, with what
# follow-ups told: on a slow machine there are more. FILTER may use variables of the
# environment (env.NAME). Without those that only say that there is a session: many tests have
# some, and are about what runs in them.
alerts() {
	jq -cs "to_entries | group_by(.value.alert_id) | sort_by(.[0].key)[] | map(.value) |
		.[0] + {output_fields: (map(.output_fields) | add)} |
		select(.rule != \"Session in bare container\") |
		select(.output_fields | $1)" "$E2E_DIR/alerts.jsonl"
}

alerts_count() {
	alerts "$1" 2>/dev/null | wc -l
}

alerts_reach() {
	[ "$(alerts_count "$2")" -ge "$1" ]
}

# alerts_wait SECONDS COUNT FILTER: until at least COUNT alerts are there.
alerts_wait() {
	wait_until "$1" alerts_reach "$2" "$3"
}

# The file as a whole: JSON lines, each an object with the keys that readers of Falco's
# alerts expect.
alerts_are_wellformed() {
	local keys='["time", "rule", "priority", "source", "hostname", "tags", "output", "output_fields"]'

	jq -es "all(type == \"object\" and ($keys - keys == []))" "$E2E_DIR/alerts.jsonl" \
		>/dev/null || return
	[ "$(jq -c . "$E2E_DIR/alerts.jsonl" | wc -l)" = "$(wc -l <"$E2E_DIR/alerts.jsonl")" ]
}

# The control characters in FILE (C0 other than newline, DEL, C1) with what is before them,
# and iconv's complaint when it is not UTF-8.
text_unsafe() {
	LC_ALL=C grep -naoP '.{0,60}([\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f])' "$1" | head -n 5
	{ iconv -f UTF-8 -t UTF-8 "$1" >/dev/null; } 2>&1
}
