#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Reading and running agree: for each file of three images, what its bytes and its name tell
# (tests/signatures/by_reading) is what the agent tells when it is executed in a container.
# exec_each executes them and holds each after its exec, until the agent has looked at it; so
# all have to be told by their content, and none may be missing.
#
# host		programs of this host: all that have a class, and others up to HOST_MAX
# applets	busybox, and each of its applets as a link
# changed	copies by other names, scripts, and what cannot be executed
set -u

LAYOUTS=${LAYOUTS:-v2} # in the other one the same cgroups have other names
HOST_MAX=${HOST_MAX:-250}

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

TOOLS=$E2E_BUILD/tests/signatures
CATALOG=$E2E_SOURCE/../../rules/catalog.yaml
LARGE_BYTES=$((4 << 20)) # of others, so that the image stays below 300 MB
HELD=64 # at a time: less than the agent lets wait

# ---- images ----

image_begin() {
	mkdir -p "$1"/{opt,usr/bin,usr/sbin} &&
		ln -s usr/bin "$1/bin" && ln -s usr/sbin "$1/sbin" &&
		cp -L --parents -t "$1" "$LOADER" &&
		cp "$PROGRAMS/exec_each" "$1"
}

# The ELF files of this host by their class: those that have one, then others, evenly spread.
host_files() {
	find /usr/bin /usr/sbin -maxdepth 1 -type f -perm -u+rx -size "-${1}c" | sort |
		"$TOOLS/identify" "$CATALOG" | awk -F '\t' '$5 ~ /elf/'
}

host_chosen() {
	host_files $((1 << 30)) | awk -F '\t' '$2 != "other" { print $1 }' >"$E2E_DIR/classed"
	host_files "$LARGE_BYTES" | awk -F '\t' -v max=$((HOST_MAX - $(wc -l <"$E2E_DIR/classed"))) '
		$2 == "other" { name[n++] = $1 }
		END { if (max > n) max = n
			for (i = 0; i < max; i++) print name[int(i * n / max)] }'
	cat "$E2E_DIR/classed"
}

image_host() {
	image_begin "$1" && host_chosen | xargs -d '\n' cp --parents -t "$1"
}

image_applets() {
	local applet

	image_begin "$1" && cp "$(command -v busybox)" "$1/usr/bin/busybox" || return
	busybox --list >"$E2E_DIR/applets"
	while read -r applet; do
		[ "$applet" = busybox ] || ln -s busybox "$1/usr/bin/$applet" || return
	done <"$E2E_DIR/applets"
	for applet in sh ash dpkg ls busybox-1.36; do
		ln "$1/usr/bin/busybox" "$1/usr/sbin/$applet" || return
	done
}

# Nothing in a program that runs needs its section headers: their place, number and names.
without_sections() { # FILE
	printf '\0\0\0\0\0\0\0\0' | dd of="$1" bs=1 seek=40 conv=notrunc status=none
	printf '\0\0\0\0\0\0' | dd of="$1" bs=1 seek=58 conv=notrunc status=none
}

# script FILE LINE
script() {
	printf '%s\n' "$2" >"$1" && chmod 755 "$1"
}

# The programs that scripts are of, as far as this host has them: bash, perl...
INTERPRETERS="bash dash mawk gawk perl python3.11 python3.13 node tclsh8.6 ruby3.1 lua5.4"

image_changed() {
	local opt=$1/opt interpreter

	image_begin "$1" && cp "$(command -v busybox)" "$1/usr/bin" || return
	for interpreter in $INTERPRETERS; do
		[ -f "/usr/bin/$interpreter" ] || continue
		cp "/usr/bin/$interpreter" "$1/usr/bin" &&
			script "$opt/script-of-$interpreter" "#!/usr/bin/$interpreter" || return
	done
	cp /usr/bin/dash "$opt/app" && cp /usr/bin/dash "$opt/curl" &&
		cp /usr/bin/dash "$opt/stripped" && without_sections "$opt/stripped" &&
		cp /usr/bin/busybox "$opt/helper" && cp /usr/bin/busybox "$opt/hush" &&
		cp /usr/bin/apt-get "$opt/tool" && cp /usr/bin/dpkg "$opt/bash" &&
		cp /usr/bin/true "$opt/python3" && cp /usr/bin/true "$opt/busybox" &&
		cp /usr/bin/true "$opt/debootstrap" && cp /usr/bin/true "$opt/sh" &&
		cp "$LOADER" "$opt/loads-all" && chmod 755 "$opt/loads-all" &&
		image_scripts "$opt" && image_broken "$opt"
}

image_scripts() {
	script "$1/nested" '#!/opt/script-of-dash -x' &&
		script "$1/by-link" '#!/bin/dash' &&
		script "$1/of-shell" '#!/bin/busybox sh' &&
		script "$1/of-awk" '#! /bin/busybox awk' &&
		script "$1/of-renamed" '#!/opt/helper' &&
		script "$1/of-true" '#!/opt/sh' &&
		script "$1/pip3" '#!/usr/bin/perl -w' &&
		script "$1/cpan" '#!/opt/python3' &&
		script "$1/apt-key" '#!/bin/dash' &&
		script "$1/wget" '#!/bin/dash'
}

# What the kernel executes none of.
BROKEN="no-interpreter no-line no-program no-rights"

image_broken() {
	script "$1/no-interpreter" '#!/opt/nothing' &&
		script "$1/no-line" 'exit 7' &&
		script "$1/no-program" $'\177ELF, but no more' &&
		cp /usr/bin/dash "$1/no-rights" && chmod 644 "$1/no-rights"
}

# ---- running ----

executed() {
	awk -F '\t' '$2 == "executed" { print $1 }' "$E2E_DIR/$1.log"
}

not_executed() {
	awk -F '\t' 'NF == 2 && $2 != "executed" { sub(".*/", "", $1); print $1 }' "$E2E_DIR/$1.log"
}

# What was said of each exec of the last container, all that was said of one joined: path,
# class, program, applet, and by what the class was told. Of exec_each itself: nothing.
told() {
	ID=$(cat "$E2E_DIR/$1.id" 2>/dev/null) jq -rn '[inputs |
		select(.output_fields | ."container.full_id" == env.ID and
			."evt.subject" == "exec" and ."exe.invoked" != "/exec_each")] |
		group_by(.alert_id)[] | sort_by(.follow_up) | map(.output_fields) | add |
		[."exe.invoked", ."exe.class", ."exe.program", ."exe.applet", ."exe.class_source"] |
		map(. // "-") | @tsv' "$E2E_DIR/alerts.jsonl" | LC_ALL=C sort
}

# How many of them the agent had to tell by their names first, since reading took too long.
told_late() {
	ID=$(cat "$E2E_DIR/$1.id") jq -rn '[inputs | select(.follow_up == null) | .output_fields |
		select(."container.full_id" == env.ID and ."evt.subject" == "exec" and
			."exe.class_source" == "name")] | length' "$E2E_DIR/alerts.jsonl"
}

# As many were told of by their content as were executed: there is nothing more to come.
all_told() {
	[ "$(told "$1" 2>/dev/null | grep -c 'content$')" -ge "$(executed "$1" | wc -l)" ]
}

holds() { # IMAGE TIMES
	[ "$(grep -c '^held$' "$E2E_DIR/$1.log")" -ge "$2" ] || ! kill -0 "$RUNNER" 2>/dev/null
}

# Lets go what is held as soon as the agent has told of it, and of what it does not after a time.
run_image() {
	local input round=1 patience=15

	mkfifo "$E2E_DIR/$1.input"
	: >"$E2E_DIR/$1.log"
	engine_run_to "$E2E_DIR/$1.id" -i "$1" /exec_each "$HELD" "${LOADER%/*}" /opt /usr/bin /usr/sbin \
		<"$E2E_DIR/$1.input" >"$E2E_DIR/$1.log" 2>"$E2E_DIR/$1.errors" &
	RUNNER=$!
	exec {input}>"$E2E_DIR/$1.input"
	while wait_until 30 holds "$1" $round && kill -0 "$RUNNER" 2>/dev/null; do
		wait_until "$patience" all_told "$1" || patience=1
		echo >&$input
		round=$((round + 1))
	done
	exec {input}>&-
	wait "$RUNNER"
}

# ---- comparing ----

# Lines that begin with the same path beside each other, where they differ.
differences() { # FILE FILE
	LC_ALL=C join -t $'\t' -a 1 -a 2 "$1" "$2" | awk -F '\t' '
		NF != 7 { print "only " (NF == 4 ? "once: " : "in part: ") $0; next }
		$2 != $5 || $3 != $6 || $4 != $7 {
			printf "%s: read as %s %s %s, ran as %s %s %s\n", $1, $2, $3, $4, $5, $6, $7 }'
}

compare_image() {
	local count read=$E2E_DIR/$1.read ran=$E2E_DIR/$1.ran

	count=$(executed "$1" | wc -l)
	executed "$1" | "$TOOLS/by_reading" "$CATALOG" "$ENGINE_DIR/image/$1" | LC_ALL=C sort >"$read"
	told "$1" | cut -f 1-4 >"$ran"
	is "$1: each exec gives one alert" \
		"$(diff <(executed "$1" | LC_ALL=C sort) <(cut -f 1 "$ran"))" ""
	is "$1: all are known by their content" "$(told "$1" | grep -v 'content$')" ""
	is "$1: reading and running $count files tell the same" "$(differences "$read" "$ran")" ""
	cut -f 2 "$read" | sort | uniq -c | awk -v image="$1" -v late="$(told_late "$1")" '
		{ text = text " " $1 " " $2 } END { print "# " image ":" text "; by a second record " late }'
}

test_image() { # IMAGE AT_LEAST BROKEN
	if ! "image_$1" "$ENGINE_DIR/image/$1" || ! podman_import "$1" "$ENGINE_DIR/image/$1"; then
		not_ok "$1: the image is made"
		return
	fi
	run_image "$1"
	is "$1: all files are executed" "$? $(cat "$E2E_DIR/$1.errors")" "0 "
	is "$1: but for those that cannot be" "$(not_executed "$1" | xargs)" "$3"
	is "$1: they are many" "$(($(executed "$1" | wc -l) >= $2))" 1
	compare_image "$1"
}

# A shell that is read as one is a shell whatever it is called: so that not all agree on nothing.
test_known() {
	is "a dash called app, and one called curl, are shells" \
		"$(grep -cE $'^/opt/(app|curl|stripped)\tshell\tdash\t-$' "$E2E_DIR/changed.ran")" 3
	is "a program called sh is none" \
		"$(grep -c $'^/opt/sh\tother\tsh\t-$' "$E2E_DIR/changed.ran")" 1
	is "a busybox called hush is a shell" \
		"$(grep -c $'^/opt/hush\tshell\tbusybox\thush$' "$E2E_DIR/changed.ran")" 1
}

test_differential() {
	agent_start --bare all --rules "$E2E_SOURCE/blindspots/everything.yaml" || return
	test_image changed 20 "$BROKEN"
	test_known
	test_image applets 100 ""
	test_image host $((HOST_MAX < 250 ? HOST_MAX : 250)) ""
	agent_stop
	is "the agent ends with status 0" "$AGENT_STATUS" 0
	agent_lost_nothing
	is "nothing was lost" $? 0
}

[ -x "$TOOLS/by_reading" ] || bail_out "$TOOLS/by_reading is not built"
LOADER=$("$TOOLS/identify" "$CATALOG" /bin/sh | cut -f 7)
[ -e "$LOADER" ] || skip_all "/bin/sh is static here: nothing tells where the loader is"
layouts_test test_differential
