#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh: runs tests/bpf on each of Debian's kernels that KERNEL names (5.10, 6.1, 6.12;
# one after the other), in a machine that qemu emulates, and says as TAP what came of it. A
# kernel or a qemu that cannot be had is a skip; a guest that does not come to its end is
# a failure. Needs no root, nothing of this host's kernel, and a network for the first time
# only: what was fetched stays in BAREWATCH_VM_CACHE (build/vm).
#
# KVM is not used: there are machines that offer it and cannot run a guest.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${O:-build}
cache=$(realpath -m "${BAREWATCH_VM_CACHE:-$build/vm}") # apt takes another path to be below its own
GUEST_SECONDS=1200 # a kernel takes a tenth to a quarter of it
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=tests/vm/fetch.sh
. "$here/fetch.sh"

dir='' work='' guest=''
clean_up() {
	[ -z "$guest" ] || kill "$guest" 2>/dev/null
	[ -z "$dir$work" ] || rm -rf "$dir" "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# Whether this host has what it takes besides.
host_can() {
	local name
	[ "$(uname -m)" = x86_64 ] || {
		reason="guests are amd64, and this is $(uname -m)"
		return 1
	}
	for name in busybox mke2fs apt-get dpkg-deb xz; do
		command -v "$name" >/dev/null && continue
		reason="no $name here"
		return 1
	done
}

# The test programs by their sources: the build may hold some of which there are none any more.
tests() {
	local source
	# shellcheck disable=SC2086 # a pattern
	for source in "$here"/../bpf/${TESTS:-test_*}.c; do
		echo "$build/tests/bpf/$(basename "$source" .c)"
	done
}

# A root file system as Debian lays it out, with busybox for all programs.
make_root() { # ROOT
	local name
	mkdir -p "$1"/{usr/{bin,sbin,lib,lib64},dev,proc,sys,tmp,run,root,tests} || return
	for name in bin sbin lib lib64; do
		ln -s "usr/$name" "$1/$name"
	done
	cp "$(command -v busybox)" "$1/usr/bin/busybox"
	for name in $(busybox --list | grep -vx busybox); do
		ln -s busybox "$1/usr/bin/$name"
	done
	cp "$here/guest.sh" "$1/init"
	cp "$cache/linux-$kernel/overlay.ko" "$1/"
	tests | xargs cp -t "$1/tests" || return
	tests | xargs ldd | grep -o '/[^ ]*\.so[^ ]*' | sort -u | while read -r name; do
		mkdir -p "$1${name%/*}" && cp -L "$name" "$1$name"
	done
}

# A disk needs no mount and no loop device to be made.
make_disk() {
	make_root "$dir/root" &&
		mke2fs -q -t ext4 -b 4096 -E root_owner=0:0 -d "$dir/root" "$dir/disk" 512M
}

# An oops ends the guest, and with that fails. Of the security modules Tomoyo, a default of 5.10, is
# left out: it looks up the names that execs of descriptors have, and refuses those too long to be.
command_line() {
	echo console=ttyS0 quiet oops=panic panic=-1 root=/dev/nvme0n1 rw rootfstype=ext4 \
		init=/init lsm=landlock,lockdown,yama,integrity,apparmor,bpf
}

# What the tests say comes out of the second serial port. The kernel has drivers for such a
# disk built in: there is no initramfs.
boot() {
	timeout -k 5 "$GUEST_SECONDS" "${qemu[@]}" -machine q35 -cpu max -accel tcg,thread=multi \
		-smp 2 -m 1024 -nodefaults -display none -no-reboot -serial "file:$dir/console" \
		-serial stdio -kernel "$cache/linux-$kernel/vmlinuz" \
		-drive "file=$dir/disk,if=none,id=disk,format=raw,cache=unsafe" \
		-device nvme,drive=disk,serial=disk \
		-append "$(command_line)" \
		2>>"$dir/messages" </dev/null &
	guest=$!
	wait "$guest"
	status=$?
	guest=
}

# What tap.awk reads of one kernel.
run_kernel() {
	local suite status
	echo "@ kernel $kernel"
	suite=$(suite_of "$kernel") || {
		echo "@ unknown"
		return
	}
	if ! host_can || ! find_qemu || ! fetched "linux-$kernel" "$suite" fetch_kernel; then
		echo "@ skip $reason"
		return
	fi
	dir=$(mktemp -d) && make_disk >"$dir/messages" 2>&1 && boot
	echo "@ gone $status"
	tail -n 30 "$dir/messages" "$dir/console" | tr -d '\r' | sed 's/^/@ console /'
	rm -rf "$dir"
}

# Not a pipe: who is in one hears of no signal.
exec > >(awk -f "$here/tap.awk")
judge=$!
for kernel in ${KERNEL:-6.1}; do
	run_kernel
done
exec >&-
wait "$judge"
