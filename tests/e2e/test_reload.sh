#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Rules that are replaced while the agent runs: `barewatch reload`, SIGHUP, --watch-rules. Under
# RATE execs a second for SECONDS_OF_LOAD, good and bad rules in turn: each shell has its alert, each bad file
# is told of once, and nothing is lost.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

RATE=${RATE:-1000}
SECONDS_OF_LOAD=${SECONDS_OF_LOAD:-5}

# rules NAME...: a rule for each name, of which the first matches all shells.
rules() {
	local name condition='exe.class = shell'

	for name; do
		printf -- '- {rule: %s, desc: d, condition: %s, output: o, priority: ERROR}\n' \
			"$name" "$condition"
		condition='proc.name = nothing'
	done
}

# put FILE: standard input becomes FILE, by a rename.
put() {
	cat >"$1.new" && mv "$1.new" "$1"
}

good() {
	rules "$@" | put "$E2E_DIR/rules.yaml"
}

bad() {
	rules first | sed 's/exe.class/exe.clas/' | put "$E2E_DIR/rules.yaml"
}

state() { # FILTER
	jq -r ".rules | $1" "$E2E_DIR/run/agent.json" 2>/dev/null
}

state_is() { # FILTER VALUE
	[ "$(state "$1")" = "$2" ]
}

reload() {
	"$BAREWATCH" reload --state-file "$E2E_DIR/run/agent.json" \
		>"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
}

# Names of rules, in the order of their alerts; what the agent says of itself is named "barewatch: ...".
alerted() { # FILTER
	jq -r "select($1) | .rule" "$E2E_DIR/alerts.jsonl"
}

told_of() { # COUNT TEXT
	[ "$(grep -c "$2" "$E2E_DIR/agent.log")" = "$1" ]
}

shell() {
	run_in "$top/$id" "$E2E_DIR/ash" -c :
}

shell_is() { # NAME RULE
	shell
	wait_until 5 alerted_last "$2"
	is "$1" "$(alerted '.source == "syscall"' | tail -n 1)" "$2"
}

alerted_last() {
	[ "$(alerted '.source == "syscall"' | tail -n 1)" = "$1" ]
}

test_without_agent() {
	reload
	is "without an agent: status" $? 3
	is "without an agent: one line" "$(grep -c 'no agent runs' "$E2E_DIR/err") \
$(wc -l <"$E2E_DIR/err")" "1 1"
}

test_statuses() {
	good first second
	agent_start --bare "$id" --rules "$E2E_DIR/rules.yaml" || return
	wait_until 5 state_is .version 1
	shell_is "rules that it began with" first
	good other second third
	reload
	is "good rules: status" $? 0
	is "good rules: what is said" "$(cat "$E2E_DIR/out")" \
		"version 2 is in force: active 3, added 2, removed 1, changed 0"
	shell_is "good rules: are in force" other
	bad
	reload
	is "bad rules: status" $? 2
	is "bad rules: the place" "$(grep -c 'rules.yaml:1:37: .*exe.clas' "$E2E_DIR/err")" 1
	is "bad rules: the old ones stay" "$(grep -c 'refused, version 2 stays' "$E2E_DIR/err")" 1
	is "bad rules: the agent's file" "$(state '[.version, .active, .failures,
		(.error | contains("rules.yaml:1:37: "))] | map(tostring) | join(" ")')" "2 3 1 true"
	shell_is "bad rules: the old ones are in force" other
	good again
	kill -HUP "$AGENT_PID"
	wait_until 10 state_is .version 3
	is "SIGHUP: version, failures, error" \
		"$(state '"\(.version) \(.failures) \(.error)"')" "3 1 "
	shell_is "SIGHUP: good rules are in force" again
	is "notices are among the alerts" "$(alerted '.source == "internal"' | paste -sd ,)" \
		"barewatch: rules reloaded,barewatch: rules refused,barewatch: rules reloaded"
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
}

# What no --bare lets them see is said, at the start and of each new set.
test_rules_for_others() {
	local text='can never fire without --all-containers.*: .first. and others'

	printf -- '- {rule: %s, desc: d, condition: container.bare = false, output: o, priority: INFO}\n' \
		first second | put "$E2E_DIR/rules.yaml"
	agent_start --bare "$id" --rules "$E2E_DIR/rules.yaml" || return
	is "rules for other containers: a warning at the start" \
		"$(grep -c "2 of the rules $text" "$E2E_DIR/agent.log")" 1
	wait_until 5 state_is .version 1
	reload
	is "rules for other containers: another one with each reload" \
		"$(grep -c "2 of the rules $text" "$E2E_DIR/agent.log")" 2
	agent_stop
	agent_start --all-containers --rules "$E2E_DIR/rules.yaml" || return
	is "rules for other containers: none with --all-containers" \
		"$(grep -c "can never fire" "$E2E_DIR/agent.log")" 0
	agent_stop
}

follow_up() {
	[ -n "$(alerted .follow_up)" ]
}

# What was said by a rule that is gone is completed in its name.
test_follow_up() {
	local late

	late=$(new_id)
	good gone
	agent_start --engine-root docker="$E2E_DIR/docker" --bare "$late" \
		--rules "$E2E_DIR/rules.yaml" || return
	mkdir "$top/$late"
	run_in "$top/$late" "$E2E_DIR/ash" -c :
	wait_until 5 alerted_last gone
	wait_until 5 state_is .version 1
	good other
	reload
	mkdir -p "$E2E_DIR/docker/containers/$late"
	printf '{"ID":"%s","Name":"/late","Config":{"Image":"late:1"}}' "$late" |
		put "$E2E_DIR/docker/containers/$late/config.v2.json"
	wait_until 10 follow_up
	is "a follow-up has the rule of its alert" "$(alerted .follow_up)" gone
	agent_stop
}

# In the container, two at once: one alone spends its time waiting.
load() {
	local first

	load_half >"$E2E_DIR/load.1" &
	first=$!
	load_half >"$E2E_DIR/load.2" && wait "$first"
}

load_half() {
	run_in "$top/$id" "$PROGRAMS/exec_rate" $((RATE / 2)) "$SECONDS_OF_LOAD" 20 \
		"$E2E_DIR/true" "$E2E_DIR/ash"
}

# answers STATUS: reloads, and adds to WRONG what ended with another one.
answers() {
	local got

	reload
	got=$?
	[ "$got" = "$1" ] || WRONG+="$got for $1: $(cat "$E2E_DIR/err") "
}

# Replaces the rules until the process PID has ended. Sets GOOD and BAD, and WRONG: statuses that were.
alternate() {
	GOOD=0 BAD=0 WRONG=
	while kill -0 "$1" 2>/dev/null; do
		good "name$((GOOD % 3))" more
		answers 0
		bad
		answers 2
		GOOD=$((GOOD + 1)) BAD=$((BAD + 1))
	done
}

all_alerted() {
	[ "$(alerted '.source == "syscall" and (.follow_up | not)' | wc -l)" -ge "$1" ]
}

test_load() {
	local pid total shells

	good name0 more
	agent_start --bare "$id" --rules "$E2E_DIR/rules.yaml" || return
	wait_until 5 state_is .version 1
	load &
	pid=$!
	alternate "$pid"
	wait "$pid"
	is "load: ends well" $? 0
	read -r total shells < <(awk '{ t += $1; s += $2 } END { print t, s }' "$E2E_DIR"/load.?)
	echo "# $total execs in $SECONDS_OF_LOAD s, $shells of them shells; rules: good $GOOD, bad $BAD"
	wait_until 20 all_alerted "$shells"
	is "load: each reload had its status" "$WRONG" ""
	is "load: good ones came into force, bad ones were counted" \
		"$(state '"\(.version) \(.failures)"')" "$((GOOD + 1)) $BAD"
	is "load: each bad file is in the log once" \
		"$(grep -c 'New rules are refused' "$E2E_DIR/agent.log")" "$BAD"
	is "load: each bad file is among the alerts once" \
		"$(alerted '.rule == "barewatch: rules refused"' | wc -l)" "$BAD"
	is "load: each shell has one alert" \
		"$(alerted '.source == "syscall" and (.follow_up | not)' | wc -l)" "$shells"
	is "load: of a rule that was there" \
		"$(alerted '.source == "syscall"' | grep -cv '^name[0-2]$')" 0
	agent_stop
	is "load: the agent ends well" "$AGENT_STATUS" 0
	agent_lost_nothing
	is "load: nothing was lost" $? 0
}

# version_becomes NAME VERSION
version_becomes() {
	wait_until 10 state_is .version "$2"
	is "$1" "$(state .version)" "$2"
}

# As Kubernetes replaces a ConfigMap that is mounted.
swap() { # DIRECTORY RULE...
	local directory=$E2E_DIR/map/$1

	shift
	mkdir "$directory"
	rules "$@" >"$directory/rules.yaml"
	ln -s "${directory##*/}" "$E2E_DIR/map/..data_tmp"
	mv -T "$E2E_DIR/map/..data_tmp" "$E2E_DIR/map/..data"
}

test_watched() {
	mkdir "$E2E_DIR/map"
	swap ..1 mapped
	ln -s ..data/rules.yaml "$E2E_DIR/map/rules.yaml"
	good first
	agent_start --bare "$id" --rules "$E2E_DIR/rules.yaml" --rules "$E2E_DIR/map" \
		--watch-rules || return
	version_becomes "watched: at the start" 1
	good second
	version_becomes "watched: a rename" 2
	shell_is "watched: the new rules are in force" second
	swap ..2 mapped other
	version_becomes "watched: a swap of links" 3
	is "watched: what the link leads to is read" "$(state '"\(.active) \(.added)"')" "3 1"
	bad
	wait_until 10 state_is .failures 1
	is "watched: a bad file is refused" "$(state '"\(.version) \(.failures)"')" "3 1"
	touch "$E2E_DIR/beside"
	good third
	version_becomes "watched: the next good one is taken" 4
	wait_until 5 told_of 1 'New rules are refused'
	is "watched: the bad file was told of once" \
		"$(grep -c 'New rules are refused' "$E2E_DIR/agent.log")" 1
	agent_stop
	is "watched: the agent ends well" "$AGENT_STATUS" 0
	is "--watch-rules without --rules: status" "$("$BAREWATCH" watch --bare all --watch-rules \
		2>/dev/null; echo $?)" 2
}

# What `script` runs has a terminal, which is closed when `script` is killed.
test_terminal() {
	local agent

	command -v script >/dev/null || { skip "terminal that is closed" "needs script"; return; }
	script -qec "exec '$BAREWATCH' watch --bare $id --no-pin --state-file '$E2E_DIR/run/agent.json'" \
		/dev/null </dev/null >/dev/null 2>&1 &
	AGENT_PID=$!
	wait_until 15 state_is .version 1
	is "terminal: the agent watches" "$(state .version)" 1
	agent=$(jq .pid "$E2E_DIR/run/agent.json")
	agent_kill
	if wait_until 15 test ! -e "/proc/$agent"; then
		ok "terminal that is closed: the agent ends"
	else
		not_ok "terminal that is closed: the agent ends"
		kill -KILL "$agent"
	fi
}

clean_up() {
	agent_kill
	cgroups_remove
}

e2e_require exec_rate
e2e_begin clean_up
v2=$(mount_point cgroup2)
[ -n "$v2" ] || skip_all "no cgroup v2 hierarchy here"
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash" && ln -s busybox "$E2E_DIR/true"
mkdir -p "$E2E_DIR/docker/containers"
top=$v2/barewatch-reload.$$/docker
cgroup_tree "$top"
id=$(new_id)
mkdir "$top/$id"
test_without_agent
test_statuses
test_rules_for_others
test_follow_up
test_load
test_watched
test_terminal
tap_end
