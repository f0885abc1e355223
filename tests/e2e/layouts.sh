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

	e2e_require
	e2e_begin engine_down
	for layout in $LAYOUTS; do
		TAP_PREFIX="$layout: "
		layout_test "$layout" "$1"
	done
	tap_end
}

# ---- many containers ----

CONTAINERS_AT_ONCE=4

containers_run_share() { # COUNT FIRST FUNCTION
	local i

	for ((i = $2; i <= $1; i += CONTAINERS_AT_ONCE)); do
		"$3" "$i" </dev/null
	done
}

# containers_run COUNT FUNCTION: calls FUNCTION with each number from 1 to COUNT, four at a time. It
# runs a container, writes the id to ids/NUMBER, and says what went wrong, which is then in
# errors.*; both are in E2E_DIR.
containers_run() {
	local i pids=()

	rm -rf "$E2E_DIR/ids"
	mkdir "$E2E_DIR/ids"
	for ((i = 1; i <= CONTAINERS_AT_ONCE; i++)); do
		containers_run_share "$1" "$i" "$2" >"$E2E_DIR/errors.$i" 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# ---- with the engines of engines.sh, which the test sources ----

# Leaves of RUNTIMES those that are installed.
runtimes_choose() {
	local runtime installed=()

	for runtime in $RUNTIMES; do
		! command -v "$runtime" >/dev/null || installed+=("$runtime")
	done
	[ "${#installed[@]}" -gt 0 ] || skip_all "neither runc nor crun is installed"
	RUNTIMES=${installed[*]}
	ENGINE_RUNTIME=${installed[0]}
}

# kinds_test FUNCTION: calls it with each engine of KINDS up, in the first layout of LAYOUTS; its
# status is that of the script.
kinds_test() {
	local kind reason layout=${LAYOUTS%% *}

	e2e_begin engine_down_all
	for kind in $KINDS; do
		engine_use "$kind"
		TAP_PREFIX="$layout: $kind: "
		reason=$(engine_missing "$layout")
		if [ -n "$reason" ]; then
			skip "all of it" "$reason"
			continue
		fi
		if engine_up "$layout" && engine_step move && engine_images "$PROGRAMS"; then
			"$1"
		else
			not_ok "the engine starts"
		fi
		engine_down
	done
	tap_end
}
