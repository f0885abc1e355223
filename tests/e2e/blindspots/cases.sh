# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The catalogue of blind spots: each way to run a shell, or something like it, and what has
# to be said of it. test_blindspots.sh reads, runs and compares it, and writes the table
# of docs/blindspots.md from what it found.
#
#	group WHAT		of the cases that follow
#	spot NAME WHAT		a case
#	runs COMMAND...		in a container of its own; it ends with status 7, the shell's own,
#				unless told otherwise:
#	ends STATUS
#	waits			it has "$READS" in it, and its input ends when its class is known
#	by FUNCTION		it is run by this, and not in a container that ends with it
#	with OPTION...		options of `podman run`
#	needs COMMAND...	what must succeed on the host, or the case is skipped
#	found SUBJECT CLASS PROGRAM APPLET ORIGIN [FILTER]
#				one alert with these; - is anything, none is no value, and | parts
#				alternatives. FILTER is of jq, of the alert's fields. All alerts of
#				the container must be told of; no such line: there is none.
#	limit REASON		what is found is not all that there is
#	option OPTION REASON	found with this option of the agent, and nothing is without
#	control			this is as it should be, and nobody is to be bothered
#
# The image has the programs of this directory in /b, busybox, dash, dpkg, mawk, the loader
# and their libraries in their usual places, and in /srv what a developer may have put
# there. /v is a volume.

S="exit 7"
OTHER_ID=$(printf 'e%.0s' {1..64})

group "Names and paths"

spot direct "busybox sh, as the image has it"
runs /bin/busybox sh -c "$S"
found exec shell busybox sh image

spot dash "dash, as the image has it"
runs /bin/dash -c "$S"
found exec shell dash none image

spot renamed "busybox by another name, called sh by argv[0] only"
runs /b/exec_as /srv/worker sh -c "$S"
found exec shell busybox sh image '."exe.resolved" == "/srv/worker"'

spot copied "a copy of a shell that was made in the container"
waits
runs /b/copied /tmp/worker /bin/dash worker -c "$READS; $S"
found exec shell dash none upper '."exe.resolved" == "/tmp/worker"'

spot symlink "a symbolic link of the image"
runs /bin/sh -c "$S"
found exec shell busybox sh image

spot symlinks "two symbolic links that were made in the container"
runs /b/symlinked /bin/dash worker -c "$S"
found exec shell dash none image '."exe.invoked" == "/tmp/second"'

spot hardlink-image "a hard link of the image"
runs /b/exec_as /srv/hard sh -c "$S"
found exec shell busybox sh image

spot hardlink "a hard link that was made in the container, and copies the file up"
waits
runs /b/hard_linked /bin/dash worker -c "$READS; $S"
found exec shell dash none copyup

spot relative "a relative path"
runs /b/relative /srv ../bin/dash worker -c "$S"
found exec shell dash none image

spot directory "execveat of a name in an open directory"
runs /b/at_directory /bin dash worker -c "$S"
found exec shell dash none image

spot long-path "a path of 1 KiB"
waits
runs /b/deep_path 5 200 /bin/dash worker -c "$READS; $S"
found exec shell dash none upper '."exe.resolved" | length > 1000 and endswith("/x")'

spot deep-path "a path of 8 KiB, by its second half"
waits
runs /b/deep_path 40 200 /bin/dash worker -c "$READS; $S"
found exec shell dash none upper '(."exe.resolved" | endswith("/x")) and ."exe.truncated"'

spot many-components "a path of 200 components"
waits
runs /b/deep_path 200 3 /bin/dash worker -c "$READS; $S"
found exec shell dash none upper '."exe.resolved" | endswith("/x")'

spot proc-root "/proc/self/root"
runs /b/exec_as /proc/self/root/bin/dash worker -c "$S"
found exec shell dash none image

group "Files without a name"

spot fexecve "fexecve"
runs /b/by_fd /bin/dash worker -c "$S"
found exec shell dash none image '."exe.invoked" | startswith("/dev/fd/")'

spot memfd "a memfd"
waits
runs /b/memfd kept /bin/dash worker -c "$READS; $S"
found exec shell dash none memfd

spot memfd-cloexec "a memfd that is closed by the exec"
waits
runs /b/memfd cloexec /bin/busybox sh -c "$READS; $S"
found exec shell busybox sh memfd

spot memfd-short "a memfd of a process that has already ended"
runs /b/memfd kept /bin/dash worker -c "$S"
found exec - - - memfd
limit "what is in memory only can be read while it runs; that it was in memory is told"

spot unlinked "a file that was removed before"
waits
runs /b/unlinked /bin/dash worker -c "$READS; $S"
found exec shell dash none deleted '."exe.deleted"'

spot unlinked-late "a file that is removed while it runs"
waits
runs /b/unlinked_late /bin/dash worker -c "$READS; $S"
found exec shell dash none upper

spot tmpfile "a file that never had a name (O_TMPFILE)"
needs kernel_is_at_least 6.1
waits
runs /b/tmpfile_exec /bin/dash worker -c "$READS; $S"
found exec shell dash none deleted '."exe.deleted"'

group "Scripts and formats"

spot script "a script of the image, by a shell of the image"
runs /srv/script
found exec shell dash none image '."exe.script" and ."exe.invoked" == "/srv/script"'

spot script-foreign "a script that was brought along"
with -v "$ENGINE_VOLUME:/v"
runs /v/script
found exec shell dash none - '."exe.script" and ."exe.invoked" == "/v/script"'

spot script-nested "a script whose interpreter is a script"
runs /srv/nested
found exec shell dash none image '."exe.script"'

spot script-argument "a script whose interpreter is given an argument"
runs /srv/argument
found exec shell busybox sh image '."exe.script"'

spot script-none "a script without a first line, which execvp gives to /bin/sh"
runs /b/by_search /srv /srv/headless headless
found exec shell busybox sh image

spot binfmt "binfmt_misc of a user namespace of its own"
needs kernel_is_at_least 6.7
runs /b/binfmt /bin/dash worker
found exec shell dash none image '."exe.invoked" == "/tmp/program"'

group "What a process says of itself"

spot argv0 "argv[0] is that of another program"
runs /b/exec_as /bin/dash nginx -c "$S"
found exec shell dash none image

spot argv0-empty "argv[0] is empty"
runs /b/exec_as /bin/dash "" -c "$S"
found exec shell dash none image

spot argv-empty "there is no argv at all"
runs /b/no_args /bin/dash -
found exec shell dash none image

spot comm "the parent calls itself containerd-shim"
runs /b/comm_spoofed /bin/dash worker -c "$S"
found exec shell dash none image '
	."proc.pname" == "containerd-shim" and ."proc.pexepath" == "/b/comm_spoofed"'

spot argv-long "100 KB of arguments"
runs /b/many_args 1 100000 /bin/dash worker -c "$S"
found exec shell dash none image '."exe.truncated"'

spot argc "20,000 arguments"
runs /b/many_args 20000 1 /bin/dash worker -c "$S"
found exec shell dash none image '."exe.truncated"'

group "Programs that run others"

spot env "env"
runs /bin/busybox env /bin/dash -c "$S"
found exec shell dash none image

spot awk "system() of awk"
runs /bin/mawk "BEGIN { exit system(\"$S\") }"
found exec shell busybox sh image '."proc.pexepath" == "/usr/bin/mawk"'

spot interpreter "what an interpreter of the image does by itself"
runs /bin/mawk 'BEGIN { print "#" >"/tmp/dropped"; exit 7 }'
limit "an interpreter that belongs to the image is allowed, and so is what it does without
	starting or loading a program"

group "Programs that were brought along"

spot foreign "a program that no list knows"
with -v "$ENGINE_VOLUME:/v"
runs /v/tool -c "$S"
found exec other - none volume
limit "that it is a shell is not known, only that it is not the image's"

spot foreign-copied "the same, copied into the container"
with -v "$ENGINE_VOLUME:/v"
runs /b/copied /tmp/tool /v/tool tool -c "$S"
found exec other - none upper
limit "that it is a shell is not known, only that it is not the image's"

spot foreign-memfd "the same, in a memfd"
with -v "$ENGINE_VOLUME:/v"
runs /b/memfd kept /v/tool tool -c "$S"
found exec other - none memfd
limit "that it is a shell is not known, only that it is not the image's"

spot rewritten "a program of the image that was overwritten with a shell"
waits
runs /b/copied /srv/app /bin/dash app -c "$READS; $S"
found exec shell dash none upper '."exe.resolved" == "/srv/app"'

spot rewritten-foreign "a program of the image that was overwritten with another one"
with -v "$ENGINE_VOLUME:/v"
runs /b/copied /srv/app /v/tool app -c "$S"
found exec other - none upper

group "Mounts"

spot volume "a volume"
with -v "$ENGINE_VOLUME:/v"
waits
runs /b/exec_as /v/busybox sh -c "$READS; $S"
found exec shell busybox sh volume

spot tmpfs "a tmpfs"
with --tmpfs /t:rw,exec
waits
runs /b/copied /t/worker /bin/dash worker -c "$READS; $S"
found exec shell dash none tmpfs

spot bind "a file of the image, mounted over another one"
with --cap-add SYS_ADMIN
waits
runs /b/bind_over /srv/app /bin/dash app -c "$READS; $S"
found exec shell dash none image '."exe.resolved" == "/srv/app"'

spot bind-volume "a file of a volume, mounted over one of the image"
with --cap-add SYS_ADMIN -v "$ENGINE_VOLUME:/v"
waits
runs /b/bind_over /srv/app /v/busybox sh -c "$READS; $S"
found exec shell busybox sh volume '."exe.resolved" == "/srv/app"'

spot chroot "a chroot"
waits
runs /b/chrooted /bin/busybox sh -c "$READS; $S"
found exec shell busybox sh upper '."exe.resolved" == "/tmp/jail/app"'

spot pivot-root "pivot_root"
with --cap-add SYS_ADMIN
waits
runs /b/pivoted /bin/busybox sh -c "$READS; $S"
found exec shell busybox sh tmpfs '."exe.resolved" == "/app"'

spot mount-namespace "a mount namespace of its own"
with --cap-add SYS_ADMIN
waits
runs /b/own_mounts /bin/dash app -c "$READS; $S"
found exec shell dash none tmpfs

spot detached "a mount that is in no namespace (open_tree)"
with --cap-add SYS_ADMIN
runs /b/detached /usr/bin dash worker -c "$S"
found exec shell dash none image

spot overlay "an overlay that was mounted in a user namespace"
needs kernel_is_at_least 5.11
waits
runs /b/own_overlay /bin/dash worker -c "$READS; $S"
found exec shell dash none 'upper|tmpfs|volume'

spot host "a process of the host that enters the container's cgroup"
by enters_cgroup
runs /bin/dash -c "$S"
found exec shell dash none host

spot host-namespaces "a process of the host that enters the namespaces only (nsenter)"
by enters_namespaces
runs /bin/dash -c "$S"
limit "a container is its cgroup, and this process is in another"

group "Loaders and libraries"

spot loader "the loader of the image, told to load a shell"
runs /lib64/ld-linux-x86-64.so.2 /bin/dash -c "$S"
found exec 'loader|shell' - - image '."proc.argv"[1] == "/bin/dash"'
found mapping shell dash none image

spot loader-foreign "the loader of the image, told to load a shell of a volume"
with -v "$ENGINE_VOLUME:/v"
runs /lib64/ld-linux-x86-64.so.2 /v/dash -c "$S"
found exec 'loader|shell' - - image '."proc.argv"[1] == "/v/dash"'
found mapping shell dash none volume

spot loader-renamed "a copy of the loader, by another name"
waits
runs /b/copied /tmp/app /lib64/ld-linux-x86-64.so.2 app /bin/dash -c "$READS; $S"
found exec 'loader|shell' - - upper
found mapping shell dash none image

spot library "a library of a volume is loaded (dlopen)"
with -v "$ENGINE_VOLUME:/v"
runs /b/load_library file /v/libseven.so seven
found mapping other - none volume

spot library-memfd "a library in a memfd is loaded"
runs /b/load_library memfd /srv/libseven.so seven
found mapping other - none memfd

spot mapped "a file of a volume is mapped executable"
with -v "$ENGINE_VOLUME:/v"
runs /b/map_file mmap /v/code 0
found mapping - - none volume

spot mprotect "a file of a volume is mapped, and made executable afterwards"
with -v "$ENGINE_VOLUME:/v"
runs /b/map_file mprotect /v/code 0
found mapping - - none volume

spot anonymous "code is read into memory of no file, and made executable"
with -v "$ENGINE_VOLUME:/v"
runs /b/anonymous_code /v/code -
limit "no program is started and no file is mapped executable: nothing tells it from a
	just-in-time compiler"

spot injected "code is written over that of another process"
runs /b/injected
limit "no program is started and no file is mapped executable"

group "Processes and threads"

spot vfork "vfork"
runs /b/vforked /bin/dash worker -c "$S"
found exec shell dash none image '."proc.pexepath" == "/b/vforked"'

spot posix-spawn "posix_spawn"
runs /b/spawned /bin/dash worker -c "$S"
found exec shell dash none image '."proc.pexepath" == "/b/spawned"'

spot thread "the exec of a thread that is not the leader"
runs /b/thread /bin/dash worker -c "$S"
found exec shell dash none image '."proc.pid" == ."proc.tid"'

spot clone-parent "CLONE_PARENT"
runs /b/clone_parent /bin/dash worker -c "$S"
found exec shell dash none image '."proc.pexepath" == "/b/clone_parent"'

spot orphan "a grandchild whose parent is gone"
runs /b/orphan /bin/dash worker -c "$S"
found exec shell dash none image

spot daemon "a daemon, with a session of its own"
runs /b/daemon /bin/dash worker -c "$S"
found exec shell dash none image

spot traced "a traced process"
runs /b/traced /bin/dash worker -c "$S"
found exec shell dash none image '."proc.tracer" == ."proc.ppid"'

spot pid-reuse "a process with the pid of an earlier one"
with --cap-add SYS_ADMIN --pid host
runs /b/pid_reuse /bin/dash worker -c "$S"
found exec shell dash none image '."proc.pexepath" == "/b/pid_reuse"'

group "Control groups"

spot cgroup-child "a child cgroup that is named like a container"
with --cap-add SYS_ADMIN --cgroupns private
runs /b/cgroup move "libpod-$OTHER_ID" /bin/dash worker -c "$S"
found exec shell dash none image

spot cgroup-clone "born in such a cgroup (CLONE_INTO_CGROUP)"
with --cap-add SYS_ADMIN --cgroupns private
runs /b/cgroup clone "libpod-$OTHER_ID" /bin/dash worker -c "$S"
found exec shell dash none image

spot cgroup-root "moved to the root of the hierarchy"
with --privileged --cgroupns host
runs /b/cgroup root . /bin/dash worker -c "$S"
found move - - - -
found exec shell dash none image

spot cgroup-other "moved out, to a cgroup that is named like another container's"
with --privileged --cgroupns host
runs /b/cgroup move "libpod-$OTHER_ID" /bin/dash worker -c "$S"
found move - - - -
found exec shell dash none image

spot cgroup-other-clone "born in such a cgroup"
with --privileged --cgroupns host
runs /b/cgroup clone "libpod-${OTHER_ID//e/f}" /bin/dash worker -c "$S"
found move - - - -
found exec shell dash none image

spot cgroup-none "a container without a cgroup of its own"
by in_no_cgroup
runs /bin/dash -c "$S"
found exec shell dash none image

group "Other ways into the kernel"

spot io-uring "a file that was opened through io_uring"
with --security-opt seccomp=unconfined
needs test "$(cat /proc/sys/kernel/io_uring_disabled)" != 2
runs /b/uring /bin/dash worker -c "$S"
found exec shell dash none image

spot compat "the 32-bit execve of a 64-bit program"
needs test "$(uname -m)" = x86_64
runs /b/compat /bin/dash worker -c "$S"
found exec shell dash none image

spot compat-program "the execve of a 32-bit program"
needs test "$(uname -m)" = x86_64
runs /b/exec32 /bin/dash worker -c "$S"
found exec shell dash none image

group "Execs that fail"

spot enoent "a shell that is not there"
runs /b/attempted /usr/bin/bash bash -c "$S"
ends 0
found attempt shell bash none - '."attempt.errno" == "ENOENT"'

spot eacces "a file that is not executable"
runs /b/attempted /srv/plain/sh sh -c "$S"
ends 0
found attempt shell sh none - '."attempt.errno" == "EACCES"'

spot enoexec "a file that is no program"
runs /b/attempted /srv/broken/sh sh -c "$S"
ends 0
found attempt shell sh none - '."attempt.errno" == "ENOEXEC"'

spot search "a search along PATH, which is one attempt"
runs /b/by_search /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin zsh zsh -c "$S"
ends 4
found attempt shell zsh none - '."attempt.errno" == "ENOENT"'

spot enoent-execveat "execveat of a shell that is not there"
runs /b/at_directory /usr bash bash -c "$S"
ends 4
found attempt shell bash none - '."attempt.call" == "execveat"'

spot lookup "a shell that the runtime was to start and did not find"
runs bash -c "$S"
ends 127
found attempt shell bash none - '."attempt.cause" == "runtime_lookup"'

spot late "a file that the kernel finds to be broken too late to say so"
needs kernel_is_at_least 6.10
runs /b/late_failure /bin/busybox sh -c "$S"
ends 0
found attempt shell sh none - '."attempt.cause" == "late_failure"'

spot compat-enoent "the 32-bit execve of a shell that is not there"
needs test "$(uname -m)" = x86_64
runs /b/compat /usr/bin/bash bash -c "$S"
ends 0
found attempt shell bash none - '."attempt.errno" == "ENOENT"'
option "--coverage=full" "the hook that sees 32-bit calls slows every system call"

group "Namespaces and privileges"

spot pid-namespace "a pid namespace of its own"
with --cap-add SYS_ADMIN
runs /b/unshared p /bin/dash worker -c "$S"
found exec shell dash none image

spot user-namespace "a user namespace of its own"
runs /b/unshared u /bin/dash worker -c "$S"
found exec shell dash none image

spot nested-namespaces "namespaces within namespaces"
runs /b/unshared umpumpu /bin/dash worker -c "$S"
found exec shell dash none image

spot setuid "a set-user-id shell"
with --user 1000:1000
runs /b/exec_as /srv/setuid worker -c "$S"
found exec shell dash none image '."exe.setuid" and ."user.euid" == 0 and ."user.uid" == 1000'

group "Package managers"

spot dpkg "dpkg, as the image has it"
runs /usr/bin/dpkg --version
ends 0
found exec package_manager dpkg none image

spot dpkg-copied "a copy of it, by another name"
runs /b/copied /tmp/worker /usr/bin/dpkg worker --version
ends 0
found exec package_manager dpkg none upper

spot dpkg-symlink "the same through a symbolic link"
runs /srv/update --version
ends 0
found exec package_manager dpkg none image

spot busybox-dpkg "an applet of busybox"
runs /b/exec_as /srv/worker dpkg --help
ends 0
found exec package_manager busybox dpkg image

group "What is no finding"

spot app "an application"
runs /srv/app
ends 0
control

spot app-sh "an application that is called sh"
runs /srv/sh
ends 0
control

spot app-link "a program of the image by a link that was made in the container"
runs /b/symlinked /b/nothing nothing
ends 0
control

spot app-touched "a program of the image whose mode and times were changed"
runs /b/touched /srv/app app
ends 0
control

spot app-hardlink "a program of the image by a hard link that was made in the container"
runs /b/hard_linked /b/nothing nothing
ends 0
control

spot app-dynamic "a program and a library that are the image's"
runs /b/load_library file /srv/libseven.so seven
control

spot app-script "a script of the image for an interpreter of the image"
runs /srv/awk-script
control

spot applet "busybox with an applet that is no shell"
runs /b/exec_as /srv/worker sleep 0
ends 0
control

spot applet-of-shell "what busybox sh starts of itself: one alert, for the shell"
runs /bin/sh -c "sleep 0; $S"
found exec shell busybox sh image '."proc.argv"[0] == "/bin/sh"'

spot exec-check "asking whether a shell could be executed"
runs /b/checked /bin/dash dash
needs kernel_is_at_least 6.14
ends 0
control

spot jit "a just-in-time compiler"
runs /b/jit
control

spot failed-app "an exec of something else that fails"
runs /b/attempted /usr/bin/nothing nothing
ends 0
control

spot unwatched "a shell in a container that is not meant to be bare"
with --name unwatched
runs /bin/sh -c "$S"
control
