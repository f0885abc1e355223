#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The name in memory is changed while execve runs: what is reported is the file that really
# ran, each time. That is known from the status, since one of the two files is a shell, which
# is told to end with 7, and the other always ends with 0. ROUNDS execs.
set -u

LAYOUTS=${LAYOUTS:-v2}

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=blindspots/image.sh
. "$E2E_SOURCE/blindspots/image.sh"

ROUNDS=${ROUNDS:-100}

# "NUMBER FILE CLASS" of each round, by what ran.
ran() {
	sed 's| 7$| /srv/race-a shell|; s| 0$| /srv/race-b other|' "$E2E_DIR/rounds" | sort
}

# The same, by what was reported.
reported() {
	alerts '."proc.argv"[0] == "worker"' | jq -r '.output_fields |
		"\(."proc.argv"[3]) \(."exe.resolved") \(."exe.class")"' | sort
}

reported_all() {
	[ "$(reported | wc -l)" -ge "$ROUNDS" ]
}

test_race() {
	blindspots_import
	is "the image is made" $? 0
	agent_start --bare all --rules "$E2E_SOURCE/blindspots/everything.yaml" || return
	engine_run blind /b/race "$ROUNDS" /srv/race-b /srv/race-a worker -c "exit 7" \
		>"$E2E_DIR/rounds"
	is "$ROUNDS rounds" "$(wc -l <"$E2E_DIR/rounds")" "$ROUNDS"
	is "each file ran in some of them" "$(ran | cut -d ' ' -f 2 | sort -u | paste -sd ' ')" \
		"/srv/race-a /srv/race-b"
	wait_until 10 reported_all
	agent_stop
	is "each time the file that ran is reported" \
		"$(diff <(ran) <(reported) | grep '^[<>]' | head)" ""
}

layouts_test test_race
