#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Containers that podman and crun really run, and what the agent says about them: each
# way to start a shell gives exactly one alert with the right content, and what is no
# shell, or not in a bare container, gives none. Everything is done in both cgroup
# layouts; LAYOUTS chooses.
#
# "None" is not waited for: a sentinel, a shell in a bare container, is run afterwards,
# and when its alert is there, what was before it is too, since events keep their order.
set -u

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

EXEC_RULE="Shell in bare container"
ATTEMPT_RULE="Attempted shell or package manager in bare container"

# Ids of the containers that must have given exactly one alert.
ALERTED=()
SENTINELS=0

alerts_of() {
	ID=$1 alerts '."container.full_id" == env.ID'
}

# expect_alert NAME RULE FILTER: the last container has given one alert, of RULE, of whose
# fields FILTER is true. It must be there within a second of the container's end.
expect_alert() {
	local -x ID=$ENGINE_ID RULE=$2
	local matching

	ALERTED+=("$ID")
	alerts_wait 1 1 '."container.full_id" == env.ID'
	matching=$(alerts '."container.full_id" == env.ID and ."container.id" == env.ID[:12] and
		('"$3"')' | jq -c 'select(.rule == env.RULE)')
	if [ -n "$matching" ] && [ "$(alerts_of "$ID")" = "$matching" ]; then
		ok "$1"
		return
	fi
	not_ok "$1" "container: $ID
expected: one alert, rule '$RULE', fields $3
got: $(alerts_of "$ID")
log: $(agent_log)"
}

# 0 when all alerts of what was done so far have arrived. Uses the options SENTINEL.
sentinel() {
	SENTINELS=$((SENTINELS + 1))
	local -x MARK=": sentinel-$SENTINELS"

	engine_run "${SENTINEL[@]}" shelly /bin/sh -c "$MARK" &&
		alerts_wait 5 1 '."proc.argv"[2] == env.MARK'
}

# expect_none NAME FILTER
expect_none() {
	if sentinel; then
		is "$1" "$(alerts "$2")" ""
	else
		not_ok "$1" "the sentinel after it gave no alert
$(agent_log)"
	fi
}

expect_none_of_last() {
	local -x ID=$ENGINE_ID

	expect_none "$1" '."container.full_id" == env.ID'
}

test_plain_shell() {
	engine_run --name plain shelly /bin/sh -c true
	expect_alert "a shell is reported once, with everything asked for" "$EXEC_RULE" '
		(."exe.invoked" == "/bin/sh") and
		(."exe.resolved" == "/bin/busybox") and
		(."proc.argv" == ["/bin/sh", "-c", "true"]) and
		(."proc.pname" | type == "string" and length > 0) and
		(."proc.ppid" | type == "number" and . > 1) and
		(."proc.pexepath" | type == "string" and startswith("/")) and
		(."user.uid" == 0) and
		(."evt.res" == "SUCCESS") and
		(."container.name" == "plain")'
}

test_shell_of_a_user() {
	engine_run --user 4711 shelly /bin/sh -c true
	expect_alert "the user who ran the shell is reported" "$EXEC_RULE" '."user.uid" == 4711'
}

test_shell_by_its_own_name() {
	engine_run shelly /bin/ash -c true
	expect_alert "a shell that is no symlink has two equal paths" "$EXEC_RULE" '
		(."exe.invoked" == "/bin/ash") and (."exe.resolved" == "/bin/ash")'
}

test_busybox_applet() {
	engine_run shelly busybox sh -c true
	expect_alert "busybox with the applet sh is a shell" "$EXEC_RULE" '
		(."exe.resolved" == "/bin/busybox") and
		(."proc.argv" == ["busybox", "sh", "-c", "true"])'
}

test_busybox_other_applet() {
	engine_run shelly /bin/busybox true
	expect_none_of_last "busybox with another applet is none"
}

test_absent_shell() {
	engine_run bare /try_exec /bin/sh -c id >/dev/null
	expect_alert "a shell that does not exist is reported as attempted" "$ATTEMPT_RULE" '
		(."evt.res" == "ENOENT") and
		(."exe.invoked" == "/bin/sh") and
		(."attempt.argv" == ["/bin/sh", "-c", "id"]) and
		(."proc.exepath" == "/try_exec")'
}

test_absent_other_program() {
	engine_run bare /try_exec /nothing >/dev/null
	expect_none_of_last "another program that does not exist is not"
}

test_execveat() {
	engine_run shelly /do_execveat /bin/sh -c true
	expect_alert "a shell started from a descriptor" "$EXEC_RULE" '
		(."exe.resolved" == "/bin/busybox") and
		(."exe.invoked" | startswith("/dev/fd/")) and
		(."proc.argv" == ["/bin/sh", "-c", "true"])'
}

test_thread() {
	engine_run shelly /thread_exec /bin/sh -c true
	expect_alert "a shell started by a thread that is not the leader" "$EXEC_RULE" '
		(."exe.resolved" == "/bin/busybox") and
		(."proc.argv" == ["/bin/sh", "-c", "true"])'
}

test_vfork() {
	engine_run shelly /vfork_exec /bin/sh -c true
	expect_alert "a shell started by vfork and exec, with its parent" "$EXEC_RULE" '
		(."exe.resolved" == "/bin/busybox") and
		(."proc.pname" == "vfork_exec") and
		(."proc.pexepath" == "/vfork_exec")'
}

# What odd_args.c passes.
odd_args() {
	cat <<-'EOF'
		["/bin/sh", "-c", "true", "line\nbreak\r\ttab",
		 "\u001b[31mred\u001b[0m\u001b]0;title\u0007", "\u009b31m C1, \u007f DEL",
		 "\u202eright to left, \u2028separator", "%s%n%x ${HOME} `id`",
		 "\"double\" 'single' back\\slash \\x41", "",
		 "{\"rule\":\"forged\"}\n{\"rule\":\"forged\"}", "\u00e9t\u00e9"]
	EOF
}

test_odd_args() {
	local -x ARGV

	ARGV=$(odd_args)
	engine_run shelly /odd_args /bin/sh valid
	expect_alert "odd arguments arrive as they are" "$EXEC_RULE" '
		(."proc.argv" == (env.ARGV | fromjson)) and (."evt.escaped" == null)'
}

test_broken_args() {
	local -x ARGV

	ARGV=$(odd_args)
	engine_run shelly /odd_args /bin/sh
	expect_alert "arguments that are not UTF-8 arrive escaped, all of them, which is said" \
		"$EXEC_RULE" '
		(."proc.argv"[-1] == "\\xff \\xc0\\xaf \\xed\\xa0\\x80 \\xe2\\x82") and
		(."proc.argv"[8] == "\"double\" '"'single'"' back\\\\slash \\\\x41") and
		(."proc.argv" | length == (env.ARGV | fromjson | length) + 1) and
		(."evt.escaped" | index("proc.argv") != null)'
}

test_app() {
	engine_run bare /app 0 >/dev/null
	expect_none_of_last "an application alone gives no alert"
}

test_host() {
	local -x MARK=": host-$$-$RANDOM"

	/bin/sh -c "$MARK"
	"$PROGRAMS/try_exec" /no/such/dir/sh -c "$MARK" >/dev/null
	expect_none "shells of the host give no alert" '
		."proc.argv"[2] == env.MARK or ."attempt.argv"[2] == env.MARK'
}

# The container EARLIER was there before the agent.
test_container_from_before() {
	ENGINE_ID=$EARLIER
	engine_podman exec earlier /bin/sh -c ': exec'
	expect_alert "a container from before the agent is watched, sessions too" "$EXEC_RULE" '
		(."proc.argv" == ["/bin/sh", "-c", ": exec"]) and
		(."container.name" == "earlier")'
}

# ---- programs that the runtime is told to start ----

# session IMAGE [OPTION...] -- COMMAND...: a session in a new container, to which
# a directory with a shell is mounted at /volume. Its status is that of the session; that
# of a container which does not start is 0, so that it is not taken for a session that fails.
session() {
	local image=$1 options=()

	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	engine_start --name poked -v "$ENGINE_VOLUME:/volume" "$image" /app 300 &&
		poked "${PREPARE[@]}" || return 0
	engine_podman exec "${options[@]}" poked "$@" 2>"$E2E_DIR/session.log"
}

# What is done in the container before.
poked() {
	[ $# = 0 ] || engine_podman exec poked "$@"
}

session_end() {
	engine_podman rm -f -t 0 poked >/dev/null
}

make_volume() {
	cp "$(command -v busybox)" "$ENGINE_VOLUME/sh"
}

# fails NAME COMMAND...: the session must not have begun, or what follows means nothing.
fails() {
	local name=$1

	shift
	if "$@"; then
		not_ok "$name: the session fails"
	else
		ok "$name: the session fails"
	fi
}

test_lookup() {
	local PREPARE=() name="a program that the runtime did not find"

	fails "$name" session bare -- bash -c 'id; ls'
	expect_alert "$name is reported with all that is known of it" "$ATTEMPT_RULE" '
		(."evt.subject" == "attempt") and
		(."attempt.cause" == "runtime_lookup") and
		(."attempt.call" == null) and
		(."attempt.errno" == "ENOENT") and
		(."evt.res" == "ENOENT") and
		(."evt.rawres" == -2) and
		(."attempt.asked" == "bash") and
		(."exe.invoked" == "bash") and
		(."exe.class" == "shell") and
		(."attempt.argv" == ["bash", "-c", "id; ls"]) and
		(."attempt.tried" == ["/usr/local/sbin/bash", "/usr/local/bin/bash",
			"/usr/sbin/bash", "/usr/bin/bash", "/sbin/bash", "/bin/bash"]) and
		(."proc.entry" == "runtime-exec") and
		(."proc.cwd" == "/") and
		(."proc.pid" | type == "number" and . > 1) and
		(."proc.ppid" | type == "number" and . > 0) and
		(."user.uid" == 0) and
		(."container.name" == "poked")'
	session_end
}

test_lookup_not_executable() {
	local PREPARE=(/bin/busybox chmod 0644 /bin/ash)

	fails "a file that is not executable" session shelly -- /bin/ash -c true
	expect_alert "a file that is not executable is EACCES" "$ATTEMPT_RULE" '
		(."attempt.cause" == "runtime_lookup") and
		(."evt.res" == "EACCES") and
		(."attempt.tried" == ["/bin/ash"]) and
		(."attempt.argv" == ["/bin/ash", "-c", "true"])'
	session_end
}

# The program is there, so nobody attempted anything that could not be.
test_start_fails_otherwise() {
	local PREPARE=()

	fails "a working directory that is not there" \
		session shelly --workdir /nowhere -- /bin/sh -c true
	expect_none_of_last "a shell that is there, in a directory that is not, is no attempt"
	session_end
}

# Mounts of the container are not seen from outside; the runtime finds what is there.
test_volume() {
	local PREPARE=()

	session bare -- /volume/sh -c true
	is "a shell in a volume is found by the runtime" $? 0
	expect_alert "it is a shell that started, and no attempt" "$EXEC_RULE" '
		(."exe.resolved" == "/volume/sh") and (."proc.entry" == "runtime-exec")'
	session_end
}

# Repeats would show only later: asked when the agent has ended.
expect_no_repeats() {
	local id repeated=

	for id in "${ALERTED[@]}"; do
		[ "$(alerts_of "$id" | wc -l)" -le 1 ] || repeated+=$(alerts_of "$id")$'\n'
	done
	is "no container gave more than one alert" "$repeated" ""
}

stop_agent() {
	agent_stop
	is "SIGINT ends the agent with status 0" "$AGENT_STATUS" 0
	if [ "$AGENT_FORMAT" = json ]; then
		alerts_are_wellformed
		is "its output is whole JSON lines with all keys" $? 0
	fi
	is "its output has no control characters" "$(text_unsafe "$E2E_DIR/alerts.jsonl")" ""
	is "its log has no control characters" "$(text_unsafe "$E2E_DIR/agent.log")" ""
}

test_all_bare() {
	ALERTED=()
	SENTINEL=(--name sentinel)
	engine_start --name earlier shelly /app 300
	EARLIER=$ENGINE_ID
	make_volume
	agent_start --bare all || return
	test_plain_shell
	test_shell_of_a_user
	test_shell_by_its_own_name
	test_busybox_applet
	test_busybox_other_applet
	test_absent_shell
	test_absent_other_program
	test_execveat
	test_thread
	test_vfork
	test_odd_args
	test_broken_args
	test_app
	test_host
	test_container_from_before
	test_lookup
	test_lookup_not_executable
	test_start_fails_otherwise
	test_volume
	stop_agent
	expect_no_repeats
}

test_one_bare() {
	ALERTED=()
	SENTINEL=(--name chosen)
	agent_start --bare chosen --bare "${EARLIER:0:12}" || return
	engine_run --name chosen shelly /bin/sh -c true
	expect_alert "a container can be chosen by its name" "$EXEC_RULE" '
		."container.name" == "chosen"'
	ENGINE_ID=$EARLIER
	engine_podman exec earlier /bin/sh -c true
	expect_alert "and by the beginning of its id" "$EXEC_RULE" '."container.name" == "earlier"'
	engine_run --name other shelly /bin/sh -c true
	expect_none_of_last "a container that is not chosen gives no alert"
	engine_run --name other bare /try_exec /bin/sh >/dev/null
	expect_none_of_last "nor does it for an attempt"
	stop_agent
	expect_no_repeats
}

test_bounds() {
	agent_start --bare all --max-alerts 1 || return
	engine_run shelly /bin/sh -c '/bin/ash -c true; /bin/ash -c true'
	agent_wait
	is "the agent ends after --max-alerts, with status 0" \
		"$AGENT_STATUS $(alerts_count true)" "0 1"
}

# For people: one line an alert, whatever is in it.
test_text() {
	local AGENT_FORMAT=text PREPARE=() odd

	agent_start --bare all || return
	engine_run shelly /odd_args /bin/sh
	odd=$ENGINE_ID
	wait_until 5 text_has "$odd"
	session bare -- /bin/sh -c id
	wait_until 5 text_has "$ENGINE_ID"
	stop_agent
	is "an alert with odd arguments is one line of text" "$(text_of "$odd" | wc -l)" 1
	is "so is one of a program that the runtime did not find" "$(text_of "$ENGINE_ID" |
		grep -oE '(argv=\[[^]]*\]|(cause|result)=[A-Za-z_]*)' | paste -sd ' ')" \
		"argv=[/bin/sh -c id] cause=runtime_lookup result=ENOENT"
	session_end
}

text_has() {
	[ -n "$(text_of "$1")" ]
}

text_of() {
	grep -F "${1:0:12}" "$E2E_DIR/alerts.jsonl"
}

test_all() {
	test_all_bare
	test_one_bare
	test_bounds
	test_text
}

layouts_test test_all
