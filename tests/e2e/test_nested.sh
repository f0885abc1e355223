#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Containers of an engine that is in a container: an outer container is a process with a root
# of its own, in which files are as an engine leaves them, and what it names its cgroups. Each
# there before the agent starts, and made while it runs. Then the same with Podman in there.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

OUTERS=()

# What an outer container does: its files are copied to a file system of its own.
OUTER_START='mount -t tmpfs none "$1/root" && cp -a "$1/files/." "$1/root" &&
	exec chroot "$1/root" /busybox sleep 300'

# outer_start ID: the container in $TREE/docker-ID.scope, whose files are below $E2E_DIR/ID/files.
outer_start() {
	local cgroup=$TREE/docker-$1.scope

	mkdir -p "$cgroup" "$E2E_DIR/$1/files" "$E2E_DIR/$1/root"
	cp /bin/busybox "$E2E_DIR/$1/files/busybox"
	exec_in "$cgroup" unshare -m --propagation private sh -c "$OUTER_START" sh \
		"$E2E_DIR/$1" </dev/null >/dev/null 2>&1 &
	OUTERS+=($!)
	disown
	wait_until 5 test -e "/proc/$!/root/busybox" -a ! -e "/proc/$!/root/proc"
}

outers_stop() {
	local pid

	for pid in "${OUTERS[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	OUTERS=()
}

# knows OUTER INNER NAME: the engine in OUTER, which has not begun, has a container INNER.
knows() {
	local directory=$E2E_DIR/$1/files/var/lib/docker/containers/$2

	mkdir -p "$directory"
	cat >"$directory/config.v2.json" <<-END
		{"Name":"/$3","Config":{"Image":"$3:1","Labels":{}}}
	END
}

inner() { # OUTER INNER
	echo "$TREE/docker-$1.scope/docker/$2"
}

shell_in() { # CGROUP
	run_in "$1" "$E2E_DIR/ash" -c :
}

# expect NAME ID OUTER FILTER EXPECTED: one alert of the container ID, nested in OUTER unless
# that is null.
expect() {
	local -x ID=$2 OUTER_ID=$3
	local of='."container.full_id" == env.ID and (."container.outer_id" // "null") == env.OUTER_ID'

	alerts_wait 5 1 "$of"
	is "$1" "$(alerts "$of" | jq -c ".output_fields | $4")" "$5"
}

NODE=$(new_id) KNOWN=$(new_id) COMES=$(new_id) FAKE=$(new_id) PLAIN=$(new_id)
export NODE KNOWN COMES FAKE PLAIN

fields='[."container.outer_id", ."container.name", ."container.bare_source"]'

# The outer container may hold shells, some of its inner ones may not.
test_bare_in_another() {
	agent_start --bare app-known --bare app-comes || return
	shell_in "$TREE/docker-$NODE.scope"
	shell_in "$(inner "$NODE" "$PLAIN")"
	shell_in "$(inner "$NODE" "$FAKE")"
	shell_in "$(inner "$NODE" "$KNOWN")"
	mkdir "$(inner "$NODE" "$COMES")"
	shell_in "$(inner "$NODE" "$COMES")" # at once
	mkdir "$(inner "$NODE" "$COMES")/below"
	expect "a nested container that was there" "$KNOWN" "$NODE" "$fields" \
		"[\"$NODE\",\"app-known\",\"option\"]"
	expect "a nested container that came" "$COMES" "$NODE" "$fields" \
		"[\"$NODE\",\"app-comes\",\"option\"]"
	is "the outer one and others in it are not judged" "$(alerts_count true)" 2
	shell_in "$(inner "$NODE" "$COMES")/below"
	alerts_wait 5 2 '."container.full_id" == env.COMES'
	is "a cgroup below a nested container is its own" \
		"$(alerts '."container.full_id" == env.COMES' | wc -l)" 2
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	rmdir "$(inner "$NODE" "$COMES")/below" "$(inner "$NODE" "$COMES")"
}

# Who is on its way in from the outer container's mounts, as a runtime there is, is not it yet.
test_on_the_way_in() {
	agent_start --bare app-known || return
	exec_in "$(inner "$NODE" "$KNOWN")" nsenter -t "${OUTERS[0]}" -m -r /busybox sh -c : &
	wait $!
	expect "a program of the outer container's in a nested one" "$KNOWN" "$NODE" \
		'[."exe.program", ."proc.entry"]' '["busybox","nsenter"]'
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
}

# Who is in a bare container cannot get away by what he calls his cgroups, or writes.
test_bare_outer() {
	cat >"$E2E_DIR/policy.yaml" <<-END
		version: 1
		bare: [{id: "$NODE"}]
		except: [{name: "app-*"}]
	END
	agent_start --policy "$E2E_DIR/policy.yaml" || return
	shell_in "$(inner "$NODE" "$FAKE")"
	expect "what no engine's files know is the outer container's" "$NODE" null \
		'."container.name"' null
	shell_in "$(inner "$NODE" "$KNOWN")"
	expect "an exception does not hold in a bare container" "$KNOWN" "$NODE" "$fields" \
		"[\"$NODE\",\"app-known\",\"policy\"]"
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
}

# member_is NAME ID FILTER EXPECTED: of the JSON object of ID.
member_is() {
	is "$1" "$(jq -c "select(.id == \"$2\") | $3" "$E2E_DIR/out")" "$4"
}

test_ps() {
	"$BAREWATCH" ps -o json --bare app-known >"$E2E_DIR/out" 2>"$E2E_DIR/err"
	is "ps: status" "$?" 0
	member_is "ps: a nested container" "$KNOWN" '[.outer_id, .name, .image, .bare, .runtime]' \
		"[\"$NODE\",\"app-known\",\"app-known:1\",true,\"docker\"]"
	member_is "ps: the outer one" "$NODE" '[.outer_id, .bare]' '[null,false]'
	member_is "ps: what is not known is none" "$FAKE" . ""
}

# Files that lead elsewhere, and some that are none.
test_hostile() {
	local HOSTILE LINK OUTSIDE PIPE

	HOSTILE=$(new_id) LINK=$(new_id) OUTSIDE=$(new_id) PIPE=$(new_id)
	knows "$HOSTILE" "$LINK" app-known
	mv "$E2E_DIR/$HOSTILE/files/var/lib/docker/containers/$LINK" "$E2E_DIR/$HOSTILE/files/real"
	ln -s /real "$E2E_DIR/$HOSTILE/files/var/lib/docker/containers/$LINK"
	knows "$OUTSIDE" "$OUTSIDE" app-known # nobody's; only its files
	ln -s "$E2E_DIR/$OUTSIDE/files/var/lib/docker/containers/$OUTSIDE" \
		"$E2E_DIR/$HOSTILE/files/var/lib/docker/containers/$OUTSIDE"
	mkdir -p "$E2E_DIR/$HOSTILE/files/var/lib/docker/containers/$PIPE"
	mkfifo "$E2E_DIR/$HOSTILE/files/var/lib/docker/containers/$PIPE/config.v2.json"
	outer_start "$HOSTILE" || bail_out "no process with a root of its own can be started here"
	mkdir -p "$(inner "$HOSTILE" "$LINK")" "$(inner "$HOSTILE" "$OUTSIDE")" \
		"$(inner "$HOSTILE" "$PIPE")" "$(inner "$HOSTILE" "$KNOWN")"
	"$BAREWATCH" ps -o json >"$E2E_DIR/out" 2>"$E2E_DIR/err"
	is "hostile files: status" "$?" 0
	member_is "hostile files: the outer container" "$HOSTILE" '[.outer_id, .runtime]' \
		'[null,"docker"]'
	is "hostile files: links and pipes are not read" \
		"$(grep -cE "\"id\":\"($LINK|$OUTSIDE|$PIPE)\"" "$E2E_DIR/out")" 0
	# nor does a container in another one lend its name
	is "hostile files: an id of another's container" \
		"$(jq -r "select(.id == \"$KNOWN\") | .outer_id" "$E2E_DIR/out")" "$NODE"
}

# ---- with an engine ----

# A root that has the files of this host, of which nothing is written, and an engine's own.
ENGINE_START='mount -t tmpfs none "$1/tmp" && mkdir "$1/tmp/upper" "$1/tmp/work" &&
	mount -t overlay -o "lowerdir=/,upperdir=$1/tmp/upper,workdir=$1/tmp/work" none "$1/root" &&
	for d in proc sys dev; do mount --rbind "/$d" "$1/root/$d" || exit; done &&
	mkdir -p "$1/root/var/lib/containers" &&
	for d in dev/shm run tmp var/lib/containers; do
		mount -t tmpfs none "$1/root/$d" || exit
	done &&
	mkdir -p "$1/root/rootfs/bin" && cp /bin/busybox "$1/root/rootfs/bin" &&
	ln -s busybox "$1/root/rootfs/bin/sh" &&
	exec chroot "$1/root" /rootfs/bin/busybox sleep 300'

# podman_in ID COMMAND...: in the container ID, whose first process is $ENGINE.
podman_in() {
	local id=$1

	shift
	exec_in "$TREE/docker-$id.scope/init" nsenter -m -r -w -t "$ENGINE" timeout -k 5 60 podman \
		--cgroup-manager=cgroupfs --runtime "$(command -v runc)" "$@"
}

podman_run() { # OUTER NAME COMMAND...
	local outer=$1 name=$2

	shift 2
	(podman_in "$outer" run -d --name "$name" --network none --log-driver none \
		--ulimit nofile=1024:1024 --ulimit nproc=1000:1000 \
		--cgroup-parent "${TREE#"$V2"}/docker-$outer.scope" --rootfs /rootfs "$@") \
		</dev/null 2>"$E2E_DIR/podman.err"
}

is_engine_ready() {
	test -e "/proc/$ENGINE/root/rootfs/bin/sh" -a ! -e "/proc/$ENGINE/root$E2E_DIR"
}

engine_start() { # OUTER
	mkdir -p "$TREE/docker-$1.scope/init" "$E2E_DIR/$1/tmp" "$E2E_DIR/$1/root"
	exec_in "$TREE/docker-$1.scope/init" unshare -m --propagation private sh -c \
		"$ENGINE_START" sh "$E2E_DIR/$1" </dev/null >"$E2E_DIR/engine.log" 2>&1 &
	ENGINE=$!
	OUTERS+=("$ENGINE")
	disown
	wait_until 10 is_engine_ready
}

test_engine() {
	local OUTER APP SHORT tool

	for tool in podman runc conmon nsenter; do
		command -v "$tool" >/dev/null || {
			skip "Podman in a container" "no $tool here"
			return
		}
	done
	OUTER=$(new_id)
	engine_start "$OUTER" || {
		skip "Podman in a container" "no overlay can be mounted here"
		return
	}
	agent_start --bare nested-app --bare nested-short || return
	APP=$(podman_run "$OUTER" nested-app /bin/busybox sleep 300)
	[ -n "$APP" ] || {
		skip "Podman in a container" "Podman starts no container here"
		sed 's/^/#   /' "$E2E_DIR/podman.err"
		agent_stop
		return
	}
	(podman_in "$OUTER" exec nested-app /bin/sh -c :) </dev/null
	SHORT=$(podman_run "$OUTER" nested-short /bin/sh -c :)
	local fields='[."container.name", ."container.runtime", ."proc.entry"]'
	expect "Podman in a container: a session" "$APP" "$OUTER" "$fields" \
		'["nested-app","podman","runtime-exec"]'
	expect "Podman in a container: the entrypoint" "$SHORT" "$OUTER" "$fields" \
		'["nested-short","podman","entrypoint"]'
	is "Podman in a container: nothing else was said" "$(alerts_count true)" 2
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
}

# What is left in any hierarchy: the engine is not asked to end its containers.
processes_end() {
	local pid

	find "$TREE" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do
		kill -KILL "$pid"
	done
}

clean_up() {
	outers_stop
	processes_end
	cgroups_remove
}

e2e_begin clean_up
[ "$(id -u)" = 0 ] || skip_all "needs root"
V2=$(mount_point cgroup2)
[ -n "$V2" ] || skip_all "no cgroup v2 hierarchy here"
TREE=$V2/barewatch-nested.$$
cgroup_tree "$TREE" || bail_out "no cgroups can be made here"
while read -r _ mount type _; do # runtimes use all hierarchies that there are
	[ "$type" != cgroup ] || CGROUP_TREES+=("$mount/${TREE##*/}")
done </proc/mounts
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash"
knows "$NODE" "$KNOWN" app-known
knows "$NODE" "$COMES" app-comes
knows "$NODE" "$PLAIN" plain
outer_start "$NODE" || bail_out "no process with a root of its own can be started here"
mkdir -p "$(inner "$NODE" "$KNOWN")" "$(inner "$NODE" "$FAKE")" "$(inner "$NODE" "$PLAIN")"
test_ps
test_bare_in_another
test_on_the_way_in
test_bare_outer
test_hostile
test_engine
tap_end
