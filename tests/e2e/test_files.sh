#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `barewatch files`: what containers have executed and opened, as the running agent tells, with its
# table, its choices and its JSON; and what is said where there is nothing to tell.
set -u

LAYOUTS=${LAYOUTS:-v2}
# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=engines.sh
. "$ENGINE_SOURCE/engines.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

files() {
	"$BAREWATCH" files --state-file "$E2E_DIR/run/agent.json" "$@" \
		>"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
}

# field FILTER ARG...: of what `files ARG... -o json` prints.
field() {
	local filter=$1

	shift
	files "$@" -o json && jq -r "$filter" "$E2E_DIR/out"
}

# told FILTER ARG...: FILTER is true of it.
told() {
	[ "$(field "$@")" = true ]
}

# tells NAME FILTER ARG...
tells() {
	local name=$1

	shift
	if wait_until 5 told "$@"; then
		ok "$name"
	else
		not_ok "$name" "not true: $1
$(cat "$E2E_DIR/out" "$E2E_DIR/err")
$(agent_log)"
	fi
}

# says_no NAME STATUS TEXT ARG...: nothing but one line with TEXT.
says_no() {
	local name=$1 status=$2 text=$3

	shift 3
	files "$@"
	is "$name" "$? $(wc -c <"$E2E_DIR/out") $(wc -l <"$E2E_DIR/err") $(
		grep -cF -- "$text" "$E2E_DIR/err")" "$status 0 1 1"
}

in_container() {
	engine_exec "$ENGINE_ID" "$@" </dev/null >/dev/null 2>&1
}

test_executed() {
	in_container sh -c '/bin/busybox true; /bin/busybox true; /bin/busybox false; :'
	tells "what was executed, how often and by which program" '
		[.files[] | select(.path == "/bin/busybox" and (.use | contains(["execute"])))][0] |
		(.programs | map(select(.program == "/bin/busybox" and .use == ["execute"]))[0].count) == 3' \
		web
	tells "and where it came from" \
		'[.files[] | select(.path == "/bin/busybox")][0].origin == "image"' web
	tells "the counts of programs add up" 'all(.files[]; .count == (.programs | map(.count) | add))' web
	in_container sh -c 'cp /bin/busybox /tmp/own || cp /bin/busybox /own; for f in /tmp/own /own; do
		[ ! -e $f ] || $f true; done'
	tells "what was written in the container is told so" \
		'[.files[] | select(.path | endswith("/own")) | .origin] | index("upper") != null' \
		web --executed
	in_container sh -c 'cp /bin/busybox "$(printf "/odd\n\033[1m\377")" && /odd* true'
	tells "a path with anything in it comes escaped" \
		'[.files[].path] | index("/odd\\n\\u{1b}[1m\\xff") != null' web
	files web
	is "the table has no control characters" "$(text_unsafe "$E2E_DIR/out")" ""
}

# of PATH: the file of that path, in a filter.
of() {
	printf '[.files[] | select(.path == "%s")][0]' "$1"
}

test_opened() {
	in_container sh -c 'i=0; while [ $i -lt 50 ]; do read x </app; i=$((i + 1)); done
		head -c 1 /app; head -c 1 /app; echo made >/made; cat /made; cat /mnt/given
		cp /app /copied'
	tells "opens of one process are counted, and of others" \
		"$(of /app) | [.programs[] | select(.use == [\"read\"]) | .count] == [53]" web
	tells "and by which program they were" \
		"$(of /app) | [.programs[] | select(.use == [\"read\"]) | .program] == [\"/bin/busybox\"]" web
	tells "what was not changed is the image's" "$(of /app).origin == \"image\"" web --opened
	tells "what was made is told so" \
		"$(of /made) | .origin == \"upper\" and (.use | contains([\"write\", \"create\"]))" web
	tells "and that it was read then" "$(of /made).use | contains([\"read\"])" web
	tells "what was mounted is no image's" "$(of /mnt/given).origin == \"volume\"" web
	tells "what was opened can be asked for alone" \
		'.files | length > 0 and all(.[]; .use | index("execute") == null)' web --opened
	tells "as can one use" '[.files[].path] | index("/made") != null and index("/mnt/given") == null' \
		web --use create
	tells "first is not after last" 'all(.files[]; .first <= .last)' web
	tells "nothing was left out" '.complete and .opens and .omitted == 0' web
}

test_choices() {
	local count

	tells "only what was executed" '.files | length > 0 and all(.[]; .use == ["execute"])' \
		web --executed
	tells "only of one origin" '.files | length > 0 and all(.[]; .origin == "image")' \
		web --origin image
	tells "sorted by path" '[.files[].path] | . == sort' web
	tells "sorted by count" '[.files[].count] | . == (sort | reverse)' web --sort count
	tells "sorted by the last use" '[.files[].last] | . == (sort | reverse)' web --sort last
	count=$(field '.files | length' web)
	files web
	is "the table has as many lines" "$(grep -c '^[-rwtcmx]* *[0-9]' "$E2E_DIR/out")" "$count"
	is "and a title" "$(head -n 1 "$E2E_DIR/out" | tr -s ' ')" \
		"USE COUNT ORIGIN LAST PATH PROGRAMS"
	count=$(field '[.files[].programs[]] | length' web)
	files web -o wide
	is "the wide table has a line for each program" \
		"$(grep -c '^[-rwtcmx]* *[0-9]' "$E2E_DIR/out")" "$count"
}

test_names() {
	tells "a container is found by its id" ".container.id == \"$web\"" "$web"
	tells "by its beginning" ".container.name == \"web\"" "${web:0:12}"
	says_no "one that is not there" 2 "there is no container 'wed'" wed
	says_no "one that several ids begin with" 2 "2 containers are called 'abcdef': abcdef" abcdef
	says_no "no name at all" 2 "is needed"
	says_no "a use that there is not" 2 "did you mean 'execute'?" web --use executes
	says_no "an origin that there is not" 2 "did you mean 'image'?" web --origin images
}

test_ends() {
	engine_start --name brief shelly /app 300
	in_container sh -c :
	tells "a container that came later" '.files | length > 0' brief
}

# Two whose ids have the same beginning.
two_alike() {
	local top i id

	top=$(mount_point cgroup2)/barewatch-files.$$/docker
	cgroup_tree "$top"
	for i in 1 2; do
		id=abcdef$(new_id)
		mkdir "$top/${id:0:64}"
	done
}

test_files() {
	local web

	two_alike
	agent_start --bare all --opens on || return
	echo given >"$ENGINE_VOLUME/given"
	engine_start --name web -v "$ENGINE_VOLUME:/mnt" shelly /app 300
	web=$ENGINE_ID
	wait_until 5 test -e "$E2E_DIR/run/agent.json"
	test_executed
	test_opened
	test_choices
	test_names
	test_ends
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	says_no "without an agent" 3 "no agent runs whose file is" web
	[ ! -e "$E2E_DIR/run/agent.json.d/control" ]
	is "the socket is gone with it" $? 0
	cgroups_remove
}

layouts_test test_files
