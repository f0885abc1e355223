# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The image and the volume of the blind spots, to be sourced: what cases.sh expects to be there.
# The programs are those of this directory, as `make programs` builds them.

BLINDSPOTS=$E2E_BUILD/tests/e2e/blindspots

# Makes the image `blind` known to the engine, and fills the volume.
blindspots_import() {
	blindspots_image "$ENGINE_DIR/image/blind" && blindspots_volume "$ENGINE_VOLUME" &&
		"${ENGINE_KIND}_import" blind "$ENGINE_DIR/image/blind"
}

# blindspots_image DIR
blindspots_image() {
	local root=$1

	mkdir -p "$root"/{b,bin,etc,lib64,mnt,srv/plain,srv/broken,usr/bin} &&
		mkdir -m 1777 "$root/tmp" &&
		find "$BLINDSPOTS" -type f -executable ! -name '*.so' -exec cp -t "$root/b" {} + &&
		cp "$PROGRAMS/app" "$PROGRAMS/open_flood" "$root/b" &&
		image_add "$root" /usr/bin/dash /usr/bin/dpkg /usr/bin/mawk "$root/b/load_library" &&
		ln -s ../usr/bin/dash ../usr/bin/mawk "$root/bin" &&
		cp "$(command -v busybox)" "$root/bin/busybox" &&
		ln -s busybox "$root/bin/sh" &&
		image_srv "$root/srv"
}

# image_add ROOT FILE...: programs with the libraries and the loader that they need.
image_add() {
	local root=$1 file library

	shift
	for file in "$@"; do
		[[ $file == "$root"/* ]] || cp -L --parents -t "$root" "$file" || return
		for library in $(ldd "$file" | grep -oE '/[^ ]+'); do
			cp -L --parents -t "$root" "$library" || return
		done
	done
}

image_srv() {
	cp "$BLINDSPOTS/nothing" "$1/app" &&
		cp "$BLINDSPOTS/nothing" "$1/sh" &&
		cp "$BLINDSPOTS/dynamic/libseven.so" "$1" &&
		cp "$(command -v busybox)" "$1/worker" &&
		ln "$1/worker" "$1/hard" &&
		cp /usr/bin/dash "$1/setuid" && chmod 4755 "$1/setuid" &&
		cp /usr/bin/dash "$1/race-a" && cp "$BLINDSPOTS/nothing" "$1/race-b" &&
		ln -s ../usr/bin/dpkg "$1/update" &&
		image_file "$1/plain/sh" 644 "" &&
		image_file "$1/broken/sh" 755 $'\177ELF, but no more' &&
		image_file "$1/script" 755 $'#!/bin/dash\nexit 7' &&
		image_file "$1/nested" 755 "#!/srv/script" &&
		image_file "$1/argument" 755 $'#!/bin/busybox sh\nexit 7' &&
		image_file "$1/headless" 755 "exit 7" &&
		image_file "$1/awk-script" 755 $'#!/bin/mawk -f\nBEGIN { exit 7 }'
}

# image_file PATH MODE TEXT
image_file() {
	printf '%s\n' "$3" >"$1" && chmod "$2" "$1"
}

# blindspots_volume DIR
blindspots_volume() {
	cp "$(command -v busybox)" /usr/bin/dash "$BLINDSPOTS/dynamic/libseven.so" "$1" &&
		image_file "$1/script" 755 $'#!/bin/dash\nexit 7' &&
		cp "$BLINDSPOTS/own_shell" "$1/tool" &&
		"$BLINDSPOTS/write_code" "$1/code"
}
