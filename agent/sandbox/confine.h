/* SPDX-License-Identifier: Apache-2.0 */
/* What a child gives up, step by step. All functions are called in the child. */
#pragma once

#include <sys/types.h>

#include "barewatch/sandbox.h"

/* What the steps need that has to be found before the child is made. */
struct confinement {
	const struct sandbox_options *options;
	const struct sandbox_limits *limits;
	uint64_t address_space_bytes; /* of the caller */
	pid_t parent;
	int answer_fd; /* stays open, too */
	int landlock, ruleset; /* version, 0 without it, and what was prepared; set on the way */
};

/*
 * Takes all steps in their order. 0, or a negative errno with *RET_STEP naming what failed:
 * the child must not go on then.
 */
int confine(struct confinement *c, const char **ret_step);

/* Version of Landlock that the kernel has; 0 without it. */
int landlock_version(void);

/*
 * From here on only PATHS can be opened, for reading, unless VERSION is 0. A ruleset is prepared
 * with the caller's rights and applied with those that are left.
 */
int landlock_prepare(int version, const char *const *paths, size_t count);
int landlock_apply(int ruleset);

/* From this version on Landlock refuses all that is not reading: before it, O_TRUNC is none. */
#define LANDLOCK_READS_ALONE 3

/*
 * From here on only what reading takes can be called. HAS_PATHS: files can be opened for
 * reading; HAS_OPENAT2: by openat2() too, whose flags no filter sees, so that Landlock has to refuse
 * the others. What else is called raises SIGSYS.
 */
int filter_apply(bool has_paths, bool has_openat2);

/* The name of system call NUMBER, to be freed; NULL when there is none. */
char *filter_call_name(int number);
