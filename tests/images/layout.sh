# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The forms that test images are written in, to be sourced after layers.sh: OCI layouts,
# as directories and archives, and Docker archives. They are made of LAYERS and CONFIG, the
# part "config" of the configuration as JSON.
# shellcheck disable=SC2154 # the caller's

CONFIG='{}'

# Puts FILE among the blobs of LAYOUT, and prints its descriptor.
layout_blob() { # LAYOUT FILE TYPE
	local id blob

	id=$(sha256_of "$2") || return
	blob=$1/blobs/sha256/$id
	mkdir -p "$1/blobs/sha256" && { [ -e "$blob" ] || ln "$2" "$blob" || cp "$2" "$blob"; } &&
		printf '{"mediaType":"%s","digest":"sha256:%s","size":%d}\n' \
			"$3" "$id" "$(stat -c %s "$2")"
}

layout_config() { # ARCHITECTURE
	printf '%s\n' "${LAYERS[@]%.*}" | jq -Rn --arg architecture "$1" --argjson config "$CONFIG" '{
		created: "1970-01-01T00:00:00Z", $architecture, os: "linux", $config,
		rootfs: {type: "layers", diff_ids: [inputs | select(. != "") | "sha256:" + .]}}'
}

layout_layer_type() { # PACKING
	case $1 in
	none) echo application/vnd.oci.image.layer.v1.tar ;;
	zstd) echo application/vnd.oci.image.layer.v1.tar+zstd ;;
	*) echo application/vnd.oci.image.layer.v1.tar+gzip ;;
	esac
}

# Adds the image to LAYOUT, and prints the descriptor of its manifest.
layout_image() { # LAYOUT ARCHITECTURE
	local layer

	rm -f "$work/config" "$work/manifest" # may be blobs by now
	layout_config "$2" >"$work/config" || return
	for layer in "${LAYERS[@]}"; do
		layout_blob "$1" "$pool/$layer" "$(layout_layer_type "${layer##*.}")" || return
	done >"$work/descriptors"
	jq -sc --argjson config "$(layout_blob "$1" "$work/config" \
		application/vnd.oci.image.config.v1+json)" '{schemaVersion: 2,
		mediaType: "application/vnd.oci.image.manifest.v1+json", $config, layers: .}' \
		"$work/descriptors" >"$work/manifest" &&
		layout_blob "$1" "$work/manifest" application/vnd.oci.image.manifest.v1+json |
		jq -c --arg architecture "$2" '. + {platform: {os: "linux", $architecture}}'
}

# Writes what makes blobs a layout, with the tag "latest" for DESCRIPTOR.
layout_end() { # LAYOUT DESCRIPTOR
	echo '{"imageLayoutVersion":"1.0.0"}' >"$1/oci-layout" &&
		jq -nc --argjson descriptor "$2" '{schemaVersion: 2, manifests: [$descriptor +
			{annotations: {"org.opencontainers.image.ref.name": "latest"}}]}' \
			>"$1/index.json"
}

# An archive of the layout, as skopeo's oci-archive.
layout_archive() { # LAYOUT ARCHIVE
	layer_tar -C "$1" -cf "$2" blobs index.json oci-layout
}

write_oci() { # NAME
	local descriptor layout=$out/oci/$1

	rm -rf "$layout"
	mkdir -p "$layout/blobs/sha256" "$out/oci-archive" &&
		descriptor=$(layout_image "$layout" "$architecture") &&
		layout_end "$layout" "$descriptor" && layout_archive "$layout" "$out/oci-archive/$1.tar"
}

# As docker save wrote it before version 25: layers in directories, as they are.
write_docker() { # NAME
	local layer id dir=$work/docker

	rm -rf "$dir"
	rm -f "$work/config"
	mkdir -p "$dir" "$out/docker-archive" && layout_config "$architecture" >"$work/config" || return
	id=$(sha256_of "$work/config")
	cp "$work/config" "$dir/$id.json"
	for layer in "${LAYERS[@]%.*}"; do
		mkdir -p "$dir/$layer" && ln -f "$pool/$layer" "$dir/$layer/layer.tar" || return
	done
	printf '%s\n' "${LAYERS[@]%.*}" | jq -Rnc --arg config "$id.json" --arg tag "$1:latest" '[{
		Config: $config, RepoTags: [$tag],
		Layers: [inputs | select(. != "") + "/layer.tar"]}]' >"$dir/manifest.json" &&
		layer_tar --hard-dereference -C "$dir" -cf "$out/docker-archive/$1.tar" .
}

# The archives of the layers, in their order, for those who merge them by other means.
write_layers() { # NAME
	mkdir -p "$out/layers" && printf '%s\n' "${LAYERS[@]%.*}" >"$out/layers/$1"
}
