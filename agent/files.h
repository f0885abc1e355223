/* SPDX-License-Identifier: Apache-2.0 */
/* How `barewatch files` shows what the agent answered. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

enum files_order {
	FILES_BY_PATH,
	FILES_BY_COUNT, /* most first */
	FILES_BY_LAST, /* latest first */
};

/* Which entries, and in which order. */
struct files_choice {
	uint32_t uses; /* mask of enum bw_open_use and PROFILE_EXECUTED; 0: all */
	uint32_t origins; /* mask of 1 << enum program_origin; 0: all */
	enum files_order order;
};

enum files_format {
	FILES_TEXT, /* a line of columns for each file */
	FILES_WIDE, /* a line for each program that used it, with the time of its first use */
	FILES_JSON, /* see docs/files.md */
};

/*
 * Prints the files of ANSWER, as answer_files.h has them, that CHOICE leaves to standard output. 0,
 * -EBADMSG when it is none, or -ENOMEM.
 */
int files_print(struct slice answer, const struct files_choice *choice, enum files_format format);
