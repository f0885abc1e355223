#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_image_forms.sh [IMAGE...]: the test images (tests/images), all or those named, as other tools
# write them: skopeo and umoci in each form they know, podman and docker after they have loaded
# and saved them. The same is read of all.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=engine.sh
. "$(dirname "$0")/engine.sh"
# shellcheck source-path=SCRIPTDIR source=engines.sh
. "$(dirname "$0")/engines.sh"
# shellcheck source-path=SCRIPTDIR source=images.sh
. "$(dirname "$0")/images.sh"
# shellcheck source-path=SCRIPTDIR source=../images/convert.sh
. "$IMAGES_SOURCE/convert.sh"

# Loaded and saved: of each kind one, since engines unpack what they load.
SAVED="debug busybox renamed hard_link_left long_names leak leak_replaced opaque merged_usr notes"

# same_content NAME REFERENCE: as in the file content.
same_content() {
	local reference=$2

	# what is unpacked has no lower layers
	if [ "${reference%%:*}" = rootfs ]; then
		is "$1" "$(read_image tree "$reference" |
			diff <(sed '/^# leaks/,$d' "$E2E_DIR/content") - | head)" ""
	else
		is "$1" "$(image_content "$reference" | diff "$E2E_DIR/content" - | head)" ""
	fi
}

test_conversion() { # IMAGE KIND
	local reason reference place=$E2E_DIR/converted

	reason=$(conversion_refuses "$2" "$1")
	[ -z "$reason" ] || { skip "$1: $2" "$reason"; return; }
	if reference=$("convert_$2" "$IMAGES/oci/$1" "$place" 2>"$E2E_DIR/convert.log"); then
		same_content "$1: $2 has the same content" "$reference"
	else
		not_ok "$1: $2" "$(tail -n 3 "$E2E_DIR/convert.log")"
	fi
	rm -rf "$place"
}

test_conversions() { # IMAGE
	local kind

	image_content "oci:$IMAGES/oci/$1" >"$E2E_DIR/content"
	for kind in $CONVERSIONS; do
		if command -v "${kind%%_*}" >/dev/null; then
			test_conversion "$1" "$kind"
		else
			skip "$1: $kind" "${kind%%_*} is not installed"
		fi
	done
}

# ---- engines ----

# load KIND ARCHIVE
load() {
	"engine_$1" load <"$2" >/dev/null
}

# save KIND IMAGE FORM ARCHIVE
save() {
	if [ "$1" = podman ]; then
		engine_podman save -q --format "$3" "$2" >"$4"
	else
		engine_docker save "$2" >"$4"
	fi
}

test_saved() { # KIND IMAGE
	local form forms=docker-archive

	[ "$1" != podman ] || forms="docker-archive oci-archive"
	image_content "oci:$IMAGES/oci/$2" >"$E2E_DIR/content"
	if ! load "$1" "$IMAGES/docker-archive/$2.tar" 2>"$E2E_DIR/load.log"; then
		not_ok "$2: $1 loads it" "$(tail -n 3 "$E2E_DIR/load.log")"
		return
	fi
	for form in $forms; do
		save "$1" "$2" "$form" "$E2E_DIR/saved" 2>"$E2E_DIR/save.log" ||
			not_ok "$2: $1 save, $form" "$(tail -n 3 "$E2E_DIR/save.log")"
		same_content "$2: $1 save, $form: it has the same content" "$form:$E2E_DIR/saved"
		rm -f "$E2E_DIR/saved"
	done
}

test_engine() { # KIND IMAGE...
	local reason name image kind=$1

	shift
	engine_use "$kind"
	reason=$(engine_missing v2)
	[ -z "$reason" ] || { skip "$kind save" "$reason"; return; }
	if ! engine_up v2; then
		not_ok "$kind starts"
		return
	fi
	name=$ENGINE_NAME
	for image; do
		test_saved "$kind" "$image"
	done
	engine_down
	is "$kind leaves nothing behind" "$(engine_leftovers "$name")" ""
}

e2e_begin engine_down_all
images_build "$@"
# python has all layers of the other three
[ $# -gt 0 ] || readarray -t images < <(images_all | grep -vxE 'static|base|cc')
[ $# = 0 ] || images=("$@")
for image in "${images[@]}"; do
	test_conversions "$image"
done
readarray -t saved < <(comm -12 <(printf '%s\n' "${images[@]}" | sort) \
	<(xargs -n 1 <<<"$SAVED" | sort))
test_engine podman "${saved[@]}"
test_engine docker "${saved[@]}"
tap_end
