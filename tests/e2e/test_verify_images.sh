#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `barewatch verify` over the test images (tests/images): the verdict and the reasons that are
# expected, the same report from each form, and no verdict at all on what cannot be read.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=images.sh
. "$(dirname "$0")/images.sh"

# Kind, class, program and path of the findings in a report; with "links" of their other names too.
findings() { # [links]
	jq -r --arg links "${1-}" '.images[].findings[] | [
		if .leaked then "leak" else .level end,
		(.class | sub("_shell$"; "")), .program // "-"] +
		([.path] + (if $links == "" then [] else [.links[].path] end) | map([.]))[] | @tsv'
}

test_verdict() { # IMAGE
	local wanted status=0

	wanted=$(images_verdict "$1")
	[ "$wanted" = bare ] || status=1
	"$BAREWATCH" verify -o json "oci:$IMAGES/oci/$1" >"$E2E_DIR/report" 2>"$E2E_DIR/errors"
	is "$1: the status is that of $wanted" "$? $(cat "$E2E_DIR/errors")" "$status "
	is "$1: the verdict is $wanted" "$(jq -r .verdict "$E2E_DIR/report")" "$wanted"
	images_expected "$1" >"$E2E_DIR/expected"
	findings <"$E2E_DIR/report" >"$E2E_DIR/found"
	is "$1: for the reasons that are expected" \
		"$(unmatched "$E2E_DIR/expected" <"$E2E_DIR/found")" ""
	findings links <"$E2E_DIR/report" >"$E2E_DIR/found"
	is "$1: all of them" "$(unmatched "$E2E_DIR/found" reversed <"$E2E_DIR/expected")" ""
}

test_reports() { # IMAGE
	local reference report

	report=$(image_report "oci:$IMAGES/oci/$1")
	for reference in $(image_references "$1" | tail -n +2) "$IMAGES/oci/$1"; do
		is "$1: the report is the same of ${reference%"$IMAGES"*}" \
			"$(image_report "$reference")" "$report"
	done
	is "$1: and of standard input" "$(image_report - <"$IMAGES/oci-archive/$1.tar")" "$report"
}

# ---- what cannot be read ----

# The cases without limits of their own, in one run, each with its line.
test_hostile() {
	local references

	awk -F '\t' '$2 == "-"' "$E2E_DIR/list" >"$E2E_DIR/usual"
	readarray -t references < <(cut -f 1 "$E2E_DIR/usual")
	"$BAREWATCH" verify -o json "${references[@]}" >"$E2E_DIR/reports" 2>"$E2E_DIR/errors"
	is "hostile archives: the status is that of what could not be read" "$?" 3
	is "hostile archives: each has the verdict that it is to have" "$(jq -r '[.reference.name,
		if .verdict == "bare" then "reads" else .verdict end] | @tsv' "$E2E_DIR/reports" |
		diff - <(cut -f 1,3 "$E2E_DIR/usual"))" ""
	"$BAREWATCH" verify -q "${references[@]}" >"$E2E_DIR/text" 2>&1
	is "hostile archives: and one line in the text" \
		"$(grep -c . "$E2E_DIR/text")" "${#references[@]}"
	is "hostile archives: without control characters" \
		"$(LC_ALL=C grep -nP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$E2E_DIR/text")" ""
}

test_limit() { # REFERENCE LIMITS RESULT TEXT
	local options status=3 limit

	options=()
	for limit in $2; do
		options+=(--limit "$limit")
	done
	[ "$3" != reads ] || status=0
	"$BAREWATCH" verify -q "${options[@]}" "$1" >"$E2E_DIR/text" 2>&1
	is "${1##*/} with $2: status $status" "$?" "$status"
	[ "$3" = reads ] || is "${1##*/} with $2: the message names the limit, in one line" \
		"$(grep -cF "$4" "$E2E_DIR/text") of $(wc -l <"$E2E_DIR/text")" "1 of 1"
}

test_limits() {
	local reference limits result text

	while IFS=$'\t' read -r reference limits result text; do
		[ "$limits" = - ] || test_limit "$reference" "$limits" "$result" "$text"
	done <"$E2E_DIR/list"
}

e2e_begin
[ -x "$BAREWATCH" ] || bail_out "the agent is not built: $BAREWATCH"
[ -x "$E2E_BUILD/tests/images/hostile" ] || bail_out "hostile is not built"
images_build
for image in $(images_all); do
	test_verdict "$image"
	test_reports "$image"
done
mkdir "$E2E_DIR/hostile"
"$E2E_BUILD/tests/images/hostile" "$E2E_DIR/hostile" >"$E2E_DIR/list" || bail_out "no archives"
test_hostile
test_limits
tap_end
