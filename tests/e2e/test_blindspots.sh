#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The catalogue of blind spots (blindspots/cases.sh): each case runs in a container of its own
# and must give the alerts that are written beside it, and no other. Every event which is no alert
# is let through by a rule of the test (blindspots/everything.yaml), so that a failure shows
# what was seen instead. The table of docs/blindspots.md is what was found: UPDATE_DOCS=1
# writes it, otherwise it has to be the same.
#
# CASES chooses by name (patterns, with spaces between); SHOW=1 prints all that was seen.
set -u

LAYOUTS=${LAYOUTS:-v2} # in the other one the same cgroups have other names

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=blindspots/spots.sh
. "$E2E_SOURCE/blindspots/spots.sh"
# shellcheck source-path=SCRIPTDIR source=blindspots/image.sh
. "$E2E_SOURCE/blindspots/image.sh"

TABLE=$E2E_SOURCE/../../docs/blindspots.md

declare -A ROWS=() # of the table

chosen() {
	local pattern patterns

	[ -n "${CASES-}" ] || return 0
	read -ra patterns <<<"$CASES"
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# choose NAME...: sets CHOSEN to those that are to run and can.
choose() {
	local name

	CHOSEN=()
	for name in "$@"; do
		chosen "$name" || continue
		if can_run "$name"; then
			CHOSEN+=("$name")
		else
			skip "$name: ${WHAT[$name]}" "this host cannot do it"
		fi
	done
}

# row NAME ANSWER: of the table.
row() {
	ROWS[$1]="| \`$1\` | ${WHAT[$1]} | $2 | ${IN_WORDS[$1]-} |"
}

# verdict NAME COUNT EXPRESSIONS ANSWER
verdict() {
	local name=$1 title="$1: ${WHAT[$1]}" status wrong

	status=$(cat "$E2E_DIR/cases/$name.status" 2>/dev/null)
	wrong=$(mismatches "$1" "$2" "$3")
	printf '# %-18s %-26s %s\n' "$name" "$4" "$(alerts_in_words "$name")"
	[ -z "${SHOW-}" ] || seen "$name" | sed 's/^/#     /'
	if [ "$status" != "${STATUS[$name]}" ]; then
		not_ok "$title" "it ends with status $status, not ${STATUS[$name]}
$(tail -n 5 "$E2E_DIR/cases/$name.log")"
	elif [ -n "$wrong" ]; then
		not_ok "$title" "$wrong
seen: $(seen "$name")"
		row "$name" "fails"
	else
		ok "$title${REASON[$name]:+ # $4: ${REASON[$name]}}"
		row "$name" "$4${REASON[$name]:+: ${REASON[$name]}}"
	fi
}

sentinel_seen() {
	grep -qF "$(cat "$E2E_DIR/sentinel.id")" "$E2E_DIR/alerts.jsonl"
}

# Runs those that are CHOSEN, with the agent that was started and is stopped.
run_chosen() {
	run_spots "${CHOSEN[@]}"
	engine_run_to "$E2E_DIR/sentinel.id" blind /bin/sh -c true
	wait_until 10 sentinel_seen
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	records_join
	is "no other container is named" "$(strangers)" ""
	agent_lost_nothing
	is "nothing was lost" $? 0
}

blindspots_agent() {
	printf '%s\n' 'version: 1' 'bare: all' 'except:' '  - name: unwatched' \
		>"$E2E_DIR/policy.yaml"
	agent_start --policy "$E2E_DIR/policy.yaml" \
		--rules "$E2E_SOURCE/../../rules/default.yaml" \
		--rules "$E2E_SOURCE/blindspots/everything.yaml" "$@"
}

# What an agent without further options finds: of cases that need one, nothing.
test_without_options() {
	local name

	choose "${NAMES[@]}"
	[ ${#CHOSEN[@]} -gt 0 ] && blindspots_agent || return
	run_chosen
	for name in "${CHOSEN[@]}"; do
		if [ "${KIND[$name]}" = option ]; then
			verdict "$name" 0 "" "without option"
		else
			verdict "$name" "${FOUND_COUNT[$name]}" "${FOUND[$name]-}" "${KIND[$name]}"
		fi
	done
}

test_option() {
	local option=$1 name wanting=()

	for name in "${NAMES[@]}"; do
		[ "${WITH_OPTION[$name]-}" != "$option" ] || wanting+=("$name")
	done
	choose "${wanting[@]}"
	[ ${#CHOSEN[@]} -gt 0 ] && blindspots_agent "$option" || return
	run_chosen
	for name in "${CHOSEN[@]}"; do
		verdict "$name" "${FOUND_COUNT[$name]}" "${FOUND[$name]}" "option \`$option\`"
	done
}

# The rows of the cases that ran here.
table() {
	local name heading=

	cat "$E2E_SOURCE/blindspots/table.md"
	for name in "${NAMES[@]}"; do
		if [ "$heading" != "${HEADING[$name]}" ]; then
			heading=${HEADING[$name]}
			printf '\n## %s\n\n| | | answer | alerts |\n| --- | --- | --- | --- |\n' "$heading"
		fi
		[ -z "${ROWS[$name]-}" ] || echo "${ROWS[$name]}"
	done
}

# The committed table without the rows of cases that cannot run here.
table_comparable() {
	local name

	for name in "${NAMES[@]}"; do
		[ -n "${ROWS[$name]-}" ] || echo "| \`$name\` |"
	done >"$E2E_DIR/absent"
	grep -vFf "$E2E_DIR/absent" "$TABLE"
}

test_table() {
	[ -z "${CASES-}" ] || return 0
	if [ -n "${UPDATE_DOCS-}" ]; then
		table >"$TABLE"
	fi
	is "docs/blindspots.md has the table of what was found" \
		"$(diff <(table_comparable) <(table) | grep '^[<>]')" ""
}

test_blindspots() {
	local option

	# shellcheck source-path=SCRIPTDIR source=blindspots/cases.sh
	. "$E2E_SOURCE/blindspots/cases.sh"
	blindspots_import
	is "the image is made" $? 0
	test_without_options
	for option in $(printf '%s\n' "${WITH_OPTION[@]}" | sort -u); do
		test_option "$option"
	done
	test_table
}

layouts_test test_blindspots
