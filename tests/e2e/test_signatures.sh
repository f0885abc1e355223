#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the catalog makes of real programs by their bytes: those of this host, and shells that
# somebody has renamed, stripped and patched. Nothing is executed but the tool that reads
# them, so none of it needs root.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

ROOT=$E2E_SOURCE/../..
IDENTIFY=$E2E_BUILD/tests/signatures/identify
CATALOG=$ROOT/rules/catalog.yaml

# identity FILE FIELD: of a line of identify; 2 the class, 3 the program, 5 what is said of the file.
identity() {
	"$IDENTIFY" "$CATALOG" "$1" | cut -f "$2"
}

# known FILE CLASS PROGRAM
known() {
	if [ -e "$1" ]; then
		is "$1 is known" "$(identity "$1" 2,3)" "$(printf '%s\t%s' "$2" "$3")"
	else
		skip "$1 is known" "not installed"
	fi
}

has_flag() { # NAME FILE FLAG
	case ,$(identity "$2" 5), in
	*,$3,*) ok "$1" ;;
	*) not_ok "$1" "$(identity "$2" 1-)" ;;
	esac
}

# Nothing in a program that runs needs its section headers: their place, number and names.
without_sections() { # FILE
	printf '\0\0\0\0\0\0\0\0' | dd of="$1" bs=1 seek=40 conv=notrunc status=none
	printf '\0\0\0\0\0\0' | dd of="$1" bs=1 seek=58 conv=notrunc status=none
}

changed_shells() {
	local copy=$E2E_DIR/app
	cp /bin/dash "$copy"
	without_sections "$copy"
	is "a renamed dash without section headers is one" "$(identity "$copy" 2,3)" $'shell\tdash'
	cp /bin/busybox "$copy"
	is "a renamed busybox is one" "$(identity "$copy" 2,3)" $'multicall\tbusybox'
	LC_ALL=C sed -i 's/BusyBox/ToolSet/g; s/multi-call/many-tools/g; s/applet not found/no such thing/g' "$copy"
	is "one with all its names patched is a shell" "$(identity "$copy" 2)" shell
	cp /bin/dash "$copy"
	LC_ALL=C sed -i "s/Syntax error/Bad problem!/g; s/sh: turning off/xx: turning off/g;
		s/Use \"exit\" to leave/Put \"exit\" to leave/g; s/EOF in backquote/EOF in backtick/g" "$copy"
	is "so is a dash whose messages were rewritten" "$(identity "$copy" 2)" shell
}

applets() {
	local listed found
	listed=$(busybox --list | wc -l)
	found=$(identity /bin/busybox 6)
	# some builds have [ where the table has no name before it
	if [ "$found" -ge $((listed - 1)) ] && [ "$found" -le $((listed + 1)) ]; then
		ok "the table of applets is that of busybox --list"
	else
		not_ok "the table of applets is that of busybox --list" "$found, not $listed"
	fi
	has_flag "it tells that there is a shell in it" /bin/busybox has_shell
}

loader() {
	local file
	file=$(identity /bin/dash 7)
	is "the loader is known" "$(identity "$file" 2)" loader
	cp "$(realpath "$file")" "$E2E_DIR/data"
	is "and so is a copy of another name" "$(identity "$E2E_DIR/data" 2)" loader
}

# All that is called a shell or a package manager is one, and the other way round.
host() {
	if HOST_DIRECTORIES="bin sbin" "$ROOT/tests/signatures/measure.sh" "$E2E_BUILD" host \
		>"$E2E_DIR/table" 2>&1; then
		ok "no other program of this host is taken for a shell or a package manager"
	else
		not_ok "no other program of this host is taken for a shell or a package manager" \
			"$(sed -n '/^Missed\|^False\|^Taken/,$p' "$E2E_DIR/table")"
	fi
	is "of which there are many" "$(($(sed -n 's/.* \([0-9]*\) of this host.*/\1/p' \
		"$E2E_DIR/table") > 50))" 1
}

e2e_begin
[ -x "$IDENTIFY" ] || bail_out "$IDENTIFY is not built"
known /bin/dash shell dash
known /bin/bash shell bash
known /bin/busybox multicall busybox
known /usr/bin/dpkg package_manager dpkg
known /usr/bin/apt package_manager apt
known /usr/bin/node interpreter node
known "$BAREWATCH" other -
changed_shells
applets
loader
host
tap_end
