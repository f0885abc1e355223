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

# Right after boot apt's own timers may be at it. For dpkg's lock apt waits itself (below).
update() {
	for seconds in 5 10 20; do
		apt-get update -qq && return
		sleep "$seconds"
	done
	apt-get update -qq
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	fail "this is no Debian: install what $list names by hand, then run make all"
fi

wanted=$(missing "$@")
[ -n "$wanted" ] || exit 0

# A new machine has no lists of packages yet. Where only optional ones are missing, what is
# known of them stands: no network is needed for a release that does not have them.
if echo "$wanted" | grep -qv '?$'; then
	[ "$(id -u)" = 0 ] || fail "root is needed to install: $(echo "$wanted" | tr -d '?' | tr '\n' ' ')"
	update || fail "apt-get update failed"
fi

# An optional package that this release does not have is not missing.
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
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	-o DPkg::Lock::Timeout=300 $needed >/dev/null ||
	fail "apt-get could not install:$needed"
