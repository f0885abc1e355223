# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the tests with test images (tests/images) have in common, to be sourced after lib.sh: the
# images, what is to be found in them, and what is read of them.
# shellcheck disable=SC2034 # set for the tests

IMAGES_SOURCE=$E2E_SOURCE/../images
IMAGES=$E2E_BUILD/images/set
READ_IMAGE=$E2E_BUILD/tests/images/read_image
IDENTIFY=$E2E_BUILD/tests/signatures/identify
CATALOG=$E2E_SOURCE/../../rules/catalog.yaml
EXPECTED=$IMAGES_SOURCE/expected.tsv

# images_build [IMAGE...]: ends the test where they cannot be made.
images_build() {
	local tool status

	[ -x "$READ_IMAGE" ] || bail_out "$READ_IMAGE is not built"
	for tool in apt-get dpkg-deb jq zstd; do
		command -v "$tool" >/dev/null || skip_all "$tool is not installed"
	done
	O=$E2E_BUILD "$IMAGES_SOURCE/build.sh" "$IMAGES" "$@" >"$E2E_DIR/build.log" 2>&1
	status=$?
	[ $status != 3 ] || skip_all "$(tail -n 1 "$E2E_DIR/build.log")"
	is "the images are made" "$status $(cat "$E2E_DIR/build.log")" "0 "
	[ $status = 0 ] || { tap_end; exit; }
}

# Those of which something is expected, one a line.
images_all() {
	awk -F '\t' 'NF == 2 { print $1 }' "$EXPECTED"
}

# The verdict that is expected.
images_verdict() { # IMAGE
	awk -F '\t' -v image="$1" 'NF == 2 && $1 == image { print $2 }' "$EXPECTED"
}

# What is expected to be found: kind, class, program, pattern of the path.
images_expected() { # IMAGE
	awk -F '\t' -v OFS='\t' -v image="$1" 'NF == 5 && $1 == image {
		print $2, $3, $4, $5 }' "$EXPECTED"
}

# The lines of stdin that no line of FILE fits: as a pattern, or with "reversed" as a text.
unmatched() { # FILE [reversed]
	local line other

	while IFS= read -r line; do
		while IFS= read -r other; do
			# shellcheck disable=SC2053 # one of them is a pattern
			if [ "${2-}" = reversed ]; then
				[[ $other != $line ]] || continue 2
			else
				[[ $line != $other ]] || continue 2
			fi
		done <"$1"
		printf '%s\n' "$line"
	done
}

# read_image WHAT REFERENCE: without the lines of the manifests.
read_image() {
	"$READ_IMAGE" "$1" "$CATALOG" "$2" | grep -v '^# '
}

# Names of images whose archive has more than one platform.
has_platforms() { # IMAGE
	[ "$1" = platforms ]
}

# The forms that build.sh writes IMAGE in, as references.
image_references() { # IMAGE
	echo "oci:$IMAGES/oci/$1"
	echo "oci-archive:$IMAGES/oci-archive/$1.tar"
	has_platforms "$1" || echo "docker-archive:$IMAGES/docker-archive/$1.tar"
}

# The report of REFERENCE but for what says which reference it is.
image_report() { # REFERENCE
	"$BAREWATCH" verify -o json "$1" | jq -c 'del(.reference)'
}

# What is read of REFERENCE: files, programs that only a lower layer has, and the report.
image_content() { # REFERENCE
	read_image tree "$1"
	echo "# leaks"
	read_image leaks "$1"
	image_report "$1"
}
