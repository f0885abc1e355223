#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# engine_namespace.sh LAYOUT DIR VOLUME: makes a new mount namespace, in which engine.sh has
# started it through `unshare -m`, that of a private podman, and keeps it. DIR/ready is
# made when all is in place; nothing else outside of the namespace is changed.
#
#   v2      /sys/fs/cgroup is cgroup2 alone, as on most users' hosts
#   hybrid  the host's own version 1 hierarchies, and cgroup2 in unified/
#
# The engine finds its usual paths below /var and /run and writes to DIR. What it writes to
# /etc and /opt goes to DIR too (dockerd makes a key, containerd a directory for plugins).
# VOLUME, below /var, stays what it is.
# The cgroups are the host's own in both layouts. In the hybrid one an empty file hides the
# controllers of the cgroup2 root, since crun refuses a host on which cgroup2 owns one. With
# v2 alone it takes the place of the file by which runtimes and podman would enable them in
# the root, that is, on the host; the list itself must be the real one there, or runc refuses.
set -eu

layout=$1
dir=$2
volume=$3

# -n: do not make /run/mount on the host
bind() {
	mount -n --bind "$1" "$2"
}

# redirect TARGET: what is written to it goes to DIR, what is in it stays visible.
redirect() {
	[ -d "$1" ] || return 0
	mkdir -p "$dir$1" "$dir/work$1"
	mount -n -t overlay -o "lowerdir=$1,upperdir=$dir$1,workdir=$dir/work$1" none "$1"
}

case $layout in
v2)
	umount -n -R -l /sys/fs/cgroup
	mount -n -t cgroup2 none /sys/fs/cgroup
	bind "$dir/empty" /sys/fs/cgroup/cgroup.subtree_control
	;;
hybrid)
	bind "$dir/empty" /sys/fs/cgroup/unified/cgroup.controllers
	;;
*)
	echo "$0: no such layout: $layout" >&2
	exit 2
	;;
esac
mount -n -t tmpfs none /dev/shm
redirect /etc
redirect /opt
bind "$dir/run" /run
bind "$volume" "$dir$volume"
mount -n --rbind "$dir/var" /var
: >"$dir/ready"
exec sleep 3600 # the engine is gone long before
