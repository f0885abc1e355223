#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
#
# guest.sh: the first process of a guest, by busybox. Mounts what a host has mounted, runs
# /tests/test_*, and hands all that they print back through the second serial port, as
# tap.awk reads it. Powers the machine off at the end.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export CMOCKA_MESSAGE_OUTPUT=TAP BAREWATCH_EMULATED=1
TEST_SECONDS=300 # an end to what hangs; the slowest takes a tenth of it

mount_all() {
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	ln -s /proc/self/fd /dev/fd # by udev elsewhere
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	mount -t tmpfs tmpfs /run
	mount -t securityfs securityfs /sys/kernel/security
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
}

# The ways in which a test is run: those of files that are opened once with each hook that
# the kernel side may have for it, which $BAREWATCH_PROBE names. One of them chooses itself.
variants_of() { # TEST
	case $1 in
	*/test_open_variant) echo any ;;
	*/test_open*) echo fentry kprobe tracepoint ;;
	*) echo any ;;
	esac
}

run() { # TEST VARIANT
	local name started
	name=tests/bpf/${1##*/}
	unset BAREWATCH_PROBE
	[ "$2" = any ] || {
		export BAREWATCH_PROBE="$2"
		name="$name ($2)"
	}
	started=$(date +%s)
	echo "@ begin $name"
	timeout -k 5 "$TEST_SECONDS" "$1" 2>&1 </dev/null
	printf '\n@ end %s %s\n' $? $(($(date +%s) - started))
}

mount_all
hostname guest
ip link set lo up
insmod /overlay.ko
cd /root || exit

stty raw -F /dev/ttyS1
exec >/dev/ttyS1
echo "@ guest $(uname -r)"
for test in /tests/test_*; do
	for variant in $(variants_of "$test"); do
		run "$test" "$variant"
	done
done
echo "@ done"
exec >/dev/null # closing the port waits until all of it has left
poweroff -f
