# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Debian's packages as the files of test images, to be sourced. They come from where this
# host's apt gets its own, and are unpacked, never installed. $packages, which the caller sets, is
# where they stay: NAME.deb, and NAME, the files of it.
# shellcheck disable=SC2034,SC2154 # set for the images; the caller's

# What the image needs by names that do not change with the release; what depends_of finds out.
PACKAGES="base-files netbase tzdata media-types libc6 libc-bin libgcc-s1 libstdc++6 libgomp1
	zlib1g libexpat1 dash bash dpkg apt coreutils busybox-static bash-static mksh netcat-openbsd"

packages_fail() {
	echo "images: $*" >&2
	return 1
}

# The first package that PACKAGE depends on whose name fits the pattern.
depends_of() { # PACKAGE PATTERN
	apt-cache depends --no-recommends --no-suggests "$1" 2>/dev/null |
		sed -n 's/^ *\(Pre\)\?Depends: \([^<>]*\)$/\2/p' | grep -xE -m 1 "$2"
}

# libssl3 in Debian 12, libssl3t64 in Debian 13: as its own users name it.
packages_of_release() {
	PYTHON=$(depends_of python3-minimal 'python3\.[0-9]+-minimal') &&
		PYTHON=${PYTHON%-minimal} &&
		LIBSSL=$(depends_of openssl 'libssl[0-9].*') &&
		LIBAPT=$(depends_of apt 'libapt-pkg[0-9].*') &&
		GCC_BASE=$(depends_of libgcc-s1 'gcc-[0-9]+-base') && return
	packages_fail "apt has no lists of packages"
}

# Downloads what is not there yet.
packages_fetch() { # PACKAGE...
	local name missing=() new=$packages/new

	for name; do
		[ -e "$packages/$name.deb" ] || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	rm -rf "$new"
	mkdir -p "$new" || return
	(cd "$new" && apt-get download -qq -o APT::Sandbox::User=root "${missing[@]}" \
		>"$packages/log" 2>&1) ||
		packages_fail "packages cannot be had: $(tail -n 1 "$packages/log")" || return
	for name in "${missing[@]}"; do
		mv "$new/${name}"_*.deb "$packages/$name.deb" || return
	done
	rmdir "$new"
}

packages_unpack() { # PACKAGE...
	local name

	for name; do
		[ ! -e "$packages/$name" ] || continue
		rm -rf "$packages/$name.new"
		dpkg-deb -x "$packages/$name.deb" "$packages/$name.new" &&
			mv "$packages/$name.new" "$packages/$name" || return
	done
}

packages_get() {
	local all

	packages_of_release || return
	all="$PACKAGES $LIBSSL $LIBAPT $GCC_BASE $PYTHON-minimal lib$PYTHON-minimal lib$PYTHON-stdlib"
	# shellcheck disable=SC2086 # lists of words
	mkdir -p "$packages" && packages_fetch $all && packages_unpack $all
}

# Where PROGRAM of PACKAGE is.
program_of() { # PACKAGE PROGRAM
	find "$packages/$1" -path "*bin/$2" -type f | sort | head -n 1 | grep . ||
		packages_fail "there is no $2 in $1"
}
