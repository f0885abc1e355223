#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Which container is it: podman, docker and containerd with its CRI plugin side by side,
# with runc and with crun, watched by one agent. Everything is done first and judged when the
# agent has ended. What was done is written down as it is done, from the engines' own
# answers: a shell's argument says which engine, runtime, act and number it belongs to, and
# the engine says which container that was. An alert is compared with that.
#
#	start		a container whose command is a shell, gone at once
#	session		a shell in a container by podman exec, docker exec, ExecSync
#	child		a shell that the container's own program starts
#	debug		a shell in a container of its own, next to the processes of another
#	lookup		a session that asks for a program the container does not have
#	quiet		a container, or a session, without any of this
#
# COUNT starts and COUNT sessions for each engine and layout, QUIET quiet ones of both, the
# runtimes in turn, the second half while the processors are busy. LAYOUTS, KINDS and
# RUNTIMES choose. COUNT=100 makes 204 quiet starts and as many sessions with each runtime,
# over three engines and two layouts; the default is for every day.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=engines.sh
. "$ENGINE_SOURCE/engines.sh"

COUNT=${COUNT:-24}
QUIET=${QUIET:-$((COUNT * 2 / 3 + 2))}
KINDS=${KINDS:-$ENGINE_KINDS}
WORKERS=3

RUNTIMES=${RUNTIMES:-runc crun}
UP=() # the kinds that are up
TABLE=() # what is printed at the end
QUIET_TABLE=() # and this; its alerts are those that nothing was done for
RUN= # begins the argument of each shell of one layout

# ---- what was done ----

# One line for each: ACT, ARGUMENT of the shell or the program that was asked for, ID, NAME,
# IMAGE, IMAGE ID, POD, NAMESPACE, UID, POD LABELS, LABELS. A field that does not apply is "-".
truth_file() {
	echo "$E2E_DIR/$ENGINE_KIND.truth"
}

# The images and pods of the engine in use, asked once.
truth_begin() {
	local ENGINE_RUNTIME=${RUNTIMES%% *} image

	: >"$(truth_file)"
	: >"$E2E_DIR/$ENGINE_KIND.errors"
	for image in bare shelly; do
		printf '%s\t%s' "$(engine_image_name "$image")" "$(engine_image_id "$image")" \
			>"$(truth_file).$image"
	done
	for ENGINE_RUNTIME in $RUNTIMES; do
		truth_pod >"$(truth_file).$ENGINE_RUNTIME"
		[ -z "$(engine_pod)" ] || truth sandbox - "$(engine_sandbox)" - bare
	done
}

# The pod of containers, and its labels (cri.js).
truth_pod() {
	local name namespace uid

	read -r name namespace uid < <(engine_pod)
	if [ -z "$name" ]; then
		printf -- '-\t-\t-\t-'
	else
		printf '%s\t%s\t%s\tapp:%s, %s' "$name" "$namespace" "$uid" "$name" \
			"io.kubernetes.pod.name:$name, io.kubernetes.pod.namespace:$namespace, $(
			)io.kubernetes.pod.uid:$uid"
	fi
}

# The labels that the container NAME is given, and those a kubelet adds, without the pod's app.
truth_labels() {
	local pod

	pod=$(cut -f 4 "$(truth_file).$ENGINE_RUNTIME")
	[ "$pod" = - ] || printf '%s' "io.kubernetes.container.name:$1, ${pod#*, }, "
	printf 'who:%s' "$1"
}

# truth ACT ARGUMENT ID NAME IMAGE
truth() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$(cat "$(truth_file).$5")" \
		"$(cat "$(truth_file).$ENGINE_RUNTIME")" "$(truth_labels "$4")" >>"$(truth_file)"
}

# What should not have happened to the engine in use.
error() {
	echo "$*" >>"$E2E_DIR/$ENGINE_KIND.errors"
}

# The runtime whose turn it is.
runtime_of() {
	local runtimes

	read -ra runtimes <<<"$RUNTIMES"
	echo "${runtimes[$1 % ${#runtimes[@]}]}"
}

argument() { # ACT NUMBER
	echo ": $RUN.$ENGINE_KIND.$1.$ENGINE_RUNTIME.$2"
}

# A container that stays, as WHAT.$ENGINE_RUNTIME.
start_lasting() { # WHAT IMAGE
	engine_start --name "$1-$ENGINE_RUNTIME" --label "who=$1-$ENGINE_RUNTIME" "$2" /app 600 ||
		error "$1 with $ENGINE_RUNTIME ended with status $?"
	echo "$ENGINE_ID" >"$E2E_DIR/$ENGINE_KIND.$1.$ENGINE_RUNTIME"
}

lasting() { # WHAT
	cat "$E2E_DIR/$ENGINE_KIND.$1.$ENGINE_RUNTIME"
}

# run ACT NUMBER IMAGE COMMAND...: a container that is recorded, whatever becomes of it.
run() {
	local act=$1 name=$1-$2-$ENGINE_RUNTIME image=$3 status
	local id_file=$E2E_DIR/$ENGINE_KIND.$name.id

	shift 3
	rm -f "$id_file"
	engine_run_to "$id_file" --name "$name" --label "who=$name" "$image" "$@" </dev/null >/dev/null
	status=$?
	truth "$act" "${*: -1}" "$(cat "$id_file")" "$name" "$image"
	return $status
}

# session ACT WHAT IMAGE COMMAND...: in a container that stays.
session() {
	local act=$1 what=$2 image=$3

	shift 3
	truth "$act" "${*: -1}" "$(lasting "$what")" "$what-$ENGINE_RUNTIME" "$image"
	engine_exec "$(lasting "$what")" "$@" </dev/null >/dev/null
}

# ---- what is done ----

do_start() {
	run start "$1" shelly /bin/sh -c "$(argument start "$1")"
}

# In a container from before the agent, and in one from after, in turn.
do_session() {
	local what=earlier

	[ $(($1 / 2 % 2)) = 0 ] || what=later
	session "session-$what" "$what" shelly /bin/sh -c "$(argument "session-$what" "$1")"
}

do_quiet_start() {
	run quiet-start "$1" bare /app 0
}

do_quiet_session() {
	session quiet-session later shelly /app 0
}

# Numbers FIRST, FIRST + WORKERS... up to LAST of FUNCTION.
do_share() { # FUNCTION FIRST LAST
	local i ENGINE_RUNTIME

	for ((i = $2; i <= $3; i += WORKERS)); do
		ENGINE_RUNTIME=$(runtime_of "$i")
		"$1" "$i" || error "$1 $i with $ENGINE_RUNTIME ended with status $?"
	done
}

do_many() { # FUNCTION FIRST LAST
	local i pids=()

	for ((i = 0; i < WORKERS; i++)); do
		do_share "$1" $(($2 + i)) "$3" 2>>"$E2E_DIR/$ENGINE_KIND.errors" &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# Half 0 or 1 of all that is done many times.
do_half() {
	do_many do_start $((COUNT * $1 / 2 + 1)) $((COUNT * ($1 + 1) / 2))
	do_many do_session $((COUNT * $1 / 2 + 1)) $((COUNT * ($1 + 1) / 2))
	do_many do_quiet_start $((QUIET * $1 / 2 + 1)) $((QUIET * ($1 + 1) / 2))
	do_many do_quiet_session $((QUIET * $1 / 2 + 1)) $((QUIET * ($1 + 1) / 2))
}

do_half_busy() {
	local i load=()

	for ((i = $(nproc); i > 0; i--)); do
		(while :; do :; done) &
		load+=($!)
	done
	do_half "$1"
	kill "${load[@]}"
	wait "${load[@]}" 2>/dev/null
}

do_child() {
	run child 1 shelly /try_exec /bin/sh -c "$(argument child 1)" ||
		error "child with $ENGINE_RUNTIME ended with status $?"
}

# A session that asks for PROGRAM, which is not there. What it asks for is in a file that is
# gone within ms: where the agent came too late to read that, it is asked for once more.
do_poke() { # ACT PROGRAM
	local -x ID PROGRAM=${2##*/}

	ID=$(lasting poked)
	! session "$1" poked bare "$2" || error "$ENGINE_RUNTIME found $2"
	alerts_wait 3 1 '."container.full_id" == env.ID and ."exe.program" == env.PROGRAM' && return
	echo "# $ENGINE_KIND: $ENGINE_RUNTIME was asked for $2 again"
	! session "$1" poked bare "$2" || error "$ENGINE_RUNTIME found $2"
}

# To fail is what these are for.
do_lookups() {
	do_poke lookup-path /bin/sh
	do_poke lookup-search bash
	! run lookup-entrypoint 1 bare /bin/sh || error "$ENGINE_RUNTIME started /bin/sh"
} 2>>"$E2E_DIR/$ENGINE_KIND.lookups"

do_debug() {
	declare -F "${ENGINE_KIND}_debug" >/dev/null || return 0
	engine_debug "$(lasting later)" shelly /bin/sh -c "$(argument debug 1)" ||
		error "debug with $ENGINE_RUNTIME ended with status $?"
	truth debug "$(argument debug 1)" "$ENGINE_ID" - shelly
}

do_before() {
	local ENGINE_RUNTIME

	for ENGINE_RUNTIME in $RUNTIMES; do
		start_lasting earlier shelly
	done
}

do_all() {
	local ENGINE_RUNTIME begin=${EPOCHREALTIME/[.,]/}

	for ENGINE_RUNTIME in $RUNTIMES; do
		start_lasting later shelly
		start_lasting poked bare
		do_child
		do_lookups
		do_debug
	done
	do_half 0
	do_half_busy 1
	echo "# $ENGINE_KIND: $(((${EPOCHREALTIME/[.,]/} - begin) / 1000)) ms"
}

# ---- the judgement ----

# "ARGUMENT VALUE" of all shells of ACT, from what was done. COLUMN is one of truth(), or the
# value itself behind an equals sign.
expected() { # ACT COLUMN
	awk -F '\t' -v act="$1" -v column="$2" '$1 == act {
		print $2, column ~ /^=/ ? substr(column, 2) : $column
	}' "$(truth_file)" | sort
}

# The same from the alerts. FIELD is "-" where an alert does not have it.
reported() { # ACT FIELD
	ARGUMENT=": $RUN.$ENGINE_KIND.$1." FIELD=$2 jq -r '.output_fields |
		select(."proc.argv"[2]? | strings | startswith(env.ARGUMENT)) |
		"\(."proc.argv"[2]) \(.[env.FIELD] // "-")"' "$E2E_DIR/alerts.jsonl" | sort
}

# each NAME ACT FIELD COLUMN: each shell has one alert, whose FIELD is what is in COLUMN. Says
# what differs, in few enough lines to be read.
each() {
	is "$1" "$(diff <(expected "$2" "$4") <(reported "$2" "$3") | grep '^[<>]' |
		head -n 6)" ""
}

# How many shells of ACT are in order.
right_count() { # ACT FIELD COLUMN
	comm -12 <(expected "$1" "$3") <(reported "$1" "$2") | wc -l
}

# judge WHAT ACT ENTRY
judge() {
	each "$1: one alert each, with the container's id" "$2" container.full_id 3
	each "$1: the entry is $3" "$2" proc.entry "=$3"
	each "$1: the name of the container" "$2" container.name 4
	each "$1: the image" "$2" container.image 5
	each "$1: the id of the image" "$2" container.image.id 6
	[ "$ENGINE_KIND" != cri ] || each "$1: the digest of the image" "$2" \
		container.image.digest "=$(cri_image_digest shelly)"
	each "$1: the pod, or none" "$2" k8s.pod.name 7
	each "$1: the namespace of the pod, or none" "$2" k8s.ns.name 8
	each "$1: the uid of the pod, or none" "$2" k8s.pod.uid 9
	each "$1: the labels of the pod, or none" "$2" k8s.pod.labels 10
	labels_are_known || return 0
	each "$1: the labels of the container" "$2" container.labels 11
}

# Podman 5 has them where the agent does not look.
labels_are_known() {
	[ "$ENGINE_KIND" != podman ] || [ -e "$ENGINE_ROOT/libpod/bolt_state.db" ]
}

# The lookups of ACT: "PROGRAM ID ALERTS" for each.
looked_up() { # ACT
	local -x ID PROGRAM

	while IFS=$'\t' read -r _ PROGRAM ID _; do
		echo "$PROGRAM $ID $(alerts_count '."container.full_id" == env.ID and
			."attempt.cause" == "runtime_lookup" and ."evt.res" == "ENOENT" and
			(."exe.invoked" // "" | split("/")[-1]) == (env.PROGRAM | split("/")[-1])')"
	done < <(grep "^$1	" "$(truth_file)")
}

judge_lookup() { # NAME ACT
	is "$1" "$(looked_up "$2")" "$(expected_lookups "$2")"
}

expected_lookups() {
	awk -F '\t' -v act="$1" '$1 == act { print $2, $3, 1 }' "$(truth_file)"
}

# The alerts about the containers IDS that are for nothing that was done.
strays() { # IDS
	local -x IDS=$1 LOOKED_UP ARGUMENT=": $RUN."

	LOOKED_UP=$(grep ^lookup "$(truth_file)" | cut -f 3)
	alerts '(."container.full_id" | IN(env.IDS | split("\n")[])) and
		(."proc.argv"[2]? // "" | startswith(env.ARGUMENT) | not) and
		(."attempt.cause" == "runtime_lookup" and
			(."container.full_id" | IN(env.LOOKED_UP | split("\n")[])) | not)' |
		jq -r .output
}

# The containers of ACTs that $ENGINE_RUNTIME ran, one for each act.
of_runtime() { # PATTERN
	awk -F '\t' -v act="$1" -v name="-$ENGINE_RUNTIME\$" '$1 ~ act && $4 ~ name { print $3 }' \
		"$(truth_file)"
}

judge_quiet() {
	is "no alert for the runtimes' own processes in $(grep -c start "$(truth_file)") starts and $(
		grep -c session "$(truth_file)") sessions" \
		"$(strays "$(cut -f 3 "$(truth_file)")" | head -n 3)" ""
}

judge_debug() {
	grep -q ^debug "$(truth_file)" || return 0
	each "debug: one alert each, with the container's id" debug container.full_id 3
	each "debug: the entry is ephemeral" debug proc.entry =ephemeral
	each "debug: the pod" debug k8s.pod.name 7
}

judge_all() {
	is "all containers and sessions come to their end" \
		"$(head -n 5 "$E2E_DIR/$ENGINE_KIND.errors")" ""
	judge "start" start entrypoint
	judge "session in a container from before the agent" session-earlier runtime-exec
	judge "session in a container from after" session-later runtime-exec
	each "a shell that the application starts: one alert each" child container.full_id 3
	each "a shell that the application starts: the entry is child" child proc.entry =child
	judge_debug
	judge_lookup "a session asks for a missing /bin/sh: one alert" lookup-path
	judge_lookup "a session searches \$PATH for a missing shell: one alert" lookup-search
	judge_lookup "a container's command is a missing shell: one alert" lookup-entrypoint
	judge_quiet
}

# One object for each container, whatever is around it.
shown_by_ps() { # ID NAME
	ID=$1 NAME=$2 jq -s '[.. | objects | select([.[] | strings] |
		index(env.ID) and index(env.NAME))] | length' "$E2E_DIR/ps.json"
}

judge_ps() {
	local kind what

	if ! "$BAREWATCH" ps -o json "${AGENT_OPTIONS[@]}" >"$E2E_DIR/ps.json" 2>"$E2E_DIR/ps.log"; then
		not_ok "ps shows the containers of all engines" "$(head -n 3 "$E2E_DIR/ps.log")"
		return
	fi
	for kind in "${UP[@]}"; do
		engine_use "$kind"
		for what in earlier later poked; do
			local ENGINE_RUNTIME
			for ENGINE_RUNTIME in $RUNTIMES; do
				is "ps shows $what-$ENGINE_RUNTIME of $kind, once" \
					"$(shown_by_ps "$(lasting $what)" "$what-$ENGINE_RUNTIME")" 1
			done
		done
	done
}

table_add() { # LAYOUT
	TABLE+=("$(printf '%-7s %-7s %6d %6d %6d %6d %6d %6d' "$1" "$ENGINE_KIND" \
		"$(expected start 3 | wc -l)" "$(reported start container.full_id | wc -l)" \
		"$(right_count start container.full_id 3)" "$(right_count start container.name 4)" \
		"$(right_count start container.image 5)" "$(right_count start k8s.pod.uid 9)")")
}

quiet_table_add() { # LAYOUT
	local ENGINE_RUNTIME

	for ENGINE_RUNTIME in $RUNTIMES; do
		QUIET_TABLE+=("$(printf '%-7s %-7s %-7s %12d %14d %6d' "$1" "$ENGINE_KIND" \
			"$ENGINE_RUNTIME" "$(of_runtime ^quiet-start | wc -l)" \
			"$(of_runtime ^quiet-session | wc -l)" \
			"$(strays "$(of_runtime . | sort -u)" | wc -l)")")
	done
}

table_print() {
	[ "${#TABLE[@]}" -gt 0 ] || return 0
	printf '# %-7s %-7s %6s %6s %6s %6s %6s %6s\n' layout engine starts alerts id name image pod
	printf '# %s\n' "${TABLE[@]}"
	printf '# %-7s %-7s %-7s %12s %14s %6s\n' layout engine runtime quiet-starts quiet-sessions \
		alerts
	printf '# %s\n' "${QUIET_TABLE[@]}"
}

# ---- the frame ----

# Puts the kinds that this machine can have into UP.
engines_begin() { # LAYOUT
	local kind reason

	UP=()
	for kind in $KINDS; do
		engine_use "$kind"
		reason=$(engine_missing "$1")
		if [ -n "$reason" ]; then
			skip "$kind" "$reason"
		elif engine_up "$1" && engine_images "$PROGRAMS"; then
			UP+=("$kind")
		else
			not_ok "$kind can be started"
			engine_down
		fi
	done
	[ "${#UP[@]}" -gt 0 ]
}

engines_end() {
	local kind left=

	for kind in "${UP[@]}"; do
		engine_use "$kind"
		engine_down
		left+=$(engine_leftovers "$ENGINE_NAME")
	done
	is "nothing is left behind" "$left" ""
}

for_each_engine() { # FUNCTION ARGUMENT...
	local kind prefix=$TAP_PREFIX
	local TAP_PREFIX

	for kind in "${UP[@]}"; do
		engine_use "$kind"
		TAP_PREFIX="$prefix$kind: "
		"$@"
	done
}

# Tells the agent what it can be told.
add_roots() {
	local root

	engine_roots
	for root in "${ENGINE_ROOTS[@]}"; do
		! "$BAREWATCH" watch --engine-root "$root" --help >/dev/null 2>&1 ||
			AGENT_OPTIONS+=(--engine-root "$root")
	done
}

# Events keep their order: when this shell is reported, all before it are.
wait_for_the_last() {
	local -x ARGUMENT=": $RUN.last" ENGINE_RUNTIME=${RUNTIMES%% *}

	engine_exec "$(lasting later)" /bin/sh -c "$ARGUMENT"
	alerts_wait 10 1 '."proc.argv"[2]? == env.ARGUMENT'
	is "the last shell is reported" $? 0
}

test_engines() { # LAYOUT
	RUN=engines-$$-$RANDOM
	AGENT_OPTIONS=()
	for_each_engine add_roots
	for_each_engine truth_begin
	for_each_engine do_before
	agent_start --bare all || return
	for_each_engine do_all
	wait_for_the_last
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	agent_lost_nothing
	is "nothing was lost" $? 0
	for_each_engine judge_all
	for_each_engine table_add "$1"
	for_each_engine quiet_table_add "$1"
	judge_ps
}

e2e_require
runtimes_choose
e2e_begin engine_down_all
for layout in $LAYOUTS; do
	TAP_PREFIX="$layout: "
	if engines_begin "$layout"; then
		test_engines "$layout"
		engines_end
	fi
done
table_print
tap_end
