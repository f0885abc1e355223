# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What cases.sh is written in, to be sourced: the words of its cases, how each is run, and
# whether the alerts of its container are those that are written there.
# shellcheck disable=SC2034 # read by test_blindspots.sh

READS="read line"
WORKERS=4 # containers at a time
SHELL_STATUS=7 # of a shell that did what it was told

# ---- the words ----

NAMES=()
GROUP=
NAME=
declare -A HEADING=() WHAT=() KIND=() REASON=() WITH_OPTION=()
declare -A COMMAND=() OPTIONS=() RUN_BY=() NEEDS=() STATUS=()
declare -A FOUND=() FOUND_COUNT=() IN_WORDS=() # expressions of jq with commas between them

group() { GROUP=$1; }

spot() {
	NAME=$1
	NAMES+=("$NAME")
	HEADING[$NAME]=$GROUP
	WHAT[$NAME]=$2
	KIND[$NAME]=covered
	RUN_BY[$NAME]=in_container
	STATUS[$NAME]=$SHELL_STATUS
	FOUND_COUNT[$NAME]=0
}

runs() { COMMAND[$NAME]=${*@Q}; }
waits() { RUN_BY[$NAME]=until_seen; }
by() { RUN_BY[$NAME]=$1; }
with() { OPTIONS[$NAME]=${*@Q}; }
needs() { NEEDS[$NAME]=${*@Q}; }
ends() { STATUS[$NAME]=$1; }
control() { KIND[$NAME]=control; }

found() {
	local condition

	condition=$(printf 'fits("%s"; ."%s") and ' "$1" evt.subject "$2" exe.class \
		"$3" exe.program "$4" exe.applet "$5" exe.origin)
	FOUND[$NAME]+="${FOUND[$NAME]:+, }($condition(${6:-true}))"
	IN_WORDS[$NAME]+="${IN_WORDS[$NAME]:+; }$(sed 's/ none / /; s/ -//g; s/|/ or /g' <<<"${*:1:5}")"
	FOUND_COUNT[$NAME]=$((FOUND_COUNT[$NAME] + 1))
}

limit() {
	KIND[$NAME]=limit
	REASON[$NAME]=${1//$'\n\t'/ }
}

option() {
	KIND[$NAME]=option
	WITH_OPTION[$NAME]=$1
	REASON[$NAME]=$2
}

# ---- running ----

# For `needs`.
kernel_is_at_least() {
	printf '%s\n' "$1" "$(uname -r)" | sort -CV
}

can_run() {
	[ -z "${NEEDS[$1]-}" ] || eval "${NEEDS[$1]}"
}

in_container() {
	local name=$1 command options

	eval "command=(${COMMAND[$name]}) options=(${OPTIONS[$name]-})"
	[ "${RUN_BY[$name]}" != until_seen ] || options+=(-i)
	engine_run_to "$E2E_DIR/cases/$name.id" "${options[@]}" blind "${command[@]}"
}

# It is known what the program is, at once or by a follow-up.
class_seen() {
	ID=$(cat "$E2E_DIR/cases/$1.id" 2>/dev/null) \
		jq -en 'first(inputs.output_fields | select(."container.full_id" == env.ID and
			(."exe.class" | . == "shell" or . == "loader")))' \
		"$E2E_DIR/alerts.jsonl" >/dev/null 2>&1
}

# What it runs reads, and its input ends when its class is known: its file can be read until then.
until_seen() {
	local name=$1 runner input

	mkfifo "$E2E_DIR/cases/$name.input"
	in_container "$name" <"$E2E_DIR/cases/$name.input" &
	runner=$!
	exec {input}>"$E2E_DIR/cases/$name.input"
	wait_until 5 class_seen "$name"
	exec {input}>&-
	wait "$runner"
}

# A container that stays. Prints its cgroup.
container_stays() {
	engine_run_to "$E2E_DIR/cases/$1.id" -d blind /b/app 300 >/dev/null &&
		echo "$ENGINE_CGROUP/libpod_parent/libpod-$(cat "$E2E_DIR/cases/$1.id")"
}

# A shell of the host joins the cgroup of a container and becomes the command.
enters_cgroup() {
	local command cgroup

	eval "command=(${COMMAND[$1]})"
	cgroup=$(container_stays "$1") &&
		(echo "$BASHPID" >"$cgroup/cgroup.procs" && exec "${command[@]}")
}

in_no_cgroup() {
	local command

	eval "command=(${COMMAND[$1]})"
	engine_podman run --rm --cidfile "$E2E_DIR/cases/$1.id.podman" --cgroups disabled blind \
		"${command[@]}"
}

# It joins the namespaces and the root directory of one, and stays in its own cgroup.
enters_namespaces() {
	local command cgroup

	eval "command=(${COMMAND[$1]})"
	cgroup=$(container_stays "$1") &&
		nsenter -m -p -r -w -t "$(head -n 1 "$cgroup/cgroup.procs")" "${command[@]}"
}

# run_share FIRST NAME...: every WORKERS-th.
run_share() {
	local i name first=$1

	shift
	for ((i = first; i <= $#; i += WORKERS)); do
		name=${!i}
		"${RUN_BY[$name]}" "$name" </dev/null >"$E2E_DIR/cases/$name.log" 2>&1
		echo $? >"$E2E_DIR/cases/$name.status"
	done
}

run_spots() {
	local i pids=()

	rm -rf "$E2E_DIR/cases"
	mkdir "$E2E_DIR/cases"
	for ((i = 1; i <= WORKERS; i++)); do
		run_share "$i" "$@" &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# ---- what was found ----

# All that was said, joined once for all cases.
records_join() {
	alerts true >"$E2E_DIR/records.jsonl"
}

records_of() {
	ID=$(cat "$E2E_DIR/cases/$1.id" 2>/dev/null) \
		jq -c 'select(.output_fields."container.full_id" == env.ID)' "$E2E_DIR/records.jsonl"
}

# mismatches NAME COUNT EXPRESSIONS: what is wrong, if anything: an alert that none of the
# expressions is true of, or one that is not true of exactly one alert.
mismatches() {
	records_of "$1" | jq -rn --argjson lines "$2" '
		def fits($want; $is): $want == "-" or
			any($want | split("|")[]; . == ($is // "none" | tostring));
		[inputs | select(.rule != "Everything") | .rule as $rule | .output_fields |
			{$rule, fits: ([ '"$3"' ] | indices(true))}] |
		(.[] | select(.fits == []) | "not to be found: \(.rule)"),
		([.[].fits[]] as $all | range($lines) as $line |
			($all | map(select(. == $line)) | length) |
			select(. != 1) | "line \($line + 1) of what is to be found: \(.) alerts")
	' 2>&1
}

# The alerts of a case in words, as the table has them.
alerts_in_words() {
	records_of "$1" | jq -r 'select(.rule != "Everything") | .output_fields |
		[."evt.subject", ."exe.class", ."exe.program", ."exe.applet", ."exe.origin"] |
		map(strings) | join(" ")' | sort | paste -sd ';' | sed 's/;/; /g'
}

# All that was seen of it, one event a line.
seen() {
	records_of "$1" | jq -r '.rule as $rule | .output_fields |
		[$rule, ."evt.subject", ."exe.class", ."exe.program", ."exe.applet", ."exe.origin",
		 ."exe.resolved" // ."exe.invoked", ."attempt.errno"] |
		map(. // "-" | tostring | .[-40:]) | join(" ")'
}

# Containers that records name and nobody ran.
strangers() {
	jq -Rn '[inputs]' < <(cat -- "$E2E_DIR"/cases/*.id "$E2E_DIR/sentinel.id" |
		fold -w 64 && echo) >"$E2E_DIR/ids.json"
	jq -r --slurpfile ids "$E2E_DIR/ids.json" '.output_fields."container.full_id" |
		select(. as $id | $ids[0] | index($id) | not)' "$E2E_DIR/records.jsonl" | sort -u
}
