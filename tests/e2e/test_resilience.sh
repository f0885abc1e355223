#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What would hide a shell: programs that hide what they are, cgroups in odd places or in
# great numbers, records that are lost, floods of failed execs, false runtimes, mounts with
# odd names, an output that takes nothing. Containers are cgroups made by hand; no engine is needed.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

DEEP=300 # more than the agent follows when it starts, see cgroup_tree.c
MANY=16500 # more than the kernel side's scope has entries, see probe.h
SHELLS=100
SLASHES=$(printf '%5000s' '' | tr ' ' /) # more than is kept of argv

V1=$(mount_point cgroup memory)
V2=$(mount_point cgroup2)
TOP=${V2:-$V1}/barewatch-resilience.$$

of_id='."container.full_id" == env.ID'

# expect NAME ID COMMAND...: COMMAND gives one more alert of the container ID: of a shell
# that started.
expect() {
	local name=$1 before
	local -x ID=$2

	shift 2
	before=$(alerts_count "$of_id")
	"$@"
	alerts_wait 5 $((before + 1)) "$of_id"
	is "$name" "$(alerts "$of_id" | tail -n "+$((before + 1))" |
		jq -r '.output_fields | "\(."exe.class") \(."evt.res")"')" "shell SUCCESS"
}

# agent_wrapped BODY: from now on the agent is started by the script BODY, as "$@".
agent_wrapped() {
	printf '#!/bin/bash\nset -- "%s" "$@"\n%s\n' "$REAL" "$1" >"$E2E_DIR/wrapper"
	chmod 755 "$E2E_DIR/wrapper"
	BAREWATCH=$E2E_DIR/wrapper
}

agent_unwrapped() {
	BAREWATCH=$REAL
}

log_has() {
	grep -qE -- "$1" "$E2E_DIR/agent.log"
}

# log_says NAME SECONDS PATTERN
log_says() {
	if wait_until "$2" log_has "$3"; then
		ok "$1"
	else
		not_ok "$1" "$(agent_log)"
	fi
}

log_says_not() { # NAME PATTERN
	if log_has "$2"; then
		not_ok "$1" "$(agent_log)"
	else
		ok "$1"
	fi
}

# Each group begins with no cgroups of its own.
cgroups_begin() {
	cgroups_remove
	cgroup_tree "$TOP" || bail_out "cannot make a cgroup: $TOP"
	[ -z "$V1" ] || cgroup_tree "$V1/${TOP##*/}" || bail_out "cannot make a cgroup in $V1"
}

# ---- one agent, for which every container is bare ----

# An engine that uses version 1 only leaves its containers in its own cgroup of version 2.
test_hybrid() {
	local there=$1 came

	if [ -z "$V1" ] || [ -z "$V2" ]; then
		skip "a container in version 1, whose version 2 cgroup is another" \
			"this host has not both hierarchies"
		return
	fi
	came=$(new_id)
	mkdir -p "$TOP/docker.service" "$V1/${TOP##*/}/docker/$came"
	expect "a container in version 1, whose version 2 cgroup is another" "$there" \
		run_in "$TOP/was-there.service" sh -c "$CGROUP_JOIN" sh \
		"$V1/${TOP##*/}/docker/$there" "$E2E_DIR/ash" -c :
	expect "the same, both made while the agent runs" "$came" \
		run_in "$TOP/docker.service" sh -c "$CGROUP_JOIN" sh \
		"$V1/${TOP##*/}/docker/$came" "$E2E_DIR/ash" -c :
}

test_hidden_applets() {
	local id

	id=$(new_id)
	mkdir "$TOP/$id"
	expect "busybox sh" "$id" run_in "$TOP/$id" "$E2E_DIR/busybox" sh -c :
	expect "busybox busybox sh" "$id" run_in "$TOP/$id" "$E2E_DIR/busybox" busybox sh -c :
	expect "busybox under a name like its own" "$id" \
		run_as busyboxZ "$TOP/$id" "$E2E_DIR/busybox" sh -c :
	expect "the name is behind 5000 slashes" "$id" \
		run_as "${SLASHES}sh" "$TOP/$id" "$E2E_DIR/busybox" -c :
	expect "the applet is behind 5000 slashes" "$id" \
		run_in "$TOP/$id" "$E2E_DIR/busybox" "${SLASHES}sh" -c :
}

test_hidden_attempt() {
	local -x ID

	ID=$(new_id)
	mkdir "$TOP/$ID"
	run_in "$TOP/$ID" "$PROGRAMS/try_exec" /none/busybox "${SLASHES}sh" >/dev/null
	alerts_wait 5 1 "$of_id"
	is "the applet of a failed exec is behind 5000 slashes" "$(alerts "$of_id" |
		jq -r '.output_fields | "\(."exe.class") \(."evt.res")"')" "shell ENOENT"
}

test_deep() { # ID
	expect "a container with cgroups nested $DEEP deep" "$1" \
		run_in "$TOP/$1" "$E2E_DIR/ash" -c :
	expect "the deepest of them" "$1" run_in "$TOP/$1$DEEP_PATH" "$E2E_DIR/ash" -c :
}

# The parent is the process, not the thread of it that forked.
test_parent() {
	local -x ID

	ID=$(new_id)
	mkdir "$TOP/$ID"
	run_in "$TOP/$ID" "$PROGRAMS/thread_fork" "$E2E_DIR/ash" -c :
	alerts_wait 5 1 "$of_id"
	is "the parent is the process, not its thread that forked" "$(alerts "$of_id" |
		jq -r '.output_fields | "\(."proc.pname") \(."proc.pexepath")"')" \
		"thread_fork $PROGRAMS/thread_fork"
}

test_payload() {
	local id

	id=$(new_id)
	mkdir -p "$TOP/web.service/libpod-payload-$id"
	expect "a container of podman --cgroups=split" "$id" \
		run_in "$TOP/web.service/libpod-payload-$id" "$E2E_DIR/ash" -c :
}

# Anything can call itself a runtime, and name what is no file for reading. Nothing of it is
# opened, and nobody waits for it: a shell that comes later is reported.
test_false_runtimes() {
	local id file from

	id=$(new_id)
	mkdir "$TOP/$id" "$E2E_DIR/bundle"
	mkfifo "$E2E_DIR/bundle/config.json"
	cp "$E2E_DIR/busybox" "$E2E_DIR/runc"
	for from in "$TOP/$id" "$TOP/was-there.service"; do
		for file in "$E2E_DIR/bundle/config.json" /dev/zero /dev/ptmx /proc/kmsg /none; do
			run_as true "$from" "$E2E_DIR/runc" exec --process "$file" "$id"
		done
		run_as true "$from" "$E2E_DIR/runc" create --bundle "$E2E_DIR/bundle" "$id"
		run_as true "$from" "$E2E_DIR/runc" exec "$id$(printf '%5000s' '')"
	done
	expect "a shell after calls of false runtimes" "$id" \
		run_in "$TOP/$id" "$E2E_DIR/ash" -c :
	log_says_not "they are not complained about" 'runtime'
}

# A user's cgroup with the id of a container, at a place that the policy excepts. The order
# in which the agent comes by the two depends on their names.
test_foreign_ids() { # ID...
	local id late number=0

	for id in "$@"; do
		number=$((number + 1))
		expect "a container whose id somebody else used, $number of $#" "$id" \
			run_in "$TOP/$id" "$E2E_DIR/ash" -c :
	done
	late=$(new_id)
	mkdir -p "$TOP/spoof-late/docker-$late.scope"
	mkdir "$TOP/$late"
	expect "the same, before it came" "$late" run_in "$TOP/$late" "$E2E_DIR/ash" -c :
	rmdir "$TOP/spoof-late/docker-$late.scope"
	mkdir "$TOP/spoof-late/docker-$late.scope"
	run_in "$TOP/spoof-late/docker-$late.scope" "$E2E_DIR/ash" -c : # is excepted
	expect "the same, while it runs" "$late" run_in "$TOP/$late" "$E2E_DIR/ash" -c :
}

# More cgroups in one container than the scope has room for.
test_many_cgroups() {
	local greedy next

	greedy=$(new_id) next=$(new_id)
	mkdir "$TOP/$greedy"
	seq -f "$TOP/$greedy/c%.0f" "$MANY" | xargs mkdir
	mkdir "$TOP/$next"
	expect "a container beside one with $MANY cgroups" "$next" \
		run_in "$TOP/$next" "$E2E_DIR/ash" -c :
	expect "the last of the $MANY" "$greedy" \
		run_in "$TOP/$greedy/c$MANY" "$E2E_DIR/ash" -c :
	log_says_not "nothing is said to be full" 'cannot be (watched|followed)'
	cgroup_tree_remove "$TOP/$greedy"
	expect "the one beside it, when they are gone" "$next" \
		run_in "$TOP/$next" "$E2E_DIR/ash" -c :
}

test_containers() {
	local deep hybrid foreign=() number id

	cgroups_begin
	deep=$(new_id) hybrid=$(new_id)
	mkdir -p "$TOP/$deep$DEEP_PATH" "$TOP/was-there.service"
	[ -z "$V1" ] || mkdir -p "$V1/${TOP##*/}/docker/$hybrid"
	for number in 1 2 3 4 5; do
		id=$(new_id)
		foreign+=("$id")
		mkdir -p "$TOP/$id" "$TOP/spoof$number/docker-$id.scope"
	done
	cat >"$E2E_DIR/policy.yaml" <<-END
		version: 1
		bare: all
		except:
		  - cgroup: "/*/spoof*"
	END
	agent_start --policy "$E2E_DIR/policy.yaml" || return
	test_hybrid "$hybrid"
	test_hidden_applets
	test_hidden_attempt
	test_deep "$deep"
	test_parent
	test_payload
	test_false_runtimes
	test_foreign_ids "${foreign[@]}"
	test_many_cgroups
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	log_says_not "no exec was lost" 'events lost \([0-9]+ execs'
}

# ---- names ----

podman_state() { # ID NAME
	printf '[{"id":"%s","names":["%s"],"metadata":"{\\"image-name\\":\\"i\\"}"}]' "$@"
}

docker_name() { # ID NAME
	echo "{\"Name\":\"/$2\",\"Config\":{\"Image\":\"i\"}}" \
		>"$E2E_DIR/docker/containers/$1/config.v2.json"
}

test_names() {
	local short renamed

	cgroups_begin
	short=$(new_id) renamed=$(new_id)
	mkdir -p "$E2E_DIR/podman/overlay-containers" "$E2E_DIR/docker/containers/$renamed" \
		"$TOP/docker"
	echo '[]' >"$E2E_DIR/podman/overlay-containers/containers.json"
	podman_state "$short" web >"$E2E_DIR/podman/overlay-containers/volatile-containers.json"
	docker_name "$renamed" old
	agent_start --bare web --bare misspelt --engine-root "podman=$E2E_DIR/podman" \
		--engine-root "docker=$E2E_DIR/docker" || return
	mkdir "$TOP/libpod-$short.scope"
	expect "a container of podman run --rm, by its name" "$short" \
		run_in "$TOP/libpod-$short.scope" "$E2E_DIR/ash" -c :
	mkdir "$TOP/docker/$renamed"
	sleep 0.2 # read as what it was
	rmdir "$TOP/docker/$renamed"
	docker_name "$renamed" web
	mkdir "$TOP/docker/$renamed"
	expect "a container that starts again under another name" "$renamed" \
		run_in "$TOP/docker/$renamed" "$E2E_DIR/ash" -c :
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	log_says "a name that no container had is said" 0 "no container was called 'misspelt'"
	log_says_not "one that some had is not" "no container was called 'web'"
}

# ---- losses ----

# The records of two new containers find the ring full.
test_lost_cgroups() {
	local soon later

	cgroups_begin
	soon=$(new_id) later=$(new_id)
	mkdir "$TOP/fill"
	agent_start --bare all --ring-size 64 || return
	kill -STOP "$AGENT_PID"
	seq -f "$TOP/fill/c%.0f" 1500 | xargs mkdir
	mkdir "$TOP/$soon" "$TOP/$later"
	kill -CONT "$AGENT_PID"
	expect "a container of which the agent was not told" "$soon" \
		run_in "$TOP/$soon" "$E2E_DIR/ash" -c :
	log_says "that cgroups were lost is said" 5 'events were lost: .*[0-9]+ new cgroups'
	expect "another, later" "$later" run_in "$TOP/$later" "$E2E_DIR/ash" -c :
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
}

# Anybody in a container can make more failed execs than anyone can read.
test_flood() {
	local flood start ms
	local -x ID

	cgroups_begin
	ID=$(new_id)
	mkdir "$TOP/$ID"
	agent_wrapped 'exec "$@" > >(exec grep --line-buffered -F "\"SUCCESS\"")'
	agent_start --bare "$ID" || return
	agent_unwrapped
	(exec_in "$TOP/$ID" "$PROGRAMS/exec_flood" 4 30 50000000 /none/sh sh) &
	flood=$!
	sleep 1 # it is under way
	run_in "$TOP/$ID" "$PROGRAMS/try_exec" -n "$SHELLS" "$E2E_DIR/ash" -c :
	alerts_wait 5 "$SHELLS" "$of_id"
	start=${EPOCHREALTIME/[.,]/}
	kill -TERM "$AGENT_PID"
	agent_wait
	ms=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
	if [ "$ms" -lt 3000 ] && kill -KILL "$flood" 2>/dev/null; then
		ok "SIGTERM ends the agent during the flood"
	else
		not_ok "SIGTERM ends the agent during the flood" \
			"after $ms ms, or the flood ended before"
	fi
	wait "$flood" 2>/dev/null
	is "the agent ends well" "$AGENT_STATUS" 0
	alerts_wait 5 "$SHELLS" "$of_id" # grep may have to catch up
	is "$SHELLS shells during the flood give $SHELLS alerts" "$(alerts_count "$of_id")" "$SHELLS"
	log_says "all of the flood is counted" 0 'failed execs [0-9]{6,},'
	log_says_not "no exec was lost" 'events lost \([0-9]+ execs'
}

# ---- surroundings ----

test_mount_point_with_a_space() {
	local there came

	if [ -z "$V2" ]; then
		skip "a mount point with a space in its name" "no cgroup v2 hierarchy here"
		return
	fi
	cgroups_begin
	there=$(new_id) came=$(new_id)
	mkdir "$TOP/$there" "$E2E_DIR/cg roup"
	agent_wrapped "exec unshare -m sh -c 'umount -Rl /sys/fs/cgroup &&
		mount -t cgroup2 none \"\$0\" && exec \"\$@\"' '$E2E_DIR/cg roup' \"\$@\""
	agent_start --bare all
	agent_unwrapped
	[ -n "$AGENT_PID" ] || return
	mkdir "$TOP/$came"
	expect "a mount point with a space: a container that was there" "$there" \
		run_in "$TOP/$there" "$E2E_DIR/ash" -c :
	expect "a mount point with a space: a container that came" "$came" \
		run_in "$TOP/$came" "$E2E_DIR/ash" -c :
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
}

test_full_output() {
	local id

	cgroups_begin
	id=$(new_id)
	mkdir "$TOP/$id"
	agent_wrapped 'exec "$@" >/dev/full'
	agent_start --bare "$id"
	agent_unwrapped
	[ -n "$AGENT_PID" ] || return
	run_in "$TOP/$id" "$PROGRAMS/try_exec" -n 3 "$E2E_DIR/ash" -c :
	log_says "that an alert cannot be written is said" 5 \
		'an alert could not be written: No space left on device'
	agent_stop
	is "the agent fails" "$AGENT_STATUS" 4
	log_says "how many could not be written is said" 0 '[^0-9]3 alerts could not be written'
	is "each failure is not" "$(grep -c 'an alert could not' "$E2E_DIR/agent.log")" 1
}

e2e_begin cgroups_remove
REAL=$BAREWATCH
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -n "$V1$V2" ] || skip_all "no cgroup file system here"
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash"
DEEP_PATH=$(printf '/d%.0s' $(seq "$DEEP"))

test_containers
test_names
test_lost_cgroups
test_flood
test_mount_point_with_a_space
test_full_output
tap_end
