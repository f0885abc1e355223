#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh BUILD: barewatch at work on real kernel events. Makes a container that
# holds one static program, watches it with the agent, lets things happen, and
# compares what was seen with what was expected. Takes a few seconds, needs root,
# leaves nothing behind, also when interrupted.
set -u

build=$1
barewatch=$build/barewatch
work='' cgroup='' agent='' jail='' failed=0

say() {
	printf '\n\033[1m%s\033[0m\n' "$1"
}

clean_up() {
	exec 3>&- # the application ends with its input
	[ -n "$jail" ] && wait "$jail" 2>/dev/null
	[ -n "$agent" ] && kill "$agent" 2>/dev/null && wait "$agent" 2>/dev/null
	[ -n "$cgroup" ] && rmdir "$cgroup" "${cgroup%/*}" 2>/dev/null
	[ -n "$work" ] && rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

fail() {
	echo "demo: $1" >&2
	exit 3
}

# Waits up to 5 s until FILE has a line with PATTERN.
wait_for() { # FILE PATTERN
	local i
	for ((i = 0; i < 100; i++)); do
		grep -q -- "$2" "$1" 2>/dev/null && return 0
		sleep 0.05
	done
	return 1
}

check() { # EXPECTED-LINES PATTERN WHAT
	local lines
	lines=$(grep -cE -- "$2" "$work/alerts")
	if [ "$lines" -eq "$1" ]; then
		printf '  as expected  %s\n' "$3"
	else
		printf '  DIFFERENT    %s: expected %d, seen %d\n' "$3" "$1" "$lines"
		failed=1
	fi
}

make_container() {
	local mount
	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[ -n "$mount" ] || fail "no cgroup v2 hierarchy is mounted on this host"
	work=$(mktemp -d) || fail "no temporary directory"
	id=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
	cgroup=$mount/barewatch-demo/$id
	mkdir -p "$work/root/bin" "$work/root/tmp" "$cgroup" || fail "no cgroup could be made"
	cp "$build/demo/app" "$work/root/bin/app"
	mkfifo "$work/requests"
}

start_agent() {
	"$barewatch" watch --bare "$id" -o text --state-file '' --no-pin >"$work/alerts" 2>"$work/messages" &
	agent=$!
	wait_for "$work/messages" watching: && return
	cat "$work/messages" >&2
	agent=
	fail "the agent did not start"
}

start_container() {
	"$build/demo/jail" "$work/root" "$cgroup" /bin/app <"$work/requests" >"$work/app" 2>&1 &
	jail=$!
	exec 3>"$work/requests"
}

[ "$(id -u)" = 0 ] || fail "needs root: sudo make demo"
make_container

say "A container that holds one file, /bin/app, and nothing else:"
(cd "$work/root" && find . -type f | sed 's/^\./  /')
start_agent
printf '  %s\n' "barewatch watch --bare ${id:0:12}..."
start_container

say "1. The application does its work. barewatch has nothing to say:"
echo "GET /" >&3
wait_for "$work/app" 'served: GET /' || fail "the application did not start: $(cat "$work/app")"
sed 's/^/  /' "$work/app"
sleep 0.2
cat "$work/alerts"

say "2. Somebody gets a shell into the container and makes the application run it:"
cp "$(command -v busybox)" "$work/root/tmp/busybox" || fail "busybox-static is needed"
ln -s busybox "$work/root/tmp/sh"
echo "run /tmp/sh -c id" >&3
wait_for "$work/alerts" CRITICAL
sed -n '/CRITICAL/s/^/  /p' "$work/alerts"

say "3. The application tries a shell that does not exist:"
echo "run /bin/sh -c id" >&3
wait_for "$work/alerts" ENOENT
sed -n '/ENOENT/s/^/  /p' "$work/alerts"

exec 3>&-
wait "$jail"
jail=
kill -INT "$agent"
wait "$agent"
status=$?
agent=

say "What was seen against what was expected:"
short=${id:0:12}
check 2 . "two alerts in all, none for the application's own work"
check 1 "CRITICAL .*$short" "a CRITICAL alert that names the container"
check 1 "CRITICAL.*/tmp/busybox" "it has the file that ran, /tmp/busybox, not the link"
check 1 "CRITICAL.*sh -c id" "it has the arguments"
check 1 "CRITICAL.*parent=app" "it has the parent, app"
check 1 "CRITICAL.*uid=0" "it has the user"
check 1 "WARNING.*$short.*/bin/sh.*ENOENT" "an alert for the attempt to run /bin/sh, with ENOENT"
if [ "$status" -ne 0 ]; then
	echo "  DIFFERENT    the agent ended with status $status"
	failed=1
fi
echo
sed 's/^/  /' "$work/messages"
exit "$failed"
