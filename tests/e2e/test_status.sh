#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `barewatch status`: what the running agent tells of itself is what there is, as text and as JSON, and in its
# file; without an agent there is no answer.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

status() { # OPTION...
	"$BAREWATCH" status --state-file "$E2E_DIR/run/agent.json" "$@" \
		>"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
}

# told FILTER: of the answer in JSON.
told() {
	status -o json && jq -r "$1" "$E2E_DIR/out"
}

told_is() { # FILTER VALUE
	[ "$(told "$1")" = "$2" ]
}

# The file is written with the first record.
file_has() { # FILTER
	jq -e "$1" "$E2E_DIR/run/agent.json" >/dev/null 2>&1
}

rules() { # CONDITION
	printf -- '- {rule: one, desc: d, condition: "%s", output: o, priority: ERROR}\n' "$1" \
		>"$E2E_DIR/rules.yaml"
}

test_without_agent() {
	status
	is "without an agent: status" $? 3
	is "without an agent: one line" "$(grep -c 'no agent runs' "$E2E_DIR/err") \
$(wc -l <"$E2E_DIR/err") $(wc -c <"$E2E_DIR/out")" "1 1 0"
}

test_numbers() {
	local rss

	rules 'exe.class = shell'
	agent_start --bare "$id" --rules "$E2E_DIR/rules.yaml" || return
	wait_until 5 told_is .containers.bare 1
	is "the container is counted" "$(told '"\(.containers.watched) \(.containers.bare)"')" "1 1"
	for _ in 1 2 3; do
		run_in "$top/$id" "$E2E_DIR/ash" -c :
	done
	wait_until 5 told_is .alerts 3
	is "alerts and execs" "$(told '"\(.alerts) \(.events.execs.seen) \(.events.execs.lost)"')" "3 3 0"
	is "it is of the agent" "$(told '"\(.pid) \(.barewatch)"')" \
		"$AGENT_PID $("$BAREWATCH" --version | cut -d ' ' -f 2)"
	is "since when" "$(($(date +%s) - $(date +%s -d "$(told .since)") < 60))" 1
	rss=$(($(awk '{ print $2 }' "/proc/$AGENT_PID/statm") * $(getconf PAGESIZE)))
	is "memory within a tenth" "$(($(told .memory_bytes) * 10 / rss >= 9)) \
$(($(told .memory_bytes) * 10 / rss <= 11))" "1 1"
	is "no failures" "$(told '[.failures[]] | add')" 0
	wait_until 5 file_has .failures
	is "the agent's file has how things are seen, too" \
		"$(jq -c .sensors "$E2E_DIR/run/agent.json")" "$(told .sensors | jq -c .)"
	status
	is "text: status" $? 0
	is "text: the lines" "$(grep -cE "^(barewatch +.*, pid $AGENT_PID, since 20|containers +1, bare 1\$|\
rules +version 1 since 20.*, active 1\$|alerts +3\$|memory +[0-9.]+ MiB\$|open kinds +0 of|execs +tracepoint\$|\
execs +3 +0 +0\$)" "$E2E_DIR/out")" 8
	agent_stop
}

test_rules_and_hooks() {
	rules 'exe.class = shell'
	agent_start --bare "$id" --rules "$E2E_DIR/rules.yaml" || return
	is "opens that nobody asks for have no hook" \
		"$(told '"\(.sensors.opens.hook) \(.sensors.opens.unseen[-1])"')" \
		"none opened files are not seen: no rule, recording or option asks for them"
	rules 'evt.subject = open and fd.name = /x'
	kill -HUP "$AGENT_PID"
	wait_until 5 told_is .rules.version 2
	is "a rule about them has one" "$(told .sensors.opens.hook | grep -cE '^(fentry|kprobe|tracepoint)$')" 1
	is "what it does not see is told" "$(told .sensors.opens.unseen | grep -c -- --failed-opens)" 1
	is "32-bit programs are where they are not seen" \
		"$(told '[.sensors[] | select(.unseen | join(" ") | contains("32-bit")) | .hook] |
			[contains(["tracepoint"]), contains(["kprobe"])] | tostring')" "[true,false]"
	rules 'exe.clas = shell'
	kill -HUP "$AGENT_PID"
	wait_until 5 told_is .rules.failures 1
	is "a reload that is refused is counted" "$(told '"\(.rules.version) \(.rules.active) \(.rules.failures)"')" \
		"2 1 1"
	is "and why" "$(told '.rules.error | contains("rules.yaml:1:36: ")')" true
	status
	is "text: so it is" "$(grep -c 'version 2 since .*, active 1, reloads refused 1, the last one, too$' \
		"$E2E_DIR/out")" 1
	agent_stop
	rules 'evt.subject = open'
	agent_start --bare "$id" --rules "$E2E_DIR/rules.yaml" --coverage full --failed-opens || return
	is "who asks for all has no sentence about it" \
		"$(told '[.sensors[].unseen[] | select(contains("--"))] | length')" 0
	agent_stop
}

clean_up() {
	agent_kill
	cgroups_remove
}

e2e_begin clean_up
v2=$(mount_point cgroup2)
[ -n "$v2" ] || skip_all "no cgroup v2 hierarchy here"
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash"
top=$v2/barewatch-status.$$/docker
cgroup_tree "$top"
id=$(new_id)
mkdir "$top/$id"
test_without_agent
test_numbers
test_rules_and_hooks
tap_end
