/* SPDX-License-Identifier: Apache-2.0 */
/* What a function prints on standard output, as text. */
#pragma once

#include "asserts.h"

#include <stdio.h>
#include <unistd.h>

#include "base/io.h"

#define TAKEN_STDOUT_MAX (1u << 20) /* bytes */

struct taken_stdout {
	FILE *file;
	int saved; /* where it goes else */
};

/* From here on it is kept. */
static inline struct taken_stdout stdout_take(void)
{
	struct taken_stdout taken = {.file = tmpfile(), .saved = dup(STDOUT_FILENO)};

	assert_non_null(taken.file);
	assert_true(taken.saved >= 0);
	fflush(stdout);
	assert_true(dup2(fileno(taken.file), STDOUT_FILENO) >= 0);
	return taken;
}

/* It goes where it went before. What was printed, the caller's to free. */
static inline char *stdout_give_back(struct taken_stdout *taken)
{
	char *text = NULL;
	size_t size;

	fflush(stdout);
	dup2(taken->saved, STDOUT_FILENO);
	close(taken->saved);
	lseek(fileno(taken->file), 0, SEEK_SET);
	assert_int_equal(read_fd(fileno(taken->file), TAKEN_STDOUT_MAX, &text, &size), 0);
	fclose(taken->file);
	return text;
}
