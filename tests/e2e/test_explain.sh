#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `barewatch rules explain --alert`: why a rule matched, by what the running agent has kept of its
# alerts; why one that is near did not; and what is said of alerts that it has not got.
set -u

LAYOUTS=${LAYOUTS:-v2}
# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=engines.sh
. "$ENGINE_SOURCE/engines.sh"

write_rules() {
	cat >"$E2E_DIR/rules.yaml" <<-'END'
		- macro: a_shell
		  condition: exe.class = shell
		- rule: Shell named web
		  desc: d
		  condition: a_shell and container.name = "web"
		  output: o
		  priority: ERROR
		- rule: Shell named near
		  desc: d
		  condition: a_shell and container.name = "near" and proc.name exists
		  output: o
		  priority: ERROR
	END
}

explain() {
	"$BAREWATCH" rules explain --state-file "$E2E_DIR/run/agent.json" "$@" \
		>"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
}

# explains NAME LINE ARG...: the arguments make an explanation with LINE in it.
explains() {
	local name=$1 line=$2

	shift 2
	if explain "$@" && grep -qxF -- "$line" "$E2E_DIR/out"; then
		ok "$name"
	else
		not_ok "$name" "no line '$line' in
$(cat "$E2E_DIR/out" "$E2E_DIR/err")"
	fi
}

# says_no NAME STATUS TEXT ARG...: nothing but one line with TEXT.
says_no() {
	local name=$1 status=$2 text=$3

	shift 3
	explain "$@"
	is "$name" "$? $(wc -c <"$E2E_DIR/out") $(wc -l <"$E2E_DIR/err") $(
		grep -cF -- "$text" "$E2E_DIR/err")" "$status 0 1 1"
}

rule_alerted() {
	[ -n "$(rule_id "$1")" ]
}

# The id of the first alert of the rule $1.
rule_id() {
	local -x RULE=$1

	jq -r 'select(.rule == env.RULE) | .alert_id' "$E2E_DIR/alerts.jsonl" | head -n 1
}

# What makes so many alerts that those before are forgotten.
flood() {
	engine_exec "$ENGINE_ID" sh -c 'i=0; while [ $i -lt 300 ]; do sh -c :; i=$((i + 1)); done'
}

flooded() {
	[ "$(jq -r 'select(.rule == "Shell named web") | .alert_id' "$E2E_DIR/alerts.jsonl" |
		sort -u | wc -l)" -gt 300 ]
}

test_explain() {
	local id notice

	write_rules
	agent_start --bare all --rules "$E2E_DIR/rules.yaml" || return
	engine_start --name web shelly /app 300
	engine_exec "$ENGINE_ID" sh -c ': explained' </dev/null
	if ! wait_until 10 rule_alerted "Shell named web"; then
		not_ok "there is an alert to explain" "$(agent_log)"
		return
	fi
	wait_until 5 test -e "$E2E_DIR/run/agent.json"
	id=$(rule_id "Shell named web")
	explains "the rule of the alert matches" "'Shell named web' matches." --alert "$id"
	explains "and its parts have their values" \
		"true        container.name = 'web'  [container.name is \"web\"]" --alert "$id"
	explains "a rule that is near does not match" \
		"'Shell named near' does not match: what is marked > is false." \
		"Shell named near" --alert "$id"
	explains "and the part that decides is marked" \
		"false   >   container.name = 'near'  [container.name is \"web\"]" \
		"Shell named near" --alert "$id"
	explains "rules that are given are asked instead" \
		"'Package manager in bare container' does not match: what is marked > is false." \
		"Package manager in bare container" --alert "$id" \
		--rules "$E2E_SOURCE/../../rules/default.yaml"
	explain --alert "$id" -o json
	is "JSON says the same" "$(jq -r '"\(.rule) \(.result)"' "$E2E_DIR/out")" \
		"Shell named web true"
	says_no "a rule that is not in force" 2 "did you mean 'Shell named web'?" \
		"Shell named wed" --alert "$id"
	says_no "what is no alert" 3 "is no alert of the agent that runs" --alert $'no\e[1m'
	says_no "the alert of another agent" 3 "is no alert of the agent that runs" \
		--alert "0123456789abcdef-000001"
	"$BAREWATCH" reload --state-file "$E2E_DIR/run/agent.json" >/dev/null
	wait_until 5 rule_alerted "barewatch: rules reloaded"
	notice=$(rule_id "barewatch: rules reloaded")
	says_no "what the agent said of itself" 3 "no rule made it" --alert "$notice"
	explains "after a reload it is kept" "'Shell named web' matches." --alert "$id"
	flood
	wait_until 20 flooded
	says_no "what is long ago is not kept" 3 "is not kept any more" --alert "$id"
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	says_no "without an agent" 3 "no agent runs whose file is" --alert "$id"
}

layouts_test test_explain
