#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Containers whose only process is a shell by another name that lives a few milliseconds: by the
# time its record is read, process, root directory and cgroup may all be gone. Each gives one
# alert, which knows everything. COUNT containers, in the cgroup layouts LAYOUTS.
set -u

LAYOUTS=${LAYOUTS:-v2}

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=blindspots/image.sh
. "$E2E_SOURCE/blindspots/image.sh"

COUNT=${COUNT:-40}

run_shell() { # NUMBER
	engine_run_to "$E2E_DIR/ids/$1" blind /b/exec_as /srv/worker sh -c "exit 7"
	[ $? = 7 ] || echo "container $1 did not run its shell"
}

expected() {
	local i

	for ((i = 1; i <= COUNT; i++)); do
		echo "$(cat "$E2E_DIR/ids/$i") exec shell busybox sh image"
	done | sort
}

alerted() {
	alerts true | jq -r '.output_fields | [."container.full_id", ."evt.subject", ."exe.class",
		."exe.program", ."exe.applet", ."exe.origin"] | join(" ")' | sort
}

alerted_all() {
	[ "$(alerted | wc -l)" -ge "$COUNT" ]
}

test_short() {
	blindspots_import
	is "the image is made" $? 0
	agent_start --bare all || return
	containers_run "$COUNT" run_shell
	is "$COUNT containers run" "$(cat "$E2E_DIR"/errors.* | head)" ""
	wait_until 10 alerted_all
	agent_stop
	is "each gives one alert, with class, program, applet and origin" \
		"$(diff <(expected) <(alerted) | grep '^[<>]' | head)" ""
	agent_lost_nothing
	is "nothing was lost" $? 0
}

layouts_test test_short
