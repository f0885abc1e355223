# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# One interface to the container engines of the tests, to be sourced after engine.sh: podman
# (of engine.sh), docker, and cri, which is containerd with its CRI plugin. A test that uses
# only what is here runs over all of them. Each can be up at the same time as the others.
#
#	engine_use KIND			what the other functions are about from now on
#	engine_up, engine_down...	as in engine.sh
#	ENGINE_RUNTIME=runc|crun	for the containers to come
#	engine_run [--name NAME] [--label KEY=VALUE] IMAGE COMMAND...	to its end; sets ENGINE_ID
#	engine_start ...		the same, but returns when it runs
#	engine_exec ID COMMAND...	a session in a container: podman exec, docker exec, ExecSync
#	engine_debug ID IMAGE COMMAND...	a container in the process namespace of another; cri only
#	engine_image_name NAME		what the agent should call an image (bare, shelly)
#	engine_image_id NAME
#	engine_pod			"NAME NAMESPACE UID" of the pod of containers; empty: in none
#	engine_sandbox			id of the container that holds this pod; empty: in none
#	engine_roots			sets ENGINE_ROOTS to where the engine that is up keeps
#					its state, each as WHAT=DIRECTORY
#
# COMMAND is always given: whether an image's own is added to or replaced is not the same.
# shellcheck disable=SC2034 # set for the caller

# shellcheck source-path=SCRIPTDIR source=engine_docker.sh
. "$ENGINE_SOURCE/engine_docker.sh"
# shellcheck source-path=SCRIPTDIR source=engine_cri.sh
. "$ENGINE_SOURCE/engine_cri.sh"

ENGINE_KINDS="podman docker cri"
ENGINE_ROOTS=()

# What engine.sh knows of the engine that is up, for those that are not in use.
declare -A ENGINE_PARKED=()

engine_use() {
	local variable

	for variable in ENGINE_{DIR,NAME,ROOT,VOLUME,HOLDER,CGROUP}; do
		ENGINE_PARKED[$ENGINE_KIND.$variable]=${!variable}
		printf -v "$variable" %s "${ENGINE_PARKED[$1.$variable]-}"
	done
	ENGINE_KIND=$1
}

engine_roots() {
	readarray -t ENGINE_ROOTS < <("${ENGINE_KIND}_roots")
}

engine_down_all() {
	local kind status=0

	for kind in $ENGINE_KINDS; do
		engine_use "$kind"
		engine_down || status=1
	done
	return $status
}

engine_exec() {
	"${ENGINE_KIND}_exec" "$@"
}

podman_exec() {
	engine_podman exec "$@"
}

# Sets ENGINE_ID to the new container.
engine_debug() {
	local status

	rm -f "$ENGINE_DIR/cid"
	"${ENGINE_KIND}_debug" "$@"
	status=$?
	ENGINE_ID=$(cat "$ENGINE_DIR/cid" 2>/dev/null)
	return $status
}

engine_pod() {
	engine_step pod
}

engine_sandbox() {
	engine_step sandbox
}

engine_image_name() {
	"${ENGINE_KIND}_image_name" "$@"
}

podman_image_name() {
	echo "localhost/$1:latest"
}

engine_image_id() {
	"${ENGINE_KIND}_image_id" "$@"
}

podman_image_id() {
	engine_podman image inspect --format 'sha256:{{.Id}}' "$1"
}

podman_roots() {
	echo "podman=$ENGINE_DIR/var/lib/containers/storage"
	echo "podman-run=$ENGINE_DIR/run/containers/storage"
	echo "runc=$ENGINE_DIR/run/runc"
	echo "crun=$ENGINE_DIR/run/crun"
}

# ---- what the kinds with a daemon share ----

# The runtime NAME, at a path of its own, less what cannot be set here.
engine_wrap_runtime() {
	mkdir -p "$ENGINE_DIR/bin" && ln -s "$ENGINE_SOURCE/engine_runtime.sh" "$ENGINE_DIR/bin/$1"
}

# engine_daemon NAME [VARIABLE=VALUE...] COMMAND...
engine_daemon() {
	local name=$1

	shift
	engine_enter "$@" </dev/null >"$ENGINE_DIR/$name.log" 2>&1 &
	disown
}

# engine_wait_daemon NAME COMMAND...: until COMMAND, a question to the daemon, is answered.
engine_wait_daemon() {
	local i name=$1

	shift
	for ((i = 0; i < 150; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	engine_fail "$name does not answer: $(tail -n 5 "$ENGINE_DIR/$name.log")"
}
