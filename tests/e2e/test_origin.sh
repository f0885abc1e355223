#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Where what runs in a bare container came from, and what it is by its bytes: real
# containers, each of which runs one thing. What the image holds gives no alert under any
# name unless it is a shell; what it does not hold gives one, whatever it is called. KINDS
# chooses the engines.
#
# The image `things` has busybox as /bin/payments, an application as /bin/sh, and the test
# programs.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"
# shellcheck source-path=SCRIPTDIR source=engines.sh
. "$ENGINE_SOURCE/engines.sh"

KINDS=${KINDS:-podman docker cri}

SHELL_RULE="Shell in bare container"
FOREIGN_RULE="Foreign program in bare container"
MEMORY_RULE="Program from memory in bare container"

SENTINELS=0

import_things() {
	local dir=$ENGINE_DIR/image/things

	mkdir -p "$dir/bin" "$dir/tmp" "$dir/mnt" &&
		cp "$PROGRAMS/app" "$PROGRAMS/place_exec" "$dir" &&
		cp "$(command -v busybox)" "$dir/bin/payments" &&
		cp "$PROGRAMS/app" "$dir/bin/sh" &&
		: >"$dir/tmp/mark" &&
		printf '#!/app\n' >"$dir/script" && chmod +x "$dir/script" &&
		cp "$PROGRAMS/app" "$ENGINE_VOLUME/tool" &&
		printf '#!/app\n' >"$ENGINE_VOLUME/script" && chmod +x "$ENGINE_VOLUME/script" &&
		"${ENGINE_KIND}_import" things "$dir"
}

alerts_of_last() {
	local -x ID=$ENGINE_ID

	alerts '."container.full_id" == env.ID'
}

# expect_alert NAME RULE FILTER: as in test_podman.sh.
expect_alert() {
	local -x ID=$ENGINE_ID RULE=$2
	local matching

	alerts_wait 2 1 '."container.full_id" == env.ID'
	matching=$(alerts '."container.full_id" == env.ID and ('"$3"')' |
		jq -c 'select(.rule == env.RULE)')
	if [ -n "$matching" ] && [ "$(alerts_of_last)" = "$matching" ]; then
		ok "$1"
		return
	fi
	not_ok "$1" "container: $ID
expected: one alert, rule '$RULE', fields $3
got: $(alerts_of_last)
log: $(agent_log)"
}

# All that was before a sentinel has been judged when its alert is there.
expect_none() {
	local before=$ENGINE_ID

	SENTINELS=$((SENTINELS + 1))
	local -x MARK=": sentinel-$SENTINELS"

	if engine_run things /place_exec run /bin/payments - sh -c "$MARK" &&
		alerts_wait 5 1 '."proc.argv"[-1] == env.MARK'; then
		ENGINE_ID=$before
		is "$1" "$(alerts_of_last)" ""
	else
		not_ok "$1" "the sentinel after it gave no alert
$(agent_log)"
	fi
}

run() {
	engine_run "$@" </dev/null >/dev/null 2>"$E2E_DIR/run.log" || cat "$E2E_DIR/run.log"
}

# True where containers can be given mounts and rights here.
has_options() {
	[ "$ENGINE_KIND" != cri ]
}

# A session in the last container.
session() {
	engine_exec "$ENGINE_ID" "$@" </dev/null >/dev/null 2>"$E2E_DIR/run.log" ||
		cat "$E2E_DIR/run.log"
}

# ---- of the image ----

test_image() {
	run things /place_exec run /bin/payments - ash -c true
	expect_alert "a busybox of another name in the image is a shell" "$SHELL_RULE" '
		(."exe.class" == "shell") and (."exe.class_source" == "content") and
		(."exe.program" == "busybox") and (."exe.applet" == "ash") and
		(."exe.origin" == "image") and (."exe.foreign" == false) and
		(."exe.layer" >= 1) and (."exe.sha256" == env.BUSYBOX)'
	run things /place_exec run /bin/payments - sleep 0
	expect_none "its other applets are none"
	run things /bin/sh
	expect_none "an application that is called sh is none either"
	run things /script
	expect_none "nor is a script of the image, for a program of the image"
	run things /place_exec link /app /tmp/other app
	expect_none "nor is a program of the image by a new link"
	run things /place_exec move /app /tmp/other app
	expect_none "nor by a new name"
	has_options || return
	run --cap-add SYS_ADMIN things /place_exec bind /app /tmp/mark app
	expect_none "nor by a mount of it elsewhere"
}

# Of a container that was there before the agent, its processes and their parents are asked.
test_earlier() {
	ENGINE_ID=$EARLIER
	session /place_exec run /bin/payments - sh -c true
	expect_alert "the image of an earlier container is known" "$SHELL_RULE" '
		(."exe.origin" == "image") and (."exe.class_source" == "content")'
}

test_earlier_upper() {
	ENGINE_ID=$EARLIER_TOO
	session /place_exec copy /app /tmp/other other
	expect_alert "so is what was written in one" "$FOREIGN_RULE" '."exe.origin" == "upper"'
}

test_changed() {
	run things /place_exec touch /app - app
	expect_none "a program whose times were changed is still the image's"
	run things /place_exec chmod /app - app
	expect_none "so is one whose mode was"
	run things /place_exec append /app - app
	expect_alert "one that was written to is not" "$FOREIGN_RULE" '
		(."exe.origin" == "upper") and (."exe.foreign" == true) and
		(."exe.resolved" == "/app")'
}

# ---- from elsewhere ----

test_upper() {
	run things /place_exec copy /bin/payments /tmp/java sh -c 'read -t 1 x'
	expect_alert "a copied shell is a shell, written since" "$SHELL_RULE" '
		(."exe.program" == "busybox") and (."exe.applet" == "sh") and
		(."exe.origin" == "upper") and (."exe.foreign" == true)'
	engine_start things /app 300
	session /place_exec copy /bin/payments /tmp/java sh -c true
	expect_alert "so it is when it is gone before anyone looks" "$SHELL_RULE" '
		(."exe.origin" == "upper") and (."exe.class_source" == "content") and
		(."exe.sha256" == env.BUSYBOX)'
	run things /place_exec copy /app /tmp/other other
	expect_alert "any other program that was written since is foreign" "$FOREIGN_RULE" '
		(."exe.origin" == "upper") and (."exe.class" == "other") and
		(."exe.sha256" == env.APP) and (."exe.layer" == null)'
}

test_memory() {
	run things /place_exec memfd /app - app
	expect_alert "a program in a memfd" "$MEMORY_RULE" '
		(."exe.origin" == "memfd") and (."exe.class_source" == "content")'
	run things /place_exec memfd /bin/payments - sh -c 'read -t 1 x'
	expect_alert "a shell in a memfd" "$SHELL_RULE" '
		(."exe.origin" == "memfd") and (."exe.program" == "busybox")'
	run things /place_exec delete /app /tmp/gone app
	expect_alert "a program without a name" "$MEMORY_RULE" '
		(."exe.origin" == "deleted") and (."exe.deleted" == true)'
	has_options || return
	run --tmpfs /mnt:exec things /place_exec copy /app /mnt/other other
	expect_alert "a program on a tmpfs" "$MEMORY_RULE" '."exe.origin" == "tmpfs"'
}

test_volume() {
	has_options || return
	run -v "$ENGINE_VOLUME:/mnt" things /mnt/tool
	expect_alert "a program on a volume" "$FOREIGN_RULE" '
		(."exe.origin" == "volume") and (."exe.sha256" == env.APP)'
	run -v "$ENGINE_VOLUME:/mnt" things /mnt/script
	expect_alert "a script on a volume, for a program of the image" "$FOREIGN_RULE" '
		(."exe.origin" == "image") and (."exe.script_origin" == "volume")'
}

# What docker and podman put before the entrypoint when they are asked to. A rule of the test
# shows how it is seen.
test_init() {
	has_options || return
	run --init things /app
	if grep -q . "$E2E_DIR/run.log"; then
		skip "the engine's own init" "$(tail -n 1 "$E2E_DIR/run.log")"
		return
	fi
	expect_alert "the engine's own init is on a volume, but not foreign" "Init" '
		(."exe.origin" == "volume") and (."exe.foreign" == false)'
	run -v "$ENGINE_VOLUME/tool:/sbin/docker-init" things /sbin/docker-init
	expect_alert "something else in its place, that can be written to, is" "$FOREIGN_RULE" '
		(."exe.origin" == "volume") and (."exe.foreign" == true)'
}

write_rules() {
	cat >"$E2E_DIR/init.yaml" <<-'EOF'
		- rule: Init
		  desc: The first process that an engine puts before that of the image.
		  condition: exe.foreign = false and exe.resolved glob "/*/*-init"
		  output: "Init (%exe.resolved)"
		  priority: NOTICE
	EOF
}

# ---- short lives ----

COUNT=50

all_alerted() {
	[ "$(alerts_count '."proc.argv"[-1] == ": short"')" -ge "$COUNT" ]
}

test_short() {
	local i filter

	for ((i = 0; i < COUNT; i++)); do
		run --name "short-$i" things /place_exec run /bin/payments - sh -c ': short'
	done
	wait_until 5 all_alerted
	filter='."proc.argv"[-1] == ": short" and ."exe.class" == "shell" and
		."exe.program" == "busybox" and ."exe.applet" == "sh" and
		."exe.origin" == "image" and ."exe.class_source" == "content" and
		(."container.name" | startswith("short-"))'
	is "$COUNT short containers give an alert each, with all that is known" \
		"$(alerts "$filter" | jq -r '.output_fields."container.name"' | sort -u | wc -l) $(
			alerts_count '."proc.argv"[-1] == ": short"')" "$COUNT $COUNT"
}

test_kind() {
	local -x BUSYBOX APP

	BUSYBOX=$(sha256sum "$(command -v busybox)" | cut -d ' ' -f 1)
	APP=$(sha256sum "$PROGRAMS/app" | cut -d ' ' -f 1)
	engine_start things /app 300
	EARLIER=$ENGINE_ID
	engine_start things /app 300
	EARLIER_TOO=$ENGINE_ID
	write_rules
	agent_start --bare all -v --rules "$E2E_SOURCE/../../rules/default.yaml" \
		--rules "$E2E_DIR/init.yaml" || return
	test_image
	test_changed
	test_upper
	test_memory
	test_volume
	test_init
	test_earlier
	test_earlier_upper
	test_short
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	alerts_are_wellformed
	is "its output is whole JSON lines with all keys" $? 0
}

test_engine() {
	local name reason root

	engine_use "$1"
	TAP_PREFIX="$1: "
	reason=$(engine_missing v2)
	[ -z "$reason" ] || { skip "containers" "$reason"; return; }
	if ! engine_up v2 || ! engine_images "$PROGRAMS" || ! import_things; then
		not_ok "$1 can be started"
		engine_down
		return
	fi
	name=$ENGINE_NAME
	engine_roots
	AGENT_OPTIONS=()
	for root in "${ENGINE_ROOTS[@]}"; do
		AGENT_OPTIONS+=(--engine-root "$root")
	done
	test_kind
	engine_down
	is "nothing is left behind" "$(engine_leftovers "$name")" ""
}

e2e_require place_exec
e2e_begin engine_down_all
for kind in $KINDS; do
	test_engine "$kind"
done
tap_end
