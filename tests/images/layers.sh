# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Layers of the test images, to be sourced after packages.sh. Each is a directory first, LAYER,
# then an archive in $pool, made the same each time: the same owner, time and order. Files of others
# than root and devices are in none, so that no right is needed.
#
#	layer_begin; put..., whiteout...; layer_end [PACKING]
#
# collects in LAYERS the name of each layer in $pool, the lowest first. PACKING is how it
# is compressed in OCI layouts: gzip, zstd, none or members (gzip in two members).
# shellcheck disable=SC2120,SC2154 # called by images.sh; the caller's

LAYER=
LAYERS=()

layer_begin() {
	LAYER=$work/layer
	rm -rf "$LAYER"
	mkdir "$LAYER"
}

layer_tar() {
	tar --owner=0 --group=0 --numeric-owner --mtime=@0 --sort=name --format=gnu "$@"
}

layer_end() { # [PACKING]
	layer_tar -C "$LAYER" -cf "$work/layer.tar" . && layer_add "$work/layer.tar" "${1:-gzip}"
}

# Same with the members given and none else, in this order.
layer_end_with() { # MEMBER...
	layer_tar --no-recursion -C "$LAYER" -cf "$work/layer.tar" "$@" &&
		layer_add "$work/layer.tar" gzip
}

# Makes an archive a layer. Its name in the pool is its diff id.
layer_add() { # ARCHIVE PACKING
	local id

	id=$(sha256_of "$1") &&
		{ [ -e "$pool/$id" ] || cp "$1" "$pool/$id"; } &&
		layer_pack "$id" "$2" &&
		LAYERS+=("$id.$2")
}

layer_pack() { # ID PACKING
	local in=$pool/$1 out=$pool/$1.$2

	[ ! -e "$out" ] || return 0
	case $2 in
	none) ln "$in" "$out" ;;
	gzip) gzip -1nc "$in" >"$out.new" && mv "$out.new" "$out" ;;
	zstd) zstd -q -3 -c "$in" >"$out.new" && mv "$out.new" "$out" ;;
	members) { head -c 1024 "$in" | gzip -1nc && tail -c +1025 "$in" | gzip -1nc; } >"$out" ;;
	esac
}

sha256_of() { # FILE
	sha256sum "$1" | cut -d ' ' -f 1
}

# ---- files of a layer ----

# A program of a package, at PATH.
put() { # PACKAGE PROGRAM PATH [MODE]
	local file

	file=$(program_of "$1" "$2") && mkdir -p "$LAYER/$(dirname "$3")" &&
		cp --remove-destination "$file" "$LAYER/$3" && chmod "${4:-755}" "$LAYER/$3"
}

# The program that the image is said to be for: static, and with no class.
put_app() { # [PATH]
	mkdir -p "$LAYER/$(dirname "${1:-app}")" && cp "$app" "$LAYER/${1:-app}"
}

put_text() { # PATH TEXT
	mkdir -p "$LAYER/$(dirname "$1")" && printf '%s\n' "$2" >"$LAYER/$1"
}

put_link() { # TARGET PATH
	mkdir -p "$LAYER/$(dirname "$2")" && ln -s "$1" "$LAYER/$2"
}

put_hard_link() { # FILE PATH
	mkdir -p "$LAYER/$(dirname "$2")" && ln "$LAYER/$1" "$LAYER/$2"
}

whiteout() { # PATH
	mkdir -p "$LAYER/$(dirname "$1")" && : >"$LAYER/$(dirname "$1")/.wh.$(basename "$1")"
}

# Hides what lower layers have in DIRECTORY.
opaque() { # DIRECTORY
	mkdir -p "$LAYER/$1" && : >"$LAYER/$1/.wh..wh..opq"
}

# All names of busybox in DIRECTORY, as links to TARGET.
put_applets() { # DIRECTORY TARGET
	local name

	mkdir -p "$LAYER/$1" || return
	for name in $("$(program_of busybox-static busybox)" --list | grep -vx busybox); do
		ln -s "$2" "$LAYER/$1/$name" || return
	done
}

# Nothing in a program that runs needs its section headers: their place, number and names.
without_sections() { # PATH
	printf '\0\0\0\0\0\0\0\0' | dd of="$LAYER/$1" bs=1 seek=40 conv=notrunc status=none &&
		printf '\0\0\0\0\0\0' | dd of="$LAYER/$1" bs=1 seek=58 conv=notrunc status=none
}

# ---- layers of packages ----

# One package, as distroless has it: its files, and its record in status.d.
layer_package() { # PACKAGE
	local records=$work/layer/var/lib/dpkg/status.d

	layer_begin && cp -a "$packages/$1/." "$LAYER" && mkdir -p "$records" &&
		dpkg-deb --field "$packages/$1.deb" >"$records/$1" &&
		(cd "$packages/$1" && find . -type f -exec md5sum {} + | sed 's, \./, ,' |
			LC_ALL=C sort -k 2) >"$records/$1.md5sums" &&
		layer_end
}

layer_packages() { # PACKAGE...
	local name

	for name; do
		layer_package "$name" || return
	done
}

# Adds the files of packages to LAYER as dpkg installs them where /bin is a link.
put_packages() { # PACKAGE...
	local name

	for name; do
		dpkg-deb --fsys-tarfile "$packages/$name.deb" |
			tar -xp --no-same-owner --keep-directory-symlink -C "$LAYER" || return
	done
}
