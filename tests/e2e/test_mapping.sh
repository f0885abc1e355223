#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Code that no exec shows: a loader that is told what to load, libraries from elsewhere; and what was
# only attempted, in real containers. What the image holds is mapped without an alert.
#
# The image `dynamic` has a dynamic loader, a C library, dash as /bin/dash and as /bin/service,
# and true.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

LAYOUTS=v2
SHELL_RULE="Shell in bare container"
MAPPED_RULE="Shell or package manager mapped in bare container"
CODE_RULE="Foreign code mapped executable in bare container"
LOADER_RULE="Dynamic loader started as a program"
ATTEMPT_RULE="Attempted shell or package manager in bare container"

SENTINELS=0
LOADER=

# The files that PROGRAM needs to run, itself left out.
libraries_of() {
	ldd "$1" | grep -oE '/[^ ]+'
}

import_dynamic() {
	local dir=$ENGINE_DIR/image/dynamic file

	mkdir -p "$dir/bin" "$dir/opt/bin" "$dir/tmp" "$dir/mnt" || return
	for file in $(libraries_of /bin/dash) $(libraries_of /bin/true); do
		mkdir -p "$dir/${file%/*}" && cp -L "$file" "$dir/$file" || return
	done
	LOADER=$(libraries_of /bin/dash | grep -m 1 '/ld-')
	cp /bin/dash "$dir/bin/dash" && cp /bin/dash "$dir/bin/service" &&
		cp /bin/true "$dir/bin/true" && cp /bin/true "$dir/opt/bin/apt" &&
		cp "$PROGRAMS/map_memfd" "$PROGRAMS/search_exec" "$PROGRAMS/exec_flood" "$dir" &&
		podman_import dynamic "$dir"
}

run() {
	engine_run "$@" </dev/null >/dev/null 2>"$E2E_DIR/run.log" || cat "$E2E_DIR/run.log"
}

# Rules of the alerts about the last container, follow-ups left out, in alphabetical order.
rules_of_last() {
	local -x ID=$ENGINE_ID

	alerts '."container.full_id" == env.ID and ."evt.subject" != null' | jq -r .rule | sort |
		paste -sd '|'
}

# All that was before a sentinel has been judged when its alert is there. Mappings and attempts
# are judged a little later than execs, so it ends as one.
sentinel() {
	local before=$ENGINE_ID

	SENTINELS=$((SENTINELS + 1))
	local -x MARK="sentinel-$SENTINELS"

	run dynamic /search_exec "$MARK/apk"
	ENGINE_ID=$before
	alerts_wait 5 1 '."attempt.asked" == env.MARK + "/apk"'
}

# expect NAME RULES FILTER: the last container has given alerts of just these rules, and of one
# of them FILTER is true.
expect() {
	local -x ID=$ENGINE_ID

	sentinel || not_ok "the sentinel after it gives an alert" "$(agent_log)"
	is "$1" "$(rules_of_last)" "$2"
	[ -z "${3-}" ] || [ -n "$(alerts '."container.full_id" == env.ID and ('"$3"')')" ] ||
		not_ok "$1: $3" "$(alerts '."container.full_id" == env.ID')"
}

test_images_own() {
	run dynamic /bin/true
	expect "libraries of the image give no alert" ""
	run dynamic /bin/true
	expect "nor do they when they are known" ""
}

test_loader() {
	run dynamic "$LOADER" /bin/dash -c :
	expect "a shell that is loaded is a shell" "$SHELL_RULE|$MAPPED_RULE" '
		(."evt.subject" == "exec") and (."exe.program" == "dash") and
		(."exe.loads" == "/bin/dash")'
	run dynamic "$LOADER" --argv0 payments /bin/service -c :
	expect "so is one of another name" "$LOADER_RULE|$MAPPED_RULE" '
		(."evt.subject" == "mapping") and (."exe.class" == "shell") and
		(."exe.resolved" == "/bin/service") and (."exe.origin" == "image") and
		(."evt.type" == "mmap") and (."proc.exepath" == env.LOADER_FILE)'
	run dynamic "$LOADER" /bin/true
	expect "the loader by itself is told of" "$LOADER_RULE" '."exe.loads" == "/bin/true"'
}

test_libraries() {
	cp "$(libraries_of /bin/true | grep -m 1 libc.so)" "$ENGINE_VOLUME/x.so"
	run -v "$ENGINE_VOLUME:/mnt" -e LD_PRELOAD=/mnt/x.so dynamic /bin/true
	expect "a library from elsewhere is foreign" "$CODE_RULE" '
		(."exe.resolved" == "/mnt/x.so") and (."exe.origin" == "volume") and
		(."exe.foreign" == true) and (."proc.exepath" == "/bin/true")'
	run dynamic /map_memfd /bin/true
	expect "so is one that is in memory only" "$CODE_RULE" '
		(."exe.memfd" == true) and (."exe.origin" == "memfd") and
		(."exe.resolved" == "memfd:library")'
}

test_search() {
	run -e PATH=/a:/bin:/b dynamic /search_exec apt-get update
	expect "a search in \$PATH is one attempt" "$ATTEMPT_RULE" '
		(."attempt.tried" == ["/a/apt-get", "/bin/apt-get", "/b/apt-get"]) and
		(."evt.res" == "ENOENT")'
	run -e PATH=/a:/bin dynamic /search_exec dash -c :
	expect "and none when it succeeds" "$SHELL_RULE"
	run -e PATH=/a:/bin:/opt/bin dynamic /search_exec apt
	expect "what is only called like that is no success" "$ATTEMPT_RULE" # it is /bin/true
}

# Both floods fail by themselves; the shell in between runs.
test_flood() {
	local -x ID

	engine_start dynamic /exec_flood 2 30 1000000 /bin/bash bash
	run dynamic /bin/dash -c :
	ID=$ENGINE_ID
	alerts_wait 5 1 '."container.full_id" == env.ID'
	is "a flood of failed execs hides no shell" "$(rules_of_last)" "$SHELL_RULE"
	wait_until 5 flood_is_counted
	is "what repeats is counted" $? 0
	engine_stop_all
}

flood_is_counted() {
	[ -n "$(alerts '."attempt.repeats" > 1000')" ]
}

engine_stop_all() {
	engine_podman kill --all >/dev/null 2>&1
}

test_layout() {
	local -x LOADER_FILE

	import_dynamic || { not_ok "the image can be made"; return; }
	LOADER_FILE=$(cd "$ENGINE_DIR/image/dynamic" && chroot . "$LOADER" --list /bin/true |
		grep -oE '/[^ ]*ld-[^ ]*' | head -n 1)
	agent_start --bare all -v || return
	test_images_own
	test_loader
	test_libraries
	test_search
	test_flood
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	agent_lost_nothing
	is "nothing was lost" $? 0
	alerts_are_wellformed
	is "its output is whole JSON lines with all keys" $? 0
}

layouts_test test_layout
