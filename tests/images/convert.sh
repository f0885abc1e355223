# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What others make of a test image, to be sourced. convert_KIND LAYOUT PLACE writes the
# image of LAYOUT, an OCI layout, to PLACE, and prints the reference to it. Each is a different writer
# or reader of archives.
# shellcheck disable=SC2034 # for the test

CONVERSIONS="skopeo_oci skopeo_oci_archive skopeo_docker_archive skopeo_dir skopeo_docker_dir
	umoci umoci_rootfs"

# Why KIND cannot make anything of IMAGE; nothing when it can.
conversion_refuses() { # KIND IMAGE
	case $1:$2 in
	skopeo_docker*:zstd*) echo "Docker's manifests know no zstd" ;;
	umoci_rootfs:zstd*) echo "umoci knows no zstd" ;;
	umoci*:platforms) echo "umoci takes no index" ;;
	skopeo_oci_archive:platforms | skopeo_docker*:platforms) echo "it holds one platform" ;;
	umoci_rootfs:*) [ "$(id -u)" = 0 ] || echo "needs root" ;;
	esac
}

# So that the tools neither ask for policies nor keep anything of root's.
convert_skopeo() { # SOURCE DESTINATION [OPTION...]
	skopeo --insecure-policy --tmpdir "$(dirname "${2#*:}")" copy -q "${@:3}" "$1" "$2" >&2
}

convert_skopeo_oci() {
	convert_skopeo "oci:$1:latest" "oci:$2:latest" --all && echo "oci:$2"
}

convert_skopeo_oci_archive() {
	convert_skopeo "oci:$1:latest" "oci-archive:$2:latest" && echo "oci-archive:$2"
}

convert_skopeo_docker_archive() {
	convert_skopeo "oci:$1:latest" "docker-archive:$2:image:latest" && echo "docker-archive:$2"
}

convert_skopeo_dir() {
	convert_skopeo "oci:$1:latest" "dir:$2" --all && echo "dir:$2"
}

# Docker's manifests, and layers packed anew.
convert_skopeo_docker_dir() {
	convert_skopeo "oci:$1:latest" "dir:$2" --format v2s2 --dest-compress && echo "dir:$2"
}

# A manifest and a configuration of umoci's for the same layers.
convert_umoci() {
	cp -r "$1" "$2" &&
		umoci config --image "$2:latest" --tag other --author somebody >&2 &&
		umoci remove --image "$2:latest" >&2 && echo "oci:$2:other"
}

# The root file system as umoci unpacks it.
convert_umoci_rootfs() {
	umoci unpack --image "$1:latest" "$2" >&2 && echo "rootfs:$2/rootfs"
}
