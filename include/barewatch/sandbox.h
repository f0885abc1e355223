/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox module: runs a function over hostile input in a child that has given up every
 * right first, and takes its answer, bytes, over a pipe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/* What a call may cost. Messages name the limit by the member's name. */
struct sandbox_limits {
	uint64_t memory_bytes; /* of address space, beyond what the caller has */
	unsigned cpu_seconds; /* of all threads together */
	unsigned seconds; /* until the answer is there */
	unsigned
		files_max; /* open at once; descriptors that are given keep their numbers below it */
	uint64_t file_bytes_max; /* in a file that was given for writing */
	uint64_t answer_bytes_max;
};

#define SANDBOX_LIMITS_DEFAULT                               \
	((struct sandbox_limits){.memory_bytes = 2ULL << 30, \
		.cpu_seconds = 600,                          \
		.seconds = 1800,                             \
		.files_max = 1024,                           \
		.file_bytes_max = 0,                         \
		.answer_bytes_max = 64 << 20})

/*
 * What is run. ANSWER is empty before. 0, or a negative errno. Threads may be made; they have to
 * have ended. Nothing that it changes in memory is seen by the caller.
 */
typedef int sandbox_fn(struct strbuf *answer, void *userdata);

struct sandbox_options {
	const struct sandbox_limits *limits; /* NULL: SANDBOX_LIMITS_DEFAULT */
	const int *fds; /* descriptors that stay open, under their numbers */
	size_t fd_count;
	/*
	 * What may be opened for reading, each with all below it, whoever opened it. Without any,
	 * nothing can be opened at all: best where the descriptors given are enough.
	 */
	const char *const *paths;
	size_t path_count;
	/*
	 * Where the caller is root: the child becomes nobody, but keeps the one capability by which
	 * it may read whatever the mode says (CAP_DAC_READ_SEARCH). For root file systems, whose
	 * files belong to others and are opened one by one; what was opened before needs no right.
	 */
	bool reads_all;
};

#define SANDBOX_MESSAGE_MAX 256

/*
 * Calls FUNCTION in a child that
 *   - is nobody where the caller is root, in no group, without capabilities, also of the bounding
 *     set, and can get none (no_new_privs)
 *   - has no descriptor but those given; 0, 1 and 2 are /dev/null unless they are given
 *   - may only make the system calls that reading takes (seccomp): no program, process, socket,
 *     signal to others, nor anything opened for writing
 *   - may read the given paths alone, where the kernel has Landlock (5.13); elsewhere what its user
 *     may read; before Linux 6.2 without openat2()
 *   - has the limits of LIMITS, leaves no core, cannot be traced, and ends with the thread that
 *     called.
 *
 * 0 with the answer appended to ANSWER; or with RET_MESSAGE, one line that is safe to show: what
 * FUNCTION returned, or
 *   -EPERM     it made a system call that is not allowed, which the line names
 *   -ENOMEM    it returned that, or there is no memory for the answer
 *   -ETIME     cpu_seconds or seconds have passed
 *   -EFBIG     a file, or its answer, was longer than the limit
 *   -EPROTO    it ended without an answer, or with part of one
 *   -ECHILD    it was ended by a signal, or exited
 *   -EACCES    it could not be confined, and was not run
 */
int sandbox_call(const struct sandbox_options *options, sandbox_fn *function, void *userdata,
	struct strbuf *answer, char ret_message[static SANDBOX_MESSAGE_MAX]);

/* Whether this kernel keeps the child to its paths. */
bool sandbox_has_landlock(void);
