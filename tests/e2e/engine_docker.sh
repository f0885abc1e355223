# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A private dockerd with a containerd of its own as an engine of engines.sh, to be sourced.
# The daemon runs in the engine's mount namespace, but keeps its state at paths that are
# the same outside, which the agent under test is told. It makes no network and touches
# neither iptables nor sysctls. Nothing is shut down in order: engine_down ends all
# processes at once, and what a daemon would have cleaned up is in the engine's directory,
# namespace and cgroup.

docker_tools() {
	echo dockerd docker containerd containerd-shim-runc-v2 runc
}

docker_data() {
	echo "$ENGINE_DIR/docker"
}

docker_exec_root() {
	echo "$ENGINE_DIR/run/docker"
}

# dockerd knows runc by itself.
docker_configure() {
	engine_wrap_runtime crun &&
		mkdir "$(docker_data)" "$ENGINE_DIR/docker-cli" &&
		jq -n --arg data "$(docker_data)" --arg run "$(docker_exec_root)" \
			--arg dir "$ENGINE_DIR" --arg parent "/$ENGINE_NAME/docker" '{
			"data-root": $data,
			"exec-root": $run,
			"pidfile": "\($dir)/run/docker.pid",
			"hosts": ["unix://\($dir)/run/docker.sock"],
			"cgroup-parent": $parent,
			"storage-driver": "overlay2",
			"log-driver": "none",
			"bridge": "none",
			"iptables": false, "ip6tables": false, "ip-forward": false, "ip-masq": false,
			"userland-proxy": false,
			"runtimes": {"crun": {"path": "\($dir)/bin/crun"}}
		}' >"$ENGINE_DIR/docker.json"
}

# The variable `container` keeps dockerd from loading its AppArmor profile, which would stay
# in the kernel.
docker_begin() {
	engine_daemon dockerd container=barewatch dockerd --config-file "$ENGINE_DIR/docker.json" &&
		engine_wait_daemon dockerd engine_docker version
}

# The client.
engine_docker() (
	engine_spawn timeout --foreground -k 5 "${ENGINE_TIMEOUT:-60}" \
		docker --config "$ENGINE_DIR/docker-cli" --host "unix://$ENGINE_DIR/run/docker.sock" "$@"
)

docker_import() {
	tar -C "$2" --owner=0 --group=0 -c . | engine_docker import - "$1" >/dev/null
}

docker_run_to() {
	local cidfile=$1

	shift
	engine_docker run --rm --cidfile "$cidfile" --runtime "$ENGINE_RUNTIME" --network none "$@"
}

docker_exec() {
	engine_docker exec "$@"
}

# As it was given.
docker_image_name() {
	echo "$1"
}

docker_image_id() {
	engine_docker image inspect --format '{{.Id}}' "$1"
}

docker_roots() {
	echo "docker=$(docker_data)"
	echo "docker-exec=$(docker_exec_root)"
}
