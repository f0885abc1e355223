#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a user sees when something is wrong: one clear line, with the place and what was
# expected where there is one, and the documented status. Nothing here gets as far as the
# kernel, so none of it needs root.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# refuses NAME STATUS PATTERN ARGUMENTS...: barewatch ends with STATUS, prints one line on
# standard error that PATTERN matches, and nothing on standard output.
refuses() {
	local name=$1 status=$2 pattern=$3 got
	shift 3
	"$BAREWATCH" "$@" >"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
	got=$?
	if [ "$got" = "$status" ] && [ "$(wc -l <"$E2E_DIR/err")" = 1 ] &&
		[ ! -s "$E2E_DIR/out" ] && grep -qE -- "$pattern" "$E2E_DIR/err"; then
		ok "$name"
	else
		not_ok "$name" "status $got, expected $status; expected one line like: $pattern
$(cat "$E2E_DIR/err" "$E2E_DIR/out")"
	fi
}

# refuses_rules NAME PATTERN ARGUMENTS...: the same of rules, of which all mistakes are told.
refuses_rules() {
	local name=$1 pattern=$2 got
	shift 2
	"$BAREWATCH" "$@" >"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
	got=$?
	if [ "$got" = 2 ] && [ ! -s "$E2E_DIR/out" ] && grep -qE -- "$pattern" "$E2E_DIR/err"; then
		ok "$name"
	else
		not_ok "$name" "status $got, expected 2; expected a line like: $pattern
$(cat "$E2E_DIR/err" "$E2E_DIR/out")"
	fi
}

# prints NAME PATTERN ARGUMENTS...: standard output matches PATTERN, the status is 0.
prints() {
	local name=$1 pattern=$2
	shift 2
	if "$BAREWATCH" "$@" >"$E2E_DIR/out" 2>"$E2E_DIR/err" &&
		grep -qE -- "$pattern" "$E2E_DIR/out" && [ ! -s "$E2E_DIR/err" ]; then
		ok "$name"
	else
		not_ok "$name" "$(cat "$E2E_DIR/err" "$E2E_DIR/out")"
	fi
}

# broken NAME OPTION TEXT PATTERN: a file with TEXT is refused with its place.
broken() {
	printf '%s\n' "$3" >"$E2E_DIR/file.yaml"
	if [ "$2" = --rules ]; then
		refuses_rules "$1" "$4" watch --bare all "$2" "$E2E_DIR/file.yaml"
	else
		refuses "$1" 2 "$4" watch --bare all "$2" "$E2E_DIR/file.yaml"
	fi
}

e2e_begin

prints "--help lists the commands" '^  watch ' --help
prints "--help has the exit statuses" '^  3  no answer possible' --help
prints "watch --help lists its options" '^  -b, --bare WHICH' watch --help
prints "watch --help has the exit statuses" '^  2  usage' watch --help
prints "--help lists ps" '^  ps ' --help
prints "ps --help lists its options" '^  -o, --output FORMAT' ps --help
prints "ps --help has the options of every command for this host" '^      --engine-root' ps --help
prints "ps --help has the exit statuses" '^  3  no answer possible' ps --help
prints "--version" '^barewatch [0-9]+\.[0-9]+\.[0-9]+$' --version

prints "--help lists fields" '^  fields ' --help
prints "fields --help lists its options" '^  -o, --output FORMAT' fields --help
prints "fields lists those of a class" '^  proc\.name +text +kernel record +all$' fields proc
prints "fields are JSON as well" '"name": "proc.name"' fields -o json proc.name
refuses "fields of no class" 2 "no field begins with 'prox': did you mean 'proc'\\?" fields prox
refuses "a form that there is not" 2 "'yaml' is none of" fields -o yaml
refuses "one argument too many for fields" 2 "unexpected argument 'evt'" fields proc evt
prints "--help lists rules" '^  rules ' --help
prints "rules test --help has its exit statuses" '^  1  some did not' rules test --help
prints "rules test runs the cases beside the rules" '^[1-9][0-9]* passed, 0 failed$' \
	rules test "$E2E_SOURCE/../../rules/default.yaml"
refuses "rules test without a file is an error" 2 "a directory, is needed" rules test

# cases TEXT: a file of cases, beside a copy of the default rules.
cases() {
	cp "$E2E_SOURCE/../../rules/default.yaml" "$E2E_DIR/r.yaml"
	printf '%s\n' "$1" >"$E2E_DIR/r.test.yaml"
	"$BAREWATCH" rules test "$E2E_DIR/r.test.yaml" 2>&1
	echo "status $?"
}

is "a case that fails is shown as a difference, with its place" "$(cases '
- case: foreign shell
  event:
    evt.subject: exec
    container.bare: true
    exe.class: shell
    exe.foreign: true
    exe.origin: upper
    proc.entry: child
  rules: [Shell in bare container, Dynamic loader started as a program]')" \
	"$E2E_DIR/r.test.yaml:2:3: foreign shell
   Shell in bare container
  -Dynamic loader started as a program
  +Foreign program in bare container
0 passed, 1 failed
status 1"
is "a rule that is not there is an error, with its place" "$(cases '
- case: misspelt
  event: {evt.subject: exec}
  rules: [Shell in bear container]')" \
	"barewatch: error: $E2E_DIR/r.test.yaml:4:11: there is no rule 'Shell in bear container': \
did you mean 'Shell in bare container'?
0 passed, 0 failed
status 2"

prints "rules explain --help has its exit statuses" '^  2  usage, no such rule' rules explain --help
refuses "rules explain needs an event" 2 "either an event or an alert is needed" rules explain x
refuses "rules explain takes no two events" 2 "either an event or an alert is needed" \
	rules explain x --event "$E2E_DIR/alert.json" --alert 1-1
refuses "rules explain --alert needs an agent" 3 "no agent runs whose file is '$E2E_DIR/none'" \
	rules explain --alert 1-1 --state-file "$E2E_DIR/none"
echo '{"rule": "x", "output_fields": {"evt.subject": "exec", "container.bare": true,
	"exe.class": "shell"}}' >"$E2E_DIR/alert.json"
refuses "rules explain of no rule is an error" 2 "did you mean 'Shell in bare container'" \
	rules explain "Shell in bar container" --event "$E2E_DIR/alert.json"
prints "rules explain says that a rule matches" "^'Shell in bare container' matches" \
	rules explain "Shell in bare container" --event "$E2E_DIR/alert.json"
prints "rules explain marks what keeps a rule from matching" \
	'^false   >   exe.class = package_manager  \[exe.class is "shell"\]$' \
	rules explain "Package manager in bare container" --event "$E2E_DIR/alert.json"
prints "rules explain says that an alert does not tell all" 'what is not in it is taken for unknown' \
	rules explain "Package manager in bare container" --event "$E2E_DIR/alert.json"
prints "rules explain tells the same as JSON" '"decides": true' rules explain -o json \
	"Package manager in bare container" --event "$E2E_DIR/alert.json"

prints "--help lists record" '^  record ' --help
prints "record --help lists its options" '^  -w, --write FILE' record --help
refuses "record needs a file" 2 'a file is needed: --write FILE' record --bare all
refuses "record needs to know what is bare" 2 'no container is declared bare' record -w "$E2E_DIR/r"
refuses "the size of a recording is checked" 2 "option '--max-size': '0' is not" \
	record -w "$E2E_DIR/r" --bare all --max-size 0
prints "--help lists replay" '^  replay ' --help
prints "replay --help has its exit statuses" '^  0  all was judged' replay --help
refuses "replay needs a recording" 2 'a recording is needed' replay

# replays TEXT [OPTION]...: what replay says of a recording with this text.
replays() {
	printf '%s' "$1" >"$E2E_DIR/r.jsonl"
	shift
	"$BAREWATCH" replay -o json "$@" "$E2E_DIR/r.jsonl" 2>&1 | jq -Rr '. as $line | try fromjson.rule
		catch $line'
}

HEADER='{"version":1,"barewatch":"0","hostname":"h","start":"2026-11-23T07:23:17.123456789Z",'
HEADER+='"recording":"00000000000000ab","part":1}'
event() { # ID
	echo '{"version":1,"id":'"$1"',"time":"2026-11-23T07:23:17.123456789Z","fields":{"evt.subject":"exec",' \
		'"container.bare":true,"exe.class":"shell"}}'
}
is "a recording gives alerts" "$(replays "$HEADER
$(event 1)
")" "Shell in bare container
barewatch: replayed: 1 events, 0 follow-ups, 1 alerts"
OTHER='{"version":1,"id":1,"time":"2026-11-23T07:23:17.123456789Z","fields":{"evt.subject":"exec",'
OTHER+='"container.bare":false,"exe.class":"package_manager","exe.program":"apk","proc.name":"apk",'
OTHER+='"proc.pname":"app"}}'
is "replay without --all-containers has no rules for other containers" "$(replays "$HEADER
$OTHER
")" "barewatch: replayed: 1 events, 0 follow-ups, 0 alerts"
is "replay --all-containers has them" "$(replays "$HEADER
$OTHER
" --all-containers)" "Package manager in container
barewatch: replayed: 1 events, 0 follow-ups, 1 alerts"
is "what is cut is left out" "$(replays "$HEADER
$(event 1)
{\"version\":")" "Shell in bare container
barewatch: warning: 1 of the files end in the middle of a line, which is left out
barewatch: replayed: 1 events, 0 follow-ups, 1 alerts"
is "what is broken is said with its place, after the alerts before it" "$(replays "$HEADER
$(event 1)
$(event 2 | sed 's/shell/shel/')
")" "Shell in bare container
barewatch: replayed: 1 events, 0 follow-ups, 1 alerts
barewatch: error: $E2E_DIR/r.jsonl:3:115: 'exe.class' is never 'shel': did you mean 'shell'?"
is "files in the wrong order are refused" "$(replays "$HEADER
$(event 2)
$HEADER
$(event 1)
" | tail -n 1)" "barewatch: error: $E2E_DIR/r.jsonl: record 1 comes after record 2: of a recording with \
several files, the oldest is to be named first"

prints "--help lists rules" '^  rules ' --help
prints "rules --help lists its subcommands" '^  show ' rules --help
prints "rules list --help lists its options" '^  -o, --output FORMAT' rules list --help
prints "rules show --help lists its options" '^  -o, --output FORMAT' rules show --help
prints "rules check --help lists its options" '^  -q, --quiet' rules check --help
prints "rules check counts" '^[0-9]+ rules: [0-9]+ active, 0 disabled, 0 skipped; 0 warnings$' \
	rules check rules/default.yaml
refuses "rules check without a file" 2 'which rules\?' rules check
prints "rules list has the rules inside the program" \
	'^Shell in bare container +Critical +active +exec +container, ' rules list
prints "rules list is JSON as well" '"name": "Shell in bare container"' rules list -o json
prints "rules show puts macros in" '^    and container.bare = true$' \
	rules show 'Shell in bare container'
prints "rules show is JSON as well" '"condition": "evt.subject = exec.nand container.bare = true' \
	rules show -o json 'Shell in bare container'
is "rules list has those for bare containers alone" \
	"$("$BAREWATCH" rules list | grep -c ' in container ')" 0
prints "rules list --all-containers has the others as well" \
	'^Shell with a terminal in container +Notice +active ' rules list --all-containers
refuses "rules show without --all-containers has no rule for other containers" 2 \
	"no rule 'Shell with a terminal in container'" rules show 'Shell with a terminal in container'
prints "rules show --all-containers has them" '^    and container.bare = false$' \
	rules show --all-containers 'Shell with a terminal in container'
refuses "rules without a subcommand" 2 "a subcommand is needed" rules
refuses "a subcommand that there is not" 2 "unknown subcommand 'lst': did you mean 'list'" rules lst
refuses "a rule that there is not" 2 "no rule 'Shell in bear container': did you mean 'Shell in bare" \
	rules show 'Shell in bear container'
refuses "rules show without a rule" 2 "the name of a rule is needed" rules show
printf -- '- rule: r\n  desc: d\n  condition: proc.name = (\n  output: o\n  priority: ERROR\n' \
	>"$E2E_DIR/file.yaml"
refuses_rules "rules that are broken are not listed" 'file.yaml:3:' rules list "$E2E_DIR/file.yaml"
refuses_rules "rules that are broken are not shown" 'file.yaml:3:' rules show r "$E2E_DIR/file.yaml"
printf -- '- rule: r\n  desc: d\n  condition: proc.name = x\n  output: o\n  priority: ERROR\n' \
	>"$E2E_DIR/file.yaml"
printf '  enabled: false\n' >>"$E2E_DIR/file.yaml"
prints "rules list says what is disabled" '^1 rule: 0 active, 1 disabled, 0 skipped$' \
	rules list "$E2E_DIR/file.yaml"

prints "--help lists unload" '^  unload ' --help
prints "unload --help lists its options" '^      --pin DIR' unload --help
prints "unload --help has the exit statuses" '^  3  no answer possible' unload --help
prints "unload where nothing can be pinned" '^nothing is pinned at /nonexistent/bw$' \
	unload --pin /nonexistent/bw

refuses "no command" 2 "a command is needed"
refuses "misspelt command" 2 "unknown command 'wach': did you mean 'watch'\?" wach
refuses "unknown command" 2 "unknown command 'frobnicate'" frobnicate
refuses "unknown option before the command" 2 "unknown option '--vresion'.*'--version'" --vresion
refuses "misspelt option" 2 "unknown option '--polcy'.*'--policy'" watch --polcy x
refuses "abbreviated option" 2 "unknown option '--outp'.*'--output'" watch --outp json
refuses "unknown letter" 2 "unknown option '-x'" watch -x
refuses "option without its argument" 2 "'--bare' needs an argument" watch --bare
refuses "operand" 2 "unexpected argument 'web'" watch --bare all web
refuses "format that does not exist" 2 "'--output'.*'xml' is neither" watch --bare all -o xml
refuses "time that is no number" 2 "'--for'.*'5s' is not a whole number" watch --bare all --for 5s
refuses "hook that does not exist" 2 "'--probe'.*'ebpf' is neither" watch --bare all --probe ebpf
refuses "opens half on" 2 "'--opens'.*'some' is none of" watch --bare all --opens some
refuses "ring that is no power of two" 2 "'--ring-size'.*'1000'" watch --bare all --ring-size 1000
refuses "engine root without an engine" 2 "'--engine-root'.*ENGINE=/DIR.*docker" \
	watch --bare all --engine-root /var/lib/docker
refuses "state file whose path is relative" 2 "'--state-file'.*'agent.json' does not begin with '/'" \
	watch --bare all --state-file agent.json
refuses "directory of pins that is relative" 2 "'--pin'.*'bw' does not begin with '/'" \
	watch --bare all --pin bw
refuses "canary that is no number" 2 "'--canary'.*'often' is not a whole number" \
	watch --bare all --canary often
prints "--help lists reload" '^  reload ' --help
prints "reload --help lists its options" '^      --state-file PATH' reload --help
prints "reload --help has the exit statuses" '^  2  they were refused' reload --help
refuses "reload: operand" 2 "unexpected argument 'all'" reload all
refuses "reload: no file" 2 "--state-file needs a path" reload --state-file ""
refuses "reload: no agent" 3 "no agent runs whose file is '/nonexistent/agent.json'" \
	reload --state-file /nonexistent/agent.json
refuses "watch: rules that cannot change" 2 "--watch-rules needs --rules" \
	watch --bare all --watch-rules
refuses "unload: operand" 2 "unexpected argument 'all'" unload all
refuses "unload: directory that is relative" 2 "'--pin'.*'bw' does not begin with '/'" \
	unload --pin bw
refuses "ps: misspelt option" 2 "unknown option '--barr'.*'--bare'" ps --barr all
refuses "ps: option of another command" 2 "unknown option '--rules'" ps --rules x
refuses "ps: unknown letter" 2 "unknown option '-x'" ps -x
refuses "ps: option without its argument" 2 "'-o' needs an argument" ps -o
refuses "ps: operand" 2 "unexpected argument 'web'" ps web
refuses "ps: format that does not exist" 2 "'--output'.*'xml' is none of 'text', 'wide' and 'json'" \
	ps -o xml
refuses "ps: engine that does not exist" 2 "'--engine-root'.*'lxc=/x'" ps --engine-root lxc=/x
refuses "ps: engine root that is relative" 2 "'--engine-root'.*ENGINE=/DIR" \
	ps --engine-root podman=x
refuses "ps: policy that does not exist" 2 "/nonexistent: No such file" ps --policy /nonexistent
if [ -e /etc/barewatch/policy.yaml ]; then
	skip "nothing declared bare" "this host has a policy of its own"
else
	refuses "nothing declared bare" 2 "no container is declared bare" watch
fi

refuses "policy that does not exist" 2 "/nonexistent: No such file" watch --policy /nonexistent
refuses "policy that is a directory" 2 "$E2E_DIR: Is a directory" watch --policy "$E2E_DIR"
broken "policy with a misspelt key" --policy 'version: 1
bare:
  - nmae: web' "file.yaml:3:11: unknown key 'nmae': did you mean 'name'\?"
broken "policy of another version" --policy 'version: 9' 'file.yaml:1:1: .*version: 1'
broken "policy with a mapping for a list" --policy 'version: 1
bare: {name: web}' "file.yaml:2:7: 'bare' is a mapping, expected a list"
broken "policy that is no YAML" --policy 'bare: [' 'file.yaml:[0-9]+:[0-9]+: '
broken "catalog with an unknown class" --catalog 'version: 1
programs:
  - {name: sh, class: shel, files: [sh]}' "file.yaml:3:23: unknown class 'shel': .*'shell'"
broken "rule with an unknown field" --rules '- rule: r
  desc: d
  condition: exe.clas = shell
  output: o
  priority: WARNING' "file.yaml:3:14: .*'exe.clas'.*'exe.class'"
broken "rule without a condition" --rules '- rule: r
  desc: d
  output: o
  priority: WARNING' "file.yaml:1:[0-9]+: .*condition"
broken "rule with a bad priority" --rules '- rule: r
  desc: d
  condition: exe.class = shell
  output: o
  priority: LOUD' "file.yaml:5:13: .*'LOUD'"

tap_end
