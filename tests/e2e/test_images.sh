#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is read of the test images (tests/images): what is expected by hand, the same in each form,
# and the same as overlayfs makes of their layers, of which each program is then read as a
# file. Only the last needs root.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=images.sh
. "$(dirname "$0")/images.sh"

# Kind, class, program and path of what is a reason not to be bare, or would be if it were seen.
found() { # IMAGE
	local what kind

	for what in programs leaks; do
		kind=violation
		[ $what = programs ] || kind=leak
		read_image $what "oci:$IMAGES/oci/$1" | awk -F '\t' -v OFS='\t' -v kind=$kind '
			$2 == "shell" || $2 == "package_manager" ||
			($2 == "multicall" && $5 ~ /has_shell|has_package_manager/) {
				print kind, $2, $3, $1 }'
	done
}

# Less what the bytes of a single file do not tell.
expected() { # IMAGE
	images_expected "$1" | grep -P '^(violation|leak)\t(shell|package_manager|multicall)\t'
}

test_found() { # IMAGE
	local verdict=bare

	found "$1" >"$E2E_DIR/found"
	expected "$1" >"$E2E_DIR/expected"
	is "$1: nothing else is found than is expected" \
		"$(unmatched "$E2E_DIR/expected" <"$E2E_DIR/found")" ""
	is "$1: and all of it" "$(unmatched "$E2E_DIR/found" reversed <"$E2E_DIR/expected")" ""
	! grep -q '^violation' "$E2E_DIR/found" || verdict="not bare"
	is "$1: which makes it $verdict" "$verdict" "$(images_verdict "$1")"
}

test_forms() { # IMAGE
	local reference

	read_image tree "oci:$IMAGES/oci/$1" >"$E2E_DIR/tree"
	for reference in $(image_references "$1" | tail -n +2); do
		is "$1: the files are the same in ${reference%%:*}" \
			"$(read_image tree "$reference" | diff "$E2E_DIR/tree" - | head)" ""
	done
	is "$1: and where nothing says what form it is" \
		"$(read_image tree "$IMAGES/oci/$1" | diff "$E2E_DIR/tree" - | head)" ""
	is "$1: and on standard input" \
		"$(read_image tree - <"$IMAGES/oci-archive/$1.tar" | diff "$E2E_DIR/tree" - | head)" ""
}

# Of a script, the file's own reader reads the first line alone.
programs_of() {
	sed 's/\tscript,whole\t/\tscript\t/'
}

# The mount is gone with the namespace, before anything is removed.
test_merged() { # IMAGE
	local dir=$E2E_DIR/merge layers

	readarray -t layers < <(sed "/./!d; s,^,$IMAGES/pool/," "$IMAGES/layers/$1")
	mkdir "$dir"
	if ! unshare -m --propagation private "$IMAGES_SOURCE/merge.sh" "$dir" "$IDENTIFY" \
		"$CATALOG" "${layers[@]}" 2>"$E2E_DIR/merge.log"; then
		not_ok "$1: the layers are merged" "$(cat "$E2E_DIR/merge.log")"
		return
	fi
	is "$1: the files are those that overlayfs merges" \
		"$(read_image tree "oci:$IMAGES/oci/$1" | diff - "$dir/tree" | head)" ""
	is "$1: the programs are those that are read there" "$(diff \
		<(read_image programs "oci:$IMAGES/oci/$1" | programs_of) \
		<(programs_of <"$dir/programs") | head)" ""
	MERGED_FILES=$((MERGED_FILES + $(wc -l <"$dir/tree")))
	MERGED_PROGRAMS=$((MERGED_PROGRAMS + $(wc -l <"$dir/programs")))
	rm -rf --one-file-system "$dir"
}

can_merge() {
	[ "$(id -u)" = 0 ] || { echo "needs root"; return; }
	command -v setfattr >/dev/null || echo "setfattr is not installed"
}

e2e_begin
[ -x "$IDENTIFY" ] || bail_out "$IDENTIFY is not built"
images_build
is "something is expected of each image" "$(find "$IMAGES/oci" -mindepth 1 -printf '%f\n' \
	-prune | sort)" "$(images_all | sort)"
MERGED_FILES=0
MERGED_PROGRAMS=0
reason=$(can_merge)
for image in $(images_all); do
	test_found "$image"
	test_forms "$image"
	if [ -n "$reason" ]; then
		skip "$image: merged by overlayfs" "$reason"
	elif ! has_platforms "$image"; then
		test_merged "$image"
	fi
done
[ -n "$reason" ] || is "of programs there are many" "$((MERGED_PROGRAMS > 1000))" 1
echo "# merged by overlayfs: $MERGED_FILES files, of them $MERGED_PROGRAMS programs"
tap_end
