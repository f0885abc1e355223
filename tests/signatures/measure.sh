#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# measure.sh BUILD [PLACE...]: how well the catalog's signatures know programs. A place is a suite
# of Debian, of which the packages of expected.list and others.list are measured, or
# `host`, the ELF files of this host below /usr in HOST_DIRECTORIES (bin sbin lib libexec).
# Without places: bullseye bookworm trixie host. Packages come from where this host's apt gets its
# own; they are unpacked below a temporary directory and never installed. Prints a table in
# Markdown, then all misses and false hits. Exits with 1 when a shell or a package manager was
# missed, or something else taken for one. Downloads some 1.5 GB; KEEP=DIR keeps that there.
set -u

build=$1
shift
[ $# -gt 0 ] || set -- bullseye bookworm trixie host
here=$(dirname "$0")
identify=$(realpath "$build/tests/signatures/identify")
catalog=$(realpath "$here/../../rules/catalog.yaml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keep=${KEEP:-$work/keep}

fail() {
	echo "measure: $1" >&2
	exit 3
}

# apt for SUITE: of this host, but for the sources and what it has fetched and installed.
apt_of() { # SUITE COMMAND...
	local root=$keep/$1
	shift
	"$@" -o Dir::Etc::sourcelist="$root/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State="$root/state" -o Dir::State::status="$root/status" \
		-o Dir::Cache="$root/cache" -o APT::Sandbox::User=root -qq
}

suite_init() { # SUITE
	local root=$keep/$1 uri keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	# shellcheck disable=SC2016 # apt's own variables
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' \
		'Origin: Debian' 'Component: main' | head -n 1)
	[ -n "$uri" ] || fail "apt has no sources of Debian: apt-get update?"
	mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial" "$root/packages"
	: >"$root/status"
	echo "deb [signed-by=$keyring] $uri $1 main" >"$root/sources.list"
	apt_of "$1" apt-get update || fail "the list of $1 could not be fetched"
}

fetch() { # SUITE PACKAGE
	local directory=$keep/$1/packages
	compgen -G "$directory/$2_*.deb" >/dev/null && return
	(cd "$directory" && apt_of "$1" apt-get download "$2" >/dev/null 2>&1)
}

# Every line: place, package, path without usr/, class, program, signatures.
identify_below() { # PLACE PACKAGE DIRECTORY
	find "$3" -type f | "$identify" "$catalog" | awk -F '\t' -v OFS='\t' -v place="$1" \
		-v package="$2" -v skip=$((${#3} + 2)) '
		$5 ~ /elf/ { path = substr($1, skip); sub("^usr/", "", path)
			print place, package, path, $2, $3, $4 }'
}

measure_package() { # SUITE PACKAGE
	local deb
	if ! fetch "$1" "$2"; then
		echo "$1 $2" >>"$work/absent"
		return
	fi
	deb=$(compgen -G "$keep/$1/packages/$2_*.deb" | head -n 1)
	mkdir "$work/tree"
	dpkg-deb -x "$deb" "$work/tree" && identify_below "$1" "$2" "$work/tree" >>"$work/found"
	rm -rf "$work/tree"
}

packages() {
	sed 's/#.*//' "$here/expected.list" | awk 'NF { print $2 }'
	sed 's/#.*//' "$here/others.list" | xargs -n 1
}

measure_suite() { # SUITE
	local package
	suite_init "$1"
	while read -r package; do
		measure_package "$1" "$package"
	done < <(packages | sort -u)
}

# Owners by the path as dpkg knows it; /usr/bin/x may be known as /bin/x.
measure_host() {
	local directory
	for directory in ${HOST_DIRECTORIES:-bin sbin lib libexec}; do
		identify_below host - "/usr/$directory" | sed "s,\t-\t,\t-\t$directory/,"
	done >"$work/host"
	awk -v OFS='\t' 'FILENAME != last { last = FILENAME; owner = FILENAME
			sub(".*/", "", owner); sub("(:[a-z0-9]*)?[.]list$", "", owner) }
		{ path = substr($0, 2); sub("^usr/", "", path); print path, owner }' \
		/var/lib/dpkg/info/*.list >"$work/owners"
	awk -F '\t' -v OFS='\t' 'NR == FNR { owner[$1] = $2; next }
		{ $2 = $3 in owner ? owner[$3] : "-"; print }' "$work/owners" "$work/host" \
		>>"$work/found"
}

for place in "$@"; do
	if [ "$place" = host ]; then
		measure_host
	else
		measure_suite "$place"
	fi
done
sort -u "$work/found" -o "$work/found"
"$here/report.awk" -v places="$*" "$here/expected.list" <("$identify" -l "$catalog") "$work/found" || status=1
[ ! -s "$work/absent" ] || {
	echo
	echo "Not in the suite: $(sort -u "$work/absent" | tr '\n' ';' | sed 's/;$//; s/;/, /g')"
}
exit "${status:-0}"
