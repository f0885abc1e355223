# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The frame of each test with containers, to be sourced: brings lib.sh and engine.sh
# together, and does the same test once in each cgroup layout, each time with an engine of
# its own, of which nothing may be left afterwards. LAYOUTS chooses.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=engine.sh
. "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

LAYOUTS=${LAYOUTS:-v2 hybrid}

layout_test() {
	local name reason

	reason=$(engine_missing "$1")
	[ -z "$reason" ] || { skip "containers" "$reason"; return; }
	if ! engine_up "$1" || ! engine_images "$PROGRAMS"; then
		not_ok "$ENGINE_KIND can be started"
		engine_down
		return
	fi
	name=$ENGINE_NAME
	AGENT_OPTIONS=(--engine-root "podman=$ENGINE_ROOT")
	"$2"
	engine_down
	is "nothing is left behind" "$(engine_leftovers "$name")" ""
}

# layouts_test FUNCTION: the whole of a test script; its status is that of the script.
layouts_test() {
	local layout

	[ "$(id -u)" = 0 ] || skip_all "needs root"
	[ -x "$BAREWATCH" ] || bail_out "the agent is not built: $BAREWATCH"
	[ -x "$PROGRAMS/app" ] || bail_out "the test programs are not built: $PROGRAMS"
	e2e_begin engine_down
	for layout in $LAYOUTS; do
		TAP_PREFIX="$layout: "
		layout_test "$layout" "$1"
	done
	tap_end
}
