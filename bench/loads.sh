# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The loads that are compared with and without the agent, to be sourced by bench.sh: single
# system calls, opened files, real programs; and what the kernel says that its BPF programs take.
#
# What bench.sh sets is used here, and the other way round:
# shellcheck disable=SC2154,SC2034

FILES=$((10000 / scale))
PAUSE_US=6400 # of a thread after 64 files: 10,000 a second

# Name, how many of it one run does, program of bench/ and its arguments.
loads=() open_loads=() real_loads=() new_loads=()

# Makes what the loads need.
loads_up() {
	tree=$work/tree
	{ mkdir "$tree" "$work/sources" && "$build/bench/opens" make "$FILES" "$tree" && make_sources; } ||
		fail "the files for the loads could not be made"
	loads=(
		"exec $((2000 / scale)) load exec $((2000 / scale)) $build/bench/true"
		"shell $((1000 / scale)) load exec $((1000 / scale)) $build/bench/sh"
		"attempt $((20000 / scale)) load attempt $((20000 / scale)) /nonexistent/program"
		"syscall $((2000000 / scale)) load syscall $((2000000 / scale))"
		"stat $((500000 / scale)) load stat $((500000 / scale)) /nonexistent/program"
		"mmap $((200000 / scale)) load mmap $((200000 / scale)) $build/bench/true"
		"fork $((4000 / scale)) load fork $((4000 / scale))"
		"cgroup $((5000 / scale)) load cgroup $((5000 / scale)) $containers"
	)
	open_loads=(
		"one-1 $((200000 / scale)) opens 1 $((200000 / scale)) 1 $tree"
		"one-2 $((200000 / scale)) opens 2 $((200000 / scale)) 1 $tree"
		"files-1 $((10 * FILES)) opens 1 $((10 * FILES)) $FILES $tree"
		"files-2 $((10 * FILES)) opens 2 $((10 * FILES)) $FILES $tree"
	)
	real_loads=(
		"tar 2 run 2 tar -C $tree -cf /dev/zero ."
		"cat 2 run 2 find $tree -type f -exec cat {} +"
		"make 1 run 1 make -s -B -C $work/sources"
	)
	# Each in a container of its own.
	new_loads=(
		"new-1 $FILES opens 1 $FILES $FILES $tree $PAUSE_US"
		"new-2 $FILES opens 2 $FILES $FILES $tree $((2 * PAUSE_US))"
	)
}

# A small program in four files, with the headers that the C library has.
make_sources() {
	local i

	for i in 1 2 3 4; do
		printf '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n%s\n' \
			"int f$i(void) { return printf(\"%d\\n\", $i); }" >"$work/sources/f$i.c" || return
	done
	echo 'int f1(void); int main(void) { return f1() < 0; }' >"$work/sources/main.c" || return
	printf 'program: f1.o f2.o f3.o f4.o main.o\n\tgcc -o $@ $^\n%%.o: %%.c\n\tgcc -O2 -c -o $@ $<\n' \
		>"$work/sources/Makefile"
}

# ---- one after the other ----

run_load() { # PLACE NAME COUNT PROGRAM ARGUMENTS...
	local place=$1 name=$2 count=$3 program=$4 before=0
	shift 4
	[ "$place" != inside ] || before=$(agent_cpu_ns)
	"$build/bench/$program" "$@" >>"$work/$name.$place" 2>"$work/load.log" || {
		cat "$work/load.log" >&2
		fail "the load $name did not run"
	}
	[ "$place" != inside ] || note_agent_cpu "$name" "$count" "$before"
}

run_loads() { # PLACE ENTRIES...
	local place=$1 entry
	shift
	for entry; do
		[ "$place" != inside ] || warm_up "$entry"
		# shellcheck disable=SC2086 # words
		run_load "$place" $entry
	done
}

# So that all that is opened inside is known by then: programs open faster than can be told, and of those
# that are lost the next time is the first.
warm_up() { # ENTRY
	local i

	case $1 in
	files-1*)
		run_load warm_up warm_up 1 opens 1 "$FILES" "$FILES" "$tree" "$PAUSE_US"
		settle
		;;
	tar* | cat* | make*)
		for i in 1 2 3 4 5; do
			# shellcheck disable=SC2086
			run_load warm_up $1
			settle
		done
		;;
	esac
}

run_new_loads() { # PLACE
	local i
	for i in "${!new_loads[@]}"; do
		CGROUP=${new_cgroups[i]} run_loads "$1" "${new_loads[i]}"
	done
}

one_pair() {
	run_loads without "${chosen[@]}"
	! part opens || run_loads without "${new_loads[@]}"
	start_agent
	run_loads outside "${chosen[@]}"
	CGROUP=$cgroup run_loads inside "${chosen[@]}"
	! part opens || run_new_loads inside
	stop_agent
}

# ---- what the kernel says ----

# How long a run of each program takes that has run; to measure that costs time, too, so it is done
# in another pass. Writes PROGRAM and nanoseconds to $work/NAME.bpf.
program_times() { # NAME COMMAND...
	local name=$1
	shift
	echo 1 >"$switch"
	"$@"
	echo "$switch_before" >"$switch"
	bpftool -p prog show | awk -F '[:,]' '
		/"name"/ { gsub(/[" ]/, "", $2); name = $2 }
		/"run_time_ns"/ { time = $2 }
		/"run_cnt"/ && name ~ /^bw_/ && $2 > 0 { printf "%s %.0f\n", name, time / $2 }' \
		>"$work/$name.bpf"
}

all_program_times() {
	program_times_of outside '' stats "${chosen[@]}"
	program_times_of inside "$cgroup" stats "${chosen[@]}"
	part opens || return 0
	program_times_of repeats "$cgroup" stats "${open_loads[@]}"
	start_agent
	program_times new run_new_loads stats
	stop_agent
}

program_times_of() { # NAME CGROUP PLACE ENTRIES...
	local name=$1 place=$3
	[ -z "$2" ] || local -x CGROUP=$2
	shift 3
	start_agent
	[ "$name" != repeats ] || warm_up "$1"
	program_times "$name" run_loads "$place" "$@"
	stop_agent
}

# What the agent uses for a container that comes and goes, in ns. It may have to catch up.
container_cpu_ns() {
	local count=$((50000 / scale)) before
	start_agent
	before=$(agent_cpu_ns)
	run_load stats container "$count" load cgroup "$count" "$containers"
	note_agent_cpu container "$count" "$before"
	stop_agent
}
