#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh DIRECTORY [IMAGE...]: makes the test images, all or those named, in each form, below
# DIRECTORY: oci/IMAGE, oci-archive/IMAGE.tar, docker-archive/IMAGE.tar; and layers/IMAGE, the
# names of its layers in pool/, the lowest first. Needs no root, and a network for the first
# time only: packages stay in BAREWATCH_IMAGE_CACHE (build/images/packages). Exits with 3 when they
# cannot be had.
set -u

[ $# -gt 0 ] || {
	echo "build.sh DIRECTORY [IMAGE...]" >&2
	exit 2
}
here=$(dirname "${BASH_SOURCE[0]}")
build=${O:-$here/../../build}
mkdir -p "$1" "$build" || exit
out=$(realpath "$1")
pool=$out/pool
packages=$(realpath -m "${BAREWATCH_IMAGE_CACHE:-$build/images/packages}")
app=$(realpath "$build/tests/e2e/programs/app") || exit
# shellcheck disable=SC2034 # the images' own
architecture=$(dpkg --print-architecture)
shift
umask 022
export LC_ALL=C

# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"
# shellcheck source-path=SCRIPTDIR source=layers.sh
. "$here/layers.sh"
# shellcheck source-path=SCRIPTDIR source=layout.sh
. "$here/layout.sh"
# shellcheck source-path=SCRIPTDIR source=images.sh
. "$here/images.sh"

build_image() { # NAME
	LAYERS=()
	CONFIG='{}'
	if declare -F "index_$1" >/dev/null; then
		"index_$1"
	else
		"image_$1" && write_layers "$1" && write_oci "$1" && write_docker "$1"
	fi
}

work=$(mktemp -d "$out/work.XXXXXX") || exit
trap 'rm -rf "$work"' EXIT
mkdir -p "$pool"
[ -x "$app" ] || packages_fail "the test programs are not built: $app" || exit 2
packages_get || exit 3
[ $# -gt 0 ] || readarray -t names < <(declare -F | sed -n 's/^declare -f \(image\|index\)_//p')
[ $# = 0 ] || names=("$@")
for name in "${names[@]}"; do
	build_image "$name" || packages_fail "$name could not be made" || exit 1
done
