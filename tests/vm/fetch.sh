# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a guest needs and this host may not have, to be sourced: Debian's cloud kernel of
# a series, and a qemu that runs it. Both come from the mirror that this host's apt is
# configured with, through lists of our own, so that nothing of the host changes, and
# stay in $cache, which the caller sets. When something cannot be had, $reason says why.
#
# The caller reads what is set here:
# shellcheck disable=SC2034,SC2154

reason=

ARCHIVE_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
FETCH_SECONDS=300 # for each call of apt

# The release of Debian whose kernel is of SERIES.
suite_of() { # SERIES
	case $1 in
	5.10) echo bullseye ;;
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	*) return 1 ;;
	esac
}

# Where this host has Debian itself from; updates and backports may be elsewhere.
mirror() {
	apt-get indextargets 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
		--format '$(REPO_URI)' 2>/dev/null | head -n 1
}

# An apt that knows only $suite, and has its state in $work.
private_apt() { # PROGRAM ARGUMENTS...
	timeout "$FETCH_SECONDS" "$1" -q -o Dir::Etc::sourcelist="$work/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::State="$work" \
		-o Dir::State::status="$work/status" -o Dir::Cache="$work" \
		-o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=2 -o Acquire::http::Timeout=20 \
		-o Acquire::Check-Valid-Until=false "${@:2}" 2>>"$work/log"
}

# cannot WHAT: with the first thing that apt complained of.
cannot() {
	reason="$1: $(grep -m 1 -E '^(E|W): ' "$work/log" || echo 'apt did not say why')"
	return 1
}

# A release that nobody keeps up to date will do: its lists are signed all the same.
read_lists() {
	local uri
	uri=$(mirror)
	[ -n "$uri" ] || {
		reason='apt is not configured with a mirror of Debian here'
		return 1
	}
	mkdir -p "$work/lists/partial" "$work/archives/partial"
	: >"$work/status"
	echo "deb [arch=amd64 signed-by=$ARCHIVE_KEYS] $uri $suite main" >"$work/sources.list"
	# lists that cannot be had are a warning to apt, and its status is 0
	private_apt apt-get update >/dev/null || cannot "no $suite at apt's mirror" || return
	! grep -q 'Failed to fetch' "$work/log" || cannot "no $suite at apt's mirror"
}

# Leaves the packages' files in $work.
download() { # PACKAGE...
	(cd "$work" && private_apt apt-get download "$@" >/dev/null) || cannot "no $* in $suite"
}

# The newest cloud kernel of $suite, such as linux-image-6.1.0-50-cloud-amd64.
newest_kernel() {
	private_apt apt-cache show --no-all-versions linux-image-cloud-amd64 |
		sed -n 's/^Depends:.*\(linux-image-[0-9][^ ,]*\).*/\1/p'
}

# Into $work/new: the kernel, and what it takes to mount an overlay.
fetch_kernel() {
	local package module
	read_lists || return
	package=$(newest_kernel)
	[ -n "$package" ] || cannot "no cloud kernel in $suite" || return
	download "$package" || return
	dpkg-deb --fsys-tarfile "$work/$package"_*.deb |
		tar -x -C "$work" --wildcards './boot/vmlinuz-*' '*/overlay.ko*'
	module=$(find "$work" -name 'overlay.ko*' -print -quit)
	mv "$work"/boot/vmlinuz-* "$work/new/vmlinuz"
	case $module in
	*.xz) xz -dc "$module" >"$work/new/overlay.ko" ;;
	*) mv "$module" "$work/new/overlay.ko" ;;
	esac
	[ -s "$work/new/vmlinuz" ] && [ -s "$work/new/overlay.ko" ] && return
	reason="$package does not hold what was expected"
	return 1
}

# Into $work/new: qemu as it is installed, to be run where it lies.
fetch_qemu() {
	local deb
	read_lists && download qemu-system-x86 qemu-system-data seabios || return
	for deb in "$work"/*.deb; do
		dpkg-deb -x "$deb" "$work/new" && continue
		reason="$deb cannot be unpacked"
		return 1
	done
}

# fetched NAME SUITE FUNCTION: $cache/NAME is there, made by FUNCTION when it was not. In $work
# is what the caller has to remove when it is interrupted.
fetched() {
	local suite=$2 status=0
	[ ! -d "$cache/$1" ] || return 0
	reason="nothing can be written to $cache"
	mkdir -p "$cache" && work=$(mktemp -d "$cache/fetching.XXXXXX") && mkdir "$work/new" || return
	: >"$work/log"
	# who is interrupted or too late leaves nothing half
	"$3" && { mv -T "$work/new" "$cache/$1" 2>/dev/null || [ -d "$cache/$1" ]; } || status=1
	rm -rf "$work"
	return $status
}

# The first number of the version of the host's qemu; 0 without one.
qemu_major() {
	local version
	version=$(qemu-system-x86_64 --version 2>/dev/null |
		sed -n 's/.* version \([0-9]*\).*/\1/p' | head -n 1)
	echo "${version:-0}"
}

# Sets $qemu, the command and where it finds its parts. What qemu 7.2 (Debian 12) emulates
# comes back from cmpxchg16b with wrong flags, of which Linux 6.12 dies within seconds; that
# release's backports have one that does not, which is unpacked beside and uses the libraries
# of the other.
find_qemu() {
	local dir=$cache/qemu major
	qemu=(qemu-system-x86_64)
	major=$(qemu_major)
	[ "$major" -lt 8 ] || return 0
	[ "$major" -gt 0 ] || {
		reason='no qemu-system-x86_64 here'
		return 1
	}
	fetched qemu bookworm-backports fetch_qemu || return
	qemu=("$dir/usr/bin/qemu-system-x86_64" -L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios")
}
