# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A private containerd with its CRI plugin as an engine of engines.sh, to be sourced: what
# a Kubernetes node has below its kubelet, whose part cri.js plays. Containers run in a
# pod, one for each runtime, with the network of the host, so that no plugin for networks
# is needed. The kubelet's other duty, to remove the cgroups of pods, is engine_down's.
#
# The daemon runs in the engine's mount namespace, but keeps its state at paths that are the
# same outside.

CRI_POD=web # with the runtime behind it
CRI_NAMESPACE=shop
CRI_CONTAINERS=[] # of a pod's spec, as JSON
CRI_SANDBOX_IMAGE=localhost/bare:latest # its own command is /app, which waits

cri_tools() {
	echo containerd containerd-shim-runc-v2 ctr node runc
}

cri_socket() {
	echo "$ENGINE_DIR/run/cri.sock"
}

cri_root() {
	echo "$ENGINE_DIR/containerd/root"
}

cri_state() {
	echo "$ENGINE_DIR/containerd/state"
}

cri_runtime_root() {
	echo "$ENGINE_DIR/run/oci"
}

# The part of the configuration for the runtime NAME: the program BINARY.
cri_runtime() {
	cat <<-EOF
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$1]
		runtime_type = "io.containerd.runc.v2"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$1.options]
		Root = "$(cri_runtime_root)"
		BinaryName = "$2"
	EOF
}

# Each sandbox gets shares of the CPU, which the v2 layout may have no controller for: runc
# runs as it is in the other one alone.
cri_configure() {
	local runc

	runc=$(command -v runc)
	engine_wrap_runtime crun && mkdir -p "$(cri_root)" "$(cri_state)" "$ENGINE_DIR"/{cni,pods} ||
		return
	if [ "$1" = v2 ]; then
		engine_wrap_runtime runc || return
		runc=$ENGINE_DIR/bin/runc
	fi
	cat >"$ENGINE_DIR/containerd.toml" <<-EOF
		version = 2
		root = "$(cri_root)"
		state = "$(cri_state)"
		disabled_plugins = ["io.containerd.internal.v1.opt"]
		[grpc]
		address = "$(cri_socket)"
		[plugins."io.containerd.grpc.v1.cri"]
		sandbox_image = "$CRI_SANDBOX_IMAGE"
		restrict_oom_score_adj = true
		disable_apparmor = true
		[plugins."io.containerd.grpc.v1.cri".cni]
		bin_dir = "$ENGINE_DIR/cni"
		conf_dir = "$ENGINE_DIR/cni"
		$(cri_runtime runc "$runc")
		$(cri_runtime crun "$ENGINE_DIR/bin/crun")
	EOF
}

cri_begin() {
	engine_daemon containerd containerd --config "$ENGINE_DIR/containerd.toml" &&
		engine_wait_daemon containerd cri_client call Version
}

cri_client() (
	engine_spawn timeout --foreground -k 5 "${ENGINE_TIMEOUT:-60}" \
		node "$ENGINE_SOURCE/cri.js" "$(cri_socket)" "$@"
)

cri_ctr() (
	engine_spawn timeout --foreground -k 5 "${ENGINE_TIMEOUT:-60}" \
		ctr --address "$(cri_socket)" --namespace k8s.io "$@"
)

# ---- images ----

cri_architecture() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}

# Adds FILE to the blobs of the layout DIR, removes it, and prints its descriptor.
cri_blob() {
	local dir=$1 file=$2 type=$3 digest

	digest=$(sha256sum <"$file") && digest=${digest%% *} || return
	jq -nc --arg type "application/vnd.oci.image.$type" --arg digest "sha256:$digest" \
		--argjson size "$(stat -c %s "$file")" \
		'{mediaType: $type, digest: $digest, size: $size}' &&
		mv "$file" "$dir/blobs/sha256/$digest"
}

# Makes the OCI layout DIR of the image NAME, whose only layer is the directory ROOT.
cri_layout() {
	local dir=$1 name=$2 layer config manifest

	mkdir -p "$dir/blobs/sha256" &&
		echo '{"imageLayoutVersion": "1.0.0"}' >"$dir/oci-layout" &&
		tar -C "$3" --owner=0 --group=0 -cf "$dir/layer" . &&
		layer=$(cri_blob "$dir" "$dir/layer" layer.v1.tar) || return
	jq -nc --argjson layer "$layer" --arg architecture "$(cri_architecture)" '{
		architecture: $architecture, os: "linux",
		config: {
			Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
			Entrypoint: ["/app", "86400"]
		},
		rootfs: {type: "layers", diff_ids: [$layer.digest]}
	}' >"$dir/config" && config=$(cri_blob "$dir" "$dir/config" config.v1+json) || return
	jq -nc --argjson config "$config" --argjson layer "$layer" '{
		schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: $config, layers: [$layer]
	}' >"$dir/manifest" && manifest=$(cri_blob "$dir" "$dir/manifest" manifest.v1+json) || return
	jq -nc --argjson manifest "$manifest" --arg name "$name" '{
		schemaVersion: 2,
		manifests: [$manifest + {annotations: {"io.containerd.image.name": $name}}]
	}' >"$dir/index.json"
}

cri_import() {
	local dir=$ENGINE_DIR/layout/$1

	cri_layout "$dir" "$(cri_image_name "$1")" "$2" && tar -C "$dir" -cf "$dir.tar" . &&
		cri_ctr images import "$dir.tar" >/dev/null
}

cri_image_name() {
	echo "localhost/$1:latest"
}

cri_image_id() {
	cri_client call ListImages | jq -r --arg name "$(cri_image_name "$1")" \
		'.images[] | select(.repo_tags | index([$name])) | .id'
}

# As it was imported: nothing else has that name.
cri_image_digest() {
	jq -r '.manifests[0].digest' "$ENGINE_DIR/layout/$1/index.json"
}

# ---- pods and containers ----

# The pod of the runtime in use.
cri_pod_file() {
	echo "$ENGINE_DIR/pods/$ENGINE_RUNTIME.json"
}

cri_ready() {
	local ENGINE_RUNTIME

	for ENGINE_RUNTIME in runc crun; do
		command -v "$ENGINE_RUNTIME" >/dev/null || continue
		cri_run_pod "$(cat /proc/sys/kernel/random/uuid)" || return
	done
}

cri_run_pod() {
	cri_client pod "$(cri_pod_file)" "$(jq -nc --arg name "$CRI_POD-$ENGINE_RUNTIME" \
		--arg namespace "$CRI_NAMESPACE" --arg uid "$1" \
		--arg parent "/$ENGINE_NAME/kubepods/burstable/pod$1" --arg runtime "$ENGINE_RUNTIME" \
		--argjson containers "$CRI_CONTAINERS" '{
			name: $name, namespace: $namespace, uid: $uid,
			cgroup_parent: $parent, runtime: $runtime, containers: $containers
		}')"
}

cri_pod() {
	jq -r '.config.metadata | "\(.name) \(.namespace) \(.uid)"' "$(cri_pod_file)"
}

# The id of that pod's own container.
cri_sandbox() {
	jq -r .id "$(cri_pod_file)"
}

# cri_run IDFILE DETACH NAME LABEL TARGET IMAGE COMMAND...
cri_run() {
	local options

	options=$(jq -nc --arg id_file "$1" --argjson detach "$2" --arg name "$3" --arg labels "$4" \
		--arg target "$5" --arg image "$(cri_image_name "$6")" '{
			id_file: $id_file, detach: $detach, name: $name, target: $target, image: $image,
			labels: ([$labels | select(. != "") | split("=") | {(.[0]): .[1]}] | add)
		}')
	shift 6
	cri_client run "$(cri_pod_file)" "$options" "$@"
}

cri_run_to() {
	local idfile=$1 detach=false name=container-$RANDOM$RANDOM label=

	shift
	while :; do
		case $1 in
		-d) detach=true && shift ;;
		--name) name=$2 && shift 2 ;;
		--label) label=$2 && shift 2 ;;
		-*) engine_fail "cri has no option $1" && return 125 ;;
		*) break ;;
		esac
	done
	cri_run "$idfile" "$detach" "$name" "$label" "" "$@"
}

cri_exec() {
	cri_client exec "$@"
}

# As `kubectl debug --target` does it.
cri_debug() {
	local target=$1

	shift
	cri_run "$ENGINE_DIR/cid" true "debugger-$(printf %05d $RANDOM)" "" "$target" "$@"
}

cri_roots() {
	echo "containerd=$(cri_root)"
	echo "containerd-state=$(cri_state)"
	echo "runc=$(cri_runtime_root)"
	echo "crun=$(cri_runtime_root)"
}
