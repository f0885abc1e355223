#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Archives that nobody would make in good faith (tests/images/hostile.c): each is read as what it
# is, or refused with one line, with little memory, and without a report of the sanitizers.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=images.sh
. "$(dirname "$0")/images.sh"

SANITIZED=$E2E_BUILD/san/tests/images/read_image
MEMORY_KIB=$((256 << 10)) # address space: libraries and the catalog take a sixth of it
CPU_SECONDS=300 # for all: what takes longer does not end

# read_all PROGRAM: all cases in one process.
read_all() {
	local arguments

	readarray -t arguments < <(awk -F '\t' '
		$2 != "-" { gsub(" ", "\n", $2); print $2 }
		{ print $1 }' "$E2E_DIR/list")
	"$1" tree "$CATALOG" "${arguments[@]}" >"$E2E_DIR/output" 2>&1
}

check_output() { # WHAT
	is "$1: all come to what they are" \
		"$(awk -f "$IMAGES_SOURCE/compare.awk" "$E2E_DIR/list" "$E2E_DIR/output" | head -n 40)" ""
	is "$1: no control character is printed" \
		"$(LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$E2E_DIR/output")" ""
}

e2e_begin
for program in "$READ_IMAGE" "$SANITIZED" "$E2E_BUILD/tests/images/hostile"; do
	[ -x "$program" ] || bail_out "$program is not built"
done
"$E2E_BUILD/tests/images/hostile" "$E2E_DIR" >"$E2E_DIR/list" || bail_out "no archives"
is "there are many" "$(($(wc -l <"$E2E_DIR/list") > 200))" 1
(ulimit -v $MEMORY_KIB -t $CPU_SECONDS && read_all "$READ_IMAGE")
is "within limits of memory and time: the last is not read" "$?" 3
check_output "within limits"
read_all "$SANITIZED"
is "with sanitizers: the last is not read" "$?" 3
check_output "with sanitizers"
cut -f 3 "$E2E_DIR/list" | sort | uniq -c | sed 's/^ */# /'
tap_end
