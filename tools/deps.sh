#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# deps.sh LIST GROUP...: installs the packages of these groups of packages.list
# that are not there yet. Says what it installs; says nothing when all is there.
set -eu

list=$1
shift

# The packages of group $1, one a line.
group() {
	sed -n "/^\[$1\]/,/^\[/ { /^\[/d; s/#.*//; s/[[:space:]]//g; /./p }" "$list"
}

missing() {
	for name in $(for g in "$@"; do group "$g"; done | sort -u); do
		dpkg-query -W -f '${Status}\n' "${name%\?}" 2>/dev/null |
			grep -q ' installed$' || echo "$name"
	done
}

fail() {
	echo "deps: $1" >&2
	exit 3
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	fail "this is no Debian: install what $list names by hand, then run make all"
fi

wanted=$(missing "$@")
[ -n "$wanted" ] || exit 0

# An optional package that this release does not have is not missing; ask apt only then.
known=$(apt-cache pkgnames 2>/dev/null || true)
needed=
for name in $wanted; do
	case $name in
	*\?) echo "$known" | grep -qx "${name%\?}" && needed="$needed ${name%\?}" ;;
	*) needed="$needed $name" ;;
	esac
done
[ -n "$needed" ] || exit 0

[ "$(id -u)" = 0 ] || fail "root is needed to install:$needed"
echo "deps: installing$needed"
apt-get update -qq || fail "apt-get update failed"
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $needed >/dev/null ||
	fail "apt-get could not install:$needed"
